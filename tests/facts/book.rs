//! The part of the list of mistakes that is told in the book: what each page has to say, and what it must not say again.
//!
//! `W` lines were wrong, `D` lines doubtful, `M` lines missing. White space and the marks of Markdown do not count, so
//! that a paragraph can be wrapped and stressed in another way; its words can change only together with this table.

use std::fs;
use std::path::Path;

use framescope::model::dialect::{Dialect, HYBI4, HYBI5, RFC6455};
use framescope::model::protocol::Side;
use framescope::wire::frame::coding::{Coding, ConnectionKey, connection_key, frame_key};
use framescope::wire::frame::hybi::{Header, Opcode};

struct Page {
    line: &'static str,
    file: &'static str,
    says: &'static [&'static str],
    never: &'static [&'static str],
}

const fn page(
    line: &'static str,
    file: &'static str,
    says: &'static [&'static str],
    never: &'static [&'static str],
) -> Page {
    Page { line, file, says, never }
}

const PAGES: &[Page] = &[
    page("W1", "bugs", &["After a close frame its sender sends no more data"], &["sends no more frames"]),
    page(
        "W2",
        "time-line",
        &[
            "a server must not mask, and a client ends the connection over a masked frame",
            "close codes 1008 to 1010, and 1004 reserved",
        ],
        &["a wrong MASK bit ends the connection with 1002"],
    ),
    page(
        "W3",
        "time-line",
        &[
            "of the whole frame, header included",
            "opcodes renumbered; a MASK bit, and a header in the clear",
            "In the drafts 01 to 06 opcode 1 meant close",
            "Its number is the version: 4 to 8, or 13",
        ],
        &["In the drafts 04 to 06 opcode 1"],
    ),
    page(
        "W3",
        "masking",
        &["whole frame, header included", "There was no MASK bit; in its place stood a fourth reserved bit"],
        &["hybi-05 made it what it is now"],
    ),
    page(
        "W3",
        "drafts",
        &[
            "the mask covers the whole frame",
            "its grammar still says frame-more",
            "43, the letter C, if the client began, and 53, S, if the server did",
        ],
        &[],
    ),
    page(
        "W3",
        "frames",
        &["In the drafts 01 to 06 the numbers meant other things"],
        &["In the drafts 04 to 06"],
    ),
    page(
        "W3",
        "tables",
        &["In hybi-01 to hybi-06 the numbers meant other things"],
        &["In hybi-04 to hybi-06"],
    ),
    page(
        "W4",
        "flash-era",
        &[
            "compares its 44 bytes",
            "Then it reads 41 bytes more",
            "48 54 54 50 2f 31 2e 31 20 31 30 31 20 57 65 62",
        ],
        &["compares the server's first bytes with these, letter by letter"],
    ),
    page("W5", "masking", &["The rule forbids it"], &["nothing can be said against it"]),
    page(
        "W5",
        "implementations",
        &["that is against the rule", "mended on the 19th"],
        &["allowed by the letter", "release of September 2011"],
    ),
    page(
        "W6",
        "security",
        &["a form's POST puts its bytes exactly there"],
        &["hid its proof in spaces and in eight bytes behind the head, for the same reason"],
    ),
    page("W9", "closing", &["they report 1006"], &[]),
    page("W9", "api", &["1006"], &["reports 1015"]),
    page(
        "W10",
        "api",
        &[
            "on 3 July the draft was changed",
            "CLOSED moves from 2 to 3",
            "onread becomes onmessage",
            "disconnect() becomes close()",
        ],
        &["hardly grown since", "on 18 June of that year it was renamed"],
    ),
    page("W11", "flash-era", &["Security.loadPolicyFile", "xmlsocket://"], &[]),
    page("W12", "frames", &["may refuse"], &[]),
    page(
        "W13",
        "hixie-76",
        &["That limit is a rule for the client", "close it without a word"],
        &["3. Refuse: 2785899415"],
    ),
    page("W15", "masking", &["the third of section 10.3"], &["three rules of section 5.3"]),
    page("W15", "deflate", &["ones' complement of that length"], &["its length twice"]),
    page(
        "W16",
        "tables",
        &["Sec-WebSocket-Origin is in hybi-08 to hybi-10, Origin in hybi-11 and hybi-12"],
        &[],
    ),
    page(
        "W17",
        "time-line",
        &["| RFC 6455 | December 2011 | 13 | close codes 1011 and 1015 |"],
        &["words only; becomes RFC 6455"],
    ),
    page(
        "D",
        "time-line",
        &[
            "any words may stand behind the 101",
            "From 9 January 2009 on the text was published at the IETF too",
        ],
        &["the last of the drafts that changed something on the wire"],
    ),
    page("D", "api", &["error fires first"], &[]),
    page(
        "D",
        "flash-era",
        &["cannot send exactly this request with XMLHttpRequest"],
        &["can write a request that looks the same"],
    ),
    page("D", "hixie-76", &["its steps do not ask for it"], &["Whoever gets it sends FF 00 back"]),
    page("D", "deflate", &["client_ parameters are hints"], &[]),
    page("D", "implementations", &["pywebsocket3"], &[]),
    page("D", "reading", &["switched on by default since 8.11"], &["curl (since 7.86) speak"]),
    page(
        "M1",
        "deflate",
        &["deflate-stream", "x-webkit-deflate-frame", "6a 84 50 00 00 00 00 ff ff", "41 04 02 12 00 00"],
        &[],
    ),
    page(
        "M2",
        "api",
        &["26 and 27 May 2011", "binary data, binaryType", "bufferedAmount; send() says true or false"],
        &[],
    ),
    page("M3", "masking", &["draft-abarth-websocket-handshake", "AES"], &[]),
    page(
        "M4",
        "after",
        &[
            "RFC 8441",
            "SETTINGS_ENABLE_CONNECT_PROTOCOL",
            "WebTransport",
            "WebSocketStream",
            "RFC 9220",
            "Backpressure",
        ],
        &[],
    ),
    page(
        "M5",
        "browser-rules",
        &["401 Unauthorized", "whatever is not 101 ends the attempt", "?ticket="],
        &[],
    ),
    page(
        "M6",
        "browser-rules",
        &["connect-src", "DNS rebinding", "some eighty numbers from 1 to 10080"],
        &[],
    ),
    page("M7", "browser-rules", &["No fragment", "81 and 815"], &[]),
    page("M8", "time-line", &["Answers before 75", "75 bytes", "85 bytes", "815"], &[]),
    page(
        "M9",
        "accept-value",
        &["Sec-WebSocket-Nonce: hjZmqGzDzeK5QK/jiykDxQ==", "In the texts of hybi-04 and hybi-05"],
        &[],
    ),
    page("M9", "subprotocols", &["hybi-03 is the first with several, spaces between them"], &[]),
    page("M10", "flash-era", &["loadPolicyFile", "site-control", "31 December 2020"], &[]),
    page("M11", "deflate", &["refuses 8 bits for raw streams"], &[]),
    page("M12", "browser-rules", &["RFC 8307"], &[]),
    page("M12", "after", &["AQIDBAUGBwgJCgsMDQ4PEC==", "RFC Editor"], &[]),
    page(
        "M13",
        "closing",
        &["a client must not show it to end users"],
        &["meant for a person who reads a log"],
    ),
];

/// The words of a page, without line breaks and marks of Markdown.
fn words(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("book/src").join(format!("{file}.md"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    plain(&text)
}

/// A link keeps its words only.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](") {
        out.push_str(before);
        rest = after.split_once(')').map_or("", |(_, behind)| behind);
    }
    out.push_str(rest);
    out.retain(|c| !matches!(c, '`' | '*' | '['));
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_book_says_what_is_true() {
    let mut wrong = Vec::new();
    for Page { line, file, says, never } in PAGES {
        let text = words(file);
        wrong.extend(
            says.iter()
                .filter(|part| !text.contains(&plain(part)))
                .map(|part| format!("{line}: {file}.md does not say: {part}")),
        );
        wrong.extend(
            never
                .iter()
                .filter(|part| text.contains(&plain(part)))
                .map(|part| format!("{line}: {file}.md says: {part}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A chapter that is not in the list of contents is in no book.
#[test]
fn every_page_of_the_table_is_in_the_book() {
    let contents = Path::new(env!("CARGO_MANIFEST_DIR")).join("book/src/SUMMARY.md");
    let contents = fs::read_to_string(contents).expect("the list of contents");
    for Page { file, .. } in PAGES {
        assert!(contents.contains(&format!("({file}.md)")), "{file}.md is not in SUMMARY.md");
    }
}

fn spaced(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

/// What a client of this version sends to say Hello, with these four bytes of key or nonce.
fn hello(dialect: &Dialect, four: [u8; 4], connection: Option<ConnectionKey>) -> String {
    let coding = Coding::of(dialect, Side::Client, connection);
    let header =
        Header { mask: Some(four), key_first: coding.covers_header(), ..Header::new(Opcode::TEXT, 5) };
    let mut wire = Vec::new();
    coding.write(&header, b"Hello", &mut wire);
    spaced(&wire)
}

/// The bytes of the chapter about hybi-01 to -06 that no command prints.
#[test]
fn the_frames_of_the_drafts_are_computed() {
    let four = [0x37, 0xFA, 0x21, 0x3D];
    let example = connection_key("dGhlIHNhbXBsZSBub25jZQ==", "AQIDBAUGBwgJCgsMDQ4PEC==");
    let recorded = connection_key("kOajVPvE8S81eZViTs79Pw==", "8QlCiHcSNWJF9nNSuFORLw==");
    let nonce = [0xD9, 0x59, 0xBD, 0xBC];
    // What libwebsockets covered with the connection's key, read as the draft says.
    let lws = [0xD9, 0x59, 0xBD, 0xBC, 0xCB, 0x90, 0x87, 0x6E, 0x83, 0xC3, 0x99];
    let read = Coding::of(&HYBI4, Side::Client, Some(recorded)).uncovered(&lws);
    // What the Ruby gem sent in version 5.
    let gem = [0x84, 0x85, 0xBA, 0x39, 0xE1, 0x71];
    let taken = Coding::of(&HYBI5, Side::Client, None);
    assert_eq!(
        taken.read(&gem).map(|(header, _)| (header.fin, header.rsv, header.opcode, header.payload_length)),
        Some((false, [true, true, false], Opcode::BINARY, 116))
    );
    let text = words("drafts");
    for bytes in [
        spaced(&example),
        spaced(&frame_key(four, &example)),
        hello(&HYBI4, four, Some(example)),
        hello(&HYBI5, four, None),
        hello(&RFC6455, four, None),
        spaced(&frame_key(nonce, &recorded)[..7]),
        spaced(&read[4..]),
        spaced(&taken.uncovered(&gem)[4..]),
    ] {
        assert!(text.contains(&bytes), "{bytes}");
    }
}
