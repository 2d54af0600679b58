//! DynamoDB, by an embedded implementation of it.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::clock::Clock;
use super::template::stack::Table;
use super::wire::Reply;

const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// All tables.
pub(crate) struct Tables {
    database: Database,
}

impl Tables {
    pub(crate) fn memory(clock: Clock) -> Result<Self, DynoxideError> {
        Ok(Self { database: Database::memory_with_clock(Arc::new(clock))? })
    }

    /// The tables in the file `path`. Its expiry of items follows the system's clock, whatever `clock` shows.
    pub(crate) fn open(path: &Path, _clock: Clock) -> Result<Self, DynoxideError> {
        let path = path.to_str().ok_or_else(|| {
            DynoxideError::ValidationException("the data directory's path is not UTF-8; choose another".into())
        })?;
        Ok(Self { database: Database::new(path)? })
    }

    /// Answers one API action.
    pub(crate) fn answer(&self, operation: &str, body: &Bytes) -> Reply {
        match self.act(operation, body) {
            Ok(body) => Reply::new(200, CONTENT_TYPE, body),
            Err(error) => Reply::new(error.status_code(), CONTENT_TYPE, error.to_json()),
        }
    }

    /// Creates `table` when it is absent and sets its expiry attribute.
    pub(crate) fn deploy(&self, table: &Table) -> Result<(), DynoxideError> {
        let describe = Bytes::from(json!({ "TableName": table.name }).to_string());
        if self.act("DescribeTable", &describe).is_err() {
            self.act("CreateTable", &Bytes::from(table.create.to_string()))?;
        }
        let Some(attribute) = &table.ttl_attribute else { return Ok(()) };
        let current = self.act("DescribeTimeToLive", &describe)?;
        if !String::from_utf8_lossy(&current).contains("ENABLED") {
            let specification = json!({ "AttributeName": attribute, "Enabled": true });
            let request = json!({ "TableName": table.name, "TimeToLiveSpecification": specification });
            self.act("UpdateTimeToLive", &Bytes::from(request.to_string()))?;
        }
        Ok(())
    }

    /// Removes the items that are past their expiry, as DynamoDB does within some days.
    pub(crate) fn sweep(&self) -> Result<usize, DynoxideError> {
        self.database.sweep_ttl()
    }

    fn act(&self, operation: &str, body: &Bytes) -> Result<Vec<u8>, DynoxideError> {
        let db = &self.database;
        match operation {
            "BatchGetItem" => run(body, |request| db.batch_get_item(request)),
            "BatchWriteItem" => run(body, |request| db.batch_write_item(request)),
            "CreateTable" => run(body, |request| db.create_table(request)),
            "DeleteItem" => run(body, |request| db.delete_item(request)),
            "DeleteTable" => run(body, |request| db.delete_table(request)),
            "DescribeTable" => run(body, |request| db.describe_table(request)),
            "DescribeTimeToLive" => run(body, |request| db.describe_time_to_live(request)),
            "GetItem" => run(body, |request| db.get_item(request)),
            "ListTables" => run(body, |request| db.list_tables(request)),
            "PutItem" => run(body, |request| db.put_item(request)),
            "Query" => run(body, |request| db.query(request)),
            "Scan" => run(body, |request| db.scan(request)),
            "TransactGetItems" => run(body, |request| db.transact_get_items(request)),
            "TransactWriteItems" => run(body, |request| db.transact_write_items(request)),
            "UpdateItem" => run(body, |request| db.update_item(request)),
            "UpdateTable" => run(body, |request| db.update_table(request)),
            "UpdateTimeToLive" => run(body, |request| db.update_time_to_live(request)),
            other => Err(DynoxideError::UnsupportedCapability(format!("{other} is not answered on this machine"))),
        }
    }
}

/// The table that a request names.
pub(crate) fn resource(body: &Bytes) -> String {
    #[derive(serde::Deserialize)]
    struct Named {
        #[serde(rename = "TableName")]
        table: Option<String>,
    }
    serde_json::from_slice::<Named>(body).ok().and_then(|named| named.table).unwrap_or_default()
}

/// An error answer in DynamoDB's shape.
pub(crate) fn failure(status: u16, code: &str, message: &str) -> Reply {
    let error = json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": message });
    Reply::new(status, CONTENT_TYPE, error.to_string())
}

fn run<Q: DeserializeOwned, R: Serialize>(
    body: &[u8],
    act: impl FnOnce(Q) -> Result<R, DynoxideError>,
) -> Result<Vec<u8>, DynoxideError> {
    let request = serde_json::from_slice(body).map_err(|error| refusal(&error.to_string()))?;
    serde_json::to_vec(&act(request)?).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// The service's error for a request that does not deserialize.
///
/// The request types do part of DynamoDB's validation while they are read and mark it at the start of the message.
fn refusal(message: &str) -> DynoxideError {
    for marker in ["VALIDATION_AS_READ:", "VALIDATION_REQUEST:", "VALIDATION:"] {
        if let Some(rest) = message.strip_prefix(marker) {
            return DynoxideError::ValidationException(without_position(rest).to_owned());
        }
    }
    for marker in ["SERIALIZATION_AS_READ:", "SERIALIZATION:"] {
        if let Some(rest) = message.strip_prefix(marker) {
            return DynoxideError::SerializationException(without_position(rest).to_owned());
        }
    }
    let required = ["missing field", "unknown variant", "invalid type: null", "AttributeValue"];
    if required.iter().any(|start| message.contains(start)) {
        return DynoxideError::ValidationException(without_position(message).to_owned());
    }
    DynoxideError::SerializationException(without_position(message).to_owned())
}

/// A message without the ` at line 1 column 7` that the JSON reader adds.
fn without_position(message: &str) -> &str {
    message.rfind(" at line ").map_or(message, |at| &message[..at])
}
