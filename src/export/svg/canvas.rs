//! A small writer of SVG: it escapes, measures and places. What stands where is the figures' own business.

use std::fmt::{self, Display, Write};

use super::theme::{self, Theme};
use crate::view::fit;

/// How wide every figure is, in units of its own.
pub(super) const WIDTH: f32 = 844.0;

/// The space around everything.
pub(super) const MARGIN: f32 = 18.0;

/// The room between the margins.
pub(super) const INNER: f32 = WIDTH - 2.0 * MARGIN;

/// How much of its size a monospaced font takes for a column. Such fonts differ by a tenth at most, and
/// `textLength` makes every one of them fit.
const COLUMN: f32 = 0.6;

/// The space between the texts of a run.
const RUN_SPACE: f32 = 9.0;

/// Which end of a text its place is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Clone, Copy)]
pub(super) struct Style {
    mono: bool,
    bold: bool,
    pub(super) size: f32,
    class: &'static str,
    anchor: Anchor,
}

impl Style {
    /// Letters that all have one width: bits, bytes and values.
    pub(super) const fn mono(size: f32) -> Self {
        Self { mono: true, bold: false, size, class: "ink", anchor: Anchor::Start }
    }

    /// Letters for names and sentences.
    pub(super) const fn sans(size: f32) -> Self {
        Self { mono: false, ..Self::mono(size) }
    }

    pub(super) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// With this class of the style sheet in place of the ink's.
    pub(super) const fn class(self, class: &'static str) -> Self {
        Self { class, ..self }
    }

    pub(super) const fn dim(self) -> Self {
        self.class("dim")
    }

    pub(super) const fn anchored(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    pub(super) const fn centred(self) -> Self {
        self.anchored(Anchor::Middle)
    }

    /// How wide the text is at most, whatever font draws it.
    pub(super) fn width(self, text: &str) -> f32 {
        if self.mono {
            fit::width(text) as f32 * COLUMN * self.size
        } else {
            text.chars().map(|character| sans_width(character, self.bold)).sum::<f32>() * self.size
        }
    }

    /// The text in lines that fit in `room`.
    pub(super) fn wrap(self, text: &str, room: f32) -> Vec<String> {
        let text = fit::visible(text);
        let columns = columns(room, self.size).max(4);
        if self.mono {
            return fit::wrap(&text, columns);
        }
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            match lines
                .last_mut()
                .filter(|line| self.width(line) + self.width(" ") + self.width(word) <= room)
            {
                Some(line) => {
                    line.push(' ');
                    line.push_str(word);
                }
                None if self.width(word) <= room => lines.push(word.to_owned()),
                None => self.broken(word, room, &mut lines),
            }
        }
        lines
    }

    /// A word that is too long for a line, in as many as it takes.
    fn broken(self, word: &str, room: f32, lines: &mut Vec<String>) {
        let mut line = String::new();
        for character in word.chars() {
            line.push(character);
            if self.width(&line) > room && line.chars().nth(1).is_some() {
                line.pop();
                lines.push(std::mem::replace(&mut line, character.to_string()));
            }
        }
        lines.push(line);
    }

    /// The text in one line that fits in `room`, cut if it has to be.
    pub(super) fn fit(self, text: &str, room: f32) -> String {
        let text = fit::visible(text);
        if self.width(&text) <= room {
            return text.into_owned();
        }
        let mut columns = fit::width(&text);
        loop {
            columns = columns.saturating_sub(1);
            let cut = fit::cut(&text, columns);
            if columns <= 1 || self.width(&cut) <= room {
                return cut.into_owned();
            }
        }
    }
}

/// How many columns of a monospaced font fit in `room`.
#[allow(clippy::cast_sign_loss)] // What is below zero is cut off before.
pub(super) fn columns(room: f32, size: f32) -> usize {
    (room / (COLUMN * size)).max(0.0) as usize
}

/// The width of a character in a wide sans-serif font, as a part of its size: the common ones are narrower.
fn sans_width(character: char, bold: bool) -> f32 {
    let regular = match character {
        'i' | 'j' | 'l' | '\'' => 0.28,
        'I' | '|' | '.' | ',' | ':' | ';' | ' ' | '!' | '·' => 0.34,
        'f' | '-' | '/' | '\\' => 0.37,
        't' | 'r' | '(' | ')' | '[' | ']' => 0.41,
        '"' | 's' | 'z' | '–' => 0.53,
        'c' | 'k' | 'v' | 'x' | 'y' => 0.59,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '…' | '→' | '—' => 1.0,
        'A'..='Z' => 0.72,
        _ if fit::char_width(character) > 1 => 1.2,
        _ => 0.64,
    };
    if bold { regular * 1.1 } else { regular }
}

/// A figure that grows downwards.
pub(super) struct Canvas {
    body: String,
}

impl Canvas {
    pub(super) const fn new() -> Self {
        Self { body: String::new() }
    }

    /// Draws the heading and returns the height below it.
    pub(super) fn heading(&mut self, title: &str, below: &str) -> f32 {
        let style = Style::sans(17.0).bold();
        let mut y = MARGIN;
        for line in style.wrap(title, INNER) {
            self.text(MARGIN, y + 15.0, &line, style);
            y += 22.0;
        }
        let style = Style::sans(13.0).dim();
        for line in style.wrap(below, INNER) {
            self.text(MARGIN, y + 12.0, &line, style);
            y += 18.0;
        }
        y + 10.0
    }

    /// Draws a text whose base line begins, ends or has its middle at this place.
    pub(super) fn text(&mut self, x: f32, y: f32, text: &str, style: Style) {
        if text.is_empty() {
            return;
        }
        self.put(format_args!("<text x=\"{}\" y=\"{}\" {}", Number(x), Number(y), Attributes(style)));
        match style.anchor {
            Anchor::Start => {}
            Anchor::Middle => self.body.push_str(" text-anchor=\"middle\""),
            Anchor::End => self.body.push_str(" text-anchor=\"end\""),
        }
        if style.mono && fit::width(text) > 1 {
            let length = Number(style.width(text));
            self.put(format_args!(" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\""));
        }
        self.put(format_args!(">{}</text>\n", Escaped(text)));
    }

    /// Draws texts behind each other, with the same space between them in every font.
    pub(super) fn run(&mut self, x: f32, y: f32, parts: &[(&str, Style)]) {
        self.put(format_args!("<text x=\"{}\" y=\"{}\">", Number(x), Number(y)));
        let shown = parts.iter().filter(|(text, _)| !text.is_empty());
        for (at, (text, style)) in shown.enumerate() {
            let space = Number(if at == 0 { 0.0 } else { RUN_SPACE });
            self.put(format_args!("<tspan dx=\"{space}\" {}>{}</tspan>", Attributes(*style), Escaped(text)));
        }
        self.body.push_str("</text>\n");
    }

    /// How wide [`Canvas::run`] is at most.
    pub(super) fn run_width(parts: &[(&str, Style)]) -> f32 {
        let shown = parts.iter().filter(|(text, _)| !text.is_empty());
        shown
            .enumerate()
            .map(|(at, (text, style))| style.width(text) + if at == 0 { 0.0 } else { RUN_SPACE })
            .sum()
    }

    pub(super) fn rect(&mut self, x: f32, y: f32, width: f32, height: f32, class: &str) {
        let (x, y, width, height) = (Number(x), Number(y), Number(width), Number(height));
        self.put(format_args!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" class=\"{class}\"/>\n"
        ));
    }

    /// A rectangle with round corners.
    pub(super) fn card(&mut self, x: f32, y: f32, width: f32, height: f32, class: &str) {
        let (x, y, width, height) = (Number(x), Number(y), Number(width), Number(height));
        self.put(format_args!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\" class=\"{class}\"/>\n"
        ));
    }

    pub(super) fn line(&mut self, from: (f32, f32), to: (f32, f32), class: &str) {
        let (x1, y1, x2, y2) = (Number(from.0), Number(from.1), Number(to.0), Number(to.1));
        self.put(format_args!("<path d=\"M{x1} {y1}L{x2} {y2}\" class=\"{class}\"/>\n"));
    }

    /// A filled shape with these corners.
    pub(super) fn shape(&mut self, corners: &[(f32, f32)], class: &str) {
        self.body.push_str("<path d=\"");
        for (at, &(x, y)) in corners.iter().enumerate() {
            let command = if at == 0 { 'M' } else { 'L' };
            self.put(format_args!("{command}{} {}", Number(x), Number(y)));
        }
        self.put(format_args!("Z\" class=\"{class}\"/>\n"));
    }

    /// A round mark with a number in it.
    pub(super) fn badge(&mut self, x: f32, y: f32, text: &str, class: &str) {
        let style = Style::sans(10.5).bold().class("on").centred();
        self.put(format_args!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"8.5\" class=\"{class}\"/>\n",
            Number(x),
            Number(y)
        ));
        self.text(x, y + 3.8, text, style);
    }

    /// What is drawn next, up to [`Canvas::end_group`], is one thing: `words` say which. `id` is the field's, if it
    /// is one.
    pub(super) fn group(&mut self, id: Option<&str>, words: &str) {
        match id {
            Some(id) => self.put(format_args!("<g data-field=\"{}\">", Escaped(id))),
            None => self.body.push_str("<g>"),
        }
        self.put(format_args!("<title>{}</title>\n", Escaped(words)));
    }

    /// Draws everything that is on another canvas.
    pub(super) fn append(&mut self, other: &Self) {
        self.body.push_str(&other.body);
    }

    pub(super) fn end_group(&mut self) {
        self.body.push_str("</g>\n");
    }

    /// The whole document: a card of this height with everything on it.
    pub(super) fn finish(self, height: f32, theme: Theme, title: &str, about: &str) -> String {
        let (width, height) = (Number(WIDTH), height + MARGIN);
        let all = Number(height);
        let about = if about.is_empty() { title } else { about };
        let mut text = String::with_capacity(self.body.len() + 4096);
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{all}\" viewBox=\"0 0 {width} {all}\" \
             role=\"img\" xml:space=\"preserve\">\n\
             <title>{}</title>\n<desc>{}</desc>\n<style>\n{}</style>\n",
            Escaped(title),
            Escaped(about),
            theme::style_sheet(theme),
        );
        let (inner, tall) = (Number(WIDTH - 1.0), Number(height - 1.0));
        let _ = writeln!(
            text,
            "<rect x=\"0.5\" y=\"0.5\" width=\"{inner}\" height=\"{tall}\" rx=\"8\" class=\"card\"/>"
        );
        text.push_str(&self.body);
        text.push_str("</svg>\n");
        text
    }

    fn put(&mut self, what: fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.body.write_fmt(what);
    }
}

/// A length with one digit behind the point at most, so that figures are small and the same on every machine.
struct Number(f32);

impl Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0 * 10.0).round() as i64;
        if tenths % 10 == 0 { write!(f, "{}", tenths / 10) } else { write!(f, "{:.1}", tenths as f64 / 10.0) }
    }
}

/// The attributes of a text that draw it in its style.
struct Attributes(Style);

impl Display for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(style) = self;
        let face = if style.mono { "m" } else { "s" };
        write!(f, "class=\"{face} {}\" font-size=\"{}\"", style.class, Number(style.size))?;
        if style.bold { f.write_str(" font-weight=\"bold\"") } else { Ok(()) }
    }
}

/// Text as XML writes it. What XML cannot hold is replaced.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}')?,
                character if character.is_control() => f.write_char('\u{fffd}')?,
                character => f.write_char(character)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_short() {
        let shown: Vec<String> =
            [0.0, 12.0, 3.25, -0.04, -7.5, 844.0].map(|number| Number(number).to_string()).into();
        assert_eq!(shown, ["0", "12", "3.3", "0", "-7.5", "844"]);
    }

    #[test]
    fn what_is_markup_is_escaped() {
        assert_eq!(Escaped("a<b>&\"\u{1}\u{ffff}").to_string(), "a&lt;b&gt;&amp;&quot;\u{fffd}\u{fffd}");
    }

    proptest! {
        #[test]
        fn wrapped_lines_fit(text: String, room in 60.0..400.0f32) {
            for style in [Style::sans(13.0), Style::sans(13.0).bold(), Style::mono(13.0)] {
                for line in style.wrap(&text, room) {
                    // A wide character may stand alone in a line that is too narrow for it.
                    prop_assert!(style.width(&line) <= room || line.chars().count() <= 1, "{line:?}");
                }
                prop_assert!(style.width(&style.fit(&text, room)) <= room);
            }
        }
    }
}
