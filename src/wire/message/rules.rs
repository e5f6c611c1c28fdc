//! What a frame's header may say, whatever stood before it (RFC 6455 section 5, RFC 7692 section 6).

use crate::facts;
use crate::model::dialect::{Dialect, Masking, RFC6455};
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Rule, Severity};
use crate::wire::deflate::Unit;
use crate::wire::frame::hybi::{Header, LengthForm, MAX_CONTROL, Opcode};

/// The place of the first reserved bit.
const RSV1: u64 = 1;

/// What the agreed extensions make of what is reserved in a header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reserved {
    /// RSV1 says that so much is compressed.
    pub rsv1: Option<Unit>,
    /// An extension was agreed on that this program does not know: any bit and any opcode may be its own.
    pub foreign: bool,
}

/// Checks a header by itself, by the rules of a version: the reserved bits, the opcode, the mask, the length, and what
/// holds for control frames. `reserved` is what the agreed extensions give a meaning to. The bits of the findings count
/// from the frame's first bit.
#[inline]
pub fn check_header(
    dialect: &Dialect,
    header: &Header,
    sender: Side,
    reserved: Reserved,
    findings: &mut Vec<Finding>,
) {
    let clean = header.rsv == [false; 3]
        && !header.rsv4
        && !header.opcode.is_reserved()
        && (header.mask.is_some() == (sender == Side::Client) || !has_mask_bit(dialect))
        && header.length_form == LengthForm::minimal(header.payload_length)
        && header.payload_length >> 63 == 0
        && (!header.opcode.is_control() || (header.fin && header.payload_length <= 125));
    if !clean {
        let before = findings.len();
        check_closely(dialect, has_mask_bit(dialect), header, sender, reserved, findings);
        dialect.judge(findings, before);
    }
}

/// How many rules a header breaks by itself, by the strictest that any version makes of them: bytes that break several
/// are probably no header. `mask_bit` where the layout has MASK.
pub fn broken_rules(header: &Header, sender: Side, reserved: Reserved, mask_bit: bool) -> usize {
    let mut findings = Vec::new();
    check_closely(&RFC6455, mask_bit, header, sender, reserved, &mut findings);
    findings.iter().filter(|finding| finding.rule.severity() == Severity::Error).count()
}

fn has_mask_bit(dialect: &Dialect) -> bool {
    dialect.layout().masking == Masking::Payload
}

#[cold]
fn check_closely(
    dialect: &Dialect,
    mask_bit: bool,
    header: &Header,
    sender: Side,
    reserved: Reserved,
    findings: &mut Vec<Finding>,
) {
    reserved_bits(header, reserved, findings);
    if header.rsv4 {
        findings.push(Rule::Rsv4.at(header.place(8, 9)));
    }
    if header.opcode.is_reserved() && !reserved.foreign {
        let bits = dialect.layout().bits(header.opcode.bits());
        let facts = facts!("reserved", opcode = format!("{bits:X}"));
        findings.push(Rule::ReservedOpcode.says(header.opcode_bits(), facts));
    }
    let mask = header.place(8, 9);
    match (sender, header.mask) {
        // In hybi-04 to -06 nothing tells whether a frame is masked, and before there is no mask.
        _ if !mask_bit => {}
        (Side::Client, None) => {
            findings.push(Rule::ClientMustMask.says(mask, facts!("bare")));
        }
        (Side::Server, Some(_)) => {
            findings.push(Rule::ServerMustNotMask.says(mask, facts!("masked")));
        }
        _ => {}
    }
    let length = header.payload_length;
    let minimal = LengthForm::minimal(length);
    if header.length_form != minimal {
        let bits = |form: LengthForm| if form == LengthForm::Short { 7 } else { form.extra() * 8 };
        let (written, enough) = (bits(header.length_form), bits(minimal));
        let facts = facts!("bits", length, written, enough);
        findings.push(Rule::LengthNotMinimal.says(header.length_bits(), facts));
    }
    if length >> 63 != 0 {
        findings.push(Rule::LengthTopBit.at(header.place(16, 17)));
    }
    if header.opcode.is_control() {
        let kind = header.opcode.name();
        if length > MAX_CONTROL as u64 {
            let facts = facts!("claims", kind, length, limit = MAX_CONTROL);
            findings.push(Rule::ControlTooLong.says(header.length_bits(), facts));
        }
        if !header.fin {
            findings.push(Rule::ControlFragmented.says(header.place(0, 1), facts!("fin", kind)));
        }
    }
}

fn reserved_bits(header: &Header, reserved: Reserved, findings: &mut Vec<Finding>) {
    let mut unknown = header.rsv;
    if let Some(unit) = reserved.rsv1.filter(|_| unknown[0]) {
        unknown[0] = false;
        // Reserved opcodes are another rule's matter: nobody knows whether they can be compressed.
        let is_data = unit == Unit::Frame && header.opcode == Opcode::CONTINUATION;
        let message_begins = matches!(header.opcode, Opcode::TEXT | Opcode::BINARY);
        if !message_begins && !is_data && !header.opcode.is_reserved() {
            let kind = header.opcode.name();
            let facts =
                if header.opcode.is_control() { facts!("control", kind) } else { facts!("fragment", kind) };
            findings.push(Rule::Rsv1Position.says(header.place(RSV1, RSV1 + 1), facts));
        }
    }
    if reserved.foreign {
        return;
    }
    let set: Vec<u64> = (RSV1..).zip(unknown).filter(|&(_, set)| set).map(|(bit, _)| bit).collect();
    if let (Some(&first), Some(&last)) = (set.first(), set.last()) {
        let facts = match set.as_slice() {
            [bit] => facts!("one", bit = *bit),
            [_, _, _] => facts!("three"),
            _ => facts!("two", first, last),
        };
        findings.push(Rule::RsvWithoutExtension.says(header.place(first, last + 1), facts));
    }
}
