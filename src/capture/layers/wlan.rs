//! 802.11: frames on the air. Data frames carry LLC, one packet or several of them.

use super::llc;
use super::reader::{address, kinds};
use super::walk::{Step, WRONG, Walk};
use crate::capture::kind::Kind;
use crate::capture::packet::Decoded;
use crate::model::spec::Document::Ieee80211;

kinds! {
    WLAN "wlan" "802.11" Ieee80211 "9.2.3" Link;
    SUBTYPE "wlan-subtype" "Subtype" Ieee80211 "9.2.4.1";
    TYPE "wlan-type" "Type" Ieee80211 "9.2.4.1";
    VERSION "wlan-version" "Protocol Version" Ieee80211 "9.2.4.1";
    ORDER "wlan-htc" "+HTC" Ieee80211 "9.2.4.1";
    PROTECTED "wlan-protected" "Protected Frame" Ieee80211 "9.2.4.1";
    MORE_DATA "wlan-more-data" "More Data" Ieee80211 "9.2.4.1";
    POWER "wlan-power" "Power Management" Ieee80211 "9.2.4.1";
    RETRY "wlan-retry" "Retry" Ieee80211 "9.2.4.1";
    MORE_FRAGMENTS "wlan-more-fragments" "More Fragments" Ieee80211 "9.2.4.1";
    FROM_DS "wlan-from-ds" "From DS" Ieee80211 "9.2.4.1";
    TO_DS "wlan-to-ds" "To DS" Ieee80211 "9.2.4.1";
    DURATION "wlan-duration" "Duration" Ieee80211 "9.2.4.2";
    ADDRESS1 "wlan-address1" "Address 1" Ieee80211 "9.2.4.3";
    ADDRESS2 "wlan-address2" "Address 2" Ieee80211 "9.2.4.3";
    ADDRESS3 "wlan-address3" "Address 3" Ieee80211 "9.2.4.3";
    SEQUENCE_LOW "wlan-sequence-low" "Sequence Number, low bits" Ieee80211 "9.2.4.4";
    FRAGMENT "wlan-fragment" "Fragment Number" Ieee80211 "9.2.4.4";
    SEQUENCE_HIGH "wlan-sequence-high" "Sequence Number, high bits" Ieee80211 "9.2.4.4";
    ADDRESS4 "wlan-address4" "Address 4" Ieee80211 "9.2.4.3";
    AGGREGATED "wlan-amsdu" "A-MSDU Present" Ieee80211 "9.2.4.5";
    ACK_POLICY "wlan-ack-policy" "Ack Policy" Ieee80211 "9.2.4.5";
    END_OF_SERVICE "wlan-eosp" "EOSP" Ieee80211 "9.2.4.5";
    TRAFFIC "wlan-tid" "TID" Ieee80211 "9.2.4.5";
    QOS_OTHER "wlan-qos-other" "TXOP or queue" Ieee80211 "9.2.4.5";
    HT_CONTROL "wlan-ht-control" "HT Control" Ieee80211 "9.2.4.6";
    PADDING "wlan-padding" "Padding" Ieee80211 "9.3.2.2";
    PART "wlan-part" "A-MSDU subframe" Ieee80211 "9.3.2.2" Link;
    PART_DESTINATION "wlan-part-destination" "DA" Ieee80211 "9.3.2.2";
    PART_SOURCE "wlan-part-source" "SA" Ieee80211 "9.3.2.2";
    PART_LENGTH "wlan-part-length" "Length" Ieee80211 "9.3.2.2";
    PROTECTED_BODY "wlan-encrypted" "Encrypted frame body" Ieee80211 "12" Data;
}

/// Frame control, duration, three addresses and the sequence control.
const HEADER: usize = 24;

/// Destination, source and length of a packet in an aggregate.
const PART_HEADER: usize = 14;

/// A frame.
pub(super) fn read(walk: &mut Walk<'_>) -> Step {
    let Some([first, second]) = walk.reader.peek() else { return walk.short() };
    if first & 3 != 0 {
        return WRONG; // The version is 0.
    }
    // Management and control frames are other protocols' matter; so are data frames without data.
    let (kind, subtype) = (first >> 2 & 3, first >> 4);
    if kind != 2 || subtype & 4 != 0 {
        return Step::Found(Decoded::Other(Kind::WlanNoData));
    }
    let (qos, four) = (subtype & 8 != 0, second & 3 == 3);
    let htc = qos && second & 0x80 != 0;
    let length = HEADER + if four { 6 } else { 0 } + if qos { 2 } else { 0 } + if htc { 4 } else { 0 };
    if !walk.reader.has(length) {
        return walk.short();
    }
    let (encrypted, fragment, aggregated) = walk.reader.group(&WLAN, |reader| {
        reader.number(&SUBTYPE, 4);
        reader.named(&TYPE, 2, |kind| (kind == 2).then_some("data"));
        reader.number(&VERSION, 2);
        reader.flag(&ORDER);
        let encrypted = reader.flag(&PROTECTED);
        for flag in [&MORE_DATA, &POWER, &RETRY] {
            reader.flag(flag);
        }
        let more = reader.flag(&MORE_FRAGMENTS);
        reader.flag(&FROM_DS);
        reader.flag(&TO_DS);
        reader.little(&DURATION, 2);
        for place in [&ADDRESS1, &ADDRESS2, &ADDRESS3] {
            reader.text(place, 6, address);
        }
        reader.number(&SEQUENCE_LOW, 4);
        let number = reader.number(&FRAGMENT, 4);
        reader.number(&SEQUENCE_HIGH, 8);
        if four {
            reader.text(&ADDRESS4, 6, address);
        }
        let mut aggregated = false;
        if qos {
            aggregated = reader.flag(&AGGREGATED);
            reader.number(&ACK_POLICY, 2);
            reader.flag(&END_OF_SERVICE);
            reader.number(&TRAFFIC, 4);
            reader.number(&QOS_OTHER, 8);
        }
        if htc {
            reader.opaque(&HT_CONTROL, 4);
        }
        (encrypted, more || number != 0, aggregated)
    });
    if encrypted {
        let left = walk.reader.ahead().len();
        walk.reader.opaque(&PROTECTED_BODY, left);
        return Step::Found(Decoded::Other(Kind::WlanEncrypted));
    }
    if fragment {
        return Step::Found(Decoded::Other(Kind::WlanFragment));
    }
    if walk.padded {
        let padding = (length.next_multiple_of(4) - length).min(walk.reader.ahead().len());
        walk.reader.opaque(&PADDING, padding);
    }
    if aggregated { parts(walk) } else { Step::Header(llc::read) }
}

/// Several packets in one frame: each has a header of its own, and begins at a multiple of 4 bytes.
fn parts(walk: &mut Walk<'_>) -> Step {
    let (limit, end, path, headers) = (walk.reader.limit(), walk.end, walk.path, walk.headers);
    while !walk.reader.ahead().is_empty() {
        if !walk.reader.has(PART_HEADER) {
            return walk.short();
        }
        let length = walk.reader.group(&PART, |reader| {
            reader.text(&PART_DESTINATION, 6, address);
            reader.text(&PART_SOURCE, 6, address);
            reader.number(&PART_LENGTH, 16) as usize
        });
        let part = walk.reader.at() + length;
        walk.ends_at(part);
        walk.run(Step::Header(llc::read));
        walk.left_of_part();
        (walk.end, walk.path, walk.headers, walk.ip) = (end, path, headers, None);
        walk.reader.widen(limit);
        let padding = (PART_HEADER + length).next_multiple_of(4) - PART_HEADER - length;
        walk.reader.opaque(&PADDING, padding.min(walk.reader.ahead().len()));
    }
    Step::Done
}
