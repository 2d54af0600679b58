//! What a run must not show: each write is held against a model as it happens, and what is left at the end is audited.

pub(crate) mod acknowledgement;
pub(crate) mod audit;
pub(crate) mod backup_loss;
pub(crate) mod item;
pub(crate) mod model;
pub(crate) mod observed;
pub(crate) mod transition;
pub(crate) mod unlogged;
pub(crate) mod violation;
