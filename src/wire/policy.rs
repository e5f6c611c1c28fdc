//! Flash Player's socket policy: the question and the answer, each ended by a NUL byte.
//!
//! Before Flash opens a socket it asks port 843, and then the port itself, for a policy file. Since Flash Player
//! 9.0.124.0 it asks even where the page comes from the same host.

use memchr::memchr;

use crate::facts;
use crate::model::facts::Facts;
use crate::model::field::{BitRange, Field, FieldKind, Value};
use crate::model::rule::{Finding, Rule};
use crate::model::spec::Document::FlashPolicy;
use crate::wire::Parse;
use crate::wire::http::Span;

/// The request without its NUL.
pub const REQUEST: &[u8] = b"<policy-file-request/>";

/// A policy that allows every page to open every port.
pub const PERMISSIVE: &str =
    r#"<cross-domain-policy><allow-access-from domain="*" to-ports="*"/></cross-domain-policy>"#;

/// A limit for policy files that fits real ones with room to spare, in bytes.
pub const MAX_POLICY: usize = 64 * 1024;

static REQUEST_ITEM: FieldKind = kind("policy-request", "policy file request");
static REQUEST_TEXT: FieldKind = kind("policy-request-element", "<policy-file-request/>");
static RESPONSE_ITEM: FieldKind = kind("policy-response", "policy file");
static DOCUMENT: FieldKind = kind("policy-document", "cross-domain-policy");
static NUL: FieldKind = kind("policy-nul", "NUL");

const fn kind(id: &'static str, name: &'static str) -> FieldKind {
    FieldKind::new(id, name, FlashPolicy.section("")).chapter("flash-era")
}

/// The kinds of the fields of this file.
pub static KINDS: &[&FieldKind] = &[&REQUEST_ITEM, &REQUEST_TEXT, &RESPONSE_ITEM, &DOCUMENT, &NUL];

/// Flash Player's question. It has no content but this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Whether the NUL byte is there.
    pub terminated: bool,
}

/// Whether what is there of a stream is, or may become, a policy request. Not so for no bytes at all.
pub fn looks_like_request(prefix: &[u8]) -> bool {
    !prefix.is_empty() && prefix.iter().zip(REQUEST).all(|(byte, expected)| byte == expected)
}

/// Reads a policy request.
///
/// A request behind which another byte than NUL stands is done without it ([`Request::terminated`]).
/// Broken with `flash.policy.not-a-policy` at the first byte that differs.
pub fn parse_request(bytes: &[u8]) -> Parse<Request> {
    if let Some(at) = bytes.iter().zip(REQUEST).position(|(byte, expected)| byte != expected) {
        return Parse::Broken(Rule::PolicyNotXml.says(BitRange::bytes(at, at + 1), facts!("request")));
    }
    match bytes.get(REQUEST.len()) {
        Some(0) => Parse::Done(Request { terminated: true }, REQUEST.len() + 1),
        Some(_) => Parse::Done(Request { terminated: false }, REQUEST.len()),
        None => Parse::More,
    }
}

/// The request in a stream that has ended behind `bytes`: it may lack the NUL. None where it is not whole.
pub fn finish_request(bytes: &[u8]) -> Option<(Request, usize)> {
    let rest = bytes.strip_prefix(REQUEST)?;
    let terminated = rest.first() == Some(&0);
    Some((Request { terminated }, REQUEST.len() + usize::from(terminated)))
}

impl Request {
    /// The bytes.
    pub fn encode(self) -> Vec<u8> {
        let mut bytes = REQUEST.to_vec();
        bytes.extend(self.terminated.then_some(0));
        bytes
    }

    /// What is wrong with it: a missing NUL.
    pub fn findings(self) -> Vec<Finding> {
        if self.terminated { Vec::new() } else { vec![without_nul(REQUEST.len(), facts!("request"))] }
    }

    /// The fields of its bytes.
    pub fn field(self) -> Field {
        text_and_nul(&REQUEST_ITEM, &REQUEST_TEXT, REQUEST, self.terminated)
    }
}

/// The server's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Everything before the NUL.
    pub document: Vec<u8>,
    /// Whether the NUL byte is there.
    pub terminated: bool,
}

/// Reads the answer, up to its NUL.
///
/// Broken with `flash.policy.not-a-policy` where it does not begin with `<` (white space and a byte order mark may
/// stand before it), and with `flash.policy.no-nul` where no NUL is among the first `limit` bytes.
pub fn parse_response(bytes: &[u8], limit: usize) -> Parse<Response> {
    if let Err(finding) = begins_like_xml(bytes) {
        return Parse::Broken(finding);
    }
    let searched = bytes.get(..limit).unwrap_or(bytes);
    match memchr(0, searched) {
        Some(end) => {
            let document = searched.get(..end).unwrap_or_default().to_vec();
            Parse::Done(Response { document, terminated: true }, end + 1)
        }
        None if bytes.len() < limit => Parse::More,
        None => {
            Parse::Broken(Rule::PolicyWithoutNul.says(BitRange::bytes(limit, limit), facts!("no-end", limit)))
        }
    }
}

/// The answer in a stream that has ended behind `bytes`: it may lack the NUL.
/// None where nothing is there or it is no XML.
pub fn finish_response(bytes: &[u8]) -> Option<(Response, usize)> {
    begins_like_xml(bytes).ok().filter(|()| !bytes.is_empty())?;
    let end = memchr(0, bytes);
    let document = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default().to_vec();
    let length = document.len() + usize::from(end.is_some());
    Some((Response { document, terminated: end.is_some() }, length))
}

fn begins_like_xml(bytes: &[u8]) -> Result<(), Finding> {
    const MARK: &[u8] = b"\xEF\xBB\xBF";
    let marked = bytes.iter().zip(MARK).take_while(|(byte, expected)| byte == expected).count();
    if marked == bytes.len() {
        return Ok(());
    }
    // A piece of a mark is no mark.
    let from = if marked == MARK.len() { marked } else { 0 };
    let first = bytes.iter().enumerate().skip(from).find(|(_, byte)| !byte.is_ascii_whitespace());
    match first {
        None | Some((_, b'<')) => Ok(()),
        Some((at, _)) => Err(Rule::PolicyNotXml.says(BitRange::bytes(at, at + 1), facts!("begins"))),
    }
}

impl Response {
    /// An answer with this document, and the NUL behind it.
    pub fn new(document: impl Into<Vec<u8>>) -> Self {
        Self { document: document.into(), terminated: true }
    }

    /// The bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.document.clone();
        bytes.extend(self.terminated.then_some(0));
        bytes
    }

    /// What is wrong with it: no `cross-domain-policy` in it, or a missing NUL.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if memchr::memmem::find(&self.document, b"<cross-domain-policy").is_none() {
            findings
                .push(Rule::PolicyNotXml.says(BitRange::bytes(0, self.document.len()), facts!("no-policy")));
        }
        if !self.terminated {
            findings.push(without_nul(self.document.len(), facts!("policy")));
        }
        findings
    }

    /// The fields of its bytes.
    pub fn field(&self) -> Field {
        text_and_nul(&RESPONSE_ITEM, &DOCUMENT, &self.document, self.terminated)
    }
}

fn without_nul(length: usize, behind: Facts) -> Finding {
    Rule::PolicyWithoutNul.says(Span::new(length, length).bits(), behind)
}

fn text_and_nul(item: &'static FieldKind, text: &'static FieldKind, bytes: &[u8], terminated: bool) -> Field {
    let mut children = Vec::new();
    if !bytes.is_empty() {
        let value = crate::wire::http::text_or_bytes(bytes);
        children.push(Field::leaf(text, BitRange::bytes(0, bytes.len()), value));
    }
    let end = bytes.len() + usize::from(terminated);
    if terminated {
        children.push(Field::leaf(&NUL, BitRange::bytes(bytes.len(), end), Value::Number(0)));
    }
    Field::group(item, BitRange::bytes(0, end), children)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rules(findings: &[Finding]) -> Vec<Rule> {
        findings.iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn the_request_is_23_bytes() {
        let bytes = Request { terminated: true }.encode();
        assert_eq!(crate::model::field::hex(&bytes), "3c706f6c6963792d66696c652d726571756573742f3e00");
        assert_eq!(bytes.len(), 23);
        assert_eq!(parse_request(&bytes), Parse::Done(Request { terminated: true }, 23));
        for end in 0..bytes.len() {
            assert_eq!(parse_request(&bytes[..end]), Parse::More);
            assert_eq!(looks_like_request(&bytes[..end]), end > 0);
        }
        assert!(!looks_like_request(b"<polite"));
        let field = Request { terminated: true }.field();
        assert!(field.tiles());
        assert_eq!(field.bits, BitRange::bytes(0, 23));
    }

    #[test]
    fn a_request_without_nul() {
        assert_eq!(
            parse_request(b"<policy-file-request/>\n"),
            Parse::Done(Request { terminated: false }, 22)
        );
        let (request, length) = finish_request(REQUEST).unwrap();
        assert_eq!((request, length), (Request { terminated: false }, 22));
        assert_eq!(rules(&request.findings()), [Rule::PolicyWithoutNul]);
        assert_eq!(finish_request(b"<policy"), None);
        assert_eq!(request.field().bits, BitRange::bytes(0, 22));
    }

    #[test]
    fn another_request_is_refused_where_it_differs() {
        let Parse::Broken(finding) = parse_request(b"<polite/>") else { panic!() };
        assert_eq!((finding.rule, finding.bits), (Rule::PolicyNotXml, Some(BitRange::bytes(5, 6))));
    }

    #[test]
    fn the_answer_ends_with_nul() {
        let response = Response::new(PERMISSIVE);
        let mut bytes = response.encode();
        bytes.push(b'x');
        assert_eq!(parse_response(&bytes, MAX_POLICY), Parse::Done(response.clone(), bytes.len() - 1));
        assert_eq!(response.findings(), []);
        assert_eq!(parse_response(&bytes[..9], MAX_POLICY), Parse::More);
        assert_eq!(parse_response(b"\xEF\xBB", MAX_POLICY), Parse::More);
        assert_eq!(parse_response(b"\xEF\xBB\xBF \r\n<x", MAX_POLICY), Parse::More);
    }

    #[test]
    fn an_answer_without_nul() {
        let (response, length) = finish_response(PERMISSIVE.as_bytes()).unwrap();
        assert_eq!((response.terminated, length), (false, PERMISSIVE.len()));
        assert_eq!(rules(&response.findings()), [Rule::PolicyWithoutNul]);
        let Parse::Broken(finding) = parse_response(b"<xxxxxxxxxx", 5) else { panic!() };
        assert_eq!(finding.rule, Rule::PolicyWithoutNul);
    }

    #[test]
    fn an_answer_that_is_no_policy() {
        let Parse::Broken(finding) = parse_response(b"HTTP/1.1 400", MAX_POLICY) else { panic!() };
        assert_eq!((finding.rule, finding.bits), (Rule::PolicyNotXml, Some(BitRange::bytes(0, 1))));
        assert_eq!(finish_response(b"HTTP/1.1 400"), None);
        assert_eq!(rules(&Response::new("<html/>").findings()), [Rule::PolicyNotXml]);
    }

    proptest! {
        #[test]
        fn whatever_is_read_tiles_and_is_written_again(start in "<?", bytes in proptest::collection::vec(any::<u8>(), 0..50)) {
            let bytes = [start.as_bytes(), &bytes].concat();
            if let Parse::Done(response, used) = parse_response(&bytes, MAX_POLICY) {
                prop_assert_eq!(&response.encode(), &bytes[..used]);
                prop_assert!(response.field().tiles());
                prop_assert_eq!(response.field().bits, BitRange::bytes(0, used));
            }
            if let Some((response, used)) = finish_response(&bytes) {
                prop_assert_eq!(&response.encode(), &bytes[..used]);
                prop_assert_eq!(response.field().bits, BitRange::bytes(0, used));
            }
            let _ = parse_request(&bytes);
        }
    }
}
