# What is said of findings: `finding-RULE.form`, by the rule's id and the form that the code names. A finding without a
# form says the rule itself.

finding-broken = rule not kept: { $title }

# What an endpoint does when its peer breaks a rule.
consequence-recording = It is about the recording: no endpoint does anything about it.
consequence-goes-on = An endpoint goes on.
consequence-close = An endpoint closes the connection with { $code }.
consequence-refuse = A server refuses the request with { $status }.
consequence-drop = An endpoint drops the connection.
