# The explanation, the field tree, and how values follow.

explanation-value = This value:
explanation-why = Why:
explanation-breaks = Otherwise:
explanation-unfold = Explain
explanation-fold = Fold
explanation-book = Read more in the book
explanation-show-bits = Show its bits
explanation-choose = Point at a bit, a byte or a row to read what it is.
explanation-bit = bit { $first }
explanation-bits = bits { $first }–{ $last }, { $count } in all

severity-error = Error
severity-warning = Warning
severity-note = Note

reaction-go-on = An endpoint goes on.
reaction-close = An endpoint that keeps the rule closes the connection with { $code }.
reaction-refuse = A server that keeps the rule refuses the request with { $status }.
reaction-drop = An endpoint that keeps the rule drops the connection.

fields-row = { $name }, { $value }, { $place }
fields-fold = Fold { $name }
fields-unfold = Unfold { $name }
fields-bit = bit { $first }
fields-bits = bits { $first }–{ $last }
fields-byte = byte { $first }
fields-bytes = bytes { $first }–{ $last }

follows-nothing = Everything that this item says stands in its bytes: nothing has to be computed.
follows-title = How it follows: { $what }
follows-from = from
follows-step = Step { $number }: { $label }, result { $output }
follows-result = the result of step { $number }
follows-constant = A constant of the specification
follows-elsewhere = bytes that the recording does not hold
follows-here = bits { $first }–{ $last } of this item
follows-there = bits { $first }–{ $last } of item { $item }
follows-same = as on the wire
follows-differs = on the wire: { $wire }
follows-first = Here the mistake begins: this is the first step that differs from the wire.
follows-more = and { $count } more characters

operation-base64 = base64
operation-be32 = four bytes
operation-concat = join
operation-digits = digits
operation-divide = divide
operation-inflate = inflate
operation-length = length
operation-md5 = MD5
operation-sha1 = SHA-1
operation-spaces = spaces
operation-utf8 = UTF-8
operation-xor = XOR
