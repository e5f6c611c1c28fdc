//! Captures in the window: opening, packets, statistics, pasting, export.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use framescope::app::action::{Action, Dialog, Export};
use framescope::app::host::Picked;
use framescope::app::memory::{Memory, Written};
use framescope::app::panel::Panel;
use framescope::app::settings::ThemeChoice;
use framescope::app::{App, bundled};
use framescope::capture::typed::trace_of;
use framescope::export::selection::Format;
use framescope::model::protocol::Side;
use framescope::trace::{Conversation, Item};

use super::common::{open, usual, window};

const JSCLIENT: &str = "h76-jsclient-ws04.pcapng";

/// Waits until nothing is being read any more.
fn settle(window: &mut Harness<'static, App>) {
    window.run_ok();
    let begun = Instant::now();
    while window.state().is_reading() {
        assert!(begun.elapsed().as_secs() < 60, "still reading");
        window.step();
        std::thread::sleep(Duration::from_millis(5));
    }
    window.run_ok();
}

fn ask(window: &mut Harness<'static, App>, action: Action) {
    window.state_mut().ask(action);
    window.run_ok();
}

/// A window over a world whose dialogs answer so, and what it writes.
fn answering(answers: Vec<Picked>) -> (Harness<'static, App>, Written) {
    let written = Written::default();
    let mut memory = Memory::default();
    memory.answers = answers;
    memory.written = Written::clone(&written);
    (over(memory), written)
}

fn over(memory: Memory) -> Harness<'static, App> {
    let mut window = Harness::builder()
        .with_size([1280.0, 800.0])
        .with_max_steps(60)
        .build_eframe(|cc| App::new(cc, Box::new(memory)));
    window.run_ok();
    window
}

fn items(talk: &Conversation) -> Vec<(Side, &'static str, u64, u64)> {
    let item = |item: &Item| (item.side, item.kind.id(), item.offset, item.length);
    talk.items.iter().map(|(_, one)| item(one)).collect()
}

/// The items of the conversation that is looked at.
fn looked_at(window: &Harness<'static, App>) -> Vec<(Side, &'static str, u64, u64)> {
    let at = window.state().state().at.expect("something is looked at");
    window.state().with_trace(|trace| items(&trace.conversations()[at.conversation])).unwrap()
}

#[test]
fn every_bundled_capture_opens() {
    let mut window = usual();
    for name in bundled::names().into_iter().chain(bundled::museum()) {
        open(&mut window, name);
        if name.ends_with("recording-link-type.pcapng") {
            // Its packets are of a link type that is not read.
            ask(&mut window, Action::Show(Panel::Statistics));
            window.get_by_label_contains("which is not read");
            continue;
        }
        assert!(!looked_at(&window).is_empty(), "{name}");
        for panel in [Panel::Packets, Panel::Statistics] {
            ask(&mut window, Action::Show(panel));
            ask(&mut window, Action::Select(0, None));
        }
        let source = window.state().state().at.unwrap().source;
        ask(&mut window, Action::Close(source));
    }
}

#[test]
fn a_packet_is_shown_as_layers() {
    // High enough for the boxes, the bits and the fields.
    let mut window = window([1280.0, 1500.0], egui::Theme::Dark);
    open(&mut window, JSCLIENT);
    ask(&mut window, Action::Select(2, None));
    ask(&mut window, Action::Show(Panel::Packets));
    // The frame of seven bytes came in three pieces.
    window.get_by_label("3 packets carry item 3");
    window.get_by_label_contains("5 of 5 bytes").click();
    window.run_ok();
    for layer in ["IPv4, 20 bytes", "TCP, 32 bytes", "Data, 5 bytes"] {
        window.get_by_label(layer);
    }
    window.get_by_label_contains("Destination Port: ");
    window.run_ok();
    window.run_ok();
    window.snapshot("packets");
}

#[test]
fn a_live_socket_has_no_packets() {
    let mut window = usual();
    ask(&mut window, Action::StartDemo);
    ask(&mut window, Action::Select(0, None));
    ask(&mut window, Action::Show(Panel::Packets));
    window.get_by_label_contains("A live socket shows no packets");
}

#[test]
fn a_finding_leads_to_its_first_item() {
    let mut window = usual();
    ask(&mut window, Action::Theme(ThemeChoice::Light));
    open(&mut window, "museum/client-ping-126.pcapng");
    ask(&mut window, Action::Show(Panel::Statistics));
    window.run_ok();
    let link = "A control frame has at most 125 bytes of payload: item 5";
    window.get_by_label(link).click();
    window.run_ok();
    assert_eq!(window.state().state().item, Some(4));
    assert!(window.state().state().marks.selected().is_some());
    window.snapshot("statistics");
}

#[test]
fn all_of_a_source_is_counted() {
    let mut window = usual();
    open(&mut window, "rfc-ws8-srvping-srvfrag.pcap");
    ask(&mut window, Action::Show(Panel::Statistics));
    window.get_by_label("All of rfc-ws8-srvping-srvfrag.pcap").click();
    window.run_ok();
    window.run_ok();
    window.get_by_label_contains(" packets, ");
    window.get_by_label_contains(" times, ");
    window.snapshot("statistics-source");
}

#[test]
fn an_exported_conversation_opens_again_with_the_same_items() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.pcapng");
    let (mut window, written) = answering(vec![Picked::Save(path.clone())]);
    open(&mut window, JSCLIENT);
    let before = looked_at(&window);
    ask(&mut window, Action::Export(Export::Conversation(Format::Pcapng)));
    let bytes = written.lock().pop().expect("it was written").1;
    std::fs::write(&path, bytes).unwrap();
    ask(&mut window, Action::Open(path));
    settle(&mut window);
    assert_eq!(looked_at(&window), before);
}

#[test]
fn without_a_dialog_of_the_system_a_path_is_asked_for() {
    let (mut window, written) = answering(Vec::new());
    open(&mut window, JSCLIENT);
    ask(&mut window, Action::Dialog(Dialog::Export));
    window.get_by_label_contains("CSV").click();
    window.run_ok();
    window.snapshot("export");
    window.get_by_label("Save…").click();
    window.run_ok();
    window.get_by_label("Path to save to");
    window.get_by_label("Save").click();
    window.run_ok();
    let (path, bytes) = written.lock().pop().expect("it was written");
    assert_eq!(path.file_name().unwrap(), "h76-jsclient-ws04-1.csv");
    let rows = String::from_utf8(bytes).unwrap().lines().count();
    assert_eq!(rows, looked_at(&window).len() + 1);
}

#[test]
fn a_bit_diagram_is_saved_as_a_picture() {
    use framescope::app::action::Picture;
    let (mut window, written) =
        answering(vec![Picked::Save("item.svg".into()), Picked::Save("item.png".into())]);
    open(&mut window, JSCLIENT);
    ask(&mut window, Action::Select(2, None));
    ask(&mut window, Action::Export(Export::Diagram(Picture::Svg)));
    ask(&mut window, Action::Export(Export::Diagram(Picture::Png)));
    let written = written.lock();
    assert!(written[0].1.starts_with(b"<svg"), "an SVG");
    assert!(written[1].1.starts_with(b"\x89PNG"), "a PNG");
}

#[test]
fn what_came_of_sending_again_is_told_item_by_item() {
    use framescope::analysis::compare::{Compared, Difference, Part, Shown};
    use framescope::live::Report;
    let difference = Difference {
        what: Part::Payload,
        recorded: Shown::Text("\"Hello\"".to_owned()),
        answered: Shown::Text("\"HELLO\"".to_owned()),
    };
    let compared = |recorded, answered, differences| Compared { recorded, answered, differences };
    let items = vec![
        compared(Some(1), Some(1), Vec::new()),
        compared(Some(3), Some(3), vec![difference]),
        compared(Some(5), None, Vec::new()),
        compared(None, Some(5), Vec::new()),
    ];
    let trace = trace_of(&[0x81, 0], None, None, false);
    let report = Report { trace, items, sent: 250, unsent: 8, waited_in_vain: 1, stopped: false };
    let mut memory = Memory::default();
    memory.reports = vec![report];
    let mut window = over(memory);
    open(&mut window, JSCLIENT);
    ask(&mut window, Action::Dialog(Dialog::SendAgain));
    window.get_by_label("Start").click();
    window.run_ok();
    window.run_ok();
    window.get_by_label("3 of 4 answers differ");
    window.get_by_label_contains("payload: \"Hello\" was recorded, now \"HELLO\"");
    for name in ["2 → 2, same", "4 → 4, differs", "6 → –, missing", "– → 6, more"] {
        window.get_by_label_contains(name);
    }
    window.snapshot("send-again");
}

#[test]
fn a_small_window_shows_packets() {
    let mut small = window([800.0, 600.0], egui::Theme::Light);
    ask(&mut small, Action::Theme(ThemeChoice::Light));
    open(&mut small, "hybi8-flash2011-09-ws04.pcapng");
    ask(&mut small, Action::Select(2, None));
    ask(&mut small, Action::Show(Panel::Packets));
    small.run_ok();
    small.snapshot("packets-small-light");
}

#[test]
fn a_projector_shows_numbers() {
    let mut large = usual();
    open(&mut large, "pmd-chromium-websockets.pcap");
    ask(&mut large, Action::Projector(true));
    ask(&mut large, Action::Show(Panel::Statistics));
    large.run_ok();
    large.snapshot("statistics-projector");
}

#[test]
fn pasted_bytes_are_previewed_and_taken_apart() {
    let mut window = usual();
    ask(&mut window, Action::Dialog(Dialog::Paste));
    window.get_by_label("Bytes to take apart").type_text("81 0g");
    window.run_ok();
    window.get_by_label_contains("at position 5 is no hexadecimal digit");
    window.get_by_label("Clear").click();
    window.run_ok();
    window.get_by_label("Bytes to take apart").focus();
    window.run_ok();
    window.get_by_label("Bytes to take apart").type_text("81 05 48 65 6c 6c 6f");
    window.run_ok();
    window.get_by_label("7 bytes, read as rfc6455 from the server: text");
    window.snapshot("paste");
    window.key_press(egui::Key::Enter);
    window.run_ok();
    assert_eq!(looked_at(&window), [(Side::Server, "frame", 0, 7)]);
    assert!(window.query_by_label("Bytes to take apart").is_none());
}

/// What people have in the clipboard: the frame in it, and what it was taken for.
#[test]
fn what_the_clipboard_holds_is_taken_for_what_it_is() {
    for (file, taken) in [
        ("dotnet", "Taken as hexadecimal digits"),
        ("offset", "Taken as a hex dump, without its offsets and characters"),
        ("wireshark", "Taken as a hex dump, without its offsets and characters"),
        ("xxd", "Taken as a hex dump, without its offsets and characters"),
        ("python", "Taken as a string of a program, with its escapes"),
    ] {
        let path = format!("{}/tests/reports/paste-{file}.txt", env!("CARGO_MANIFEST_DIR"));
        let mut window = usual();
        ask(&mut window, Action::Dialog(Dialog::Paste));
        window.get_by_label("Bytes to take apart").type_text(&std::fs::read_to_string(path).unwrap());
        window.run_ok();
        window.get_by_label(taken);
        window.get_by_label("7 bytes, read as rfc6455 from the server: text");
        window.get_by_label("Take apart").click();
        window.run_ok();
        assert_eq!(looked_at(&window), [(Side::Server, "frame", 0, 7)], "{file}");
    }
}

#[test]
fn a_pasted_head_is_read_as_text() {
    let mut window = usual();
    ask(&mut window, Action::Dialog(Dialog::Paste));
    window.get_by_label("Bytes to take apart").type_text("GET /demo HTTP/1.1\nHost: localhost\n");
    window.run_ok();
    window.get_by_label("Take apart").click();
    window.run_ok();
    assert_eq!(looked_at(&window), [(Side::Client, "http-request", 0, 39)]);
}

#[test]
fn what_cannot_be_opened_is_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    for (path, words) in [
        (folder.path().join("nothing.pcap"), "nothing.pcap cannot be read"),
        (folder.path().to_owned(), "is a directory; give a capture file"),
        (file("empty.pcap", b""), "empty.pcap is empty"),
        (file("text.pcap", b"Dear reader, this is none"), "text.pcap is not a capture"),
    ] {
        let mut window = usual();
        ask(&mut window, Action::Open(path));
        window.get_by_label_contains(words);
    }
}

fn bundled_bytes(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name)).unwrap()
}

#[test]
fn of_a_cut_capture_what_stands_before_the_damage_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.pcapng");
    let whole = bundled_bytes(JSCLIENT);
    std::fs::write(&path, &whole[..whole.len() - 7]).unwrap();
    let mut window = usual();
    ask(&mut window, Action::Open(path));
    settle(&mut window);
    assert!(!looked_at(&window).is_empty());
    window.get_by_label_contains("Broken: ");
    let told = window.state().state().notices.all().iter();
    assert_eq!(told.filter(|notice| notice.words.contains("cut.pcapng is cut")).count(), 1);
    ask(&mut window, Action::Show(Panel::Statistics));
    window.get_by_label("All of cut.pcapng").click();
    window.run_ok();
    window.get_by_label("About the file");
    window.get_by_label_contains("the file ends inside the");
}

#[test]
fn the_same_file_is_looked_at_again() {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("same.pcapng");
    std::fs::write(&path, bundled_bytes(JSCLIENT)).unwrap();
    let mut window = usual();
    ask(&mut window, Action::Open(path.clone()));
    settle(&mut window);
    let first = window.state().state().at;
    open(&mut window, "h75-perl-driver-ipv6.pcap");
    assert_ne!(window.state().state().at, first);
    ask(&mut window, Action::Open(path.clone()));
    settle(&mut window);
    assert_eq!(window.state().state().at, first);
    assert_eq!(window.state().state().settings.recent, [path]);
}

#[test]
fn a_capture_is_opened_by_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("typed.pcapng");
    std::fs::write(&path, bundled_bytes(JSCLIENT)).unwrap();
    let mut window = usual();
    ask(&mut window, Action::Dialog(Dialog::Path));
    let begin = folder.path().join("ty").display().to_string();
    window.get_by_label("Path of a capture").type_text(&begin);
    window.run_ok();
    window.key_press(egui::Key::Enter);
    window.run_ok();
    window.get_by_label_contains("cannot be read");
    window.get_by_label(path.to_str().unwrap()).click();
    window.run_ok();
    window.get_by_label("Open").click();
    settle(&mut window);
    assert!(!looked_at(&window).is_empty());
}

#[test]
fn a_file_that_grows_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("growing.pcapng");
    let whole = bundled_bytes(JSCLIENT);
    // Cut inside a block: its rest comes later.
    std::fs::write(&path, &whole[..2000]).unwrap();
    let (mut window, _) = answering(vec![Picked::Open(path.clone())]);
    let until = |window: &mut Harness<'static, App>, what: &dyn Fn(&Harness<'static, App>) -> bool| {
        let begun = Instant::now();
        while !what(window) {
            assert!(begun.elapsed().as_secs() < 60, "it does not come");
            std::thread::sleep(Duration::from_millis(20));
            window.step();
        }
        window.run_ok();
    };
    let count = |window: &Harness<'static, App>| {
        let at = window.state().state().at.map_or(0, |at| at.conversation);
        let count = |trace: &framescope::trace::Trace| trace.conversation(at).map(|talk| talk.items.len());
        window.state().with_trace(count).flatten().unwrap_or(0)
    };
    window.get_by_label("Captures").click();
    window.run_ok();
    window.get_by_label("Follow a capture that grows…").click();
    until(&mut window, &|window| count(window) > 0);
    let first = count(&window);
    window.get_by_label("growing.pcapng");
    window.get_by_label("Stop following the file");
    assert!(window.query_by_label_contains("Broken").is_none(), "a block that is not whole is no damage");
    // Nothing comes, and nothing is drawn for that.
    for _ in 0..3 {
        std::thread::sleep(Duration::from_millis(60));
        window.step();
    }
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    std::io::Write::write_all(&mut file, &whole[2000..]).unwrap();
    until(&mut window, &|window| count(window) > first);
    let mut reference = usual();
    open(&mut reference, JSCLIENT);
    let all = looked_at(&reference);
    until(&mut window, &|window| looked_at(window) == all);
    // Asked for again, it is the same one.
    let at = window.state().state().at;
    ask(&mut window, Action::Follow(path.clone()));
    assert_eq!(window.state().state().at, at);
    window.get_by_label("Stop following the file").click();
    until(&mut window, &|window| window.query_by_label("Stop following the file").is_none());
    assert_eq!(looked_at(&window), all);
    assert!(window.query_by_label_contains("only a part of the file").is_none(), "nothing is missing");
}

#[test]
fn a_file_that_is_cut_while_it_is_followed_or_open_is_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.pcapng");
    std::fs::write(&path, bundled_bytes(JSCLIENT)).unwrap();
    let mut window = usual();
    ask(&mut window, Action::Follow(path.clone()));
    std::thread::sleep(Duration::from_millis(300));
    window.run_ok();
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(100).unwrap();
    let begun = Instant::now();
    while window.query_by_label_contains("Broken: ").is_none() {
        assert!(begun.elapsed().as_secs() < 60, "nobody says so");
        std::thread::sleep(Duration::from_millis(20));
        window.step();
    }
    window.run_ok();
    let said = "was cut while it was read: of its 7596 bytes those from 100 on are gone";
    assert!(window.query_all_by_label_contains(said).count() > 1, "in the list, and once as news");
}
