//! Reading the book and taking lessons in the window.

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use framescope::app::App;
use framescope::app::action::Action;

use super::common::usual;

/// A window in which a lesson is open.
fn lesson(name: &str) -> Harness<'static, App> {
    let mut window = usual();
    take(&mut window, name);
    window
}

fn take(window: &mut Harness<'static, App>, name: &str) {
    window.state_mut().ask(Action::Lesson(name.to_owned()));
    for _ in 0..4 {
        window.run_ok();
    }
}

fn click(window: &mut Harness<'static, App>, label: &str) {
    window.get_by_label(label).click();
    window.run_ok();
    window.run_ok();
}

/// Types an answer and presses Enter.
fn answer(window: &mut Harness<'static, App>, text: &str) {
    let field = window.get_by_label("Your answer");
    field.focus();
    field.type_text(text);
    window.run_ok();
    press_enter(window);
}

fn press_enter(window: &mut Harness<'static, App>) {
    window.key_press(Key::Enter);
    window.run_ok();
    window.run_ok();
}

fn says(window: &Harness<'static, App>, words: &str) -> bool {
    window.query_all_by_label_contains(words).next().is_some()
}

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

#[test]
fn what_is_done_in_a_lesson_is_kept_in_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data/progress.toml");
    let mut window = usual();
    window.state_mut().keep_progress_in(&file);
    take(&mut window, "three-lengths");
    assert!(window.state().state().notices.all().is_empty());
    click(&mut window, "All lessons");
    drop(window);

    let mut window = usual();
    window.state_mut().keep_progress_in(&file);
    take(&mut window, "unmask-by-hand");
    click(&mut window, "Next");
    answer(&mut window, "8");
    assert!(says(&window, "✓ Right"));
    drop(window);

    let mut window = usual();
    window.state_mut().keep_progress_in(&file);
    take(&mut window, "unmask-by-hand");
    assert!(says(&window, "Step 2 of"), "it goes on where the student was");
    click(&mut window, "All lessons");
    assert!(says(&window, "1 of 7 questions"));
    click(&mut window, "Begin all lessons again");
    assert!(says(&window, "1 of 7 questions"), "one click is not enough");
    click(&mut window, "Really begin again");
    assert!(!says(&window, "1 of 7 questions"));

    std::fs::write(&file, "no progress").unwrap();
    let mut window = usual();
    window.state_mut().keep_progress_in(&file);
    take(&mut window, "unmask-by-hand");
    click(&mut window, "Next");
    answer(&mut window, "8");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "no progress", "what cannot be read is not lost");
}

#[test]
fn a_lesson_is_taken_by_keyboard() {
    let mut window = lesson("unmask-by-hand");
    click(&mut window, "Next");
    answer(&mut window, "9");
    assert!(says(&window, "Not yet") && says(&window, "Step 2 of"));
    // The box has the keyboard, and what is typed takes the place of the wrong answer.
    window.get_by_label("Your answer").type_text("8");
    window.run_ok();
    press_enter(&mut window);
    assert!(says(&window, "✓ Right"));
    press_enter(&mut window);
    assert!(says(&window, "Step 3 of"));
    window.get_by_label("Your answer").type_text("37 fa 21 3d");
    window.run_ok();
    press_enter(&mut window);
    assert!(says(&window, "✓ Right"));
}

#[test]
fn a_lesson_about_a_packet_shows_the_packet() {
    let mut window = lesson("byte-in-a-packet");
    assert!(says(&window, "One packet carries item 3"));
    click(&mut window, "Next");
    answer(&mut window, "77");
    assert!(says(&window, "✓ Right"));
    click(&mut window, "Next");
    window.snapshot("lesson-packet");
}

#[test]
fn a_lesson_that_is_opened_again_has_one_source() {
    let mut window = lesson("unmask-by-hand");
    let first = window.state().state().at;
    take(&mut window, "three-lengths");
    take(&mut window, "unmask-by-hand");
    assert_eq!(window.state().state().at, first);
}

#[test]
fn what_a_question_asks_for_is_told_nowhere() {
    let mut window = usual();
    window.state_mut().ask(Action::Show(framescope::app::panel::Panel::Lesson));
    window.run_ok();
    window.run_ok();
    click(&mut window, "Challenge");
    take(&mut window, "frame-bit-by-bit");
    window.state_mut().ask(Action::Select(2, Some(framescope::model::field::BitRange::new(0, 1))));
    window.run_ok();
    assert!(says(&window, "A question of the lesson asks for this"));
    window.state_mut().ask(Action::Tab(framescope::app::settings::Tab::Fields));
    window.run_ok();
    window.run_ok();
    assert!(!says(&window, "FIN"));
}
