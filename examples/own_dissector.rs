//! A dissector of your own, over bytes from anywhere, in any pieces: prints items, fields, findings, derivations.
//!
//! `cargo run --no-default-features --example own_dissector`

use std::error::Error;
use std::io::{self, Write};

use framescope::model::field::Field;
use framescope::model::protocol::{Protocol, Side};
use framescope::trace::{self, Timestamp, Trace};
use framescope::words::Words;

fn main() -> Result<(), Box<dyn Error>> {
    dissect(&mut io::stdout().lock())
}

pub(crate) fn dissect(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let (mut trace, words) = (Trace::default(), Words::english());
    let talk = trace.open_as(Protocol::Rfc6455, None); // With a handshake in the bytes: `open`.
    trace.feed(talk, Side::Client, &[0x81, 0x85, 0x37, 0xFA], Timestamp(0));
    trace.feed(talk, Side::Client, &[0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58], Timestamp(20_000_000));
    trace.feed(talk, Side::Server, &[0x89, 0x82, 0x01, 0x02, 0x03, 0x04, 0x69, 0x6B], Timestamp(35_000_000));
    trace.finish();
    for talk in trace.conversations() {
        for (number, item) in talk.items.iter() {
            writeln!(out, "{} {} {}", talk.time_of(item).seconds(3), item.side, item.kind.id())?;
            for field in trace::fields(talk, &trace.store, number).iter().flat_map(Field::leaves) {
                writeln!(out, "  bits {}: {} {}", field.bits, field.kind.name, words.value(&field.value))?;
            }
            for finding in talk.findings_of(number) {
                writeln!(out, "  {finding}")?;
            }
            for derived in trace::derivations(talk, &trace.store, number) {
                writeln!(out, "  {} in {} steps", derived.id, derived.steps.len())?;
            }
        }
    }
    Ok(())
}
