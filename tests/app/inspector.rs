//! The inspector: bits and hex of an item, always in step.

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use framescope::app::App;
use framescope::app::action::Action;
use framescope::field::BitRange;

use super::common::{open, window};

/// A window that looks at an item of a bundled capture.
fn looking(size: [f32; 2], theme: egui::Theme, capture: &str, item: usize) -> Harness<'static, App> {
    let mut window = window(size, theme);
    open(&mut window, capture);
    window.state_mut().ask(Action::Select(item, None));
    window.run_ok();
    window
}

fn selected(window: &Harness<'_, App>) -> Option<BitRange> {
    window.state().state().marks.selected.map(|mark| mark.bits)
}

/// A masked text frame of RFC 6455.
const RFC: &str = "rfc-chat-superchat.pcap";

#[test]
fn look() {
    let mut window = looking([1280.0, 800.0], egui::Theme::Dark, RFC, 2);
    window.snapshot("tmp-dark");
    let mut window = looking([1280.0, 800.0], egui::Theme::Light, RFC, 0);
    window.snapshot("tmp-http");
    let mut window = looking([800.0, 600.0], egui::Theme::Light, RFC, 2);
    window.snapshot("tmp-small");
}
