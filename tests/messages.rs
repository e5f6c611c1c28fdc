//! Recordings of programs of each draft, and of servers that pass on what they do not read: the messages that come out are
//! those that the programs themselves logged, or that a decoder which shares nothing with ours took out of the bytes.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

use std::collections::BTreeMap;
use std::path::Path;

use framescope::capture;
use framescope::model::field::hex;
use framescope::model::protocol::Side;
use framescope::trace::{Conversation, PayloadReader, Trace};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Type, length and SHA-256 of a payload.
type Message = (String, u64, String);

#[derive(Deserialize)]
struct Expected {
    client: String,
    client_sent: Vec<Message>,
    server_sent: Vec<Message>,
}

fn sent(trace: &Trace, talk: &Conversation, side: Side) -> Vec<Message> {
    let mut reader = PayloadReader::default();
    let messages = talk.messages.iter().filter(|(_, message)| message.side == side);
    messages
        .map(|(number, message)| {
            let payload = reader.bytes(talk, &trace.store, number).unwrap();
            let digest = hex(&Sha256::digest(&payload));
            (message.kind.id().to_owned(), payload.len() as u64, digest)
        })
        .collect()
}

#[test]
fn recordings_hold_what_their_programs_said() {
    let text = include_str!("vectors/messages.json");
    let captures: BTreeMap<String, Vec<Expected>> = serde_json::from_str(text).unwrap();
    for (file, connections) in captures {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(&file);
        let mut loader = capture::open(&path, &capture::Options::default()).unwrap();
        loader.read_all().unwrap();
        let trace = loader.trace();
        for expected in connections {
            // The last with these ends: what is carried stands behind what carries it.
            let talk = trace.conversations().iter().rfind(|talk| talk.client.to_string() == expected.client);
            let talk = talk.unwrap_or_else(|| panic!("{file} has no {}", expected.client));
            assert_eq!(sent(trace, talk, Side::Client), expected.client_sent, "{file}, client");
            assert_eq!(sent(trace, talk, Side::Server), expected.server_sent, "{file}, server");
        }
    }
}
