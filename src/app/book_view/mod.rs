//! The book, read beside the workspace: contents, search, back and forward, experiments to try.

mod figures;

use std::collections::HashMap;

use egui::{RichText, ScrollArea, TextEdit, Ui};
use egui_commonmark::{CommonMarkCache, CommonMarkViewer};

use self::figures::Figures;
use super::action::Action;
use super::panel::Panel;
use super::pass::Pass;
use super::theme::{self, Strength};
use crate::app::language::Speaks;
use crate::book::{self, Block, Page};

/// The reader.
#[derive(Default)]
pub struct BookPanel {
    /// What is read: its name, and its text taken apart.
    open: Option<(String, Page)>,
    /// The pages that were read before this one, and those that were gone back from.
    back: Vec<String>,
    forward: Vec<String>,
    /// Where each page was left, in points from its top.
    places: HashMap<String, f32>,
    /// The section that is to be scrolled to.
    wanted: Option<String>,
    search: String,
    contents: bool,
    cache: CommonMarkCache,
    figures: Figures,
}

impl std::fmt::Debug for BookPanel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BookPanel")
            .field("open", &self.open.as_ref().map(|(name, _)| name))
            .finish_non_exhaustive()
    }
}

/// The chapter that is read first.
const FIRST: &str = "introduction";
/// Lines that are longer than this are hard to read, in points.
const MEASURE: f32 = 720.0;
/// So many fields of the item that is looked at are offered.
const FIELDS: usize = 16;
/// So many places are listed by a search.
const HITS: usize = 50;

impl BookPanel {
    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        let wanted = pass.state.settings.page.clone();
        let page = if wanted.is_empty() { FIRST } else { &wanted };
        self.turn_to(page);
        self.head(ui, pass);
        ui.separator();
        if !self.search.trim().is_empty() {
            self.hits(ui, pass);
        } else if self.contents {
            self.contents(ui, pass);
        } else {
            self.page(ui, pass);
        }
    }

    /// Opens a page, `chapter` or `chapter#section`, if it is not open.
    fn turn_to(&mut self, target: &str) {
        let (name, section) = target.split_once('#').unwrap_or((target, ""));
        if self.open.as_ref().is_some_and(|(open, _)| open == name) {
            return;
        }
        let Some(page) = book::page(name) else { return };
        if let Some((old, _)) = self.open.replace((name.to_owned(), page))
            && self.back.last() != Some(&old)
        {
            self.back.push(old);
        }
        self.wanted = Some(section.to_owned()).filter(|section| !section.is_empty());
        self.cache = CommonMarkCache::default();
    }

    fn go(&mut self, pass: &mut Pass<'_>, target: &str) {
        self.contents = false;
        self.search.clear();
        let (name, section) = target.split_once('#').unwrap_or((target, ""));
        self.wanted = Some(section.to_owned()).filter(|section| !section.is_empty());
        if self.open.as_ref().is_none_or(|(open, _)| open != name) {
            self.forward.clear();
        }
        target.clone_into(&mut pass.state.settings.page);
    }

    fn head(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        ui.horizontal_wrapped(|ui| {
            let button = |ui: &mut Ui, enabled: bool, sign: &str, word: &str| {
                let response = ui.add_enabled(enabled, egui::Button::new(sign));
                response.on_hover_text(ui.words().text(word)).accessible_name(ui.words().text(word)).clicked()
            };
            if button(ui, !self.back.is_empty(), "◀", "book-back")
                && let Some(page) = self.back.pop()
            {
                self.forward.extend(self.open.take().map(|(name, _)| name));
                pass.state.settings.page = page;
            }
            if button(ui, !self.forward.is_empty(), "▶", "book-forward")
                && let Some(page) = self.forward.pop()
            {
                pass.state.settings.page = page;
            }
            if ui.selectable_label(self.contents, ui.words().text("book-contents")).clicked() {
                self.contents = !self.contents;
                self.search.clear();
            }
            let room = (ui.available_width() - 8.0).clamp(90.0, 240.0);
            let search = TextEdit::singleline(&mut self.search)
                .hint_text(ui.words().text("book-search"))
                .desired_width(room);
            ui.add(search).accessible_name(ui.words().text("book-search"));
        });
    }

    fn contents(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        let open = self.open.as_ref().map(|(name, _)| name.clone());
        let mut chosen = None;
        ScrollArea::vertical().id_salt("contents").auto_shrink(false).show(ui, |ui| {
            for chapter in book::chapters() {
                if let Some(part) = &chapter.part {
                    ui.add_space(theme::GROUP);
                    ui.label(RichText::new(part).strong());
                }
                ui.horizontal(|ui| {
                    ui.add_space(chapter.depth as f32 * 16.0);
                    let is_open = open.as_ref() == Some(&chapter.name);
                    if ui.selectable_label(is_open, &chapter.title).clicked() {
                        chosen = Some(chapter.name.clone());
                    }
                });
            }
        });
        if let Some(name) = chosen {
            self.go(pass, &name);
        }
    }

    fn hits(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        let hits = book::search(&self.search, HITS);
        if hits.is_empty() {
            ui.label(RichText::new(ui.words().text("book-nothing")).weak());
            return;
        }
        let mut chosen = None;
        ScrollArea::vertical().id_salt("hits").auto_shrink(false).show(ui, |ui| {
            for hit in &hits {
                let title = book::chapter(hit.chapter).map_or(hit.chapter, |chapter| &chapter.title);
                if ui.link(RichText::new(title).strong()).clicked() {
                    chosen = Some(format!("{}#{}", hit.chapter, hit.anchor));
                }
                ui.add(egui::Label::new(RichText::new(&hit.around).weak()).wrap());
                ui.add_space(theme::GAP);
            }
        });
        if let Some(target) = chosen {
            self.go(pass, target.trim_end_matches('#'));
        }
    }

    fn page(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        let Some((name, page)) = self.open.take() else {
            ui.label(ui.words().text("book-missing"));
            return;
        };
        for link in &page.links {
            if !link.contains("://") && self.cache.get_link_hook(link).is_none() {
                self.cache.add_link_hook(link.clone());
            }
        }
        let mut area = ScrollArea::vertical().id_salt(("page", &name)).auto_shrink(false);
        let wanted = self.wanted.take();
        // A page is left and found again where it was.
        if let Some(place) = self.places.remove(&name).filter(|_| wanted.is_none()) {
            area = area.vertical_scroll_offset(place);
        }
        let output = area.show(ui, |ui| {
            let width = ui.available_width().min(MEASURE);
            ui.set_max_width(width);
            for (number, block) in page.blocks.iter().enumerate() {
                self.block(ui, pass, number, block, width, wanted.as_deref());
            }
            ui.add_space(theme::GROUP);
            in_the_bytes(ui, pass, &name);
            self.next(ui, pass, &name);
            ui.add_space(theme::GROUP);
        });
        let followed: Vec<String> =
            page.links.iter().filter(|link| self.cache.get_link_hook(link) == Some(true)).cloned().collect();
        let offset = output.state.clamped_offset().y;
        self.open = Some((name.clone(), page));
        if let Some(link) = followed.first() {
            self.places.insert(name.clone(), offset);
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let chapter = file.strip_suffix(".md").unwrap_or(file);
            let chapter = if chapter.is_empty() { &name } else { chapter };
            let target = if anchor.is_empty() { chapter.to_owned() } else { format!("{chapter}#{anchor}") };
            self.go(pass, &target);
        }
    }

    fn block(
        &mut self,
        ui: &mut Ui,
        pass: &mut Pass<'_>,
        number: usize,
        block: &Block,
        width: f32,
        wanted: Option<&str>,
    ) {
        match block {
            Block::Text { anchor, markdown } => {
                let top = ui.next_widget_position();
                ui.push_id(number, |ui| {
                    CommonMarkViewer::new().default_width(Some(width as usize)).show(
                        ui,
                        &mut self.cache,
                        markdown,
                    );
                });
                if !anchor.is_empty() && wanted == Some(anchor.as_str()) {
                    let place = egui::Rect::from_min_size(top, egui::vec2(1.0, 1.0));
                    ui.scroll_to_rect(place, Some(egui::Align::Min));
                }
            }
            Block::Figure { file, words } => self.figures.ui(ui, file, words, width),
            Block::TryIt { lesson, title } => {
                let fill = ui.visuals().selection.bg_fill.gamma_multiply(0.45);
                egui::Frame::new().fill(fill).corner_radius(6).inner_margin(10).show(ui, |ui| {
                    ui.horizontal_wrapped(|ui| {
                        let name = ui.words().with("book-try", &[("title", title.as_str().into())]);
                        if ui.button(RichText::new(name).strong()).clicked() {
                            pass.state.ask(Action::Lesson(lesson.clone()));
                        }
                    });
                });
                ui.add_space(theme::GAP);
            }
        }
    }

    /// To the chapter behind this one.
    fn next(&mut self, ui: &mut Ui, pass: &mut Pass<'_>, name: &str) {
        let at = book::chapters().iter().position(|chapter| chapter.name == name);
        let Some(next) = at.and_then(|at| book::chapters().get(at + 1)) else { return };
        ui.separator();
        let words = ui.words().with("book-next", &[("title", next.title.as_str().into())]);
        if ui.link(RichText::new(words).strong()).clicked() {
            self.go(pass, &next.name);
        }
    }
}

/// What this chapter tells about, in the item that is looked at: the way from the book back to the bytes.
fn in_the_bytes(ui: &mut Ui, pass: &mut Pass<'_>, chapter: &str) {
    let Some(look) = &pass.state.look else { return };
    let leaves = look.tree.leaves();
    let mut fields: Vec<_> = leaves.into_iter().filter(|leaf| leaf.kind.chapter == chapter).collect();
    fields.dedup_by_key(|field| field.kind.id);
    fields.truncate(FIELDS);
    if fields.is_empty() {
        return;
    }
    let mut chosen = None;
    ui.label(RichText::new(ui.words().text("book-in-the-bytes")).weak());
    ui.horizontal_wrapped(|ui| {
        for field in fields {
            let fill = theme::ground(ui.visuals(), field.kind, Strength::Quiet);
            if ui.add(egui::Button::new(field.kind.name).fill(fill)).clicked() {
                chosen = Some((look.number, field.bits));
            }
        }
    });
    ui.add_space(theme::GAP);
    if let Some((item, bits)) = chosen {
        pass.state.ask(Action::Select(item, Some(bits)));
        pass.state.ask(Action::Show(Panel::Inspector));
    }
}
