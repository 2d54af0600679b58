//! Integration tests: one binary, one link.

mod docs;
mod kill;
mod lifecycle;
mod repeat;
mod store;
mod wire;
