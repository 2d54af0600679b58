//! The limits within which a file is read.

const MIB: u64 = 1024 * 1024;

/// The limits of a file. A file that exceeds one is refused with [`crate::ReadError`]; nothing is truncated silently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size of the file, bytes.
    pub file_bytes_max: u64,
    /// Rows of a file, over all its statements.
    pub rows_max: usize,
    /// Statements of a file.
    pub statements_max: usize,
    /// One line, bytes; in XML and JSON one text.
    pub line_bytes_max: usize,
    /// Fields of one record of delimited text.
    pub fields_max: usize,
    /// Nested elements or values.
    pub depth_max: usize,
    /// Elements of an XML or SGML file, or values of a JSON file.
    pub elements_max: usize,
    /// Pages of a PDF.
    pub pages_max: usize,
    /// Characters on one page of a PDF.
    pub page_chars_max: usize,
    /// Bytes of one stream of a PDF after unpacking.
    pub stream_bytes_max: usize,
    /// Objects of a PDF.
    pub objects_max: usize,
    /// Characters of a narration that are kept; a longer one is listed as not used in full.
    pub narration_chars_max: usize,
    /// Things seen and not used that are listed. Further ones are only counted.
    pub unused_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes_max: 25 * MIB,
            rows_max: 100_000,
            statements_max: 5_000,
            line_bytes_max: 1024 * 1024,
            fields_max: 1_000,
            depth_max: 64,
            elements_max: 5_000_000,
            pages_max: 500,
            page_chars_max: 50_000,
            stream_bytes_max: 16 * 1024 * 1024,
            objects_max: 200_000,
            narration_chars_max: 2_000,
            unused_max: 200,
        }
    }
}
