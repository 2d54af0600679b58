//! The digest of a deployment package.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Bytes of a SHA-256.
const SHA256_BYTES: usize = 32;

/// The SHA-256 of a deployment package in base64, as Lambda reports it (`CodeSha256`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CodeDigest(String);

/// A text that is not a code digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a code digest is the base64 of 32 bytes")]
pub struct DigestError;

impl CodeDigest {
    /// The digest of a package's bytes.
    #[must_use]
    pub fn of(package: &[u8]) -> Self {
        Self(STANDARD.encode(Sha256::digest(package)))
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CodeDigest {
    type Error = DigestError;

    fn try_from(text: String) -> Result<Self, DigestError> {
        let bytes = STANDARD.decode(&text).map_err(|_| DigestError)?;
        if bytes.len() == SHA256_BYTES { Ok(Self(text)) } else { Err(DigestError) }
    }
}

impl From<CodeDigest> for String {
    fn from(digest: CodeDigest) -> Self {
        digest.0
    }
}

impl fmt::Display for CodeDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The SHA-256 of bytes in lower-case hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::with_capacity(2 * SHA256_BYTES), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
