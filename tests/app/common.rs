//! The window in a test: its world is in memory, so that each run shows the same bytes.

use egui_kittest::Harness;
use framescope::app::App;
use framescope::app::action::Action;
use framescope::app::memory::Memory;
use framescope::trace::Trace;

/// A window of this size, in points.
pub fn window(size: [f32; 2], theme: egui::Theme) -> Harness<'static, App> {
    let mut harness = Harness::builder()
        .with_size(size)
        .with_theme(theme)
        .with_max_steps(60)
        .allow_missing_glyphs()
        .build_eframe(|cc| App::new(cc, Box::new(Memory::default())));
    harness.run_ok();
    harness
}

/// The window as most tests use it.
pub fn usual() -> Harness<'static, App> {
    window([1280.0, 800.0], egui::Theme::Dark)
}

/// Opens a bundled capture and waits until it is read: a thread does that.
pub fn open(window: &mut Harness<'static, App>, name: &str) {
    window.state_mut().ask(Action::OpenBundled(name.to_owned()));
    let begun = std::time::Instant::now();
    let is_read = |window: &Harness<'static, App>| {
        let items = |trace: &Trace| trace.conversations.first().map_or(0, |talk| talk.items.len());
        window.state().with_trace(items).is_some_and(|items| items > 0)
    };
    while !is_read(window) {
        assert!(begun.elapsed().as_secs() < 60, "{name} is not read");
        window.step();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    // What is read after the first look, and what is laid out for it.
    std::thread::sleep(std::time::Duration::from_millis(50));
    window.run_ok();
}
