//! The same lesson in another language: its texts laid over the English ones.
//!
//! A lesson's file says what is asked and where the answer stands; that has no language. `assets/lessons/TAG/NAME.toml`
//! holds only what is read, by the number of the step, counted from 1. What it leaves out is said in English.
//!
//! ```toml
//! title = "Eine Nutzlast von Hand demaskieren"
//! [step.2]
//! ask = "Welches Bit sagt, dass die Nutzlast maskiert ist?"
//! hint = "Es ist das erste Bit des zweiten Bytes."
//! right = "Bit 8, MASK, ist 1."
//! # In the order of the English file; an empty text leaves that one in English.
//! wrong = ["Bit 0 ist FIN.", ""]
//! [[step.3.choices]]
//! says = "eine"
//! why = "Es sind zwei."
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;

use super::format::{Choice, Lesson, Step};
use super::{LessonError, Question};
use crate::facts;
use crate::words::pseudo::marked_letter;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    title: String,
    about: String,
    step: BTreeMap<String, Texts>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Texts {
    say: String,
    ask: String,
    hint: String,
    right: String,
    choices: Vec<ChoiceTexts>,
    wrong: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ChoiceTexts {
    says: String,
    why: String,
}

/// Lays the texts of a file over a lesson.
///
/// # Errors
/// Where it is no such file, or speaks of a step, a choice or a wrong answer that the lesson does not have.
pub(super) fn lay(lesson: &mut Lesson, text: &str) -> Result<(), LessonError> {
    let file: File =
        toml::from_str(text).map_err(|error| LessonError::Format(lesson.name.clone(), Box::new(error)))?;
    over(&mut lesson.title, file.title);
    over(&mut lesson.about, file.about);
    for (key, texts) in file.step {
        let number: usize = key.parse().unwrap_or_default();
        let step = number.checked_sub(1).and_then(|at| lesson.steps.get_mut(at));
        let fits = match step {
            Some(Step::Say { text, .. }) => {
                over(text, texts.say);
                texts.ask.is_empty() && texts.choices.is_empty() && texts.wrong.is_empty()
            }
            Some(Step::Ask(question)) => texts.say.is_empty() && lay_question(question, texts),
            None => false,
        };
        if !fits {
            return Err(LessonError::Step(number, facts!("overlay")));
        }
    }
    Ok(())
}

/// Whether every text has its place.
fn lay_question(question: &mut Question, texts: Texts) -> bool {
    over(&mut question.text, texts.ask);
    over(&mut question.hint, texts.hint);
    over(&mut question.right, texts.right);
    let fits = texts.choices.len() <= question.choices.len() && texts.wrong.len() <= question.wrong.len();
    for (choice, texts) in question.choices.iter_mut().zip(texts.choices) {
        over(&mut choice.says, texts.says);
        over(&mut choice.why, texts.why);
    }
    for (wrong, why) in question.wrong.iter_mut().zip(texts.wrong) {
        over(&mut wrong.why, why);
    }
    fits
}

fn over(english: &mut String, other: String) {
    if !other.is_empty() {
        *english = other;
    }
}

/// The lesson in the language that nobody speaks: every letter of its texts has a mark, but in code and in bytes.
pub(super) fn mark(lesson: &mut Lesson) {
    for text in [&mut lesson.title, &mut lesson.about] {
        *text = marked(text);
    }
    for step in &mut lesson.steps {
        match step {
            Step::Say { text, .. } => *text = marked(text),
            Step::Ask(question) => {
                let Question { text, hint, right, choices, wrong, .. } = &mut **question;
                let of_choices = choices.iter_mut().flat_map(|Choice { says, why, .. }| [says, why]);
                let of_wrong = wrong.iter_mut().map(|wrong| &mut wrong.why);
                for text in [text, hint, right].into_iter().chain(of_choices).chain(of_wrong) {
                    *text = marked(text);
                }
            }
        }
    }
}

fn marked(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut fenced = false;
    for line in text.split_inclusive('\n') {
        let fence = line.starts_with("```");
        fenced ^= fence;
        if fenced || fence || line.starts_with("    ") {
            out.push_str(line);
            continue;
        }
        for (at, part) in line.split('`').enumerate() {
            if at > 0 {
                out.push('`');
            }
            if at % 2 == 1 { out.push_str(part) } else { mark_words(part, &mut out) }
        }
    }
    out
}

/// Marks everything but what looks like bytes: hexadecimal digits, at least one of them a figure.
fn mark_words(text: &str, out: &mut String) {
    for word in text.split_inclusive(|character: char| !character.is_ascii_alphanumeric()) {
        let bare = word.trim_end_matches(|character: char| !character.is_ascii_alphanumeric());
        let is_hex = bare.bytes().any(|byte| byte.is_ascii_digit())
            && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hex { out.push_str(word) } else { out.extend(word.chars().map(marked_letter)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Words;

    #[test]
    fn texts_are_laid_over_and_what_is_missing_stays() {
        let mut lesson = Lesson::open("unmask-by-hand", Words::english()).unwrap();
        let english = lesson.clone();
        lay(
            &mut lesson,
            "title = \"Von Hand\"\n[step.2]\nask = \"Welches Bit?\"\nwrong = [\"\", \"Neun.\"]\n",
        )
        .unwrap();
        assert_eq!((lesson.title.as_str(), lesson.about.as_str()), ("Von Hand", english.about.as_str()));
        let (Step::Ask(said), Step::Ask(was)) = (&lesson.steps[1], &english.steps[1]) else { panic!() };
        assert_eq!((said.text.as_str(), &said.hint), ("Welches Bit?", &was.hint));
        assert_eq!((&said.wrong[0].why, said.wrong[1].why.as_str()), (&was.wrong[0].why, "Neun."));
    }

    #[test]
    fn texts_without_a_place_are_refused() {
        for text in [
            "[step.99]\nsay = \"a\"",
            "[step.1]\nask = \"a\"",
            "[step.2]\nsay = \"a\"",
            "[step.x]\nsay = \"a\"",
        ] {
            let mut lesson = Lesson::open("unmask-by-hand", Words::english()).unwrap();
            assert!(lay(&mut lesson, text).is_err(), "{text}");
        }
    }

    #[test]
    fn code_and_bytes_have_no_marks() {
        assert_eq!(marked("Type `key` or 7f.\n\n    code\n"), "Ţýþé `key` óŕ 7f.\n\n    code\n");
    }
}
