//! Lengths of time and parts of a whole, as a person reads them.

use crate::export::line;

/// A length of time with the unit that fits: `1.50 s`, `12.0 ms`.
pub fn duration(nanos: i64) -> String {
    line::duration(nanos).trim_start_matches('+').to_owned()
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
        assert_eq!(percent(1, 3).as_deref(), Some("33.3 %"));
        assert_eq!(percent(1, 0), None);
    }
}
