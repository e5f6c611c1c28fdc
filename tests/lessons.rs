//! Every lesson, played to its end.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

use std::collections::BTreeSet;
use std::io::{BufRead, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use framescope::endpoint::{self, Event, FAULTS, Fault, WsUrl};
use framescope::lesson::{Given, Kind, Lesson, Mode, Outcome, Player, Step, bundled};
use framescope::live::{
    Client, ClientConfig, ConnectError, FaultyServer, News, Recorder, RecorderConfig, Script, play,
};
use framescope::model::protocol::Side;
use framescope::model::rule::Rule;
use framescope::trace::{Conversation, Trace};
use framescope::wire::handshake::Secret;
use framescope::words::Words;

fn each(mut test: impl FnMut(&Lesson, &Trace)) {
    for name in bundled::names() {
        let lesson = Lesson::open(name, Words::english()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let trace = lesson.trace().unwrap_or_else(|error| panic!("{name}: {error}"));
        test(&lesson, &trace);
    }
}

fn player(lesson: &Lesson, trace: &Trace, mode: Mode) -> Player {
    Player::new(lesson.clone(), trace, mode).unwrap_or_else(|error| panic!("{}: {error}", lesson.name))
}

#[test]
fn every_lesson_teaches() {
    each(|lesson, _| {
        let name = &lesson.name;
        assert!((5..=14).contains(&lesson.steps.len()), "{name} has {} steps", lesson.steps.len());
        assert!(lesson.questions() >= 3, "{name} asks {} questions", lesson.questions());
        assert!((5..=45).contains(&lesson.minutes), "{name}");
        assert!(lesson.about.ends_with('.') && !lesson.title.ends_with('.'), "{name}");
        let chapter = &lesson.chapter;
        assert!(
            chapter.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte.is_ascii_digit())
        );
    });
}

#[test]
fn every_answer_is_confirmed_by_the_bytes_and_right_answers_pass() {
    each(|lesson, trace| {
        for mode in [Mode::Guided, Mode::Challenge] {
            let mut player = player(lesson, trace, mode);
            loop {
                if player.question().is_some() {
                    assert!(!player.is_done());
                    let right = player.clone().reveal().expect("every question has an answer");
                    let verdict = player.answer(&right).unwrap();
                    assert!(verdict.is_right(), "{} step {}: {right:?}", lesson.name, player.at() + 1);
                    assert!(!verdict.words.is_empty());
                }
                assert!(player.is_done());
                if !player.forward() {
                    break;
                }
            }
            assert!(player.is_finished(), "{}", lesson.name);
            assert!(player.hidden().is_empty(), "{}", lesson.name);
        }
    });
}

#[test]
fn every_foreseen_wrong_answer_is_wrong_and_explained() {
    each(|lesson, trace| {
        let mut player = player(lesson, trace, Mode::Guided);
        for (at, step) in lesson.steps.iter().enumerate() {
            let Step::Ask(question) = step else { continue };
            let place = format!("{} step {}", lesson.name, at + 1);
            player.go_to(at);
            for wrong in &question.wrong {
                let given =
                    wrong.given(question).unwrap_or_else(|error| panic!("{place}: {}: {error}", wrong.when));
                let verdict = player.answer(&given).unwrap();
                assert_eq!(verdict.outcome, Outcome::Foreseen, "{place}: {}", wrong.when);
                assert_eq!(verdict.words, wrong.why, "{place}: {} is there twice", wrong.when);
            }
            let right = player.clone().reveal().unwrap();
            let mut explained = question.wrong.len();
            for (number, choice) in question.choices.iter().enumerate() {
                let given = Given::Choice(number);
                let verdict = player.clone().answer(&given).unwrap();
                assert_eq!(verdict.is_right(), given == right, "{place}: {}", choice.says);
                assert_eq!(choice.why.is_empty(), given == right, "{place}: {}: why", choice.says);
                explained += 1;
            }
            assert!(explained > 0, "{place} foresees no wrong answer");
            assert!(!player.is_done(), "{place}");
        }
    });
}

#[test]
fn challenge_hides_what_is_predicted_until_it_is_answered() {
    let lesson = Lesson::open("unmask-by-hand", Words::english()).unwrap();
    let trace = lesson.trace().unwrap();
    let guided = player(&lesson, &trace, Mode::Guided);
    let mut challenge = player(&lesson, &trace, Mode::Challenge);
    let key = |player: &Player| player.hidden().iter().any(|place| place.field == Some("masking-key"));
    assert!(!key(&guided));
    assert!(key(&challenge));
    let at = lesson
        .steps
        .iter()
        .position(|step| matches!(step, Step::Ask(question) if question.kind == Kind::Bytes));
    assert!(challenge.go_to(at.unwrap()));
    let given = challenge.question().unwrap().read("37fa213d").unwrap();
    assert!(challenge.answer(&given).unwrap().is_right());
    assert!(!key(&challenge));
    assert!(!guided.hidden().is_empty(), "the payload is hidden in both");
}

#[test]
fn a_file_that_is_no_lesson_says_why() {
    let lesson = |steps: &str| {
        format!(
            "title = 'T'\nchapter = 'masking'\nabout = 'A.'\nminutes = 5\nsource = {{ hex = '81 05 48656c6c6f', from = 'server' }}\n{steps}"
        )
    };
    let says = |steps: &str| match Lesson::parse("mine", &lesson(steps)) {
        Err(error) => error.to_string(),
        Ok(lesson) => {
            Player::new(lesson.clone(), &lesson.trace().unwrap(), Mode::Guided).unwrap_err().to_string()
        }
    };
    let ask = |more: &str| format!("[[step]]\nask = 'What?'\nhint = 'H'\nright = 'R'\n{more}");
    assert!(says("[[step]]\nsays = 'x'").contains("unknown field `says`"));
    assert_eq!(says("[[step]]\nhint = 'x'"), "step 1: a step has `say`, or `ask` with `kind`");
    assert_eq!(says(&ask("kind = 'text'")), "step 1: a question says where its answer stands");
    assert_eq!(says(&ask("kind = 'text'\nanswer = { item = 9 }")), "step 1: there is no item 9");
    assert_eq!(
        says(&ask("kind = 'bytes'\nanswer = { item = 1, field = 'masking-key' }")),
        "step 1: there is no field masking-key"
    );
    assert!(
        says(&ask("kind = 'text'\nanswer = { message = 1 }\nalso = 'Hallo'"))
            .contains("the file says \"Hallo\"")
    );
    let choices = "kind = 'choice'\nanswer = { item = 1, field = 'fin' }\nchoices = [{ says = 'a', value = 1 }, { says = 'b', value = 1 }]";
    assert_eq!(says(&ask(choices)), "step 1: 2 choices are right, not one");
}

type Contents = ([Vec<u8>; 2], Vec<(Side, &'static str, u64, u64)>);

/// What a trace holds: of each conversation the bytes of both sides, and the items in their order.
fn contents(trace: &Trace) -> Vec<Contents> {
    let conversation = |talk: &Conversation| {
        let bytes = Side::BOTH.map(|side| {
            let items = talk.items.iter().filter(|(_, item)| item.side == side);
            items.flat_map(|(_, item)| talk.bytes_of(&trace.store, item).into_owned()).collect()
        });
        let items = talk.items.iter().map(|(_, item)| (item.side, item.kind.id(), item.offset, item.length));
        (bytes, items.collect())
    };
    trace.conversations().iter().map(conversation).collect()
}

#[test]
fn sockets_and_memory_give_the_same_bytes() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    each(|lesson, trace| {
        if lesson.source.talk.is_empty() {
            return;
        }
        let recorder = Recorder::start(RecorderConfig::default()).unwrap();
        runtime.block_on(play(&lesson.source.talk, &recorder)).unwrap();
        let recorded = recorder.finish().unwrap();
        assert_eq!(contents(&recorded.trace), contents(trace), "{}", lesson.name);
        // The same lesson can be taken over either.
        player(lesson, &recorded.trace, Mode::Guided);
    });
}

#[test]
fn a_faulty_peer_makes_its_mistake_on_a_socket() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for fault in FAULTS.iter().filter(|fault| fault.rule == Some(Rule::AcceptWrong)) {
            let server = FaultyServer::bind(([127, 0, 0, 1], 0).into(), fault, None).await.unwrap();
            let mut config = ClientConfig::new(url(server.local_addr()));
            config.secret = Some(Secret::Hybi("mh3xLXeRuIWNPwq7ATG9jA==".to_owned()));
            match Client::connect(config).await {
                Err(ConnectError::Invalid(findings)) => assert_eq!(findings[0].rule, Rule::AcceptWrong),
                other => panic!("{}: {other:?}", fault.name),
            }
        }
        let fault = Fault::find("ping-with-ping").unwrap();
        let server = FaultyServer::bind(([127, 0, 0, 1], 0).into(), fault, None).await.unwrap();
        let url = url(server.local_addr());
        let mut client = Client::connect(ClientConfig::new(url)).await.unwrap();
        let script =
            Script { actions: vec![endpoint::Command::text("Hello".to_owned())], ..Script::default() };
        client.endpoint().ping(b"?").unwrap();
        let mut events = Vec::new();
        let mut told = |news: News<'_>| {
            if let News::Event(event) = news {
                events.push(event.clone());
            }
        };
        let outcome = client.run(&script, &mut told).await.unwrap();
        assert!(outcome.is_good(), "{outcome:?}");
        assert!(events.contains(&Event::Ping(b"?".to_vec())), "{events:?}");
    });
}

fn url(address: std::net::SocketAddr) -> WsUrl {
    format!("ws://{address}/").parse().unwrap()
}

fn framescope(home: &std::path::Path, args: &[&str], input: &str) -> (Option<i32>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_framescope"))
        .args(args)
        .env("XDG_DATA_HOME", home)
        .env("HOME", home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

#[test]
fn a_lesson_is_played_in_the_terminal_and_kept() {
    let home = tempfile::tempdir().unwrap();
    let (status, text) = framescope(home.path(), &["lesson"], "");
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("unmask-by-hand") && text.contains("0 of 7"), "{text}");

    let answers = "9\n8\n81 85 37 fa\n37fa213d\n7f\nxyz\n48\nHello\nshow\nb\n";
    let (status, text) = framescope(home.path(), &["lesson", "unmask-by-hand", "--text"], answers);
    assert_eq!(status, Some(0), "{text}");
    for words in [
        "With bit 9 the length begins",
        "Right.",
        "The key begins behind them",
        "Type bytes",
        "That was the whole lesson.",
    ] {
        assert!(text.replace('\n', " ").contains(words), "{words}: {text}");
    }
    let (_, text) = framescope(home.path(), &["lesson"], "");
    assert!(text.contains("7 of 7"), "{text}");

    let report = home.path().join("report.md");
    let (status, text) = framescope(home.path(), &["lesson", "--progress", report.to_str().unwrap()], "");
    assert_eq!(status, Some(0), "{text}");
    let report = std::fs::read_to_string(report).unwrap();
    assert!(report.contains("| Unmask a payload by hand | 7 of 7 | 1 | 8 |"), "{report}");

    framescope(home.path(), &["lesson", "unmask-by-hand", "--reset"], "");
    let (_, text) = framescope(home.path(), &["lesson"], "");
    assert!(text.contains("0 of 7"), "{text}");
    let (status, text) = framescope(home.path(), &["lesson", "no-such", "--text"], "");
    assert_eq!((status, text.lines().count()), (Some(1), 1), "{text}");
}

#[test]
fn every_try_it_of_the_book_names_a_lesson_by_its_title() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("book/src");
    let mut tried = BTreeSet::new();
    let mut chapters = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        chapters.insert(path.file_stem().unwrap().to_str().unwrap().to_owned());
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for pair in lines.windows(2) {
            let Some(title) = pair[0].strip_prefix("> **Try it:** ") else { continue };
            let name = pair[1].trim_start_matches("> `framescope lesson ").trim_end_matches('`');
            let lesson = Lesson::open(name, Words::english())
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert_eq!(lesson.title, title, "{}", path.display());
            tried.insert(name.to_owned());
        }
    }
    each(|lesson, _| {
        assert!(tried.contains(&lesson.name), "no chapter tries {}", lesson.name);
        assert!(chapters.contains(&lesson.chapter), "{}: no chapter {}", lesson.name, lesson.chapter);
    });
}

#[test]
fn how_to_write_a_lesson_names_every_faulty_peer() {
    let readme = include_str!("../assets/lessons/README.md");
    for fault in FAULTS {
        assert!(readme.contains(&format!("| `{}` |", fault.name)), "{}", fault.name);
    }
}

/// A lesson of one question whose choices have these conditions; the right choice, counted from 0.
fn right_choice(source: &str, conditions: &[&str]) -> Option<Given> {
    let choices: Vec<_> =
        conditions.iter().map(|condition| format!("{{ says = 'x', if = [{condition}] }}")).collect();
    let text = format!(
        "title = 'T'\nchapter = 'frames'\nabout = 'A.'\nminutes = 5\n{source}\n[[step]]\nask = 'Which?'\n\
         kind = 'choice'\nhint = 'H'\nright = 'R'\nchoices = [{}]\n",
        choices.join(", ")
    );
    let lesson = Lesson::parse("mine", &text).unwrap();
    let trace = lesson.trace().unwrap();
    player(&lesson, &trace, Mode::Guided).reveal()
}

#[test]
fn conditions_say_what_must_be_so() {
    let source = "[[source.talk]]\nserver = { deflate = true }\nclient = { deflate = true }\n\
        do = [{ text = 'Hello' }, { text = 'Hello' }, { by = 'server', binary = '00 01' }]";
    let first = "item = { opcode = 'text', from = 'client' }, of = 'length'";
    let second = "item = { opcode = 'text', from = 'client', nth = 2 }, of = 'length'";
    for (right, wrong) in [
        (format!("{{ {first}, is = 13 }}"), format!("{{ {first}, is-not = 13 }}")),
        (format!("{{ {second}, less = 13 }}"), format!("{{ {second}, more = 13 }}")),
        (
            format!("{{ {first}, minus = {{ {second} }}, is = 2 }}"),
            format!("{{ {first}, same = {{ {second} }} }}"),
        ),
        ("{ message = 3, of = 'compressed', is = 1 }".to_owned(), "{ message = 3, is = 'hello' }".to_owned()),
        ("{ message = 5, is = '00 01' }".to_owned(), "{ message = 5, of = 'kind', is = 'text' }".to_owned()),
        (
            "{ total = { kind = 'frame', from = 'client' }, is = 24 }".to_owned(),
            "{ count = { kind = 'frame' }, more = 5 }".to_owned(),
        ),
        ("{ state = 2, is = 'OPEN' }".to_owned(), "{ events = 'message', is = 2 }".to_owned()),
        (
            "{ talk = 'extensions', is-not = 'none' }".to_owned(),
            "{ talk = 'subprotocol', is-not = 'none' }".to_owned(),
        ),
    ] {
        assert_eq!(right_choice(source, &[&wrong, &right]), Some(Given::Choice(1)), "{right} {wrong}");
    }
}

#[test]
fn serve_makes_a_mistake_when_it_is_asked_to() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_framescope"))
        .args(["serve", "--listen", "127.0.0.1:0", "--faulty", "ping-with-ping"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on ").unwrap().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let pinged = runtime.block_on(async {
        let mut client = Client::connect(ClientConfig::new(address)).await.unwrap();
        client.endpoint().ping(b"?").unwrap();
        client.next_event().await.unwrap()
    });
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(pinged, Some(Event::Ping(b"?".to_vec())));
}

#[test]
fn where_a_place_begins_is_its_first_bit() {
    let lesson = Lesson::open("frame-bit-by-bit", Words::english()).unwrap();
    let trace = lesson.trace().unwrap();
    let mut player = player(&lesson, &trace, Mode::Guided);
    let asks = |step: &Step| matches!(step, Step::Ask(question) if question.first);
    assert!(player.go_to(lesson.steps.iter().position(asks).unwrap()));
    assert!(!player.answer(&Given::Bit(Some(2), 49)).unwrap().is_right());
    assert!(player.answer(&Given::Bit(Some(2), 48)).unwrap().is_right());
}

#[test]
fn a_text_that_differs_by_case_alone_is_told_so() {
    let lesson = Lesson::open("unmask-by-hand", Words::english()).unwrap();
    let trace = lesson.trace().unwrap();
    let mut player = player(&lesson, &trace, Mode::Guided);
    let asks = |step: &Step| matches!(step, Step::Ask(question) if question.kind == Kind::Text);
    assert!(player.go_to(lesson.steps.iter().position(asks).unwrap()));
    let verdict = player.answer(&Given::Text("HELLO".to_owned())).unwrap();
    assert!(!verdict.is_right() && verdict.words.contains("large and small"), "{verdict:?}");
}

#[test]
fn the_terminal_lists_the_items_and_tells_no_answer() {
    let home = tempfile::tempdir().unwrap();
    let args = ["lesson", "frame-bit-by-bit", "--text"];
    let (_, text) = framescope(home.path(), &args, "quit\n");
    let items = |text: &str| text.matches("  3  client  text").count();
    assert_eq!(items(&text), 1, "{text}");
    assert!(text.contains("\"Hello\"") && !text.contains("FIN, bit 0") && !text.contains("**"), "{text}");
    let (_, text) = framescope(home.path(), &args, "items\nquit\n");
    assert_eq!(items(&text), 2, "{text}");
    let (_, text) = framescope(home.path(), &["lesson", "unmask-by-hand", "--text"], "quit\n");
    assert_eq!(items(&text), 1, "{text}");
    assert!(!text.contains("Hello"), "a question asks for it: {text}");
}

/// The bytes of the first frame that `from` sends in a script with these actions.
fn first_frame(version: &str, from: Side, actions: &str) -> String {
    let lesson = format!(
        "title = 'T'\nchapter = 'drafts'\nabout = 'A.'\nminutes = 5\n[[source.talk]]\n\
         client = {{ version = '{version}' }}\ndo = [{actions}]\n[[step]]\nsay = 'x'\n"
    );
    let lesson = Lesson::parse("mine", &lesson).unwrap_or_else(|error| panic!("{version}: {error}"));
    let trace = lesson.trace().unwrap();
    let talk = trace.conversation(0).unwrap();
    let mut frames = talk.items.iter().filter(|(_, item)| item.side == from && item.kind.id() == "frame");
    let (_, item) = frames.next().unwrap_or_else(|| panic!("{version}: {actions}"));
    let spelled: Vec<_> =
        talk.bytes_of(&trace.store, item).iter().map(|byte| format!("{byte:02x}")).collect();
    spelled.concat()
}

#[test]
fn a_frame_of_a_script_is_written_as_its_version_writes_frames() {
    let (client, server) = (Side::Client, Side::Server);
    let hello = "{ frame = { text = 'Hello' } }";
    for (version, from, actions, wire) in [
        ("rfc6455", client, hello, "818537fa213d7f9f4d5158"),
        ("hybi-7", client, hello, "818537fa213d7f9f4d5158"),
        ("hybi-6", client, hello, "37fa213db3ff69585b964e"),
        ("hybi-5", client, hello, "37fa213db3ff69585b964e"),
        ("hybi-5", client, "{ frames = [{ text = 'Hel', fin = false }] }", "37fa213d33f969585b"),
        ("hybi-5", client, "{ frame = { text = 'Hello', masked = false } }", "840548656c6c6f"),
        (
            "hybi-5",
            client,
            "{ frame = { opcode = '5', bytes = '07', mask = '00 00 00 00' } }",
            "00000000850107",
        ),
        ("hybi-5", server, "{ by = 'server', frame = { text = 'Hello', rsv = [1, 4] } }", "c48548656c6c6f"),
        ("hybi-2", client, hello, "040548656c6c6f"),
        ("hybi-2", client, "{ frame = { text = 'Hel', fin = false } }", "840348656c"),
        // SHA-1 of the nonce 37fa213d and of the key that follows from the handshake's two examples.
        ("hybi-4", client, hello, "37fa213d192553de3620fb"),
        ("hybi-4", server, "{ by = 'server', frame = { opcode = 'ping' } }", "8200"),
    ] {
        assert_eq!(first_frame(version, from, actions), wire, "{version}: {actions}");
    }
}
