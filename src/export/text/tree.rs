//! A field tree as lines.

use std::io::{self, Write};

use super::Options;
use super::ladder::INDENT;
use crate::model::field::{Field, Value};
use crate::view::fit::{self, push};
use crate::view::line::place;

/// The field tree: which bits, the name, the value, and the section where it changes.
pub(super) fn write(out: &mut dyn Write, field: &Field, options: &Options) -> io::Result<()> {
    let mut stack = vec![(field, 0usize, None)];
    while let Some((field, depth, section)) = stack.pop() {
        let style = options.paint.field(field.kind);
        let bits = place(options.words, field.bits);
        let name = format!("{:indent$}{}", "", field.kind.name, indent = depth * 2);
        let value = match &field.value {
            Value::Group => String::new(),
            Value::Text(text) => fit::quoted(text.as_bytes(), true, 48),
            Value::Bytes(bytes) if bytes.len() > 16 => {
                let start = crate::model::field::hex(bytes.get(..16).unwrap_or(bytes));
                format!("{start}… ({})", options.words.count("count-bytes", bytes.len() as u64))
            }
            _ => options.words.field_value(field).into_owned(),
        };
        let mut line = format!("{INDENT}{bits:<14} {style}{name}{style:#}");
        fit::spaces(&mut line, 28usize.saturating_sub(fit::width(&name)) + 1);
        line.push_str(&value);
        if section != Some(field.kind.section) {
            let dim = options.paint.dim();
            fit::spaces(&mut line, 24usize.saturating_sub(fit::width(&value)) + 2);
            push(&mut line, format_args!("{dim}{}{dim:#}", options.words.section(field.kind.section)));
        }
        writeln!(out, "{}", line.trim_end())?;
        for child in field.children.iter().rev() {
            stack.push((child, depth + 1, Some(field.kind.section)));
        }
    }
    Ok(())
}
