//! The ladder, drawn: client and server as two lines, time running down, an arrow an item.

use std::ops::Range;

use super::Options;
use super::canvas::{Anchor, Canvas, MARGIN, Style, WIDTH, columns};
use super::findings;
use crate::model::protocol::Side;
use crate::trace::{Chunk, Conversation, Item, ItemKind, PayloadReader, Store, Timestamp};
use crate::view::line::{LONGEST_CHARACTER, Line, duration, inflate};
use crate::words::Words;

/// Where the lines of client and server stand.
const CLIENT: f32 = 168.0;
const SERVER: f32 = WIDTH - MARGIN - 62.0;
/// Where times end; the packets of the client's side stand behind them.
const TIMES: f32 = 100.0;

/// How far from its line a side's packets are marked.
const PACKETS: f32 = 12.0;

const NUMBER: Style = Style::sans(13.0).bold().dim();
const TIME: Style = Style::mono(11.0).anchored(Anchor::End);
const KIND: Style = Style::sans(13.0).bold();
const SIZE: Style = Style::sans(12.0).dim();
const PREVIEW: Style = Style::mono(12.0);
const PACKET: Style = Style::mono(10.0).dim();

/// Draws some of a conversation's items, counted from 0.
pub fn ladder(talk: &Conversation, store: &Store, items: Range<usize>, options: &Options) -> String {
    let mut canvas = Canvas::new();
    let mut y = canvas.heading(&options.title, &options.below);
    y = ends(&mut canvas, talk, options.words, y);
    let top = y;
    let words = options.words;
    let mut ladder = Ladder { words, talk, store, payloads: PayloadReader::default(), packets: Vec::new() };
    let mut told = vec![];
    for number in items.start..items.end.min(talk.items.len()) {
        let Some(item) = talk.items.get(number) else { continue };
        told.push(ladder.told(number, item));
        y = ladder.draw(&mut canvas, number, item, y);
    }
    y += 6.0;
    for x in [CLIENT, SERVER] {
        canvas.line((x, top), (x, y), "line");
    }
    ladder.draw_packets(&mut canvas);
    let left = talk.items.len().saturating_sub(items.end);
    if left > 0 {
        let style = Style::sans(12.0).dim().centred();
        let more = format!("… {}", words.count("count-more-items", left as u64));
        canvas.text(f32::midpoint(CLIENT, SERVER), y + 12.0, &more, style);
        y += 18.0;
    }
    canvas.finish(y, options.theme, &options.title, &told.join(" "))
}

/// The heads of both lines; returns the height below them.
fn ends(canvas: &mut Canvas, talk: &Conversation, words: Words, y: f32) -> f32 {
    const HALF: f32 = 62.0;
    for (x, side, address) in [(CLIENT, "side-client", talk.client), (SERVER, "side-server", talk.server)] {
        canvas.card(x - HALF, y, 2.0 * HALF, 40.0, "box");
        canvas.text(x, y + 17.0, words.text(side), Style::sans(13.0).bold().centred());
        let style = Style::mono(10.0).dim().centred();
        let address = if address.ip().is_unspecified() { String::new() } else { address.to_string() };
        canvas.text(x, y + 32.0, &style.fit(&address, 2.0 * HALF - 8.0), style);
    }
    if talk.digits > 0 {
        let style = Style::sans(11.0).dim().anchored(Anchor::End);
        canvas.text(TIMES - 2.0, y + 32.0, words.text("figure-seconds"), style);
    }
    y + 40.0
}

struct Ladder<'a> {
    words: Words,
    talk: &'a Conversation,
    store: &'a Store,
    payloads: PayloadReader,
    /// The packets that were met: the side, the number, and from where to where their items reach.
    packets: Vec<(Side, u32, f32, f32)>,
}

impl Ladder<'_> {
    /// Draws one item and returns the height below it.
    fn draw(&mut self, canvas: &mut Canvas, number: usize, item: &Item, mut y: f32) -> f32 {
        const GAP: f32 = 14.0;
        let left = CLIENT + GAP;
        let room = SERVER - CLIENT - 2.0 * GAP;
        let row = Line::new(self.words, self.talk, self.store, number, item);
        let begin = y + 8.0;
        y = begin;
        canvas.group(None, &self.told(number, item));

        let size = format!("{} {}", self.words.number(item.length), self.words.text("unit-byte"));
        let columns = columns(room, PREVIEW.size).saturating_sub(1);
        let preview = self.content(&row, columns);
        let label = (number + 1).to_string();
        let what = [
            (label.as_str(), NUMBER),
            (row.kind(), KIND),
            (size.as_str(), SIZE),
            (preview.as_str(), PREVIEW),
        ];
        // What the item says stands behind its size if there is room, or else below.
        if Canvas::run_width(&what) <= room {
            canvas.run(left, y + 13.0, &what);
        } else {
            let [label, kind, size, _] = what;
            canvas.run(left, y + 13.0, &[label, kind, size]);
            y += 17.0;
            canvas.text(left, y + 13.0, &PREVIEW.fit(&preview, room), PREVIEW);
        }
        y += 25.0;
        self.time(canvas, number, item, y);
        self.arrow(canvas, item, y);
        self.note_packets(item, y);
        y += 5.0;
        for finding in self.talk.findings_of(number) {
            y = findings::words(canvas, finding, self.words, left + 4.0, y + 3.0, room - 8.0);
        }
        canvas.end_group();
        y + 3.0
    }

    /// When the item was complete, and how long after the one before.
    fn time(&self, canvas: &mut Canvas, number: usize, item: &Item, y: f32) {
        let digits = self.talk.digits.min(6);
        let (Some(first), true) = (self.talk.items.get(0), digits > 0) else { return };
        let time = self.talk.time_of(item);
        let since = Timestamp(time.since(self.talk.time_of(first)));
        canvas.text(TIMES, y + 4.0, &since.seconds(digits).to_string(), TIME);
        let before = number.checked_sub(1).and_then(|before| self.talk.items.get(before));
        if let Some(before) = before {
            let step = duration(time.since(self.talk.time_of(before)));
            canvas.text(TIMES, y - 10.0, &step, TIME.dim());
        }
    }

    fn arrow(&self, canvas: &mut Canvas, item: &Item, y: f32) {
        const HEAD: f32 = 11.0;
        let (from, to, back) = match item.side {
            Side::Client => (CLIENT, SERVER, -HEAD),
            Side::Server => (SERVER, CLIENT, HEAD),
        };
        let class = if item.kind == ItemKind::Gap { "line gone" } else { "line" };
        canvas.line((from, y), (to + back, y), class);
        canvas.shape(&[(to, y), (to + back, y - 5.0), (to + back, y + 5.0)], "ink");
        // Where packets end inside the item, the arrow is crossed.
        if item.length == 0 {
            return;
        }
        let chunks = self.talk.stream(item.side).chunks_in(item.range());
        for end in chunks.map(Chunk::end).filter(|end| *end < item.range().end) {
            let part = (end - item.offset) as f32 / item.length as f32;
            // The head of the arrow stays whole.
            let x = from + (to + 2.0 * back - from) * part;
            canvas.line((x, y - 4.0), (x, y + 4.0), "line");
        }
    }

    fn note_packets(&mut self, item: &Item, y: f32) {
        let chunks = self.talk.stream(item.side).chunks_in(item.range());
        for packet in chunks.map(Chunk::packet).filter(|packet| *packet > 0) {
            match self.packets.iter_mut().find(|(side, known, ..)| (*side, *known) == (item.side, packet)) {
                Some((.., bottom)) => *bottom = y,
                None => self.packets.push((item.side, packet, y, y)),
            }
        }
    }

    /// Marks the packets beside their side's line: one that holds several items reaches over all of them.
    fn draw_packets(&self, canvas: &mut Canvas) {
        let mut rest = self.packets.as_slice();
        while let Some(&(side, first, top, bottom)) = rest.first() {
            // Packets that hold parts of one item only are told together.
            let same =
                rest.iter().take_while(|(other, _, from, to)| (*other, *from, *to) == (side, top, bottom));
            let count = same.count();
            let last = rest.get(count - 1).map_or(first, |packet| packet.1);
            rest = rest.get(count..).unwrap_or_default();
            let out = if side == Side::Client { -1.0 } else { 1.0 };
            let line = if side == Side::Client { CLIENT } else { SERVER };
            let x = line + out * PACKETS;
            let (up, down) = if top < bottom { (top, bottom) } else { (top - 4.0, top + 4.0) };
            canvas.line((x, up), (x, down), "thin");
            if top < bottom {
                for y in [top, bottom] {
                    canvas.line((x, y), (line, y), "thin");
                }
            }
            let label = if first == last { format!("#{first}") } else { format!("#{first}–{last}") };
            let anchor = if side == Side::Client { Anchor::End } else { Anchor::Start };
            let style = PACKET.anchored(anchor);
            canvas.text(x + out * 4.0, f32::midpoint(up, down) + 3.5, &style.fit(&label, 46.0), style);
        }
    }

    /// What an item says, in at most `columns` columns.
    fn content(&mut self, row: &Line<'_>, columns: usize) -> String {
        let Self { talk, store, payloads, .. } = self;
        let limit = columns * LONGEST_CHARACTER;
        row.content(columns, &mut |message| inflate(payloads, talk, store, message, limit))
    }

    /// The item as a sentence.
    fn told(&mut self, number: usize, item: &Item) -> String {
        let row = Line::new(self.words, self.talk, self.store, number, item);
        let values = [
            ("number", (number + 1).to_string().into()),
            ("side", item.side.id().into()),
            ("kind", row.kind().into()),
            ("bytes", self.words.count("count-bytes", item.length).into()),
        ];
        let mut told = self.words.with("figure-item", &values);
        let preview = self.content(&row, 60);
        if !preview.is_empty() {
            told.push_str(", ");
            told.push_str(&preview);
        }
        told.push('.');
        for finding in self.talk.findings_of(number) {
            told.push(' ');
            told.push_str(&findings::sentence(finding, self.words));
        }
        told
    }
}
