//! radiotap: what a radio knows about a frame of 802.11, written before the frame.

use super::reader::{Reader, kinds};
use super::walk::{Step, WRONG, Walk};
use super::wlan;
use crate::model::field::Value;
use crate::model::spec::Document::Radiotap;

kinds! {
    RADIOTAP "radiotap" "radiotap" Radiotap "" Link;
    VERSION "radiotap-version" "it_version" Radiotap "";
    PAD "radiotap-pad" "it_pad" Radiotap "";
    LENGTH "radiotap-length" "it_len" Radiotap "";
    PRESENT "radiotap-present" "it_present" Radiotap "";
    ALIGNMENT "radiotap-alignment" "Alignment" Radiotap "";
    TIME "radiotap-tsft" "TSFT" Radiotap "";
    FLAGS "radiotap-flags" "Flags" Radiotap "";
    FLAG_SHORT_GI "radiotap-short-gi" "short GI" Radiotap "";
    FLAG_BAD_FCS "radiotap-bad-fcs" "bad FCS" Radiotap "";
    FLAG_PADDED "radiotap-data-pad" "data pad" Radiotap "";
    FLAG_FCS "radiotap-fcs" "FCS at end" Radiotap "";
    FLAG_FRAGMENT "radiotap-fragmentation" "fragmentation" Radiotap "";
    FLAG_WEP "radiotap-wep" "WEP" Radiotap "";
    FLAG_SHORT_PREAMBLE "radiotap-short-preamble" "short preamble" Radiotap "";
    FLAG_CFP "radiotap-cfp" "CFP" Radiotap "";
    RATE "radiotap-rate" "Rate" Radiotap "";
    FREQUENCY "radiotap-frequency" "Channel frequency" Radiotap "";
    CHANNEL_FLAGS "radiotap-channel-flags" "Channel flags" Radiotap "";
    SIGNAL "radiotap-signal" "Antenna signal" Radiotap "";
    NOISE "radiotap-noise" "Antenna noise" Radiotap "";
    ANTENNA "radiotap-antenna" "Antenna" Radiotap "";
    OTHER "radiotap-other" "Other fields" Radiotap "";
}

/// Version, padding, length, and the first word that says what is present.
const HEADER: usize = 8;

/// The check sequence behind a frame.
const FCS: usize = 4;

/// The header, and the frame behind it.
pub(super) fn read(walk: &mut Walk<'_>) -> Step {
    let Some([version, _, low, high, ..]) = walk.reader.peek::<HEADER>() else { return walk.short() };
    let length = usize::from(u16::from_le_bytes([low, high]));
    if version != 0 || length < HEADER {
        return WRONG;
    }
    if !walk.reader.has(length) {
        return walk.short();
    }
    let begin = walk.reader.at();
    let (fcs, padded) = walk.reader.group(&RADIOTAP, |reader| {
        reader.number(&VERSION, 8);
        reader.number(&PAD, 8);
        reader.little(&LENGTH, 2);
        let present = reader.little(&PRESENT, 4);
        let mut extended = present;
        while extended & 1 << 31 != 0 && reader.at() + 4 <= begin + length {
            extended = reader.little(&PRESENT, 4);
        }
        let flags = fields(reader, begin, begin + length, present);
        let left = (begin + length).saturating_sub(reader.at());
        reader.opaque(&OTHER, left);
        flags
    });
    if fcs && walk.reader.limit() == walk.end {
        let end = walk.reader.limit() - FCS.min(walk.reader.ahead().len());
        walk.reader.narrow(end);
    }
    walk.padded = padded;
    Step::Header(wlan::read)
}

/// The fields that the first word announces, in the order of its bits, up to one that is not described here. Each stands
/// at a multiple of its alignment. Returns whether a check sequence ends the frame, and whether its header is padded.
fn fields(reader: &mut Reader<'_>, begin: usize, end: usize, present: u64) -> (bool, bool) {
    let (mut fcs, mut padded) = (false, false);
    for bit in 0..12 {
        if present & 1 << bit == 0 {
            continue;
        }
        // Alignment and size in bytes.
        let (alignment, size) = match bit {
            0 => (8, 8),
            3 => (2, 4),
            4 => (1, 2),
            7..=9 => (2, 2),
            _ => (1, 1),
        };
        let gap = (alignment - (reader.at() - begin) % alignment) % alignment;
        if reader.at() + gap + size > end {
            break;
        }
        reader.opaque(&ALIGNMENT, gap);
        match bit {
            0 => {
                reader.little(&TIME, 8);
            }
            1 => (fcs, padded) = flags(reader),
            2 => {
                // In units of 500 kbit/s.
                reader.valued(&RATE, 8, |rate| Value::Text(format!("{} kbit/s", rate * 500)));
            }
            3 => {
                reader.valued(&FREQUENCY, 16, |number| {
                    Value::Text(format!("{} MHz", (number as u16).swap_bytes()))
                });
                reader.little(&CHANNEL_FLAGS, 2);
            }
            5 => decibel(reader, &SIGNAL),
            6 => decibel(reader, &NOISE),
            11 => {
                reader.number(&ANTENNA, 8);
            }
            _ => reader.opaque(&OTHER, size),
        }
    }
    (fcs, padded)
}

fn flags(reader: &mut Reader<'_>) -> (bool, bool) {
    reader.group(&FLAGS, |reader| {
        reader.flag(&FLAG_SHORT_GI);
        reader.flag(&FLAG_BAD_FCS);
        let padded = reader.flag(&FLAG_PADDED);
        let fcs = reader.flag(&FLAG_FCS);
        for flag in [&FLAG_FRAGMENT, &FLAG_WEP, &FLAG_SHORT_PREAMBLE, &FLAG_CFP] {
            reader.flag(flag);
        }
        (fcs, padded)
    })
}

/// A signed byte, in decibels from one milliwatt.
fn decibel(reader: &mut Reader<'_>, kind: &'static crate::model::field::FieldKind) {
    reader.valued(kind, 8, |number| Value::Text(format!("{} dBm", (number as u8).cast_signed())));
}
