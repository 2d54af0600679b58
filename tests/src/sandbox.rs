//! The functions as they are deployed: their real binaries, each in a process of its own, fed by a Lambda Runtime API on
//! loopback, with the AWS of this process behind `AWS_ENDPOINT_URL`. So that `main` is tested as well: start-up,
//! configuration, the HTTP client, the way in and out of an invocation.

pub mod binary;
mod certificate;
pub mod fleet;
mod gateway;
mod http;
mod process;
mod runtime_api;

pub use certificate::Certificate;
pub use fleet::Fleet;
pub use gateway::Gateway;
pub use process::{Ended, INIT_MS_MAX, Invoked, Sandbox};
