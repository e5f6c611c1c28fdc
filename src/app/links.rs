//! Links to pages outside: they open in the browser that a person uses.

use crate::browser;

/// Takes what was clicked out of what egui tells the window system, which would need a library for it.
#[derive(Debug)]
pub(super) struct Links;

impl egui::Plugin for Links {
    fn debug_name(&self) -> &'static str {
        "links"
    }

    fn output_hook(&mut self, _: &egui::Context, output: &mut egui::FullOutput) {
        output.platform_output.commands.retain(|command| {
            let egui::OutputCommand::OpenUrl(link) = command else { return true };
            let address = link.url.clone();
            // The window does not wait for the browser.
            std::thread::spawn(move || {
                if let Err(error) = browser::open(&address) {
                    eprintln!("framescope: {address} cannot be opened: {error}");
                }
            });
            false
        });
    }
}
