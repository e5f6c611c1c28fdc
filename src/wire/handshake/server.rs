//! The server's side: accepting or refusing.

use super::{
    Agreement, agreement, check_request, detect, hixie75, hixie76, hybi, is_fatal, names_one_subprotocol,
    plain_extensions, subprotocol_field,
};
use crate::facts;
use crate::model::dialect::{Proof, Refusal, Subprotocols};
use crate::model::field::BitRange;
use crate::model::protocol::{Protocol, Side};
use crate::model::rule::{Finding, Reaction, Rule};
use crate::wire::Parse;
use crate::wire::deflate;
use crate::wire::http::{Head, HeadBuilder, parse_head, reason_phrase};
use crate::words::Words;

/// What a server is willing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The versions that it speaks.
    pub protocols: Vec<Protocol>,
    /// The subprotocols that it speaks.
    pub subprotocols: Vec<String>,
    /// How it compresses messages, where a client of RFC 6455 offers it; none for not at all.
    pub deflate: Option<deflate::Params>,
    /// The origins whose pages may connect; none for all. A request without an origin comes from no page and is let in.
    pub origins: Option<Vec<String>>,
    /// Whether the connections are `wss:`.
    pub secure: bool,
}

/// What a server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The WebSocket is open once `bytes` are sent.
    Accept {
        /// The 101, and for hixie-76 the 16 bytes behind it.
        bytes: Vec<u8>,
        /// What was agreed on.
        agreement: Agreement,
    },
    /// There is no WebSocket, and the version has no other way to say so than to close the connection.
    Close {
        /// Everything that was found, notes and warnings included.
        findings: Vec<Finding>,
    },
    /// There is no WebSocket. The connection is closed once `bytes` are sent.
    Refuse {
        /// The HTTP status.
        status: u16,
        /// The response with a body that says why.
        bytes: Vec<u8>,
        /// Everything that was found, notes and warnings included.
        findings: Vec<Finding>,
    },
}

/// Answers an opening request. `body` are the bytes behind its head
/// ([`request_body_length`](super::request_body_length)), all of which must be there.
///
/// Refuses with 400 what is malformed, with 403 an origin that may not connect, and with 426 and the list of
/// versions a version that the server does not speak, or a request for no WebSocket at all. In the hixie versions it
/// closes the connection without a word.
///
/// `nonce` are 16 random bytes: the server's half of what masks frames of hybi-04.
pub fn answer(request: &Head, body: &[u8], policy: &Policy, nonce: [u8; 16]) -> Answer {
    let Some(protocol) = detect(request) else {
        let missing = request.value_bits("Upgrade").unwrap_or(request.end_bits());
        return refusal(vec![Rule::UpgradeToken.says(missing, facts!("plain"))], policy, Some(426));
    };
    let mut findings = check_request(request, body, protocol);
    let known = findings.iter().all(|finding| finding.rule != Rule::VersionHeader);
    if known && !policy.protocols.contains(&protocol) {
        let place = request.value_bits("Sec-WebSocket-Version").unwrap_or(request.start_line_bits());
        findings.push(Rule::VersionHeader.says(place, facts!("not-spoken", protocol)));
    }
    if let Some((origin, place)) = refused_origin(request, protocol, policy) {
        findings.push(Rule::OriginRefused.says(place, facts!("pages", origin)));
    }
    let closes = protocol.dialect_or_latest().opening.refusal == Refusal::Closes
        && policy.protocols.contains(&protocol);
    if findings.iter().any(|finding| refuses(finding, protocol)) {
        return if closes { Answer::Close { findings } } else { refusal(findings, policy, None) };
    }
    match accept(request, body, protocol, policy, nonce) {
        Some((bytes, agreement)) => Answer::Accept { bytes, agreement },
        None if closes => Answer::Close { findings },
        None => refusal(findings, policy, Some(400)),
    }
}

/// Whether a server gives up over a finding. The origin is its own decision, no rule that the client breaks.
fn is_grave(finding: &Finding) -> bool {
    is_fatal(finding) || finding.rule == Rule::OriginRefused
}

fn refuses(finding: &Finding, protocol: Protocol) -> bool {
    // The Flash client of 2011 (web-socket-js) sent a longer nonce with hybi-8, and the servers of its day let it in.
    let lenient = finding.rule == Rule::KeySize && !protocol.dialect_or_latest().opening.key_size_counts;
    !lenient && is_grave(finding)
}

fn refused_origin(request: &Head, protocol: Protocol, policy: &Policy) -> Option<(String, BitRange)> {
    let allowed = policy.origins.as_ref()?;
    let names = protocol.dialect_or_latest().opening.origin.read;
    // Every one that is there must be allowed: which of two a page cannot forge is nothing to guess about.
    names.iter().flat_map(|name| request.named(name)).find_map(|field| {
        let origin = String::from_utf8_lossy(&field.value(request.raw())).into_owned();
        let fits = allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(&origin));
        (!fits).then(|| (origin, field.value_span().bits()))
    })
}

fn accept(
    request: &Head,
    body: &[u8],
    protocol: Protocol,
    policy: &Policy,
    nonce: [u8; 16],
) -> Option<(Vec<u8>, Agreement)> {
    let subprotocol = choose_subprotocol(request, protocol, policy);
    let subprotocol = subprotocol.as_deref();
    let opening = &protocol.dialect()?.opening;
    let bytes = match opening.proof {
        Proof::Nothing => hixie75::response(opening, request, policy.secure, subprotocol),
        Proof::Md5Challenge => {
            let proof = hixie76::expected_answer(request, body)?;
            hixie76::response(opening, request, policy.secure, subprotocol, proof)
        }
        Proof::Sha1Accept => {
            let deflate = choose_deflate(request, protocol, policy);
            hybi::response(
                opening,
                &request.get("Sec-WebSocket-Key")?,
                subprotocol,
                deflate.as_deref(),
                nonce,
            )
        }
    };
    // The agreement is read from the bytes that are sent, as the client and the dissector read it.
    match parse_head(&bytes, Side::Server, usize::MAX) {
        Parse::Done(response, _) => {
            let agreement = agreement(protocol, request, &response);
            Some((bytes, agreement))
        }
        Parse::More | Parse::Broken(_) => None,
    }
}

/// The client's order decides among what the server speaks (RFC 6455 section 4.2.2).
fn choose_subprotocol(request: &Head, protocol: Protocol, policy: &Policy) -> Option<String> {
    if names_one_subprotocol(protocol) {
        // The one name that the field holds may have commas in it.
        let whole = policy.subprotocols.iter().find(|name| {
            request.get(subprotocol_field(protocol)).is_some_and(|asked| asked == name.as_str())
        });
        if whole.is_some() {
            return whole.cloned();
        }
    }
    let mut offered = request.tokens(subprotocol_field(protocol));
    if protocol.dialect_or_latest().opening.subprotocols == Subprotocols::Spaces {
        offered = offered.iter().flat_map(|name| name.split(' ')).map(str::to_owned).collect();
    }
    offered.into_iter().find(|name| policy.subprotocols.contains(name))
}

/// permessage-deflate as the response names it. The drafts before RFC 6455 had other compressions, none of them kept.
fn choose_deflate(request: &Head, protocol: Protocol, policy: &Policy) -> Option<String> {
    let wishes =
        policy.deflate.as_ref().filter(|_| protocol.dialect_or_latest().has_extension(deflate::NAME))?;
    let (_, extension) = deflate::answer(&plain_extensions(request), wishes)?;
    Some(extension.to_string())
}

fn refusal(findings: Vec<Finding>, policy: &Policy, status: Option<u16>) -> Answer {
    let grave = || findings.iter().filter(|finding| is_grave(finding));
    let statuses: Vec<u16> = grave()
        .map(|finding| match finding.reaction() {
            Reaction::Refuse(status) => status,
            Reaction::GoOn | Reaction::Close(_) | Reaction::Drop => 400,
        })
        .collect();
    let versions = versions(policy);
    // A request that cannot be read says nothing reliable about its version or its origin.
    let mut status = status.or(statuses.iter().copied().min()).unwrap_or(400);
    if status == 426 && versions.is_empty() {
        status = 400;
    }
    let why: Vec<_> = grave().map(|finding| Words::english().finding(finding)).collect();
    let extra: &[(&str, &str)] = match status {
        426 => &[("Upgrade", "websocket"), ("Sec-WebSocket-Version", &versions)],
        _ => &[],
    };
    Answer::Refuse { status, bytes: refuse(status, &why.join("\n"), extra), findings }
}

/// The numbers of the versions that the server speaks, the newest first: `13, 8, 7`.
fn versions(policy: &Policy) -> String {
    let mut numbers: Vec<u8> =
        policy.protocols.iter().filter_map(|protocol| protocol.version_number()).collect();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    numbers.dedup();
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A response that refuses: the status, `extra` fields, and a body of plain text that says `why`. It ends the
/// connection; the sender closes it.
pub fn refuse(status: u16, why: &str, extra: &[(&str, &str)]) -> Vec<u8> {
    let body = format!("{why}\n");
    // Upgrade is for the next hop alone, so Connection names it (RFC 9110 section 7.8).
    let upgrade = extra.iter().any(|(name, _)| name.eq_ignore_ascii_case("Upgrade"));
    let mut bytes = HeadBuilder::response(status, reason_phrase(status))
        .extend(extra.iter().copied())
        .field("Connection", if upgrade { "Upgrade, close" } else { "close" })
        .field("Content-Type", "text/plain; charset=utf-8")
        .field("Content-Length", &body.len().to_string())
        .finish();
    bytes.extend_from_slice(body.as_bytes());
    bytes
}
