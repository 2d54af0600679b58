//! The read actions of the Lambda API, which report what is deployed according to the template.
//!
//! Nothing can be changed through the API. Tests change what is deployed with
//! [`Aws::change_functions`](super::Aws::change_functions), as a manual change in the console would.

mod answer;
mod route;
mod state;

pub(crate) use answer::{answer, failure};
pub(crate) use route::{identify, is_addressed};
pub(crate) use state::Deployment;
pub use state::{Alias, DeployedFunction, DeployedMapping};
