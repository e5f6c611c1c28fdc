//! The inspector: bits and hex of an item, always in step.

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use framescope::app::App;
use framescope::app::action::Action;
use framescope::app::settings::{Tab, ThemeChoice};
use framescope::model::field::BitRange;
use framescope::model::protocol::{Protocol, Side};

use super::common::{open, window};

const USUAL: [f32; 2] = [1280.0, 800.0];

/// A window that looks at an item of a bundled capture.
fn looking(size: [f32; 2], theme: ThemeChoice, capture: &str, item: usize) -> Harness<'static, App> {
    let mut window = window(size, egui::Theme::Dark);
    window.state_mut().ask(Action::Theme(theme));
    open(&mut window, capture);
    window.state_mut().ask(Action::Select(item, None));
    window.run_ok();
    window
}

/// A window that looks at these bytes, sent by a server of RFC 6455.
fn looking_at(bytes: Vec<u8>) -> Harness<'static, App> {
    let mut window = window(USUAL, egui::Theme::Dark);
    let decode = Action::Decode { bytes, protocol: Protocol::Rfc6455, from: Side::Server, deflate: false };
    window.state_mut().ask(decode);
    window.run_ok();
    window.state_mut().ask(Action::Select(0, None));
    window.run_ok();
    window
}

/// A binary frame with a payload of a mebibyte.
fn mebibyte() -> Vec<u8> {
    let payload = (0..1_u32 << 20).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8);
    [0x82, 0x7F, 0, 0, 0, 0, 0, 0x10, 0, 0].into_iter().chain(payload).collect()
}

fn selected(window: &Harness<'_, App>) -> Option<BitRange> {
    window.state().state().marks.selected().map(|mark| mark.bits)
}

/// Clicks on the first of this name: the composer below shows bits, too.
fn click(window: &mut Harness<'_, App>, label: &str) {
    window.get_all_by_label(label).next().expect("it is seen").click();
    window.run_ok();
}

fn press(window: &mut Harness<'_, App>, modifiers: egui::Modifiers, key: egui::Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_ok();
}

/// A conversation of RFC 6455; its third item is a masked text frame.
const RFC: &str = "rfc-chat-superchat.pcap";

const NONE: egui::Modifiers = egui::Modifiers::NONE;

#[test]
fn fields_and_bits_are_selected_by_click_and_key() {
    use egui::Key::{ArrowDown, ArrowLeft, ArrowRight, End, Home};
    let mut window = looking(USUAL, ThemeChoice::Dark, RFC, 2);
    click(&mut window, "FIN, bit 0, value 1");
    assert_eq!(selected(&window), Some(BitRange::new(0, 1)));
    let opcode = "opcode, bits 4 to 7, value 1 text";
    click(&mut window, opcode);
    assert_eq!(selected(&window), Some(BitRange::new(4, 8)));
    click(&mut window, opcode);
    assert_eq!(selected(&window), Some(BitRange::new(6, 7)), "a second click selects a bit");

    press(&mut window, egui::Modifiers::SHIFT, ArrowRight);
    assert_eq!(selected(&window), Some(BitRange::new(7, 8)));
    press(&mut window, NONE, ArrowRight);
    assert_eq!(selected(&window), Some(BitRange::new(8, 9)), "MASK is the next field");
    press(&mut window, NONE, ArrowLeft);
    assert_eq!(selected(&window), Some(BitRange::new(4, 8)));
    press(&mut window, NONE, ArrowDown);
    assert_eq!(selected(&window), Some(BitRange::new(16, 48)), "the masking key stands below");
    press(&mut window, NONE, End);
    assert_eq!(selected(&window), Some(BitRange::new(120, 128)), "the last byte of the payload");
    press(&mut window, egui::Modifiers::COMMAND, ArrowLeft);
    assert_eq!(selected(&window), Some(BitRange::new(16, 48)), "the field before the payload");
    press(&mut window, NONE, Home);
    assert_eq!(selected(&window), Some(BitRange::new(0, 1)));
}

#[test]
fn hex_selects_what_bits_select_and_copies_it() {
    let mut window = looking(USUAL, ThemeChoice::Dark, RFC, 2);
    click(&mut window, "opcode, bits 4 to 7, value 1 text");
    click(&mut window, "Hex");
    // A byte of several fields is shown whole, and only its bits are lit.
    assert_eq!(selected(&window), Some(BitRange::new(4, 8)));
    window.get_by_label_contains("0: 81 8a e4 ea");
    window.get_by_label_contains("Bytes. Arrow keys").click();
    window.run_ok();
    press(&mut window, egui::Modifiers::COMMAND, egui::Key::Home);
    assert_eq!(selected(&window), Some(BitRange::bytes(0, 1)));
    press(&mut window, egui::Modifiers::SHIFT, egui::Key::ArrowRight);
    assert_eq!(selected(&window), Some(BitRange::bytes(0, 2)));
    window.get_by_label("2 bytes from byte 0 selected");

    window.get_by_label("Copy as").click();
    window.run_ok();
    window.get_by_label("Rust array").click();
    let mut copied = Vec::new();
    for _ in 0..4 {
        window.step();
        copied.extend(window.output().platform_output.commands.iter().filter_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        }));
    }
    assert_eq!(copied, ["const BYTES: [u8; 2] = [\n    0x81, 0x8a,\n];\n"]);

    window.get_by_label("Unmasked").click();
    window.run_ok();
    window.get_by_label_contains("6a 6f 69 6e");
}

#[test]
fn a_long_payload_is_unfolded_and_its_last_byte_is_reached() {
    let mut window = looking_at(mebibyte());
    click(&mut window, "FIN, bit 0, value 1");
    for _ in 0..2 {
        press(&mut window, NONE, egui::Key::PageDown);
    }
    window.get_by_label_contains("more bytes of Payload");
    window.get_by_label("1,000 more rows").click();
    window.run_ok();
    // What is selected is scrolled to: here the fold that is left.
    let bytes = 10 + (1 << 20);
    let last = BitRange::bytes(bytes - 1, bytes);
    window.state_mut().ask(Action::Select(0, Some(last)));
    window.run_ok();
    window.get_by_label("Show all").click();
    window.run_ok();
    for bits in [BitRange::new(0, 1), last] {
        window.state_mut().ask(Action::Select(0, Some(bits)));
        window.run_ok();
    }
    window.get_by_label_contains(&format!("to {}, value", last.end - 1));
    window.get_by_label("Fold again").click();
    window.run_ok();
    window.get_by_label_contains("more bytes of Payload");
}

#[test]
fn with_nothing_selected_it_says_what_to_do() {
    let mut window = window(USUAL, egui::Theme::Dark);
    // A server to which nobody has come yet.
    let setup = window.state().state().settings.server.clone();
    window.state_mut().ask(Action::StartServer(setup));
    window.run_ok();
    window.get_by_label("Nothing is selected");
}

#[test]
fn bits_in_both_themes() {
    let mut window = looking(USUAL, ThemeChoice::Dark, RFC, 2);
    click(&mut window, "opcode, bits 4 to 7, value 1 text");
    window.snapshot("inspector-bits");
    window.state_mut().ask(Action::Theme(ThemeChoice::Light));
    window.state_mut().ask(Action::Select(2, Some(BitRange::bytes(6, 7))));
    window.run_ok();
    window.snapshot("inspector-bits-light");
}

#[test]
fn hex_of_a_request() {
    let mut window = looking(USUAL, ThemeChoice::Light, RFC, 0);
    window.state_mut().ask(Action::Tab(Tab::Hex));
    window.state_mut().ask(Action::Select(0, Some(BitRange::bytes(4, 9))));
    window.run_ok();
    window.snapshot("inspector-hex");
}

#[test]
fn hex_of_many_scripts_on_a_projector() {
    let text = "Grüße, 你好世界 👋🏽 — €5\r\n".as_bytes();
    let bytes = [&[0x81, text.len() as u8][..], text].concat();
    let mut window = looking_at(bytes);
    window.state_mut().ask(Action::Projector(true));
    window.run_ok();
    window.get_by_label("Inspector").click();
    window.state_mut().ask(Action::Tab(Tab::Hex));
    window.run_ok();
    window.snapshot("inspector-hex-projector");
    window.state_mut().ask(Action::Tab(Tab::Bits));
    window.run_ok();
    window.snapshot("inspector-bits-projector");
}

#[test]
fn four_rows_of_bits_are_seen_on_a_projector() {
    let mut window = looking(USUAL, ThemeChoice::Dark, RFC, 2);
    window.state_mut().ask(Action::Projector(true));
    window.run_ok();
    window.get_by_label("Inspector").click();
    window.run_ok();
    let explain = window.get_by_label("Explain").rect();
    let row = window.get_by_label_contains("bits 96 to 127").rect();
    assert!(row.bottom() <= explain.top(), "{row:?} {explain:?}");
    window.snapshot("inspector-rows-projector");
}

#[test]
fn a_folded_payload_with_a_finding_in_a_small_window() {
    // RSV1 without an extension, and a length that 16 bits would have held.
    let bytes = [&[0xC2, 0x7F, 0, 0, 0, 0, 0, 0, 2, 0][..], &[0x5A; 512]].concat();
    let mut window = looking_at(bytes);
    window.set_size(egui::vec2(800.0, 600.0));
    window.run_ok();
    window.snapshot("inspector-bits-small");
}

#[test]
fn a_header_under_a_mask() {
    let mut window = looking(USUAL, ThemeChoice::Light, "hybi5-lws-em.pcap", 2);
    window.snapshot("inspector-covered");
    // What is under the mask is said in words too.
    assert!(window.query_all_by_label("RSV4, bit 40, value 0").next().is_some());
}
