//! Where the drafts of hixie say what RFC 6455 says elsewhere.
//!
//! A rule names the section of the newest text that has it. In a conversation of hixie-75 or hixie-76 a reader wants
//! the section of that draft, and each draft tells a client and a server apart: what a server sends is judged by the
//! sections of the client that reads it (4), what a client sends by those of the server (5).

use super::dialect::{Dialect, Draft};
use super::protocol::{Protocol, Side};
use super::rule::Rule;
use super::spec::{Document, Section};

/// Sections of hixie-75 and of hixie-76, first for what a server sent.
type Sections = [[&'static str; 2]; 2];

/// Reading the client's handshake.
const REQUEST: Sections = [["5.2", "5.2"], ["5.1", "5.1"]];
/// What a client checks of the answer.
const ANSWER: Sections = [["4.1", "4.1"]; 2];
/// Data framing.
const FRAMES: Sections = [["4.2", "5.3"]; 2];

impl Rule {
    /// The section that says the rule in a version, of bytes that `sender` sent.
    pub fn section_in(self, dialect: &Dialect, sender: Side) -> Section {
        if self == Self::OtherFrames {
            // Each draft of 2010 and 2011 says anew how frames are written, and what covers them.
            return match dialect.protocol {
                Protocol::Hybi2 => Document::Hybi03.section("4"),
                Protocol::Hybi4 => Document::Hybi04.section("4.2"),
                Protocol::Hybi5 => Document::Hybi05.section("4"),
                _ => self.section(),
            };
        }
        let (document, version) = match dialect.drafts.first {
            Draft::HIXIE_75 => (Document::Hixie75, 0),
            Draft::HIXIE_76 => (Document::Hixie76, 1),
            _ => return self.section(),
        };
        let [from_server, from_client] = match self {
            Self::RequestLine
            | Self::MissingHost
            | Self::UpgradeToken
            | Self::ConnectionToken
            | Self::OriginRefused => REQUEST[version],
            Self::ResponseStatus | Self::HandshakeIncomplete | Self::HixieMismatch | Self::HixieUpgrade => {
                ANSWER[version]
            }
            Self::HixieFrameType
            | Self::HixieBinary
            | Self::HixieLengthOverflow
            | Self::HixieUnterminated
            | Self::HixieCloseIn75
            | Self::StreamGuess
            | Self::StreamEndsInside
            | Self::StreamUnparsed => FRAMES[version],
            // What each end makes of bytes that are not UTF-8.
            Self::HixieTextNotUtf8 => [["4.4", "5.4"], ["4.3", "5.4"]][version],
            // "Implementations may impose implementation-specific limits on otherwise unconstrained inputs."
            Self::MessageTooLarge => [["4.2", "2"]; 2][version],
            // A client must answer the server's frame; of a server only the overview says so.
            Self::HixieCloseNotAnswered => [["4.2", "1.4"]; 2][version],
            _ => return self.section(),
        };
        document.section(if sender == Side::Server { from_server } else { from_client })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::dialect::{HIXIE75, HIXIE76, HYBI2, HYBI4, RFC6455};

    #[test]
    fn a_draft_is_cited_for_its_own_conversations() {
        let cited = |rule: Rule, dialect, sender| rule.section_in(dialect, sender).to_string();
        for (rule, dialect, sender, section) in [
            (Rule::ResponseStatus, &HIXIE76, Side::Server, "draft-hixie-thewebsocketprotocol-76 section 4.1"),
            (Rule::ResponseStatus, &RFC6455, Side::Server, "RFC 6455 section 4.2.2"),
            (Rule::OtherFrames, &HYBI2, Side::Client, "draft-ietf-hybi-thewebsocketprotocol-03 section 4"),
            (Rule::OtherFrames, &HYBI4, Side::Client, "draft-ietf-hybi-thewebsocketprotocol-04 section 4.2"),
            (Rule::HixieFrameType, &HIXIE75, Side::Client, "draft-hixie-thewebsocketprotocol-75 section 5.3"),
            (Rule::HixieFrameType, &HIXIE76, Side::Server, "draft-hixie-thewebsocketprotocol-76 section 4.2"),
            (
                Rule::HixieTextNotUtf8,
                &HIXIE75,
                Side::Server,
                "draft-hixie-thewebsocketprotocol-75 section 4.4",
            ),
            (
                Rule::HixieTextNotUtf8,
                &HIXIE76,
                Side::Client,
                "draft-hixie-thewebsocketprotocol-76 section 5.4",
            ),
            (Rule::HixieMismatch, &HIXIE75, Side::Server, "draft-hixie-thewebsocketprotocol-75 section 4.1"),
            (Rule::RequestLine, &HIXIE76, Side::Client, "draft-hixie-thewebsocketprotocol-76 section 5.1"),
            (Rule::TcpReset, &HIXIE76, Side::Client, "RFC 9293 section 3.5.2"),
        ] {
            assert_eq!(cited(rule, dialect, sender), section, "{rule}");
        }
    }
}
