//! The checksum of TCP (RFC 9293 section 3.1).
//!
//! A receiver drops a segment whose checksum does not fit, and so must whoever reads a recording. But a recording made on
//! the machine that sends has the segments before the network card finished their checksums, and those were received
//! well. So there are four answers and not two; `tcp::Connection` decides what to do with them.

use super::packet::{Ends, PROTOCOL_TCP};

/// What a segment's checksum says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Checksum {
    /// It fits.
    Fits,
    /// It is what a system leaves for the network card to finish: zero, or the sum of the pseudo-header.
    Unfinished,
    /// It does not fit.
    Differs,
    /// The segment was recorded in part.
    Unknown,
}

/// What the checksum of a whole segment says.
#[inline]
pub(super) fn of(ends: Ends, segment: &[u8]) -> Checksum {
    let Some(&[high, low]) = segment.get(16..).and_then(|rest| rest.first_chunk::<2>()) else {
        return Checksum::Unknown;
    };
    // Two bytes are added as they stand in memory: the order of bytes in a sum of this kind is that of its words
    // (RFC 1071 section 2).
    let addresses = if ends.v6 {
        words(&ends.source.to_be_bytes()) + words(&ends.target.to_be_bytes())
    } else {
        // The prefix that makes an IPv6 address of an IPv4 one is no part of it.
        words(&(ends.source as u32).to_be_bytes()) + words(&(ends.target as u32).to_be_bytes())
    };
    let without_length = addresses + words(&[0, PROTOCOL_TCP]);
    let pseudo = without_length + words(&(segment.len() as u32).to_be_bytes());
    if fold(pseudo + words(segment)) == 0xFFFF {
        return Checksum::Fits;
    }
    // The sum as Linux leaves it, and as drivers do that cut a large segment up, each of another length.
    let found = u16::from_ne_bytes([high, low]);
    if found == 0 || found == fold(pseudo) || found == fold(without_length) {
        Checksum::Unfinished
    } else {
        Checksum::Differs
    }
}

/// The sum of 16-bit words, a last odd byte filled with zero. Added in steps of four bytes, which a processor does for
/// several at once; the upper halves of the steps are folded in at the end.
#[inline]
fn words(bytes: &[u8]) -> u64 {
    let (steps, rest) = bytes.as_chunks::<4>();
    let mut last = [0; 4];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    let sum: u64 = steps.iter().map(|step| u64::from(u32::from_ne_bytes(*step))).sum();
    sum + u64::from(u32::from_ne_bytes(last))
}

fn fold(mut sum: u64) -> u16 {
    while sum > 0xFFFF {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    sum as u16
}

#[cfg(test)]
mod tests {
    use etherparse::checksum::Sum16BitWords;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sums_are_those_of_another_implementation(v6: bool, source: u128, target: u128, mut segment in prop::collection::vec(any::<u8>(), 20..200)) {
            let ends = Ends { v6, source, target };
            let mut sum = Sum16BitWords::new();
            for address in [source, target] {
                sum = if v6 { sum.add_16bytes(address.to_be_bytes()) } else { sum.add_4bytes((address as u32).to_be_bytes()) };
            }
            sum = sum.add_4bytes((segment.len() as u32).to_be_bytes()).add_2bytes([0, PROTOCOL_TCP]);
            segment[16..18].fill(0);
            prop_assert_eq!(of(ends, &segment) == Checksum::Unfinished, sum.clone().add_slice(&segment).ones_complement() != 0);
            let right = sum.clone().add_slice(&segment).ones_complement().to_ne_bytes();
            segment[16..18].copy_from_slice(&right);
            prop_assert_eq!(of(ends, &segment), Checksum::Fits);
            segment[16..18].copy_from_slice(&(!sum.ones_complement()).to_ne_bytes());
            prop_assert_ne!(of(ends, &segment), Checksum::Differs);
        }
    }

    #[test]
    fn a_segment_that_was_recorded_in_part_is_not_judged() {
        assert_eq!(of(Ends { v6: false, source: 1, target: 2 }, &[0; 17]), Checksum::Unknown);
    }
}
