//! Handshakes as field trees: HTTP messages, and what hixie-76 puts behind their heads.

use super::{request_body_length, response_body_length};
use crate::model::field::{BitRange, Field, FieldKind, Value};
use crate::model::protocol::{Protocol, Side};
use crate::model::spec::Document::Hixie76;
use crate::wire::http::{Body, Head, message, message_field};

static BODY: FieldKind = kind("handshake-body", "bytes after the fields", "1.3");
static KEY3: FieldKind = kind("key3", "/key_3/", "5.2");
static ANSWER: FieldKind = kind("challenge-answer", "/reply/", "4.1");
static SURPLUS: FieldKind = kind("handshake-surplus", "bytes beyond the handshake", "4.1");

const fn kind(id: &'static str, name: &'static str, section: &'static str) -> FieldKind {
    FieldKind::new(id, name, Hixie76.section(section)).chapter("hixie-76")
}

/// The kinds of the fields of this file.
pub static KINDS: &[&FieldKind] = &[&BODY, &KEY3, &ANSWER, &SURPLUS];

/// The whole of an HTTP item: `head`, and behind it `body`, as much of it as is there.
///
/// `protocol` is the version that the request asked for, where it asked for one: of hixie-76 the first bytes of
/// `body` are key3 or the answer. Everything else is a body of HTTP that ends as `kind` says.
pub fn item_fields(side: Side, head: &Head, body: &[u8], protocol: Option<Protocol>, kind: Body) -> Field {
    let (part, length) = match (side, protocol) {
        (Side::Client, Some(protocol)) => (&KEY3, request_body_length(protocol)),
        (Side::Server, Some(protocol)) => (&ANSWER, response_body_length(protocol, head)),
        (_, None) => (&BODY, 0),
    };
    if length == 0 {
        return message_field(head, body, kind);
    }
    let offset = head.bits().end;
    let (proof, rest) = body.split_at(length.min(body.len()));
    let leaf = |kind, start: usize, bytes: &[u8]| {
        let bits = BitRange::bytes(start, start + bytes.len()).shifted(offset);
        Field::leaf(kind, bits, Value::Bytes(bytes.to_vec()))
    };
    let mut children = Vec::new();
    if !proof.is_empty() {
        children.push(leaf(part, 0, proof));
    }
    if !rest.is_empty() {
        children.push(leaf(&SURPLUS, proof.len(), rest));
    }
    let group = Field::group(&BODY, BitRange::bytes(0, body.len()).shifted(offset), children);
    message(head, group)
}
