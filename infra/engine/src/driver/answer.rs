//! Interprets a function's answer to a batch, by Lambda's rules.

use serde_json::Value;

use super::invocation::InvokeError;
use crate::sqs::Delivered;

/// The ids of the messages that failed and will be delivered again.
///
/// Without partial answers a batch succeeds or fails as a whole. With them, an answer that lists nothing means that all
/// messages succeeded, and a malformed one (an id that is missing, empty or not in this batch) means that all failed.
pub(super) fn failed(partial: bool, outcome: &Result<Value, InvokeError>, batch: &[Delivered]) -> Vec<String> {
    let all = || batch.iter().map(|message| message.id.clone()).collect();
    match outcome {
        Err(_) => all(),
        Ok(_) if !partial => Vec::new(),
        Ok(answer) => listed(answer, batch).unwrap_or_else(all),
    }
}

/// The ids that an answer lists, or `None` when it is malformed.
fn listed(answer: &Value, batch: &[Delivered]) -> Option<Vec<String>> {
    let entries = match answer {
        Value::Null => return Some(Vec::new()),
        Value::Object(fields) => match fields.get("batchItemFailures") {
            None | Some(Value::Null) => return Some(Vec::new()),
            Some(Value::Array(entries)) => entries,
            Some(_) => return None,
        },
        Value::String(text) if text.is_empty() => return Some(Vec::new()),
        _ => return None,
    };
    entries.iter().map(|entry| known(entry, batch)).collect()
}

fn known(entry: &Value, batch: &[Delivered]) -> Option<String> {
    let id = entry.get("itemIdentifier")?.as_str()?;
    batch.iter().any(|message| message.id == id).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn batch() -> Vec<Delivered> {
        ["a", "b"].map(|id| Delivered { id: id.into(), ..Delivered::default() }).into()
    }

    fn failed_of(answer: Value) -> Vec<String> {
        failed(true, &Ok(answer), &batch())
    }

    #[test]
    fn only_the_listed_messages_fail() {
        assert_eq!(failed_of(json!({ "batchItemFailures": [{ "itemIdentifier": "b" }] })), ["b"]);
    }

    #[test]
    fn an_answer_that_lists_nothing_means_all_succeeded() {
        for answer in [json!({ "batchItemFailures": [] }), json!({ "batchItemFailures": null }), json!({}), json!(null)]
        {
            assert!(failed_of(answer).is_empty());
        }
    }

    #[test]
    fn a_malformed_answer_fails_the_whole_batch() {
        let entries = [
            json!({ "itemIdentifier": "" }),
            json!({ "itemIdentifier": null }),
            json!({ "id": "a" }),
            json!({ "itemIdentifier": "c" }),
        ];
        for entry in entries {
            assert_eq!(failed_of(json!({ "batchItemFailures": [entry] })), ["a", "b"]);
        }
        assert_eq!(failed_of(json!({ "batchItemFailures": "a" })), ["a", "b"]);
        assert_eq!(failed_of(json!("done")), ["a", "b"]);
    }

    #[test]
    fn an_error_fails_the_whole_batch() {
        assert_eq!(failed(true, &Err(InvokeError::TimedOut), &batch()), ["a", "b"]);
        assert_eq!(failed(false, &Err(InvokeError::TimedOut), &batch()), ["a", "b"]);
    }

    #[test]
    fn without_partial_answers_any_answer_is_a_success() {
        let answer = json!({ "batchItemFailures": [{ "itemIdentifier": "b" }] });
        assert!(failed(false, &Ok(answer), &batch()).is_empty());
    }
}
