//! What is worked out from a trace when it is looked at: filters, the API's view, statistics, exports.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic in a test is its report")]

#[path = "views/api.rs"]
mod api;
#[path = "views/export.rs"]
mod export;
#[path = "views/filter.rs"]
mod filter;
#[path = "views/statistics.rs"]
mod statistics;

use framescope::capture;
use framescope::trace::Trace;

/// A bundled capture, read to its end.
fn read(name: &str) -> Trace {
    let options = capture::Options::default();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name);
    let mut loader = capture::open(&path, &options).unwrap();
    loader.read_all().unwrap();
    let mut trace = loader.into_trace();
    trace.finish();
    trace
}

/// The names of all bundled captures and those of the museum that can be read to their end.
fn readable() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut names = Vec::new();
    for inside in ["", "museum/"] {
        for entry in std::fs::read_dir(folder.join(inside)).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{inside}{}", path.file_name().unwrap().to_string_lossy());
            if name.contains(".pcap")
                && capture::open(&path, &capture::Options::default())
                    .is_ok_and(|mut loader| loader.read_all().is_ok())
            {
                names.push(name);
            }
        }
    }
    names.sort();
    assert!(names.len() > 100);
    names
}
