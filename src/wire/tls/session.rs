//! The two sides of a TLS connection together: what each record holds, and what was agreed.

use super::agreement::{Agreement, Alert};
use super::borders::{Borders, MESSAGE_HEADER};
use super::content::{Content, Encrypted};
use super::names;
use super::record::{self, Header};
use super::shape::{self, Said, looks_plain};
use crate::facts;
use crate::model::field::BitRange;
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Rule};

/// The longest handshake message that is kept, in bytes. A longer one is skipped by counting.
pub const MAX_MESSAGE: usize = 1 << 16;

/// Reads the records of both sides in the order in which they come and says what each holds.
///
/// It keeps one unfinished handshake message a side, at most [`MAX_MESSAGE`] bytes of it, and what was agreed.
#[derive(Clone, Debug, Default)]
pub struct Session {
    client: Half,
    server: Half,
    agreement: Agreement,
}

/// Whether what a side sends is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Protection {
    /// It is not: the side has not changed its keys.
    #[default]
    Plain,
    /// Its records were not all seen.
    Unknown,
    /// It has said that its keys change, or sent application data, while the version is not known.
    Changed,
    /// Everything that it sends is encrypted (up to TLS 1.2).
    Encrypted,
}

#[derive(Clone, Debug, Default)]
struct Half {
    protection: Protection,
    borders: Borders,
    /// The unfinished message; empty while it is skipped.
    message: Vec<u8>,
    skipping: bool,
}

impl Session {
    /// A connection that is seen from its beginning.
    pub fn new() -> Self {
        Self::default()
    }

    /// A connection whose beginning was not recorded: the version is not known, and application data is ciphertext.
    pub fn inside() -> Self {
        let mut session = Self::default();
        session.gap(Side::Client);
        session.gap(Side::Server);
        session
    }

    /// What was offered and agreed so far.
    pub fn agreement(&self) -> &Agreement {
        &self.agreement
    }

    /// Bytes of this side are missing, so a message that has begun is lost, and so may be a change of keys.
    pub fn gap(&mut self, side: Side) {
        let half = self.half(side);
        let protection = match half.protection {
            Protection::Plain => Protection::Unknown,
            other => other,
        };
        *half = Half { protection, ..Half::default() };
    }

    /// The next record of this side: `header`, and the fragment or what is there of it. Says what it holds, and appends
    /// what breaks a rule, with places in bits of the record.
    pub fn record(
        &mut self,
        side: Side,
        header: Header,
        fragment: &[u8],
        findings: &mut Vec<Finding>,
    ) -> Content {
        let content = self.content(side, header, fragment);
        check(header, content, findings);
        match content {
            Content::Handshake => self.handshake(side, fragment, findings),
            Content::Alert => self.alert(side, fragment, findings),
            Content::ChangeCipherSpec => self.change_cipher_spec(side),
            Content::Encrypted(inner) => {
                self.agreement.saw_encrypted(side, fragment.len());
                let half = self.half(side);
                if inner == Encrypted::Unsure && half.protection != Protection::Encrypted {
                    half.protection = Protection::Changed;
                }
            }
            Content::Heartbeat | Content::Other => {}
        }
        if fragment.len() < usize::from(header.length) {
            self.gap(side);
        }
        content
    }

    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    fn content(&mut self, side: Side, header: Header, fragment: &[u8]) -> Content {
        let version = self.agreement.version;
        let is_13 = self.agreement.is_13();
        let early = self.agreement.early_data && side == Side::Client;
        let half = self.half(side);
        let protection = half.protection;
        // In TLS 1.3 whatever is encrypted says that it is application data, so the other types are in the clear.
        let is_plain = is_13 || protection == Protection::Plain;
        match header.content_type {
            record::APPLICATION_DATA_TYPE if is_13 || (version.is_none() && early) => {
                Content::Encrypted(Encrypted::Hidden)
            }
            record::APPLICATION_DATA_TYPE if version.is_none() => Content::Encrypted(Encrypted::Unsure),
            record::APPLICATION_DATA_TYPE => Content::Encrypted(Encrypted::ApplicationData),
            record::HANDSHAKE_TYPE if is_plain => Content::Handshake,
            record::HANDSHAKE_TYPE => match protection {
                Protection::Encrypted => Content::Encrypted(Encrypted::Handshake),
                _ if half.borders.is_inside() || looks_plain(fragment) => Content::Handshake,
                Protection::Changed => Content::Encrypted(Encrypted::Handshake),
                _ => Content::Encrypted(Encrypted::Unclear),
            },
            // Two bytes leave no room for what encryption adds.
            record::ALERT_TYPE if is_plain || header.length <= 2 => Content::Alert,
            record::ALERT_TYPE => Content::Encrypted(Encrypted::Alert),
            record::CHANGE_CIPHER_SPEC_TYPE if is_plain || header.length <= 1 => Content::ChangeCipherSpec,
            record::CHANGE_CIPHER_SPEC_TYPE => Content::Encrypted(Encrypted::Control),
            record::HEARTBEAT_TYPE if is_plain => Content::Heartbeat,
            record::HEARTBEAT_TYPE => Content::Encrypted(Encrypted::Control),
            _ => Content::Other,
        }
    }

    fn change_cipher_spec(&mut self, side: Side) {
        let after = match self.agreement.version {
            // It means nothing there (RFC 8446 section 5).
            Some(0x0304..) => return,
            Some(_) => Protection::Encrypted,
            None => Protection::Changed,
        };
        self.half(side).protection = after;
    }

    fn alert(&mut self, side: Side, fragment: &[u8], findings: &mut Vec<Finding>) {
        let &[level, description, ..] = fragment else { return };
        self.agreement.alert(Alert { side, level, description });
        if level == 2 {
            let name = names::alert(description).map_or_else(|| description.to_string(), str::to_owned);
            let level = names::alert_level(level).unwrap_or_default();
            let bits = BitRange::bytes(Header::LENGTH, Header::LENGTH + 2);
            findings.push(Rule::TlsAlertFatal.says(bits, facts!("alert", side, level, name)));
        }
    }

    fn handshake(&mut self, side: Side, fragment: &[u8], findings: &mut Vec<Finding>) {
        let half = self.half(side);
        let mut borders = half.borders;
        let mut kept = std::mem::take(&mut half.message);
        let mut skipping = half.skipping;
        let mut said = Vec::new();
        borders.feed(fragment, |piece| {
            if piece.first {
                kept.clear();
                skipping = false;
            }
            let bytes = fragment.get(piece.start..piece.end).unwrap_or_default();
            let whole = if piece.first && piece.last {
                bytes
            } else {
                if skipping || kept.len() + bytes.len() > MAX_MESSAGE {
                    skipping = true;
                    kept.clear();
                } else {
                    kept.extend_from_slice(bytes);
                }
                &kept
            };
            if !piece.last || skipping {
                return;
            }
            let Some((&[kind, ..], body)) = whole.split_first_chunk::<MESSAGE_HEADER>() else { return };
            if let Some(message) = shape::read(kind, body) {
                said.push(message);
            } else {
                let at = BitRange::bytes(Header::LENGTH + piece.start, Header::LENGTH + piece.end);
                let message = names::handshake(kind).unwrap_or_default();
                findings.push(Rule::TlsHandshakeMalformed.says(at, facts!("lengths", message)));
            }
            kept.clear();
        });
        let inside = borders.is_inside();
        let half = self.half(side);
        *half = Half {
            borders,
            message: if inside { kept } else { Vec::new() },
            skipping,
            protection: half.protection,
        };
        for message in said {
            self.hear(side, message);
        }
    }

    fn hear(&mut self, side: Side, message: Said) {
        match (side, message) {
            (Side::Client, Said::Client(hello)) => self.agreement.client_hello(*hello),
            (Side::Server, Said::Server(hello)) => {
                self.agreement.server_hello(*hello);
                let is_13 = self.agreement.is_13();
                for half in [&mut self.client, &mut self.server] {
                    // A change of keys that was seen before the version was: now it is known what it meant.
                    if half.protection == Protection::Changed {
                        half.protection = if is_13 { Protection::Unknown } else { Protection::Encrypted };
                    }
                }
            }
            _ => {}
        }
    }
}

/// What a record breaks by its header alone.
fn check(header: Header, content: Content, findings: &mut Vec<Finding>) {
    let length = usize::from(header.length);
    let limit = match content {
        Content::Encrypted(Encrypted::Hidden) => record::MAX_ENCRYPTED_13,
        Content::Encrypted(_) | Content::Other => record::MAX_ENCRYPTED,
        _ => record::MAX_PLAIN,
    };
    if length > limit {
        findings.push(Rule::TlsRecordTooLong.says(Header::LENGTH_BITS, facts!("length", length, limit)));
    }
    if content == Content::Other {
        let number = header.content_type;
        findings.push(Rule::TlsRecordType.says(Header::TYPE_BITS, facts!("type", number)));
    }
    let must_hold = matches!(
        header.content_type,
        record::HANDSHAKE_TYPE | record::ALERT_TYPE | record::CHANGE_CIPHER_SPEC_TYPE
    );
    if length == 0 && must_hold {
        let kind = names::content_type(header.content_type).unwrap_or_default();
        findings.push(Rule::TlsRecordEmpty.says(Header::LENGTH_BITS, facts!("kind", kind)));
    }
}
