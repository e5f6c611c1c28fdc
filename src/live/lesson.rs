//! Plays the connections of a lesson over sockets on loopback.
//!
//! The same script through memory gives the same bytes and the same items ([`rehearse`](crate::lesson::run::rehearse));
//! here they have real ports and real times, and whoever listens on the loopback interface sees them too.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::recorder::Recorder;
use crate::endpoint::Move;
use crate::lesson::run::Run;
use crate::lesson::script::{ScriptError, Talk};
use crate::model::protocol::Side;
use crate::said_in_english;
use crate::trace::End;
use crate::words::{Said, Words};

/// Why a lesson could not be played over sockets.
#[derive(Debug)]
pub enum LessonFailure {
    /// The script wants what cannot be done.
    Script(ScriptError),
    /// The sockets.
    Socket(io::Error),
}

impl std::error::Error for LessonFailure {}

impl From<ScriptError> for LessonFailure {
    fn from(error: ScriptError) -> Self {
        Self::Script(error)
    }
}

impl From<io::Error> for LessonFailure {
    fn from(error: io::Error) -> Self {
        Self::Socket(error)
    }
}

impl Said for LessonFailure {
    fn said(&self, words: Words) -> String {
        match self {
            Self::Script(error) => words.with("failure-script", &[("error", error.said(words).into())]),
            Self::Socket(error) => {
                words.with("failure-lesson-sockets", &[("error", error.to_string().into())])
            }
        }
    }
}

said_in_english!(LessonFailure);

/// Nothing on loopback takes so long.
const PATIENCE: Duration = Duration::from_secs(10);

/// Plays connections one after the other and records what the client's socket writes and reads. Each takes a free port of
/// its own.
///
/// # Errors
/// Where a script cannot be played, or a socket fails.
pub async fn play(talks: &[Talk], recorder: &Recorder) -> Result<(), LessonFailure> {
    for talk in talks {
        play_one(talk, recorder).await?;
    }
    Ok(())
}

async fn play_one(talk: &Talk, recorder: &Recorder) -> Result<(), LessonFailure> {
    let mut run = Run::new(talk)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let (client, server) = tokio::try_join!(TcpStream::connect(address), listener.accept())?;
    let tap = recorder.tap(client.local_addr()?, address);
    let mut sockets = [client, server.0];
    while let Some(step) = run.next_move()? {
        let [client, server] = &mut sockets;
        match &step {
            Move::Data(side, bytes) => {
                let (from, to) = if *side == Side::Client { (client, server) } else { (server, client) };
                let mut arrived = vec![0; bytes.len()];
                // Both at once: what is larger than the sockets' buffers is read while it is written.
                let carried = async { tokio::try_join!(from.write_all(bytes), to.read_exact(&mut arrived)) };
                timeout(PATIENCE, carried).await.map_err(io::Error::from)??;
                tap.data(*side, &arrived);
                run.arrived(&Move::Data(*side, arrived));
            }
            Move::End(side) => {
                let from = if *side == Side::Client { client } else { server };
                from.shutdown().await?;
                tap.end(*side, End::Fin);
                run.arrived(&step);
            }
        }
    }
    Ok(())
}
