//! One run: the functions over AWS in this process, their clients, and the interceptor that injects faults and checks
//! calls.

pub(crate) mod actor;
pub(crate) mod call_order;
pub(crate) mod clients;
pub(crate) mod desk;
pub(crate) mod fault_injector;
pub(crate) mod log;
pub(crate) mod mistaken;
pub(crate) mod people;
pub(crate) mod rollout;
pub(crate) mod run;
pub(crate) mod trace;
