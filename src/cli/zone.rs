//! The clocks where this computer is.

use std::sync::OnceLock;

use tz::TimeZone;

use super::Failure;
use crate::view::clock::Zone;
use crate::words::Words;

static LOCAL: OnceLock<TimeZone> = OnceLock::new();

/// The zone that the environment (`TZ`) or the system names.
pub(super) fn local(words: Words) -> Result<Zone, Failure> {
    let zone = match std::env::var("TZ") {
        Ok(name) if !name.is_empty() => TimeZone::from_posix_tz(&name),
        _ => TimeZone::local(),
    };
    let zone = zone.map_err(|error| Failure::with(words, "cli-no-zone", &[("error", &error.to_string())]))?;
    LOCAL.get_or_init(|| zone);
    Ok(Zone(east))
}

/// How far the local clocks are from UTC at a time in seconds since 1970.
fn east(seconds: i64) -> i32 {
    let local = LOCAL.get().and_then(|zone| zone.find_local_time_type(seconds).ok());
    local.map_or(0, tz::timezone::LocalTimeType::ut_offset)
}
