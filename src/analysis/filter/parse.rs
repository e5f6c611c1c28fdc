//! A line becomes a filter, or says where it does not.

use super::Node;
use super::spelling::{Operator, ends_word, word_operator};
use super::term::{Comparison, FindingTerm, KINDS, OPCODES, OpcodeTerm, Pattern, Term};
use crate::facts;
use crate::model::facts::Facts;
use crate::model::protocol::Side;
use crate::model::rule::{Rule, Severity};
use crate::said_in_english;
use crate::words::{Said, Words};

/// The longest line, in bytes.
const MAX_LINE: usize = 4096;

/// So deep can parentheses and negations stand in each other.
const MAX_DEPTH: usize = 64;

/// Why a line is no filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// How many characters stand before the place.
    pub at: usize,
    /// What is wrong there.
    pub(super) what: Facts,
}

impl FilterError {
    /// What is wrong there, in one line without the place.
    pub fn message(&self, words: Words) -> String {
        words.sentence("filter-error", &self.what)
    }
}

impl std::error::Error for FilterError {}

impl Said for FilterError {
    fn said(&self, words: Words) -> String {
        let values = [("place", (self.at + 1).to_string().into()), ("error", self.message(words).into())];
        words.with("filter-error-at", &values)
    }
}

said_in_english!(FilterError);

/// The keys that stand before a colon, as an error lists them.
const KEYS: &str = "from, kind, opcode, text, hex, finding, message, masked, fin";

/// What compares sizes.
const LAST_KEYS: &str = "size> size< size=";

/// Reads a line; none for one without a term.
pub(super) fn parse(line: &str) -> Result<Option<Node>, FilterError> {
    let mut parser = Parser { line, at: 0, depth: 0 };
    if line.len() > MAX_LINE {
        return Err(parser.error(0, facts!("long", most = MAX_LINE)));
    }
    parser.skip_space();
    if parser.rest().is_empty() {
        return Ok(None);
    }
    let node = parser.any()?;
    match parser.rest() {
        "" => Ok(Some(node)),
        // Only a closing parenthesis ends a group before the line does.
        _ => Err(parser.error(parser.at, facts!("closes-nothing"))),
    }
}

/// A word that compares sizes: how, and with what.
fn comparison(word: &str) -> Option<(Comparison, &str)> {
    let rest = word.strip_prefix("size")?;
    Comparison::ALL.into_iter().find_map(|(comparison, sign)| Some((comparison, rest.strip_prefix(sign)?)))
}

struct Parser<'a> {
    line: &'a str,
    /// In bytes.
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.line.get(self.at..).unwrap_or_default()
    }

    /// An error at the byte `at`.
    fn error(&self, at: usize, what: Facts) -> FilterError {
        let before = self.line.get(..at).unwrap_or(self.line);
        FilterError { at: before.chars().count(), what }
    }

    fn skip_space(&mut self) {
        self.at = self.line.len() - self.rest().trim_start().len();
    }

    /// Takes `token` if it is next.
    fn take(&mut self, token: char) -> bool {
        let next = self.rest().starts_with(token);
        if next {
            self.at += token.len_utf8();
        }
        next
    }

    /// The word that is next: up to white space or a parenthesis.
    fn word(&self) -> &'a str {
        let rest = self.rest();
        rest.get(..rest.find(ends_word).unwrap_or(rest.len())).unwrap_or_default()
    }

    /// Takes the operator `wanted` if it is next.
    fn take_operator(&mut self, wanted: Operator) -> bool {
        let word = self.word();
        let next = word_operator(word) == Some(wanted);
        if next {
            self.at += word.len();
            self.skip_space();
        }
        next
    }

    /// Terms with `or` between them.
    fn any(&mut self) -> Result<Node, FilterError> {
        let mut nodes = vec![self.all()?];
        while self.take_operator(Operator::Or) {
            nodes.push(self.all()?);
        }
        Node::any(nodes).ok_or_else(|| self.nothing())
    }

    /// Terms side by side.
    fn all(&mut self) -> Result<Node, FilterError> {
        let mut nodes = vec![self.one()?];
        loop {
            let and = self.take_operator(Operator::And);
            let over = self.rest().is_empty()
                || self.rest().starts_with(')')
                || word_operator(self.word()) == Some(Operator::Or);
            if over && !and {
                return Node::all(nodes).ok_or_else(|| self.nothing());
            }
            nodes.push(self.one()?);
        }
    }

    /// A term, a group, or either turned round.
    fn one(&mut self) -> Result<Node, FilterError> {
        let start = self.at;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(start, facts!("deep", most = MAX_DEPTH)));
        }
        let node = if self.take_operator(Operator::Not) || self.take('-') {
            self.skip_space();
            Node::Not(Box::new(self.one()?))
        } else if self.take('(') {
            self.skip_space();
            let node = self.any()?;
            if !self.take(')') {
                return Err(self.error(start, facts!("not-closed")));
            }
            node
        } else {
            Node::Term(self.term()?)
        };
        self.depth -= 1;
        self.skip_space();
        Ok(node)
    }

    fn nothing(&self) -> FilterError {
        self.error(self.at, facts!("nothing"))
    }

    fn term(&mut self) -> Result<Term, FilterError> {
        let start = self.at;
        match self.rest().chars().next() {
            Some('"') => {
                let text = self.quoted()?;
                self.pattern(start, Pattern::text(&text), &text).map(Term::Text)
            }
            Some('/') => self.regex(),
            _ => {
                let word = self.word();
                if word.is_empty() || word_operator(word).is_some() {
                    return Err(self.nothing());
                }
                let key = word.split_once(':').map(|(key, _)| key);
                match key.filter(|key| key.bytes().all(|byte| byte.is_ascii_alphabetic())) {
                    Some(key) => self.keyed(key),
                    None => self.bare(word),
                }
            }
        }
    }

    fn bare(&mut self, word: &str) -> Result<Term, FilterError> {
        let start = self.at;
        self.at += word.len();
        if let Some((comparison, digits)) = comparison(word) {
            let size = self.number(start + word.len() - digits.len(), digits)?;
            return Ok(Term::Size(comparison, size));
        }
        self.pattern(start, Pattern::text(word), word).map(Term::Text)
    }

    fn pattern(
        &self,
        at: usize,
        pattern: Result<Pattern, Facts>,
        source: &str,
    ) -> Result<Pattern, FilterError> {
        if source.is_empty() {
            return Err(self.error(at, facts!("no-text")));
        }
        pattern.map_err(|why| self.error(at, why))
    }

    /// What stands in quotes; `\"` is a quote and `\\` a backslash.
    fn quoted(&mut self) -> Result<String, FilterError> {
        let start = self.at;
        let mut text = String::new();
        let mut characters = self.rest().char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.at = start + at + 1;
                    self.ends_here()?;
                    return Ok(text);
                }
                '\\' => match characters.next() {
                    Some((_, escaped @ ('"' | '\\'))) => text.push(escaped),
                    Some((_, other)) => text.extend(['\\', other]),
                    None => {}
                },
                other => text.push(other),
            }
        }
        Err(self.error(start, facts!("quotes")))
    }

    /// `/…/`, with `i` behind it for both small and capital letters; `\/` is a slash.
    fn regex(&mut self) -> Result<Term, FilterError> {
        let start = self.at;
        let mut source = String::new();
        let mut characters = self.rest().char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '/' => {
                    self.at = start + at + 1;
                    let ignore_case = self.take('i');
                    self.ends_here()?;
                    let pattern = Pattern::regex(&source, ignore_case);
                    return self.pattern(start, pattern, &source).map(Term::Regex);
                }
                '\\' => match characters.next() {
                    Some((_, '/')) => source.push('/'),
                    Some((_, other)) => source.extend(['\\', other]),
                    None => {}
                },
                other => source.push(other),
            }
        }
        Err(self.error(start, facts!("regex-end")))
    }

    /// A term is over: white space, a parenthesis or the end must follow.
    fn ends_here(&self) -> Result<(), FilterError> {
        match self.rest().chars().next() {
            Some(next) if !ends_word(next) => Err(self.error(self.at, facts!("space"))),
            _ => Ok(()),
        }
    }

    fn keyed(&mut self, key: &str) -> Result<Term, FilterError> {
        let start = self.at;
        self.at += key.len() + 1;
        let value_at = self.at;
        let value = if self.rest().starts_with('"') {
            self.quoted()?
        } else {
            let word = self.word();
            self.at += word.len();
            word.to_owned()
        };
        let one_of = |names: &'static [&'static str]| {
            let found = names.iter().copied().find(|name| *name == value);
            found.ok_or_else(|| {
                self.error(value_at, facts!("one-of", key, known = names.join(", "), value = value.as_str()))
            })
        };
        match key {
            "from" => {
                let side = one_of(&["client", "server"])?;
                Ok(Term::From(if side == Side::Client.id() { Side::Client } else { Side::Server }))
            }
            "kind" => one_of(KINDS).map(Term::Kind),
            "opcode" => match value.strip_prefix("0x").and_then(|digits| u8::from_str_radix(digits, 16).ok())
            {
                Some(number) => Ok(Term::Opcode(OpcodeTerm::Number(number))),
                None => match value.parse() {
                    Ok(number) => Ok(Term::Opcode(OpcodeTerm::Number(number))),
                    Err(_) => Ok(Term::Opcode(OpcodeTerm::Named(one_of(OPCODES)?))),
                },
            },
            "text" => self.pattern(value_at, Pattern::text(&value), &value).map(Term::Text),
            "hex" => match bytes_of_hex(&value) {
                Some(bytes) if !bytes.is_empty() => Ok(Term::Hex(bytes)),
                _ => Err(self.error(value_at, facts!("hex"))),
            },
            "finding" => self.finding(value_at, value),
            "message" => match self.number(value_at, &value)? {
                0 => Err(self.error(value_at, facts!("message"))),
                number => Ok(Term::Message(number)),
            },
            "masked" => Ok(Term::Masked(one_of(&["yes", "no"])? == "yes")),
            "fin" => Ok(Term::Fin(one_of(&["yes", "no"])? == "yes")),
            other => Err(self.error(start, facts!("key", key = other, known = KEYS, last = LAST_KEYS))),
        }
    }

    fn finding(&self, at: usize, value: String) -> Result<Term, FilterError> {
        let severities = [Severity::Error, Severity::Warning, Severity::Note];
        if value == "any" {
            return Ok(Term::Finding(FindingTerm::Any));
        }
        if let Some(severity) = severities.into_iter().find(|severity| severity.id() == value) {
            return Ok(Term::Finding(FindingTerm::Severity(severity)));
        }
        if !value.is_empty() && Rule::ALL.iter().any(|rule| rule.id().starts_with(value.as_str())) {
            return Ok(Term::Finding(FindingTerm::Rule(value)));
        }
        Err(self.error(at, facts!("finding", value)))
    }

    fn number(&self, at: usize, digits: &str) -> Result<u64, FilterError> {
        let number = digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()));
        number.ok_or_else(|| self.error(at, facts!("number")))
    }
}

/// The bytes of hexadecimal digits, with or without white space between them.
fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|character| !character.is_whitespace())
        .map(|character| character.to_digit(16).map(|digit| digit as u8))
        .collect();
    let digits = digits?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}
