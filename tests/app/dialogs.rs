//! The server's and a client's set-up.

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use framescope::app::App;
use framescope::app::action::{Action, Dialog};
use framescope::model::protocol::Protocol;

use super::common::{usual, window};

fn dialog(window: &mut Harness<'static, App>, dialog: Dialog) {
    window.state_mut().ask(Action::Dialog(dialog));
    window.run_ok();
}

fn line(window: &mut Harness<'static, App>, name: &str, text: &str) {
    let field = window.get_by_role_and_label(Role::TextInput, name);
    field.set_text_value_accesskit(text);
    window.run_ok();
}

fn button(window: &mut Harness<'static, App>, name: &str) {
    window.get_by_role_and_label(Role::Button, name).click();
    window.run_ok();
}

#[test]
fn a_server_starts_and_two_clicks_connect_a_client() {
    let mut window = usual();
    dialog(&mut window, Dialog::Server);
    line(&mut window, "Address", "127.0.0.1:9123");
    button(&mut window, "Start");
    assert_eq!(window.state_mut().host().listening().map(|address| address.port()), Some(9123));
    // The URL follows the server, so that Connect alone is enough.
    dialog(&mut window, Dialog::Connect(Protocol::Hixie76));
    button(&mut window, "Connect");
    let talk = |window: &Harness<'static, App>| {
        window.state().with_trace(|trace| {
            let talk = trace.conversations().iter().last().unwrap();
            (trace.conversations().len(), talk.protocol, talk.server.port())
        })
    };
    assert_eq!(talk(&window), Some((1, Protocol::Hixie76, 9123)));
    // And so is Enter, in the line that has the keyboard at once.
    dialog(&mut window, Dialog::Connect(Protocol::Rfc6455));
    window.key_press(Key::Enter);
    window.run_ok();
    assert_eq!(talk(&window), Some((2, Protocol::Rfc6455, 9123)));
}

#[test]
fn what_is_wrong_is_told_beside_its_line() {
    let mut window = usual();
    dialog(&mut window, Dialog::Server);
    line(&mut window, "Address", "localhost");
    line(&mut window, "Subprotocols", "chat, a b");
    assert!(window.query_by_label_contains("write an IP address and a port").is_some());
    assert!(window.query_by_label_contains("\"a b\" is no name").is_some());
    assert!(window.get_by_role_and_label(Role::Button, "Start").accesskit_node().is_disabled());
    dialog(&mut window, Dialog::Connect(Protocol::Rfc6455));
    line(&mut window, "URL", "wss://example.com/");
    line(&mut window, "Seed", "seven");
    assert!(window.query_by_label_contains("wss: is not supported").is_some());
    assert!(window.query_by_label_contains("Write a whole number").is_some());
    window.key_press(Key::Enter);
    window.run_ok();
    assert!(window.get_by_role_and_label(Role::Button, "Connect").accesskit_node().is_disabled());
}

#[test]
fn all_that_the_command_line_can_say_can_be_filled_in() {
    let mut window = usual();
    dialog(&mut window, Dialog::Server);
    line(&mut window, "Subprotocols", "chat, superchat");
    line(&mut window, "Origins", "http://example.com");
    line(&mut window, "Flash policy file at", "127.0.0.1:8843");
    window.get_by_label("hybi-7 (2011)").click();
    window.run_ok();
    button(&mut window, "Start");
    let server = window.state().state().settings.server.clone();
    assert_eq!(server.subprotocols, ["chat", "superchat"]);
    assert_eq!(server.origins, ["http://example.com"]);
    assert_eq!(server.flash_policy.map(|address| address.port()), Some(8843));
    assert!(
        !server.protocols.contains(&Protocol::Hybi7)
            && server.protocols.len() == Protocol::WEBSOCKET.len() - 1
    );

    dialog(&mut window, Dialog::Connect(Protocol::Rfc6455));
    line(&mut window, "Origin", "http://example.com");
    line(&mut window, "Subprotocols", "superchat");
    line(&mut window, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    line(&mut window, "Seed", "7");
    window
        .get_by_role_and_label(Role::MultilineTextInput, "More header fields")
        .set_text_value_accesskit("Cookie: a=b\nX-Test: 1");
    window.run_ok();
    button(&mut window, "Connect");
    let client = window.state().state().settings.client.clone();
    assert_eq!(
        client.headers,
        [("Cookie", "a=b"), ("X-Test", "1")].map(|(n, v)| (n.to_owned(), v.to_owned()))
    );
    assert_eq!((client.seed, client.key.as_deref()), (Some(7), Some("dGhlIHNhbXBsZSBub25jZQ==")));
    let agreed = window.state().with_trace(|trace| trace.conversations()[0].subprotocol.clone());
    assert_eq!(agreed.flatten().as_deref(), Some("superchat"));
}

#[test]
fn pictures() {
    let mut window = window([1280.0, 800.0], egui::Theme::Light);
    window.state_mut().ask(Action::Theme(framescope::app::settings::ThemeChoice::Light));
    dialog(&mut window, Dialog::Server);
    line(&mut window, "Address", "localhost");
    window.snapshot("dialog-server");
    dialog(&mut window, Dialog::Connect(Protocol::Rfc6455));
    window.snapshot("dialog-connect");
}

#[test]
fn the_button_is_seen_in_a_low_window_and_the_dialog_in_its_middle() {
    let mut window = window([1024.0, 768.0], egui::Theme::Dark);
    window.state_mut().ask(Action::Projector(true));
    window.run_ok();
    let sees_start = |window: &Harness<'static, App>, size: egui::Vec2| {
        let start = window.get_by_role_and_label(Role::Button, "Start").rect();
        let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, size);
        assert!(screen.contains_rect(start), "{start:?} is not on {screen:?}");
        let dialog = window.get_by_role_and_label(Role::Window, "Server").rect();
        assert!((dialog.center().x - screen.center().x).abs() < 2.0, "{dialog:?} in {screen:?}");
    };
    dialog(&mut window, Dialog::Server);
    let points = window.ctx.content_rect().size();
    sees_start(&window, points);
    window.snapshot("dialog-projector");
    window.set_size(egui::vec2(800.0, 600.0));
    window.run_ok();
    let points = window.ctx.content_rect().size();
    sees_start(&window, points);
}
