//! The signs of a program's text, as far as strings and arrays need them.

use super::escape::{self, Wrong};
use super::{Problem, Unread};

/// A sign, with its place in the text in bytes.
#[derive(Debug)]
pub(super) enum Token<'a> {
    /// A bracket, or `<<`.
    Open(char),
    /// Its end.
    Close,
    Text(Quoted<'a>),
    /// Letters and digits.
    Word(&'a str, usize),
    /// `...` or `…`
    Dots,
    /// Anything else.
    Sign(char),
}

/// A string.
#[derive(Debug)]
pub(super) struct Quoted<'a> {
    pub(super) raw: &'a str,
    /// Where `raw` begins in the text.
    pub(super) at: usize,
    /// What stands before the quote, as in `b"…"`.
    prefix: &'a str,
}

impl Token<'_> {
    pub(super) fn is_literal(&self) -> bool {
        matches!(self, Self::Text(quoted) if quoted.is_literal())
    }
}

impl Quoted<'_> {
    /// Its characters are bytes, not digits of bytes.
    pub(super) fn is_literal(&self) -> bool {
        self.raw.contains('\\') || self.prefix.contains(['b', 'B'])
    }

    /// About how many bytes it stands for.
    pub(super) fn about(&self) -> usize {
        self.raw.len().saturating_sub(self.raw.matches("\\x").count() * 3)
    }

    /// The bytes that it stands for.
    pub(super) fn bytes(&self, out: &mut Vec<u8>) -> Result<(), Wrong> {
        if self.prefix.contains(['r', 'R']) {
            out.extend_from_slice(self.raw.as_bytes());
            Ok(())
        } else {
            escape::unescape(self.raw, out)
        }
    }
}

/// The text as signs. Comments and type casts are left out.
pub(super) fn lex(text: &str) -> Result<Vec<Token<'_>>, Unread> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..)
        && let Some(first) = rest.chars().next()
    {
        let length = match first {
            _ if first.is_whitespace() => first.len_utf8(),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' | '`' => quoted(text, at, "", &mut tokens)?,
            '(' => match cast(rest) {
                Some(length) => length,
                None => one(&mut tokens, Token::Open('('), 1),
            },
            '[' | '{' => one(&mut tokens, Token::Open(first), 1),
            ')' | ']' | '}' => one(&mut tokens, Token::Close, 1),
            '<' if rest.starts_with("<<") => one(&mut tokens, Token::Open('<'), 2),
            '>' if rest.starts_with(">>") => one(&mut tokens, Token::Close, 2),
            '…' => one(&mut tokens, Token::Dots, first.len_utf8()),
            '.' if rest.starts_with("...") => one(&mut tokens, Token::Dots, 3),
            '.' => match conversion(rest) {
                Some(length) => length,
                None => one(&mut tokens, Token::Sign('.'), 1),
            },
            _ if first.is_alphanumeric() || first == '_' => {
                let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                let (word, behind) = rest.split_at(length);
                let is_prefix = length <= 2
                    && word.chars().all(|c| matches!(c, 'b' | 'B' | 'r' | 'R' | 'u' | 'L' | 'f' | 'c'));
                if is_prefix && behind.starts_with(['"', '\'']) {
                    length + quoted(text, at + length, word, &mut tokens)?
                } else {
                    one(&mut tokens, Token::Word(word, at), length)
                }
            }
            _ => one(&mut tokens, Token::Sign(first), first.len_utf8()),
        };
        at += length;
    }
    Ok(tokens)
}

fn one<'a>(tokens: &mut Vec<Token<'a>>, token: Token<'a>, length: usize) -> usize {
    tokens.push(token);
    length
}

/// Adds the string whose quote stands at this place; its length with its quotes.
fn quoted<'a>(
    text: &'a str,
    at: usize,
    prefix: &'a str,
    tokens: &mut Vec<Token<'a>>,
) -> Result<usize, Unread> {
    let rest = text.get(at..).unwrap_or_default();
    let quote = rest.chars().next().unwrap_or('"');
    let width = if ["\"\"\"", "'''"].iter().any(|triple| rest.starts_with(triple)) { 3 } else { 1 };
    let (opening, inside) = rest.split_at(width);
    let mut skip = false;
    for (place, byte) in inside.bytes().enumerate() {
        // The bytes of other characters are all above those of ASCII.
        if std::mem::take(&mut skip) {
            continue;
        }
        if byte == b'\\' {
            skip = true;
        } else if byte == opening.as_bytes()[0]
            && inside.get(place..).is_some_and(|rest| rest.starts_with(opening))
        {
            let raw = inside.get(..place).unwrap_or_default();
            tokens.push(Token::Text(Quoted { raw, at: at + width, prefix }));
            return Ok(place + 2 * width);
        }
    }
    Err(Problem::Unclosed(quote).at(text, at))
}

/// No type's name is longer.
const LONGEST_CAST: usize = 32;

/// The length of a type cast before a number: `(byte)`, `(unsigned char)`.
fn cast(rest: &str) -> Option<usize> {
    let end = rest.bytes().take(LONGEST_CAST).position(|byte| byte == b')')?;
    let inside = rest.get(1..end)?;
    let is_type = inside.starts_with(|c: char| c.is_ascii_alphabetic())
        && inside.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ' '));
    let behind = rest.get(end + 1..)?.trim_start();
    (is_type && behind.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '\'')))
        .then_some(end + 1)
}

/// The length of a number's conversion: `.toByte()`.
fn conversion(rest: &str) -> Option<usize> {
    [".toByte()", ".toUByte()", ".toInt()"]
        .iter()
        .find(|call| rest.starts_with(**call))
        .map(|call| call.len())
}
