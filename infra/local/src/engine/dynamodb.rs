//! DynamoDB, by an embedded implementation of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use dynoxide::actions::transact_write_items::TransactWriteItemsRequest;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::clock::Clock;
use super::template::stack::Table;
use super::wire::Reply;

const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// How long DynamoDB remembers the token of a transaction.
const TOKEN_LIFE_MS: i64 = 10 * 60 * 1000;

/// At most so many characters in such a token.
const TOKEN_LENGTH_MAX: usize = 36;

/// All tables.
pub(crate) struct Tables {
    database: Database,
    clock: Clock,
    tokens: Mutex<Tokens>,
}

/// When each token of a transaction was first seen, and how many before it had the same name.
///
/// The implementation below forgets tokens by the system's clock. Naming each life of a token differently makes it
/// forget them by ours.
#[derive(Default)]
struct Tokens {
    lives: BTreeMap<String, (i64, u64)>,
    forgotten: u64,
}

impl Tokens {
    fn name(&mut self, token: &str, now_ms: i64) -> String {
        if self.lives.get(token).is_none_or(|(born_ms, _)| now_ms - born_ms >= TOKEN_LIFE_MS) {
            let before = self.lives.len();
            self.lives.retain(|_, (born_ms, _)| now_ms - *born_ms < TOKEN_LIFE_MS);
            self.forgotten += (before - self.lives.len()) as u64;
            self.lives.insert(token.to_owned(), (now_ms, self.forgotten));
        }
        let life = self.lives.get(token).map_or(0, |(_, life)| *life);
        let digest = Sha256::digest(format!("{life}:{token}"));
        format!("{digest:x}").chars().take(TOKEN_LENGTH_MAX).collect()
    }
}

impl Tables {
    pub(crate) fn memory(clock: Clock) -> Result<Self, DynoxideError> {
        let database = Database::memory_with_clock(Arc::new(clock.clone()))?;
        Ok(Self { database, clock, tokens: Mutex::default() })
    }

    /// The tables in the file `path`. Its expiry of items follows the system's clock, whatever `clock` shows.
    pub(crate) fn open(path: &Path, clock: Clock) -> Result<Self, DynoxideError> {
        let path = path.to_str().ok_or_else(|| {
            DynoxideError::ValidationException("the data directory's path is not UTF-8; choose another".into())
        })?;
        Ok(Self { database: Database::new(path)?, clock, tokens: Mutex::default() })
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

    /// The name under which the implementation below knows `token`; one that is too long keeps its own, to be refused.
    fn name(&self, token: &str) -> String {
        if token.is_empty() || token.len() > TOKEN_LENGTH_MAX {
            return token.to_owned();
        }
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.name(token, self.clock.now_ms())
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
            "TransactWriteItems" => run(body, |mut request: TransactWriteItemsRequest| {
                request.client_request_token = request.client_request_token.map(|token| self.name(&token));
                db.transact_write_items(request)
            }),
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
