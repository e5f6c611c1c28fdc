//! Every bundled capture, as its ladder: what each of its items is, and the findings. Read a changed snapshot before you
//! accept it: `cargo insta review`.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

use framescope::capture;
use framescope::export::json::About;
use framescope::export::text;

#[test]
fn every_bundled_capture_reads_as_it_did() {
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::glob!("../captures", "{*,museum/*}.pcap*", |path| {
            let mut loader = capture::open(path, &capture::Options::default()).expect("the capture opens");
            let damage = loader.read_all().err();
            let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
            let summary = loader.summary();
            let about = About { file: name, packets: summary.packets, link_types: summary.link_types.clone() };
            let mut out = Vec::new();
            let options = text::Options { brief: true, ..text::Options::default() };
            text::write_trace(&mut out, &about, loader.trace(), &options).expect("writing to memory");
            let mut told = String::from_utf8(out).expect("text is UTF-8");
            if let Some(damage) = damage {
                // The path differs from machine to machine.
                told.push_str(&damage.to_string().replace(&*path.to_string_lossy(), "FILE"));
            }
            insta::assert_snapshot!(told);
        });
    });
}
