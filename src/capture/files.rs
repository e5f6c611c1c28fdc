//! Tests: how files are packed, formats that other programs write, and files that are none of these.

use std::io::Write;

use super::testing::*;
use super::*;
use crate::model::rule::Rule;

/// Made by `xz`, `zstd` and `editcap`; see the file beside them.
fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/files/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn plain() -> Vec<u8> {
    std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/captures/rfc-refused-403.pcap")).unwrap()
}

#[test]
fn a_file_says_the_same_however_it_is_written() {
    let expected = load(&plain());
    for name in ["refused.pcap.xz", "refused.pcap.zst", "refused.snoop"] {
        let (loader, error) = load_with(&file(name));
        assert!(error.is_none(), "{name}");
        assert_eq!(everything(loader.trace()), everything(&expected), "{name}");
        assert_eq!(loader.summary().link_types, ["ETHERNET"], "{name}");
        assert_eq!(loader.trace().findings, expected.findings, "{name}");
    }
}

#[test]
fn a_packed_file_that_is_cut_is_read_up_to_there() {
    for name in ["refused.pcap.xz", "refused.pcap.zst"] {
        let whole = file(name);
        for length in [20, whole.len() / 2, whole.len() - 40, whole.len() - 10, whole.len() - 1] {
            let (loader, error) = load_with(&whole[..length]);
            let error = error.unwrap_or_else(|| panic!("{name} without its end, {length}"));
            assert!(matches!(error, Error::Packed { .. }), "{name} {length}: {error}");
            assert_eq!(loader.trace().findings[0].rule, Rule::CaptureFileCut, "{name} {length}: {error}");
        }
        // The first of two parts is whole.
        let (loader, _) = load_with(&whole[..whole.len() - 40]);
        assert!(loader.summary().packets > 2, "{name}: {}", loader.summary().packets);
    }
}

#[test]
fn damage_in_a_packed_file_is_said() {
    for name in ["refused.pcap.xz", "refused.pcap.zst"] {
        let whole = file(name);
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            // Whatever comes of it, it ends; checksums find nearly all.
            let mut loader = streamed(&damaged);
            let _ = loader.read_all();
            assert!(loader.summary().packets < 100, "{name} {at}");
        }
        let mut damaged = whole.clone();
        damaged[whole.len() / 3] ^= 0x10;
        let (_, error) = load_with(&damaged);
        assert!(
            matches!(error, Some(Error::Packed { .. } | Error::Cut { .. } | Error::Damaged { .. })),
            "{name}"
        );
    }
}

#[test]
fn what_unpacks_to_much_takes_little_memory() {
    for name in ["bomb.pcap.xz", "bomb.pcap.zst"] {
        let mut loader = streamed(&file(name));
        let mut most = 0;
        while loader.step(1).unwrap() == Status::More {
            most = most.max(loader.unread());
        }
        assert_eq!(loader.summary().packets, 400, "{name}");
        assert!(most < 1 << 20, "{name}: {most}");
        assert_eq!(loader.trace().store.appended(), 0, "{name}");
    }
    // Frames that want a window of a terabyte, and a dictionary of 4 GiB.
    let zstd = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0xF0, 1, 0, 0];
    assert!(matches!(streamed(&zstd).read_all(), Err(Error::Packed { .. })));
    let mut xz = file("refused.pcap.xz");
    // The block header's filter: LZMA2 with one byte of properties, its dictionary's size; then the header's own CRC.
    assert_eq!(xz[14..17], [0x21, 0x01, 0x1C]);
    xz[16] = 40;
    let crc = {
        let mut crc = flate2::Crc::new();
        crc.update(&xz[12..20]);
        crc.sum().to_le_bytes()
    };
    xz[20..24].copy_from_slice(&crc);
    let error = streamed(&xz).read_all().unwrap_err();
    assert!(error.to_string().contains("too big"), "{error}");
}

#[test]
fn snoop_is_checked_like_any_other_file() {
    let whole = file("refused.snoop");
    let says = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut changed = whole.clone();
        change(&mut changed);
        load_with(&changed).1.map(|error| error.to_string().split_once(' ').unwrap().1.to_owned())
    };
    assert_eq!(says(&|_| ()), None);
    let says = |change: &dyn Fn(&mut Vec<u8>)| says(change).unwrap();
    assert!(says(&|file| file[11] = 3).contains("version 3 of snoop"));
    assert!(says(&|file| file[15] = 200).contains("datalink type 200"));
    assert!(says(&|file| file[20] = 0xFF).contains("claims a packet of"));
    assert!(says(&|file| file[27] = 0).contains("which a packet of 74 bytes does not"));
    assert!(says(&|file| file[24] = 0x40).contains("which a packet of 74 bytes does not"));
    assert!(says(&|file| file.truncate(whole.len() - 5)).contains("is cut"));
    assert!(says(&|file| file.truncate(10)).contains("is cut"));
    // What came behind the packet is not a part of it: bytes of the record that nobody knows.
    let (loader, _) = load_with(&whole);
    let cut = loader.summary().packets;
    assert_eq!(cut, load_with(&plain()).0.summary().packets);
}

#[test]
fn what_is_not_read_is_named() {
    let mut tar = vec![0; 512];
    tar[..6].copy_from_slice(b"a.pcap");
    tar[257..262].copy_from_slice(b"ustar");
    for (bytes, name) in [
        (&b"BZh91AY&SY\x05\x13"[..], "bzip2"),
        (b"\x04\x22\x4D\x18\x64\x40\xA7", "LZ4"),
        (b"PK\x03\x04\x14\0\0\0\x08\0", "ZIP"),
        (b"GMBU\x00\x02\x01\x00", "Microsoft Network Monitor 2"),
        (b"RTSS\x01\x01\x01\x00", "Microsoft Network Monitor 1"),
        (b"TRSNIFF data    \x1A\x01", "DOS Sniffer"),
        (b"\xAA\xAA\xAA\xAA\x20\0\0\0", "InfoVista 5View"),
        (b"\n{\"log\": {\"version\": \"1.2\"}}", "HAR"),
        (b"# keys\nCLIENT_RANDOM 00 00\n", "secrets of TLS"),
        (&tar, "tar"),
    ] {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let error = open(file.path(), &Options::default()).unwrap_err().to_string();
        assert!(error.contains(name) && !error.contains('\n'), "{error}");
        let streamed = streamed(bytes).read_all().unwrap_err().to_string();
        assert_eq!(error.replace(&file.path().display().to_string(), "test"), streamed);
    }
    let mut erf = tempfile::Builder::new().suffix(".erf").tempfile().unwrap();
    erf.write_all(&[0, 0, 0, 0, 0, 0, 0, 0, 0x9B, 4, 0, 0x80]).unwrap();
    assert!(open(erf.path(), &Options::default()).unwrap_err().to_string().contains("Endace ERF"));
    // In a compressed file too.
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(&tar).unwrap();
    let error = streamed(&packer.finish().unwrap()).read_all().unwrap_err().to_string();
    assert!(error.contains("tar"), "{error}");
}

/// A capture of many connections, each with a few bytes, in a file.
fn many(connections: u16) -> tempfile::NamedTempFile {
    let mut script = Script::new(Ends::V4);
    for number in 0..connections {
        let ends = [format!("10.0.0.1:{}", 1024 + number).parse().unwrap(), "10.0.0.2:80".parse().unwrap()];
        let mut one = Script::between(ends);
        one.opening(1, 1).client(|h| h.seq(1).ack(1), &[b'x'; 100]);
        script.packets.extend(one.packets);
    }
    // Each packet at a time of its own.
    for (time, packet) in (0..).step_by(1000).zip(&mut script.packets) {
        packet.time = time;
    }
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&script.pcap()).unwrap();
    file
}

#[test]
fn a_file_that_is_cut_while_it_is_read_ends_in_an_error() {
    for (kept, disordered) in [(0, false), (24, false), (100_000, false), (100_000, true), (4096, true)] {
        let file = many(4000);
        if disordered {
            // The first packet's time is that of the last.
            let mut bytes = std::fs::read(file.path()).unwrap();
            bytes[24..28].copy_from_slice(&100u32.to_le_bytes());
            std::fs::write(file.path(), bytes).unwrap();
        }
        let length = file.as_file().metadata().unwrap().len();
        let mut loader = open(file.path(), &Options::default()).unwrap();
        assert_eq!(loader.step(100).unwrap(), Status::More);
        assert_eq!(loader.summary().packets, 100);
        file.as_file().set_len(kept).unwrap();
        let error = loader.read_all().unwrap_err();
        assert!(
            matches!(error, Error::Lost { at, length: whole, .. } if (at, whole) == (kept, length)),
            "{error}"
        );
        assert!(error.to_string().ends_with(&format!(
            "was cut while it was read: of its {length} bytes those from {kept} on are gone"
        )));
        assert_eq!(loader.trace().findings[0].rule, Rule::CaptureFileCut);
        assert_eq!(loader.step(1).unwrap(), Status::Done);
        // What is gone is read as zeros, and nothing ends.
        let bytes: usize = loader
            .trace()
            .conversations()
            .iter()
            .flat_map(|talk| talk.in_order())
            .map(|(_, chunk)| chunk.bytes(&loader.trace().store).len())
            .sum();
        assert!(bytes >= 2500, "{bytes}");
    }
}

#[test]
fn a_file_that_is_cut_by_another_thread_at_any_time_never_ends_the_program() {
    for round in 0..30u64 {
        let file = many(3000);
        let mut loader = open(file.path(), &Options::default()).unwrap();
        let length = file.as_file().metadata().unwrap().len();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_micros(round * 300));
                file.as_file().set_len(length * (round % 7) / 8).unwrap();
            });
            // Whole, or cut: whoever was first.
            if let Err(error) = loader.read_all() {
                assert!(matches!(error, Error::Lost { .. }), "{error}");
            }
        });
        assert!(Error::lost("x", &loader.trace().store).is_some(), "it is cut now");
    }
}
