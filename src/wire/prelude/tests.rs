//! Whole exchanges from a file, and properties of all messages.

use proptest::prelude::*;

use super::*;
use crate::model::field::BitRange;
use crate::model::rule::{Finding, Rule};
use crate::wire::Parse;

const VECTORS: &str = include_str!("../../../tests/vectors/prelude/exchanges.txt");

/// An exchange of the file.
struct Vector {
    name: &'static str,
    kind: Kind,
    messages: Vec<(Side, Vec<u8>)>,
    state: State,
    source: &'static str,
    destination: &'static str,
    rules: Vec<&'static str>,
}

fn bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    // Every second piece stands in quotes.
    for (index, piece) in text.split('"').enumerate() {
        if index % 2 == 1 {
            out.extend_from_slice(piece.as_bytes());
            continue;
        }
        let digits: Vec<u8> = piece.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        assert_eq!(digits.len() % 2, 0, "{text}");
        out.extend(
            digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()),
        );
    }
    out
}

fn vectors() -> Vec<Vector> {
    let lines = VECTORS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let columns: Vec<&str> = line.split(" | ").map(str::trim).collect();
            let &[name, kind, messages, state, source, destination, rules] = columns.as_slice() else {
                panic!("{line}")
            };
            let message = |text: &str| {
                let (side, rest) = text.trim().split_once(' ').unwrap();
                (if side == "C" { Side::Client } else { Side::Server }, bytes(rest))
            };
            Vector {
                name,
                kind: match kind {
                    "v1" => Kind::ProxyV1,
                    "v2" => Kind::ProxyV2,
                    "socks4" => Kind::Socks4,
                    _ => Kind::Socks5,
                },
                messages: messages.split(" ; ").map(message).collect(),
                state: match state {
                    "done" => State::Done,
                    "refused" => State::Refused,
                    _ => State::Opaque,
                },
                source,
                destination,
                rules: rules.split(' ').filter(|rule| *rule != "-").collect(),
            }
        })
        .collect()
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// What a reader of a stream that comes byte by byte finds first.
fn piecemeal(exchange: &mut Exchange, side: Side, bytes: &[u8]) -> Parse<Taken> {
    (0..=bytes.len())
        .map(|end| exchange.take(side, &bytes[..end], false))
        .find(|parse| *parse != Parse::More)
        .unwrap_or(Parse::More)
}

fn beginning_piecemeal(bytes: &[u8]) -> Beginning {
    let decided = |end: usize| begins(&bytes[..end]);
    (0..=bytes.len()).map(decided).find(|found| *found != Beginning::More).unwrap_or(Beginning::More)
}

fn is_told(finding: &Finding) {
    let message = finding.message();
    assert!(!message.starts_with("finding-") && !message.contains("{$"), "{message}: {:?}", finding.facts);
}

#[test]
fn exchanges_of_the_specifications() {
    for vector in vectors() {
        let name = vector.name;
        let mut exchange = Exchange::new(vector.kind);
        let mut findings = Vec::new();
        for (index, (side, bytes)) in vector.messages.iter().enumerate() {
            assert_eq!(exchange.state(), State::Going, "{name}");
            let (whose, message) = exchange.next().unwrap();
            assert_eq!(whose, *side, "{name}");
            assert_eq!(exchange.take(side.other(), bytes, true), Parse::More, "{name}: out of turn");
            if index == 0 {
                let carried = [bytes.as_slice(), b"GET / HTTP/1.1\r\n"].concat();
                let expected = Beginning::Yes(vector.kind);
                assert_eq!(begins(&carried), expected, "{name}");
                assert_eq!(beginning_piecemeal(&carried), expected, "{name}");
            }
            // What is carried may come in the same segment.
            let more = [bytes.as_slice(), b"\x05\x00GET"].concat();
            let before = exchange.clone();
            let taken = piecemeal(&mut exchange, *side, &more);
            let mut whole = before.clone();
            assert_eq!(whole.take(*side, &more, true), taken, "{name}");
            assert_eq!(whole, exchange, "{name}");
            let Parse::Done(taken, length) = taken else { panic!("{name}: {taken:?}") };
            assert_eq!((taken.message, length), (message, bytes.len()), "{name}");
            let item = BitRange::bytes(0, length);
            for finding in &taken.findings {
                is_told(finding);
                assert!(finding.bits.is_some_and(|bits| item.contains(bits)), "{name}");
            }
            findings.extend(taken.findings);
            let field = fields(message, bytes);
            assert!(field.tiles() && field.bits == item, "{name}");
            if vector.rules.is_empty() {
                let rest = field.leaves().into_iter().find(|leaf| leaf.kind.id.ends_with("-rest"));
                assert!(rest.is_none() || name.contains("ignored"), "{name}: {rest:?}");
            }
            for end in 1..bytes.len() {
                let Parse::Broken(cut) = before.clone().take(*side, &bytes[..end], true) else {
                    panic!("{name} cut to {end}")
                };
                is_told(&cut);
            }
        }
        assert_eq!(exchange.state(), vector.state, "{name}");
        assert_eq!(exchange.next(), None, "{name}");
        assert_eq!(shown(exchange.told().source), vector.source, "{name}");
        assert_eq!(shown(exchange.told().destination.clone()), vector.destination, "{name}");
        let rules: Vec<&str> = findings.iter().map(|finding| finding.rule.id()).collect();
        assert_eq!(rules, vector.rules, "{name}");
    }
}

fn broken(kind: Kind, bytes: &[u8]) -> (&'static str, u64) {
    match piecemeal(&mut Exchange::new(kind), Side::Client, bytes) {
        Parse::Broken(finding) => {
            is_told(&finding);
            (finding.facts.which(), finding.bits.unwrap().start / 8)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn lines_that_do_not_end() {
    let line = |end: &str| format!("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443{end}GET / HTTP/1.1\r\n");
    assert_eq!(broken(Kind::ProxyV1, line("\n").as_bytes()), ("line-end", 45));
    assert_eq!(broken(Kind::ProxyV1, line("\r").as_bytes()), ("line-end", 45));
    let long = format!("PROXY UNKNOWN {}\r\n", "x".repeat(92));
    assert_eq!(broken(Kind::ProxyV1, long.as_bytes()), ("too-long", 106));
    let longest = format!("PROXY UNKNOWN {}\r\n", "x".repeat(91));
    assert!(matches!(
        Exchange::new(Kind::ProxyV1).take(Side::Client, longest.as_bytes(), false),
        Parse::Done(_, 107)
    ));
}

#[test]
fn messages_of_other_versions() {
    assert_eq!(broken(Kind::ProxyV2, &bytes("0d0a0d0a000d0a515549540a 31")), ("version", 12));
    assert_eq!(broken(Kind::ProxyV2, b"\r\n\r\nGET"), ("signature", 4));
    assert_eq!(broken(Kind::ProxyV1, b"PROXX"), ("keyword", 4));
    assert_eq!(broken(Kind::Socks4, &[5]), ("version", 0));
    assert_eq!(broken(Kind::Socks5, &[4]), ("version", 0));
    let endless = [&[4, 1, 0, 80, 1, 2, 3, 4][..], &[b'x'; 300]].concat();
    assert_eq!(broken(Kind::Socks4, &endless), ("no-nul", 263));
}

#[test]
fn the_answer_of_another_protocol_is_broken() {
    for (kind, client) in [(Kind::Socks4, bytes("04 01 0050 42660763 00")), (Kind::Socks5, bytes("050100"))] {
        let mut exchange = Exchange::new(kind);
        assert!(matches!(exchange.take(Side::Client, &client, false), Parse::Done(..)));
        for answer in [&b"HTTP/1.1 400"[..], b"\x15\x03\x01\x00\x02", b"SSH-2.0", b"\x81\x05hello"] {
            assert!(matches!(exchange.take(Side::Server, answer, false), Parse::Broken(_)));
        }
        assert_eq!(exchange.state(), State::Going);
    }
}

#[test]
fn a_checksum_is_checked() {
    let mut header =
        bytes("0d0a0d0a000d0a515549540a 21 11 0013 c0a80001 c0a8000b dc04 01bb 03 0004 00000000");
    let computed = |bytes: &[u8]| {
        let Parse::Done(taken, _) = Exchange::new(Kind::ProxyV2).take(Side::Client, bytes, false) else {
            panic!()
        };
        taken.findings.first().map(|finding| {
            assert_eq!((finding.rule, finding.facts.which()), (Rule::ProxyMalformed, "checksum"));
            assert_eq!(finding.bits, Some(BitRange::bytes(31, 35)));
            match finding.facts.get("computed") {
                Some(crate::model::facts::Fact::Text(hex)) => u32::from_str_radix(hex, 16).unwrap(),
                other => panic!("{other:?}"),
            }
        })
    };
    let sum = computed(&header).unwrap();
    header[31..].copy_from_slice(&sum.to_be_bytes());
    assert_eq!(computed(&header), None);
    assert_eq!(
        fields(Message::ProxyV2, &header).find("proxy-v2-crc32c").unwrap().value.to_string(),
        sum.to_string()
    );
}

#[test]
fn typed_values_are_named() {
    let vectors = vectors();
    let vector = vectors.iter().find(|vector| vector.name == "v2 TLVs").unwrap();
    let tree = fields(Message::ProxyV2, &vector.messages[0].1);
    let shown = |id: &str| tree.find(id).unwrap().value.to_string();
    assert_eq!(shown("proxy-v2-command"), "1 PROXY");
    assert_eq!(shown("proxy-v2-family"), "1 AF_INET");
    assert_eq!(shown("proxy-v2-source"), "\"192.168.0.1\"");
    assert_eq!(shown("proxy-v2-alpn"), "\"h2\"");
    assert_eq!(shown("proxy-v2-authority"), "\"example.com\"");
    assert_eq!(shown("proxy-v2-unique-id"), "deadbeef");
    assert_eq!(shown("proxy-v2-tlv-value"), "2a");
    assert_eq!(shown("proxy-v2-netns"), "\"blue\"");
    assert_eq!(shown("proxy-v2-ssl-cert-conn"), "1");
    assert_eq!(shown("proxy-v2-ssl-verify"), "0");
    let ssl = tree.find("proxy-v2-ssl").unwrap();
    assert_eq!(ssl.find("proxy-v2-tlv-type").unwrap().value.to_string(), "33 PP2_SUBTYPE_SSL_VERSION");
    assert_eq!(ssl.find("proxy-v2-ssl-text").unwrap().value.to_string(), "\"TLSv1.3\"");
}

#[test]
fn a_message_is_one_byte() {
    for message in Message::ALL {
        assert_eq!(Message::from_byte(message.to_byte()), Some(message));
        assert!(!message.name().is_empty());
    }
    assert_eq!(Message::from_byte(10), None);
}

#[test]
fn nothing_else_is_taken_for_a_prelude() {
    let openings: &[&[u8]] = &[
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\r\nGET / HTTP/1.1\r\n",
        b"\r\n\r\n\r\nGET / HTTP/1.1\r\n",
        b"POST / HTTP/1.1\r\n",
        b"PUT / HTTP/1.1\r\n",
        b"PATCH / HTTP/1.1\r\n",
        b"PROPFIND / HTTP/1.1\r\n",
        b"PROXY / HTTP/1.1\r\n",
        b"PROXY TCP5 1 2 3 4\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"<policy-file-request/>\0",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"EHLO example.com\r\n",
        b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
        b"\x82\xfe\x01\x00\x37\xfa\x21\x3d\x7f\x9f\x4d\x51",
        b"\x88\x80\x37\xfa\x21\x3d",
        b"\x00Hello\xff\x00World\xff",
        b"\xff\x00",
        b"\x80\x05Hello",
        // hybi-00 to hybi-06: text and binary have the opcodes 4 and 5.
        b"\x04\x05Hello",
        b"\x05\x05Hello",
        // Lengths before data: one byte, two, four, and base 128 with tags.
        b"\x05Hello",
        b"\x04\x01\x02\x03\x04\x04\x01\x02\x03\x04",
        b"\x00\x05Hello",
        b"\x05\x00Hello",
        b"\x04\x00\x01\x02\x03\x04",
        b"\x00\x00\x00\x05Hello",
        b"\x05\x00\x00\x00Hello",
        b"\x05\x08\x96\x01\x10\x01",
        b"\x04\x08\x01\x10\x02",
        // MQTT, RTMP, PostgreSQL, TDS, RDP, BitTorrent.
        b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00",
        b"\x03\x00\x00\x00\x00\x00\x00\x00\x00",
        b"\x00\x00\x00\x08\x04\xd2\x16\x2f",
        b"\x12\x01\x00\x2f\x00\x00\x01\x00",
        b"\x03\x00\x00\x13\x0e\xe0\x00\x00",
        b"\x13BitTorrent protocol",
        &[0; 64],
        &[4; 64],
        &[5; 64],
        &[0xff; 64],
    ];
    for opening in openings {
        let found = beginning_piecemeal(opening);
        assert_eq!(found, Beginning::No, "{}", opening.escape_ascii());
    }
    for byte in (0..=255).filter(|byte| !matches!(byte, 4 | 5 | b'P' | b'\r')) {
        assert_eq!(begins(&[byte]), Beginning::No);
    }
}

/// The bound that [`begins`] states. The numbers are pseudo-random but always the same.
#[test]
fn random_openings_are_hardly_ever_taken() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut opening = [0; 10];
    let mut draw = || {
        let [a, b] = [random(), random()];
        opening[..8].copy_from_slice(&a.to_le_bytes());
        opening[8..].copy_from_slice(&b.to_le_bytes()[..2]);
        opening
    };
    let taken = (0..10_000).filter(|_| matches!(begins(&draw()), Beginning::Yes(_))).count();
    assert_eq!(taken, 0);
    // With the first byte of SOCKS 4 or 5 given, which two of 256 openings have.
    let mut versions = [4, 5].into_iter().cycle();
    let draws = 256_000_u32;
    let taken = (0..draws)
        .filter(|_| {
            let mut opening = draw();
            opening[0] = versions.next().unwrap_or_default();
            matches!(begins(&opening), Beginning::Yes(_))
        })
        .count();
    let of_all = taken as f64 / f64::from(draws) * 2.0 / 256.0;
    assert!(of_all < 2e-6, "{of_all}");
}

fn any_message() -> impl Strategy<Value = Message> {
    prop::sample::select(Message::ALL.to_vec())
}

/// Bytes that are nearly a message: one of the vectors, with something changed, cut off or put behind.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let messages: Vec<Vec<u8>> =
        vectors().into_iter().flat_map(|vector| vector.messages).map(|(_, bytes)| bytes).collect();
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    let behind = prop::collection::vec(any::<u8>(), 0..20);
    (prop::sample::select(messages), changes, any::<prop::sample::Index>(), behind, any::<bool>()).prop_map(
        |(mut bytes, changes, cut, behind, is_cut)| {
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if is_cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            bytes.extend(behind);
            bytes
        },
    )
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![nearly(), prop::collection::vec(any::<u8>(), 0..400)]
}

proptest! {
    #[test]
    fn fields_tile_any_bytes(message in any_message(), bytes in any_bytes()) {
        let field = fields(message, &bytes);
        prop_assert!(field.tiles());
        prop_assert_eq!(field.bits, BitRange::bytes(0, bytes.len()));
        prop_assert!(field.leaves().iter().all(|leaf| !leaf.bits.is_empty() || bytes.is_empty()));
    }

    #[test]
    fn any_cut_begins_the_same(bytes in any_bytes()) {
        prop_assert_eq!(begins(&bytes), beginning_piecemeal(&bytes));
    }

    #[test]
    fn any_cut_reads_the_same(kind in prop::sample::select(vec![Kind::ProxyV1, Kind::ProxyV2, Kind::Socks4, Kind::Socks5]),
                              streams in [any_bytes(), any_bytes()]) {
        let mut exchange = Exchange::new(kind);
        let mut at = [0, 0];
        while let Some((side, message)) = exchange.next() {
            let bytes = &streams[side.index()][at[side.index()]..];
            let mut whole = exchange.clone();
            let read = whole.take(side, bytes, false);
            prop_assert_eq!(&piecemeal(&mut exchange, side, bytes), &read);
            prop_assert_eq!(&whole, &exchange);
            match read {
                Parse::Done(taken, length) => {
                    prop_assert_eq!(taken.message, message);
                    prop_assert!(length > 0 && length <= bytes.len());
                    for finding in &taken.findings {
                        is_told(finding);
                        prop_assert!(finding.bits.is_some_and(|bits| BitRange::bytes(0, length).contains(bits)));
                    }
                    at[side.index()] += length;
                }
                Parse::Broken(finding) => {
                    is_told(&finding);
                    prop_assert!(finding.bits.is_some_and(|bits| BitRange::bytes(0, bytes.len()).contains(bits)));
                    break;
                }
                Parse::More => break,
            }
        }
    }
}
