//! Runs the functions as they are deployed: their real binaries, each in its own process, fed by a Lambda Runtime API
//! on loopback, with this process's AWS behind `AWS_ENDPOINT_URL`. This also tests `main`: start-up, configuration, the
//! HTTP client, and how events and answers are passed.

pub mod binary;
mod certificate;
pub mod fleet;
mod gateway;
mod http;
mod issuer_server;
mod process;
mod runtime_api;

pub use certificate::Certificate;
pub use fleet::Fleet;
pub use gateway::Gateway;
pub use issuer_server::IssuerServer;
pub use process::{Ended, INIT_MS_MAX, Invoked, Sandbox};
