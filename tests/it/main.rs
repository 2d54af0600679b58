//! Integration tests: one binary, one link.

mod cma;
mod docs;
mod events;
mod kill;
mod layout;
mod lifecycle;
mod payload;
mod repeat;
mod restart;
mod store;
mod transient;
mod wire;
