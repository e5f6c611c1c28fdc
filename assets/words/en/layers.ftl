# What carries a conversation, and what is known of it.

layer-inside = inside conversation { $conversation }
layer-behind = behind the proxy of conversation { $conversation }
layer-inflated = inflated from conversation { $conversation }
layer-to = to { $target }
layer-from = from { $source }, as the proxy says
layer-carries = carries conversation { $conversation }

tls-host = host { $host }
tls-alpn = ALPN { $names }
tls-alpn-offered = ALPN offered: { $names }
tls-no-keys = no keys

# What a TLS record holds.
tls-line-encrypted = { $content }

# Kinds of item, in the statistics.
statistics-prelude = Messages to a proxy
statistics-tls-record = TLS records
statistics-deflate-stream = Compressed streams

tls-content-handshake = handshake, continued
tls-content-alert = alert
tls-content-change-cipher-spec = change_cipher_spec
tls-content-heartbeat = heartbeat
tls-content-other = of an unknown type
tls-content-encrypted-handshake = handshake, encrypted
tls-content-encrypted-alert = alert, encrypted
tls-content-encrypted-data = application data, encrypted
tls-content-encrypted-control = encrypted
tls-content-encrypted-hidden = encrypted (TLS 1.3 hides what)
tls-content-encrypted-unsure = application data, or what TLS 1.3 hides, encrypted
tls-content-encrypted-unclear = handshake, probably encrypted

# What a message of a prelude is.
prelude-PROXY-v1-header = PROXY header, version 1
prelude-PROXY-v2-header = PROXY header, version 2
prelude-SOCKS4-request = SOCKS4 request
prelude-SOCKS4-reply = SOCKS4 reply
prelude-SOCKS5-greeting = SOCKS5 greeting
prelude-SOCKS5-method = SOCKS5 method selection
prelude-SOCKS5-password = SOCKS5 user name and password
prelude-SOCKS5-password-reply = SOCKS5 password reply
prelude-SOCKS5-request = SOCKS5 request
prelude-SOCKS5-reply = SOCKS5 reply

# What a conversation speaks.
version-http2 = HTTP/2
version-tls = TLS
version-proxy = PROXY protocol
version-socks = SOCKS

inspector-kind-prelude = prelude
inspector-kind-tls-record = TLS record
inspector-kind-deflate-stream = deflate-stream
