//! How times are shown: since the beginning, since the item before, or as a clock somewhere shows them.

use crate::trace::Timestamp;

/// Times are shown no finer than microseconds, whatever the clock of the recording.
pub const DIGITS: u8 = 6;

/// How the time of an item is shown.
#[derive(Clone, Copy, Debug, Default)]
pub enum Clock {
    /// Seconds since the conversation's first item.
    #[default]
    Relative,
    /// Seconds since the item that is shown before it.
    Delta,
    /// Date and time in UTC, as ISO 8601 writes them.
    Utc,
    /// Date and time of clocks at a place, with their distance to UTC.
    Local(Zone),
    /// Seconds since 1970.
    Epoch,
}

/// How far the clocks of a place are from UTC, in seconds to the east, at a time in seconds since 1970.
#[derive(Clone, Copy, Debug)]
pub struct Zone(pub fn(i64) -> i32);

impl Clock {
    /// The time as it is shown, with `digits` digits behind the point; `first` is the time of the conversation's first
    /// item, `previous` that of the item before.
    pub fn show(self, time: Timestamp, first: Timestamp, previous: Option<Timestamp>, digits: u8) -> String {
        match self {
            Self::Relative => Timestamp(time.since(first)).seconds(digits).to_string(),
            Self::Delta => Timestamp(time.since(previous.unwrap_or(time))).seconds(digits).to_string(),
            Self::Utc => time.iso(digits, None).to_string(),
            Self::Local(Zone(east)) => {
                time.iso(digits, Some(east(time.0.div_euclid(1_000_000_000)))).to_string()
            }
            Self::Epoch => time.seconds(digits).to_string(),
        }
    }

    /// How many columns a time takes at least; more where it is longer.
    pub const fn width(self, digits: u8) -> usize {
        let fraction = digits as usize + (digits > 0) as usize;
        fraction
            + match self {
                Self::Relative | Self::Delta => 3,
                Self::Utc => "2010-05-31T12:00:00Z".len(),
                Self::Local(_) => "2010-05-31T12:00:00+02:00".len(),
                Self::Epoch => "1700000000".len(),
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_clock_shows_the_same_moment() {
        let at = |nanos: i64| Timestamp(1_700_000_000_000_000_000 + nanos);
        let show = |clock: Clock| clock.show(at(2_500_000_000), at(0), Some(at(2_000_000_000)), 6);
        assert_eq!(show(Clock::Relative), "2.500000");
        assert_eq!(show(Clock::Delta), "0.500000");
        assert_eq!(show(Clock::Utc), "2023-11-14T22:13:22.500000Z");
        assert_eq!(show(Clock::Local(Zone(|_| 7200))), "2023-11-15T00:13:22.500000+02:00");
        assert_eq!(show(Clock::Epoch), "1700000002.500000");
        for clock in [Clock::Utc, Clock::Local(Zone(|_| -3600)), Clock::Epoch] {
            assert_eq!(show(clock).len(), clock.width(6));
        }
        // The first has none before it.
        assert_eq!(Clock::Delta.show(at(5), at(0), None, 6), "0.000000");
    }
}
