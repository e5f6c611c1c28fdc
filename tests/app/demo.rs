//! Starting the demo.

use egui_kittest::kittest::Queryable;

use super::common::usual;

#[test]
fn an_empty_window_is_an_invitation() {
    let mut window = usual();
    window.snapshot("welcome");
}

#[test]
fn the_demo_shows_every_version_talking() {
    let mut window = usual();
    window.get_all_by_label("Start the demo").next().unwrap().click();
    window.run_ok();
    let versions = window
        .state()
        .with_trace(|trace| trace.conversations().iter().map(|talk| talk.protocol.id()).collect::<Vec<_>>());
    let all = ["hixie-75", "hixie-76", "hybi-2", "hybi-4", "hybi-5", "hybi-6", "hybi-7", "hybi-8", "rfc6455"];
    assert_eq!(versions.unwrap(), all);
    window.snapshot("demo");
}
