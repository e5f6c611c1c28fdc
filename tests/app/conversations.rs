//! The list of conversations, however many there are.

use std::net::SocketAddr;

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use framescope::app::App;
use framescope::model::protocol::Side;
use framescope::trace::{End, Timestamp, Trace};

use super::common::usual;

const MANY: usize = 100_000;

/// Connections on which nothing was said.
fn silent(count: usize) -> Trace {
    let mut trace = Trace::default();
    for number in 0..count {
        let client =
            SocketAddr::from(([10, (number >> 16) as u8, (number >> 8) as u8, number as u8], 50_000));
        let talk = trace.open(client, SocketAddr::from(([127, 0, 0, 1], 9001)), false, 6);
        for side in Side::BOTH {
            trace.end(talk, side, End::Fin, 0, Timestamp::default());
        }
    }
    trace.finish();
    trace
}

/// The numbers of the conversations that have a row, and where the rows begin.
fn rows(window: &Harness<'static, App>) -> Vec<(usize, f32)> {
    let options = window.get_all_by_role(Role::ListBoxOption);
    let rows = options.filter_map(|row| {
        let name = egui_kittest::kittest::NodeT::accesskit_node(&row).label()?;
        let number = name.strip_prefix("Conversation ")?.split(',').next()?.parse().ok()?;
        Some((number, row.rect().top()))
    });
    rows.collect()
}

#[test]
fn a_hundred_thousand_conversations_have_the_rows_that_are_seen() {
    let mut window = usual();
    window.state_mut().show("many", silent(MANY));
    window.run_ok();
    let first = rows(&window);
    assert!((2..30).contains(&first.len()), "{first:?}");
    window.get_by_label_contains("Conversation 1, ").click();
    window.run_ok();
    window.key_press(egui::Key::End);
    window.run_ok();
    window.run_ok();
    let last = rows(&window);
    assert!((2..30).contains(&last.len()), "{last:?}");
    assert_eq!(last.last().map(|(number, _)| *number), Some(MANY), "{last:?}");
    assert_eq!(window.state().state().at.map(|at| at.conversation), Some(MANY - 1));
    // Far down, too, each row stands exactly below the one before.
    let height = first[1].1 - first[0].1;
    for pair in last.windows(2) {
        assert_eq!(pair[1].0, pair[0].0 + 1);
        assert!((pair[1].1 - pair[0].1 - height).abs() < 0.01, "{pair:?}");
    }
    window.key_press(egui::Key::ArrowUp);
    window.run_ok();
    assert_eq!(window.state().state().at.map(|at| at.conversation), Some(MANY - 2));
}
