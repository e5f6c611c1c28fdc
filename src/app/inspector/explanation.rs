//! What the field under the pointer is: why it is there, what its value means, what breaks otherwise, and where that is
//! written. Without a field, what is to be said about the item.

use egui::{Align, Label, Layout, RichText, ScrollArea, Ui};

use super::text::short;
use crate::app::action::Action;
use crate::app::language::Speaks;
use crate::app::look::Look;
use crate::app::marks::Mark;
use crate::app::pass::{Pass, State};
use crate::app::text::visual;
use crate::app::theme::{self, Strength};
use crate::model::field::{Field, Value};
use crate::model::rule::{Finding, Reaction};
use crate::model::spec::Section;
use crate::words::{Words, message_id};

/// The explanation under the four ways to see an item.
#[derive(Debug, Default)]
pub(super) struct Explanation {
    /// It can be folded away to one line, and is at first.
    pub(super) folds: bool,
    /// A person unfolded it.
    unfolded: bool,
    /// The field that was explained last: the beginning of another is read from its top.
    last: Option<&'static str>,
}

impl Explanation {
    /// Whether only its line is to be seen.
    pub(super) const fn is_folded(&self) -> bool {
        self.folds && !self.unfolded
    }

    /// Draws it folded: the field, and what there is to say first.
    pub(super) fn line(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        let Some(look) = pass.state.look.clone() else { return };
        let (lit, field) = lit_field(pass.state, &look);
        let hides = pass.state.hides(look.number, field);
        let broken = lit.and_then(|_| look.findings.iter().find(|finding| is_about(finding, lit)));
        self.fold_button(ui, "explanation-unfold", |ui| {
            if hides {
                ui.label(RichText::new(ui.words().text("lesson-hidden")).weak());
                return;
            }
            heading(ui, field);
            let words = match broken {
                Some(finding) => {
                    let severity = finding.severity();
                    let words = format!("{} {}", theme::severity_sign(severity), ui.words().finding(finding));
                    RichText::new(words).color(theme::severity(ui.visuals(), severity))
                }
                None => RichText::new(ui.words().about(field.kind)).weak(),
            };
            ui.add(Label::new(words).truncate());
        });
    }

    /// A line with the button that folds or unfolds at its end.
    fn fold_button(&mut self, ui: &mut Ui, word: &str, line: impl FnOnce(&mut Ui)) {
        let size = egui::vec2(ui.available_width(), ui.spacing().interact_size.y);
        // The button has its room first; the words are cut where there is little left.
        ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
            if ui.button(ui.words().text(word)).clicked() {
                self.unfolded = !self.unfolded;
            }
            ui.with_layout(Layout::left_to_right(Align::Center), line);
        });
    }

    /// Draws it.
    pub(super) fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        let Some(look) = pass.state.look.clone() else { return };
        let (lit, field) = lit_field(pass.state, &look);
        let hides = pass.state.hides(look.number, field);
        let mut area = ScrollArea::vertical().id_salt("explanation").auto_shrink(false);
        if self.last != Some(field.kind.id) {
            self.last = Some(field.kind.id);
            area = area.vertical_scroll_offset(0.0);
        }
        if self.folds {
            self.fold_button(ui, "explanation-fold", |ui| {
                if !hides {
                    heading(ui, field);
                }
            });
        }
        area.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 4.0;
            if hides {
                ui.add(Label::new(RichText::new(ui.words().text("lesson-hidden")).weak()).wrap());
                return;
            }
            // A finding would say what hidden bits mean.
            let told = |state: &State, finding: &Finding| {
                finding.bits.is_none_or(|bits| !state.is_hidden(look.number, bits))
            };
            for finding in look.findings.iter().filter(|finding| is_about(finding, lit)) {
                if told(pass.state, finding) {
                    finding_ui(ui, pass.state, &look, finding);
                }
            }
            if !self.folds {
                ui.horizontal(|ui| heading(ui, field));
            }
            explain(ui, pass.state, field, lit.is_none());
        });
    }
}

/// What is lit in this item, and the field that it lies in; without, the whole item.
fn lit_field<'l>(state: &State, look: &'l Look) -> (Option<Mark>, &'l Field) {
    let lit = state.marks.lit().filter(|mark| mark.item == look.number);
    (lit, lit.map_or(&look.tree, |mark| look.field_of(mark.bits)))
}

/// Whether something is to be said about these bits; without bits, about the item.
fn is_about(finding: &Finding, lit: Option<Mark>) -> bool {
    lit.is_none_or(|mark| finding.bits.is_none_or(|bits| bits.overlaps(mark.bits)))
}

fn finding_ui(ui: &mut Ui, state: &mut State, look: &Look, finding: &Finding) {
    let rule = finding.rule;
    let colour = theme::severity(ui.visuals(), finding.severity());
    egui::Frame::new()
        .stroke(egui::Stroke::new(1.5, colour))
        .corner_radius(6)
        .inner_margin(egui::Margin::symmetric(8, 6))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 3.0;
            ui.horizontal_wrapped(|ui| {
                ui.label(RichText::new(theme::severity_sign(finding.severity())).color(colour));
                ui.label(
                    RichText::new(ui.words().text(&format!("severity-{}", finding.severity())))
                        .color(colour)
                        .strong(),
                );
                ui.label(RichText::new(rule.id()).monospace().small().weak());
                if let Some(bits) = finding.bits
                    && ui.small_button(ui.words().text("explanation-show-bits")).clicked()
                {
                    state.ask(Action::Select(look.number, Some(bits)));
                }
            });
            ui.add(Label::new(RichText::new(ui.words().finding(finding)).strong()).wrap().selectable(true));
            let title = ui.words().with("titled-rule", &[("title", ui.words().title(rule).into())]);
            ui.add(Label::new(title).wrap());
            ui.add(Label::new(RichText::new(ui.words().why(rule)).weak()).wrap());
            if let Some(versions) = ui.words().versions(rule) {
                ui.add(Label::new(RichText::new(versions).weak()).wrap());
            }
            ui.add(Label::new(reaction(ui.words(), finding.reaction())).wrap());
            ui.horizontal_wrapped(|ui| {
                section(ui, finding.section());
                book(ui, state, rule.scope().chapter());
            });
        });
}

/// What an endpoint does about a broken rule.
fn reaction(words: Words, reaction: Reaction) -> String {
    match reaction {
        Reaction::GoOn => words.text("reaction-go-on").to_owned(),
        Reaction::Close(code) => words.with("reaction-close", &[("code", code.to_string().into())]),
        Reaction::Refuse(status) => words.with("reaction-refuse", &[("status", status.to_string().into())]),
        Reaction::Drop => words.text("reaction-drop").to_owned(),
    }
}

/// The field's colour, its name, its place and its value.
fn heading(ui: &mut Ui, field: &Field) {
    let (rect, _) = ui.allocate_exact_size(egui::vec2(14.0, 14.0), egui::Sense::hover());
    let fill = theme::ground(ui.visuals(), field.kind, Strength::Selected);
    let edge = theme::edge(field.kind, Strength::Quiet);
    ui.painter().rect(rect, 3.0, fill, edge, egui::StrokeKind::Inside);
    ui.label(RichText::new(field.kind.name).strong());
    ui.label(RichText::new(place(ui.words(), field)).weak());
    let value = value_words(ui.words(), field);
    if !value.is_empty() {
        ui.add(Label::new(RichText::new(format!("= {value}")).monospace()).truncate());
    }
}

fn explain(ui: &mut Ui, state: &mut State, field: &Field, is_whole: bool) {
    let id = message_id("field", field.kind.id);
    ui.add(Label::new(ui.words().about(field.kind)).wrap());
    if let Some(meaning) = number(&field.value).and_then(|value| ui.words().find(&format!("{id}.v{value}"))) {
        line(ui, "explanation-value", meaning);
    }
    if let Some(why) = ui.words().find(&format!("{id}.why")) {
        line(ui, "explanation-why", why);
    }
    if let Some(breaks) = ui.words().find(&format!("{id}.breaks")) {
        line(ui, "explanation-breaks", breaks);
    }
    ui.horizontal_wrapped(|ui| {
        section(ui, field.kind.section);
        book(ui, state, field.kind.chapter);
    });
    if is_whole {
        ui.label(RichText::new(ui.words().text("explanation-choose")).weak().small());
    }
}

fn line(ui: &mut Ui, heading: &str, text: &str) {
    let mut job = egui::text::LayoutJob::default();
    let style = ui.style();
    RichText::new(format!("{} ", ui.words().text(heading))).strong().append_to(
        &mut job,
        style,
        egui::FontSelection::Default,
        egui::Align::Min,
    );
    RichText::new(text).append_to(&mut job, style, egui::FontSelection::Default, egui::Align::Min);
    ui.add(Label::new(job).wrap());
}

fn section(ui: &mut Ui, section: Section) {
    ui.hyperlink_to(section.to_string(), section.link());
}

fn book(ui: &mut Ui, state: &mut State, page: &'static str) {
    if ui.link(ui.words().text("explanation-book")).clicked() {
        state.ask(Action::Page(page.to_owned()));
    }
}

/// Where a field stands in its item.
fn place(words: Words, field: &Field) -> String {
    let bits = field.bits;
    let word = if bits.len() == 1 { "explanation-bit" } else { "explanation-bits" };
    words.with(
        word,
        &[
            ("first", bits.start.to_string().into()),
            ("last", bits.end.saturating_sub(1).to_string().into()),
            ("count", bits.len().into()),
        ],
    )
}

/// A value in words: numbers also as they are written in tables of the specifications.
fn value_words(words: Words, field: &Field) -> String {
    match field.value {
        Value::Number(number) if number > 9 && !field.kind.hex => format!("{number} (0x{number:x})"),
        _ => visual(&short(words, field, 200)).into_owned(),
    }
}

const fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Flag(flag) => Some(*flag as u64),
        Value::Number(number) | Value::Named(number, _) | Value::Meant(number, _) => Some(*number),
        Value::Group | Value::Text(_) | Value::Bytes(_) => None,
    }
}
