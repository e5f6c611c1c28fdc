//! The colours of fields, the same in every view.
//!
//! A colour never stands alone: whatever it marks also has a name or a border. The eight were chosen so that any two
//! differ clearly with normal sight, protanopia and deuteranopia, and each has a contrast of at least 3:1 with black
//! and with white, so that text in it can be read on dark and on light ground.

use crate::model::field::{FieldKind, Role};
use crate::model::rule::Severity;

/// A colour, for terminals and for everything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// The number in the terminal's palette of 256.
    pub ansi: u8,
    /// Red, green and blue.
    pub rgb: [u8; 3],
}

const fn colour(ansi: u8, rgb: u32) -> Colour {
    Colour { ansi, rgb: [(rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8] }
}

const SKY: Colour = colour(33, 0x00_87_FF);
const TAN: Colour = colour(137, 0xAF_87_5F);
const ORANGE: Colour = colour(202, 0xFF_5F_00);
const RED: Colour = colour(160, 0xD7_00_00);
const BLUE: Colour = colour(27, 0x00_5F_FF);
const MAUVE: Colour = colour(139, 0xAF_87_AF);
const BROWN: Colour = colour(95, 0x87_5F_5F);
const VIOLET: Colour = colour(97, 0x87_5F_AF);

/// All of them.
pub const COLOURS: [Colour; 8] = [SKY, TAN, ORANGE, RED, BLUE, MAUVE, BROWN, VIOLET];

/// The colour of a field. Neighbours in a frame's header never share one; the three reserved bits are one family.
pub fn colour_of(kind: &FieldKind) -> Colour {
    match kind.role {
        Role::First => SKY,
        Role::Reserved | Role::Link => TAN,
        Role::Kind => ORANGE,
        Role::Mark => RED,
        Role::Length | Role::Network => BLUE,
        Role::LongLength | Role::Transport => MAUVE,
        Role::Key => BROWN,
        Role::Data => VIOLET,
        Role::Other => {
            // Any fixed choice will do for fields that no frame has.
            let id = kind.id.bytes();
            let sum = id.fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
            COLOURS.get((sum % 8) as usize).copied().unwrap_or(SKY)
        }
    }
}

/// The colour in which a finding's severity is written.
pub const fn severity_colour(severity: Severity) -> Colour {
    match severity {
        Severity::Error => RED,
        Severity::Warning => ORANGE,
        Severity::Note => SKY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(rgb: [u8; 3]) -> f64 {
        let linear = rgb.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    #[test]
    fn every_colour_can_be_read_on_black_and_on_white() {
        for colour in COLOURS {
            let light = luminance(colour.rgb);
            assert!(1.05 / (light + 0.05) >= 3.0, "{colour:?} on white");
            assert!((light + 0.05) / 0.05 >= 3.0, "{colour:?} on black");
        }
    }

    #[test]
    fn neighbours_in_a_frame_differ() {
        use crate::wire::frame::{hixie, hybi};
        let frames = [
            hybi::fields(&[0x81, 0x85, 1, 2, 3, 4, 5, 6, 7, 8, 9], false),
            hybi::fields(&[0x88, 0x82, 1, 2, 3, 4, 5, 6], false),
            hybi::fields(&[&[0x81, 0xFE, 0, 126, 1, 2, 3, 4][..], &[0; 126]].concat(), false),
            hixie::fields(b"\x00Hello\xff"),
            hixie::fields(b"\x80\x81\x00abc"),
        ];
        for frame in frames {
            for pair in frame.leaves().windows(2) {
                let reserved = pair.iter().all(|leaf| leaf.kind.id.starts_with("rsv"));
                assert!(
                    reserved || colour_of(pair[0].kind) != colour_of(pair[1].kind),
                    "{} and {}",
                    pair[0].kind.id,
                    pair[1].kind.id
                );
            }
        }
    }
}
