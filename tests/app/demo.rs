//! Starting the demo.

use egui_kittest::kittest::Queryable;

use super::common::usual;

#[test]
fn an_empty_window_is_an_invitation() {
    let mut window = usual();
    window.snapshot("welcome");
}

#[test]
fn the_demo_shows_five_versions_talking() {
    let mut window = usual();
    window.get_all_by_label("Start the demo").next().unwrap().click();
    window.run_ok();
    let versions = window
        .state()
        .with_trace(|trace| trace.conversations().iter().map(|talk| talk.protocol.id()).collect::<Vec<_>>());
    assert_eq!(versions.unwrap(), ["hixie-75", "hixie-76", "hybi-7", "hybi-8", "rfc6455"]);
    window.snapshot("demo");
}
