//! What each fuzz target does with bytes from anywhere: a function that panics where something does not hold.
//!
//! They know nothing of a fuzzer, so that the smoke test (`tests/fuzz.rs`) runs them too. An input is made so that most
//! changes of it still mean something: scripts of parts, each with a control byte before it.

#![allow(dead_code, reason = "a fuzz target uses one of them, the smoke test all")]

use std::io::Cursor;
use std::net::SocketAddr;
use std::ops::ControlFlow;

use framescope::capture::{self, typed};
use framescope::export::json::{self, About};
use framescope::export::{csv, pcapng as export_pcapng, text};
use framescope::model::derive::ItemRef;
use framescope::model::field::{BitRange, Field};
use framescope::model::protocol::{Family, Protocol, Side};
use framescope::model::rule::Finding;
use framescope::trace::{
    Conversation, DecodeAs, End, ItemKind, Layer, PayloadReader, Place, Store, Timestamp, Trace,
    derivations_in_order, fields, message_fields, origin,
};
use framescope::wire::deflate::tokens::Reader;
use framescope::wire::deflate::{Deflater, InflateError, Inflater, Params, TAIL, Unit, Window, derivation};
use framescope::wire::frame::coding::Coding;
use framescope::wire::frame::{hixie, hybi};
use framescope::wire::http::{self, Body, ChunkedProgress, ChunkedScanner, parse_head};
use framescope::wire::prelude::{self, Beginning, Exchange, Kind};
use framescope::wire::tls::{self, Borders, Session};
use framescope::wire::{Parse, policy};
use framescope::words::Words;

/// A target: its name, as `scripts/fuzz` takes it, and what it does.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// All targets.
pub(crate) const ALL: [Target; 10] = [
    ("head", head),
    ("frame_hybi", frame_hybi),
    ("frame_hixie", frame_hixie),
    ("inflate", inflate),
    ("pcap", pcap),
    ("pcapng", pcapng),
    ("dissector", dissector),
    ("exports", exports),
    ("tls", tls),
    ("prelude", prelude),
];

/// Of a longer conversation so many items and messages are described.
const DESCRIBED: usize = 200;

/// A message larger than this is an error; the fuzzer is to look for bombs elsewhere.
const LARGEST_MESSAGE: u64 = 1 << 20;

/// The leaves tile the whole, which is `bytes` long.
fn check_field(field: &Field, bytes: u64) {
    assert_eq!(field.bits, BitRange::new(0, bytes * 8), "{field:?}");
    assert!(field.tiles(), "{field:?}");
}

/// What is said has its place in the `bytes` that it is said of.
fn check_finding(finding: &Finding, bytes: u64) {
    let whole = BitRange::new(0, bytes * 8);
    let inside = finding.bits.is_none_or(|bits| bits.start <= bits.end && whole.contains(bits));
    assert!(inside, "{finding}: {:?} of {bytes} bytes", finding.bits);
}

fn check_findings(findings: &[Finding], bytes: u64) {
    for finding in findings {
        check_finding(finding, bytes);
    }
}

/// HTTP heads, as either side may send them, and the bodies behind them.
pub(crate) fn head(bytes: &[u8]) {
    for side in Side::BOTH {
        let (head, length) = match parse_head(bytes, side, http::MAX_HEAD) {
            Parse::Done(head, length) => (head, length),
            Parse::More => continue,
            Parse::Broken(finding) => {
                check_finding(&finding, bytes.len() as u64);
                continue;
            }
        };
        assert!(http::may_begin(bytes, side), "what begins no head is one");
        assert_eq!((head.raw(), head.side()), (&bytes[..length], side));
        let again = parse_head(&bytes[..length], side, http::MAX_HEAD);
        assert_eq!(again, Parse::Done(head.clone(), length), "what follows does not matter");
        let shorter = parse_head(&bytes[..length - 1], side, http::MAX_HEAD);
        assert!(!matches!(shorter, Parse::Done(..)), "no byte less would do");
        check_field(&http::head_field(&head), length as u64);
        check_findings(head.findings(), length as u64);
        let rest = &bytes[length..];
        let told = head.body(None);
        if let Err(finding) = &told {
            check_finding(finding, length as u64);
        }
        for kind in [told.unwrap_or(Body::UntilClose), Body::Chunked, Body::Length(7), Body::UntilClose] {
            check_field(&http::message_field(&head, rest, kind), bytes.len() as u64);
        }
        let (mut whole, mut cut) = (ChunkedScanner::new(), ChunkedScanner::new());
        let at_once = whole.feed(rest);
        let in_pieces = rest.iter().zip(0..).find_map(|(byte, before)| match cut.feed(&[*byte]) {
            ChunkedProgress::More => None,
            ChunkedProgress::Done(end) => Some(ChunkedProgress::Done(before + end)),
            ChunkedProgress::Broken { at, finding } => {
                check_finding(&finding, rest.len() as u64);
                Some(ChunkedProgress::Broken { at: before + at, finding })
            }
        });
        assert_eq!(at_once, in_pieces.unwrap_or(ChunkedProgress::More));
        assert!(http::chunked_data(rest).len() <= rest.len());
    }
    if let Some((request, _)) = policy::finish_request(bytes) {
        assert!(request.field().tiles());
    }
    if let Some((response, _)) = policy::finish_response(bytes) {
        assert!(response.field().tiles());
    }
}

/// Frames as one side of one version may send them, from the first byte on.
fn frames(bytes: &[u8], protocol: Protocol, control: u8) {
    let side = if control & 0x80 == 0 { Side::Client } else { Side::Server };
    let told = (control & 0x40 == 0).then_some(side);
    check_trace(&typed::trace_of(bytes, Some(protocol), told, control & 0x20 != 0));
}

/// The version that a control byte names among those of a family.
fn of_family(family: Family, control: u8) -> Protocol {
    let all: Vec<Protocol> =
        Protocol::WEBSOCKET.into_iter().filter(|protocol| protocol.family() == Some(family)).collect();
    all[usize::from(control & 0x1F) % all.len()]
}

/// A control byte (side, compression, version), and frames.
pub(crate) fn frame_hybi(input: &[u8]) {
    let Some((&control, bytes)) = input.split_first() else { return };
    let protocol = of_family(Family::Hybi, control);
    let dialect = protocol.dialect_or_latest();
    for side in Side::BOTH {
        let coding = Coding::of(dialect, side, Some([0x5A; 20]));
        for compressed in [false, true] {
            check_field(&hybi::fields_in(dialect, &coding, bytes, compressed), bytes.len() as u64);
        }
        if let Some((header, length)) = coding.read(bytes) {
            let mut payload = bytes[length..].to_vec();
            coding.mask(&header, &mut payload, 0);
            let mut again = Vec::new();
            coding.write(&header, &payload, &mut again);
            assert_eq!(again, bytes);
            assert_eq!(coding.uncovered(bytes)[length..], payload);
        }
        let _ = (hybi::length_derivation(&coding, bytes), hybi::unmask_derivation(&coding, bytes));
    }
    if let Parse::Done(header, length) = hybi::Header::parse(bytes) {
        let mut again = Vec::new();
        header.encode(&mut again);
        assert_eq!(again, &bytes[..length]);
        assert_eq!(header.length(), length);
        assert_eq!(hybi::Header::parse(&bytes[..length - 1]), Parse::More);
    }
    frames(bytes, protocol, control);
}

/// The same of the older family.
pub(crate) fn frame_hixie(input: &[u8]) {
    let Some((&control, bytes)) = input.split_first() else { return };
    check_field(&hixie::fields(bytes), bytes.len() as u64);
    match hixie::Header::parse(bytes) {
        Parse::Done(header, length) => {
            assert_eq!(header.length(), length);
            let mut findings = Vec::new();
            for protocol in Protocol::WEBSOCKET {
                hixie::check_header(header, protocol, Side::Server, &mut findings);
            }
            check_findings(&findings, length as u64);
        }
        Parse::Broken(finding) => check_finding(&finding, bytes.len() as u64),
        Parse::More => {}
    }
    let _ = hixie::length_derivation(bytes);
    frames(bytes, of_family(Family::Hixie, control), control);
}

/// What came of a message: its first bytes, and how it ended.
type Inflated = (Vec<u8>, Result<(), InflateError>, Vec<InflateError>);

fn inflated<'a>(inflater: &mut Inflater, pieces: impl Iterator<Item = &'a [u8]>) -> Inflated {
    let mut out = Vec::new();
    inflater.begin_message();
    let mut pieces = pieces;
    let fed = pieces
        .try_for_each(|piece| inflater.feed(piece, LARGEST_MESSAGE, &mut |data| out.extend_from_slice(data)));
    let ended = fed.and_then(|()| inflater.finish_message());
    let noticed = std::iter::from_fn(|| inflater.noticed()).collect();
    (out, ended, noticed)
}

/// A control byte (window, takeover), and compressed messages: a length of two bytes before each.
pub(crate) fn inflate(input: &[u8]) {
    let Some((&control, mut rest)) = input.split_first() else { return };
    let (window, takeover) = (8 + (control & 7), control & 8 != 0);
    let mut whole = Inflater::new(window, takeover);
    let mut cut = Inflater::new(window, takeover);
    let mut history = Vec::new();
    while let Some((payload, after)) = sized(rest) {
        rest = after;
        let (data, ended, noticed) = inflated(&mut whole, std::iter::once(payload));
        let (in_pieces, ended_in_pieces, noticed_in_pieces) =
            inflated(&mut cut, payload.chunks(1 + usize::from(control >> 4)));
        assert_eq!(ended, ended_in_pieces, "{payload:02x?}");
        assert!(data == in_pieces, "{payload:02x?}");
        if ended.is_ok() {
            assert_eq!(noticed, noticed_in_pieces, "{payload:02x?}");
            assert_eq!(whole.length(), data.len() as u64);
        }
        assert!(data.len() as u64 <= LARGEST_MESSAGE);
        // Read once more by other code, with the tail.
        let with_tail = [payload, &TAIL].concat();
        let mut reader = Reader::new();
        let (mut length, mut end) = (0, 0);
        let read = reader.feed(&with_tail, |token, place| {
            assert!(
                place.start <= place.end && place.end <= with_tail.len() as u64 * 8,
                "{token:?} {place:?}"
            );
            length += token.length();
            end = place.end;
            if length > LARGEST_MESSAGE { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if ended.is_ok() && read.is_ok() && noticed.is_empty() {
            assert_eq!(length, data.len() as u64, "{payload:02x?}");
        }
        // What breaks a rule and is got over ends where it says; all else, at the end of the tail.
        if ended.is_ok() && noticed.is_empty() {
            assert_eq!(read, Ok(()), "{payload:02x?}");
            assert_eq!(end, with_tail.len() as u64 * 8, "{payload:02x?}");
            assert!(reader.between_blocks(), "{payload:02x?}");
        }
        let place = [(ItemRef::This, BitRange::bytes(0, payload.len()))];
        let explained = derivation(
            payload,
            &place,
            &history,
            Window { bits: window, kept: takeover, unit: Unit::Message },
        );
        for step in &explained.steps {
            assert!(step.output.len() < 1 << 16);
        }
        if takeover && ended.is_ok() {
            history.extend_from_slice(&data);
            history.drain(..history.len().saturating_sub(1 << 15));
        }
    }
    // And there and back again.
    let compressed = Deflater::new(window, takeover, u32::from(control >> 4).min(9)).compress(input);
    let (data, ended, noticed) =
        inflated(&mut Inflater::new(window, takeover), std::iter::once(&compressed[..]));
    assert_eq!((ended, noticed), (Ok(()), Vec::new()));
    assert!(data == input);
}

/// A piece of so many bytes as the two before it say, or as are there; none at the end.
fn sized(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    Some(rest.split_at(usize::from(u16::from_le_bytes(*length)).min(rest.len())))
}

/// A capture, whatever its format.
fn capture(bytes: &[u8]) {
    let reader = Cursor::new(bytes.to_vec());
    let mut loader = capture::from_reader(reader, "input", &capture::Options::default());
    let _ = loader.read_all(); // What stands before the damage is in the trace.
    let trace = loader.trace();
    check_trace(trace);
    let mut slow = capture::from_reader(Cursor::new(bytes.to_vec()), "input", &capture::Options::default());
    while matches!(slow.step(1 + bytes.len() % 5), Ok(capture::Status::More)) {}
    assert_eq!(loader.summary().packets, slow.summary().packets);
    let items = |trace: &Trace| trace.conversations().iter().map(|talk| talk.items.len()).collect::<Vec<_>>();
    assert_eq!(items(trace), items(slow.trace()));
}

/// A capture of the older format, or compressed.
pub(crate) fn pcap(bytes: &[u8]) {
    capture(bytes);
}

/// A capture of the newer format.
pub(crate) fn pcapng(bytes: &[u8]) {
    capture(bytes);
}

/// What happens next in a script.
pub(crate) enum Part<'a> {
    /// Bytes of a side.
    Data(Side, &'a [u8]),
    /// So many bytes are missing.
    Gap(Side, u64),
    /// A side sends no more.
    End(Side, End),
}

/// The next part of a script. Its control byte: the lowest bit is the side, the next two say what it is, the fourth how it
/// ends. Data has its length in two bytes before it, a gap in four.
fn part(script: &[u8]) -> Option<(Part<'_>, &[u8])> {
    let (&control, rest) = script.split_first()?;
    let side = if control & 1 == 0 { Side::Client } else { Side::Server };
    match control >> 1 & 3 {
        0 | 1 => sized(rest).map(|(data, rest)| (Part::Data(side, data), rest)),
        2 => {
            let (length, rest) = rest.split_first_chunk::<4>()?;
            Some((Part::Gap(side, u64::from(u32::from_le_bytes(*length))), rest))
        }
        _ => Some((Part::End(side, if control & 8 == 0 { End::Fin } else { End::Reset }), rest)),
    }
}

/// Writes a part as [`part`] reads it.
pub(crate) fn write_part(part: &Part<'_>, out: &mut Vec<u8>) {
    match part {
        Part::Data(side, bytes) => {
            for piece in bytes.chunks(usize::from(u16::MAX)) {
                out.push(side.index() as u8);
                out.extend_from_slice(&(piece.len() as u16).to_le_bytes());
                out.extend_from_slice(piece);
            }
        }
        Part::Gap(side, length) => {
            out.push(4 | side.index() as u8);
            out.extend_from_slice(&(*length as u32).to_le_bytes());
        }
        Part::End(side, end) => out.push(6 | side.index() as u8 | u8::from(*end == End::Reset) << 3),
    }
}

/// Two control bytes (how the conversation begins, and of which protocol), and a script of what both sides do.
pub(crate) fn dissector(input: &[u8]) {
    if let Some(trace) = dissected(input) {
        check_trace(&trace);
    }
}

/// The same, written in every way, and what is said in words.
pub(crate) fn exports(input: &[u8]) {
    let Some(trace) = dissected(input) else { return };
    let about = About { file: "input".to_owned(), ..About::default() };
    let nowhere = &mut std::io::sink();
    for talk in trace.conversations() {
        for finding in talk.item_findings.iter().map(|(_, finding)| finding).chain(&talk.findings) {
            assert!(!Words::english().finding(finding).is_empty(), "{} says nothing", finding.rule);
        }
    }
    let all = text::Options { fields: true, hex: true, ..text::Options::default() };
    for options in [all, text::Options { brief: true, ..text::Options::default() }] {
        text::write_trace(nowhere, &about, &trace, &options).expect("nothing fails to be written to nowhere");
    }
    let mut document = Vec::new();
    let options = json::Options { fields: true, derivations: true, ..json::Options::default() };
    json::write_document(&mut document, &about, &trace, options)
        .expect("nothing fails to be written to memory");
    assert!(document.starts_with(b"{") && document.ends_with(b"}\n"));
    csv::write_trace(nowhere, &trace, None).expect("nothing fails to be written to nowhere");
    for talk in trace.conversations().iter().filter(|talk| talk.carrier.is_none()) {
        let mut writer = export_pcapng::Writer::new(Vec::new()).expect("memory takes everything");
        export_pcapng::write_conversation(&trace, talk, &mut writer).expect("memory takes everything");
        let file = writer.finish().expect("memory takes everything");
        let mut loader = capture::from_reader(Cursor::new(file), "copy", &capture::Options::default());
        loader.read_all().expect("what was written can be read");
        check_trace(loader.trace());
    }
}

/// What comes of a script.
fn dissected(input: &[u8]) -> Option<Trace> {
    let (&[begins, told], mut script) = input.split_first_chunk::<2>()?;
    let protocol = Protocol::ALL[usize::from(told & 0x7F) % Protocol::ALL.len()];
    let mut trace = Trace::new(Store::default());
    let index = if begins & 3 == 3 {
        let protocol = Protocol::WEBSOCKET[usize::from(told & 0x7F) % Protocol::WEBSOCKET.len()];
        trace.open_as(protocol, (told & 0x80 != 0).then(Params::default))
    } else {
        if begins & 2 != 0 {
            trace.decode_as.push(DecodeAs { port: 9001, protocol, deflate: false });
        }
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        trace.open(address(50_000), address(9001), begins & 1 != 0, 6)
    };
    let mut packet = 0;
    while let Some((part, rest)) = part(script) {
        script = rest;
        packet += 1;
        let time = Timestamp(i64::from(packet) * 1_000);
        match part {
            Part::Data(side, bytes) => {
                let place = Place { at: trace.store.append(bytes), headers: None };
                trace.data(index, side, place, bytes.len() as u32, packet, time);
            }
            Part::Gap(side, length) => trace.gap(index, side, length, packet, time),
            Part::End(side, end) => trace.end(index, side, end, packet, time),
        }
    }
    trace.finish();
    Some(trace)
}

/// Every byte is in one item, what is said of an item lies in it, and all of it can be looked at.
fn check_trace(trace: &Trace) {
    for talk in trace.conversations() {
        let mut ends = [0; 2];
        for (number, item) in talk.items.iter() {
            let end = &mut ends[item.side.index()];
            assert_eq!(item.offset, *end, "item {number} of the {}", item.side);
            assert!(item.length > 0, "item {number}");
            *end += item.length;
            for finding in talk.findings_of(number) {
                assert!(finding.bits.is_some(), "{finding} has no place in item {number}");
                check_finding(finding, item.length);
            }
        }
        for side in Side::BOTH {
            let all = talk.stream(side).end();
            // What is compressed is in items of what carries it, too.
            let inflated = |inner: &Conversation| inner.layer == Layer::DeflateStream;
            let mut carried = talk.carried.iter().filter_map(|at| trace.conversation(*at));
            let handed_on = talk.carried_from.filter(|_| !carried.any(inflated));
            let own = handed_on.map_or(all, |from| from[side.index()].min(all));
            assert_eq!(ends[side.index()], own, "all that the {side} sent is in items of {}", talk.protocol);
        }
        check_descriptions(talk, &trace.store);
    }
}

fn check_descriptions(talk: &Conversation, store: &Store) {
    let mut reader = PayloadReader::default();
    for (number, item) in talk.items.iter().take(DESCRIBED) {
        let field = fields(talk, store, number).expect("every item has fields");
        check_field(&field, item.length);
        for derivation in derivations_in_order(talk, store, number, &mut reader) {
            assert!(
                field.bits.contains(derivation.bits),
                "{} at {} of {}",
                derivation.id,
                derivation.bits,
                field.bits
            );
        }
    }
    let mut reader = PayloadReader::default();
    for (number, message) in talk.messages.iter().take(DESCRIBED) {
        let field = message_fields(talk, store, number, &mut reader).expect("every message has fields");
        assert!(field.tiles(), "message {number}: {field:?}");
        assert!(message.first <= message.last && (message.last as usize) < talk.items.len());
        for byte in [0, message.length / 2, message.length.saturating_sub(1)] {
            for (item, bits) in origin(talk, store, number, BitRange::new(byte * 8, byte * 8 + 8)) {
                let item = talk.items.get(item).expect("what it comes from is there");
                assert!(BitRange::new(0, item.length * 8).contains(bits), "{bits} of {} bytes", item.length);
                assert!(item.kind != ItemKind::Gap);
            }
        }
    }
}

/// Records of both sides: a control byte before each (side, a gap before it, cut), and so many bytes as its header says.
pub(crate) fn tls(mut input: &[u8]) {
    let mut session = if input.len() % 8 == 7 { Session::inside() } else { Session::new() };
    let mut borders = [Borders::START; 2];
    while let Some((&control, bytes)) = input.split_first() {
        let side = if control & 1 == 0 { Side::Client } else { Side::Server };
        let _ = tls::begins(bytes);
        let Some(header) = tls::Header::read(bytes) else {
            check_field(&tls::record::fields(bytes, tls::Content::Other, 0), bytes.len() as u64);
            return;
        };
        assert_eq!(header.encode(), bytes[..5]);
        if control & 2 != 0 {
            session.gap(side);
            borders[side.index()] = Borders::START;
        }
        let (record, rest) = bytes.split_at(header.record_length().min(bytes.len()));
        input = rest;
        let fragment = &record[5..];
        let mut findings = Vec::new();
        let content = session.record(side, header, fragment, &mut findings);
        assert_eq!(tls::Content::from_byte(content.to_byte()), content);
        // The header says how long the record is; where it is cut, its trace cuts what is said to what is there.
        check_findings(&findings, header.record_length() as u64);
        let before = borders[side.index()].continued(fragment);
        assert!(before <= fragment.len());
        for before in [before, 0, fragment.len()] {
            check_field(&tls::record::fields(record, content, before), record.len() as u64);
        }
        if content == tls::Content::Handshake {
            borders[side.index()].feed(fragment, |piece| {
                assert!(piece.start < piece.end && piece.end <= fragment.len(), "{piece:?}");
            });
        }
        let _ = session.agreement();
    }
}

/// A control byte (which prelude; else what the bytes say), and a script of what both sides send.
pub(crate) fn prelude(input: &[u8]) {
    let Some((&control, mut script)) = input.split_first() else { return };
    let mut unread = [Vec::new(), Vec::new()];
    let mut over = [false; 2];
    let mut exchange = match control % 5 {
        0 => None,
        1 => Some(Exchange::new(Kind::ProxyV1)),
        2 => Some(Exchange::new(Kind::ProxyV2)),
        3 => Some(Exchange::new(Kind::Socks4)),
        _ => Some(Exchange::new(Kind::Socks5)),
    };
    while let Some((part, rest)) = part(script) {
        script = rest;
        match part {
            Part::Data(side, bytes) => unread[side.index()].extend_from_slice(bytes),
            Part::Gap(..) => break, // Nothing is read on behind one.
            Part::End(side, _) => over[side.index()] = true,
        }
        let Some(exchange) = &mut exchange else {
            match prelude::begins(&unread[0]) {
                Beginning::No => break,
                Beginning::More => {}
                Beginning::Yes(kind) => exchange = Some(Exchange::new(kind)),
            }
            continue;
        };
        // Each message that is there, whoever's turn it is.
        while let Some((side, message)) = exchange.next() {
            let bytes = &mut unread[side.index()];
            match exchange.take(side, bytes, over[side.index()]) {
                Parse::Done(taken, length) => {
                    assert_eq!(taken.message, message);
                    assert!(0 < length && length <= bytes.len());
                    check_findings(&taken.findings, length as u64);
                    check_field(&prelude::fields(message, &bytes[..length]), length as u64);
                    bytes.drain(..length);
                }
                Parse::More => break,
                Parse::Broken(finding) => {
                    check_finding(&finding, bytes.len() as u64);
                    return;
                }
            }
        }
    }
    for message in prelude::Message::ALL {
        check_field(&prelude::fields(message, &unread[0]), unread[0].len() as u64);
    }
}
