//! A server that makes one mistake, on a socket.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::recorder::{Recorder, Tap};
use crate::endpoint::{self, Fault};
use crate::model::protocol::Side;
use crate::trace::End;

/// A server that makes one mistake on every connection. Dropping it ends them.
#[derive(Debug)]
pub struct FaultyServer {
    local: SocketAddr,
    _listener: JoinSet<()>,
}

/// So many connections at once; who comes then waits.
const CONNECTIONS: usize = 64;
/// A connection on which nothing happens for this long is dropped.
const IDLE: Duration = Duration::from_mins(5);

impl FaultyServer {
    /// Listens, and begins to accept.
    ///
    /// # Errors
    /// Where the address cannot be listened at.
    pub async fn bind(
        address: SocketAddr,
        fault: &'static Fault,
        recorder: Option<Recorder>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let local = listener.local_addr()?;
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, fault, recorder));
        Ok(Self { local, _listener: tasks })
    }

    /// Where it listens.
    pub const fn local_addr(&self) -> SocketAddr {
        self.local
    }
}

async fn accept(listener: TcpListener, fault: &'static Fault, recorder: Option<Recorder>) {
    let mut connections = JoinSet::new();
    loop {
        while connections.len() >= CONNECTIONS {
            connections.join_next().await;
        }
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let tap = recorder.as_ref().map(|recorder| recorder.tap(peer, stream.local_addr().unwrap_or(peer)));
        connections.spawn(async move {
            // How a connection ended is in the recording; there is nobody here to be told.
            let _ = serve(stream, endpoint::FaultyServer::new(fault), tap).await;
        });
    }
}

async fn serve(
    mut stream: TcpStream,
    mut machine: endpoint::FaultyServer,
    tap: Option<Tap>,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    let mut ended = false;
    while !machine.wants_close() {
        let read = timeout(IDLE, stream.read(&mut buffer)).await.map_err(io::Error::from)??;
        let bytes = buffer.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            ended = true;
            machine.end_of_input();
        } else {
            if let Some(tap) = &tap {
                tap.data(Side::Client, bytes);
            }
            machine.receive(bytes);
        }
        let out = machine.take_output();
        if let Some(tap) = &tap {
            tap.data(Side::Server, &out);
        }
        stream.write_all(&out).await?;
    }
    stream.shutdown().await?;
    if let Some(tap) = &tap {
        tap.end(Side::Server, End::Fin);
    }
    // What is still on its way is read for a moment: closing a socket with bytes unread would throw away what the peer
    // has not read yet.
    while !ended
        && timeout(Duration::from_secs(1), stream.read(&mut buffer))
            .await
            .is_ok_and(|read| read.is_ok_and(|n| n > 0))
    {}
    if let Some(tap) = &tap {
        tap.end(Side::Client, End::Fin);
    }
    Ok(())
}
