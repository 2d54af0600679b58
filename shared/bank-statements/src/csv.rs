//! Reads delimited text: encoding and delimiter are detected, records are bounded, and `table` tells what they mean.

use crate::draft::Context;
use crate::error::{Counted, ReadError, exceeded, within};
use crate::place::Place;
use crate::read::Drafts;
use crate::table::{self, Manner, Record};
use crate::text;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// Lines by which the delimiter is told.
const SNIFF_LINES: usize = 200;
/// The delimiters that banks use. The one that cuts more lines into equally many fields wins, the first of equals.
const DELIMITERS: [u8; 4] = [b';', b'\t', b'|', b','];

/// Reads the statements of delimited text.
pub(crate) fn read(bytes: &[u8], context: &mut Context<'_>) -> Result<Drafts, ReadError> {
    let text = text::decode(bytes, None);
    // Line ends of old systems; quotes may span lines, so that the reader must see one kind only.
    let text = if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n").into() } else { text };
    let (delimiter, body) = delimiter(&text);
    let skipped = u64::from(body.len() < text.len());
    let records = records(body, delimiter, skipped, context)?;
    let manner = Manner { inherits_dates: false };
    table::read(records, None, &manner, context)
}

/// The delimiter, and the text without the line `sep=…` that spreadsheet programs write first.
fn delimiter(text: &str) -> (u8, &str) {
    let text = text.trim_start_matches('\u{feff}');
    if let Some((mark, body)) = text.strip_prefix("sep=").and_then(|rest| rest.split_once('\n'))
        && let [mark] = mark.trim_end().as_bytes()
    {
        return (*mark, body);
    }
    let mut end = 0;
    for line in text.split_inclusive('\n').take(SNIFF_LINES) {
        end += line.len();
    }
    let head = &text[..end];
    let score = |delimiter: u8| {
        let mut counts = std::collections::BTreeMap::new();
        for line in head.lines().filter(|line| !line.trim().is_empty()) {
            let mut quoted = false;
            let marks = line.bytes().filter(|byte| {
                quoted ^= *byte == b'"';
                !quoted && *byte == delimiter
            });
            *counts.entry(marks.count()).or_insert(0_usize) += 1;
        }
        counts.into_iter().filter(|(marks, _)| *marks > 0).map(|(marks, lines)| marks * lines).max().unwrap_or(0)
    };
    // `max_by_key` takes the last of equals.
    let best = DELIMITERS.into_iter().rev().max_by_key(|delimiter| score(*delimiter)).unwrap_or(b',');
    (best, text)
}

fn records(body: &str, delimiter: u8, skipped: u64, context: &Context<'_>) -> Result<Vec<Record>, ReadError> {
    let limits = context.limits;
    let mut reader = ReaderBuilder::new().delimiter(delimiter).build();
    let mut output = vec![0; limits.line_bytes_max];
    let mut ends = vec![0; limits.fields_max];
    let mut rest = body.as_bytes();
    let mut records = Vec::new();
    let mut width = 0;
    loop {
        let rest_before = rest;
        let blank = rest_before.iter().take_while(|byte| **byte == b'\n').count();
        let line = reader.line() + u64::try_from(blank).unwrap_or(0) + skipped;
        let Some(fields) = record(&mut reader, &mut rest, &mut output, &mut ends, context)? else {
            return Ok(records);
        };
        let mut start = 0;
        let mut cells = Vec::with_capacity(fields);
        for end in &ends[..fields] {
            cells.push(String::from_utf8_lossy(&output[start..*end]).into_owned());
            start = *end;
        }
        let malformed = spans_rows(&cells, delimiter, width);
        width = width.max(cells.len());
        let at = Place::Cell { line: u32::try_from(line).unwrap_or(u32::MAX), column: None };
        records.push(Record { cells, at, malformed });
        within(Counted::Rows, records.len(), limits.rows_max.saturating_add(10_000))?;
    }
}

/// Reads one record: the number of its fields, or `None` at the end.
fn record(
    reader: &mut Reader,
    rest: &mut &[u8],
    output: &mut [u8],
    ends: &mut [usize],
    context: &Context<'_>,
) -> Result<Option<usize>, ReadError> {
    let (mut written, mut ended) = (0, 0);
    loop {
        let (result, read, bytes, fields) = reader.read_record(rest, &mut output[written..], &mut ends[ended..]);
        *rest = &rest[read..];
        written += bytes;
        ended += fields;
        match result {
            // Reading once more, with no input left, ends the last record.
            ReadRecordResult::InputEmpty => {}
            ReadRecordResult::OutputFull => return Err(exceeded(Counted::LineBytes, context.limits.line_bytes_max)),
            ReadRecordResult::OutputEndsFull => return Err(exceeded(Counted::Fields, context.limits.fields_max)),
            ReadRecordResult::Record => return Ok(Some(ended)),
            ReadRecordResult::End => return Ok(None),
        }
    }
}

/// Whether a cell has swallowed the lines below it, at a quote that is never closed.
fn spans_rows(cells: &[String], delimiter: u8, width: usize) -> bool {
    let is_row = |line: &str| width > 2 && line.bytes().filter(|byte| *byte == delimiter).count() + 1 >= width;
    cells.iter().any(|cell| cell.lines().skip(1).any(is_row))
}
