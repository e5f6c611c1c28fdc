//! How well frames fit from a place on, where nobody knows whether they are frames.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use super::cx::peek;
use crate::model::dialect::LastBit;
use crate::model::protocol::Side;
use crate::trace::store::Store;
use crate::trace::stream::Stream;
use crate::wire::deflate::{Unit, tokens};
use crate::wire::frame::coding::Coding;
use crate::wire::frame::hixie::TERMINATOR;
use crate::wire::frame::hybi::{Header, LengthForm, Opcode};
use crate::wire::message::Reserved;

/// No more frames than this are tried in a row.
const FRAMES: u32 = 8;

/// How much of a payload is looked at.
const LOOKED_AT: usize = 256;

/// How much of a text of hixie is looked at.
const TEXT: u64 = 4096;

/// What a place may be the beginning of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fit {
    /// How many frames fit, and how well: enough to go by where frames are known to be spoken.
    pub(super) score: u32,
    /// How unlikely it is that bytes of another protocol would look so, as the number of coins that would all have to
    /// show heads.
    pub(super) bits: u32,
    /// So many of the frames begin a text or a binary message.
    pub(super) data: u32,
    /// A message is compressed.
    pub(super) compressed: bool,
    /// Something is there that a type and a length before each message of another protocol would not make: a length of
    /// 16 bits behind 126, or fragments.
    pub(super) is_telling: bool,
    /// What stands for the payloads of the first ping and the first pong.
    pub(super) pinged: Option<u64>,
    pub(super) ponged: Option<u64>,
}

/// How frames would be written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// As in hybi-01 to RFC 6455.
    Hybi(Coding),
    /// As in hixie-75 and hixie-76.
    Hixie,
}

/// What is tried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trial {
    pub(super) side: Side,
    pub(super) way: Way,
    /// What reserved bits and opcodes may say.
    pub(super) reserved: Reserved,
    /// Nobody knows that these are frames: they must look as those of real software do.
    pub(super) strict: bool,
}

impl Trial {
    /// How well frames fit from `at` on; none if one of them breaks a rule.
    pub(super) fn fit(&self, stream: &Stream, store: &Store, at: u64) -> Option<Fit> {
        match &self.way {
            Way::Hybi(coding) => self.hybi(coding, stream, store, at),
            Way::Hixie => hixie(stream, store, self.strict, at),
        }
    }

    /// Whether a frame that is worth a try may begin with these bytes. One that continues a message and does not end it, or
    /// ends it with nothing, is not: runs of zeros are no evidence.
    pub(super) fn may_begin(&self, bytes: &[u8]) -> bool {
        let coding = match &self.way {
            Way::Hybi(coding) => coding,
            Way::Hixie => return matches!(bytes, [0x00] | [0x00, 1..=0xFF, ..] | [0xFF, 0x00, ..]),
        };
        let first = if coding.is_latest() { bytes.first().copied() } else { coding.first_byte(bytes) };
        let Some(first) = first else { return false };
        if self.reserved.foreign {
            return first & 0x8F != 0;
        }
        let compressed = match self.reserved.rsv1 {
            Some(Unit::Message) => matches!(first, 0x41 | 0x42 | 0xC1 | 0xC2),
            Some(Unit::Frame) => matches!(first, 0x41 | 0x42 | 0xC0..=0xC2),
            None => false,
        };
        let begins = compressed || matches!(first, 0x01 | 0x02 | 0x80..=0x82 | 0x88..=0x8A);
        let masks = |second: &u8| (second & 0x80 != 0) == (self.side == Side::Client);
        let is_empty = matches!(bytes, [0x80, 0x00 | 0x80, ..]) && coding.is_latest();
        begins && !is_empty && (!coding.is_latest() || bytes.get(1).is_none_or(masks))
    }

    /// Whether the header at `at` keeps every rule that it can break by itself; none while it is not there.
    pub(super) fn begins(&self, stream: &Stream, store: &Store, at: u64) -> Option<bool> {
        let Way::Hybi(coding) = &self.way else { return None };
        let mut buffer = [0u8; Header::MAX];
        let filled = peek(stream, store, at, stream.chunk_at(at)?, &mut buffer);
        coding.read(&buffer[..filled]).map(|(header, _)| self.is_plausible(coding, &header))
    }

    /// Where a frame ends that would begin at `at` and whose length takes more than 7 bits, if its header is plausible.
    pub(super) fn long_frame(&self, stream: &Stream, store: &Store, at: u64) -> Option<u64> {
        let Way::Hybi(coding) = &self.way else { return None };
        let mut buffer = [0u8; Header::MAX];
        let filled = peek(stream, store, at, stream.chunk_at(at)?, &mut buffer);
        let (header, length) = coding.read(&buffer[..filled])?;
        if !self.is_plausible(coding, &header) || header.length_form == LengthForm::Short {
            return None;
        }
        at.checked_add(length as u64)?.checked_add(header.payload_length)
    }

    /// Whether a header keeps every rule that it can break by itself.
    fn is_plausible(&self, coding: &Coding, header: &Header) -> bool {
        let Reserved { rsv1, foreign } = self.reserved;
        let may_be_compressed = match header.opcode {
            Opcode::TEXT | Opcode::BINARY => rsv1.is_some(),
            Opcode::CONTINUATION => rsv1 == Some(Unit::Frame),
            _ => false,
        };
        let [compressed, others @ ..] = header.rsv;
        let free = foreign || !header.opcode.is_reserved() && others == [false; 2];
        free && (!compressed || foreign || may_be_compressed)
            && !header.rsv4
            && (!coding.has_mask_bit() || header.mask.is_some() == (self.side == Side::Client))
            && header.length_form == LengthForm::minimal(header.payload_length)
            && header.payload_length >> 63 == 0
            && !(header.opcode.is_control() && (!header.fin || header.length_form != LengthForm::Short))
    }

    fn hybi(&self, coding: &Coding, stream: &Stream, store: &Store, at: u64) -> Option<Fit> {
        let mut fit = Fit::default();
        let mut at = at;
        // Whether a message has begun; not known of the first frame.
        let mut open: Option<bool> = None;
        let mut before = Shown::default();
        for _ in 0..FRAMES {
            let hint = stream.chunk_at(at).unwrap_or(usize::MAX);
            let mut buffer = [0u8; Header::MAX];
            let filled = peek(stream, store, at, hint, &mut buffer);
            let Some((header, length)) = coding.read(&buffer[..filled]) else { break };
            if !self.is_plausible(coding, &header) {
                return None;
            }
            let begins = matches!(header.opcode, Opcode::TEXT | Opcode::BINARY);
            if self.strict && !header.opcode.is_control() {
                if open.is_some_and(|open| open == begins) {
                    return None;
                }
                fit.is_telling |= open == Some(true);
                open = Some(!header.fin);
            }
            let payload = at.checked_add(length as u64)?;
            let end = payload.checked_add(header.payload_length)?;
            let shown = if self.strict { Shown::of(stream, store, at..end, hint) } else { Shown::default() };
            if shown.is_monotonous() {
                return None;
            }
            let peeked = |buffer: &mut [u8]| peek(stream, store, payload, hint, buffer);
            let content = match self.content(coding, &header, &mut fit, peeked) {
                // A code that nobody knows: software sends such, but it is no evidence.
                None if header.opcode == Opcode::CLOSE && fit.score > 0 => break,
                content => content?,
            };
            fit.compressed |= header.rsv[0];
            if end > stream.end() {
                break;
            }
            // An empty frame says little: runs of zeros look like many.
            if header.payload_length > 0 || header.opcode.is_control() {
                let lands = ends_segment(stream, end);
                fit.score += 1 + u32::from(lands);
                fit.data += u32::from(begins);
                fit.is_telling |= lands && header.length_form != LengthForm::Short;
                // The same bytes again say nothing new.
                if (header.fin || begins) && (!self.strict || shown != before) {
                    // Small numbers begin many protocols' messages, a set high bit does not.
                    let high = header.fin != (coding.layout().last == LastBit::More);
                    fit.bits += 5 * u32::from(high) + 8 * u32::from(lands) + content;
                    fit.bits += u32::from(header.mask.is_some());
                    fit.bits += 16 * u32::from(header.length_form == LengthForm::Long);
                }
            }
            (at, before) = (end, shown);
            if at == stream.end() {
                break;
            }
            if self.strict && header.opcode == Opcode::CLOSE {
                return None; // Nobody sends on after a close frame.
            }
        }
        Some(fit)
    }

    /// What a frame's payload says for it, in bits; none where it breaks a rule. `peek` shows its first bytes.
    fn content(
        &self,
        coding: &Coding,
        header: &Header,
        fit: &mut Fit,
        peek: impl Fn(&mut [u8]) -> usize,
    ) -> Option<u32> {
        let compressed = header.rsv[0] && !self.reserved.foreign;
        let is_looked_at = match header.opcode {
            _ if self.reserved.foreign => false,
            Opcode::TEXT | Opcode::CLOSE => true,
            Opcode::PING | Opcode::PONG => self.strict,
            _ => compressed,
        };
        if !is_looked_at {
            return Some(0);
        }
        let inside = usize::try_from(header.payload_length).unwrap_or(usize::MAX);
        let mut buffer = [0u8; LOOKED_AT];
        let shown = buffer.get_mut(..inside.min(LOOKED_AT))?;
        let filled = peek(shown);
        let shown = shown.get_mut(..filled)?;
        coding.mask(header, shown, 0);
        let whole = shown.len() == inside;
        match header.opcode {
            _ if compressed => {
                let last = whole && (header.fin || self.reserved.rsv1 == Some(Unit::Frame));
                if inflates(shown, last) { Some(12) } else { (!self.strict).then_some(0) }
            }
            Opcode::TEXT => {
                let readable = match std::str::from_utf8(shown) {
                    Ok(_) => true,
                    // A character may be cut where the looked-at bytes end, or the frame.
                    Err(error) => error.error_len().is_none() && !(whole && header.fin),
                };
                if !readable {
                    return None;
                }
                fit.score += u32::from(!shown.is_empty());
                if !shown.iter().all(|byte| is_printable(*byte)) {
                    return Some(0);
                }
                // Under a mask that other bytes would have by chance no text comes out.
                let length = shown.len() as u32;
                Some(if header.mask.is_some() { length.min(16) } else { (length / 4).min(4) })
            }
            Opcode::CLOSE if whole && self.strict => fits_close(coding, shown),
            Opcode::PING if whole && !shown.is_empty() => {
                fit.pinged.get_or_insert(number_of(shown));
                Some(0)
            }
            Opcode::PONG if whole && !shown.is_empty() => {
                fit.ponged.get_or_insert(number_of(shown));
                Some(0)
            }
            _ => Some(0),
        }
    }
}

/// What the body of a close frame says for it.
fn fits_close(coding: &Coding, body: &[u8]) -> Option<u32> {
    if coding.layout().last == LastBit::More {
        // Anything may stand there.
        return Some(0);
    }
    // In hybi-05 the letter of the side that closed first.
    if !coding.is_latest() && matches!(body, [b'C' | b'S', ..]) {
        return Some(8);
    }
    match body.split_first_chunk::<2>() {
        None => body.is_empty().then_some(0),
        Some((code, reason)) => {
            let plausible = (1000..5000).contains(&u16::from_be_bytes(*code));
            (plausible && std::str::from_utf8(reason).is_ok()).then_some(12)
        }
    }
}

/// A number that other bytes hardly have.
fn number_of(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// The first bytes of a frame as they stand on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Shown {
    bytes: [u8; 32],
    length: usize,
}

impl Shown {
    fn of(stream: &Stream, store: &Store, frame: Range<u64>, hint: usize) -> Self {
        let mut shown = Self::default();
        let length = usize::try_from(frame.end - frame.start).unwrap_or(usize::MAX).min(32);
        shown.length =
            shown.bytes.get_mut(..length).map_or(0, |room| peek(stream, store, frame.start, hint, room));
        shown
    }

    /// Whether no more than two bytes take turns, as nobody's header, key and payload do.
    fn is_monotonous(&self) -> bool {
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        let Some((first, rest)) = bytes.split_first().filter(|_| bytes.len() > 4) else { return false };
        let second = rest.iter().find(|byte| *byte != first).unwrap_or(first);
        rest.iter().all(|byte| byte == first || byte == second)
    }
}

/// Whether a segment, or the stream, ends at `end`.
fn ends_segment(stream: &Stream, end: u64) -> bool {
    end == stream.end()
        || stream.chunk_at(end).and_then(|n| stream.chunks().get(n)).is_some_and(|c| c.offset() == end)
}

/// What stands in texts that people and programs send.
const fn is_printable(byte: u8) -> bool {
    byte >= 0x20 && byte != 0x7F || matches!(byte, b'\t' | b'\n' | b'\r')
}

/// Whether bytes are the beginning of a DEFLATE stream, or all of what was compressed at once.
fn inflates(bytes: &[u8], whole: bool) -> bool {
    let mut reader = tokens::Reader::new();
    let mut feed = |bytes: &[u8]| reader.feed(bytes, |_, _| std::ops::ControlFlow::Continue(())).is_ok();
    if bytes.is_empty() || !feed(bytes) {
        return false;
    }
    !whole || feed(&[0, 0, 0xFF, 0xFF]) && reader.between_blocks()
}

/// `00`, UTF-8, `FF`; and `FF 00`.
fn hixie(stream: &Stream, store: &Store, strict: bool, at: u64) -> Option<Fit> {
    let mut fit = Fit::default();
    let (mut at, mut closed) = (at, false);
    for _ in 0..FRAMES {
        let first = stream.bytes(store, at..(at + 2).min(stream.end()));
        let (end, length) = match *first {
            [] | [0xFF] => break,
            _ if strict && closed => return None, // Nobody sends on.
            [0xFF, 0] => (at + 2, 8),
            [0, ..] => match text(stream, store, at + 1, strict) {
                Text::Ends(length) => (at + length + 2, length),
                Text::GoesOn => break,
                Text::None => return None,
            },
            _ => return None,
        };
        let lands = u32::from(ends_segment(stream, end));
        fit.score += 1 + lands + u32::from(length > 0);
        fit.data += 1;
        if length > 0 {
            fit.bits += 8 + 8 * lands + length.min(12) as u32;
        }
        (at, closed) = (end, first[0] == 0xFF);
    }
    (fit.score > 0).then_some(fit)
}

/// What bytes are behind the 00 with which a text may begin.
enum Text {
    /// A text of so many bytes, and its terminator.
    Ends(u64),
    /// The beginning of a text.
    GoesOn,
    /// No text.
    None,
}

/// Looks for a text up to its terminator. One that holds the character U+0000 is none: nearly all that begins with 00 goes
/// on with it. Costs no more than the text has bytes.
fn text(stream: &Stream, store: &Store, at: u64, strict: bool) -> Text {
    let mut looked = 64;
    loop {
        let bytes = stream.bytes(store, at..(at + looked).min(stream.end()));
        let end = memchr::memchr2(TERMINATOR, 0, &bytes);
        if end.is_some_and(|end| bytes.get(end) == Some(&0)) {
            return Text::None;
        }
        let text = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
        let readable = match std::str::from_utf8(text) {
            Ok(_) => true,
            Err(error) => end.is_none() && error.error_len().is_none(),
        };
        if !readable || strict && !text.iter().all(|byte| is_printable(*byte)) {
            return Text::None;
        }
        if end.is_some() || looked >= TEXT || (bytes.len() as u64) < looked {
            return end.map_or(Text::GoesOn, |end| Text::Ends(end as u64));
        }
        looked *= 4;
    }
}
