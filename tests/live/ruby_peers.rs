//! em-websocket and the gem websocket, which speak most of the drafts: what the first serves our client is asked, and the
//! second asks our server, in each draft that they speak. Where they write what no draft says, that is found.

use framescope::endpoint::{Command, Event};
use framescope::live::{Client, ClientConfig, ConnectError, News, Outcome, Script, What};
use framescope::model::protocol::Protocol;
use framescope::model::rule::{Finding, Rule};
use framescope::wire::handshake::Secret;
use framescope::wire::handshake::hixie76::Keys;
use framescope::wire::message::Kind;
use serde_json::{Value, json};

use crate::common::{PATIENCE, asking, serve, within};
use crate::peer::{Peer, local, missing, runs};

/// Whether Ruby and both gems are there.
fn have_ruby() -> bool {
    runs("ruby", &["-e", "require 'em-websocket'; require 'websocket'"]) || missing("Ruby with both gems")
}

/// A request to the peer on a port; none of them chooses a subprotocol.
fn without_subprotocol(port: u16, protocol: Protocol) -> ClientConfig {
    ClientConfig { subprotocols: Vec::new(), ..asking(local(port), protocol) }
}

/// Asks, runs a script, and returns its outcome with the messages that came.
async fn run(config: ClientConfig, script: &Script) -> (Outcome, Vec<(Kind, Vec<u8>)>) {
    let protocol = config.protocol;
    let mut client =
        within(Client::connect(config)).await.unwrap_or_else(|error| panic!("{protocol}: {error}"));
    let mut came = Vec::new();
    let mut told = |news: News<'_>| {
        if let News::Event(Event::Message { kind, data, .. }) = news {
            came.push((*kind, data.clone()));
        }
    };
    let outcome = within(client.run(script, &mut told)).await.unwrap();
    (outcome, came)
}

fn script(actions: Vec<Command>) -> Script {
    Script { actions, ..Script::default() }
}

fn fragments(count: u8) -> Command {
    Command::Fragments(Kind::Text, (0..count).map(|part| vec![b'a' + part; 3]).collect())
}

/// What em-websocket tells of its connection, as far as it went.
async fn seen(server: &mut Peer) -> Vec<Value> {
    let mut seen = Vec::new();
    loop {
        let line = server.line().await.expect("em-websocket ended");
        let event: Value = serde_json::from_str(&line).unwrap();
        let over = event.get("close").is_some();
        seen.push(event);
        if over {
            return seen;
        }
    }
}

#[tokio::test]
async fn em_websocket_as_server_of_every_draft_that_it_speaks() {
    if !have_ruby() {
        return;
    }
    let mut server = Peer::start("ruby", &["em_server.rb"]);
    let port = server.port().await;
    for (protocol, number) in [
        (Protocol::Hixie75, 75),
        (Protocol::Hixie76, 76),
        (Protocol::Hybi2, 2),
        (Protocol::Hybi5, 5),
        (Protocol::Hybi6, 6),
        (Protocol::Hybi7, 7),
        (Protocol::Hybi8, 8),
        (Protocol::Rfc6455, 13),
    ] {
        let hixie = protocol.version_number().is_none() && protocol != Protocol::Hybi2;
        let mut actions = vec![Command::text("Hello".to_owned()), Command::text("grüße, 你好".repeat(5000))];
        let mut expected =
            vec![(Kind::Text, b"Hello".to_vec()), (Kind::Text, "grüße, 你好".repeat(5000).into())];
        if !hixie {
            actions.extend([Command::binary(vec![7; 300]), Command::Ping(b"x".to_vec()), fragments(2)]);
            expected.extend([(Kind::Binary, vec![7; 300]), (Kind::Text, b"aaabbb".to_vec())]);
        }
        // On 5 and 6 it loses messages of three fragments and more: the middle one overwrites what kind it is.
        if !hixie && !matches!(protocol, Protocol::Hybi5 | Protocol::Hybi6) {
            actions.push(fragments(4));
            expected.push((Kind::Text, b"aaabbbcccddd".to_vec()));
        }
        let texts = expected.iter().filter(|(kind, _)| *kind == Kind::Text).count();
        let (outcome, came) = run(without_subprotocol(port, protocol), &script(actions)).await;
        assert!(outcome.is_good() && outcome.findings.is_empty(), "{protocol}: {outcome:?}");
        assert_eq!(came, expected, "{protocol}");

        let seen = seen(&mut server).await;
        assert_eq!(seen[0], json!({ "open": number }), "{protocol}");
        assert_eq!(
            seen.iter().filter(|event| event.get("text").is_some()).count(),
            texts,
            "{protocol}: {seen:?}"
        );
        assert!(seen.iter().all(|event| event.get("error").is_none()), "{protocol}: {seen:?}");
        let over = &seen[seen.len() - 1];
        match protocol {
            // It knows of no clean end there.
            Protocol::Hixie75 | Protocol::Hixie76 => assert_eq!(over["close"], 1006),
            Protocol::Hybi2 | Protocol::Hybi5 => assert_eq!(over["close"], 1005),
            _ => assert_eq!((&over["close"], &over["clean"]), (&json!(1000), &json!(true)), "{protocol}"),
        }
    }
}

#[tokio::test]
async fn em_websocket_pings_and_closes_by_itself() {
    if !have_ruby() {
        return;
    }
    let mut server = Peer::start("ruby", &["em_server.rb"]);
    let port = server.port().await;
    for (protocol, code) in [
        (Protocol::Hybi2, 1005),
        (Protocol::Hybi5, 1005),
        (Protocol::Hybi6, 1000),
        (Protocol::Hybi7, 1000),
        (Protocol::Hybi8, 1000),
        (Protocol::Rfc6455, 1000),
    ] {
        let actions = vec![Command::text("ping abc".to_owned()), Command::text("close 1000 bye".to_owned())];
        let script = Script { actions, close: None, ..Script::default() };
        let (outcome, came) = run(without_subprotocol(port, protocol), &script).await;
        assert_eq!(came, [(Kind::Text, b"ping abc".to_vec())], "{protocol}");
        assert!(outcome.clean && outcome.findings.is_empty(), "{protocol}: {outcome:?}");
        assert_eq!(outcome.code, code, "{protocol}");
        let seen = seen(&mut server).await;
        assert!(seen.contains(&json!({ "pong": "616263" })), "{protocol}: {seen:?}");
        assert_eq!(seen[seen.len() - 1]["clean"], true, "{protocol}: {seen:?}");
    }
}

#[tokio::test]
async fn em_websocket_loses_three_fragments_and_refuses_draft_4() {
    if !have_ruby() {
        return;
    }
    let mut server = Peer::start("ruby", &["em_server.rb"]);
    let port = server.port().await;
    for protocol in [Protocol::Hybi5, Protocol::Hybi6] {
        // What comes behind is answered; the lost message is the only one that is not.
        let script = Script {
            actions: vec![fragments(3), Command::text("Hello".to_owned())],
            answers: Some(1),
            ..Script::default()
        };
        let (outcome, came) = run(without_subprotocol(port, protocol), &script).await;
        assert_eq!(came, [(Kind::Text, b"Hello".to_vec())], "{protocol}");
        assert!(outcome.is_good(), "{protocol}: {outcome:?}");
        seen(&mut server).await;
    }
    match within(Client::connect(without_subprotocol(port, Protocol::Hybi4))).await {
        Err(ConnectError::Invalid(findings)) => {
            assert!(findings.iter().any(|finding| finding.rule == Rule::HandshakeIncomplete), "{findings:?}");
        }
        other => panic!("{other:?}"),
    }
}

/// Connects the gem to a server of ours, and returns what the gem told and what our server found.
async fn ask(number: u16, protocols: Option<Vec<Protocol>>) -> (Vec<Value>, Vec<Finding>, Option<bool>) {
    let mut server = serve(|config| {
        config.endpoint.policy.subprotocols.clear();
        if let Some(protocols) = protocols {
            config.endpoint.policy.protocols = protocols;
        }
    })
    .await;
    let mut events = server.events().unwrap();
    let url = format!("ws://{}/echo", server.local_addr());
    let long = "x".repeat(300);
    let arguments = ["gem.rb", "connect", &url, &number.to_string(), "Hello", "grüße", &long];
    let told = Peer::start("ruby", &arguments).events().await;
    within(server.shutdown()).await;
    let (mut findings, mut clean) = (Vec::new(), None);
    while let Ok(event) = events.try_recv() {
        match event.what {
            What::Endpoint(Event::Noticed(finding)) => findings.push(finding),
            What::Endpoint(Event::Failed { findings: found } | Event::Refused { findings: found, .. }) => {
                findings.extend(found);
            }
            What::Endpoint(Event::Closed { clean: was, .. }) => clean = Some(was),
            _ => {}
        }
    }
    (told, findings, clean)
}

/// What the gem writes in each of its numbers: the version that is agreed on, and how its frames differ from that
/// version's.
const WRITES: [(u16, Protocol, Option<&str>); 11] = [
    (75, Protocol::Hixie75, None),
    (76, Protocol::Hixie76, None),
    (1, Protocol::Hybi2, Some("hixie")),
    (2, Protocol::Hybi2, Some("hixie")),
    (3, Protocol::Hybi2, None),
    (4, Protocol::Hybi4, Some("bare")),
    (5, Protocol::Hybi5, Some("later-mask")),
    (6, Protocol::Hybi6, Some("later-mask")),
    (7, Protocol::Hybi7, None),
    (8, Protocol::Hybi8, None),
    (13, Protocol::Rfc6455, None),
];

#[tokio::test]
async fn the_gem_websocket_as_client_is_understood_and_what_it_writes_otherwise_is_said() {
    if !have_ruby() {
        return;
    }
    for (number, protocol, form) in WRITES {
        for protocols in [None, Some(vec![protocol])] {
            let (told, findings, clean) = ask(number, protocols).await;
            let texts: Vec<_> = told.iter().filter_map(|event| event["message"].as_str()).collect();
            assert_eq!(texts, ["Hello", "grüße", &"x".repeat(300)], "{number}: {told:?} {findings:?}");
            assert_eq!(told[0], json!({ "open": number }));
            let answered = told.iter().any(|event| event.get("close").is_some());
            assert_eq!(answered, protocol != Protocol::Hixie75, "{number}: {told:?}");
            assert_eq!(told[told.len() - 1], json!({ "ended": "stopped", "left": "" }), "{number}: {told:?}");
            assert_eq!(clean, Some(true), "{number}");
            let said: Vec<_> = findings.iter().filter(|finding| finding.rule == Rule::OtherFrames).collect();
            assert_eq!(
                said.iter().map(|finding| finding.facts.which()).collect::<Vec<_>>(),
                Vec::from_iter(form)
            );
        }
    }
}

#[tokio::test]
async fn versions_that_no_draft_has_are_refused() {
    if !have_ruby() {
        return;
    }
    for number in [9, 12] {
        let (told, findings, clean) = ask(number, None).await;
        assert_eq!(told.len(), 1, "{number}: {told:?}");
        assert_eq!(told[0]["head"], "HTTP/1.1 426 Upgrade Required", "{number}: {told:?}");
        assert!(!findings.is_empty() && clean.is_none(), "{number}: {findings:?}");
    }
}

/// A client's keys with which the gem's answer of hixie-76 is right: it cuts white space off both ends of key 3.
fn keys(key3: [u8; 8]) -> Secret {
    let [key1, key2] =
        ["18x 6]8vM;54 *(5:  {   U1]8  z [  8", "1_ tx7X d  <  nw  334J702) 7]o}` 0"].map(str::to_owned);
    Secret::Hixie76(Keys { key1, key2, key3, order: 0 })
}

#[tokio::test]
async fn the_gem_websocket_as_server() {
    if !have_ruby() {
        return;
    }
    for protocol in
        [Protocol::Hixie75, Protocol::Hixie76, Protocol::Hybi7, Protocol::Hybi8, Protocol::Rfc6455]
    {
        let mut server = Peer::start("ruby", &["gem.rb", "serve"]);
        let mut config = without_subprotocol(server.port().await, protocol);
        config.secret = (protocol == Protocol::Hixie76).then(|| keys(*b"Tm[K T2u"));
        let long = "grüße, 你好".repeat(50);
        let mut actions = vec![Command::text("Hello".to_owned()), Command::text(long.clone())];
        if protocol.version_number().is_some() {
            actions.push(Command::Ping(b"x".to_vec()));
        }
        let (outcome, came) = run(config, &script(actions)).await;
        assert!(outcome.is_good() && outcome.findings.is_empty(), "{protocol}: {outcome:?}");
        assert_eq!(came, [(Kind::Text, b"Hello".to_vec()), (Kind::Text, long.into())], "{protocol}");
        let told = server.events().await;
        let ended = if protocol == Protocol::Hixie75 { "eof" } else { "stopped" };
        assert_eq!(told[told.len() - 1], json!({ "ended": ended, "left": "" }), "{protocol}: {told:?}");
    }
}

#[tokio::test]
async fn the_gem_websocket_as_server_of_what_it_reads_otherwise() {
    if !have_ruby() {
        return;
    }
    // It takes a frame that is covered as a whole for one with the key behind the length. What it then sees is chance: it
    // gives up, or waits. Nobody waits for it for ever.
    for protocol in [Protocol::Hybi4, Protocol::Hybi5, Protocol::Hybi6] {
        let mut server = Peer::start("ruby", &["gem.rb", "serve"]);
        let hello =
            Script { timeout: Some(PATIENCE / 20), ..script(vec![Command::text("Hello".to_owned())]) };
        let (outcome, came) = run(without_subprotocol(server.port().await, protocol), &hello).await;
        assert!(!outcome.is_good() && came.is_empty(), "{protocol}: {outcome:?}");
    }
    // A frame of draft 2 for one of hixie-76.
    let mut server = Peer::start("ruby", &["gem.rb", "serve"]);
    let mut config = without_subprotocol(server.port().await, Protocol::Hybi2);
    config.secret = Some(keys(*b"Tm[K T2u"));
    let (outcome, came) = run(config, &script(vec![Command::text("Hello".to_owned())])).await;
    assert!(!outcome.is_good() && !outcome.timed_out && came.is_empty(), "{outcome:?}");
    assert_eq!(server.events().await[1], json!({ "error": "invalid_frame" }));
    // White space at an end of key 3.
    let mut server = Peer::start("ruby", &["gem.rb", "serve"]);
    let mut config = without_subprotocol(server.port().await, Protocol::Hixie76);
    config.secret = Some(keys(*b" m[K T2u"));
    match within(Client::connect(config)).await {
        Err(ConnectError::Invalid(findings)) => assert_eq!(findings[0].rule, Rule::AnswerWrong),
        other => panic!("{other:?}"),
    }
}
