//! Extensions of the hellos as fields (RFC 8446 section 4.2).

use super::pen::Pen;
use super::{kinds, names};

/// In which message an extension stands: some look different in each.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hello {
    Client,
    Server,
    Retry,
}

/// One extension: its type, its length, its content.
pub(super) fn fields(pen: &mut Pen<'_>, hello: Hello) {
    let Some(&[a, b, c, d]) = pen.ahead().first_chunk::<4>() else {
        pen.group(&kinds::EXTENSION, usize::MAX, |pen| {
            extension_type(pen);
            pen.rest(&kinds::CUT);
        });
        return;
    };
    let number = u16::from_be_bytes([a, b]);
    let length = usize::from(u16::from_be_bytes([c, d]));
    pen.group(kinds::extension_kind(number), 4 + length, |pen| {
        extension_type(pen);
        pen.number(&kinds::LENGTH, 2);
        content(pen, number, hello);
    });
}

fn extension_type(pen: &mut Pen<'_>) {
    pen.named(&kinds::EXTENSION_TYPE, 2, |number| names::or_grease(number, names::extension));
}

/// The content; what it leaves over is surplus. Many an answer of the server is an extension
/// without content, and then there is nothing to add.
fn content(pen: &mut Pen<'_>, number: u16, hello: Hello) {
    match number {
        0 => pen.list(2, |pen| {
            pen.named(&kinds::NAME_TYPE, 1, |kind| names::name_type(kind as u8));
            let length = pen.length(2);
            pen.text(&kinds::HOST_NAME, length);
        }),
        1 => {
            pen.named(&kinds::MAX_FRAGMENT, 1, |code| names::max_fragment(code as u8));
        }
        5 if hello == Hello::Client => {
            pen.named(&kinds::STATUS_TYPE, 1, |kind| names::certificate_status(kind as u8));
            pen.vector(&kinds::RESPONDERS, 2);
            pen.vector(&kinds::REQUEST_EXTENSIONS, 2);
        }
        10 => pen.list(2, named_group),
        11 => pen.list(1, |pen| {
            pen.named(&kinds::POINT_FORMAT, 1, |format| names::point_format(format as u8));
        }),
        13 | 50 => pen.list(2, |pen| {
            pen.named(&kinds::SIGNATURE_SCHEME, 2, |scheme| names::or_grease(scheme, names::scheme));
        }),
        16 => pen.list(2, |pen| {
            let length = pen.length(1);
            pen.text(&kinds::ALPN_PROTOCOL, length);
        }),
        21 => pen.rest(&kinds::PADDING_BYTES),
        27 => pen.list(1, |pen| {
            let name = |number| names::or_grease(number, names::certificate_compression);
            pen.named(&kinds::CERTIFICATE_COMPRESSION, 2, name);
        }),
        28 => {
            pen.number(&kinds::SIZE_LIMIT, 2);
        }
        35 => pen.rest(&kinds::TICKET),
        41 if hello == Hello::Client => pre_shared_keys(pen),
        41 => {
            pen.number(&kinds::PSK_SELECTED, 2);
        }
        43 if hello == Hello::Client => pen.list(1, supported_version),
        43 => supported_version(pen),
        44 => pen.vector(&kinds::COOKIE_BYTES, 2),
        45 => pen.list(1, |pen| {
            pen.named(&kinds::PSK_MODE, 1, |mode| names::psk_mode(mode as u8));
        }),
        51 if hello == Hello::Client => pen.list(2, key_share_entry),
        51 if hello == Hello::Retry => named_group(pen),
        51 => key_share_entry(pen),
        0xFE0D if hello == Hello::Client => encrypted_client_hello(pen),
        0xFF01 => pen.vector(&kinds::RENEGOTIATED, 1),
        // Without content where they are right; what stands there all the same is surplus.
        5 | 22 | 23 | 42 => {}
        _ => pen.rest(&kinds::EXTENSION_DATA),
    }
}

fn named_group(pen: &mut Pen<'_>) {
    pen.named(&kinds::NAMED_GROUP, 2, |group| names::or_grease(group, names::group));
}

fn supported_version(pen: &mut Pen<'_>) {
    pen.named(&kinds::SUPPORTED_VERSION, 2, |version| names::or_grease(version, names::version));
}

fn key_share_entry(pen: &mut Pen<'_>) {
    let ahead = pen.ahead();
    let length = match *ahead {
        [_, _, high, low, ..] => 4 + usize::from(u16::from_be_bytes([high, low])),
        _ => ahead.len(),
    };
    pen.group(&kinds::KEY_SHARE_ENTRY, length, |pen| {
        named_group(pen);
        pen.vector(&kinds::KEY_EXCHANGE, 2);
    });
}

fn pre_shared_keys(pen: &mut Pen<'_>) {
    pen.list(2, |pen| {
        let length = pen.peek(2);
        pen.group(&kinds::PSK_IDENTITY, 2 + length + 4, |pen| {
            pen.vector(&kinds::PSK_NAME, 2);
            pen.number(&kinds::TICKET_AGE, 4);
        });
    });
    pen.list(2, |pen| pen.vector(&kinds::PSK_BINDER, 1));
}

/// What a client that hides its hello puts into the one for everybody; the inner one has the type alone (RFC 9849
/// section 5).
fn encrypted_client_hello(pen: &mut Pen<'_>) {
    let Some(0) = pen.named(&kinds::ECH_TYPE, 1, |kind| names::ech_type(kind as u8)) else {
        pen.rest(&kinds::EXTENSION_DATA);
        return;
    };
    pen.named(&kinds::ECH_KDF, 2, |id| names::hpke_kdf(id as u16));
    pen.named(&kinds::ECH_AEAD, 2, |id| names::hpke_aead(id as u16));
    pen.number(&kinds::ECH_CONFIG, 1);
    pen.vector(&kinds::ECH_KEY, 2);
    pen.vector(&kinds::ECH_PAYLOAD, 2);
}
