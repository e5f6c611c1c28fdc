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
    Given, Key, Kind, Lesson, LessonError, Mode, Outcome, Player, Progress, Question, Step, Tab, Unreadable,
    View, bundled,
};
use crate::model::field::Field;
use crate::model::protocol::Side;
use crate::model::rule::Rule;
use crate::trace::{Conversation, PayloadReader, Trace, derivations, fields};
use crate::view::fit;
use crate::view::line::{self, Line};
use crate::words::{Said, Value, Words};

pub(super) fn run(args: &LessonArgs, words: Words) -> Result<(), Failure> {
    let path = Progress::file().ok_or_else(|| Failure::with(words, "lesson-no-home", &[]))?;
    if args.reset {
        return reset(&path, args.name.as_deref(), words);
    }
    let mut progress = Progress::load(&path)
        .map_err(|error| output::cannot(words, "lesson-progress-unreadable", &path, error))?;
    if let Some(file) = &args.progress {
        let lessons = bundled::lessons(words).map_err(|error| Failure::of(&error, words))?;
        return std::fs::write(file, progress.report(&lessons, words))
            .map_err(|error| output::cannot(words, "cli-cannot-write", file, error));
    }
    let Some(name) = &args.name else { return list(&progress, words) };
    let lesson = Lesson::open(name, words).map_err(|error| Failure::of(&error, words))?;
    if args.check {
        return check(lesson, words);
    }
    if !args.text {
        return window::open_lesson(&lesson.name, words);
    }
    let said = |error: LessonError| Failure::Said(format!("{name}: {}", error.said(words)));
    let trace = lesson.trace().map_err(said)?;
    let mode = if args.challenge { Mode::Challenge } else { Mode::Guided };
    let player = Player::new(lesson, &trace, mode).map_err(said)?;
    let began = Instant::now();
    let width = output::text_options(Detail::default(), words).width;
    let mut game = Terminal { words, player, trace, progress: &mut progress, width, out: output::stdout() };
    let played = game.play(&mut io::stdin().lock());
    let name = game.player.lesson().name.clone();
    progress.of(&name).seconds += began.elapsed().as_secs();
    progress.save(&path).map_err(|error| output::cannot(words, "lesson-progress-not-kept", &path, error))?;
    played
}

/// The items of a lesson and the answers to its questions, for who writes one.
fn check(lesson: Lesson, words: Words) -> Result<(), Failure> {
    let name = lesson.name.clone();
    let said = |error: LessonError| Failure::Said(format!("{name}: {}", error.said(words)));
    let trace = lesson.trace().map_err(said)?;
    let mut out = output::stdout();
    let options = output::text_options(Detail { brief: true, ..Detail::default() }, words);
    for (number, talk) in trace.conversations().iter().enumerate() {
        text::write_conversation(&mut out, &trace, number, &options)?;
        for (number, message) in talk.messages.iter() {
            let values = [
                ("number", (number + 1).to_string().into()),
                ("kind", message.kind.id().into()),
                ("first", (message.first + 1).to_string().into()),
                ("last", (message.last + 1).to_string().into()),
            ];
            writeln!(out, "{}", words.with("lesson-check-message", &values))?;
        }
        writeln!(out)?;
    }
    out.flush()?;
    let mut player = Player::new(lesson, &trace, Mode::Guided).map_err(said)?;
    loop {
        if let Some(question) = player.question().cloned() {
            for wrong in &question.wrong {
                let (step, answer) = ((player.at() + 1).to_string(), wrong.when.to_string());
                let values: [(&str, &str); 3] = [("name", &name), ("step", &step), ("answer", &answer)];
                let given = wrong.given(&question).map_err(|error| {
                    let said = words.with("lesson-check-unreadable", &texts(&values));
                    Failure::Said(format!("{said}: {}", error.said(words)))
                })?;
                if player.answer(&given).is_some_and(|verdict| verdict.is_right()) {
                    return Err(Failure::with(words, "lesson-check-right", &values));
                }
            }
            if let Some(right) = player.reveal() {
                let values = [
                    ("number", (player.at() + 1).to_string().into()),
                    ("right", shown(&question, &right, words).into()),
                ];
                writeln!(out, "{}", words.with("lesson-check-step", &values))?;
            }
        }
        if !player.forward() {
            return Ok(out.flush()?);
        }
    }
}

/// Texts for places of a message.
fn texts<'a>(values: &[(&'a str, &'a str)]) -> Vec<(&'a str, Value<'a>)> {
    values.iter().map(|(name, text)| (*name, (*text).into())).collect()
}

fn reset(path: &Path, name: Option<&str>, words: Words) -> Result<(), Failure> {
    let cannot = |error: io::Error| output::cannot(words, "lesson-cannot-reset", path, error);
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
        Some(name) => writeln!(out, "{}", words.with("lesson-was-reset", &[("name", name.into())]))?,
        None => writeln!(out, "{}", words.text("lesson-all-reset"))?,
    }
    Ok(out.flush()?)
}

fn list(progress: &Progress, words: Words) -> Result<(), Failure> {
    let mut out = output::stdout();
    writeln!(out, "{}\n", words.text("lesson-list-about"))?;
    for lesson in bundled::lessons(words).map_err(|error| Failure::of(&error, words))? {
        let (done, all) = (progress.answered(&lesson), lesson.questions());
        let mark = if done == all { '✓' } else { ' ' };
        let values = [
            ("minutes", format!("{:>3}", lesson.minutes).into()),
            ("done", done.to_string().into()),
            ("count", all.to_string().into()),
        ];
        let told = words.with("lesson-list-row", &values);
        writeln!(out, "{mark} {:26} {:42} {told}", lesson.name, lesson.title)?;
    }
    Ok(out.flush()?)
}

/// A lesson in the terminal.
struct Terminal<'a, W> {
    words: Words,
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
    Again(Unreadable),
}

impl<W: Write> Terminal<'_, W> {
    fn play(&mut self, input: &mut dyn BufRead) -> Result<(), Failure> {
        let lesson = self.player.lesson();
        writeln!(self.out, "{}\n{}", lesson.title, lesson.about)?;
        writeln!(self.out, "{}\n", self.words.text("lesson-play-about"))?;
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
        let id = if self.player.is_finished() { "lesson-play-whole" } else { "lesson-play-end" };
        writeln!(self.out, "{}", self.words.text(id))?;
        Ok(self.out.flush()?)
    }

    fn write_step(&mut self) -> Result<(), Failure> {
        let (at, of) = (self.player.at() + 1, self.player.len());
        let of = [("done", at.to_string().into()), ("count", of.to_string().into())];
        writeln!(self.out, "── {} ──", self.words.with("report-of", &of))?;
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
            let title = Rule::from_id(id).map(|rule| self.words.title(rule)).unwrap_or_default();
            format!("{title} ({id})")
        });
        for (letter, option) in ('a'..='z').zip(choices.chain(rules)) {
            writeln!(self.out, "  {letter}  {option}")?;
        }
        if question.kind == Kind::Field
            && let Some(item) = self.player.view().and_then(|view| Some((view.conversation, view.item?)))
            && let Some(talk) = self.trace.conversation(item.0)
            && let Some(tree) = fields(talk, &self.trace.store, item.1)
        {
            let mut ids: Vec<&str> = tree.leaves().iter().map(|leaf| leaf.kind.id).collect();
            ids.sort_unstable();
            ids.dedup();
            let fields = self.words.with("lesson-play-fields", &[("ids", ids.join(", ").into())]);
            writeln!(self.out, "  {fields}")?;
        }
        Ok(())
    }

    /// Asks until the answer is right, or shown; whether the student goes on.
    fn ask(&mut self, input: &mut dyn BufRead) -> Result<bool, Failure> {
        while let Some(question) = self.player.question().cloned() {
            write!(self.out, "> ")?;
            self.out.flush()?;
            let mut line = String::new();
            if input.read_line(&mut line).map_err(|error| Failure::Said(error.to_string()))? == 0 {
                writeln!(self.out)?;
                self.out.flush()?;
                return Ok(false);
            }
            let at = self.player.at();
            match wish(&question, &line) {
                Wish::Quit => return Ok(false),
                Wish::Again(unreadable) => writeln!(self.out, "{}.", unreadable.said(self.words))?,
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
                        writeln!(self.out, "{}\n{words}\n", shown(&question, &right, self.words))?;
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
                    let word = self.words.text(if verdict.is_right() {
                        "lesson-play-right"
                    } else {
                        "lesson-play-wrong"
                    });
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
        for (number, talk) in self.trace.conversations().iter().enumerate() {
            if self.trace.conversations().len() > 1 {
                let number = (number + 1).to_string();
                writeln!(
                    self.out,
                    "{}",
                    self.words.with("lesson-play-connection", &[("number", number.into())])
                )?;
            }
            let mut reader = PayloadReader::default();
            for (at, item) in talk.items.iter() {
                let line = Line::new(self.words, talk, &self.trace.store, at, item);
                let (kind, side) = (line.kind(), self.words.text(side_id(item.side)));
                let shown = format!("{:>6}", item.length);
                let bytes =
                    self.words.with("event-bytes", &[("count", item.length.into()), ("shown", shown.into())]);
                let head = format!("{:>3}  {side}  {kind:13}  {bytes:12}  ", at + 1);
                let room = self.width.saturating_sub(fit::width(&head)).max(20);
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
        let Some(talk) = self.trace.conversation(view.conversation) else { return Ok(()) };
        let Some(number) = view.item else { return Ok(()) };
        let Some(item) = talk.items.get(number) else { return Ok(()) };
        let many = self.trace.conversations().len() > 1;
        let values = [
            ("number", (number + 1).to_string().into()),
            ("connection", (view.conversation + 1).to_string().into()),
            ("side", item.side.id().into()),
            ("kind", item.kind.id().into()),
            ("bytes", item.length.to_string().into()),
        ];
        let id = if many { "lesson-play-item-of" } else { "lesson-play-item" };
        writeln!(self.out, "{}", self.words.with(id, &values))?;
        hexdump::write_beginning(
            &mut self.out,
            &talk.bytes_of(&self.trace.store, item),
            0,
            "  ",
            24,
            self.words,
        )?;
        self.write_detail(view, number)?;
        for finding in
            self.trace.conversation(view.conversation).into_iter().flat_map(|t| t.findings_of(number))
        {
            // A rule that is asked for is not told.
            if !self.asks_for_rule() {
                writeln!(self.out, "  {}", self.words.finding_line(finding))?;
            }
        }
        writeln!(self.out)?;
        Ok(())
    }

    fn write_packet(&mut self, number: u64) -> Result<(), Failure> {
        let capture = self.player.lesson().capture().map_err(|error| Failure::of(&error, self.words))?;
        if let Some(packet) = packets(&capture).find(|packet| packet.number == number) {
            let values =
                [("number", number.to_string().into()), ("bytes", packet.bytes.len().to_string().into())];
            writeln!(self.out, "{}", self.words.with("lesson-play-packet", &values))?;
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
        let Some(talk) = self.trace.conversation(view.conversation) else { return Ok(()) };
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
            write_field(&mut self.out, talk, &self.trace, number, view, self.words)?;
        }
        if view.tab == Some(Tab::Follows) {
            for derivation in derivations(talk, &self.trace.store, number) {
                let words = self.words;
                writeln!(self.out, "  {}:", words.derivation(&derivation))?;
                for (at, step) in derivation.steps.iter().enumerate() {
                    if is_hidden(None, Some((derivation.id, at))) {
                        let hidden = words.text("lesson-play-hidden");
                        writeln!(self.out, "  {}. {}: {hidden}", at + 1, words.step(step))?;
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
    words: Words,
) -> Result<(), Failure> {
    let tree = fields(talk, &trace.store, number);
    let leaves = tree.as_ref().map(Field::leaves).unwrap_or_default();
    let field =
        leaves.into_iter().find(|leaf| Some(leaf.kind.id) == view.field && Some(leaf.bits) == view.bits);
    if let Some(field) = field {
        let value = words.field_value(field);
        writeln!(out, "  {}, {}: {value}", field.kind.name, line::place(words, field.bits))?;
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
            Err(unreadable) => Wish::Again(unreadable),
        },
    }
}

/// The id of the word for an end.
const fn side_id(side: Side) -> &'static str {
    match side {
        Side::Client => "side-client",
        Side::Server => "side-server",
    }
}

/// A right answer as a person reads it.
fn shown(question: &Question, right: &Given, words: Words) -> String {
    match right {
        Given::Bytes(bytes) => Key::spelled(bytes),
        Given::Number(number) => number.to_string(),
        Given::Text(text) | Given::Rule(text) | Given::Field(_, text) => text.clone(),
        Given::Choice(at) => question.choices.get(*at).map(|choice| choice.says.clone()).unwrap_or_default(),
        Given::Bit(_, bit) => words.with("fields-bit", &[("first", bit.to_string().into())]),
        Given::Item(item) => words.with("list-item", &[("numbers", (item + 1).to_string().into())]),
    }
}
