//! Times of a recording.

use std::fmt;

/// Nanoseconds since the Unix epoch, by the clock of the recording. Years 1678 to 2262.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The system clock's time now.
    pub fn now() -> Self {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
    }

    /// The time as seconds since the epoch with `digits` digits behind the point: `1700000000.000007`.
    pub fn seconds(self, digits: u8) -> impl fmt::Display {
        Seconds(self.0, digits.min(9))
    }

    /// Nanoseconds from `earlier` to this; negative if the clock went back.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

struct Seconds(i64, u8);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(nanos, digits) = *self;
        let sign = if nanos < 0 { "-" } else { "" };
        let (seconds, rest) = (nanos.unsigned_abs() / 1_000_000_000, nanos.unsigned_abs() % 1_000_000_000);
        if digits == 0 {
            return write!(f, "{sign}{seconds}");
        }
        let fraction = rest / 10u64.pow(9 - u32::from(digits));
        write!(f, "{sign}{seconds}.{fraction:0width$}", width = usize::from(digits))
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn seconds_have_the_clocks_digits() {
        assert_eq!(Timestamp(1_700_000_000_000_007_000).seconds(6).to_string(), "1700000000.000007");
        assert_eq!(Timestamp(1_700_000_000_000_007_001).seconds(9).to_string(), "1700000000.000007001");
        assert_eq!(Timestamp(-1_500_000_000).seconds(3).to_string(), "-1.500");
        assert_eq!(Timestamp(5).seconds(0).to_string(), "0");
    }
}
