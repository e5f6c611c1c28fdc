//! One row: the number, the times, an arrow from its side, what the item says on it, and its findings.

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, FontId, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};

use super::inflated::Inflated;
use super::rail::{self, Rails, side_word};
use crate::analysis::statistics::RoundTrip;
use crate::app::language::Speaks;
use crate::app::text::visual;
use crate::app::theme::{self, Strength};
use crate::model::protocol::Side;
use crate::model::rule::Severity;
use crate::trace::{Conversation, Item, ItemKind, Store, Timestamp};
use crate::view::fit::grouped;
use crate::view::line::{Line, duration};
use crate::words::Words;

/// The height of a row, in points.
pub(super) const ROW: f32 = 36.0;

/// How far above the lower edge of its row an arrow is.
const ARROW: f32 = 9.0;

/// Between a line and what is written on an arrow that begins or ends there.
const PAD: f32 = 12.0;

/// A panel that is narrower has shorter times, and no remarks behind an item's text.
const NARROW: f32 = 400.0;

/// The width of a digit of small monospaced type, in points.
const DIGIT: f32 = 7.3;

/// The room for findings, and in a narrow panel.
const FINDINGS: [f32; 2] = [40.0, 22.0];

/// Where the parts of rows are, from left to right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    /// The right edge of the numbers.
    pub(super) number: f32,
    /// The right edge of the times.
    pub(super) time: f32,
    /// The lines of client and server.
    pub(super) lines: [f32; 2],
    /// The right edge of the findings.
    pub(super) findings: f32,
    /// How many digits of a second are shown; 0 for no times.
    digits: u8,
    narrow: bool,
}

impl Columns {
    pub(super) fn new(area: Rect, talk: &Conversation) -> Self {
        let narrow = area.width() < NARROW;
        let whole = seconds(talk).max(1).ilog10() + 1;
        let digits = digits(talk.digits, whole, narrow);
        let numbers = (talk.items.len().max(1).ilog10() + 1).max(2) as f32;
        let number = area.left() + 4.0 + numbers * DIGIT;
        // `12.003214`, or `+1.21 ms`.
        let letters = (whole + 1 + u32::from(digits)).max(8);
        let times = if digits == 0 { 0.0 } else { letters as f32 * DIGIT + 10.0 };
        let time = number + times;
        Self {
            number,
            time,
            lines: [time + 14.0, area.right() - FINDINGS[usize::from(narrow)] - 12.0],
            findings: area.right() - 4.0,
            digits,
            narrow,
        }
    }
}

/// How many seconds the conversation takes.
fn seconds(talk: &Conversation) -> u64 {
    let items = &talk.items;
    let ends = items.get(items.first_kept()).zip(items.last());
    let nanos = ends.map_or(0, |(first, last)| talk.time_of(last).since(talk.time_of(first)));
    nanos.unsigned_abs() / 1_000_000_000
}

/// How many digits of a second are shown, of those that the clock has: fewer where `whole` digits stand before the
/// point, as far as there is room.
fn digits(clock: u8, whole: u32, narrow: bool) -> u8 {
    let most = if narrow { 5 } else { 6 };
    let room = if narrow { 7 } else { 8 };
    let shown = most.min(room - whole.min(5) as u8);
    clock.min(shown)
}

/// An item that has a row.
pub(super) struct Row<'a> {
    pub(super) talk: &'a Conversation,
    pub(super) store: &'a Store,
    pub(super) number: usize,
    pub(super) item: &'a Item,
    /// The item in the row above, if all items have one.
    before: Option<usize>,
    line: Line<'a>,
}

/// What a row shows, in words.
pub(super) struct Said {
    /// `text`, `ping`; nothing where the content begins with it.
    kind: &'static str,
    content: String,
    remark: String,
    findings: Option<(Severity, usize)>,
}

impl Said {
    /// Says nothing of what the item holds: a question asks for it.
    pub(super) fn keep_silent(&mut self) {
        "?".clone_into(&mut self.content);
    }
}

impl<'a> Row<'a> {
    pub(super) fn new(
        words: Words,
        talk: &'a Conversation,
        store: &'a Store,
        number: usize,
        before: Option<usize>,
    ) -> Option<Self> {
        let item = talk.items.get(number)?;
        Some(Self { talk, store, number, item, before, line: Line::new(words, talk, store, number, item) })
    }

    /// Puts it into words that take about `columns` letters.
    pub(super) fn say(&self, words: Words, inflated: &mut Inflated, columns: usize) -> Said {
        let is_http = matches!(self.item.kind, ItemKind::HttpRequest | ItemKind::HttpResponse);
        let trip = RoundTrip::ending_with(self.talk, self.store, self.number);
        let size = words.with("ladder-size", &[("size", grouped(self.item.length).into())]);
        let remark = match trip {
            Some(trip) => {
                let time = duration(trip.nanos);
                let time = time.trim_start_matches('+').to_owned();
                let trip = words.with("ladder-round-trip", &[("time", time.into())]);
                format!("{trip} · {size}")
            }
            None => size,
        };
        let mut findings = None;
        for finding in self.talk.findings_of(self.number) {
            let (worst, count) = findings.get_or_insert((finding.severity(), 0));
            *worst = (*worst).max(finding.severity());
            *count += 1;
        }
        Said {
            kind: if is_http { "" } else { self.line.kind() },
            content: self.line.content(columns, &mut |message| inflated.get(message)),
            remark,
            findings,
        }
    }

    /// The name of the row for who does not see it.
    pub(super) fn name(&self, words: Words, said: &Said) -> String {
        let size = words.with("count-bytes", &[("count", self.item.length.into())]);
        let item = words.with(
            "ladder-row",
            &[
                ("number", (self.number + 1).into()),
                ("side", side_word(words, self.item.side).into()),
                ("kind", self.line.kind().into()),
                ("size", size.into()),
            ],
        );
        let mut name = [item.as_str(), &said.content].join(", ");
        name.truncate(name.trim_end_matches([',', ' ']).len());
        if let Some((worst, count)) = said.findings {
            let findings =
                words.with("ladder-row-findings", &[("count", count.into()), ("worst", worst.id().into())]);
            name.push_str(", ");
            name.push_str(&findings);
        }
        name
    }

    /// The time since the first item, and since the item before.
    pub(super) fn times(&self) -> (Timestamp, Option<i64>) {
        let items = &self.talk.items;
        let time = self.talk.time_of(self.item);
        let first = items.get(items.first_kept()).map_or(time, |first| self.talk.time_of(first));
        let before = self.before.and_then(|before| items.get(before));
        (Timestamp(time.since(first)), before.map(|before| time.since(self.talk.time_of(before))))
    }

    /// Draws it.
    pub(super) fn draw(&self, ui: &Ui, rect: Rect, columns: &Columns, said: &Said) {
        let painter = ui.painter();
        let visuals = ui.visuals();
        let (text, weak) = (visuals.text_color(), visuals.weak_text_color());
        let small = FontId::monospace(theme::SMALL);
        let upper = rect.top() + 11.0;
        let lower = rect.bottom() - ARROW;
        let number = (self.number + 1).to_string();
        painter.text(pos2(columns.number, upper), Align2::RIGHT_CENTER, number, small.clone(), text);
        if columns.digits > 0 {
            let (since_first, step) = self.times();
            let time = since_first.seconds(columns.digits).to_string();
            painter.text(pos2(columns.time, upper), Align2::RIGHT_CENTER, time, small.clone(), weak);
            if let Some(step) = step {
                let at = pos2(columns.time, lower - 1.0);
                painter.text(at, Align2::RIGHT_CENTER, duration(step), small, weak);
            }
        }
        let rails = Rails::new(self.talk, self.number, self.item);
        rails.draw(painter, visuals, rect, lower, columns.lines);
        self.draw_arrow(ui, lower, columns, said);
        self.draw_label(ui, upper, columns, said);
        if let Some((worst, count)) = said.findings {
            let colour = theme::severity(visuals, worst);
            let sign = match count {
                1 => theme::severity_sign(worst).to_owned(),
                more => format!("{more} {}", theme::severity_sign(worst)),
            };
            let at = pos2(columns.findings, rect.center().y);
            painter.text(at, Align2::RIGHT_CENTER, sign, FontId::proportional(theme::TEXT), colour);
        }
    }

    fn draw_arrow(&self, ui: &Ui, y: f32, columns: &Columns, said: &Said) {
        let visuals = ui.visuals();
        let bad = said.findings.map(|(worst, _)| worst).filter(|worst| *worst == Severity::Error);
        let colour = match bad {
            Some(worst) => theme::severity(visuals, worst),
            None => visuals.weak_text_color(),
        };
        let stroke = Stroke::new(1.5, colour);
        let [client, server] = columns.lines;
        let (from, to) = match self.item.side {
            Side::Client => (pos2(client, y), pos2(server, y)),
            Side::Server => (pos2(server, y), pos2(client, y)),
        };
        let towards = (to.x - from.x).signum();
        match self.item.kind {
            ItemKind::Gap => {
                ui.painter().extend(Shape::dashed_line(&[from, to], stroke, 3.0, 6.0));
            }
            ItemKind::Unparsed => {
                ui.painter().extend(Shape::dashed_line(&[from, to], stroke, 8.0, 4.0));
            }
            _ => {
                ui.painter().line_segment([from, to - vec2(towards * 4.0, 0.0)], stroke);
            }
        }
        ui.painter().add(head(to - vec2(towards, 0.0), towards, colour));
    }

    fn draw_label(&self, ui: &Ui, y: f32, columns: &Columns, said: &Said) {
        let visuals = ui.visuals();
        let room = room(columns);
        let remark = ui.painter().layout_no_wrap(
            said.remark.clone(),
            FontId::proportional(theme::SMALL),
            visuals.weak_text_color(),
        );
        let remark = Some(remark).filter(|remark| !columns.narrow && remark.size().x + 60.0 < room);
        let taken = remark.as_ref().map_or(0.0, |remark| remark.size().x + theme::GAP);
        let mut job = LayoutJob {
            wrap: TextWrapping::truncate_at_width((room - taken).max(1.0)),
            ..LayoutJob::default()
        };
        let font = FontId::proportional(theme::TEXT);
        if !said.kind.is_empty() {
            // What it is stands apart from what it says.
            let format = TextFormat {
                background: theme::mix(visuals.panel_fill, visuals.text_color(), 0.12),
                expand_bg: 2.0,
                ..TextFormat::simple(font.clone(), visuals.strong_text_color())
            };
            job.append(said.kind, 2.0, format);
        }
        let space = if said.kind.is_empty() { 0.0 } else { 9.0 };
        job.append(&visual(&said.content), space, TextFormat::simple(font, visuals.text_color()));
        let galley = ui.painter().layout_job(job);
        let middle = |height: f32| y - height / 2.0;
        let [client, server] = columns.lines;
        let (left, right) = (client + PAD, server - PAD);
        // What an item says stands where its arrow begins.
        let (text_at, remark_at) = match self.item.side {
            Side::Client => (left, right - taken + theme::GAP),
            Side::Server => (right - galley.size().x, left),
        };
        ui.painter().galley(pos2(text_at, middle(galley.size().y)), galley, visuals.text_color());
        if let Some(remark) = remark {
            ui.painter().galley(pos2(remark_at, middle(remark.size().y)), remark, visuals.text_color());
        }
    }

    /// The tooltip: what the row has no room for.
    pub(super) fn tell(&self, ui: &mut Ui) {
        ui.set_max_width(420.0);
        ui.strong(ui.words().with(
            "ladder-row",
            &[
                ("number", (self.number + 1).into()),
                ("side", side_word(ui.words(), self.item.side).into()),
                ("kind", self.line.kind().into()),
                ("size", ui.words().with("count-bytes", &[("count", self.item.length.into())]).into()),
            ],
        ));
        if self.talk.digits > 0 {
            let (since_first, step) = self.times();
            let time = since_first.seconds(self.talk.digits).to_string();
            ui.label(ui.words().with("ladder-time", &[("time", time.into())]));
            if let Some(step) = step {
                ui.label(ui.words().with("ladder-step", &[("time", duration(step).into())]));
            }
        }
        if let Some(packets) = rail::packets(ui.words(), self.talk, self.number, self.item) {
            ui.label(packets);
        }
        if let Some((_, message)) = crate::trace::message_of(self.talk, self.number)
            && message.first != message.last
        {
            let (first, last) = (u64::from(message.first) + 1, u64::from(message.last) + 1);
            ui.label(ui.words().with("ladder-fragment", &[("first", first.into()), ("last", last.into())]));
        }
        for finding in self.talk.findings_of(self.number) {
            let severity = finding.severity();
            let colour = theme::severity(ui.visuals(), severity);
            ui.colored_label(
                colour,
                format!("{} {}", theme::severity_sign(severity), ui.words().finding(finding)),
            );
        }
    }
}

/// About how many letters fit on an arrow.
#[allow(clippy::cast_sign_loss)] // At least a few.
pub(super) fn letters(columns: &Columns) -> usize {
    (room(columns) / 6.0).max(12.0) as usize
}

/// How wide what is written on an arrow may be.
fn room(columns: &Columns) -> f32 {
    columns.lines[1] - columns.lines[0] - 2.0 * PAD
}

/// The ground of a row.
pub(super) fn ground(ui: &Ui, rect: Rect, strength: Strength, chosen: bool) {
    let visuals = ui.visuals();
    let (fill, stroke) = match strength {
        Strength::Selected => (visuals.selection.bg_fill, visuals.selection.stroke),
        Strength::Hovered => (visuals.widgets.hovered.weak_bg_fill, Stroke::NONE),
        Strength::Quiet if chosen => (visuals.selection.bg_fill.gamma_multiply(0.5), Stroke::NONE),
        Strength::Quiet => return,
    };
    let rect = rect.shrink2(vec2(0.0, 0.5));
    ui.painter().rect(rect, 4, fill, stroke, egui::StrokeKind::Inside);
}

/// The end of the conversation: how each direction ended, below the last item.
pub(super) fn foot(ui: &Ui, rect: Rect, columns: &Columns, talk: &Conversation) {
    let colour = ui.visuals().weak_text_color();
    let y = rect.top() + 10.0;
    for side in Side::BOTH {
        let Some(end) = talk.ends.get(side.index()).copied().flatten() else {
            let [x, _] = pick(columns.lines, side);
            rail::line(ui.painter(), ui.visuals(), x, rect.y_range());
            continue;
        };
        let [x, _] = pick(columns.lines, side);
        rail::line(ui.painter(), ui.visuals(), x, egui::Rangef::new(rect.top(), y));
        let reset = end == crate::trace::End::Reset;
        let colour = if reset { theme::severity(ui.visuals(), Severity::Warning) } else { colour };
        ui.painter().hline(x - 7.0..=x + 7.0, y, Stroke::new(2.0, colour));
        // One side throws the connection away, and with it both directions.
        let sent = talk.ended().iter().find(|ending| ending.from == side && ending.how == end);
        let Some(word) = sent.map(|_| if reset { "ladder-rst" } else { "ladder-fin" }) else { continue };
        let (at, align) = match side {
            Side::Client => (pos2(x + PAD, y), Align2::LEFT_CENTER),
            Side::Server => (pos2(x - PAD, y), Align2::RIGHT_CENTER),
        };
        let font = FontId::proportional(theme::SMALL);
        ui.painter().text(at, align, ui.words().text(word), font, colour);
    }
}

/// Of two places, that of this side and that of the other.
fn pick(lines: [f32; 2], side: Side) -> [f32; 2] {
    let [client, server] = lines;
    match side {
        Side::Client => [client, server],
        Side::Server => [server, client],
    }
}

/// The head of an arrow.
fn head(tip: Pos2, towards: f32, colour: Color32) -> Shape {
    let back = tip - vec2(towards * 8.0, 0.0);
    Shape::convex_polygon(vec![tip, back - vec2(0.0, 4.0), back + vec2(0.0, 4.0)], colour, Stroke::NONE)
}

#[cfg(test)]
mod tests {
    use super::digits;

    #[test]
    fn long_times_have_fewer_digits() {
        assert_eq!([1, 2, 3, 4, 5, 9].map(|whole| digits(6, whole, false)), [6, 6, 5, 4, 3, 3]);
        assert_eq!([1, 2, 3, 4, 5].map(|whole| digits(9, whole, true)), [5, 5, 4, 3, 2]);
        assert_eq!(digits(2, 1, false), 2);
    }
}
