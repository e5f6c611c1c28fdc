//! Opens the window on a desktop.

use super::action::Action;
use super::desktop::Desktop;
use super::display;
use super::links::Links;
use super::window::App;
use crate::lesson::Progress;
use crate::words::Words;

/// Opens the window, does what is asked, and returns when it was closed.
///
/// # Errors
/// Where there is no display, or nothing to draw with: one line that says what to do.
pub fn run(asked: Vec<Action>) -> Result<(), String> {
    // Nothing is known of what a person chose before the window is there.
    let words = Words::default();
    if let Some(line) = display::missing(words) {
        return Err(line);
    }
    let icon = eframe::icon_data::from_png_bytes(include_bytes!("../../assets/icon.png"));
    let viewport = egui::ViewportBuilder::default()
        .with_app_id("framescope")
        .with_icon(icon.unwrap_or_default())
        .with_inner_size([1280.0, 800.0])
        .with_min_inner_size([480.0, 360.0]);
    let options = eframe::NativeOptions {
        viewport,
        // Also where another renderer is built in, as in tests.
        renderer: eframe::Renderer::Glow,
        ..eframe::NativeOptions::default()
    };
    let name = words.text("app-name");
    eframe::run_native(
        name,
        options,
        Box::new(|cc| {
            let ctx = cc.egui_ctx.clone();
            ctx.add_plugin(Links);
            let desktop = Desktop::start(move || ctx.request_repaint())?;
            let mut app = App::new(cc, Box::new(desktop));
            if let Some(file) = Progress::file() {
                app.keep_progress_in(&file);
            }
            for action in asked {
                app.ask(action);
            }
            Ok(Box::new(app))
        }),
    )
    .map_err(|error| display::explain(words, &error))
}
