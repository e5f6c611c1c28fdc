use std::ops::ControlFlow;

use flate2::{Compress, Compression, FlushCompress};
use proptest::prelude::*;

use super::*;
use crate::model::derive::{Input, ItemRef};
use crate::model::field::BitRange;
use crate::model::rule::Rule;
use crate::wire::deflate::tokens::{Reader, Token};
use crate::words::Words;

fn inflate(
    inflater: &mut Inflater,
    payload: &[u8],
    piece: usize,
    limit: u64,
) -> (Vec<u8>, Result<(), InflateError>) {
    let mut text = Vec::new();
    inflater.begin_message();
    let result = payload
        .chunks(piece)
        .try_for_each(|bytes| inflater.feed(bytes, limit, &mut |out| text.extend_from_slice(out)))
        .and_then(|()| inflater.finish_message());
    (text, result)
}

fn farthest(deflated: &[u8]) -> u16 {
    let mut farthest = 0;
    let result = Reader::new().feed(deflated, |token, _| {
        if let Token::Copy { distance, .. } = token {
            farthest = farthest.max(distance);
        }
        ControlFlow::Continue(())
    });
    assert_eq!(result, Ok(()));
    farthest
}

#[test]
fn what_is_cut_off_is_found() {
    let hello = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
    for end in 0..hello.len() - 1 {
        let (_, result) = inflate(&mut Inflater::new(15, true), &hello[..end], 100, 1000);
        assert_eq!(result, Err(InflateError::Cut), "{end}");
    }
    // The sender forgot to remove the tail.
    let (text, result) =
        inflate(&mut Inflater::new(15, true), b"\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff", 100, 1000);
    assert_eq!((text, result), (b"Hello".to_vec(), Err(InflateError::Cut)));
}

#[test]
fn what_is_no_stream_is_found_and_the_next_message_is_read() {
    let mut inflater = Inflater::new(15, true);
    for payload in [&b"\x07"[..], b"\x00\x05\x00\xfa\xfe", &[0xFD; 20]] {
        let (_, result) = inflate(&mut inflater, payload, 100, 1000);
        assert_eq!(result.unwrap_err().rule(), Rule::InflateFailed);
        let (text, result) = inflate(&mut inflater, b"\xf2\x48\xcd\xc9\xc9\x07\x00", 100, 1000);
        assert_eq!((text, result), (b"Hello".to_vec(), Ok(())));
    }
}

#[test]
fn a_window_that_is_not_kept_cannot_be_looked_into() {
    for (takeover, expected) in [(true, Ok(())), (false, Err(InflateError::Data))] {
        let mut inflater = Inflater::new(15, takeover);
        assert_eq!(inflate(&mut inflater, b"\xf2\x48\xcd\xc9\xc9\x07\x00", 100, 1000).1, Ok(()));
        assert_eq!(inflate(&mut inflater, b"\xf2\x00\x11\x00\x00", 100, 1000).1, expected);
    }
}

#[test]
fn what_was_lost_is_told_from_what_is_wrong() {
    let hello = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
    let again = b"\xf2\x00\x11\x00\x00";
    for bits in [8, 15] {
        let mut inflater = Inflater::new(bits, true);
        assert!(inflater.knows_window());
        inflater.forget();
        assert_eq!(inflate(&mut inflater, again, 1, 1000).1, Err(InflateError::Lost { distance: 5 }));
        assert_eq!(inflate(&mut inflater, b"\x07", 1, 1000).1, Err(InflateError::Data));
        assert_eq!(inflate(&mut inflater, hello, 1, 1000).1, Ok(()));
        assert_eq!(inflate(&mut inflater, again, 1, 1000).1, Ok(()));
        assert!(!inflater.knows_window());
        // A window full of other bytes, and nothing that was lost can be reached.
        let text: Vec<u8> = (0..40_000_u32).map(|n| (n.wrapping_mul(n) >> 7) as u8).collect();
        let payload = Deflater::new(bits, true, 6).compress(&text);
        assert_eq!(inflate(&mut inflater, &payload, 1000, 100_000), (text, Ok(())));
        assert!(inflater.knows_window());
        assert_eq!(inflate(&mut inflater, hello, 1, 1000).1, Ok(()));
    }
}

#[test]
fn a_bomb_stops_at_the_limit() {
    let bomb = Deflater::new(15, true, 9).compress(&vec![0; 10_000_000]);
    assert!(bomb.len() < 20_000);
    let (text, result) = inflate(&mut Inflater::new(15, true), &bomb, 100_000, 12_345);
    assert_eq!((text.len(), result), (12_345, Err(InflateError::Limit(12_345))));
    let (text, result) = inflate(&mut Inflater::new(15, true), &bomb, 100_000, 10_000_000);
    assert_eq!((text.len(), result), (10_000_000, Ok(())));
}

#[test]
fn a_copy_beyond_the_agreed_window_is_found_wherever_the_pieces_end() {
    let noise: Vec<u8> = (0..600_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let payload = Deflater::new(15, true, 9).compress(&[&noise[..], &noise].concat());
    assert_eq!(farthest(&payload), 600);
    for piece in [1, 7, 100, 10_000] {
        let (text, result) = inflate(&mut Inflater::new(9, true), &payload, piece, 10_000);
        assert_eq!(result, Err(InflateError::Window { distance: 600, window: 512 }), "{piece}");
        // All that stands before the copy.
        assert_eq!(text[..600], noise);
        assert!(text.len() < 610);
        assert_eq!(inflate(&mut Inflater::new(10, true), &payload, piece, 10_000).1, Ok(()));
    }
}

#[test]
fn streams_that_end_follow_each_other_in_one_message() {
    let mut payload = Vec::new();
    for text in ["Hello", ", ", "world"] {
        let mut out = Vec::with_capacity(100);
        Compress::new(Compression::best(), false)
            .compress_vec(text.as_bytes(), &mut out, FlushCompress::Finish)
            .unwrap();
        payload.extend(out);
    }
    payload.push(0x00);
    for piece in 1..payload.len() {
        let (text, result) = inflate(&mut Inflater::new(15, true), &payload, piece, 100);
        assert_eq!((text, result), (b"Hello, world".to_vec(), Ok(())));
    }
}

#[test]
fn the_second_hello_is_told_from_the_first() {
    let parts = [(ItemRef::This, BitRange::bytes(2, 7))];
    let told = derivation(b"\xf2\x00\x11\x00\x00", &parts, b"Hello", 15);
    let words = Words::english();
    let shown: Vec<_> = told.steps.iter().map(|step| words.shown(step)).collect();
    assert_eq!(
        shown,
        [
            "5 bytes ‖ 00 00 ff ff",
            "'H' ⟨copy 4 from 5 back: \"ello\"⟩ ⟨end of block⟩",
            "⟨end of block⟩",
            "5 bytes of payload inflate to 5 bytes",
        ]
    );
    assert_eq!(words.step(&told.steps[1]), "block 1: BFINAL=0 BTYPE=01, the specification's Huffman codes");
    assert_eq!(told.steps[3].output, "\"Hello\"");
    assert_eq!(told.steps[1].inputs[0], Input::Bits { item: ItemRef::This, bits: BitRange::bytes(2, 6) });
    let unknown = derivation(b"\xf2\x00\x11\x00\x00", &parts, b"", 15);
    let shown = words.shown(&unknown.steps[1]);
    assert!(shown.contains("only 1 bytes are known"), "{shown}");
}

#[test]
fn fragments_keep_their_places() {
    let parts = [(ItemRef::Earlier(1), BitRange::bytes(2, 5)), (ItemRef::This, BitRange::bytes(2, 6))];
    let told = derivation(b"\xf2\x48\xcd\xc9\xc9\x07\x00", &parts, b"", 15);
    assert_eq!(told.bits, BitRange::bytes(2, 6));
    assert_eq!(
        told.steps[1].inputs[..2],
        [
            Input::Bits { item: ItemRef::Earlier(1), bits: BitRange::bytes(2, 5) },
            Input::Bits { item: ItemRef::This, bits: BitRange::bytes(2, 6) },
        ]
    );
}

#[test]
fn a_broken_stream_is_told_to_where_it_breaks() {
    for (payload, words) in [
        (&b"\x07"[..], "reserved"),
        (b"\xf2\x48", "ends inside"),
        (b"", "ends inside"),
        (b"\x00\x05\x00\x00\x00", "complement"),
    ] {
        let told = derivation(payload, &[(ItemRef::This, BitRange::bytes(2, 2 + payload.len()))], b"", 15);
        let notes: String = told.steps.iter().map(|step| Words::english().shown(step)).collect();
        assert!(notes.contains(words), "{payload:02x?}: {notes}");
    }
}

/// Texts that repeat at many distances, so that every window matters.
fn repeating() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..700),
        "[ab]{0,600}".prop_map(String::into_bytes),
        "(the |quick |brown |fox ){0,100}".prop_map(String::into_bytes),
    ];
    (proptest::collection::vec(piece, 1..4), 1_usize..4)
        .prop_map(|(pieces, times)| pieces.concat().repeat(times))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn messages_survive(
        messages in proptest::collection::vec(repeating(), 1..5),
        bits in 8_u8..=15, takeover in any::<bool>(), level in 0_u32..=9, piece in 1_usize..2000,
    ) {
        let mut deflater = Deflater::new(bits, takeover, level);
        let mut inflater = Inflater::new(bits, takeover);
        for message in &messages {
            let payload = deflater.compress(message);
            // A peer with just this window can follow.
            prop_assert!(u32::from(farthest(&payload)) <= 1 << bits);
            let (text, result) = inflate(&mut inflater, &payload, piece, message.len() as u64);
            prop_assert_eq!(result, Ok(()));
            prop_assert_eq!(&text, message);
        }
    }

    /// What `Deflater` counts on: the compressor with 9 bits looks back no further than 8 bits allow.
    #[test]
    fn nine_bits_of_zlib_are_eight(messages in proptest::collection::vec(repeating(), 1..4), level in 0_u32..=9) {
        let mut raw = Compress::new_with_window_bits(Compression::new(level), false, 9);
        for message in &messages {
            let mut out = Vec::with_capacity(message.len() * 2 + 1000);
            raw.compress_vec(message, &mut out, FlushCompress::Sync).unwrap();
            prop_assert!(farthest(&out) <= 256);
        }
    }

    #[test]
    fn pieces_change_nothing(
        noise in proptest::collection::vec(any::<u8>(), 0..200), text in repeating(),
        hit in any::<prop::sample::Index>(), piece in 1_usize..500, bits in 8_u8..=15, limit in 0_u64..3000,
    ) {
        let mut payload = [Deflater::new(15, true, 6).compress(&text), noise].concat();
        *hit.get_mut(&mut payload) ^= 0x55;
        let whole = inflate(&mut Inflater::new(bits, true), &payload, usize::MAX, limit);
        let cut = inflate(&mut Inflater::new(bits, true), &payload, piece, limit);
        prop_assert_eq!(&whole, &cut);
        prop_assert!(whole.0.len() as u64 <= limit);
    }

    #[test]
    fn anything_is_told(payload in proptest::collection::vec(any::<u8>(), 0..400), history in proptest::collection::vec(any::<u8>(), 0..50)) {
        let whole = BitRange::bytes(6, 6 + payload.len());
        let told = derivation(&payload, &[(ItemRef::This, whole)], &history, 12);
        for input in told.steps.iter().flat_map(|step| &step.inputs) {
            if let Input::Bits { bits, .. } = input {
                prop_assert!(whole.contains(*bits));
            }
        }
    }

    #[test]
    fn the_telling_agrees_with_the_inflater(text in "[a-d ]{0,120}", history in "[a-d ]{0,300}") {
        let mut deflater = Deflater::new(15, true, 9);
        deflater.compress(history.as_bytes());
        let payload = deflater.compress(text.as_bytes());
        let told = derivation(&payload, &[(ItemRef::This, BitRange::bytes(2, 2 + payload.len()))], history.as_bytes(), 15);
        let last = told.steps.last().unwrap();
        prop_assert_eq!(Words::english().shown(last), format!("{} bytes of payload inflate to {} bytes", payload.len(), text.len()));
        let short: String = text.chars().take(64).collect();
        prop_assert!(last.output.starts_with(&format!("{short:?}")), "{}", last.output);
    }
}
