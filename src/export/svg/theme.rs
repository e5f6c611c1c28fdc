//! The colours of figures, on light and on dark ground.
//!
//! Fields have the colours of [`palette`]: as a pale ground under the text, and strong as a border. Text is always ink
//! on a pale ground, so it can be read in both themes and on paper without colours.

use std::fmt::Write;
use std::str::FromStr;

use crate::model::field::FieldKind;
use crate::model::rule::Severity;
use crate::view::palette::{self, COLOURS};

/// The ground that a figure is drawn on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Dark on white.
    Light,
    /// Light on black.
    Dark,
    /// What the reader prefers; light on paper.
    #[default]
    Auto,
}

/// A name that is none of the themes'.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write light, dark or auto")]
pub struct UnknownTheme;

impl FromStr for Theme {
    type Err = UnknownTheme;

    fn from_str(text: &str) -> Result<Self, UnknownTheme> {
        match text {
            "light" => Ok(Self::Light),
            "dark" => Ok(Self::Dark),
            "auto" => Ok(Self::Auto),
            _ => Err(UnknownTheme),
        }
    }
}

type Rgb = [u8; 3];

/// One ground, and what stands on it.
#[derive(Clone, Copy)]
struct Ground {
    card: Rgb,
    ink: Rgb,
    dim: Rgb,
    /// What a border is mixed with, and how much of that.
    border: (Rgb, f32),
    /// How much of a colour is in the ground below text.
    tint: f32,
    /// What the colour of a severity is mixed with, and how much of that.
    severity: (Rgb, f32),
}

const BLACK: Rgb = [0; 3];
const WHITE: Rgb = [255; 3];

const LIGHT: Ground = Ground {
    card: WHITE,
    ink: [0x14, 0x17, 0x1B],
    dim: [0x50, 0x58, 0x63],
    border: (BLACK, 0.3),
    tint: 0.17,
    severity: (BLACK, 0.35),
};
const DARK: Ground = Ground {
    card: [0x15, 0x18, 0x1D],
    ink: [0xF4, 0xF6, 0xF9],
    dim: [0xB0, 0xB9, 0xC6],
    border: (WHITE, 0.35),
    tint: 0.32,
    severity: (WHITE, 0.5),
};

/// `one` with `part` of `other` in it.
#[allow(clippy::cast_sign_loss)] // Between two bytes there is nothing below zero.
fn mix(one: Rgb, other: Rgb, part: f32) -> Rgb {
    let blend =
        |one: u8, other: u8| (f32::from(one) + (f32::from(other) - f32::from(one)) * part).round() as u8;
    [blend(one[0], other[0]), blend(one[1], other[1]), blend(one[2], other[2])]
}

fn css([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

impl Ground {
    fn tinted(self, colour: Rgb) -> Rgb {
        mix(self.card, colour, self.tint)
    }

    fn bordering(self, colour: Rgb) -> Rgb {
        mix(colour, self.border.0, self.border.1)
    }

    fn severe(self, severity: Severity) -> Rgb {
        mix(palette::severity_colour(severity).rgb, self.severity.0, self.severity.1)
    }

    fn rules(self, css_text: &mut String) {
        let mut rule = |selector: &str, what: String| {
            // Writing to a String cannot fail.
            let _ = writeln!(css_text, "{selector}{{{what}}}");
        };
        let (card, ink, dim) = (css(self.card), css(self.ink), css(self.dim));
        let faint = css(mix(self.card, self.ink, 0.22));
        rule(".card", format!("fill:{card};stroke:{faint}"));
        rule(".ink", format!("fill:{ink}"));
        rule(".dim", format!("fill:{dim}"));
        rule(".on", format!("fill:{card}"));
        rule(".line", format!("stroke:{ink}"));
        rule(".thin", format!("stroke:{dim}"));
        rule(".tick", format!("stroke:{}", css(mix(self.card, self.ink, 0.38))));
        rule(".box", format!("fill:{};stroke:{dim}", css(mix(self.card, self.ink, 0.035))));
        for (index, colour) in COLOURS.iter().enumerate() {
            rule(&format!(".f{index}"), format!("fill:{}", css(self.tinted(colour.rgb))));
            rule(&format!(".b{index}"), format!("stroke:{}", css(self.bordering(colour.rgb))));
        }
        for severity in [Severity::Error, Severity::Warning, Severity::Note] {
            let colour = css(self.severe(severity));
            rule(&format!(".{}", fill_of(severity)), format!("fill:{colour}"));
            rule(&format!(".{}", stroke_of(severity)), format!("stroke:{colour}"));
        }
    }
}

/// What no theme changes.
const SHARED: &str = "\
text{white-space:pre}
.m{font-family:monospace}
.s{font-family:sans-serif}
.line,.thin,.tick,.open,.edge{fill:none}
.line{stroke-width:1.6}
.edge{stroke-width:1.6;stroke-linecap:square}
.open{stroke-width:1.2;stroke-dasharray:2 4}
.gone{stroke-dasharray:6 4}
.le,.lw,.ln{stroke-width:3;fill:none}
.lw{stroke-dasharray:8 3}
.ln{stroke-dasharray:3 3}
";

/// The rules that the classes of a figure's elements follow.
pub(super) fn style_sheet(theme: Theme) -> String {
    let mut text = SHARED.to_owned();
    match theme {
        Theme::Light | Theme::Auto => LIGHT.rules(&mut text),
        Theme::Dark => DARK.rules(&mut text),
    }
    if theme == Theme::Auto {
        text.push_str("@media screen and (prefers-color-scheme: dark){\n");
        DARK.rules(&mut text);
        text.push_str("}\n");
    }
    text
}

/// The number of a field's colour: `.f0` fills with it and `.b0` draws a border.
pub(super) fn number_of(kind: &FieldKind) -> usize {
    let colour = palette::colour_of(kind);
    COLOURS.iter().position(|known| *known == colour).unwrap_or_default()
}

/// The class that fills with a severity's colour.
pub(super) const fn fill_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "e",
        Severity::Warning => "w",
        Severity::Note => "n",
    }
}

/// The class that draws lines of a severity.
pub(super) const fn stroke_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "le",
        Severity::Warning => "lw",
        Severity::Note => "ln",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(rgb: Rgb) -> f64 {
        let linear = rgb.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    fn contrast(one: Rgb, other: Rgb) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn everything_can_be_read_on_its_ground() {
        for ground in [LIGHT, DARK] {
            assert!(contrast(ground.ink, ground.card) >= 12.0);
            assert!(contrast(ground.dim, ground.card) >= 7.0);
            for colour in COLOURS {
                let tinted = ground.tinted(colour.rgb);
                assert!(contrast(ground.ink, tinted) >= 7.0, "{colour:?}");
                assert!(contrast(ground.dim, tinted) >= 4.5, "{colour:?} {}", contrast(ground.dim, tinted));
                assert!(contrast(ground.bordering(colour.rgb), ground.card) >= 4.5, "{colour:?}");
            }
            for severity in [Severity::Error, Severity::Warning, Severity::Note] {
                assert!(contrast(ground.severe(severity), ground.card) >= 4.5, "{severity}");
            }
        }
    }
}
