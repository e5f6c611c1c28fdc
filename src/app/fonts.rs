//! The fonts: bundled ones for every script that payloads are likely to be in, then the system's.
//!
//! `assets/fonts/README.md` says what each is for. A character is drawn by the first font of its family that has it;
//! the window's frame appends the system's fonts to both families.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily};

use crate::view::fonts::{BOTH, MONO, SANS, SYMBOLS, SYMBOLS_MONO};

/// Makes the bundled fonts those of this context, instead of egui's own.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(definitions());
}

fn definitions() -> FontDefinitions {
    let mut definitions = FontDefinitions::empty();
    for (family, own) in
        [(FontFamily::Proportional, [SANS, SYMBOLS]), (FontFamily::Monospace, [MONO, SYMBOLS_MONO])]
    {
        let chain = definitions.families.entry(family).or_default();
        for (name, bytes) in own.into_iter().chain(BOTH) {
            chain.push(name.to_owned());
            definitions
                .font_data
                .entry(name.to_owned())
                .or_insert_with(|| Arc::new(FontData::from_static(bytes)));
        }
    }
    definitions
}
