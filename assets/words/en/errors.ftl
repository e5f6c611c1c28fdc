# What went wrong, in one line. `error-KIND.form`, by the form that the code names.

# A key of hixie-76 that gives no number.
error-key =
    .no-digits = it holds no digits
    .too-large = its digits are a number above 4294967295
    .no-spaces = it holds no spaces
    .not-multiple = its number is not a multiple of its spaces

# Bits that are no DEFLATE stream.
error-deflate =
    .block-type = the block type 11 is reserved
    .stored-length = the length of a block without compression and its complement do not fit
    .codes = the Huffman codes of a block contradict themselves
    .symbol = the bits are no code

# A capture that cannot be read, or not to its end.
error-capture =
    .io = { $name } cannot be read: { $source }
    .directory = { $name } is a directory; give a capture file
    .empty = { $name } is empty: there is not even the header of a capture; was anything recorded?
    .no-capture = { $name } is not a capture: it begins with { $begins }; pcap, pcapng and snoop are read, also compressed with gzip, xz or zstd
    .foreign-packed = { $name } is packed with { $what }, which is not unpacked here: unpack it first; pcap, pcapng and snoop are read, also compressed with gzip, xz or zstd
    .foreign-recording = { $name } is a recording in the format of { $what }, which is not read: write it as pcapng, as Wireshark does and `editcap`
    .foreign-har = { $name } is a HAR file: what a browser noted of its requests, without a packet; record with `dumpcap` or `tcpdump`
    .foreign-keys = { $name } holds the secrets of TLS connections, and is no capture
    .cut = { $name } is cut: the { $unit ->
        [record] record
        [block] block
       *[header] header
    } at byte { $at } takes { $needed } bytes and the file ends after { $there } of them; read before it: { $packets ->
        [one] { $packets } packet
       *[other] { $packets } packets
    }
    .damaged = { $name } is damaged at byte { $at }: { $what }; read before it: { $packets ->
        [one] { $packets } packet
       *[other] { $packets } packets
    }
    .lost = { $name } was cut while it was read: of its { $length } bytes those from { $at } on are gone
    .packed = { $name } cannot be unpacked ({ $packing }) behind byte { $at } of its contents: { $source }; read before that: { $packets ->
        [one] { $packets } packet
       *[other] { $packets } packets
    }

# What is wrong with a record of a capture.
error-format =
    .file-header = its file header cannot be read
    .pcap-version = its header says version { $major }.{ $minor } of pcap, and only version 2 is known
    .record-length = the record there claims a packet of { $length } bytes
    .no-section = the file does not begin with a section header
    .byte-order = the section header there has no byte-order magic
    .section = the section header there cannot be read
    .pcapng-version = the section there is of version { $major }.{ $minor }, and only version 1 is known
    .block-length = the block there claims a length of { $length } bytes
    .block-end = the block there says that it has { $length } bytes, but no block ends so far on
    .interface = the interface description there cannot be read
    .packet-short = the packet block there is too short for its own fields
    .simple-packet-short = the simple packet block there is too short for its own fields
    .record-end = the record there says that it takes { $total } bytes, which a packet of { $length } bytes does not
    .snoop-version = its header says version { $version } of snoop, and only version 2 is known
    .snoop-link = its packets are of snoop's datalink type { $network }, which is not read
    .packet-long = the packet block there claims a packet of { $length } bytes, more than the block has

# Text that is no bytes in hexadecimal.
error-hex =
    .no-digit = `{ $character }` at position { $position } is no hexadecimal digit
    .one-digit = a byte has two digits: one is missing before position { $position }

# Text that was pasted and is no bytes.
error-paste =
    .no-digit = `{ $character }` at { $place } is no hexadecimal digit
    .one-digit = a byte has two digits: one is missing before { $place }
    .no-byte = `{ $number }` at { $place } is no byte
    .unclosed = the quote `{ $quote }` at { $place } is not closed
    .escape = `{ $escape }` at { $place } is no escape that is known
    .offset = the offset `{ $stands }` at { $place } does not fit: before it stand { $count ->
        [one] { $count } byte
       *[other] { $count } bytes
    } ({ $expected } in hexadecimal)
    .again = at { $place } a dump begins anew, and the dumps are no whole packets: paste one of them
    .other-way = the packet at { $place } goes another way than the first: paste the packets of one side, or open them as a capture
    .missing = before the packet at { $place } { $count ->
        [one] { $count } byte is
       *[other] { $count } bytes are
    } missing that another packet carried
    .nothing-carried = none of these packets carries a byte
    .too-long = this is more than { $most } bytes; save them as a capture and open it

# Where in a pasted text.
paste-place =
    .position = position { $position }
    .line = line { $line }, position { $position }

# What a pasted text was taken for.
paste-form = { $form ->
    [hex] hexadecimal digits
    [hex-dump] a hex dump, without its offsets and characters
    [word-dump] a dump of 16-bit words, the low byte first
    [binary] binary digits
    [decimal] decimal numbers
    [base64] base64
    [string] a string of a program, with its escapes
    [array] an array of numbers
   *[head] the text of a head
}
paste-taken = Taken as { $form }
paste-taken-cut = { $taken }; it says itself that it goes on
paste-taken-cut-by = { $taken }; it says itself that { $count ->
    [one] { $count } more byte is
   *[other] { $count } more bytes are
} left out
paste-taken-packets = { $taken }: { $count ->
    [one] a packet
   *[other] { $count } packets
} from { $from } to { $to }, of which what TCP carries is shown

# Text that is no address of a WebSocket.
error-url =
    .secure = wss: is not supported: TLS hides the bytes that Framescope is there to show; record it where it is decrypted, or use ws:
    .scheme = `{ $text }` does not begin with ws://
    .no-host = the address names no host
    .port = `{ $text }` is not a port (1 to 65535)
    .host = `{ $text }` is not a host; an IPv6 address stands in brackets: [::1]
    .fragment = an address of a WebSocket has no fragment (#…)
    .user = an address of a WebSocket has no user name; send it as a header
    .character = { $character } cannot stand in an address; write it as %XX
error-listen = write an IP address and a port, as in 127.0.0.1:9001 or [::1]:9001; localhost:9001 is this machine alone, and :9001 whoever can reach it
error-pointer = a JSON pointer begins with a slash, as in /id or /items/0/time; ~1 stands for a slash, ~0 for a tilde

# Text that cannot stand in a head.
error-header =
    .name = { $text } is no name: it consists of ASCII letters, digits and !#$%&'*+-.^_`|~
    .character = { $character } cannot stand in a header field
    .colon = write it as 'Name: value'

# The payload of a message.
error-payload =
    .forgotten = the bytes are no longer kept
    .too-large = the message has more than { $limit } bytes, which is too large to be looked at as a whole
