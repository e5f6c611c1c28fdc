//! What a frame's header may say, whatever stood before it (RFC 6455 section 5, RFC 7692 section 6).

use crate::model::field::BitRange;
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Rule};
use crate::wire::frame::hybi::{Header, LengthForm, MAX_CONTROL, Opcode};

/// The place of the first reserved bit.
const RSV1: u64 = 1;
/// The place of the opcode.
pub(super) const OPCODE: BitRange = BitRange::new(4, 8);
/// The place of the mask bit.
const MASK: BitRange = BitRange::new(8, 9);
/// The place of FIN.
pub(super) const FIN: BitRange = BitRange::new(0, 1);

/// Checks a header by itself: the reserved bits, the opcode, the mask, the length, and what holds for control
/// frames. `rsv1_allowed` where permessage-deflate was agreed on. The bits of the findings count from the frame's
/// first bit.
#[inline]
pub fn check_header(header: &Header, sender: Side, rsv1_allowed: bool, findings: &mut Vec<Finding>) {
    let clean = header.rsv == [false; 3]
        && !header.opcode.is_reserved()
        && header.mask.is_some() == (sender == Side::Client)
        && header.length_form == LengthForm::minimal(header.payload_length)
        && header.payload_length >> 63 == 0
        && (!header.opcode.is_control() || (header.fin && header.payload_length <= 125));
    if !clean {
        check_closely(header, sender, rsv1_allowed, findings);
    }
}

#[cold]
fn check_closely(header: &Header, sender: Side, rsv1_allowed: bool, findings: &mut Vec<Finding>) {
    reserved_bits(header, rsv1_allowed, findings);
    if header.opcode.is_reserved() {
        let words = format!("opcode {:X} is reserved: nothing says what it means", header.opcode.bits());
        findings.push(Rule::ReservedOpcode.says(OPCODE, words));
    }
    match (sender, header.mask) {
        (Side::Client, None) => {
            findings.push(Rule::ClientMustMask.says(MASK, "the client sent this frame without a mask"));
        }
        (Side::Server, Some(_)) => {
            findings.push(Rule::ServerMustNotMask.says(MASK, "the server masked this frame"));
        }
        _ => {}
    }
    let length = header.payload_length;
    let minimal = LengthForm::minimal(length);
    if header.length_form != minimal {
        let bits = |form: LengthForm| if form == LengthForm::Short { 7 } else { form.extra() * 8 };
        let (written, enough) = (bits(header.length_form), bits(minimal));
        let words = format!("the length {length} is written with {written} bits, where {enough} are enough");
        findings.push(Rule::LengthNotMinimal.says(header.length_bits(), words));
    }
    if length >> 63 != 0 {
        findings.push(Rule::LengthTopBit.at(BitRange::new(16, 17)));
    }
    if header.opcode.is_control() {
        let name = header.opcode.name();
        if length > MAX_CONTROL as u64 {
            let words = format!(
                "this {name} frame claims {length} bytes of payload, and a control frame has at most {MAX_CONTROL}"
            );
            findings.push(Rule::ControlTooLong.says(header.length_bits(), words));
        }
        if !header.fin {
            findings.push(Rule::ControlFragmented.says(FIN, format!("this {name} frame has FIN 0")));
        }
    }
}

fn reserved_bits(header: &Header, rsv1_allowed: bool, findings: &mut Vec<Finding>) {
    let mut unknown = header.rsv;
    if rsv1_allowed && unknown[0] {
        unknown[0] = false;
        // Reserved opcodes are another rule's matter: nobody knows whether they can be compressed.
        let message_begins = matches!(header.opcode, Opcode::TEXT | Opcode::BINARY);
        if !message_begins && !header.opcode.is_reserved() {
            let why = if header.opcode.is_control() {
                "control frames are never compressed"
            } else {
                "it says so once, on the message's first frame"
            };
            let words = format!("RSV1 is set on a {} frame: {why}", header.opcode.name());
            findings.push(Rule::Rsv1Position.says(BitRange::new(RSV1, RSV1 + 1), words));
        }
    }
    let set: Vec<u64> = (RSV1..).zip(unknown).filter(|&(_, set)| set).map(|(bit, _)| bit).collect();
    if let (Some(&first), Some(&last)) = (set.first(), set.last()) {
        let names = match set.as_slice() {
            [_, _, _] => "RSV1, RSV2 and RSV3".to_owned(),
            some => some.iter().map(|bit| format!("RSV{bit}")).collect::<Vec<_>>().join(" and "),
        };
        let verb = if set.len() == 1 { "is" } else { "are" };
        let words = format!("{names} {verb} set, and no agreed extension gives a meaning to that");
        findings.push(Rule::RsvWithoutExtension.says(BitRange::new(first, last + 1), words));
    }
}
