//! The trace of a run as a digest, which must be the same for two runs of a seed.

use serde_json::Value;
use sha2::{Digest, Sha256};

use engine::{Call, Service};

/// A digest of everything that has happened so far.
#[derive(Default)]
pub(crate) struct Trace {
    hash: Sha256,
    /// Every step as a line, if lines are kept.
    pub(crate) lines: Option<Vec<String>>,
}

impl Trace {
    /// Adds a step.
    pub(crate) fn add(&mut self, now_ms: i64, what: &str) {
        self.hash.update(now_ms.to_be_bytes());
        self.hash.update(what.as_bytes());
        self.hash.update([0]);
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{now_ms} {what}"));
        }
    }

    /// The digest of all steps.
    pub(crate) fn digest(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }
}

/// A digest of a request that does not depend on the order in which the SDK writes its parts.
pub(crate) fn fingerprint(call: &Call, json: Option<&Value>) -> String {
    let digest = match (call.service, json) {
        (Service::DynamoDb | Service::Sqs, Some(json)) => {
            let mut sorted = json.clone();
            sorted.sort_all_objects();
            Sha256::digest(sorted.to_string())
        }
        (Service::Sns, _) => {
            let text = String::from_utf8_lossy(&call.body);
            let mut values: Vec<&str> =
                text.split('&').filter_map(|pair| pair.split_once('=')).map(|(_, v)| v).collect();
            values.sort_unstable();
            Sha256::digest(values.join("&"))
        }
        _ => Sha256::digest(&call.body),
    };
    digest.iter().take(8).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
