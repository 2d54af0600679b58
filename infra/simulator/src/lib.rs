//! Runs the real functions under the faults of AWS, the network and Lambda, in virtual time and repeatable by seed.
//!
//! Four parts, each of which uses only those before it:
//! - `plan`: what clients do and what goes wrong, fixed before a run or drawn from its seed.
//! - `judge`: finds violations: a model that checks every write, and audits of what is left at the end.
//! - `world`: one run: the functions over AWS in this process, their clients, and the interceptor that injects faults.
//! - `mode`: which runs a simulation makes: random seeds, single faults, pairs of faults, interleavings and outages.

mod judge;
mod mode;
mod plan;
mod world;

pub use judge::unlogged::unreached;
pub use judge::violation::{Kind, Violation};
pub use mode::interleavings::interleavings;
pub use mode::outages::outages;
pub use mode::report::{Case, Cell, Drill};
pub use mode::seeds::{Options, Report, hunt, seeds};
pub use mode::single_and_pairs::{Sweep, pairs, single};
pub use mode::workers::Progress;
pub use plan::fault::{Fault, UnknownFault};
pub use plan::fault_plan::InjectedFault;
pub use plan::mistake::Mistake;
pub use plan::outage::{Dependency, Outage};
pub use plan::scenario::UnknownScenario;
pub use world::run::{SETTLED_WITHIN, wait_for_threads};
