//! Derivations, drawn: a card a step, with its inputs, its operation and its result.

use super::Options;
use super::canvas::{Anchor, Canvas, INNER, MARGIN, Style};
use super::theme;
use crate::model::derive::{Derivation, Input, ItemRef, Step};
use crate::model::field::{BitRange, Field, hex};
use crate::model::rule::Severity;
use crate::trace::{self, Conversation, Store};
use crate::view::fit;
use crate::view::fold::{self, STEPS};
use crate::view::line::place;
use crate::wire::frame::hybi;
use crate::words::Words;

/// Inputs longer than this are cut.
const INPUT_BYTES: usize = 32;

const LABEL: Style = Style::sans(13.5).bold();
const SOURCE: Style = Style::sans(11.5).dim();
const BYTES: Style = Style::mono(12.0);
const SHOWN: Style = Style::mono(13.0);
const RESULT: Style = Style::mono(13.5).bold();

/// How high a line of inputs is.
const INPUT_HEIGHT: f32 = 21.0;

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
    let words = options.words;
    let items = Items { words, talk, store, number };
    for derivation in derivations {
        y = draw(&mut canvas, derivation, &items, y);
    }
    let about: Vec<String> = derivations.iter().map(|derivation| told(derivation, words)).collect();
    canvas.finish(y, options.theme, &options.title, &about.join(" "))
}

fn told(derivation: &Derivation, words: Words) -> String {
    let (title, section) = (words.derivation(derivation), words.section(derivation.section));
    let mut text = format!("{title} ({section}).");
    for (number, step) in (1..).zip(derivation.steps.iter().take(STEPS)) {
        let output = fold::text(words.output(step), fold::STEP_CHARACTERS, words);
        fit::push(&mut text, format_args!(" {number}. {}: {output}.", words.step(step)));
        if let Some(wire) = step.on_wire.as_ref().filter(|_| step.differs()) {
            let holds = words.with("figure-wire-holds", &[("wire", words.wire(wire).into())]);
            fit::push(&mut text, format_args!(" {holds}"));
        }
    }
    fit::visible(&text).into_owned()
}

fn draw(canvas: &mut Canvas, derivation: &Derivation, items: &Items<'_>, mut y: f32) -> f32 {
    let style = Style::sans(14.0).bold();
    let title = style.fit(&capital(items.words.derivation(derivation)), INNER * 0.6);
    canvas.text(MARGIN, y + 14.0, &title, style);
    let section = items.words.section(derivation.section);
    canvas.text(MARGIN + INNER, y + 14.0, &section, SOURCE.anchored(Anchor::End));
    y += 26.0;
    let wrong = derivation.first_difference();
    for (number, step) in derivation.steps.iter().enumerate().take(STEPS) {
        y = card(canvas, number, step, items, wrong == Some(number), y) + 8.0;
    }
    let hidden = derivation.steps.len().saturating_sub(STEPS);
    if hidden > 0 {
        let more = format!("… {}", items.words.count("count-more-steps", hidden as u64));
        canvas.text(LEFT, y + 10.0, &more, Style::sans(12.0).dim());
        y += 20.0;
    }
    y + 4.0
}

/// A line of a card.
enum Line {
    Text(String, Style, f32),
    Inputs(Vec<Shown>),
}

/// An input: the bytes, in the colour of their field, and where they are from.
struct Shown {
    bytes: Option<(String, Option<usize>)>,
    source: String,
}

impl Shown {
    /// How much wider than its text the box around the bytes is.
    const BOX: f32 = 12.0;
    const SPACE: f32 = 6.0;

    fn width(&self) -> f32 {
        let bytes =
            self.bytes.as_ref().map_or(0.0, |(bytes, _)| BYTES.width(bytes) + Self::BOX + Self::SPACE);
        bytes + SOURCE.width(&self.source)
    }

    /// Draws it and returns where the next one may begin.
    fn draw(&self, canvas: &mut Canvas, mut x: f32, y: f32) -> f32 {
        const BETWEEN: f32 = 22.0;
        let end = x + self.width() + BETWEEN;
        if let Some((bytes, field)) = &self.bytes {
            let width = BYTES.width(bytes) + Self::BOX;
            let class = field.map_or_else(|| "box".to_owned(), |colour| format!("f{colour} b{colour}"));
            canvas.rect(x, y + 1.0, width, INPUT_HEIGHT - 4.0, &class);
            canvas.text(x + Self::BOX / 2.0, y + 13.5, bytes, BYTES);
            x += width + Self::SPACE;
        }
        canvas.text(x, y + 13.5, &self.source, SOURCE);
        end
    }
}

impl Line {
    const fn height(&self) -> f32 {
        match self {
            Self::Text(.., height) => *height,
            Self::Inputs(_) => INPUT_HEIGHT,
        }
    }

    fn draw(&self, canvas: &mut Canvas, y: f32) {
        match self {
            Self::Text(text, style, _) => canvas.text(LEFT, y + style.size + 1.5, text, *style),
            Self::Inputs(inputs) => {
                inputs.iter().fold(LEFT, |x, input| input.draw(canvas, x, y));
            }
        }
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
    let words = items.words;
    let lines = lines_of(step, items, first_difference);
    let height = lines.iter().map(Line::height).sum::<f32>() + 14.0;
    let output = fold::text(words.output(step), fold::STEP_CHARACTERS, words);
    canvas.group(None, &fit::visible(&format!("{}: {output}", words.step(step))));
    canvas.card(MARGIN, top, INNER, height, "box");
    if first_difference {
        let (x, bottom) = (MARGIN + 2.0, top + height - 4.0);
        canvas.line((x, top + 4.0), (x, bottom), theme::stroke_of(Severity::Error));
    }
    let number_class = if first_difference { theme::fill_of(Severity::Error) } else { "ink" };
    canvas.badge(MARGIN + 22.0, top + 17.0, &(number + 1).to_string(), number_class);
    let mut y = top + 7.0;
    for line in lines {
        line.draw(canvas, y);
        y += line.height();
    }
    canvas.end_group();
    top + height
}

fn lines_of(step: &Step, items: &Items<'_>, first_difference: bool) -> Vec<Line> {
    let text = |text: &str, style: Style, height: f32| {
        wrap_groups(text, style).into_iter().map(move |line| Line::Text(line, style, height))
    };
    let words = items.words;
    let (shown, output) = (words.shown(step), words.output(step));
    let folded = |text: &'_ str| fold::text(text, fold::STEP_CHARACTERS, words).into_owned();
    let mut lines: Vec<Line> = text(&capital(&words.step(step)), LABEL, 20.0).collect();
    lines.extend(in_lines(items.inputs(&step.inputs)).into_iter().map(Line::Inputs));
    if shown != output {
        lines.extend(text(&folded(&shown), SHOWN, 19.0));
    }
    if shown == output || !shown.contains(output) {
        lines.extend(text(&format!("→ {}", folded(output)), RESULT, 20.0));
    }
    let Some(wire) = &step.on_wire else { return lines };
    if step.differs() {
        let wrong = theme::fill_of(Severity::Error);
        let id = if first_difference { "figure-first-difference" } else { "figure-difference" };
        let label = format!("✗ {}", items.words.text(id));
        lines.extend(text(&label, Style::sans(13.0).bold().class(wrong), 19.0));
        lines.extend(text(&folded(&items.words.wire(wire)), Style::mono(13.0).class(wrong), 19.0));
    } else {
        let label = format!("✓ {}", items.words.text("figure-wire-same"));
        lines.extend(text(&label, Style::sans(12.5).dim(), 19.0));
    }
    lines
}

/// The text in lines; groups with dots between them are not torn apart.
fn wrap_groups(text: &str, style: Style) -> Vec<String> {
    const FIXED: &str = "\u{a0}";
    const DOT: &str = " · ";
    let room = ROOM;
    if !text.contains(DOT) || text.split(DOT).any(|group| style.width(group) > room / 2.0) {
        return style.wrap(text, room);
    }
    let groups: Vec<String> = text.split(DOT).map(|group| group.replace(' ', FIXED)).collect();
    let lines = style.wrap(&groups.join(&format!("{FIXED}· ")), room);
    lines.into_iter().map(|line| line.replace(FIXED, " ")).collect()
}

/// Inputs beside each other, as many in a line as fit.
fn in_lines(inputs: Vec<Shown>) -> Vec<Vec<Shown>> {
    let mut lines: Vec<Vec<Shown>> = Vec::new();
    let mut used = 0.0;
    for input in inputs {
        let width = input.width() + 22.0;
        if let Some(line) = lines.last_mut().filter(|_| used + width <= ROOM) {
            line.push(input);
        } else {
            lines.push(vec![input]);
            used = 0.0;
        }
        used += width;
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
    words: Words,
    talk: &'a Conversation,
    store: &'a Store,
    number: usize,
}

impl Items<'_> {
    /// What the inputs of a step are; results of earlier steps are told together.
    fn inputs(&self, inputs: &[Input]) -> Vec<Shown> {
        let mut shown: Vec<Shown> = Vec::new();
        let mut steps: Vec<String> = Vec::new();
        for input in inputs {
            match input {
                Input::Step(step) => steps.push((step + 1).to_string()),
                Input::Constant(name) => {
                    let source = self.words.with("figure-constant", &[("name", (*name).into())]);
                    shown.push(Shown { bytes: None, source });
                }
                Input::Bits { item, bits } => shown.push(self.wire(*item, *bits)),
            }
        }
        let (id, first, last) = match steps.as_slice() {
            [] => return shown,
            [one] => ("figure-from-step", one.clone(), one),
            [before @ .., last] if before.len() < 8 => ("figure-from-steps", before.join(", "), last),
            [first, .., last] => ("figure-from-steps-to", first.clone(), last),
        };
        let told = self.words.with(id, &[("first", first.into()), ("last", last.as_str().into())]);
        shown.push(Shown { bytes: None, source: told });
        shown
    }

    /// Where bits stand, and what they hold.
    fn wire(&self, item: ItemRef, bits: BitRange) -> Shown {
        let Some(number) = self.resolve(item) else {
            return Shown { bytes: None, source: place(self.words, bits) };
        };
        let field = trace::fields(self.talk, self.store, number);
        let leaf = field.as_ref().and_then(|field| covering(field, bits));
        let mut source = leaf.map_or_else(String::new, |leaf| format!("{}, ", leaf.kind.name));
        source.push_str(&place(self.words, bits));
        let covered = field.as_ref().and_then(hybi::covered_from);
        if covered.is_some_and(|from| from <= bits.start) {
            fit::push(&mut source, format_args!(", {}", self.words.text("diagram-masked")));
        }
        if number != self.number {
            let number = (number + 1).to_string();
            source = self.words.with("figure-of-item", &[("what", source.into()), ("number", number.into())]);
        }
        let item = self.talk.items.get(number);
        let bytes = item.map(|item| self.talk.bytes_of(self.store, item)).unwrap_or_default();
        let whole = bits.start.is_multiple_of(8) && bits.end.is_multiple_of(8);
        let text = bytes
            .get(bits.byte_range())
            .map(|bytes| if whole { bytes_text(bytes, self.words) } else { bits_text(bytes, bits) });
        let colour = leaf.map(|leaf| theme::number_of(leaf.kind));
        let room = ROOM - Shown::BOX;
        let source = SOURCE.fit(&source, room);
        Shown {
            bytes: text.map(|text| (BYTES.fit(&text, room - SOURCE.width(&source) - Shown::SPACE), colour)),
            source,
        }
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
fn bytes_text(bytes: &[u8], words: Words) -> String {
    if bytes.len() > 2 && bytes.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return fit::quoted(bytes, true, 90);
    }
    let shown: Vec<String> = bytes.iter().take(INPUT_BYTES).map(|byte| hex(&[*byte])).collect();
    let mut text = shown.join(" ");
    if bytes.len() > INPUT_BYTES {
        fit::push(&mut text, format_args!(" … ({})", words.count("count-bytes", bytes.len() as u64)));
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
