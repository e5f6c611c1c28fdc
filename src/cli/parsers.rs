//! Values of options that several commands take.

use crate::model::dialect::UnknownProtocol;
use crate::model::protocol::{Protocol, Side};
use crate::trace::DecodeAs;
use crate::words::{Language, Words};

/// A language by its tag. The pseudo language is taken, and not named.
pub(super) fn language(tag: &str) -> Result<Words, String> {
    Words::of(tag).ok_or_else(|| {
        let known: Vec<&str> = Language::ALL.iter().map(|language| language.tag).collect();
        format!("no language has the tag `{tag}`; there are {}", known.join(", "))
    })
}

/// One of the two ends.
pub(super) fn side(text: &str) -> Result<Side, String> {
    Side::BOTH.into_iter().find(|side| side.id() == text).ok_or_else(|| "write client or server".to_owned())
}

/// The first and the last item, as in `3..7`; or one item, as in `3`.
pub(super) fn items(text: &str) -> Result<(usize, usize), String> {
    let wrong = || format!("`{text}` is no range of items, such as 3..7");
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let range = (first.parse().map_err(|_| wrong())?, last.parse().map_err(|_| wrong())?);
    if range.0 == 0 || range.1 < range.0 {
        return Err(format!("`{text}` is no range: items are counted from 1, and the first comes first"));
    }
    Ok(range)
}

/// What is spoken on a server's port, as in `8080=rfc6455` or `8080=rfc6455+deflate`.
pub(super) fn decode_as(text: &str) -> Result<DecodeAs, String> {
    let (port, protocol) = text.split_once('=').ok_or("write it as PORT=PROTOCOL, such as 8080=rfc6455")?;
    let port = port.parse().map_err(|_| format!("`{port}` is no port number"))?;
    let (protocol, deflate) = match protocol.split_once('+') {
        None => (protocol, false),
        Some((protocol, "deflate")) => (protocol, true),
        Some((_, other)) => return Err(format!("`+{other}` is not known: only +deflate may be added")),
    };
    let protocol: Protocol = protocol.parse().map_err(|error: UnknownProtocol| error.to_string())?;
    if deflate && protocol != Protocol::Rfc6455 {
        return Err(format!("{protocol} has no permessage-deflate"));
    }
    Ok(DecodeAs { port, protocol, deflate })
}
