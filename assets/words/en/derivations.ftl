# How values follow from bytes. `derivation-ID`: what follows. `step-OPERATION.form`: what a step does, behind its number.
# `shown-OPERATION.form`: the operation written out, where it has words. A result that is shown stands behind `=` or `→`.

derivation-hixie76_answer = the hixie-76 answer
derivation-rfc6455_accept = the accept value
derivation-hybi04_masking-key = The key that masks the client's frames
derivation-frame_length = The payload's length
derivation-frame_unmask = The payload without its mask
derivation-frame_uncover = The frame without its mask
derivation-hixie_length = The length in base 128
derivation-deflate_inflate = the inflated message
derivation-deflate_stream = the inflated stream
derivation-utf8_decode = the text, from UTF-8

# A step without a result.
step-no-result = none

# The proofs of the handshakes.
step-digits =
    .of = take the digits of key { $key } as one number
shown-digits =
    .none = { $key } → none
step-spaces =
    .of = count the spaces of key { $key }
step-divide = divide the number by the spaces
shown-divide =
    .no-digits = none ÷ { $spaces }: key { $key } is no key, { $why }
    .no-key = { $digits } ÷ { $spaces }: key { $key } is no key, { $why }
step-be32 = write the quotient in four bytes, the most significant first
shown-be32 =
    .hexadecimal = { $number } = { $bytes } in hexadecimal
step-md5 = take MD5 of the challenge: the answer
step-sha1 = take SHA-1 of these characters: 20 bytes
    .frame-key = take SHA-1 of the nonce and the connection's masking key: the 20 bytes that cover this frame
    .connection-key = take SHA-1 of these characters: the connection's masking key
step-base64 = write every six bits as one character: the accept value
step-concat =
    .challenge = put both numbers and key3 behind each other: the challenge
    .guid = put the GUID behind the key, as it stands in the field
    .nonce = put the server's nonce and another GUID behind the key, as they stand in the fields
    .tail = put back what the sender removed
    .tail-left = put nothing back: the sender left 00 00 FF FF on
    .final = put nothing back: the stream ends with BFINAL, and no 00 stands behind it
    .header = pass over the zlib header, which is no part of the stream
    .message = the message
    .message-in-part = the message, as far as it was read
    .frame = what the frame carries
    .stream = what these bytes carry
    .frame-in-part = what the frame carries, as far as it was read
shown-concat =
    .tail = { $count } bytes ‖ { $tail }
    .as-it-is = { $count } bytes
    .header = { $header }
    .message = { $payload } bytes of payload inflate to { $count } bytes

# Frames.
step-length =
    .seven = read the 7 bits behind MASK
    .behind-rsv4 = read the 7 bits behind RSV4
    .next = read the next { $count } bits, the most significant byte first
    .digit = byte { $number } of the length, high bit 1: more follow
    .last-digit = byte { $number } of the length, high bit 0: the last
shown-length =
    .short = { $bits } = { $number }: at most 125, so this is the length
    .next = { $bits } = { $number }: the length stands in the next { $count } bits
step-xor =
    .byte = byte { $number }: XOR with key byte { $number } mod 4 = { $key }
    .header-byte = byte { $number } of the frame: XOR with key byte { $key }
    .byte-behind = payload byte { $number }: XOR with key byte { $key }
    .rest = and so on for { $count } more bytes

# Text.
step-utf8 =
    .character = character { $number }: { $count ->
        [one] { $count } byte
       *[other] { $count } bytes
    }
    .rest = the other { $count } bytes, not shown one by one
    .bad = no character
    .cut = a character without its end
shown-utf8 =
    .rest = only the first { $count } characters are shown
    .bad = { $bytes }: { $bad } cannot stand here
    .cut = { $bytes }: the character is cut off

# DEFLATE.
step-inflate =
    .stored = block { $number }: BFINAL={ $last } BTYPE=00, { $length } bytes without compression
    .fixed = block { $number }: BFINAL={ $last } BTYPE=01, the specification's Huffman codes
    .dynamic = block { $number }: BFINAL={ $last } BTYPE=10, Huffman codes of its own
    .goes-on = block { $number }, which began before: it goes on
    .no-block = block { $number }: no block
shown-inflate =
    .copy = ⟨copy { $length } from { $distance } back: { $text }⟩
    .copy-beyond = ⟨copy { $length } from { $distance } back, beyond the window of { $window }: { $text }⟩
    .copy-kept = ⟨copy { $length } from { $distance } back, in an earlier message that was to be forgotten: { $text }⟩
    .end = ⟨end of block⟩
    .more = … and { $count } more
    .limit = — only the first { $count } tokens are shown
    .unknown = — copy { $length } bytes from { $distance } back: only { $there } bytes are known, so what is there was sent before the recording, or never
    .cut = — the message ends inside a block, so that the tail is read as a part of it
    .broken = — { $why }
