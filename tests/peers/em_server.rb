# An echo server on em-websocket 0.5.1: hixie-75, hixie-76, the drafts 1 to 3, 5 to 8 and version 13 on one port. It knows
# no subprotocols, and refuses other versions by ending the connection without a byte.
#
#   ruby em_server.rb [PORT]
#
# PORT 0, or none, takes a free port. Prints `listening PORT` when it accepts connections, then one line of JSON for each
# connection that opened, each message, each mistake that it found, and each close.
# A text `ping TEXT` is answered with a ping besides, a text `close CODE REASON` with a close alone.

require "em-websocket"
require "json"

$stdout.sync = true

def tell(event)
  puts JSON.generate(event)
end

EM.run do
  server = EM::WebSocket.run(host: "127.0.0.1", port: (ARGV[0] || 0).to_i) do |socket|
    socket.onopen { |handshake| tell(open: handshake.protocol_version) }
    socket.onmessage do |text|
      tell(text: text.bytesize)
      word, code, reason = text[0, 40].split(" ", 3)
      if word == "close"
        code ? socket.close(code.to_i, reason) : socket.close
      else
        socket.send(text)
        socket.ping(text.delete_prefix("ping ")) if word == "ping"
      end
    end
    socket.onbinary do |data|
      tell(binary: data.bytesize)
      socket.send_binary(data)
    end
    socket.onping { |data| tell(ping: data.unpack1("H*")) }
    socket.onpong { |data| tell(pong: data.unpack1("H*")) }
    socket.onerror { |error| tell(error: error.message, kind: error.class.name.split("::").last) }
    socket.onclose { |event| tell(close: event[:code], reason: event[:reason], clean: event[:was_clean]) }
  end
  puts "listening #{Socket.unpack_sockaddr_in(EM.get_sockname(server)).first}"
end
