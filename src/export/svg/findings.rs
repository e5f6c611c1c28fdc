//! Findings in a figure: a number where the bits are, and the words below.

use super::canvas::{Canvas, INNER, MARGIN, Style};
use super::theme;
use crate::model::rule::Finding;
use crate::view::line::place;
use crate::words::Words;

/// Draws what is wrong, and which rule says so, from `y` on; returns the height below it. The findings are numbered
/// from 1, as the marks at their bits are.
pub(super) fn legend(canvas: &mut Canvas, findings: &[&Finding], said: Words, mut y: f32) -> f32 {
    for (number, finding) in (1..).zip(findings) {
        y += 8.0;
        canvas.badge(MARGIN + 9.0, y + 9.0, &format!("{number}"), theme::fill_of(finding.severity()));
        y = words(canvas, finding, said, MARGIN + 26.0, y, INNER - 26.0);
    }
    y
}

/// Draws the words of a finding into a column; returns the height below them.
pub(super) fn words(
    canvas: &mut Canvas,
    finding: &Finding,
    said: Words,
    x: f32,
    mut y: f32,
    room: f32,
) -> f32 {
    let severity = finding.severity();
    let (label, style) = (Style::sans(13.0).bold().class(theme::fill_of(severity)), Style::sans(13.0));
    let word = said.severity(severity);
    let indent = label.width(word) + 9.0;
    for (at, line) in style.wrap(&said.finding(finding), room - indent).iter().enumerate() {
        if at == 0 {
            canvas.run(x, y + 13.0, &[(word, label), (line, style)]);
        } else {
            canvas.text(x, y + 13.0, line, style);
        }
        y += 17.0;
    }
    let mut origin = format!("{} · {}", finding.rule.id(), said.section(finding.section()));
    if let Some(bits) = finding.bits {
        origin.push_str(" · ");
        origin.push_str(&place(said, bits));
    }
    let style = Style::sans(11.0).dim();
    for line in style.wrap(&origin, room) {
        canvas.text(x, y + 11.0, &line, style);
        y += 15.0;
    }
    y
}

/// The finding as a sentence.
pub(super) fn sentence(finding: &Finding, said: Words) -> String {
    let place = finding.bits.map_or(String::new(), |bits| format!(", {}", place(said, bits)));
    let severity = said.severity(finding.severity());
    format!("{severity}: {} ({}{place}).", said.finding(finding), finding.rule.id())
}
