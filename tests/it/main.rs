//! Integration tests: one binary, one link.

mod kill;
mod lifecycle;
mod repeat;
mod store;
mod wire;
