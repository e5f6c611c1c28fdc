//! Where the panels stand: side by side, one behind the other, hidden; or one at a time on a projector.

use egui::{Ui, WidgetText};
use egui_tiles::{Behavior, SimplificationOptions, TileId, Tiles, Tree, UiResponse};

use super::action::Action;
use super::language::Speaks;
use super::panel::Panel;
use super::pass::Pass;
use super::views::Views;

/// The layout, which is remembered.
pub(super) type Layout = Tree<Panel>;

/// The layout at first.
pub(super) fn default_layout() -> Layout {
    let mut tiles = Tiles::default();
    let mut tabs = |panels: &[Panel]| {
        let panes = panels.iter().map(|panel| tiles.insert_pane(*panel)).collect();
        tiles.insert_tab_tile(panes)
    };
    let left = tabs(&[Panel::Conversations]);
    let middle = tabs(&[Panel::Ladder]);
    let right = tabs(&[Panel::Inspector, Panel::Packets, Panel::Statistics, Panel::Book]);
    // A lesson asks for what is picked in the inspector, so it does not stand before it.
    let below = tabs(&[Panel::Composer, Panel::Api, Panel::Lesson]);
    let above = tiles.insert_horizontal_tile(vec![left, middle, right]);
    let root = tiles.insert_vertical_tile(vec![above, below]);
    share(&mut tiles, above, &[(left, 0.66), (middle, 1.2), (right, 1.6)]);
    share(&mut tiles, root, &[(above, 2.1), (below, 1.0)]);
    Tree::new(egui::Id::unique("workspace"), root, tiles)
}

fn share(tiles: &mut Tiles<Panel>, parent: TileId, shares: &[(TileId, f32)]) {
    if let Some(egui_tiles::Tile::Container(egui_tiles::Container::Linear(linear))) = tiles.get_mut(parent) {
        for (child, share) in shares {
            linear.shares.set_share(*child, *share);
        }
    }
}

/// Whether a remembered layout has every panel exactly once; one from another version may not.
pub(super) fn is_whole(layout: &Layout) -> bool {
    let panes: Vec<Panel> = layout
        .tiles
        .tiles()
        .filter_map(|tile| match tile {
            egui_tiles::Tile::Pane(panel) => Some(*panel),
            egui_tiles::Tile::Container(_) => None,
        })
        .collect();
    panels().all(|panel| panes.iter().filter(|pane| **pane == panel).count() == 1)
}

/// The panels that stand in the layout: the replay bar has its own place.
fn panels() -> impl Iterator<Item = Panel> {
    Panel::ALL.into_iter().filter(|panel| *panel != Panel::Replay)
}

/// Whether a panel is there to be seen, if only behind another.
pub(super) fn is_shown(layout: &Layout, panel: Panel) -> bool {
    layout.tiles.find_pane(&panel).is_some_and(|tile| layout.is_visible(tile))
}

/// The panels that stand before others, where they can be read.
pub(super) fn in_front(layout: &Layout) -> Vec<Panel> {
    layout.active_tiles().into_iter().filter_map(|tile| layout.tiles.get_pane(&tile).copied()).collect()
}

/// Shows a panel, before those that stand at the same place.
pub(super) fn show(layout: &mut Layout, panel: Panel) {
    if let Some(tile) = layout.tiles.find_pane(&panel) {
        layout.set_visible(tile, true);
        layout.make_active(|id, _| id == tile);
    }
}

/// Hides a panel.
pub(super) fn hide(layout: &mut Layout, panel: Panel) {
    if let Some(tile) = layout.tiles.find_pane(&panel) {
        layout.set_visible(tile, false);
    }
}

/// Draws the panels.
pub(super) fn ui(ui: &mut Ui, layout: &mut Layout, views: &mut Views, pass: &mut Pass<'_>) {
    let mut behaviour = Workspace { views, pass };
    layout.ui(&mut behaviour, ui);
}

/// Draws one panel and a row to choose another: for a projector.
pub(super) fn one_at_a_time(ui: &mut Ui, views: &mut Views, pass: &mut Pass<'_>) {
    ui.horizontal_wrapped(|ui| {
        for panel in panels() {
            let chosen = pass.state.settings.projected == panel;
            if ui.selectable_label(chosen, panel.name(ui.words())).clicked() {
                pass.state.settings.projected = panel;
            }
        }
    });
    ui.separator();
    let panel = pass.state.settings.projected;
    egui::Frame::new().inner_margin(MARGIN).show(ui, |ui| views.ui(ui, panel, pass));
}

/// The room around a panel.
const MARGIN: i8 = 6;

struct Workspace<'w, 'f> {
    views: &'w mut Views,
    pass: &'w mut Pass<'f>,
}

impl Behavior<Panel> for Workspace<'_, '_> {
    fn pane_ui(&mut self, ui: &mut Ui, _: TileId, panel: &mut Panel) -> UiResponse {
        egui::Frame::new().inner_margin(MARGIN).show(ui, |ui| {
            ui.push_id(*panel, |ui| self.views.ui(ui, *panel, self.pass));
        });
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, panel: &Panel) -> WidgetText {
        panel.name(self.pass.words()).into()
    }

    fn is_tab_closable(&self, _: &Tiles<Panel>, _: TileId) -> bool {
        true
    }

    /// A closed panel is hidden, so that it can come back.
    fn on_tab_close(&mut self, tiles: &mut Tiles<Panel>, tile: TileId) -> bool {
        if let Some(panel) = tiles.get_pane(&tile) {
            self.pass.state.ask(Action::Toggle(*panel));
        }
        false
    }

    fn on_tab_button(
        &mut self,
        tiles: &mut Tiles<Panel>,
        tile: TileId,
        response: egui::Response,
    ) -> egui::Response {
        if let Some(panel) = tiles.get_pane(&tile) {
            let words = self.pass.words();
            let name = words.with("panel-tab", &[("name", panel.name(words).into())]);
            response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Tab, true, &name));
        }
        response
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions {
            all_panes_must_have_tabs: true,
            prune_empty_tabs: false,
            ..SimplificationOptions::default()
        }
    }

    fn tab_bar_height(&self, _: &egui::Style) -> f32 {
        26.0
    }

    fn tab_bar_color(&self, visuals: &egui::Visuals) -> egui::Color32 {
        visuals.faint_bg_color
    }
}
