# The inspector: bits, hex, fields, how it follows, the explanation.

inspector-empty = Nothing is selected
inspector-empty-item = Click an arrow in the ladder, or press J, and its bits are shown here.
inspector-empty-conversation = Start the demo or open a capture, then click an arrow in the ladder.

inspector-item = Item { $number }
inspector-bytes = { $count ->
    [one] { $shown } byte
   *[other] { $shown } bytes
}
inspector-kind-policy-request = policy request
inspector-kind-policy-response = policy file
inspector-kind-http-request = HTTP request
inspector-kind-http-response = HTTP response
inspector-kind-frame = frame
inspector-kind-gap = gap
inspector-kind-unparsed = unparsed
inspector-message-text = text
inspector-message-binary = binary
inspector-message-ping = ping
inspector-message-pong = pong
inspector-message-close = close

inspector-tab-bits = Bits
    .tip = Every bit with its value, 32 in a row (Ctrl+1)
inspector-tab-hex = Hex
    .tip = Bytes in hexadecimal and as characters (Ctrl+2)
inspector-tab-fields = Fields
    .tip = The fields as a tree, with their values (Ctrl+3)
inspector-tab-follows = How it follows
    .tip = How values follow from the bytes, step by step (Ctrl+4)

inspector-scroll = Scroll

# Bits.
inspector-bits-about = Bits. Arrow keys go from field to field, with Shift from bit to bit, with Ctrl over all bytes of a field.
inspector-bit = { $name }, bit { $first }, value { $value }
inspector-bits = { $name }, bits { $first } to { $last }, value { $value }
inspector-bits-continued = { $name } (continued)
inspector-bits-masked = { $name }, masked
inspector-bits-means = means { $value }
inspector-fold = … { $bytes } more bytes of { $name } …
inspector-not-recorded = { $name }: { $bytes } bytes, not recorded
inspector-unfold-more = 1,000 more rows
inspector-unfold-all = Show all
inspector-fold-again = Fold again

# Hex.
inspector-hex-about = Bytes. Arrow keys go from byte to byte, with Shift they extend the selection.
inspector-hex-row = { $offset }: { $hex } { $text }
inspector-hex-none = No byte of this was recorded.
inspector-hex-wire = On the wire
inspector-hex-unmasked = Unmasked
inspector-hex-selected = { $count ->
    [one] byte { $first } selected
   *[other] { $shown } bytes from byte { $first } selected
}
inspector-copy = Copy as
inspector-copy-hex = Hex
inspector-copy-c = C array
inspector-copy-rust = Rust array
inspector-copy-base64 = Base64
inspector-copy-text = Text
inspector-copied = Copied to the clipboard
inspector-hidden = Bits { $first } to { $last }: what they mean is asked
