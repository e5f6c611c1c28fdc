# What is said of findings: `finding-RULE.form`, by the rule's id and the form that the code names. A finding without a
# form says the rule itself.

# Said in place of a value of the wire that holds nothing, so that no sentence has a hole.
finding-empty-value = (empty)

finding-broken = rule not kept: { $title }

finding-tls_record_too-long =
    .length = a fragment of { $length } bytes, where { $limit } is the most
finding-tls_record_type =
    .type = no specification knows the content type { $number }
finding-tls_record_empty =
    .kind = an empty record of type { $kind }
finding-tls_handshake_malformed =
    .lengths = a length in { $message } does not fit
finding-tls_alert_fatal =
    .alert = { $side ->
        [client] the client
       *[server] the server
    } ends the connection with a { $level } alert: { $name }
finding-tls_unasked =
    .answer = { $side ->
        [client] the client speaks TLS here, where HTTP was begun
       *[server] the server answers in TLS: this port is for wss:, and the client spoke ws:
    }
    .hello = The client begins with TLS, and this port speaks none: ws: is the address, not wss:
    .plain = the server answers a ClientHello in HTTP: this port is for ws:, and the client spoke wss:
finding-http2_not-spoken =
    .read = this is HTTP/2: its frames are not read
    .served = The client begins with HTTP/2, and this server speaks HTTP/1.1
finding-tls_keys_missing =
    .none = what is inside these records is encrypted, and no keys are known: its bytes stay hidden
    .bytes = no keys are known: { $client } bytes of the client and { $server } of the server stay encrypted
# Sides, for sentences about one of them and about the other.
finding-side = { $side ->
    [client] client
   *[server] server
}
finding-other = { $other ->
    [client] client
   *[server] server
}

# Fields of a handshake.
finding-field-absent = There is no { $name }
finding-field-repeated = { $name } stands there more than once

# Frames of hybi-07 to RFC 6455.
finding-rfc6455_frame_rsv-without-extension =
    .one = RSV{ $bit } is set, and no agreed extension gives a meaning to that
    .two = RSV{ $first } and RSV{ $last } are set, and no agreed extension gives a meaning to that
    .three = RSV1, RSV2 and RSV3 are set, and no agreed extension gives a meaning to that
finding-hybi_frame_other-version =
    .hixie = the { $side }'s frames are those of hixie-76, not of { $protocol }
    .connection-key = the { $side } masks with the connection's key itself: the draft wants SHA-1 of each frame's nonce and that key
    .later-mask = the { $side } puts the key behind the length and masks the payload alone, as hybi-07 does; { $protocol } masks the whole frame
    .bare = the { $side } does not mask its frames, as { $protocol } demands
finding-hybi_frame_tells-version =
    .more = no frame of hixie-76 begins like this: hybi-01 is spoken, which has the same handshake
finding-rfc6455_frame_reserved-opcode =
    .reserved = opcode { $opcode } is reserved: nothing says what it means
finding-rfc6455_mask_client-must-mask =
    .bare = the client sent this frame without a mask
finding-rfc6455_mask_server-must-not-mask =
    .masked = the server masked this frame
finding-rfc6455_length_minimal =
    .bits = the length { $length } is written with { $written } bits, where { $enough } are enough
finding-rfc6455_control_too-long =
    .claims = this { $kind } frame claims { $length } bytes of payload, and a control frame has at most { $limit }
finding-rfc6455_control_fragmented =
    .fin = this { $kind } frame has FIN 0
finding-rfc7692_rsv1_position =
    .control = RSV1 is set on a { $kind } frame: control frames are never compressed
    .fragment = RSV1 is set on a { $kind } frame: it says so once, on the message's first frame

# Messages.
finding-rfc6455_fragment_interrupted =
    .begins = a { $kind } message begins before the { $before } message is complete
finding-rfc6455_fragment_nothing-to-continue =
    .nothing = no message has begun that this frame could continue
finding-rfc6455_message_too-large =
    .large = the message has at least { $size } bytes, and the limit is { $limit }
finding-rfc6455_text_invalid-utf8 =
    .byte = byte { $index } of the text, { $byte }, cannot stand there in UTF-8
    .inflated = byte { $index } of the inflated text, { $byte }, cannot stand there in UTF-8
finding-rfc6455_text_cut-utf8 =
    .cut = the text ends after { $count } of the bytes of a character
finding-rfc6455_pong_unsolicited =
    .alone = no ping waits for this pong: it is a sign of life
finding-rfc6455_pong_payload-differs =
    .differs = the latest ping has { $ping } bytes and this pong { $pong }, and they differ; no other unanswered ping fits either

# The closing handshake.
finding-rfc6455_close_reserved-code =
    .no-code = code { $code } ({ $name }) is never sent: an API reports it when the close frame had no code
    .no-frame = code { $code } ({ $name }) is never sent: an API reports it when the connection ended without a close frame
    .no-tls = code { $code } ({ $name }) is never sent: an API reports it when TLS failed
finding-rfc6455_close_code-range =
    .reserved = code { $code } is reserved: it has no meaning yet
    .unused = code { $code } is not used: codes begin at 1000
    .unregistered = code { $code } is not in the registry, which gives out 1000 to 2999
    .outside = code { $code } lies beyond every range: the specification says nothing of 5000 and above
    .later = code { $code } has no meaning in { $version } yet; RFC 6455 calls it { $name }
finding-rfc6455_close_reason-utf8 =
    .byte = byte { $index } of the reason, { $byte }, cannot stand there in UTF-8
    .cut = the reason ends inside a character
finding-rfc6455_close_data-after =
    .sent = the { finding-side } sends this { $kind } frame after its close frame
    .late = After a close frame its sender sends no more data frames
finding-rfc6455_close_no-answer =
    .never = the { finding-side } sent a close frame, and the { finding-other } never answered it
    .this-frame = { $side ->
        [client] the client
       *[server] the server
    } never answered this close frame with its own

finding-rfc6455_close_missing =
    .fin = the { finding-side } ended the connection with FIN, and nobody had sent a close frame
    .reset = the { finding-side } threw the connection away with RST, and nobody had sent a close frame

# Frames of hixie-75 and hixie-76.
finding-hixie_length_overflow =
    .bytes = after { $count } bytes the base-128 length no longer fits in 64 bits, and this reader counts no further
finding-hixie_frame_unknown-type =
    .dropped = frame type { $number } has no meaning: { $side ->
        [client] the server reads up to FF and drops what it read, or disconnects
       *[server] the client reads up to FF and drops what it read
    }
finding-hixie_frame_binary =
    .skipped = frame type { $number } with a length has no meaning: { $side ->
        [client] the server skips its { $length } bytes, or disconnects
       *[server] the client skips its { $length } bytes
    }
finding-hixie_text_invalid-utf8 =
    .byte = byte { $at } of the frame is not UTF-8: { $side ->
        [client] what the server makes of it is not defined
       *[server] the client reads it as U+FFFD
    }
    .bytes = bytes { $first } to { $last } of the frame are not UTF-8: { $side ->
        [client] what the server makes of them is not defined
       *[server] the client reads them as U+FFFD
    }
finding-hixie_text_unterminated =
    .connection = The connection ends inside a text frame
    .before-ff = the stream ends before the FF that ends the text
finding-hixie76_close_no-answer =
    .never = { $side ->
        [client] the client never answered FF 00 with FF 00, as it must
       *[server] the server never answered FF 00 with FF 00; no text orders a server to
    }
finding-hixie76_close_missing =
    .fin = the { finding-side } ended the connection with FIN, and nobody had sent FF 00
    .reset = the { finding-side } threw the connection away with RST, and nobody had sent FF 00

# Opening requests.
finding-rfc6455_handshake_request-line =
    .method = The method is { $method }, not GET
    .version = { $version } is older than HTTP/1.1
finding-rfc6455_handshake_host =
    .missing = The request does not name the host
    .twice = The request names the host twice
finding-rfc6455_handshake_upgrade-token =
    .missing = The request does not ask to upgrade to websocket
    .plain = The request asks for no WebSocket
finding-rfc6455_handshake_connection-token =
    .missing = Connection does not name Upgrade
finding-rfc6455_handshake_key-count =
    .absent = { finding-field-absent }
    .repeated = { finding-field-repeated }
finding-rfc6455_handshake_key-size =
    .size = The key decodes to { $size } bytes, not 16
    .base64 = The key is not base64
finding-hybi4_handshake_nonce =
    .absent = { finding-field-absent }
    .repeated = { finding-field-repeated }
finding-hybi5_close_initiator =
    .other = the body begins with { $byte }, neither 43 for the client nor 53 for the server
    .empty = the body is empty: it has to say who began to close
finding-hybi4_close_acknowledgement =
    .differs = the { $side } answers with another body: by the draft a close of its own, no acknowledgement
finding-rfc6455_handshake_version =
    .draft = Sec-WebSocket-Draft { $version } is none that was ever published: 2 says hybi-02 or hybi-03
    .absent = { finding-field-absent }
    .repeated = { finding-field-repeated }
    .unknown = Version { $version } is none of { $others } and { $last }
    .not-spoken = This server does not speak { $protocol }
finding-rfc6455_handshake_old-origin =
    .old = Version 13 calls this field Origin; Sec-WebSocket-Origin is its name in older drafts
finding-rfc6455_handshake_early-data =
    .bytes = { $count } bytes follow the request before its answer
finding-hixie76_key_count =
    .absent = { finding-field-absent }
    .repeated = { finding-field-repeated }
finding-hixie76_key_no-spaces =
    .key = { $name } holds no spaces
finding-hixie76_key_not-multiple =
    .rest = { $name }: { $number } is not a multiple of { $spaces } spaces
    .no-digits = { $name } holds no digits
finding-hixie76_key_number-too-large =
    .key = { $name }: the digits are a number above 4294967295
finding-hixie76_key3_short =
    .short = { $count } of the 8 bytes of key3 are there
    .came = { $count } of the 8 bytes of key3 came
finding-hixie76_key3_announced =
    .announced = Content-Length announces the eight bytes of key3, for the sake of proxies

# Answers to opening requests.
finding-rfc6455_handshake_status =
    .refused = The server answers { $status } { $reason }: no WebSocket is opened
    .bare = The server answers { $status }: no WebSocket is opened
finding-rfc6455_handshake_origin =
    .from = The server says 403 to a request from { $origin }
    .without = The server says 403 to a request without an origin
    .pages = Pages of { $origin } may not connect
finding-rfc6455_handshake_versions-not-listed =
    .missing = The refusal does not list the versions that the server speaks
finding-rfc6455_handshake_response-upgrade =
    .upgrade = The response does not upgrade to websocket
    .repeated = { finding-field-repeated }, and its whole value must be websocket
    .value = The whole value of Upgrade must be websocket, and it is { $value }
    .connection = Connection does not name Upgrade
finding-rfc6455_handshake_accept =
    .absent = { finding-field-absent }
    .repeated = { finding-field-repeated }
    .differs = The accept value of the key { $key } is { $expected }
finding-rfc6455_handshake_subprotocol =
    .absent = { finding-field-absent }
    .repeated = { finding-field-repeated }
    .strange = The client did not offer the subprotocol { $name }
    .empty = { $name } is empty: it names no subprotocol
    .several = The server chooses { $count } subprotocols at once, { $names }, where it may choose one
finding-rfc6455_handshake_subprotocol-offer =
    .none = { $name } is there and names no subprotocol
    .no-token = The subprotocol { $name } is no token: it holds a character that no name may hold
    .twice = The subprotocol { $name } is offered twice
finding-http_upgrade_unasked =
    .websocket = The client never asked for a WebSocket
    .half = The request names websocket in Upgrade, but it is no opening handshake of any version
    .other = The client never asked for { $name }
    .nowhere = The server switches protocols and does not say to which
finding-rfc6455_handshake_extension =
    .strange = The client did not offer the extension { $name }
    .agreed-twice = The server agrees to { $name } twice
    .quote-open = the quoted value has no closing quote
    .quote-empty = a quoted value is a token and so not empty
    .ends = the value ends where { $wanted ->
        [separator] `;`, `,` or the end
        [extension] the name of an extension
        [parameter] the name of a parameter
        [value] a value
       *[quoted] a value that is a token, quoted or not
    } should be in Sec-WebSocket-Extensions
    .character = there is `{ $character }` where { $wanted ->
        [separator] `;`, `,` or the end
        [extension] the name of an extension
        [parameter] the name of a parameter
        [value] a value
       *[quoted] a value that is a token, quoted or not
    } should be in Sec-WebSocket-Extensions
    .byte = there is the byte { $byte } where { $wanted ->
        [separator] `;`, `,` or the end
        [extension] the name of an extension
        [parameter] the name of a parameter
        [value] a value
       *[quoted] a value that is a token, quoted or not
    } should be in Sec-WebSocket-Extensions
    .other = { $name } is not { $extension }
    .not-offered = the client did not offer { $extension }
    .unknown-parameter = { $extension } has no parameter called { $name }
    .parameter-twice = { $name } stands twice in one { $extension }
    .no-value = { $name } has no value, but here it has `{ $value }`
    .not-agreed = the client asked for { $name }, and the answer does not agree to it
    .not-asked = the answer has { $name }, which the client did not offer
    .bad-offer = the server accepts { $extension }, and no offer of it is one that a server may accept
    .window-larger = the client asked for { $name }={ $asked } or less, and the answer means { $answered }
finding-hixie75_answer_fixed =
    .status = the first line is not, byte by byte, the { $length } bytes of `{ $wanted }` and CR LF
    .fields = the { $length } bytes behind the status line are not `Upgrade: WebSocket` and `Connection: Upgrade`, in this order and byte by byte
finding-hixie_handshake_upgrade =
    .absent = { finding-field-absent }
    .repeated = { finding-field-repeated }
    .letters = Upgrade is { $value }, not WebSocket letter by letter
    .connection = Connection is not Upgrade
finding-hixie_handshake_mismatch =
    .absent = { finding-field-absent }
    .repeated = { finding-field-repeated }
    .origin = { $name } is { $value }, but the request came from { $asked }
    .asked = { $name } is { $value }, but the request asked for { $asked }
finding-hixie76_answer_wrong =
    .differs = The 16 bytes are not MD5 of the challenge
    .short = { $count } of the 16 bytes of the answer are there
finding-handshake_incomplete =
    .no-answer = The server closed the connection without an answer
    .cut-answer = The server closed the connection after { $count } bytes of its answer
    .request = The connection ends inside a request
    .cut = the opening handshake is not whole: half of it is cut or missing
    .no-response = the opening handshake is not whole: no response to it
    .unheard = the opening handshake is not whole: nothing that the { finding-side } sent is in the recording
finding-http_head_malformed =
    .sent = The request that was sent is no HTTP
    .control = The control character { $byte } stands in the first line
    .control-value = The control character { $byte } stands in this line
    .empty-before = An empty line stands before the response: something sent more than it announced
    .method-long = The first word is too long for a method
    .method = A request begins with a method and a space
    .response = A response begins with HTTP/
    .request-line = A request line has a method, a target and a version
    .request-version = A request line ends with HTTP/ and a version
    .no-target = The request line has no target
    .request-spaces = The parts of the request line are set apart by one space each
    .status = A status has three digits
    .no-space = No space stands behind the status
    .status-space = One space stands between version and status
    .version = A version is HTTP/, a digit, a dot and a digit
    .no-colon = The line has no colon
    .no-name = No name stands before the colon
    .name = The name holds characters that no name may hold
    .carriage = A carriage return stands inside a line
    .nul = A NUL byte stands inside a line
finding-http_head_too-large =
    .queued = Too much is sent before the answer
    .no-empty-line = no empty line in { $limit } bytes
    .no-end = No end of the head within { $limit } bytes

# What an endpoint does when its peer breaks a rule.
consequence-recording = It is about the recording: no endpoint does anything about it.
consequence-goes-on = An endpoint goes on.
consequence-close = An endpoint closes the connection with { $code }.
consequence-refuse = A server refuses the request with { $status }.
consequence-drop = An endpoint drops the connection.

# In which drafts a rule binds.
drafts-of-rule =
    .one = The rule holds in { $first }.
    .range = The rule holds from { $first } to { $last }.
    .advised = The rule holds from { $first } to { $last }; the texts from { $advised } on say it without force.

finding-stream_gap = { rule-stream_gap.title }
    .behind = { $missing } bytes behind this are missing from the recording
    .gap = { $missing } bytes of { $side ->
        [client] the client
       *[server] the server
    } were sent but not recorded
finding-stream_ends-inside = { rule-stream_ends-inside.title }
    .prelude = { $what ->
        [connection] the connection
       *[recording] the recording
    } ends inside this message
    .record = the record's header promises { $length } bytes, and { $what ->
        [connection] the connection
       *[recording] the recording
    } ends after { $got }
    .record-header = { $what ->
        [connection] the connection
       *[recording] the recording
    } ends inside the record's header
    .head = { $what ->
        [connection] the connection
       *[recording] the recording
    } ends inside this head
    .frame-header = { $what ->
        [connection] the connection
       *[recording] the recording
    } ends inside the frame's header
    .payload = the header promises { $promised } bytes of payload, and { $what ->
        [connection] the connection
       *[recording] the recording
    } ends after { $there }
    .sized = the frame promises { $promised } bytes; { $what ->
        [connection] the connection
       *[recording] the recording
    } ends before
finding-stream_unparsed = { rule-stream_unparsed.title }
    .rest-of-cut = the rest of the item that the gap cut
    .no-records = no TLS records that fit were found in these bytes
    .first = { $side ->
        [client] the client
       *[server] the server
    }'s first byte is { $byte }: no policy request, no HTTP
    .first-tls = { $side ->
        [client] the client
       *[server] the server
    }'s first byte is { $byte }: a TLS record, so this may be wss, and what is inside is encrypted
    .begins = byte { $at } of { $side ->
        [client] the client
       *[server] the server
    }'s stream is { $byte }: no policy request, no HTTP
    .begins-tls = byte { $at } of { $side ->
        [client] the client
       *[server] the server
    }'s stream is { $byte }: a TLS record, so this may be wss, and what is inside is encrypted
    .upgraded = the connection was upgraded to something that is not a WebSocket
    .no-policy-request = these bytes begin with <, but they do not ask for a policy file
    .no-frames = from byte { $at } of { $side ->
        [client] the client
       *[server] the server
    }'s stream on these are no frames: the first would break { $broken } rules
    .fits-again = these bytes fit no frame; from byte { $at } of { $side ->
        [client] the client
       *[server] the server
    }'s stream on frames fit again
    .chunks = these are chunks of HTTP, not frames: { $size } is the size of the first, and a 101 has no body
    .nothing-fits = no frames that fit were found in these bytes
    .rest = the rest of the item that the gap cut
finding-stream_guess = { rule-stream_guess.title }
    .record = TLS records fit from here on, so a record probably begins here: this is a guess
    .here = several frames in a row fit from here on, so a frame probably begins here: this is a guess
    .told = no handshake was recorded; read as { $protocol }, as you said
    .bytes = no handshake was recorded; read as { $protocol }, a guess from the bytes
    .frames = the request was not recorded; read as { $protocol }, a guess from the first frame
# What stands before a conversation: PROXY and SOCKS.
finding-proxy_header_malformed =
    .keyword = The line does not begin with PROXY and a space
    .signature = The signature of a PROXY header of version 2 ends here: this byte differs
    .line-end = The line ends with CR LF together, not with one of them
    .too-long = No CR LF ends the line within { $limit } bytes
    .protocol = { $value } is not TCP4, TCP6 or UNKNOWN
    .words = The line has { $found ->
        [one] one word
       *[other] { $found } words
    } between single spaces, not { $expected }
    .address = { $value } is no address for { $family }
    .port = { $value } is no port: 0 to 65535 in decimal digits, without zeros before it
    .version = The version is { $version }, not 2: what follows has another shape
    .command = The command is { $command }, neither LOCAL (0) nor PROXY (1)
    .family = The address family { $family } is unassigned
    .transport = The transport protocol { $transport } is unassigned
    .short = The header has { $length } bytes behind its length; its addresses need { $needed }
    .tlv = These bytes are no typed value that ends within what holds it
    .checksum-length = The checksum has { $length } bytes, not 4
    .checksum = The checksum is { $found }; that of the header is { $computed }
    .unique-id = The unique id has { $length } bytes, more than { $limit }
    .cut = The stream ends after { $length } bytes of the header
finding-socks_message_malformed =
    .version = The version is { $found }, not { $expected }
    .code = No reply has the code { $code }
    .no-nul = No zero byte ends the text within { $limit } bytes
    .empty-name = The name of the host is empty
    .no-methods = The client offers no method
    .not-offered = The proxy chose method { $method } ({ $name }), which the client did not offer
    .empty-user = The user name is empty
    .empty-password = The password is empty
    .reserved = The reserved byte is { $value }, not 0
    .address-type = The type of address { $kind } is unassigned: where the message ends is unknown
    .cut = The stream ends after { $length } bytes of the message
finding-socks_refused =
    .reply = The proxy said no: { $code }, { $name }
    .methods = The proxy accepts none of the methods that the client offered
    .password = The proxy refused user name and password with status { $status }
finding-socks_command =
    .bind = BIND: the proxy waits for a connection from outside; it replies a second time when it has come
    .udp = UDP ASSOCIATE: datagrams are relayed elsewhere; this connection only keeps that alive
    .other = The command { $command } is unassigned
# What the dissector says: of bytes that are missing, that are cut, and that nobody understands.
finding-stream_begins-inside =
    .opening = the connection was open before the recording began: its opening is not in it
    .open-before = the connection was open before the recording began: its opening is not in it
finding-http_body_cut =
    .before = { $what ->
        [connection] the connection
       *[recording] the recording
    } ends { $left } bytes before the body does
    .chunks = { $what ->
        [connection] the connection
       *[recording] the recording
    } ends before the last chunk
finding-flash_policy_not-a-policy =
    .http = a policy request is answered with HTTP ({ $status }): Flash Player takes that for no
    .request = A policy request is <policy-file-request/>
    .begins = The answer to a policy request does not begin with <
    .no-policy = There is no cross-domain-policy in the answer
finding-rfc6455_ping_no-answer =
    .this-ping = { $side ->
        [client] the client
       *[server] the server
    } never answered this ping with a pong

finding-rfc7692_window-bits =
    .needs-value = { $name } needs a value from 8 to 15 here
    .answer-value = { $name } needs a value in an answer
    .no-number = { $name } is a number from 8 to 15 without leading zeros, and here it is `{ $value }`
finding-rfc7692_offer_parameter =
    .parameter-twice = { $name } stands twice in one offer of { $extension }: a server declines it
    .no-value = { $name } has no value, but here it has `{ $value }`: a server declines the offer
    .needs-value = { $name } needs a value from 8 to 15 here: a server declines the offer
    .no-number = { $name } is a number from 8 to 15 without leading zeros, and here it is `{ $value }`: a server declines the offer
finding-rfc7692_offer_unknown-parameter =
    .unknown-parameter = RFC 7692 defines no parameter { $name } for { $extension }: a server that does not know it declines the offer
finding-rfc7692_inflate_failed =
    .data = the compressed message is no DEFLATE stream, or copies from before its window
    .lost = the compressed message copies from { $distance } bytes back, which were lost
    .lost-before = the compressed message copies from { $distance } bytes back, which were lost when an earlier message did not inflate
    .window = the compressed message copies from { $distance } bytes back, which takes a window of { $needed } bits, but { $agreed } bits were agreed on: { $window } bytes
    .kept = the compressed message copies from { $distance } bytes back, but { $own ->
        [0] nothing of it stands
        [one] only { $own } byte of it stands
       *[other] only { $own } bytes of it stand
    } before: it looks into an earlier message, although its sender was to forget each one (no_context_takeover)
    .header = the compressed message begins with the header of zlib, which is no part of a DEFLATE stream
    .tail-left = the sender left 00 00 FF FF at the end of the compressed message: it is to be removed, since the receiver puts it back
    .final = the DEFLATE stream ends with BFINAL, and the byte 00 behind it is missing: with 00 00 FF FF put back, that would be an empty block
    .cut = the compressed message ends in the middle of a DEFLATE block
finding-rfc6455_extension_unknown =
    .agreed = both ends agreed on { $name }, which is not known here: reserved bits, reserved opcodes and the payloads of messages are its own, and are not judged
finding-hybi_deflate-stream_header =
    .zlib = the stream begins with the header of zlib
finding-hybi_deflate-stream_broken =
    .broken = from here on the stream cannot be inflated: { $why }
    .distance = from here on the stream cannot be inflated: it copies from { $distance } bytes back, and only { $there } were sent
    .ended = the stream of zlib has ended with its checksum, and this stands behind it
    .behind-gap = bytes of the compressed stream are missing before these, so they cannot be inflated
finding-rfc7692_inflate_limit =
    .stream = compressed streams inflated to { $limit } bytes so far, which is as much as is kept: 4 MiB in all and 32 times what was read
    .inflated = the message inflates to more than the limit of { $limit } bytes
finding-http_line_bare-lf =
    .alone = The line ends with LF alone
finding-http_field_space-before-colon =
    .here = White space stands between the name and the colon
finding-http_field_folded =
    .goes-on = The value goes on in this line, which begins with white space
finding-http_list_empty-element =
    .empty = The list in { $name } has an element that is empty: it is passed over
finding-http_transfer-encoding_no-body =
    .status = A { $status } response has no body that could be encoded: receivers pass over this field
finding-http_content-length_no-body =
    .status = A { $status } response has no body that could have a length: receivers pass over this field
finding-http_body_malformed =
    .not-chunked = The last transfer coding of a request is chunked, or nobody knows where the body ends
    .length-no-number = Content-Length is not a number
    .lengths-differ = Two values of Content-Length differ
    .both = Content-Length stands beside Transfer-Encoding, which overrides it
    .chunk-size-large = A chunk's size does not fit in 64 bits
    .chunk-size = A chunk begins with its size in hexadecimal
    .chunk-line = Behind a chunk's size stands ; or the line's end
    .chunk-data = The chunk's data is longer than its size says
    .carriage = A carriage return stands without its line feed
    .ended = The body has ended
finding-flash_policy_no-nul =
    .no-end = No NUL ends the policy within { $limit } bytes
    .request = No NUL byte stands behind the request
    .policy = No NUL byte stands behind the policy
finding-capture_packet_cut =
    .in-part = { $count ->
        [one] { $count } packet was
       *[other] { $count } packets were
    } recorded in part; what was cut off is missing from the streams
finding-capture_file_cut =
    .inside = the file ends inside the { $unit ->
        [record] record
        [block] block
       *[header] header
    } at byte { $at }: { $there } of its { $needed } bytes are there
    .unpacking = the file cannot be unpacked behind byte { $at } of its contents: { $source }
    .reading = reading stopped before the end: { $source }
    .lost = the file was cut while it was read: of its { $length } bytes those from { $at } on are gone, and zeros stand in their place
finding-capture_file_damaged =
    .at = the file is damaged at byte { $at }: { $what }
    .unpacking = the file cannot be unpacked behind byte { $at } of its contents: { $source }
finding-capture_link-type_unknown =
    .unread = { $count ->
        [one] { $count } packet of link type { $link }, which is not read, was
       *[other] { $count } packets of link type { $link }, which is not read, were
    } counted and not looked into
    .unread-named = { $count ->
        [one] { $count } packet of link type { $link } ({ $name }), which is not read, was
       *[other] { $count } packets of link type { $link } ({ $name }), which is not read, were
    } counted and not looked into
finding-capture_packet_not-tcp =
    .passed = { $count ->
        [one] { $count } packet carries no TCP ({ $list }) and was
       *[other] { $count } packets carry no TCP ({ $list }) and were
    } passed over
finding-capture_packet_unread =
    .passed = { $count ->
        [one] { $count } packet was
       *[other] { $count } packets were
    } not looked into, and may carry TCP ({ $list })
finding-capture_packet_malformed =
    .unreadable = { $count ->
        [one] { $count } packet
       *[other] { $count } packets
    } cannot be read: a length, a version or an interface number in it is wrong
finding-capture_ip_fragment-missing =
    .missing = fragments of { $count ->
        [one] { $count } IP packet
       *[other] { $count } IP packets
    } are missing, so its bytes are missing from the streams
finding-capture_block_unknown =
    .passed = { $count ->
        [one] { $count } block of the unknown type { $kind } was
       *[other] { $count } blocks of the unknown type { $kind } were
    } passed over
finding-capture_packet_order =
    .sorted = { $count ->
        [one] { $count } packet stands in the file behind one that is later; all are
       *[other] { $count } packets stand in the file behind later ones; all are
    } read in the order of time
    .as-they-stand = { $count ->
        [one] { $count } packet stands behind one that is later; all are
       *[other] { $count } packets stand behind later ones; all are
    } read as they stand
    .clocks = the clocks of the file's interfaces differ by more than a minute: { $count ->
        [one] { $count } packet stands behind one that is later
       *[other] { $count } packets stand behind later ones
    }; all are read as they stand
finding-capture_time_precision =
    .finer = a clock of the file is finer than a nanosecond; times are shown in whole nanoseconds
finding-tcp_checksum =
    .wrong = the checksum does not fit: the network card was to finish it, or the segment is damaged
    .again = packet { $packet } of { $end } is damaged: its checksum does not fit. Its bytes came again, and what came again is shown
finding-tcp_overlap_differs =
    .again = packet { $packet } sends { $count ->
        [one] { $count } byte
       *[other] { $count } bytes
    } of { $end } again with another value; what was recorded first is shown
finding-tcp_reset =
    .by = { $end } threw the connection away with RST, in packet { $packet }
    .live = { $end } threw the connection away with RST
finding-trace_limit =
    .memory = the limit of { $limit } bytes of memory was reached: { $count ->
        [one] { $count } byte that came later is
       *[other] { $count } bytes that came later are
    } not in the recording
