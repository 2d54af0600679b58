//! Batches: the rules for the batch as a whole, and an answer for each entry.

use bytes::Bytes;
use serde_json::{Value, json};

use super::error::Error;
use crate::wire::Reply;

/// Maximum number of entries in a batch.
const ENTRY_COUNT_MAX: usize = 10;
/// The longest id of an entry, in characters.
const ID_LENGTH_MAX: usize = 80;

/// Checks the number and the ids of `entries` against SQS's rules.
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
/// When the store fails, which fails the whole batch.
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

/// The id of a batch's first entry, and the batch without it, if there are other entries.
pub(super) fn split_first(body: &Bytes) -> Option<(String, Option<Bytes>)> {
    let mut request: Value = serde_json::from_slice(body).ok()?;
    let entries = request["Entries"].as_array_mut().filter(|entries| !entries.is_empty())?;
    let first = id(&entries.remove(0)).to_owned();
    let any_left = !entries.is_empty();
    Some((first, any_left.then(|| Bytes::from(request.to_string()))))
}

/// The answer with the entry `first` added to those that failed because of the service.
pub(super) fn with_rejected(reply: Reply, first: &str) -> Reply {
    let Ok(mut answer) = serde_json::from_slice::<Value>(&reply.body) else { return reply };
    if let Some(failed) = answer["Failed"].as_array_mut() {
        failed.push(json!({
            "Id": first, "SenderFault": false, "Code": "InternalError", "Message": "The entry was not accepted; try again.",
        }));
    }
    Reply { body: Bytes::from(answer.to_string()), ..reply }
}

fn id(entry: &Value) -> &str {
    entry["Id"].as_str().unwrap_or_default()
}
