//! The limits within which a document's text is read.

/// The limits of one text. A text that exceeds one is refused with [`crate::ReadError`]; nothing is truncated silently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size of a barcode's text, bytes. A PDF417 symbol holds at most 1,850 characters (ISO/IEC 15438).
    pub barcode_bytes_max: usize,
    /// Elements of a barcode.
    pub elements_max: usize,
    /// Characters of one element's value.
    pub value_chars_max: usize,
    /// Size of a text that holds a machine-readable zone, bytes.
    pub zone_bytes_max: usize,
    /// Size of a recorded answer of `AnalyzeID`, bytes.
    pub answer_bytes_max: usize,
    /// Identity documents in one recorded answer.
    pub documents_max: usize,
    /// Fields of one document in a recorded answer.
    pub fields_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            barcode_bytes_max: 16 * 1024,
            elements_max: 400,
            value_chars_max: 400,
            zone_bytes_max: 64 * 1024,
            answer_bytes_max: 8 * 1024 * 1024,
            documents_max: 50,
            fields_max: 200,
        }
    }
}
