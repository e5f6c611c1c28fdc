//! The server, clients and the recording, as a person has them in hand.

use std::path::PathBuf;

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use framescope::analysis::api;
use framescope::app::App;
use framescope::app::action::{Action, At, Dialog};
use framescope::app::host::{ClientSetup, ServerSetup, Speaker};
use framescope::app::source::LIVE;
use framescope::endpoint::Command;
use framescope::model::protocol::{Protocol, Side};
use framescope::trace::Handshake;

use super::common::usual;

fn ask(window: &mut Harness<'static, App>, action: Action) {
    window.state_mut().ask(action);
    window.run_ok();
}

fn serve(window: &mut Harness<'static, App>, change: impl FnOnce(&mut ServerSetup)) {
    let mut setup = ServerSetup::default();
    change(&mut setup);
    ask(window, Action::StartServer(setup));
}

fn handshakes(window: &Harness<'static, App>) -> Vec<(&'static str, Handshake, Option<String>)> {
    let all = window.state().with_trace(|trace| {
        let talks = trace.conversations().iter();
        talks.map(|talk| (talk.protocol.id(), talk.handshake, talk.subprotocol.clone())).collect()
    });
    all.unwrap_or_default()
}

fn looked_at(window: &Harness<'static, App>) -> Option<usize> {
    window.state().state().at.filter(|at| at.source == LIVE).map(|at| at.conversation)
}

#[test]
fn the_demo_speaks_to_a_server_that_runs() {
    let mut window = usual();
    serve(&mut window, |_| ());
    ask(&mut window, Action::StartDemo);
    let all = handshakes(&window);
    assert_eq!(all.len(), Protocol::WEBSOCKET.len());
    assert!(all.iter().all(|(_, handshake, agreed)| *handshake == Handshake::Accepted && agreed.is_none()));
}

#[test]
fn the_demo_goes_on_behind_a_version_that_is_refused() {
    let mut window = usual();
    serve(&mut window, |setup| setup.protocols = vec![Protocol::Hybi8, Protocol::Rfc6455]);
    ask(&mut window, Action::StartDemo);
    let accepted: Vec<&str> = handshakes(&window)
        .into_iter()
        .filter_map(|(id, handshake, _)| (handshake == Handshake::Accepted).then_some(id))
        .collect();
    assert_eq!(accepted, ["hybi-8", "rfc6455"]);
}

#[test]
fn the_demo_speaks_its_subprotocol_to_its_own_server_each_time() {
    let mut window = usual();
    ask(&mut window, Action::StartDemo);
    ask(&mut window, Action::StartDemo);
    let all = handshakes(&window);
    assert_eq!(all.len(), 2 * Protocol::WEBSOCKET.len());
    assert!(all.iter().all(|(_, _, agreed)| agreed.as_deref() == Some("demo")));
    // The first of the new ones is looked at.
    assert_eq!(looked_at(&window), Some(Protocol::WEBSOCKET.len()));
}

#[test]
fn a_client_that_was_asked_for_is_looked_at_and_one_from_outside_is_not() {
    let mut window = usual();
    serve(&mut window, |_| ());
    for expected in 0..2 {
        ask(&mut window, Action::Connect(Box::default()));
        assert_eq!(looked_at(&window), Some(expected));
    }
    ask(&mut window, Action::LookAt(At { source: LIVE, conversation: 0 }));
    // Nobody asked for it in the window.
    window.state_mut().host().connect(&ClientSetup::default());
    window.run_ok();
    assert_eq!((handshakes(&window).len(), looked_at(&window)), (3, Some(0)));
}

#[test]
fn clearing_ends_what_is_open_and_the_server_stays() {
    let mut window = usual();
    ask(&mut window, Action::StartDemo);
    let speaker = window
        .state()
        .with_trace(|trace| {
            let talk = &trace.conversations()[4];
            Speaker { connection: talk.connection, side: Side::Client }
        })
        .unwrap();
    assert!(window.state_mut().host().can_speak(&speaker));
    ask(&mut window, Action::Clear);
    assert!(window.query_by_label_contains("9 open connections were ended first").is_some());
    assert_eq!(looked_at(&window), None);
    assert!(!window.state_mut().host().can_speak(&speaker));
    assert!(window.state_mut().host().listening().is_some());
    ask(&mut window, Action::Connect(Box::default()));
    assert_eq!((handshakes(&window).len(), looked_at(&window)), (1, Some(0)));
}

#[test]
fn connect_again_asks_for_the_same() {
    for protocol in Protocol::WEBSOCKET {
        let mut window = Harness::builder()
            .with_size([1400.0, 1500.0])
            .with_max_steps(60)
            .build_eframe(|cc| App::new(cc, Box::new(framescope::app::memory::Memory::default())));
        serve(&mut window, |setup| setup.subprotocols = vec!["chat".to_owned()]);
        let setup = ClientSetup {
            url: "ws://127.0.0.1:9001/room?of=1".to_owned(),
            protocol,
            origin: Some("http://example.com".to_owned()),
            subprotocols: vec!["chat".to_owned()],
            headers: vec![("Cookie".to_owned(), "a=b".to_owned())],
            deflate: protocol == Protocol::Rfc6455,
            ..ClientSetup::default()
        };
        ask(&mut window, Action::Connect(Box::new(setup)));
        let connection = window.state().with_trace(|trace| trace.conversations()[0].connection).unwrap();
        for side in Side::BOTH {
            ask(&mut window, Action::Send(Speaker { connection, side }, Command::Close(None, String::new())));
        }
        // What was filled in last is of another client.
        ask(&mut window, Action::Connect(Box::default()));
        ask(&mut window, Action::LookAt(At { source: LIVE, conversation: 0 }));
        ask(&mut window, Action::Show(framescope::app::panel::Panel::Composer));
        window.get_by_role_and_label(Role::Button, "Connect again").click();
        window.run_ok();
        let asked = |index: usize| {
            let offer =
                window.state().with_trace(|trace| api::asked(&trace.conversations()[index], &trace.store));
            offer.unwrap().unwrap()
        };
        assert_eq!(asked(2), asked(0), "{protocol:?}");
        assert_eq!(asked(2).resource, "/room?of=1");
        assert_eq!(asked(2).origin.as_deref(), Some("http://example.com"));
        assert_eq!(asked(2).subprotocols, ["chat"]);
        assert_eq!(looked_at(&window), Some(2));
    }
}

#[test]
fn recording_is_seen_and_stopped_where_it_is_seen() {
    let mut window = usual();
    ask(&mut window, Action::StartDemo);
    // There is no dialog of the system in memory.
    ask(&mut window, Action::Record(None));
    assert!(window.query_by_label_contains("write where to record to").is_some());
    let path = window.get_by_role_and_label(Role::TextInput, "Path to save to");
    assert!(egui_kittest::kittest::NodeT::accesskit_node(&path).value().unwrap().ends_with("live.pcapng"));
    // Putting it away is no answer: exporting asks its own questions.
    ask(&mut window, Action::Escape);
    ask(&mut window, Action::Dialog(Dialog::Export));
    assert!(window.query_by_label("Path to save to").is_none());
    ask(&mut window, Action::Escape);
    ask(&mut window, Action::Record(Some(PathBuf::from("/tmp/live.pcapng"))));
    assert!(window.query_by_label("Recording live.pcapng").is_some());
    window.snapshot("recording");
    window.get_by_role_and_label(Role::Button, "Stop recording").click();
    window.run_ok();
    assert!(window.query_by_label("Recording live.pcapng").is_none());
    assert!(window.query_by_label_contains("Saved /tmp/live.pcapng").is_some());
}

#[test]
fn the_palette_stops_only_what_runs() {
    let mut window = usual();
    let stops = |window: &mut Harness<'static, App>| {
        ask(window, Action::Dialog(Dialog::Palette));
        window
            .get_by_role_and_label(Role::TextInput, "Search for a command")
            .set_text_value_accesskit("stop");
        window.run_ok();
        let found = ["Stop the server", "Stop recording"]
            .map(|name| window.query_all_by_label(name).any(|node| node.rect().width() > 60.0));
        ask(window, Action::Escape);
        found
    };
    assert_eq!(stops(&mut window), [false, false]);
    serve(&mut window, |_| ());
    assert_eq!(stops(&mut window), [true, false]);
    ask(&mut window, Action::Record(Some(PathBuf::from("/tmp/live.pcapng"))));
    assert_eq!(stops(&mut window), [true, true]);
}
