//! The programs in `examples/`, run: what they print, that they are short, and that the README names them.

use std::error::Error;
use std::fs;
use std::io::Write;

#[expect(dead_code, reason = "`main` is for `cargo run --example`")]
#[path = "../examples/frame_bits.rs"]
mod frame_bits;
#[expect(dead_code, reason = "`main` is for `cargo run --example`")]
#[path = "../examples/messages.rs"]
mod messages;
#[expect(dead_code, reason = "`main` is for `cargo run --example`")]
#[path = "../examples/own_dissector.rs"]
mod own_dissector;
#[expect(dead_code, reason = "`main` is for `cargo run --example`")]
#[path = "../examples/server_and_client_2010.rs"]
mod server_and_client_2010;

fn printed(run: impl FnOnce(&mut dyn Write) -> Result<(), Box<dyn Error>>) -> String {
    let mut out = Vec::new();
    match run(&mut out) {
        Ok(()) => String::from_utf8_lossy(&out).into_owned(),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn messages_of_a_capture_and_of_what_it_carries() {
    let text = printed(|out| messages::print("captures/proxy-connect-chromium-ws8.pcapng", out));
    let (_, carried) = text.split_once(", carried by conversation ").expect("one is carried");
    let expected = "3\n  client text: \"Hello\"\n  server text: \"Hello\"\n  client text: \"你好世界\"\n";
    assert!(carried.starts_with(expected), "{text}");
    // Compressed ones are inflated.
    let text = printed(|out| messages::print("captures/pmd-ws8-ws8.pcap", out));
    assert!(text.contains("client text: ") && !text.contains("inflate"), "{text}");
    // A message that does not inflate says so; those before it are printed.
    let text = printed(|out| messages::print("captures/museum/client-inflate-fails.pcapng", out));
    assert!(text.contains("client text: ") || text.contains("client binary: "), "{text}");
    // A file that is none is an error, not a panic.
    assert!(messages::print("captures/README.md", &mut Vec::new()).is_err());
}

#[test]
fn each_bit_of_a_frame_with_its_field() {
    let text = printed(|out| frame_bits::print("81 85 37 fa 21 3d 7f 9f 4d 51 58", out));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 88);
    assert_eq!(lines[0], "   0  1  FIN (RFC 6455 section 5.2)");
    assert_eq!(lines[7], "   7  1  opcode (RFC 6455 section 5.2)");
    assert_eq!(lines[16], "  16  0  Masking-key (RFC 6455 section 5.3)");
    assert!(lines[87].starts_with("  87  0  Payload data"));
    assert!(frame_bits::print("81 zz", &mut Vec::new()).is_err());
}

#[test]
fn a_server_and_a_client_of_2010() {
    let text = printed(server_and_client_2010::talk);
    let lines: Vec<&str> = text.lines().collect();
    let [asks, answers, rest @ ..] = lines.as_slice() else { panic!("{text}") };
    assert!(asks.starts_with(r"client says GET /chat HTTP/1.1\r\n") && asks.contains("Sec-WebSocket-Key2: "));
    assert!(answers.starts_with("server says HTTP/1.1 101 ") && answers.contains("Sec-WebSocket-Origin: "));
    let expected = [
        r"client says \x00Hello\xff",
        r"server says \x00Hello\xff",
        r"client says \xff\x00",
        r"server says \xff\x00",
        "server closes the connection",
        "client closes the connection",
    ];
    assert_eq!(rest, expected);
}

#[test]
fn a_dissector_of_your_own() {
    let text = printed(own_dissector::dissect);
    for expected in [
        "0.020 client frame\n  bits 0..1: FIN 1\n",
        "  bits 48..88: Payload data \"Hello\"\n",
        "  frame.unmask in 5 steps\n",
        "0.035 server frame\n",
        "[rfc6455.mask.server-must-not-mask, RFC 6455 section 5.1]\n",
    ] {
        assert!(text.contains(expected), "{expected:?} in {text}");
    }
}

#[test]
fn they_are_short_and_the_readme_names_them() {
    let readme = fs::read_to_string("README.md").unwrap();
    let mut count = 0;
    for entry in fs::read_dir("examples").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(fs::read_to_string(&path).unwrap().lines().count() < 40, "{name} has 40 lines or more");
        assert!(readme.contains(&format!("(examples/{name})")), "the README does not name {name}");
        count += 1;
    }
    assert_eq!(count, 4);
}
