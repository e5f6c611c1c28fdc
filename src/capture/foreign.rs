//! Files that are no capture that is read here, and are known by how they begin: so that it can be said what they are.

/// What a file is that is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Foreign {
    /// It is packed in a way that is not unpacked.
    Packed(&'static str),
    /// A recording in a format that is not read; other programs convert it.
    Recording(&'static str),
    /// What a browser recorded: requests, no packets.
    Har,
    /// Secrets of TLS, which belong beside a capture.
    KeyLog,
}

/// By how they begin; the longer of two with the same beginning first.
const BEGINNINGS: &[(&[u8], Foreign)] = &[
    (b"BZh", Foreign::Packed("bzip2")),
    (&[0x04, 0x22, 0x4D, 0x18], Foreign::Packed("LZ4")),
    (&[0x02, 0x21, 0x4C, 0x18], Foreign::Packed("LZ4")),
    (b"PK\x03\x04", Foreign::Packed("ZIP")),
    (b"PK\x05\x06", Foreign::Packed("ZIP")),
    (b"7z\xBC\xAF\x27\x1C", Foreign::Packed("7-Zip")),
    (b"Rar!\x1A\x07", Foreign::Packed("RAR")),
    (&[0x1F, 0x9D], Foreign::Packed("compress")),
    (b"LZIP", Foreign::Packed("lzip")),
    (b"\x89LZO", Foreign::Packed("LZO")),
    (b"GMBU", Foreign::Recording("Microsoft Network Monitor 2")),
    (b"RTSS", Foreign::Recording("Microsoft Network Monitor 1")),
    (b"TRSNIFF data    \x1A", Foreign::Recording("DOS Sniffer")),
    (b"XCP\0", Foreign::Recording("NetXRay")),
    (b"VL\0\0", Foreign::Recording("NetXRay 1")),
    (b"\x7Fver", Foreign::Recording("Omnipeek")),
    (b"\x54\x52\x00\x64\x00", Foreign::Recording("HP-UX nettl")),
    (b"iptrace 1.0", Foreign::Recording("AIX iptrace")),
    (b"iptrace 2.0", Foreign::Recording("AIX iptrace")),
    (b"btsnoop\0", Foreign::Recording("btsnoop")),
    (b"\x05VNF", Foreign::Recording("Visual Networks")),
    (&[0xAA; 4], Foreign::Recording("InfoVista 5View")),
    (b"\x01\x10\x4C\x00\x01\x05Trace", Foreign::Recording("Novell LANalyzer")),
    (b"ObserverPktBuffer", Foreign::Recording("Viavi Observer")),
    (b"+---------+---", Foreign::Recording("K12 text")),
];

/// How far into a file [`of`] looks.
pub(super) const LOOK: usize = 512;

/// What a file with this name and beginning is, if that is known.
pub(super) fn of(name: &str, begin: &[u8]) -> Option<Foreign> {
    let known = BEGINNINGS.iter().find(|(magic, _)| begin.starts_with(magic)).map(|&(_, foreign)| foreign);
    if known.is_some() {
        return known;
    }
    // A header of tar has its magic behind the first name.
    if begin.get(257..262) == Some(b"ustar") {
        return Some(Foreign::Packed("tar"));
    }
    let text = begin.trim_ascii_start();
    let lines = || text.split(|byte| *byte == b'\n');
    let secret = |line: &[u8]| {
        [&b"CLIENT_RANDOM "[..], b"CLIENT_HANDSHAKE_TRAFFIC_SECRET ", b"SERVER_HANDSHAKE_TRAFFIC_SECRET "]
            .iter()
            .chain(&[&b"CLIENT_TRAFFIC_SECRET_0 "[..], b"SERVER_TRAFFIC_SECRET_0 ", b"EXPORTER_SECRET "])
            .any(|label| line.starts_with(label))
    };
    if lines().any(secret) {
        return Some(Foreign::KeyLog);
    }
    if text.starts_with(b"{") && memchr::memmem::find(text, b"\"log\"").is_some() {
        return Some(Foreign::Har);
    }
    // Endace's records have no magic: a time, then a type and a length.
    let ending = std::path::Path::new(name).extension();
    ending
        .is_some_and(|ending| ending.eq_ignore_ascii_case("erf"))
        .then_some(Foreign::Recording("Endace ERF"))
}
