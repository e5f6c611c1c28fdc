//! The captures that are part of the program because bundled lessons are about them.

macro_rules! captures {
    ($($name:literal)*) => {
        /// The captures that bundled lessons are about.
        static CAPTURES: &[(&str, &[u8])] =
            &[ $( ($name, include_bytes!(concat!("../../captures/", $name))), )* ];
    };
}

captures! {
    "comet-sio4-upgrade.pcapng"
    "h76-pyws079-txws05.pcapng"
    "pmd-ws8-ws8.pcap"
    "rfc-nginx-proxy.pcap"
    "rfc-ws8-srvping-srvfrag.pcap"
}

/// The bytes of a capture that a bundled lesson is about, by its name, with or without its folder.
pub fn capture(name: &str) -> Option<&'static [u8]> {
    let name = name.strip_prefix("captures/").unwrap_or(name);
    CAPTURES.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes)
}
