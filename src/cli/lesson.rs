//! `framescope lesson`: lessons in the terminal, and what a student has done.

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::time::Instant;

use super::Failure;
use super::args::{Detail, LessonArgs};
use super::markdown::plain;
use super::{output, window};
use crate::capture::packets;
use crate::export::{hexdump, text};
use crate::lesson::reference::Place;
use crate::lesson::{
    Given, Key, Kind, Lesson, Mode, Outcome, Player, Progress, Question, Step, Tab, View, bundled,
};
use crate::model::field::Field;
use crate::model::rule::Rule;
use crate::trace::{Conversation, PayloadReader, Trace, derivations, fields};
use crate::view::line::{self, Line};
use crate::words::Words;

pub(super) fn run(args: &LessonArgs) -> Result<(), Failure> {
    let path = Progress::file()
        .ok_or_else(|| Failure::said("there is no home directory in which progress could be kept"))?;
    if args.reset {
        return reset(&path, args.name.as_deref());
    }
    let mut progress = Progress::load(&path)
        .map_err(|error| Failure::said(format!("cannot read the progress in {}: {error}", path.display())))?;
    if let Some(file) = &args.progress {
        let lessons = bundled::lessons().map_err(Failure::said)?;
        return std::fs::write(file, progress.report(&lessons))
            .map_err(|error| Failure::said(format!("cannot write {}: {error}", file.display())));
    }
    let Some(name) = &args.name else { return list(&progress) };
    let lesson = Lesson::open(name).map_err(Failure::said)?;
    if args.check {
        return check(lesson);
    }
    if !args.text {
        return open_window(&lesson);
    }
    let trace = lesson.trace().map_err(|error| Failure::said(format!("{name}: {error}")))?;
    let mode = if args.challenge { Mode::Challenge } else { Mode::Guided };
    let player =
        Player::new(lesson, &trace, mode).map_err(|error| Failure::said(format!("{name}: {error}")))?;
    let began = Instant::now();
    let width = output::text_options(Detail::default()).width;
    let mut game = Terminal { player, trace, progress: &mut progress, width, out: output::stdout() };
    let played = game.play(&mut io::stdin().lock());
    let name = game.player.lesson().name.clone();
    progress.of(&name).seconds += began.elapsed().as_secs();
    progress
        .save(&path)
        .map_err(|error| Failure::said(format!("cannot keep the progress in {}: {error}", path.display())))?;
    played
}

/// The items of a lesson and the answers to its questions, for who writes one.
fn check(lesson: Lesson) -> Result<(), Failure> {
    let name = lesson.name.clone();
    let said = |error| Failure::said(format!("{name}: {error}"));
    let trace = lesson.trace().map_err(said)?;
    let mut out = output::stdout();
    let options = output::text_options(Detail { brief: true, ..Detail::default() });
    for (number, talk) in trace.conversations.iter().enumerate() {
        text::write_conversation(&mut out, &trace, number, &options)?;
        for (number, message) in talk.messages.iter() {
            writeln!(
                out,
                "message {}: {} of items {} to {}",
                number + 1,
                message.kind.id(),
                message.first + 1,
                message.last + 1
            )?;
        }
        writeln!(out)?;
    }
    out.flush()?;
    let mut player = Player::new(lesson, &trace, Mode::Guided).map_err(said)?;
    loop {
        if let Some(question) = player.question().cloned() {
            for wrong in &question.wrong {
                let given = wrong.given(&question).map_err(|error| {
                    Failure::said(format!(
                        "{name}: step {}: the wrong answer {}: {error}",
                        player.at() + 1,
                        wrong.when
                    ))
                })?;
                if player.answer(&given).is_some_and(|verdict| verdict.is_right()) {
                    return Err(Failure::said(format!(
                        "{name}: step {}: the wrong answer {} is right",
                        player.at() + 1,
                        wrong.when
                    )));
                }
            }
            if let Some(right) = player.reveal() {
                writeln!(out, "step {}: {}", player.at() + 1, shown(&question, &right))?;
            }
        }
        if !player.forward() {
            return Ok(out.flush()?);
        }
    }
}

/// Opens the window at a lesson.
fn open_window(lesson: &Lesson) -> Result<(), Failure> {
    window::open_lesson(&lesson.name)
}

fn reset(path: &Path, name: Option<&str>) -> Result<(), Failure> {
    let cannot = |error: io::Error| Failure::said(format!("cannot reset {}: {error}", path.display()));
    let mut progress = match name {
        Some(_) => Progress::load(path).map_err(cannot)?,
        None => Progress::default(),
    };
    if let Some(name) = name {
        progress.lessons.remove(name);
    }
    progress.save(path).map_err(cannot)?;
    let mut out = output::stdout();
    match name {
        Some(name) => writeln!(out, "Nothing is done yet in {name}.")?,
        None => writeln!(out, "Nothing is done yet in any lesson.")?,
    }
    Ok(out.flush()?)
}

fn list(progress: &Progress) -> Result<(), Failure> {
    let mut out = output::stdout();
    writeln!(out, "framescope lesson NAME --text plays one here; --challenge asks before it shows.\n")?;
    for lesson in bundled::lessons().map_err(Failure::said)? {
        let (done, all) = (progress.answered(&lesson), lesson.questions());
        let mark = if done == all { '✓' } else { ' ' };
        writeln!(
            out,
            "{mark} {:26} {:42} {:>3} min  {done} of {all}",
            lesson.name, lesson.title, lesson.minutes
        )?;
    }
    Ok(out.flush()?)
}

/// A lesson in the terminal.
struct Terminal<'a, W> {
    player: Player,
    trace: Trace,
    progress: &'a mut Progress,
    /// Lines are this wide.
    width: usize,
    out: W,
}

/// What the student wants.
enum Wish {
    Answer(Given),
    Reveal,
    Items,
    Back,
    Quit,
    Again(&'static str),
}

impl<W: Write> Terminal<'_, W> {
    fn play(&mut self, input: &mut dyn BufRead) -> Result<(), Failure> {
        let lesson = self.player.lesson();
        writeln!(self.out, "{}\n{}", lesson.title, lesson.about)?;
        writeln!(
            self.out,
            "Answer each question and press Enter. `show` gives the answer, `items` lists the items, `back` goes back, \
             `quit` leaves.\n"
        )?;
        self.write_items()?;
        loop {
            self.write_step()?;
            if self.player.question().is_some() && !self.ask(input)? {
                return Ok(());
            }
            if !self.player.forward() {
                break;
            }
        }
        let words = if self.player.is_finished() { "That was the whole lesson." } else { "The end." };
        writeln!(self.out, "{words}")?;
        Ok(self.out.flush()?)
    }

    fn write_step(&mut self) -> Result<(), Failure> {
        let (at, of) = (self.player.at() + 1, self.player.len());
        writeln!(self.out, "── {at} of {of} ──")?;
        if let Some(view) = self.player.view() {
            self.write_view(view)?;
        }
        match self.player.step() {
            Some(Step::Say { text, .. }) => writeln!(self.out, "{}\n", plain(text, self.width))?,
            Some(Step::Ask(question)) => {
                let question = question.clone();
                self.write_question(&question)?;
            }
            None => {}
        }
        Ok(())
    }

    fn write_question(&mut self, question: &Question) -> Result<(), Failure> {
        writeln!(self.out, "{}", plain(&question.text, self.width))?;
        let choices = question.choices.iter().map(|choice| choice.says.clone());
        let rules = question.among.iter().map(|id| {
            let title = Rule::from_id(id).map(Rule::title).unwrap_or_default();
            format!("{title} ({id})")
        });
        for (letter, option) in ('a'..='z').zip(choices.chain(rules)) {
            writeln!(self.out, "  {letter}  {option}")?;
        }
        if question.kind == Kind::Field
            && let Some(item) = self.player.view().and_then(|view| Some((view.conversation, view.item?)))
            && let Some(talk) = self.trace.conversations.get(item.0)
            && let Some(tree) = fields(talk, &self.trace.store, item.1)
        {
            let mut ids: Vec<&str> = tree.leaves().iter().map(|leaf| leaf.kind.id).collect();
            ids.sort_unstable();
            ids.dedup();
            writeln!(self.out, "  Its fields: {}", ids.join(", "))?;
        }
        Ok(())
    }

    /// Asks until the answer is right, or shown; whether the student goes on.
    fn ask(&mut self, input: &mut dyn BufRead) -> Result<bool, Failure> {
        while let Some(question) = self.player.question().cloned() {
            write!(self.out, "> ")?;
            self.out.flush()?;
            let mut line = String::new();
            if input.read_line(&mut line).map_err(Failure::said)? == 0 {
                writeln!(self.out)?;
                self.out.flush()?;
                return Ok(false);
            }
            let at = self.player.at();
            match wish(&question, &line) {
                Wish::Quit => return Ok(false),
                Wish::Again(words) => writeln!(self.out, "{words}.")?,
                Wish::Items => self.write_items()?,
                Wish::Back => {
                    self.player.back();
                    self.write_step()?;
                    if self.player.question().is_none() {
                        self.player.forward();
                        self.write_step()?;
                    }
                }
                Wish::Reveal => {
                    if let Some(right) = self.player.reveal() {
                        let words = plain(&question.right, self.width);
                        writeln!(self.out, "{}\n{words}\n", shown(&question, &right))?;
                    }
                    let name = self.player.lesson().name.clone();
                    let done = self.progress.of(&name);
                    done.answered.insert(at);
                    done.shown.insert(at);
                    return Ok(true);
                }
                Wish::Answer(given) => {
                    let Some(verdict) = self.player.answer(&given) else { return Ok(true) };
                    let name = self.player.lesson().name.clone();
                    let done = self.progress.of(&name);
                    done.tries += 1;
                    done.at = at;
                    let word = if verdict.is_right() { "Right." } else { "Not that." };
                    writeln!(self.out, "{}\n", plain(&format!("{word} {}", verdict.words), self.width))?;
                    if verdict.outcome == Outcome::Right {
                        done.answered.insert(at);
                        return Ok(true);
                    }
                }
            }
        }
        Ok(true)
    }

    /// One line for each item; what it says only where nothing of it is asked for.
    fn write_items(&mut self) -> Result<(), Failure> {
        let hidden = self.player.hidden();
        for (number, talk) in self.trace.conversations.iter().enumerate() {
            if self.trace.conversations.len() > 1 {
                writeln!(self.out, "Connection {}", number + 1)?;
            }
            let mut reader = PayloadReader::default();
            for (at, item) in talk.items.iter() {
                let line = Line::new(talk, &self.trace.store, at, item);
                let (kind, side) = (line.kind(), item.side.id());
                let head = format!("{:>3}  {side}  {kind:13}  {:>6} bytes  ", at + 1, item.length);
                let room = self.width.saturating_sub(head.len()).max(20);
                let asked = hidden.iter().any(|place| {
                    place.conversation == number && place.item == Some(at) && place.step.is_none()
                });
                let content = if asked {
                    "?".to_owned()
                } else {
                    let limit = room * line::LONGEST_CHARACTER;
                    line.content(room, &mut |message| {
                        line::inflate(&mut reader, talk, &self.trace.store, message, limit)
                    })
                };
                writeln!(self.out, "{}", format!("{head}{content}").trim_end())?;
            }
        }
        writeln!(self.out)?;
        Ok(())
    }

    /// The item as a hex dump, the field with its value, the steps of a derivation: as far as nothing of it is asked for.
    fn write_view(&mut self, view: View) -> Result<(), Failure> {
        if let Some(number) = view.packet {
            return self.write_packet(number);
        }
        let Some(talk) = self.trace.conversations.get(view.conversation) else { return Ok(()) };
        let Some(number) = view.item else { return Ok(()) };
        let Some(item) = talk.items.get(number) else { return Ok(()) };
        let many = self.trace.conversations.len() > 1;
        let of = if many { format!(" of connection {}", view.conversation + 1) } else { String::new() };
        writeln!(
            self.out,
            "Item {}{of}, from the {}: {}, {} bytes",
            number + 1,
            item.side,
            item.kind.id(),
            item.length
        )?;
        hexdump::write_beginning(&mut self.out, &talk.bytes_of(&self.trace.store, item), 0, "  ", 24)?;
        self.write_detail(view, number)?;
        for finding in
            self.trace.conversations.get(view.conversation).into_iter().flat_map(|t| t.findings_of(number))
        {
            // A rule that is asked for is not told.
            if !self.asks_for_rule() {
                writeln!(self.out, "  {finding}")?;
            }
        }
        writeln!(self.out)?;
        Ok(())
    }

    fn write_packet(&mut self, number: u64) -> Result<(), Failure> {
        let capture = self.player.lesson().capture().map_err(Failure::said)?;
        if let Some(packet) = packets(&capture).find(|packet| packet.number == number) {
            writeln!(self.out, "Packet {number}, {} bytes", packet.bytes.len())?;
            hexdump::write(&mut self.out, packet.bytes, 0, "  ")?;
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn asks_for_rule(&self) -> bool {
        let steps = self.player.lesson().steps.get(self.player.at()..).unwrap_or_default();
        steps.iter().any(|step| matches!(step, Step::Ask(question) if question.kind == Kind::Rule))
    }

    fn write_detail(&mut self, view: View, number: usize) -> Result<(), Failure> {
        let Some(talk) = self.trace.conversations.get(view.conversation) else { return Ok(()) };
        let hidden: Vec<Place> =
            self.player.hidden().into_iter().chain(self.player.asked().cloned()).collect();
        let is_hidden = |field: Option<&str>, step: Option<(&str, usize)>| {
            hidden.iter().any(|place| {
                place.conversation == view.conversation
                    && place.item == Some(number)
                    && (field.is_some() && place.field == field
                        || step.is_some_and(|(id, at)| {
                            place.step.as_ref().is_some_and(|(hidden, from)| {
                                hidden == id && from.is_none_or(|from| from <= at)
                            })
                        }))
            })
        };
        if let Some(id) = view.field
            && !is_hidden(Some(id), None)
        {
            write_field(&mut self.out, talk, &self.trace, number, view)?;
        }
        if view.tab == Some(Tab::Follows) {
            for derivation in derivations(talk, &self.trace.store, number) {
                // English, until whoever asks says its language.
                let words = Words::english();
                writeln!(self.out, "  {}:", words.derivation(&derivation))?;
                for (at, step) in derivation.steps.iter().enumerate() {
                    if is_hidden(None, Some((derivation.id, at))) {
                        writeln!(self.out, "  {}. {}: you will find out", at + 1, words.step(step))?;
                        break;
                    }
                    writeln!(self.out, "  {}. {}: {}", at + 1, words.step(step), words.shown(step))?;
                }
            }
        }
        Ok(())
    }
}

fn write_field(
    out: &mut dyn Write,
    talk: &Conversation,
    trace: &Trace,
    number: usize,
    view: View,
) -> Result<(), Failure> {
    let tree = fields(talk, &trace.store, number);
    let leaves = tree.as_ref().map(Field::leaves).unwrap_or_default();
    let field =
        leaves.into_iter().find(|leaf| Some(leaf.kind.id) == view.field && Some(leaf.bits) == view.bits);
    if let Some(field) = field {
        writeln!(out, "  {}, {}: {}", field.kind.name, line::place(field.bits), field.value)?;
    }
    Ok(())
}

fn wish(question: &Question, line: &str) -> Wish {
    match line.trim() {
        "quit" => Wish::Quit,
        "back" => Wish::Back,
        "show" => Wish::Reveal,
        "items" => Wish::Items,
        text => match question.read(text) {
            Ok(given) => Wish::Answer(given),
            Err(unreadable) => Wish::Again(unreadable.0),
        },
    }
}

/// A right answer as a person reads it.
fn shown(question: &Question, right: &Given) -> String {
    match right {
        Given::Bytes(bytes) => Key::spelled(bytes),
        Given::Number(number) => number.to_string(),
        Given::Text(text) | Given::Rule(text) | Given::Field(_, text) => text.clone(),
        Given::Choice(at) => question.choices.get(*at).map(|choice| choice.says.clone()).unwrap_or_default(),
        Given::Bit(_, bit) => format!("bit {bit}"),
        Given::Item(item) => format!("item {}", item + 1),
    }
}
