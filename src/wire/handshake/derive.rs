//! How the proofs of the handshakes follow from what the client sent.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{hixie76, hybi};
use crate::facts;
use crate::model::derive::{Derivation, Input, ItemRef, Shown, Step};
use crate::model::dialect::{Dialect, Proof};
use crate::model::facts::{Fact, Facts};
use crate::model::field::{BitRange, hex};
use crate::model::protocol::Protocol;
use crate::model::spec::Document::{Hixie76, Hybi04, Rfc6455};
use crate::wire::frame::coding::{MASKING_GUID, connection_key};
use crate::wire::http::{Head, Span};

/// The derivations that belong to a response: `hixie76.answer` or `rfc6455.accept`. None for hixie-75, for a
/// response that is no 101, and where the request holds nothing to begin with.
pub fn derivations(
    protocol: Protocol,
    request: &Head,
    request_body: &[u8],
    response: &Head,
    response_body: &[u8],
) -> Vec<Derivation> {
    if response.status() != Some(101) {
        return Vec::new();
    }
    let derivation = match protocol.dialect().map(|dialect| dialect.opening.proof) {
        Some(Proof::Md5Challenge) => hixie_answer(request, request_body, response, response_body),
        Some(Proof::Sha1Accept) => hybi_accept(request, response),
        Some(Proof::Nothing) | None => None,
    };
    let nonce = protocol.dialect().and_then(Dialect::masking_nonce);
    let masking_key = nonce.and_then(|name| masking_key(request, response, name));
    derivation.into_iter().chain(masking_key).collect()
}

fn of_request(bits: BitRange) -> Input {
    Input::Bits { item: ItemRef::Request, bits }
}

fn step(
    operation: &'static str,
    label: Facts,
    inputs: Vec<Input>,
    shown: impl Into<Shown>,
    output: String,
) -> Step {
    Step { operation, label, inputs, shown: shown.into(), output, on_wire: None }
}

/// draft-hixie-76 section 5.2, steps 4 to 9.
fn hixie_answer(request: &Head, key3: &[u8], response: &Head, answer: &[u8]) -> Option<Derivation> {
    let start = response.len();
    let mut derivation = Derivation {
        id: "hixie76.answer",
        section: Hixie76.section("5.2"),
        bits: BitRange::bytes(start, start + answer.len().min(hixie76::ANSWER_LENGTH)),
        steps: Vec::new(),
    };
    let keys = [hixie76::key_span(request, 0)?, hixie76::key_span(request, 1)?];
    let mut parts = [(0, 0); 2];
    for ((part, key), number) in parts.iter_mut().zip(keys).zip([1_u8, 2]) {
        let Some(quotient) = key_steps(request, key, number, &mut derivation.steps) else {
            // The division failed; the last step shows why, and nothing follows from it.
            return Some(derivation);
        };
        *part = (quotient, derivation.steps.len() - 1);
    }
    let Some(key3) = key3.first_chunk::<{ hixie76::KEY3_LENGTH }>() else { return Some(derivation) };
    let [(quotient1, step1), (quotient2, step2)] = parts;
    let challenge = hixie76::challenge(quotient1, quotient2, *key3);
    let key3_bits = BitRange::bytes(request.len(), request.len() + hixie76::KEY3_LENGTH);
    derivation.steps.push(step(
        "concat",
        facts!("challenge"),
        vec![Input::Step(step1), Input::Step(step2), of_request(key3_bits)],
        format!("{:08x} ‖ {:08x} ‖ {}", quotient1, quotient2, hex(key3)),
        hex(&challenge),
    ));
    let last = derivation.steps.len() - 1;
    let expected = hex(&hixie76::answer(challenge));
    let mut md5 = step(
        "md5",
        Facts::NONE,
        vec![Input::Step(last)],
        format!("MD5({}) = {expected}", hex(&challenge)),
        expected,
    );
    md5.on_wire = Some(hex(answer.get(..hixie76::ANSWER_LENGTH).unwrap_or(answer)));
    derivation.steps.push(md5);
    Some(derivation)
}

/// The four steps of one key, which is key 1 or 2. None where its number cannot be divided; then there are three.
fn key_steps(request: &Head, span: Span, number: u8, steps: &mut Vec<Step>) -> Option<u32> {
    let key = String::from_utf8_lossy(span.of(request.raw())).into_owned();
    let reading = hixie76::KeyReading::read(span.of(request.raw()));
    let (digits, spaces) = (reading.digits.clone(), reading.spaces);
    let first = steps.len();
    let taken = match digits.as_str() {
        "" => Shown::Words(facts!("none", key = key.as_str())),
        digits => format!("{key} → {digits}").into(),
    };
    steps.push(step(
        "digits",
        facts!("of", key = number),
        vec![of_request(span.bits())],
        taken,
        digits.clone(),
    ));
    steps.push(step(
        "spaces",
        facts!("of", key = number),
        vec![of_request(span.bits())],
        format!("{} → {spaces}", key.replace(' ', "␣")),
        spaces.to_string(),
    ));
    let divided = vec![Input::Step(first), Input::Step(first + 1)];
    match reading.quotient() {
        Ok(quotient) => {
            let shown = format!("{digits} ÷ {spaces} = {quotient}");
            steps.push(step("divide", Facts::NONE, divided, shown, quotient.to_string()));
            let bytes = hex(&quotient.to_be_bytes());
            let inputs = vec![Input::Step(first + 2)];
            // The number as text: a formula has no separators.
            let shown = facts!("hexadecimal", number = quotient.to_string(), bytes = bytes.as_str());
            steps.push(step("be32", Facts::NONE, inputs, shown, bytes));
            Some(quotient)
        }
        Err(fault) => {
            let why = Fact::said(&fault);
            let shown = match digits.as_str() {
                "" => facts!("no-digits", spaces, key = number, why),
                digits => facts!("no-key", digits, spaces, key = number, why),
            };
            steps.push(step("divide", Facts::NONE, divided, shown, String::new()));
            None
        }
    }
}

/// draft-ietf-hybi-thewebsocketprotocol-04 section 4.2: the key with which the client masks, from both heads.
fn masking_key(request: &Head, response: &Head, name: &str) -> Option<Derivation> {
    let (key, nonce) = (request.get("Sec-WebSocket-Key")?, response.get(name)?);
    let joined = format!("{key}{nonce}{MASKING_GUID}");
    let masking_key = hex(&connection_key(&key, &nonce));
    let bits = response.value_bits(name)?;
    Some(Derivation {
        id: "hybi04.masking-key",
        section: Hybi04.section("4.2"),
        bits,
        steps: vec![
            step(
                "concat",
                facts!("nonce"),
                vec![
                    of_request(request.value_bits("Sec-WebSocket-Key")?),
                    Input::Bits { item: ItemRef::This, bits },
                    Input::Constant("GUID"),
                ],
                format!("{key} ‖ {nonce} ‖ {MASKING_GUID}"),
                joined.clone(),
            ),
            step(
                "sha1",
                facts!("connection-key"),
                vec![Input::Step(0)],
                format!("SHA-1({joined}) = {masking_key}"),
                masking_key,
            ),
        ],
    })
}

/// RFC 6455 section 4.2.2, step 5.
fn hybi_accept(request: &Head, response: &Head) -> Option<Derivation> {
    let key = request.get("Sec-WebSocket-Key")?;
    let key_bits = request.value_bits("Sec-WebSocket-Key")?;
    let name = "Sec-WebSocket-Accept";
    let joined = format!("{key}{}", hybi::GUID);
    let digest = hybi::digest(&key);
    let accept = STANDARD.encode(digest);
    let mut base64 = step("base64", Facts::NONE, vec![Input::Step(1)], six_bits(&digest), accept);
    base64.on_wire = response.get(name).map(Cow::into_owned);
    Some(Derivation {
        id: "rfc6455.accept",
        section: Rfc6455.section("4.2.2"),
        bits: response.value_bits(name).unwrap_or(response.end_bits()),
        steps: vec![
            step(
                "concat",
                facts!("guid"),
                vec![of_request(key_bits), Input::Constant("GUID")],
                format!("{key} ‖ {}", hybi::GUID),
                joined.clone(),
            ),
            step(
                "sha1",
                Facts::NONE,
                vec![Input::Step(0)],
                format!("SHA-1({joined}) = {}", hex(&digest)),
                hex(&digest),
            ),
            base64,
        ],
    })
}

/// Each group of six bits and its character; the last group is filled up with zeros, the text with `=`.
fn six_bits(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let bits: Vec<char> = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| if byte >> bit & 1 == 1 { '1' } else { '0' }))
        .collect();
    let groups = bits.chunks(6).map(|group| group.iter().collect::<String>());
    let mut shown: Vec<String> = groups
        .zip(text.chars())
        .map(|(group, character)| match 6 - group.len() {
            0 => format!("{group} {character}"),
            missing => format!("{group}+{} {character}", "0".repeat(missing)),
        })
        .collect();
    shown.extend(text.chars().filter(|character| *character == '=').map(String::from));
    shown.join(" · ")
}
