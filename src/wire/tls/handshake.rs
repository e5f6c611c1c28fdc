//! Handshake messages as fields.

use super::borders::MESSAGE_HEADER;
use super::extension::{self, Hello};
use super::hello::RETRY_RANDOM as RETRY;
use super::pen::Pen;
use super::shape::message;
use super::{kinds, names};
use crate::model::field::FieldKind;

/// All that is left of a record: the rest of a message, `before` bytes of it, and the messages behind it. The last may
/// go on in the next record: it is described as far as it goes.
pub(super) fn fields(pen: &mut Pen<'_>, before: usize) {
    pen.bytes(&kinds::CONTINUED, before);
    while pen.left() > 0 {
        let Some((&[kind, a, b, c], body)) = pen.ahead().split_first_chunk::<MESSAGE_HEADER>() else {
            pen.group(&kinds::HANDSHAKE, usize::MAX, |pen| {
                pen.named(&kinds::HANDSHAKE_TYPE, 1, |kind| names::handshake(kind as u8));
                pen.rest(&kinds::CUT);
            });
            return;
        };
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        pen.group(group_of(kind, body), MESSAGE_HEADER + length, |pen| {
            pen.named(&kinds::HANDSHAKE_TYPE, 1, |kind| names::handshake(kind as u8));
            pen.number(&kinds::HANDSHAKE_LENGTH, 3);
            body_fields(pen, kind, length);
        });
    }
}

fn group_of(kind: u8, body: &[u8]) -> &'static FieldKind {
    if kind == message::SERVER_HELLO && is_retry(body) {
        &kinds::HELLO_RETRY_REQUEST
    } else {
        kinds::message_kind(kind)
    }
}

fn is_retry(body: &[u8]) -> bool {
    body.get(2..).is_some_and(|rest| rest.starts_with(&RETRY))
}

/// The body of a message, of which the header claims `length` bytes.
fn body_fields(pen: &mut Pen<'_>, kind: u8, length: usize) {
    match kind {
        message::CLIENT_HELLO => client_hello(pen),
        message::SERVER_HELLO => server_hello(pen),
        message::CERTIFICATE => pen.list(3, |pen| pen.vector(&kinds::CERTIFICATE_ENTRY, 3)),
        message::SERVER_KEY_EXCHANGE => server_key_exchange(pen),
        message::CLIENT_KEY_EXCHANGE => client_key_exchange(pen, length),
        message::CERTIFICATE_VERIFY => signed(pen),
        message::FINISHED => pen.rest(&kinds::VERIFY_DATA),
        message::NEW_SESSION_TICKET => {
            pen.number(&kinds::TICKET_LIFETIME, 4);
            pen.vector(&kinds::TICKET, 2);
        }
        message::CERTIFICATE_STATUS => {
            pen.named(&kinds::STATUS_TYPE, 1, |kind| names::certificate_status(kind as u8));
            pen.vector(&kinds::STATUS_RESPONSE, 3);
        }
        message::HELLO_REQUEST | message::SERVER_HELLO_DONE => {}
        _ => pen.rest(&kinds::BODY),
    }
}

fn client_hello(pen: &mut Pen<'_>) {
    version(pen);
    pen.bytes(&kinds::RANDOM, 32);
    pen.vector(&kinds::SESSION_ID, 1);
    let suites = pen.peek(2);
    pen.group(&kinds::CIPHER_SUITES, 2 + suites, |pen| pen.list(2, cipher_suite));
    let methods = pen.peek(1);
    pen.group(&kinds::COMPRESSION_METHODS, 1 + methods, |pen| pen.list(1, compression_method));
    extensions(pen, Hello::Client);
}

fn server_hello(pen: &mut Pen<'_>) {
    let retry = is_retry(pen.ahead());
    version(pen);
    pen.bytes(if retry { &kinds::RETRY_RANDOM } else { &kinds::RANDOM }, 32);
    pen.vector(&kinds::SESSION_ID, 1);
    cipher_suite(pen);
    compression_method(pen);
    extensions(pen, if retry { Hello::Retry } else { Hello::Server });
}

fn extensions(pen: &mut Pen<'_>, hello: Hello) {
    let length = pen.peek(2);
    pen.group(&kinds::EXTENSIONS, 2 + length, |pen| pen.list(2, |pen| extension::fields(pen, hello)));
}

fn version(pen: &mut Pen<'_>) {
    pen.named(&kinds::VERSION, 2, |version| names::version(version as u16));
}

fn cipher_suite(pen: &mut Pen<'_>) {
    pen.named(&kinds::CIPHER_SUITE, 2, |suite| names::or_grease(suite, names::suite));
}

fn compression_method(pen: &mut Pen<'_>) {
    pen.named(&kinds::COMPRESSION_METHOD, 1, |method| names::compression(method as u8));
}

/// The parameters depend on the cipher suite, which stands in another message. Those of elliptic curves, the usual ones,
/// are known by their form (RFC 8422 section 5.4).
fn server_key_exchange(pen: &mut Pen<'_>) {
    let is_named_curve = match *pen.ahead() {
        [3, high, low, ..] => names::group(u16::from_be_bytes([high, low])).is_some(),
        _ => false,
    };
    if !is_named_curve {
        pen.rest(&kinds::BODY);
        return;
    }
    pen.named(&kinds::CURVE_TYPE, 1, |kind| names::curve_type(kind as u8));
    pen.named(&kinds::NAMED_GROUP, 2, |group| names::or_grease(group, names::group));
    pen.vector(&kinds::KEY_EXCHANGE, 1);
    signed(pen);
}

/// A signature to the message's end. TLS 1.2 says before it how it was made; older versions do not, and then its length
/// alone fills the message.
fn signed(pen: &mut Pen<'_>) {
    let rest = pen.ahead();
    let fits = rest
        .first_chunk::<2>()
        .is_some_and(|length| usize::from(u16::from_be_bytes(*length)) + 2 == rest.len());
    if !fits {
        pen.named(&kinds::SIGNATURE_SCHEME, 2, |scheme| names::or_grease(scheme, names::scheme));
    }
    pen.vector(&kinds::SIGNATURE, 2);
}

/// A point of a curve has its length in one byte before it; a secret encrypted with RSA, or a Diffie-Hellman value, in
/// two. What neither fits is left as it is.
fn client_key_exchange(pen: &mut Pen<'_>, length: usize) {
    match *pen.ahead() {
        [short, ..] if usize::from(short) + 1 == length => pen.vector(&kinds::KEY_EXCHANGE, 1),
        [high, low, ..] if usize::from(u16::from_be_bytes([high, low])) + 2 == length => {
            pen.vector(&kinds::KEY_EXCHANGE, 2);
        }
        _ => pen.rest(&kinds::BODY),
    }
}
