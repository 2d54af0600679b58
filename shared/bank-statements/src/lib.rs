//! Reads bank statements of any format into accounts, statements and rows, and proves them.
//!
//! [`read`] takes the bytes of one file to an [`Outcome`]: a [`Reading`], or an [`Ambiguity`] that a person must settle.
//! [`merge`] joins the statements of several files into one [`Ledger`] per account, and [`coverage`] says for each calendar
//! month how much of it a ledger covers. Nothing here does I/O or uses a clock or a time zone.
//!
//! ```
//! use bank_statements::{Answers, Limits, Outcome, coverage, merge, read};
//!
//! let file = b"Date,Details,Amount,Balance\n2026-04-13,Card sales,450.00,1250.00\n2026-04-14,Rent,-600.00,650.00\n";
//! let Ok(Outcome::Read(reading)) = read(file, &Answers::default(), &Limits::default()) else { return };
//! let ledgers = merge(&[reading]);
//! let months = coverage(&ledgers[0]);
//! assert_eq!((ledgers[0].entries.len(), months.len()), (2, 1));
//! ```
//!
//! What a reader of the results must look at:
//! - [`Statement::verdict`]: a statement with a [`Flag`] is never clean; one without proof says so.
//! - [`Statement::account`] and [`Statement::currency`] are `None` where the file does not state them and the caller gave none.
//! - [`Reading::unread_rows`] and [`Reading::unused`]: what was seen and is in no row.
//!
//! Amounts are signed from the account holder's view: money in is positive, money out negative, an overdrawn balance negative.
//! Dates are those printed, in the zone printed; they are never shifted.

mod answer;
mod balance;
mod camt;
mod coverage;
mod csv;
mod date;
mod detect;
mod draft;
mod error;
mod flag;
mod json;
mod ledger;
mod limit;
mod merge;
mod money;
mod mt940;
mod ofx;
mod pdf;
mod place;
mod prove;
mod read;
mod row;
mod statement;
mod table;
mod text;
mod xml;

pub use answer::{Ambiguity, Answers, DateOrder, DateReading, DecimalMark, MarkReading};
pub use balance::{Balance, Figures, Footing, Origin, Proof};
pub use coverage::{Cause, Coverage, Month, coverage};
pub use error::{Counted, ReadError};
pub use flag::{Flag, Total};
pub use ledger::{Conflict, Entry, Ledger, Part, RowId};
pub use limit::Limits;
pub use merge::merge;
pub use place::{Area, Place, Unread, UnreadRow, Unused, UnusedKind};
pub use read::read;
pub use row::{Detail, Printed, Row};
pub use statement::{Format, Known, Outcome, Period, Reading, Source, Statement, Verdict};
