//! What a file says beside its packets.

use crate::capture::link_type::LinkType;

/// How many comments are kept; the others are counted.
pub(in crate::capture) const MAX_COMMENTS: usize = 1000;

/// What the file said since somebody last asked: whoever numbers the packets takes it up.
#[derive(Debug, Default)]
pub(in crate::capture) struct Notes {
    /// The link types that packets may have from here on.
    pub(in crate::capture) link_types: Vec<LinkType>,
    /// The first comments, and whether each is about the packet that was read last.
    pub(in crate::capture) comments: Vec<(bool, String)>,
    /// How many comments there were.
    pub(in crate::capture) comment_count: u64,
    /// Types of blocks that are not known.
    pub(in crate::capture) blocks: Vec<u32>,
    /// A clock that is finer than a nanosecond.
    pub(in crate::capture) finer_than_nanoseconds: bool,
    any: bool,
}

impl Notes {
    /// Whether there is nothing to take up.
    #[inline]
    pub(in crate::capture) fn is_empty(&self) -> bool {
        !self.any
    }

    pub(super) fn link_type(&mut self, link: LinkType) {
        self.any = true;
        self.link_types.push(link);
    }

    pub(super) fn comment(&mut self, about_packet: bool, text: &[u8]) {
        self.any = true;
        self.comment_count += 1;
        if self.comments.len() < MAX_COMMENTS {
            let text = String::from_utf8_lossy(text).trim_end_matches('\0').to_owned();
            self.comments.push((about_packet, text));
        }
    }

    pub(super) fn unknown_block(&mut self, kind: u32) {
        self.any = true;
        self.blocks.push(kind);
    }

    pub(super) fn clock(&mut self, is_finer: bool) {
        self.any |= is_finer;
        self.finer_than_nanoseconds |= is_finer;
    }
}
