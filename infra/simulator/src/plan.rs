//! Plans what clients do and what goes wrong in a run, before it begins or by draws from its seed.

pub(crate) mod chance;
pub(crate) mod desk;
pub(crate) mod fault;
pub(crate) mod fault_plan;
pub(crate) mod mark;
pub(crate) mod mistake;
pub(crate) mod outage;
pub(crate) mod scenario;
pub(crate) mod workload;
