//! The world of a window: what goes wrong says what to do.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use framescope::app::desktop::Desktop;
use framescope::app::host::{ClientSetup, Event, Host, ServerSetup};
use framescope::lesson::Lesson;
use framescope::trace::Trace;
use framescope::words::Words;

use super::common::PATIENCE;

fn next<T>(host: &mut Desktop, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = host.poll().into_iter().find_map(&mut wanted) {
            return found;
        }
        assert!(begin.elapsed() < PATIENCE, "nothing happened for too long");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn an_address_in_use_asks_for_another_port() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let mut host = Desktop::start(|| ()).unwrap();
    host.start_server(&ServerSetup { listen: address, ..ServerSetup::default() });
    let failed = |event| if let Event::Failed(words) = event { Some(words) } else { None };
    let words = next(&mut host, failed);
    assert!(words.contains("another program listens there") && words.contains("another port"), "{words}");
    // The second of the two addresses is named too: it may be the one.
    let free = "127.0.0.1:0".parse().unwrap();
    let setup = ServerSetup { listen: free, flash_policy: Some(address), ..ServerSetup::default() };
    host.start_server(&setup);
    let words = next(&mut host, failed);
    assert!(words.contains(&address.to_string()), "{words}");
}

#[test]
fn where_nobody_listens_the_server_is_to_be_started() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut host = Desktop::start(|| ()).unwrap();
    let asked = host.connect(&ClientSetup { url: format!("ws://{free}/"), ..ClientSetup::default() });
    let (ticket, words) = next(&mut host, |event| match event {
        Event::NotConnected { ticket, words } => Some((ticket, words)),
        _ => None,
    });
    assert_eq!(ticket, asked);
    assert!(words.contains("nobody listens there") && words.contains("Start the server first"), "{words}");
}

#[test]
fn a_lesson_is_played_over_sockets() {
    let lesson = Lesson::open("broken-guid", Words::english()).unwrap();
    let mut host = Desktop::start(|| ()).unwrap();
    host.play(&lesson);
    let played = next(&mut host, |event| match event {
        Event::Played { lesson, trace } => Some((lesson, trace.unwrap())),
        _ => None,
    });
    assert_eq!(played.0, "broken-guid");
    let conversation = &played.1.conversations()[0];
    assert_ne!(conversation.server.port(), 0, "a socket has a port");
    let items = |trace: &Trace| trace.conversations().iter().map(|talk| talk.items.len()).collect::<Vec<_>>();
    assert_eq!(items(&played.1), items(&lesson.trace().unwrap()));
}
