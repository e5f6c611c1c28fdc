//! How it follows: values that are not on the wire, each derived step by step from bytes that are.

use std::ops::Range;

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, Label, Response, RichText, ScrollArea, Stroke, TextStyle, Ui};

use crate::app::action::Action;
use crate::app::language::Speaks;
use crate::app::look::Look;
use crate::app::pass::{Pass, State};
use crate::app::theme::{self, Strength};
use crate::model::derive::{self, Derivation, Input, ItemRef, Step};
use crate::model::field::{BitRange, hex};
use crate::model::rule::Severity;
use crate::trace::{Conversation, Trace, frames_of};
use crate::view::palette;
use crate::words::Words;

/// The derivations of the item that is looked at, as cards.
#[derive(Debug, Default)]
pub(super) struct Follows {
    /// The item that the heights are of.
    item: Option<usize>,
    /// The height of each card as it was drawn last, so that cards out of sight only take their place.
    heights: Vec<f32>,
    /// The step that an input refers to, while the pointer is over that input.
    lit: Option<(usize, usize)>,
    /// The step whose result was clicked on, and whether it is still to be brought into sight.
    went: Option<((usize, usize), bool)>,
    /// The width that the heights are of.
    width: f32,
    /// The first step that differs from the wire was brought into sight.
    found: bool,
}

/// The height of a card that was not drawn yet, in points.
const GUESS: f32 = 84.0;

/// Longer texts are shown up to here: what they are of can be seen in the bytes.
const LONGEST: usize = 600;

/// So many bytes of an input are shown on its button.
const SHOWN_BYTES: usize = 12;

impl Follows {
    /// Draws the cards.
    pub(super) fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        let Some((trace, talk)) = pass.talk() else { return };
        let Some(look) = pass.state.look.clone() else { return };
        if self.item != Some(look.number) || (self.width - ui.available_width()).abs() > 1.0 {
            let found = self.found && self.item == Some(look.number);
            *self = Self { item: Some(look.number), width: ui.available_width(), found, ..Self::default() };
        }
        let derivations = look.derivations(talk, &trace.store);
        if derivations.is_empty() {
            ui.label(RichText::new(ui.words().text("follows-nothing")).weak());
        } else {
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                let scene = Scene { trace, talk, look: &look };
                self.cards(ui, pass.state, &scene, derivations);
            });
        }
    }

    fn cards(&mut self, ui: &mut Ui, state: &mut State, scene: &Scene<'_>, derivations: &[Derivation]) {
        let mut lit = None;
        let mut at = 0;
        for (number, derivation) in derivations.iter().enumerate() {
            heading(ui, derivation);
            let wrong = derivation.first_difference();
            for (index, step) in derivation.steps.iter().enumerate() {
                let height = self.heights.get(at).copied().unwrap_or(GUESS);
                let place = egui::Rect::from_min_size(
                    ui.next_widget_position(),
                    egui::vec2(ui.available_width(), height),
                );
                if wrong == Some(index) && !self.found {
                    self.found = true;
                    ui.scroll_to_rect(place, Some(egui::Align::Center));
                }
                let went = self.went.is_some_and(|(step, _)| step == (number, index));
                if went && let Some((_, coming @ true)) = &mut self.went {
                    *coming = false;
                    ui.scroll_to_rect(place, Some(egui::Align::Center));
                }
                if ui.is_rect_visible(place) {
                    let card = Card {
                        step,
                        index,
                        is_wrong: wrong == Some(index),
                        is_lit: went || self.lit == Some((number, index)),
                        is_hidden: state.is_step_hidden(scene.look.number, derivation.id, index),
                    };
                    let (response, refers) = card.ui(ui, state, scene);
                    if let Some(refers) = refers {
                        lit = Some((number, refers.step));
                        if refers.clicked {
                            self.went = Some(((number, refers.step), true));
                            ui.ctx().request_repaint();
                        }
                    }
                    if self.heights.len() <= at {
                        self.heights.resize(at + 1, GUESS);
                    }
                    if let Some(kept) = self.heights.get_mut(at) {
                        *kept = response.rect.height();
                    }
                } else {
                    ui.allocate_space(place.size());
                }
                at += 1;
            }
            ui.add_space(theme::GROUP);
        }
        if self.lit != lit {
            self.lit = lit;
            ui.ctx().request_repaint();
        }
    }
}

/// What inputs are looked up in.
struct Scene<'a> {
    trace: &'a Trace,
    talk: &'a Conversation,
    look: &'a Look,
}

impl Scene<'_> {
    /// The number of the item that an input stands in.
    fn number(&self, item: ItemRef) -> Option<usize> {
        match item {
            ItemRef::This => Some(self.look.number),
            ItemRef::Request => self.look.request,
            ItemRef::Earlier(frames) => {
                let (_, message) = self.look.message?;
                let all: Vec<usize> = frames_of(self.talk, &message).map(|(number, _)| number).collect();
                let here = all.iter().position(|number| *number == self.look.number)?;
                all.get(here.checked_sub(frames as usize)?).copied()
            }
        }
    }

    /// The first bytes of an input, and whether there are more.
    fn bytes(&self, number: usize, bits: BitRange) -> (Vec<u8>, bool) {
        let range = bits.byte_range();
        let short = range.start..range.end.min(range.start + SHOWN_BYTES);
        let bytes = if number == self.look.number {
            self.look.bytes.get(short.clone()).map(<[u8]>::to_vec)
        } else {
            let item = self.talk.items.get(number);
            item.map(|item| {
                let at = item.offset + short.start as u64..item.offset + short.end as u64;
                self.talk.stream(item.side).bytes(&self.trace.store, at).into_owned()
            })
        };
        (bytes.unwrap_or_default(), range.end > short.end)
    }
}

/// The title of a derivation, with the section that it comes from.
fn heading(ui: &mut Ui, derivation: &Derivation) {
    ui.horizontal_wrapped(|ui| {
        let title = ui.words().derivation(derivation);
        ui.strong(ui.words().with("follows-title", &[("what", title.into())]));
        ui.hyperlink_to(RichText::new(derivation.section.to_string()).small(), derivation.section.link());
    });
}

/// One step.
struct Card<'a> {
    step: &'a Step,
    index: usize,
    /// It is the first whose result is not what the wire holds.
    is_wrong: bool,
    /// The pointer is over an input of another step that refers to this one.
    is_lit: bool,
    /// A question asks for it, so only what is to be done is shown.
    is_hidden: bool,
}

impl Card<'_> {
    /// Draws it. Returns what the pointer's input refers to.
    fn ui(&self, ui: &mut Ui, state: &mut State, scene: &Scene<'_>) -> (Response, Option<Refers>) {
        let error = theme::severity(ui.visuals(), Severity::Error);
        let edge = match (self.is_wrong, self.is_lit) {
            (true, _) => Stroke::new(2.0, error),
            (false, true) => ui.visuals().selection.stroke,
            (false, false) => ui.visuals().widgets.noninteractive.bg_stroke,
        };
        let said = ui.words();
        let (label, shown) = (said.step(self.step), said.shown(self.step));
        let output = said.output(self.step);
        let mut refers = None;
        let card = egui::Frame::new().stroke(edge).corner_radius(6).inner_margin(8).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 4.0;
            ui.horizontal_wrapped(|ui| {
                ui.label(RichText::new((self.index + 1).to_string()).strong());
                ui.label(RichText::new(operation(ui.words(), self.step.operation)).small().weak());
                ui.add(Label::new(label.as_str()).wrap());
            });
            if !self.step.inputs.is_empty() {
                ui.horizontal_wrapped(|ui| {
                    ui.label(RichText::new(ui.words().text("follows-from")).small().weak());
                    ui.spacing_mut().item_spacing.x = 3.0;
                    for (at, input) in self.step.inputs.iter().enumerate() {
                        if at > 0 {
                            ui.label(",");
                        }
                        refers = input_button(ui, state, scene, input).or(refers);
                    }
                });
            }
            if self.is_hidden {
                ui.label(RichText::new(ui.words().text("lesson-hidden")).weak().italics());
                return;
            }
            if !shown.is_empty() {
                ui.add(Label::new(self.shown(ui, &shown, output)).wrap().selectable(true));
            }
            self.result(ui, error, &shown, output);
        });
        let name = ui.words().with(
            "follows-step",
            &[
                ("number", (self.index + 1).into()),
                ("label", label.as_str().into()),
                ("output", if self.is_hidden { "?".into() } else { cut(ui.words(), output).into() }),
            ],
        );
        card.response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Group, true, &name));
        (card.response, refers)
    }

    /// Where the operation that is written out says its result, if all of it is shown.
    fn result_shown(shown: &str, output: &str) -> Option<Range<usize>> {
        let is_whole = shown.chars().nth(LONGEST).is_none();
        derive::result_shown(shown, output).filter(|_| is_whole)
    }

    /// The operation written out: the characters that it picks of its input are marked, the result is strong.
    fn shown(&self, ui: &Ui, shown: &str, output: &str) -> LayoutJob {
        let visuals = ui.visuals();
        let font = TextStyle::Monospace.resolve(ui.style());
        let plain = TextFormat::simple(font, visuals.text_color());
        let strong = TextFormat { color: visuals.strong_text_color(), ..plain.clone() };
        let marked = TextFormat { background: visuals.selection.bg_fill, ..strong.clone() };
        let mut job = LayoutJob::default();
        let Some(result) = Self::result_shown(shown, output) else {
            job.append(&cut(ui.words(), shown), 0.0, plain);
            return job;
        };
        let [before, result, after] = [0..result.start, result.clone(), result.end..shown.len()]
            .map(|part| shown.get(part).unwrap_or_default());
        match self.step.picks() {
            // What is picked stands before the last arrow.
            Some(picks) => {
                let (input, arrow) =
                    before.rsplit_once('→').map_or((before, ""), |(input, _)| before.split_at(input.len()));
                for character in input.trim_end().chars() {
                    let format = if picks(character) { &marked } else { &plain };
                    job.append(character.encode_utf8(&mut [0; 4]), 0.0, format.clone());
                }
                job.append(" ", 0.0, plain.clone());
                job.append(arrow, 0.0, plain.clone());
            }
            None => job.append(before, 0.0, plain.clone()),
        }
        job.append(result, 0.0, strong);
        job.append(after, 0.0, plain);
        job
    }

    fn result(&self, ui: &mut Ui, error: Color32, shown: &str, output: &str) {
        let is_said = Self::result_shown(shown, output).is_some();
        if is_said && self.step.on_wire.is_none() {
            return;
        }
        ui.horizontal_wrapped(|ui| {
            if !is_said {
                ui.label(RichText::new("→").strong());
                let output = RichText::new(cut(ui.words(), output)).monospace().strong();
                ui.add(Label::new(output).wrap().selectable(true));
            }
            let Some(wire) = &self.step.on_wire else { return };
            if self.step.differs() {
                let words = ui
                    .words()
                    .with("follows-differs", &[("wire", cut(ui.words(), &ui.words().wire(wire)).into())]);
                ui.add(Label::new(RichText::new(format!("✖ {words}")).color(error)).wrap());
            } else {
                ui.label(RichText::new(format!("✓ {}", ui.words().text("follows-same"))).weak());
            }
        });
        if self.is_wrong {
            ui.label(RichText::new(ui.words().text("follows-first")).color(error).strong());
        }
    }
}

/// An earlier step that an input refers to.
#[derive(Clone, Copy)]
struct Refers {
    step: usize,
    /// It is to be brought into sight.
    clicked: bool,
}

/// An input as a button that shows where it stands. Returns what it refers to while the pointer is over it.
fn input_button(ui: &mut Ui, state: &mut State, scene: &Scene<'_>, input: &Input) -> Option<Refers> {
    match input {
        Input::Step(step) => {
            let words = ui.words().with("follows-result", &[("number", (step + 1).into())]);
            let link = ui.link(RichText::new(words).italics());
            let pointed = link.hovered() || link.has_focus();
            (pointed || link.clicked()).then_some(Refers { step: *step, clicked: link.clicked() })
        }
        Input::Constant(name) => {
            ui.label(RichText::new(*name).monospace()).on_hover_text(ui.words().text("follows-constant"));
            None
        }
        Input::Bits { item, bits } => {
            let Some(number) = scene.number(*item) else {
                ui.label(RichText::new(ui.words().text("follows-elsewhere")).weak());
                return None;
            };
            let (bytes, more) = scene.bytes(number, *bits);
            let kind = if number == scene.look.number { Some(scene.look.field_of(*bits).kind) } else { None };
            let colour = kind.map(|kind| theme::plain(palette::colour_of(kind)));
            let is_lit = state.marks.is_hovered(number, *bits);
            let strength = if is_lit { Strength::Hovered } else { Strength::Quiet };
            let fill = match colour {
                Some(colour) => theme::tint(ui.visuals(), colour, strength),
                None => ui.visuals().widgets.inactive.weak_bg_fill,
            };
            let shown = text_of(&bytes, more);
            let button = egui::Button::new(RichText::new(&shown).monospace().small()).fill(fill).truncate();
            let place = place_words(ui.words(), number, scene.look.number, *bits);
            let name = format!("{shown}, {place}");
            let response = ui.add(button).on_hover_text(&place).accessible_name(name);
            if response.hovered() || response.has_focus() {
                state.marks.hover(number, *bits);
            }
            if response.clicked() {
                state.ask(Action::Select(number, Some(*bits)));
            }
            None
        }
    }
}

/// Where an input stands, in words.
fn place_words(words: Words, number: usize, here: usize, bits: BitRange) -> String {
    let word = if number == here { "follows-here" } else { "follows-there" };
    words.with(
        word,
        &[
            ("item", (number + 1).to_string().into()),
            ("first", bits.start.to_string().into()),
            ("last", bits.end.saturating_sub(1).to_string().into()),
        ],
    )
}

/// Bytes as text where all can be seen, otherwise as hex.
fn text_of(bytes: &[u8], more: bool) -> String {
    let dots = if more { "…" } else { "" };
    let is_text = bytes.len() > 1 && bytes.iter().all(|byte| (b' '..=b'~').contains(byte));
    let shown = if is_text { String::from_utf8_lossy(bytes).into_owned() } else { hex(bytes) };
    format!("{shown}{dots}")
}

/// The beginning of a long text.
fn cut(words: Words, text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => {
            let rest = text.get(at..).unwrap_or_default().chars().count();
            let more = words.with("follows-more", &[("count", rest.into())]);
            format!("{}… {more}", text.get(..at).unwrap_or_default())
        }
        None => text.to_owned(),
    }
}

/// What an operation is called.
fn operation(words: Words, id: &str) -> &'static str {
    words.find(&format!("operation-{id}")).unwrap_or_default()
}
