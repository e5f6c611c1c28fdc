//! What a record holds, as far as it can be known without keys.

/// What a record holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Content {
    /// Handshake messages in the clear, or pieces of them.
    Handshake,
    /// An alert in the clear.
    Alert,
    /// The one byte that says: from here on my records are encrypted (up to TLS 1.2), or that says nothing and is there
    /// so that the handshake looks like an older one (TLS 1.3, RFC 8446 appendix D.4).
    ChangeCipherSpec,
    /// A heartbeat in the clear (RFC 6520).
    Heartbeat,
    /// A content type that no specification knows.
    Other,
    /// Ciphertext.
    Encrypted(Encrypted),
}

/// What is encrypted, as far as the record says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Encrypted {
    /// Up to TLS 1.2: handshake messages, the first of them Finished.
    Handshake,
    /// Up to TLS 1.2: an alert.
    Alert,
    /// Up to TLS 1.2: what the application says.
    ApplicationData,
    /// Up to TLS 1.2: a heartbeat, or a change of keys within encrypted traffic.
    Control,
    /// TLS 1.3: the record says application data whatever is inside; the true type is encrypted with it.
    Hidden,
    /// The type says application data, but the version is not known, so there may be something else in it.
    Unsure,
    /// The type says handshake, but the recording lacks what came before: it may be encrypted, or a piece of a message
    /// in the clear.
    Unclear,
}

const ALL: [Content; 12] = [
    Content::Handshake,
    Content::Alert,
    Content::ChangeCipherSpec,
    Content::Heartbeat,
    Content::Other,
    Content::Encrypted(Encrypted::Handshake),
    Content::Encrypted(Encrypted::Alert),
    Content::Encrypted(Encrypted::ApplicationData),
    Content::Encrypted(Encrypted::Control),
    Content::Encrypted(Encrypted::Hidden),
    Content::Encrypted(Encrypted::Unsure),
    Content::Encrypted(Encrypted::Unclear),
];

impl Content {
    /// Everything that a record can hold.
    pub const ALL: &'static [Self] = &ALL;

    /// One byte that stands for it ([`Content::from_byte`]).
    pub fn to_byte(self) -> u8 {
        ALL.iter().position(|content| *content == self).unwrap_or_default() as u8
    }

    /// What this byte stands for; [`Content::Other`] for a byte that [`Content::to_byte`] never gives.
    pub fn from_byte(byte: u8) -> Self {
        ALL.get(usize::from(byte)).copied().unwrap_or(Self::Other)
    }

    /// Whether keys are needed to read it.
    pub const fn is_encrypted(self) -> bool {
        matches!(self, Self::Encrypted(_))
    }

    /// The stable identifier: `handshake`, `encrypted-alert`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Alert => "alert",
            Self::ChangeCipherSpec => "change-cipher-spec",
            Self::Heartbeat => "heartbeat",
            Self::Other => "other",
            Self::Encrypted(Encrypted::Handshake) => "encrypted-handshake",
            Self::Encrypted(Encrypted::Alert) => "encrypted-alert",
            Self::Encrypted(Encrypted::ApplicationData) => "encrypted-data",
            Self::Encrypted(Encrypted::Control) => "encrypted-control",
            Self::Encrypted(Encrypted::Hidden) => "encrypted-hidden",
            Self::Encrypted(Encrypted::Unsure) => "encrypted-unsure",
            Self::Encrypted(Encrypted::Unclear) => "encrypted-unclear",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_has_its_byte_and_its_id() {
        let ids: HashSet<_> = Content::ALL.iter().map(|content| content.id()).collect();
        assert_eq!(ids.len(), Content::ALL.len());
        for content in Content::ALL {
            assert_eq!(Content::from_byte(content.to_byte()), *content);
        }
        assert_eq!(Content::from_byte(255), Content::Other);
    }
}
