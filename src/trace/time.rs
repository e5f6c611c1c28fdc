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

    /// The time as ISO 8601 writes it, in UTC, with as many digits behind the point as it has: `2010-05-31T12:00:00.25Z`.
    pub fn utc(self) -> impl fmt::Display {
        Utc(self.0)
    }

    /// The time as ISO 8601 writes it, with `digits` digits behind the point: in UTC, or at a place whose clocks are
    /// `east` seconds before UTC: `2010-05-31T12:00:00.250000Z`, `2010-05-31T14:00:00.250000+02:00`.
    pub fn iso(self, digits: u8, east: Option<i32>) -> impl fmt::Display {
        Iso(self.0, digits.min(9), east)
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

struct Utc(i64);

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = write_date_and_time(f, self.0, 0)?;
        if nanos != 0 {
            let digits = format!("{nanos:09}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

struct Iso(i64, u8, Option<i32>);

impl fmt::Display for Iso {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(nanos, digits, east) = *self;
        let rest = write_date_and_time(f, nanos, east.unwrap_or_default().into())?;
        if digits > 0 {
            let fraction = rest / 10i64.pow(9 - u32::from(digits));
            write!(f, ".{fraction:0width$}", width = usize::from(digits))?;
        }
        let Some(east) = east else { return f.write_str("Z") };
        let minutes = east.unsigned_abs() / 60;
        write!(f, "{}{:02}:{:02}", if east < 0 { '-' } else { '+' }, minutes / 60, minutes % 60)
    }
}

/// Writes `2010-05-31T12:00:00` where clocks are `east` seconds before UTC, and returns the nanoseconds behind it.
fn write_date_and_time(f: &mut fmt::Formatter<'_>, nanos: i64, east: i64) -> Result<i64, fmt::Error> {
    const SECOND: i64 = 1_000_000_000;
    const DAY: i64 = 24 * 60 * 60;
    let (seconds, nanos) = (nanos.div_euclid(SECOND) + east, nanos.rem_euclid(SECOND));
    let (year, month, day) = date(seconds.div_euclid(DAY));
    let second = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
    Ok(nanos)
}

/// Year, month and day of the Gregorian calendar, `days` after 1970-01-01.
///
/// Years are counted from March here, so that the day that only some of them have is their last, and every month's
/// first day follows from its number by one division. 400 years have the same 146,097 days each time.
const fn date(days: i64) -> (i64, i64, i64) {
    const ERA: i64 = 146_097;
    let days = days + 719_468; // From 0000-03-01.
    let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153; // March is 0.
    let day = day - (153 * month + 2) / 5 + 1;
    let next = month >= 10; // January and February belong to the next year.
    let month = if next { month - 9 } else { month + 3 };
    (year + era * 400 + next as i64, month, day)
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

    #[test]
    fn the_calendar_is_right() {
        let at = |seconds: i64| Timestamp(seconds * 1_000_000_000).utc().to_string();
        // Of GNU date: `date -u -d @SECONDS +%FT%TZ`.
        for (seconds, words) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (68_169_599, "1972-02-28T23:59:59Z"),
            (68_169_600, "1972-02-29T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_293_839_999, "2010-12-31T23:59:59Z"),
            (1_700_000_000, "2023-11-14T22:13:20Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (-2_203_891_200, "1900-03-01T00:00:00Z"),
            (-9_214_560_000, "1678-01-01T00:00:00Z"),
            (9_214_646_399, "2261-12-31T23:59:59Z"),
        ] {
            assert_eq!(at(seconds), words);
        }
    }

    #[test]
    fn utc_has_the_digits_that_it_needs() {
        assert_eq!(Timestamp(1_700_000_000_250_000_000).utc().to_string(), "2023-11-14T22:13:20.25Z");
        assert_eq!(Timestamp(1_700_000_000_000_000_001).utc().to_string(), "2023-11-14T22:13:20.000000001Z");
        assert_eq!(Timestamp(-1).utc().to_string(), "1969-12-31T23:59:59.999999999Z");
        assert_eq!(Timestamp(i64::MIN).utc().to_string(), "1677-09-21T00:12:43.145224192Z");
        assert_eq!(Timestamp(i64::MAX).utc().to_string(), "2262-04-11T23:47:16.854775807Z");
    }

    #[test]
    fn places_have_their_own_clocks() {
        let time = Timestamp(1_700_000_000_250_000_999);
        assert_eq!(time.iso(6, None).to_string(), "2023-11-14T22:13:20.250000Z");
        assert_eq!(time.iso(0, Some(3600)).to_string(), "2023-11-14T23:13:20+01:00");
        assert_eq!(time.iso(9, Some(-12_600)).to_string(), "2023-11-14T18:43:20.250000999-03:30");
        assert_eq!(time.iso(3, Some(19_800)).to_string(), "2023-11-15T03:43:20.250+05:30");
    }

    /// Every day of four centuries follows the one before.
    #[test]
    fn no_day_is_left_out() {
        let lengths = |year: i64| {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        };
        let mut days = -146_097..;
        for year in 1570..1970 {
            for (month, length) in (1..).zip(lengths(year)) {
                for day in 1..=length {
                    assert_eq!(days.next().map(super::date), Some((year, month, day)));
                }
            }
        }
        assert_eq!(days.next(), Some(0));
    }
}
