# The server, the clients, the WebSocket API.

demo-hello = Hello from { $version }!
demo-fragments = One message, in several fragments.
live-nobody-listens = Cannot connect to { $address }: nobody listens there. Start the server first.
live-over = This connection is over: nothing more can be sent on it.
live-no-sockets = There are no sockets and no files here.
live-listening = The server listens on ws://{ $address }/
live-address-or-policy = { $address } or { $policy }
live-address-in-use = Cannot listen on { $address }: another program listens there. Choose another port, or 0 for a free one.
live-port-not-permitted = Cannot listen on { $address }: ports below 1024 are for the superuser. Choose a higher one.
live-no-such-address = Cannot listen on { $address }: this machine has no such address. 127.0.0.1 is always there.
live-cleared = The live recording is cleared. { $count ->
    [0] No connection was open.
    [one] The connection that was open was ended first.
   *[other] { $count } open connections were ended first.
}
live-cannot-listen = Cannot listen on { $address }: { $error }
live-no-websocket = There is no WebSocket: { $error }
live-not-sent = Not sent: { $error }
live-cannot-accept = The server could not accept a connection: { $error }
live-not-sent-again = Not sent again: { $error }
live-recording = Recording to { $file }
live-cannot-write = Cannot write { $file }: { $error }
live-captures = Captures

# What the WebSocket API of the client sees.
api-none = Choose a conversation to see what its WebSocket object told the page.
api-no-websocket = This conversation has no WebSocket, as far as is known.
api-events = Events
api-no-events = No event has fired.
api-scroll-bar = Place in the events
api-item = item { $number }
api-end = end of the connection
api-not-before = ≥ { $time }
api-state = readyState { $number }, { $name }
api-not-on-the-wire = not known from the wire
# Forms.
form-not-ready = Mend what is marked first

# The server's set-up.
server-address = Address
    .hint = 127.0.0.1:9001
    .about = An IP address and a port; port 0 takes a free one. 127.0.0.1 can be reached from this machine alone.
server-versions = Versions
    .about = A request of another version is refused.
server-no-version = Choose at least one version
server-subprotocols = Subprotocols
    .hint = chat, superchat
    .about = What the server speaks, with commas between the names.
server-behaviour = Behaviour
server-echo = Send every message back
server-deflate = Agree to permessage-deflate
    .about = Messages are compressed where the client offers it. Only RFC 6455 has it.
server-origins = Origins
    .hint = all, or http://example.com
    .about = Pages from other origins are refused with 403. Leave it empty to let all connect.
server-policy = Flash policy file at
    .hint = nowhere, or 127.0.0.1:843
    .about = Flash Player asks port 843 for the policy file first. The server's own port answers it too.
server-record = Record to
    .hint = no file, or traffic.pcapng
    .about = A pcapng file that holds every byte.
server-runs = A server is running. It is stopped first.
server-start = Start

# A client's set-up.
connect-url = URL
    .hint = ws://127.0.0.1:9001/
connect-version = Version
connect-origin = Origin
    .hint = default, or http://example.com
    .about = The origin of the page that a browser would connect for.
connect-subprotocols = Subprotocols
    .hint = chat, superchat
    .about = What is offered, the most wanted first, with commas between the names.
connect-headers = More header fields
    .hint = Cookie: session=1
    .about = One on each line, as Name: value.
connect-key = Sec-WebSocket-Key
    .hint = random, or dGhlIHNhbXBsZSBub25jZQ==
    .about = The key to send in place of a random one.
connect-seed = Seed
    .hint = none, or a number
    .about = With a seed all keys are the same in each run.
connect-seed-wrong = Write a whole number, or nothing
connect-behaviour = Behaviour
connect-echo = Send back what comes
connect-deflate = Offer permessage-deflate
connect-no-server = No server runs here. A URL of another server is as good.
connect-connect = Connect
