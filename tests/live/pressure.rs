//! A recorder that cannot keep up: connections wait for it, and nothing is lost.

use std::time::Duration;

use framescope::endpoint::Event;
use framescope::live::{Recorder, RecorderConfig, Script};
use framescope::model::protocol::{Protocol, Side};
use framescope::trace::MessageKind;

use crate::common::{connect, serve, within};

const MESSAGES: usize = 200;
const LENGTH: usize = 10_000;

/// With a queue of 64 KiB: what waits for the recorder, what it has in hand, and for each what a step reads and writes
/// beyond the queue.
const MOST_BEHIND: usize = 1 << 20;

#[tokio::test]
async fn a_recorder_without_room_makes_connections_wait_and_loses_nothing() {
    let recorder = Recorder::start(RecorderConfig { queue: 64 * 1024, ..RecorderConfig::default() }).unwrap();
    let server = serve(|config| config.recorder = Some(recorder.clone())).await;
    let mut client = connect(server.local_addr(), Protocol::Rfc6455).await;
    let message = "x".repeat(LENGTH);
    for _ in 0..MESSAGES {
        client.endpoint().send_text(&message).unwrap();
    }
    // While somebody looks at the trace, the recorder keeps nothing.
    let looking = recorder.lock();
    let mut answers = 0;
    // Time is not what is waited for: it is up when no answer comes any more.
    while let Ok(event) = tokio::time::timeout(Duration::from_millis(500), client.next_event()).await {
        let Some(Event::Message { length, .. }) = event.unwrap() else { continue };
        assert_eq!(length, LENGTH as u64);
        answers += 1;
        assert!(answers < MESSAGES, "the server did not wait");
    }
    // Each answer stands for a message that came and one that went.
    assert!(answers * 2 * LENGTH < MOST_BEHIND, "{answers} answers");
    drop(looking);
    while answers < MESSAGES {
        if let Some(Event::Message { .. }) = within(client.next_event()).await.unwrap() {
            answers += 1;
        }
    }
    let outcome = within(client.run(&Script::default(), &mut |_| ())).await.unwrap();
    assert!(outcome.clean, "{outcome:?}");
    within(server.shutdown()).await;
    let recorded = recorder.finish().unwrap();
    assert_eq!(recorded.lost, 0);
    let [talk] = recorded.trace.conversations() else { panic!("one connection") };
    for side in Side::BOTH {
        let texts = talk.messages.iter().filter(|(_, m)| m.side == side && m.kind == MessageKind::Text);
        let lengths: Vec<u64> = texts.map(|(_, message)| message.length).collect();
        assert_eq!(lengths, vec![LENGTH as u64; MESSAGES], "{side}");
    }
    let bytes: u64 = Side::BOTH.iter().map(|side| talk.stream(*side).end()).sum();
    assert_eq!(bytes, recorded.bytes);
}
