//! Every view, in both themes, in the workspace and at projector zoom: pictures to be looked at.

use egui_kittest::{Harness, SnapshotResults};
use framescope::app::App;
use framescope::app::action::Action;
use framescope::app::panel::Panel;
use framescope::app::settings::{Tab, ThemeChoice};

use super::common::{look_at, open, usual};

/// A conversation with fragments, pings and a close; its fourth item is a fragment.
const CAPTURE: &str = "rfc-ws8-srvping-srvfrag.pcap";

const THEMES: [(ThemeChoice, &str); 2] = [(ThemeChoice::Dark, "dark"), (ThemeChoice::Light, "light")];

fn prepared(theme: ThemeChoice) -> Harness<'static, App> {
    let mut window = usual();
    window.state_mut().ask(Action::Theme(theme));
    open(&mut window, CAPTURE);
    look_at(&mut window, 3, Tab::Bits);
    window
}

fn show(window: &mut Harness<'static, App>, panel: Panel) {
    window.state_mut().ask(Action::Show(panel));
    for _ in 0..4 {
        window.run_ok();
    }
}

#[test]
fn the_workspace_in_both_themes() {
    let mut pictures = SnapshotResults::new();
    for (theme, name) in THEMES {
        let mut window = prepared(theme);
        for (above, below) in
            [(Panel::Packets, Panel::Api), (Panel::Statistics, Panel::Lesson), (Panel::Book, Panel::Composer)]
        {
            show(&mut window, above);
            show(&mut window, below);
            window.snapshot(format!("gallery/{}-{name}", word(above)));
        }
        for (tab, word) in [(Tab::Hex, "hex"), (Tab::Fields, "fields"), (Tab::Follows, "follows")] {
            look_at(&mut window, 3, tab);
            window.snapshot(format!("gallery/{word}-{name}"));
        }
        pictures.extend_harness(&mut window);
    }
}

#[test]
fn every_panel_on_a_projector() {
    let mut pictures = SnapshotResults::new();
    for (theme, name) in THEMES {
        let mut window = prepared(theme);
        window.state_mut().ask(Action::Projector(true));
        for panel in Panel::ALL.into_iter().filter(|panel| *panel != Panel::Replay) {
            show(&mut window, panel);
            window.snapshot(format!("gallery/projector-{}-{name}", word(panel)));
        }
        pictures.extend_harness(&mut window);
    }
}

/// A panel's name as a part of a file's.
fn word(panel: Panel) -> &'static str {
    panel.word().trim_start_matches("panel-")
}
