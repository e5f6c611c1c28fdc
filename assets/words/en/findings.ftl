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
    .alert = { $side -> [client] the client *[server] the server } ends the connection with a { $level } alert: { $name }
finding-tls_keys_missing =
    .bytes = no keys are known: { $client } bytes of the client and { $server } of the server stay encrypted

# What an endpoint does when its peer breaks a rule.
consequence-recording = It is about the recording: no endpoint does anything about it.
consequence-goes-on = An endpoint goes on.
consequence-close = An endpoint closes the connection with { $code }.
consequence-refuse = A server refuses the request with { $status }.
consequence-drop = An endpoint drops the connection.
