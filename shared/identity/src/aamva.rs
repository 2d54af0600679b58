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
    let header = header::read(&text, &mut findings)?;
    let elements = element::split(header.body, &header.parts, limits, &mut findings)?;
    Ok(build::document(&header, &elements, findings))
}

/// Adds a finding unless it is there already.
fn note(findings: &mut Vec<Finding>, finding: Finding) {
    if !findings.contains(&finding) {
        findings.push(finding);
    }
}
