//! Reads the files of an order into statements and line items, within published limits.
//!
//! [`read`] is the only entry point: bytes in, an [`Extraction`] or a [`ReadError`] out. It is synchronous, keeps no state
//! and uses no clock. A file is never trusted: its format is detected from its content, everything is counted as it is
//! read, and a file that exceeds [`Limits`] is refused with an error that says what to do.
//!
//! A file passes through: `detect` → `archive` (ZIP checks) → `xlsx` | `xls` | `ods` | `csv` → `grid` (the cells of one
//! sheet, sparse) → `layout` (rows to blocks) → `panel` (lines), `role` and
//! `tree` (what adds up to what), `section` → `statement`.

mod account;
mod archive;
mod column;
mod csv;
mod detect;
mod entity;
mod error;
mod fold;
mod format;
mod grid;
mod heading;
mod kind;
mod label;
mod layout;
mod limit;
mod markup;
mod money;
mod number;
mod ods;
mod page;
mod panel;
mod read;
mod region;
mod results;
mod role;
mod section;
mod statement;
mod tree;
mod trial;
mod unit;
mod unused;
mod vetted;
mod xls;
mod xlsx;
mod year;

pub use detect::detect;
pub use domain::statement::{Extraction, Format};
pub use error::{Counted, Hostile, ReadError};
pub use limit::Limits;
pub use read::read;
