//! The items of a conversation, time running down.
//!
//! | file | what |
//! |---|---|
//! | `filter_line` | the line above, which says what is shown |
//! | `rows` | which items have a row |
//! | `row`, `rail` | one row; the two lines and what is marked on them |
//! | `inflated` | the beginnings of compressed messages |
//! | `copied` | rows as text |

mod copied;
mod filter_line;
mod inflated;
mod rail;
mod row;
mod rows;

use egui::{
    Align, EventFilter, FontId, Id, Layout, Modifiers, Rect, RichText, Role, Sense, Ui, WidgetInfo, vec2,
};

use super::action::{Action, At, Dialog};
use super::pass::{Pass, State};
use super::row_scroll::{RowScroll, Shown};
use super::source::Source;
use super::theme::{self, Strength};
use crate::app::language::Speaks;
use crate::model::field::BitRange;
use crate::model::protocol::Side;
use crate::trace::{Conversation, Store};
use crate::words::Words;
use filter_line::FilterLine;
use inflated::Inflated;
use row::{Columns, ROW, Row, foot, ground, letters};
use rows::Rows;

/// The items of a conversation, time running down.
#[derive(Debug, Default)]
pub struct Ladder {
    filter: FilterLine,
    rows: Rows,
    scroll: RowScroll,
    inflated: Inflated,
    at: Option<At>,
    /// What was looked at when the ladder was drawn last: what is chosen elsewhere is scrolled to.
    item: Option<usize>,
    /// How many rows there were.
    count: usize,
    /// Where a choice of several items began.
    anchor: Option<usize>,
    /// A row was clicked: the keys go to the list next. Not at once, because the list would take the same click for one
    /// beside it if the frame is laid out a second time.
    focus: bool,
}

/// The height of the headings.
const HEADINGS: f32 = 38.0;

impl Ladder {
    /// Chooses the item that stands so many rows further down.
    pub fn step(&mut self, by: isize, state: &mut State) {
        self.go(state, false, by);
    }

    /// Looks at the item so many rows further down. With `extend` all items from where the choice began are chosen.
    fn go(&mut self, state: &mut State, extend: bool, by: isize) {
        let Some(last) = self.rows.count().checked_sub(1) else { return };
        let row = match state.item.map_or(Err(0), |item| self.rows.row(item)) {
            // Beside the rows: the next one that there is.
            Err(row) if by > 0 => row.saturating_add_signed(by - 1),
            Ok(row) | Err(row) => row.saturating_add_signed(by),
        };
        if let Some(item) = self.rows.item(row.min(last)) {
            self.choose(state, item, extend);
        }
    }

    fn choose(&mut self, state: &mut State, item: usize, extend: bool) {
        if state.chosen.is_none() {
            self.anchor = None;
        }
        if extend {
            let anchor = *self.anchor.get_or_insert(state.item.unwrap_or(item));
            state.chosen = Some((anchor.min(item), anchor.max(item)));
        } else {
            self.anchor = None;
            state.chosen = None;
        }
        state.ask(Action::Select(item, None));
    }

    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        let (Some(at), Some((trace, talk))) = (pass.state.at, pass.talk()) else {
            ui.label(RichText::new(ui.words().text("ladder-none")).weak());
            return;
        };
        let store = &trace.store;
        let shown = pass.state.replay.shown(talk);
        let settings = &mut pass.state.settings;
        let anew = self.rows.bring(at, (talk, store), self.filter.filter(), settings.hide_control, shown);
        self.inflated.turn_to(at, talk);
        self.filter.ui(ui, settings, &self.rows, talk.items.len());
        if talk.items.is_empty() {
            ui.add_space(theme::GROUP);
            ui.label(RichText::new(nothing_to_show(ui.words(), talk)).weak());
            return;
        }
        let area = ui.available_rect_before_wrap();
        if area.height() < HEADINGS + ROW {
            return;
        }
        let whole = shown == talk.items.len() && talk.ends.iter().any(Option::is_some);
        let count = self.rows.count() + usize::from(whole);
        let live = pass.source().is_some_and(Source::is_live);
        self.place(pass.state, (at, live), anew, count);
        let id = ui.scope_id().with("ladder");
        let body = Rect::from_min_max(area.min + vec2(0.0, HEADINGS), area.max);
        let list = ui.interact(body, id, Sense::click());
        let name = ui.words().text("ladder-list");
        list.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, name));
        if std::mem::take(&mut self.focus) {
            list.request_focus();
        }
        let seen = self.scroll.ui(ui, id, body, ROW, count, ui.words().text("ladder-scroll-bar"));
        let follows = pass.state.replay.is_on() || live;
        if seen.went_back && follows {
            pass.state.settings.follow = false;
        }
        let columns = Columns::new(seen.area, talk);
        headings(ui, area, &columns, talk);
        if list.has_focus() {
            self.keys(ui, id, pass.state);
            ui.painter().rect_stroke(body, 2, ui.visuals().selection.stroke, egui::StrokeKind::Inside);
        }
        let mut clipped = ui.new_child(egui::UiBuilder::new().max_rect(body).id_salt("rows"));
        clipped.set_clip_rect(body.intersect(ui.clip_rect()));
        self.draw(&mut clipped, pass, id, (talk, store), &seen, &columns);
        ui.advance_cursor_after_rect(area);
        if self.inflated.work(talk, store) || self.rows.progress().is_some() {
            ui.ctx().request_repaint();
        }
    }

    /// Decides where the list stands. It moves for what a person chose or switched on, and for nothing else.
    fn place(&mut self, state: &State, (at, live): (At, bool), anew: bool, count: usize) {
        if self.at != Some(at) {
            (self.scroll, self.item, self.count, self.anchor) = (RowScroll::default(), None, 0, None);
            self.at = Some(at);
        }
        let follows = state.replay.is_on() || live;
        if state.settings.follow && follows && count != self.count {
            self.scroll.go_to_end();
        }
        self.count = count;
        if state.item != self.item || anew {
            self.item = state.item;
            if let Some(Ok(row)) = self.item.map(|item| self.rows.row(item)) {
                // Below the last item is how the connection ended.
                self.scroll.reveal(if row + 1 == self.rows.count() { count - 1 } else { row });
            }
        }
    }

    fn keys(&mut self, ui: &Ui, id: Id, state: &mut State) {
        let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        // A key without Shift would also be taken for one that was pressed with it.
        for extend in [true, false] {
            let modifiers = if extend { Modifiers::SHIFT } else { Modifiers::NONE };
            for (key, by) in self.scroll.moves() {
                if ui.input_mut(|input| input.consume_key(modifiers, key)) {
                    self.go(state, extend, by);
                }
            }
        }
    }

    fn draw(
        &mut self,
        ui: &mut Ui,
        pass: &mut Pass<'_>,
        id: Id,
        (talk, store): (&Conversation, &Store),
        seen: &Shown,
        columns: &Columns,
    ) {
        let (letters, words) = (letters(columns), ui.words());
        for at in seen.rows.clone() {
            let rect = seen.rect(at);
            let Some(row) = self
                .rows
                .item(at)
                .and_then(|number| Row::new(words, talk, store, number, self.rows.before(number)))
            else {
                foot(ui, rect, columns, talk);
                continue;
            };
            let mut said = row.say(ui.words(), &mut self.inflated, letters);
            if !pass.state.hidden_bits(row.number).is_empty() {
                said.keep_silent();
            }
            self.interact(ui, pass.state, id, rect, &row, &row.name(ui.words(), &said), store);
            row.draw(ui, rect, columns, &said);
        }
    }

    #[allow(clippy::too_many_arguments)] // A row, where it is, and who shares what happens to it.
    fn interact(
        &mut self,
        ui: &Ui,
        state: &mut State,
        id: Id,
        rect: Rect,
        row: &Row<'_>,
        name: &str,
        store: &Store,
    ) {
        let number = row.number;
        // The list has the focus, and not each row of it.
        let response = ui.interact(rect, id.with(number), Sense::CLICK);
        let selected = state.item == Some(number);
        let chosen = state.chosen.is_some_and(|(first, last)| (first..=last).contains(&number));
        response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, selected || chosen, name));
        if response.clicked() {
            let extend = ui.input(|input| input.modifiers.shift);
            self.focus = true;
            self.choose(state, number, extend);
        }
        if response.secondary_clicked() && !chosen {
            self.choose(state, number, false);
        }
        let length = row.item.length.saturating_mul(8);
        if response.hovered() {
            state.marks.hover(number, BitRange::new(0, length));
        }
        let lit = state.marks.hovered().is_some_and(|mark| mark.item == number);
        let strength = match (selected, lit) {
            (true, _) => Strength::Selected,
            (false, true) => Strength::Hovered,
            (false, false) => Strength::Quiet,
        };
        ground(ui, rect, strength, chosen);
        response.context_menu(|ui| {
            if ui.button(ui.words().text("ladder-edit-resend")).clicked() {
                state.ask(Action::EditAndResend(number));
            }
            if ui.button(ui.words().text("ladder-export")).clicked() {
                state.ask(Action::Dialog(Dialog::Export));
            }
            if ui.button(ui.words().text("ladder-copy")).clicked() {
                let chosen = state.chosen.filter(|_| chosen).unwrap_or((number, number));
                ui.ctx().copy_text(copied::text(ui.words(), row.talk, store, chosen));
            }
        });
        response.on_hover_ui(|ui| row.tell(ui));
    }
}

/// Who speaks on which line.
/// What stands in place of a ladder without items.
fn nothing_to_show(words: Words, talk: &Conversation) -> String {
    match talk.hidden() {
        Some([client, server]) => words.count("ladder-hidden", client + server),
        None if talk.ended().is_empty() => words.text("ladder-empty").to_owned(),
        None => words.text("ladder-silent").to_owned(),
    }
}

fn headings(ui: &mut Ui, area: Rect, columns: &Columns, talk: &Conversation) {
    let middle = f32::midpoint(columns.lines[0], columns.lines[1]);
    let [client, server] = columns.lines;
    let halves = [(client - 14.0, middle - 4.0), (middle + 4.0, server + 14.0)];
    for ((side, address), (left, right)) in
        [(Side::Client, talk.client), (Side::Server, talk.server)].into_iter().zip(halves)
    {
        let rect = Rect::from_x_y_ranges(left..=right, area.top()..=area.top() + HEADINGS);
        let align = if side == Side::Client { Align::Min } else { Align::Max };
        let layout = Layout::top_down(align);
        let mut half = ui.new_child(egui::UiBuilder::new().max_rect(rect).layout(layout).id_salt(side.id()));
        half.spacing_mut().item_spacing.y = 0.0;
        half.label(RichText::new(rail::side_word(half.words(), side)).strong());
        // Typed bytes come from nowhere.
        if address.port() == 0 {
            continue;
        }
        let font = FontId::proportional(theme::SMALL);
        let colour = half.visuals().weak_text_color();
        let whole = half.painter().layout_no_wrap(address.to_string(), font.clone(), colour);
        // Where only a part fits, the port tells the ends apart.
        let fits = whole.size().x <= rect.width();
        let text = if fits { address.to_string() } else { format!(":{}", address.port()) };
        let label = egui::Label::new(RichText::new(text).font(font).color(colour));
        half.add(label.extend()).on_hover_text(address.to_string());
    }
}
