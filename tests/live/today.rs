//! Software of today, in the roles that it has: ws and Socket.IO for Node.js; ws4py, websockets, aiohttp, tornado and
//! PyWebSocket for Python; WebSocket++ for C++; libwebsockets' test server.

use std::path::Path;

use framescope::endpoint::{Command, Event};
use framescope::live::{Client, ClientConfig, Input, News, Outcome, Script};
use framescope::model::protocol::Protocol;
use framescope::wire::deflate::{Offer, Params};
use framescope::wire::message::Kind;
use serde_json::{Value, json};

use crate::common::{asking, closed, serve, within};
use crate::peer::{Peer, accepts, free_port, have, local, missing, runs};

/// The system's Python, for which the system's packages are.
const PYTHON: &str = "/usr/bin/python3";

fn have_python() -> bool {
    runs(PYTHON, &["today.py", "versions"]) || missing("ws4py, websockets, aiohttp and tornado")
}

/// Runs a script, and returns its outcome, the texts and the lengths of the binary messages that came, and whether
/// messages were compressed.
async fn run(config: ClientConfig, script: &Script) -> (Outcome, Vec<String>, bool) {
    let mut client = within(Client::connect(config)).await.unwrap();
    let deflates = client.agreement().deflate.is_some();
    let mut came = Vec::new();
    let mut told = |news: News<'_>| {
        if let News::Event(Event::Message { kind, data, .. }) = news {
            came.push(match kind {
                Kind::Text => String::from_utf8(data.clone()).unwrap(),
                _ => format!("{} bytes", data.len()),
            });
        }
    };
    let outcome = within(client.run(script, &mut told)).await.unwrap();
    (outcome, came, deflates)
}

fn texts(script: &[&str]) -> Vec<Command> {
    script.iter().map(|text| Command::text((*text).to_owned())).collect()
}

/// Talks to an echo server on a port, with and without compression; whether it compresses.
async fn check_server(name: &str, port: u16) -> bool {
    let mut compressed = false;
    for deflate in [None, Some(Offer::default())] {
        let mut config = asking(local(port), Protocol::Rfc6455);
        config.deflate = deflate;
        let mut actions = texts(&["Hello", "Hello", "grüße, 你好"]);
        actions.push(Command::binary(vec![7; 70_000]));
        actions.push(Command::Ping(b"x".to_vec()));
        let parts = ["frag-", "你好", "-three"].map(|part| part.as_bytes().to_vec());
        actions.push(Command::Fragments(Kind::Text, parts.to_vec()));
        let (outcome, came, deflates) = run(config, &Script { actions, ..Script::default() }).await;
        assert_eq!(came, ["Hello", "Hello", "grüße, 你好", "70000 bytes", "frag-你好-three"], "{name}");
        assert!(outcome.is_good() && outcome.findings.is_empty(), "{name}: {outcome:?}");
        assert_eq!(outcome.code, 1000, "{name}");
        compressed |= deflates;
    }
    compressed
}

/// Lets a client talk to a server of ours, and checks what it tells.
async fn check_client(name: &str, program: &str, arguments: &[&str], expected: &[&str]) {
    for deflate in [None, Some(Params::default())] {
        let mut server = serve(|config| config.endpoint.policy.deflate = deflate).await;
        let mut events = server.events().unwrap();
        let url = format!("ws://{}/chat", server.local_addr());
        let told = Peer::start(program, &[arguments, &[&url]].concat()).report().await;
        assert_eq!((&told["came"], &told["close_code"]), (&json!(expected), &json!(1000)), "{name}: {told}");
        assert!(closed(&mut events).await.0, "{name}");
        within(server.shutdown()).await;
    }
}

#[tokio::test]
async fn ws_in_both_roles() {
    if !have("node", "node_modules/ws") {
        return;
    }
    let mut server = Peer::start("node", &["today.mjs", "serve-ws"]);
    let port = server.port().await;
    assert!(check_server("ws", port).await);
    check_client(
        "ws",
        "node",
        &["today.mjs", "connect-ws"],
        &["grüße, 你好", "70000 bytes", "frag-你好-three"],
    )
    .await;
}

#[tokio::test]
async fn libraries_of_python_as_clients() {
    if !have_python() {
        return;
    }
    for library in ["ws4py", "websockets", "aiohttp", "tornado"] {
        let fragments = matches!(library, "ws4py" | "websockets");
        let expected = &["grüße, 你好", "76800 bytes", "frag-你好-three"][..2 + usize::from(fragments)];
        check_client(library, PYTHON, &["today.py", "connect", library], expected).await;
    }
}

#[tokio::test]
async fn libraries_of_python_as_servers() {
    if !have_python() {
        return;
    }
    for library in ["websockets", "aiohttp", "tornado"] {
        let mut server = Peer::start(PYTHON, &["today.py", "serve", library]);
        let port = server.port().await;
        assert!(check_server(library, port).await, "{library} does not compress");
    }
}

#[tokio::test]
async fn pywebsocket_as_server() {
    if !runs("env", &["PYTHONPATH=site", "python3", "-c", "import pywebsocket3"]) {
        missing("pywebsocket3");
        return;
    }
    let port = free_port();
    let command = "PYTHONPATH=site python3 -m pywebsocket3.standalone -H 127.0.0.1 -d pywebsocket -p";
    let command: Vec<&str> = command.split(' ').collect();
    let _server = Peer::start("env", &[&command[..], &[&port.to_string()]].concat());
    accepts(port).await;
    assert!(check_server("pywebsocket3", port).await);
}

#[tokio::test]
async fn websocketpp_as_server() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("websocketpp").to_string_lossy().into_owned();
    if !runs("c++", &["-std=c++11", "-O0", "-pthread", "websocketpp.cpp", "-o", &program]) {
        missing("a compiler of C++ and WebSocket++");
        return;
    }
    let mut server = Peer::start(&program, &[]);
    let port = server.port().await;
    assert!(!check_server("WebSocket++", port).await, "it was built without compression");
}

#[tokio::test]
async fn socket_io_over_a_plain_websocket() {
    if !have("node", "node_modules/socket.io") {
        return;
    }
    let mut server = Peer::start("node", &["today.mjs", "serve-socket.io"]);
    let url = format!("ws://127.0.0.1:{}/socket.io/?EIO=4&transport=websocket", server.port().await);
    let config = ClientConfig { protocol: Protocol::Rfc6455, ..ClientConfig::new(url.parse().unwrap()) };
    // Its events are for a namespace, and are refused before that is open.
    let mut client = within(Client::connect(config)).await.unwrap();
    let (say, mut said) = tokio::sync::mpsc::channel(8);
    let mut came = Vec::new();
    let mut told = |news: News<'_>| {
        if let News::Event(Event::Message { data, .. }) = news {
            let text = String::from_utf8(data.clone()).unwrap();
            let next = match text.get(..2) {
                Some("40") => texts(&[r#"42["echo","Hello",1]"#, r#"420["add",2,40]"#]),
                _ => Vec::new(),
            };
            if !next.is_empty() {
                for command in next {
                    say.try_send(Input::Send(command)).unwrap();
                }
                say.try_send(Input::Last).unwrap();
            }
            came.push(text);
        }
    };
    let script = Script { actions: texts(&["40"]), answers: Some(2), ..Script::default() };
    let outcome = within(client.converse(&script, Some(&mut said), &mut told)).await.unwrap();
    assert!(outcome.is_good() && outcome.findings.is_empty(), "{outcome:?} {came:?}");
    let open: Value = serde_json::from_str(came[0].strip_prefix('0').unwrap()).unwrap();
    assert!(open["sid"].is_string() && came[1].starts_with("40{"), "{came:?}");
    assert_eq!(came[2..], [r#"42["echoed","Hello",1]"#, "430[42]"]);
}

#[tokio::test]
async fn libwebsockets_counts_in_its_own_subprotocol() {
    const SERVER: &str = "/usr/bin/libwebsockets-test-server";
    if !Path::new(SERVER).exists() {
        // Debian has it as a package.
        let _ = Path::new("/etc/debian_version").exists() && missing(SERVER);
        return;
    }
    let port = free_port();
    let _server = Peer::start(SERVER, &["-p", &port.to_string(), "-i", "127.0.0.1"]);
    accepts(port).await;
    let mut config = asking(local(port), Protocol::Rfc6455);
    config.subprotocols = vec!["dumb-increment-protocol".to_owned()];
    let script = Script { answers: Some(3), ..Script::default() };
    let (outcome, came, _) = run(config, &script).await;
    assert!(outcome.findings.is_empty(), "{outcome:?}");
    let numbers: Vec<u32> = came.iter().map(|text| text.parse().unwrap()).collect();
    assert!(numbers.len() >= 3 && numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "{numbers:?}");
}
