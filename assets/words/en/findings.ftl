# What is said of findings: `finding-RULE.form`, by the rule's id and the form that the code names. A finding without a
# form says the rule itself.

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
finding-tls_keys_missing =
    .none = what is inside these records is encrypted, and no keys are known: its bytes stay hidden
    .bytes = no keys are known: { $client } bytes of the client and { $server } of the server stay encrypted

# What an endpoint does when its peer breaks a rule.
consequence-recording = It is about the recording: no endpoint does anything about it.
consequence-goes-on = An endpoint goes on.
consequence-close = An endpoint closes the connection with { $code }.
consequence-refuse = A server refuses the request with { $status }.
consequence-drop = An endpoint drops the connection.

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
    .nothing-fits = no frames that fit were found in these bytes
    .rest = the rest of the item that the gap cut
finding-stream_guess = { rule-stream_guess.title }
    .record = TLS records fit from here on, so a record probably begins here: this is a guess
    .here = several frames in a row fit from here on, so a frame probably begins here: this is a guess
    .told = no handshake was recorded; read as { $protocol }, as you said
    .bytes = no handshake was recorded; read as { $protocol }, a guess from the bytes
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
finding-handshake_incomplete =
    .cut = the opening handshake is not whole: half of it is cut or missing
    .no-response = the opening handshake is not whole: no response to it
finding-http_head_too-large =
    .no-empty-line = no empty line in { $limit } bytes
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
finding-hixie_text_invalid-utf8 =
    .byte = byte { $at } of the frame is not UTF-8: it is read as U+FFFD
    .bytes = bytes { $first } to { $last } of the frame are not UTF-8: they are read as U+FFFD
finding-hixie_text_unterminated =
    .before-ff = the stream ends before the FF that ends the text
finding-rfc6455_ping_no-answer =
    .this-ping = { $side ->
        [client] the client
       *[server] the server
    } never answered this ping with a pong
finding-rfc6455_close_no-answer =
    .this-frame = { $side ->
        [client] the client
       *[server] the server
    } never answered this close frame with its own
finding-hixie76_close_no-answer =
    .never = { $side ->
        [client] the client
       *[server] the server
    } never answered FF 00 with FF 00
