//! Reads OFX 1 (SGML), OFX 2 (XML) and QFX.
//!
//! Written leniently after the OFX 1.6 and 2.2 specifications, as no bank's file is quite like another's: tags in any case,
//! closed or not, values with or without blanks, headers missing or contradicting the content.

mod amount;
mod statement;
mod token;

use crate::draft::{Context, Draft};
use crate::error::{Counted, ReadError, within};
use crate::text;
use token::{Token, Tokens};

/// Reads the statements of an OFX file.
pub(crate) fn read(bytes: &[u8], context: &mut Context<'_>) -> Result<Vec<Draft>, ReadError> {
    let text = text::decode(bytes, declared(bytes).as_deref());
    let mut tokens = Tokens::new(&text);
    let closed = token::closed_names(&text);
    let mark = amount::mark(&text);
    let mut reader = statement::Reader::new(context, mark);
    let mut elements = 0;
    let mut ended = false;
    while let Some(token) = tokens.next(&closed) {
        elements += 1;
        within(Counted::Elements, elements, reader.limits().elements_max)?;
        match token {
            Token::Doctype => return Err(ReadError::Doctype),
            Token::Open { name, line } => reader.open(name, line)?,
            Token::Value { name, value, line } => {
                within(Counted::LineBytes, value.len(), reader.limits().line_bytes_max)?;
                reader.value(&name, &value, line);
            }
            Token::Close { name, line } => {
                ended = name == "OFX";
                reader.close(&name, line)?;
            }
        }
    }
    reader.finish(ended, tokens.line())
}

/// The encoding that an OFX 1 header or an XML declaration names, as a label of the Encoding Standard.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_ascii_lowercase();
    if let Some(rest) = head.split("encoding=").nth(1).filter(|_| head.contains("<?xml")) {
        return rest.split(['"', '\'']).nth(1).map(str::to_owned);
    }
    let charset = head.split("charset:").nth(1)?.split_whitespace().next()?.to_owned();
    match charset.as_str() {
        "none" | "" => None,
        "932" => Some("shift_jis".to_owned()),
        digits if digits.len() == 4 && digits.starts_with("125") => Some(format!("windows-{digits}")),
        label => Some(label.to_owned()),
    }
}
