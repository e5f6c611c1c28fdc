//! Prints the messages of a capture, those in carried conversations (behind a proxy, say) too.
//!
//! `cargo run --no-default-features --example messages FILE`

use std::error::Error;
use std::io::{self, Write};

use framescope::capture;
use framescope::trace::PayloadReader;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1);
    print(path.as_deref().unwrap_or("captures/proxy-connect-chromium-ws8.pcapng"), &mut io::stdout().lock())
}

pub(crate) fn print(path: &str, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let mut loader = capture::open(path, &capture::Options::default())?;
    loader.read_all()?;
    let trace = loader.into_trace();
    for (index, talk) in trace.conversations().iter().enumerate() {
        write!(out, "conversation {}: {}, {} to {}", index + 1, talk.protocol, talk.client, talk.server)?;
        match &talk.carrier {
            Some(carrier) => writeln!(out, ", carried by conversation {}", carrier.conversation + 1)?,
            None => writeln!(out)?,
        }
        let mut reader = PayloadReader::default();
        for (number, message) in talk.messages.iter() {
            write!(out, "  {} {}: ", message.side, message.kind.id())?;
            match reader.bytes(talk, &trace.store, number) {
                Ok(payload) => writeln!(out, "{:?}", String::from_utf8_lossy(&payload))?,
                Err(error) => writeln!(out, "{error}")?,
            }
        }
    }
    Ok(())
}
