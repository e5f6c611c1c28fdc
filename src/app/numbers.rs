//! Lengths of time and parts of a whole, as a person reads them.

use crate::view::line;

/// A length of time with the unit that fits: `1.50 s`, `12.0 ms`.
pub fn duration(nanos: i64) -> String {
    line::duration(nanos).trim_start_matches('+').to_owned()
}

/// A moment of a stretch of time so long, both in nanoseconds: rounded, in the unit that suits the whole.
pub fn moment(nanos: i64, whole: i64) -> String {
    let (unit, digits, name) = match whole {
        ..1_000_000 => (1e3, 1, "µs"),
        1_000_000..1_000_000_000 => (1e6, 2, "ms"),
        _ => (1e9, 3, "s"),
    };
    format!("{:.digits$} {name}", nanos as f64 / unit)
}

/// A part of a whole in percent; none where there is no whole.
pub fn percent(part: u64, whole: u64) -> Option<String> {
    (whole > 0).then(|| format!("{:.1} %", part as f64 * 100.0 / whole as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(duration(1_500_000_000), "1.50 s");
        assert_eq!(moment(1_499_600_000, 2_000_000_000), "1.500 s");
        assert_eq!(moment(1_499_600, 2_000_000), "1.50 ms");
        assert_eq!(moment(0, 213_400), "0.0 µs");
        assert_eq!(percent(1, 3).as_deref(), Some("33.3 %"));
        assert_eq!(percent(1, 0), None);
    }
}
