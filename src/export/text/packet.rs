//! One packet of a capture: the headers around the bytes of a stream.

use std::io::{self, Write};

use super::ladder::{INDENT, write_finding};
use super::{Options, Progress, draw, tree};
use crate::capture::{Layers, Packet};
use crate::export::hexdump;
use crate::view::diagram::{self, layout};
use crate::view::fit;

/// Writes a packet: when it was recorded, its layers as a bit diagram, their findings, and as the options say its
/// fields and its bytes.
pub fn write_packet(
    out: &mut dyn Write,
    packet: &Packet<'_>,
    layers: &Layers,
    progress: &mut Progress,
    options: &Options,
) -> io::Result<()> {
    let bold = options.paint.bold();
    let recorded = packet.bytes.len() as u64;
    write!(
        out,
        "{bold}Packet {}{bold:#}  {}  {}, {}",
        packet.number,
        packet.time.seconds(packet.digits),
        packet.link,
        fit::count(recorded, "byte"),
    )?;
    if recorded < u64::from(packet.original) {
        write!(out, " of {}", packet.original)?;
    }
    writeln!(out)?;
    for finding in &layers.findings {
        write_finding(out, finding, INDENT, options)?;
    }
    if !options.brief {
        let diagram = layout(&layers.tree, packet.bytes, diagram::Options::default());
        for line in draw::diagram_text(&diagram, options.paint).lines() {
            writeln!(out, "{INDENT}{}", line.trim_end())?;
        }
    }
    if options.fields {
        tree::write(out, &layers.tree, options)?;
        progress.note_kinds(&layers.tree);
    }
    if options.hex {
        hexdump::write(out, packet.bytes, 0, INDENT)?;
    }
    writeln!(out)
}
