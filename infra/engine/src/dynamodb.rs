//! DynamoDB, implemented by the embedded library dynoxide.

use bytes::Bytes;
use dynoxide::DynoxideError;
use dynoxide::actions::transact_write_items::{self, TransactWriteItemsRequest};
use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::storage::Storage;
use futures_util::FutureExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::clock::Clock;
use super::sqlite::Store;
use super::template::stack::Table;
use super::token::{Seen, Tokens};
use super::wire::Reply;

const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// All tables.
pub(crate) struct Tables {
    store: Store,
    tokens: Tokens,
    /// The vector indexes being built. There are never any, but dynoxide needs the value.
    vectors: VectorIndexLifecycle,
}

impl Tables {
    /// The tables in `store`.
    pub(crate) fn new(store: Store, clock: Clock) -> Self {
        Self { store, tokens: Tokens::new(clock), vectors: VectorIndexLifecycle::new() }
    }

    /// Answers one API action. The answer must not be given before the store has settled.
    pub(crate) fn answer(&self, operation: &str, body: &Bytes) -> Reply {
        match self.act(operation, body) {
            Ok(body) => Reply::new(200, CONTENT_TYPE, body),
            Err(error) => Reply::new(error.status_code(), CONTENT_TYPE, error.to_json()),
        }
    }

    /// Creates `table` if it does not exist, and sets its expiry attribute.
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

    /// Deletes the items whose expiry has passed.
    pub(crate) fn sweep(&self) -> Result<usize, DynoxideError> {
        self.store.write_tables(|storage| at_once(dynoxide::ttl::sweep_expired_items(storage)))
    }

    fn act(&self, operation: &str, body: &Bytes) -> Result<Vec<u8>, DynoxideError> {
        use dynoxide::actions as act;
        let write = |act: &dyn Fn(&Storage) -> Answer| self.store.write_tables(act);
        let read = |act: &dyn Fn(&Storage) -> Answer| self.store.read_tables(act);
        match operation {
            "BatchGetItem" => read(&|db| run(body, |request| at_once(act::batch_get_item::execute(db, request)))),
            "BatchWriteItem" => write(&|db| run(body, |request| at_once(act::batch_write_item::execute(db, request)))),
            "CreateTable" => write(&|db| run(body, |request| at_once(act::create_table::execute(db, request)))),
            "DeleteItem" => write(&|db| run(body, |request| at_once(act::delete_item::execute(db, request)))),
            "DeleteTable" => {
                write(&|db| run(body, |request| at_once(act::delete_table::execute(db, request, &self.vectors))))
            }
            "DescribeTable" => {
                read(&|db| run(body, |request| at_once(act::describe_table::execute(db, request, &self.vectors))))
            }
            "DescribeTimeToLive" => {
                read(&|db| run(body, |request| at_once(act::describe_time_to_live::execute(db, request))))
            }
            "GetItem" => read(&|db| run(body, |request| at_once(act::get_item::execute(db, request)))),
            "ListTables" => read(&|db| run(body, |request| at_once(act::list_tables::execute(db, request)))),
            "PutItem" => write(&|db| run(body, |request| at_once(act::put_item::execute(db, request)))),
            "Query" => read(&|db| run(body, |request| at_once(act::query::execute(db, request)))),
            "Scan" => read(&|db| run(body, |request| at_once(act::scan::execute(db, request)))),
            "TransactGetItems" => {
                read(&|db| run(body, |request| at_once(act::transact_get_items::execute(db, request))))
            }
            "TransactWriteItems" => self.transact(body),
            "UpdateItem" => write(&|db| run(body, |request| at_once(act::update_item::execute(db, request)))),
            "UpdateTable" => {
                write(&|db| run(body, |request| at_once(act::update_table::execute(db, request, &self.vectors))))
            }
            "UpdateTimeToLive" => {
                write(&|db| run(body, |request| at_once(act::update_time_to_live::execute(db, request))))
            }
            other => Err(DynoxideError::UnsupportedCapability(format!("{other} is not supported by the engine"))),
        }
    }

    /// Applies a transaction. One with a token is applied once; repeating it gives the same answer.
    fn transact(&self, body: &Bytes) -> Answer {
        let request: TransactWriteItemsRequest = parse(body)?;
        let Some(token) = request.client_request_token.clone() else { return self.apply(request) };
        match self.tokens.look_up(&token, &request.transact_items)? {
            Seen::Applied(answer) => Ok(answer),
            Seen::New(digest) => {
                let answer = self.apply(request)?;
                self.tokens.record(token, digest, answer.clone());
                Ok(answer)
            }
        }
    }

    fn apply(&self, request: TransactWriteItemsRequest) -> Answer {
        let answer = self.store.write_tables(|db| at_once(transact_write_items::execute(db, request)))?;
        written(&answer)
    }
}

type Answer = Result<Vec<u8>, DynoxideError>;

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

/// The answer to a transaction that conflicts with another.
pub(crate) fn conflict() -> Reply {
    let error = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "message": "Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict]",
        "CancellationReasons": [{ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" }],
    });
    Reply::new(400, CONTENT_TYPE, error.to_string())
}

fn run<Q: DeserializeOwned, R: Serialize>(
    body: &[u8],
    act: impl FnOnce(Q) -> Result<R, DynoxideError>,
) -> Result<Vec<u8>, DynoxideError> {
    written(&act(parse(body)?)?)
}

fn parse<Q: DeserializeOwned>(body: &[u8]) -> Result<Q, DynoxideError> {
    serde_json::from_slice(body).map_err(|error| refusal(&error.to_string()))
}

fn written(answer: &impl Serialize) -> Answer {
    serde_json::to_vec(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// The result of one of dynoxide's futures, which never wait on SQLite.
fn at_once<T>(future: impl Future<Output = Result<T, DynoxideError>>) -> Result<T, DynoxideError> {
    let waited = || Err(DynoxideError::InternalServerError("dynoxide made a call wait".to_owned()));
    future.now_or_never().unwrap_or_else(waited)
}

/// DynamoDB's error for a request that cannot be deserialized.
///
/// dynoxide's request types do part of the validation while they are read and mark such errors at the start of the message.
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
