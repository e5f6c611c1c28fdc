# TLS: what each field is.
