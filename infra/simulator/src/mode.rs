//! Which runs a simulation makes, and what they add up to.

pub(crate) mod interleavings;
pub(crate) mod outages;
pub(crate) mod report;
pub(crate) mod seeds;
pub(crate) mod shrink;
pub(crate) mod single_and_pairs;
pub(crate) mod workers;
