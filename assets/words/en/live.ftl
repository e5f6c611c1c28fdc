# The server, the clients, the WebSocket API.

demo-hello = Hello from { $version }!
demo-fragments = One message, in several fragments.
live-nobody-listens = Cannot connect to { $address }: nobody listens there. Start the server first.
live-over = This connection is over: nothing more can be sent on it.
live-no-sockets = There are no sockets and no files here.
live-listening = The server listens on ws://{ $address }/
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
api-time = { $time } s
api-state = readyState { $number }, { $name }
api-not-on-the-wire = not known from the wire
