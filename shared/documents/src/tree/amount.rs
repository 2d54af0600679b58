//! Amounts as whole numbers, one scale per column, so that many sums can be compared quickly.

use super::Leaf;
use rust_decimal::Decimal;

/// Decimal places beyond which amounts are rounded.
const PLACES_MAX: u32 = 6;
/// Amounts beyond this take no part in sums, so that no sum overflows.
const AMOUNT_MAX: i128 = 10_i128.pow(30);
/// How many amounts of ten may have more places than the scale of their column.
const ODD_TENTHS: usize = 1;

/// The amounts of all lines.
pub struct Table {
    width: usize,
    cells: Vec<Option<i128>>,
    columns: Vec<Column>,
}

struct Column {
    /// One unit of the last printed digit.
    unit: i128,
    /// The power of ten that divides the column's amounts.
    grain: i128,
    /// Whether the column repeats another one, so that it proves nothing by itself.
    repeats: bool,
}

/// How well amounts agree with sums, column by column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fit {
    /// Columns that agree.
    pub same: u32,
    /// Columns that do not.
    pub other: u32,
    /// Of those, the columns in which none of the added lines has an amount.
    pub missing: u32,
    /// Columns that agree only because amounts are rounded.
    pub rounded: u32,
    /// How improbable the agreement is by chance, as a power of two.
    pub bits: i32,
}

/// A sum of lines, column by column.
#[derive(Clone, Debug)]
pub struct Sums {
    cells: Vec<Option<i128>>,
    /// How many lines were added that have an amount other than nil.
    pub filled: u32,
}

impl Table {
    pub fn of(leaves: &[Leaf]) -> Self {
        let width = leaves.iter().map(|l| l.amounts.len()).max().unwrap_or(0);
        let mut cells = vec![None; width * leaves.len()];
        let mut columns = Vec::with_capacity(width);
        for column in 0..width {
            for (line, leaf) in leaves.iter().enumerate() {
                cells[line * width + column] = leaf.amounts.get(column).copied().flatten().and_then(scaled);
            }
            let amounts: Vec<Decimal> =
                leaves.iter().filter_map(|l| l.amounts.get(column).copied().flatten()).collect();
            columns.push(Column { unit: unit(&amounts), grain: 1, repeats: false });
        }
        let mut table = Self { width, cells, columns };
        for column in 0..width {
            table.columns[column].grain = table.grain(column);
            table.columns[column].repeats = (0..column).any(|other| table.same_column(column, other));
        }
        table
    }

    pub fn row(&self, line: usize) -> &[Option<i128>] {
        self.cells.get(line * self.width..(line + 1) * self.width).unwrap_or_default()
    }

    pub fn is_nil(&self, line: usize) -> bool {
        self.row(line).iter().flatten().all(|v| *v == 0)
    }

    /// Whether all amounts of a line are at most nil.
    pub fn is_negative(&self, line: usize) -> bool {
        !self.is_nil(line) && self.row(line).iter().flatten().all(|v| *v <= 0)
    }

    pub fn zero(&self) -> Sums {
        Sums { cells: vec![None; self.width], filled: 0 }
    }

    /// Compares a line's amounts with sums of `addends` lines.
    pub fn fit(&self, line: usize, sums: &Sums, addends: u32) -> Fit {
        let mut fit = Fit::default();
        for ((wanted, sum), column) in self.row(line).iter().zip(&sums.cells).zip(&self.columns) {
            let Some(wanted) = wanted else { continue };
            if *wanted == 0 && sum.is_none_or(|s| s == 0) {
                continue;
            }
            let gap = sum.map_or(i128::MAX, |sum| (sum - wanted).abs());
            let slack = if addends < 2 { 0 } else { column.unit * i128::from(addends + 1) / 2 };
            if gap > slack {
                fit.other += 1;
                fit.missing += u32::from(sum.is_none());
                continue;
            }
            fit.same += 1;
            fit.rounded += u32::from(gap > 0);
            if !column.repeats {
                let window = if gap == 0 { column.grain } else { (2 * slack + column.unit).max(column.grain) };
                fit.bits += log2(wanted.abs() / window.max(1));
            }
        }
        fit
    }

    /// Whether sums are roughly a line's amounts: a line or a digit may be missing, but not most of them.
    pub fn is_near(&self, line: usize, sums: &Sums) -> bool {
        let (mut near, mut far) = (0, 0);
        for (wanted, sum) in self.row(line).iter().zip(&sums.cells) {
            let (Some(wanted), Some(sum)) = (wanted, sum) else { continue };
            let size = wanted.abs().max(sum.abs());
            if (wanted - sum).abs() * 5 <= size * 2 { near += 1 } else { far += 1 }
        }
        near > far
    }

    fn grain(&self, column: usize) -> i128 {
        let amounts = || {
            self.cells.iter().skip(column).step_by(self.width.max(1)).flatten().filter(|v| **v != 0).map(|v| v.abs())
        };
        let mut grain = 1;
        while grain < AMOUNT_MAX && amounts().next().is_some() && amounts().all(|v| v % (grain * 10) == 0) {
            grain *= 10;
        }
        grain
    }

    fn same_column(&self, one: usize, other: usize) -> bool {
        let lines = self.cells.len() / self.width.max(1);
        (0..lines).all(|line| self.row(line)[one] == self.row(line)[other])
    }
}

impl Sums {
    /// Adds a row of amounts with a sign.
    pub fn add(&mut self, row: &[Option<i128>], sign: i8) {
        self.filled += u32::from(row.iter().flatten().any(|v| *v != 0));
        for (sum, value) in self.cells.iter_mut().zip(row) {
            if let Some(value) = value {
                *sum = Some(sum.unwrap_or(0) + value * i128::from(sign));
            }
        }
    }

    /// The sums with one row's sign turned round, and `sign` applied to everything.
    pub fn turned(&self, row: &[Option<i128>], by: i128) -> Self {
        let mut turned = self.clone();
        for (sum, value) in turned.cells.iter_mut().zip(row) {
            if let Some(value) = value {
                *sum = Some(sum.unwrap_or(0) + value * by);
            }
        }
        turned
    }

    /// The sums with the opposite sign.
    pub fn negated(&self) -> Self {
        Self { cells: self.cells.iter().map(|v| v.map(|v| -v)).collect(), filled: self.filled }
    }

    /// Whether all sums are nil.
    pub fn is_nil(&self) -> bool {
        self.cells.iter().flatten().all(|v| *v == 0)
    }
}

/// An amount in units of the last place that is kept; `None` if it is too large for a statement.
fn scaled(amount: Decimal) -> Option<i128> {
    let rounded = amount.round_dp(PLACES_MAX);
    let factor = 10_i128.checked_pow(PLACES_MAX.checked_sub(rounded.scale())?)?;
    rounded.mantissa().checked_mul(factor).filter(|v| v.abs() <= AMOUNT_MAX)
}

/// One unit of the last digit that a column's amounts are printed with. A few odd amounts do not count.
fn unit(amounts: &[Decimal]) -> i128 {
    let mut scales: Vec<u32> =
        amounts.iter().filter(|v| !v.is_zero()).map(|v| v.normalize().scale().min(PLACES_MAX)).collect();
    scales.sort_unstable();
    let at = scales.len().saturating_sub(1 + scales.len() * ODD_TENTHS / 10);
    let scale = scales.get(at).copied().unwrap_or(0);
    10_i128.pow(PLACES_MAX - scale)
}

fn log2(value: i128) -> i32 {
    value.max(1).ilog2().try_into().unwrap_or(0)
}
