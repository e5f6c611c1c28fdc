//! How an inflated message follows from its payload: the derivation `deflate.inflate`.

use std::ops::{ControlFlow, Range};

use super::TAIL;
use super::negotiate::Unit;
use super::stream::StreamInflater;
use super::tokens::{BlockKind, Broken, Reader, Token};
use crate::facts;
use crate::model::derive::{Derivation, Input, ItemRef, Shown, Step};
use crate::model::facts::{Fact, Facts};
use crate::model::field::{BitRange, hex, spaced_hex};
use crate::model::spec::Document::{Rfc1951, Rfc7692};

/// The most tokens of a message that are read for an explanation.
pub const MAX_TOKENS: usize = 4096;

/// The most tokens of a block that are written out.
const SHOWN_TOKENS: usize = 128;

/// The most characters of a text that are written out.
const PREVIEW: usize = 64;

/// What was agreed about a sender's window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its size in bits, 8 to 15.
    pub bits: u8,
    /// It is kept from one to the next.
    pub kept: bool,
    /// What is compressed by itself.
    pub unit: Unit,
}

/// How a compressed message inflates, or a frame that is compressed by itself.
///
/// - `payload`: its payload, unmasked, its fragments put together, as it was on the wire;
/// - `parts`: where it stands: for each fragment in order the item and the bits of its payload there, which
///   together are as long as `payload`;
/// - `history`: what the sender's window holds, the last byte last; empty where it is empty or not known;
/// - `window`: what was agreed about it.
///
/// The steps: the tail is put back, then each block with its literals and copies, then the message. A stream that
/// breaks ends with a step that says where and why.
pub fn derivation(
    payload: &[u8],
    parts: &[(ItemRef, BitRange)],
    history: &[u8],
    window: Window,
) -> Derivation {
    let here = parts.iter().filter(|(item, _)| *item == ItemRef::This).map(|&(_, bits)| bits);
    let bits = here.reduce(|first, last| BitRange::new(first.start, last.end)).unwrap_or(BitRange::new(0, 0));
    let skipped = behind_header(payload).map_or(0, |behind| payload.len() - behind.len());
    let stream = payload.get(skipped..).unwrap_or_default();
    let mut story = Story::new(history, window);
    story.skipped = skipped;
    let mut reader = Reader::new();
    let mut result = reader.feed(stream, |token, place| story.hear(token, place));
    let there = stream.len() as u64 * 8;
    let ending = if story.finished && (skipped > 0 || story.read == there) {
        "final"
    } else if payload.ends_with(&TAIL) && result.is_ok() && reader.between_blocks() && story.read == there {
        "tail-left"
    } else {
        "tail"
    };
    let put_back: &[u8] = if ending == "tail" { &TAIL } else { &[] };
    if result.is_ok() && !story.stopped {
        result = reader.feed(put_back, |token, place| story.hear(token, place));
    }
    let whole = story.empty_block == there + TAIL.len() as u64 * 8 && reader.between_blocks();
    story.end(result.err(), ending != "tail" || whole);
    let mut steps = Vec::new();
    if skipped > 0 {
        steps.push(header_step(payload, skipped, parts));
    }
    let first = steps.len();
    let bytes = skipped as u64..payload.len() as u64;
    let shown = match ending {
        "tail" => facts!("tail", count = stream.len(), tail = spaced_hex(&TAIL)),
        _ => facts!("as-it-is", count = stream.len()),
    };
    let constant = (ending == "tail").then_some(Input::Constant("00 00 FF FF"));
    steps.push(Step {
        operation: "concat",
        label: Facts::form(ending),
        inputs: places(parts, bytes).chain(constant).collect(),
        shown: shown.into(),
        output: shortened(&[stream, put_back].concat()),
        on_wire: None,
    });
    let blocks = story.blocks.len();
    steps.extend(story.steps(skipped, parts, Some(&Input::Step(first))));
    let output = story.output.get(story.history..).unwrap_or_default();
    steps.push(Step {
        operation: "concat",
        label: Facts::form(match (window.unit, story.stopped) {
            (Unit::Message, false) => "message",
            (Unit::Message, true) => "message-in-part",
            (Unit::Frame, false) => "frame",
            (Unit::Frame, true) => "frame-in-part",
        }),
        inputs: (first + 1..=first + blocks).map(Input::Step).collect(),
        shown: facts!("message", payload = payload.len(), count = output.len()).into(),
        output: preview(output),
        on_wire: None,
    });
    let section = match window.unit {
        Unit::Message => Rfc7692.section("7.2.2"),
        Unit::Frame => Rfc1951.section("2"),
    };
    Derivation { id: "deflate.inflate", section, bits, steps }
}

/// How a piece of a compressed stream inflates (`deflate-stream`): `before` has read the `at` bytes of the stream that
/// stand before it.
///
/// The steps: each block, or the part of it that stands here, with its literals and copies; then what the piece carries.
pub fn of_stream(before: &StreamInflater, at: u64, bytes: &[u8]) -> Derivation {
    let bits = BitRange::bytes(0, bytes.len());
    let parts = [(ItemRef::This, bits)];
    let skipped = if before.is_at_beginning() && at == 0 {
        behind_header(bytes).map_or(0, |behind| bytes.len() - behind.len())
    } else {
        0
    };
    let mut story = Story::new(before.window(), Window { bits: 15, kept: true, unit: Unit::Frame });
    let mut reader = before.reader().clone();
    if !reader.between_blocks() {
        story.blocks.push(Block::new(facts!("goes-on"), 0..0, story.history));
    }
    // The reader counts from the first block's first bit.
    let base = (at + skipped as u64).saturating_sub(before.header_length()) * 8;
    let result = reader.feed(bytes.get(skipped..).unwrap_or_default(), |token, place| {
        story.hear(token, place.start.saturating_sub(base)..place.end.saturating_sub(base))
    });
    if let Err(broken) = result {
        story.end(Some(broken), false);
    }
    let mut steps = Vec::new();
    if skipped > 0 {
        steps.push(header_step(bytes, skipped, &parts));
    }
    let first = steps.len();
    steps.extend(story.steps(skipped, &parts, None));
    let output = story.output.get(story.history..).unwrap_or_default();
    steps.push(Step {
        operation: "concat",
        label: facts!("stream"),
        inputs: (first..first + story.blocks.len()).map(Input::Step).collect(),
        shown: facts!("message", payload = bytes.len(), count = output.len()).into(),
        output: preview(output),
        on_wire: None,
    });
    Derivation { id: "deflate.stream", section: Rfc1951.section("2"), bits, steps }
}

fn header_step(payload: &[u8], length: usize, parts: &[(ItemRef, BitRange)]) -> Step {
    let (header, behind) = payload.split_at_checked(length).unwrap_or((payload, &[]));
    Step {
        operation: "concat",
        label: facts!("header"),
        inputs: places(parts, 0..length as u64).collect(),
        shown: facts!("header", header = spaced_hex(header)).into(),
        output: shortened(behind),
        on_wire: None,
    }
}

/// What stands behind a zlib header (RFC 1950 section 2.2), where the payload makes sense only without it.
fn behind_header(payload: &[u8]) -> Option<&[u8]> {
    let (&[method, flags], behind) = payload.split_first_chunk()?;
    let says_deflate = method & 0x0F == 8 && method >> 4 <= 7 && flags & 0x20 == 0;
    let says_so = says_deflate && u16::from_be_bytes([method, flags]).is_multiple_of(31);
    // A header is read as the lengths of a block without compression.
    let mut blocks = 0;
    let read = Reader::new().feed(&[payload, &TAIL].concat(), |_, _| {
        blocks += 1;
        ControlFlow::Break(())
    });
    (says_so && read.is_err() && blocks == 0).then_some(behind)
}

/// Where bytes of the payload stand in the items. Bytes of the tail stand nowhere.
fn places(parts: &[(ItemRef, BitRange)], bytes: Range<u64>) -> impl Iterator<Item = Input> {
    let mut begin = 0;
    parts.iter().filter_map(move |&(item, bits)| {
        let length = bits.len() / 8;
        let (first, last) = (bytes.start.max(begin), bytes.end.min(begin + length));
        let found = BitRange::new(
            bits.start + first.saturating_sub(begin) * 8,
            bits.start + last.saturating_sub(begin) * 8,
        );
        begin += length;
        (first < last).then_some(Input::Bits { item, bits: found })
    })
}

/// One block, told.
struct Block {
    title: Facts,
    bits: Range<u64>,
    /// What it adds, in the output with the history before it.
    output: Range<usize>,
    words: Vec<Shown>,
    tokens: usize,
    note: Option<Facts>,
}

impl Block {
    fn new(title: Facts, bits: Range<u64>, output: usize) -> Self {
        Self { title, bits, output: output..output, words: Vec::new(), tokens: 0, note: None }
    }

    fn push(&mut self, token: Shown) {
        if let (Some(Shown::Formula(before)), Shown::Formula(literal)) = (self.words.last_mut(), &token) {
            before.push(' ');
            before.push_str(literal);
        } else {
            self.words.push(token);
        }
    }

    fn shown(&self) -> Shown {
        let mut parts = self.words.clone();
        if self.tokens > SHOWN_TOKENS {
            parts.push(facts!("more", count = self.tokens - SHOWN_TOKENS).into());
        }
        parts.extend(self.note.clone().map(Shown::Words));
        Shown::Parts(parts)
    }
}

/// What the reader tells, collected.
struct Story {
    blocks: Vec<Block>,
    /// The history, and what was inflated.
    output: Vec<u8>,
    history: usize,
    window: usize,
    /// The window is kept from message to message.
    kept: bool,
    tokens: usize,
    /// So many bytes of the payload are a zlib header.
    skipped: usize,
    /// Where the last empty block without compression ended: of a complete message, at the end of the tail.
    empty_block: u64,
    /// The block being read has BFINAL.
    last: bool,
    /// A block with BFINAL has ended, and nothing follows.
    finished: bool,
    /// Where the last token ended, at the next byte's first bit where a block with BFINAL did.
    read: u64,
    stopped: bool,
}

impl Story {
    fn new(history: &[u8], window: Window) -> Self {
        // All that any window can hold: a sender may look back further than it said.
        let seen = history.get(history.len().saturating_sub(1 << 15)..).unwrap_or_default();
        Self {
            blocks: Vec::new(),
            output: seen.to_vec(),
            history: seen.len(),
            window: 1 << window.bits.clamp(8, 15),
            kept: window.kept,
            tokens: 0,
            skipped: 0,
            empty_block: 0,
            last: false,
            finished: false,
            read: 0,
            stopped: false,
        }
    }

    fn hear(&mut self, token: Token, place: Range<u64>) -> ControlFlow<()> {
        if self.tokens == MAX_TOKENS {
            return self.stop(facts!("limit", count = MAX_TOKENS));
        }
        self.tokens += 1;
        let at = self.output.len();
        self.finished = token == Token::End && self.last;
        self.read = if self.finished { place.end.next_multiple_of(8) } else { place.end };
        if let Token::Block { last, kind } = token {
            self.last = last;
            if kind == BlockKind::Stored(0) {
                self.empty_block = place.end;
            }
            self.blocks.push(Block::new(title(last, kind), place, at));
            return ControlFlow::Continue(());
        }
        let words: Shown = match token {
            Token::Literal(byte) | Token::Stored(byte) => {
                self.output.push(byte);
                letter(byte).into()
            }
            Token::Copy { length, distance } => {
                let Some(copied) = self.copy(usize::from(length), usize::from(distance)) else {
                    let there = self.output.len();
                    return self.stop(facts!("unknown", length, distance, there));
                };
                let text = preview(&copied);
                if !self.kept && usize::from(distance) > at - self.history {
                    facts!("copy-kept", length, distance, text).into()
                } else if usize::from(distance) > self.window {
                    facts!("copy-beyond", length, distance, window = self.window, text).into()
                } else {
                    facts!("copy", length, distance, text).into()
                }
            }
            Token::Block { .. } | Token::End => facts!("end").into(),
        };
        let end = self.output.len();
        if let Some(block) = self.blocks.last_mut() {
            block.bits.end = place.end;
            block.output.end = end;
            if block.tokens < SHOWN_TOKENS {
                block.push(words);
            }
            block.tokens += 1;
        }
        // Behind the stream of zlib stands its checksum.
        if self.finished && self.skipped > 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn copy(&mut self, length: usize, distance: usize) -> Option<Vec<u8>> {
        let start = self.output.len().checked_sub(distance)?;
        for at in start..start + length {
            // A copy may reach into what it just wrote: that is how DEFLATE repeats.
            self.output.push(*self.output.get(at)?);
        }
        self.output.get(self.output.len() - length..).map(<[u8]>::to_vec)
    }

    /// A step for each block; `skipped` bytes stand before the first, and each takes `from` too.
    fn steps(&self, skipped: usize, parts: &[(ItemRef, BitRange)], from: Option<&Input>) -> Vec<Step> {
        let step = |(index, block): (usize, &Block)| {
            let skipped = skipped as u64;
            let bytes = skipped + block.bits.start / 8..skipped + block.bits.end.div_ceil(8);
            Step {
                operation: "inflate",
                label: block.title.clone().with("number", index + 1),
                inputs: places(parts, bytes).chain(from.cloned()).collect(),
                shown: block.shown(),
                output: preview(self.output.get(block.output.clone()).unwrap_or_default()),
                on_wire: None,
            }
        };
        self.blocks.iter().enumerate().map(step).collect()
    }

    fn stop(&mut self, why: Facts) -> ControlFlow<()> {
        self.stopped = true;
        if let Some(block) = self.blocks.last_mut() {
            block.note = Some(why);
        }
        ControlFlow::Break(())
    }

    /// The stream is at its end.
    fn end(&mut self, broken: Option<Broken>, complete: bool) {
        if self.stopped || (broken.is_none() && complete) {
            return;
        }
        let why = broken.map_or(facts!("cut"), |broken| facts!("broken", why = Fact::said(&broken)));
        if self.blocks.is_empty() || broken == Some(Broken::BlockType) || broken == Some(Broken::StoredLength)
        {
            let at = self.output.len();
            let bits = self.blocks.last().map_or(0, |block| block.bits.end);
            self.blocks.push(Block::new(facts!("no-block"), bits..bits + 3, at));
        }
        let _ = self.stop(why);
    }
}

fn title(last: bool, kind: BlockKind) -> Facts {
    let facts = match kind {
        BlockKind::Stored(length) => facts!("stored", length),
        BlockKind::Fixed => facts!("fixed"),
        BlockKind::Dynamic => facts!("dynamic"),
    };
    facts.with("last", u8::from(last))
}

/// A byte as a character in quotes, or in hex.
fn letter(byte: u8) -> String {
    if byte == b' ' || byte.is_ascii_graphic() { format!("'{}'", char::from(byte)) } else { hex(&[byte]) }
}

/// Bytes as text in quotes where they are text, else in hex; shortened.
fn preview(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            let short: String = text.chars().take(PREVIEW).collect();
            let more = if short.len() < text.len() { "…" } else { "" };
            format!("{short:?}{more}")
        }
        Err(_) => shortened(bytes),
    }
}

fn shortened(bytes: &[u8]) -> String {
    let more = if bytes.len() > PREVIEW { "…" } else { "" };
    format!("{}{more}", hex(bytes.get(..PREVIEW).unwrap_or(bytes)))
}
