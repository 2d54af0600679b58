//! The real functions under every fault that AWS, the network and Lambda know, in virtual time and repeatable by seed.
//!
//! Each run builds the pipeline over AWS in this process, plans what its clients do and what goes wrong, watches every call
//! and its effect against a small model, and audits what is left when everything had its time to come to rest.

mod actor;
mod arms;
mod audit;
mod chance;
mod crew;
mod desk;
mod drill;
mod fault;
mod given_up;
mod interleaving;
mod item;
mod log;
mod mistake;
mod mistaken;
mod model;
mod outage;
mod plan;
mod record;
mod report;
mod rollout;
mod scenario;
mod secret;
mod seeds;
mod shrink;
mod sweep;
mod trace;
mod transition;
mod turns;
mod untold;
mod violation;
mod weather;
mod workload;
mod world;

pub use arms::unreached;
pub use crew::Progress;
pub use drill::outages;
pub use fault::{Fault, UnknownFault};
pub use interleaving::interleavings;
pub use outage::{Dependency, Outage};
pub use mistake::Mistake;
pub use plan::Fired;
pub use report::{Case, Cell, Drill};
pub use scenario::UnknownScenario;
pub use seeds::{Options, Report, hunt, seeds};
pub use sweep::{Sweep, pairs, single};
pub use violation::{Kind, Violation};
pub use world::REST_WITHIN;
