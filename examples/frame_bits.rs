//! Takes a frame apart and prints each of its bits with the field that it belongs to.
//!
//! `cargo run --no-default-features --example frame_bits 88 02 03 e8`

use std::error::Error;
use std::io::{self, Write};

use framescope::capture::typed::parse_hex;
use framescope::wire::frame::hybi;

/// "Hello" as a client sends it, masked (RFC 6455 section 5.7).
const HELLO: &str = "81 85 37 fa 21 3d 7f 9f 4d 51 58";

fn main() -> Result<(), Box<dyn Error>> {
    let typed: Vec<String> = std::env::args().skip(1).collect();
    let hex = if typed.is_empty() { HELLO.to_owned() } else { typed.join(" ") };
    print(&hex, &mut io::stdout().lock())
}

pub(crate) fn print(hex: &str, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let bytes = parse_hex(hex)?;
    let frame = hybi::fields(&bytes, false);
    for field in frame.leaves() {
        for (bit, value) in field.bits.of(&bytes) {
            let (name, section) = (field.kind.name, field.kind.section);
            writeln!(out, "{bit:4}  {}  {name} ({section})", u8::from(value))?;
        }
    }
    Ok(())
}
