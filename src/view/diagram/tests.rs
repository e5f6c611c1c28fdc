use proptest::prelude::*;

use super::*;
use crate::model::field::FieldKind;
use crate::model::spec::Document::Rfc6455;
use crate::wire::frame::hixie;

const ALL: Options = Options { rows: None };

fn cells<'a>(diagram: &'a Diagram<'_>) -> impl Iterator<Item = &'a Cell> {
    diagram.lines.iter().flat_map(|line| match line {
        Line::Row(row) => row.cells.as_slice(),
        Line::Fold(_) => &[],
    })
}

#[test]
fn a_masked_frame_is_laid_out_in_rows_of_32_bits() {
    let bytes = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    let field = hybi::fields(&bytes, false);
    let diagram = layout(&field, &bytes, Options::default());
    let shown: Vec<(&str, u64, u64)> = cells(&diagram)
        .map(|cell| (diagram.leaves[cell.leaf].field.kind.id, cell.bits.start, cell.bits.len()))
        .collect();
    assert_eq!(
        shown,
        [
            ("fin", 0, 1),
            ("rsv1", 1, 1),
            ("rsv2", 2, 1),
            ("rsv3", 3, 1),
            ("opcode", 4, 4),
            ("mask", 8, 1),
            ("payload-len", 9, 7),
            ("masking-key", 16, 16),
            ("masking-key", 32, 16),
            ("payload", 48, 8),
            ("payload", 56, 8),
            ("payload", 64, 8),
            ("payload", 72, 8),
            ("payload", 80, 8),
        ]
    );
    let text: String = cells(&diagram).filter_map(|cell| cell.byte?.character).collect();
    assert_eq!(text, "Hello");
    assert_eq!(diagram.lines.len(), 3);
    let key: Vec<(bool, bool)> =
        cells(&diagram).skip(7).take(2).map(|cell| (cell.begins, cell.ends)).collect();
    assert_eq!(key, [(true, false), (false, true)]);
}

#[test]
fn characters_of_several_bytes_stand_at_their_first() {
    let bytes = "\u{0}é€😀\u{0}".as_bytes().to_vec();
    let bytes = [&[0x00], &bytes[1..bytes.len() - 1], &[0xFF]].concat();
    let field = hixie::fields(&bytes);
    let diagram = layout(&field, &bytes, ALL);
    let characters: Vec<Option<char>> =
        cells(&diagram).filter_map(|cell| cell.byte).map(|byte| byte.character).collect();
    assert_eq!(characters, [Some('é'), None, Some('€'), None, None, Some('😀'), None, None, None]);
}

#[test]
fn a_long_payload_is_folded_in_whole_rows_and_what_follows_keeps_its_column() {
    let bytes = [&[0x00][..], &[b'x'; 1000], &[0xFF]].concat();
    let field = hixie::fields(&bytes);
    let diagram = layout(&field, &bytes, Options { rows: Some(2) });
    let folds: Vec<Fold> = diagram
        .lines
        .iter()
        .filter_map(|line| if let Line::Fold(fold) = line { Some(*fold) } else { None })
        .collect();
    assert_eq!(folds, [Fold { leaf: 2, bits: BitRange::bytes(8, 1000), recorded: true }]);
    let last = cells(&diagram).last().unwrap();
    assert_eq!((last.bits, last.column()), (BitRange::bytes(1001, 1002), 8));
}

#[test]
fn bytes_that_were_not_recorded_are_a_fold() {
    static GAP: FieldKind = FieldKind::new("test-gap", "Gap", Rfc6455.section("5"));
    let field = Field::leaf(&GAP, BitRange::new(0, u64::MAX / 16 * 8), Value::Group);
    let diagram = layout(&field, &[], ALL);
    assert_eq!(diagram.lines, [Line::Fold(Fold { leaf: 0, bits: field.bits, recorded: false })]);
}

proptest! {
    #[test]
    fn cells_tile_the_item_and_hold_its_bits(
        bytes in prop::collection::vec(any::<u8>(), 1..300), compressed: bool, old: bool, rows in prop::option::of(0..9u32),
    ) {
        let field = if old { hixie::fields(&bytes) } else { hybi::fields(&bytes, compressed) };
        let diagram = layout(&field, &bytes, Options { rows });
        let mut at = 0;
        for line in &diagram.lines {
            match line {
                Line::Fold(fold) => {
                    prop_assert_eq!(fold.bits.start, at);
                    prop_assert!(fold.recorded && rows.is_some());
                    at = fold.bits.end;
                }
                Line::Row(row) => {
                    for cell in &row.cells {
                        prop_assert_eq!(cell.bits.start, at);
                        prop_assert!(row.first_bit <= at && cell.bits.end <= row.first_bit + ROW_BITS);
                        for bit in cell.bit_values() {
                            let byte = bytes[(at / 8) as usize];
                            prop_assert_eq!(bit, byte >> (7 - at % 8) & 1 == 1);
                            at += 1;
                        }
                        prop_assert_eq!(cell.bits.end, at);
                    }
                }
            }
        }
        prop_assert_eq!(at, bytes.len() as u64 * 8);
    }
}
