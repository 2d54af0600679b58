//! Batches: the rules on the batch as a whole, and an answer for each entry.

use serde_json::{Value, json};

use super::error::Error;

/// At most so many entries in one batch.
const ENTRY_COUNT_MAX: usize = 10;
/// At most so many characters in an entry's id.
const ID_LENGTH_MAX: usize = 80;

/// Checks the ids of `entries` by SQS's rules.
pub(super) fn check(entries: &[Value]) -> Result<(), Error> {
    if entries.is_empty() {
        return Err(Error::EmptyBatchRequest);
    }
    if entries.len() > ENTRY_COUNT_MAX {
        return Err(Error::TooManyEntriesInBatchRequest);
    }
    let mut ids = std::collections::BTreeSet::new();
    for entry in entries {
        let id = id(entry);
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if id.is_empty() || id.len() > ID_LENGTH_MAX || !id.chars().all(allowed) {
            return Err(Error::InvalidBatchEntryId);
        }
        if !ids.insert(id) {
            return Err(Error::BatchEntryIdsNotDistinct);
        }
    }
    Ok(())
}

/// Runs `act` on each of `entries` and lists which succeeded and which did not.
///
/// # Errors
/// When the store fails: then nothing of the batch holds.
pub(super) fn each(entries: &[Value], mut act: impl FnMut(&Value) -> Result<Value, Error>) -> Result<Value, Error> {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        match act(entry) {
            Ok(mut answer) => {
                answer["Id"] = json!(id(entry));
                successful.push(answer);
            }
            Err(Error::Store(error)) => return Err(Error::Store(error)),
            Err(error) => failed.push(json!({
                "Id": id(entry), "SenderFault": true, "Code": error.codes().1, "Message": error.to_string(),
            })),
        }
    }
    Ok(json!({ "Successful": successful, "Failed": failed }))
}

fn id(entry: &Value) -> &str {
    entry["Id"].as_str().unwrap_or_default()
}
