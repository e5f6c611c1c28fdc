//! Statistics of recorded conversations.

use framescope::analysis::statistics::{ConversationStatistics, RoundTrip, Tally, TraceStatistics};
use framescope::model::protocol::{Protocol, Side};
use framescope::trace::{ItemKind, Layer, MessageKind};

use super::{read, readable};

#[test]
fn a_conversation_is_counted() {
    let trace = read("rfc-ws8-srvping-srvfrag.pcap");
    let mut statistics = ConversationStatistics::default();
    statistics.advance(&trace.conversations()[0], &trace.store);
    let [client, server] = &statistics.sides;
    assert_eq!(client.items_of(ItemKind::HttpRequest), Tally { count: 1, bytes: 183 });
    assert_eq!(client.messages_of(MessageKind::Text).count, 5);
    assert_eq!(server.messages_of(MessageKind::Ping), Tally { count: 1, bytes: 8 });
    // Eleven frames with headers of six bytes.
    assert_eq!((client.frames().count, client.frame_overhead()), (11, 66));
    assert_eq!(client.overhead(), 66 + 183);
    // No header of the server is longer than two bytes.
    assert_eq!(server.frame_overhead(), 2 * server.frames().count);
    assert_eq!(client.compression_ratio(), None);
    let trips: Vec<_> =
        statistics.round_trips.iter().map(|trip| (trip.ping + 1, trip.pong + 1, trip.from)).collect();
    assert_eq!(trips, [(7, 8, Side::Server), (23, 24, Side::Client)]);
    let spread = statistics.round_trip().unwrap();
    assert_eq!((spread.min, spread.median, spread.max), (266_000, 266_000, 1_010_000));
    assert_eq!(statistics.duration(), 71_544_000);
}

#[test]
fn a_round_trip_is_found_from_its_end() {
    for name in readable() {
        let trace = read(&name);
        for talk in trace.conversations() {
            let mut statistics = ConversationStatistics::default();
            statistics.advance(talk, &trace.store);
            let items = 0..talk.items.len();
            let found: Vec<_> =
                items.filter_map(|item| RoundTrip::ending_with(talk, &trace.store, item)).collect();
            assert_eq!(found, statistics.round_trips, "{name}");
        }
    }
}

#[test]
fn compression_is_measured_in_payload_bytes() {
    let trace = read("pmd-ws8-ws8.pcap");
    let mut statistics = ConversationStatistics::default();
    statistics.advance(&trace.conversations()[0], &trace.store);
    let server = &statistics.sides[1];
    let texts = server.messages_of(MessageKind::Text);
    let binaries = server.messages_of(MessageKind::Binary);
    assert_eq!(server.compressed.count, texts.count + binaries.count);
    assert_eq!(server.inflated, texts.bytes + binaries.bytes);
    let controls = server.messages_of(MessageKind::Pong).bytes + server.messages_of(MessageKind::Close).bytes;
    assert_eq!(server.compressed.bytes, server.payloads.bytes - controls);
    let ratio = server.compression_ratio().unwrap();
    assert!(ratio > 1.0, "{ratio}");
}

#[test]
fn nothing_is_left_out_and_nothing_counted_twice() {
    for name in readable() {
        let trace = read(&name);
        let mut statistics = TraceStatistics::default();
        statistics.advance(&trace);
        statistics.advance(&trace);
        for (talk, counted) in trace.conversations().iter().zip(&statistics.conversations) {
            for side in Side::BOTH {
                let of = &counted.sides[side.index()];
                let gaps = of.items_of(ItemKind::Gap).bytes;
                // What is carried is counted where it is carried to.
                // Of a stream that is inflated the compressed bytes stay items of the carrier.
                let inner = talk.carried.iter().filter_map(|inner| trace.conversation(*inner));
                let handed = talk
                    .carried_from
                    .filter(|_| inner.clone().all(|inner| inner.layer != Layer::DeflateStream));
                let own = handed.map_or(talk.stream(side).end(), |from| from[side.index()]);
                assert_eq!(of.recorded().bytes + gaps, own, "{name}");
                assert_eq!(of.payloads.count, of.frames().count, "{name}");
                assert!(of.payloads.bytes <= of.frames().bytes, "{name}");
            }
            let both = counted.both();
            assert_eq!(
                both.items.iter().map(|tally| tally.count).sum::<u64>(),
                talk.items.len() as u64,
                "{name}"
            );
            assert_eq!(
                both.messages.iter().map(|tally| tally.count).sum::<u64>(),
                talk.messages.len() as u64,
                "{name}"
            );
        }
        let total = statistics.total();
        assert_eq!(total.conversations, trace.conversations().len() as u64);
        let by_protocol = statistics.by_protocol();
        assert_eq!(by_protocol.iter().map(|(_, one)| one.conversations).sum::<u64>(), total.conversations);
    }
}

#[test]
fn versions_are_counted_apart() {
    let trace = read("rfc-chat-superchat.pcap");
    let mut statistics = TraceStatistics::default();
    statistics.advance(&trace);
    let by_protocol = statistics.by_protocol();
    assert_eq!(by_protocol.len(), 1);
    assert_eq!(by_protocol[0].0, Protocol::Rfc6455);
    assert_eq!(by_protocol[0].1, statistics.total());
}
