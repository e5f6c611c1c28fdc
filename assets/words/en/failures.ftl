# What is wrong and what to do, one line each: lessons, connections, what cannot be sent, filters.

failure-cannot-read = cannot read { $name }: { $error }
failure-export-format = no format is called `{ $name }`; there are pcapng, json, csv and har
failure-protocol = no protocol is called `{ $name }`; there are { $known } and { $last }
failure-figure-unreadable = the figure cannot be read: { $error }
failure-figure-too-large = the figure is too large for a picture: write it as SVG, or fold long payloads
failure-picture = the picture cannot be written: { $error }

# Lessons.
failure-lesson-unknown = there is no lesson `{ $name }`; framescope lesson lists them
failure-lesson-source = the source of a lesson is one of capture, hex and talk
failure-lesson-capture = the capture { $name } cannot be read: { $error }
failure-lesson-step = step { $number }: { $error }
failure-lesson =
    .choices = a choice has two choices or more
    .among = a rule is chosen among two rules or more
    .answer = a question says where its answer stands
    .first = `first` belongs to a question for a bit
    .hint = a question has a hint, and words for the right answer
    .step = a step has `say`, or `ask` with `kind`
    .overlay = the translation has a text here for which the lesson has no place
    .rule = `{ $name }` is no rule
    .also = the bytes say { $bytes }, and the file says { $file }
    .right = { $count } choices are right, not one
    .kind = what stands there is no answer to a question of kind { $kind }
failure-no-name = { $kind ->
    [protocol] `{ $name }` is no protocol
    [side] `{ $name }` is no side
    [version] `{ $name }` is no version
    [opcode] `{ $name }` is no opcode
    [length-bits] `{ $name }` is no number of length bits
    [fault] `{ $name }` is no faulty peer of that side
   *[other] `{ $name }` is no { $kind }
}
failure-script = the script cannot be played: { $error }
failure-script-length = { $what ->
    [masking-key] a masking key has { $is } bytes, not { $right }
   *[other] { $what } has { $is } bytes, not { $right }
}
failure-script-kinds = an action does one thing, and number { $number } does { $count }
failure-script-action = action { $number }: { $error }
failure-script-cannot = action { $number }: this end cannot do that
failure-missing =
    .conversation = there is no conversation { $name }
    .byte = there is no byte { $name }
    .message = there is no message { $name }
    .event = there is no event { $name }
    .packet = there is no packet { $name }
    .field = there is no field { $name }
    .item = there is no item { $name }
    .step = there is no step { $name } of { $derivation }
    .on-wire = there is no value on the wire for step { $name }
    .header = there is no header field { $name }
    .length = there is no length
    .subtrahend = there is no number to take away
    .minuend = there is no number to take away from
    .place = there is no place: name an item or a message
    .overhead = there is no overhead
    .part = there is no such part of an item
    .state = there is no state: that is no WebSocket
    .item-like = there is no item like that
    .close = there is no code or reason: that message is no close message
    .head = there is no head
    .payload = there is no { $name }
    .rule = there is no { $name }
    .id = there is no { $name }

# What cannot be sent.
send-not-open = the WebSocket is not open
send-closing = the WebSocket is closing: nothing may follow the close frame
send-no-binary = { $version } has no binary messages: a client of the draft sends text alone
send-no-ping = { $version } has no ping
send-no-fragments = { $version } has no fragments: a message is one frame
send-no-such-frame = { $version } has no frame with such a header
send-control-too-long = a control frame has at most 125 bytes of payload, and this would have { $bytes }
send-close-code = close code { $code } may not be sent; registered ones such as 1000 may, and 3000 to 4999
send-not-text = text is UTF-8, and byte { $at } of this is not

# Connections.
failure-connect = cannot connect to { $address }: { $error }
failure-no-answer = no answer within { $time }
failure-refused = the server refuses with status { $status }
failure-handshake = the handshake is not valid: { $finding }
failure-broke = the connection broke during the handshake: { $error }
failure-replay-no-conversation = the recording has no conversation { $number }
failure-replay-gap = { $missing } bytes of the client are missing from the recording at offset { $offset }, so it cannot be sent again
failure-replay-nothing = the client of this conversation sent nothing
failure-lesson-sockets = the lesson's sockets: { $error }

# Peers with a mistake: what each does.
fault-guid-258eaf45 = hashes with a misprinted GUID that begins 258EAF45
fault-guid-258eaf5 = hashes with a GUID that lost a letter: 258EAF5
fault-accept-digit = writes the digit 1 in its accept value where the letter l belongs
fault-connection-space = writes a space before the colon of Connection
fault-low-byte-first = writes lengths of 16 bits low byte first
fault-every-length-64 = reads every length as 64 bits: it writes | where & is meant
fault-ping-with-ping = answers a ping with a ping
fault-after-1009 = goes on after it closed with 1009
fault-no-checks = never looks at MASK, RSV, UTF-8 or the length of control frames
fault-ignores-fragments = drops fragments, unmasked frames, and all but the first frame of what it reads
fault-old-origin = names its origin in Sec-WebSocket-Origin, in version 13
fault-key-23 = sends a key that lost a character

# What is wrong with a filter.
filter-error-at = at character { $place }: { $error }
filter-error =
    .long = a filter is at most { $most } bytes long
    .closes-nothing = this parenthesis closes nothing
    .deep = more than { $most } groups and negations in each other
    .not-closed = this parenthesis is not closed
    .nothing = a term is missing here; a text that looks like a part of the filter goes in quotes
    .no-text = there is nothing to look for
    .quotes = these quotes are not closed
    .regex-end = this regular expression has no / at its end; a text that begins with / goes in quotes
    .regex = { $error }
    .memory = it would take too much memory
    .space = a space is missing here
    .one-of = { $key }: knows { $known }, and not `{ $value }`
    .hex = hex: wants bytes of two digits each, as in hex:48656c
    .message = messages are counted from 1
    .key = no term is called `{ $key }:`; there are { $known }, and { $last }; a text with a colon goes in quotes
    .finding = finding: wants any, error, warning, note or the beginning of a rule's id, and not `{ $value }`
    .number = a number is missing here
