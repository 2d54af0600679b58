//! Files of an order to statements and line items, within published limits.
//!
//! [`read`] is the one entry: bytes in, an [`Extraction`] or a [`ReadError`] out. It is synchronous, keeps no state and
//! looks at no clock. A file is never trusted: its format is found from its content, every size is counted while it is
//! read, and what exceeds [`Limits`] is refused with an error that says what to do.
//!
//! The way of a file: `detect` → `archive` (what a ZIP may hold) → `xlsx` | `xls` | `ods` | `csv` → `grid` (the cells of one
//! sheet, sparse) → `layout` (rows to blocks) → `column`, `section`, `role` → `statement`.

mod archive;
mod column;
mod csv;
mod detect;
mod error;
mod grid;
mod heading;
mod kind;
mod label;
mod layout;
mod limit;
mod number;
mod ods;
mod panel;
mod read;
mod results;
mod role;
mod section;
mod statement;
mod unit;
mod vetted;
mod xls;
mod xlsx;

pub use detect::detect;
pub use domain::statement::{Extraction, Format};
pub use error::{Counted, Hostile, ReadError};
pub use limit::Limits;
pub use read::read;
