//! The `docket` command as its user meets it: a process, its exit code, what it prints and what it leaves behind.

mod bad_input;
mod desk;
mod interrupted;
mod order;
mod usage;
