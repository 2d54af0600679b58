//! Detects the format of a file from its content.

use crate::statement::Format;
use crate::text;

/// Bytes looked at.
const PROBE_BYTES: usize = 64 * 1024;

/// Detects the format from the content, never from the name; `None` if it is unknown.
pub(crate) fn detect(bytes: &[u8]) -> Option<Format> {
    let head = &bytes[..bytes.len().min(PROBE_BYTES)];
    // Some servers and mail programs put a few lines before the header of a PDF.
    if contains(&head[..head.len().min(1024)], b"%PDF-") {
        return Some(Format::Pdf);
    }
    if is_binary(head) {
        return None;
    }
    // A letter may be cut at the end of the probe; it makes no difference to what is looked for.
    let whole = std::str::from_utf8(head).map_or_else(|error| error.valid_up_to(), |_| head.len());
    let head = if head.len() - whole < 4 { &head[..whole] } else { head };
    let text = text::decode(head, None);
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let upper = start.to_ascii_uppercase();
    if upper.starts_with("OFXHEADER") || upper.contains("<OFX>") || upper.contains("<?OFX") {
        return Some(Format::Ofx);
    }
    if start.starts_with('<') {
        let tags = ["BkToCstmrAcctRpt", "BkToCstmrStmt"].map(|tag| start.contains(tag));
        return match tags {
            [true, _] => Some(Format::Camt052),
            [_, true] => Some(Format::Camt053),
            _ if start.contains("camt.052") => Some(Format::Camt052),
            _ if start.contains("camt.053") => Some(Format::Camt053),
            _ if upper.contains("<BANKMSGSRSV1") || upper.contains("<STMTRS") || upper.contains("<CCSTMTRS") => {
                Some(Format::Ofx)
            }
            // Reading it says what is wrong, e.g. a document type declaration before anything else.
            _ if upper.contains("<!DOCTYPE") && !upper.contains("HTML") => Some(Format::Camt053),
            _ => None,
        };
    }
    if start.starts_with(['{', '[']) && start.contains('"') {
        return Some(Format::Json);
    }
    if is_mt940(start) {
        return Some(Format::Mt940);
    }
    start.contains([',', ';', '\t', '|']).then_some(Format::Csv)
}

/// Whether lines begin with the tags of MT940.
fn is_mt940(text: &str) -> bool {
    let lines = || text.split(['\n', '\r']);
    let tags = [":20:", ":25:", ":28C:", ":60F:", ":60M:", ":61:", ":62F:", ":62M:", ":28:", ":25P:"];
    let begins =
        |tag: &&str| lines().any(|line| line.trim_start().starts_with(*tag) || line.contains(&format!("{{4:{tag}")));
    tags.iter().filter(|tag| begins(tag)).count() >= 2 || lines().any(|line| line.starts_with(":61:"))
}

/// Whether bytes are those of an archive, a picture or another binary file.
fn is_binary(head: &[u8]) -> bool {
    let magic: [&[u8]; 7] =
        [b"PK\x03\x04", &[0xD0, 0xCF, 0x11, 0xE0], b"\x89PNG", &[0xFF, 0xD8, 0xFF], b"GIF8", b"{\\rtf", &[0x1F, 0x8B]];
    if magic.iter().any(|magic| head.starts_with(magic)) {
        return true;
    }
    let is_utf16 = encoding_rs::Encoding::for_bom(head).is_some()
        || head.iter().filter(|byte| **byte == 0).count() * 3 > head.len();
    let controls = head
        .iter()
        .filter(|byte| **byte < 0x20 && !matches!(**byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x01 | 0x03 | 0x1A));
    !is_utf16 && controls.count() * 50 > head.len()
}

/// Whether `needle` occurs in `hay`.
fn contains(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|window| window == needle)
}
