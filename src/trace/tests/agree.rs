//! The dissector and the endpoints agree about arbitrary bytes.
//!
//! What holds: let a server be open, let any bytes come from its client, and look at the client's items up to its first
//! close frame, or to where they are taken for no frames. The server fails the connection exactly where one of them has
//! a finding whose rule asks for it, and the rule that it names is one of those of the first such item. And of any bytes
//! that begin with a capital letter: where the dissector sees a whole opening request, the server answers it with the
//! last of its bytes and not before, and refuses it exactly where the request has a finding whose rule asks for that;
//! but for the size of a key of hybi-7 and hybi-8, over which it is lenient.

use std::sync::Arc;

use super::*;
use crate::endpoint::{
    Client as ClientEnd, ClientConfig, Event, Options, Server as ServerEnd, ServerConfig, seeded,
};
use crate::model::rule::Reaction;
use crate::wire::handshake::{Offer, Secret};

fn server() -> ServerEnd {
    let options = Options { max_message: u64::MAX, ..Options::default() };
    ServerEnd::new(Arc::new(ServerConfig { options, ..ServerConfig::default() }))
}

fn request(protocol: Protocol) -> Vec<u8> {
    let offer = Offer {
        protocol,
        resource: "/chat".to_owned(),
        host: "example.com".to_owned(),
        secure: false,
        origin: Some("http://example.com".to_owned()),
        subprotocols: Vec::new(),
        extensions: Vec::new(),
        headers: Vec::new(),
    };
    let mut random = seeded(7);
    let secret = Secret::random(protocol, &mut *random);
    ClientEnd::new(ClientConfig { offer, options: Options::default() }, secret, random).take_output()
}

fn events(server: &mut ServerEnd) -> Vec<Event> {
    std::iter::from_fn(|| server.poll_event()).collect()
}

fn ends_it(finding: &Finding) -> bool {
    finding.reaction() != Reaction::GoOn
}

/// Any bytes, frames that are right, and frames that are nearly so.
fn from_client(protocol: Protocol) -> impl Strategy<Value = Vec<u8>> {
    let opcode = prop_oneof![6 => 0..3u8, 3 => 8..11u8, 1 => 0..16u8];
    let hybi = (
        opcode,
        prop::bool::weighted(0.8),
        "\\PC{0,20}",
        prop::option::weighted(0.2, (0..8usize, any::<u8>())),
    )
        .prop_map(|(opcode, fin, text, change)| {
            let mut bytes = frame(Client, Opcode::new(opcode), fin, text.as_bytes());
            if let Some((at, value)) = change
                && let Some(byte) = bytes.get_mut(at)
            {
                *byte = value;
            }
            bytes
        });
    let hixie = prop_oneof![
        4 => "\\PC{0,20}".prop_map(|text| [&[0x00], text.as_bytes(), &[0xFF]].concat()),
        1 => Just(vec![0xFF, 0x00]),
        1 => prop::collection::vec(0x80..=0xFFu8, 1..14),
        1 => prop::collection::vec(any::<u8>(), 1..20),
    ];
    let piece = if protocol.family() == Some(crate::model::protocol::Family::Hybi) {
        prop_oneof![9 => hybi, 1 => prop::collection::vec(any::<u8>(), 1..20)].boxed()
    } else {
        hixie.boxed()
    };
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn one_of_each() -> impl Strategy<Value = (Protocol, Vec<u8>)> {
    prop::sample::select(Protocol::WEBSOCKET.to_vec())
        .prop_flat_map(|protocol| (Just(protocol), from_client(protocol)))
}

/// Whatever the server of the dissector's tests and that of the endpoint say of these bytes behind a handshake.
fn check_frames(protocol: Protocol, bytes: &[u8]) -> Result<(), TestCaseError> {
    let (asked, mut server) = (request(protocol), server());
    server.receive(&asked);
    let answer = server.take_output();
    prop_assert!(server.is_open());
    let opening = asked.len() as u64;
    let trace = read(&[Data(Client, asked), Data(Server, answer), Data(Client, bytes.to_vec())], false);
    let talk = &trace.conversations()[0];
    if talk.item_findings.iter().any(|(_, f)| matches!(f.rule, Rule::OtherFrames | Rule::VersionByFrame)) {
        return Ok(()); // How programs erred is seen by both, but an endpoint does not wait for what may still come.
    }
    let mut broken = None;
    for (number, _) in talk.items.iter().filter(|(_, item)| item.side == Client && item.offset >= opening) {
        broken = talk.findings_of(number).any(ends_it).then_some(number);
        if broken.is_none() && talk.findings_of(number).any(|finding| finding.rule == Rule::StreamUnparsed) {
            return Ok(()); // Drafts let a server read on in what no peer would send as frames.
        }
        let closes =
            talk.messages.iter().any(|(_, m)| m.last as usize == number && m.kind == MessageKind::Close);
        if broken.is_some() || closes {
            break;
        }
    }
    events(&mut server);
    server.receive(bytes);
    let failed = events(&mut server).into_iter().find_map(|event| match event {
        Event::Failed { findings } => findings.first().map(|finding| finding.rule),
        _ => None,
    });
    match (broken, failed) {
        (None, None) => {}
        (Some(item), Some(rule)) => {
            prop_assert!(
                talk.findings_of(item).any(|finding| finding.rule == rule),
                "{} at item {}",
                rule,
                item
            );
        }
        (broken, failed) => prop_assert!(false, "dissector: {:?}, endpoint: {:?}", broken, failed),
    }
    Ok(())
}

/// The same of an opening request.
fn check_opening(bytes: &[u8]) -> Result<(), TestCaseError> {
    let trace = read(&[Data(Client, bytes.to_vec())], false);
    let talk = &trace.conversations()[0];
    let Some(item) = talk.items.get(0).filter(|item| item.kind == ItemKind::HttpRequest) else {
        // No head at all: no server takes it for one either.
        let mut server = server();
        server.receive(bytes);
        prop_assert!(!server.is_open());
        return Ok(());
    };
    if talk.handshake == Handshake::Missing {
        return Ok(()); // Plain HTTP.
    }
    let mut server = server();
    let (before, last) = bytes[..item.length as usize].split_at(item.length as usize - 1);
    server.receive(before);
    prop_assert!(server.is_opening(), "decided before the last byte");
    server.receive(last);
    if !item.complete {
        prop_assert!(server.is_opening(), "decided before the end");
        return Ok(());
    }
    // hixie refuses by closing.
    let no = |event: &Event| matches!(event, Event::Refused { .. } | Event::Failed { .. });
    let refused = events(&mut server).iter().any(no);
    // The one leniency: servers let in the Flash client of 2011, whose nonce is longer.
    let lenient = matches!(talk.protocol, Protocol::Hybi7 | Protocol::Hybi8);
    let asks = |finding: &&Finding| ends_it(finding) && !(lenient && finding.rule == Rule::KeySize);
    let reasons: Vec<_> = talk.findings_of(0).filter(asks).collect();
    prop_assert_eq!(refused, !reasons.is_empty(), "{:?}", reasons);
    prop_assert_eq!(server.is_open(), !refused);
    Ok(())
}

proptest! {
    #[test]
    fn about_frames((protocol, bytes) in one_of_each()) {
        check_frames(protocol, &bytes)?;
    }

    #[test]
    fn about_openings(
        protocol in prop::sample::select(Protocol::WEBSOCKET.to_vec()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..4usize, prop::sample::select(b"\r\n :aG1,\0\xff".to_vec())), 0..4),
    ) {
        let mut bytes = request(protocol);
        for (at, what, value) in changes {
            let at = at.index(bytes.len() - 1) + 1; // It begins with a capital letter.
            match what {
                0 => bytes[at] = value,
                1 => bytes.insert(at, value),
                2 => drop(bytes.remove(at)),
                _ => bytes.truncate(at.max(bytes.len() - 20)),
            }
        }
        check_opening(&bytes)?;
    }
}

#[test]
fn about_a_line_with_two_carriage_returns() {
    let whole = request(Protocol::Rfc6455);
    let head = whole.strip_suffix(b"\r\n\r\n").unwrap();
    check_opening(&[head, b"\r\n\r\r\n\r\n"].concat()).unwrap();
    check_opening(&[head, b"\r\n\r\r\n"].concat()).unwrap();
    check_opening(&[head, b"\r\n\r\r\r\n\n"].concat()).unwrap();
}
