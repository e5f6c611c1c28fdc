//! Derivations, drawn: a card a step, with its inputs, its operation and its result.

use super::Options;
use super::canvas::{Anchor, Canvas, INNER, MARGIN, Style};
use super::theme;
use crate::derive::{Derivation, Input, ItemRef, Step};
use crate::export::text::ladder::place;
use crate::export::text::words;
use crate::field::{BitRange, Field, hex};
use crate::rule::Severity;
use crate::trace::{self, Conversation, Store};

/// How many steps of a derivation are drawn.
const STEPS: usize = 24;

/// Inputs longer than this are cut.
const INPUT_BYTES: usize = 32;

const LABEL: Style = Style::sans(13.5).bold();
const SOURCE: Style = Style::sans(11.5).dim();
const BYTES: Style = Style::mono(12.0);
const SHOWN: Style = Style::mono(13.0);
const RESULT: Style = Style::mono(13.5).bold();

/// Where a card's text begins and how wide it may be.
const LEFT: f32 = MARGIN + 44.0;
const ROOM: f32 = INNER - 60.0;

/// Draws how values of an item follow, one derivation below the other. `number` is the item's, counted from 0.
pub fn derivations(
    talk: &Conversation,
    store: &Store,
    number: usize,
    derivations: &[Derivation],
    options: &Options,
) -> String {
    let mut canvas = Canvas::new();
    let mut y = canvas.heading(&options.title, &options.below);
    let items = Items { talk, store, number };
    for derivation in derivations {
        y = draw(&mut canvas, derivation, &items, y);
    }
    let about: Vec<String> = derivations.iter().map(told).collect();
    canvas.finish(y, options.theme, &options.title, &about.join(" "))
}

fn told(derivation: &Derivation) -> String {
    let mut text = format!("{} ({}).", derivation.title, derivation.section);
    for (number, step) in (1..).zip(derivation.steps.iter().take(STEPS)) {
        text.push_str(&format!(" {number}. {}: {}.", step.label, step.output));
        if let Some(wire) = step.on_wire.as_ref().filter(|_| step.differs()) {
            text.push_str(&format!(" The wire holds {wire}."));
        }
    }
    words::visible(&text).into_owned()
}

fn draw(canvas: &mut Canvas, derivation: &Derivation, items: &Items<'_>, mut y: f32) -> f32 {
    let style = Style::sans(14.0).bold();
    let title = style.fit(derivation.title, INNER * 0.6);
    canvas.text(MARGIN, y + 14.0, &title, style);
    let section = derivation.section.to_string();
    canvas.text(MARGIN + INNER, y + 14.0, &section, SOURCE.anchored(Anchor::End));
    y += 26.0;
    let wrong = derivation.first_difference();
    for (number, step) in derivation.steps.iter().enumerate().take(STEPS) {
        y = card(canvas, number, step, items, wrong == Some(number), y) + 8.0;
    }
    let hidden = derivation.steps.len().saturating_sub(STEPS);
    if hidden > 0 {
        let more = format!("… {}", words::count(hidden as u64, "more step"));
        canvas.text(LEFT, y + 10.0, &more, Style::sans(12.0).dim());
        y += 20.0;
    }
    y + 4.0
}

/// A line of a card.
struct Line {
    indent: f32,
    text: String,
    style: Style,
    height: f32,
    /// The number of the colour of the field that the line shows bytes of.
    field: Option<usize>,
}

impl Line {
    const fn new(text: String, style: Style, height: f32) -> Self {
        Self { indent: 0.0, text, style, height, field: None }
    }
}

fn card(
    canvas: &mut Canvas,
    number: usize,
    step: &Step,
    items: &Items<'_>,
    first_difference: bool,
    top: f32,
) -> f32 {
    let lines = lines_of(step, items, first_difference);
    let height = lines.iter().map(|line| line.height).sum::<f32>() + 14.0;
    canvas.group(None, &words::visible(&format!("{}: {}", step.label, step.output)));
    canvas.card(MARGIN, top, INNER, height, "box");
    if first_difference {
        canvas.line(
            (MARGIN + 2.0, top + 4.0),
            (MARGIN + 2.0, top + height - 4.0),
            theme::stroke_of(Severity::Error),
        );
    }
    let number_class = if first_difference { theme::fill_of(Severity::Error) } else { "ink" };
    canvas.badge(MARGIN + 22.0, top + 17.0, &(number + 1).to_string(), number_class);
    let mut y = top + 7.0;
    for line in lines {
        if let Some(colour) = line.field {
            let width = line.style.width(&line.text) + 12.0;
            canvas.rect(
                LEFT + line.indent - 6.0,
                y + 1.0,
                width,
                line.height - 2.0,
                &format!("f{colour} b{colour}"),
            );
        }
        canvas.text(LEFT + line.indent, y + line.style.size + 1.5, &line.text, line.style);
        y += line.height;
    }
    canvas.end_group();
    top + height
}

fn lines_of(step: &Step, items: &Items<'_>, first_difference: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut push = |text: &str, style: Style, height: f32| {
        lines.extend(style.wrap(text, ROOM).into_iter().map(|line| Line::new(line, style, height)));
    };
    push(&capital(&step.label), LABEL, 20.0);
    for input in &step.inputs {
        items.input(input, &mut lines);
    }
    let mut push = |text: &str, style: Style, height: f32| {
        lines.extend(style.wrap(text, ROOM).into_iter().map(|line| Line::new(line, style, height)));
    };
    if !step.shown.is_empty() && step.shown != step.output {
        push(&step.shown, SHOWN, 19.0);
    }
    if !step.output.is_empty() && !step.shown.contains(&step.output) || step.shown == step.output {
        push(&format!("→ {}", step.output), RESULT, 20.0);
    }
    if let Some(wire) = &step.on_wire {
        let wrong = Style::sans(13.0).bold().class(theme::fill_of(Severity::Error));
        if !step.differs() {
            push("✓ The wire holds the same", Style::sans(12.5).dim(), 19.0);
        } else {
            let words = if first_difference {
                "✗ Here is the first difference: the wire holds"
            } else {
                "✗ The wire holds"
            };
            push(words, wrong, 19.0);
            push(wire, Style::mono(13.0).class(theme::fill_of(Severity::Error)), 19.0);
        }
    }
    lines
}

/// The label as the beginning of a sentence.
fn capital(label: &str) -> String {
    let mut characters = label.chars();
    characters.next().map_or(String::new(), |first| first.to_uppercase().chain(characters).collect())
}

/// Finds the bytes that steps refer to.
struct Items<'a> {
    talk: &'a Conversation,
    store: &'a Store,
    number: usize,
}

impl Items<'_> {
    /// The lines that show an input.
    fn input(&self, input: &Input, lines: &mut Vec<Line>) {
        let (source, bytes) = match input {
            Input::Step(step) => (format!("from step {}", step + 1), None),
            Input::Constant(name) => (format!("the constant {name}"), None),
            Input::Bits { item, bits } => self.wire(*item, *bits),
        };
        let mut indent = 0.0;
        for line in SOURCE.wrap(&source, ROOM) {
            indent = SOURCE.width(&line) + 16.0;
            lines.push(Line::new(line, SOURCE, 17.0));
        }
        let Some((text, field)) = bytes else { return };
        let fits = lines.last_mut().filter(|_| indent + BYTES.width(&text) + 8.0 <= ROOM);
        let height = if let Some(line) = fits {
            // The source and its bytes stand in one line: the bytes are drawn over its end.
            std::mem::take(&mut line.height)
        } else {
            indent = 6.0;
            17.0
        };
        let wrapped = BYTES.wrap(&text, ROOM - indent - 8.0);
        lines.extend(wrapped.into_iter().map(|text| Line { indent, text, style: BYTES, height, field }));
    }

    /// Where bits stand, and what they hold.
    fn wire(&self, item: ItemRef, bits: BitRange) -> (String, Option<(String, Option<usize>)>) {
        let Some(number) = self.resolve(item) else { return (place(bits), None) };
        let field = trace::fields(self.talk, self.store, number);
        let leaf = field.as_ref().and_then(|field| covering(field, bits));
        let mut source = leaf.map_or_else(String::new, |leaf| format!("{}, ", leaf.kind.name));
        source.push_str(&place(bits));
        if number != self.number {
            source.push_str(&format!(" of item {}", number + 1));
        }
        let Some(item) = self.talk.items.get(number) else { return (source, None) };
        let bytes = self.talk.bytes_of(self.store, item);
        let whole = bits.start.is_multiple_of(8) && bits.end.is_multiple_of(8);
        let text = match bytes.get(bits.byte_range()) {
            Some(bytes) if whole => bytes_text(bytes),
            Some(bytes) => bits_text(bytes, bits),
            None => return (source, None),
        };
        (source, Some((text, leaf.map(|leaf| theme::number_of(leaf.kind)))))
    }

    /// The number of the item that is meant.
    fn resolve(&self, item: ItemRef) -> Option<usize> {
        match item {
            ItemRef::This => Some(self.number),
            ItemRef::Request => {
                let exchange = self.talk.exchanges.iter().find(|(_, answer)| *answer as usize == self.number);
                exchange.map(|(request, _)| *request as usize)
            }
            ItemRef::Earlier(frames) => {
                let (_, message) = trace::message_of(self.talk, self.number)?;
                let numbers: Vec<usize> =
                    trace::frames_of(self.talk, message).map(|(number, _)| number).collect();
                let at = numbers.iter().position(|number| *number == self.number)?;
                numbers.get(at.checked_sub(frames as usize)?).copied()
            }
        }
    }
}

/// The smallest field that holds all of these bits.
fn covering(field: &Field, bits: BitRange) -> Option<&Field> {
    if !field.bits.contains(bits) {
        return None;
    }
    Some(field.children.iter().find_map(|child| covering(child, bits)).unwrap_or(field))
}

/// Text in quotes where it is plain ASCII, and hex otherwise.
fn bytes_text(bytes: &[u8]) -> String {
    if bytes.len() > 2 && bytes.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return words::quoted(bytes, true, 90);
    }
    let shown: Vec<String> = bytes.iter().take(INPUT_BYTES).map(|byte| hex(&[*byte])).collect();
    let mut text = shown.join(" ");
    if bytes.len() > INPUT_BYTES {
        text.push_str(&format!(" … ({})", words::count(bytes.len() as u64, "byte")));
    }
    text
}

/// Bits that are no whole bytes, as they stand there.
fn bits_text(bytes: &[u8], bits: BitRange) -> String {
    let first = bits.start % 8;
    let digits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |place| byte >> place & 1));
    digits
        .skip(first as usize)
        .take(bits.len().min(64) as usize)
        .map(|bit| if bit == 1 { '1' } else { '0' })
        .collect()
}
