//! The composer: frames right and wrong, their bits, and what the peer does about them.

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use framescope::app::App;
use framescope::app::action::{Action, At};
use framescope::app::host::ClientSetup;
use framescope::app::panel::Panel;
use framescope::app::settings::ThemeChoice;
use framescope::app::source::LIVE;
use framescope::model::protocol::{Protocol, Side};
use framescope::trace::{MessageKind, close_body};

use super::common::{open, window};

/// A window with a server and a client of this version, whose conversation is looked at, and a seed that makes each
/// run the same.
fn connected(size: [f32; 2], theme: egui::Theme, protocol: Protocol) -> Harness<'static, App> {
    let mut window = window(size, theme);
    window.state_mut().ask(Action::StartServer(framescope::app::host::ServerSetup::default()));
    window.run_ok();
    connect(&mut window, protocol);
    window.state_mut().ask(Action::Show(Panel::Composer));
    window.run_ok();
    window
}

/// Connects one more client and looks at its conversation.
fn connect(window: &mut Harness<'static, App>, protocol: Protocol) {
    let setup = ClientSetup { protocol, seed: Some(1), ..ClientSetup::default() };
    window.state_mut().ask(Action::Connect(Box::new(setup)));
    window.run_ok();
    let last = window.state().with_trace(|trace| trace.conversations().len() - 1).unwrap();
    window.state_mut().ask(Action::LookAt(At { source: LIVE, conversation: last }));
    window.run_ok();
}

/// A window with room for all of the composer.
fn roomy(protocol: Protocol) -> Harness<'static, App> {
    connected([1400.0, 1500.0], egui::Theme::Dark, protocol)
}

fn click(window: &mut Harness<'static, App>, name: &str) {
    window.get_by_role_and_label(egui::accesskit::Role::Button, name).click();
    window.run_ok();
}

/// Clicks the first bit of the field whose name begins so, where its digit stands.
fn flip(window: &mut Harness<'static, App>, field: &str) {
    let rect = window.get_by_label_contains(field).rect();
    let pos = egui::pos2(rect.left() + 7.0, rect.top() + 7.0);
    window.hover_at(pos);
    for pressed in [true, false] {
        window.event(egui::Event::PointerButton {
            pos,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
    }
    window.run_ok();
}

/// The code with which the server closed the conversation that was connected last.
fn server_closed(window: &Harness<'_, App>) -> Option<u16> {
    window
        .state()
        .with_trace(|trace| {
            let talk = trace.conversations().iter().last().unwrap();
            let mut closes = talk.messages.iter().map(|(_, message)| message);
            let close =
                closes.find(|message| message.kind == MessageKind::Close && message.side == Side::Server)?;
            close_body(talk, &trace.store, close).map(|(code, _)| code)
        })
        .unwrap()
}

/// What the client of the conversation that was connected last sent behind its handshake.
fn client_frames(window: &Harness<'_, App>) -> Vec<Vec<u8>> {
    let frames = window.state().with_trace(|trace| {
        let talk = trace.conversations().iter().last().unwrap();
        let items = talk.items.iter().map(|(_, item)| item);
        let frames = items.filter(|item| item.side == Side::Client && item.kind.is_frame());
        frames.map(|item| talk.bytes_of(&trace.store, item).into_owned()).collect()
    });
    frames.unwrap()
}

#[test]
fn a_flipped_bit_shows_what_it_breaks_and_undo_takes_it_back() {
    let mut window = roomy(Protocol::Rfc6455);
    click(&mut window, "Frame");
    assert!(window.query_by_label("breaks no rule").is_some());
    flip(&mut window, "RSV2, bit 2");
    assert!(window.query_by_label_contains("the peer closes with 1002").is_some());
    assert!(window.query_by_label("RSV2, bit 2, value 1").is_some());
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run_ok();
    assert!(window.query_by_label("RSV2, bit 2, value 0").is_some());
    assert!(window.query_by_label("breaks no rule").is_some());
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    window.run_ok();
    assert!(window.query_by_label("RSV2, bit 2, value 1").is_some());
}

#[test]
fn what_no_longer_fits_the_form_becomes_raw_bytes() {
    let mut window = roomy(Protocol::Rfc6455);
    click(&mut window, "Frame");
    // A length of 69 or 7 still fits; 127 would take eight more bytes than a frame of 11 has behind its key.
    click(&mut window, "A wrong frame");
    click(&mut window, "Half a close code");
    for bit in 0..6 {
        // 1 is 000 0001 in the seven bits: set those that are 0 and make it 127.
        let rect = window.get_by_label_contains("Payload len, bits 9 to 15").rect();
        let width = rect.width() / 7.0;
        let pos = egui::pos2(rect.left() + width * (bit as f32 + 0.5), rect.top() + 7.0);
        window.hover_at(pos);
        for pressed in [true, false] {
            let button = egui::PointerButton::Primary;
            window.event(egui::Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE });
        }
        window.run_ok();
    }
    assert!(window.query_by_label_contains("no longer fit the form of a frame").is_some());
    click(&mut window, "Undo");
    assert!(window.query_by_label_contains("no longer fit the form of a frame").is_none());
}

#[test]
fn the_server_answers_each_wrong_frame_with_its_code() {
    let mut window = roomy(Protocol::Rfc6455);
    click(&mut window, "Frame");
    let expected = [
        ("Mask on the wrong side", 1002),
        ("A reserved bit", 1002),
        ("A reserved opcode", 1002),
        ("A continuation of nothing", 1002),
        ("Text that is not UTF-8", 1007),
        ("A ping of 200 bytes", 1002),
        ("A ping in fragments", 1002),
        ("A length longer than it must be", 1002),
        ("A length with the top bit set", 1002),
        ("Close code 1006", 1002),
        ("Half a close code", 1002),
    ];
    for (number, (name, code)) in expected.into_iter().enumerate() {
        if number > 0 {
            // The connection that was closed is followed by another one, which is looked at.
            click(&mut window, "Connect again");
        }
        click(&mut window, "A wrong frame");
        click(&mut window, name);
        assert!(window.query_by_label("breaks no rule").is_none(), "{name}");
        click(&mut window, "Send");
        assert_eq!(server_closed(&window), Some(code), "{name}");
        // What came after it: the broken rule, and the close frame.
        assert!(window.query_by_label_contains(&format!("server: close, {code}")).is_some(), "{name}");
    }
}

#[test]
fn a_frame_that_claims_more_than_it_has_gets_no_answer() {
    let mut window = connected([1280.0, 800.0], egui::Theme::Dark, Protocol::Rfc6455);
    window.state_mut().ask(Action::Projector(true));
    window.run_ok();
    click(&mut window, "A wrong frame");
    click(&mut window, "A length that lies");
    assert!(window.query_by_label_contains("Payload len, bits 9 to 15, value 10").is_some());
    click(&mut window, "Send");
    assert_eq!(server_closed(&window), None);
    let answer = window.get_by_label("No answer yet").rect();
    let bits = window.get_by_label_contains("FIN, bit 0").rect();
    assert!(answer.bottom() < bits.top(), "what came after stands above the bits");
}

#[test]
fn what_was_marked_is_let_go_of_with_the_frame() {
    let mut window = roomy(Protocol::Rfc6455);
    click(&mut window, "Frame");
    let is_marked = |window: &Harness<'static, App>| {
        window.get_by_label_contains("RSV1, bit 1").accesskit_node().toggled()
            == Some(egui::accesskit::Toggled::True)
    };
    flip(&mut window, "RSV1, bit 1");
    assert!(is_marked(&window));
    click(&mut window, "A wrong frame");
    click(&mut window, "A reserved opcode");
    assert!(!is_marked(&window), "another frame");
    flip(&mut window, "RSV1, bit 1");
    connect(&mut window, Protocol::Rfc6455);
    assert!(!is_marked(&window), "another conversation");
}

/// The height of the composer in a window of the usual size, with its tab.
const ROOM: f32 = 210.0;

#[test]
fn the_whole_form_and_the_first_bits_are_seen_below_the_other_panels() {
    let mut window = connected([1280.0, 800.0], egui::Theme::Dark, Protocol::Rfc6455);
    let top = window.get_by_label("Composer panel").rect().top();
    let fragments = window.get_by_label("In fragments of").rect();
    assert!(fragments.bottom() < top + ROOM, "{fragments:?} in {top}");
    click(&mut window, "Frame");
    let payload = window.get_by_role_and_label(egui::accesskit::Role::MultilineTextInput, "Payload").rect();
    let bits = window.get_by_label_contains("FIN, bit 0").rect();
    for (what, rect) in [("the payload", payload), ("the bits", bits)] {
        assert!(rect.bottom() < top + ROOM, "{what}: {rect:?} in {top}");
    }
    window.snapshot("composer-form");
}

#[test]
fn a_message_goes_out_in_fragments() {
    let mut window = roomy(Protocol::Rfc6455);
    window.get_by_label("In fragments of").click();
    window.run_ok();
    click(&mut window, "Send");
    let firsts: Vec<u8> = client_frames(&window).iter().map(|frame| frame[0]).collect();
    assert_eq!(firsts, [0x01, 0x00, 0x80]);
    assert!(window.query_by_label_contains("server: text, 7 bytes").is_some(), "the echo is shown");
}

#[test]
fn a_server_can_speak_too_and_the_first_versions_have_their_own_form() {
    let mut window = roomy(Protocol::Hixie76);
    window.get_by_role_and_label(egui::accesskit::Role::Button, "server").click();
    window.run_ok();
    click(&mut window, "Frame");
    click(&mut window, "80");
    assert!(window.query_by_label("frame type, bits 1 to 7, value 0").is_some());
    click(&mut window, "Send");
    let sent = window.state().with_trace(|trace| {
        let talk = &trace.conversations()[0];
        let (_, item) = talk.items.iter().last().unwrap();
        (item.side, talk.bytes_of(&trace.store, item).into_owned())
    });
    assert_eq!(sent, Some((Side::Server, b"\x80\x05Hello".to_vec())));
}

#[test]
fn an_item_is_edited_and_sent_again() {
    let mut window = roomy(Protocol::Rfc6455);
    click(&mut window, "Send");
    let first = client_frames(&window);
    let number = window.state().with_trace(|trace| {
        let mut items = trace.conversations()[0].items.iter();
        items.find(|(_, item)| item.kind.is_frame()).unwrap().0
    });
    window.state_mut().ask(Action::EditAndResend(number.unwrap()));
    window.run_ok();
    click(&mut window, "Send");
    assert_eq!(client_frames(&window), [first.clone(), first.clone()].concat());
    // The handshake is edited as raw bytes.
    window.state_mut().ask(Action::EditAndResend(0));
    window.run_ok();
    assert!(window.query_by_label("Read as the beginning of a connection").is_some());
    let typed = window.get_by_role_and_label(egui::accesskit::Role::MultilineTextInput, "Bytes").value();
    assert!(typed.is_some_and(|typed| typed.starts_with("GET /") || typed.starts_with("47 45 54 20 2f")));
}

#[test]
fn without_a_connection_it_composes_and_says_why_it_cannot_send() {
    let mut window = window([1400.0, 1500.0], egui::Theme::Dark);
    open(&mut window, "h76-jsclient-ws04.pcapng");
    assert!(window.query_by_label_contains("connect a client to send").is_some());
    let send = window.get_by_role_and_label(egui::accesskit::Role::Button, "Send");
    assert!(send.accesskit_node().is_disabled());
    assert!(window.query_by_label_contains("frame type, bits 1 to 7").is_some());
}

#[test]
fn what_is_typed_into_one_field_is_taken_back_as_one() {
    let mut window = roomy(Protocol::Rfc6455);
    let payload = |window: &Harness<'static, App>| {
        window.get_by_role_and_label(egui::accesskit::Role::MultilineTextInput, "Payload").value().unwrap()
    };
    window.get_by_role_and_label(egui::accesskit::Role::MultilineTextInput, "Payload").focus();
    window.step();
    for letter in ["!", "?"] {
        window.event(egui::Event::Text(letter.to_owned()));
        window.step();
    }
    window.run_ok();
    assert_eq!(payload(&window).len(), 7);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run_ok();
    assert_eq!(payload(&window), "Hello");
}

#[test]
fn pictures() {
    let mut window = connected([1280.0, 800.0], egui::Theme::Dark, Protocol::Rfc6455);
    click(&mut window, "Frame");
    click(&mut window, "A wrong frame");
    click(&mut window, "A ping of 200 bytes");
    click(&mut window, "Send");
    window.snapshot("composer");
    window.state_mut().ask(Action::Projector(true));
    window.run_ok();
    window.snapshot("composer-projector");
}

#[test]
fn the_drafts_have_their_own_bits_and_mistakes() {
    let mut window = roomy(Protocol::Hybi5);
    click(&mut window, "Frame");
    assert!(window.query_by_label("breaks no rule").is_some());
    // The header is covered: what stands on the wire, and below it what it says.
    window.snapshot("composer-hybi5");
    click(&mut window, "A wrong frame");
    assert!(window.query_by_label("Mask on the wrong side").is_none(), "hybi-05 has no mask bit");
    click(&mut window, "A close that does not say who began");
    assert!(window.query_by_label("breaks no rule").is_none());
    click(&mut window, "Undo");
    click(&mut window, "Send");
    assert!(window.query_by_label_contains("server: text, 7 bytes").is_some(), "the echo is shown");
    let frames = client_frames(&window);
    assert_eq!(frames, [b"\x37\xfa\x21\x3d\xb3\xff\x69\x58\x5b\x96\x4e".to_vec()]);
}

#[test]
fn a_small_window() {
    let mut window = connected([800.0, 600.0], egui::Theme::Light, Protocol::Hixie76);
    window.state_mut().ask(Action::Theme(ThemeChoice::Light));
    window.run_ok();
    window.snapshot("composer-small");
}

#[test]
fn what_is_said_of_a_bit_does_not_cover_the_bits_above() {
    let mut window = connected([1280.0, 800.0], egui::Theme::Dark, Protocol::Rfc6455);
    click(&mut window, "Frame");
    // Until the notice of the server is gone, which moves all that stands above it.
    window.run_steps(60);
    let bits = window.get_by_label_contains("opcode, bits 4 to 7").rect();
    window.hover_at(bits.center_top() + egui::vec2(0.0, 7.0));
    window.run_steps(8);
    let said = window.get_by_label_contains("What the frame is: 0").rect();
    assert!(said.right() < bits.left() || said.top() > bits.top(), "{said:?} over {bits:?}");
}
