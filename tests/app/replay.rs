//! The replay bar, and what the WebSocket API sees meanwhile.

use egui::Theme;
use egui_kittest::kittest::Queryable;
use framescope::app::action::{Action, ReplayStep};
use framescope::app::panel::Panel;

use super::common::{open, usual, window};

#[test]
fn a_replay_builds_ladder_and_api_up_step_by_step() {
    let mut window = usual();
    open(&mut window, "rfc-ws8-srvping-srvfrag.pcap");
    window.state_mut().ask(Action::Show(Panel::Api));
    window.get_by_label("To the start").click();
    window.run_ok();
    assert!(window.query_by_label_contains("Item 1, ").is_none());
    // What has not happened is neither looked at nor counted.
    assert_eq!(window.state().state().item, None);
    assert!(window.query_by_label("0 of 32 items").is_some());
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
    assert_eq!(window.state().state().item, Some(31), "what happened last is looked at");
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

#[test]
fn in_a_narrow_window_the_slider_has_a_row_of_its_own() {
    for (projector, size) in [(true, [1024.0, 768.0]), (false, [800.0, 600.0]), (true, [800.0, 600.0])] {
        let mut window = window(size, Theme::Light);
        open(&mut window, "museum/client-length-top-bit.pcapng");
        window.state_mut().ask(Action::Projector(projector));
        window.state_mut().ask(Action::Replay(ReplayStep::ToStart));
        window.state_mut().ask(Action::Replay(ReplayStep::Forward));
        window.run_ok();
        window.run_ok();
        let slider = window.get_by_label("Place in time").rect();
        for other in ["Speed of the replay", "Leave the replay", "One item forward"] {
            let other = window.get_by_label(other).rect();
            assert!(!slider.intersects(other), "{slider:?} {other:?}");
        }
        // A local conversation is over in less than a millisecond.
        assert!(window.query_by_label_contains("0.0 µs of ").is_some());
        if projector && size[0] > 1000.0 {
            window.snapshot("replay-projector");
        }
    }
}
