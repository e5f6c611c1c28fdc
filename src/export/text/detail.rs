//! What stands below an item's line: the bits, the text, how values follow, the message.

use std::io::{self, Write};

use super::ladder::{INDENT, Row, dump};
use super::{Options, Progress, diagram_text, tree, unmasking_text};
use crate::export::hexdump;
use crate::model::derive::{Derivation, Input, Step};
use crate::model::field::Field;
use crate::trace::{self, ItemKind, Layer, MessageKind, close_body};
use crate::view::diagram::{self, layout};
use crate::view::fit::{self, push};
use crate::view::fold;
use crate::view::line::items;
use crate::wire::Parse;
use crate::wire::http::{MAX_HEAD, parse_head};
use crate::wire::utf8::DERIVED_CHARACTERS;

/// How many lines of 16 bytes of a payload, a body or unparsed bytes are shown.
fn lines(options: &Options) -> usize {
    if options.all { usize::MAX } else { fold::LINES }
}

/// Writes everything below an item's line but its findings. Whether there was something: an item may be folded.
pub(super) fn write(out: &mut dyn Write, row: &Row<'_>, progress: &mut Progress) -> io::Result<bool> {
    let options = row.options;
    let unfolded = !options.brief && progress.unfolds(row.talk, row.number, row.item, options);
    if unfolded {
        match row.item.kind {
            ItemKind::HybiFrame | ItemKind::HixieFrame => frame(out, row)?,
            ItemKind::HttpRequest | ItemKind::HttpResponse => http(out, row)?,
            ItemKind::PolicyRequest | ItemKind::PolicyResponse => policy(out, row)?,
            ItemKind::Unparsed if !options.hex => {
                dump(out, &row.talk.bytes_of(row.store, row.item), lines(options), options.words)?;
            }
            // What they hold is named in their line; every bit is in the fields.
            ItemKind::Prelude | ItemKind::TlsRecord if !options.hex => layer(out, row)?,
            ItemKind::Prelude
            | ItemKind::TlsRecord
            | ItemKind::DeflateStream
            | ItemKind::Unparsed
            | ItemKind::Gap => {}
        }
        if options.derivations {
            let explainer = &mut progress.explainer;
            for derivation in trace::derivations_in_order(row.talk, row.store, row.number, explainer) {
                if is_worth_telling(&derivation) {
                    self::derivation(out, &derivation, row)?;
                }
            }
        }
        messages(out, row, progress)?;
    }
    if options.fields
        && let Some(field) = trace::fields(row.talk, row.store, row.number)
    {
        tree::write(out, &field, options)?;
        progress.note_kinds(&field);
    }
    if options.hex && row.item.kind != ItemKind::Gap {
        let lines = if options.all { usize::MAX } else { fold::DUMP_LINES };
        dump(out, &row.talk.bytes_of(row.store, row.item), lines, options.words)?;
    }
    Ok(unfolded || options.fields || options.hex)
}

/// Writes lines behind the indent, without the spaces at their ends.
fn indented(out: &mut dyn Write, text: &str) -> io::Result<()> {
    text.lines().try_for_each(|line| writeln!(out, "{INDENT}{}", line.trim_end()))
}

fn frame(out: &mut dyn Write, row: &Row<'_>) -> io::Result<()> {
    let Some(field) = trace::fields(row.talk, row.store, row.number) else { return Ok(()) };
    let bytes = row.talk.bytes_of(row.store, row.item);
    let folded = diagram::Options::default();
    let shown = if row.options.all { diagram::Options { rows: None } } else { folded };
    let diagram = layout(&field, &bytes, shown);
    let (paint, words) = (row.options.paint, row.options.words);
    if let Some(carrier) = row.talk.carrier.as_ref().filter(|_| row.talk.layer == Layer::DeflateStream)
        && let Some(from) = carrier.bytes_of(row.item.side, row.item.range())
    {
        let conversation = (carrier.conversation + 1).to_string();
        let said = words.with(
            "detail-out-of-stream",
            &[
                ("first", from.start.into()),
                ("last", (from.end - 1).into()),
                ("conversation", conversation.into()),
            ],
        );
        writeln!(out, "{INDENT}{said}")?;
    }
    indented(out, &diagram_text(&diagram, paint, words))?;
    if row.hybi().is_some() {
        indented(out, &unmasking_text(&field, &bytes, lines(row.options), paint, words))?;
    }
    Ok(())
}

/// The head as it was recorded, line by line, and what follows it.
fn http(out: &mut dyn Write, row: &Row<'_>) -> io::Result<()> {
    let bytes = row.talk.bytes_of(row.store, row.item);
    let words = row.options.words;
    let Parse::Done(head, length) = parse_head(&bytes, row.item.side, MAX_HEAD) else {
        return dump(out, &bytes, lines(row.options), words);
    };
    for line in head.raw().split_inclusive(|&byte| byte == b'\n') {
        // The CR LF that ends a line goes without saying; any other end is shown.
        let text = fit::visible_bytes(line.strip_suffix(b"\r\n").unwrap_or(line));
        writeln!(out, "{INDENT}{}", if text.is_empty() { words.text("detail-empty-line") } else { &text })?;
    }
    let body = bytes.get(length..).unwrap_or_default();
    if body.is_empty() {
        return Ok(());
    }
    let field = trace::fields(row.talk, row.store, row.number);
    for (id, label) in [("key3", "detail-key3"), ("challenge-answer", "detail-answer")] {
        let Some(proof) = field.as_ref().and_then(|field| field.find(id)) else { continue };
        let style = row.options.paint.field(proof.kind);
        let proof = bytes.get(proof.bits.byte_range()).unwrap_or_default();
        let characters: String = proof.iter().map(|&byte| hexdump::character(byte)).collect();
        let mut hex = String::new();
        hexdump::push_hex(&mut hex, proof);
        let label = words.with(label, &[("bytes", words.count("count-bytes", proof.len() as u64).into())]);
        writeln!(out, "{INDENT}{label}  {style}{hex}{style:#}  |{characters}|")?;
        if let Some(rest) = body.get(proof.len()..).filter(|rest| !rest.is_empty()) {
            let more = words.count("count-more-bytes", rest.len() as u64);
            writeln!(out, "{INDENT}{}", words.with("detail-and-rest", &[("bytes", more.into())]))?;
            dump(out, rest, lines(row.options), words)?;
        }
        return Ok(());
    }
    let chunks =
        field.iter().flat_map(Field::leaves).filter(|leaf| leaf.kind.id == "http-chunk-data").count() as u64;
    let bytes = ("bytes", words.count("count-bytes", body.len() as u64).into());
    let told = if chunks > 0 {
        let chunks = words.count("count-chunks", chunks);
        words.with("detail-body-chunked", &[bytes, ("chunks", chunks.into())])
    } else {
        words.with("detail-body", &[bytes])
    };
    writeln!(out, "{INDENT}{told}")?;
    readable(out, body, row.options)
}

fn policy(out: &mut dyn Write, row: &Row<'_>) -> io::Result<()> {
    readable(out, &row.talk.bytes_of(row.store, row.item), row.options)
}

/// The beginning of bytes as lines of text if they are text, or else as a hex dump.
fn readable(out: &mut dyn Write, bytes: &[u8], options: &Options) -> io::Result<()> {
    const MOST: usize = 800;
    let words = options.words;
    let body = bytes.strip_suffix(b"\0").unwrap_or(bytes);
    let control = |byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\r' | b'\n');
    if std::str::from_utf8(body).is_err() || body.iter().any(control) {
        return dump(out, bytes, lines(options), words);
    }
    let start = if options.all { bytes } else { bytes.get(..MOST).unwrap_or(bytes) };
    let mut shown = 0;
    for line in start.split_inclusive(|&byte| byte == b'\n').take(lines(options).saturating_mul(3)) {
        shown += line.len();
        let text = line.strip_suffix(b"\n").map_or(line, |text| text.strip_suffix(b"\r").unwrap_or(text));
        writeln!(out, "{}", format!("{INDENT}  {}", fit::visible_bytes(text)).trim_end())?;
    }
    if shown < bytes.len() {
        let more = words.count("count-more-bytes", (bytes.len() - shown) as u64);
        writeln!(out, "{INDENT}  … {more}")?;
    }
    Ok(())
}

/// Whether a derivation says more than the diagram does: the seven bits of a short length and plain ASCII explain
/// themselves, and unmasking is shown below the diagram.
fn is_worth_telling(derivation: &Derivation) -> bool {
    match derivation.id {
        "frame.unmask" | "frame.uncover" => false,
        "frame.length" | "hixie.length" => derivation.steps.len() > 1,
        // The step behind the characters that are shown is about all the others.
        "utf8.decode" => derivation.steps.iter().take(DERIVED_CHARACTERS).any(|step| !is_ascii(step)),
        _ => true,
    }
}

/// Whether a step decodes one byte of UTF-8.
fn is_ascii(step: &Step) -> bool {
    step.inputs.iter().all(|input| matches!(input, Input::Bits { bits, .. } if bits.len() <= 8))
}

fn derivation(out: &mut dyn Write, derivation: &Derivation, row: &Row<'_>) -> io::Result<()> {
    let (bold, words) = (row.options.paint.bold(), row.options.words);
    let title = words.derivation(derivation).replacen("The ", "the ", 1);
    let title = words.with("follows-title", &[("what", title.into())]);
    writeln!(out, "{INDENT}{bold}{title}{bold:#} [{}]", words.section(derivation.section))?;
    let told = |step: &&Step| derivation.id != "utf8.decode" || !is_ascii(step);
    let steps: Vec<&Step> = derivation.steps.iter().filter(told).collect();
    let most = if row.options.all { usize::MAX } else { fold::STEPS };
    for (number, step) in steps.iter().enumerate().take(most) {
        let mut told = words.step(step);
        let (shown, output) = (words.shown(step), words.output(step));
        let characters = if row.options.all { usize::MAX } else { fold::STEP_CHARACTERS };
        let folded = |text: &'_ str| fold::text(text, characters, words).into_owned();
        if !shown.is_empty() {
            told.push_str(": ");
            told.push_str(&folded(&shown));
        }
        if !shown.contains(output) {
            told.push_str(" → ");
            told.push_str(&folded(output));
        }
        match &step.on_wire {
            Some(wire) if step.differs() => {
                let but = words.with("detail-but-wire", &[("wire", words.wire(wire).into())]);
                push(&mut told, format_args!("; {but}"));
            }
            Some(_) => push(&mut told, format_args!(", {}", words.text("follows-same"))),
            None => {}
        }
        let label = format!("{:>3}. ", number + 1);
        let columns = row.options.width.saturating_sub(INDENT.len() + label.len()).max(40);
        for (at, line) in fit::wrap(&fit::visible(&told), columns).iter().enumerate() {
            writeln!(out, "{INDENT}{}{line}", if at == 0 { label.as_str() } else { "     " })?;
        }
    }
    if let Some(more) = steps.len().checked_sub(most).filter(|more| *more > 0) {
        let more = words.count("count-more-steps", more as u64);
        writeln!(out, "{INDENT}     … {more}")?;
    }
    match derivation.steps.len() - steps.len() {
        0 => Ok(()),
        more => {
            writeln!(out, "{INDENT}     {}", words.with("detail-ascii", &[("count", more.into())]))
        }
    }
}

/// The messages that the item completes.
fn messages(out: &mut dyn Write, row: &Row<'_>, progress: &mut Progress) -> io::Result<()> {
    for (number, message) in row.completed() {
        let (bold, words) = (row.options.paint.bold(), row.options.words);
        let label = words.with("detail-message", &[("number", (number + 1).to_string().into())]);
        let length = words.count("count-bytes", message.length);
        let mut told = format!("{}, {length}", message.kind.id());
        let mut origin = String::new();
        let frames: Vec<usize> = row.frames_of(message).map(|(number, _)| number).collect();
        if frames.len() > 1 {
            let from = words.with("detail-message-from", &[("items", items(words, &frames).into())]);
            push(&mut origin, format_args!(", {from}"));
        }
        if message.compressed {
            let sent: u64 = row.frames_of(message).map(|(_, item)| row.payload_length(item)).sum();
            let bytes = words.count("count-bytes", sent);
            let from = words.with("detail-inflated-from", &[("bytes", bytes.into())]);
            push(&mut origin, format_args!(", {from}"));
        }
        if message.kind == MessageKind::Close {
            if let Some((code, _)) = close_body(row.talk, row.store, message) {
                let closing = &row.talk.protocol.dialect_or_latest().closing;
                push(&mut told, format_args!(", {}", words.value(&closing.value(code))));
            }
        } else if message.length > 0 {
            let taken = INDENT.len() + fit::width(&label) + 2 + fit::width(&told) + 2 + fit::width(&origin);
            let columns = row.options.width.saturating_sub(taken).max(20);
            told.push_str(", ");
            told.push_str(&row.message_preview(progress, number, message, columns));
        }
        writeln!(out, "{INDENT}{bold}{label}{bold:#}: {told}{origin}")?;
    }
    Ok(())
}

/// What a record or a message of a prelude is made of, but for long bytes: its fields.
fn layer(out: &mut dyn Write, row: &Row<'_>) -> io::Result<()> {
    // The option writes them anyway.
    match trace::fields(row.talk, row.store, row.number).filter(|_| !row.options.fields) {
        Some(field) => tree::write(out, &field, row.options),
        None => Ok(()),
    }
}
