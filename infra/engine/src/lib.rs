//! AWS answered inside the process, and the event sources that drive the functions over it.
//!
//! The functions and the adapters below them talk to AWS through the SDK. Here the SDK's HTTP connector is answered
//! by [`Aws`], so the code that runs on a laptop, in a test and in production is the same code. [`Stack`] reads what to
//! create from the deployed template, and [`Driver`] does what Lambda's event source mappings and EventBridge's
//! schedules do: it polls queues, builds events, invokes functions and interprets their answers.
//!
//! Everything runs on one thread and reads time from one [`Clock`], so a run under tokio's paused time is repeatable.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use engine::{Aws, Clock, Driver, Account, Stack};
//!
//! let stack = Stack::parse(&std::fs::read_to_string("template.yaml")?, &Account::default())?;
//! let aws = Aws::memory(Clock::system())?;
//! aws.deploy(&stack)?;
//! let mut driver = Driver::new(&aws, &stack)?;
//! driver.register("ExtractFunction", |invocation| async move {
//!     Ok(serde_json::json!({ "batchItemFailures": [] }))
//! })?;
//! driver.run_until_idle(std::time::Duration::from_secs(3600)).await;
//! # Ok(())
//! # }
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
pub mod wire;

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
