//! What a capture holds besides conversations: counts, link types, comments.

use std::collections::{BTreeMap, BTreeSet};

use super::format::{MAX_COMMENTS, Notes};
use super::kind::Kind;
use super::link_type::LinkType;

use crate::facts;
use crate::model::rule::{Finding, Rule};

/// A comment that somebody wrote into a pcapng file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The number of the packet that it is about; none for the file or an interface.
    pub packet: Option<u64>,
    /// What it says; bytes that are not UTF-8 are replaced.
    pub text: String,
}

/// What a capture holds, as far as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many packets were read.
    pub packets: u64,
    /// How many of them carry TCP that was looked into.
    pub tcp: u64,
    /// The names of the link types at tcpdump.org, without `LINKTYPE_`, in the order in which the file names them;
    /// the number where this program knows no name.
    pub link_types: Vec<String>,
    /// The comments, the first thousand of them.
    pub comments: Vec<Comment>,
    /// How many comments there are.
    pub comment_count: u64,
    /// Packets of which fewer bytes were recorded than were on the wire, among those that carry TCP or end before
    /// that can be known.
    pub cut: u64,
    /// Packets whose headers contradict themselves, or whose interface the file does not describe.
    pub malformed: u64,
    /// IP packets of which fragments are missing.
    pub fragmented: u64,
    /// Segments that lie behind the end of their stream, and were left out.
    pub behind_end: u64,
    /// Segments from before the first recorded byte of a stream whose opening was not recorded, and were left out.
    pub before_start: u64,
    /// Packets that stand in the file behind later ones.
    pub disordered: u64,
    /// Whether the packets were read in the order of time all the same.
    pub sorted: bool,
    /// Whether the interfaces of the file have clocks that differ, so that times say nothing about order.
    pub clocks_differ: bool,
    /// Whether a clock of the file is finer than a nanosecond.
    pub finer_than_nanoseconds: bool,
    pub(super) other: BTreeMap<Kind, u64>,
    pub(super) unread_links: BTreeMap<LinkType, u64>,
    pub(super) blocks: BTreeMap<u32, u64>,
    links: BTreeSet<LinkType>,
}

impl Summary {
    /// The packets that carry no TCP, by what they do carry, most of them first.
    pub fn not_tcp(&self) -> Vec<(String, u64)> {
        self.named(|kind| !kind.may_carry_tcp())
    }

    /// The packets that are not looked into though there may be TCP in them: tunnels that are not read, what is
    /// encrypted, fragments whose others are missing. By what they are, most of them first.
    pub fn unread(&self) -> Vec<(String, u64)> {
        self.named(Kind::may_carry_tcp)
    }

    fn named(&self, wanted: impl Fn(Kind) -> bool) -> Vec<(String, u64)> {
        // Several numbers share a name.
        let mut names: BTreeMap<String, u64> = BTreeMap::new();
        for (kind, count) in self.other.iter().filter(|(kind, _)| wanted(**kind)) {
            *names.entry(kind.name()).or_default() += count;
        }
        let mut counts: Vec<_> = names.into_iter().collect();
        counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        counts
    }

    /// Counts packets that were not looked into.
    pub(super) fn passed(&mut self, kind: Kind, count: u64) {
        *self.other.entry(kind).or_default() += count;
    }

    /// The packets of link types that are not read, by link type.
    pub fn unread_link_types(&self) -> Vec<(LinkType, u64)> {
        self.unread_links.iter().map(|(&link, &count)| (link, count)).collect()
    }

    /// The blocks of unknown types, by type.
    pub fn unknown_blocks(&self) -> Vec<(u32, u64)> {
        self.blocks.iter().map(|(&kind, &count)| (kind, count)).collect()
    }

    fn link_type(&mut self, link: LinkType) {
        // Three numbers share the name RAW.
        if self.links.insert(link)
            && link.name().is_none_or(|name| !self.link_types.iter().any(|known| known == name))
        {
            self.link_types.push(link.to_string());
        }
    }

    /// Takes up what the file said with or before this packet.
    pub(super) fn note(&mut self, notes: Notes, packet: u64) {
        for link in notes.link_types {
            self.link_type(link);
        }
        self.comment_count += notes.comment_count;
        let room = MAX_COMMENTS.saturating_sub(self.comments.len());
        self.comments.extend(
            notes
                .comments
                .into_iter()
                .take(room)
                .map(|(about_packet, text)| Comment { packet: about_packet.then_some(packet), text }),
        );
        for kind in notes.blocks {
            *self.blocks.entry(kind).or_default() += 1;
        }
        self.finer_than_nanoseconds |= notes.finer_than_nanoseconds;
    }

    /// What is to be said about the file as a whole.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (&link, &count) in &self.unread_links {
            let number = link.0;
            findings.push(Rule::CaptureLinkType.about(match link.name() {
                Some(name) => facts!("unread-named", count, link = number.to_string(), name),
                None => facts!("unread", count, link = number.to_string()),
            }));
        }
        let counts = |counts: Vec<(String, u64)>| {
            let total: u64 = counts.iter().map(|(_, count)| count).sum();
            let list: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
            (total > 0).then(|| (total, list.join(", ")))
        };
        if let Some((count, list)) = counts(self.not_tcp()) {
            findings.push(Rule::CaptureNotTcp.about(facts!("passed", count, list)));
        }
        if let Some((count, list)) = counts(self.unread()) {
            findings.push(Rule::CaptureUnread.about(facts!("passed", count, list)));
        }
        if self.cut > 0 {
            findings.push(Rule::CapturePacketCut.about(facts!("in-part", count = self.cut)));
        }
        if self.malformed > 0 {
            findings.push(Rule::CaptureBadPacket.about(facts!("unreadable", count = self.malformed)));
        }
        if self.fragmented > 0 {
            findings.push(Rule::CaptureFragment.about(facts!("missing", count = self.fragmented)));
        }
        for (kind, &count) in &self.blocks {
            let kind = format!("{kind:#010x}");
            findings.push(Rule::CaptureBlock.about(facts!("passed", count, kind)));
        }
        if self.disordered > 0 {
            let count = self.disordered;
            findings.push(Rule::CaptureOrder.about(if self.sorted {
                facts!("sorted", count)
            } else if self.clocks_differ {
                facts!("clocks", count)
            } else {
                facts!("as-they-stand", count)
            }));
        }
        if self.finer_than_nanoseconds {
            findings.push(Rule::CaptureTime.about(facts!("finer")));
        }
        findings
    }
}
