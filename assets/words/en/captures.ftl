# Captures: opening, packets, statistics, export, pasting, sending again.

side-client = client
side-server = server

# Pasting.
paste-source = Pasted, { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}
paste-about = Bytes in any form: hexadecimal, a dump, a string or an array of a program, base64, a whole packet, or the text of a handshake. Enter takes them apart, Shift+Enter begins a line.
paste-hint = 81 85 37 fa 21 3d 7f 9f 4d 51 58
paste-field = Bytes to take apart
paste-version = Version
paste-side = Sent by
paste-as-it-looks = As it looks
paste-deflate = permessage-deflate
paste-deflate-about = It was agreed that messages may be compressed
paste-nothing = Nothing yet
paste-preview = { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}, read as { $protocol } from the { $side ->
    [client] client
   *[server] server
}: { $items }
paste-decode = Take apart
paste-clear = Clear

# Opening by path.
path-hint = ~/captures/broken.pcapng
path-field = Path of a capture
path-open = Open
path-follow = Follow it while it grows
path-follow-about = Another program still writes the file. What it adds is shown as it comes, until you stop.

captures-no-bundled = No bundled capture is called { $name }.
captures-broken = Broken: { $reason }
captures-file-findings = { $count ->
    [one] One finding about the file
   *[other] { $count } findings about the file
}

# Export.
export-conversation = Conversation { $number }
export-items = Items { $first } to { $last }
export-diagram = Bit diagram of item { $number }
export-diagram-none = Bit diagram: choose an item first
export-diagram-title = Item { $number }
export-source = The whole source, { $count ->
    [one] { $count } conversation
   *[other] { $count } conversations
}
export-pcapng = pcapng: a capture, for this and other programs
export-json = JSON: items, fields and findings
export-csv = CSV: a row for each item
export-har = HAR: for the tools of browsers
export-svg = SVG: lines that stay sharp
export-png = PNG: pixels
export-size = { $items } items, { $bytes } bytes on the wire
export-size-items = { $items } items
export-save = Save…
export-save-here = Save
export-record-here = Record
export-replace = Replace
export-cancel = Cancel
export-path = Path to save to
export-path-about = This system has no dialog for files. Write where to save.
export-record-about = A pcapng file that holds every byte. This system has no dialog for files: write where to record to.
export-is-folder = This is a folder. Add a name for the file.
export-no-folder = There is no such folder.
export-exists = There is a file of this name. It will be replaced.
export-no-conversation = No conversation is looked at.
export-no-item = No item is looked at, so there is no bit diagram to save.

# Sending again.
send-again-source = Sent again
send-again-about = Sends the client's bytes to a server, and compares its answers with the recorded ones.
send-again-to = To
send-again-speed = Speed
send-again-max = As fast as answers allow
send-again-start = Start
send-again-no-address = Write a host and a port, as in 127.0.0.1:9001
send-again-sent = { $count ->
    [one] { $count } byte was sent.
   *[other] { $count } bytes were sent.
}
send-again-answers = The answers are a source of their own.
send-again-unsent = { $count } bytes were not sent: the server ended the connection
send-again-all-same = { $count ->
    [0] Nothing was recorded from the server, and nothing came.
    [one] The server answered as it did: one item
   *[other] The server answered as it did: { $count } items
}
send-again-different = { $different } of { $count } answers differ
send-again-same = same
send-again-differs = differs
send-again-missing = missing
send-again-more = more
send-again-look = Look at the recorded item
send-again-difference = { $what }: { $recorded } was recorded, now { $answered }

# Packets.
packets-no-conversation = No conversation is looked at.
packets-no-item = Choose an item to see the packets that carry it.
packets-live = A live socket shows no packets: the system hands over bytes. To see packets, record with a capture program such as tcpdump or Wireshark, or open a capture.
packets-made = These bytes came without packets. Packets are seen in captures.
packets-of = { $count ->
    [one] One packet carries item { $item }
   *[other] { $count } packets carry item { $item }
}
packets-head = Number, time, sender, and how many bytes of its payload are the item's
packets-row = { $number }   { $time } s   { $side ->
    [client] client
   *[server] server
}   { $part } of { $payload } bytes
packets-row-gap = missing before { $number }   { $time } s   { $side ->
    [client] client
   *[server] server
}   { $part } of { $payload } bytes
packets-gap = These bytes were sent, but no packet with them was recorded. That they are missing was seen at packet { $packet }.
packets-reassembled = These bytes came in several IP fragments, the last of them in packet { $packet }, and were put together. No single packet holds them.
packets-reading = The packet's link type is not known yet.
packets-cut = The packet was cut when it was recorded: { $missing } bytes of it are missing.
packets-part = Item { $item }: bytes { $first } to { $last } of the packet
packets-fields = Fields

# Statistics.
statistics-conversation = Conversation { $number }
statistics-source = All of { $name }
statistics-none = No conversation is looked at.
statistics-packets = { $packets } packets, { $tcp } of them TCP ({ $links })
statistics-stopped = Reading was stopped: what was read by then is counted.
statistics-of-file = About the file
statistics-findings = Findings
statistics-no-findings = None
statistics-place = item { $item }
statistics-place-in = conversation { $conversation }, item { $item }
statistics-place-of = conversation { $conversation }
statistics-place-whole = the conversation
statistics-numbers = Numbers
statistics-version = Version
statistics-handshake = Handshake
handshake-accepted = accepted
handshake-rejected = rejected
handshake-incomplete = incomplete
handshake-invalid = invalid
handshake-missing = missing
statistics-subprotocol = Subprotocol
statistics-extensions = Extensions
statistics-duration = Duration
statistics-items = Items
statistics-messages = Messages
statistics-bytes = Bytes
statistics-lost = Bytes missing
statistics-overhead = Not payload
statistics-frame-overhead = Frame headers
statistics-compression = Compression
statistics-round-trips = Ping to pong
statistics-part = { $part } of { $whole } bytes, { $percent }
statistics-no-frames = no frames
statistics-ratio = { $ratio } : 1, { $before } bytes became { $after }
statistics-no-compression = no compressed messages
statistics-trips = { $count ->
    [one] once, { $median }
   *[other] { $count } times, { $min } to { $max }, half within { $median }
}
statistics-no-trips = no ping was answered
statistics-item-kinds = Items
statistics-message-kinds = Messages
statistics-by-version = By version
statistics-conversations = Conversations
statistics-both = both
statistics-column-bytes = bytes
statistics-policy-request = policy request
statistics-policy-response = policy file
statistics-http-request = HTTP request
statistics-http-response = HTTP response
statistics-hybi-frame = frame (hybi, RFC 6455)
statistics-hixie-frame = frame (hixie)
statistics-gap = gap
statistics-unparsed = unparsed
captures-stopped = Stopped: only a part of the file was read
titled-rule = Rule: { $title }
send-again-waiting = Sending, and waiting for the answers that were recorded…
