//! TLS where HTTP was spoken or expected: mostly the alert of a server whose port is meant for `wss:`.
//!
//! A connection that begins with TLS is read by a layer of its own (`trace/layer/tls.rs`).

use super::{Cx, Mode, Step};
use crate::facts;
use crate::model::field::BitRange;
use crate::model::rule::Rule;
use crate::trace::item::ItemKind;
use crate::wire::tls::Session;
use crate::wire::tls::record::{Beginning, Header, begins};

/// So many bytes say whether TLS begins.
const LOOKED_AT: u64 = 64;

/// Records of one side, one after the other.
#[derive(Debug, Default)]
pub(super) struct Records {
    session: Box<Session>,
    /// A record was read, so what this is has been said.
    said: bool,
}

/// Whether TLS begins at the lane's place; none while that cannot be said.
pub(super) fn begins_here(cx: &Cx<'_>) -> Option<bool> {
    let there = cx.bytes(cx.here.at..cx.stream().end().min(cx.here.at + LOOKED_AT));
    let more = !cx.over() && cx.here.at + there.len() as u64 == cx.stream().end();
    match begins(&there) {
        Beginning::Yes => Some(true),
        Beginning::More if more => None,
        Beginning::More | Beginning::No => Some(false),
    }
}

impl Records {
    pub(super) fn step(&mut self, cx: &mut Cx<'_>) -> Step {
        let at = cx.here.at;
        let head = cx.bytes(at..cx.stream().end().min(at + Header::LENGTH as u64));
        let Some(header) = Header::read(&head) else {
            // A gap follows, or nothing.
            let more = !cx.over() && at + head.len() as u64 == cx.stream().end();
            return if more || at == cx.stream().end() { Step::Wait } else { Step::To(Mode::Opaque) };
        };
        if !header.is_plausible() {
            let facts = facts!("no-records");
            return cx.give_up(Rule::StreamUnparsed.says(BitRange::bytes(0, Header::LENGTH), facts));
        }
        let end = at + header.record_length() as u64;
        if end > cx.stream().end() && !cx.over() {
            return Step::Wait;
        }
        let record = cx.bytes(at..end.min(cx.stream().end()));
        let whole = at + record.len() as u64 == end;
        let side = cx.side;
        if !std::mem::replace(&mut self.said, true) {
            let facts = facts!("answer", side);
            cx.find(Rule::TlsUnasked.says(BitRange::bytes(0, Header::LENGTH), facts));
        }
        let fragment = record.get(Header::LENGTH..).unwrap_or_default();
        let content = self.session.record(side, header, fragment, &mut cx.here.findings);
        if !whole {
            let (bits, what) = (cx.bits(record.len() as u64), cx.what_ends());
            let facts = facts!("record", length = header.length, what, got = fragment.len());
            cx.find(Rule::StreamEndsInside.says(bits, facts));
        }
        cx.emit_holding(ItemKind::TlsRecord, at + record.len() as u64, whole, content.to_byte());
        Step::Stay
    }
}
