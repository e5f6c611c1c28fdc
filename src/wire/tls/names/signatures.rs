//! Ways to sign: the "TLS SignatureScheme" registry of IANA (RFC 8446 section 4.2.3, RFC 8734). The pairs of hash and
//! signature of TLS 1.2 that have no name there are written as such pairs (RFC 5246 section 7.4.1.4.1).

super::names! {
    /// The name of a signature scheme.
    pub scheme(u16):
    0x0101 "md5 with rsa"
    0x0201 "rsa_pkcs1_sha1"
    0x0202 "sha1 with dsa"
    0x0203 "ecdsa_sha1"
    0x0301 "sha224 with rsa"
    0x0302 "sha224 with dsa"
    0x0303 "sha224 with ecdsa"
    0x0401 "rsa_pkcs1_sha256"
    0x0402 "sha256 with dsa"
    0x0403 "ecdsa_secp256r1_sha256"
    0x0501 "rsa_pkcs1_sha384"
    0x0502 "sha384 with dsa"
    0x0503 "ecdsa_secp384r1_sha384"
    0x0601 "rsa_pkcs1_sha512"
    0x0602 "sha512 with dsa"
    0x0603 "ecdsa_secp521r1_sha512"
    0x0708 "sm2sig_sm3"
    0x0804 "rsa_pss_rsae_sha256"
    0x0805 "rsa_pss_rsae_sha384"
    0x0806 "rsa_pss_rsae_sha512"
    0x0807 "ed25519"
    0x0808 "ed448"
    0x0809 "rsa_pss_pss_sha256"
    0x080A "rsa_pss_pss_sha384"
    0x080B "rsa_pss_pss_sha512"
    0x081A "ecdsa_brainpoolP256r1tls13_sha256"
    0x081B "ecdsa_brainpoolP384r1tls13_sha384"
    0x081C "ecdsa_brainpoolP512r1tls13_sha512"
    0x0904 "mldsa44"
    0x0905 "mldsa65"
    0x0906 "mldsa87"
}
