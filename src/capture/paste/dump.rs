//! Dumps: lines of an offset, bytes, and perhaps the characters that they stand for.

use super::error::{Problem, Unread};
use super::{Form, MAX_BYTES};

/// The dumps in a text: one, or one for each packet.
#[derive(Debug)]
pub(super) struct Dump {
    pub(super) form: Form,
    pub(super) sections: Vec<Section>,
}

/// Lines whose offsets follow each other.
#[derive(Debug)]
pub(super) struct Section {
    /// Where its first line begins in the text.
    pub(super) at: usize,
    pub(super) bytes: Vec<u8>,
}

/// A line with an offset.
#[derive(Clone, Copy, Debug)]
struct Row<'a> {
    /// Where the line begins in the text.
    at: usize,
    /// The digits of the offset.
    offset: &'a str,
    /// It cannot be bytes: a colon, a tab or two spaces stand behind it.
    apart: bool,
    /// It is an address of a debugger, or tcpdump's: `0x` before it and a colon behind it.
    address: bool,
    rest: &'a str,
    /// `*` stood before it: the line before comes again up to this offset.
    repeats: bool,
}

/// How the bytes of a row are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Digits {
    /// Two hexadecimal digits a byte, in groups of any length.
    Hex,
    /// Eight binary digits a byte.
    Binary,
    /// Four hexadecimal digits a word, its low byte first.
    Words,
}

/// The most bytes that a line of a dump has.
const LONGEST_ROW: usize = 1024;
/// The most bytes of a line alone, where a single space stands behind its bytes.
const ROW: usize = 16;

/// The dumps in a text; none where it is no dump.
///
/// # Errors
/// Where lines look like a dump's and their offsets contradict their bytes.
pub(super) fn read(text: &str) -> Result<Option<Dump>, Unread> {
    let (rows, others) = rows(text);
    let usable = |rows: &Vec<Row<'_>>| match rows.as_slice() {
        [] => false,
        [row] => {
            row.apart
                && !row.rest.trim().is_empty()
                && (row.address || row.offset.bytes().all(|digit| digit == b'0'))
        }
        rows => !others || rows.iter().all(|row| row.apart),
    };
    if rows.is_empty() || !rows.iter().all(usable) {
        return Ok(None);
    }
    let mut form = Form::Dump;
    let mut sections = Vec::with_capacity(rows.len());
    // A `*` stands for any number of lines: all sections together stand for so many bytes at most.
    let mut room = MAX_BYTES;
    for rows in &rows {
        let (digits, bytes) = match section(text, rows, room) {
            Ok(read) => read,
            // Offsets that do not fit are bytes, unless nothing but an offset can stand there.
            Err(error) if rows.iter().all(|row| row.apart) => return Err(error),
            Err(_) => return Ok(None),
        };
        if digits == Digits::Words {
            form = Form::Words;
        }
        room = room.saturating_sub(bytes.len());
        sections.push(Section { at: rows.first().map_or(0, |row| row.at), bytes });
    }
    Ok(Some(Dump { form, sections }))
}

/// The rows of each section, and whether there are lines that are none.
fn rows(text: &str) -> (Vec<Vec<Row<'_>>>, bool) {
    let mut sections: Vec<Vec<Row<'_>>> = Vec::new();
    let (mut at, mut goes_on, mut repeats, mut others) = (0, false, false, false);
    for line in text.split_inclusive('\n') {
        let begin = at;
        at += line.len();
        let line = line.trim_end();
        if line.trim().is_empty() {
            continue;
        }
        match (row(line), sections.last_mut()) {
            (None, Some(_)) if goes_on && line.trim() == "*" => repeats = true,
            (None, _) => (goes_on, others) = (false, true),
            (Some(row), last) => {
                let row = Row { at: begin, repeats: std::mem::take(&mut repeats), ..row };
                let anew = row.offset.bytes().all(|digit| digit == b'0');
                match last {
                    Some(last) if goes_on && !anew => last.push(row),
                    _ => sections.push(vec![row]),
                }
                goes_on = true;
            }
        }
    }
    (sections, others)
}

fn row(line: &str) -> Option<Row<'_>> {
    let line = line.trim_start();
    let end = line.find([' ', '\t', ':', '<']).unwrap_or(line.len());
    let (word, rest) = line.split_at_checked(end)?;
    let digits = word.strip_prefix("0x").unwrap_or(word);
    if !(4..=16).contains(&digits.len()) || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    // A debugger names the symbol behind the address: `0x7ffe10 <buffer+8>:`.
    let rest = match rest.trim_start().strip_prefix('<').and_then(|symbol| symbol.split_once(">:")) {
        Some((_, bytes)) => bytes,
        None => rest,
    };
    let colon = rest.starts_with(':') || rest.len() < line.len() - end;
    let apart = rest.is_empty() || colon || ["  ", "\t"].iter().any(|sign| rest.starts_with(sign));
    Some(Row {
        at: 0,
        offset: digits,
        apart,
        address: colon && digits.len() < word.len(),
        rest: rest.strip_prefix(':').unwrap_or(rest),
        repeats: false,
    })
}

/// The bytes of rows that follow each other.
fn section(text: &str, rows: &[Row<'_>], room: usize) -> Result<(Digits, Vec<u8>), Unread> {
    let first = rows.first().map_or("", |row| row.rest);
    let is_bits = |word: &str| word.len() == 8 && word.bytes().all(|digit| matches!(digit, b'0' | b'1'));
    let is_word = |word: &str| word.len() == 4 && word.bytes().all(|digit| digit.is_ascii_hexdigit());
    let seven = rows.first().is_some_and(|row| row.offset.len() == 7 && !row.apart);
    let ways: &[Digits] = if seven && first.split_whitespace().all(is_word) {
        &[Digits::Words]
    } else if first.split_whitespace().next().is_some_and(is_bits) {
        &[Digits::Binary, Digits::Hex]
    } else {
        &[Digits::Hex]
    };
    let mut error = None;
    for digits in ways {
        for radix in [16, 8, 10] {
            match read_rows(text, rows, (*digits, radix), room) {
                Ok(bytes) => return Ok((*digits, bytes)),
                Err(problem) => error = error.or(Some(problem)),
            }
        }
    }
    Err(error.unwrap_or_else(|| Problem::Again.at(text, 0)))
}

fn read_rows(
    text: &str,
    rows: &[Row<'_>],
    (digits, radix): (Digits, u32),
    room: usize,
) -> Result<Vec<u8>, Unread> {
    let wrong = |row: &Row<'_>, bytes: usize| {
        Problem::Offset { stands: row.offset.to_owned(), bytes }.at(text, row.at)
    };
    let value = |row: &Row<'_>| u64::from_str_radix(row.offset, radix).map_err(|_| wrong(row, 0));
    let base = rows.first().map_or(Ok(0), value)?;
    let mut bytes: Vec<u8> = Vec::new();
    let mut width = 0;
    for (at, row) in rows.iter().enumerate() {
        let offset = value(row)?.checked_sub(base).and_then(|offset| usize::try_from(offset).ok());
        let offset = offset.ok_or_else(|| wrong(row, bytes.len()))?;
        if row.repeats {
            if offset > room {
                return Err(Problem::TooLong(MAX_BYTES).at(text, row.at));
            }
            let again = bytes.get(bytes.len().saturating_sub(width)..).unwrap_or_default().to_vec();
            if again.is_empty() || offset < bytes.len() {
                return Err(wrong(row, bytes.len()));
            }
            let missing = offset - bytes.len();
            bytes.extend(again.into_iter().cycle().take(missing));
        }
        let is_end = row.rest.trim().is_empty() && at + 1 == rows.len();
        // The last word may have a byte too many.
        if is_end && digits == Digits::Words && offset + 1 == bytes.len() {
            bytes.pop();
        }
        if offset != bytes.len() {
            return Err(wrong(row, bytes.len()));
        }
        if is_end {
            break;
        }
        let known = match rows.get(at + 1) {
            Some(next) if !next.repeats => {
                let next_offset = value(next)?.checked_sub(base + offset as u64);
                let known = next_offset.and_then(|known| usize::try_from(known).ok());
                Some(known.filter(|known| (1..=LONGEST_ROW).contains(known)).ok_or_else(|| {
                    let there = read_row(row.rest, digits, None, ROW).len();
                    wrong(next, bytes.len() + there)
                })?)
            }
            // The line before `*` is as long as the others.
            _ => None,
        };
        let is_last =
            at + 1 == rows.len() || rows.get(at + 1).is_some_and(|next| next.rest.trim().is_empty());
        let most = if width == 0 { LONGEST_ROW } else { width };
        let read = read_row(row.rest, digits, known, most);
        let fits = match known {
            None => !read.is_empty(),
            Some(known) => {
                read.len() == known || digits == Digits::Words && is_last && read.len() == known + 1
            }
        };
        if !fits {
            let next = rows.get(at + 1).unwrap_or(row);
            return Err(wrong(next, bytes.len() + read.len()));
        }
        width = width.max(read.len());
        bytes.extend(read);
    }
    Ok(bytes)
}

/// The bytes of a row: `known` of them, or as many as stand before a wider space or what is none, at most `most`.
fn read_row(rest: &str, digits: Digits, known: Option<usize>, most: usize) -> Vec<u8> {
    let most = known.unwrap_or(most);
    let mut bytes = Vec::with_capacity(most.min(64));
    let mut left = rest;
    while bytes.len() < most {
        let trimmed = left.trim_start();
        let space = left.len() - trimmed.len();
        // Some dumps have a wider space in the middle of 16 bytes; before the characters all have one.
        let is_wide = space > 2 || space == 2 && bytes.len() != ROW / 2;
        if known.is_none() && !bytes.is_empty() && is_wide {
            break;
        }
        let (word, after) = trimmed.split_at(trimmed.find(char::is_whitespace).unwrap_or(trimmed.len()));
        let Some(read) = group(word, digits).filter(|read| bytes.len() + read.len() <= most + 1) else {
            break;
        };
        if bytes.len() + read.len() > most && digits != Digits::Words {
            break;
        }
        bytes.extend(read);
        left = after;
    }
    bytes
}

/// The bytes of digits that stand together.
fn group(word: &str, digits: Digits) -> Option<Vec<u8>> {
    let word = word.strip_prefix("0x").filter(|digits| digits.len() == 2).unwrap_or(word);
    let (radix, length) = if digits == Digits::Binary { (2, 8) } else { (16, 2) };
    if word.is_empty() || !word.is_ascii() || !word.len().is_multiple_of(length) || word.starts_with('+') {
        return None;
    }
    let byte = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok();
    let mut bytes: Vec<u8> = word.as_bytes().chunks(length).map(byte).collect::<Option<_>>()?;
    if digits == Digits::Words {
        bytes.reverse();
    }
    Some(bytes)
}
