//! Peers that others wrote, in JavaScript and in Python: libraries of the time, and one that makes mistakes on purpose.

use std::process;

use framescope::endpoint::{Command, Event};
use framescope::live::{Client, ClientConfig, ConnectError, Script, What};
use framescope::model::field::hex;
use framescope::model::protocol::Protocol;
use framescope::model::rule::Rule;
use framescope::wire::deflate::{Offer, Params};
use framescope::wire::handshake::Secret;
use framescope::wire::message::Kind;
use serde_json::Value;

use crate::common::{PATIENCE, asking, closed, serve, within};
use crate::peer::{Peer, have, local, peers};

#[tokio::test]
async fn websocket_driver_as_server_of_every_version_that_it_speaks() {
    if !have("node", "node_modules/websocket-driver") {
        return;
    }
    let mut peer = Peer::start("node", &["server.mjs", "0"]);
    let address = local(peer.port().await);
    for protocol in
        [Protocol::Hixie75, Protocol::Hixie76, Protocol::Hybi7, Protocol::Hybi8, Protocol::Rfc6455]
    {
        let mut config = asking(address, protocol);
        let hybi = protocol.version_number().is_some();
        if !hybi {
            config.subprotocols.clear(); // It chooses none in hixie-75.
        }
        let mut client = within(Client::connect(config)).await.unwrap();
        assert_eq!(client.agreement().subprotocol.as_deref(), hybi.then_some("chat"), "{protocol}");
        let mut actions = vec![Command::text("Hello".to_owned()), Command::text("grüße, 你好".repeat(9000))];
        if hybi {
            actions.push(Command::binary(vec![0; 300]));
            actions.push(Command::Ping(b"x".to_vec()));
            actions.push(Command::Fragments(Kind::Text, vec![b"a".to_vec(), b"b".to_vec()]));
        }
        let outcome =
            within(client.run(&Script { actions, ..Script::default() }, &mut |_| ())).await.unwrap();
        assert!(outcome.is_good() && outcome.findings.is_empty(), "{protocol}: {outcome:?}");
    }
}

#[tokio::test]
async fn javascript_clients() {
    if !have("node", "node_modules/websocket-driver") {
        return;
    }
    for protocol in ["rfc6455", "hybi-8", "hixie-76"] {
        let mut server = serve(|_| ()).await;
        let mut events = server.events().unwrap();
        let url = format!("ws://{}/chat", server.local_addr());
        let mut peer = Peer::start("node", &["client.mjs", &url, protocol, "Hello", "grüße"]);
        let mut echoed = Vec::new();
        while let Some(line) = peer.line().await {
            let line: Value = serde_json::from_str(&line).unwrap();
            assert!(line.get("error").is_none(), "{protocol}: {line}");
            echoed.extend(line.get("message").and_then(Value::as_str).map(str::to_owned));
        }
        assert_eq!(echoed, ["Hello", "grüße"], "{protocol}");
        let (clean, _) = closed(&mut events).await;
        assert!(clean, "{protocol}");
        within(server.shutdown()).await;
    }
}

/// What the careful peer speaks. The drafts between hixie-76 and hybi-07 have a peer of their own.
const CAREFUL: [Protocol; 5] =
    [Protocol::Hixie75, Protocol::Hixie76, Protocol::Hybi7, Protocol::Hybi8, Protocol::Rfc6455];

#[tokio::test]
async fn a_careful_python_peer_of_every_version() {
    if !have("python3", "faulty.py") {
        return;
    }
    for protocol in CAREFUL {
        let mut server = serve(|config| config.endpoint.policy.deflate = Some(Params::default())).await;
        let mut events = server.events().unwrap();
        let url = format!("ws://{}/chat", server.local_addr());
        let mut arguments = vec!["faulty.py", "connect", "careful", &url, "--protocol", protocol.id()];
        if protocol == Protocol::Rfc6455 {
            arguments.push("--deflate");
        }
        let report = Peer::start("python3", &arguments).report().await;
        assert_eq!(report["ended"], "eof", "{protocol}: {report}");
        assert!(closed(&mut events).await.0, "{protocol}");
        within(server.shutdown()).await;

        let mut peer =
            Peer::start("python3", &["faulty.py", "serve", "careful", "--deflate", "--subprotocol", "chat"]);
        let mut config = asking(local(peer.port().await), protocol);
        config.deflate = Some(Offer::default());
        if protocol.version_number().is_none() {
            config.subprotocols.clear(); // It chooses none in the hixie versions.
        }
        let mut client = within(Client::connect(config)).await.unwrap();
        assert_eq!(client.agreement().deflate.is_some(), protocol == Protocol::Rfc6455);
        let actions = vec![Command::text("Hello".to_owned()), Command::text("Hello".to_owned())];
        let outcome =
            within(client.run(&Script { actions, ..Script::default() }, &mut |_| ())).await.unwrap();
        assert!(outcome.is_good() && outcome.findings.is_empty(), "{protocol}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_python_peer_of_the_drafts_between() {
    if !have("python3", "drafts.py") {
        return;
    }
    let fragments = || ["grü", "", "ße"].map(|part| part.as_bytes().to_vec()).to_vec();
    let came = |pong: bool| {
        let all = [
            ("text", b"Hello".to_vec()),
            ("binary", vec![0; 300]),
            ("pong", b"?".to_vec()),
            ("text", fragments().concat()),
        ];
        let wanted = all.into_iter().filter(|(kind, _)| pong || *kind != "pong");
        wanted
            .map(|(kind, bytes)| [kind.to_owned(), hex(&bytes)].into_iter().collect::<Value>())
            .collect::<Value>()
    };
    for (protocol, goodbye) in
        [(Protocol::Hybi2, ""), (Protocol::Hybi4, ""), (Protocol::Hybi5, "43"), (Protocol::Hybi6, "03e8")]
    {
        let mut server = serve(|_| ()).await;
        let mut events = server.events().unwrap();
        let url = format!("ws://{}/chat", server.local_addr());
        let report = Peer::start("python3", &["drafts.py", "connect", &url, protocol.id()]).report().await;
        assert_eq!(report["came"], came(true), "{protocol}: {report}");
        assert_eq!(
            (&report["close"], &report["ended"]),
            (&goodbye.into(), &"eof".into()),
            "{protocol}: {report}"
        );
        assert!(closed(&mut events).await.0, "{protocol}");
        within(server.shutdown()).await;

        let mut peer = Peer::start("python3", &["drafts.py", "serve"]);
        let mut config = asking(local(peer.port().await), protocol);
        config.subprotocols.clear(); // It chooses none.
        let mut client = within(Client::connect(config)).await.unwrap();
        let actions = vec![
            Command::text("Hello".to_owned()),
            Command::binary(vec![0; 300]),
            Command::Ping(b"?".to_vec()),
            Command::Fragments(Kind::Text, fragments()),
        ];
        let outcome =
            within(client.run(&Script { actions, ..Script::default() }, &mut |_| ())).await.unwrap();
        assert!(outcome.is_good() && outcome.findings.is_empty(), "{protocol}: {outcome:?}");
        let report = peer.report().await;
        assert_eq!(report["came"], came(false), "{protocol}: {report}");
        assert_eq!(
            (&report["close"], &report["protocol"]),
            (&goodbye.into(), &protocol.id().into()),
            "{report}"
        );
    }
}

/// The mistakes of one role.
fn mistakes(role: &str) -> Vec<Value> {
    let output =
        process::Command::new("python3").args(["faulty.py", "list"]).current_dir(peers()).output().unwrap();
    let list: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let list: Vec<_> = list.into_iter().filter(|mistake| mistake["role"] == role).collect();
    assert!(list.len() > 20);
    list
}

/// The rule that an endpoint is to find: of those that make it give up.
fn rule_of(mistake: &Value) -> Option<Rule> {
    let gives_up = mistake["reaction"] != "go-on";
    let rule = Rule::from_id(mistake["rule"].as_str()?)?;
    // What stands in a body that is not read, or is a matter of the recording, an endpoint does not look at.
    let sees = !rule.id().starts_with("http.body") && !rule.id().starts_with("stream");
    (gives_up && sees).then_some(rule)
}

#[tokio::test]
async fn a_server_holds_its_ground_against_every_mistake() {
    if !have("python3", "faulty.py") {
        return;
    }
    let mut wrong = Vec::new();
    for mistake in mistakes("client") {
        let name = mistake["name"].as_str().unwrap();
        let options = &mistake["options"];
        let mut server = serve(|config| {
            config.endpoint.policy.deflate =
                Some(Params::default()).filter(|_| options.get("deflate").is_some());
            config.endpoint.policy.origins =
                options.get("origins").map(|_| vec!["http://museum.example".to_owned()]);
            config.endpoint.options.max_message = 1 << 20;
        })
        .await;
        let mut events = server.events().unwrap();
        let url = format!("ws://{}/chat", server.local_addr());
        let report = Peer::start("python3", &["faulty.py", "connect", name, &url]).report().await;
        within(server.shutdown()).await;
        let mut rules = Vec::new();
        while let Ok(event) = events.try_recv() {
            match event.what {
                What::Endpoint(Event::Failed { findings } | Event::Refused { findings, .. }) => {
                    rules.extend(findings.into_iter().map(|finding| finding.rule));
                }
                What::Endpoint(Event::Noticed(finding)) => rules.push(finding.rule),
                _ => {}
            }
        }
        let mut says = |what: String| wrong.push(format!("{name}: {what}; rules {rules:?}; {report}"));
        match mistake["reaction"].as_str() {
            Some("close") if report["close_code"] != mistake["expect_close"] => {
                says("another close code".to_owned());
            }
            Some("refuse") if report["status"] != mistake["expect_status"] => {
                says("another status".to_owned());
            }
            Some(reaction) if reaction != "go-on" && report["ended"] == "timeout" => {
                says("it went on".to_owned());
            }
            _ => {}
        }
        if let Some(rule) = rule_of(&mistake).filter(|rule| !rules.contains(rule)) {
            says(format!("{rule} was not found"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_client_holds_its_ground_against_every_mistake() {
    if !have("python3", "faulty.py") {
        return;
    }
    let mut wrong = Vec::new();
    for mistake in mistakes("server") {
        let name = mistake["name"].as_str().unwrap();
        let Ok(protocol) = mistake["protocol"].as_str().unwrap().parse::<Protocol>() else { continue };
        if !Protocol::WEBSOCKET.contains(&protocol) {
            continue;
        }
        let options = &mistake["options"];
        let mut peer = Peer::start("python3", &["faulty.py", "serve", name]);
        let mut config =
            ClientConfig { protocol, ..ClientConfig::new(crate::common::url(local(peer.port().await))) };
        if options.get("subprotocols").is_some() {
            config.subprotocols = vec!["chat".to_owned()];
        }
        config.deflate = options.get("deflate").map(|_| Offer::default());
        config.secret = options.get("key").and_then(Value::as_str).map(|key| Secret::Hybi(key.to_owned()));
        config.options.max_message = 1 << 20;
        let mut actions = vec![Command::text("Hello".to_owned())];
        if let Some(ping) = options.get("ping").and_then(Value::as_str) {
            actions.push(Command::Ping(ping.as_bytes().to_vec()));
        }
        let script = Script { actions, timeout: Some(PATIENCE / 10), ..Script::default() };
        let mut rules = Vec::new();
        match within(Client::connect(config)).await {
            Ok(mut client) => {
                let outcome = within(client.run(&script, &mut |_| ())).await.unwrap();
                rules.extend(outcome.findings.into_iter().map(|finding| finding.rule));
            }
            Err(ConnectError::Refused { findings, .. } | ConnectError::Invalid(findings)) => {
                rules.extend(findings.into_iter().map(|finding| finding.rule));
            }
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
        let report = peer.report().await;
        if mistake["reaction"] == "close" && report["close_code"] != mistake["expect_close"] {
            wrong.push(format!("{name}: another close code; rules {rules:?}; {report}"));
        }
        if let Some(rule) = rule_of(&mistake).filter(|rule| !rules.contains(rule)) {
            wrong.push(format!("{name}: {rule} was not found; rules {rules:?}; {report}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
