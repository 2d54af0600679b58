//! SNS topics. Publications are stored for the caller to list; there are no subscriptions.

use bytes::Bytes;
use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::account::name_of;
use super::aws::Aws;
use super::template::stack::Topic;
use super::wire::{Reply, form_pairs};
use super::xml::{self, Xml};

const CONTENT_TYPE: &str = "text/xml";
const NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";
/// The limit of a message with its attributes, in bytes.
const MESSAGE_BYTES_MAX: usize = 256 * 1024;
/// The limit of a subject, in characters.
const SUBJECT_LENGTH_MAX: usize = 100;

/// Topics and their publications.
pub(crate) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS topic (arn TEXT PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS publication (
        number INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, id TEXT NOT NULL, subject TEXT,
        message TEXT NOT NULL, attributes TEXT NOT NULL, published_ms INTEGER NOT NULL);";

/// One message that was published to a topic.
#[derive(Debug, Clone, PartialEq)]
pub struct Publication {
    /// Its number among all publications, from 1.
    pub number: u64,
    /// The topic's ARN.
    pub topic: String,
    /// The message id that the publisher got.
    pub id: String,
    /// The subject, if it has one.
    pub subject: Option<String>,
    /// The message.
    pub message: String,
    /// The message attributes: name to `{"DataType", "StringValue"}`.
    pub attributes: Value,
    /// When it was published, in milliseconds since 1970.
    pub published_ms: i64,
}

/// An error answer: status, code and message.
struct Refusal(u16, &'static str, &'static str);

/// Writes the result of an action.
type Write = dyn Fn(&mut Xml);

/// Creates `topic` if it does not exist.
pub(crate) fn deploy(store: &Connection, topic: &Topic) -> rusqlite::Result<()> {
    store.prepare_cached("INSERT OR IGNORE INTO topic VALUES (?)")?.execute([&topic.arn]).map(drop)
}

/// All publications with a number above `after`, oldest first.
pub(crate) fn publications(store: &Connection, after: u64) -> rusqlite::Result<Vec<Publication>> {
    store
        .prepare_cached(
            "SELECT number, topic, id, subject, message, attributes, published_ms FROM publication WHERE number > ?
             ORDER BY number",
        )?
        .query_map([after], |row| {
            Ok(Publication {
                number: row.get(0)?,
                topic: row.get(1)?,
                id: row.get(2)?,
                subject: row.get(3)?,
                message: row.get(4)?,
                attributes: serde_json::from_str(&row.get::<_, String>(5)?).unwrap_or_default(),
                published_ms: row.get(6)?,
            })
        })?
        .collect()
}

/// The API action of a request and the topic that it names.
pub(crate) fn identify(body: &Bytes) -> (String, String) {
    let form = form_pairs(&String::from_utf8_lossy(body));
    let action = field(&form, "Action").unwrap_or("Unknown").to_owned();
    (action, field(&form, "TopicArn").or_else(|| field(&form, "Name")).unwrap_or_default().to_owned())
}

/// Answers one API action.
pub(crate) fn answer(aws: &Aws, operation: &str, body: &Bytes) -> Reply {
    let form = form_pairs(&String::from_utf8_lossy(body));
    let outcome = match operation {
        "Publish" => publish(aws, &form),
        "CreateTopic" => create(aws, &form),
        "ListTopics" => list(aws),
        _ => Err(Refusal(400, "InvalidAction", "this action is not supported by the engine")),
    };
    match outcome {
        Ok(result) => success(aws, operation, &result),
        Err(Refusal(status, code, message)) => failure(status, code, message),
    }
}

/// An error answer in SNS's shape.
pub(crate) fn failure(status: u16, code: &str, message: &str) -> Reply {
    let side = if status < 500 { "Sender" } else { "Receiver" };
    let body = xml::document("ErrorResponse", NAMESPACE, |xml| {
        xml.element("Error", |xml| {
            xml.text("Type", side);
            xml.text("Code", code);
            xml.text("Message", message);
        });
        xml.text("RequestId", "local");
    });
    Reply::new(status, CONTENT_TYPE, body)
}

fn success(aws: &Aws, operation: &str, write: &Write) -> Reply {
    let id = aws.inner().identities.next();
    let body = xml::document(&format!("{operation}Response"), NAMESPACE, |xml| {
        xml.element(&format!("{operation}Result"), write);
        xml.element("ResponseMetadata", |xml| xml.text("RequestId", id));
    });
    Reply::new(200, CONTENT_TYPE, body)
}

fn publish(aws: &Aws, form: &[(String, String)]) -> Result<Box<Write>, Refusal> {
    let topic = field(form, "TopicArn").ok_or(Refusal(
        400,
        "InvalidParameter",
        "Invalid parameter: TopicArn or TargetArn is required",
    ))?;
    let message = field(form, "Message").filter(|message| !message.is_empty());
    let message = message.ok_or(Refusal(400, "InvalidParameter", "Invalid parameter: Empty message"))?;
    let subject = field(form, "Subject");
    if message.len() + attribute_bytes(form) > MESSAGE_BYTES_MAX {
        return Err(Refusal(400, "InvalidParameter", "Invalid parameter: Message too long"));
    }
    if subject.is_some_and(|subject| subject.chars().count() > SUBJECT_LENGTH_MAX || subject.contains(char::is_control))
    {
        return Err(Refusal(400, "InvalidParameter", "Invalid parameter: Subject"));
    }
    let attributes = attributes(form)?;
    let id = aws.inner().identities.next();
    let kept = aws.inner().store.write(|store| {
        let known = store.prepare_cached("SELECT 1 FROM topic WHERE arn = ?")?.exists([topic])?;
        if known {
            store
                .prepare_cached(
                    "INSERT INTO publication (topic, id, subject, message, attributes, published_ms)
                     VALUES (?, ?, ?, ?, ?, ?)",
                )?
                .execute((topic, &id, subject, message, attributes.to_string(), aws.clock().now_ms()))?;
        }
        Ok::<_, rusqlite::Error>(known)
    });
    match kept {
        Ok(true) => Ok(Box::new(move |xml| xml.text("MessageId", &id))),
        Ok(false) => Err(Refusal(404, "NotFound", "Topic does not exist")),
        Err(_) => Err(unwritable()),
    }
}

/// The message attributes of a form: `MessageAttributes.entry.N.Name` and `.Value.…`.
fn attributes(form: &[(String, String)]) -> Result<Value, Refusal> {
    let mut attributes = Map::new();
    for number in 1.. {
        let entry = format!("MessageAttributes.entry.{number}");
        let Some(name) = field(form, &format!("{entry}.Name")) else { break };
        let part = |part: &str| field(form, &format!("{entry}.Value.{part}")).filter(|text| !text.is_empty());
        let (kind, text) = (part("DataType"), part("StringValue"));
        // Name, type and value must not be empty.
        if name.is_empty() || kind.is_none() || (text.is_none() && part("BinaryValue").is_none()) {
            return Err(Refusal(400, "ParameterValueInvalid", "the message attribute must have a type and a value"));
        }
        attributes.insert(name.to_owned(), json!({ "DataType": kind, "StringValue": text }));
    }
    Ok(Value::Object(attributes))
}

/// How many bytes the attributes add to the size of a message: names, types and values.
fn attribute_bytes(form: &[(String, String)]) -> usize {
    form.iter().filter(|(key, _)| key.starts_with("MessageAttributes.")).map(|(_, value)| value.len()).sum()
}

fn create(aws: &Aws, form: &[(String, String)]) -> Result<Box<Write>, Refusal> {
    let name = field(form, "Name").ok_or(Refusal(400, "InvalidParameter", "Invalid parameter: Topic Name"))?;
    let topic = Topic { name: name.to_owned(), arn: aws.account().arn("sns", name_of(name)) };
    aws.inner().store.write(|store| deploy(store, &topic)).map_err(|_| unwritable())?;
    Ok(Box::new(move |xml| xml.text("TopicArn", &topic.arn)))
}

fn list(aws: &Aws) -> Result<Box<Write>, Refusal> {
    let arns: Vec<String> = aws
        .inner()
        .store
        .read(|store| {
            store.prepare_cached("SELECT arn FROM topic ORDER BY arn")?.query_map([], |row| row.get(0))?.collect()
        })
        .map_err(|_| unwritable())?;
    Ok(Box::new(move |xml| {
        xml.element("Topics", |xml| {
            for arn in &arns {
                xml.element("member", |xml| xml.text("TopicArn", arn));
            }
        });
    }))
}

fn unwritable() -> Refusal {
    Refusal(500, "InternalError", "the topics cannot be read or written")
}

fn field<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}
