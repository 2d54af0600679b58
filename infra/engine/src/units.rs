//! Counts what calls consume: the units of DynamoDB and the bytes of objects.
//!
//! DynamoDB's implementation in this process says what a call consumed (`ReturnConsumedCapacity`), by the rules that AWS
//! documents:
//!
//! - A write costs a unit per started KiB of the larger of the item before and after it, and twice that in a transaction.
//! - An index costs the writes that change its entry: one per started KiB of the entry, two when its key changes, none
//!   when the entry stays the same. A transaction does not double them.
//! - A write whose condition does not hold costs what the item that is there costs, and at least one unit. That is not in
//!   any answer, so the item is read for it.
//! - A strongly consistent read costs a unit per started 4 KiB, an eventually consistent one half of that. A query is
//!   charged for the sum of the items that it read, those that a filter dropped included.
//!
//! One difference: a transaction that is repeated with its token counts as the write that it was, not as a read.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use dynoxide::types::{Item, item_size, write_capacity_units};
use serde_json::{Value, json};

use super::aws::Aws;
use super::dynamodb::Tables;
use super::s3;
use super::scope::Scope;
use super::wire::{Reply, Request};

/// What calls consumed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Consumed {
    /// DynamoDB's write units.
    pub write_units: f64,
    /// DynamoDB's read units.
    pub read_units: f64,
    /// Bytes of the objects that were put into buckets.
    pub put_bytes: u64,
}

impl std::ops::AddAssign for Consumed {
    fn add_assign(&mut self, more: Self) {
        self.write_units += more.write_units;
        self.read_units += more.read_units;
        self.put_bytes += more.put_bytes;
    }
}

/// What was consumed, by the scope of the caller and by table or bucket.
pub type ConsumedBy = BTreeMap<(Arc<str>, String), Consumed>;

/// Adds up what calls consume, while it runs.
#[derive(Default)]
pub(crate) struct Meter(Mutex<Option<ConsumedBy>>);

impl Meter {
    fn lock(&self) -> MutexGuard<'_, Option<ConsumedBy>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn runs(&self) -> bool {
        self.lock().is_some()
    }

    fn add(&self, resource: &str, consumed: Consumed) {
        if let Some(by) = &mut *self.lock() {
            let scope = Scope::current().map_or_else(|| "".into(), |scope| scope.name());
            *by.entry((scope, resource.to_owned())).or_default() += consumed;
        }
    }
}

impl Aws {
    /// Starts to count what calls consume, from zero. Counting parses every request and answer of DynamoDB once more, so
    /// do not measure time meanwhile.
    pub fn start_meter(&self) {
        *self.inner().meter.lock() = Some(ConsumedBy::new());
    }

    /// Stops counting. Returns what calls have consumed since [`Aws::start_meter`], by the scope of the caller (empty
    /// outside any) and by table or bucket; nothing when it was not counting.
    #[must_use]
    pub fn stop_meter(&self) -> ConsumedBy {
        self.inner().meter.lock().take().unwrap_or_default()
    }
}

/// DynamoDB's answer, with what it consumed added to the meter if that runs. The caller sees no difference.
pub(crate) fn answer_tables(aws: &Aws, operation: &str, body: &Bytes) -> Reply {
    let (tables, meter) = (&aws.inner().tables, &aws.inner().meter);
    let request = if meter.runs() { serde_json::from_slice(body).ok() } else { None };
    let (Some(kind), Some(Value::Object(mut request))) = (Kind::of(operation), request) else {
        return tables.answer(operation, body);
    };
    let asked = matches!(request.get("ReturnConsumedCapacity").and_then(Value::as_str), Some("TOTAL" | "INDEXES"));
    if !asked {
        request.insert("ReturnConsumedCapacity".to_owned(), json!("TOTAL"));
    }
    let request = Value::Object(request);
    let reply = tables.answer(operation, &Bytes::from(request.to_string()));
    let Ok(mut answer) = serde_json::from_slice::<Value>(&reply.body) else { return reply };
    if reply.status != 200 {
        refused(tables, &request, &answer)
            .into_iter()
            .for_each(|(table, units)| meter.add(&table, kind.consumed(units)));
        return reply;
    }
    for (table, units) in reported(&answer) {
        meter.add(table, kind.consumed(units));
    }
    match answer.as_object_mut() {
        Some(answer) if !asked => {
            answer.remove("ConsumedCapacity");
            Reply { body: Bytes::from(json!(answer).to_string()), ..reply }
        }
        _ => reply,
    }
}

/// S3's answer, with the bytes of the object that was put added to the meter if that runs.
pub(crate) fn answer_objects(aws: &Aws, operation: &str, request: &Request) -> Reply {
    let reply = s3::answer(aws, operation, request);
    let meter = &aws.inner().meter;
    if operation == "PutObject" && reply.status == 200 && meter.runs() {
        let (_, resource) = s3::identify(request);
        let bucket = resource.split('/').next().unwrap_or_default();
        let put_bytes = u64::try_from(request.body.len()).unwrap_or(u64::MAX);
        meter.add(bucket, Consumed { put_bytes, ..Consumed::default() });
    }
    reply
}

/// Whether an API action consumes read or write units.
#[derive(Clone, Copy)]
enum Kind {
    Read,
    Write,
}

impl Kind {
    /// `None` for an action that consumes none.
    fn of(operation: &str) -> Option<Self> {
        match operation {
            "BatchGetItem" | "GetItem" | "Query" | "Scan" | "TransactGetItems" => Some(Self::Read),
            "BatchWriteItem" | "DeleteItem" | "PutItem" | "TransactWriteItems" | "UpdateItem" => Some(Self::Write),
            _ => None,
        }
    }

    fn consumed(self, units: f64) -> Consumed {
        match self {
            Self::Read => Consumed { read_units: units, ..Consumed::default() },
            Self::Write => Consumed { write_units: units, ..Consumed::default() },
        }
    }
}

/// The units that an answer reports, by table. Calls on several items report a list.
fn reported(answer: &Value) -> Vec<(&str, f64)> {
    let capacity = &answer["ConsumedCapacity"];
    let all = capacity.as_array().map_or(std::slice::from_ref(capacity), Vec::as_slice);
    all.iter().filter_map(|one| Some((one["TableName"].as_str()?, one["CapacityUnits"].as_f64()?))).collect()
}

/// The units, by table, of a write that was refused because a condition does not hold; nothing for other errors.
fn refused(tables: &Tables, request: &Value, error: &Value) -> Vec<(String, f64)> {
    let kind = error["__type"].as_str().unwrap_or_default();
    if kind.ends_with("#ConditionalCheckFailedException") {
        return existing(tables, request).into_iter().collect();
    }
    if !kind.ends_with("#TransactionCanceledException") {
        return Vec::new();
    }
    let items = request["TransactItems"].as_array().into_iter().flatten();
    let writes = items.filter_map(Value::as_object).flat_map(|item| item.values());
    writes.filter_map(|write| existing(tables, write)).map(|(table, units)| (table, 2.0 * units)).collect()
}

/// The table of a write, and the units that writing the item which is there costs.
fn existing(tables: &Tables, write: &Value) -> Option<(String, f64)> {
    let table = write["TableName"].as_str()?;
    let ask = |operation: &str, request: &Value| -> Option<Value> {
        serde_json::from_slice(&tables.answer(operation, &Bytes::from(request.to_string())).body).ok()
    };
    let key = match write.get("Key") {
        Some(key) => key.clone(),
        None => {
            let described = ask("DescribeTable", &json!({ "TableName": table }))?;
            let schema = described["Table"]["KeySchema"].as_array()?;
            let names = schema.iter().filter_map(|part| part["AttributeName"].as_str());
            names.map(|name| (name.to_owned(), write["Item"][name].clone())).collect::<serde_json::Map<_, _>>().into()
        }
    };
    let found = ask("GetItem", &json!({ "TableName": table, "Key": key, "ConsistentRead": true }))?;
    let item: Option<Item> = serde_json::from_value(found["Item"].clone()).ok();
    Some((table.to_owned(), write_capacity_units(item.as_ref().map_or(0, item_size))))
}
