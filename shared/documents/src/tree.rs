//! Finds how the amounts of a statement add up: which lines are sums, and of which lines.
//!
//! A sum may be printed below its lines, above them, in a column of its own beside the last of them, or may be net of a
//! second group. Each line can be read in several of these ways, so the readings of the lines before it are kept side by
//! side, best first, and each is continued. A reading is the better the more printed sums add up in it, in all columns at
//! once; wording, indentation and columns decide between readings that add up equally well. The work is bounded: few
//! readings are kept, and no sum is searched further back than [`ADDENDS_MAX`] lines.

mod amount;
mod group;
mod result;
mod search;

use crate::label::Style;
use rust_decimal::Decimal;

/// How many lines one sum may have.
pub const ADDENDS_MAX: usize = 400;

/// What the words of a line suggest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A row without amounts; `less`: what is below it is subtracted; `remark`: it opens nothing.
    Heading {
        /// Whether the lines below it are subtracted.
        less: bool,
        /// Whether it is a remark and no heading.
        remark: bool,
    },
    /// An ordinary label.
    Plain,
    /// A label that may name a ratio.
    Ratio,
    /// No label.
    Unlabelled,
    /// A label of a sum.
    Sum {
        /// Whether it says nothing but `Total`.
        bare: bool,
    },
    /// The total of a side or of the whole statement.
    Grand,
    /// A profit or loss.
    Result {
        /// Whether it is the result of the year.
        last: bool,
    },
    /// The outer amount of a row that has an inner one too.
    Outer,
    /// Repeats part of another line.
    Memo,
    /// As [`Class::Memo`], and says so: `of which …`.
    OfWhich,
}

/// A line as the search sees it.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// One amount per column.
    pub amounts: Vec<Option<Decimal>>,
    /// What its words suggest.
    pub class: Class,
    /// Whether its label says that it is deducted.
    pub less: bool,
    /// Whether lines with such labels are often deducted although the label does not say so.
    pub contra: bool,
    /// Whether it raises or lowers a profit, as far as its words or headings say.
    pub income: Option<bool>,
    /// 0 for the outermost column of amounts, 1 for the one left of it, and so on.
    pub level: u8,
    /// Leading spaces.
    pub indent: u8,
    /// Whether it is printed bold.
    pub bold: bool,
    /// Numbering.
    pub number: Option<(Style, u32)>,
    /// The heading above that the label of a sum repeats, e.g. `Current assets` for `Total current assets`.
    pub names: Option<usize>,
}

impl Leaf {
    fn is_heading(&self) -> bool {
        matches!(self.class, Class::Heading { .. })
    }
}

/// The kind of account that the lines are, where it decides how results are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// One side of an account with two sides: a result balances it, and its totals include the result.
    pub two_sided: bool,
    /// An income statement.
    pub is_income: bool,
}

/// What a line turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// An amount of its own.
    Item,
    /// A sum of other lines.
    Sum,
    /// A repetition of other amounts.
    Memo,
}

/// A line in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub part: Part,
    /// First line of those that it adds up, if it is a sum of lines above it.
    pub from: Option<usize>,
    /// The lines that it adds up, with the sign of their printed amounts.
    pub addends: Vec<(usize, i8)>,
    /// The line above that it breaks up.
    pub group: Option<usize>,
    /// Whether it stands for lines that do not add up to it.
    pub doubtful: bool,
    /// Whether it adds up all lines since the last such line.
    pub whole: bool,
}

impl Found {
    fn new(part: Part) -> Self {
        Self { part, from: None, addends: Vec::new(), group: None, doubtful: false, whole: false }
    }
}

/// Finds what each line is.
#[must_use]
pub fn find(leaves: &[Leaf], form: Form) -> Vec<Found> {
    counted(leaves, form).0
}

/// As [`find`], with the number of steps that were tried.
fn counted(leaves: &[Leaf], form: Form) -> (Vec<Found>, usize) {
    let table = amount::Table::of(leaves);
    let groups = group::find(leaves, &table);
    search::run(&search::Input { leaves, table: &table, groups: &groups, form })
}

#[cfg(test)]
mod tests;
