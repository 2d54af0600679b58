//! The reading part of the Lambda API: what is deployed, answered from the template's functions.
//!
//! Nothing is changed through the API here. Tests change what is deployed with [`Aws::change_functions`](super::Aws), as
//! somebody with an account would behind the template's back.

mod answer;
mod route;
mod state;

pub(crate) use answer::{answer, failure};
pub(crate) use route::{identify, is_addressed};
pub(crate) use state::Deployment;
pub use state::{Alias, DeployedFunction, Mapping};
