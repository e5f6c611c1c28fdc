//! The TCP header with its options, as fields.

use super::reader::{Reader, kinds};
use crate::capture::packet::TCP_HEADER;
use crate::model::spec::Document::{Rfc2018, Rfc7323, Rfc9293};

kinds! {
    TCP "tcp" "TCP" Rfc9293 "3.1" Transport;
    SOURCE_PORT "tcp-source-port" "Source Port" Rfc9293 "3.1";
    DESTINATION_PORT "tcp-destination-port" "Destination Port" Rfc9293 "3.1";
    SEQ "tcp-seq" "Sequence Number" Rfc9293 "3.4";
    ACK_NUMBER "tcp-ack-number" "Acknowledgment Number" Rfc9293 "3.4";
    DATA_OFFSET "tcp-data-offset" "DOffset" Rfc9293 "3.1";
    RESERVED "tcp-reserved" "Rsrvd" Rfc9293 "3.1";
    CWR "tcp-cwr" "CWR" Rfc9293 "3.1";
    ECE "tcp-ece" "ECE" Rfc9293 "3.1";
    URG "tcp-urg" "URG" Rfc9293 "3.1";
    ACK "tcp-ack" "ACK" Rfc9293 "3.1";
    PSH "tcp-psh" "PSH" Rfc9293 "3.1";
    RST "tcp-rst" "RST" Rfc9293 "3.1";
    SYN "tcp-syn" "SYN" Rfc9293 "3.1";
    FIN "tcp-fin" "FIN" Rfc9293 "3.1";
    WINDOW "tcp-window" "Window" Rfc9293 "3.8.6";
    CHECKSUM "tcp-checksum" "Checksum" Rfc9293 "3.1";
    URGENT "tcp-urgent-pointer" "Urgent Pointer" Rfc9293 "3.8.5";
    OPTION "tcp-option" "Option" Rfc9293 "3.2";
    OPTION_KIND "tcp-option-kind" "Kind" Rfc9293 "3.2";
    OPTION_LENGTH "tcp-option-length" "Length" Rfc9293 "3.2";
    OPTION_DATA "tcp-option-data" "Data" Rfc9293 "3.2";
    MSS "tcp-mss" "Maximum Segment Size" Rfc9293 "3.7.1";
    WINDOW_SCALE "tcp-window-scale" "Window Scale" Rfc7323 "2.2";
    SACK_LEFT "tcp-sack-left" "Left Edge" Rfc2018 "3";
    SACK_RIGHT "tcp-sack-right" "Right Edge" Rfc2018 "3";
    TS_VALUE "tcp-ts-value" "TSval" Rfc7323 "3.2";
    TS_ECHO "tcp-ts-echo" "TSecr" Rfc7323 "3.2";
    PAYLOAD "tcp-payload" "Data" Rfc9293 "3.1" Data;
}

/// Reads the header and the payload up to `end`; nothing if the header is not whole or its length is wrong.
pub(super) fn read(reader: &mut Reader<'_>, end: usize) {
    let begin = reader.at();
    let segment = reader.slice(begin, end);
    let Some(header) = segment.first_chunk::<TCP_HEADER>() else { return };
    let length = usize::from(header[12] >> 4) * 4;
    if length < TCP_HEADER || length > segment.len() {
        return;
    }
    reader.group(&TCP, |reader| {
        reader.number(&SOURCE_PORT, 16);
        reader.number(&DESTINATION_PORT, 16);
        reader.number(&SEQ, 32);
        reader.number(&ACK_NUMBER, 32);
        reader.number(&DATA_OFFSET, 4);
        reader.number(&RESERVED, 4);
        for flag in [&CWR, &ECE, &URG, &ACK, &PSH, &RST, &SYN, &FIN] {
            reader.flag(flag);
        }
        reader.number(&WINDOW, 16);
        reader.number(&CHECKSUM, 16);
        reader.number(&URGENT, 16);
        while reader.at() < begin + length {
            reader.group(&OPTION, |reader| option(reader, begin + length));
        }
    });
    reader.opaque(&PAYLOAD, end - begin - length);
}

/// One option of a header that ends at `end`.
fn option(reader: &mut Reader<'_>, end: usize) {
    let left = end - reader.at();
    let ahead = reader.ahead();
    let (kind, length) =
        (ahead.first().copied().unwrap_or_default(), ahead.get(1).map_or(0, |&n| usize::from(n)));
    reader.named(&OPTION_KIND, 8, option_name);
    match kind {
        0 => return reader.opaque(&OPTION_DATA, left - 1), // The list ends; what is left fills the word.
        1 => return,
        _ if !(2..=left).contains(&length) => return reader.opaque(&OPTION_DATA, left - 1), // Cannot be right.
        _ => {}
    }
    reader.number(&OPTION_LENGTH, 8);
    match (kind, length) {
        (2, 4) => {
            reader.number(&MSS, 16);
        }
        (3, 3) => {
            reader.number(&WINDOW_SCALE, 8);
        }
        (5, _) if length % 8 == 2 => {
            for _ in 0..length / 8 {
                reader.number(&SACK_LEFT, 32);
                reader.number(&SACK_RIGHT, 32);
            }
        }
        (8, 10) => {
            reader.number(&TS_VALUE, 32);
            reader.number(&TS_ECHO, 32);
        }
        _ => reader.opaque(&OPTION_DATA, length - 2),
    }
}

fn option_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "end of options",
        1 => "no operation",
        2 => "maximum segment size",
        3 => "window scale",
        4 => "selective acknowledgment permitted",
        5 => "selective acknowledgment",
        8 => "timestamps",
        19 => "MD5 signature",
        28 => "user timeout",
        29 => "authentication",
        30 => "multipath",
        34 => "fast open cookie",
        253 | 254 => "experiment",
        _ => return None,
    })
}
