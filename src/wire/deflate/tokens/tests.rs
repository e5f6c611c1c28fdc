use flate2::{Compress, Compression, FlushCompress};
use proptest::prelude::*;

use super::*;

fn read(bytes: &[u8]) -> (Vec<Token>, Result<(), Broken>) {
    let mut tokens = Vec::new();
    let result = Reader::new().feed(bytes, |token, _| {
        tokens.push(token);
        ControlFlow::Continue(())
    });
    (tokens, result)
}

/// A plain inflater for the tests.
fn inflate(tokens: &[Token]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    for &token in tokens {
        match token {
            Token::Literal(byte) | Token::Stored(byte) => out.push(byte),
            Token::Copy { length, distance } => {
                for _ in 0..length {
                    out.push(out[out.len() - usize::from(distance)]);
                }
            }
            Token::Block { .. } | Token::End => {}
        }
    }
    out
}

#[test]
fn hello_and_hello_again() {
    let (tokens, _) = read(b"\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff");
    let letters = b"Hello".map(Token::Literal);
    let stored = [Token::Block { last: false, kind: BlockKind::Stored(0) }, Token::End];
    assert_eq!(tokens[0], Token::Block { last: false, kind: BlockKind::Fixed });
    assert_eq!(tokens[1..6], letters);
    assert_eq!(tokens[6], Token::End);
    assert_eq!(tokens[7..], stored);
    let (again, _) = read(b"\xf2\x00\x11\x00\x00\x00\x00\xff\xff");
    // H stands in the message; ello is taken from the one before.
    assert_eq!(again[1..4], [Token::Literal(b'H'), Token::Copy { length: 4, distance: 5 }, Token::End]);
}

#[test]
fn a_new_stream_begins_at_a_byte() {
    let (tokens, result) = read(b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00\x00\x00\xff\xff");
    assert_eq!(result, Ok(()));
    assert_eq!(tokens[0], Token::Block { last: true, kind: BlockKind::Fixed });
    assert_eq!(tokens[7], Token::Block { last: false, kind: BlockKind::Stored(0) });
}

#[test]
fn what_is_broken_is_named() {
    assert_eq!(read(b"\x07").1, Err(Broken::BlockType));
    assert_eq!(read(b"\x00\x05\x00\xfa\xfe").1, Err(Broken::StoredLength));
    assert_eq!(read(&[0xFD; 80]).1, Err(Broken::Codes));
    // Fixed codes: length code 286 (11000110) does not exist.
    assert_eq!(read(&[0b0001_1011, 0b0000_0011, 0, 0]).1, Err(Broken::Symbol));
}

proptest! {
    #[test]
    fn reads_what_the_compressor_writes(
        text in "[a-e]{0,2000}", noise in proptest::collection::vec(any::<u8>(), 0..3000), level in 0_u32..=9,
    ) {
        let input = [text.as_bytes(), &noise, text.as_bytes()].concat();
        let mut out = Vec::with_capacity(input.len() * 2 + 1000);
        let mut compress = Compress::new(Compression::new(level), false);
        compress.compress_vec(&input, &mut out, FlushCompress::Finish).unwrap();
        let (tokens, result) = read(&out);
        prop_assert_eq!(result, Ok(()));
        prop_assert_eq!(inflate(&tokens), input);
    }

    #[test]
    fn cuts_change_nothing(
        bytes in proptest::collection::vec(any::<u8>(), 0..300), size in 1_usize..50, begin in 0_u8..8,
    ) {
        let bytes = [&[begin][..], &bytes].concat();
        let (tokens, result) = read(&bytes);
        let mut cut = Vec::new();
        let mut reader = Reader::new();
        let each = |token, _| {
            cut.push(token);
            ControlFlow::Continue(())
        };
        let mut each = each;
        let cut_result = bytes.chunks(size).try_for_each(|piece| reader.feed(piece, &mut each));
        prop_assert_eq!(cut, tokens);
        prop_assert_eq!(cut_result, result);
    }
}
