//! Why a statement must not pass as clean.

use crate::place::Place;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Why a statement must not pass as clean. Rows are positions in [`crate::Statement::rows`], from 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Opening balance and rows give another closing balance than the one stated.
    ClosingMismatch {
        /// What they give.
        computed: Decimal,
        /// What is stated.
        stated: Decimal,
        /// `stated` less `computed`.
        difference: Decimal,
    },
    /// A row's running balance does not follow from the one before it; the row's proof has the figures.
    RowFails {
        /// The row.
        row: usize,
    },
    /// A page does not begin with the balance that the page before it ended with.
    PageMismatch {
        /// The balance carried forward.
        carried: Decimal,
        /// The balance brought forward.
        brought: Decimal,
        /// Where the latter is.
        at: Place,
    },
    /// A total or count stated in the file is not that of the rows.
    TotalMismatch {
        /// What is stated.
        what: Total,
        /// Its value in the file.
        stated: Decimal,
        /// Its value by the rows.
        found: Decimal,
        /// Where it is stated.
        at: Place,
    },
    /// Two different opening or closing balances are stated.
    BalanceContradicted {
        /// The one used.
        used: Decimal,
        /// The other one.
        other: Decimal,
        /// Where the other one is.
        at: Place,
    },
    /// A balance, total or period is stated and could not be read.
    NotUnderstood {
        /// Where it is.
        at: Place,
    },
    /// Balances are in another currency than the rows, so nothing was added up.
    CurrenciesMixed {
        /// The currencies, in the order found.
        currencies: Vec<String>,
    },
    /// What the file states differs from what the caller gave, e.g. the account; the file's own is used.
    AnswerContradicted {
        /// Where the file states it; `None` if all over the file.
        at: Option<Place>,
    },
    /// Rows of the statement could not be read; see [`crate::Reading::unread_rows`].
    RowsNotRead {
        /// How many.
        count: usize,
    },
    /// A row's value date is printed and could not be read, or does not exist, e.g. 30 February.
    ValueDateNotUnderstood {
        /// Where the row is.
        at: Place,
    },
    /// No amount has a sign or mark, and no running balance confirms that all of them are money in, as they were read.
    DirectionNotMarked,
    /// A row has no booking date; its value date was used.
    BookingDateMissing {
        /// Where the row is.
        at: Place,
    },
    /// A row is dated outside of the period that the file states.
    OutsidePeriod {
        /// The row.
        row: usize,
        /// Its date.
        date: Date,
    },
    /// The details of a batch do not add up to their row, charges included.
    BatchMismatch {
        /// Where the row is.
        at: Place,
        /// Sum of the details.
        details: Decimal,
    },
    /// The code of a row says the opposite of its sign, e.g. `DEBIT` and money in. The sign was used.
    DirectionContradicted {
        /// Where the row is.
        at: Place,
    },
    /// The file is a part of a longer answer: more pages or rows are said to exist.
    Incomplete {
        /// Where it says so.
        at: Place,
    },
    /// The file ends before its format allows, e.g. without the closing tag.
    Truncated {
        /// The last place read.
        at: Place,
    },
}

/// A total that a file states about its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Total {
    /// Sum of money in.
    Credits,
    /// Sum of money out, as a positive amount.
    Debits,
    /// Sum of money in less money out.
    Net,
    /// Sum of all amounts regardless of their direction.
    Gross,
    /// A total of which the file does not say whether it is [`Total::Net`] or [`Total::Gross`].
    NetOrGross,
    /// Number of rows with money in.
    CreditCount,
    /// Number of rows with money out.
    DebitCount,
    /// Number of rows.
    Count,
}
