//! Where a head ends.

use memchr::memchr;

/// The search for the empty line that ends a head, in bytes that come in pieces.
///
/// A head ends with a line that holds nothing: CR LF right behind the end of the line before it. A line feed alone is
/// taken for a line's end too, and one carriage return before it belongs to it (RFC 9112 section 2.2). A second one
/// does not: it stands in the line, which is then not empty but malformed, and the head goes on.
///
/// The first line cannot be the empty one: empty lines before a request are passed over (RFC 9112 section 2.2), and before
/// a response none belongs. Takes time linear in the bytes, however they are cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeadEnd {
    line: Line,
}

/// What was seen of the line that the next byte belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Line {
    /// Nothing yet, and it is the first that is not empty.
    #[default]
    Before,
    /// The same, behind one carriage return.
    BeforeCarriage,
    /// Some of it.
    Inside,
    /// Nothing yet: the line before it has just ended.
    Empty,
    /// One carriage return and nothing else.
    Carriage,
}

impl HeadEnd {
    /// A search that begins with a head's first byte.
    pub fn new() -> Self {
        Self::default()
    }

    /// Searches the next bytes: how many of them belong to the head, if it ends among them. Then the search is over,
    /// and begins anew with the next head.
    pub fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            match (self.line, byte) {
                (Line::Empty | Line::Carriage, b'\n') => {
                    *self = Self::default();
                    return Some(at + 1);
                }
                (Line::Empty, b'\r') => {
                    self.line = Line::Carriage;
                    at += 1;
                }
                (Line::Before | Line::BeforeCarriage, b'\n') => {
                    self.line = Line::Before;
                    at += 1;
                }
                (Line::Before, b'\r') => {
                    self.line = Line::BeforeCarriage;
                    at += 1;
                }
                _ => {
                    self.line = Line::Inside;
                    at += memchr(b'\n', bytes.get(at..)?)? + 1;
                    self.line = Line::Empty;
                }
            }
        }
        None
    }
}

/// Finds the end of a head in all the bytes that are there of it: the place behind its empty line.
///
/// `searched` says how many bytes an earlier call has searched in vain; they are not searched again, so that a
/// head that arrives byte by byte costs no more than one that arrives whole.
pub fn find_head_end(bytes: &[u8], searched: usize) -> Option<usize> {
    // The line feed before the empty line may be among the last two bytes that were searched.
    let from = searched.saturating_sub(2).min(bytes.len());
    let leading = leading_lines(bytes);
    let (from, line) = if from <= leading { (leading, Line::Before) } else { (from, Line::Inside) };
    HeadEnd { line }.feed(bytes.get(from..)?).map(|end| from + end)
}

/// How many bytes of empty lines stand before the first line. Before a request they are passed over (RFC 9112 section
/// 2.2); before a response none belongs there, but servers that send more than they announced make some.
pub fn leading_lines(bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        at += match bytes.get(at..).unwrap_or_default() {
            [b'\r', b'\n', ..] => 2,
            [b'\n', ..] => 1,
            _ => return at,
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The end, found in pieces that are cut at every one of these places.
    fn in_pieces(bytes: &[u8], cuts: &[usize]) -> Option<usize> {
        let mut search = HeadEnd::new();
        let mut from = 0;
        for to in cuts.iter().copied().chain([bytes.len()]) {
            if let Some(end) = search.feed(&bytes[from..to]) {
                return Some(from + end);
            }
            from = to;
        }
        None
    }

    #[test]
    fn an_empty_line_ends_a_head() {
        for (bytes, end) in [
            ("GET / HTTP/1.1\r\n\r\nx", Some(18)),
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", Some(27)),
            ("a\n\nb", Some(3)),
            ("a\r\n\nb", Some(4)),
            ("a\n\r\nb", Some(4)),
            ("a\n\r", None),
            ("a\r\n", None),
            ("", None),
        ] {
            assert_eq!(HeadEnd::new().feed(bytes.as_bytes()), end, "{bytes:?}");
        }
    }

    #[test]
    fn a_line_with_a_second_carriage_return_is_not_empty() {
        let bytes = b"Host: a\r\n\r\r\n\r\n";
        assert_eq!(HeadEnd::new().feed(bytes), Some(bytes.len()));
        assert_eq!(HeadEnd::new().feed(b"Host: a\r\n\r\r\n"), None);
        assert_eq!(HeadEnd::new().feed(b"Host: a\r\n \r\n"), None);
        // A carriage return alone ends no line.
        assert_eq!(HeadEnd::new().feed(b"Host: a\r\r"), None);
    }

    #[test]
    fn an_empty_line_before_the_first_is_passed_over() {
        assert_eq!(HeadEnd::new().feed(b"\r\nGET / HTTP/1.1\r\n\r\n"), Some(20));
        assert_eq!(HeadEnd::new().feed(b"\nGET / HTTP/1.1\n\n"), Some(17));
        assert_eq!(HeadEnd::new().feed(b"\r\n\n\r\nGET / HTTP/1.1\r\n\r\n"), Some(23));
        assert_eq!(HeadEnd::new().feed(b"\r\n\r\n"), None);
    }

    #[test]
    fn one_search_finds_a_head_behind_another() {
        let mut search = HeadEnd::new();
        let bytes = b"a\r\n\r\nb\r\n\r\n";
        assert_eq!(search.feed(bytes), Some(5));
        assert_eq!(search.feed(&bytes[5..]), Some(5));
    }

    #[test]
    fn what_was_searched_is_not_searched_again() {
        let text = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nxx";
        for searched in 0..text.len() - 3 {
            assert_eq!(find_head_end(text, searched), Some(text.len() - 2), "{searched}");
        }
        assert_eq!(find_head_end(b"", 5), None);
    }

    proptest! {
        #[test]
        fn cuts_change_nothing(
            bytes in proptest::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'a')], 0..16),
        ) {
            let whole = HeadEnd::new().feed(&bytes);
            let each: Vec<usize> = (1..bytes.len()).collect();
            prop_assert_eq!(in_pieces(&bytes, &each), whole);
            for cut in each {
                prop_assert_eq!(in_pieces(&bytes, &[cut]), whole);
                if whole.is_none_or(|end| end > cut) {
                    prop_assert_eq!(find_head_end(&bytes, cut), whole);
                }
            }
        }
    }
}
