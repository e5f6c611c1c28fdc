//! Times are true: what is sent is stamped before it leaves, what comes after it came. A capture program that records the
//! same packets beside us is the witness; it stamps them between.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use framescope::capture;
use framescope::endpoint;
use framescope::live::{Client, Recorder, RecorderConfig, Script};
use framescope::model::protocol::{Protocol, Side};
use framescope::trace::{Timestamp, Trace};

use crate::common::{PATIENCE, asking, serve, within};

/// A capture program that records what is said on a port.
struct Witness(Child);

/// tcpdump, or dumpcap where it is not there. The error is why neither can.
fn witness(port: u16, file: &Path) -> Result<Witness, String> {
    let filter = format!("tcp port {port}");
    let mut tcpdump = Command::new("tcpdump");
    // Each packet is written at once, and stays with who may capture.
    tcpdump.args(["-i", "lo", "-U", "--time-stamp-precision=nano", "-w"]).arg(file);
    if let Some(user) = std::env::var_os("USER") {
        tcpdump.arg("-Z").arg(user);
    }
    tcpdump.arg(&filter);
    let mut dumpcap = Command::new("dumpcap");
    dumpcap.args(["-i", "lo", "-f", &filter, "-w"]).arg(file);
    let mut why = Vec::new();
    for (mut command, ready) in [(tcpdump, "listening on"), (dumpcap, "File:")] {
        match command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn() {
            Err(error) => why.push(format!("{}: {error}", command.get_program().display())),
            Ok(mut child) => {
                let mut said = String::new();
                for line in BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok) {
                    said.push_str(&line);
                    if line.contains(ready) {
                        return Ok(Witness(child));
                    }
                }
                let _ = child.wait();
                why.push(format!("{}: {said}", command.get_program().display()));
            }
        }
    }
    Err(why.join("; "))
}

impl Witness {
    /// What it has recorded, when all that was said is in it.
    async fn ends(mut self, file: &Path, said: [u64; 2]) -> Trace {
        let begin = std::time::Instant::now();
        let trace = loop {
            let mut loader = capture::open(file, &capture::Options::default()).unwrap();
            // The last packet may be half written.
            let _ = loader.read_all();
            let trace = loader.into_trace();
            let there = |side: Side| trace.conversation(0).map_or(0, |talk| talk.stream(side).end());
            if Side::BOTH.map(there) == said {
                break trace;
            }
            assert!(begin.elapsed() < PATIENCE, "not all packets were captured: {:?}", Side::BOTH.map(there));
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        };
        let _ = self.0.kill();
        let _ = self.0.wait();
        trace
    }
}

/// When the byte at this place of a stream was on the wire; none where the capture missed it, as a capture of a fast
/// machine's own packets may.
fn time_of(trace: &Trace, side: Side, byte: u64) -> Option<Timestamp> {
    let stream = trace.conversations()[0].stream(side);
    let chunk = stream.chunks().iter().find(|(_, chunk)| (chunk.offset()..chunk.end()).contains(&byte));
    chunk.filter(|(_, chunk)| !chunk.is_gap()).map(|(_, chunk)| chunk.time())
}

#[tokio::test]
async fn a_recording_and_a_capture_beside_it_agree_on_what_came_first() {
    let [at_client, at_server] = [(), ()].map(|()| Recorder::start(RecorderConfig::default()).unwrap());
    let server = serve(|config| config.recorder = Some(at_server.clone())).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("beside.pcap");
    let witness = match witness(server.local_addr().port(), &file) {
        Ok(witness) => witness,
        Err(why) => {
            // Past the capture of output, which hides what a test that passes prints.
            let _ = writeln!(std::io::stderr(), "times: skipped, nothing captures here ({why})");
            return;
        }
    };
    let mut config = asking(server.local_addr(), Protocol::Rfc6455);
    config.recorder = Some(at_client.clone());
    let mut client = within(Client::connect(config)).await.unwrap();
    // A question at a time, each asked when the one before it is answered, and one that takes many writes.
    for number in 0..20 {
        client.endpoint().send_text(&format!("question {number}")).unwrap();
        while !matches!(
            within(client.next_event()).await.unwrap().expect("it is open"),
            endpoint::Event::Message { .. }
        ) {}
    }
    let actions = vec![endpoint::Command::text("x".repeat(300_000))];
    let script = Script { actions, ..Script::default() };
    let outcome = within(client.run(&script, &mut |_| ())).await.unwrap();
    assert!(outcome.is_good(), "{outcome:?}");
    within(server.shutdown()).await;
    let recordings = [(Side::Client, at_client), (Side::Server, at_server)];
    let recordings = recordings.map(|(own, recorder)| (own, recorder.finish().unwrap().trace));
    let ends = Side::BOTH.map(|side| recordings[0].1.conversations()[0].stream(side).end());
    let captured = within(witness.ends(&file, ends)).await;
    for (own, recorded) in &recordings {
        let talk = &recorded.conversations()[0];
        let mut compared = 0;
        for side in Side::BOTH {
            for (_, chunk) in talk.stream(side).chunks().iter() {
                let (time, place) = (chunk.time(), chunk.offset());
                let byte = if side == *own { place } else { chunk.end() - 1 };
                let Some(packet) = time_of(&captured, side, byte) else { continue };
                compared += 1;
                if side == *own {
                    // A capture of microseconds cuts off what is below.
                    assert!(
                        time.0 <= packet.0 + 999,
                        "{own}: sent at {place}: {time:?}, captured {packet:?}"
                    );
                } else {
                    assert!(packet <= time, "{own}: came until {place}: {time:?}, captured {packet:?}");
                }
            }
        }
        assert!(compared > 40, "{compared}");
        // Each question is before its answer, in both.
        for trace in [recorded, &captured] {
            let talk = &trace.conversations()[0];
            let of = |side| {
                let items =
                    talk.items.iter().filter(move |(_, item)| item.side == side && item.kind.is_frame());
                items.map(|(_, item)| (item.offset, talk.time_of(item))).take(20).collect::<Vec<_>>()
            };
            let (asked, answered) = (of(Side::Client), of(Side::Server));
            assert_eq!((asked.len(), answered.len()), (20, 20));
            for (number, ((_, asked), (_, answered))) in asked.iter().zip(&answered).enumerate() {
                assert!(asked <= answered, "{own}: question {number}: {asked:?}, answered {answered:?}");
            }
        }
    }
}
