//! `framescope explain`: what a field or a rule is, by its id.

use std::io::Write;

use super::Failure;
use super::output;
use crate::model::rule::Rule;
use crate::view::catalogue::{self, Entry};
use crate::words;

pub(super) fn run(ids: &[String]) -> Result<(), Failure> {
    let mut out = output::stdout();
    if ids.is_empty() {
        writeln!(out, "Fields: the parts of items and packets\n")?;
        for kind in catalogue::field_kinds() {
            writeln!(out, "  {:<32} {}", kind.id, words::about(kind))?;
        }
        writeln!(out, "\nRules: what findings refer to\n")?;
        for rule in Rule::ALL {
            writeln!(out, "  {:<42} {:<8} {}", rule.id(), rule.severity(), rule.title())?;
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
                    words::about(kind),
                    kind.section,
                    kind.section.link()
                )?;
            }
            Some(Entry::Rule(rule)) => {
                writeln!(
                    out,
                    "{}: {}\n  {}.\n  {}",
                    rule.id(),
                    rule.severity(),
                    rule.title(),
                    words::why(rule)
                )?;
                writeln!(
                    out,
                    "  {}\n  {}\n  {}\n",
                    rule.consequence(),
                    rule.section(),
                    rule.section().link()
                )?;
            }
            None => {
                out.flush()?;
                return Err(Failure::said(format!(
                    "no field and no rule is called `{id}`: framescope explain, without an id, lists them all"
                )));
            }
        }
    }
    out.flush()?;
    Ok(())
}
