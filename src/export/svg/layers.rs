//! A packet, drawn: each layer a box in the box of the layer that carries it.

use super::Options;
use super::canvas::{Anchor, Canvas, INNER, MARGIN, Style};
use super::findings;
use super::theme;
use crate::capture::{Layers, Packet};
use crate::model::field::{Field, Value, spaced_hex};
use crate::view::fit;
use crate::words::Words;

const NAME: Style = Style::sans(14.0).bold();
const SIZE: Style = Style::sans(12.0).dim();
const FIELD: Style = Style::sans(11.5).dim();
const VALUE: Style = Style::mono(12.0);

/// How far a box stands inside the one around it.
const STEP: f32 = 14.0;

/// How high a line of header fields is.
const LINE: f32 = 19.0;

/// Draws the layers of a packet. `carries` says what stands in its innermost bytes, one line a thing.
pub fn layers(packet: &Packet<'_>, layers: &Layers, carries: &[String], options: &Options) -> String {
    let mut canvas = Canvas::new();
    let y = canvas.heading(&options.title, &options.below);
    let words = options.words;
    let y = bar(&mut canvas, &layers.tree, words, y);
    let behind = |field: &&Field| field.kind.id == "packet-trailer";
    let inside: Vec<&Field> = layers.tree.children.iter().filter(|field| !behind(field)).collect();
    let nested = Nested { words, packet, carries, trailer: layers.tree.children.iter().find(behind) };
    let mut y = nested.draw(&mut canvas, &inside, 0, y);
    let found: Vec<_> = layers.findings.iter().collect();
    if !found.is_empty() {
        y = findings::legend(&mut canvas, &found, words, y + 4.0);
    }
    let mut about: Vec<String> = layers.tree.children.iter().map(|layer| told(layer, words)).collect();
    about.extend(layers.findings.iter().map(|finding| findings::sentence(finding, words)));
    canvas.finish(y, options.theme, &options.title, &about.join(" "))
}

fn told(layer: &Field, words: Words) -> String {
    let mut text = format!("{}, {}", layer.kind.name, bytes_in(layer, words));
    let fields: Vec<String> =
        header_fields(layer, words).into_iter().map(|(name, value)| format!("{name} {value}")).collect();
    if !fields.is_empty() {
        text.push_str(": ");
        text.push_str(&fields.join(", "));
    }
    text.push('.');
    text
}

fn bytes_in(field: &Field, words: Words) -> String {
    words.count("count-bytes", field.bits.len() / 8)
}

/// The packet as one strip, each layer as long as its bytes; returns the height below it.
fn bar(canvas: &mut Canvas, tree: &Field, words: Words, y: f32) -> f32 {
    const HEIGHT: f32 = 26.0;
    let total = tree.bits.len().max(1) as f32;
    let mut x = MARGIN;
    for layer in &tree.children {
        let width = INNER * layer.bits.len() as f32 / total;
        let colour = theme::number_of(layer.kind);
        canvas.group(None, &format!("{}: {}", layer.kind.name, bytes_in(layer, words)));
        canvas.rect(x, y, width, HEIGHT, &format!("edge f{colour} b{colour}"));
        let bytes = (layer.bits.len() / 8).to_string();
        let style = Style::sans(12.0).centred();
        let full = format!("{} {bytes}", layer.kind.name);
        let label = if style.width(&full) + 8.0 <= width { full } else { bytes };
        if style.width(&label) <= width {
            canvas.text(x + width / 2.0, y + 17.0, &label, style);
        }
        canvas.end_group();
        x += width;
    }
    y + HEIGHT + 14.0
}

/// The names and values of a layer's leaves. What is zero bits or all the bytes of a payload is no header field.
fn header_fields(layer: &Field, words: Words) -> Vec<(&'static str, String)> {
    if layer.children.is_empty() {
        return Vec::new();
    }
    let filled = |field: &&Field| !field.bits.is_empty();
    layer
        .leaves()
        .into_iter()
        .filter(filled)
        .map(|leaf| {
            let value = match &leaf.value {
                Value::Text(text) => text.clone(),
                _ => words.field_value(leaf).into_owned(),
            };
            (leaf.kind.name, fit::cut(&fit::visible(&value), 48).into_owned())
        })
        .collect()
}

/// How far the box of a layer stands inside; packets with very many layers keep room for words.
fn indent(depth: usize) -> f32 {
    STEP * depth.min(10) as f32
}

struct Nested<'a> {
    words: Words,
    packet: &'a Packet<'a>,
    carries: &'a [String],
    trailer: Option<&'a Field>,
}

impl Nested<'_> {
    /// Draws the first of `layers` with the others inside; returns the height below it.
    fn draw(&self, canvas: &mut Canvas, layers: &[&Field], depth: usize, top: f32) -> f32 {
        let Some((layer, inner)) = layers.split_first() else { return top };
        let step = indent(depth);
        let (left, width) = (MARGIN + step, INNER - 2.0 * step);
        // What is in the box says how high it is, but is drawn over it.
        let mut inside = Canvas::new();
        let bottom = self.content(&mut inside, layer, inner, depth, top);
        let colour = theme::number_of(layer.kind);
        canvas.group(Some(layer.kind.id), &told(layer, self.words));
        canvas.card(left, top, width, bottom - top, &format!("f{colour} b{colour}"));
        canvas.append(&inside);
        canvas.end_group();
        bottom
    }

    fn content(&self, canvas: &mut Canvas, layer: &Field, inner: &[&Field], depth: usize, top: f32) -> f32 {
        let left = MARGIN + indent(depth) + 12.0;
        let right = MARGIN + INNER - indent(depth) - 12.0;
        let mut y = top + 6.0;
        canvas.text(left, y + 14.0, layer.kind.name, NAME);
        let carried: u64 = inner.iter().map(|field| field.bits.len() / 8).sum();
        let size = if carried > 0 {
            let carried = self.words.count("count-bytes", carried);
            let values = [("bytes", bytes_in(layer, self.words).into()), ("carried", carried.into())];
            self.words.with("figure-header-carries", &values)
        } else {
            bytes_in(layer, self.words)
        };
        canvas.text(right, y + 14.0, &size, SIZE.anchored(Anchor::End));
        y += 22.0;
        let fields = header_fields(layer, self.words);
        if fields.is_empty() {
            y = self.payload(canvas, layer, left, right, y);
        } else {
            y = flow(canvas, &fields, left, right, y);
        }
        if !inner.is_empty() {
            y = self.draw(canvas, inner, depth + 1, y + 2.0) + 6.0;
        }
        if depth == 0
            && let Some(trailer) = self.trailer
        {
            let text = format!("{}: {}", trailer.kind.name, bytes_in(trailer, self.words));
            canvas.text(left, y + 12.0, &text, FIELD);
            y += LINE;
        }
        y + 6.0
    }

    /// What the innermost box holds: what it means where that is known, and how it begins.
    fn payload(&self, canvas: &mut Canvas, layer: &Field, left: f32, right: f32, mut y: f32) -> f32 {
        const MOST: usize = 16;
        let style = Style::sans(13.0);
        for line in self.carries {
            canvas.text(left, y + 13.0, &style.fit(line, right - left), style);
            y += LINE;
        }
        let bytes = self.packet.bytes.get(layer.bits.byte_range()).unwrap_or_default();
        let shown = bytes.get(..MOST).unwrap_or(bytes);
        let more = if bytes.len() > MOST { " …" } else { "" };
        let text = format!("{}{more}", spaced_hex(shown));
        canvas.text(left, y + 13.0, &VALUE.fit(&text, right - left), VALUE);
        y + LINE
    }
}

/// Names and values behind each other, as many in a line as fit.
fn flow(canvas: &mut Canvas, fields: &[(&'static str, String)], left: f32, right: f32, mut y: f32) -> f32 {
    const BETWEEN: f32 = 16.0;
    let mut x = left;
    for (name, value) in fields {
        let value = VALUE.fit(value, right - left - FIELD.width(name));
        let pair = [(*name, FIELD), (value.as_str(), VALUE)];
        let width = Canvas::run_width(&pair);
        if x > left && x + width > right {
            x = left;
            y += LINE;
        }
        canvas.run(x, y + 13.0, &pair);
        x += width + BETWEEN;
    }
    y + LINE
}
