//! A server and a client of 2010 (hixie-76) talk through memory; prints who says what.
//!
//! `cargo run --no-default-features --example server_and_client_2010`

use std::error::Error;
use std::io::{self, Write};
use std::sync::Arc;

use framescope::endpoint::{self, Client, ClientConfig, Event, Move, Options, Pair, Server, ServerConfig};
use framescope::model::protocol::Protocol;
use framescope::wire::handshake::{Offer, Secret};

fn main() -> Result<(), Box<dyn Error>> {
    talk(&mut io::stdout().lock())
}

pub(crate) fn talk(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let offer = Offer::new(Protocol::Hixie76, "example.com", "/chat").fitted();
    let (mut random, options) = (endpoint::random(), Options::default());
    let secret = Secret::random(offer.protocol, &mut *random);
    let client = Client::new(ClientConfig { offer, options }, secret, random);
    let options = Options { echo: true, ..options };
    let server = Server::new(Arc::new(ServerConfig { options, ..ServerConfig::default() }));
    let mut pair = Pair::new(client, server);
    while let Some(what) = pair.next_move() {
        match &what {
            Move::Data(side, bytes) => writeln!(out, "{side} says {}", bytes.escape_ascii())?,
            Move::End(side) => writeln!(out, "{side} closes the connection")?,
        }
        pair.arrived(&what);
        match pair.client.poll_event() {
            Some(Event::Open { .. }) => pair.client.send_text("Hello")?,
            Some(Event::Message { .. }) => pair.client.close(None, "")?,
            _ => {}
        }
    }
    Ok(())
}
