//! The replay bar, and what the WebSocket API sees meanwhile.

use egui_kittest::kittest::Queryable;
use framescope::app::action::{Action, ReplayStep};
use framescope::app::panel::Panel;

use super::common::{open, usual};

#[test]
fn a_replay_builds_ladder_and_api_up_step_by_step() {
    let mut window = usual();
    open(&mut window, "rfc-ws8-srvping-srvfrag.pcap");
    window.state_mut().ask(Action::Show(Panel::Api));
    window.get_by_label("To the start").click();
    window.run_ok();
    assert!(window.query_by_label_contains("Item 1, ").is_none());
    assert!(window.query_by_label("readyState 0, CONNECTING").is_some());
    for _ in 0..2 {
        window.get_by_label("One item forward").click();
        window.run_ok();
    }
    assert!(window.query_by_label_contains("Item 2, server").is_some());
    assert!(window.query_by_label_contains("Item 3, ").is_none());
    assert!(window.query_by_label("readyState 1, OPEN").is_some());
    assert!(window.query_by_label("open, item 2").is_some());
    window.snapshot("replay-api");
    window.get_by_label("One item back").click();
    window.run_ok();
    assert!(window.query_by_label("readyState 0, CONNECTING").is_some());
    window.get_by_label("Leave the replay").click();
    window.run_ok();
    assert!(window.query_by_label("readyState 3, CLOSED").is_some());
}

#[test]
fn playing_takes_the_time_that_was_recorded() {
    let mut window = usual();
    open(&mut window, "rfc-ws8-srvping-srvfrag.pcap");
    window.state_mut().ask(Action::Replay(ReplayStep::Speed(0.25)));
    window.state_mut().ask(Action::Replay(ReplayStep::ToStart));
    window.run_ok();
    window.get_by_label("Play").click();
    window.step();
    window.step();
    assert!(window.state().state().replay.is_playing());
    window.state_mut().ask(Action::Replay(ReplayStep::Speed(100.0)));
    for _ in 0..600 {
        window.step();
    }
    assert!(!window.state().state().replay.is_playing(), "it ends by itself");
    assert!(window.query_all_by_label_contains(", close, ").next().is_some());
}

#[test]
fn an_event_leads_to_its_item() {
    let mut window = usual();
    open(&mut window, "h76-jsclient-ws04.pcapng");
    window.state_mut().ask(Action::Show(Panel::Api));
    window.run_ok();
    window.get_by_label("open, item 2").click();
    window.run_ok();
    assert_eq!(window.state().state().item, Some(1));
}
