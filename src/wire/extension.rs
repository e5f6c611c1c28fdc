//! The grammar of `Sec-WebSocket-Extensions` (RFC 6455 section 9.1).
//!
//! ```text
//! Sec-WebSocket-Extensions = extension-list
//! extension-list = 1#extension
//! extension = extension-token *( ";" extension-param )
//! extension-param = token [ "=" (token | quoted-string) ]
//!     ; a quoted value, unquoted, is a token too
//! ```

use std::fmt;

use crate::facts;
use crate::model::facts::Fact;
use crate::model::field::BitRange;
use crate::model::rule::{Finding, Rule};
use crate::wire::http::is_token_byte;

/// One extension with its parameters, as offered or as agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The extension's registered name: `permessage-deflate`.
    pub name: String,
    /// Its parameters in order: a name and, where there is one, a value (quotes removed).
    pub params: Vec<(String, Option<String>)>,
}

/// An extension, and where it stands in what was read: the bits of a field's value, or of a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The extension.
    pub extension: Extension,
    /// The bits of its name.
    pub name: BitRange,
    /// The bits of each of its parameters, from its name to the end of its value.
    pub params: Vec<BitRange>,
}

impl Placed {
    /// The bits of the parameter with this number, or of the extension's name where it is about all of it.
    pub fn place(&self, param: Option<usize>) -> BitRange {
        param.and_then(|param| self.params.get(param)).copied().unwrap_or(self.name)
    }

    /// The same, each place passed through `to`.
    #[must_use]
    pub fn moved(mut self, to: impl Fn(BitRange) -> BitRange) -> Self {
        self.name = to(self.name);
        self.params.iter_mut().for_each(|bits| *bits = to(*bits));
        self
    }
}

impl Extension {
    /// An extension without parameters.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), params: Vec::new() }
    }

    /// The same with one more parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: Option<&str>) -> Self {
        self.params.push((name.to_owned(), value.map(str::to_owned)));
        self
    }

    /// Reads the value of one header field: a list of extensions, separated by commas.
    ///
    /// Empty list elements are passed over, as HTTP's lists allow (RFC 9110 section 5.6.1). The error is a finding
    /// of [`Rule::ExtensionNotOffered`] whose bits count from the value's first bit.
    pub fn parse_list(value: &str) -> Result<Vec<Self>, Finding> {
        Ok(Self::parse_places(value)?.into_iter().map(|placed| placed.extension).collect())
    }

    /// The same, each with its place in bits of the value.
    pub fn parse_places(value: &str) -> Result<Vec<Placed>, Finding> {
        let mut reader = Reader { bytes: value.as_bytes(), at: 0 };
        let mut list = Vec::new();
        loop {
            reader.skip_space();
            match reader.peek() {
                None => break,
                Some(b',') => {
                    reader.at += 1;
                    continue;
                }
                Some(_) => list.push(reader.extension()?),
            }
            match reader.peek() {
                None => break,
                Some(b',') => reader.at += 1,
                Some(_) => return Err(reader.wrong("separator")),
            }
        }
        if list.is_empty() {
            return Err(reader.wrong("extension"));
        }
        Ok(list)
    }

    /// The list as one header field's value.
    pub fn format_list(list: &[Self]) -> String {
        list.iter().map(Self::to_string).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for (name, value) in &self.params {
            write!(f, "; {name}")?;
            match value {
                None => {}
                Some(token) if !token.is_empty() && token.bytes().all(is_token_byte) => {
                    write!(f, "={token}")?;
                }
                Some(other) => write!(f, "=\"{}\"", other.replace('\\', "\\\\").replace('"', "\\\""))?,
            }
        }
        Ok(())
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn extension(&mut self) -> Result<Placed, Finding> {
        let start = self.at;
        let extension = Extension { name: self.token("extension")?, params: Vec::new() };
        let mut placed = Placed { extension, name: BitRange::bytes(start, self.at), params: Vec::new() };
        loop {
            self.skip_space();
            if self.peek() != Some(b';') {
                return Ok(placed);
            }
            self.at += 1;
            self.skip_space();
            let start = self.at;
            let name = self.token("parameter")?;
            let mut end = self.at;
            self.skip_space();
            let value = if self.peek() == Some(b'=') {
                self.at += 1;
                self.skip_space();
                let value = if self.peek() == Some(b'"') { self.quoted()? } else { self.token("value")? };
                end = self.at;
                Some(value)
            } else {
                None
            };
            placed.extension.params.push((name, value));
            placed.params.push(BitRange::bytes(start, end));
        }
    }

    fn token(&mut self, wanted: &'static str) -> Result<String, Finding> {
        let start = self.at;
        let mut token = String::new();
        while let Some(byte) = self.peek().filter(|&byte| is_token_byte(byte)) {
            token.push(char::from(byte));
            self.at += 1;
        }
        if self.at == start { Err(self.wrong(wanted)) } else { Ok(token) }
    }

    fn quoted(&mut self) -> Result<String, Finding> {
        let opening = self.at;
        self.at += 1;
        let mut value = String::new();
        loop {
            let escaped = self.peek() == Some(b'\\');
            if escaped {
                self.at += 1;
            }
            match self.peek() {
                Some(b'"') if !escaped => break,
                // Unquoted, the value is a token (RFC 6455 section 9.1), so nothing else can stand here.
                Some(byte) if is_token_byte(byte) => value.push(char::from(byte)),
                Some(_) => return Err(self.wrong("quoted")),
                None => {
                    let bits = BitRange::bytes(opening, self.bytes.len());
                    return Err(Rule::ExtensionNotOffered.says(bits, facts!("quote-open")));
                }
            }
            self.at += 1;
        }
        if value.is_empty() {
            let bits = BitRange::bytes(opening, self.at + 1);
            return Err(Rule::ExtensionNotOffered.says(bits, facts!("quote-empty")));
        }
        self.at += 1;
        Ok(value)
    }

    /// The finding that something else stands here, or nothing. The sentence knows what was `wanted`.
    fn wrong(&self, wanted: &'static str) -> Finding {
        let wanted = Fact::Name(wanted);
        let (end, facts) = match self.peek() {
            None => (self.at, facts!("ends", wanted)),
            Some(byte) if byte.is_ascii_graphic() => {
                (self.at + 1, facts!("character", wanted, character = char::from(byte)))
            }
            Some(byte) => (self.at + 1, facts!("byte", wanted, byte = format!("{byte:02x}"))),
        };
        Rule::ExtensionNotOffered.says(BitRange::bytes(self.at, end), facts)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bad(value: &str) -> (BitRange, String) {
        let finding = Extension::parse_list(value).unwrap_err();
        assert_eq!(finding.rule, Rule::ExtensionNotOffered);
        (finding.bits.unwrap(), finding.message())
    }

    #[test]
    fn the_specifications_examples() {
        let list = Extension::parse_list("bar; baz=2, foo;\tq=\"x\\y\" , , x-webkit-deflate-frame").unwrap();
        assert_eq!(
            list,
            [
                Extension::new("bar").with("baz", Some("2")),
                Extension::new("foo").with("q", Some("xy")),
                Extension::new("x-webkit-deflate-frame"),
            ]
        );
        assert_eq!(Extension::format_list(&list), "bar; baz=2, foo; q=xy, x-webkit-deflate-frame");
    }

    #[test]
    fn each_parameter_has_its_place() {
        let value = "foo; a; b = \"c\" , bar;d=e";
        let list = Extension::parse_places(value).unwrap();
        let text = |bits: BitRange| &value[bits.byte_range()];
        let places: Vec<_> = list
            .iter()
            .map(|placed| {
                (text(placed.name), placed.params.iter().map(|bits| text(*bits)).collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(places, [("foo", vec!["a", "b = \"c\""]), ("bar", vec!["d=e"])]);
        assert_eq!((text(list[0].place(Some(0))), text(list[1].place(None))), ("a", "bar"));
    }

    #[test]
    fn what_is_wrong_is_found_at_its_byte() {
        assert_eq!(bad("").0, BitRange::bytes(0, 0));
        assert_eq!(bad(" , ").0, BitRange::bytes(3, 3));
        assert_eq!(bad("foo bar").0, BitRange::bytes(4, 5));
        assert_eq!(bad("foo; ").0, BitRange::bytes(5, 5));
        assert_eq!(bad("foo; a=").0, BitRange::bytes(7, 7));
        assert_eq!(bad("foo; a=\"b").0, BitRange::bytes(7, 9));
        assert_eq!(bad("foo; a=\"\"").0, BitRange::bytes(7, 9));
        assert_eq!(bad("foo; a=\"b c\"").0, BitRange::bytes(9, 10));
        assert_eq!(bad("foo; a=\"b\\\"c\"").0, BitRange::bytes(10, 11));
        assert_eq!(bad("foo; a=\"b\\").0, BitRange::bytes(7, 10));
        assert!(bad("ü").1.contains("byte c3"));
    }

    #[test]
    fn a_value_that_is_no_token_is_quoted() {
        let extension = Extension::new("a").with("b", Some("c\"d")).with("e", Some(""));
        assert_eq!(extension.to_string(), "a; b=\"c\\\"d\"; e=\"\"");
    }

    proptest! {
        #[test]
        fn anything_is_read_without_panic(value in "[ -~ü\t]{0,60}") {
            if let Err(finding) = Extension::parse_list(&value) {
                prop_assert!(BitRange::bytes(0, value.len()).contains(finding.bits.unwrap()));
            }
        }

        #[test]
        fn writing_and_reading_meet(
            list in proptest::collection::vec(
                ("[a-z!#-']{1,8}", proptest::collection::vec(("[a-z]{1,6}", proptest::option::of("[0-9A-Z~]{1,6}")), 0..4)),
                1..4,
            )
        ) {
            let list: Vec<Extension> = list.into_iter().map(|(name, params)| Extension { name, params }).collect();
            prop_assert_eq!(Extension::parse_list(&Extension::format_list(&list)), Ok(list));
        }
    }
}
