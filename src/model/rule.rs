//! The rules that findings refer to, one variant a rule.
//!
//! A rule has a stable id, a severity, the section it comes from, a scope, the versions that have it, and words for a
//! student. What an endpoint does about it stands here too: the close code or the HTTP status with which a peer that
//! keeps the rule answers.
//!
//! A check makes a finding of any rule; the [`Dialect`] then decides what it is in the version that is spoken
//! ([`Dialect::judge`]): nothing, a warning, or what the rule says of itself.

use std::fmt;

use super::dialect::{Dialect, Draft, Refusal, Standing, Versions};
use super::facts::Facts;
use crate::model::field::BitRange;
use crate::model::protocol::Side;
use crate::model::spec::{Document, Section};

/// How bad it is that a rule is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is broken; worth knowing.
    Note,
    /// A SHOULD of the specification is not kept, or part of the recording cannot be judged. Also where a MUST is seen
    /// to be broken only by what is missing: an answer that never came may be one that was not recorded.
    Warning,
    /// A MUST of the specification is broken.
    Error,
}

impl Severity {
    /// The stable identifier: `note`, `warning` or `error`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// What an endpoint that keeps the rule does when its peer breaks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// Nothing: the connection goes on.
    GoOn,
    /// Fail the connection, with this close code where the version has close codes (RFC 6455 section 7.1.7).
    Close(u16),
    /// Refuse the opening request with this HTTP status.
    Refuse(u16),
    /// Drop the TCP connection: the version, or the moment, has no other way to say no.
    Drop,
}

/// What a rule is about. It decides which chapter of the book tells more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Scope {
    /// One frame's header: reserved bits, opcode, length.
    Frame,
    /// What only hybi-01 to hybi-06 have: the header of their frames, and their ways to close.
    EarlyHybi,
    /// The mask of a frame.
    Mask,
    /// Fragments, and the control frames between them.
    Fragment,
    /// A message that is put together.
    Message,
    /// The closing handshake.
    Close,
    /// Ping and pong.
    Ping,
    /// The opening request.
    Request,
    /// The answer to the opening request.
    Response,
    /// Extensions, permessage-deflate among them.
    Extension,
    /// The handshakes of hixie-75 and hixie-76.
    HixieHandshake,
    /// The frames of hixie-75 and hixie-76.
    HixieFrame,
    /// Flash's policy request and policy file.
    Policy,
    /// HTTP by itself.
    Http,
    /// TLS records and the handshake in them.
    Tls,
    /// What is said to a proxy before the connection proper.
    Prelude,
    /// A capture file and its packets.
    Capture,
    /// The TCP connection.
    Connection,
    /// A stream as it was recorded.
    Stream,
}

impl Scope {
    /// Whether it is about the recording: what it lacks, or how it was read. No endpoint could do anything about it.
    pub const fn is_recording(self) -> bool {
        matches!(self, Self::Capture | Self::Connection | Self::Stream)
    }

    /// The page of the book that tells more.
    pub const fn chapter(self) -> &'static str {
        match self {
            Self::Frame | Self::Message => "frames",
            Self::EarlyHybi => "drafts",
            Self::Mask => "masking",
            Self::Fragment | Self::Ping => "fragments",
            Self::Close => "closing",
            Self::Request | Self::Response | Self::Http => "accept-value",
            Self::Extension => "deflate",
            Self::HixieHandshake | Self::HixieFrame => "hixie-76",
            Self::Policy => "flash-era",
            Self::Tls | Self::Prelude => "proxies",
            Self::Capture | Self::Connection | Self::Stream => "reading-a-capture",
        }
    }
}

/// What a rule must hear of the other side: of a recording that lacks it nothing is said. A rule about what both sides
/// said to each other cannot be judged by one alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hears {
    /// Nothing: the bytes of one side break it by themselves.
    Nothing,
    /// It compares what both sides sent.
    Something,
    /// It is broken by what the other side did not send, so none of that may be missing.
    Everything,
}

macro_rules! rules {
    ($( $name:ident $id:literal $severity:ident $document:ident $section:literal,
        $scope:ident, $versions:expr, $reaction:expr; $title:literal )*) => {
        /// A rule of a specification, or of careful reading, that recorded bytes can break.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Rule {
            $( #[doc = $title] $name, )*
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Rule] = &[ $( Rule::$name, )* ];

            /// The stable identifier.
            pub const fn id(self) -> &'static str { match self { $( Self::$name => $id, )* } }

            /// How bad it is that this rule is broken.
            pub const fn severity(self) -> Severity { match self { $( Self::$name => Severity::$severity, )* } }

            /// The section it comes from.
            pub const fn section(self) -> Section { match self { $( Self::$name => Document::$document.section($section), )* } }

            /// What it is about.
            pub const fn scope(self) -> Scope { match self { $( Self::$name => Scope::$scope, )* } }

            /// The versions that have it.
            pub const fn versions(self) -> Versions { match self { $( Self::$name => $versions, )* } }

            /// What an endpoint does when its peer breaks the rule.
            pub const fn reaction(self) -> Reaction { match self { $( Self::$name => $reaction, )* } }
        }
    };
}

use Reaction::{Close, Drop, GoOn, Refuse};

const ALL: Versions = Versions::ALL;
const HIXIE: Versions = Versions::HIXIE;
const RFC: Versions = Versions::RFC6455;
/// The handshake with two keys, eight bytes and MD5.
const CHALLENGE: Versions = Versions::between(Draft::HIXIE_76, Draft::hybi(3));
/// The frames in which RSV4 stands where MASK came to stand.
const OLD_FRAMES: Versions = Versions::between(Draft::hybi(1), Draft::hybi(6));
/// The answers that repeat origin and location.
const REPEATS: Versions = Versions::between(Draft::HIXIE_75, Draft::hybi(3));
/// The answers whose `Upgrade` is compared letter by letter; in hixie-75 more than that is.
const BY_THE_LETTER: Versions = Versions::between(Draft::HIXIE_76, Draft::hybi(1));

const fn since(hybi: u8) -> Versions {
    Versions::since(hybi)
}

// A row: name, id, severity, document and section; what it is about; the versions that have it, by the draft with
// which it came (and the draft that said it first, without force); what an endpoint does.

rules! {
    // Framing, RFC 6455 section 5. The numbers in comments count the 45 rules of the project's first list.
    /* 1 */ RsvWithoutExtension "rfc6455.frame.rsv-without-extension" Error Rfc6455 "5.2", Frame, since(9).advised_since(1), Close(1002);
        "RSV1 to RSV3 are 0 unless an extension gives them a meaning"
    /* 2 */ ReservedOpcode "rfc6455.frame.reserved-opcode" Error Rfc6455 "5.2", Frame, since(10).advised_since(1), Close(1002);
        "Opcodes 3 to 7 and B to F are reserved"
    Rsv4 "hybi.frame.rsv4" Error Hybi06 "4.3", EarlyHybi, OLD_FRAMES, GoOn;
        "RSV4, where MASK stands since hybi-07, is 0"
    OtherFrames "hybi.frame.other-version" Warning Hybi06 "4", EarlyHybi, ALL, GoOn;
        "The frames are those of the version that was agreed on"
    VersionByFrame "hybi.frame.tells-version" Note Hybi01 "4.2", Stream, ALL, GoOn;
        "hybi-01 has the handshake of hixie-76: its first frame tells it apart"
    /* 3 */ ClientMustMask "rfc6455.mask.client-must-mask" Error Rfc6455 "5.1", Mask, since(4), Close(1002);
        "A client masks every frame that it sends"
    /* 4 */ ServerMustNotMask "rfc6455.mask.server-must-not-mask" Error Rfc6455 "5.1", Mask, since(15).advised_since(4), Close(1002);
        "A server does not mask the frames that it sends"
    /* 5 */ LengthNotMinimal "rfc6455.length.minimal" Error Rfc6455 "5.2", Frame, since(14), Close(1002);
        "The length is written with the least number of bytes"
    /* 6 */ LengthTopBit "rfc6455.length.top-bit" Error Rfc6455 "5.2", Frame, since(1), Close(1002);
        "The most significant bit of a 64-bit length is 0"
    /* 7 */ ControlTooLong "rfc6455.control.too-long" Error Rfc6455 "5.5", Fragment, since(3), Close(1002);
        "A control frame has at most 125 bytes of payload"
    /* 8 */ ControlFragmented "rfc6455.control.fragmented" Error Rfc6455 "5.5", Fragment, since(3), Close(1002);
        "A control frame has FIN set: it is never fragmented"
    /* 9 */ NothingToContinue "rfc6455.fragment.nothing-to-continue" Error Rfc6455 "5.4", Fragment, since(1), Close(1002);
        "A continuation frame continues a message that has begun"
    /* 10 */ FragmentInterrupted "rfc6455.fragment.interrupted" Error Rfc6455 "5.4", Fragment, since(9).advised_since(1), Close(1002);
        "A new message begins only when the one before it is complete"
    /* 11 */ TextNotUtf8 "rfc6455.text.invalid-utf8" Error Rfc6455 "8.1", Message, since(10).advised_since(1), Close(1007);
        "The payload of a text message is UTF-8"
    /* 12 */ TextCutUtf8 "rfc6455.text.cut-utf8" Error Rfc6455 "5.6", Message, since(10).advised_since(1), Close(1007);
        "A text message ends at the end of a character"
    // The closing handshake.
    /* 13 */ CloseOneByte "rfc6455.close.one-byte" Error Rfc6455 "5.5.1", Close, since(6), Close(1002);
        "The body of a close frame is empty or begins with a two-byte code"
    /* 14 */ CloseReservedCode "rfc6455.close.reserved-code" Error Rfc6455 "7.4.1", Close, since(8), Close(1002);
        "The codes 1005, 1006 and 1015 are never sent"
    /* 15 */ CloseCodeRange "rfc6455.close.code-range" Error Rfc6455 "7.4.2", Close, since(13).advised_since(6), Close(1002);
        "A close code is one that may be sent: registered, 3000 to 3999, or 4000 to 4999"
    CloseInitiator "hybi5.close.initiator" Error Hybi05 "4.5.1", EarlyHybi, Versions::between(Draft::hybi(5), Draft::hybi(5)), GoOn;
        "The body of a close frame begins with 43 if the client began to close, with 53 if the server did"
    CloseBodyDiffers "hybi4.close.acknowledgement" Warning Hybi04 "4.5.1", EarlyHybi, Versions::between(Draft::hybi(3), Draft::hybi(5)), GoOn;
        "A close frame is acknowledged by one with the same body"
    NonceMissing "hybi4.handshake.nonce" Error Hybi04 "5.2.2", Response, Versions::between(Draft::hybi(4), Draft::hybi(4)), GoOn;
        "The server's 101 has Sec-WebSocket-Nonce"
    /* 16 */ CloseReasonNotUtf8 "rfc6455.close.reason-utf8" Error Rfc6455 "5.5.1", Close, since(10).advised_since(6), Close(1007);
        "The reason in a close frame is UTF-8"
    /* 17 */ DataAfterClose "rfc6455.close.data-after" Error Rfc6455 "5.5.1", Close, since(3), GoOn;
        "After a close frame its sender sends no more data frames"
    /* 18 */ CloseNotAnswered "rfc6455.close.no-answer" Warning Rfc6455 "5.5.1", Close, since(1), GoOn;
        "A close frame is answered with a close frame"
    CloseMissing "rfc6455.close.missing" Warning Rfc6455 "7.3", Close, since(1), GoOn;
        "A connection ends with the closing handshake"
    // Ping and pong.
    /* 19 */ PongDiffers "rfc6455.pong.payload-differs" Warning Rfc6455 "5.5.3", Ping, since(3), GoOn;
        "A pong carries the payload of the ping that it answers"
    /* 20 */ PongUnsolicited "rfc6455.pong.unsolicited" Note Rfc6455 "5.5.3", Ping, since(7), GoOn;
        "A pong may come without a ping"
    PingNotAnswered "rfc6455.ping.no-answer" Warning Rfc6455 "5.5.2", Ping, since(1), GoOn;
        "A ping is answered with a pong"
    // The opening handshake of hybi and RFC 6455.
    /* 21 */ RequestLine "rfc6455.handshake.request-line" Error Rfc6455 "4.1", Request, ALL, Refuse(400);
        "The opening request is a GET of HTTP/1.1 or later"
    /* 22 */ KeyCount "rfc6455.handshake.key-count" Error Rfc6455 "11.3.1", Request, since(4), Refuse(400);
        "The opening request has Sec-WebSocket-Key exactly once"
    /* 23 */ KeySize "rfc6455.handshake.key-size" Error Rfc6455 "4.1", Request, since(4), Refuse(400);
        "Sec-WebSocket-Key is base64 of 16 bytes"
    /* 24 */ VersionHeader "rfc6455.handshake.version" Error Rfc6455 "4.4", Request, ALL, Refuse(426);
        "Sec-WebSocket-Version is one that the server speaks; 13 for RFC 6455"
    /* 25 */ UpgradeToken "rfc6455.handshake.upgrade-token" Error Rfc6455 "4.2.1", Request, ALL, Refuse(400);
        "Upgrade names websocket"
    /* 25 */ ConnectionToken "rfc6455.handshake.connection-token" Error Rfc6455 "4.2.1", Request, ALL, Refuse(400);
        "Connection names Upgrade"
    /* 26 */ AcceptWrong "rfc6455.handshake.accept" Error Rfc6455 "4.1", Response, since(4), Drop;
        "Sec-WebSocket-Accept is base64 of SHA-1 of the key and the GUID"
    /* 27 */ SubprotocolNotOffered "rfc6455.handshake.subprotocol" Error Rfc6455 "4.1", Response, since(13).advised_since(10), Drop;
        "The server chooses one of the subprotocols that the client offered, or none"
    SubprotocolOffer "rfc6455.handshake.subprotocol-offer" Error Rfc6455 "4.1", Request, since(10), Refuse(400);
        "The subprotocols that a client offers are tokens, at least one, and each once"
    /* 28 */ ExtensionNotOffered "rfc6455.handshake.extension" Error Rfc6455 "9.1", Extension, since(8).advised_since(4), Drop;
        "The server agrees to extensions that the client offered, with parameters that the extension allows"
    /* 29 */ OriginRefused "rfc6455.handshake.origin" Note Rfc6455 "4.2.2", Response, ALL, Refuse(403);
        "The server decides by Origin whose pages may connect, and says 403 to others"
    /* 30 */ EarlyData "rfc6455.handshake.early-data" Error Rfc6455 "4.1", Request, since(4), Drop;
        "The client sends nothing between its request and the server's 101"
    UnaskedUpgrade "http.upgrade.unasked" Error Rfc9110 "7.8", Response, ALL, Drop;
        "A server switches only to a protocol that the client's Upgrade names"
    // permessage-deflate.
    OfferParameter "rfc7692.offer.parameter" Error Rfc7692 "7.1", Extension, RFC, GoOn;
        "An offer of permessage-deflate has each parameter once, with a value that it allows"
    OfferUnknown "rfc7692.offer.unknown-parameter" Warning Rfc7692 "7.1", Extension, RFC, GoOn;
        "An offer of permessage-deflate has parameters that are defined for it"
    /* 31 */ Rsv1Position "rfc7692.rsv1.position" Error Rfc7692 "6.1", Extension, RFC, Close(1002);
        "RSV1 stands on the first frame of a compressed message only"
    /* 32 */ InflateFailed "rfc7692.inflate.failed" Error Rfc7692 "7.2.2", Extension, RFC, Close(1007);
        "The payload of a compressed message, with 00 00 FF FF behind it, is a DEFLATE stream"
    /* 33 */ WindowBits "rfc7692.window-bits" Error Rfc7692 "7.1.2", Extension, RFC, Drop;
        "The window has 8 to 15 bits, written in digits without a leading zero"
    ExtensionUnknown "rfc6455.extension.unknown" Note Rfc6455 "9", Extension, ALL, GoOn;
        "Reserved bits, opcodes and payloads may belong to an extension"
    DeflateStreamHeader "hybi.deflate-stream.header" Warning Hybi10 "9.2.1", Extension, since(7), GoOn;
        "A deflate-stream is DEFLATE alone, without the header of zlib"
    DeflateStreamBroken "hybi.deflate-stream.broken" Error Hybi10 "9.2.1", Extension, ALL, GoOn;
        "All bytes behind the handshake are one DEFLATE stream"
    /* 34 */ InflateLimit "rfc7692.inflate.limit" Warning Rfc6455 "10.4", Extension, ALL, Close(1009);
        "An inflated message is no larger than the receiver's limit"
    // hixie-75, hixie-76 and the Flash policy.
    /* 35 */ KeyWithoutSpaces "hixie76.key.no-spaces" Error Hixie76 "5.2", HixieHandshake, CHALLENGE, Drop;
        "Sec-WebSocket-Key1 and Key2 hold at least one space each"
    /* 36 */ KeyNotMultiple "hixie76.key.not-multiple" Error Hixie76 "5.2", HixieHandshake, CHALLENGE, Drop;
        "The digits of a key are a multiple of its spaces"
    /* 37 */ KeyNumberTooLarge "hixie76.key.number-too-large" Error Hixie76 "4.1", HixieHandshake, CHALLENGE, Drop;
        "The digits of a key are a number of at most 4,294,967,295"
    /* 38 */ Key3Short "hixie76.key3.short" Error Hixie76 "5.1", HixieHandshake, CHALLENGE, Drop;
        "Eight bytes follow the head of a hixie-76 request"
    /* 39 */ AnswerWrong "hixie76.answer.wrong" Error Hixie76 "4.1", HixieHandshake, CHALLENGE, Drop;
        "The 16 bytes after the server's head are MD5 of the challenge"
    /* 40 */ HixieMismatch "hixie.handshake.mismatch" Error Hixie76 "4.1", HixieHandshake, REPEATS, Drop;
        "The server repeats the client's origin, location and subprotocol"
    /* 41 */ HixieFrameType "hixie.frame.unknown-type" Error Hixie76 "4.2", HixieFrame, HIXIE, GoOn;
        "Of the frames that end with FF, only type 00 has a meaning"
    /* 42 */ HixieLengthOverflow "hixie.length.overflow" Warning Hixie76 "4.2", HixieFrame, HIXIE, Drop;
        "A base-128 length is no larger than this reader counts, which is 64 bits"
    /* 43 */ HixieUnterminated "hixie.text.unterminated" Error Hixie76 "4.2", HixieFrame, HIXIE, GoOn;
        "A text frame ends with FF"
    /* 44 */ HixieCloseIn75 "hixie75.close.not-known" Error Hixie75 "4.2", HixieFrame, Versions::HIXIE_75, GoOn;
        "hixie-75 has no closing frame"
    /* 45 */ PolicyWithoutNul "flash.policy.no-nul" Error FlashPolicy "", Policy, ALL, GoOn;
        "The policy request and the policy file end with a NUL byte"

    // Beyond the first list: the handshakes.
    OldOriginHeader "rfc6455.handshake.old-origin" Warning Rfc6455 "4.1", Request, since(13), GoOn;
        "In version 13 the origin stands in Origin, not in Sec-WebSocket-Origin"
    MissingHost "rfc6455.handshake.host" Error Rfc6455 "4.2.1", Request, ALL, Refuse(400);
        "The opening request names the host"
    ResponseStatus "rfc6455.handshake.status" Note Rfc6455 "4.2.2", Response, ALL, Drop;
        "A server that does not answer 101 has not opened a WebSocket"
    ResponseUpgrade "rfc6455.handshake.response-upgrade" Error Rfc6455 "4.1", Response, since(2), Drop;
        "The 101 response has Upgrade: websocket and Connection: Upgrade"
    VersionsNotListed "rfc6455.handshake.versions-not-listed" Error Rfc6455 "4.4", Response, since(8), GoOn;
        "A server that refuses a version lists the versions it speaks"
    HandshakeIncomplete "handshake.incomplete" Warning Rfc6455 "4", Stream, ALL, GoOn;
        "The handshake has a request and a response"
    HixieUpgrade "hixie.handshake.upgrade" Error Hixie76 "4.1", HixieHandshake, BY_THE_LETTER, Drop;
        "The 101 response has Upgrade: WebSocket and Connection: Upgrade"
    HixieFixedAnswer "hixie75.answer.fixed" Error Hixie75 "4.1", HixieHandshake, Versions::HIXIE_75, Drop;
        "The answer of hixie-75 begins with 44 bytes of status line and 41 bytes of fields, all of them fixed"
    HixieKeyCount "hixie76.key.count" Error Hixie76 "5.1", HixieHandshake, CHALLENGE, Drop;
        "The opening request has Sec-WebSocket-Key1 and Sec-WebSocket-Key2 once each"
    HixieSpareKey3 "hixie76.key3.announced" Note Hixie76 "5.1", HixieHandshake, CHALLENGE, GoOn;
        "The eight bytes after a hixie-76 head have no Content-Length"
    HixieTextNotUtf8 "hixie.text.invalid-utf8" Warning Hixie76 "4.3", HixieFrame, HIXIE, GoOn;
        "A text frame of hixie holds UTF-8"
    HixieBinary "hixie.frame.binary" Error Hixie76 "4.2", HixieFrame, HIXIE, GoOn;
        "Frames with a length are kept for the future, but for FF 00 in hixie-76"
    HixieCloseNotAnswered "hixie76.close.no-answer" Warning Hixie76 "4.2", HixieFrame, Versions::HIXIE_76, GoOn;
        "A client answers FF 00 with FF 00"
    HixieCloseMissing "hixie76.close.missing" Note Hixie76 "1.4", HixieFrame, Versions::HIXIE_76, GoOn;
        "A connection ends with FF 00 from both sides"
    PolicyNotXml "flash.policy.not-a-policy" Error FlashPolicy "", Policy, ALL, GoOn;
        "The answer to a policy request is a cross-domain-policy"

    // HTTP.
    HttpBareLf "http.line.bare-lf" Warning Rfc9112 "2.2", Http, ALL, GoOn;
        "A line ends with CR LF"
    HttpSpaceBeforeColon "http.field.space-before-colon" Error Rfc9112 "5.1", Http, ALL, Refuse(400);
        "No white space stands between a field's name and its colon"
    HttpFolded "http.field.folded" Error Rfc9112 "5.2", Http, ALL, GoOn;
        "A field's value is not continued on the next line"
    HttpMalformed "http.head.malformed" Error Rfc9112 "2", Http, ALL, Refuse(400);
        "A head is a start line, fields with a name and a colon, and an empty line"
    HttpHeadTooLarge "http.head.too-large" Warning Rfc9110 "5.4", Http, ALL, Refuse(431);
        "A head is no larger than the reader's limit"
    HttpBodyMalformed "http.body.malformed" Error Rfc9112 "7.1", Http, ALL, GoOn;
        "A body is as long as its head says"
    HttpEmptyElement "http.list.empty-element" Note Rfc9110 "5.6.1", Http, ALL, GoOn;
        "Between two commas of a list stands something"
    HttpCodingHere "http.transfer-encoding.no-body" Error Rfc9112 "6.1", Http, ALL, GoOn;
        "A response with a status below 200, or 204, has no Transfer-Encoding"
    HttpLengthHere "http.content-length.no-body" Error Rfc9110 "8.6", Http, ALL, GoOn;
        "A response with a status below 200, or 204, has no Content-Length"
    HttpBodyCut "http.body.cut" Warning Rfc9112 "8", Http, ALL, GoOn;
        "A body is complete when the connection ends"

    // Reading captures.
    CapturePacketCut "capture.packet.cut" Warning Pcap "5", Capture, ALL, GoOn;
        "A packet was captured whole"
    CaptureFileCut "capture.file.cut" Error Pcap "5", Capture, ALL, GoOn;
        "The file ends at the end of a packet"
    CaptureDamaged "capture.file.damaged" Error Pcapng "3", Capture, ALL, GoOn;
        "Every block of the file can be read"
    CaptureLinkType "capture.link-type.unknown" Warning LinkTypes "", Capture, ALL, GoOn;
        "The link type is one that Framescope reads"
    CaptureNotTcp "capture.packet.not-tcp" Note Rfc9293 "", Capture, ALL, GoOn;
        "A packet carries TCP"
    CaptureUnread "capture.packet.unread" Note Rfc9293 "", Capture, ALL, GoOn;
        "What a packet carries is read down to TCP"
    CaptureBadPacket "capture.packet.malformed" Warning Rfc791 "3.1", Capture, ALL, GoOn;
        "The headers of a packet can be read"
    CaptureFragment "capture.ip.fragment-missing" Warning Rfc791 "3.2", Capture, ALL, GoOn;
        "All fragments of an IP packet were captured"
    CaptureBlock "capture.block.unknown" Note Pcapng "4", Capture, ALL, GoOn;
        "A block of the file is one that Framescope reads"
    CaptureOrder "capture.packet.order" Note Pcap "5", Capture, ALL, GoOn;
        "Packets stand in the file in the order of time"
    CaptureTime "capture.time.precision" Note Pcapng "4.2", Capture, ALL, GoOn;
        "Times are at most as fine as a nanosecond"
    TcpChecksum "tcp.checksum" Note Rfc9293 "3.1", Connection, ALL, GoOn;
        "A TCP checksum fits its segment"
    TcpOverlap "tcp.overlap.differs" Warning Rfc9293 "3.8", Connection, ALL, GoOn;
        "A byte that is sent again is the same byte"
    TcpReset "tcp.reset" Note Rfc9293 "3.5.2", Connection, ALL, GoOn;
        "The connection ends with FIN, not with RST"
    StreamGap "stream.gap" Warning Rfc9293 "3.4", Stream, ALL, GoOn;
        "Every byte of a stream was recorded"
    StreamBeginsInside "stream.begins-inside" Note Rfc9293 "3.5", Stream, ALL, GoOn;
        "The recording begins before the connection"
    StreamGuess "stream.guess" Warning Rfc6455 "5.2", Stream, ALL, GoOn;
        "Where a frame begins is known, not guessed"
    StreamEndsInside "stream.ends-inside" Warning Rfc6455 "5.2", Stream, ALL, GoOn;
        "A stream ends at the end of an item"
    StreamUnparsed "stream.unparsed" Warning Rfc6455 "5", Stream, ALL, GoOn;
        "Every byte belongs to an item that is understood"
    TraceLimit "trace.limit" Warning Rfc6455 "10.4", Stream, ALL, GoOn;
        "The recording is complete"

    // Assembling messages.
    MessageTooLarge "rfc6455.message.too-large" Warning Rfc6455 "10.4", Message, ALL, Close(1009);
        "A message is no larger than the receiver's limit"

    // TLS, without keys.
    TlsRecordTooLong "tls.record.too-long" Error Rfc8446 "5.2", Tls, ALL, Drop;
        "A record's fragment is no longer than the limit"
    TlsRecordType "tls.record.type" Error Rfc8446 "5", Tls, ALL, Drop;
        "A record's type is one that is known"
    TlsRecordEmpty "tls.record.empty" Error Rfc8446 "5.1", Tls, ALL, Drop;
        "A handshake, alert or `change_cipher_spec` record is not empty"
    TlsHandshakeMalformed "tls.handshake.malformed" Error Rfc8446 "6.2", Tls, ALL, Drop;
        "The lengths in a handshake message fit each other"
    TlsAlertFatal "tls.alert.fatal" Warning Rfc8446 "6.2", Tls, ALL, GoOn;
        "A handshake succeeds: no fatal alert ends it"
    TlsKeysMissing "tls.keys.missing" Note Rfc8446 "5.2", Stream, ALL, GoOn;
        "What is inside is encrypted, and no keys are known"
    TlsUnasked "tls.unasked" Warning Rfc6455 "3", Tls, ALL, Drop;
        "Both ends of a connection speak TLS, or neither"
    Http2NotSpoken "http2.not-spoken" Note Rfc9113 "3.4", Http, ALL, Refuse(505);
        "WebSocket is opened in HTTP/1.1: HTTP/2 has another way, which is not read"
    // What stands before a conversation: PROXY and SOCKS.
    ProxyMalformed "proxy.header.malformed" Error ProxyProtocol "2", Prelude, ALL, Drop;
        "A PROXY header is written as its specification says"
    SocksMalformed "socks.message.malformed" Error Rfc1928 "3", Prelude, ALL, Drop;
        "A SOCKS message is written as its specification says"
    SocksRefused "socks.refused" Note Rfc1928 "6", Prelude, ALL, GoOn;
        "A SOCKS proxy may refuse what it is asked for"
    SocksCommand "socks.command" Note Rfc1928 "4", Prelude, ALL, GoOn;
        "A SOCKS client may ask for more than a connection"
}

impl Rule {
    /// The rule with this id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.id() == id)
    }

    /// What must be in the recording of the side that did not send the item which breaks the rule; of both sides,
    /// where it is about the whole conversation.
    pub const fn hears(self) -> Hears {
        match self {
            Self::EarlyData | Self::PongDiffers | Self::PongUnsolicited => Hears::Something,
            Self::CloseNotAnswered
            | Self::HixieCloseNotAnswered
            | Self::CloseMissing
            | Self::HixieCloseMissing
            | Self::PingNotAnswered => Hears::Everything,
            _ => Hears::Nothing,
        }
    }

    /// How much the rule counts in a version; none where the version does not have it.
    pub fn standing_in(self, dialect: &Dialect) -> Option<Standing> {
        self.versions().standing(dialect)
    }

    /// How bad it is that this rule is broken in a version; none where the version does not have it. What does not
    /// bind, or may not bind, is a warning at most.
    pub fn severity_in(self, dialect: &Dialect) -> Option<Severity> {
        match self.standing_in(dialect)? {
            Standing::Binding => Some(self.severity()),
            Standing::InPart | Standing::Advised => Some(self.severity().min(Severity::Warning)),
        }
    }

    /// What an endpoint of a version does when its peer breaks the rule: nothing where the version does not say that
    /// something follows.
    pub fn reaction_in(self, dialect: &Dialect) -> Reaction {
        match self.standing_in(dialect) {
            Some(Standing::Binding | Standing::InPart) => match self.reaction() {
                // hybi-06 to -12 have 1004 for it.
                Close(1009) if dialect.closing.has_codes() => Close(dialect.closing.too_large),
                // What is no HTTP is refused as HTTP is, before anybody looks for a version.
                Refuse(_) if dialect.opening.refusal == Refusal::Closes && self.scope() != Scope::Http => {
                    Drop
                }
                reaction => reaction,
            },
            Some(Standing::Advised) | None => Reaction::GoOn,
        }
    }

    /// A finding of this rule at `bits`, told in the rule's own words.
    pub const fn at(self, bits: BitRange) -> Finding {
        self.finding(Some(bits), Facts::NONE)
    }

    /// A finding of this rule at `bits`, told in words that fit these bytes.
    pub fn says(self, bits: BitRange, facts: impl Into<Facts>) -> Finding {
        self.finding(Some(bits), facts.into())
    }

    /// A finding of this rule that has no place in bits.
    pub fn about(self, facts: impl Into<Facts>) -> Finding {
        self.finding(None, facts.into())
    }

    const fn finding(self, bits: Option<BitRange>, facts: Facts) -> Finding {
        Finding {
            rule: self,
            bits,
            facts,
            severity: self.severity(),
            worst: Severity::Error,
            reaction: self.reaction(),
            section: self.section(),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A rule, and the bits that keep you from overlooking it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// The place, in bits of the item; none for what is about a whole conversation or file.
    pub bits: Option<BitRange>,
    /// What these bytes have to do with the rule; the catalogue makes a sentence of it
    /// ([`Words::finding`](crate::words::Words::finding)).
    pub facts: Facts,
    severity: Severity,
    /// How bad it is at most, whatever the rule says of itself.
    worst: Severity,
    reaction: Reaction,
    section: Section,
}

impl Finding {
    /// How bad it is, in the version that is spoken.
    pub const fn severity(&self) -> Severity {
        self.severity
    }

    /// What an endpoint does about it, in the version that is spoken.
    pub const fn reaction(&self) -> Reaction {
        self.reaction
    }

    /// The section that says it, in the version that is spoken.
    pub const fn section(&self) -> Section {
        self.section
    }

    /// The same finding, no worse than `severity`: the text does not decide the case, or binds the other end alone.
    #[must_use]
    pub fn at_most(mut self, severity: Severity) -> Self {
        self.worst = self.worst.min(severity);
        self.severity = self.severity.min(self.worst);
        self
    }

    /// The same finding with the section that a version has for it, where `sender` sent the bytes.
    #[must_use]
    pub fn cited_in(mut self, dialect: &Dialect, sender: Side) -> Self {
        self.section = self.rule.section_in(dialect, sender);
        self
    }

    /// The finding as a version sees it: less severe where its rule does not bind in all drafts of that version, and
    /// none where the version does not have the rule.
    #[must_use]
    pub fn judged_in(mut self, dialect: &Dialect) -> Option<Self> {
        self.severity = self.rule.severity_in(dialect)?.min(self.worst);
        self.reaction = self.rule.reaction_in(dialect);
        Some(self)
    }

    /// The same finding, its place `bits` later.
    #[must_use]
    pub fn shifted(mut self, bits: u64) -> Self {
        self.bits = self.bits.map(|range| range.shifted(bits));
        self
    }
}

impl Dialect {
    /// Keeps the findings from number `from` on that this version knows, each as severe as it is here.
    pub fn judge(&self, findings: &mut Vec<Finding>, from: usize) {
        let found = findings.split_off(from.min(findings.len()));
        findings.extend(found.into_iter().filter_map(|finding| finding.judged_in(self)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::dialect::{HIXIE75, HIXIE76, HYBI7, HYBI8, RFC6455};

    /// What a broken rule is in hybi-7, hybi-8 and RFC 6455.
    fn severities(rule: Rule) -> [Option<Severity>; 3] {
        [&HYBI7, &HYBI8, &RFC6455].map(|dialect| rule.severity_in(dialect))
    }

    #[test]
    fn rules_came_with_a_draft() {
        use Severity::{Error, Warning};
        let (error, warning) = (Some(Error), Some(Warning));
        // hybi-14 made the least length a duty; hybi-15 made the client fail on a masked frame.
        assert_eq!(severities(Rule::LengthNotMinimal), [None, None, error]);
        assert_eq!(severities(Rule::ServerMustNotMask), [warning, warning, error]);
        // hybi-09 and hybi-10 are some of the drafts that the number 8 stands for.
        for rule in
            [Rule::RsvWithoutExtension, Rule::ReservedOpcode, Rule::TextNotUtf8, Rule::FragmentInterrupted]
        {
            assert_eq!(severities(rule), [warning, warning, error], "{rule}");
        }
        assert_eq!(severities(Rule::CloseReservedCode), [None, error, error]);
        assert_eq!(severities(Rule::CloseCodeRange), [warning, warning, error]);
        assert_eq!(severities(Rule::OldOriginHeader), [None, None, warning]);
        assert_eq!(severities(Rule::SubprotocolNotOffered), [None, warning, error]);
        assert_eq!(severities(Rule::ClientMustMask), [error; 3]);
        assert_eq!(severities(Rule::HixieUnterminated), [None; 3]);
        assert_eq!(Rule::HixieCloseIn75.severity_in(&HIXIE76), None);
        assert_eq!(Rule::HixieCloseIn75.severity_in(&HIXIE75), error);
        assert_eq!(Rule::HixieFixedAnswer.severity_in(&HIXIE76), None);
    }

    #[test]
    fn a_reaction_follows_where_the_version_says_so() {
        assert_eq!(Rule::TextNotUtf8.reaction_in(&HYBI7), GoOn);
        assert_eq!(Rule::TextNotUtf8.reaction_in(&HYBI8), Close(1007));
        assert_eq!(Rule::RsvWithoutExtension.reaction_in(&HYBI7), GoOn);
        assert_eq!(Rule::ClientMustMask.reaction_in(&HYBI7), Close(1002));
        assert_eq!(Rule::ServerMustNotMask.reaction_in(&HYBI8), GoOn);
        // hixie has no way to refuse but to close; what is no HTTP is refused as HTTP is.
        assert_eq!(
            [&HIXIE76, &RFC6455].map(|dialect| Rule::MissingHost.reaction_in(dialect)),
            [Drop, Refuse(400)]
        );
        assert_eq!(Rule::HttpSpaceBeforeColon.reaction_in(&HIXIE76), Refuse(400));
        let too_large = [&HYBI7, &HYBI8, &RFC6455].map(|dialect| Rule::MessageTooLarge.reaction_in(dialect));
        assert_eq!(too_large, [Close(1004), Close(1004), Close(1009)]);
    }

    #[test]
    fn a_finding_is_judged_by_the_version() {
        let finding = || Rule::RsvWithoutExtension.at(BitRange::new(1, 2));
        assert_eq!(finding().severity(), Severity::Error);
        assert_eq!(finding().judged_in(&HYBI8).map(|finding| finding.severity()), Some(Severity::Warning));
        let mut findings = vec![finding(), Rule::LengthNotMinimal.at(BitRange::new(9, 16))];
        HYBI8.judge(&mut findings, 0);
        assert_eq!(
            findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(),
            [Rule::RsvWithoutExtension]
        );
    }
}
