# The composer.

composer-send = Send
composer-as = as
composer-client = client
composer-server = server
composer-version = Version to compose for
composer-message = Message
composer-frame = Frame
composer-raw = Raw bytes
composer-undo = Undo
composer-redo = Redo

# Why nothing can be sent.
composer-not-connected = Nothing to send on yet: start the demo, or connect a client
composer-not-live = This was recorded: connect a client to send
composer-over = This end has said all: the connection is over
composer-again = Connect again
composer-not-ours = This end is another program: speak as the other one

# A message.
composer-text = Text
composer-binary = Binary
composer-ping = Ping
composer-close = Close
composer-close-hixie = The closing frame of this version has neither a code nor a reason.
composer-payload = Payload
composer-fragments = In fragments of
composer-fragment-size = Bytes in a fragment
composer-fragment-bytes = bytes
composer-code = With a code
composer-code-number = Close code
composer-code-list = Close codes by name
composer-reason = Reason
composer-code-refused = The endpoint does not send this code. As a frame it can be sent.
composer-to-frame = Edit as a frame

# Bytes.
composer-as-text = As text
composer-as-hex = As hex
composer-as-file = From a file
composer-as-not = These bytes are no text, or too many to be edited here
composer-file = Path of the file
composer-file-hint = /path/to/file
composer-file-read = Read
composer-file-choose = Choose…
composer-file-large = { $file } is too large: a payload has at most 16 MiB here
composer-bytes = Bytes
composer-opening = Read as the beginning of a connection
    .about = On a connection that is open, the peer reads these bytes as frames.
composer-outgrown = These bytes no longer fit the form of a frame, so they are shown as they are.

# A frame.
composer-fin = FIN
composer-rsv1 = RSV1
composer-rsv2 = RSV2
composer-rsv3 = RSV3
composer-rsv4 = RSV4
composer-opcode = Opcode
composer-masked = MASK
composer-key = Masking key
composer-key-wrong = A masking key has four bytes: eight hexadecimal digits
composer-random = Random
    .about = Another masking key, at random
composer-length = Length
composer-length-shortest = Shortest
composer-length-7 = 7 bits
composer-length-16 = 16 bits
composer-length-64 = 64 bits
composer-lies = Claims
    .about = The length in the header is not the length of the payload.
composer-claimed = Claimed length
composer-claimed-wrong = Write a whole number of bytes
composer-deflated = Deflated
    .about = The payload is compressed as a message of its own.
composer-takeover = The endpoint does not know of it: messages that it compresses later may refer to the wrong bytes.
composer-type = Frame type
composer-digits = Bytes of the length, at least
composer-end = End
composer-terminated = FF behind the data

# Wrong on purpose.
composer-wrong = A wrong frame
composer-wrong-mask = Mask on the wrong side
composer-wrong-rsv = A reserved bit
composer-wrong-rsv4 = The fourth reserved bit
composer-wrong-opcode = A reserved opcode
composer-wrong-continuation = A continuation of nothing
composer-wrong-utf8 = Text that is not UTF-8
composer-wrong-long-ping = A ping of 200 bytes
composer-wrong-cut-ping = A ping in fragments
composer-wrong-form = A length longer than it must be
composer-wrong-length = A length that lies
composer-wrong-top-bit = A length with the top bit set
composer-wrong-long-length = A length of nine bytes
composer-wrong-code = Close code 1006
composer-wrong-close = Half a close code
composer-wrong-initiator = A close that does not say who began
composer-wrong-terminator = Text without its end
composer-wrong-type = An unknown frame type

# What it would be on the wire.
composer-preview = On the wire
composer-nothing = No bytes yet
composer-example = As the endpoint could send it: it chooses its own masking keys, and may compress. Click a bit to flip it.
composer-no-finding = breaks no rule
composer-part = { $number }: from byte { $byte }
composer-more = { $count ->
    [one] { $count } item more
   *[other] { $count } items more
}
composer-reaction-close = → the peer closes with { $code }
composer-reaction-refuse = → the server answers { $status }
composer-reaction-drop = → the peer drops the connection

# What came after.
composer-after = What came after
composer-row = { $side }: { $kind }, { $about }
composer-ended = The { $side } ended the connection.
composer-no-answer = No answer yet
