//! The row at the top: the first things that a person wants to do.

use egui::Ui;

use super::action::{Action, Dialog};
use super::bundled;
use super::language::{Speaks, is_choice};
use super::panel::Panel;
use super::pass::Pass;
use super::settings::ThemeChoice;
use crate::model::protocol::Protocol;
use crate::words::Language;

/// Draws the row. `shown` says which panels are there, `in_front` which can be read.
pub(super) fn ui(
    ui: &mut Ui,
    pass: &mut Pass<'_>,
    shown: &dyn Fn(Panel) -> bool,
    in_front: &dyn Fn(Panel) -> bool,
) {
    ui.horizontal_wrapped(|ui| {
        sources(ui, pass);
        ui.separator();
        // A projector has a row of panels of its own, and little room.
        if !pass.state.settings.projector {
            panels(ui, pass, shown);
            reading(ui, pass, in_front);
        }
        if ui
            .button(ui.words().text("toolbar-commands"))
            .on_hover_text(ui.words().text("command-palette"))
            .clicked()
        {
            pass.state.ask(Action::Dialog(Dialog::Palette));
        }
        ui.separator();
        appearance(ui, pass);
    });
}

/// The book and the lessons, which come before other panels and go behind them again.
fn reading(ui: &mut Ui, pass: &mut Pass<'_>, in_front: &dyn Fn(Panel) -> bool) {
    for (panel, behind) in [(Panel::Book, Panel::Inspector), (Panel::Lesson, Panel::Composer)] {
        let front = in_front(panel);
        if ui.selectable_label(front, panel.name(ui.words())).clicked() {
            pass.state.ask(Action::Show(if front { behind } else { panel }));
        }
    }
}

fn sources(ui: &mut Ui, pass: &mut Pass<'_>) {
    if pass.host.listening().is_some() {
        if ui.button(ui.words().text("command-stop-server")).clicked() {
            pass.state.ask(Action::StopServer);
        }
    } else if ui.button(ui.words().text("command-server")).clicked() {
        pass.state.ask(Action::Dialog(Dialog::Server));
    }
    ui.menu_button(ui.words().text("toolbar-connect"), |ui| {
        for protocol in Protocol::WEBSOCKET {
            if ui.button(ui.words().text(protocol.word())).clicked() {
                pass.state.ask(Action::Dialog(Dialog::Connect(protocol)));
                ui.close();
            }
        }
    });
    if ui.button(ui.words().text("command-demo")).clicked() {
        pass.state.ask(Action::StartDemo);
    }
    ui.menu_button(ui.words().text("toolbar-captures"), |ui| {
        if ui.button(ui.words().text("command-open")).clicked() {
            pass.state.ask(Action::PickCapture);
            ui.close();
        }
        if ui.button(ui.words().text("command-follow")).clicked() {
            pass.state.ask(Action::PickFollowed);
            ui.close();
        }
        if ui.button(ui.words().text("command-open-path")).clicked() {
            pass.state.ask(Action::Dialog(Dialog::Path));
            ui.close();
        }
        recent(ui, pass);
        ui.menu_button(ui.words().text("welcome-bundled"), |ui| bundled_menu(ui, pass, &bundled::names()));
        ui.menu_button(ui.words().text("welcome-museum"), |ui| bundled_menu(ui, pass, &bundled::museum()));
        ui.separator();
        if ui.button(ui.words().text("command-export")).clicked() {
            pass.state.ask(Action::Dialog(Dialog::Export));
            ui.close();
        }
        if ui.button(ui.words().text("command-send-again")).clicked() {
            pass.state.ask(Action::Dialog(Dialog::SendAgain));
            ui.close();
        }
    });
    if !pass.state.settings.projector && ui.button(ui.words().text("command-paste")).clicked() {
        pass.state.ask(Action::Dialog(Dialog::Paste));
    }
}

fn recent(ui: &mut Ui, pass: &mut Pass<'_>) {
    if pass.state.settings.recent.is_empty() {
        return;
    }
    ui.menu_button(ui.words().text("toolbar-recent"), |ui| {
        for path in pass.state.settings.recent.clone() {
            if ui.button(path.display().to_string()).clicked() {
                pass.state.ask(Action::Open(path));
                ui.close();
            }
        }
    });
}

fn bundled_menu(ui: &mut Ui, pass: &mut Pass<'_>, names: &[&str]) {
    egui::ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
        for name in names {
            if ui.button(name.strip_prefix("museum/").unwrap_or(name)).clicked() {
                pass.state.ask(Action::OpenBundled((*name).to_owned()));
                ui.close();
            }
        }
    });
}

fn panels(ui: &mut Ui, pass: &mut Pass<'_>, shown: &dyn Fn(Panel) -> bool) {
    ui.menu_button(ui.words().text("toolbar-panels"), |ui| {
        for panel in Panel::ALL {
            let mut is_shown = shown(panel);
            if ui.checkbox(&mut is_shown, panel.name(ui.words())).changed() {
                pass.state.ask(Action::Toggle(panel));
            }
        }
        ui.separator();
        if ui.button(ui.words().text("command-reset-layout")).clicked() {
            pass.state.ask(Action::ResetLayout);
            ui.close();
        }
    });
}

fn appearance(ui: &mut Ui, pass: &mut Pass<'_>) {
    let button = |ui: &mut Ui, sign: &str, word: &str| {
        ui.button(sign).on_hover_text(ui.words().text(word)).accessible_name(ui.words().text(word)).clicked()
    };
    if button(ui, "A−", "command-zoom-out") {
        pass.state.ask(Action::Zoom(1.0 / 1.1));
    }
    if button(ui, "A+", "command-zoom-in") {
        pass.state.ask(Action::Zoom(1.1));
    }
    let dark = ui.visuals().dark_mode;
    let (word, theme) = if dark {
        ("command-theme-light", ThemeChoice::Light)
    } else {
        ("command-theme-dark", ThemeChoice::Dark)
    };
    if button(ui, if dark { "☀" } else { "🌙" }, word) {
        pass.state.ask(Action::Theme(theme));
    }
    let mut projector = pass.state.settings.projector;
    if ui.toggle_value(&mut projector, ui.words().text("toolbar-projector")).clicked() {
        pass.state.ask(Action::Projector(projector));
    }
    if !pass.state.settings.projector && is_choice() {
        languages(ui, pass);
    }
}

fn languages(ui: &mut Ui, pass: &mut Pass<'_>) {
    let all = Language::ALL;
    let chosen = pass.state.settings.language.clone();
    let Some(current) = all.iter().find(|language| language.tag == chosen).or(all.first()) else { return };
    ui.menu_button(current.tag.to_uppercase(), |ui| {
        for language in all {
            if ui.selectable_label(language.tag == current.tag, language.name).clicked() {
                language.tag.clone_into(&mut pass.state.settings.language);
                ui.close();
            }
        }
    })
    .response
    .on_hover_text(ui.words().text("toolbar-language"));
}
