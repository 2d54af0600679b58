//! Detects the format of a file from its content.

use domain::statement::Format;

/// How many bytes are checked to distinguish text from binary content.
const TEXT_PROBE_BYTES: usize = 64 * 1024;

/// Detects the format from the content, never from the name; `None` if it is unknown.
///
/// A ZIP container is an ODS if its first entry is an ODS `mimetype`. Any other is taken for an XLSX, and reading it fails
/// if it is not.
#[must_use]
pub fn detect(bytes: &[u8]) -> Option<Format> {
    if bytes.starts_with(b"PK\x03\x04") {
        return Some(if is_ods(bytes) { Format::Ods } else { Format::Xlsx });
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
        return Some(Format::Xls);
    }
    if bytes.starts_with(b"%PDF-") {
        return Some(Format::Pdf);
    }
    is_text(bytes).then_some(Format::Csv)
}

fn is_ods(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(512)];
    contains(head, b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet")
}

/// Whether the content is delimited text: it has a delimiter and no control bytes, and does not start like markup or an
/// image.
fn is_text(bytes: &[u8]) -> bool {
    if bytes.is_empty() {
        return false;
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return true;
    }
    let head = &bytes[..bytes.len().min(TEXT_PROBE_BYTES)];
    let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    if [b"<".as_slice(), b"{", b"%!", b"GIF8", b"{\\rtf"].iter().any(|m| start.starts_with(m)) {
        return false;
    }
    head.iter().all(|&b| b >= 0x20 || matches!(b, b'\t' | b'\n' | b'\r' | 0x0C))
        && head.iter().any(|b| matches!(b, b',' | b';' | b'\t' | b'|'))
}

/// Whether `needle` occurs in `hay`.
pub(crate) fn contains(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|w| w == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_comes_from_the_content() {
        assert_eq!(detect(b"PK\x03\x04rest"), Some(Format::Xlsx));
        assert_eq!(detect(b"%PDF-1.7\n"), Some(Format::Pdf));
        assert_eq!(detect(b"Particulars,2024\nSales,10\n"), Some(Format::Csv));
        assert_eq!(detect(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), None);
        assert_eq!(detect(b"<html><body>a,b</body></html>"), None);
        assert_eq!(detect(b""), None);
    }
}
