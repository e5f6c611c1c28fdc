//! What a student has done: kept in a file, and told to a teacher.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::format::Lesson;
use crate::words::Words;

/// What a student has done in all lessons.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// By the lesson's name.
    #[serde(default)]
    pub lessons: BTreeMap<String, Done>,
}

/// What a student has done in one lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Done {
    /// The step where the student is, counted from 0.
    pub at: usize,
    /// The questions that were answered, by the number of their step, counted from 0.
    pub answered: BTreeSet<usize>,
    /// Those of them whose answer was shown because the student gave up.
    pub shown: BTreeSet<usize>,
    /// How many answers were given, right and wrong.
    pub tries: u32,
    /// How long it took so far, in seconds.
    pub seconds: u64,
}

impl Progress {
    /// Where a student's progress is kept: the folder for data that the system gives to programs. None where there is no
    /// home directory.
    pub fn file() -> Option<PathBuf> {
        let folders = directories::ProjectDirs::from("", "", "framescope")?;
        Some(folders.data_dir().join("progress.toml"))
    }

    /// Reads the file; nothing done where there is none yet.
    ///
    /// # Errors
    /// Where the file cannot be read, or is no progress.
    pub fn load(path: &Path) -> io::Result<Self> {
        match std::fs::read_to_string(path) {
            Ok(text) => {
                toml::from_str(&text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Writes the file, and its folder.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let text = toml::to_string(self).map_err(io::Error::other)?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, text)
    }

    /// What was done in this lesson, to be changed.
    pub fn of(&mut self, lesson: &str) -> &mut Done {
        self.lessons.entry(lesson.to_owned()).or_default()
    }

    /// How many of the lesson's questions were answered.
    pub fn answered(&self, lesson: &Lesson) -> usize {
        self.lessons.get(&lesson.name).map_or(0, |done| done.answered.len().min(lesson.questions()))
    }

    /// What a teacher reads: a table in Markdown, one row a lesson that was begun.
    pub fn report<'a>(&self, lessons: impl IntoIterator<Item = &'a Lesson>, words: Words) -> String {
        let heads = ["report-lesson", "report-answered", "report-shown", "report-tries", "report-time"];
        let heads = heads.map(|id| words.text(id)).join(" | ");
        let mut text = format!("# {}\n\n| {heads} |\n|---|---|---|---|---|\n", words.text("report-title"));
        for lesson in lessons {
            let Some(done) = self.lessons.get(&lesson.name) else { continue };
            // Writing to a String cannot fail.
            let answered = [
                ("done", self.answered(lesson).to_string().into()),
                ("count", lesson.questions().to_string().into()),
            ];
            let time = [
                ("minutes", (done.seconds / 60).to_string().into()),
                ("seconds", format!("{:02}", done.seconds % 60).into()),
            ];
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                lesson.title,
                words.with("report-of", &answered),
                done.shown.len(),
                done.tries,
                words.with("report-minutes", &time)
            );
        }
        text
    }
}
