# The panels of the workspace.

panel-conversations = Conversations
panel-ladder = Ladder
panel-inspector = Inspector
panel-composer = Composer
panel-replay = Replay
panel-packets = Packets
panel-statistics = Statistics
panel-api = WebSocket API
panel-book = Book
panel-lesson = Lessons
panel-tab = { $name } panel

# The row at the top.
toolbar-connect = Connect as
toolbar-captures = Captures
toolbar-recent = Recent files
toolbar-panels = Panels
toolbar-commands = Commands
toolbar-projector = Projector
toolbar-language = Language

version-hixie-75 = hixie-75 (2009–2010, the Flash era)
version-hixie-76 = hixie-76 (2010, MD5)
version-hybi-2 = hybi-1 to hybi-3 (2010)
version-hybi-4 = hybi-4 (2011)
version-hybi-5 = hybi-5 (2011)
version-hybi-6 = hybi-6 (2011)
version-hybi-7 = hybi-7 (2011)
version-hybi-8 = hybi-8 (2011)
version-rfc6455 = RFC 6455 (today)
version-flash-policy = Flash socket policy
version-http = HTTP
version-unknown = Unknown

# The list of conversations.
conversations-live = Live
conversations-server = Server { $address }
conversations-sampled = { $count } messages of the last second were not told one by one. All of them are recorded.
conversations-stop = Stop
    .about = Stop the server
conversations-recording = Recording { $file }
conversations-stop-recording = Stop
    .about = Stop recording
conversations-stop-opening = Stop
conversations-following = The file is followed while it grows
conversations-stop-following = Stop
    .about = Stop following the file
conversations-close = Close { $name }
conversations-scroll-bar = Place in the conversations
conversations-none = No conversations yet. Start the demo, or open a capture.
conversations-row = Conversation { $number }, { $protocol }, { $state }, client { $client }
conversations-outside = from outside
conversations-outside-about = Another program connected this client.
state-incomplete = handshake incomplete
state-invalid = handshake invalid

# The empty window.
welcome-what = See the WebSocket protocol, every version of it, down to each bit.
welcome-demo = A server on this machine and one client of each version, 2009 to today, talking.
welcome-open = pcap, pcapng or snoop, also compressed with gzip, xz or zstd. Or drop a file on this window.
welcome-paste = Hexadecimal digits of a frame or a handshake, from anywhere.
welcome-book = Open the book
welcome-book-about = From the first socket to RFC 6455, with experiments in this window.
welcome-lessons = Take a lesson
welcome-lessons-about = Short experiments with questions, checked against the real bytes.
welcome-recent = Recent files
welcome-bundled = Bundled captures
welcome-bundled-about = Recorded from the software of the time. Pick one to look into it.
welcome-museum = Museum of broken frames
welcome-museum-about = Each of these breaks one rule.

# Notices.
notice-copy = Copy
notice-dismiss = Put away
