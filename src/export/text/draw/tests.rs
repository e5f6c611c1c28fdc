use proptest::prelude::*;

use super::*;
use crate::view::diagram::{Options, layout};
use crate::wire::frame::hixie;

fn drawn(bytes: &[u8]) -> String {
    diagram_text(
        &layout(&hybi::fields(bytes, false), bytes, Options::default()),
        Paint::PLAIN,
        Words::english(),
    )
}

fn drawn_old(bytes: &[u8]) -> String {
    diagram_text(&layout(&hixie::fields(bytes), bytes, Options::default()), Paint::PLAIN, Words::english())
}

#[test]
fn rfc6455_text() {
    insta::assert_snapshot!(drawn(b"\x81\x05Hello"), @r"
     0                   1                   2                   3   
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 
    +-+-+-+-+-------+-+-------------+---------------+---------------+
    |1|0|0|0|0 0 0 1|0|0 0 0 0 1 0 1|0 1 0 0 1 0 0 0:0 1 1 0 0 1 0 1|
    |F|R|R|R|opcode |M| Payload len |     48 H      :     65 e      |
    |I|S|S|S|1 text |A|      5      |         Payload data          |
    |N|V|V|V|       |S|             |                               |
    | |1|2|3|       |K|             |                               |
    +-+-+-+-+-------+-+-------------+ - - - - - - - +---------------+
    |0 1 1 0 1 1 0 0:0 1 1 0 1 1 0 0:0 1 1 0 1 1 1 1|                
    |     6c l      :     6c l      :     6f o      |                
    +---------------+---------------+---------------+
    ");
}

#[test]
fn rfc6455_masked_text() {
    let bytes = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    insta::assert_snapshot!(drawn(&bytes) + &unmasking_text(&hybi::fields(&bytes, false), &bytes, 4, Paint::PLAIN, Words::english()), @r"
     0                   1                   2                   3   
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 
    +-+-+-+-+-------+-+-------------+-------------------------------+
    |1|0|0|0|0 0 0 1|1|0 0 0 0 1 0 1|0 0 1 1 0 1 1 1 1 1 1 1 1 0 1 0|
    |F|R|R|R|opcode |M| Payload len |          Masking-key          |
    |I|S|S|S|1 text |A|      5      |             37 fa             |
    |N|V|V|V|       |S|             |                               |
    | |1|2|3|       |K|             |                               |
    +-+-+-+-+-------+-+-------------+---------------+---------------+
    |0 0 1 0 0 0 0 1 0 0 1 1 1 1 0 1|0 1 1 1 1 1 1 1:1 0 0 1 1 1 1 1|
    |    Masking-key (continued)    |   7f → 48 H   :   9f → 65 e   |
    |             21 3d             |     Payload data, masked      |
    +---------------+---------------+ - - - - - - - +---------------+
    |0 1 0 0 1 1 0 1:0 1 0 1 0 0 0 1:0 1 0 1 1 0 0 0|                
    |   4d → 6c l   :   51 → 6c l   :   58 → 6f o   |                
    +---------------+---------------+---------------+                
      masked  7f 9f 4d 51 58
    ⊕ key     37 fa 21 3d 37
    = plain   48 65 6c 6c 6f  |Hello|
    ");
}

#[test]
fn rfc6455_medium_length() {
    let bytes = [&[0x82, 0x7e, 0x01, 0x00][..], &[0xAB; 256]].concat();
    insta::assert_snapshot!(drawn(&bytes), @r"
     0                   1                   2                   3   
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 
    +-+-+-+-+-------+-+-------------+-------------------------------+
    |1|0|0|0|0 0 1 0|0|1 1 1 1 1 1 0|0 0 0 0 0 0 0 1 0 0 0 0 0 0 0 0|
    |F|R|R|R|opcode |M| Payload len |    Extended payload length    |
    |I|S|S|S|   2   |A|     126     |              256              |
    |N|V|V|V|binary |S|             |                               |
    | |1|2|3|       |K|             |                               |
    +-+-+-+-+-------+-+-------------+---------------+---------------+
    |1 0 1 0 1 0 1 1:1 0 1 0 1 0 1 1:1 0 1 0 1 0 1 1:1 0 1 0 1 0 1 1|
    |      ab       :      ab       :      ab       :      ab       |
    |                         Payload data                          |
    + - - - - - - - + - - - - - - - + - - - - - - - + - - - - - - - +
    |1 0 1 0 1 0 1 1:1 0 1 0 1 0 1 1:1 0 1 0 1 0 1 1:1 0 1 0 1 0 1 1|
    |      ab       :      ab       :      ab       :      ab       |
    + - - - - - - - + - - - - - - - + - - - - - - - + - - - - - - - +
    |1 0 1 0 1 0 1 1:1 0 1 0 1 0 1 1:1 0 1 0 1 0 1 1:1 0 1 0 1 0 1 1|
    |      ab       :      ab       :      ab       :      ab       |
    + - - - - - - - + - - - - - - - + - - - - - - - + - - - - - - - +
    |1 0 1 0 1 0 1 1:1 0 1 0 1 0 1 1:1 0 1 0 1 0 1 1:1 0 1 0 1 0 1 1|
    |      ab       :      ab       :      ab       :      ab       |
    + - - - - - - - + - - - - - - - + - - - - - - - + - - - - - - - +
    :              … 240 more bytes of Payload data …               :
    +---------------------------------------------------------------+
    ");
}

#[test]
fn rfc6455_long_length_masked() {
    let bytes =
        [&[0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 0x37, 0xfa, 0x21, 0x3d][..], &vec![0x20; 65536]].concat();
    insta::assert_snapshot!(drawn(&bytes) + &unmasking_text(&hybi::fields(&bytes, false), &bytes, 2, Paint::PLAIN, Words::english()), @r"
     0                   1                   2                   3   
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 
    +-+-+-+-+-------+-+-------------+-------------------------------+
    |1|0|0|0|0 0 1 0|1|1 1 1 1 1 1 1|0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0|
    |F|R|R|R|opcode |M| Payload len |    Extended payload length    |
    |I|S|S|S|   2   |A|     127     |             65536             |
    |N|V|V|V|binary |S|             |                               |
    | |1|2|3|       |K|             |                               |
    +-+-+-+-+-------+-+-------------+ - - - - - - - - - - - - - - - +
    |0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1|
    |              Extended payload length (continued)              |
    + - - - - - - - - - - - - - - - +-------------------------------+
    |0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0|0 0 1 1 0 1 1 1 1 1 1 1 1 0 1 0|
    |    Extended payload length    |          Masking-key          |
    |          (continued)          |             37 fa             |
    +-------------------------------+---------------+---------------+
    |0 0 1 0 0 0 0 1 0 0 1 1 1 1 0 1|0 0 1 0 0 0 0 0:0 0 1 0 0 0 0 0|
    |    Masking-key (continued)    |    20 → 17    :    20 → da    |
    |             21 3d             |     Payload data, masked      |
    +---------------+---------------+ - - - - - - - + - - - - - - - +
    |0 0 1 0 0 0 0 0:0 0 1 0 0 0 0 0:0 0 1 0 0 0 0 0:0 0 1 0 0 0 0 0|
    |    20 → 01    :    20 → 1d    :    20 → 17    :    20 → da    |
    + - - - - - - - + - - - - - - - + - - - - - - - + - - - - - - - +
    |0 0 1 0 0 0 0 0:0 0 1 0 0 0 0 0:0 0 1 0 0 0 0 0:0 0 1 0 0 0 0 0|
    |    20 → 01    :    20 → 1d    :    20 → 17    :    20 → da    |
    + - - - - - - - + - - - - - - - + - - - - - - - + - - - - - - - +
    |0 0 1 0 0 0 0 0:0 0 1 0 0 0 0 0:0 0 1 0 0 0 0 0:0 0 1 0 0 0 0 0|
    |    20 → 01    :    20 → 1d    :    20 → 17    :    20 → da    |
    + - - - - - - - + - - - - - - - + - - - - - - - + - - - - - - - +
    :             … 65,522 more bytes of Payload data …             :
    +---------------------------------------------------------------+
      masked  20 20 20 20 20 20 20 20  20 20 20 20 20 20 20 20
    ⊕ key     37 fa 21 3d 37 fa 21 3d  37 fa 21 3d 37 fa 21 3d
    = plain   17 da 01 1d 17 da 01 1d  17 da 01 1d 17 da 01 1d  |................|
      masked  20 20 20 20 20 20 20 20  20 20 20 20 20 20 20 20
    ⊕ key     37 fa 21 3d 37 fa 21 3d  37 fa 21 3d 37 fa 21 3d
    = plain   17 da 01 1d 17 da 01 1d  17 da 01 1d 17 da 01 1d  |................|
      … 65,504 more bytes in the same way
    ");
}

#[test]
fn rfc6455_close_masked() {
    let bytes = [0x88, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x34, 0x12, 0x43, 0x44, 0x52];
    insta::assert_snapshot!(drawn(&bytes), @r"
     0                   1                   2                   3   
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 
    +-+-+-+-+-------+-+-------------+-------------------------------+
    |1|0|0|0|1 0 0 0|1|0 0 0 0 1 0 1|0 0 1 1 0 1 1 1 1 1 1 1 1 0 1 0|
    |F|R|R|R|opcode |M| Payload len |          Masking-key          |
    |I|S|S|S|8 close|A|      5      |             37 fa             |
    |N|V|V|V|       |S|             |                               |
    | |1|2|3|       |K|             |                               |
    +-+-+-+-+-------+-+-------------+-------------------------------+
    |0 0 1 0 0 0 0 1 0 0 1 1 1 1 0 1|0 0 1 1 0 1 0 0 0 0 0 1 0 0 1 0|
    |    Masking-key (continued)    |      Status code, masked      |
    |             21 3d             |   means 1000 Normal Closure   |
    +---------------+---------------+---------------+---------------+
    |0 1 0 0 0 0 1 1:0 1 0 0 0 1 0 0:0 1 0 1 0 0 1 0|                
    |   43 → 62 b   :   44 → 79 y   :   52 → 65 e   |                
    |                Reason, masked                 |                
    +---------------+---------------+---------------+
    ");
}

#[test]
fn rfc6455_continuation_of_one_byte() {
    insta::assert_snapshot!(drawn(b"\x80\x01\n"), @r"
     0                   1                   2                   3   
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 
    +-+-+-+-+-------+-+-------------+---------------+                
    |1|0|0|0|0 0 0 0|0|0 0 0 0 0 0 1|0 0 0 0 1 0 1 0|                
    |F|R|R|R|opcode |M| Payload len |     0a ␊      |                
    |I|S|S|S|   0   |A|      1      | Payload data  |                
    |N|V|V|V|contin-|S|             |               |                
    | |1|2|3|uation |K|             |               |                
    +-+-+-+-+-------+-+-------------+---------------+
    ");
}

#[test]
fn rfc6455_two_bytes() {
    insta::assert_snapshot!(drawn(b"\x89\x00"), @r"
     0                   1                   2                   3   
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 
    +-+-+-+-+-------+-+-------------+                                
    |1|0|0|0|1 0 0 1|0|0 0 0 0 0 0 0|                                
    |F|R|R|R|opcode |M| Payload len |                                
    |I|S|S|S|9 ping |A|      0      |                                
    |N|V|V|V|       |S|             |                                
    | |1|2|3|       |K|             |                                
    +-+-+-+-+-------+-+-------------+
    ");
}

#[test]
fn hixie_text() {
    insta::assert_snapshot!(drawn_old("\0Héllo\u{0}".trim_end_matches('\0').as_bytes()), @r"
     0                   1                   2                   3   
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 
    +-+-------------+---------------+---------------+---------------+
    |0|0 0 0 0 0 0 0|0 1 0 0 1 0 0 0:1 1 0 0 0 0 1 1:1 0 1 0 1 0 0 1|
    |h| frame type  |     48 H      :     c3 é      :      a9       |
    |i|      0      |                     text                      |
    |g|             |                                               |
    |h|             |                                               |
    +-+-------------+ - - - - - - - + - - - - - - - +---------------+
    |0 1 1 0 1 1 0 0:0 1 1 0 1 1 0 0:0 1 1 0 1 1 1 1|                
    |     6c l      :     6c l      :     6f o      |                
    +---------------+---------------+---------------+
    ");
}

#[test]
fn hixie_text_ended() {
    insta::assert_snapshot!(drawn_old(&[&b"\x00Hello"[..], &[0xFF]].concat()), @r"
     0                   1                   2                   3   
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 
    +-+-------------+---------------+---------------+---------------+
    |0|0 0 0 0 0 0 0|0 1 0 0 1 0 0 0:0 1 1 0 0 1 0 1:0 1 1 0 1 1 0 0|
    |h| frame type  |     48 H      :     65 e      :     6c l      |
    |i|      0      |                     text                      |
    |g|             |                                               |
    |h|             |                                               |
    +-+-------------+ - - - - - - - +---------------+---------------+
    |0 1 1 0 1 1 0 0:0 1 1 0 1 1 1 1|1 1 1 1 1 1 1 1|                
    |     6c l      :     6f o      |      FF       |                
    |                               |      255      |                
    +---------------+---------------+---------------+
    ");
}

#[test]
fn hixie_sized() {
    insta::assert_snapshot!(drawn_old(b"\x80\x82\x2cabc"), @r"
     0                   1                   2                   3   
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 
    +-+-------------+-+-------------+-+-------------+---------------+
    |1|0 0 0 0 0 0 0|1|0 0 0 0 0 1 0|0|0 1 0 1 1 0 0|0 1 1 0 0 0 0 1|
    |h| frame type  |m|    digit    |m|    digit    |     61 a      |
    |i|      0      |o|      2      |o|     44      |     data      |
    |g|             |r|             |r|             |               |
    |h|             |e|             |e|             |               |
    +-+-------------+-+-------------+-+-------------+---------------+
    |0 1 1 0 0 0 1 0:0 1 1 0 0 0 1 1|                                
    |     62 b      :     63 c      |                                
    +---------------+---------------+
    ");
}

#[test]
fn hixie_close() {
    insta::assert_snapshot!(drawn_old(&[0xFF, 0x00]), @r"
     0                   1                   2                   3   
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 
    +-+-------------+-+-------------+                                
    |1|1 1 1 1 1 1 1|0|0 0 0 0 0 0 0|                                
    |h| frame type  |m|    digit    |                                
    |i|     127     |o|      0      |                                
    |g|             |r|             |                                
    |h|             |e|             |                                
    +-+-------------+-+-------------+
    ");
}

#[test]
fn colours_change_nothing_but_the_colour() {
    let bytes = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    let field = hybi::fields(&bytes, false);
    let diagram = layout(&field, &bytes, Options::default());
    let coloured = diagram_text(&diagram, Paint::COLOUR, Words::english());
    assert!(coloured.contains("\u{1b}["));
    assert_eq!(
        anstream::adapter::strip_str(&coloured).to_string(),
        diagram_text(&diagram, Paint::PLAIN, Words::english())
    );
}

/// The bits that a drawing shows, in order.
fn bits_shown(text: &str) -> Vec<u8> {
    let mut bits = Vec::new();
    let mut after_separator = false;
    for line in text.lines().skip(2) {
        if line.starts_with('+') {
            after_separator = true;
        } else if std::mem::take(&mut after_separator) {
            bits.extend(line.bytes().filter(|byte| matches!(byte, b'0' | b'1')));
        }
    }
    bits.chunks(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | (bit - b'0'))).collect()
}

proptest! {
    #[test]
    fn lines_are_equally_wide_and_the_bits_read_back_are_the_bytes(
        bytes in prop::collection::vec(any::<u8>(), 1..100), compressed: bool, old: bool,
    ) {
        let field = if old { hixie::fields(&bytes) } else { hybi::fields(&bytes, compressed) };
        let text = diagram_text(&layout(&field, &bytes, Options { rows: None }), Paint::PLAIN, Words::english());
        for line in text.lines() {
            prop_assert_eq!(width(line), WIDTH, "{}", line);
        }
        prop_assert_eq!(bits_shown(&text), bytes);
    }

    #[test]
    fn lines_are_equally_wide_when_they_say_text(text: String) {
        let bytes = [&[0][..], text.as_bytes(), &[0xFF]].concat();
        for line in drawn_old(&bytes).lines() {
            prop_assert_eq!(width(line), WIDTH, "{}", line);
        }
    }
}
