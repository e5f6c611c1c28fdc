//! The fonts: bundled ones for every script that payloads are likely to be in, then the system's.
//!
//! `assets/fonts/README.md` says what each is for. A character is drawn by the first font of its family that has it;
//! the window's frame appends the system's fonts to both families.

use std::sync::{Arc, LazyLock};

use egui::{FontData, FontDefinitions, FontFamily};

use crate::export::png;

macro_rules! font {
    ($file:literal) => {
        ($file, include_bytes!(concat!("../../assets/fonts/", $file)).as_slice())
    };
}

const SANS: (&str, &[u8]) = font!("FramescopeSans.otf");
const MONO: (&str, &[u8]) = font!("FramescopeMono.ttf");
const SYMBOLS: (&str, &[u8]) = font!("FramescopeSymbols.ttf");
const SYMBOLS_MONO: (&str, &[u8]) = font!("FramescopeSymbolsMono.ttf");
/// Symbols stand before emoji, so that ▶ and ✓ look like the letters beside them. The right-to-left scripts have a
/// font each and nothing else in it: `text::visual` counts on that.
const BOTH: [(&str, &[u8]); 5] = [
    font!("FramescopeArabicDigits.ttf"),
    font!("FramescopeHebrew.ttf"),
    font!("FramescopeArabic.ttf"),
    font!("FramescopeCJK.otf"),
    font!("FramescopeEmoji.ttf"),
];

/// Makes the bundled fonts those of this context, instead of egui's own.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(definitions());
}

/// The bundled fonts for pictures that are drawn without the window.
pub fn for_pictures() -> &'static png::Fonts {
    static FONTS: LazyLock<png::Fonts> = LazyLock::new(|| {
        let all = [SANS, MONO, SYMBOLS, SYMBOLS_MONO].into_iter().chain(BOTH);
        let files: Vec<&[u8]> = all.map(|(_, bytes)| bytes).collect();
        png::Fonts::new(&files, ["Framescope Sans", "Framescope Mono"])
    });
    &FONTS
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
