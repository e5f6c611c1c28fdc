//! What came of a connection: in words, and as an exit status.

use super::Failed;
use crate::cli::Failure;
use crate::live::{ConnectError, Outcome, TcpEnd};
use crate::model::protocol::Side;
use crate::trace::Trace;
use crate::words::{Said, Words};

/// Who ended the connection, and how.
pub(super) fn how(outcome: &Outcome, words: Words) -> String {
    let asked = outcome.closed_by == Some(Side::Client);
    match &outcome.tcp {
        _ if outcome.clean => {
            let reason = match outcome.reason.as_str() {
                "" => String::new(),
                reason => format!(" {reason:?}"),
            };
            let by = if asked { Side::Client } else { Side::Server };
            let values = [
                ("by", by.id().into()),
                ("code", outcome.code.to_string().into()),
                ("reason", reason.into()),
            ];
            words.with("connect-how-clean", &values)
        }
        Some(TcpEnd::Reset) if asked => words.text("connect-how-reset-unanswered").to_owned(),
        Some(TcpEnd::Reset) => words.text("connect-how-reset").to_owned(),
        Some(TcpEnd::Fin) if asked => words.text("connect-how-fin-unanswered").to_owned(),
        Some(TcpEnd::Fin) => words.text("connect-how-fin").to_owned(),
        Some(TcpEnd::Broken(error)) => words.with("connect-how-broken", &[("error", error.as_str().into())]),
        Some(TcpEnd::Silent) | None => words.text("connect-how-silent").to_owned(),
    }
}

/// Success is a valid handshake, all answers, and a clean close; otherwise the reason, with the finding behind it.
pub(super) fn judge(
    trace: &Trace,
    echo: bool,
    result: Result<Outcome, Failed>,
    words: Words,
) -> Result<(), Failure> {
    let finding = || {
        let found = trace
            .conversations()
            .iter()
            .flat_map(|talk| talk.item_findings.iter().map(|(_, finding)| finding));
        found
            .max_by_key(|finding| finding.severity())
            .map(|finding| format!(": {}", words.finding_line(finding)))
            .unwrap_or_default()
    };
    let outcome = match result {
        Err(Failed::Connect(error @ ConnectError::Refused { .. })) => {
            return Err(Failure::Said(format!("{}{}", error.said(words), finding())));
        }
        Err(error) => return Err(Failure::of(&error, words)),
        Ok(outcome) if outcome.is_good() => return Ok(()),
        Ok(outcome) => outcome,
    };
    let how = how(&outcome, words);
    let counts = [
        ("answers", outcome.answers.to_string().into()),
        ("expected", outcome.expected.to_string().into()),
        ("how", how.as_str().into()),
    ];
    let said = if outcome.timed_out && echo {
        words.text("connect-not-closed").to_owned()
    } else if outcome.timed_out {
        words.with("connect-too-few", &counts)
    } else if outcome.stopped && !outcome.is_answered() {
        words.with("connect-stopped-before", &counts)
    } else if !outcome.is_answered() {
        words.with("connect-ended-before", &counts)
    } else {
        let broken = outcome.findings.iter().max_by_key(|finding| finding.severity());
        let why = broken.map_or_else(finding, |finding| format!(": {}", words.finding_line(finding)));
        let id = if outcome.clean { "connect-closed-otherwise" } else { "connect-not-cleanly" };
        format!("{}{why}", words.with(id, &counts))
    };
    Err(Failure::Said(said))
}
