//! Reads attributes of XML elements.

use quick_xml::events::BytesStart;

/// The value of an attribute by its whole name.
#[must_use]
pub fn attribute(e: &BytesStart<'_>, key: &str) -> Option<String> {
    find(e, |name| name == key)
}

/// The value of an attribute by its name without a prefix, e.g. `r:id`.
#[must_use]
pub fn local_attribute(e: &BytesStart<'_>, key: &str) -> Option<String> {
    find(e, |name| name.rsplit(':').next() == Some(key))
}

/// Whether an attribute says yes.
#[must_use]
pub fn is_true(e: &BytesStart<'_>, key: &str) -> bool {
    matches!(attribute(e, key).as_deref(), Some("1" | "true"))
}

/// A whole number in an attribute.
#[must_use]
pub fn number(e: &BytesStart<'_>, key: &str) -> Option<u32> {
    attribute(e, key)?.parse().ok()
}

fn find(e: &BytesStart<'_>, test: impl Fn(&str) -> bool) -> Option<String> {
    // The check for duplicate attributes takes quadratic time, and a hostile element could have millions.
    let mut attributes = e.attributes();
    attributes.with_checks(false);
    let found = attributes.flatten().find(|a| test(a.key.as_ref()))?;
    found.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
}
