//! Reading the book and taking lessons in the window.

use egui_kittest::kittest::Queryable;
use framescope::app::action::Action;

use super::common::usual;

#[test]
fn a_chapter_is_read_and_its_experiment_starts() {
    let mut window = usual();
    window.state_mut().ask(Action::Page("accept-value".to_owned()));
    window.run_ok();
    window.run_ok();
    window.snapshot("book");
    window.state_mut().ask(Action::Page("masking".to_owned()));
    window.run_ok();
    window.run_ok();
    window.snapshot("book-masking");
}

#[test]
fn a_lesson_is_taken() {
    let mut window = usual();
    window.state_mut().ask(Action::Lesson("unmask-by-hand".to_owned()));
    window.run_ok();
    window.run_ok();
    window.snapshot("lesson");
    window.get_by_label("Next").click();
    window.run_ok();
    window.snapshot("lesson-question");
}
