//! Where the book tells more about a field or a rule.

/// The beginnings of ids of fields, and the page of the book that tells about them. The first that fits counts.
const FIELDS: [(&str, &str); 15] = [
    ("policy-", "flash-era"),
    ("key3", "hixie-76"),
    ("challenge-answer", "hixie-76"),
    ("handshake-", "hixie-76"),
    ("http-", "accept-value"),
    ("hixie-", "flash-era"),
    ("masking-key", "masking"),
    ("mask", "masking"),
    ("rsv", "deflate"),
    ("close-", "closing"),
    ("gap", "reading-a-capture"),
    ("unparsed", "reading-a-capture"),
    ("f", "frames"),
    ("payload", "frames"),
    ("extended-payload-length", "frames"),
];

/// The beginnings of ids of rules, likewise.
const RULES: [(&str, &str); 13] = [
    ("rfc6455.mask.", "masking"),
    ("rfc6455.close.", "closing"),
    ("rfc6455.fragment.", "fragments"),
    ("rfc6455.control.", "fragments"),
    ("rfc6455.ping.", "fragments"),
    ("rfc6455.handshake.", "accept-value"),
    ("rfc6455.", "frames"),
    ("rfc7692.", "deflate"),
    ("hixie75.", "flash-era"),
    ("hixie76.", "hixie-76"),
    ("hixie.", "hixie-76"),
    ("flash.", "flash-era"),
    ("http.", "accept-value"),
];

/// The page about a field.
pub(super) fn of_field(id: &str) -> &'static str {
    match id {
        "opcode" | "fin" => "frames",
        // The headers around the stream's bytes.
        _ => find(&FIELDS, id).unwrap_or("layers"),
    }
}

/// The page about a rule.
pub(super) fn of_rule(id: &str) -> &'static str {
    // What is to be said about the recording itself.
    find(&RULES, id).unwrap_or("reading-a-capture")
}

fn find(table: &[(&str, &'static str)], id: &str) -> Option<&'static str> {
    table.iter().find(|(begin, _)| id.starts_with(begin)).map(|(_, page)| *page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rule::Rule;
    use crate::view::catalogue;

    #[test]
    fn every_page_is_in_the_book() {
        let fields = catalogue::field_kinds().map(|kind| of_field(kind.id));
        let rules = Rule::ALL.iter().map(|rule| of_rule(rule.id()));
        for page in fields.chain(rules) {
            let path = format!("{}/book/src/{page}.md", env!("CARGO_MANIFEST_DIR"));
            assert!(std::path::Path::new(&path).exists(), "{page}");
        }
    }
}
