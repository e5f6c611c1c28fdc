//! The two lines of the ladder, and what is marked on them: packets, fragments of a message, what is missing.

use egui::{Painter, Rangef, Rect, Stroke, Visuals, pos2, vec2};

use crate::model::protocol::Side;
use crate::trace::{Chunk, Conversation, Item, ItemKind, message_around};
use crate::words::Words;

/// So many packets of an item are drawn one by one.
const DRAWN: usize = 6;

/// How far beside the line packets are marked, and how far inside the brackets of fragments are.
const BESIDE: f32 = 5.0;

/// The same for fragments.
const INSIDE: f32 = 6.0;

/// What a message of several frames is at an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bracket {
    First,
    Between,
    Last,
}

/// What is marked on the lines beside an item.
#[derive(Debug)]
pub(super) struct Rails {
    side: Side,
    kind: ItemKind,
    /// How many packets hold the item, at most one more than are drawn.
    packets: usize,
    /// The first one began before the item; the last one goes on behind it.
    shared: (bool, bool),
    brackets: [Option<Bracket>; 2],
}

impl Rails {
    pub(super) fn new(talk: &Conversation, number: usize, item: &Item) -> Self {
        let range = item.range();
        let mut chunks = talk.stream(item.side).chunks_in(range.clone());
        let first = chunks.next();
        let packets = first.iter().count() + chunks.take(DRAWN).count();
        let last = talk.stream(item.side).chunks().get(item.chunk as usize);
        let shared = (
            first.is_some_and(|chunk| chunk.offset() < range.start),
            last.is_some_and(|chunk| chunk.end() > range.end),
        );
        let brackets = Side::BOTH.map(|side| bracket(talk, number, side));
        Self { side: item.side, kind: item.kind, packets, shared, brackets }
    }

    /// Draws the lines through a row, whose arrow is at `arrow`.
    pub(super) fn draw(&self, painter: &Painter, visuals: &Visuals, rect: Rect, arrow: f32, lines: [f32; 2]) {
        for (side, x) in Side::BOTH.into_iter().zip(lines) {
            let outwards = if side == Side::Client { -1.0 } else { 1.0 };
            let broken = side == self.side && matches!(self.kind, ItemKind::Gap | ItemKind::Unparsed);
            if broken {
                self::broken(painter, visuals, x, rect);
            } else {
                line(painter, visuals, x, rect.y_range());
            }
            if side == self.side {
                self.draw_packets(painter, visuals, x + outwards * BESIDE, rect);
            }
            if let Some(bracket) = self.brackets.get(side.index()).copied().flatten() {
                let at = x - outwards * INSIDE;
                let stroke = Stroke::new(1.5, visuals.hyperlink_color);
                let (from, to) = match bracket {
                    Bracket::First => (arrow, rect.bottom()),
                    Bracket::Between => (rect.top(), rect.bottom()),
                    Bracket::Last => (rect.top(), arrow),
                };
                painter.vline(at, from..=to, stroke);
                if bracket != Bracket::Between {
                    painter.hline(Rangef::new(at.min(x), at.max(x)), arrow, stroke);
                }
            }
        }
    }

    /// A bar for each packet: bars that touch the edge of the row are of a packet that other items share.
    fn draw_packets(&self, painter: &Painter, visuals: &Visuals, x: f32, rect: Rect) {
        const EDGE: f32 = 5.0;
        const BETWEEN: f32 = 3.0;
        let count = self.packets.min(DRAWN);
        if count == 0 {
            return;
        }
        let top = rect.top() + if self.shared.0 { 0.0 } else { EDGE };
        let bottom = rect.bottom() - if self.shared.1 { 0.0 } else { EDGE };
        let each = (bottom - top - BETWEEN * (count - 1) as f32) / count as f32;
        let stroke = Stroke::new(3.0, visuals.weak_text_color().gamma_multiply(0.6));
        for packet in 0..count {
            let from = top + packet as f32 * (each + BETWEEN);
            painter.vline(x, from..=from + each, stroke);
        }
    }
}

/// A line of the ladder.
pub(super) fn line(painter: &Painter, visuals: &Visuals, x: f32, y: Rangef) {
    painter.vline(x, y, Stroke::new(1.5, visuals.text_color().gamma_multiply(0.55)));
}

/// A line that is interrupted by two strokes.
fn broken(painter: &Painter, visuals: &Visuals, x: f32, rect: Rect) {
    let middle = rect.top() + rect.height() * 0.38;
    line(painter, visuals, x, Rangef::new(rect.top(), middle - 3.0));
    line(painter, visuals, x, Rangef::new(middle + 3.0, rect.bottom()));
    let stroke = Stroke::new(1.5, visuals.text_color());
    for y in [middle - 3.0, middle + 3.0] {
        painter.line_segment([pos2(x, y) - vec2(5.0, -2.0), pos2(x, y) + vec2(5.0, -2.0)], stroke);
    }
}

/// What of a message of several frames of `side` stands at an item.
fn bracket(talk: &Conversation, number: usize, side: Side) -> Option<Bracket> {
    let message = message_around(talk, side, number)?;
    Some(match number {
        _ if number == message.first as usize => Bracket::First,
        _ if number == message.last as usize => Bracket::Last,
        _ => Bracket::Between,
    })
}

/// In which packets an item stands, and with whom it shares them. None where there are no packets.
pub(super) fn packets(words: Words, talk: &Conversation, number: usize, item: &Item) -> Option<String> {
    let chunks = || talk.stream(item.side).chunks_in(item.range());
    let first = chunks().next()?;
    let last = talk.stream(item.side).chunks().get(item.chunk as usize).unwrap_or(first);
    let rails = Rails::new(talk, number, item);
    let mut told = match (first.packet(), last.packet()) {
        (0, _) => {
            let count = chunks().count();
            words.with("ladder-pieces", &[("count", count.into())])
        }
        (one, other) if one == other => words.with("ladder-packet", &[("packet", one.into())]),
        _ => {
            let numbers: Vec<String> =
                chunks().take(DRAWN).map(Chunk::packet).map(|packet| packet.to_string()).collect();
            let more =
                if chunks().nth(DRAWN).is_some() { format!(" … {}", last.packet()) } else { String::new() };
            words.with("ladder-packets", &[("packets", format!("{}{more}", numbers.join(", ")).into())])
        }
    };
    let shared = match rails.shared {
        (true, true) => Some("ladder-shared-both"),
        (true, false) => Some("ladder-shared-before"),
        (false, true) => Some("ladder-shared-behind"),
        (false, false) => None,
    };
    if let Some(shared) = shared {
        told.push_str(" · ");
        let side = side_word(words, item.side);
        told.push_str(&words.with(shared, &[("side", side.into())]));
    }
    Some(told)
}

/// The side in the chosen language.
pub(super) fn side_word(words: Words, side: Side) -> &'static str {
    words.text(match side {
        Side::Client => "ladder-client",
        Side::Server => "ladder-server",
    })
}
