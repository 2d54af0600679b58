//! Message attributes: their limits, size and digest.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use super::error::Error;

/// The message attributes of one message, by name.
pub(super) type Attributes = BTreeMap<String, Attribute>;

/// Maximum number of attributes on a message.
const ATTRIBUTE_COUNT_MAX: usize = 10;

/// One message attribute, as the API writes it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attribute {
    pub(super) data_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) string_value: Option<String>,
    /// Base64, as on the wire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) binary_value: Option<String>,
}

/// Checks the attributes against SQS's rules.
pub(super) fn check(attributes: &Attributes) -> Result<(), Error> {
    if attributes.len() > ATTRIBUTE_COUNT_MAX {
        return Err(Error::InvalidParameterValue("Number of message attributes exceeds the allowed maximum [10]."));
    }
    let typed = |attribute: &Attribute| {
        let text = ["String", "Number"].iter().any(|kind| attribute.data_type.starts_with(kind));
        let binary = attribute.data_type.starts_with("Binary");
        (text && attribute.string_value.is_some()) || (binary && attribute.binary_value.is_some())
    };
    if attributes.values().all(typed) {
        Ok(())
    } else {
        Err(Error::InvalidParameterValue("A message attribute must contain a non-empty value of its data type."))
    }
}

/// How many bytes the attributes add to the size of a message: names, types and values.
pub(super) fn size(attributes: &Attributes) -> usize {
    attributes.iter().map(|(name, attribute)| name.len() + attribute.data_type.len() + value(attribute).len()).sum()
}

/// The MD5 digest that SQS returns for message attributes, in hexadecimal.
pub(super) fn digest(attributes: &Attributes) -> String {
    let mut hash = Md5::new();
    for (name, attribute) in attributes {
        prefixed(&mut hash, name.as_bytes());
        prefixed(&mut hash, attribute.data_type.as_bytes());
        hash.update([if attribute.data_type.starts_with("Binary") { 2 } else { 1 }]);
        prefixed(&mut hash, &value(attribute));
    }
    format!("{:x}", hash.finalize())
}

/// The MD5 digest of a message's body, in hexadecimal.
pub(super) fn body_digest(body: &str) -> String {
    format!("{:x}", Md5::digest(body))
}

fn prefixed(hash: &mut Md5, bytes: &[u8]) {
    hash.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    hash.update(bytes);
}

fn value(attribute: &Attribute) -> Vec<u8> {
    match (&attribute.string_value, &attribute.binary_value) {
        (Some(text), _) => text.as_bytes().to_vec(),
        (None, Some(base64)) => BASE64.decode(base64).unwrap_or_default(),
        (None, None) => Vec::new(),
    }
}
