//! Web servers of today between our client and our server: Apache's `mod_proxy_wstunnel` and nginx, which pass on what they do
//! not read, and lighttpd's `mod_wstunnel`, which takes the frames off.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process;

use framescope::endpoint::{Command, Event};
use framescope::live::{Client, News, Script};
use framescope::model::protocol::Protocol;
use framescope::model::rule::Rule;
use framescope::wire::deflate::{Offer, Params};
use framescope::wire::message::Kind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::common::{asking, serve, within};
use crate::peer::{Peer, accepts, free_port, local, missing};

/// Where a program of the system is, under one of its names.
fn program(names: &[&str]) -> Option<PathBuf> {
    let folders = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];
    let found = folders.iter().flat_map(|folder| names.iter().map(move |name| Path::new(folder).join(name)));
    let found = found.into_iter().find(|file| file.exists());
    if found.is_none() {
        missing(names[0]);
    }
    found
}

/// A web server with a configuration of its own, in a folder of its own.
struct WebServer {
    _peer: Peer,
    _folder: tempfile::TempDir,
    port: u16,
}

impl WebServer {
    /// `configuration` is given the port that it is to serve, and its folder.
    async fn start(
        program: &Path,
        arguments: &[&str],
        configuration: impl FnOnce(u16, &str) -> String,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Apache and nginx read it as another user than the one who wrote it.
        let _ = process::Command::new("chmod").arg("755").arg(folder.path()).status();
        let port = free_port();
        let file = folder.path().join("conf");
        std::fs::write(&file, configuration(port, &folder.path().to_string_lossy())).unwrap();
        let file = file.to_string_lossy();
        let arguments: Vec<&str> =
            arguments.iter().map(|given| if *given == "CONF" { &*file } else { *given }).collect();
        let peer = Peer::start(&program.to_string_lossy(), &arguments);
        accepts(port).await;
        Self { _peer: peer, _folder: folder, port }
    }
}

fn nginx(backend: SocketAddr) -> impl FnOnce(u16, &str) -> String {
    move |port, folder| {
        let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {folder}/{name};"))
            .join(" ");
        format!(
            "daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log; events {{}}
             http {{ access_log off; {paths}
               server {{ listen 127.0.0.1:{port}; location / {{
                 proxy_pass http://{backend}; proxy_http_version 1.1;
                 proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\"; }} }} }}\n"
        )
    }
}

fn apache(backend: SocketAddr) -> impl FnOnce(u16, &str) -> String {
    move |port, folder| {
        let modules = ["/usr/lib/apache2/modules", "/usr/lib64/httpd/modules"]
            .into_iter()
            .find(|folder| Path::new(folder).exists())
            .unwrap();
        let load: String = ["mpm_event", "authz_core", "unixd", "proxy", "proxy_wstunnel"]
            .map(|name| {
                // Some of them are built in here and there.
                format!("<IfModule !{name}_module>\nLoadModule {name}_module {modules}/mod_{name}.so\n</IfModule>\n")
            })
            .concat();
        format!(
            "ServerName localhost\nListen 127.0.0.1:{port}\nServerRoot {folder}\nDefaultRuntimeDir {folder}\n\
             PidFile {folder}/pid\nErrorLog {folder}/error.log\nMutex file:{folder} default\n{load}\
             User #65534\nGroup #65534\nProxyPass \"/\" \"ws://{backend}/\"\n"
        )
    }
}

/// Talks to a server of ours through a proxy, and checks that all arrives and comes back.
async fn check_proxy(name: &str, port: u16, server: &mut framescope::live::Server) {
    let mut events = server.events().unwrap();
    let mut config = asking(local(port), Protocol::Rfc6455);
    config.deflate = Some(Offer::default());
    let mut client = within(Client::connect(config)).await.unwrap();
    assert_eq!(client.agreement().subprotocol.as_deref(), Some("chat"), "{name}");
    assert!(client.agreement().deflate.is_some(), "{name}");
    let parts = ["frag-", "你好", "-three"].map(|part| part.as_bytes().to_vec());
    let actions = vec![
        Command::text("Hello".to_owned()),
        Command::binary(vec![7; 200_000]),
        Command::Ping(b"x".to_vec()),
        Command::Fragments(Kind::Text, parts.to_vec()),
    ];
    let outcome = within(client.run(&Script { actions, ..Script::default() }, &mut |_| ())).await.unwrap();
    assert!(outcome.is_good() && outcome.findings.is_empty(), "{name}: {outcome:?}");
    assert_eq!(outcome.code, 1000, "{name}");
    assert_eq!(crate::common::closed(&mut events).await, (true, 1000), "{name}");
}

#[tokio::test]
async fn through_nginx() {
    let Some(program) = program(&["nginx"]) else { return };
    let mut server = serve(|config| config.endpoint.policy.deflate = Some(Params::default())).await;
    let proxy = WebServer::start(&program, &["-c", "CONF"], nginx(server.local_addr())).await;
    check_proxy("nginx", proxy.port, &mut server).await;
    within(server.shutdown()).await;
}

#[tokio::test]
async fn through_apache() {
    let Some(program) = program(&["apache2", "httpd"]) else { return };
    let mut server = serve(|config| config.endpoint.policy.deflate = Some(Params::default())).await;
    let proxy = WebServer::start(&program, &["-X", "-f", "CONF"], apache(server.local_addr())).await;
    check_proxy("Apache", proxy.port, &mut server).await;
    within(server.shutdown()).await;
}

#[tokio::test]
async fn lighttpd_takes_the_frames_off() {
    let Some(program) = program(&["lighttpd"]) else { return };
    // What stands behind it knows nothing of WebSocket: it echoes bytes.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let backend = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                while let Ok(count @ 1..) = stream.read(&mut buffer).await {
                    stream.write_all(&buffer[..count]).await.unwrap();
                }
            });
        }
    });
    let configuration = |port: u16, folder: &str| {
        format!(
            "server.modules = (\"mod_wstunnel\")\nserver.document-root = \"{folder}\"\n\
             server.bind = \"127.0.0.1\"\nserver.port = {port}\nwstunnel.frame-type = \"text\"\n\
             wstunnel.server = ( \"/\" => (( \"host\" => \"127.0.0.1\", \"port\" => {backend} )) )\n"
        )
    };
    let server = WebServer::start(&program, &["-D", "-f", "CONF"], configuration).await;
    let mut config = asking(local(server.port), Protocol::Rfc6455);
    config.subprotocols.clear();
    let mut client = within(Client::connect(config.clone())).await.unwrap();
    let mut came = Vec::new();
    let mut told = |news: News<'_>| {
        if let News::Event(Event::Message { kind, data, .. }) = news {
            came.push((*kind, data.clone()));
        }
    };
    let script = Script { actions: vec![Command::binary(b"bytes".to_vec())], ..Script::default() };
    let outcome = within(client.run(&script, &mut told)).await.unwrap();
    assert!(outcome.is_answered(), "{outcome:?}");
    assert_eq!(came, [(Kind::Text, b"bytes".to_vec())], "it knows no kinds");
    // Version 1.4.69 writes the status of its close frame in letters.
    assert!(outcome.findings.iter().all(|finding| finding.rule == Rule::CloseCodeRange), "{outcome:?}");
    println!("{outcome:?}");

    // Its answer of hixie-76 has the numbers in the machine's order, where it still gives one.
    config.protocol = Protocol::Hixie76;
    assert!(within(Client::connect(config)).await.is_err());
}
