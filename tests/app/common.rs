//! The window in a test: its world is in memory, so that each run shows the same bytes.

use egui_kittest::Harness;
use framescope::app::App;
use framescope::app::memory::Memory;

/// A window of this size, in points.
pub(super) fn window(size: [f32; 2], theme: egui::Theme) -> Harness<'static, App> {
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
pub(super) fn usual() -> Harness<'static, App> {
    window([1280.0, 800.0], egui::Theme::Dark)
}
