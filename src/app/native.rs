//! Opens the window on a desktop.

use std::path::PathBuf;

use super::action::Action;
use super::memory::Memory;
use super::shell::App;
use crate::words;

/// Opens the window, with these captures in it, and returns when it was closed.
///
/// # Errors
/// Where there is no display, or nothing to draw with: one line that says what to do.
pub fn run(files: Vec<PathBuf>) -> Result<(), String> {
    let viewport = egui::ViewportBuilder::default()
        .with_app_id("framescope")
        .with_inner_size([1280.0, 800.0])
        .with_min_inner_size([480.0, 360.0]);
    let options = eframe::NativeOptions {
        viewport,
        // Also where another renderer is built in, as in tests.
        renderer: eframe::Renderer::Glow,
        ..eframe::NativeOptions::default()
    };
    let name = words::text("app-name");
    eframe::run_native(
        name,
        options,
        Box::new(|cc| {
            let mut app = App::new(cc, Box::new(Memory::default()));
            for file in files {
                app.ask(Action::Open(file));
            }
            Ok(Box::new(app))
        }),
    )
    .map_err(|error| error.to_string())
}
