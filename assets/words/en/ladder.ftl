# The ladder, the filter line, the replay bar.

ladder-none = Choose a conversation to see what was said.
ladder-empty = Nothing was said yet.
ladder-silent = The connection ended, and no bytes were sent.
ladder-hidden = { $count ->
    [one] { $shown } encrypted byte stays hidden: no keys are known.
   *[other] { $shown } encrypted bytes stay hidden: no keys are known.
}
ladder-list = Items, time running down
ladder-scroll-bar = Place in the items
ladder-client = client
ladder-server = server
ladder-row = Item { $number }, { $side }, { $kind }, { $size }
ladder-row-findings = { $count ->
    [one] one finding
   *[other] { $count } findings
}, the worst: { $worst ->
    [error] error
    [warning] warning
   *[note] note
}
ladder-size = { $size } B
ladder-round-trip = round trip { $time }
ladder-time = { $time } s after the first item
ladder-step = { $time } after the item before
ladder-packet = Packet { $packet }
ladder-packets = Packets { $packets }
ladder-pieces = { $count ->
    [one] Its bytes arrived at once
   *[other] Its bytes arrived in { $count } parts
}
ladder-shared-before = together with the end of what the { $side } sent before
ladder-shared-behind = together with the beginning of what the { $side } sent next
ladder-shared-both = together with the end of what the { $side } sent before and the beginning of what it sent next
ladder-fragment = A fragment of the message in items { $first } to { $last }
ladder-fin = FIN
ladder-rst = RST
ladder-edit-resend = Edit and resend…
ladder-export = Export…
ladder-copy = Copy as text
ladder-copied-part = … and { $count } more items

ladder-follow = Follow
ladder-follow-about = Stay at the newest item while items come. Off, the list never moves by itself.
ladder-hide-control = Hide control frames
ladder-hide-control-about = Leave out ping, pong and close.
ladder-count-part = { $found } of { $items } items
ladder-count-looking = { $found } items found, { $percent } % searched

ladder-filter = Filter
ladder-filter-about = Which items are shown (Ctrl+F)
ladder-filter-hint = Filter, as in: from:client opcode:text Hello
ladder-filter-clear = Clear the filter
ladder-filter-help = What can stand in a filter
ladder-filter-help-about = Terms side by side must all hold. Click an example to try it.
ladder-filter-error = At character { $place }: { $error }

filter-help-word = items with this text
filter-help-text = the same, with spaces
filter-help-regex = a regular expression; i for any case
filter-help-hex = items with these bytes
filter-help-from = who sent it: client or server
filter-help-kind = frame, http, policy, gap, unparsed
filter-help-opcode = text, binary, continuation, close, ping, pong
filter-help-opcode-number = the opcode as a number
filter-help-finding = any finding, or error, warning, note
filter-help-rule = a rule, or all rules that begin so
filter-help-size = bigger than so many bytes; also <, <=, >=, =
filter-help-message = the frames of a message, by its number
filter-help-masked = frames with a mask, or without
filter-help-fin = frames that are not the last of their message
filter-help-and = both
filter-help-or = one of both
filter-help-not = all but these
filter-help-group = parentheses group

replay-none = No conversation is chosen.
replay-to-start = To the start
replay-back = One item back
replay-play = Play
replay-pause = Pause
replay-forward = One item forward
replay-leave = Show all
replay-leave-about = Leave the replay
replay-speed = Speed of the replay
replay-place = Place in time
replay-times = { $now } of { $whole }
replay-no-findings = No findings
replay-next-finding = Go to the next one
