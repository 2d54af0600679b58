//! Reads and writes the state that the drift check keeps between runs: one item of the table.

use std::collections::HashMap;

use aws::{Error, sdk, sort};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use aws_types::SdkConfig;

use crate::model::Ledger;
use crate::model::ledger::LEDGER_SCHEMA;

const REVISION: &str = "revision";
const WRITER: &str = "writer";
const LEDGER: &str = "ledger";

/// The state of one stage's drift check.
#[derive(Clone, Debug)]
pub struct CheckState {
    client: Client,
    table: String,
    stage: String,
}

/// A ledger as last read or written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// The ledger.
    pub ledger: Ledger,
    /// How often it was written. Each write names the revision it replaces.
    pub revision: u64,
}

/// How a write ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "after a conflict the ledger has to be read and decided again"]
pub enum WriteOutcome {
    /// The ledger was written; this is the new state.
    Done(Saved),
    /// Another run wrote it concurrently.
    Conflict,
}

impl CheckState {
    /// The state of `stage` in `table`.
    #[must_use]
    pub fn new(configuration: &SdkConfig, table: String, stage: String) -> Self {
        let config = aws_sdk_dynamodb::config::Builder::from(configuration);
        let client = Client::from_conf(config.retry_partition(sdk::partition("dynamodb")).build());
        Self { client, table, stage }
    }

    /// The ledger as last written; an empty one before the first run.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next; [`Error::Damaged`] also when a newer version wrote it.
    pub async fn read(&self) -> Result<Saved, Error> {
        const OPERATION: &str = "GetItem";
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(self.key()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| sort(OPERATION, &error))?;
        answer.item.map_or_else(|| Ok(Saved::default()), |item| saved(&item))
    }

    /// Replaces `seen` with `ledger`. `writer` identifies this write: if its answer is lost, the retry recognises its own
    /// write.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn write(&self, seen: &Saved, ledger: &Ledger, writer: &str) -> Result<WriteOutcome, Error> {
        const OPERATION: &str = "PutItem";
        let next = Saved { ledger: ledger.clone(), revision: seen.revision + 1 };
        let text = serde_json::to_string(ledger).map_err(|_| Error::Damaged { operation: OPERATION })?;
        let condition = if seen.revision == 0 { "attribute_not_exists(pk)" } else { "revision = :seen" };
        let value = (seen.revision > 0).then(|| (":seen".to_owned(), number(seen.revision)));
        let mut item = self.key();
        item.insert(REVISION.to_owned(), number(next.revision));
        item.insert(WRITER.to_owned(), AttributeValue::S(writer.to_owned()));
        item.insert(LEDGER.to_owned(), AttributeValue::S(text));
        let result = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(value.map(|value| HashMap::from([value])))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = result else { return Ok(WriteOutcome::Done(next)) };
        let sorted = sort(OPERATION, &error);
        let failed = error.into_service_error();
        if !failed.is_conditional_check_failed_exception() {
            return Err(sorted);
        }
        let now = match failed {
            aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(failed) => failed.item,
            _ => None,
        };
        let is_ours = now.is_some_and(|now| {
            now.get(WRITER).and_then(|value| value.as_s().ok()).is_some_and(|by| by == writer)
                && now.get(REVISION) == Some(&number(next.revision))
        });
        Ok(if is_ours { WriteOutcome::Done(next) } else { WriteOutcome::Conflict })
    }

    fn key(&self) -> HashMap<String, AttributeValue> {
        HashMap::from([
            ("pk".to_owned(), AttributeValue::S(format!("DRIFT#{}", self.stage))),
            ("sk".to_owned(), AttributeValue::S("LEDGER".to_owned())),
        ])
    }
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn saved(item: &HashMap<String, AttributeValue>) -> Result<Saved, Error> {
    const DAMAGED: Error = Error::Damaged { operation: "GetItem" };
    let revision = item.get(REVISION).and_then(|value| value.as_n().ok()).and_then(|text| text.parse().ok());
    let text = item.get(LEDGER).and_then(|value| value.as_s().ok()).ok_or(DAMAGED)?;
    let ledger: Ledger = serde_json::from_str(text).map_err(|_| DAMAGED)?;
    if ledger.schema > LEDGER_SCHEMA {
        return Err(DAMAGED);
    }
    Ok(Saved { ledger, revision: revision.ok_or(DAMAGED)? })
}
