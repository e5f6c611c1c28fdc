//! Filters: what they find in bundled captures, and that no line is too odd.

use framescope::analysis::filter::{Filter, HELP};
use framescope::trace::{PayloadReader, Trace};
use framescope::words::Words;
use proptest::prelude::*;

use super::read;

/// The items of the first conversation that a filter wants, counted from 1 as people do.
fn found(trace: &Trace, line: &str) -> Vec<usize> {
    let filter: Filter = line.parse().unwrap();
    let (talk, mut reader) = (&trace.conversations()[0], PayloadReader::default());
    (0..talk.items.len())
        .filter(|number| filter.matches(talk, &trace.store, *number, &mut reader))
        .map(|number| number + 1)
        .collect()
}

#[test]
fn terms_find_their_items() {
    let trace = read("rfc-ws8-srvping-srvfrag.pcap");
    for (line, expected) in [
        ("", (1..=32).collect()),
        ("kind:http", vec![1, 2]),
        ("kind:http-response", vec![2]),
        ("opcode:ping", vec![7, 23]),
        ("opcode:0x9", vec![7, 23]),
        ("opcode:9 from:server", vec![7]),
        ("masked:yes opcode:continuation", vec![26, 27]),
        ("fin:no from:client", vec![25, 26]),
        ("size>=26 kind:frame", vec![21, 22]),
        ("message:1", vec![3]),
        ("message:2", vec![4, 5, 6]),
        ("\"sec-websocket-accept\"", vec![2]),
        ("bye", vec![31, 32]),
        ("好世界 from:client", vec![9]),
        // The server's fragments cut it; the frame that completes the message has it.
        ("好世界 from:server", vec![12]),
        ("hex:e5a5bd from:client opcode:text", vec![9]),
        ("text:HELLO", vec![3, 6]),
        ("/^hello$/", vec![]),
        ("/^hello$/i", vec![3, 6]),
        ("opcode:close or opcode:ping from:client", vec![23, 31, 32]),
        ("(opcode:close or opcode:ping) from:client", vec![23, 31]),
        ("-kind:frame", vec![1, 2]),
        ("not (kind:frame or from:server)", vec![1]),
        ("finding:any", vec![]),
    ] {
        assert_eq!(found(&trace, line), expected, "{line}");
    }
}

#[test]
fn compressed_payloads_are_searched_as_they_were_meant() {
    let trace = read("pmd-ws8-ws8.pcap");
    assert_eq!(found(&trace, "Hello"), [3, 4, 5, 6, 7, 8]);
    assert_eq!(found(&trace, "Hello message:3"), [5]);
    // The fragments are searched at the frame that completes their message.
    assert_eq!(found(&trace, "\"compressed fragment\""), [27, 28]);
    // The bytes on the wire are searched too.
    assert_eq!(found(&trace, "hex:c107f248"), [4]);
}

#[test]
fn findings_are_found_by_severity_and_by_rule() {
    let trace = read("museum/client-close-1005.pcapng");
    for line in ["finding:any", "finding:error", "finding:rfc6455.close"] {
        assert_eq!(found(&trace, line), [5], "{line}");
    }
    assert_eq!(found(&trace, "finding:note or finding:warning or finding:rfc6455.mask"), [0; 0]);
}

#[test]
fn hixie_and_policy_items_have_their_terms() {
    let trace = read("h76-jsclient-ws04.pcapng");
    assert_eq!(found(&trace, "opcode:close"), [19, 20]);
    assert_eq!(found(&trace, "opcode:0xff"), [19, 20]);
    assert_eq!(found(&trace, "opcode:text size=5"), [3, 4]);
    let trace = read("flash-policy-sio06-inline.pcap");
    assert_eq!(found(&trace, "kind:policy"), [1]);
    assert_eq!(found(&trace, "policy-file"), [1]);
}

#[test]
fn what_is_no_filter_is_said_with_its_place() {
    for (line, at, says) in [
        ("form:client", 0, "`form:`"),
        ("from:both", 5, "client, server"),
        ("你好 (text:a", 3, "not closed"),
        ("a )", 2, "closes nothing"),
        ("()", 1, "missing"),
        ("a or", 4, "missing"),
        ("or a", 0, "missing"),
        ("a or or b", 5, "missing"),
        ("-", 1, "missing"),
        ("\"open", 0, "quotes"),
        ("/open", 0, "no / at its end"),
        ("/[/", 0, "class"),
        ("/\\w{999}{999}/", 0, "memory"),
        ("//", 0, "nothing to look for"),
        ("\"a\"b", 3, "space"),
        ("hex:123", 4, "two digits"),
        ("size>big", 5, "number"),
        ("message:0", 8, "from 1"),
        ("finding:rfc1", 8, "rule"),
        ("masked:perhaps", 7, "yes, no"),
        ("opcode:0x100", 7, "continuation"),
    ] {
        let error = line.parse::<Filter>().unwrap_err();
        assert_eq!(error.at, at, "{line}: {error}");
        assert!(error.message(Words::english()).contains(says), "{line}: {error}");
        assert_eq!(error.to_string().lines().count(), 1, "{line}: {error}");
    }
    assert!("(".repeat(4000).parse::<Filter>().is_err());
    assert!("-".repeat(4000).parse::<Filter>().is_err());
    assert!("a ".repeat(4000).parse::<Filter>().is_err());
}

#[test]
fn every_example_of_the_help_is_a_filter() {
    let mut words: Vec<&str> = HELP.iter().map(|(_, word)| *word).collect();
    for (example, _) in HELP {
        let filter: Filter = example.parse().unwrap();
        assert_eq!(&filter.to_string(), &example.replace("text:\"", "\""));
    }
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), HELP.len());
}

/// Terms, some of which need quotes, and some that only look like terms.
fn term() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "from:client",
        "from:server",
        "kind:frame",
        "kind:policy",
        "opcode:0x9",
        "opcode:255",
        "opcode:reserved",
        "hex:00ff",
        "hex:\"00 ff\"",
        "finding:any",
        "finding:note",
        "finding:rfc6455.mask",
        "size>125",
        "size<=0",
        "message:3",
        "masked:no",
        "fin:yes",
        "/a\\/b\\\\/",
        "/[(\" ]+/i",
        "\"or\"",
        "\"-a\"",
        "\"size>1\"",
        "\"/x/\"",
    ]);
    let quoted = "[ -~äß好👋]{1,9}"
        .prop_map(|text: String| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")));
    let bare = "[a-z0-9äß好]{1,6}";
    prop_oneof![3 => fixed.prop_map(str::to_owned), 1 => quoted, 1 => bare]
}

fn line() -> impl Strategy<Value = String> {
    term().prop_recursive(5, 30, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| format!("({})", parts.join(" "))),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| format!("({})", parts.join(" or "))),
            inner.clone().prop_map(|part| format!("-{part}")),
            inner.prop_map(|part| format!("not {part}")),
        ]
    })
}

proptest! {
    #[test]
    fn printing_and_parsing_undo_each_other(line in line()) {
        // A bare word may be one that means something.
        if let Ok(filter) = line.parse::<Filter>() {
            let printed = filter.to_string();
            let again: Filter = printed.parse().map_err(|error| TestCaseError::fail(format!("{printed}: {error}")))?;
            prop_assert_eq!(&again, &filter, "{} became {}", line, printed);
            prop_assert_eq!(again.to_string(), printed);
        } else {
            prop_assert!(["or", "and", "not"].iter().any(|word| line.contains(word)), "{}", line);
        }
    }

    #[test]
    fn no_text_is_too_odd(text in "\\PC{0,80}", odd in r#"[-()"/\\:<>= a-zä]{0,40}"#) {
        for text in [text, odd] {
            if let Ok(filter) = text.parse::<Filter>() {
                prop_assert_eq!(filter.to_string().parse::<Filter>(), Ok(filter));
            }
        }
    }
}
