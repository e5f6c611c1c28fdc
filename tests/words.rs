//! The catalogue and the code fit: no word is missing, none is left over.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

use std::collections::BTreeSet;
use std::path::Path;

use framescope::words;

/// All source text.
fn sources(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            text.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// What stands in quotes and could be the id of a message.
fn quoted(text: &str) -> BTreeSet<&str> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.{}_".contains(c);
    text.split('"').filter(|part| part.contains('-') && part.chars().all(plain)).collect()
}

#[test]
fn every_word_that_the_code_asks_for_is_in_the_catalogue() {
    let mut text = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    let mut asked = 0;
    for call in ["words::text(\"", "words::with(\"", "words::text(\n", "words::with(\n"] {
        for (at, _) in text.match_indices(call) {
            let rest = text[at + call.len()..].trim_start().trim_start_matches('"');
            let id = rest.split('"').next().unwrap();
            let exists = words::find(id).is_some() || !id.contains('-') || id.contains([' ', '(', '&']);
            assert!(exists, "the catalogue has no `{id}`");
            asked += 1;
        }
    }
    assert!(asked > 200, "{asked}");
}

#[test]
fn no_word_is_left_over() {
    let mut text = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    let quoted = quoted(&text);
    // Ids that are put together: `inspector-kind-{…}`.
    let beginnings: Vec<&str> = quoted.iter().filter_map(|id| Some(id.split_once('{')?.0)).collect();
    let groups = ["field-", "rule-"];
    for id in words::Words::english().ids() {
        let message = id.split('.').next().unwrap();
        let used = quoted.contains(id)
            || quoted.contains(message)
            || groups.iter().any(|group| id.starts_with(group))
            || beginnings.iter().any(|begin| !begin.is_empty() && id.starts_with(begin));
        assert!(used, "nothing asks for `{id}`");
    }
}
