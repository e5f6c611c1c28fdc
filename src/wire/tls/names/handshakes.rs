//! Handshake messages: the "TLS HandshakeType" registry of IANA (RFC 8446 section 4, RFC 5246 section 7.4, RFC 6066
//! sections 5 and 8, RFC 8879 section 4).

super::names! {
    /// The name of a handshake message's type.
    pub handshake(u8):
    0 "hello_request"
    1 "client_hello"
    2 "server_hello"
    3 "hello_verify_request"
    4 "new_session_ticket"
    5 "end_of_early_data"
    6 "hello_retry_request"
    8 "encrypted_extensions"
    11 "certificate"
    12 "server_key_exchange"
    13 "certificate_request"
    14 "server_hello_done"
    15 "certificate_verify"
    16 "client_key_exchange"
    20 "finished"
    21 "certificate_url"
    22 "certificate_status"
    23 "supplemental_data"
    24 "key_update"
    25 "compressed_certificate"
    254 "message_hash"
}
