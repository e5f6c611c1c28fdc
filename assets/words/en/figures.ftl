# Figures and the tables of the book.

# What stands in a figure.
figure-caption = { $kind }, { $bytes } from { $side ->
    [client] the client
   *[server] the server
}, { $protocol }
figure-item = Item { $number } from { $side ->
    [client] the client
   *[server] the server
}: { $kind }, { $bytes }
figure-seconds = seconds
figure-byte = byte
figure-header-carries = header { $bytes }, carries { $carried }
figure-wire-holds = The wire holds { $wire }.
figure-first-difference = Here is the first difference: the wire holds
figure-difference = The wire holds
figure-wire-same = The wire holds the same
figure-constant = the constant { $name }
figure-from-step = from step { $first }
figure-from-steps = from steps { $first } and { $last }
figure-from-steps-to = from steps { $first } to { $last }
figure-of-item = { $what } of item { $number }
figure-and-more = and { $more }
figure-unmasking = Unmasking: each byte of the payload XOR one of the key, in turn
figure-uncovering = Unmasking: each byte of the frame, from its header on, XOR one of the key, in turn

# What a figure is called where nobody says it.
figure-title-bits = Every bit of it
figure-title-ladder = Who sent what, and when
figure-title-derivation = How it follows
figure-title-layers = A packet, layer by layer

# The line below the heading.
figure-below-item = item { $number }: { $caption }
figure-below-conversation = { $file }, conversation { $number }
figure-handshake-missing = handshake missing
figure-below-packet = packet { $number } of { $bytes } bytes · { $name }
figure-carries = { $part ->
    [whole] item { $number } of conversation { $conversation }: { $caption }
   *[part] part of item { $number } of conversation { $conversation }: { $caption }
}
figure-typed = what was typed

# Why a figure cannot be drawn.
figure-no-bytes = there are no bytes to draw: give them as hexadecimal digits
figure-no-fields = item { $number } cannot be described
figure-wrong-order = the last item, { $last }, comes before the first, { $first }
figure-no-derivations = item { $number } has no derivations: all its values are on the wire
figure-no-derivation = item { $number } has no derivation called `{ $id }`; it has { $known }
figure-no-packets = { $name } has no packets that can be looked at: give a capture that is not compressed
figure-no-packet = there is no packet { $number }: { $name } has { $count }, counted from 1
figure-no-item = there is no item { $number }: this conversation of { $name } has { $count }, counted from 1

# What the book's manifests get wrong.
manifest-line = line { $line }: { $error }
manifest-needs-packet = a figure of layers needs `packet`
manifest-no-meaning = `{ $key }` has no meaning for this kind of figure
manifest-from = `from` is client or server
manifest-conversation = `conversation` belongs to a capture, not to typed bytes
manifest-typed = `protocol`, `from` and `deflate` belong to typed bytes
manifest-source = a figure is either of `hex` or of a `capture`
manifest-quote = a quote in the command is not closed
manifest-name = a name consists of lower-case letters, digits and hyphens
manifest-same-name = another entry has the same name
manifest-command = a command begins with `framescope`
manifest-alone = `framescope` alone opens the window: name a command
manifest-each-time = `framescope { $name }` prints something else each time
manifest-not-failed = the command was to fail, and did not
manifest-failed = the command failed: { $error }
manifest-lines = the command prints { $count } lines, counted from 1: { $first } to { $last } are not there
manifest-only-statistics = only a table of statistics is about a capture
manifest-program = the command line is described by the program
manifest-needs-capture = a table of statistics needs a `capture`
manifest-no-conversation = there is no conversation { $number }: the capture has { $count }
manifest-handshake = the handshake of { $version } cannot be read
book-no-folder = there is no folder { $name }
book-cannot = { $what ->
    [read] cannot read { $name }: { $error }
    [make] cannot make { $name }: { $error }
    [write] cannot write { $name }: { $error }
   *[remove] cannot remove { $name }: { $error }
}

# Tables of the book.
table-opcode = opcode
table-frame = frame
table-kind = kind
table-not-given-out = not given out
table-reserved-control = reserved for control frames
table-reserved-data = reserved for data frames
table-control = control
table-data = data
table-hybi-04 = hybi-01 to hybi-06
table-since-hybi-07 = since hybi-07
table-code = code
table-name = name
table-on-the-wire = on the wire
table-where = where
table-sent = yes
table-never-sent = never
table-field = field
table-both = both
table-request = request
table-response = response
table-request-refusal = request; response that refuses
table-id = id
table-what = what it is
table-document = document
table-asks-with = asks with
table-proof = proof
table-frames = frames
table-no-proof = none
table-proof-md5 = MD5 of two keys and eight bytes
table-proof-sha1 = SHA-1 of the key and a GUID
table-upgrade-alone = `Upgrade: WebSocket` alone
table-frames-hixie = a type byte, then text up to `FF` or a base-128 length
table-frames-hybi-bare = MORE, RSV, opcode, length
table-frames-hybi-covered = four bytes, then under the mask: FIN, RSV, opcode, length, payload
table-frames-hybi = FIN, RSV, opcode, MASK, length, masking key
table-conversation = conversation
table-from = from
table-items = items
table-bytes = bytes
table-payload = payload
table-other-bytes = other bytes
table-rule = **{ $severity }**, { $section }: { $title }.
