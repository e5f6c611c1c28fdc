//! What programs, debuggers and logs write: strings with escapes, and arrays of numbers.

mod array;
mod escape;
mod lex;

use super::error::{Problem, Unread};
use super::{Form, Taken};
use crate::capture::typed::parse_hex;

use array::Array;
use lex::{Quoted, Token};

/// No longer text of a program is read, in bytes: its signs take far more memory than it does.
const MAX_SOURCE: usize = 8 << 20;

/// The bytes of the string or the array with most bytes; none where the text has neither, nor any sign of one.
///
/// # Errors
/// What is in the way in it.
pub(super) fn read(text: &str) -> Result<Option<Taken>, Unread> {
    if let Some(taken) = in_angles(text)? {
        return Ok(Some(taken));
    }
    let quotes = text.contains(['"', '\'', '`']);
    if !quotes && text.contains('\\') {
        return Ok(Some(bare(text)?));
    }
    if !quotes && !text.contains(['[', '{', '(', '<']) {
        return Ok(None);
    }
    if text.len() > MAX_SOURCE {
        return Err(Problem::TooLong(MAX_SOURCE).at(text, 0));
    }
    let tokens = lex::lex(text)?;
    let array = array::longest(&tokens);
    let string = longest_string(&tokens);
    let of_array = array.as_ref().map_or(0, Array::len);
    match (string, array) {
        (Some(string), _) if string.is_literal && string.length > of_array => string.literal(text).map(Some),
        (_, Some(array)) if array.len() > 1 => array.bytes(text).map(Some),
        (Some(string), _) if string.is_literal => string.literal(text).map(Some),
        (Some(string), _) => string.content(text).map(Some),
        (None, Some(array)) => array.bytes(text).map(Some),
        (None, None) => {
            // Signs around the digits give way to spaces, one for one, so that a place stays the place in the text.
            let plain = text.replace(['{', '}', '[', ']', '(', ')', '<', '>', '&'], " ");
            let bytes = parse_hex(&plain).map_err(|error| Unread::hex(text, error))?;
            Ok(Some((bytes, Form::Hex, None)))
        }
    }
}

/// `<Buffer 81 05 … 50 more bytes>` of Node.js, and digits alone between angle brackets.
fn in_angles(text: &str) -> Result<Option<Taken>, Unread> {
    let whole = text.trim();
    let (begin, is_buffer) = match text.find("<Buffer") {
        Some(at) => (at + "<Buffer".len(), true),
        None if whole.starts_with('<') && whole.ends_with('>') && !whole.starts_with("<<") => {
            (text.len() - text.trim_start().len() + 1, false)
        }
        None => return Ok(None),
    };
    let inside = text.get(begin..).unwrap_or_default();
    let inside = inside.get(..inside.find('>').unwrap_or(inside.len())).unwrap_or_default();
    let digits =
        inside.get(..inside.find("...").or(inside.find(',')).unwrap_or(inside.len())).unwrap_or_default();
    let cut = inside.get(digits.len()..).filter(|rest| rest.starts_with("...")).map(|rest| {
        let number = rest.split_whitespace().find_map(|word| word.parse().ok());
        number.unwrap_or(0)
    });
    match parse_hex(digits) {
        Ok(bytes) if is_buffer => Ok(Some((bytes, Form::Array, cut))),
        Ok(bytes) => Ok(Some((bytes, Form::Hex, None))),
        Err(error) if is_buffer => {
            let masked = " ".repeat(text.get(..begin).unwrap_or_default().chars().count());
            let error = parse_hex(&(masked + digits)).err().unwrap_or(error);
            Err(Unread::hex(text, error))
        }
        Err(_) => Ok(None),
    }
}

/// Escapes without a quote around them: what stands between them is separators only, or characters that count.
fn bare(text: &str) -> Result<Taken, Unread> {
    let begin = text.len() - text.trim_start().len();
    let text_alone = text.trim();
    let is_between = |character: char| character.is_whitespace() || matches!(character, ',' | ';');
    let mut parts = text_alone.split(is_between).filter(|part| !part.is_empty());
    let apart = parts.clone().count() > 1 && parts.all(escape::is_byte);
    let mut bytes = Vec::with_capacity(text_alone.len());
    if apart {
        let mut at = begin;
        for part in text_alone.split_inclusive(is_between) {
            let (part_at, trimmed) = (at, part.trim_end_matches(is_between));
            at += part.len();
            escape::unescape(trimmed, &mut bytes).map_err(|error| error.within(text, part_at))?;
        }
    } else {
        escape::unescape(text_alone, &mut bytes).map_err(|error| error.within(text, begin))?;
    }
    Ok((bytes, Form::Escaped, None))
}

/// Strings that stand side by side.
#[derive(Debug)]
struct Run<'t, 'a> {
    parts: &'t [Token<'a>],
    /// One has a backslash or `b` before it.
    is_literal: bool,
    /// Dots stand behind it: what wrote it left out the rest.
    is_cut: bool,
    /// About how many bytes it holds.
    length: usize,
}

/// The longest run of strings; those that are literal go first. What stands before a colon is a name.
fn longest_string<'t, 'a>(tokens: &'t [Token<'a>]) -> Option<Run<'t, 'a>> {
    let mut best: Option<Run<'t, 'a>> = None;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let begin = at;
        at += 1;
        if !matches!(token, Token::Text(_)) {
            continue;
        }
        // `"a" "b"`, `"a" + "b"`, `"a" . "b"`, and a backslash at the end of a line.
        loop {
            let joined = matches!(tokens.get(at), Some(Token::Sign('+' | '.' | '\\')));
            match tokens.get(at + usize::from(joined)) {
                Some(Token::Text(_)) => at += 1 + usize::from(joined),
                _ => break,
            }
        }
        if matches!(tokens.get(at), Some(Token::Sign(':'))) {
            continue;
        }
        let parts = tokens.get(begin..at).unwrap_or_default();
        let is_cut = matches!(tokens.get(at), Some(Token::Dots));
        let is_literal = parts.iter().any(Token::is_literal);
        let mut run = Run { parts, is_literal, is_cut, length: 0 };
        run.length = run.strings().map(Quoted::about).sum();
        let weight = |run: &Run<'_, '_>| (run.is_literal, run.length);
        if best.as_ref().is_none_or(|best| weight(best) < weight(&run)) {
            best = Some(run);
        }
    }
    best
}

impl<'a> Run<'_, 'a> {
    fn strings(&self) -> impl Iterator<Item = &Quoted<'a>> {
        self.parts.iter().filter_map(|part| match part {
            Token::Text(quoted) => Some(quoted),
            _ => None,
        })
    }

    /// Its bytes, with what the escapes stand for.
    fn literal(&self, text: &str) -> Result<Taken, Unread> {
        let mut bytes = Vec::new();
        for quoted in self.strings() {
            quoted.bytes(&mut bytes).map_err(|error| error.within(text, quoted.at))?;
        }
        Ok((bytes, Form::Escaped, self.is_cut.then_some(0)))
    }

    /// What its characters say by the rules for all texts: digits, base64, a dump.
    fn content(&self, text: &str) -> Result<Taken, Unread> {
        let mut content = String::new();
        let mut begin = None;
        for quoted in self.strings() {
            begin.get_or_insert(quoted.at);
            content.push_str(quoted.raw);
        }
        let begin = begin.unwrap_or(0);
        let read = super::text_of_string(&content);
        read.map_err(|error| {
            let line: usize =
                content.split_inclusive('\n').take(error.line.unwrap_or(1) - 1).map(str::len).sum();
            let in_line = content.get(line..).unwrap_or_default();
            let there = in_line
                .char_indices()
                .nth(error.position.saturating_sub(1))
                .map_or(in_line.len(), |(at, _)| at);
            error.problem.at(text, begin + line + there)
        })
    }
}
