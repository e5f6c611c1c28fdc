//! One packet of a capture: the headers around the bytes of a stream.

use std::io::{self, Write};

use super::ladder::{INDENT, write_finding};
use super::{Options, Progress, draw, tree};
use crate::capture::{Layers, Packet};
use crate::export::hexdump;
use crate::view::diagram::{self, layout};

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
        "{bold}{}{bold:#}  {}  {}, ",
        options.words.with("ladder-packet", &[("packet", packet.number.to_string().into())]),
        packet.time.seconds(packet.digits),
        packet.link,
    )?;
    let bytes = options.words.count("count-bytes", recorded);
    if recorded < u64::from(packet.original) {
        let values = [("recorded", bytes.into()), ("whole", packet.original.to_string().into())];
        writeln!(out, "{}", options.words.with("detail-packet-part", &values))?;
    } else {
        writeln!(out, "{bytes}")?;
    }
    for finding in &layers.findings {
        write_finding(out, finding, INDENT, options)?;
    }
    if !options.brief {
        let diagram = layout(&layers.tree, packet.bytes, diagram::Options::default());
        for line in draw::diagram_text(&diagram, options.paint, options.words).lines() {
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
