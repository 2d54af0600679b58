//! The text of a licence's PDF417 barcode, as AAMVA's card design standard describes it (versions 01 to 10), read as
//! scanners hand it on.
//!
//! Scanners lose or replace the control characters of the header and between the elements, and jurisdictions deviate from the
//! standard. So the header's lengths and offsets are not relied on: elements are found by their codes at the beginnings of
//! lines. Whatever deviates is a [`Finding`].

mod build;
mod element;
mod header;
mod text;

use crate::document::IdentityDocument;
use crate::error::{Counted, ReadError, within};
use crate::finding::Finding;
use crate::limit::Limits;

/// Reads the text of one barcode.
///
/// # Errors
/// When it is no text, has no header or no elements that can be told apart, or exceeds a limit.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<IdentityDocument, ReadError> {
    within(Counted::Bytes, bytes.len(), limits.barcode_bytes_max)?;
    let mut findings = Vec::new();
    let text = text::decode(bytes, &mut findings)?;
    let Some(header) = header::read(&text, &mut findings) else { return read_headless(&text, limits, findings) };
    let elements = element::split(header.body, &header.parts, limits, &mut findings)?;
    Ok(build::document(&header.iin, &header.parts, &elements, findings))
}

/// Fewest elements by which a text without a header is taken for a barcode's.
const HEADLESS_ELEMENTS_MIN: usize = 6;

/// Reads a text that has lost its header, if it is made of elements.
fn read_headless(text: &str, limits: &Limits, mut findings: Vec<Finding>) -> Result<IdentityDocument, ReadError> {
    note(&mut findings, Finding::HeaderMissing);
    let body = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let elements = match element::split(body, &[], limits, &mut findings) {
        Ok(elements) if element::common(&elements) >= HEADLESS_ELEMENTS_MIN => elements,
        Ok(_) | Err(ReadError::NoElements) => return Err(ReadError::NoBarcodeHeader),
        Err(error) => return Err(error),
    };
    Ok(build::document("", &[], &elements, findings))
}

/// Adds a finding unless it is there already.
fn note(findings: &mut Vec<Finding>, finding: Finding) {
    if !findings.contains(&finding) {
        findings.push(finding);
    }
}
