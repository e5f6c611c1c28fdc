//! Where anything may begin: the first byte says what.

use super::head::HeadMode;
use super::tls::Records;
use super::{Cx, Mode, Step, rest, tls};
use crate::model::protocol::Side;
use crate::trace::item::ItemKind;
use crate::trace::stream::Piece;
use crate::wire::http::is_token_byte;
use crate::wire::tls::record;

pub(super) fn step(cx: &mut Cx<'_>) -> Step {
    cx.look_again();
    let first = match cx.piece() {
        Piece::Data(bytes) => bytes.first().copied().unwrap_or_default(),
        Piece::Gap(missing) => {
            cx.take_gap(ItemKind::Unparsed, missing);
            return Step::To(Mode::sync());
        }
        Piece::End => return Step::Wait,
    };
    let answers_policy = cx.side == Side::Server && cx.shared.policies > 0;
    let is_record = matches!(first, record::ALERT_TYPE | record::HANDSHAKE_TYPE) && !cx.shared.searches();
    match is_record.then(|| tls::begins_here(cx)) {
        Some(None) => return Step::Wait,
        Some(Some(true)) => return Step::To(Mode::Tls(Records::default())),
        Some(Some(false)) | None => {}
    }
    // A request begins with a method, whatever is wrong with it; a response with its version.
    let begins_head = match cx.side {
        Side::Client => is_token_byte(first) || first == b' ',
        Side::Server => first == b'H',
    };
    Step::To(match first {
        b'<' if cx.side == Side::Client => Mode::Policy,
        // An HTTP server may answer the policy request with 400.
        _ if answers_policy && first != b'H' => Mode::Policy,
        b'\r' | b'\n' => Mode::Head(HeadMode::default()),
        _ if begins_head => Mode::Head(HeadMode::default()),
        _ if cx.shared.http2 => Mode::Opaque,
        _ if cx.shared.searches() => Mode::sync(),
        _ => return rest::strange(cx, first),
    })
}
