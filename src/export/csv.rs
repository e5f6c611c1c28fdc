//! Items as CSV (RFC 4180), one row an item.
//!
//! No value holds a comma, a quote or a line end, so nothing is quoted. Rows are put together in one reused buffer
//! with nothing allocated for a row: a capture has a million of them.

use std::io::{self, Write};

use super::frame::Facts;
use crate::trace::{Conversation, Store, Timestamp, Trace};

/// The first line, with its line end.
pub const HEADER: &str =
    "conversation,item,from,time,kind,opcode,fin,masked,length,payload_length,findings\n";

/// Rows are handed on when there are this many bytes of them.
const BUFFER: usize = 64 * 1024;

/// Writes the header and a row for each item of each conversation, or of the one with this number, counted from 1.
pub fn write_trace(out: &mut dyn Write, trace: &Trace, conversation: Option<usize>) -> io::Result<()> {
    let mut rows = Vec::with_capacity(BUFFER + 1024);
    rows.extend_from_slice(HEADER.as_bytes());
    for (index, talk) in trace.conversations.iter().enumerate() {
        let id = index + 1;
        if conversation.is_some_and(|wanted| wanted != id) {
            continue;
        }
        for (number, _) in talk.items.iter() {
            push_row(&mut rows, id, talk, &trace.store, number);
            if rows.len() >= BUFFER {
                out.write_all(&rows)?;
                rows.clear();
            }
        }
    }
    out.write_all(&rows)
}

/// Appends the row of item `number`, counted from 0, with its line end, to `row`. `id` is the conversation's number,
/// counted from 1. Nothing is appended where there is no such item.
pub fn push_row(row: &mut Vec<u8>, id: usize, talk: &Conversation, store: &Store, number: usize) {
    let Some(item) = talk.items.get(number) else { return };
    let facts = Facts::of(talk, store, item);
    let header = facts.and_then(|facts| facts.hybi);
    let said = |flag: bool| if flag { "true" } else { "false" };
    let mut start = Cells::new();
    start.number(id as u64);
    start.comma();
    start.number(number as u64 + 1);
    start.comma();
    start.word(item.side.id());
    start.comma();
    start.seconds(talk.time_of(item), talk.digits);
    start.comma();
    start.word(item.kind.id());
    start.comma();
    start.word(facts.map_or("", |facts| facts.opcode));
    start.comma();
    start.word(header.map_or("", |header| said(header.fin)));
    start.comma();
    start.word(header.map_or("", |header| said(header.mask.is_some())));
    start.comma();
    start.number(item.length);
    start.comma();
    if let Some(length) = facts.and_then(|facts| facts.payload_length) {
        start.number(length);
    }
    start.comma();
    row.extend_from_slice(start.bytes());
    for (at, finding) in talk.findings_of(number).enumerate() {
        if at > 0 {
            row.push(b' ');
        }
        row.extend_from_slice(finding.rule.id().as_bytes());
    }
    row.push(b'\n');
}

/// The first cells of a row, all but the findings: so short that they stand in a place of fixed size, where each
/// costs a few stores and no call.
struct Cells {
    bytes: [u8; MOST],
    at: usize,
}

/// Five numbers of 20 digits, a time, four words of at most 16 bytes and ten commas are less.
const MOST: usize = 256;

impl Cells {
    const fn new() -> Self {
        Self { bytes: [0; MOST], at: 0 }
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.at).unwrap_or_default()
    }

    /// Room for `length` bytes, which must be there.
    #[inline]
    fn room(&mut self, length: usize) -> &mut [u8] {
        let from = self.at.min(MOST - length);
        self.at = from + length;
        &mut self.bytes[from..from + length]
    }

    #[inline]
    fn byte(&mut self, byte: u8) {
        self.room(1)[0] = byte;
    }

    #[inline]
    fn comma(&mut self) {
        self.byte(b',');
    }

    /// A word of at most 16 bytes; more of it is cut off.
    #[inline]
    fn word(&mut self, word: &str) {
        let word = word.as_bytes();
        let length = word.len().min(16);
        let room = self.room(length);
        // Two copies that overlap, each of a size that is known, in place of one of any size.
        if let (Some(first), Some(last)) =
            (word.first_chunk::<8>(), word.get(..length).and_then(<[u8]>::last_chunk::<8>))
        {
            room[..8].copy_from_slice(first);
            room[length - 8..].copy_from_slice(last);
        } else if let (Some(first), Some(last)) = (word.first_chunk::<4>(), word.last_chunk::<4>()) {
            room[..4].copy_from_slice(first);
            room[length - 4..].copy_from_slice(last);
        } else {
            for (to, from) in room.iter_mut().zip(word) {
                *to = *from;
            }
        }
    }

    /// A number in decimal digits.
    #[inline]
    fn number(&mut self, number: u64) {
        let digits = number.checked_ilog10().map_or(1, |log| log as usize + 1);
        self.padded(number, digits);
    }

    /// The last `width` decimal digits of a number, at most 20, with zeros before it where it has fewer.
    #[inline]
    fn padded(&mut self, mut number: u64, width: usize) {
        // Two digits a division, which is what costs.
        for place in self.room(width).rchunks_mut(2) {
            let pair = PAIRS[(number % 100) as usize];
            number /= 100;
            match place {
                [tens, ones] => [*tens, *ones] = pair,
                [ones] => *ones = pair[1],
                _ => {}
            }
        }
    }

    /// A time as [`Timestamp::seconds`] shows it, without the cost of formatting.
    #[inline]
    fn seconds(&mut self, time: Timestamp, digits: u8) {
        const SECOND: u64 = 1_000_000_000;
        if time.0 < 0 {
            self.byte(b'-');
        }
        let nanos = time.0.unsigned_abs();
        self.number(nanos / SECOND);
        let rest = nanos % SECOND;
        match digits {
            0 => {}
            // Divided by what the compiler knows.
            6 => self.fraction(rest / 1000, 6),
            9.. => self.fraction(rest, 9),
            digits => self.fraction(rest / 10u64.pow(9 - u32::from(digits)), digits),
        }
    }

    #[inline]
    fn fraction(&mut self, fraction: u64, digits: u8) {
        self.byte(b'.');
        self.padded(fraction, usize::from(digits));
    }
}

/// The digits of 0 to 99.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut number = 0;
    while number < pairs.len() {
        pairs[number] = [b'0' + number as u8 / 10, b'0' + number as u8 % 10];
        number += 1;
    }
    pairs
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(write: impl FnOnce(&mut Cells)) -> String {
        let mut cells = Cells::new();
        write(&mut cells);
        String::from_utf8(cells.bytes().to_vec()).unwrap()
    }

    proptest! {
        #[test]
        fn times_are_those_of_seconds(nanos: i64, digits in 0..12u8) {
            let time = Timestamp(nanos);
            prop_assert_eq!(shown(|cells| cells.seconds(time, digits)), time.seconds(digits).to_string());
        }

        #[test]
        fn numbers_are_decimal(number: u64, shift in 0..64u32) {
            let number = number >> shift;
            prop_assert_eq!(shown(|cells| cells.number(number)), number.to_string());
        }

        #[test]
        fn words_stay_as_they_are(words in prop::collection::vec("[a-z-]{0,16}", 0..10)) {
            let all = shown(|cells| words.iter().for_each(|word| cells.word(word)));
            prop_assert_eq!(all, words.concat());
        }
    }

    #[test]
    fn the_longest_cells_fit() {
        let all = shown(|cells| {
            for _ in 0..5 {
                cells.number(u64::MAX);
            }
            cells.seconds(Timestamp(i64::MIN), 9);
            for _ in 0..4 {
                cells.word("0123456789abcdef");
            }
            for _ in 0..10 {
                cells.comma();
            }
        });
        assert!(all.len() < MOST && all.ends_with("def,,,,,,,,,,"));
        assert_eq!(shown(|cells| cells.number(0)), "0");
    }
}
