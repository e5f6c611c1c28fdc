# What the commands say, on standard output and on standard error.

# What several commands say.
cli-no-output = cannot write the output: { $error }
cli-no-file-no-command = cannot open { $name }: there is no such file, and no such command; framescope --help lists them
cli-wrong-arguments = { $error }; { $command } --help lists what there is
cli-no-zone = the time zone of this computer is not known: { $error }; --time utc does without
cli-no-threads = cannot start the threads that sockets need: { $error }
cli-no-conversation = there is no conversation { $number }: the file has { $count }, counted from 1
cli-no-conversation-of = there is no conversation { $number }: { $name } has { $count }, counted from 1
cli-cannot-write = cannot write { $name }: { $error }
cli-cannot-record = cannot record: { $error }
cli-cannot-record-to = cannot write the recording { $name }: { $error }
cli-no-window = this program was built without its window; framescope --help lists the commands, and a build with the feature `window` has it
cli-no-window-lesson = this program was built without its window; framescope --help lists the commands, and a build with the feature `window` has it; `framescope lesson { $name } --text` tells the lesson here
cli-progress = { $bytes } of { $total }, { $speed }, { $left } left

# dissect and list
list-shown = { $shown } of { $conversations }
list-column-conversation = no.
list-column-layer = layer
list-column-protocol = protocol
list-column-client = client
list-column-server = server
list-column-url = where to
list-column-start = start
list-column-duration = duration
list-column-client-messages = → messages
list-column-client-bytes = → bytes
list-column-server-messages = ← messages
list-column-server-bytes = ← bytes
list-column-ratio = ratio
list-column-ping = slowest ping
list-column-state = state
list-column-findings = findings
dissect-follow-one = --follow reads one file until it is interrupted: name one

# decode
decode-nothing = there are no bytes to decode: give them as hexadecimal digits, such as 81 05 48 65 6c 6c 6f
decode-bytes = { $count ->
    [one] { $shown } byte
   *[other] { $shown } bytes
} from { $side ->
    [client] the client
   *[server] the server
}, read as { $protocol }
decode-raw = --raw reads standard input: write `-` in place of the hexadecimal digits
decode-no-input = cannot read standard input: { $error }
decode-too-much = more than { $most } bytes to decode; save them as a capture and use dissect
decode-not-text = standard input is not text: use --raw if it holds the bytes themselves

# explain
explain-fields = Fields: the parts of items and packets
explain-rules = Rules: what findings refer to
explain-unknown = no field and no rule is called `{ $id }`: framescope explain, without an id, lists them all

# export
export-no-such-item = there is no item { $number }: conversation { $conversation } has { $count }, counted from 1
export-say-format = say --format pcapng, json, csv or har, or give -o a name that ends so
export-no-har = conversation { $number } has neither HTTP nor messages: there is nothing that a HAR could hold

# packets
packets-unreadable = no packet can be read in { $name }: a compressed capture is to be decompressed first
packets-no-packet = there is no packet { $number }: { $name } has { $count }, counted from 1; { $shown } shown

# figure
figure-no-kind = name a kind of figure: bits, ladder, derivation or layers; or --book
figure-ending = figures are written as SVG or PNG: let { $name } end with .svg or .png
book-missing-file = { $name } is missing
book-new = { $name } is new
book-stale = { $name } is out of date
book-changed = { $name } has changed
book-unasked = { $name } is asked for by no manifest
book-removed = { $name } was removed: no manifest asks for it
book-checked = { $count } generated files, { $stale } not as they should be
book-made = { $count } generated files, { $stale } changed
book-make-anew = make them anew: framescope figure --book { $name }
book-no-program = cannot find the program: { $error }
book-not-run = cannot run the program: { $error }
book-no-text = the command prints something else than text
table-argument = argument
table-does = what it does
table-without = without it

# book
book-no-pages = the book's pages are not beside the program: make them with `mdbook build book` in a checkout, or read it in the window
book-no-browser = no browser can be opened: { $error }; the book is at { $name }

# man
man-unknown = no command is called `{ $name }`; there are { $known }

# connect
connect-over = { $how }; { $answers } of { $expected } answers
connect-how-clean = { $by ->
    [client] this client
   *[server] the server
} closed with { $code }{ $reason }, cleanly
connect-how-reset = the server reset the connection (RST) without a Close
connect-how-reset-unanswered = the server reset the connection (RST) and did not answer the Close
connect-how-fin = the server ended the connection (FIN) without a Close
connect-how-fin-unanswered = the server ended the connection (FIN) and did not answer the Close
connect-how-broken = the connection broke: { $error }
connect-how-silent = the server did not answer the Close in time
connect-not-closed = the server did not close in time; --timeout gives it more
connect-too-few = { $answers } of { $expected } answers came in time; --timeout gives more time
connect-stopped = stopped before the handshake was over
connect-stopped-before = stopped when { $answers } of { $expected } answers had come
connect-ended-before = { $how }, when { $answers } of { $expected } answers had come
connect-not-cleanly = { $how }
connect-closed-otherwise = { $how }, and not with 1000 or 1001
connect-line-not-text = line { $line } of standard input is not UTF-8: it and what follows was not sent
connect-line-too-long = line { $line } of standard input has more than { $most } bytes: it and what follows was not sent

# connect, at the keyboard
keyboard-none = the terminal cannot be typed on: { $error }; write messages a line each with --send -
keyboard-begin = A line is a text message. /help lists the commands, Ctrl-D closes.
keyboard-ping = sends a ping with this text
keyboard-close = closes with a code and a reason; 1000 where there is none
keyboard-binary = sends a binary message of these bytes
keyboard-frame = sends these bytes as they are, right or wrong
keyboard-slash = sends a text that begins with a slash
keyboard-help = says this
keyboard-unknown = there is no command /{ $name }; /help lists them, and //{ $name } sends it as a text
keyboard-no-code = `{ $code }` is no close code: write /close 1000 and a reason
keyboard-no-bytes = write the bytes as hexadecimal digits, such as 81 05 48 65 6c 6c 6f

# replay
replay-nothing = nothing
replay-item = { $kind } of { $bytes } bytes
replay-sent = sent { $count } bytes of the client
replay-stopped = stopped before its end
replay-in-vain = { $count } answers were waited for in vain
replay-missing = recorded: { $recorded }; now: { $answered }
replay-all-same = the server answered as it did: { $count } items
compare-kind = kind
compare-status = status
compare-header = header { $name }
compare-body = body
compare-first-byte = first byte
compare-payload = payload
compare-message = message
compare-bytes = bytes
compare-shown =
    .complete = complete
    .goes-on = goes on
    .bytes = { $length } bytes, from byte { $from }: { $piece }

# serve, and what happens on its connections.
serve-listening = listening on ws://{ $address }/
serve-faulty = This server { $mistake }.
serve-policy = serving the Flash policy file on { $address }
serve-reachable = this address can be reached from other machines
serve-recorded = recorded { $bytes } bytes to { $file }
serve-recorded-faulty = { $bytes } bytes recorded to { $file }
serve-cannot-complete = cannot complete the recording { $name }: { $error }
serve-cannot-listen = cannot listen on { $place }: { $error }
serve-in-use = another program listens there: give another address with --listen, port 0 for any free one
serve-not-permitted = ports below 1024 are for the superuser: give a higher one
serve-no-such-address = this machine has no such address
event-policy-served = was sent the Flash policy file
event-held-back = { $method } { $target }: held back
event-said = said { $data }
event-open = open: { $agreed }
event-no-code = without a code
event-bytes = { $count ->
    [one] { $shown } byte
   *[other] { $shown } bytes
}
event-refused = refused with { $status }: { $finding }
event-failed = failed: { $finding }
event-closed-cleanly = closed cleanly, { $code }
event-closed-uncleanly = closed uncleanly, { $code }
event-connected = connected
event-opening-timed-out = opening handshake
event-closing-timed-out = closing handshake
event-idle = idle
event-not-sent = not sent: { $error }
event-disconnected = disconnected
event-disconnected-because = disconnected: { $error }
event-too-many = refused with 503: too many connections are open
event-cannot-accept = cannot accept a connection: { $error }
event-dropped = { $count } lines were left out: more happens than can be printed

# lesson
lesson-no-home = there is no home directory in which progress could be kept
lesson-progress-unreadable = cannot read the progress in { $name }: { $error }
lesson-progress-not-kept = cannot keep the progress in { $name }: { $error }
lesson-cannot-reset = cannot reset { $name }: { $error }
lesson-was-reset = Nothing is done yet in { $name }.
lesson-all-reset = Nothing is done yet in any lesson.
lesson-list-about = framescope lesson NAME --text plays one here; --challenge asks before it shows.
lesson-list-row = { $minutes } min  { $done } of { $count }
lesson-check-message = message { $number }: { $kind } of items { $first } to { $last }
lesson-check-unreadable = { $name }: step { $step }: the wrong answer { $answer }
lesson-check-right = { $name }: step { $step }: the wrong answer { $answer } is right
lesson-check-step = step { $number }: { $right }
lesson-play-about = Answer each question and press Enter. `show` gives the answer, `items` lists the items, `back` goes back, `quit` leaves.
lesson-play-whole = That was the whole lesson.
lesson-play-end = The end.
lesson-play-fields = Its fields: { $ids }
lesson-play-right = Right.
lesson-play-wrong = Not that.
lesson-play-connection = Connection { $number }
lesson-play-item = Item { $number }, from { $side ->
    [client] the client
   *[server] the server
}: { $kind }, { $bytes } bytes
lesson-play-item-of = Item { $number } of connection { $connection }, from { $side ->
    [client] the client
   *[server] the server
}: { $kind }, { $bytes } bytes
lesson-play-packet = Packet { $number }, { $bytes } bytes
lesson-play-hidden = you will find out
