//! Publishes to a topic, and compares what subscribers receive.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_sns::types::MessageAttributeValue;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::random::World;
use super::side::{Side, refusal};

/// The largest message: 256 KiB.
const MESSAGE_BYTES_MAX: usize = 256 * 1024;

/// A topic of one implementation.
pub(super) struct Topic {
    side: Side,
    name: String,
    /// The queue that the emulator delivers to; the engine keeps its publications itself.
    queue: Option<String>,
    seen: u64,
}

/// A call.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Publish {
        subject: Option<String>,
        size: usize,
        attributes: Attributes,
        nowhere: bool,
    },
    /// Reads what was published since the last look.
    Look,
}

/// Message attributes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Attributes {
    None,
    Two,
    WithoutValue,
}

impl World for Topic {
    type Step = Step;

    fn sequences() -> BoxedStrategy<Vec<Step>> {
        prop::collection::vec(step(), 1..20).boxed()
    }

    async fn create(side: Side, name: &str) -> Self {
        let topic = side.sns.create_topic().name(name).send().await.unwrap().topic_arn.unwrap();
        let mut queue = None;
        if side.engine.is_none() {
            let url = side.sqs.create_queue().queue_name(name).send().await.unwrap().queue_url.unwrap();
            let endpoint = format!("arn:aws:sqs:us-east-1:000000000000:{name}");
            side.sns.subscribe().topic_arn(&topic).protocol("sqs").endpoint(endpoint).send().await.unwrap();
            queue = Some(url);
        }
        Self { side, name: name.to_owned(), queue, seen: 0 }
    }

    async fn call(&mut self, step: &Step) -> Value {
        match step {
            Step::Publish { subject, size, attributes, nowhere } => {
                let topic = if *nowhere { "nowhere" } else { &self.name };
                let request = self.side.sns.publish().topic_arn(format!("arn:aws:sns:us-east-1:000000000000:{topic}"));
                let request = request.set_subject(subject.clone()).message("x".repeat(*size));
                match request.set_message_attributes(attributes.to_sdk()).send().await {
                    Ok(answer) => json!(answer.message_id().is_some()),
                    Err(error) => refusal(&error),
                }
            }
            Step::Look => match self.queue.clone() {
                Some(queue) => self.received(&queue).await,
                None => self.kept(),
            },
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let subject = prop_oneof![
        8 => Just("Docket: CMA order failed in extract".to_owned()),
        1 => Just("x".repeat(100)),
        1 => Just("x".repeat(101)),
        1 => Just("ü".repeat(100)),
        1 => Just("two\nlines".to_owned()),
    ];
    let size =
        prop_oneof![12 => 1..40_usize, 1 => Just(0), 1 => Just(MESSAGE_BYTES_MAX), 1 => Just(MESSAGE_BYTES_MAX + 1)];
    let attributes =
        prop_oneof![4 => Just(Attributes::None), 4 => Just(Attributes::Two), 1 => Just(Attributes::WithoutValue)];
    prop_oneof![
        5 => (prop::option::of(subject), size, attributes, prop::bool::weighted(0.05))
            .prop_map(|(subject, size, attributes, nowhere)| Step::Publish {
                // One error at a time: which of two is reported is not documented.
                subject: subject.filter(|_| !nowhere),
                size: if nowhere { 1 } else { size },
                attributes: if nowhere { Attributes::None } else { attributes },
                nowhere,
            }),
        2 => Just(Step::Look),
    ]
}

impl Topic {
    /// New publications kept by the engine.
    fn kept(&mut self) -> Value {
        let aws = self.side.engine.as_ref().unwrap();
        let new = aws.publications(self.seen).unwrap();
        self.seen += new.len() as u64;
        let values = |attributes: &Value| -> BTreeMap<String, Value> {
            let attributes = attributes.as_object().cloned().unwrap_or_default();
            attributes
                .into_iter()
                .map(|(name, value)| (name, json!([value["DataType"], value["StringValue"]])))
                .collect()
        };
        sorted(new.iter().map(|new| json!([new.subject, new.message, values(&new.attributes)])).collect())
    }

    /// New publications delivered by the emulator.
    async fn received(&self, queue: &str) -> Value {
        let mut all = Vec::new();
        loop {
            let request = self.side.sqs.receive_message().queue_url(queue).max_number_of_messages(10);
            let messages = request.send().await.unwrap().messages.unwrap_or_default();
            if messages.is_empty() {
                return sorted(all);
            }
            for message in messages {
                let envelope: Value = serde_json::from_str(message.body().unwrap()).unwrap();
                let attributes = envelope["MessageAttributes"].as_object().cloned().unwrap_or_default();
                let attributes: BTreeMap<_, _> = attributes
                    .into_iter()
                    .map(|(name, value)| (name, json!([value["Type"], value["Value"]])))
                    .collect();
                all.push(json!([envelope.get("Subject"), envelope["Message"], attributes]));
            }
        }
    }
}

impl Attributes {
    fn to_sdk(self) -> Option<HashMap<String, MessageAttributeValue>> {
        let value = |value: Option<&str>| {
            let attribute =
                MessageAttributeValue::builder().data_type("String").set_string_value(value.map(str::to_owned));
            attribute.build().unwrap()
        };
        Some(match self {
            Self::None => return None,
            Self::Two => [("kind".to_owned(), value(Some("failure"))), ("id".to_owned(), value(Some("a/b")))].into(),
            Self::WithoutValue => [("kind".to_owned(), value(None))].into(),
        })
    }
}

fn sorted(mut values: Vec<Value>) -> Value {
    values.sort_by_key(Value::to_string);
    json!(values)
}
