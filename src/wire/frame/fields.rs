//! The fields of a frame of the hybi family (RFC 6455 section 5.2, and the drafts before it).

use super::coding::Coding;
use super::hybi::Opcode;
use crate::model::dialect::{Dialect, HYBI07, LastBit, RFC6455};
use crate::model::field::{BitRange, Field, FieldKind, Role, Value};
use crate::model::spec::Document;
use crate::wire::close;

macro_rules! kinds {
    ($($name:ident $id:literal $label:literal $document:ident $section:literal $role:ident $chapter:literal;)*) => {
        $( #[doc = concat!("The field ", $label, ".")] pub static $name: FieldKind =
            FieldKind::new($id, $label, Document::$document.section($section)).role(Role::$role).chapter($chapter); )*

        /// The kinds of field that a frame of this family is made of.
        pub static KINDS: &[&FieldKind] = &[ $( &$name, )* ];
    };
}

kinds! {
    FRAME "frame" "Frame" Rfc6455 "5.2" Other "frames";
    FIN "fin" "FIN" Rfc6455 "5.2" First "frames";
    MORE "more" "MORE" Hybi03 "4.2" First "drafts";
    RSV1 "rsv1" "RSV1" Rfc6455 "5.2" Reserved "deflate";
    RSV2 "rsv2" "RSV2" Rfc6455 "5.2" Reserved "deflate";
    RSV3 "rsv3" "RSV3" Rfc6455 "5.2" Reserved "deflate";
    OPCODE "opcode" "opcode" Rfc6455 "5.2" Kind "frames";
    OLD_OPCODE "opcode-hybi-01" "opcode" Hybi06 "4.3" Kind "drafts";
    RSV4 "rsv4" "RSV4" Hybi06 "4.3" Reserved "drafts";
    MASK "mask" "MASK" Rfc6455 "5.2" Mark "masking";
    PAYLOAD_LEN "payload-len" "Payload len" Rfc6455 "5.2" Length "frames";
    EXTENDED_LENGTH_16 "extended-payload-length-16" "Extended payload length" Rfc6455 "5.2" LongLength "frames";
    EXTENDED_LENGTH_64 "extended-payload-length-64" "Extended payload length" Rfc6455 "5.2" LongLength "frames";
    MASKING_KEY "masking-key" "Masking-key" Rfc6455 "5.3" Key "masking";
    FRAME_KEY "frame-masking-key" "masking-key" Hybi06 "4.2" Key "drafts";
    FRAME_NONCE "masking-nonce" "masking-nonce" Hybi04 "4.2" Key "drafts";
    PAYLOAD "payload" "Payload data" Rfc6455 "5.2" Data "frames";
    CUT "frame-cut" "Cut header" Rfc6455 "5.2" Other "frames";
}

/// Describes the bytes of one frame, from its first byte to its last or to where the recording ends.
///
/// `compressed` says that the payload belongs to a compressed message, and so is not text itself.
pub fn fields(bytes: &[u8], compressed: bool) -> Field {
    fields_in(&RFC6455, &Coding::LATEST, bytes, compressed)
}

/// The same in the words of a version, of bytes that stand on the wire as `coding` says: opcodes and close codes are
/// named as the version names them. Where a mask covers the header, the fields say what stands under it.
pub fn fields_in(dialect: &Dialect, coding: &Coding, bytes: &[u8], compressed: bool) -> Field {
    let whole = BitRange::bytes(0, bytes.len());
    if bytes.is_empty() {
        return Field::leaf(&CUT, whole, Value::Group);
    }
    let mut children = Vec::new();
    let clear = coding.uncovered(bytes);
    let start = if coding.covers_header() { 4.min(bytes.len()) } else { 0 };
    if start > 0 {
        let kind = if coding.has_nonce() { &FRAME_NONCE } else { &FRAME_KEY };
        let kind = if start == 4 { kind } else { &CUT };
        let key = bytes.get(..start).unwrap_or_default().to_vec();
        children.push(Field::leaf(kind, BitRange::bytes(0, start), Value::Bytes(key)));
    }
    let header = clear.get(start..).unwrap_or_default();
    first_bytes(coding, header, start, &mut children);
    match coding.read(bytes) {
        None if header.len() > 2 => {
            let rest = header.get(2..).unwrap_or_default().to_vec();
            children.push(Field::leaf(&CUT, BitRange::bytes(start + 2, bytes.len()), Value::Bytes(rest)));
        }
        None => {}
        Some((header, length)) => {
            let extra = header.length_form.extra();
            let kind = if extra == 2 { &EXTENDED_LENGTH_16 } else { &EXTENDED_LENGTH_64 };
            let behind = start + 2 + extra;
            if extra > 0 {
                let value = Value::Number(header.payload_length);
                children.push(Field::leaf(kind, BitRange::bytes(start + 2, behind), value));
            }
            if let Some(key) = header.mask.filter(|_| !header.key_first) {
                let bits = BitRange::bytes(behind, length);
                children.push(Field::leaf(&MASKING_KEY, bits, Value::Bytes(key.to_vec())));
            }
            if let Some(plain) = clear.get(length..).filter(|payload| !payload.is_empty()) {
                let bits = header.payload_bits(bytes.len());
                children.push(payload_field(dialect, plain, bits, header.opcode, compressed));
            }
        }
    }
    let masked = start > 0 || coding.read(bytes).is_some_and(|(header, _)| header.mask.is_some());
    let clear = masked.then(|| clear.into_boxed_slice());
    Field { clear, ..Field::group(&FRAME, whole, children) }
}

/// Where the bytes begin that a mask covers, in bits of the frame: behind the key, wherever that stands. None where
/// there is no mask.
pub fn covered_from(frame: &Field) -> Option<u64> {
    [&MASKING_KEY, &FRAME_KEY, &FRAME_NONCE].iter().find_map(|key| Some(frame.find(key.id)?.bits.end))
}

/// The fields of a header's first two bytes, which stand behind `start` bytes of the frame.
fn first_bytes(coding: &Coding, clear: &[u8], start: usize, children: &mut Vec<Field>) {
    let place = |first: u64, end: u64| BitRange::new(first, end).shifted(start as u64 * 8);
    let flag = |kind, byte: u8, mask: u8, at: u64| {
        Field::leaf(kind, place(at, at + 1), Value::Flag(byte & mask != 0))
    };
    if let Some(&first) = clear.first() {
        let bits = Opcode::new(first).bits();
        let opcode = Opcode::new(coding.layout().opcode(bits));
        let last = if coding.layout().last == LastBit::More { &MORE } else { &FIN };
        let opcodes = if std::ptr::eq(coding.layout(), &raw const HYBI07) { &OPCODE } else { &OLD_OPCODE };
        children.extend([
            flag(last, first, 0x80, 0),
            flag(&RSV1, first, 0x40, 1),
            flag(&RSV2, first, 0x20, 2),
            flag(&RSV3, first, 0x10, 3),
            Field::leaf(opcodes, place(4, 8), Value::Named(u64::from(bits), opcode.name())),
        ]);
    }
    if let Some(&second) = clear.get(1) {
        let top = if coding.has_mask_bit() { &MASK } else { &RSV4 };
        children.push(flag(top, second, 0x80, 8));
        let length = u64::from(second & 0x7F);
        children.push(Field::leaf(&PAYLOAD_LEN, place(9, 16), Value::Number(length)));
    }
}

fn payload_field(dialect: &Dialect, plain: &[u8], bits: BitRange, opcode: Opcode, compressed: bool) -> Field {
    if opcode == Opcode::CLOSE {
        return Field::group(&PAYLOAD, bits, close::fields(dialect, plain, bits.start));
    }
    let value = match std::str::from_utf8(plain) {
        Ok(text) if opcode != Opcode::BINARY && !compressed => Value::Text(text.to_owned()),
        _ => Value::Bytes(plain.to_vec()),
    };
    Field::leaf(&PAYLOAD, bits, value)
}
