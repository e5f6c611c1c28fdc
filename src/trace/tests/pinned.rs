//! Fields, derivations and messages of real captures, pinned. Read a changed snapshot before you accept it.

use std::fmt::Write;

use super::*;
use crate::capture;
use crate::model::derive::Input;
use crate::model::field::Field;
use crate::words::Words;

/// Of more parts the others are counted.
const SHOWN: usize = 12;

/// What a field tree says, a line a field.
fn tell_field(field: &Field, depth: usize, out: &mut String) {
    let mut value = field.value.to_string();
    if value.chars().count() > 60 {
        value = value.chars().take(60).chain(['…']).collect();
    }
    let _ = writeln!(out, "{:indent$}{} {} {value}", "", field.kind.id, field.bits, indent = depth * 2);
    for child in field.children.iter().take(SHOWN) {
        tell_field(child, depth + 1, out);
    }
    if let Some(more) = field.children.len().checked_sub(SHOWN + 1) {
        let _ = writeln!(out, "{:indent$}… and {} more", "", more + 1, indent = depth * 2 + 2);
    }
}

/// The first items of a conversation with their fields and derivations; its first messages, and the first of several
/// frames, with their fields and the origin of their first byte and their last.
fn told(name: &str, items: std::ops::Range<usize>, messages: std::ops::Range<usize>) -> String {
    let mut loader = capture::open(format!("captures/{name}"), &capture::Options::default()).unwrap();
    let _ = loader.read_all(); // A damaged capture holds what stands before the damage.
    let trace = loader.trace();
    let talk = trace.conversations().iter().max_by_key(|talk| talk.messages.len()).unwrap();
    let mut out = String::new();
    for number in items {
        let Some(item) = talk.items.get(number) else { break };
        let _ = writeln!(out, "item {number} {} {} {:?}", item.side, item.kind.id(), item.range());
        tell_field(&fields(talk, &trace.store, number).unwrap(), 1, &mut out);
        for derivation in derivations(talk, &trace.store, number) {
            let _ = writeln!(out, "  {} {}", derivation.id, derivation.bits);
            for step in derivation.steps.iter().take(6) {
                let inputs = step.inputs.iter().filter(|input| matches!(input, Input::Bits { .. })).count();
                let shown: String = Words::english().shown(step).chars().take(80).collect();
                let _ = writeln!(out, "    {} ({inputs} places) {shown}", step.operation);
            }
        }
    }
    let mut reader = PayloadReader::default();
    let in_parts = talk.messages.iter().find(|(_, message)| message.first != message.last);
    for number in messages.chain(in_parts.map(|(number, _)| number)) {
        let Some(message) = talk.messages.get(number) else { break };
        let frames: Vec<usize> = frames_of(talk, message).map(|(number, _)| number).collect();
        let _ = writeln!(out, "message {number} {} {} {frames:?}", message.side, message.kind);
        tell_field(&message_fields(talk, &trace.store, number, &mut reader).unwrap(), 1, &mut out);
        for byte in [0, message.length.saturating_sub(1)] {
            let places = origin(talk, &trace.store, number, BitRange::new(byte * 8, byte * 8 + 8));
            let _ = write!(out, "  byte {byte} comes from");
            for (item, bits) in places {
                let _ = write!(out, " item {item} {bits}");
            }
            out.push('\n');
        }
    }
    out
}

#[test]
fn what_captures_hold_is_what_it_was() {
    for (name, items, messages) in [
        ("h76-flash2010-06-nws.pcap", 0..4, 0..2),
        ("rfc-wsnode-wsnode-frag.pcapng", 2..5, 0..2),
        ("pmd-ws8-ws8.pcap", 2..4, 0..3),
        ("comet-sio4-upgrade.pcapng", 2..4, 0..2),
    ] {
        let stem = name.split('.').next().unwrap();
        insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(stem, told(name, items, messages));
        });
    }
}
