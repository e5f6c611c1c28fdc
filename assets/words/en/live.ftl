# The server, the clients, the WebSocket API.

demo-hello = Hello from { $version }!
demo-fragments = One message, in several fragments.
live-nobody-listens = Cannot connect to { $address }: nobody listens there. Start the server first.
live-over = This connection is over: nothing more can be sent on it.
live-no-sockets = There are no sockets and no files here.
live-listening = The server listens on ws://{ $address }/
