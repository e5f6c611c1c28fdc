//! The client's requests of a recording, changed before they are sent again: header fields, and the keys of the handshake.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::ReplayConfig;
use crate::endpoint::random;
use crate::model::protocol::Side;
use crate::wire::Parse;
use crate::wire::handshake::hixie76::Keys;
use crate::wire::http::{Head, parse_head};

/// The bytes of a request as they are to be sent now; none where nothing of it changes.
pub(super) fn request(bytes: &[u8], config: &ReplayConfig) -> Option<Vec<u8>> {
    if config.headers.is_empty() && !config.fresh_key {
        return None;
    }
    let Parse::Done(head, length) = parse_head(bytes, Side::Client, usize::MAX) else { return None };
    let mut body = bytes.get(length..).unwrap_or_default().to_vec();
    let mut fields = Vec::new();
    if config.fresh_key {
        fields.extend(fresh_keys(&head, &mut body));
    }
    // What the person says goes over what is made up.
    fields.retain(|(name, _)| !config.headers.iter().any(|(said, _)| said.eq_ignore_ascii_case(name)));
    fields.extend(config.headers.iter().cloned());
    let mut out = with_fields(&head, &fields);
    out.extend(body);
    Some(out)
}

/// Fields with new keys, and the new key behind the head, for the keys that the request has.
fn fresh_keys(head: &Head, body: &mut Vec<u8>) -> Vec<(String, String)> {
    let mut fill = random();
    let mut fields = Vec::new();
    if head.has("Sec-WebSocket-Key") {
        let mut key = [0; 16];
        fill(&mut key);
        fields.push(("Sec-WebSocket-Key".to_owned(), STANDARD.encode(key)));
    }
    if head.has("Sec-WebSocket-Key1") && head.has("Sec-WebSocket-Key2") {
        let keys = Keys::random(&mut fill);
        fields.push(("Sec-WebSocket-Key1".to_owned(), keys.key1));
        fields.push(("Sec-WebSocket-Key2".to_owned(), keys.key2));
        body.splice(..body.len().min(keys.key3.len()), keys.key3);
    }
    fields
}

/// The head with these values: in place of the field's first, the others of its name are left out; behind all others
/// where it has none. What is not named stays as it was, byte for byte.
fn with_fields(head: &Head, fields: &[(String, String)]) -> Vec<u8> {
    let raw = head.raw();
    let mut out = Vec::with_capacity(raw.len() + 128);
    let mut at = 0;
    let mut left: Vec<Option<&(String, String)>> = fields.iter().map(Some).collect();
    for field in head.fields() {
        let name = String::from_utf8_lossy(field.name.of(raw));
        let Some(index) = fields.iter().position(|(said, _)| said.eq_ignore_ascii_case(&name)) else {
            continue;
        };
        out.extend_from_slice(raw.get(at..field.line.start).unwrap_or_default());
        at = field.line.end;
        if let Some((_, value)) = left.get_mut(index).and_then(Option::take) {
            out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
    }
    let empty = head.empty_line();
    out.extend_from_slice(raw.get(at..empty.start).unwrap_or_default());
    for (name, value) in left.into_iter().flatten() {
        out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    out.extend_from_slice(empty.of(raw));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(headers: &[(&str, &str)], fresh_key: bool) -> ReplayConfig {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        ReplayConfig { headers, fresh_key, ..ReplayConfig::new("") }
    }

    #[test]
    fn fields_take_the_place_of_those_of_their_name() {
        let head = b"GET / HTTP/1.1\r\nHost: a\r\nCOOKIE: x=1\r\n y\r\nX: 1\r\ncookie: 2\r\n\r\n";
        let config = config(&[("Cookie", "session=7"), ("Origin", "http://b")], false);
        let changed = request(head, &config).unwrap();
        let expected = "GET / HTTP/1.1\r\nHost: a\r\nCOOKIE: session=7\r\nX: 1\r\nOrigin: http://b\r\n\r\n";
        assert_eq!(String::from_utf8(changed).unwrap(), expected);
        assert_eq!(request(head, &ReplayConfig::new("")), None);
    }

    #[test]
    fn keys_are_new_and_nothing_else() {
        let head = b"GET / HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nA: b\r\n\r\n";
        let changed = String::from_utf8(request(head, &config(&[], true)).unwrap()).unwrap();
        assert!(changed.len() == head.len() && changed.ends_with("==\r\nA: b\r\n\r\n"), "{changed}");
        assert!(!changed.contains("dGhlIHNhbXBsZSBub25jZQ=="), "{changed}");
        // A key that is said is that key.
        let changed = request(head, &config(&[("sec-websocket-key", "x")], true)).unwrap();
        assert!(String::from_utf8(changed).unwrap().contains("Sec-WebSocket-Key: x\r\n"));
        let old = b"GET / HTTP/1.1\r\nSec-WebSocket-Key1: 1 1\r\nSec-WebSocket-Key2: 2 2\r\n\r\n12345678";
        let changed = request(old, &config(&[], true)).unwrap();
        let kept = b"Sec-WebSocket-Key1: 1 1\r\n";
        assert!(!changed.ends_with(b"12345678") && !changed.windows(kept.len()).any(|line| line == kept));
    }
}
