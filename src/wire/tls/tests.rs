//! Tests over real records and over arbitrary ones.

use proptest::prelude::*;

use super::record::{self, Header};
use super::*;
use crate::model::field::{BitRange, Field, Value, hex};
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Rule};

/// What a real connection said, and what is known of it.
struct Vector {
    name: &'static str,
    version: Option<String>,
    suite: Option<String>,
    client_random: String,
    server_random: Option<String>,
    records: Vec<(Side, Vec<u8>)>,
}

fn vector(name: &'static str, text: &str) -> Vector {
    let fact = |key: &str| {
        text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')).map(str::to_owned)
    };
    let record = |line: &str| {
        let (side, digits) = line.split_once(' ')?;
        let side = match side {
            "c" => Side::Client,
            "s" => Side::Server,
            _ => return None,
        };
        let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
        Some((side, (0..digits.len()).step_by(2).map(byte).collect()))
    };
    Vector {
        name,
        version: fact("version"),
        suite: fact("suite"),
        client_random: fact("client_random").unwrap(),
        server_random: fact("server_random"),
        records: text.lines().filter_map(record).collect(),
    }
}

macro_rules! vectors {
    ($($name:literal)*) => {
        [$( vector($name, include_str!(concat!("../../../tests/vectors/tls/", $name, ".txt"))), )*]
    };
}

fn vectors() -> [Vector; 11] {
    vectors!(
        "chromium-apache-tls13-alpn"
        "chromium-tls13"
        "chromium-tls13-psk"
        "node-alert"
        "node-tls10"
        "node-tls12-ecdsa"
        "node-tls12-rsa"
        "node-tls13-hello-retry"
        "openssl-tls13-early-data"
        "stunnel-tls12"
        "websockets-tls12-max-fragment"
    )
}

fn named(name: &str) -> Vector {
    vectors().into_iter().find(|vector| vector.name == name).unwrap()
}

/// Feeds whole records; gives what each holds.
fn feed<'a>(
    session: &mut Session,
    records: impl IntoIterator<Item = &'a (Side, Vec<u8>)>,
    findings: &mut Vec<Finding>,
) -> Vec<Content> {
    let mut contents = Vec::new();
    for (side, bytes) in records {
        let header = Header::read(bytes).unwrap();
        assert!(header.is_plausible() && header.record_length() == bytes.len());
        contents.push(session.record(*side, header, &bytes[Header::LENGTH..], findings));
    }
    contents
}

fn heard(vector: &Vector) -> (Agreement, Vec<Content>, Vec<Finding>) {
    let (mut session, mut findings) = (Session::new(), Vec::new());
    let contents = feed(&mut session, &vector.records, &mut findings);
    (session.agreement().clone(), contents, findings)
}

/// The fields of each record, with the bytes that belong to earlier messages counted from the records before it.
fn all_fields(vector: &Vector) -> Vec<Field> {
    let (_, contents, _) = heard(vector);
    let records = vector.records.iter().zip(&contents);
    let fields = records.clone().enumerate().map(|(at, ((side, bytes), content))| {
        let earlier = records.clone().take(at).filter_map(|((other, bytes), content)| {
            (other == side && *content == Content::Handshake).then_some(&bytes[Header::LENGTH..])
        });
        record::fields(bytes, *content, Borders::before(earlier, &bytes[Header::LENGTH..]))
    });
    fields.collect()
}

fn values(fields: &[Field], id: &str) -> Vec<String> {
    let leaves = fields.iter().flat_map(Field::leaves);
    leaves.filter(|leaf| leaf.kind.id == id).map(|leaf| leaf.value.to_string()).collect()
}

#[test]
fn real_connections_agree_on_what_they_agreed_on() {
    for vector in vectors() {
        let (agreement, _, findings) = heard(&vector);
        let name = vector.name;
        assert_eq!(agreement.version_name(), vector.version.as_deref(), "{name}");
        assert_eq!(agreement.suite_name(), vector.suite.as_deref(), "{name}");
        assert_eq!(agreement.client_random.map(|random| hex(&random)), Some(vector.client_random), "{name}");
        assert_eq!(agreement.server_random.map(|random| hex(&random)), vector.server_random, "{name}");
        let rules: Vec<Rule> = findings.iter().map(|finding| finding.rule).collect();
        let expected: &[Rule] = if name == "node-alert" { &[Rule::TlsAlertFatal] } else { &[] };
        assert_eq!(rules, expected, "{name}");
        assert_eq!(agreement.hello_retry, name == "node-tls13-hello-retry", "{name}");
        assert_eq!(agreement.early_data, name == "openssl-tls13-early-data", "{name}");
        let resumed = matches!(name, "chromium-tls13-psk" | "openssl-tls13-early-data");
        assert_eq!(agreement.psk_chosen, resumed, "{name}");
        assert_eq!(agreement.encrypted, [name != "node-alert"; 2], "{name}");
    }
}

#[test]
fn what_records_hold_follows_from_the_version() {
    let ids = |name| -> Vec<&str> { heard(&named(name)).1.iter().map(|content| content.id()).collect() };
    let early = ids("openssl-tls13-early-data");
    assert_eq!(
        early[..6],
        [
            "handshake",
            "change-cipher-spec",
            "encrypted-hidden",
            "handshake",
            "change-cipher-spec",
            "encrypted-hidden"
        ]
    );
    let retry = ids("node-tls13-hello-retry");
    assert_eq!(
        retry[..6],
        ["handshake", "handshake", "change-cipher-spec", "change-cipher-spec", "handshake", "handshake"]
    );
    assert!(retry[6..].iter().all(|id| *id == "encrypted-hidden"));
    let old = ids("node-tls12-ecdsa");
    assert_eq!(old[5..9], ["handshake", "change-cipher-spec", "encrypted-handshake", "handshake"]);
    assert_eq!(old[9..12], ["change-cipher-spec", "encrypted-handshake", "encrypted-data"]);
    assert_eq!(old[old.len() - 2..], ["encrypted-alert"; 2]);
    assert_eq!(ids("node-alert"), ["handshake", "alert"]);
}

#[test]
fn names_and_protocols_are_read() {
    let (chromium, _, _) = heard(&named("chromium-apache-tls13-alpn"));
    assert_eq!(chromium.server_name.as_deref(), Some("localhost"));
    assert!(chromium.encrypted_client_hello);
    assert_eq!(chromium.versions_offered, [0x0304, 0x0303]);
    assert!(matches!(chromium.alpn(), Alpn::Offered(offered) if *offered == ["h2", "http/1.1"]));
    // Up to TLS 1.2 the server's choice is in the clear.
    let extension = [&[0, 16, 0, 11, 0, 9, 8][..], b"http/1.1"].concat();
    let body = [&[3, 3][..], &[7; 32], &[0, 0xC0, 0x2F, 0, 0, 15], &extension].concat();
    let fragment = [&[2, 0, 0, body.len() as u8][..], &body].concat();
    let header = Header { content_type: 22, version: 0x0303, length: fragment.len() as u16 };
    let mut session = Session::new();
    assert_eq!(session.record(Side::Server, header, &fragment, &mut Vec::new()), Content::Handshake);
    assert_eq!(session.agreement().alpn(), Alpn::Chosen("http/1.1"));
    assert_eq!(session.agreement().version_name(), Some("TLS 1.2"));
    let (old, _, _) = heard(&named("node-tls10"));
    assert_eq!((old.versions_offered.as_slice(), old.alpn()), (&[0x0301][..], Alpn::None));
}

#[test]
fn the_fields_of_real_records_leave_nothing_over() {
    for vector in vectors() {
        for (field, (_, bytes)) in all_fields(&vector).iter().zip(&vector.records) {
            assert!(field.tiles(), "{}", vector.name);
            assert_eq!(field.bits, BitRange::bytes(0, bytes.len()));
            for id in ["tls-cut", "tls-surplus", "tls-handshake"] {
                assert_eq!(field.find(id), None, "{} {}", vector.name, hex(bytes));
            }
        }
    }
}

#[test]
fn a_browsers_hello_in_fields() {
    let fields = all_fields(&named("chromium-tls13-psk"));
    let hello = &fields[..1];
    assert_eq!(values(hello, "tls-content-type"), ["22 handshake"]);
    assert_eq!(values(hello, "tls-record-version"), ["769 TLS 1.0"]);
    assert_eq!(values(hello, "tls-handshake-type"), ["1 client_hello"]);
    assert!(values(hello, "tls-cipher-suite").contains(&"4865 TLS_AES_128_GCM_SHA256".to_owned()));
    for id in ["tls-cipher-suite", "tls-named-group", "tls-supported-version", "tls-extension-type"] {
        assert!(values(hello, id).iter().any(|value| value.ends_with("GREASE")), "{id}");
    }
    assert!(values(hello, "tls-named-group").contains(&"4588 X25519MLKEM768".to_owned()));
    assert_eq!(values(hello, "tls-psk-mode"), ["1 psk_dhe_ke"]);
    assert_eq!(values(hello, "tls-ech-type"), ["0 outer"]);
    for group in ["tls-grease", "tls-key-share-entry", "tls-psk-identity", "tls-alpn", "tls-server-name"] {
        assert!(hello[0].find(group).is_some_and(|field| !field.children.is_empty()), "{group}");
    }
    assert_eq!(values(hello, "tls-psk-binder").len(), 1);
    let answer = &fields[1..2];
    assert_eq!(values(answer, "tls-cipher-suite"), ["4866 TLS_AES_256_GCM_SHA384"]);
    assert_eq!(values(answer, "tls-supported-version"), ["772 TLS 1.3"]);
    assert_eq!(values(answer, "tls-psk-selected"), ["0"]);
    assert_eq!(values(&fields[2..3], "tls-change-cipher-spec"), ["1"]);
    assert!(fields[3].find("tls-encrypted-hidden").is_some());
    let retry = all_fields(&named("node-tls13-hello-retry"));
    assert!(retry[1].find("tls-hello-retry-request").is_some());
    assert!(retry[1].find("tls-retry-random").is_some() && retry[5].find("tls-random").is_some());
}

#[test]
fn messages_of_tls_1_2_in_fields() {
    let vector = named("websockets-tls12-max-fragment");
    let fields = all_fields(&vector);
    // The certificate begins in the third record and ends in the fourth.
    assert!(fields[2].find("tls-certificate-entry").is_some());
    let rest = fields[3].find("tls-continued").unwrap();
    assert_eq!(rest.bits, BitRange::bytes(Header::LENGTH, vector.records[3].1.len()));
    assert_eq!(values(&fields, "tls-max-fragment"), ["1 512 bytes", "1 512 bytes"]);
    assert_eq!(values(&fields, "tls-curve-type"), ["3 named_curve"]);
    assert!(fields.iter().any(|field| field.find("tls-server-hello-done").is_some()));
    assert_eq!(values(&fields, "tls-signature").len(), 1);
    assert_eq!(values(&fields, "tls-ticket").iter().filter(|ticket| !ticket.is_empty()).count(), 1);
    // Plain RSA: no ServerKeyExchange, and a secret with two bytes of length before it. TLS 1.0: no signature scheme.
    let rsa = all_fields(&named("node-tls12-rsa"));
    let secret = rsa.iter().find_map(|field| field.find("tls-client-key-exchange")).unwrap();
    assert_eq!(secret.find("tls-key-exchange").map(|field| field.bits.len()), Some(256 * 8));
    let old = all_fields(&named("node-tls10"));
    let signed = old.iter().find_map(|field| field.find("tls-server-key-exchange")).unwrap();
    assert!(signed.find("tls-signature").is_some() && signed.find("tls-signature-scheme").is_none());
    let alert = all_fields(&named("node-alert"));
    assert_eq!(values(&alert, "tls-alert-level"), ["2 fatal"]);
    assert_eq!(values(&alert, "tls-alert-description"), ["40 handshake_failure"]);
}

#[test]
fn the_order_in_which_sides_are_read_does_not_matter() {
    for vector in vectors() {
        let (agreement, contents, _) = heard(&vector);
        for first in [Side::Client, Side::Server] {
            let (before, after): (Vec<_>, Vec<_>) =
                vector.records.iter().partition(|(side, _)| *side == first);
            let (mut session, mut findings) = (Session::new(), Vec::new());
            let mut other = feed(&mut session, before.iter().copied(), &mut findings);
            other.extend(feed(&mut session, after.iter().copied(), &mut findings));
            assert_eq!(*session.agreement(), agreement, "{}", vector.name);
            let encrypted =
                |contents: &[Content]| contents.iter().filter(|content| content.is_encrypted()).count();
            assert_eq!(encrypted(&other), encrypted(&contents), "{}", vector.name);
        }
    }
}

#[test]
fn a_recording_that_begins_inside_is_honest() {
    let vector = named("node-tls12-ecdsa");
    let (mut session, mut findings) = (Session::inside(), Vec::new());
    // From the client's ChangeCipherSpec on.
    let contents = feed(&mut session, &vector.records[6..], &mut findings);
    let ids: Vec<&str> = contents.iter().map(|content| content.id()).collect();
    assert_eq!(ids[..3], ["change-cipher-spec", "encrypted-handshake", "handshake"]);
    assert_eq!(ids[3..6], ["change-cipher-spec", "encrypted-handshake", "encrypted-unsure"]);
    assert_eq!(ids[ids.len() - 1], "encrypted-alert");
    assert_eq!(session.agreement().version, None);
    assert_eq!((findings.len(), session.agreement().encrypted), (0, [true; 2]));
    // The hellos alone are missing.
    let mut session = Session::inside();
    let contents = feed(&mut session, &vector.records[2..], &mut findings);
    assert_eq!(contents[..4], [Content::Handshake; 4]);
    // An encrypted Finished by itself may be anything.
    let contents = feed(&mut Session::inside(), &vector.records[7..8], &mut findings);
    assert_eq!(contents, [Content::Encrypted(Encrypted::Unclear)]);
}

#[test]
fn a_gap_loses_the_message_that_has_begun() {
    let vector = named("websockets-tls12-max-fragment");
    let (mut session, mut findings) = (Session::new(), Vec::new());
    feed(&mut session, &vector.records[..3], &mut findings);
    session.gap(Side::Server);
    let contents = feed(&mut session, &vector.records[4..], &mut findings);
    assert_eq!(contents[..2], [Content::Handshake; 2]);
    assert_eq!((findings.len(), session.agreement().version), (0, Some(0x0303)));
}

fn one(header: Header, fragment: &[u8]) -> (Content, Vec<Finding>) {
    let mut findings = Vec::new();
    let content = Session::new().record(Side::Client, header, fragment, &mut findings);
    (content, findings)
}

#[test]
fn broken_records_are_found() {
    let header = |content_type, length| Header { content_type, version: 0x0303, length };
    let rules = |header, fragment: &[u8]| -> Vec<Rule> {
        let (_, findings) = one(header, fragment);
        findings.iter().map(|finding| finding.rule).collect()
    };
    assert_eq!(rules(header(22, 16_385), &[]), [Rule::TlsRecordTooLong]);
    assert_eq!(rules(header(23, 16_384 + 2048), &[]), []);
    assert_eq!(rules(header(23, 16_385 + 2048), &[]), [Rule::TlsRecordTooLong]);
    assert_eq!(rules(header(25, 0), &[]), [Rule::TlsRecordType]);
    assert_eq!(rules(header(22, 0), &[]), [Rule::TlsRecordEmpty]);
    assert_eq!(rules(header(23, 0), &[]), []);
    assert_eq!(rules(header(21, 2), &[2, 40]), [Rule::TlsAlertFatal]);
    assert_eq!(rules(header(21, 2), &[1, 0]), []);
    // ServerHelloDone has no content; a ClientHello is longer than three bytes.
    assert_eq!(rules(header(22, 5), &[14, 0, 0, 1, 9]), [Rule::TlsHandshakeMalformed]);
    assert_eq!(rules(header(22, 7), &[1, 0, 0, 3, 3, 3, 3]), [Rule::TlsHandshakeMalformed]);
    let (_, findings) = one(header(21, 2), &[2, 40]);
    assert_eq!(findings[0].message(), "the client ends the connection with a fatal alert: handshake_failure");
    let missing = Rule::TlsKeysMissing.about(crate::facts!("bytes", client = 5u64, server = 7u64));
    assert_eq!(
        missing.message(),
        "no keys are known: 5 bytes of the client and 7 of the server stay encrypted"
    );
    for finding in [one(header(22, 16_385), &[]), one(header(25, 0), &[]), one(header(22, 0), &[])] {
        assert!(!finding.1[0].message().contains('{'), "{}", finding.1[0].message());
    }
}

#[test]
fn a_message_of_any_length_costs_no_more_than_is_kept() {
    // A certificate that claims 16 MB, and one behind it that is read.
    let mut session = Session::new();
    let mut findings = Vec::new();
    let header = Header { content_type: 22, version: 0x0303, length: 16_384 };
    let mut fragment = vec![0; 16_384];
    fragment[..4].copy_from_slice(&[11, 0xFF, 0xFF, 0xFF]);
    let mut left = 0x00FF_FFFF + 4;
    while left > 16_384 {
        session.record(Side::Server, header, &fragment, &mut findings);
        left -= 16_384;
        fragment[..4].fill(0);
    }
    let mut last = vec![0; left];
    last.extend([14, 0, 0, 1, 9]);
    let header = Header { length: last.len() as u16, ..header };
    session.record(Side::Server, header, &last, &mut findings);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].rule, Rule::TlsHandshakeMalformed);
    assert_eq!(findings[0].bits, Some(BitRange::bytes(5 + left, 5 + left + 5)));
}

#[test]
fn streams_of_tls_are_known_by_their_beginning() {
    for vector in vectors() {
        for side in [Side::Client, Side::Server] {
            let stream: Vec<u8> = vector
                .records
                .iter()
                .filter(|(from, _)| *from == side)
                .flat_map(|(_, bytes)| bytes.clone())
                .collect();
            let needed = if stream[0] == 21 { 7 } else { 11 };
            for end in 0..stream.len().min(200) {
                let expected = if end < needed { Beginning::More } else { Beginning::Yes };
                assert_eq!(begins(&stream[..end]), expected, "{} {side:?} {end}", vector.name);
            }
        }
    }
    // A hello in records of one byte.
    assert_eq!(begins(&[22, 3, 1, 0, 1, 1]), Beginning::More);
    assert_eq!(begins(&[22, 3, 1, 0, 1, 1, 22, 3, 1]), Beginning::Yes);
    assert_eq!(begins(&[22, 3, 1, 0, 1, 1, 23]), Beginning::No);
}

#[test]
fn other_streams_are_not_taken_for_tls() {
    let others: [&[u8]; 14] = [
        b"GET / HTTP/1.1\r\n",
        b"CONNECT a:443 HTTP/1.1\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"<policy-file-request/>\0",
        b"PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n",
        b"\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c",
        &[5, 1, 0],
        &[4, 1, 0, 80, 1, 2, 3, 4, 0],
        // A frame with bits that nobody uses, lengths of messages in two and four bytes, an SSL 2.0 hello.
        &[0x16, 0x83, 1, 2, 3, 4, 5, 6, 7],
        &[0x16, 0x03, 0x01, 0x00, 0x20, 0x07, 0, 0, 0, 0, 0, 0],
        &[0x16, 0x03, 0x01, 0x02, 0x03, 0x01, 0, 0, 0, 0, 0, 0],
        &[0x00, 0x00, 0x16, 0x03, 0x01],
        &[0x80, 0x2E, 1, 3, 1, 0, 0x15, 0, 0],
    ];
    for other in others {
        assert_eq!(begins(other), Beginning::No, "{}", hex(other));
    }
}

/// The same connection, its plain handshake messages cut into other records.
fn cut_again(vector: &Vector, cuts: &[usize]) -> Vec<(Side, Vec<u8>)> {
    let (_, contents, _) = heard(vector);
    let mut cuts = cuts.iter().cycle();
    let mut records = Vec::new();
    for ((side, bytes), content) in vector.records.iter().zip(contents) {
        if content != Content::Handshake {
            records.push((*side, bytes.clone()));
            continue;
        }
        let header = Header::read(bytes).unwrap();
        let mut rest = &bytes[Header::LENGTH..];
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
            let header = Header { length: piece.len() as u16, ..header };
            records.push((*side, [&header.encode()[..], piece].concat()));
            rest = behind;
        }
    }
    records
}

fn any_content() -> impl Strategy<Value = Content> {
    prop::sample::select(Content::ALL)
}

proptest! {
    #[test]
    fn fields_tile_any_bytes(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        content in any_content(),
        before in 0..100usize,
    ) {
        let field = record::fields(&bytes, content, before);
        prop_assert!(field.tiles());
        prop_assert_eq!(field.bits, BitRange::bytes(0, bytes.len()));
    }

    #[test]
    fn fields_tile_real_records_that_are_cut_and_changed(
        which in 0..11usize,
        record in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let vector = &vectors()[which];
        let mut bytes = record.get(&vector.records).1.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.index(bytes.len() + 1));
        for content in Content::ALL {
            let field = record::fields(&bytes, *content, 0);
            prop_assert!(field.tiles());
            prop_assert_eq!(field.bits, BitRange::bytes(0, bytes.len()));
            for leaf in field.leaves() {
                if let Value::Bytes(value) = &leaf.value {
                    prop_assert_eq!(value.as_slice(), &bytes[leaf.bits.byte_range()]);
                }
            }
        }
    }

    #[test]
    fn any_cut_gives_the_same_agreement(which in 0..11usize, cuts in prop::collection::vec(1..600usize, 1..20)) {
        let vector = &vectors()[which];
        let (agreement, _, _) = heard(vector);
        let (mut session, mut findings) = (Session::new(), Vec::new());
        feed(&mut session, &cut_again(vector, &cuts), &mut findings);
        prop_assert_eq!(session.agreement(), &agreement);
    }

    #[test]
    fn a_session_takes_any_records(
        inside: bool,
        records in prop::collection::vec(
            (any::<bool>(), prop_oneof![20..26u8, any::<u8>()], any::<u16>(), prop::collection::vec(any::<u8>(), 0..80), 0..4u8),
            0..20,
        ),
        start in 0..11usize,
        known in 0..4usize,
    ) {
        let mut session = if inside { Session::inside() } else { Session::new() };
        let mut findings = Vec::new();
        feed(&mut session, vectors()[start].records.iter().take(known), &mut findings);
        for (client, content_type, length, fragment, what) in records {
            let side = if client { Side::Client } else { Side::Server };
            if what == 0 {
                session.gap(side);
            }
            let length = if what == 1 { length } else { fragment.len() as u16 };
            let header = Header { content_type, version: 0x0303, length };
            let from = findings.len();
            let fragment = &fragment[..fragment.len().min(usize::from(length))];
            let content = session.record(side, header, fragment, &mut findings);
            prop_assert_eq!(Content::from_byte(content.to_byte()), content);
            let whole = BitRange::bytes(0, Header::LENGTH + fragment.len());
            for finding in &findings[from..] {
                prop_assert!(finding.bits.is_some_and(|bits| whole.contains(bits)), "{finding}");
            }
        }
    }

    #[test]
    fn frames_are_not_taken_for_tls(bytes in prop::collection::vec(any::<u8>(), 11..40)) {
        // Every bit of eleven would have to fit.
        prop_assert_eq!(begins(&bytes), Beginning::No);
    }
}
