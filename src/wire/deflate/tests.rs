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

/// The full window, kept from message to message.
const WHOLE: Window = Window { bits: 15, kept: true, unit: Unit::Message };

fn noticed(inflater: &mut Inflater) -> Vec<InflateError> {
    std::iter::from_fn(|| inflater.noticed()).collect()
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
}

#[test]
fn a_cut_inside_the_description_of_codes_is_found() {
    // BTYPE 10: the block describes codes of its own, and tail and empty block would do as a part of that.
    for payload in [&b"\x05\x00"[..], b"\x04", b"\x05", b"\x04\xc0\x81\x08", b"\xed\xfd"] {
        for piece in [1, 100] {
            let mut inflater = Inflater::new(15, true);
            assert_eq!(
                inflate(&mut inflater, payload, piece, 1000).1,
                Err(InflateError::Cut),
                "{payload:02x?}"
            );
            let (text, result) = inflate(&mut inflater, HELLO, piece, 1000);
            assert_eq!((text, result), (b"Hello".to_vec(), Ok(())));
        }
    }
}

/// `Hello`, compressed.
const HELLO: &[u8] = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
/// `Hello` again, behind it: a copy from 5 bytes back.
const AGAIN: &[u8] = b"\xf2\x00\x11\x00\x00";

#[test]
fn what_is_wrong_and_inflates_all_the_same_is_noticed() {
    let zlib = |bytes: &[u8]| [b"\x78\x9c", bytes].concat();
    let checked = zlib(b"\xf3\x48\xcd\xc9\xc9\x07\x00\x05\x8c\x01\xf5");
    for (payload, text, wrong) in [
        ([HELLO, &TAIL].concat(), "Hello", InflateError::TailLeft),
        (b"\xf3\x48\xcd\xc9\xc9\x07\x00".to_vec(), "Hello", InflateError::Final),
        (zlib(HELLO), "Hello", InflateError::Header),
        (checked, "Hello", InflateError::Header),
        (zlib(b"\x00"), "", InflateError::Header),
    ] {
        for piece in [1, 2, 3, 100] {
            for takeover in [true, false] {
                let mut inflater = Inflater::new(15, takeover);
                for _ in 0..2 {
                    let (inflated, result) = inflate(&mut inflater, &payload, piece, 1000);
                    assert_eq!((&*String::from_utf8(inflated).unwrap(), result), (text, Ok(())), "{wrong:?}");
                    assert_eq!(noticed(&mut inflater), [wrong]);
                }
                // What comes behind it can be read.
                assert_eq!(inflate(&mut inflater, HELLO, piece, 1000), (b"Hello".to_vec(), Ok(())));
                assert_eq!(noticed(&mut inflater), []);
            }
        }
    }
    // The sender's window is as it was: it left the tail on, and looks back.
    let mut inflater = Inflater::new(15, true);
    assert_eq!(inflate(&mut inflater, &[HELLO, &TAIL].concat(), 1, 1000).1, Ok(()));
    assert_eq!(inflate(&mut inflater, AGAIN, 1, 1000), (b"Hello".to_vec(), Ok(())));
    // What is no zlib stream behind such a header stays what it is.
    assert_eq!(inflate(&mut inflater, &zlib(b"\x07\x07\x07\x07\x07"), 1, 1000).1, Err(InflateError::Data));
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
    let kept = InflateError::Kept { distance: 5, own: 1 };
    for piece in [1, 3, 100] {
        for (takeover, expected) in [(true, &[][..]), (false, &[kept])] {
            let mut inflater = Inflater::new(15, takeover);
            assert_eq!(inflate(&mut inflater, HELLO, piece, 1000).1, Ok(()));
            for _ in 0..3 {
                assert_eq!(inflate(&mut inflater, AGAIN, piece, 1000), (b"Hello".to_vec(), Ok(())));
                assert_eq!(noticed(&mut inflater), expected);
            }
        }
        // Nothing is known of what it looks into.
        let mut inflater = Inflater::new(15, false);
        assert_eq!(inflate(&mut inflater, AGAIN, piece, 1000), (b"H".to_vec(), Err(kept)));
        assert_eq!(inflate(&mut inflater, HELLO, piece, 1000).1, Ok(()));
        assert_eq!(inflate(&mut inflater, AGAIN, piece, 1000).1, Ok(()));
        assert_eq!(noticed(&mut inflater), [kept]);
    }
}

#[test]
fn a_sender_that_keeps_its_window_is_followed_however_long_its_messages_are() {
    let text: Vec<u8> = (0..30_000_u32).map(|n| (n.wrapping_mul(n) >> 7) as u8).collect();
    let mut deflater = Deflater::new(15, true, 6);
    let payloads: Vec<_> = (0..4).map(|_| deflater.compress(&text)).collect();
    for piece in [1000, 100_000] {
        let mut inflater = Inflater::new(15, false);
        for (number, payload) in payloads.iter().enumerate() {
            assert_eq!(inflate(&mut inflater, payload, piece, 100_000), (text.clone(), Ok(())));
            assert_eq!(noticed(&mut inflater).len(), usize::from(number > 0));
        }
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
        for takeover in [true, false] {
            let mut inflater = Inflater::new(9, takeover);
            let (text, result) = inflate(&mut inflater, &payload, piece, 10_000);
            assert_eq!((text.len(), result), (1200, Ok(())));
            let expected = [InflateError::Window { distance: 600, window: 512 }];
            assert_eq!(noticed(&mut inflater), expected, "{piece}");
        }
        let mut inflater = Inflater::new(10, true);
        assert_eq!(inflate(&mut inflater, &payload, piece, 10_000).1, Ok(()));
        assert_eq!(noticed(&mut inflater), []);
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
    let told = derivation(b"\xf2\x00\x11\x00\x00", &parts, b"Hello", WHOLE);
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
    let unknown = derivation(b"\xf2\x00\x11\x00\x00", &parts, b"", WHOLE);
    let shown = words.shown(&unknown.steps[1]);
    assert!(shown.contains("only 1 bytes are known"), "{shown}");
}

#[test]
fn fragments_keep_their_places() {
    let parts = [(ItemRef::Earlier(1), BitRange::bytes(2, 5)), (ItemRef::This, BitRange::bytes(2, 6))];
    let told = derivation(b"\xf2\x48\xcd\xc9\xc9\x07\x00", &parts, b"", WHOLE);
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
        let told = derivation(payload, &[(ItemRef::This, BitRange::bytes(2, 2 + payload.len()))], b"", WHOLE);
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
        takeover in any::<bool>(),
    ) {
        let mut payload = [Deflater::new(15, true, 6).compress(&text), noise].concat();
        *hit.get_mut(&mut payload) ^= 0x55;
        let (mut whole, mut cut) = (Inflater::new(bits, takeover), Inflater::new(bits, takeover));
        for _ in 0..2 {
            let read = inflate(&mut whole, &payload, usize::MAX, limit);
            prop_assert_eq!(&read, &inflate(&mut cut, &payload, piece, limit));
            prop_assert!(read.0.len() as u64 <= limit);
        }
    }

    #[test]
    fn anything_is_told(payload in proptest::collection::vec(any::<u8>(), 0..400), history in proptest::collection::vec(any::<u8>(), 0..50)) {
        let whole = BitRange::bytes(6, 6 + payload.len());
        let told = derivation(&payload, &[(ItemRef::This, whole)], &history, Window { bits: 12, kept: true, unit: Unit::Message });
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
        let told = derivation(&payload, &[(ItemRef::This, BitRange::bytes(2, 2 + payload.len()))], history.as_bytes(), WHOLE);
        let last = told.steps.last().unwrap();
        prop_assert_eq!(Words::english().shown(last), format!("{} bytes of payload inflate to {} bytes", payload.len(), text.len()));
        let short: String = text.chars().take(64).collect();
        prop_assert!(last.output.starts_with(&format!("{short:?}")), "{}", last.output);
    }
}
