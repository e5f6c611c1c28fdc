use std::fmt::Write;

use etherparse::PacketBuilder;
use proptest::prelude::*;

use super::*;

const HELLO: [u8; 7] = [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f];

fn form(text: &str) -> Form {
    let pasted = read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(pasted.bytes, HELLO, "{text}");
    pasted.form
}

#[test]
fn every_form_that_people_have_in_the_clipboard_is_read() {
    for text in [
        "81 05 48 65 6c 6c 6f",
        "8105 4865 6c6c 6f",
        "810548656C6C6F",
        "81:05:48:65:6C:6C:6F",
        "81-05-48-65-6C-6C-6F\n",
        "0x81 0x05 0x48 0x65 0x6c 0x6c 0x6f",
        "0x810548656c6c6f",
        "0x81, /* FIN, text */ 0x05, // length\n0x48,0x65,0x6c,0x6c,0x6f",
        "<81054865 6c6c6f>",
        r#"bytes.fromhex("81 05 48 65 6c 6c 6f")"#,
        r#""810548656c6c6f""#,
        " 81 05 48 65\n 6c 6c 6f\n",
    ] {
        assert_eq!(form(text), Form::Hex, "{text}");
    }
    for text in [
        "0000   81 05 48 65 6c 6c 6f",
        "0000   81 05 48 65 6c 6c 6f                              ..Hello",
        "00000000: 8105 4865 6c6c 6f                        ..Hello",
        "00000000: 10000001 00000101 01001000 01100101 01101100 01101100  ..Hell\n00000006: 01101111                                               o",
        "00000000  81 05 48 65 6c 6c 6f                              |..Hello|\n00000007",
        "0000000 81 05 48 65 6c 6c 6f\n0000007",
        "000000 81 05 48 65 6c 6c 6f  >..Hello<\n000007",
        "           00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F\n\n00000000   81 05 48 65 6C 6C 6F                             ..Hello",
        "0x7ffe4a10:\t0x81\t0x05\t0x48\t0x65\t0x6c\t0x6c\t0x6f",
        "0x7ffe4a10 <buffer>:\t0x81\t0x05\t0x48\t0x65\n0x7ffe4a14 <buffer+4>:\t0x6c\t0x6c\t0x6f",
        "\t0x0000:  8105 4865 6c6c 6f                        ..Hello",
    ] {
        assert_eq!(form(text), Form::Dump, "{text}");
    }
    assert_eq!(form("0000000 0581 6548 6c6c 006f\n0000007"), Form::Words);
    for text in [
        r"b'\x81\x05Hello'",
        r#"b"\x81\x05\x48\x65\x6c\x6c\x6f""#,
        r"\x81\x05Hello",
        r"\x81 \x05 \x48 \x65 \x6c \x6c \x6f",
        r#"static const char frame[] = "\x81\x05" "Hello";"#,
        "\"\\x81\\x05\\x48\" \\\n\"\\x65\\x6c\\x6c\\x6f\"",
        r"\201\005Hello",
        r#"sendto(3, "\201\5Hello", 7, 0, NULL, 0) = 7"#,
        r#""\u0081\u0005Hello""#,
        r"$ printf '\x81\x05Hello' | nc localhost 9001",
        r#"let frame = "\x81\x05" + "Hello""#,
        r"bytearray(b'\x81\x05Hello')",
        r#"conn.Write([]byte("\x81\x05Hello"))"#,
    ] {
        assert_eq!(form(text), Form::Escaped, "{text}");
    }
    for text in [
        "{0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f}",
        "vec![0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]",
        "static const unsigned char pkt1[7] = {\n0x81, 0x05, 0x48, 0x65, /* ..He */\n0x6c, 0x6c, 0x6f };",
        "uint8_t frame[] = {0x81, 0x05, 'H', 'e', 'l', 'l', 'o'};",
        "[]byte{0x81, 0x5, 0x48, 0x65, 0x6c, 0x6c, 0x6f}",
        "[129 5 72 101 108 108 111]",
        "[129, 5, 72, 101, 108, 108, 111]",
        "bytes([129, 5, 72, 101, 108, 108, 111])",
        "[129u8, 5, 0x48_u8, 101, 108, 108, 111]",
        "new byte[] { (byte) 0x81, (byte)0x05, 72, 101, 108, 108, 111 }",
        "byteArrayOf(0x81.toByte(), 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f)",
        "[-127, 5, 72, 101, 108, 108, 111]",
        "<Buffer 81 05 48 65 6c 6c 6f>",
        "Uint8Array(7) [129, 5, 72, 101, 108, 108, 111, buffer: ArrayBuffer(7), byteLength: 7, length: 7]",
        "Uint8Array(7) [\n  129,   5,  72, 101,\n  108, 108, 111\n]",
        r#"{"type":"Buffer","data":[129,5,72,101,108,108,111]}"#,
        r#"{"0":129,"1":5,"2":72,"3":101,"4":108,"5":108,"6":111}"#,
        r#"<<129, 5, "Hello">>"#,
        "array([129,   5,  72, 101, 108, 108, 111], dtype=uint8)",
        "{0b1000_0001, 0b101, 0x48, 0o145, 108, 108, 111}",
        "(81 05 48 65 6c 6c 6f)",
        "[81 05 48 65 6c 6c 6f]",
    ] {
        assert_eq!(form(text), Form::Array, "{text}");
    }
    for text in ["129 5 72 101 108 108 111", "129, 5, 72, 101,\n108, 108, 111"] {
        assert_eq!(form(text), Form::Decimal, "{text}");
    }
    for text in [
        "gQVIZWxsbw==",
        "gQVIZWxsbw",
        "gQVI\nZWxs\nbw==\n",
        r#""gQVIZWxsbw==""#,
        r#"{"data": "gQVIZWxsbw=="}"#,
        "data:application/octet-stream;base64,gQVIZWxsbw==",
    ] {
        assert_eq!(form(text), Form::Base64, "{text}");
    }
    for text in [
        "10000001 00000101 01001000 01100101 01101100 01101100 01101111",
        "10000001000001010100100001100101011011000110110001101111",
        "1 000 0001 0 0000101 01001000 01100101 01101100 01101100 01101111",
        "0b10000001 0b00000101 0b01001000 0b01100101 0b01101100 0b01101100 0b01101111",
        "0b1000_0001, 0b0000_0101, 0b0100_1000, 0b0110_0101, 0b0110_1100, 0b0110_1100, 0b0110_1111",
    ] {
        assert_eq!(form(text), Form::Binary, "{text}");
    }
}

#[test]
fn what_could_be_two_things_is_what_the_rules_say() {
    let taken = |text: &str| read(text).map(|pasted| (pasted.form, pasted.bytes));
    // The alphabet of URL-safe base64 has the hyphen too.
    assert_eq!(taken("81-05-48"), Ok((Form::Hex, vec![0x81, 0x05, 0x48])));
    assert_eq!(taken("-_8="), Ok((Form::Base64, vec![0xFB, 0xFF])));
    assert_eq!(taken("+/8="), Ok((Form::Base64, vec![0xFB, 0xFF])));
    // All of it hexadecimal digits, and base64 as well.
    assert_eq!(taken("DEADBEEF"), Ok((Form::Hex, vec![0xDE, 0xAD, 0xBE, 0xEF])));
    assert_eq!(taken("FF 00"), Ok((Form::Hex, vec![0xFF, 0])));
    // One space: bytes, as good as an offset.
    assert_eq!(taken("0000 81 05"), Ok((Form::Hex, vec![0, 0, 0x81, 5])));
    // Zeros alone are hexadecimal.
    assert_eq!(taken("00000000"), Ok((Form::Hex, vec![0; 4])));
    assert_eq!(taken("10 00"), Ok((Form::Hex, vec![0x10, 0])));
    // Two digits each: hexadecimal on its own, decimal in an array.
    assert_eq!(taken("81, 85, 37"), Ok((Form::Hex, vec![0x81, 0x85, 0x37])));
    assert_eq!(taken("[72, 69]"), Ok((Form::Array, vec![72, 69])));
    assert_eq!(taken("b'8105'"), Ok((Form::Escaped, b"8105".to_vec())));
    // What was left out is told.
    assert_eq!(
        read("<Buffer 81 7e 01 00 ... 256 more bytes>").map(|pasted| (pasted.bytes, pasted.cut)),
        Ok((vec![0x81, 0x7e, 1, 0], Some(256)))
    );
    assert_eq!(
        read("Uint8Array(200) [\n 129, 5, 72,\n ... 197 more items\n]").map(|pasted| pasted.cut),
        Ok(Some(197))
    );
    assert_eq!(read(r#"read(5, "\201\5Hel"..., 4096) = 7"#).map(|pasted| pasted.cut), Ok(Some(0)));
}

#[test]
fn a_head_is_read_as_text() {
    let wire = b"GET /demo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n";
    for text in [
        "GET /demo HTTP/1.1\nHost: localhost\nUpgrade: websocket\n",
        "GET /demo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n",
        "\n    GET /demo HTTP/1.1\n    Host: localhost\n    Upgrade: websocket\n\n",
        "> GET /demo HTTP/1.1\n> Host: localhost\n> Upgrade: websocket\n>\n",
        r#""GET /demo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n""#,
        r"GET /demo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n",
    ] {
        assert_eq!(read(text).map(|pasted| pasted.bytes).as_deref(), Ok(&wire[..]), "{text}");
    }
    assert_eq!(read("<policy-file-request/>\n").unwrap().bytes, b"<policy-file-request/>\0");
    let answer =
        read("HTTP/1.1 101 WebSocket Protocol Handshake\nUpgrade: WebSocket\n\nfQJ,fN/4F4!~K~MH\n").unwrap();
    assert!(answer.bytes.ends_with(b"\r\n\r\nfQJ,fN/4F4!~K~MH"));
    // A method alone begins a sentence.
    assert!(read("GET lost").is_err());
}

#[test]
fn errors_name_the_place() {
    let said = |text: &str| read(text).unwrap_err().to_string();
    assert_eq!(said("81 0g"), "`g` at position 5 is no hexadecimal digit");
    assert_eq!(said("zz"), "`z` at position 1 is no hexadecimal digit");
    assert_eq!(said("81 05\n48 6x"), "`x` at line 2, position 5 is no hexadecimal digit");
    assert_eq!(said("81 8"), "a byte has two digits: one is missing before position 5");
    assert_eq!(said("8105486g"), "`g` at position 8 is no hexadecimal digit");
    assert_eq!(said("{0x81, 500}"), "`500` at position 8 is no byte");
    assert_eq!(said(r"b'\x81\q'"), r"`\q` at position 7 is no escape that is known");
    assert_eq!(said("b'\\x81"), "the quote `'` at position 2 is not closed");
    assert_eq!(said("<Buffer 81 0g>"), "`g` at position 13 is no hexadecimal digit");
    assert_eq!(said(r#"x = "81 0g""#), "`g` at position 10 is no hexadecimal digit");
    assert_eq!(
        said("00000000: 8105 4865  ..He\n00000010: 6c6c 6f"),
        "the offset `00000010` at line 2, position 1 does not fit: before it stand 4 bytes (4 in hexadecimal)"
    );
    let far = "0000000 81 05\n*\nffffffffff 00\n";
    assert!(read(far).is_err(), "{far}");
    let sections = "00000000  81\n*\n02000000\n".repeat(3);
    assert_eq!(read(&sections).unwrap_err().problem, Problem::TooLong(MAX_BYTES));
}

#[test]
fn a_dump_of_several_lines_leaves_out_its_characters() {
    // Characters that look like digits, and every length of the last line.
    for length in 1..70usize {
        let bytes: Vec<u8> = (0..length).map(|at| b"abcd0123"[at % 8]).collect();
        let (mut xxd, mut canonical, mut wireshark) = (String::new(), String::new(), String::new());
        for (at, line) in bytes.chunks(16).enumerate() {
            let pairs: Vec<String> = line.chunks(2).map(crate::model::field::hex).collect();
            let hex: Vec<String> = line.chunks(1).map(crate::model::field::hex).collect();
            let (left, right) = hex.split_at(hex.len().min(8));
            let characters = String::from_utf8_lossy(line);
            let at = at * 16;
            writeln!(xxd, "{at:08x}: {:<39}  {characters}", pairs.join(" ")).unwrap();
            writeln!(
                canonical,
                "{at:08x}  {:<24} {:<23}  |{characters}|",
                left.join(" ") + " ",
                right.join(" ")
            )
            .unwrap();
            writeln!(wireshark, "{at:04x}   {:<47}   {characters}", hex.join(" ")).unwrap();
        }
        writeln!(canonical, "{length:08x}").unwrap();
        for text in [xxd, canonical, wireshark] {
            assert_eq!(
                read(&text).map(|pasted| (pasted.form, pasted.bytes)),
                Ok((Form::Dump, bytes.clone())),
                "{text}"
            );
        }
    }
    let zeros = read("00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n00000030  81 00  |..|\n00000032\n").unwrap();
    assert_eq!((zeros.bytes.len(), &zeros.bytes[48..]), (50, &[0x81, 0][..]));
}

fn packet(payload: &[u8], seq: u32, ethernet: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    if ethernet {
        PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
            .ipv4([127, 0, 0, 1], [127, 0, 0, 2], 64)
            .tcp(50_000, 80, seq, 1000)
            .write(&mut bytes, payload)
            .unwrap();
    } else {
        PacketBuilder::ipv4([127, 0, 0, 1], [127, 0, 0, 2], 64)
            .tcp(50_000, 80, seq, 1000)
            .write(&mut bytes, payload)
            .unwrap();
    }
    bytes
}

#[test]
fn of_whole_packets_what_tcp_carries_is_taken() {
    for (ethernet, headers, link) in [(true, 54, "ETHERNET"), (false, 40, "RAW")] {
        let bytes = packet(&HELLO, 7, ethernet);
        let pasted = read(&crate::model::field::hex(&bytes)).unwrap();
        assert_eq!((pasted.bytes.as_slice(), pasted.form), (&HELLO[..], Form::Hex));
        let found = pasted.packets[0];
        assert_eq!((found.headers, found.carried, found.link.name()), (headers, 7, Some(link)));
        assert_eq!((found.from.to_string(), found.to.port()), ("127.0.0.1:50000".to_owned(), 80));
    }
    let dump = |bytes: &[u8]| {
        let mut text = "12:00:00.000001 IP 127.0.0.1.50000 > 127.0.0.2.80: Flags [P.], length 7\n".to_owned();
        for (at, line) in bytes.chunks(16).enumerate() {
            let pairs: Vec<String> = line.chunks(2).map(crate::model::field::hex).collect();
            writeln!(text, "\t0x{:04x}:  {}", at * 16, pairs.join(" ")).unwrap();
        }
        text
    };
    let (first, second) = (packet(&HELLO[..3], 100, false), packet(&HELLO[3..], 103, false));
    let text = dump(&first) + &dump(&packet(&[], 103, false)) + &dump(&first) + &dump(&second);
    let pasted = read(&text).unwrap();
    assert_eq!(
        (pasted.bytes.as_slice(), pasted.form),
        (&HELLO[..], Form::Dump),
        "what came twice is taken once"
    );
    let lost = dump(&first) + &dump(&packet(b"lo", 105, false));
    assert_eq!(read(&lost).unwrap_err().problem, Problem::Missing(2));
    let twice = "00000000: 8105 4865\n00000000: 8105 4865\n";
    assert_eq!(read(twice).unwrap_err().problem, Problem::Again);
    // Cut off, it is no packet: the bytes are what they are.
    let bytes = packet(&HELLO, 7, true);
    assert!(read(&crate::model::field::hex(&bytes[..50])).unwrap().packets.is_empty());
}

proptest! {
    #[test]
    fn whatever_is_pasted_does_no_harm(text in "[ \\n0-9a-fx\\\\\"'<>,:=*{}()|.b…é/-]{0,200}") {
        let _ = read(&text);
    }

    #[test]
    fn what_programs_write_is_read_back(bytes in prop::collection::vec(any::<u8>(), 2..80)) {
        let list: Vec<String> = bytes.iter().map(u8::to_string).collect();
        let signed: Vec<String> = bytes.iter().map(|byte| byte.cast_signed().to_string()).collect();
        let escaped: String = bytes.iter().map(|byte| std::ascii::escape_default(*byte).to_string()).collect();
        for text in [format!("b\"{escaped}\""), format!("[{}]", list.join(", ")), format!("[{}]", signed.join(", "))] {
            prop_assert_eq!(read(&text).map(|pasted| pasted.bytes), Ok(bytes.clone()), "{}", text);
        }
    }
}
