//! Measures the CPU time of one AWS call, including the SDK, with the state in memory and in files.
//!
//! `cargo run --release -p engine --example engine_calls`

use std::error::Error;
use std::future::Future;
use std::time::Instant;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use aws_sdk_s3::primitives::ByteStream;
use engine::{Account, Aws, Clock, Stack};

/// How many calls of each kind are measured.
const CALL_COUNT: u32 = 2_000;
/// The kernel's clock ticks in a second, the unit of `/proc/self/stat`.
const TICKS_PER_SECOND: f64 = 100.0;

const STACK: &str = "
Resources:
  Work: { Type: AWS::SQS::Queue, Properties: { QueueName: work } }
  Documents: { Type: AWS::S3::Bucket, Properties: { BucketName: documents } }
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: orders
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
";

type Outcome = Result<(), Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "the table is the point of it")]
async fn main() -> Outcome {
    println!("{:<24}{:>12}{:>12}{:>12}{:>12}", "ms per call", "memory cpu", "wall", "files cpu", "wall");
    let memory = measure(&Aws::memory(Clock::system())?).await?;
    let directory = tempfile::tempdir()?;
    let files = measure(&Aws::open(directory.path(), Clock::system())?).await?;
    for ((name, memory), (_, files)) in memory.iter().zip(&files) {
        println!("{name:<24}{:>12.3}{:>12.3}{:>12.3}{:>12.3}", memory.0, memory.1, files.0, files.1);
    }
    Ok(())
}

/// CPU and wall milliseconds per call, by kind.
async fn measure(aws: &Aws) -> Result<Vec<(&'static str, (f64, f64))>, Box<dyn Error>> {
    aws.deploy(&Stack::parse(STACK, &Account::default())?)?;
    let config = aws.sdk_config();
    let tables = aws_sdk_dynamodb::Client::new(&config);
    let queues = aws_sdk_sqs::Client::new(&config);
    let buckets = aws_sdk_s3::Client::new(&config);
    let url = &aws.account().queue_url("work");
    Ok(vec![
        ("dynamodb put", timed(|number| put(&tables, number)).await?),
        ("dynamodb update ALL_NEW", timed(|number| update(&tables, number)).await?),
        ("dynamodb get", timed(|number| get(&tables, number)).await?),
        ("sqs send", timed(|_| send(&queues, url)).await?),
        ("sqs receive + delete", timed(|_| receive(&queues, url)).await?),
        ("s3 put 10 KiB", timed(|number| put_object(&buckets, number)).await?),
        ("s3 get 10 KiB", timed(|number| get_object(&buckets, number)).await?),
    ])
}

async fn timed<F: Future<Output = Outcome>>(call: impl Fn(u32) -> F) -> Result<(f64, f64), Box<dyn Error>> {
    let (cpu, wall) = (cpu_ms()?, Instant::now());
    for number in 0..CALL_COUNT {
        call(number).await?;
    }
    let count = f64::from(CALL_COUNT);
    Ok(((cpu_ms()? - cpu) / count, wall.elapsed().as_secs_f64() * 1000.0 / count))
}

/// The CPU time of this process so far, user and system together, in milliseconds.
fn cpu_ms() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The second field is the command in brackets and may hold spaces; user and system time are the 12th and 13th after.
    let after_command = stat.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<f64> =
        after_command.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    Ok(ticks.iter().sum::<f64>() * 1000.0 / TICKS_PER_SECOND)
}

async fn put(client: &aws_sdk_dynamodb::Client, number: u32) -> Outcome {
    let put = client.put_item().table_name("orders").item("pk", AttributeValue::S(number.to_string()));
    let put = put.item("version", AttributeValue::N("1".into())).condition_expression("attribute_not_exists(pk)");
    put.send().await?;
    Ok(())
}

async fn update(client: &aws_sdk_dynamodb::Client, number: u32) -> Outcome {
    client
        .update_item()
        .table_name("orders")
        .key("pk", AttributeValue::S(number.to_string()))
        .update_expression("SET version = version + :one, phase = :phase")
        .condition_expression("version = :one")
        .expression_attribute_values(":one", AttributeValue::N("1".into()))
        .expression_attribute_values(":phase", AttributeValue::S("EXTRACTING".into()))
        .return_values(ReturnValue::AllNew)
        .send()
        .await?;
    Ok(())
}

async fn get(client: &aws_sdk_dynamodb::Client, number: u32) -> Outcome {
    client.get_item().table_name("orders").key("pk", AttributeValue::S(number.to_string())).send().await?;
    Ok(())
}

async fn send(client: &aws_sdk_sqs::Client, url: &str) -> Outcome {
    client.send_message().queue_url(url).message_body("{\"order_id\":\"01J\",\"run\":1}").send().await?;
    Ok(())
}

async fn receive(client: &aws_sdk_sqs::Client, url: &str) -> Outcome {
    let received = client.receive_message().queue_url(url).send().await?;
    for message in received.messages() {
        client.delete_message().queue_url(url).set_receipt_handle(message.receipt_handle.clone()).send().await?;
    }
    Ok(())
}

async fn put_object(client: &aws_sdk_s3::Client, number: u32) -> Outcome {
    let body = ByteStream::from(vec![7; 10 * 1024]);
    client.put_object().bucket("documents").key(number.to_string()).body(body).send().await?;
    Ok(())
}

async fn get_object(client: &aws_sdk_s3::Client, number: u32) -> Outcome {
    let object = client.get_object().bucket("documents").key(number.to_string()).send().await?;
    object.body.collect().await?;
    Ok(())
}
