//! Finds violations of the promise: checks each write against a model as it happens, and audits what is left at the end.

pub(crate) mod acknowledgement;
pub(crate) mod attempts;
pub(crate) mod audit;
pub(crate) mod backup_loss;
pub(crate) mod client_view;
pub(crate) mod contents;
pub(crate) mod item;
pub(crate) mod model;
pub(crate) mod observed;
pub(crate) mod transition;
pub(crate) mod undeserved;
pub(crate) mod unlogged;
pub(crate) mod violation;
