//! The lists of an opening handshake: the subprotocols and extensions that a client offers, and what the server chose.
//!
//! What is wrong stands on the member or the parameter that is wrong, not on the whole list. Of each kind of fault the
//! first is named: a list full of them must not make a list of findings that is longer than itself.

use std::collections::HashSet;

use super::check::Findings;
use super::{extensions, offers_subprotocol, subprotocol_field};
use crate::facts;
use crate::model::protocol::Protocol;
use crate::model::rule::Rule;
use crate::wire::deflate;
use crate::wire::extension::{Extension, Placed};
use crate::wire::http::{Element, Head, is_token_byte};

/// The field of extensions, of both ends.
pub(super) const EXTENSIONS: &str = "Sec-WebSocket-Extensions";

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_byte)
}

impl Findings<'_> {
    /// RFC 6455 section 4.1, item 10 of what a client sends: one or more tokens, each once.
    pub(super) fn subprotocol_offer(&mut self, protocol: Protocol) {
        let name = subprotocol_field(protocol);
        if !self.head.has(name) {
            return;
        }
        let elements = self.head.elements(name);
        let offered = || elements.iter().filter(|element| !element.text.is_empty());
        if offered().next().is_none() {
            return self.value(Rule::SubprotocolOffer, name, facts!("none", name));
        }
        if let Some(odd) = offered().find(|element| !is_token(&element.text)) {
            self.add(Rule::SubprotocolOffer, odd.bits, facts!("no-token", name = odd.text.as_str()));
        }
        let mut seen = HashSet::new();
        if let Some(again) = offered().find(|element| !seen.insert(element.text.as_str())) {
            self.add(Rule::SubprotocolOffer, again.bits, facts!("twice", name = again.text.as_str()));
        }
        self.empty_element(name, &elements);
    }

    /// RFC 9110 section 5.6.1: senders make none, recipients pass over them.
    fn empty_element(&mut self, name: &'static str, elements: &[Element]) {
        if let Some(empty) = elements.iter().find(|element| element.text.is_empty()) {
            self.add(Rule::HttpEmptyElement, empty.bits, facts!("empty", name));
        }
    }

    /// RFC 6455 section 9.1, and RFC 7692 section 7.1 of each offer of permessage-deflate.
    pub(super) fn extension_offer(&mut self) {
        let offers = match extensions(self.head) {
            Ok(offers) => offers,
            Err(finding) => return self.list.push(finding),
        };
        for offer in offers.iter().filter(|offer| offer.extension.name == deflate::NAME) {
            let Err(fault) = deflate::Offer::parse(&offer.extension) else { continue };
            // A later text may define it, and a server that does not know it only declines.
            let rule = if fault.is_unknown() { Rule::OfferUnknown } else { Rule::OfferParameter };
            self.add(rule, offer.place(fault.param), fault.facts);
            break;
        }
        let elements = self.head.elements(EXTENSIONS);
        self.empty_element(EXTENSIONS, &elements);
    }

    /// Rule 27: one of those that the client offered, or none.
    pub(super) fn hybi_subprotocol(&mut self, protocol: Protocol, request: &Head) {
        let name = subprotocol_field(protocol);
        if !self.head.has(name) {
            return;
        }
        let Some(field) = self.once(Rule::SubprotocolNotOffered, name) else { return };
        let whole = field.value_span().bits();
        let chosen = String::from_utf8_lossy(&field.value(self.head.raw())).into_owned();
        if chosen.is_empty() {
            return self.add(Rule::SubprotocolNotOffered, whole, facts!("empty", name));
        }
        if offers_subprotocol(protocol, request, &chosen) {
            return;
        }
        let offered = request.tokens(name);
        let offered: HashSet<&str> = offered.iter().map(String::as_str).collect();
        let elements = self.head.elements(name);
        let named: Vec<_> = elements.iter().filter(|element| !element.text.is_empty()).collect();
        match named.iter().find(|element| !offered.contains(element.text.as_str())) {
            Some(strange) => {
                let facts = facts!("strange", name = strange.text.as_str());
                self.add(Rule::SubprotocolNotOffered, strange.bits, facts);
            }
            None if named.len() > 1 => {
                let facts = facts!("several", count = named.len(), names = chosen);
                self.add(Rule::SubprotocolNotOffered, whole, facts);
            }
            // One that was offered, and commas around it.
            None => {}
        }
        self.empty_element(name, &elements);
    }

    /// Rules 28 and 33: extensions that were offered, each once, with parameters that the offer allows.
    pub(super) fn hybi_extensions(&mut self, request: &Head) {
        let answers = match extensions(self.head) {
            Ok(answers) => answers,
            Err(finding) => return self.list.push(finding),
        };
        let offers: Vec<Extension> =
            extensions(request).unwrap_or_default().into_iter().map(|offer| offer.extension).collect();
        let names: HashSet<&str> = offers.iter().map(|offer| offer.name.as_str()).collect();
        let mut seen = HashSet::new();
        for answer in &answers {
            let Placed { extension, .. } = answer;
            let name = extension.name.as_str();
            if !names.contains(name) {
                self.add(Rule::ExtensionNotOffered, answer.name, facts!("strange", name));
            } else if !seen.insert(name) {
                self.add(Rule::ExtensionNotOffered, answer.name, facts!("agreed-twice", name));
            } else if name == deflate::NAME
                && let Err(fault) = deflate::agreed(&offers, extension)
            {
                self.add(fault.rule, answer.place(fault.param), fault.facts);
            }
        }
        let elements = self.head.elements(EXTENSIONS);
        self.empty_element(EXTENSIONS, &elements);
    }
}
