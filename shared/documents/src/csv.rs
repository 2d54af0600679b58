//! Reads delimited text. Encoding and delimiter are detected from the content; records are bounded.

use crate::error::{Counted, ReadError, within};
use crate::grid::{Collector, Grid, Look, Value};
use crate::limit::Limits;
use crate::number::{self, Printed};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use domain::statement::Unused;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// Sheet name used for delimited text, which has no sheets.
pub const SHEET: &str = "CSV";
/// Longest part of an amount that was split at a delimiter, in bytes.
const PIECE_BYTES_MAX: usize = 40;
/// How many lines are used to detect the delimiter.
const SNIFF_LINES: usize = 50;

/// Reads all records as the rows of one sheet.
///
/// # Errors
/// When a record, its fields or their number exceed the limits.
pub fn read(bytes: &[u8], limits: &Limits, unused: &mut Vec<Unused>) -> Result<Vec<Grid>, ReadError> {
    let text = decode(bytes).replace("\r\n", "\n").replace('\r', "\n");
    let (delimiter, body) = delimiter(&text);
    let skipped = u32::from(body.len() < text.len());
    let mut records = Records::new(delimiter, limits);
    let mut collector = Collector::new(limits);
    let plain = Look::default();
    let mut rest = body.as_bytes();
    let mut row = skipped;
    while let Some(blank) = records.next(&mut rest)? {
        row = row.saturating_add(blank);
        within(Counted::Records, u64::from(row) + 1, u64::from(limits.csv_records_max))?;
        for (column, field) in joined(records.fields(), delimiter).into_iter().enumerate() {
            let column = u32::try_from(column).unwrap_or(u32::MAX);
            match Content::of(&field) {
                Content::Text(text) => collector.push_text(row, column, text, &plain)?,
                Content::Formula => collector.push(row, column, Value::Uncalculated, &plain)?,
            }
        }
        row = row.saturating_add(1);
    }
    let grid = collector.finish(SHEET, Vec::new());
    unused.append(&mut collector.unused);
    Ok(vec![grid])
}

/// What a field holds.
enum Content<'a> {
    Text(&'a str),
    /// A formula, which delimited text has no value of.
    Formula,
}

impl<'a> Content<'a> {
    /// `="1240.60"` is a text: programs write it to keep a spreadsheet program from changing the amount.
    fn of(field: &'a str) -> Self {
        let Some(body) = field.trim().strip_prefix('=') else { return Self::Text(field) };
        let body = body.trim();
        let quoted = body.strip_prefix('"').and_then(|inner| inner.strip_suffix('"'));
        match quoted.filter(|inner| !inner.contains('"')) {
            Some(inner) => Self::Text(inner),
            None if matches!(number::parse(body), Printed::Amount(..)) => Self::Text(body),
            None if body.chars().any(char::is_alphanumeric) => Self::Formula,
            None => Self::Text(field),
        }
    }
}

/// The fields of a record. One that begins with `="` was split at the delimiters within its quotes, which the format of
/// delimited text does not allow for; it is joined again.
fn joined<'a>(fields: impl Iterator<Item = &'a [u8]>, delimiter: u8) -> Vec<Cow<'a, str>> {
    let mut joined: Vec<Cow<'a, str>> = Vec::new();
    for field in fields.map(String::from_utf8_lossy) {
        match joined.last_mut() {
            Some(last) if is_open(last) && field.trim_end().ends_with('"') && last.len() < PIECE_BYTES_MAX => {
                *last = Cow::Owned(format!("{last}{}{field}", char::from(delimiter)));
            }
            _ => joined.push(field),
        }
    }
    joined
}

/// Whether a field is the first part of a text such as `="1,240.60"`.
fn is_open(field: &str) -> bool {
    let quoted = field.trim_start().strip_prefix("=\"");
    quoted.is_some_and(|rest| {
        !rest.contains('"') && rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '('))
    })
}

fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[length..]).0;
    }
    // In western text in UTF-16, half of the bytes are zero.
    let probe = &bytes[..bytes.len().min(1_000)];
    let zeros = |start: usize| probe.iter().skip(start).step_by(2).filter(|b| **b == 0).count() * 4 > probe.len();
    let encoding = match (zeros(0), zeros(1)) {
        (false, true) => UTF_16LE,
        (true, false) => UTF_16BE,
        _ if std::str::from_utf8(bytes).is_ok() => UTF_8,
        _ => WINDOWS_1252,
    };
    encoding.decode_without_bom_handling(bytes).0
}

/// The delimiter, and the text without the line `sep=…` that some programs write first.
///
/// A comma also groups digits, so any other delimiter found on most lines takes precedence.
fn delimiter(text: &str) -> (u8, &str) {
    if let Some(rest) = text.strip_prefix("sep=")
        && let Some((mark, body)) = rest.split_once('\n')
        && let [mark] = mark.as_bytes()
    {
        return (*mark, body);
    }
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).take(SNIFF_LINES).collect();
    let on = |mark: char| lines.iter().filter(|line| outside_quotes(line).any(|c| c == mark)).count();
    let best = ['\t', ';', '|'].into_iter().max_by_key(|mark| on(*mark)).filter(|mark| on(*mark) * 2 > lines.len());
    let mark = match best {
        Some('\t') => b'\t',
        Some(';') => b';',
        Some(_) => b'|',
        None => b',',
    };
    (mark, text)
}

fn outside_quotes(line: &str) -> impl Iterator<Item = char> {
    let mut quoted = false;
    line.chars().filter(move |c| {
        quoted ^= *c == '"';
        !quoted
    })
}

struct Records<'a> {
    reader: Reader,
    output: Vec<u8>,
    ends: Vec<usize>,
    fields: usize,
    limits: &'a Limits,
}

impl<'a> Records<'a> {
    fn new(delimiter: u8, limits: &'a Limits) -> Self {
        let reader = ReaderBuilder::new().delimiter(delimiter).build();
        Self {
            reader,
            output: vec![0; limits.csv_record_bytes_max],
            ends: vec![0; limits.csv_fields_max],
            fields: 0,
            limits,
        }
    }

    /// Reads one record; returns how many blank lines came before it, or `None` at the end.
    fn next(&mut self, input: &mut &[u8]) -> Result<Option<u32>, ReadError> {
        let line = self.reader.line();
        let (mut written, mut ended) = (0, 0);
        loop {
            let (result, read, bytes, fields) =
                self.reader.read_record(input, &mut self.output[written..], &mut self.ends[ended..]);
            *input = &input[read..];
            written += bytes;
            ended += fields;
            match result {
                // Calling the reader once more, with no input left, ends the last record.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => {
                    let limit = u64::try_from(self.limits.csv_record_bytes_max).unwrap_or(u64::MAX);
                    return Err(ReadError::Limit { what: Counted::RecordBytes, limit });
                }
                ReadRecordResult::OutputEndsFull => {
                    let limit = u64::try_from(self.limits.csv_fields_max).unwrap_or(u64::MAX);
                    return Err(ReadError::Limit { what: Counted::Fields, limit });
                }
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(None),
            }
        }
        self.fields = ended;
        let inside = self.output[..written].iter().filter(|b| **b == b'\n').count();
        let passed = usize::try_from(self.reader.line() - line).unwrap_or(usize::MAX);
        let blank = passed.saturating_sub(inside + 1);
        Ok(Some(u32::try_from(blank).unwrap_or(u32::MAX)))
    }

    fn fields(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends[..self.fields]).map(|(start, end)| &self.output[start..*end])
    }
}
