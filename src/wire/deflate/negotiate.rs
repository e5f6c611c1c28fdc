//! What the two ends say about permessage-deflate in the opening handshake (RFC 7692 section 7.1).

use crate::facts;
use crate::model::facts::Facts;
use crate::model::protocol::Side;
use crate::model::rule::Rule;
use crate::wire::extension::Extension;

/// The extension's registered name.
pub const NAME: &str = "permessage-deflate";

const SERVER_NO_CONTEXT_TAKEOVER: &str = "server_no_context_takeover";
const CLIENT_NO_CONTEXT_TAKEOVER: &str = "client_no_context_takeover";
const SERVER_MAX_WINDOW_BITS: &str = "server_max_window_bits";
const CLIENT_MAX_WINDOW_BITS: &str = "client_max_window_bits";

/// The window where nothing else was agreed: 15 bits, 32,768 bytes.
const FULL_WINDOW: u8 = 15;

/// What is wrong with an offer or an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The rule that an answer breaks; an offer that breaks it is declined.
    pub rule: Rule,
    /// What is to be said of it.
    pub facts: Facts,
    /// The number of the parameter that is wrong; none where one is missing, or it is about all of them.
    pub param: Option<usize>,
}

impl Fault {
    fn new(rule: Rule, facts: Facts) -> Self {
        Self { rule, facts, param: None }
    }

    fn extension(facts: Facts) -> Self {
        Self::new(Rule::ExtensionNotOffered, facts)
    }

    fn at(mut self, param: Option<usize>) -> Self {
        self.param = param;
        self
    }

    /// Whether it is a parameter that RFC 7692 does not define.
    pub fn is_unknown(&self) -> bool {
        self.facts.which() == UNKNOWN
    }
}

/// The form of what is said of a parameter that is not defined.
const UNKNOWN: &str = "unknown-parameter";

/// What is compressed by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A message: RSV1 stands on its first frame, as in permessage-deflate.
    #[default]
    Message,
    /// A frame: RSV1 stands on each that is compressed, as in deflate-frame.
    Frame,
}

impl Unit {
    /// The stable identifier: `message` or `frame`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Frame => "frame",
        }
    }
}

/// What both ends agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    /// The server begins each message with an empty window.
    pub server_no_context_takeover: bool,
    /// The client begins each message with an empty window.
    pub client_no_context_takeover: bool,
    /// The server's window, 8 to 15 bits.
    pub server_max_window_bits: u8,
    /// The client's window, 8 to 15 bits.
    pub client_max_window_bits: u8,
    /// What is compressed by itself.
    pub unit: Unit,
}

impl Default for Params {
    /// Full windows, kept from message to message: the answer `permessage-deflate` without parameters.
    fn default() -> Self {
        Self {
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: FULL_WINDOW,
            client_max_window_bits: FULL_WINDOW,
            unit: Unit::Message,
        }
    }
}

impl Params {
    /// The window of the messages that `side` sends, in bits.
    pub fn window_bits(&self, side: Side) -> u8 {
        match side {
            Side::Client => self.client_max_window_bits,
            Side::Server => self.server_max_window_bits,
        }
    }

    /// Whether `side` keeps its window from message to message.
    pub fn context_takeover(&self, side: Side) -> bool {
        match side {
            Side::Client => !self.client_no_context_takeover,
            Side::Server => !self.server_no_context_takeover,
        }
    }

    /// The extension as a server's response names it. Windows of 15 bits go without saying.
    pub fn to_extension(&self) -> Extension {
        self.spelled(false)
    }

    fn spelled(self, server_window_asked: bool) -> Extension {
        let smaller = |bits: u8| (bits != FULL_WINDOW).then_some(bits);
        let server = if server_window_asked {
            Some(self.server_max_window_bits)
        } else {
            smaller(self.server_max_window_bits)
        };
        Offer {
            server_no_context_takeover: self.server_no_context_takeover,
            client_no_context_takeover: self.client_no_context_takeover,
            server_max_window_bits: server,
            client_max_window_bits: smaller(self.client_max_window_bits).map(Some),
        }
        .to_extension()
    }
}

/// What a client offers. The same parameters as in an answer, but each may be absent, and the client's window may
/// be named without a number: "you may limit mine".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The client asks the server to begin each message with an empty window (section 7.1.1.1).
    pub server_no_context_takeover: bool,
    /// The client says that it will begin each message with an empty window anyway (section 7.1.1.2).
    pub client_no_context_takeover: bool,
    /// The client asks the server for a window of at most so many bits (section 7.1.2.1).
    pub server_max_window_bits: Option<u8>,
    /// The server may limit the client's window; with a number: it will not be larger anyway (section 7.1.2.2).
    pub client_max_window_bits: Option<Option<u8>>,
}

impl Offer {
    /// The extension as a client's request names it.
    pub fn to_extension(&self) -> Extension {
        let mut extension = Extension::new(NAME);
        if self.server_no_context_takeover {
            extension = extension.with(SERVER_NO_CONTEXT_TAKEOVER, None);
        }
        if self.client_no_context_takeover {
            extension = extension.with(CLIENT_NO_CONTEXT_TAKEOVER, None);
        }
        if let Some(bits) = self.server_max_window_bits {
            extension = extension.with(SERVER_MAX_WINDOW_BITS, Some(&bits.to_string()));
        }
        if let Some(bits) = self.client_max_window_bits {
            extension = extension.with(CLIENT_MAX_WINDOW_BITS, bits.map(|bits| bits.to_string()).as_deref());
        }
        extension
    }

    /// Reads the parameters of an offer. The error says which parameter makes the offer one that a server must
    /// decline (section 7.1): unknown, given twice, with a value where there is none, or with a wrong value.
    pub fn parse(extension: &Extension) -> Result<Self, Fault> {
        if extension.name != NAME {
            let name = extension.name.as_str();
            return Err(Fault::extension(facts!("other", name, extension = NAME)));
        }
        let mut offer = Self::default();
        for (number, (name, value)) in extension.params.iter().enumerate() {
            offer.take(name, value.as_deref()).map_err(|fault| fault.at(Some(number)))?;
        }
        Ok(offer)
    }

    /// Takes in one parameter.
    fn take(&mut self, name: &str, value: Option<&str>) -> Result<(), Fault> {
        let twice = match name {
            SERVER_NO_CONTEXT_TAKEOVER => {
                without_value(name, value)?;
                std::mem::replace(&mut self.server_no_context_takeover, true)
            }
            CLIENT_NO_CONTEXT_TAKEOVER => {
                without_value(name, value)?;
                std::mem::replace(&mut self.client_no_context_takeover, true)
            }
            SERVER_MAX_WINDOW_BITS => {
                let bits = window_bits(name, value)?;
                self.server_max_window_bits.replace(bits).is_some()
            }
            CLIENT_MAX_WINDOW_BITS => {
                let bits = value.map(|_| window_bits(name, value)).transpose()?;
                self.client_max_window_bits.replace(bits).is_some()
            }
            _ => {
                let facts = Facts::form(UNKNOWN).with("name", name).with("extension", NAME);
                return Err(Fault::extension(facts));
            }
        };
        if twice {
            return Err(Fault::extension(facts!("parameter-twice", name, extension = NAME)));
        }
        Ok(())
    }

    /// What becomes of the client's window when a server answers with a limit, or without one.
    fn client_window(self, answered: Option<u8>) -> u8 {
        // The number in an offer holds even where the answer does not repeat it (section 7.1.2.2).
        answered.unwrap_or(FULL_WINDOW).min(self.client_max_window_bits.flatten().unwrap_or(FULL_WINDOW))
    }

    /// Whether the answer is one to this offer. `place` says which of its parameters has a name.
    fn fits(self, answer: Self, place: impl Fn(&str) -> Option<usize>) -> Result<Params, Fault> {
        if self.server_no_context_takeover && !answer.server_no_context_takeover {
            return Err(Fault::extension(facts!("not-agreed", name = SERVER_NO_CONTEXT_TAKEOVER)));
        }
        let asked = self.server_max_window_bits.unwrap_or(FULL_WINDOW);
        let answered = answer.server_max_window_bits.unwrap_or(FULL_WINDOW);
        if answered > asked {
            let name = SERVER_MAX_WINDOW_BITS;
            let fault = Fault::extension(facts!("window-larger", name, asked, answered));
            return Err(fault.at(place(name)));
        }
        if self.client_max_window_bits.is_none() && answer.client_max_window_bits.is_some() {
            let name = CLIENT_MAX_WINDOW_BITS;
            return Err(Fault::extension(facts!("not-asked", name)).at(place(name)));
        }
        Ok(Params {
            client_max_window_bits: self.client_window(answer.client_max_window_bits.flatten()),
            ..answer.alone()
        })
    }

    /// What these parameters mean as an answer by themselves.
    fn alone(self) -> Params {
        Params {
            server_no_context_takeover: self.server_no_context_takeover,
            client_no_context_takeover: self.client_no_context_takeover,
            server_max_window_bits: self.server_max_window_bits.unwrap_or(FULL_WINDOW),
            client_max_window_bits: self.client_max_window_bits.flatten().unwrap_or(FULL_WINDOW),
            unit: Unit::Message,
        }
    }
}

fn without_value(name: &str, value: Option<&str>) -> Result<(), Fault> {
    match value {
        None => Ok(()),
        Some(value) => Err(Fault::extension(facts!("no-value", name, value))),
    }
}

/// A decimal number from 8 to 15 without leading zeros (sections 7.1.2.1 and 7.1.2.2).
fn window_bits(name: &str, value: Option<&str>) -> Result<u8, Fault> {
    let Some(value) = value else {
        return Err(Fault::new(Rule::WindowBits, facts!("needs-value", name)));
    };
    let digits = value.bytes().all(|byte| byte.is_ascii_digit()) && !value.starts_with('0');
    match value.parse::<u8>() {
        Ok(bits @ 8..=15) if digits => Ok(bits),
        _ => Err(Fault::new(Rule::WindowBits, facts!("no-number", name, value))),
    }
}

/// Server side: chooses among the client's offers what it can keep, bounded by its own wishes.
/// None where no offer is for permessage-deflate or none is acceptable.
///
/// The first acceptable offer is taken: a client lists what it prefers first. A wish for a smaller client window is
/// given up where the offer does not let the server limit it (section 7.1.2.2).
pub fn negotiate(offers: &[Extension], wishes: &Params) -> Option<Params> {
    answer(offers, wishes).map(|(params, _)| params)
}

/// The same, with the extension to put into the response. It repeats each parameter that the offer asks to be
/// repeated, even a server window of 15 bits, which goes without saying otherwise.
pub fn answer(offers: &[Extension], wishes: &Params) -> Option<(Params, Extension)> {
    let offer = offers.iter().find_map(|extension| Offer::parse(extension).ok())?;
    let bounded = |wish: u8, limit: Option<u8>| wish.min(limit.unwrap_or(FULL_WINDOW)).clamp(8, FULL_WINDOW);
    let params = Params {
        server_no_context_takeover: offer.server_no_context_takeover || wishes.server_no_context_takeover,
        client_no_context_takeover: offer.client_no_context_takeover || wishes.client_no_context_takeover,
        server_max_window_bits: bounded(wishes.server_max_window_bits, offer.server_max_window_bits),
        client_max_window_bits: match offer.client_max_window_bits {
            Some(hint) => bounded(wishes.client_max_window_bits, hint),
            None => FULL_WINDOW,
        },
        unit: Unit::Message,
    };
    Some((params, params.spelled(offer.server_max_window_bits.is_some())))
}

/// Client side, and the dissector: what the server's answer agrees to, checked against the offers.
///
/// The error is what the client must fail the connection for (sections 5.1 and 7.1): a name that was not offered,
/// an unknown, repeated or badly spelled parameter, or an answer that fits none of the offers.
pub fn agreed(offers: &[Extension], answer: &Extension) -> Result<Params, Fault> {
    let read = read(answer)?;
    let place = |name: &str| answer.params.iter().position(|(param, _)| param == name);
    let mut why = None;
    for offer in offers.iter().filter(|offer| offer.name == NAME) {
        // What is wrong with an offer is said there. Here it counts that a server accepted what it must decline.
        let offer = Offer::parse(offer).map_err(|_| Fault::extension(facts!("bad-offer", extension = NAME)));
        match offer.and_then(|offer| offer.fits(read, place)) {
            Ok(params) => return Ok(params),
            // The first offer is the one that the client preferred: its words help most.
            Err(fault) => why = why.or(Some(fault)),
        }
    }
    Err(why.unwrap_or_else(|| Fault::extension(facts!("not-offered", extension = NAME))))
}

/// What an answer says by itself, for a recording without the request, or to read on after [`agreed`] refused.
pub fn read_answer(answer: &Extension) -> Result<Params, Fault> {
    read(answer).map(Offer::alone)
}

fn read(answer: &Extension) -> Result<Offer, Fault> {
    let read = Offer::parse(answer)?;
    if read.client_max_window_bits == Some(None) {
        // Only an offer may leave the number out (section 7.1.2.2).
        let param = answer.params.iter().position(|(name, _)| name == CLIENT_MAX_WINDOW_BITS);
        let fault = Fault::new(Rule::WindowBits, facts!("answer-value", name = CLIENT_MAX_WINDOW_BITS));
        return Err(fault.at(param));
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(value: &str) -> Vec<Extension> {
        Extension::parse_list(value).unwrap()
    }

    fn one(value: &str) -> Extension {
        list(value).remove(0)
    }

    #[test]
    fn the_plain_offer_and_answer() {
        let offer = Offer { client_max_window_bits: Some(None), ..Offer::default() };
        assert_eq!(offer.to_extension().to_string(), "permessage-deflate; client_max_window_bits");
        assert_eq!(Offer::parse(&offer.to_extension()), Ok(offer));
        let params = negotiate(&[offer.to_extension()], &Params::default()).unwrap();
        assert_eq!(params, Params::default());
        assert_eq!(params.to_extension().to_string(), "permessage-deflate");
        assert_eq!(agreed(&[offer.to_extension()], &params.to_extension()), Ok(params));
    }

    #[test]
    fn a_side_has_its_own_window() {
        let params =
            read_answer(&one("permessage-deflate; server_max_window_bits=10; client_no_context_takeover"))
                .unwrap();
        assert_eq!((params.window_bits(Side::Server), params.window_bits(Side::Client)), (10, 15));
        assert!(params.context_takeover(Side::Server));
        assert!(!params.context_takeover(Side::Client));
    }

    #[test]
    fn the_first_good_offer_is_taken() {
        let offers = list(
            "x-other, permessage-deflate; server_max_window_bits=7, permessage-deflate; server_max_window_bits=\"10\", permessage-deflate",
        );
        assert_eq!(negotiate(&offers, &Params::default()).unwrap().server_max_window_bits, 10);
        assert_eq!(negotiate(&list("x-other"), &Params::default()), None);
        assert_eq!(negotiate(&list("permessage-deflate; foo"), &Params::default()), None);
    }

    #[test]
    fn wishes_bound_the_answer() {
        let wishes = Params {
            client_max_window_bits: 9,
            server_max_window_bits: 12,
            client_no_context_takeover: true,
            ..Params::default()
        };
        let limited = negotiate(
            &list("permessage-deflate; client_max_window_bits=11; server_max_window_bits=14"),
            &wishes,
        )
        .unwrap();
        assert_eq!((limited.client_max_window_bits, limited.server_max_window_bits), (9, 12));
        assert!(limited.client_no_context_takeover);
        let unlimited = negotiate(&list("permessage-deflate"), &wishes).unwrap();
        assert_eq!(unlimited.client_max_window_bits, 15);
    }

    #[test]
    fn a_full_server_window_that_was_asked_for_is_answered() {
        let (_, extension) =
            answer(&list("permessage-deflate; server_max_window_bits=15"), &Params::default()).unwrap();
        assert_eq!(extension.to_string(), "permessage-deflate; server_max_window_bits=15");
    }

    #[test]
    fn refused_parameters() {
        for (params, rule) in [
            ("unknown", Rule::ExtensionNotOffered),
            ("server_no_context_takeover; server_no_context_takeover", Rule::ExtensionNotOffered),
            ("client_no_context_takeover; client_no_context_takeover", Rule::ExtensionNotOffered),
            ("server_max_window_bits=10; server_max_window_bits=10", Rule::ExtensionNotOffered),
            ("client_max_window_bits=10; client_max_window_bits=10", Rule::ExtensionNotOffered),
            ("server_no_context_takeover=1", Rule::ExtensionNotOffered),
            ("client_no_context_takeover=true", Rule::ExtensionNotOffered),
            ("server_max_window_bits", Rule::WindowBits),
            ("server_max_window_bits=7", Rule::WindowBits),
            ("server_max_window_bits=16", Rule::WindowBits),
            ("server_max_window_bits=08", Rule::WindowBits),
            ("server_max_window_bits=+9", Rule::WindowBits),
            ("server_max_window_bits=abc", Rule::WindowBits),
            ("server_max_window_bits=999", Rule::WindowBits),
            ("client_max_window_bits=16", Rule::WindowBits),
        ] {
            let extension = one(&format!("permessage-deflate; {params}"));
            assert_eq!(Offer::parse(&extension).unwrap_err().rule, rule, "{params}");
            let offers = list("permessage-deflate; client_max_window_bits");
            assert_eq!(agreed(&offers, &extension).unwrap_err().rule, rule, "{params}");
        }
    }

    #[test]
    fn refused_answers() {
        for (offers, answer, rule) in [
            ("x-other", "permessage-deflate", Rule::ExtensionNotOffered),
            ("permessage-deflate", "x-other", Rule::ExtensionNotOffered),
            (
                "permessage-deflate",
                "permessage-deflate; client_max_window_bits=10",
                Rule::ExtensionNotOffered,
            ),
            (
                "permessage-deflate; client_max_window_bits",
                "permessage-deflate; client_max_window_bits",
                Rule::WindowBits,
            ),
            (
                "permessage-deflate; server_max_window_bits=10",
                "permessage-deflate; server_max_window_bits=11",
                Rule::ExtensionNotOffered,
            ),
            (
                "permessage-deflate; server_max_window_bits=10",
                "permessage-deflate",
                Rule::ExtensionNotOffered,
            ),
            (
                "permessage-deflate; server_no_context_takeover",
                "permessage-deflate",
                Rule::ExtensionNotOffered,
            ),
        ] {
            assert_eq!(agreed(&list(offers), &one(answer)).unwrap_err().rule, rule, "{offers} / {answer}");
        }
    }

    #[test]
    fn accepted_answers() {
        for (offers, answer) in [
            // The server may add these of its own accord (sections 7.1.1.1, 7.1.1.2 and 7.1.2.1).
            (
                "permessage-deflate",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=8",
            ),
            ("permessage-deflate; server_max_window_bits=10, permessage-deflate", "permessage-deflate"),
            ("permessage-deflate; client_no_context_takeover", "permessage-deflate"),
        ] {
            assert!(agreed(&list(offers), &one(answer)).is_ok(), "{offers} / {answer}");
        }
        let hinted =
            agreed(&list("permessage-deflate; client_max_window_bits=9"), &one("permessage-deflate"))
                .unwrap();
        assert_eq!(hinted.client_max_window_bits, 9);
    }

    fn any_offer() -> impl Strategy<Value = Offer> {
        let bits = || proptest::option::of(8_u8..=15);
        (any::<bool>(), any::<bool>(), bits(), proptest::option::of(bits())).prop_map(
            |(server, client, sbits, cbits)| Offer {
                server_no_context_takeover: server,
                client_no_context_takeover: client,
                server_max_window_bits: sbits,
                client_max_window_bits: cbits,
            },
        )
    }

    proptest! {
        #[test]
        fn offers_survive_writing(offer in any_offer()) {
            let text = offer.to_extension().to_string();
            prop_assert_eq!(Offer::parse(&one(&text)), Ok(offer));
        }

        #[test]
        fn a_client_accepts_what_a_server_answers(
            offer in any_offer(),
            server in any::<bool>(), client in any::<bool>(), sbits in 8_u8..=15, cbits in 8_u8..=15,
        ) {
            let wishes = Params {
                server_no_context_takeover: server,
                client_no_context_takeover: client,
                server_max_window_bits: sbits,
                client_max_window_bits: cbits,
                unit: Unit::Message,
            };
            let offers = [offer.to_extension()];
            let (params, extension) = answer(&offers, &wishes).unwrap();
            prop_assert_eq!(agreed(&offers, &extension), Ok(params));
            prop_assert_eq!(agreed(&offers, &params.to_extension()), Ok(params));
        }
    }
}
