//! What is written is read again as it was, and other programs find nothing wrong with it.

use std::io::{Cursor, Write};
use std::net::SocketAddr;
use std::process::Command;

use proptest::prelude::*;

use super::*;
use crate::capture::{self, Options};
use crate::trace::Chunk;

const BEGIN: i64 = 1_700_000_000_123_456_789;

fn ends(client: &str, server: &str) -> (SocketAddr, SocketAddr) {
    (client.parse().unwrap(), server.parse().unwrap())
}

fn read(file: &[u8]) -> Trace {
    let mut loader = capture::from_reader(Cursor::new(file.to_vec()), "test", &Options::default());
    loader.read_all().unwrap();
    loader.into_trace()
}

fn bytes_of(trace: &Trace, index: usize, side: Side) -> Vec<u8> {
    let stream = trace.conversations()[index].stream(side);
    stream.bytes(&trace.store, 0..stream.end()).into_owned()
}

/// One of everything: both families, bytes that take many segments, numbers that wrap, each kind of end.
fn sample() -> Vec<u8> {
    let mut writer = Writer::new(Vec::new()).unwrap();
    let mut time = BEGIN;
    let mut now = || {
        time += 1_000_003;
        Timestamp(time)
    };
    let long: Vec<u8> = (0..200_000u32).map(|n| (n * 7) as u8).collect();
    let (client, server) = ends("127.0.0.1:50122", "127.0.0.1:9001");
    let plain = writer.open(client, server, now()).unwrap();
    let (client, server) = ends("[::1]:50123", "[::1]:9001");
    let six = writer.open(client, server, now()).unwrap();
    let (client, server) = ends("[::ffff:10.0.0.1]:7", "10.0.0.2:9001");
    let wraps = writer.open_at(client, server, [u32::MAX - 1000, u32::MAX - 1], Some(now())).unwrap();
    for id in [plain, six, wraps] {
        writer.data(id, Side::Client, b"GET / HTTP/1.1\r\n\r\n", now()).unwrap();
        writer.data(id, Side::Server, &long, now()).unwrap();
        writer.data(id, Side::Client, &long[..5000], now()).unwrap();
        writer.data(id, Side::Client, &[], now()).unwrap();
    }
    writer.end(plain, Side::Client, End::Fin, now()).unwrap();
    writer.data(plain, Side::Server, b"half closed", now()).unwrap();
    writer.data(plain, Side::Client, b"never sent", now()).unwrap();
    writer.end(plain, Side::Server, End::Fin, now()).unwrap();
    writer.end(six, Side::Server, End::Reset, now()).unwrap();
    assert!(writer.data(six, Side::Client, b"x", now()).is_err());
    writer.finish().unwrap()
}

#[test]
fn what_was_written_is_read_again() {
    let trace = read(&sample());
    assert!(trace.findings.is_empty(), "{:?}", trace.findings);
    assert_eq!(trace.conversations().len(), 3);
    let expected = [[5018, 200_011], [5018, 200_000], [5018, 200_000]];
    for (index, conversation) in trace.conversations().iter().enumerate() {
        let lengths = Side::BOTH.map(|side| bytes_of(&trace, index, side).len());
        assert_eq!(lengths, expected[index]);
        assert_eq!(conversation.digits, 9);
    }
    let ends: Vec<_> = trace.conversations().iter().map(|conversation| conversation.ends).collect();
    assert_eq!(ends, [[Some(End::Fin); 2], [Some(End::Reset); 2], [None; 2]]);
    assert_eq!(trace.conversations()[2].client.to_string(), "10.0.0.1:7");
    let first = trace.conversations()[0].stream(Side::Client).chunks().get(0).unwrap();
    assert_eq!(first.time(), Timestamp(BEGIN + 4 * 1_000_003));
    let server = bytes_of(&trace, 1, Side::Server);
    assert!(server.iter().zip(0u32..).all(|(&byte, n)| byte == (n * 7) as u8));
}

#[test]
fn a_syn_acknowledges_nothing() {
    // Behind the blocks of the section and the interface: 32 bytes before the packet, IPv4, then TCP.
    let mut writer = Writer::new(Vec::new()).unwrap();
    let (client, server) = ends("127.0.0.1:50122", "127.0.0.1:9001");
    let before = writer.file.out.len();
    writer.open(client, server, Timestamp(BEGIN)).unwrap();
    let file = writer.finish().unwrap();
    let packets = file[before..].to_vec();
    let tcp = |at: usize| (&packets[at + 28 + 20 + 8..][..4], packets[at + 28 + 20 + 13]);
    assert_eq!(tcp(0), (&[0; 4][..], flags::SYN));
    let second = u32::from_le_bytes(*packets[4..].first_chunk().unwrap()) as usize;
    let (ack, bits) = tcp(second);
    assert!(ack != [0; 4] && bits == flags::SYN | flags::ACK);
}

#[test]
fn other_programs_find_nothing_wrong() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&sample()).unwrap();
    // No malformed packets, bad checksums, or anything that the analysis of sequence numbers remarks.
    let filter = "_ws.malformed || ip.checksum.status == \"Bad\" || tcp.checksum.status == \"Bad\" || \
                  tcp.analysis.flags";
    let run = |arguments: &[&str]| {
        let mut command = Command::new("tshark");
        command.args(["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-r"]);
        command.arg(file.path()).args(arguments).output()
    };
    let all = match run(&[]) {
        Ok(output) => output,
        Err(error) => {
            let skipped =
                format!("other_programs_find_nothing_wrong: skipped, tshark cannot be started ({error})");
            // Where changes are checked the check is not to be missing unnoticed.
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{skipped}");
            // Past the capture of output, which hides what a test that passes prints.
            let _ = writeln!(std::io::stderr(), "{skipped}");
            return;
        }
    };
    assert!(all.status.success(), "{}", String::from_utf8_lossy(&all.stderr));
    let lines = |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().count();
    assert!(lines(&all.stdout) > 400);
    let remarked = run(&["-Y", filter]).unwrap();
    assert!(remarked.status.success(), "{}", String::from_utf8_lossy(&remarked.stderr));
    assert_eq!(String::from_utf8_lossy(&remarked.stdout), "");
    // The checksums were looked at.
    let good = run(&["-Y", "tcp.checksum.status == \"Good\""]).unwrap();
    assert_eq!(lines(&good.stdout), lines(&all.stdout));
}

#[test]
fn every_event_is_readable_at_once() {
    // An output that keeps what reached it.
    #[derive(Clone, Default)]
    struct Shared(std::rc::Rc<std::cell::RefCell<Vec<u8>>>);
    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let out = Shared::default();
    let mut writer = Writer::new(io::BufWriter::new(out.clone())).unwrap();
    assert_eq!(read(&out.0.borrow()).conversations().len(), 0);
    let (client, server) = ends("127.0.0.1:50122", "127.0.0.1:9001");
    let id = writer.open(client, server, Timestamp(BEGIN)).unwrap();
    assert_eq!(read(&out.0.borrow()).conversations().len(), 1);
    writer.data(id, Side::Client, b"hello", Timestamp(BEGIN)).unwrap();
    assert_eq!(bytes_of(&read(&out.0.borrow()), 0, Side::Client), b"hello");
    drop(writer);
    assert_eq!(read(&out.0.borrow()).conversations()[0].ends, [None; 2]);
}

#[test]
fn the_same_ports_again_are_another_conversation() {
    let mut writer = Writer::new(Vec::new()).unwrap();
    let (client, server) = ends("127.0.0.1:50122", "127.0.0.1:9001");
    for text in [b"one", b"two"] {
        let id = writer.open(client, server, Timestamp(BEGIN)).unwrap();
        writer.data(id, Side::Client, text, Timestamp(BEGIN)).unwrap();
        writer.end(id, Side::Client, End::Fin, Timestamp(BEGIN)).unwrap();
        writer.end(id, Side::Server, End::Fin, Timestamp(BEGIN)).unwrap();
    }
    let trace = read(&writer.finish().unwrap());
    let [first, second] = trace.conversations() else { panic!("{}", trace.conversations().len()) };
    assert_eq!((first.client, first.server), (second.client, second.server));
    assert_ne!(first.connection, second.connection);
    for (index, talk) in trace.conversations().iter().enumerate() {
        assert_eq!(trace.conversation_of(talk.connection), Some(index));
        assert_eq!(talk.ends, [Some(End::Fin); 2]);
    }
    assert_eq!(bytes_of(&trace, 0, Side::Client), b"one");
    assert_eq!(bytes_of(&trace, 1, Side::Client), b"two");
}

#[test]
fn a_conversation_of_a_trace_is_written_with_its_gaps_and_ends() {
    use crate::trace::{Place, Store};
    let mut trace = Trace::new(Store::default());
    let (client, server) = ends("127.0.0.1:50122", "127.0.0.1:9001");
    let index = trace.open(client, server, false, 9);
    let place = Place { at: trace.store.append(b"abcdef"), headers: None };
    trace.data(index, Side::Client, place, 3, 0, Timestamp(BEGIN));
    trace.gap(index, Side::Client, 2000, 0, Timestamp(BEGIN + 10));
    trace.data(index, Side::Server, place, 6, 0, Timestamp(BEGIN + 20));
    trace.data(index, Side::Client, place, 6, 0, Timestamp(BEGIN + 30));
    trace.end(index, Side::Server, End::Fin, 0, Timestamp(BEGIN));
    trace.end(index, Side::Client, End::Reset, 0, Timestamp(BEGIN));
    trace.finish();
    let mut writer = Writer::new(Vec::new()).unwrap();
    write_conversation(&trace, &trace.conversations()[index], &mut writer).unwrap();
    let again = read(&writer.finish().unwrap());
    let shape = |trace: &Trace, side: Side| {
        let chunks = trace.conversations()[0].stream(side).chunks();
        let shape =
            chunks.iter().map(|(_, chunk)| (chunk.is_gap(), chunk.bytes(&trace.store).to_vec(), chunk.end()));
        shape.collect::<Vec<_>>()
    };
    for side in Side::BOTH {
        assert_eq!(shape(&trace, side), shape(&again, side));
    }
    let times: Vec<_> = again.conversations()[0]
        .stream(Side::Client)
        .chunks()
        .iter()
        .map(|(_, chunk)| chunk.time())
        .collect();
    // A gap has no time of its own in a capture: that of the first packet behind it.
    assert_eq!(times, [Timestamp(BEGIN), Timestamp(BEGIN + 30), Timestamp(BEGIN + 30)]);
    assert_eq!(again.conversations()[0].ends, [Some(End::Reset), Some(End::Fin)]);
}

#[test]
fn conversations_of_real_captures_come_back() {
    let museum = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/museum");
    let mut count = 0;
    for entry in std::fs::read_dir(museum).unwrap() {
        let path = entry.unwrap().path();
        let Ok(mut loader) = capture::open(&path, &Options::default()) else { continue };
        let _ = loader.read_all(); // One of them is cut on purpose.
        let trace = loader.into_trace();
        let mut writer = Writer::new(Vec::new()).unwrap();
        for conversation in trace.conversations() {
            write_conversation(&trace, conversation, &mut writer).unwrap();
        }
        let again = read(&writer.finish().unwrap());
        assert_eq!(again.conversations().len(), trace.conversations().len());
        for (before, after) in trace.conversations().iter().zip(again.conversations()) {
            count += 1;
            assert_eq!((before.client, before.server), (after.client, after.server));
            assert_eq!(before.ends, after.ends, "{}", path.display());
            for side in Side::BOTH {
                // Where two packets touch another packet may begin, so bytes are compared with their times.
                let bytes = |trace: &Trace, talk: &Conversation| -> Vec<(u64, Vec<u8>, Option<Timestamp>)> {
                    let chunks = talk.stream(side).chunks().iter().map(|(_, chunk)| chunk);
                    let one = |chunk: &Chunk| {
                        let time = (!chunk.is_gap()).then_some(chunk.time());
                        (chunk.offset(), chunk.bytes(&trace.store).to_vec(), time)
                    };
                    let mut joined: Vec<(u64, Vec<u8>, Option<Timestamp>)> = Vec::new();
                    for (offset, bytes, time) in chunks.map(one) {
                        match joined.last_mut() {
                            Some((_, before, last)) if *last == time => before.extend(bytes),
                            _ => joined.push((offset, bytes, time)),
                        }
                    }
                    joined
                };
                assert_eq!(bytes(&trace, before), bytes(&again, after), "{} {side}", path.display());
            }
        }
    }
    assert!(count > 50);
}

proptest! {
    #[test]
    fn any_talk_comes_back(
        initial: [u32; 2],
        v6: bool,
        talk in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..4000)), 0..12),
    ) {
        let (client, server) =
            if v6 { ends("[::1]:1", "[::2]:2") } else { ends("1.2.3.4:5", "6.7.8.9:10") };
        let mut writer = Writer::new(Vec::new()).unwrap();
        let id = writer.open_at(client, server, initial, Some(Timestamp(BEGIN))).unwrap();
        let mut expected = [Vec::new(), Vec::new()];
        let mut times = [Vec::new(), Vec::new()];
        for (number, (from_client, bytes)) in (0..).zip(&talk) {
            let side = if *from_client { Side::Client } else { Side::Server };
            let time = Timestamp(BEGIN + number);
            writer.data(id, side, bytes, time).unwrap();
            expected[side.index()].extend_from_slice(bytes);
            times[side.index()].extend((!bytes.is_empty()).then_some(time));
        }
        for side in Side::BOTH {
            writer.end(id, side, End::Fin, Timestamp(BEGIN + 100)).unwrap();
        }
        let trace = read(&writer.finish().unwrap());
        let conversation = &trace.conversations()[0];
        prop_assert_eq!((conversation.client, conversation.server), (client, server));
        for side in Side::BOTH {
            prop_assert_eq!(&bytes_of(&trace, 0, side), &expected[side.index()]);
            let mut read: Vec<_> = conversation.stream(side).chunks().iter().map(|(_, chunk)| chunk.time()).collect();
            read.dedup();
            prop_assert_eq!(&read, &times[side.index()]);
        }
        prop_assert_eq!(conversation.ends, [Some(End::Fin); 2]);
        prop_assert!(trace.findings.is_empty());
    }
}
