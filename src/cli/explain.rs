//! `framescope explain`: what a field or a rule is, by its id.

use std::io::Write;

use super::Failure;
use super::output;
use crate::model::rule::Rule;
use crate::view::catalogue::{self, Entry};
use crate::words::Words;

pub(super) fn run(ids: &[String], words: Words) -> Result<(), Failure> {
    let mut out = output::stdout();
    if ids.is_empty() {
        writeln!(out, "{}\n", words.text("explain-fields"))?;
        for kind in catalogue::field_kinds() {
            writeln!(out, "  {:<32} {}", kind.id, words.about(kind))?;
        }
        writeln!(out, "\n{}\n", words.text("explain-rules"))?;
        for rule in Rule::ALL {
            writeln!(
                out,
                "  {:<42} {:<8} {}",
                rule.id(),
                words.severity(rule.severity()),
                words.title(*rule)
            )?;
        }
        out.flush()?;
        return Ok(());
    }
    for id in ids {
        match catalogue::find(id) {
            Some(Entry::Field(kind)) => {
                writeln!(
                    out,
                    "{}: {}\n  {}\n  {}\n  {}\n",
                    kind.id,
                    kind.name,
                    words.about(kind),
                    words.section(kind.section),
                    kind.section.link()
                )?;
            }
            Some(Entry::Rule(rule)) => {
                writeln!(
                    out,
                    "{}: {}\n  {}.\n  {}",
                    rule.id(),
                    words.severity(rule.severity()),
                    words.title(rule),
                    words.why(rule)
                )?;
                if let Some(versions) = words.versions(rule) {
                    writeln!(out, "  {versions}")?;
                }
                writeln!(
                    out,
                    "  {}\n  {}\n  {}\n",
                    words.consequence(rule),
                    words.section(rule.section()),
                    rule.section().link()
                )?;
            }
            None => {
                out.flush()?;
                return Err(Failure::with(words, "explain-unknown", &[("id", id)]));
            }
        }
    }
    out.flush()?;
    Ok(())
}
