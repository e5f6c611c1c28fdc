//! The bundled fonts draw what payloads and the window may contain. The harness panics on a character without a glyph,
//! and knows no system fonts.

use egui::{FontFamily, FontId, RichText, TextStyle};
use egui_kittest::Harness;
use framescope::app::{fonts, text};

/// Text as payloads may have it.
const PAYLOADS: &[&str] = &[
    "Hello, 0O 1lI| -> => != === :: 3x4",
    "Grüße, naïve Ærøskøbing, Tiếng Việt, Łódź, Şişli",
    "Ελληνικά Кириллица Українська Ἀθῆναι",
    "你好世界 漢字 繁體中文 (注音ㄓㄨˋ)",
    "こんにちは カタカナ 日本語 塡剝頰𠮟 ｱｲｳ ＡＢＣ",
    "안녕하세요 한국어 힝",
    "שלום עולם (12) abc",
    "مرحبا بالعالم ١٢٣ ۱۲۳ لا",
    "👋🏽 👨‍👩‍👧 ❤️ 😀 🫠 🇪🇺 1️⃣ 🏳️‍🌈",
    "e\u{301} o\u{302}\u{323} \u{fffd} \u{fffc} \u{feff}\u{200b}|",
];

/// Signs that the window draws.
const SIGNS: &[&str] = &[
    "← ↑ → ↓ ↔ ↕ ⇄ ⇆ ⇒ ↵ ↩ ⇥ ⟶ ⟵ ⭢ ↯",
    "+ − × ÷ ⊕ ≤ ≥ ≠ ≈ = ∑ √ ∞ ½ ¼ ² ₂ ° µ ‰ ∧ ∨ ¬ ⊻ ≪ ≫",
    "⏮ ⏭ ⏯ ⏪ ⏩ ⏸ ⏹ ⏺ ▶ ◀ ▷ ◁ ⏏ ⏎ ⌘ ⌥ ⌃ ⌫ ⇧ ⎋ ⌨ ⏱ ⏳",
    "● ○ ◉ ■ □ ▪ ▫ ▲ △ ▼ ▽ ▸ ▾ ◂ ▴ ◆ ◇ ◐ ◑ ★ ☆ ☐ ☑ ☒ ✓ ✔ ✗ ✘ ✎ ⚠ ⚙ ⚑ ☰ ⋮ ⋯ … • ‣ 🔍 🔒 💡 📖",
    "─ │ ┌ ┐ └ ┘ ├ ┤ ┬ ┴ ┼ ═ ║ ╔ ╗ ╚ ╝ ╭ ╮ ╯ ╰ █ ▓ ▒ ░ ▁ ▂ ▃ ▄ ▅ ▆ ▇ ▏ ▎",
    "␀ ␁ ␂ ␃ ␄ ␅ ␆ ␇ ␈ ␉ ␊ ␋ ␌ ␍ ␎ ␏ ␐ ␑ ␒ ␓ ␔ ␕ ␖ ␗ ␘ ␙ ␚ ␛ ␜ ␝ ␞ ␟ ␠ ␡ ␢ ␣ ␤ · ¶ § ⟨ ⟩ « » ‹ › “ ” ‘ ’ „",
];

/// Every sample in both families.
fn sheet(ui: &mut egui::Ui) {
    for sample in PAYLOADS.iter().chain(SIGNS) {
        let shown = text::visual(sample);
        ui.label(RichText::new(shown.clone()).size(17.0));
        ui.label(RichText::new(shown).size(17.0).monospace());
        ui.add_space(6.0);
    }
}

fn harness<'a>(ui: impl FnMut(&mut egui::Ui) + 'a) -> Harness<'a> {
    Harness::builder().with_size([1000.0, 900.0]).with_context_setup(fonts::install).build_ui(ui)
}

#[test]
fn no_script_and_no_sign_is_without_a_glyph() {
    harness(sheet).snapshot("fonts");
}

#[test]
fn common_east_asian_characters_are_there() {
    // The first and the last of each row of the sets that the font is cut to, and the whole of kana.
    let characters: String = ('\u{3041}'..='\u{3096}')
        .chain('\u{30a1}'..='\u{30fe}')
        .chain("啊座齄亚熙弌熙堯亜腕弌瑤가힝一籲、。「」《》ㄅㄩ".chars())
        .collect();
    harness(move |ui| {
        ui.label(&characters);
        ui.monospace(&characters);
    });
}

/// What is on the wire is what is shown: no font may join `->` to an arrow.
#[test]
fn code_is_not_joined_to_ligatures() {
    let harness = harness(|ui| {
        ui.label("-");
    });
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        let id = FontId::new(40.0, family);
        let sizes = |text: &str| -> Vec<egui::Vec2> {
            let color = egui::Color32::WHITE;
            let galley = harness.ctx.fonts_mut(|f| f.layout_no_wrap(text.to_owned(), id.clone(), color));
            galley.rows.iter().flat_map(|row| row.glyphs.iter().map(|glyph| glyph.uv_rect.size)).collect()
        };
        for pair in ["->", "=>", "!=", "==", "<=", "::", "fi", "3x3", "//", "www"] {
            let alone = pair.chars().flat_map(|c| sizes(&c.to_string()));
            let together = sizes(pair);
            assert_eq!(together.len(), pair.len());
            for (joined, alone) in together.into_iter().zip(alone) {
                // Where a glyph falls between pixels changes its size by less than two.
                assert!((joined - alone).length() < 2.0, "{pair} in {id:?}: {joined} instead of {alone}");
            }
        }
    }
}

#[test]
fn what_stands_in_columns_is_of_one_width() {
    let harness = harness(|ui| {
        ui.label("-");
    });
    let width = |style: &TextStyle, c: char| {
        let id = style.resolve(&harness.ctx.global_style());
        harness.ctx.fonts_mut(|fonts| fonts.glyph_width(&id, c))
    };
    for c in '0'..='9' {
        assert!((width(&TextStyle::Body, c) - width(&TextStyle::Body, '0')).abs() < 0.01, "{c}");
    }
    for c in SIGNS.iter().flat_map(|line| line.chars()).filter(|c| *c < '\u{1f000}') {
        let wide = width(&TextStyle::Monospace, c);
        assert!((wide - width(&TextStyle::Monospace, '0')).abs() < 0.01, "{c} is {wide} wide");
    }
}

/// What is drawn from left to right, letter by letter, is what Unicode's algorithm says.
#[test]
fn right_to_left_text_is_drawn_in_its_order() {
    let harness = harness(|ui| {
        ui.label("-");
    });
    for sample in [
        "שלום",
        "שלום עולם",
        "שלום (12) abc, ועוד.",
        "say שלום עולם twice",
        "مرحبا بك ١٢٣ ۱۲۳",
        "قیمت ۱۲۳ 456",
        "١٢٣",
    ] {
        let bidi = unicode_bidi::BidiInfo::new(sample, None);
        let line = bidi.reorder_line(&bidi.paragraphs[0], 0..sample.len());
        let expected: String = line.chars().filter(|c| !c.is_whitespace()).collect();
        for family in [FontFamily::Proportional, FontFamily::Monospace] {
            let text = text::visual(sample).into_owned();
            let (id, color) = (FontId::new(20.0, family), egui::Color32::WHITE);
            let galley = harness.ctx.fonts_mut(|fonts| fonts.layout_no_wrap(text, id, color));
            let glyphs = galley.rows.iter().flat_map(|row| row.glyphs.iter());
            // A glyph without a size is a space, or stands for what another one drew already.
            let drawn: String =
                glyphs.filter(|glyph| glyph.uv_rect.size.x > 0.0).map(|glyph| glyph.chr).collect();
            // Brackets were mirrored, as they must be; the algorithm's order of characters leaves that to who draws.
            assert_eq!(drawn.replace(['(', ')'], "|"), expected.replace(['(', ')'], "|"), "{sample}");
        }
    }
}
