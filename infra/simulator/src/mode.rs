//! The modes of a simulation: which runs each makes, and the report on them.

pub(crate) mod interleavings;
pub(crate) mod outages;
pub(crate) mod report;
pub(crate) mod seeds;
pub(crate) mod shrink;
pub(crate) mod single_and_pairs;
pub(crate) mod workers;
