//! Names of numbers: the registries that TLS is spelled with, as IANA keeps them (RFC 8446 section 11).
//!
//! One registry a file where it is long. Values that only show that an end passes over what it does not know
//! (RFC 8701) have the name `GREASE` in every registry that has such values.

mod alerts;
mod extensions;
mod groups;
mod handshakes;
mod signatures;
mod suites;

pub use alerts::{alert, alert_level};
pub use extensions::extension;
pub use groups::group;
pub use handshakes::handshake;
pub use signatures::scheme;
pub use suites::suite;

/// A registry: numbers and their names.
macro_rules! names {
    ($(#[$doc:meta])* pub $function:ident($number:ty): $($value:literal $name:literal)*) => {
        $(#[$doc])*
        pub const fn $function(number: $number) -> Option<&'static str> {
            match number {
                $( $value => Some($name), )*
                _ => None,
            }
        }
    };
}
use names;

/// Whether a number of 16 bits is one of those that mean nothing and keep readers tolerant: 0x0A0A, 0x1A1A and so on
/// to 0xFAFA (RFC 8701 section 2).
pub const fn is_grease(number: u16) -> bool {
    let [high, low] = number.to_be_bytes();
    high == low && low & 0x0F == 0x0A
}

/// The name of a number of 16 bits: `GREASE`, or what `registry` says.
pub fn or_grease(number: u64, registry: fn(u16) -> Option<&'static str>) -> Option<&'static str> {
    let number = u16::try_from(number).ok()?;
    if is_grease(number) { Some("GREASE") } else { registry(number) }
}

names! {
    /// The name of a record's content type (RFC 8446 section 5.1, RFC 6520 section 3).
    pub content_type(u8):
    20 "change_cipher_spec"
    21 "alert"
    22 "handshake"
    23 "application_data"
    24 "heartbeat"
}

names! {
    /// The name of a version, as people write it.
    pub version(u16):
    0x0002 "SSL 2.0"
    0x0300 "SSL 3.0"
    0x0301 "TLS 1.0"
    0x0302 "TLS 1.1"
    0x0303 "TLS 1.2"
    0x0304 "TLS 1.3"
}

names! {
    /// The name of a compression method (RFC 3749 section 2, RFC 5246 section 6.1).
    pub compression(u8):
    0 "null"
    1 "DEFLATE"
    64 "LZS"
}

names! {
    /// The name of a way to use a pre-shared key (RFC 8446 section 4.2.9); GREASE by RFC 8701 section 2.
    pub psk_mode(u8):
    0 "psk_ke"
    1 "psk_dhe_ke"
    0x0B "GREASE"
    0x2A "GREASE"
    0x49 "GREASE"
    0x68 "GREASE"
    0x87 "GREASE"
    0xA6 "GREASE"
    0xC5 "GREASE"
    0xE4 "GREASE"
}

names! {
    /// The name of a form in which a point of an elliptic curve is written (RFC 8422 section 5.1.2).
    pub point_format(u8):
    0 "uncompressed"
    1 "ansiX962_compressed_prime"
    2 "ansiX962_compressed_char2"
}

names! {
    /// The longest fragment that a code of `max_fragment_length` asks for (RFC 6066 section 4).
    pub max_fragment(u8):
    1 "512 bytes"
    2 "1024 bytes"
    3 "2048 bytes"
    4 "4096 bytes"
}

names! {
    /// The name of a way to compress certificates (RFC 8879 section 7.3).
    pub certificate_compression(u16):
    1 "zlib"
    2 "brotli"
    3 "zstd"
}

names! {
    /// The name of a kind of certificate status (RFC 6066 section 8, RFC 6961 section 2.2).
    pub certificate_status(u8):
    1 "ocsp"
    2 "ocsp_multi"
}

names! {
    /// The name of a kind of name (RFC 6066 section 3).
    pub name_type(u8):
    0 "host_name"
}

names! {
    /// The name of a way to say which curve is meant (RFC 8422 section 5.4).
    pub curve_type(u8):
    1 "explicit_prime"
    2 "explicit_char2"
    3 "named_curve"
}

names! {
    /// Which of the two hellos an `encrypted_client_hello` stands in (RFC 9849 section 5).
    pub ech_type(u8):
    0 "outer"
    1 "inner"
}

names! {
    /// The name of a key derivation function of HPKE (RFC 9180 section 7.2).
    pub hpke_kdf(u16):
    1 "HKDF-SHA256"
    2 "HKDF-SHA384"
    3 "HKDF-SHA512"
}

names! {
    /// The name of a cipher of HPKE (RFC 9180 section 7.3).
    pub hpke_aead(u16):
    1 "AES-128-GCM"
    2 "AES-256-GCM"
    3 "ChaCha20Poly1305"
    0xFFFF "Export-only"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grease_is_sixteen_values() {
        let grease: Vec<u16> = (0..=u16::MAX).filter(|number| is_grease(*number)).collect();
        assert_eq!(grease.len(), 16);
        assert_eq!((grease[0], grease[15]), (0x0A0A, 0xFAFA));
        for number in grease {
            assert_eq!(
                (suite(number), group(number), extension(number), version(number)),
                (None, None, None, None)
            );
            assert_eq!(or_grease(u64::from(number), suite), Some("GREASE"));
        }
        assert_eq!(or_grease(0x1301, suite), Some("TLS_AES_128_GCM_SHA256"));
    }

    #[test]
    fn the_suites_that_matter_are_there() {
        let known = (0..=u16::MAX).filter(|number| suite(*number).is_some()).count();
        assert!(known >= 107, "{known}");
        for (number, name) in [
            (0x002F, "TLS_RSA_WITH_AES_128_CBC_SHA"),
            (0x009C, "TLS_RSA_WITH_AES_128_GCM_SHA256"),
            (0x1302, "TLS_AES_256_GCM_SHA384"),
            (0xC013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
            (0xC030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
            (0xCCA8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
            (0x00FF, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"),
            (0x5600, "TLS_FALLBACK_SCSV"),
        ] {
            assert_eq!(suite(number), Some(name));
        }
    }
}
