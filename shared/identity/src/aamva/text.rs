//! The characters of a barcode: decoded, and with what stands for a control character put back.

use encoding_rs::Encoding;

use crate::error::ReadError;
use crate::finding::Finding;

/// What scanners and clipboards write for a control character.
const STAND_INS: [(&str, &str); 24] = [
    ("<CR><LF>", "\n"),
    ("<LF>", "\n"),
    ("<CR>", "\r"),
    ("<RS>", "\u{1e}"),
    ("<GS>", "\u{1d}"),
    ("<lf>", "\n"),
    ("<cr>", "\r"),
    ("<rs>", "\u{1e}"),
    ("[LF]", "\n"),
    ("[CR]", "\r"),
    ("[RS]", "\u{1e}"),
    ("\\n", "\n"),
    ("\\r", "\r"),
    ("\\x0a", "\n"),
    ("\\x0d", "\r"),
    ("\\x1e", "\u{1e}"),
    ("\\x0A", "\n"),
    ("\\x0D", "\r"),
    ("\\x1E", "\u{1e}"),
    ("\\u001e", "\u{1e}"),
    ("\\u001E", "\u{1e}"),
    ("\u{240a}", "\n"),
    ("\u{240d}", "\r"),
    ("\u{241e}", "\u{1e}"),
];

/// Decodes the bytes: Unicode by its byte order mark, else UTF-8, else ISO 8859-1, the standard's own character set.
pub fn decode(bytes: &[u8], findings: &mut Vec<Finding>) -> Result<String, ReadError> {
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding.decode(bytes).0,
        None => match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => {
                findings.push(Finding::ReadAsLatin1);
                encoding_rs::mem::decode_latin1(bytes)
            }
        },
    };
    let text = text.trim_end_matches('\0');
    if text.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    if text.contains(['\0', char::REPLACEMENT_CHARACTER]) {
        return Err(ReadError::NotText);
    }
    let restored = STAND_INS.iter().fold(text.to_owned(), |text, (stand_in, real)| text.replace(stand_in, real));
    Ok(restored)
}

/// Whether a character ends an element: any control character, whichever the scanner made of it.
pub fn ends_element(c: char) -> bool {
    c.is_control() && c != '\t' || matches!(c, '\u{2028}' | '\u{2029}')
}
