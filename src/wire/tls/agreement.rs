//! What the two ends of a TLS connection offered each other and agreed on, as far as it was said in the clear.

use super::hello::{ClientHello, ServerHello};
use super::names;
use crate::model::protocol::Side;

/// How many alerts are kept: a connection has one or two.
const MAX_ALERTS: usize = 16;

/// An alert in the clear (RFC 8446 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Alert {
    /// Who sent it.
    pub side: Side,
    /// 1 is a warning, 2 is fatal.
    pub level: u8,
    /// What is the matter ([`names::alert`]).
    pub description: u8,
}

/// What is known of the protocol inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alpn<'a> {
    /// The client did not ask, or its hello is not known.
    None,
    /// The server chose this one, in the clear (up to TLS 1.2).
    Chosen(&'a str),
    /// The client offered these, and the server chose none of them (up to TLS 1.2).
    Declined(&'a [String]),
    /// The client offered these. Which one the server chose is encrypted (TLS 1.3), or its answer is not known.
    Offered(&'a [String]),
}

/// What was offered and what was chosen. Everything is unknown until a hello is seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// The version that the server chose.
    pub version: Option<u16>,
    /// The cipher suite that the server chose.
    pub suite: Option<u16>,
    /// The versions that the client offers, as it lists them; for a client older than TLS 1.3 the highest one.
    pub versions_offered: Vec<u16>,
    /// The cipher suites that the client offers, GREASE among them.
    pub suites_offered: Vec<u16>,
    /// The server that the client wants to reach. Where [`Agreement::encrypted_client_hello`] is set this may be a name
    /// for others to see.
    pub server_name: Option<String>,
    /// The protocols that the client offers to speak inside.
    pub alpn_offered: Vec<String>,
    /// The protocol that the server chose, where it said so in the clear.
    pub alpn_chosen: Option<String>,
    /// The random of the `ClientHello` by which a key log names the connection: the first one.
    pub client_random: Option<[u8; 32]>,
    /// The random of the `ServerHello`.
    pub server_random: Option<[u8; 32]>,
    /// The server asked for another `ClientHello`.
    pub hello_retry: bool,
    /// The client offered a key from an earlier connection (TLS 1.3).
    pub psk_offered: bool,
    /// The server took a key from an earlier connection (TLS 1.3).
    pub psk_chosen: bool,
    /// The client announced data before the server's answer.
    pub early_data: bool,
    /// The client's real hello is encrypted, or it looks so.
    pub encrypted_client_hello: bool,
    /// Whether encrypted records were seen: from the client, from the server.
    pub encrypted: [bool; 2],
    /// The bytes of encrypted fragments: from the client, from the server.
    pub encrypted_bytes: [u64; 2],
    /// The alerts in the clear, the first 16 of them.
    pub alerts: Vec<Alert>,
}

impl Agreement {
    /// The version that was chosen, as people write it: `TLS 1.3`.
    pub fn version_name(&self) -> Option<&'static str> {
        self.version.and_then(names::version)
    }

    /// The cipher suite that was chosen, as IANA writes it.
    pub fn suite_name(&self) -> Option<&'static str> {
        self.suite.and_then(names::suite)
    }

    /// Whether TLS 1.3 was chosen.
    pub fn is_13(&self) -> bool {
        self.version.is_some_and(|version| version >= 0x0304)
    }

    /// The protocol inside, as far as it is known.
    pub fn alpn(&self) -> Alpn<'_> {
        match &self.alpn_chosen {
            Some(chosen) => Alpn::Chosen(chosen),
            None if self.alpn_offered.is_empty() => Alpn::None,
            None if self.version.is_some() && !self.is_13() => Alpn::Declined(&self.alpn_offered),
            None => Alpn::Offered(&self.alpn_offered),
        }
    }

    pub(super) fn client_hello(&mut self, hello: ClientHello) {
        // The second hello, after a request to try again, repeats the first one's random (RFC 8446 section 4.1.2).
        self.client_random.get_or_insert(hello.random);
        self.versions_offered =
            if hello.versions.is_empty() { vec![hello.legacy_version] } else { hello.versions };
        self.suites_offered = hello.suites;
        self.server_name = hello.server_name;
        self.alpn_offered = hello.alpn;
        self.psk_offered = hello.pre_shared_key;
        // The second hello has no early data; what the first announced was sent all the same.
        self.early_data |= hello.early_data;
        self.encrypted_client_hello = hello.encrypted_client_hello;
    }

    pub(super) fn server_hello(&mut self, hello: ServerHello) {
        self.version = Some(hello.version());
        self.suite = Some(hello.suite);
        if hello.is_retry() {
            self.hello_retry = true;
            return;
        }
        self.server_random = Some(hello.random);
        self.alpn_chosen = hello.alpn;
        self.psk_chosen = hello.pre_shared_key;
    }

    pub(super) fn alert(&mut self, alert: Alert) {
        if self.alerts.len() < MAX_ALERTS {
            self.alerts.push(alert);
        }
    }

    pub(super) fn saw_encrypted(&mut self, side: Side, bytes: usize) {
        let [client, server] = &mut self.encrypted_bytes;
        let [by_client, by_server] = &mut self.encrypted;
        let (count, seen) = match side {
            Side::Client => (client, by_client),
            Side::Server => (server, by_server),
        };
        *count = count.saturating_add(bytes as u64);
        *seen = true;
    }
}
