//! Figures as SVG: that they are well-formed and leave nothing out, and that those of the book are up to date. Look at a
//! figure whose snapshot changed before you accept it: `cargo insta review`.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use framescope::capture::typed::trace_of;
use framescope::capture::{self, Options as CaptureOptions};
use framescope::export::png;
use framescope::export::svg::{self, Options, Theme};
use framescope::figure::{Figure, Kind, Source};
use framescope::trace::{self, Trace};
use framescope::view::diagram;
use framescope::words::Words;
use proptest::prelude::*;
use resvg::usvg::roxmltree::Document;

const HELLO: &str = "81 85 37 fa 21 3d 7f 9f 4d 51 58";

fn options(title: &str) -> Options {
    Options { title: title.to_owned(), theme: Theme::Auto, ..Options::default() }
}

fn typed(hex: &str, kind: Kind, theme: Theme) -> Figure {
    let source = Source::Typed { hex: hex.to_owned(), protocol: None, from: None, deflate: false };
    Figure { source, kind, title: None, theme }
}

fn of_capture(name: &str, kind: Kind) -> Figure {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name);
    Figure { source: Source::Capture { file, conversation: 1 }, kind, title: None, theme: Theme::Light }
}

/// The parsed document, in which everything is named and nothing stands outside of the figure.
fn parse(svg: &str) -> Document<'_> {
    let document = Document::parse(svg).expect("the figure is well-formed XML");
    let root = document.root_element();
    assert_eq!((root.tag_name().name(), root.attribute("role")), ("svg", Some("img")));
    let has =
        |name: &str| root.children().any(|node| node.tag_name().name() == name && node.text().is_some());
    assert!(has("title") && has("desc"), "the figure has a name and a description");
    let number =
        |node: resvg::usvg::roxmltree::Node<'_, '_>, name: &str| node.attribute(name)?.parse::<f32>().ok();
    let (width, height) = (number(root, "width").unwrap(), number(root, "height").unwrap());
    for node in root.descendants().filter(|node| matches!(node.tag_name().name(), "text" | "rect")) {
        let (x, y) = (number(node, "x").expect("a place"), number(node, "y").expect("a place"));
        let right = match (node.attribute("text-anchor"), number(node, "textLength")) {
            (None, Some(length)) => x + length,
            _ => x + number(node, "width").unwrap_or(0.0),
        };
        let bottom = y + number(node, "height").unwrap_or(0.0);
        let inside = x >= 0.0 && y >= 0.0 && right <= width && bottom <= height;
        assert!(inside, "{:?} at {x} {y} of {width} {height}", node.text());
    }
    document
}

/// The ids of the fields that a diagram draws, in order; what is drawn in several rows counts once.
fn drawn(svg: &str) -> Vec<String> {
    let document = parse(svg);
    let mut ids: Vec<String> =
        document.descendants().filter_map(|node| node.attribute("data-field").map(str::to_owned)).collect();
    ids.dedup();
    ids
}

fn check_bits(trace: &Trace, rows: Option<u32>) {
    for talk in trace.conversations() {
        for (number, item) in talk.items.iter() {
            let field = trace::fields(talk, &trace.store, number).unwrap();
            let bytes = talk.bytes_of(&trace.store, item);
            let findings: Vec<_> = talk.findings_of(number).collect();
            let svg = svg::bits(&field, &bytes, &findings, diagram::Options { rows }, &options("An item"));
            let leaves = field.leaves().into_iter().filter(|leaf| !leaf.bits.is_empty());
            let mut expected: Vec<String> = leaves.map(|leaf| leaf.kind.id.to_owned()).collect();
            expected.dedup();
            assert_eq!(drawn(&svg), expected);
            for finding in findings {
                assert!(svg.contains(finding.rule.id()));
            }
        }
    }
}

proptest! {
    #[test]
    fn every_leaf_of_any_bytes_is_in_the_diagram(bytes in prop::collection::vec(any::<u8>(), 1..90)) {
        check_bits(&trace_of(&bytes, None, None, false), Some(1));
    }
}

#[test]
fn every_bundled_capture_can_be_drawn() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut files: Vec<PathBuf> = [folder.clone(), folder.join("museum")]
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|file| file.to_string_lossy().contains(".pcap"))
        .collect();
    files.sort();
    for file in &files {
        let mut loader = capture::open(file, &CaptureOptions::default()).unwrap();
        // What was read before the damage of a damaged capture is drawn.
        let _ = loader.read_all();
        let trace = loader.into_trace();
        check_bits(&trace, Some(4));
        for talk in trace.conversations() {
            parse(&svg::ladder(talk, &trace.store, 0..talk.items.len(), &options("A ladder")));
            for number in 0..talk.items.len() {
                let derivations = trace::derivations(talk, &trace.store, number);
                parse(&svg::derivations(
                    talk,
                    &trace.store,
                    number,
                    &derivations,
                    &options("How it follows"),
                ));
            }
        }
        for packet in capture::packets(trace.store.mapped()).take(12) {
            let layers = capture::layers(packet.link, packet.bytes);
            let svg = svg::layers(&packet, &layers, &[], &options("A packet"));
            assert_eq!(
                drawn(&svg).len(),
                layers.tree.children.iter().filter(|l| l.kind.id != "packet-trailer").count()
            );
        }
    }
}

#[test]
fn what_strangers_write_is_no_markup() {
    // An unmasked text frame with `<b>&"'` and a NUL.
    let hex = "81 07 3c 62 3e 26 22 27 00";
    let mut figure = typed(hex, Kind::Bits { item: 1, rows: None }, Theme::Auto);
    figure.title = Some("</title><script>&\u{1}".to_owned());
    let svg = figure.draw(Words::english()).unwrap();
    let document = parse(&svg);
    assert!(document.descendants().all(|node| !matches!(node.tag_name().name(), "script" | "b")));
    let title = document.root_element().first_element_child().unwrap();
    assert_eq!(title.text(), Some("</title><script>&\u{fffd}"));
    let ladder = typed(hex, Kind::Ladder { items: None }, Theme::Auto).draw(Words::english()).unwrap();
    assert!(parse(&ladder).descendants().any(|node| node.text() == Some("\"<b>&\"'\\0\"")));
}

#[test]
fn figures_of_known_bytes_look_as_they_did() {
    let bits = Kind::Bits { item: 1, rows: Some(4) };
    insta::assert_snapshot!(
        "bits_hello",
        typed(HELLO, bits.clone(), Theme::Auto).draw(Words::english()).unwrap()
    );
    insta::assert_snapshot!(
        "bits_length_not_minimal",
        typed("82 7e 00 02 ca fe", bits, Theme::Dark).draw(Words::english()).unwrap()
    );
    let ladder = Kind::Ladder { items: Some((1, 3)) };
    insta::assert_snapshot!(
        "ladder_hixie_76",
        of_capture("h76-jsclient-ws04.pcapng", ladder).draw(Words::english()).unwrap()
    );
    let accept = Kind::Derivation { item: 2, id: Some("rfc6455.accept".to_owned()) };
    let wrong = of_capture("museum/bug-guid-258eaf5.pcapng", accept).draw(Words::english()).unwrap();
    assert!(wrong.contains("Here is the first difference"));
    insta::assert_snapshot!("derivation_wrong_guid", wrong);
    let layers =
        of_capture("h76-jsclient-ws04.pcapng", Kind::Layers { packet: 4 }).draw(Words::english()).unwrap();
    assert!(layers.contains("item 1 of conversation 1: HTTP request"));
    insta::assert_snapshot!("layers_request", layers);
}

#[test]
fn a_figure_that_cannot_be_drawn_says_why() {
    for (figure, says) in [
        (typed("", Kind::Ladder { items: None }, Theme::Auto), "no bytes"),
        (typed("8g", Kind::Ladder { items: None }, Theme::Auto), "`g`"),
        (typed(HELLO, Kind::Bits { item: 2, rows: None }, Theme::Auto), "no item 2"),
        (typed(HELLO, Kind::Ladder { items: Some((1, 5)) }, Theme::Auto), "no item 5"),
        (typed(HELLO, Kind::Derivation { item: 1, id: Some("x".to_owned()) }, Theme::Auto), "frame.unmask"),
        (typed(HELLO, Kind::Layers { packet: 1 }, Theme::Auto), "no packets"),
        (of_capture("h76-perl-perl.pcapng", Kind::Layers { packet: 9999 }), "no packet 9999"),
        (of_capture("hard-gzip.pcap.gz", Kind::Layers { packet: 1 }), "compressed"),
        (of_capture("no-such-file.pcap", Kind::Ladder { items: None }), "no-such-file.pcap"),
    ] {
        let error = figure.draw(Words::english()).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

fn framescope(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_framescope"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .output()
        .expect("the program runs")
}

#[test]
fn a_figure_goes_to_standard_output_or_to_a_file() {
    let output = framescope(&["figure", "bits", "--hex", HELLO, "--theme", "light"]);
    assert!(output.status.success());
    let printed = String::from_utf8(output.stdout).unwrap();
    parse(&printed);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hello.svg");
    let name = file.to_str().unwrap();
    assert!(framescope(&["figure", "bits", "--hex", HELLO, "--theme", "light", "-o", name]).status.success());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), printed);
    let picture = folder.path().join("hello.png");
    let name = picture.to_str().unwrap();
    assert!(framescope(&["figure", "bits", "--hex", HELLO, "-o", name]).status.success());
    assert!(std::fs::read(&picture).unwrap().starts_with(b"\x89PNG"));
    let odd = framescope(&["figure", "bits", "--hex", HELLO, "-o", "hello.jpeg"]);
    assert_eq!(odd.status.code(), Some(1));
    for args in
        [&["figure"][..], &["figure", "bits"], &["figure", "--check"], &["figure", "layers", "a.pcap"]]
    {
        assert_eq!(framescope(args).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn a_picture_is_as_large_as_its_figure_and_needs_no_fonts_of_the_system() {
    let draw = |hex| {
        let svg = typed(hex, Kind::Ladder { items: None }, Theme::Light).draw(Words::english()).unwrap();
        let image = png::render(&svg, 2.0).unwrap();
        let mut reader = ::png::Decoder::new(std::io::Cursor::new(image)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let document = parse(&svg);
        let length = |name| document.root_element().attribute(name).unwrap().parse::<f32>().unwrap();
        assert_eq!(info.width, (length("width") * 2.0).ceil() as u32);
        assert_eq!(info.height, (length("height") * 2.0).ceil() as u32);
        pixels
    };
    // Two characters of the same width and shape of figure: what is drawn differs only if there is a font for them.
    assert_ne!(draw("81 03 e4 bd a0"), draw("81 03 e5 a5 bd"));
    assert_ne!(draw("81 01 61"), draw("81 01 62"));
    assert!(png::render("no figure", 2.0).is_err());
}

const MANIFEST: &str = r#"
[[figure]]
name = "hello"
kind = "bits"
title = "Hello"
hex = "81 05 48 65 6c 6c 6f"

[[figure]]
name = "opening"
kind = "ladder"
title = "An opening"
capture = "h76.pcapng"
items = [1, 2]

[[output]]
name = "decode"
command = "framescope decode --brief 81 05 48 65 6c 6c 6f"
lines = [4, 4]

[[output]]
name = "wrong"
command = "framescope decode 8g"
fails = true
"#;

#[test]
fn the_book_is_made_anew_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let book = folder.path().join("book");
    std::fs::create_dir_all(book.join("figures")).unwrap();
    std::fs::create_dir_all(book.join("src/generated")).unwrap();
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    std::fs::copy(captures.join("h76-jsclient-ws04.pcapng"), folder.path().join("h76.pcapng")).unwrap();
    let mut manifest = MANIFEST.to_owned();
    for kind in [
        "opcodes",
        "opcodes-hybi-04",
        "close-codes",
        "headers",
        "fields",
        "rules",
        "command-line",
        "versions",
    ] {
        write!(manifest, "\n[[table]]\nname = \"{kind}\"\nkind = \"{kind}\"\n").unwrap();
    }
    manifest.push_str("\n[[table]]\nname = \"sent\"\nkind = \"statistics\"\ncapture = \"h76.pcapng\"\n");
    std::fs::write(book.join("figures/chapter.toml"), manifest).unwrap();
    std::fs::write(book.join("src/generated/old.txt"), "old").unwrap();
    let name = book.to_str().unwrap();
    let run = |check: bool| {
        let args: &[&str] = &["figure", "--book", name, "--check"];
        framescope(if check { args } else { &args[..3] })
    };
    let read = |path: &str| std::fs::read_to_string(book.join("src").join(path)).unwrap();

    let output = run(true);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(
        told.contains("hello.svg is missing") && told.contains("old.txt is asked for by no manifest"),
        "{told}"
    );
    assert!(book.join("src/generated/old.txt").is_file(), "checking changes nothing");

    let output = run(false);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!book.join("src/generated/old.txt").exists());
    parse(&read("figures/hello.svg"));
    assert!(read("figures/opening.svg").contains("101 Switching Protocols"));
    assert_eq!(read("generated/decode.txt"), "1  C ◀── S  text               7 B  \"Hello\"\n");
    assert!(read("generated/wrong.txt").starts_with("framescope: "));
    for (table, holds) in [
        ("opcodes", "| `8` | close | control |"),
        ("opcodes-hybi-04", "| text | `4` | `1` |"),
        ("close-codes", "| 1005 | No Status Rcvd | never |"),
        ("close-codes", "| 4000–4999 | for private use | yes |"),
        ("headers", "| `Origin` | request | request | request |  |  |  |  | request | request |"),
        ("headers", "| `Sec-WebSocket-Extensions` |  |  |  | both | both | both | both | both | both |"),
        ("headers", "| `Sec-WebSocket-Version` |  |  |  | request; response that refuses |"),
        ("headers", "| `Sec-WebSocket-Key1` |  | request | request |  |  |"),
        ("fields", "| `masking-key` | Masking-key |"),
        ("rules", "### rfc6455.mask.client-must-mask\n"),
        ("command-line", "### framescope\n"),
        ("command-line", "| `-o, --output FILE` |"),
        ("versions", "| `rfc6455` | [RFC 6455]"),
        ("sent", "| 1, hixie-76 | client |"),
    ] {
        let text = read(&format!("generated/{table}.md"));
        assert!(text.contains(holds), "{table}:\n{text}");
    }
    assert!(run(true).status.success());
    std::fs::write(book.join("src/generated/decode.txt"), "by hand").unwrap();
    let told = String::from_utf8(run(true).stdout).unwrap();
    assert!(told.contains("decode.txt is out of date"), "{told}");
}

#[test]
fn the_book_of_this_project_is_up_to_date() {
    if !Path::new(env!("CARGO_MANIFEST_DIR")).join("book/figures").is_dir() {
        return;
    }
    let output = framescope(&["figure", "--book", "book", "--check"]);
    let (told, failed) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{told}{failed}");
}
