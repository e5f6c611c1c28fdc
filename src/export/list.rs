//! The list of conversations: a row each, as a table, as JSON, as CSV.

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::json::{About, Findings};
use super::push;
use super::text::Options;
use crate::analysis::overview::Overview;
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Severity};
use crate::trace::{State, Timestamp};
use crate::view::fit;
use crate::words::Words;

/// The schema's name and version, the first key of every document.
pub const SCHEMA: &str = "framescope.list/1";

/// The first line of CSV, with its line end. The keys of JSON are the same, but for the file, which is the document's.
pub const HEADER: &str = "file,conversation,layer,protocol,client,server,url,start,duration,client_messages,\
                          client_bytes,server_messages,server_bytes,ratio,slowest_ping,state,code,status,errors,\
                          warnings,notes\n";

/// Writes one document: what the file is, and its rows.
pub fn write_document(
    out: &mut dyn Write,
    about: &About,
    findings: &[Finding],
    rows: &[Overview],
    words: Words,
) -> io::Result<()> {
    let document = Document { about, findings, rows, words };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

struct Document<'a> {
    about: &'a About,
    findings: &'a [Finding],
    rows: &'a [Overview],
    words: Words,
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schema", SCHEMA)?;
        map.serialize_entry("file", &self.about.file)?;
        map.serialize_entry("packets", &self.about.packets)?;
        map.serialize_entry("link_types", &self.about.link_types)?;
        map.serialize_entry("findings", &Findings(self.findings, self.words))?;
        let rows: Vec<_> = self.rows.iter().map(Row).collect();
        map.serialize_entry("conversations", &rows)?;
        map.end()
    }
}

struct Row<'a>(&'a Overview);

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let row = self.0;
        let [client, server] = Side::BOTH.map(|side| row.sent_by(side));
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("conversation", &row.number)?;
        map.serialize_entry("layer", row.layer.id())?;
        map.serialize_entry("protocol", row.protocol.id())?;
        map.serialize_entry("client", &row.client.to_string())?;
        map.serialize_entry("server", &row.server.to_string())?;
        map.serialize_entry("url", &row.url)?;
        map.serialize_entry("start", &row.start.map(|start| start.seconds(row.digits).to_string()))?;
        map.serialize_entry("duration", &row.duration.map(|nanos| nanos as f64 / 1e9))?;
        map.serialize_entry("client_messages", &client.map(|sent| sent.messages))?;
        map.serialize_entry("client_bytes", &client.map(|sent| sent.bytes))?;
        map.serialize_entry("server_messages", &server.map(|sent| sent.messages))?;
        map.serialize_entry("server_bytes", &server.map(|sent| sent.bytes))?;
        map.serialize_entry("ratio", &row.ratio)?;
        map.serialize_entry("slowest_ping", &row.slowest.map(|trip| trip.nanos as f64 / 1e9))?;
        map.serialize_entry("state", row.state.id())?;
        map.serialize_entry("code", &row.code)?;
        map.serialize_entry("status", &row.status)?;
        map.serialize_entry("errors", &row.findings.errors)?;
        map.serialize_entry("warnings", &row.findings.warnings)?;
        map.serialize_entry("notes", &row.findings.notes)?;
        map.end()
    }
}

/// Appends a row of CSV and its line end. `file` is the name of the capture.
pub fn push_csv(line: &mut Vec<u8>, file: &str, row: &Overview) {
    let number = |line: &mut Vec<u8>, number: Option<u64>| {
        line.push(b',');
        if let Some(number) = number {
            push::number(line, number);
        }
    };
    let text = |line: &mut Vec<u8>, text: &str| {
        line.push(b',');
        push::csv_text(line, text);
    };
    let time = |line: &mut Vec<u8>, nanos: Option<i64>| {
        line.push(b',');
        if let Some(nanos) = nanos {
            push::seconds(line, Timestamp(nanos), row.digits);
        }
    };
    push::csv_text(line, file);
    number(line, Some(row.number as u64));
    text(line, row.layer.id());
    text(line, row.protocol.id());
    text(line, &row.client.to_string());
    text(line, &row.server.to_string());
    text(line, row.url.as_deref().unwrap_or_default());
    time(line, row.start.map(|start| start.0));
    time(line, row.duration);
    for sent in Side::BOTH.map(|side| row.sent_by(side)) {
        number(line, sent.map(|sent| sent.messages));
        number(line, sent.map(|sent| sent.bytes));
    }
    text(line, &row.ratio.map(|ratio| format!("{ratio:.3}")).unwrap_or_default());
    time(line, row.slowest.map(|trip| trip.nanos));
    text(line, row.state.id());
    number(line, row.code.map(u64::from));
    number(line, row.status.map(u64::from));
    number(line, Some(row.findings.errors.into()));
    number(line, Some(row.findings.warnings.into()));
    number(line, Some(row.findings.notes.into()));
    line.push(b'\n');
}

/// A column of the table.
struct Column {
    head: &'static str,
    /// At the right of its column.
    right: bool,
    /// The first of these are left out where there is little room; the last never.
    rank: u8,
    cells: Vec<String>,
    width: usize,
}

/// Where to is cut to this width before anything is left out.
const LEAST_URL: usize = 28;

/// It is never narrower than this.
const SHORTEST_URL: usize = 12;

/// Writes the rows as a table in at most [`Options::width`] columns, what is less important left out where there is no
/// room for all. `outcome` says in a word what became of the conversation of a row.
pub fn write_table(
    out: &mut dyn Write,
    rows: &[Overview],
    outcome: &dyn Fn(&Overview) -> String,
    options: &Options,
) -> io::Result<()> {
    let mut columns = columns_of(rows, outcome, options);
    // What says nothing about any of them has no column.
    columns.retain(|column| column.cells.iter().any(|cell| !cell.is_empty()) || column.rank == u8::MAX);
    loop {
        let width = columns.iter().map(|column| column.width + 2).sum::<usize>().saturating_sub(2);
        let Some(excess) = width.checked_sub(options.width).filter(|excess| *excess > 0) else { break };
        let least =
            if columns.iter().all(|column| column.rank == u8::MAX) { SHORTEST_URL } else { LEAST_URL };
        let url = columns.iter_mut().find(|column| column.head == URL);
        if let Some(url) = url
            && url.width > least
        {
            let room = url.width.saturating_sub(excess).max(least);
            url.cells.iter_mut().for_each(|cell| *cell = fit::cut(cell, room).into_owned());
            url.width = room;
            continue;
        }
        let rank = columns.iter().map(|column| column.rank).min().unwrap_or(u8::MAX);
        if rank == u8::MAX {
            break;
        }
        columns.retain(|column| column.rank > rank);
    }
    let (bold, dim) = (options.paint.bold(), options.paint.dim());
    let heads: Vec<&str> = columns.iter().map(|column| options.words.text(column.head)).collect();
    writeln!(out, "{dim}{}{dim:#}", line(&columns, |at| heads.get(at).copied().unwrap_or_default()))?;
    for (number, row) in rows.iter().enumerate() {
        let text = line(&columns, |at| {
            columns.get(at).and_then(|column| column.cells.get(number)).map_or("", String::as_str)
        });
        let style = match row.findings.worst() {
            Some(severity @ (Severity::Error | Severity::Warning)) => options.paint.severity(severity),
            _ if row.state == State::Died => bold,
            _ => anstyle::Style::new(),
        };
        writeln!(out, "{style}{text}{style:#}")?;
    }
    Ok(())
}

const URL: &str = "list-column-url";

fn line<'a>(columns: &[Column], cell: impl Fn(usize) -> &'a str) -> String {
    let mut line = String::new();
    for (at, column) in columns.iter().enumerate() {
        let text = cell(at);
        let free = column.width.saturating_sub(fit::width(text));
        if at > 0 {
            line.push_str("  ");
        }
        fit::spaces(&mut line, if column.right { free } else { 0 });
        line.push_str(text);
        fit::spaces(&mut line, if column.right { 0 } else { free });
    }
    line.truncate(line.trim_end().len());
    line
}

fn columns_of(rows: &[Overview], outcome: &dyn Fn(&Overview) -> String, options: &Options) -> Vec<Column> {
    let words = options.words;
    let first = rows.iter().filter_map(|row| row.start).min().unwrap_or_default();
    let column = |head, right, rank, cell: &dyn Fn(&Overview) -> String| {
        let cells: Vec<String> = rows.iter().map(cell).collect();
        let widest = cells.iter().map(|cell| fit::width(cell)).max().unwrap_or_default();
        Column { head, right, rank, cells, width: widest.max(fit::width(words.text(head))) }
    };
    // Empty where nobody knows.
    let number = |number: Option<u64>| number.map(|number| words.number(number)).unwrap_or_default();
    let messages = |row: &Overview, side| number(row.sent_by(side).map(|sent| sent.messages));
    let bytes = |row: &Overview, side| number(row.sent_by(side).map(|sent| sent.bytes));
    let place = |row: &Overview| {
        let server = row.server.to_string();
        row.url.as_deref().map_or(server, |url| fit::visible(url).into_owned())
    };
    let several_layers = rows.iter().any(|row| row.layer != crate::trace::Layer::Tcp);
    vec![
        column("list-column-conversation", true, u8::MAX, &|row| row.number.to_string()),
        column("list-column-layer", false, 3, &|row| {
            if several_layers { row.layer.id().to_owned() } else { String::new() }
        }),
        column("list-column-protocol", false, 10, &|row| row.protocol.id().to_owned()),
        column("list-column-client", false, 2, &|row| row.client.to_string()),
        column("list-column-server", false, 1, &|row| row.server.to_string()),
        column(URL, false, u8::MAX, &place),
        column("list-column-start", true, 6, &|row| {
            let digits = row.digits.min(crate::view::clock::DIGITS);
            row.start.map(|start| options.clock.show(start, first, Some(first), digits)).unwrap_or_default()
        }),
        column("list-column-duration", true, 7, &|row| row.duration.map(length).unwrap_or_default()),
        column("list-column-client-messages", true, 8, &|row| messages(row, Side::Client)),
        column("list-column-client-bytes", true, 9, &|row| bytes(row, Side::Client)),
        column("list-column-server-messages", true, 8, &|row| messages(row, Side::Server)),
        column("list-column-server-bytes", true, 9, &|row| bytes(row, Side::Server)),
        column("list-column-ratio", true, 4, &|row| {
            row.ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default()
        }),
        column("list-column-ping", true, 5, &|row| {
            row.slowest.map(|trip| length(trip.nanos)).unwrap_or_default()
        }),
        column("list-column-state", false, u8::MAX, outcome),
        column("list-column-findings", false, 11, &|row| findings(row, words)),
    ]
}

/// `1.21 ms`: three digits that matter.
fn length(nanos: i64) -> String {
    let told = crate::view::line::duration(nanos);
    told.strip_prefix('+').map_or(told.clone(), str::to_owned)
}

/// `2 errors`, or the worst that there is.
fn findings(row: &Overview, words: Words) -> String {
    let found = row.findings;
    let kinds =
        [(found.errors, "count-errors"), (found.warnings, "count-warnings"), (found.notes, "count-notes")];
    let mut kinds = kinds.into_iter().filter(|(count, _)| *count > 0);
    kinds.next().map(|(count, id)| words.count(id, count.into())).unwrap_or_default()
}
