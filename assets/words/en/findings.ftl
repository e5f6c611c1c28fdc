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
