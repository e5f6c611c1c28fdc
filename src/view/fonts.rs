//! The bundled fonts, for the window and for pictures. `assets/fonts/README.md` says what each is for.

/// A font file's name and its bytes.
pub type Font = (&'static str, &'static [u8]);

macro_rules! font {
    ($file:literal) => {
        ($file, include_bytes!(concat!("../../assets/fonts/", $file)).as_slice())
    };
}

/// For words.
pub const SANS: Font = font!("FramescopeSans.otf");
/// For bytes and code.
pub const MONO: Font = font!("FramescopeMono.ttf");
/// Symbols beside words.
pub const SYMBOLS: Font = font!("FramescopeSymbols.ttf");
/// Symbols beside bytes.
pub const SYMBOLS_MONO: Font = font!("FramescopeSymbolsMono.ttf");
/// The other scripts, beside both.
///
/// Symbols stand before emoji, so that ▶ and ✓ look like the letters beside them. The right-to-left scripts have a
/// font each and nothing else in it: the window's text counts on that.
pub const BOTH: [Font; 5] = [
    font!("FramescopeArabicDigits.ttf"),
    font!("FramescopeHebrew.ttf"),
    font!("FramescopeArabic.ttf"),
    font!("FramescopeCJK.otf"),
    font!("FramescopeEmoji.ttf"),
];
