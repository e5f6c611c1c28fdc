//! The kinds of field that TLS is made of. What each is for stands in the catalogue of words.

use super::content::Encrypted;
use super::names;
use super::shape::message;
use crate::model::field::FieldKind;
use crate::model::spec::Document::{
    Rfc5077, Rfc5246, Rfc5746, Rfc6066, Rfc6520, Rfc6962, Rfc7301, Rfc7366, Rfc7627, Rfc7685, Rfc8422,
    Rfc8446, Rfc8449, Rfc8701, Rfc8879, Rfc9849,
};

macro_rules! kinds {
    ($( $constant:ident $id:literal $name:literal $document:ident $section:literal $(= $with:ident)? )*) => {
        $( pub(super) static $constant: FieldKind =
            FieldKind::new($id, $name, $document.section($section)).chapter("proxies")$( .$with() )?; )*
        /// The kinds of the fields of TLS records.
        pub static KINDS: &[&FieldKind] = &[ $( &$constant, )* ];
    };
}

kinds! {
    // The record.
    RECORD "tls-record" "TLS record" Rfc8446 "5.1"
    CONTENT_TYPE "tls-content-type" "type" Rfc8446 "5.1"
    RECORD_VERSION "tls-record-version" "legacy_record_version" Rfc8446 "5.1" = hex
    RECORD_LENGTH "tls-record-length" "length" Rfc8446 "5.1"
    CUT "tls-cut" "cut field" Rfc8446 "3.4"
    SURPLUS "tls-surplus" "bytes beyond the structure" Rfc8446 "3.4"
    LENGTH "tls-length" "length of what follows" Rfc8446 "3.4"
    OTHER "tls-other" "fragment of unknown type" Rfc8446 "5"
    HEARTBEAT "tls-heartbeat" "HeartbeatMessage" Rfc6520 "4"
    CHANGE_CIPHER_SPEC "tls-change-cipher-spec" "ChangeCipherSpec" Rfc5246 "7.1"
    ALERT "tls-alert" "Alert" Rfc8446 "6"
    ALERT_LEVEL "tls-alert-level" "level" Rfc8446 "6"
    ALERT_DESCRIPTION "tls-alert-description" "description" Rfc8446 "6"
    // What is encrypted.
    ENCRYPTED_HANDSHAKE "tls-encrypted-handshake" "encrypted handshake" Rfc5246 "7.4.9"
    ENCRYPTED_ALERT "tls-encrypted-alert" "encrypted alert" Rfc5246 "7.2"
    ENCRYPTED_DATA "tls-encrypted-data" "encrypted application data" Rfc5246 "6.2.3"
    ENCRYPTED_CONTROL "tls-encrypted-control" "encrypted control message" Rfc5246 "6.2.3"
    ENCRYPTED_HIDDEN "tls-encrypted-hidden" "encrypted_record" Rfc8446 "5.2"
    ENCRYPTED_UNSURE "tls-encrypted-unsure" "encrypted, version unknown" Rfc8446 "5.2"
    ENCRYPTED_UNCLEAR "tls-encrypted-unclear" "handshake, perhaps encrypted" Rfc8446 "5.1"
    // Handshake messages.
    CONTINUED "tls-continued" "rest of a message" Rfc8446 "5.1"
    HANDSHAKE "tls-handshake" "Handshake" Rfc8446 "4"
    HELLO_REQUEST "tls-hello-request" "HelloRequest" Rfc5246 "7.4.1.1"
    CLIENT_HELLO "tls-client-hello" "ClientHello" Rfc8446 "4.1.2"
    SERVER_HELLO "tls-server-hello" "ServerHello" Rfc8446 "4.1.3"
    HELLO_RETRY_REQUEST "tls-hello-retry-request" "HelloRetryRequest" Rfc8446 "4.1.4"
    CERTIFICATE "tls-certificate" "Certificate" Rfc5246 "7.4.2"
    SERVER_KEY_EXCHANGE "tls-server-key-exchange" "ServerKeyExchange" Rfc5246 "7.4.3"
    CERTIFICATE_REQUEST "tls-certificate-request" "CertificateRequest" Rfc5246 "7.4.4"
    SERVER_HELLO_DONE "tls-server-hello-done" "ServerHelloDone" Rfc5246 "7.4.5"
    CERTIFICATE_VERIFY "tls-certificate-verify" "CertificateVerify" Rfc5246 "7.4.8"
    CLIENT_KEY_EXCHANGE "tls-client-key-exchange" "ClientKeyExchange" Rfc5246 "7.4.7"
    FINISHED "tls-finished" "Finished" Rfc5246 "7.4.9"
    NEW_SESSION_TICKET "tls-new-session-ticket" "NewSessionTicket" Rfc5077 "3.3"
    CERTIFICATE_STATUS "tls-certificate-status" "CertificateStatus" Rfc6066 "8"
    HANDSHAKE_TYPE "tls-handshake-type" "msg_type" Rfc8446 "4"
    HANDSHAKE_LENGTH "tls-handshake-length" "length" Rfc8446 "4"
    BODY "tls-handshake-body" "body" Rfc8446 "4"
    // The hellos.
    VERSION "tls-legacy-version" "legacy_version" Rfc8446 "4.1.2" = hex
    RANDOM "tls-random" "random" Rfc8446 "4.1.2"
    RETRY_RANDOM "tls-retry-random" "random of HelloRetryRequest" Rfc8446 "4.1.3"
    SESSION_ID "tls-session-id" "legacy_session_id" Rfc8446 "4.1.2"
    CIPHER_SUITES "tls-cipher-suites" "cipher_suites" Rfc8446 "4.1.2"
    CIPHER_SUITE "tls-cipher-suite" "cipher_suite" Rfc8446 "B.4" = hex
    COMPRESSION_METHODS "tls-compression-methods" "legacy_compression_methods" Rfc8446 "4.1.2"
    COMPRESSION_METHOD "tls-compression-method" "compression_method" Rfc5246 "6.1"
    EXTENSIONS "tls-extensions" "extensions" Rfc8446 "4.2"
    // Extensions.
    EXTENSION "tls-extension" "Extension" Rfc8446 "4.2"
    GREASE "tls-grease" "GREASE extension" Rfc8701 "3.1"
    EXTENSION_TYPE "tls-extension-type" "extension_type" Rfc8446 "4.2"
    EXTENSION_DATA "tls-extension-data" "extension_data" Rfc8446 "4.2"
    SERVER_NAME "tls-server-name" "server_name" Rfc6066 "3"
    NAME_TYPE "tls-name-type" "name_type" Rfc6066 "3"
    HOST_NAME "tls-host-name" "HostName" Rfc6066 "3"
    MAX_FRAGMENT_LENGTH "tls-max-fragment-length" "max_fragment_length" Rfc6066 "4"
    MAX_FRAGMENT "tls-max-fragment" "MaxFragmentLength" Rfc6066 "4"
    STATUS_REQUEST "tls-status-request" "status_request" Rfc6066 "8"
    STATUS_TYPE "tls-status-type" "status_type" Rfc6066 "8"
    RESPONDERS "tls-responder-ids" "responder_id_list" Rfc6066 "8"
    REQUEST_EXTENSIONS "tls-request-extensions" "request_extensions" Rfc6066 "8"
    SUPPORTED_GROUPS "tls-supported-groups" "supported_groups" Rfc8446 "4.2.7"
    NAMED_GROUP "tls-named-group" "NamedGroup" Rfc8446 "4.2.7" = hex
    POINT_FORMATS "tls-point-formats" "ec_point_formats" Rfc8422 "5.1.2"
    POINT_FORMAT "tls-point-format" "ECPointFormat" Rfc8422 "5.1.2"
    SIGNATURE_ALGORITHMS "tls-signature-algorithms" "signature_algorithms" Rfc8446 "4.2.3"
    SIGNATURE_SCHEME "tls-signature-scheme" "SignatureScheme" Rfc8446 "4.2.3" = hex
    ALPN "tls-alpn" "application_layer_protocol_negotiation" Rfc7301 "3.1"
    ALPN_PROTOCOL "tls-alpn-protocol" "ProtocolName" Rfc7301 "3.1"
    SIGNED_TIMESTAMPS "tls-signed-timestamps" "signed_certificate_timestamp" Rfc6962 "3.3.1"
    PADDING "tls-padding" "padding" Rfc7685 "3"
    PADDING_BYTES "tls-padding-bytes" "zero bytes" Rfc7685 "3"
    ENCRYPT_THEN_MAC "tls-encrypt-then-mac" "encrypt_then_mac" Rfc7366 "2"
    EXTENDED_MASTER_SECRET "tls-extended-master-secret" "extended_master_secret" Rfc7627 "5.1"
    COMPRESS_CERTIFICATE "tls-compress-certificate" "compress_certificate" Rfc8879 "3"
    CERTIFICATE_COMPRESSION "tls-certificate-compression" "CertificateCompressionAlgorithm" Rfc8879 "3"
    RECORD_SIZE_LIMIT "tls-record-size-limit" "record_size_limit" Rfc8449 "4"
    SIZE_LIMIT "tls-size-limit" "RecordSizeLimit" Rfc8449 "4"
    SESSION_TICKET "tls-session-ticket" "session_ticket" Rfc5077 "3.2"
    TICKET_LIFETIME "tls-ticket-lifetime" "ticket_lifetime_hint" Rfc5077 "3.3"
    TICKET "tls-ticket" "ticket" Rfc5077 "4"
    PRE_SHARED_KEY "tls-pre-shared-key" "pre_shared_key" Rfc8446 "4.2.11"
    PSK_IDENTITY "tls-psk-identity" "PskIdentity" Rfc8446 "4.2.11"
    PSK_NAME "tls-psk-name" "identity" Rfc8446 "4.2.11"
    TICKET_AGE "tls-ticket-age" "obfuscated_ticket_age" Rfc8446 "4.2.11.1"
    PSK_BINDER "tls-psk-binder" "PskBinderEntry" Rfc8446 "4.2.11.2"
    PSK_SELECTED "tls-psk-selected" "selected_identity" Rfc8446 "4.2.11"
    EARLY_DATA "tls-early-data" "early_data" Rfc8446 "4.2.10"
    SUPPORTED_VERSIONS "tls-supported-versions" "supported_versions" Rfc8446 "4.2.1"
    SUPPORTED_VERSION "tls-supported-version" "ProtocolVersion" Rfc8446 "4.2.1" = hex
    COOKIE "tls-cookie" "cookie" Rfc8446 "4.2.2"
    COOKIE_BYTES "tls-cookie-bytes" "cookie" Rfc8446 "4.2.2"
    PSK_MODES "tls-psk-modes" "psk_key_exchange_modes" Rfc8446 "4.2.9"
    PSK_MODE "tls-psk-mode" "PskKeyExchangeMode" Rfc8446 "4.2.9"
    KEY_SHARE "tls-key-share" "key_share" Rfc8446 "4.2.8"
    KEY_SHARE_ENTRY "tls-key-share-entry" "KeyShareEntry" Rfc8446 "4.2.8"
    KEY_EXCHANGE "tls-key-exchange" "key_exchange" Rfc8446 "4.2.8"
    RENEGOTIATION_INFO "tls-renegotiation-info" "renegotiation_info" Rfc5746 "3.2"
    RENEGOTIATED "tls-renegotiated-connection" "renegotiated_connection" Rfc5746 "3.2"
    ENCRYPTED_CLIENT_HELLO "tls-encrypted-client-hello" "encrypted_client_hello" Rfc9849 "5"
    ECH_TYPE "tls-ech-type" "ECHClientHelloType" Rfc9849 "5"
    ECH_KDF "tls-ech-kdf" "kdf_id" Rfc9849 "5" = hex
    ECH_AEAD "tls-ech-aead" "aead_id" Rfc9849 "5" = hex
    ECH_CONFIG "tls-ech-config" "config_id" Rfc9849 "5"
    ECH_KEY "tls-ech-key" "enc" Rfc9849 "5"
    ECH_PAYLOAD "tls-ech-payload" "payload" Rfc9849 "5"
    // Up to TLS 1.2, in the clear.
    CERTIFICATE_ENTRY "tls-certificate-entry" "ASN.1Cert" Rfc5246 "7.4.2"
    CURVE_TYPE "tls-curve-type" "curve_type" Rfc8422 "5.4"
    SIGNATURE "tls-signature" "signature" Rfc5246 "4.7"
    VERIFY_DATA "tls-verify-data" "verify_data" Rfc5246 "7.4.9"
    STATUS_RESPONSE "tls-status-response" "OCSPResponse" Rfc6066 "8"
}

/// The leaf for an encrypted fragment.
pub(super) const fn encrypted_kind(inner: Encrypted) -> &'static FieldKind {
    match inner {
        Encrypted::Handshake => &ENCRYPTED_HANDSHAKE,
        Encrypted::Alert => &ENCRYPTED_ALERT,
        Encrypted::ApplicationData => &ENCRYPTED_DATA,
        Encrypted::Control => &ENCRYPTED_CONTROL,
        Encrypted::Hidden => &ENCRYPTED_HIDDEN,
        Encrypted::Unsure => &ENCRYPTED_UNSURE,
        Encrypted::Unclear => &ENCRYPTED_UNCLEAR,
    }
}

/// The group for a handshake message of this type.
pub(super) const fn message_kind(kind: u8) -> &'static FieldKind {
    match kind {
        message::HELLO_REQUEST => &HELLO_REQUEST,
        message::CLIENT_HELLO => &CLIENT_HELLO,
        message::SERVER_HELLO => &SERVER_HELLO,
        message::NEW_SESSION_TICKET => &NEW_SESSION_TICKET,
        message::CERTIFICATE => &CERTIFICATE,
        message::SERVER_KEY_EXCHANGE => &SERVER_KEY_EXCHANGE,
        message::CERTIFICATE_REQUEST => &CERTIFICATE_REQUEST,
        message::SERVER_HELLO_DONE => &SERVER_HELLO_DONE,
        message::CERTIFICATE_VERIFY => &CERTIFICATE_VERIFY,
        message::CLIENT_KEY_EXCHANGE => &CLIENT_KEY_EXCHANGE,
        message::FINISHED => &FINISHED,
        message::CERTIFICATE_STATUS => &CERTIFICATE_STATUS,
        _ => &HANDSHAKE,
    }
}

/// The group for an extension of this type.
pub(super) const fn extension_kind(number: u16) -> &'static FieldKind {
    match number {
        0 => &SERVER_NAME,
        1 => &MAX_FRAGMENT_LENGTH,
        5 => &STATUS_REQUEST,
        10 => &SUPPORTED_GROUPS,
        11 => &POINT_FORMATS,
        13 | 50 => &SIGNATURE_ALGORITHMS,
        16 => &ALPN,
        18 => &SIGNED_TIMESTAMPS,
        21 => &PADDING,
        22 => &ENCRYPT_THEN_MAC,
        23 => &EXTENDED_MASTER_SECRET,
        27 => &COMPRESS_CERTIFICATE,
        28 => &RECORD_SIZE_LIMIT,
        35 => &SESSION_TICKET,
        41 => &PRE_SHARED_KEY,
        42 => &EARLY_DATA,
        43 => &SUPPORTED_VERSIONS,
        44 => &COOKIE,
        45 => &PSK_MODES,
        51 => &KEY_SHARE,
        0xFE0D => &ENCRYPTED_CLIENT_HELLO,
        0xFF01 => &RENEGOTIATION_INFO,
        grease if names::is_grease(grease) => &GREASE,
        _ => &EXTENSION,
    }
}
