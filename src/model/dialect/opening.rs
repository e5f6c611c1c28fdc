//! What differs between the opening handshakes of the versions.

/// The opening handshake of a version.
///
/// What all have in common is not here: a GET of HTTP/1.1 with `Host`, `Upgrade` and `Connection`, and a 101.
#[derive(Debug, PartialEq, Eq)]
pub struct Opening {
    /// How the server proves that it read the request as a WebSocket server does.
    pub proof: Proof,
    /// How a request says which version it asks for.
    pub signal: Signal,
    /// The token in `Upgrade`, as both ends write it.
    pub upgrade: &'static str,
    /// Whether a client compares the answer's `Upgrade` letter by letter, and wants nothing else in it and in
    /// `Connection`. Otherwise case does not count, and other tokens may stand beside.
    pub by_the_letter: bool,
    /// The bytes with which an answer begins, where the draft fixes them; they end with a line's end.
    pub invariant: &'static str,
    /// The words behind 101; only hixie-75 fixes them.
    pub reason: &'static str,
    /// The field in which a request names the page's origin, and who must.
    pub origin: Origin,
    /// The fields of the keys that a request has, once each.
    pub keys: &'static [&'static str],
    /// Whether a server refuses a key of another size. Servers of the drafts let such keys in, as web-socket-js of 2011
    /// made them.
    pub key_size_counts: bool,
    /// The bytes behind the request's head that belong to the handshake.
    pub request_body: usize,
    /// The bytes behind the head of a 101 that belong to the handshake.
    pub response_body: usize,
    /// The field in which the answer proves itself.
    pub accept: Option<&'static str>,
    /// The field with 16 bytes of the server's own, in base64: half of what hybi-04 masks with; hybi-05 still asks for
    /// it and has no use for it.
    pub nonce: Option<&'static str>,
    /// The field in which the answer repeats the origin.
    pub repeated_origin: Option<&'static str>,
    /// The field in which the answer repeats the address.
    pub location: Option<&'static str>,
    /// The field of subprotocols, of both ends.
    pub subprotocol: &'static str,
    /// What a request says in it.
    pub subprotocols: Subprotocols,
    /// The field of extensions, of both ends.
    pub extensions: Option<&'static str>,
    /// How a server says no to a request.
    pub refusal: Refusal,
    /// Whether the client must wait for the answer before it sends anything.
    pub waits: bool,
}

/// How a server proves that it read the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Proof {
    /// It does not.
    Nothing,
    /// MD5 of two numbers hidden in the keys and of the eight bytes behind the request.
    Md5Challenge,
    /// SHA-1 of the key and a GUID, in base64.
    Sha1Accept,
}

/// How a request says which version it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// `Upgrade` alone.
    Upgrade,
    /// The fields of its keys.
    Keys,
    /// The fields of its keys, and one of these numbers in `Sec-WebSocket-Draft`; the first is what is sent.
    Draft(&'static [u8]),
    /// This number in `Sec-WebSocket-Version`.
    Version(u8),
}

/// The field in which hybi-02 and hybi-03 say which draft they are.
pub const DRAFT_FIELD: &str = "Sec-WebSocket-Draft";

/// The origin of the page that asks.
#[derive(Debug, PartialEq, Eq)]
pub struct Origin {
    /// The field's name as a client writes it.
    pub field: &'static str,
    /// The names under which a server looks for it: the drafts that share a number on the wire may differ.
    pub read: &'static [&'static str],
    /// Whether every client names one, also one that shows no page.
    pub always: bool,
}

/// What the field of subprotocols in a request holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subprotocols {
    /// One name, which may have commas in it.
    One,
    /// A list with spaces, the most wanted first (hybi-03 alone; hybi-01 and hybi-02 have one name).
    Spaces,
    /// A list with commas, the most wanted first.
    Commas,
}

/// How a server says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// Nothing: it closes the connection (draft-hixie-76 section 6.2). A server that does not speak the version at all
    /// answers as any HTTP server does, with 400: there are no numbers that it could list.
    Closes,
    /// 426 and the list of versions.
    ListsVersions,
}

pub(super) const SEC_PROTOCOL: &str = "Sec-WebSocket-Protocol";

/// The opening handshake of hybi-06 and later, with this version number and these names of the origin's field.
pub(super) const fn hybi(number: u8, origin: Origin) -> Opening {
    Opening {
        proof: Proof::Sha1Accept,
        signal: Signal::Version(number),
        upgrade: "websocket",
        by_the_letter: false,
        invariant: "",
        reason: "Switching Protocols",
        origin,
        keys: &["Sec-WebSocket-Key"],
        key_size_counts: true,
        request_body: 0,
        response_body: 0,
        accept: Some("Sec-WebSocket-Accept"),
        nonce: None,
        repeated_origin: None,
        location: None,
        subprotocol: SEC_PROTOCOL,
        subprotocols: Subprotocols::Commas,
        extensions: Some("Sec-WebSocket-Extensions"),
        refusal: Refusal::ListsVersions,
        waits: true,
    }
}
