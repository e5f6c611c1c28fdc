//! The ladder and the filter line.

use egui::{Key, Modifiers, Theme};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use framescope::app::App;
use framescope::app::action::Action;
use framescope::app::panel::Panel;
use framescope::app::settings::ThemeChoice;

use super::common::{open, usual, window};

/// A handshake, text, a ping of the server with its pong, a message in fragments, a close.
const FRAGMENTS: &str = "rfc-ws8-srvping-srvfrag.pcap";

/// Whether something has these words in its name.
fn sees(window: &Harness<'static, App>, words: &str) -> bool {
    window.query_all_by_label_contains(words).next().is_some()
}

fn filter(window: &mut Harness<'static, App>, line: &str) {
    window.get_by_label("Filter").focus();
    window.run_ok();
    window.get_by_label("Filter").type_text(line);
    window.run_ok();
}

#[test]
fn a_row_says_what_its_item_is_and_is_chosen_by_click() {
    let mut window = usual();
    open(&mut window, "h76-jsclient-ws04.pcapng");
    window.get_by_label("Item 3, client, text, 7 bytes, \"Hello\"").click();
    window.run_ok();
    assert_eq!(window.state().state().item, Some(2));
    window.snapshot("ladder");
}

#[test]
fn arrows_choose_and_shift_chooses_several() {
    let mut window = usual();
    open(&mut window, "h76-jsclient-ws04.pcapng");
    window.get_by_label_contains("Item 1, client").click();
    window.run_ok();
    window.key_press(Key::ArrowDown);
    window.run_ok();
    assert_eq!(window.state().state().item, Some(1));
    window.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    window.run_ok();
    assert_eq!(window.state().state().chosen, Some((1, 2)));
    window.key_press(Key::Home);
    window.run_ok();
    assert_eq!((window.state().state().item, window.state().state().chosen), (Some(0), None));
    window.key_press(Key::J);
    window.run_ok();
    assert_eq!(window.state().state().item, Some(1));
}

#[test]
fn a_filter_leaves_what_it_wants_and_counts_it() {
    let mut window = usual();
    open(&mut window, FRAGMENTS);
    filter(&mut window, "opcode:ping or opcode:pong");
    assert!(sees(&window, ", ping, "));
    assert!(!sees(&window, ", text, "));
    window.snapshot("ladder-filter");
    window.get_by_label("Clear the filter").click();
    window.run_ok();
    assert!(sees(&window, ", HTTP request, "));
}

#[test]
fn a_wrong_filter_is_told_with_its_place_and_changes_nothing() {
    let mut window = usual();
    open(&mut window, FRAGMENTS);
    filter(&mut window, "opcode:nonsense");
    assert!(sees(&window, "At character "));
    assert!(sees(&window, ", HTTP request, "));
}

#[test]
fn an_example_of_the_help_becomes_the_filter() {
    let mut window = usual();
    open(&mut window, FRAGMENTS);
    window.get_by_label("What can stand in a filter").click();
    window.run_ok();
    window.get_by_label("opcode:ping").click();
    window.run_ok();
    assert!(sees(&window, ", ping, "));
    assert!(!sees(&window, ", text, "));
}

#[test]
fn control_frames_can_be_hidden() {
    let mut window = usual();
    open(&mut window, FRAGMENTS);
    window.get_by_label("Hide control frames").click();
    window.run_ok();
    assert!(!sees(&window, ", ping, "));
    assert!(sees(&window, ", text, "));
}

#[test]
fn it_can_be_read_in_a_small_window() {
    let mut window = window([800.0, 600.0], Theme::Light);
    window.state_mut().ask(Action::Theme(ThemeChoice::Light));
    open(&mut window, "museum/recording-packet-missing.pcapng");
    // The gap, and what is said about it.
    window.state_mut().ask(Action::Select(6, None));
    window.run_ok();
    window.run_ok();
    window.snapshot("ladder-small-light");
}

#[test]
fn it_can_be_read_on_a_projector() {
    let mut window = usual();
    open(&mut window, FRAGMENTS);
    window.state_mut().ask(Action::Theme(ThemeChoice::Light));
    window.state_mut().ask(Action::Projector(true));
    window.state_mut().ask(Action::Show(Panel::Ladder));
    window.run_ok();
    window.run_ok();
    window.snapshot("ladder-projector");
}

#[test]
fn a_frame_that_never_ends_stands_above_the_close_that_it_caused() {
    let mut window = usual();
    open(&mut window, "museum/client-length-top-bit.pcapng");
    let top = |window: &Harness<'static, App>, row: &str| window.get_by_label_contains(row).rect().top();
    // The close came in a packet after it; that it would never be whole was known only when the connection ended.
    assert!(top(&window, "Item 4, ") < top(&window, "Item 5, client"));
    assert!(top(&window, "Item 5, client") < top(&window, "Item 6, server"));
    window.get_by_label_contains("Item 4, ").click();
    window.run_ok();
    for item in [4, 5] {
        window.key_press(Key::ArrowDown);
        window.run_ok();
        assert_eq!(window.state().state().item, Some(item));
    }
    window.snapshot("ladder-cut");
    filter(&mut window, "from:client");
    assert!(top(&window, "Item 3, ") < top(&window, "Item 5, client"));
}
