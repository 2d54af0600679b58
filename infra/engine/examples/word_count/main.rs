//! A queue, a function and a table in one process: the function counts the words of each text and stores the count. A text
//! without words always fails: it is received three times and ends up in the dead-letter queue, two virtual minutes later.
//!
//! `cargo run -p engine --example word_count`

use std::error::Error;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use engine::{Account, Aws, Clock, Driver, InvokeError, Stack};
use serde_json::{Value, json};

/// The template that would be deployed.
const TEMPLATE: &str = include_str!("template.yaml");

// Time is virtual, so visibility timeouts take no real time.
#[tokio::main(flavor = "current_thread", start_paused = true)]
#[expect(clippy::print_stdout, reason = "the output is what the example is about")]
async fn main() -> Result<(), Box<dyn Error>> {
    let run = count(&["to be or not to be", " ", "that is the question"]).await?;
    println!("words: {:?}, dead letters: {}, after {} virtual seconds", run.words, run.dead_letters, run.seconds);
    Ok(())
}

/// What came out of a run.
struct Run {
    words: Vec<usize>,
    dead_letters: u64,
    seconds: i64,
}

/// Deploys the template, sends `texts` to the queue and runs the function until nothing is left to do.
async fn count(texts: &[&str]) -> Result<Run, Box<dyn Error>> {
    let start = "2026-04-01T00:00:00Z".parse()?;
    let stack = Stack::parse(TEMPLATE, &Account::with_stack("words"))?;
    let aws = Aws::memory_in(Clock::starting_at(start), Account::with_stack("words"))?;
    aws.deploy(&stack)?;

    // The SDK's own clients; only the HTTP connector in their configuration is the engine's.
    let config = aws.sdk_config();
    let queues = aws_sdk_sqs::Client::new(&config);
    let tables = aws_sdk_dynamodb::Client::new(&config);

    let mut driver = Driver::new(&aws, &stack)?;
    let table = stack.functions["CountFunction"].environment["TABLE"].clone();
    let function_tables = tables.clone();
    driver.register("CountFunction", move |invocation| {
        handle(function_tables.clone(), table.clone(), invocation.event)
    })?;

    for text in texts {
        queues.send_message().queue_url(aws.account().queue_url("words-Texts")).message_body(*text).send().await?;
    }
    driver.run_until_idle(Duration::from_secs(3600)).await;

    let stored = tables.scan().table_name("words-Counts").send().await?;
    let mut words: Vec<usize> =
        stored.items().iter().filter_map(|item| item["words"].as_n().ok()?.parse().ok()).collect();
    words.sort_unstable();
    let dead_letters = aws.queue_depth("words-DeadTexts").map_or(0, |depth| depth.total());
    Ok(Run { words, dead_letters, seconds: aws.clock().now().duration_since(start).as_secs() })
}

/// The function, as it would run on Lambda. It stores each count under the message's id, so a repeated delivery changes
/// nothing, and reports the messages that it could not handle.
async fn handle(tables: aws_sdk_dynamodb::Client, table: String, event: Value) -> Result<Value, InvokeError> {
    let mut failed = Vec::new();
    for record in event["Records"].as_array().into_iter().flatten() {
        let id = record["messageId"].as_str().unwrap_or_default();
        let words = record["body"].as_str().unwrap_or_default().split_whitespace().count();
        let put = tables.put_item().table_name(&table).item("id", AttributeValue::S(id.to_owned()));
        let put = put.item("words", AttributeValue::N(words.to_string()));
        if words == 0 || put.send().await.is_err() {
            failed.push(json!({ "itemIdentifier": id }));
        }
    }
    Ok(json!({ "batchItemFailures": failed }))
}

#[cfg(test)]
mod tests {
    #[tokio::test(start_paused = true)]
    async fn texts_are_counted_and_poison_becomes_a_dead_letter() {
        let run = super::count(&["to be or not to be", " ", "that is the question"]).await.unwrap();
        assert_eq!((run.words, run.dead_letters), (vec![4, 6], 1));
        // Received at 0, 60 and 120 seconds; at the next receive it is moved.
        assert_eq!(run.seconds, 180);
    }
}
