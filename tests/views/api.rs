//! The WebSocket API's view of recorded conversations.

use framescope::analysis::api::{self, ApiEvent, ApiView, ReadyState};
use framescope::trace::Trace;

use super::{read, readable};

/// Events as a console would print them, each with its item counted from 1, 0 for the end.
fn told(view: &ApiView) -> Vec<String> {
    let told = view.events().iter().map(|event| {
        let item = event.item.map_or(0, |item| item + 1);
        match &event.what {
            ApiEvent::Message { kind, length } => format!("{item} message {kind} {length}"),
            ApiEvent::Close { code, reason, was_clean } => {
                format!("{item} close {code} {reason:?} {was_clean}")
            }
            other => format!("{item} {}", other.name()),
        }
    });
    told.collect()
}

fn whole(trace: &Trace) -> ApiView {
    let mut view = ApiView::default();
    view.advance_to(&trace.conversations()[0], &trace.store, usize::MAX);
    view
}

fn states(view: &ApiView) -> Vec<(usize, ReadyState)> {
    view.changes().iter().map(|change| (change.item.map_or(0, |item| item + 1), change.what)).collect()
}

#[test]
fn a_conversation_of_the_rfc_is_told_from_open_to_close() {
    use ReadyState::{Closed, Closing, Connecting, Open};
    let trace = read("rfc-chat-superchat.pcap");
    let view = whole(&trace);
    let expected =
        ["2 open", "4 message text 10", "6 message text 19", "8 message text 12", "0 close 1000 \"\" true"];
    assert_eq!(told(&view), expected);
    assert_eq!(states(&view), [(0, Connecting), (2, Open), (9, Closing), (0, Closed)]);
    assert_eq!(view.events_of(3).count(), 1);
    assert_eq!(view.events_of(4).count(), 0);
    assert_eq!((Closing.name(), Closing.number()), ("CLOSING", 2));
}

#[test]
fn every_moment_can_be_looked_at() {
    let trace = read("rfc-ws8-srvping-srvfrag.pcap");
    let talk = &trace.conversations()[0];
    let mut view = ApiView::default();
    for (items, state, events) in [
        (0, ReadyState::Connecting, 0),
        (1, ReadyState::Connecting, 0),
        (2, ReadyState::Open, 1),
        (5, ReadyState::Open, 1),
        (6, ReadyState::Open, 2),
        (31, ReadyState::Closing, 7),
        (32, ReadyState::Closed, 8),
        (3, ReadyState::Open, 1),
    ] {
        view.advance_to(talk, &trace.store, items);
        assert_eq!((view.state(), view.events().len()), (Some(state), events), "after {items} items");
    }
}

#[test]
fn the_hixie_versions_have_no_codes() {
    assert_eq!(told(&whole(&read("h76-jsclient-ws04.pcapng"))).last().unwrap(), "0 close 1005 \"\" true");
    assert_eq!(told(&whole(&read("h75-perl-driver-ipv6.pcap"))).last().unwrap(), "0 close 1005 \"\" true");
    let view = whole(&read("museum/hixie76-server-close-not-answered.pcapng"));
    assert_eq!(told(&view), ["2 open", "4 message text 5", "0 close 1006 \"\" false"]);
}

#[test]
fn what_went_wrong_is_told_as_a_page_hears_it() {
    for (file, expected) in [
        // A failed handshake.
        ("rfc-refused-403.pcap", &["2 error", "2 close 1006 \"\" false"][..]),
        ("museum/response-accept-wrong.pcapng", &["2 error", "2 close 1006 \"\" false"]),
        ("museum/hixie76-answer-wrong.pcapng", &["2 error", "2 close 1006 \"\" false"]),
        ("museum/response-200.pcapng", &["2 error", "2 close 1006 \"\" false"]),
        ("museum/response-missing.pcapng", &["0 error", "0 close 1006 \"\" false"]),
        // Lost while open.
        ("museum/client-reset.pcapng", &["2 open", "4 message text 5", "0 error", "0 close 1006 \"\" false"]),
        // Closed, and not answered.
        (
            "museum/server-close-not-answered.pcapng",
            &["2 open", "4 message text 5", "0 close 1006 \"\" false"],
        ),
        // The client fails the connection over the server's frame: what comes after it does not count.
        (
            "museum/server-masked.pcapng",
            &["2 open", "4 message text 5", "5 error", "0 close 1006 \"\" false"],
        ),
        (
            "museum/server-text-overlong.pcapng",
            &["2 open", "4 message text 5", "5 error", "0 close 1006 \"\" false"],
        ),
        (
            "museum/server-close-1006.pcapng",
            &["2 open", "4 message text 5", "5 error", "0 close 1006 \"\" false"],
        ),
    ] {
        assert_eq!(told(&whole(&read(file))), expected, "{file}");
    }
    // The server closes over a mistake of the client: the page hears the server's code.
    let view = whole(&read("museum/client-unmasked.pcapng"));
    let ApiEvent::Close { code, reason, was_clean } = &view.events().last().unwrap().what else { panic!() };
    assert_eq!((*code, *was_clean), (1002, true));
    assert!(reason.starts_with("rfc6455.mask"), "{reason}");
}

#[test]
fn where_the_recording_begins_inside_it_is_open_already() {
    let view = whole(&read("museum/recording-begins-inside.pcapng"));
    assert_eq!(states(&view).first(), Some(&(0, ReadyState::Open)));
    assert!(view.events().iter().all(|event| event.what != ApiEvent::Open));
}

#[test]
fn what_is_no_websocket_has_no_state() {
    assert_eq!(whole(&read("flash-policy-843.pcap")).state(), None);
}

#[test]
fn step_by_step_comes_to_the_same_as_at_once() {
    for name in readable() {
        let trace = read(&name);
        for (index, talk) in trace.conversations().iter().enumerate() {
            let mut at_once = ApiView::default();
            at_once.advance_to(talk, &trace.store, talk.items.len());
            let mut by_step = ApiView::default();
            for items in 0..=talk.items.len() {
                by_step.advance_to(talk, &trace.store, items);
            }
            assert_eq!(by_step.events(), at_once.events(), "{name} conversation {index}");
            assert_eq!(by_step.changes(), at_once.changes(), "{name} conversation {index}");
            let closes = at_once.events().iter().filter(|event| event.what.name() == "close").count();
            let opens = at_once.changes().iter().filter(|change| change.what == ReadyState::Closed).count();
            assert_eq!(closes, opens, "{name} conversation {index}");
        }
    }
}

#[test]
fn the_url_is_that_of_the_opening_request() {
    let trace = read("rfc-ws8-srvping-srvfrag.pcap");
    let talk = &trace.conversations()[0];
    assert_eq!(api::url(talk, &trace.store, 0), None);
    assert_eq!(api::url(talk, &trace.store, 1).as_deref(), Some("ws://127.0.0.1:9101/echo"));
}
