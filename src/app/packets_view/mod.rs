//! The packets of the item that is looked at: each with its layers, and the bytes in it that are the item's.

mod boxes;
mod taken;
mod tree;

use egui::{Align, EventFilter, Key, Label, Layout, Rect, RichText, ScrollArea, Ui, UiBuilder, vec2};

use self::taken::Taken;
use super::action::At;
use super::inspector::bits::{Bits, BitsState};
use super::marks::{Mark, Marks};
use super::pass::Pass;
use super::source::{Kind, Source};
use super::theme;
use crate::app::language::Speaks;
use crate::model::field::BitRange;
use crate::model::protocol::Side;
use crate::model::rule::Severity;
use crate::trace::{Chunk, Conversation, Item, Timestamp, Trace};
use crate::view::fit::grouped;
use crate::words::Words;

/// The packets of the item that is looked at.
#[derive(Debug, Default)]
pub struct PacketsPanel {
    /// The conversation and the item that the rest is about.
    of: Option<(At, usize)>,
    /// The chunk of the stream whose packet is shown.
    chosen: usize,
    /// The chosen row is to get the keyboard.
    focus: bool,
    taken: Option<Taken>,
    marks: Marks,
    bits: BitsState,
    /// What this view told to the others, and what it took from them: neither comes back.
    /// The packet that is to be shown, by its number in the file, and its bits that are to be lit.
    wanted: Option<(u64, Option<BitRange>)>,
    told: Option<Mark>,
    took: Option<BitRange>,
}

/// The height of a row of the list.
const ROW: f32 = 22.0;

/// The list shows so many rows before it scrolls.
const ROWS: usize = 6;

impl PacketsPanel {
    /// Shows this packet of the item that is looked at, and lights these bits of it.
    pub fn choose(&mut self, packet: u64, bits: Option<BitRange>) {
        self.wanted = Some((packet, bits));
        self.taken = None;
    }

    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        let Some(((trace, talk), source)) = pass.talk().zip(pass.source()) else {
            ui.label(RichText::new(ui.words().text("packets-no-conversation")).weak());
            return;
        };
        let missing = match &source.kind {
            Kind::Live => Some("packets-live"),
            Kind::Made(_) => Some("packets-made"),
            Kind::Capture(_) => None,
        };
        if let Some(word) = missing {
            ui.label(ui.words().text(word));
            return;
        }
        let number = pass.state.item;
        let Some((at, number, item)) =
            pass.state.at.zip(number).and_then(|(at, number)| Some((at, number, *talk.items.get(number)?)))
        else {
            ui.label(RichText::new(ui.words().text("packets-no-item")).weak());
            return;
        };
        let stream = talk.stream(item.side);
        let first = stream.chunk_at(item.offset).unwrap_or_default();
        let last = (item.chunk as usize).max(first);
        if self.of != Some((at, number)) {
            self.of = Some((at, number));
            self.chosen = first;
        }
        if let Some((packet, _)) = self.wanted {
            let mut chunks = stream.chunks().iter_from(first).take_while(|(number, _)| *number <= last);
            let wanted = chunks.find(|(_, chunk)| u64::from(chunk.packet()) == packet);
            self.chosen = wanted.map_or(self.chosen, |(number, _)| number);
        }
        self.chosen = self.chosen.clamp(first, last);
        let count = last - first + 1;
        let words = ui.words().with("packets-of", &[("count", count.into()), ("item", (number + 1).into())]);
        ui.label(RichText::new(words).size(theme::SUBHEADING).strong());
        ui.label(RichText::new(ui.words().text("packets-head")).small().weak());
        self.list(ui, talk, &item, first, count);
        ui.separator();
        self.refresh(trace, talk, &item, source, (at, number, self.chosen));
        let Some(taken) = &self.taken else {
            if let Some(chunk) = stream.chunks().get(self.chosen) {
                why_not(ui, chunk);
            }
            return;
        };
        share_hover(pass, taken, number, &mut self.marks, &mut self.told, &mut self.took);
        let hidden = pass.state.hidden_packet_bits(taken.packet);
        ScrollArea::vertical().id_salt("packet").auto_shrink(false).show(ui, |ui| {
            about(ui, taken);
            boxes::ui(ui, taken, number, &mut self.marks);
            ui.add_space(theme::GAP);
            let packet = taken.packet as usize;
            let bits = Bits::new(&taken.layers.tree, &taken.bytes, packet).findings(&taken.layers.findings);
            let bits = bits.hidden(&hidden);
            // All of it: what is around it scrolls.
            let room = vec2(ui.available_width(), f32::from(u16::MAX));
            let room = UiBuilder::new().max_rect(Rect::from_min_size(ui.cursor().min, room)).id_salt("bits");
            ui.scope_builder(room, |ui| bits.ui(ui, &mut self.bits, &mut self.marks));
            ui.add_space(theme::GROUP);
            ui.label(RichText::new(ui.words().text("packets-fields")).size(theme::SUBHEADING).strong());
            tree::ui(ui, &taken.layers.tree, packet, &hidden, &mut self.marks);
        });
        if self.marks.end_frame() {
            ui.ctx().request_repaint();
        }
    }

    /// The list of packets: number, time, direction, lengths.
    fn list(&mut self, ui: &mut Ui, talk: &Conversation, item: &Item, first: usize, count: usize) {
        let stream = talk.stream(item.side);
        let begin = begin_of(talk);
        let spacing = ui.spacing().item_spacing.y;
        let height = (ROW + spacing) * count.min(ROWS) as f32;
        let area = ScrollArea::vertical().id_salt("packets").max_height(height).auto_shrink([false, true]);
        // Numbers below each other, as wide as the last of them.
        let digits =
            stream.chunks().get(first + count - 1).map_or(1, |chunk| chunk.packet().to_string().len());
        area.show_rows(ui, ROW, count, |ui, rows| {
            ui.with_layout(Layout::top_down_justified(Align::Min), |ui| {
                for number in rows.start + first..rows.end + first {
                    let Some(chunk) = stream.chunks().get(number) else { continue };
                    let text = row_text(ui.words(), chunk, item, begin, talk.digits, digits);
                    let chosen = self.chosen == number;
                    let row = egui::Button::selectable(chosen, RichText::new(&text).monospace()).truncate();
                    let response = ui.add(row.min_size(vec2(0.0, ROW)));
                    if response.clicked() {
                        self.chosen = number;
                        response.request_focus();
                    }
                    if chosen && std::mem::take(&mut self.focus) {
                        response.request_focus();
                    } else if response.has_focus() {
                        let to = moved(ui, response.id, number).clamp(first, first + count - 1);
                        if to != number {
                            self.chosen = to;
                            self.focus = true;
                            ui.ctx().request_repaint();
                        }
                    }
                }
            });
        });
    }

    /// Takes the chosen packet apart, if it is another one.
    fn refresh(
        &mut self,
        trace: &Trace,
        talk: &Conversation,
        item: &Item,
        source: &Source,
        key: (At, usize, usize),
    ) {
        if self.taken.as_ref().is_some_and(|taken| taken.key == key) {
            return;
        }
        self.taken = Taken::of(key, item, talk.stream(item.side), &trace.store, source);
        self.marks = Marks::default();
        self.bits = BitsState::default();
        if let Some(taken) = &self.taken {
            // Lit from the beginning: what of the packet is the item's.
            let wanted = self.wanted.take().and_then(|(_, bits)| bits);
            let mark = Mark { item: taken.packet as usize, bits: wanted.unwrap_or(taken.part) };
            self.marks.select(mark.item, mark.bits);
            // What was asked for is scrolled to.
            self.bits = if wanted.is_some() { BitsState::default() } else { BitsState::resting_on(mark) };
        }
    }
}

/// The row that the arrow keys lead to.
fn moved(ui: &Ui, id: egui::Id, from: usize) -> usize {
    ui.memory_mut(|memory| {
        let keys = EventFilter { vertical_arrows: true, ..EventFilter::default() };
        memory.set_focus_lock_filter(id, keys);
    });
    let (down, up) = ui.input(|input| (input.key_pressed(Key::ArrowDown), input.key_pressed(Key::ArrowUp)));
    match (down, up) {
        (true, false) => from + 1,
        (false, true) => from.saturating_sub(1),
        _ => from,
    }
}

/// When the conversation began.
fn begin_of(talk: &Conversation) -> Timestamp {
    let first = |side: Side| talk.stream(side).chunks().iter().next().map(|(_, chunk)| chunk.time());
    Side::BOTH.into_iter().filter_map(first).min().unwrap_or_default()
}

fn row_text(words: Words, chunk: &Chunk, item: &Item, begin: Timestamp, digits: u8, wide: usize) -> String {
    let since = Timestamp(chunk.time().since(begin)).seconds(digits.clamp(3, 6)).to_string();
    let of_item = item.range().end.min(chunk.end()).saturating_sub(item.offset.max(chunk.offset()));
    words.with(
        if chunk.is_gap() { "packets-row-gap" } else { "packets-row" },
        &[
            ("number", format!("{:>wide$}", chunk.packet()).into()),
            ("time", since.into()),
            ("side", item.side.id().into()),
            ("payload", grouped(chunk.end() - chunk.offset()).into()),
            ("part", grouped(of_item).into()),
        ],
    )
}

/// Why a chunk's packet is not shown.
fn why_not(ui: &mut Ui, chunk: &Chunk) {
    let (word, severity) = match chunk.place() {
        None => ("packets-gap", Severity::Warning),
        Some(place) if place.headers.is_none() => ("packets-reassembled", Severity::Note),
        Some(_) => ("packets-reading", Severity::Note),
    };
    line(ui, severity, ui.words().with(word, &[("packet", chunk.packet().to_string().into())]));
}

/// What is to be said about the packet as a whole.
fn about(ui: &mut Ui, taken: &Taken) {
    if taken.cut > 0 {
        let words = ui.words().with("packets-cut", &[("missing", grouped(taken.cut).into())]);
        line(ui, Severity::Warning, words);
    }
    for finding in &taken.layers.findings {
        line(ui, finding.severity(), ui.words().finding(finding));
    }
}

fn line(ui: &mut Ui, severity: Severity, words: String) {
    ui.horizontal(|ui| {
        let colour = theme::severity(ui.visuals(), severity);
        ui.label(RichText::new(theme::severity_sign(severity)).color(colour));
        ui.add(Label::new(words).wrap());
    });
}

/// Bytes of the item that are hovered here are hovered in the other views, and the other way round.
fn share_hover(
    pass: &mut Pass<'_>,
    taken: &Taken,
    item: usize,
    marks: &mut Marks,
    told: &mut Option<Mark>,
    took: &mut Option<BitRange>,
) {
    let packet = taken.packet as usize;
    let own = marks.hovered().map(|mark| mark.bits).filter(|bits| Some(*bits) != *took);
    let others = pass.state.marks.hovered().filter(|mark| mark.item == item && Some(*mark) != *told);
    *told = own.and_then(|bits| taken.in_item(bits)).map(|bits| Mark { item, bits });
    if let Some(mark) = told {
        pass.state.marks.hover(mark.item, mark.bits);
    }
    *took = others.and_then(|mark| taken.in_packet(mark.bits));
    if let Some(bits) = took {
        marks.hover(packet, *bits);
    }
}
