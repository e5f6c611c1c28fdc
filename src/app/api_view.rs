//! What the WebSocket API of the client sees: the object's attributes, and the events that fired on it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Align2, FontId, Galley, Rect, RichText, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::action::{Action, At};
use super::language::Speaks;
use super::numbers::moment;
use super::pass::Pass;
use super::row_scroll::RowScroll;
use super::source::Source;
use super::theme;
use crate::analysis::api::{self, ApiEvent, ApiView, Caused, ReadyState};
use crate::model::protocol::Side;
use crate::trace::{Conversation, Store, Timestamp};
use crate::words::Words;

/// What the WebSocket API of the client sees.
#[derive(Debug, Default)]
pub struct ApiPanel {
    at: Option<At>,
    view: ApiView,
    /// How many items the view has seen.
    seen: usize,
    /// Items have had other numbers so often.
    renumbered: u32,
    scroll: RowScroll,
    /// How many events were drawn last: new ones are scrolled to.
    events: usize,
}

/// How long a frame may look at items, and how many it looks at between two looks at the clock.
const SLICE: Duration = Duration::from_millis(3);
const BETWEEN: usize = 512;

/// The height of an event's row.
const ROW: f32 = 24.0;

/// A panel that is wider has attributes and events side by side.
const WIDE: f32 = 720.0;

/// The states in their order.
const STATES: [ReadyState; 4] =
    [ReadyState::Connecting, ReadyState::Open, ReadyState::Closing, ReadyState::Closed];

impl ApiPanel {
    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        let (Some(at), Some((trace, talk))) = (pass.state.at, pass.talk()) else {
            ui.label(RichText::new(ui.words().text("api-none")).weak());
            return;
        };
        let shown = pass.state.replay.shown(talk);
        if self.bring(at, talk, &trace.store, shown) {
            ui.ctx().request_repaint();
        }
        let Some(state) = self.view.state() else {
            ui.label(RichText::new(ui.words().text("api-no-websocket")).weak());
            return;
        };
        if ui.available_width() < WIDE {
            diagram(ui, state, self.view.changes());
            ui.add_space(theme::GAP);
            attributes(ui, pass, talk, &trace.store, state, shown);
            ui.add_space(theme::GAP);
            self.list(ui, pass, talk);
            return;
        }
        ui.horizontal_top(|ui| {
            ui.vertical(|ui| {
                ui.set_width(WIDE * 0.62);
                diagram(ui, state, self.view.changes());
                ui.add_space(theme::GAP);
                attributes(ui, pass, talk, &trace.store, state, shown);
            });
            ui.separator();
            ui.vertical(|ui| self.list(ui, pass, talk));
        });
    }

    /// Brings the view to where `shown` items were seen. Whether there is more to look at.
    fn bring(&mut self, at: At, talk: &Conversation, store: &Store, shown: usize) -> bool {
        let renumbered = talk.renumbered();
        if self.at != Some(at) || self.renumbered != renumbered || talk.items.len() < self.seen {
            *self = Self { at: Some(at), renumbered, ..Self::default() };
        }
        // Going back begins again, in slices too.
        if shown < self.seen {
            (self.view, self.seen) = (ApiView::default(), 0);
        }
        let begun = Instant::now();
        loop {
            self.seen = shown.min(self.seen + BETWEEN);
            self.view.advance_to(talk, store, self.seen);
            if self.seen == shown || begun.elapsed() > SLICE {
                return self.seen < shown;
            }
        }
    }

    fn list(&mut self, ui: &mut Ui, pass: &mut Pass<'_>, talk: &Conversation) {
        ui.strong(ui.words().text("api-events"));
        let events = self.view.events();
        if events.is_empty() {
            ui.label(RichText::new(ui.words().text("api-no-events")).weak());
        }
        let area = ui.available_rect_before_wrap();
        if area.height() < ROW {
            return;
        }
        // As the ladder: what has just fired is to be seen, but a capture is read from its beginning.
        let follows = pass.state.replay.is_on() || pass.source().is_some_and(Source::is_live);
        if events.len() != self.events && follows {
            self.scroll.go_to_end();
        }
        self.events = events.len();
        let id = ui.scope_id().with("events");
        let name = ui.words().text("api-scroll-bar");
        // Only the last event can be long: a close with its reason takes as many rows as it needs.
        let last = events.len().saturating_sub(1);
        let more = events.last().map_or(0, |event| more_rows(ui, event, area.width()));
        let seen = self.scroll.ui(ui, id, area, ROW, events.len() + more, name);
        let mut clipped = ui.new_child(egui::UiBuilder::new().max_rect(seen.area).id_salt("events"));
        clipped.set_clip_rect(seen.area.intersect(ui.clip_rect()));
        for row in seen.rows.start.min(last)..seen.rows.end.min(events.len()) {
            if let Some(event) = events.get(row) {
                let mut rect = seen.rect(row);
                if row == last {
                    rect.max.y += more as f32 * ROW;
                }
                event_row(&clipped, pass, talk, rect, id.with(row), event);
            }
        }
        ui.advance_cursor_after_rect(area);
    }
}

/// Where the details of an event begin and how far from the right edge they end: there its item is told.
const DETAILS: f32 = 158.0;
const ITEM: f32 = 76.0;

/// The details of an event, in lines that fit into a row so wide.
fn details_galley(ui: &Ui, event: &Caused<ApiEvent>, width: f32) -> Arc<Galley> {
    // That the connection ended is told in more words than a number.
    let item = if event.item.is_some() { ITEM } else { 2.0 * ITEM };
    let room = (width - DETAILS - item).max(ITEM);
    let font = FontId::proportional(theme::TEXT);
    ui.painter().layout(details(ui.words(), &event.what), font, ui.visuals().text_color(), room)
}

/// How many rows an event needs behind its first.
#[allow(clippy::cast_sign_loss)] // Never below 0.
fn more_rows(ui: &Ui, event: &Caused<ApiEvent>, width: f32) -> usize {
    let height = details_galley(ui, event, width).size().y;
    (height / ROW).ceil().max(1.0) as usize - 1
}

fn event_row(
    ui: &Ui,
    pass: &mut Pass<'_>,
    talk: &Conversation,
    rect: Rect,
    id: egui::Id,
    event: &Caused<ApiEvent>,
) {
    let details = details(ui.words(), &event.what);
    let item = match event.item {
        Some(item) => ui.words().with("api-item", &[("number", (item + 1).into())]),
        None => ui.words().text("api-end").to_owned(),
    };
    let sense = if event.item.is_some() { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, id, sense);
    let name = [event.what.name(), &details, &item].join(", ").replace(", , ", ", ");
    let selected = event.item.is_some() && event.item == pass.state.item;
    response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, selected, &name));
    if response.clicked()
        && let Some(item) = event.item
    {
        pass.state.ask(Action::Select(item, None));
    }
    let visuals = ui.style().interact_selectable(&response, selected);
    if selected || response.hovered() || response.has_focus() {
        let kind = egui::StrokeKind::Inside;
        ui.painter().rect(rect, 3, visuals.weak_bg_fill, visuals.bg_stroke, kind);
    }
    let middle = rect.top() + ROW / 2.0;
    let (strong, weak) = (ui.visuals().strong_text_color(), ui.visuals().weak_text_color());
    let font = FontId::proportional(theme::TEXT);
    let write = |x: f32, align: Align2, words: &str, colour| {
        ui.painter().text(pos2(rect.left() + x, middle), align, words, font.clone(), colour);
    };
    let time = fired_at(talk, event).filter(|_| talk.digits > 0);
    let first = talk.items.get(talk.items.first_kept());
    if let Some((time, first)) = time.zip(first) {
        let (_, whole) = pass.state.replay.times(talk);
        let mut time = moment(time.since(talk.time_of(first)), whole);
        if event.item.is_none() {
            time = ui.words().with("api-not-before", &[("time", time.into())]);
        }
        write(82.0, Align2::RIGHT_CENTER, &time, weak);
    }
    write(92.0, Align2::LEFT_CENTER, event.what.name(), strong);
    let galley = details_galley(ui, event, rect.width());
    let line = galley.rows.first().map_or(0.0, |row| row.rect().height());
    let at = pos2(rect.left() + DETAILS, middle - line / 2.0);
    ui.painter().galley(at, galley, ui.visuals().text_color());
    write(rect.width() - 8.0, Align2::RIGHT_CENTER, &item, weak);
}

/// When an event fired. The end of TCP has no time of its own in a recording: it was not before the last item.
fn fired_at(talk: &Conversation, event: &Caused<ApiEvent>) -> Option<Timestamp> {
    let item = event.item.map_or_else(|| talk.items.last(), |item| talk.items.get(item));
    item.map(|item| talk.time_of(item))
}

/// What the event object holds.
fn details(words: Words, event: &ApiEvent) -> String {
    match event {
        ApiEvent::Open | ApiEvent::Error => String::new(),
        ApiEvent::Message { kind, length } => {
            let size = words.with("count-bytes", &[("count", (*length).into())]);
            format!("{}, {size}", kind.id())
        }
        ApiEvent::Close { code, reason, was_clean } => {
            format!("code {code}, wasClean {was_clean}, reason {reason:?}")
        }
    }
}

/// The four states, with the way from one to the next; the one that holds is lit, those that were are outlined.
fn diagram(ui: &mut Ui, state: ReadyState, changes: &[Caused<ReadyState>]) {
    const HEIGHT: f32 = 30.0;
    const ARROW: f32 = 18.0;
    let width = ui.available_width().min(WIDE * 0.62);
    let (rect, response) = ui.allocate_exact_size(vec2(width, HEIGHT), Sense::hover());
    let said =
        ui.words().with("api-state", &[("name", state.name().into()), ("number", state.number().into())]);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &said));
    let each = (width - 3.0 * ARROW) / 4.0;
    let visuals = ui.visuals();
    for (place, one) in STATES.into_iter().enumerate() {
        let left = rect.left() + place as f32 * (each + ARROW);
        let node = Rect::from_min_size(pos2(left, rect.top() + 1.0), vec2(each, HEIGHT - 2.0));
        let was = changes.iter().any(|change| change.what == one);
        let (fill, stroke, colour) = if one == state {
            (
                visuals.selection.bg_fill,
                Stroke::new(2.0, visuals.selection.stroke.color),
                visuals.strong_text_color(),
            )
        } else if was {
            (visuals.panel_fill, Stroke::new(1.0, visuals.text_color()), visuals.text_color())
        } else {
            (visuals.panel_fill, visuals.widgets.noninteractive.bg_stroke, visuals.weak_text_color())
        };
        ui.painter().rect(node, 8, fill, stroke, egui::StrokeKind::Inside);
        let font = FontId::proportional(if each < 96.0 { theme::SMALL * 0.8 } else { theme::SMALL });
        ui.painter().text(node.center(), Align2::CENTER_CENTER, one.name(), font, colour);
        if place > 0 {
            let to = node.left_center() - vec2(1.0, 0.0);
            let stroke = Stroke::new(1.5, visuals.weak_text_color());
            ui.painter().line_segment([to - vec2(ARROW - 2.0, 0.0), to], stroke);
            for up in [-1.0, 1.0] {
                ui.painter().line_segment([to, to + vec2(-4.0, 4.0 * up)], stroke);
            }
        }
    }
}

/// The attributes of the object, as the API names them.
fn attributes(
    ui: &mut Ui,
    pass: &Pass<'_>,
    talk: &Conversation,
    store: &Store,
    state: ReadyState,
    shown: usize,
) {
    let buffered = match pass.speaker(Side::Client) {
        Some(speaker) => pass.host.buffered(&speaker).to_string(),
        None => ui.words().text("api-not-on-the-wire").to_owned(),
    };
    // Before the connection is open both are empty.
    let agreed = state > ReadyState::Connecting;
    let quoted = |text: &str| format!("{text:?}");
    let protocol = talk.subprotocol.as_deref().filter(|_| agreed).unwrap_or_default();
    let extensions = if agreed { talk.extensions.join(", ") } else { String::new() };
    let rows = [
        ("readyState", format!("{} {}", state.number(), state.name())),
        ("bufferedAmount", buffered),
        ("protocol", quoted(protocol)),
        ("extensions", quoted(&extensions)),
        (
            "url",
            api::url(talk, store, shown)
                .map_or_else(|| ui.words().text("api-not-on-the-wire").to_owned(), |url| quoted(&url)),
        ),
    ];
    // Lines of text, not of buttons: all of them are to be seen in a low panel.
    ui.spacing_mut().interact_size.y = 0.0;
    egui::Grid::new("api-attributes").num_columns(2).spacing([theme::GROUP, 2.0]).show(ui, |ui| {
        for (name, value) in rows {
            ui.label(RichText::new(name).monospace().weak());
            ui.add(egui::Label::new(RichText::new(value).monospace()).truncate());
            ui.end_row();
        }
    });
}
