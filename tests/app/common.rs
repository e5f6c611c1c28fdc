//! The window in a test: its world is in memory, so that each run shows the same bytes.

use egui_kittest::Harness;
use framescope::app::App;
use framescope::app::action::Action;
use framescope::app::memory::Memory;
use framescope::app::settings::Tab;

/// A window of this size, in points.
pub(super) fn window(size: [f32; 2], theme: egui::Theme) -> Harness<'static, App> {
    let mut harness = Harness::builder()
        .with_size(size)
        .with_theme(theme)
        .with_max_steps(60)
        .build_eframe(|cc| App::new(cc, Box::new(Memory::default())));
    harness.run_ok();
    harness
}

/// The window as most tests use it.
pub(super) fn usual() -> Harness<'static, App> {
    window([1280.0, 800.0], egui::Theme::Dark)
}

/// Opens a bundled capture, and waits until it is read: a thread does that.
pub(super) fn open(window: &mut Harness<'static, App>, capture: &str) {
    window.state_mut().ask(Action::OpenBundled(capture.to_owned()));
    window.run_ok();
    let begun = std::time::Instant::now();
    while window.state().is_reading() {
        assert!(begun.elapsed().as_secs() < 60, "{capture} is not read");
        window.step();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    window.run_ok();
}

/// Looks at an item of the conversation that is looked at, counted from 1, in one of the four ways.
pub(super) fn look_at(window: &mut Harness<'static, App>, item: usize, tab: Tab) {
    window.state_mut().ask(Action::Select(item - 1, None));
    window.state_mut().ask(Action::Tab(tab));
    window.run_ok();
    window.run_ok();
}
