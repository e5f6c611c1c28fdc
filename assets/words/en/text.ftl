# What the text output, the figures and other exports say around the bytes: items in a line, what stands below them, how
# a conversation began and ended.

count-packets = { $count ->
    [one] { $shown } packet
   *[other] { $shown } packets
}
count-messages = { $count ->
    [one] { $shown } message
   *[other] { $shown } messages
}
count-conversations = { $count ->
    [one] { $shown } conversation
   *[other] { $shown } conversations
}
count-chunks = { $count ->
    [one] { $shown } chunk
   *[other] { $shown } chunks
}
count-more-bytes = { $count ->
    [one] { $shown } more byte
   *[other] { $shown } more bytes
}
count-more-items = { $count ->
    [one] { $shown } more item
   *[other] { $shown } more items
}
count-more-characters = { $count ->
    [one] { $shown } more character
   *[other] { $shown } more characters
}
count-more-steps = { $count ->
    [one] { $shown } more step
   *[other] { $shown } more steps
}
count-more-fields = { $count ->
    [one] { $shown } more field
   *[other] { $shown } more fields
}
count-no-findings = no findings

# How bad a finding is, before its words.
label-error = error
label-warning = warning
label-note = note

# Where something is specified.
spec-section = { $document } section { $number }

# The unit behind a number of bytes.
unit-byte = B

# Places and lists of items. Bits and bytes themselves are in explanation.ftl: fields-bit and its neighbours.
place-at-bit = at bit { $first }
place-at-byte = at byte { $first }
list-no-items = no items
list-item = item { $numbers }
list-items = items { $numbers }
list-items-others = items { $numbers } and { $count ->
    [one] { $shown } other
   *[other] { $shown } others
}

# What stands in the line of an item.
line-not-recorded = not recorded
line-compressed = compressed
line-not-final = not final
line-final = final
line-final-of = final of { $items }
line-cut = cut
line-coded = by { $extension }
line-does-not-inflate = (does not inflate)
line-inflates-in-part = (in part)

# The heads of the ladder's columns.
column-item = item
column-packet = packet
column-time = time
column-later = later
column-what = what
column-size = size

# A conversation: how it began, what was agreed, how it ended.
talk-none = No TCP connection was found.
talk-is = conversation { $number }: { $facts }
talk-match = { $count ->
    [one] { $shown } item matches
   *[other] { $shown } items match
}, of { $items }, in { $conversations }
talk-none-match = none of { $items } matches
talk-unknown = There is no conversation { $number }: they are numbered 1 to { $last }.
talk-handshake-missing = no handshake recorded
talk-handshake-incomplete = handshake incomplete
talk-handshake-accepted = handshake accepted
talk-handshake-rejected = handshake rejected
talk-handshake-invalid = handshake invalid
talk-subprotocol = subprotocol { $name }
talk-nothing-sent = no bytes were sent
talk-hidden = { $count ->
    [one] { $shown } encrypted byte stays hidden
   *[other] { $shown } encrypted bytes stay hidden
}
talk-ended = { $side ->
    [client] the client sent { $how }
   *[server] the server sent { $how }
}

# What became of a conversation, in a word or two.
outcome-open = open at end
outcome-going-on = open
outcome-closed = closed
outcome-closed-code = closed { $code }
outcome-unanswered = closed, not answered
outcome-unanswered-code = closed { $code }, not answered
outcome-died = died
outcome-reset = reset by { $side ->
    [client] client
   *[server] server
}
outcome-refused = refused
outcome-refused-status = refused { $status }

# Below an item's line.
detail-legend = The fields above, by their ids:
detail-empty-line = (empty line)
detail-key3 = key3 ({ $bytes })
detail-answer = answer ({ $bytes })
detail-and-rest = and { $bytes }:
detail-body = body: { $bytes }
detail-body-chunked = body: { $bytes } in { $chunks }
detail-but-wire = but the wire holds { $wire }
detail-ascii = { $count ->
    [one] One more character is ASCII: one byte that stands for itself.
   *[other] { $count } more characters are ASCII: each one byte that stands for itself.
}
detail-message = message { $number }
detail-message-from = from { $items }
detail-out-of-stream = inflated from the bytes { $first } to { $last } of conversation { $conversation }
detail-inflated-from = inflated from { $bytes }
detail-packet-part = { $recorded } of { $whole }

# The bit diagram, in characters and drawn.
diagram-fold = … { $bytes } of { $name } …
diagram-not-recorded = { $name }: { $bytes }, not recorded
diagram-masked = masked
diagram-key = key
diagram-plain = plain
diagram-same-way = … { $bytes } in the same way

# What an exported file says about itself.
export-comment = Only items { $first } to { $last } of conversation { $conversation } are in it, behind the opening handshake if that was recorded. What stood between the two is left out.
export-no-handshake = the handshake was not recorded
detail-folded = the bits of { $items } are folded: --all shows them, --filter chooses items
