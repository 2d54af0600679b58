//! AWS inside the process: real SDK clients, no network, no account, virtual time.
//!
//! [`Aws`] answers the HTTP connector of the AWS SDK: DynamoDB, SQS, SNS, S3 and the read actions of the Lambda API.
//! [`Stack`] reads a SAM template and says what to create. [`Driver`] does what Lambda's event source mappings and
//! EventBridge's schedules do: it polls queues, builds events, invokes functions and interprets their answers. An
//! [`Interceptor`] sees every call and can fail, delay, lose or kill it. The code that runs in production thus also runs on
//! a laptop, in tests and under injected faults.
//!
//! Everything runs on one thread and reads the time from one [`Clock`], so a run under tokio's paused time is repeatable.
//!
//! The README of this crate says what is answered, what is not, and how faithful it is. `examples/word_count` is a complete
//! pipeline. The smallest one:
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(async {
//! use std::time::Duration;
//!
//! use engine::{Account, Aws, Clock, Driver, Stack};
//! use serde_json::json;
//!
//! let template = "
//! Resources:
//!   Work: { Type: AWS::SQS::Queue }
//!   WorkFunction:
//!     Type: AWS::Serverless::Function
//!     Properties:
//!       Events:
//!         Work: { Type: SQS, Properties: { Queue: !GetAtt Work.Arn } }
//! ";
//! let stack = Stack::parse(template, &Account::default())?;
//! let aws = Aws::memory(Clock::starting_at("2026-04-01T00:00:00Z".parse()?))?;
//! aws.deploy(&stack)?;
//!
//! let sqs = aws_sdk_sqs::Client::new(&aws.sdk_config());
//! sqs.send_message().queue_url(aws.account().queue_url("local-Work")).message_body("hello").send().await?;
//!
//! let mut driver = Driver::new(&aws, &stack)?;
//! driver.register("WorkFunction", |invocation| async move {
//!     assert_eq!(invocation.event["Records"][0]["body"], "hello");
//!     Ok(json!({}))
//! })?;
//! assert!(driver.run_until_idle(Duration::from_secs(3600)).await);
//! assert_eq!(aws.queue_depth("local-Work").unwrap().total(), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

mod account;
mod aws;
pub mod clock;
mod connector;
pub mod driver;
mod dynamodb;
mod identity;
mod intercept;
pub mod lambda;
mod s3;
mod scope;
mod sns;
mod sqlite;
mod sqs;
pub mod template;
#[cfg(test)]
mod tests;
mod token;
mod units;
pub mod wire;
mod xml;

pub use account::Account;
pub use aws::{Aws, OpenError};
pub use clock::Clock;
pub use connector::Reset;
pub use driver::{Driver, DriverError, Ended, Invocation, InvokeError};
pub use intercept::{Action, Call, Interceptor, Service};
pub use lambda::DeployedFunction;
pub use scope::{Scope, scoped};
pub use sns::Publication;
pub use sqs::Depth;
pub use template::Stack;
pub use units::{Consumed, ConsumedBy};
