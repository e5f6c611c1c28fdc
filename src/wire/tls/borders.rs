//! Where handshake messages begin and end within the records that carry them.
//!
//! Records cut the stream of handshake messages anywhere (RFC 8446 section 5.1): one record may hold several messages,
//! one message several records, and even the four bytes before a message may be cut.

/// Where in the stream of one side's handshake messages the next record begins. It counts, and keeps no bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Borders {
    /// The bytes of a message's header that are there while it is not whole.
    header: [u8; 3],
    /// How many of them.
    held: u8,
    /// How many bytes of the message's body are to come.
    missing: u32,
}

/// A piece of a message, as one record holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The first byte of the piece within the fragment.
    pub start: usize,
    /// The byte behind its last.
    pub end: usize,
    /// Whether the message begins here.
    pub first: bool,
    /// Whether the message ends here.
    pub last: bool,
}

/// The length of what stands before a message: its type and its length.
pub const MESSAGE_HEADER: usize = 4;

impl Borders {
    /// At the beginning of a message.
    pub const START: Self = Self { header: [0; 3], held: 0, missing: 0 };

    /// How many bytes at the beginning of `fragment` belong to a message that `earlier` fragments of the same side
    /// began: what [`record::fields`](super::record::fields) wants to know. It costs a step a message, whatever their
    /// length.
    pub fn before<'a>(earlier: impl IntoIterator<Item = &'a [u8]>, fragment: &[u8]) -> usize {
        let mut borders = Self::START;
        for fragment in earlier {
            borders.feed(fragment, |_| ());
        }
        borders.continued(fragment)
    }

    /// How many bytes at the beginning of `fragment`, if it is the next one, belong to the message that has begun.
    pub fn continued(self, fragment: &[u8]) -> usize {
        if self == Self::START {
            return 0;
        }
        let mut end = 0;
        let mut seen = false;
        let mut borders = self;
        borders.feed(fragment, |piece| {
            if !seen {
                seen = true;
                end = piece.end;
            }
        });
        end
    }

    /// The types of the messages that begin in `fragment`, behind the bytes that belong to an earlier one
    /// ([`Borders::before`]): what a record of handshake messages is about, in a line.
    pub fn types(fragment: &[u8], before: usize) -> Vec<u8> {
        let fragment = fragment.get(before..).unwrap_or_default();
        let mut types = Vec::new();
        let mut borders = Self::START;
        borders.feed(fragment, |piece| types.extend(fragment.get(piece.start)));
        types
    }

    /// Whether a message has begun and not ended.
    pub fn is_inside(self) -> bool {
        self != Self::START
    }

    /// Takes the next fragment and names the pieces of messages in it, in order.
    pub fn feed(&mut self, fragment: &[u8], mut piece: impl FnMut(Piece)) {
        let mut at = 0;
        while at < fragment.len() {
            let start = at;
            let first = *self == Self::START;
            if self.missing == 0 {
                // The header, or what is left of it.
                let mut whole = [0; MESSAGE_HEADER];
                let held = usize::from(self.held);
                let rest = fragment.get(at..).unwrap_or_default();
                let known = self.header.iter().take(held).chain(rest);
                for (to, from) in whole.iter_mut().zip(known) {
                    *to = *from;
                }
                if held + rest.len() < MESSAGE_HEADER {
                    let [a, b, c, _] = whole;
                    *self = Self { header: [a, b, c], held: (held + rest.len()) as u8, missing: 0 };
                    piece(Piece { start, end: fragment.len(), first, last: false });
                    return;
                }
                at += MESSAGE_HEADER - held;
                let [_, a, b, c] = whole;
                *self = Self { missing: u32::from_be_bytes([0, a, b, c]), ..Self::START };
            }
            let taken = (self.missing as usize).min(fragment.len() - at);
            at += taken;
            self.missing -= taken as u32;
            piece(Piece { start, end: at, first, last: self.missing == 0 });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pieces(borders: &mut Borders, fragment: &[u8]) -> Vec<(usize, usize, bool, bool)> {
        let mut pieces = Vec::new();
        borders.feed(fragment, |p| pieces.push((p.start, p.end, p.first, p.last)));
        pieces
    }

    #[test]
    fn messages_are_found_over_records() {
        let mut borders = Borders::START;
        // A message of no bytes, and the beginning of one of three.
        assert_eq!(
            pieces(&mut borders, &[14, 0, 0, 0, 20, 0, 0, 3, 9]),
            [(0, 4, true, true), (4, 9, true, false)]
        );
        assert_eq!(borders.continued(&[9, 9, 14]), 2);
        assert_eq!(pieces(&mut borders, &[9, 9, 14]), [(0, 2, false, true), (2, 3, true, false)]);
        assert_eq!(Borders::types(&[14, 0, 0, 0, 20, 0, 0, 3, 9], 0), [14, 20]);
        assert_eq!(Borders::types(&[9, 9, 14], 2), [14]);
        // The header of the third is cut.
        assert_eq!(pieces(&mut borders, &[0, 0]), [(0, 2, false, false)]);
        assert_eq!(pieces(&mut borders, &[0]), [(0, 1, false, true)]);
        assert_eq!(borders, Borders::START);
    }

    proptest! {
        #[test]
        fn any_cut_finds_the_same_messages(
            lengths in prop::collection::vec(0..9u8, 1..6),
            cuts in prop::collection::vec(1..7usize, 1..40),
        ) {
            let mut stream = Vec::new();
            let mut begins = Vec::new();
            for length in &lengths {
                begins.push(stream.len());
                stream.extend([1, 0, 0, *length]);
                stream.resize(stream.len() + usize::from(*length), 7);
            }
            let (mut borders, mut at, mut found, mut ends) = (Borders::START, 0, Vec::new(), 0);
            let mut earlier: Vec<&[u8]> = Vec::new();
            for cut in cuts.iter().cycle() {
                let end = (at + cut).min(stream.len());
                let fragment = &stream[at..end];
                let before = Borders::before(earlier.iter().copied(), fragment);
                let next = begins.iter().find(|begin| **begin >= at).map_or(end, |begin| (*begin).min(end));
                prop_assert_eq!(before, next - at);
                let mut tiled = 0;
                borders.feed(fragment, |piece| {
                    assert_eq!(piece.start, tiled);
                    tiled = piece.end;
                    if piece.first { found.push(at + piece.start); }
                    ends += usize::from(piece.last);
                });
                prop_assert_eq!(tiled, fragment.len());
                earlier.push(fragment);
                at = end;
                if at == stream.len() { break; }
            }
            prop_assert_eq!(found, begins);
            prop_assert_eq!(ends, lengths.len());
            prop_assert!(!borders.is_inside());
        }
    }
}
