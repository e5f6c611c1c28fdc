//! What is said of layers: what carries a conversation, what its TLS is, and records and preludes in one line.

use crate::model::field::{Field, Value};
use crate::trace::{Conversation, Layer, TlsFacts};
use crate::wire::prelude::Message;
use crate::wire::tls::Content;
use crate::words::Words;

/// What carries a conversation and what it carries, and what is known of its TLS: facts for a heading, in order.
pub fn facts(words: Words, talk: &Conversation) -> Vec<String> {
    let mut facts = Vec::new();
    if let Some(tls) = &talk.tls {
        facts.extend(tls_facts(words, tls));
    }
    if let Some(carrier) = &talk.carrier {
        let number = (carrier.conversation + 1).to_string();
        let id = match talk.layer {
            Layer::Tls => "layer-inside",
            Layer::DeflateStream => "layer-inflated",
            _ => "layer-behind",
        };
        facts.push(words.with(id, &[("conversation", number.into())]));
    }
    if let Some(told) = &talk.told {
        if let Some(target) = &told.destination {
            facts.push(words.with("layer-to", &[("target", target.to_string().into())]));
        }
        if let Some(source) = &told.source {
            facts.push(words.with("layer-from", &[("source", source.to_string().into())]));
        }
    }
    for carried in &talk.carried {
        facts.push(words.with("layer-carries", &[("conversation", (carried + 1).to_string().into())]));
    }
    facts
}

fn tls_facts(words: Words, tls: &TlsFacts) -> Vec<String> {
    let agreement = &tls.agreement;
    let mut facts = Vec::new();
    facts.extend(agreement.version_name().map(str::to_owned));
    facts.extend(agreement.suite_name().map(str::to_owned));
    if let Some(host) = &agreement.server_name {
        facts.push(words.with("tls-host", &[("host", host.as_str().into())]));
    }
    if let Some(chosen) = &agreement.alpn_chosen {
        facts.push(words.with("tls-alpn", &[("names", chosen.as_str().into())]));
    } else if !agreement.alpn_offered.is_empty() {
        facts.push(words.with("tls-alpn-offered", &[("names", agreement.alpn_offered.join(", ").into())]));
    }
    if tls.hidden != [0, 0] {
        facts.push(words.text("tls-no-keys").to_owned());
    }
    facts
}

/// What a TLS record holds, in one line: the names of its handshake messages, an alert, the kind of its ciphertext.
pub(crate) fn record(words: Words, content: Content, field: &Field) -> String {
    let mut names = Vec::new();
    named(field, &mut names);
    if content.is_encrypted() {
        return words.with("tls-line-encrypted", &[("content", words.text(&content_id(content)).into())]);
    }
    if names.is_empty() { words.text(&content_id(content)).to_owned() } else { names.join(", ") }
}

fn content_id(content: Content) -> String {
    format!("tls-content-{}", content.id())
}

/// The names of handshake messages and of alerts, in order.
fn named(field: &Field, names: &mut Vec<String>) {
    if let ("tls-handshake-type" | "tls-alert-level" | "tls-alert-description", Value::Named(_, name)) =
        (field.kind.id, &field.value)
    {
        names.push((*name).to_owned());
    }
    for child in &field.children {
        named(child, names);
    }
}

/// What a message of a prelude is called.
pub(crate) fn prelude(words: Words, message: Message) -> String {
    words.text(&format!("prelude-{}", message.name().replace(' ', "-"))).to_owned()
}
