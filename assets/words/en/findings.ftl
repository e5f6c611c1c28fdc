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
    .here = { $missing } bytes of the { $side ->
        [client] client
       *[server] server
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
finding-stream_unparsed = { rule-stream_unparsed.title }
    .rest-of-cut = the rest of the item that the gap cut
    .no-records = no TLS records that fit were found in these bytes
finding-stream_guess = { rule-stream_guess.title }
    .record = TLS records fit from here on, so a record probably begins here: this is a guess
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
