//! Text while a capture is still read: the items of all conversations in the order of time.

use std::io::{self, Write};

use super::{
    Counts, Options, Progress, facts_of, ladder, write_ending_since, write_file, write_heading, write_item,
};
use crate::export::json::About;
use crate::trace::{Conversation, Store, Trace};

/// Writes items as they come. Each has its conversation's number before its own; a conversation's heading stands before
/// its first item, what became known of it since before the next, and how it ended behind its last.
#[derive(Debug)]
pub struct Live {
    options: Options,
    talks: Vec<Told>,
    /// How many items were written.
    written: u64,
}

/// What was said of a conversation.
#[derive(Debug, Default)]
struct Told {
    progress: Progress,
    /// What it speaks and what was agreed, where its heading was written.
    facts: Option<String>,
    findings: usize,
    ended: bool,
}

impl Live {
    /// Writes as these options say.
    pub fn new(options: Options) -> Self {
        Self { options: Options { interleaved: true, ..options }, talks: Vec::new(), written: 0 }
    }

    /// Takes notice of the conversation's next item, and writes it where it is `wanted`. `index` and `number` are
    /// counted from 0.
    pub fn item(
        &mut self,
        out: &mut dyn Write,
        index: usize,
        talk: &Conversation,
        store: &Store,
        number: usize,
        wanted: bool,
    ) -> io::Result<()> {
        if self.talks.len() <= index {
            self.talks.resize_with(index + 1, Told::default);
        }
        let (options, Some(told)) = (&self.options, self.talks.get_mut(index)) else { return Ok(()) };
        if let Some(item) = talk.items.get(number) {
            told.progress.pass(talk, item);
        }
        if !wanted {
            return Ok(());
        }
        let facts = facts_of(talk, options.words);
        let news = told.facts.as_ref() != Some(&facts);
        if told.facts.is_none() {
            if self.written > 0 && options.brief {
                writeln!(out)?;
            }
            write_heading(out, index + 1, talk, options)?;
        } else {
            if news {
                let values = [("number", (index + 1).to_string().into()), ("facts", facts.as_str().into())];
                let (dim, said) = (options.paint.dim(), options.words.with("talk-is", &values));
                writeln!(out, "{dim}{said}{dim:#}")?;
            }
            for finding in talk.findings.get(told.findings..).unwrap_or_default() {
                ladder::write_finding(out, finding, "  ", options)?;
            }
        }
        if news {
            told.facts = Some(facts);
        }
        told.findings = talk.findings.len();
        self.written += 1;
        write_item(out, index + 1, talk, store, number, &mut told.progress, options)
    }

    /// Writes how a conversation ended, if both sides did and something of it was written.
    pub fn ended(&mut self, out: &mut dyn Write, index: usize, talk: &Conversation) -> io::Result<()> {
        match self.talks.get_mut(index) {
            Some(told) if !told.ended && told.facts.is_some() && talk.ends.iter().all(Option::is_some) => {
                told.ended = true;
                let number = [("number", (index + 1).to_string().into())];
                write!(out, "{}:", self.options.words.with("statistics-conversation", &number))?;
                write_ending_since(out, talk, told.progress.first.or(talk.start()), &self.options)
            }
            _ => Ok(()),
        }
    }

    /// Writes what is known at the end: how the conversations ended that did not end before, what the file is, and how
    /// much there was of all. `filtered` says that not every item was wanted.
    pub fn end(
        &mut self,
        out: &mut dyn Write,
        about: &About,
        trace: &Trace,
        filtered: bool,
    ) -> io::Result<()> {
        let options = self.options;
        let words = options.words;
        let mut legend = Progress::default();
        let (mut counts, mut shown) = (Counts::default(), 0u64);
        trace.findings.iter().for_each(|finding| counts.add(finding));
        self.talks.resize_with(trace.conversations().len(), Told::default);
        writeln!(out)?;
        for (index, (told, talk)) in self.talks.iter_mut().zip(trace.conversations()).enumerate() {
            let other = options.conversation.is_some_and(|only| only != index + 1);
            if other || (filtered && told.facts.is_none()) {
                continue;
            }
            shown += 1;
            counts = counts.plus(Counts::of(talk));
            let first = told.progress.first;
            legend.join(std::mem::take(&mut told.progress));
            if !told.ended {
                if told.facts.is_none() {
                    write_heading(out, index + 1, talk, &options)?;
                } else {
                    for finding in talk.findings.get(told.findings..).unwrap_or_default() {
                        ladder::write_finding(out, finding, "  ", &options)?;
                    }
                    let number = [("number", (index + 1).to_string().into())];
                    write!(out, "{}:", words.with("statistics-conversation", &number))?;
                }
                write_ending_since(out, talk, first.or(talk.start()), &options)?;
            }
        }
        legend.write_legend(out, &options)?;
        write_file(out, about, &trace.findings, &options)?;
        if trace.conversations().is_empty() {
            return writeln!(out, "{}", words.text("talk-none"));
        }
        if filtered {
            let all = trace.conversations().iter().map(|talk| talk.items.len() as u64).sum();
            return super::write_matches(out, self.written, all, shown, &options);
        }
        if shown > 1 {
            let shown = words.count("count-conversations", shown);
            writeln!(out, "{shown}: {}", counts.told(words))?;
        }
        Ok(())
    }
}
