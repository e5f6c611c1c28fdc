//! `ws:` addresses (RFC 6455 section 3).

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use crate::facts;
use crate::model::facts::Facts;
use crate::model::tells::Tells;
use crate::words::display_in_english;

/// Where a WebSocket is: `ws://host:port/path?query`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WsUrl {
    /// The host's name or address; IPv6 without its brackets.
    pub host: String,
    /// The port; 80 where none is written.
    pub port: u16,
    /// Path and query, `/` where none is written.
    pub resource: String,
}

/// Why a text is no address that can be connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlError {
    /// `wss:` is WebSocket inside TLS.
    Secure,
    /// Some other scheme, or none.
    Scheme(String),
    /// No host.
    NoHost,
    /// Not a port.
    Port(String),
    /// Brackets around what is no IPv6 address, or a colon without them.
    Host(String),
    /// `#…`, which stays in the browser and means nothing to a server.
    Fragment,
    /// `user:password@`.
    User,
    /// A space, a control character, or one that is not ASCII.
    Character(char),
}

impl Tells for UrlError {
    fn message_id(&self) -> &'static str {
        "error-url"
    }

    fn facts(&self) -> Facts {
        match self {
            Self::Secure => facts!("secure"),
            Self::Scheme(text) => facts!("scheme", text = text.as_str()),
            Self::NoHost => facts!("no-host"),
            Self::Port(text) => facts!("port", text = text.as_str()),
            Self::Host(text) => facts!("host", text = text.as_str()),
            Self::Fragment => facts!("fragment"),
            Self::User => facts!("user"),
            Self::Character(character) => facts!("character", character = format!("{character:?}")),
        }
    }
}

display_in_english!(UrlError);

impl std::error::Error for UrlError {}

const DEFAULT_PORT: u16 = 80;

impl FromStr for WsUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = text.split_once("://").ok_or_else(|| UrlError::Scheme(text.to_owned()))?;
        match scheme.to_ascii_lowercase().as_str() {
            "ws" => {}
            "wss" => return Err(UrlError::Secure),
            _ => return Err(UrlError::Scheme(text.to_owned())),
        }
        if let Some(odd) = rest.chars().find(|character| !character.is_ascii_graphic()) {
            return Err(UrlError::Character(odd));
        }
        if rest.contains('#') {
            return Err(UrlError::Fragment);
        }
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(UrlError::User);
        }
        let (host, port) = host_and_port(authority)?;
        let resource = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { host, port, resource })
    }
}

fn host_and_port(authority: &str) -> Result<(String, u16), UrlError> {
    let (host, port) = match authority.strip_prefix('[').map(|rest| rest.split_once(']')) {
        Some(Some((host, rest))) if host.parse::<Ipv6Addr>().is_ok() => {
            let port = match rest.strip_prefix(':') {
                None if rest.is_empty() => None,
                None => return Err(UrlError::Host(authority.to_owned())),
                port => port,
            };
            (host, port)
        }
        Some(_) => return Err(UrlError::Host(authority.to_owned())),
        None => match authority.split_once(':') {
            Some((_, port)) if port.contains(':') => return Err(UrlError::Host(authority.to_owned())),
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    if host.is_empty() {
        return Err(UrlError::NoHost);
    }
    let port = match port {
        None | Some("") => DEFAULT_PORT,
        Some(digits) => match digits.parse() {
            Ok(port @ 1..) if digits.bytes().all(|byte| byte.is_ascii_digit()) => port,
            _ => return Err(UrlError::Port(digits.to_owned())),
        },
    };
    Ok((host.to_ascii_lowercase(), port))
}

impl WsUrl {
    /// The value of the `Host` field: with the port only where it is not the default one (RFC 6455 section 4.1).
    pub fn host_field(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == DEFAULT_PORT { host } else { format!("{host}:{}", self.port) }
    }
}

impl fmt::Display for WsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ws://{}{}", self.host_field(), self.resource)
    }
}

/// A text is no IP address with a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenError;

impl Tells for ListenError {
    fn message_id(&self) -> &'static str {
        "error-listen"
    }

    fn facts(&self) -> Facts {
        Facts::NONE
    }
}

display_in_english!(ListenError);

impl std::error::Error for ListenError {}

/// An address to listen at: an IP address and a port. `localhost` is this machine (RFC 6761 section 6.3), and a port alone
/// behind its colon every IPv4 address of it; no other name is looked up.
///
/// # Errors
/// Where it is written otherwise.
pub fn listen_address(text: &str) -> Result<SocketAddr, ListenError> {
    let (host, port) = text.rsplit_once(':').ok_or(ListenError)?;
    let address = match host {
        "" => Ipv4Addr::UNSPECIFIED,
        name if name.eq_ignore_ascii_case("localhost") => Ipv4Addr::LOCALHOST,
        _ => return text.parse().map_err(|_| ListenError),
    };
    let digits = !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit());
    let port = port.parse().ok().filter(|_| digits).ok_or(ListenError)?;
    Ok(SocketAddr::from((address, port)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn url(host: &str, port: u16, resource: &str) -> WsUrl {
        WsUrl { host: host.to_owned(), port, resource: resource.to_owned() }
    }

    #[test]
    fn addresses_are_read() {
        for (text, expected) in [
            ("ws://example.com", url("example.com", 80, "/")),
            ("WS://Example.com:80/", url("example.com", 80, "/")),
            ("ws://127.0.0.1:9001/chat?room=1", url("127.0.0.1", 9001, "/chat?room=1")),
            ("ws://[::1]:9001/x", url("::1", 9001, "/x")),
            ("ws://[::1]", url("::1", 80, "/")),
            ("ws://host?x=://y", url("host", 80, "/?x=://y")),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_server_listens_where_people_say() {
        for (text, expected) in [
            ("127.0.0.1:9001", "127.0.0.1:9001"),
            ("[::1]:9001", "[::1]:9001"),
            ("localhost:9001", "127.0.0.1:9001"),
            ("LOCALHOST:0", "127.0.0.1:0"),
            (":9001", "0.0.0.0:9001"),
        ] {
            assert_eq!(listen_address(text), Ok(expected.parse().unwrap()), "{text}");
        }
        for text in ["127.0.0.1", "localhost", "9001", ":", "example.com:80", ":+80", ":70000", "::1:9001x"] {
            assert_eq!(listen_address(text), Err(ListenError), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_said() {
        for (text, expected) in [
            ("wss://example.com", UrlError::Secure),
            ("http://example.com", UrlError::Scheme("http://example.com".to_owned())),
            ("example.com:9001", UrlError::Scheme("example.com:9001".to_owned())),
            ("ws:///path", UrlError::NoHost),
            ("ws://host:0", UrlError::Port("0".to_owned())),
            ("ws://host:+80", UrlError::Port("+80".to_owned())),
            ("ws://host:65536", UrlError::Port("65536".to_owned())),
            ("ws://::1/", UrlError::Host("::1".to_owned())),
            ("ws://[::1/", UrlError::Host("[::1".to_owned())),
            ("ws://[nonsense]", UrlError::Host("[nonsense]".to_owned())),
            ("ws://a/#b", UrlError::Fragment),
            ("ws://me@a/", UrlError::User),
            ("ws://a/ä", UrlError::Character('ä')),
            ("ws://a/\r\nHost: b", UrlError::Character('\r')),
        ] {
            assert_eq!(text.parse::<WsUrl>(), Err(expected), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(host in "[a-z]{1,9}|[0-9a-f]{1,4}::[0-9a-f]{1,4}", port in 1..u16::MAX, resource in "/[a-z0-9/?=&.]{0,20}") {
            let url = url(&host, port, &resource);
            prop_assert_eq!(url.to_string().parse(), Ok(url));
        }

        #[test]
        fn no_text_is_too_odd(text in ".{0,60}") {
            let _ = text.parse::<WsUrl>();
            let _ = format!("ws://{text}").parse::<WsUrl>();
        }
    }
}
