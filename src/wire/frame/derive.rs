//! How what a frame means follows from its bits: its length, and what stands under its mask.

use super::coding::Coding;
use super::hybi::LengthForm;
use crate::facts;
use crate::model::derive::{Derivation, Input, ItemRef, Step};
use crate::model::dialect::Masking;
use crate::model::field::{BitRange, hex};
use crate::model::spec::Document::{Hybi04, Hybi06, Rfc6455};
use crate::model::spec::Section;

/// How the length follows from the header's bits (RFC 6455 section 5.2). None while the header is cut.
pub fn length_derivation(coding: &Coding, bytes: &[u8]) -> Option<Derivation> {
    let (header, _) = coding.read(bytes)?;
    let clear = coding.uncovered(bytes);
    let start = if header.key_first { 4 } else { 0 };
    let seven = clear.get(start + 1)? & 0x7F;
    let place = |bits| vec![Input::Bits { item: ItemRef::This, bits }];
    let mut steps = vec![Step {
        operation: "length",
        label: if coding.has_mask_bit() { facts!("seven") } else { facts!("behind-rsv4") },
        inputs: place(header.place(9, 16)),
        shown: match header.length_form {
            LengthForm::Short => facts!("short", bits = format!("{seven:07b}"), number = seven),
            LengthForm::Medium => {
                facts!("next", bits = format!("{seven:07b}"), number = seven, count = 16_u8)
            }
            LengthForm::Long => facts!("next", bits = format!("{seven:07b}"), number = seven, count = 64_u8),
        }
        .into(),
        output: seven.to_string(),
        on_wire: None,
    }];
    let extra = header.length_form.extra();
    if extra > 0 {
        let written = clear.get(start + 2..start + 2 + extra)?;
        steps.push(Step {
            operation: "length",
            label: facts!("next", count = extra * 8),
            inputs: place(BitRange::bytes(start + 2, start + 2 + extra)),
            shown: format!("0x{} = {}", hex(written), header.payload_length).into(),
            output: header.payload_length.to_string(),
            on_wire: None,
        });
    }
    let section = if coding.is_latest() { Rfc6455.section("5.2") } else { Hybi06.section("4.3") };
    Some(Derivation { id: "frame.length", section, bits: header.length_bits(), steps })
}

/// How many bytes [`unmask_derivation`] writes out one by one.
pub const UNMASK_STEPS: usize = 256;

/// How each byte under the mask follows from the masked byte and the key: of the payload (RFC 6455 section 5.3), in
/// hybi-04 to -06 of the header too. None for a frame that is not masked, or has nothing under its mask. At most
/// [`UNMASK_STEPS`] bytes are written out; the last step says how many follow.
pub fn unmask_derivation(coding: &Coding, bytes: &[u8]) -> Option<Derivation> {
    let (header, length) = coding.read(bytes)?;
    let key = header.mask?;
    // Where the covered bytes begin, and the key's.
    let (from, key_at) = if header.key_first { (4, 0) } else { (length, length - 4) };
    let masked = bytes.get(from..).filter(|masked| !masked.is_empty())?;
    let clear = coding.uncovered(bytes);
    let clear = clear.get(from..)?;
    let stream = coding.stream(key);
    let period = stream.period();
    let bits = |from: usize| Input::Bits { item: ItemRef::This, bits: BitRange::bytes(from, from + 1) };
    let mut steps: Vec<Step> = coding
        .connection()
        .map(|connection| Step {
            operation: "sha1",
            label: facts!("frame-key"),
            inputs: vec![
                Input::Bits { item: ItemRef::This, bits: BitRange::bytes(0, 4) },
                Input::Constant("masking-key"),
            ],
            shown: format!("SHA-1({} ‖ {}) = {}", hex(&key), hex(connection), hex(period)).into(),
            output: hex(period),
            on_wire: None,
        })
        .into_iter()
        .collect();
    let hashed = !steps.is_empty();
    let rows = masked.iter().zip(clear).zip(period.iter().cycle()).take(UNMASK_STEPS).enumerate();
    steps.extend(rows.map(|(i, ((masked, clear), key))| {
        let character =
            if clear.is_ascii_graphic() { format!(" '{}'", *clear as char) } else { String::new() };
        let place = i % period.len().max(1);
        let source = match (hashed, coding.has_nonce()) {
            (true, _) => Input::Step(0),
            (false, true) => Input::Constant("masking-key"),
            (false, false) => bits(key_at + place),
        };
        let label = if i + from < length {
            facts!("header-byte", number = i, key = place)
        } else if header.key_first {
            facts!("byte-behind", number = i + from - length, key = place)
        } else {
            facts!("byte", number = i, key = place)
        };
        Step {
            operation: "xor",
            label,
            inputs: vec![bits(from + i), source],
            shown: format!("{masked:02x} ⊕ {key:02x} = {clear:02x}{character}").into(),
            output: format!("{clear:02x}"),
            on_wire: None,
        }
    }));
    if masked.len() > UNMASK_STEPS {
        steps.push(Step {
            operation: "xor",
            label: facts!("rest", count = masked.len() - UNMASK_STEPS),
            inputs: vec![Input::Bits {
                item: ItemRef::This,
                bits: BitRange::bytes(from + UNMASK_STEPS, bytes.len()),
            }],
            shown: String::new().into(),
            output: hex(clear.get(UNMASK_STEPS..).unwrap_or_default()),
            on_wire: None,
        });
    }
    let bits =
        if header.key_first { BitRange::bytes(4, bytes.len()) } else { header.payload_bits(bytes.len()) };
    let id = if header.key_first { "frame.uncover" } else { "frame.unmask" };
    Some(Derivation { id, section: section(coding), bits, steps })
}

/// Where the mask is described.
fn section(coding: &Coding) -> Section {
    match coding.layout().masking {
        Masking::HashedFrame => Hybi04.section("4.2"),
        Masking::Frame => Hybi06.section("4.2"),
        Masking::None | Masking::Payload => Rfc6455.section("5.3"),
    }
}
