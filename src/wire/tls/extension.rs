//! Extensions of the hellos as fields (RFC 8446 section 4.2).

use super::kinds::*;
use super::names;
use super::pen::Pen;

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
        pen.group(&EXTENSION, usize::MAX, |pen| {
            extension_type(pen);
            pen.rest(&CUT);
        });
        return;
    };
    let number = u16::from_be_bytes([a, b]);
    let length = usize::from(u16::from_be_bytes([c, d]));
    pen.group(extension_kind(number), 4 + length, |pen| {
        extension_type(pen);
        pen.number(&LENGTH, 2);
        content(pen, number, hello);
    });
}

fn extension_type(pen: &mut Pen<'_>) {
    pen.named(&EXTENSION_TYPE, 2, |number| names::or_grease(number, names::extension));
}

/// The content; what it leaves over is surplus. Many an answer of the server is an extension without content.
fn content(pen: &mut Pen<'_>, number: u16, hello: Hello) {
    match number {
        0 if pen.left() > 0 => pen.list(2, |pen| {
            pen.named(&NAME_TYPE, 1, |kind| names::name_type(kind as u8));
            let length = pen.length(2);
            pen.text(&HOST_NAME, length);
        }),
        1 => drop(pen.named(&MAX_FRAGMENT, 1, |code| names::max_fragment(code as u8))),
        5 if hello == Hello::Client => {
            pen.named(&STATUS_TYPE, 1, |kind| names::certificate_status(kind as u8));
            if pen.left() > 0 {
                pen.vector(&RESPONDERS, 2);
            }
            if pen.left() > 0 {
                pen.vector(&REQUEST_EXTENSIONS, 2);
            }
        }
        10 => pen.list(2, named_group),
        11 => {
            pen.list(1, |pen| drop(pen.named(&POINT_FORMAT, 1, |format| names::point_format(format as u8))))
        }
        13 | 50 => pen.list(2, |pen| {
            pen.named(&SIGNATURE_SCHEME, 2, |scheme| names::or_grease(scheme, names::scheme));
        }),
        16 => pen.list(2, |pen| {
            let length = pen.length(1);
            pen.text(&ALPN_PROTOCOL, length);
        }),
        21 => pen.rest(&PADDING_BYTES),
        27 => pen.list(1, |pen| {
            let name = |number| names::or_grease(number, names::certificate_compression);
            pen.named(&CERTIFICATE_COMPRESSION, 2, name);
        }),
        28 => drop(pen.number(&SIZE_LIMIT, 2)),
        35 => pen.rest(&TICKET),
        41 if hello == Hello::Client => pre_shared_keys(pen),
        41 => drop(pen.number(&PSK_SELECTED, 2)),
        43 if hello == Hello::Client => pen.list(1, supported_version),
        43 => supported_version(pen),
        44 => pen.vector(&COOKIE_BYTES, 2),
        45 => pen.list(1, |pen| drop(pen.named(&PSK_MODE, 1, |mode| names::psk_mode(mode as u8)))),
        51 if hello == Hello::Client => pen.list(2, key_share_entry),
        51 if hello == Hello::Retry => named_group(pen),
        51 => key_share_entry(pen),
        0xFE0D if hello == Hello::Client => encrypted_client_hello(pen),
        0xFF01 => pen.vector(&RENEGOTIATED, 1),
        // Without content where they are right; what stands there all the same is surplus.
        22 | 23 | 42 => {}
        0 | 5 => {}
        _ => pen.rest(&EXTENSION_DATA),
    }
}

fn named_group(pen: &mut Pen<'_>) {
    pen.named(&NAMED_GROUP, 2, |group| names::or_grease(group, names::group));
}

fn supported_version(pen: &mut Pen<'_>) {
    pen.named(&SUPPORTED_VERSION, 2, |version| names::or_grease(version, names::version));
}

fn key_share_entry(pen: &mut Pen<'_>) {
    let ahead = pen.ahead();
    let length = match *ahead {
        [_, _, high, low, ..] => 4 + usize::from(u16::from_be_bytes([high, low])),
        _ => ahead.len(),
    };
    pen.group(&KEY_SHARE_ENTRY, length, |pen| {
        named_group(pen);
        if pen.left() > 0 {
            pen.vector(&KEY_EXCHANGE, 2);
        }
    });
}

fn pre_shared_keys(pen: &mut Pen<'_>) {
    pen.list(2, |pen| {
        let length =
            pen.ahead().first_chunk::<2>().map_or(0, |length| usize::from(u16::from_be_bytes(*length)));
        pen.group(&PSK_IDENTITY, 2 + length + 4, |pen| {
            pen.vector(&PSK_NAME, 2);
            if pen.left() > 0 {
                pen.number(&TICKET_AGE, 4);
            }
        });
    });
    if pen.left() > 0 {
        pen.list(2, |pen| pen.vector(&PSK_BINDER, 1));
    }
}

/// What a client that hides its hello puts into the one for everybody; the inner one has the type alone (RFC 9849
/// section 5).
fn encrypted_client_hello(pen: &mut Pen<'_>) {
    let Some(0) = pen.named(&ECH_TYPE, 1, |kind| names::ech_type(kind as u8)) else {
        pen.rest(&EXTENSION_DATA);
        return;
    };
    if pen.left() == 0 {
        return;
    }
    pen.named(&ECH_KDF, 2, |id| names::hpke_kdf(id as u16));
    if pen.left() > 0 {
        pen.named(&ECH_AEAD, 2, |id| names::hpke_aead(id as u16));
    }
    if pen.left() > 0 {
        pen.number(&ECH_CONFIG, 1);
    }
    if pen.left() > 0 {
        pen.vector(&ECH_KEY, 2);
    }
    if pen.left() > 0 {
        pen.vector(&ECH_PAYLOAD, 2);
    }
}
