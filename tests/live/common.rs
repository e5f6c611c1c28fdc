//! What the live tests have in common.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use framescope::endpoint::WsUrl;
use framescope::endpoint::{Event, Show};
use framescope::live::{Client, ClientConfig, Server, ServerConfig, ServerEvent, What};
use framescope::model::protocol::Protocol;
use tokio::sync::mpsc::Receiver;

/// Whatever a test waits for, it waits no longer than this.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("nothing happened for too long")
}

/// An echo server on a free port that shows whole messages.
pub(crate) async fn serve(change: impl FnOnce(&mut ServerConfig)) -> Server {
    let mut config = ServerConfig { listen: "127.0.0.1:0".parse().unwrap(), ..ServerConfig::default() };
    config.endpoint.options.show = Show::Whole;
    config.endpoint.policy.subprotocols = vec!["chat".to_owned()];
    change(&mut config);
    Server::bind(config).await.unwrap()
}

pub(crate) fn url(address: SocketAddr) -> WsUrl {
    format!("ws://{address}/chat").parse().unwrap()
}

pub(crate) fn asking(address: SocketAddr, protocol: Protocol) -> ClientConfig {
    ClientConfig { protocol, subprotocols: vec!["chat".to_owned()], ..ClientConfig::new(url(address)) }
}

pub(crate) async fn connect(address: SocketAddr, protocol: Protocol) -> Client {
    within(Client::connect(asking(address, protocol))).await.unwrap()
}

/// The next event of a server that `wanted` wants.
pub(crate) async fn next_of<T>(
    events: &mut Receiver<ServerEvent>,
    mut wanted: impl FnMut(&What) -> Option<T>,
) -> T {
    within(async {
        loop {
            let event = events.recv().await.expect("the server is gone");
            if let Some(found) = wanted(&event.what) {
                return found;
            }
        }
    })
    .await
}

/// Waits until a connection of the server is over, and returns how.
pub(crate) async fn closed(events: &mut Receiver<ServerEvent>) -> (bool, u16) {
    next_of(events, |what| match what {
        What::Endpoint(Event::Closed { clean, code }) => Some((*clean, *code)),
        _ => None,
    })
    .await
}

/// Whether a close says why, in this version.
pub(crate) fn closes_with_code(protocol: Protocol) -> bool {
    protocol.dialect().is_some_and(|dialect| dialect.closing.has_codes())
}
