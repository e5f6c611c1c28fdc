# A peer on the gem websocket 1.2.9, which brings handshakes and frames; the sockets are Ruby's own.
#
#   ruby gem.rb connect URL VERSION [MESSAGE…]   sends each message, waits for its echo, closes
#   ruby gem.rb serve [PORT]                     echoes on one connection; prints `listening PORT` when it accepts
#
# VERSION is the gem's number: 75, 76, or a draft or version of hybi. Prints one line of JSON for each event: open, message,
# ping, pong, close, error; at last `ended`, with the bytes that nobody understood.

require "json"
require "socket"
require "uri"
require "websocket"

$stdout.sync = true
PATIENCE = 10

def tell(event)
  puts JSON.generate(event)
end

# What came, as long as something comes.
def read(socket)
  return :silence unless socket.wait_readable(PATIENCE)

  socket.readpartial(65_536)
rescue EOFError
  :eof
rescue Errno::ECONNRESET
  :reset
end

class Talk
  def initialize(socket, incoming, outgoing, version)
    @socket = socket
    @incoming = incoming.new(version: version)
    @outgoing = outgoing
    @version = version
  end

  def send(type, data = "", code = nil)
    frame = @outgoing.new(version: @version, type: type, data: data, code: code)
    @socket.write(frame.to_s)
  end

  # Gives each frame that comes to the block, until the block says `:stop` or the connection ends.
  def run(first)
    @incoming << first
    loop do
      while (frame = @incoming.next)
        tell_frame(frame)
        return :stopped if yield(frame) == :stop
      end
      if @incoming.error?
        tell(error: @incoming.error.to_s)
        return :error
      end
      data = read(@socket)
      return data if data.is_a?(Symbol)

      @incoming << data
    end
  end

  def end(how)
    @socket.close
    tell(ended: how, left: @incoming.data.unpack1("H*")[0, 200])
  end

  private

  def tell_frame(frame)
    text = frame.data.to_s
    case frame.type
    when :text then tell(message: text.dup.force_encoding("UTF-8"))
    when :close then tell(close: frame.code, reason: text)
    else tell(frame.type => text.unpack1("H*"))
    end
  end
end

def connect(url, version, messages)
  to = URI(url)
  socket = TCPSocket.new(to.host, to.port)
  socket.setsockopt(Socket::IPPROTO_TCP, Socket::TCP_NODELAY, 1)
  handshake = WebSocket::Handshake::Client.new(url: url, version: version, headers: { "Origin" => "http://127.0.0.1" })
  socket.write(handshake.to_s)
  head = String.new
  # The gem takes an answer apart as soon as it has the empty line, so the 16 bytes behind it must be there.
  until head =~ /\r\n\r\n(.*)/m && ($1.bytesize >= 16 || version > 3 && version < 75 || version == 75)
    data = read(socket)
    return tell(ended: data, head: head.lines.first.to_s.chomp) if data.is_a?(Symbol)

    head << data
  end
  handshake << head
  return tell(error: handshake.error.to_s, head: head.lines.first.chomp) unless handshake.valid?

  tell(open: version)
  talk = Talk.new(socket, WebSocket::Frame::Incoming::Client, WebSocket::Frame::Outgoing::Client, version)
  left = messages.dup
  following = lambda do
    next talk.send(:text, left.shift) unless left.empty?
    next :stop if version == 75 # which has no closing frame: TCP's end is all

    talk.send(:close, "", version >= 6 && version < 75 ? 1000 : nil)
  end
  following.call
  how = talk.run(version <= 3 || version == 76 ? "" : handshake.leftovers.to_s) do |frame|
    case frame.type
    when :close then :stop
    when :ping then talk.send(:pong, frame.data)
    else following.call
    end
  end
  talk.end(how)
end

def serve(port)
  listener = TCPServer.new("127.0.0.1", port)
  puts "listening #{listener.addr[1]}"
  socket = listener.accept
  socket.setsockopt(Socket::IPPROTO_TCP, Socket::TCP_NODELAY, 1)
  handshake = WebSocket::Handshake::Server.new
  head = String.new
  until head.include?("\r\n\r\n") && (head !~ /^Sec-WebSocket-Key1/i || head[/\r\n\r\n(.*)/m, 1].bytesize >= 8)
    data = read(socket)
    return tell(ended: data) if data.is_a?(Symbol)

    head << data
  end
  handshake << head
  return tell(error: handshake.error.to_s) unless handshake.valid?

  socket.write(handshake.to_s)
  tell(open: handshake.version)
  talk = Talk.new(socket, WebSocket::Frame::Incoming::Server, WebSocket::Frame::Outgoing::Server, handshake.version)
  how = talk.run("") do |frame|
    case frame.type
    when :close
      talk.send(:close, "", frame.code)
      :stop
    when :ping then talk.send(:pong, frame.data)
    when :pong then nil
    else talk.send(frame.type, frame.data)
    end
  end
  talk.end(how)
end

case ARGV
in ["connect", url, version, *messages] then connect(url, version.to_i, messages)
in ["serve", *rest] then serve((rest[0] || 0).to_i)
end
