//! `framescope explain`: what a field or a rule is, by its id.

use std::io::Write;

use super::Failure;
use super::output;
use crate::catalogue::{self, Entry};
use crate::rule::{Reaction, Rule};
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
                // What a recording lacks, or how it was read, is nothing that an endpoint could answer.
                let of_recording = ["capture.", "tcp.", "stream.", "trace."];
                let reaction = match rule.reaction() {
                    Reaction::GoOn if of_recording.iter().any(|room| rule.id().starts_with(room)) => {
                        "It is about the recording: no endpoint does anything about it.".to_owned()
                    }
                    Reaction::GoOn => "An endpoint goes on.".to_owned(),
                    Reaction::Close(code) => format!("An endpoint closes the connection with {code}."),
                    Reaction::Refuse(status) => format!("A server refuses the request with {status}."),
                    Reaction::Drop => "An endpoint drops the connection.".to_owned(),
                };
                writeln!(out, "  {reaction}\n  {}\n  {}\n", rule.section(), rule.section().link())?;
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
