//! Classifies a CSV file of labels.

use std::io::{Read, Write};

use super::classify_label;
use crate::policy::Policy;

/// Largest file of labels in bytes.
pub const LABEL_FILE_BYTES_MAX: u64 = 25 * 1024 * 1024;
/// Longest record in bytes; a quote that is never closed makes the rest of a file one record.
pub const LABEL_RECORD_BYTES_MAX: usize = 1024 * 1024;
/// Maximum number of fields in a record.
pub const LABEL_RECORD_FIELDS_MAX: usize = 1_000;

/// Why a file of labels cannot be classified.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// The file is too large.
    #[error("the file is larger than {LABEL_FILE_BYTES_MAX} bytes; split it")]
    TooLarge,
    /// One record is too long.
    #[error("record {record} is longer than {LABEL_RECORD_BYTES_MAX} bytes; look for a quote that is never closed")]
    RecordTooLong {
        /// Number of the record, the header being 1.
        record: u64,
    },
    /// There is no `label` column.
    #[error("the first line has no column `label`; name the columns `label` and, optionally, `section`")]
    NoLabelColumn,
    /// A record is not UTF-8 text.
    #[error("record {record} is not UTF-8 text; save the file as UTF-8")]
    NotText {
        /// Number of the record, the header being 1.
        record: u64,
    },
    /// The file could not be read, or the result not written.
    #[error("reading the labels or writing the result failed")]
    Io(#[from] std::io::Error),
}

/// Reads the columns `label` and, if there is one, `section`; writes `label,row_code,confidence` in the same order. Returns
/// the number of labels.
///
/// # Errors
/// When the input has no `label` column or exceeds a limit; part of the output may have been written by then.
pub fn classify_csv(input: impl Read, output: impl Write) -> Result<u64, CsvError> {
    let bytes = read_bounded(input)?;
    let policy = Policy::docket_1();
    let mut records = Records::of(&bytes);
    let header = records.next_record()?.unwrap_or_default();
    let position = |name: &str| header.iter().position(|field| field.trim().eq_ignore_ascii_case(name));
    let label_at = position("label").ok_or(CsvError::NoLabelColumn)?;
    let section_at = position("section");
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(["label", "row_code", "confidence"]).map_err(into_io)?;
    let mut count = 0;
    while let Some(record) = records.next_record()? {
        let label = record.get(label_at).map_or("", String::as_str);
        let section = section_at.and_then(|at| record.get(at)).map(|text| text.trim()).filter(|text| !text.is_empty());
        let path: Vec<&str> = section.into_iter().collect();
        let choice = classify_label(label, &path, &policy);
        writer.write_record([label, choice.row.as_str(), &format!("{:.2}", choice.confidence)]).map_err(into_io)?;
        count += 1;
    }
    writer.flush()?;
    Ok(count)
}

fn into_io(error: csv::Error) -> std::io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        _ => std::io::ErrorKind::InvalidInput.into(),
    }
}

fn read_bounded(input: impl Read) -> Result<Vec<u8>, CsvError> {
    let mut bytes = Vec::new();
    input.take(LABEL_FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LABEL_FILE_BYTES_MAX {
        return Err(CsvError::TooLarge);
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    Ok(bytes)
}

/// The records of a file, each within the limits.
struct Records<'a> {
    reader: csv_core::Reader,
    rest: &'a [u8],
    record: u64,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl<'a> Records<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        Self {
            reader: csv_core::Reader::new(),
            rest: bytes,
            record: 0,
            text: vec![0; LABEL_RECORD_BYTES_MAX],
            ends: vec![0; LABEL_RECORD_FIELDS_MAX],
        }
    }

    fn next_record(&mut self) -> Result<Option<Vec<String>>, CsvError> {
        self.record += 1;
        let (mut written, mut ended) = (0, 0);
        loop {
            let (result, read, wrote, ends) =
                self.reader.read_record(self.rest, &mut self.text[written..], &mut self.ends[ended..]);
            self.rest = &self.rest[read..];
            written += wrote;
            ended += ends;
            match result {
                csv_core::ReadRecordResult::Record => break,
                csv_core::ReadRecordResult::End => return Ok(None),
                // Calling the reader once more, with no input left, ends the last record.
                csv_core::ReadRecordResult::InputEmpty => {}
                csv_core::ReadRecordResult::OutputFull | csv_core::ReadRecordResult::OutputEndsFull => {
                    return Err(CsvError::RecordTooLong { record: self.record });
                }
            }
        }
        let text = std::str::from_utf8(&self.text[..written]).map_err(|_| CsvError::NotText { record: self.record })?;
        let starts = std::iter::once(0).chain(self.ends[..ended].iter().copied());
        let fields =
            starts.zip(&self.ends[..ended]).map(|(start, end)| text.get(start..*end).unwrap_or_default().to_owned());
        Ok(Some(fields.collect()))
    }
}
