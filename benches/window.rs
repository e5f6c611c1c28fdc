//! The processor time of a frame of the window: all panels laid out, the accessibility tree made, and the triangles
//! for the graphics card; not what the card does with them.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

#[allow(dead_code)] // Another bench uses the rest.
mod support;

use std::hint::black_box;
use std::io::Write;
use std::net::SocketAddr;

use criterion::Criterion;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use framescope::app::App;
use framescope::app::action::Action;
use framescope::app::host::{ServerSetup, Speaker};
use framescope::app::memory::Memory;
use framescope::app::settings::Tab;
use framescope::endpoint::Command;
use framescope::model::field::BitRange;
use framescope::model::protocol::{Protocol, Side};
use framescope::trace::{Place, Timestamp, Trace};
use support::Format;

/// A window in a world of memory.
fn window() -> Harness<'static, App> {
    window_in(Memory::default())
}

fn window_in(world: Memory) -> Harness<'static, App> {
    let mut window = Harness::builder()
        .with_size([1280.0, 800.0])
        .allow_missing_glyphs()
        .build_eframe(|cc| App::new(cc, Box::new(world)));
    window.run_ok();
    window
}

/// Draws a frame.
fn frame(window: &mut Harness<'_, App>) {
    window.step();
    let output = window.output();
    black_box(window.ctx.tessellate(output.shapes.clone(), output.pixels_per_point));
}

/// Turns the wheel by so many points.
fn wheel(window: &mut Harness<'_, App>, points: f32) {
    window.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, points),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: egui::Modifiers::NONE,
    });
}

/// A window that looks at a masked frame with a payload of a mebibyte.
fn with_mebibyte(tab: Tab) -> Harness<'static, App> {
    let mut bytes = vec![0x82, 0xFF, 0, 0, 0, 0, 0, 0x10, 0, 0, 0x37, 0xFA, 0x21, 0x3D];
    bytes.extend((0..1_u32 << 20).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8));
    let mut window = window();
    let decode = Action::Decode { bytes, protocol: Protocol::Rfc6455, from: Side::Client, deflate: false };
    window.state_mut().ask(decode);
    window.run_ok();
    window.state_mut().ask(Action::Select(0, None));
    window.state_mut().ask(Action::Tab(tab));
    window.run_ok();
    window
}

/// A frame in which nothing changes, and one that shows another page.
fn measure(criterion: &mut Criterion, name: &str, mut window: Harness<'static, App>) {
    criterion.bench_function(&format!("window/{name}/still"), |bencher| bencher.iter(|| frame(&mut window)));
    criterion.bench_function(&format!("window/{name}/paging"), |bencher| {
        bencher.iter(|| {
            window.key_press(egui::Key::PageDown);
            frame(&mut window);
        });
    });
}

fn bits(criterion: &mut Criterion) {
    let mut window = with_mebibyte(Tab::Bits);
    // The first is the inspector's, another the composer's.
    window.get_all_by_label("FIN, bit 0, value 1").next().expect("FIN is seen").click();
    window.run_ok();
    // What is selected is scrolled to: here what is folded.
    let bytes = 14 + (1 << 20);
    window.state_mut().ask(Action::Select(0, Some(BitRange::bytes(bytes - 1, bytes))));
    window.run_ok();
    window.get_by_label("Show all").click();
    window.run_ok();
    // A click on a field gives the keys back to the diagram.
    window.get_all_by_role(egui::accesskit::Role::GridCell).next().expect("a field is seen").click();
    window.run_ok();
    measure(criterion, "bits of 1 MiB", window);
}

fn hex(criterion: &mut Criterion) {
    let mut window = with_mebibyte(Tab::Hex);
    window.get_by_label_contains("Bytes. Arrow keys").click();
    window.run_ok();
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Home);
    window.run_ok();
    measure(criterion, "hex of 1 MiB", window);
}

/// A capture of this size holds more than a million frames.
const MILLION: usize = 276 << 20;

/// All panels over a million items, and the ladder scrolling through them.
fn items(criterion: &mut Criterion) {
    // Cargo says so when it measures; otherwise it tests that this runs.
    let measured = std::env::args().any(|argument| argument == "--bench");
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    let size = if measured { MILLION } else { 1 << 20 };
    file.write_all(&support::capture(size, Format::Pcapng)).expect("writing the capture");
    let mut window = window();
    window.state_mut().ask(Action::Open(file.path().to_owned()));
    window.step();
    while window.state().is_reading() {
        std::thread::sleep(std::time::Duration::from_millis(20));
        window.step();
    }
    window.run_ok();
    let items = window.state().with_trace(|trace| trace.conversations()[0].items.len()).unwrap_or_default();
    assert!(items > 1_000_000 || !measured, "only {items} items");
    window.get_by_label_contains("Item 3, ").click();
    window.run_ok();
    window.key_press(egui::Key::End);
    window.run_ok();
    criterion.bench_function("window/1,000,000 items/still", |bencher| {
        bencher.iter(|| frame(&mut window));
    });
    let middle = window.get_by_label("Items, time running down").rect().center();
    window.event(egui::Event::PointerMoved(middle));
    criterion.bench_function("window/1,000,000 items/scrolling", |bencher| {
        bencher.iter(|| {
            wheel(&mut window, 53.0);
            frame(&mut window);
        });
    });
}

/// So many conversations; in a test fewer, so that it ends.
fn many() -> usize {
    if std::env::args().any(|argument| argument == "--bench") { 100_000 } else { 1_000 }
}

/// Conversations that are over, each with a handshake and a frame with an error.
fn conversations(count: usize) -> Trace {
    let mut trace = Trace::default();
    for number in 0..count {
        let client =
            SocketAddr::from(([10, (number >> 16) as u8, (number >> 8) as u8, number as u8], 50_000));
        let talk = trace.open(client, SocketAddr::from(([127, 0, 0, 1], 9001)), false, 6);
        for (side, bytes) in [
            (Side::Client, support::REQUEST),
            (Side::Server, support::ANSWER),
            (Side::Server, &[0x91, 5, b'H', b'e', b'l', b'l', b'o']),
        ] {
            let at = trace.store.append(bytes);
            let place = Place { at, headers: None };
            trace.data(talk, side, place, bytes.len() as u32, 0, Timestamp(i64::from(number as u32) * 1000));
        }
    }
    trace.finish();
    trace
}

/// All panels over a hundred thousand conversations: nothing happens, the list scrolls, one of them grows.
fn list(criterion: &mut Criterion) {
    let count = many();
    let mut window = window_in(Memory::after(conversations(count)));
    criterion.bench_function("window/100,000 conversations/still", |bencher| {
        bencher.iter(|| frame(&mut window));
    });
    let middle = window.get_by_label_contains("Conversation 3, ").rect().center();
    window.event(egui::Event::PointerMoved(middle));
    criterion.bench_function("window/100,000 conversations/scrolling", |bencher| {
        bencher.iter(|| {
            wheel(&mut window, -530.0);
            frame(&mut window);
        });
    });
    window.state_mut().ask(Action::StartServer(ServerSetup { echo: false, ..ServerSetup::default() }));
    window.state_mut().ask(Action::Connect(Box::default()));
    window.run_ok();
    let last = window.state().with_trace(|trace| {
        let talk = trace.conversations().last().expect("one was opened");
        Speaker { connection: talk.connection, side: Side::Client }
    });
    let speaker = last.expect("the live recording is looked at");
    criterion.bench_function("window/100,000 conversations/one grows", |bencher| {
        bencher.iter(|| {
            let command = Command::text("Hello");
            window.state_mut().host().send(&speaker, command).expect("it is open");
            frame(&mut window);
        });
    });
}

criterion::criterion_group!(benches, items, list, bits, hex);
criterion::criterion_main!(benches);
