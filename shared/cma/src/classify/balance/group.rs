//! The lines that make up one balance sheet or one profit and loss statement, with a column per period.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::statement::{Column, Figure, LineItem, LineRole, Side, Statement, StatementKind};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::Gap;
use crate::classify::draft::Draft;
use crate::equation::Equation;
use crate::figure::{column_decimals, rounding};
use crate::printed::{ProfitKind, is_loss, profit_kind};
use crate::row::RowCode;

/// A period: its end, its months and how many columns of its statement for the same period are to its left.
type Period = (Option<Date>, u8, usize);

/// The lines of one statement, wherever they are printed.
pub(super) struct Group {
    pub equation: Equation,
    /// Indices of the drafts of its lines, and of notes that break up one of them.
    pub lines: Vec<usize>,
    periods: Vec<Period>,
    /// Indices of the drafts of printed profits.
    profits: Vec<usize>,
    /// The columns of the statements that its lines are in.
    columns: HashMap<*const Statement, Vec<Option<Slot>>>,
    /// Lines with the periods in which a note counts in their place, for notes that cover only some of their periods.
    broken_up: HashSet<(*const LineItem, usize)>,
}

/// The column of a statement for one of the group's periods.
#[derive(Clone, Copy)]
struct Slot {
    column: usize,
    decimals: u32,
}

/// The statements of all documents: those on one sheet together, because both sides of an account are statements of their
/// own. A balance sheet whose sides are on two sheets is one as well.
pub(super) fn groups(drafts: &[Draft]) -> Vec<Group> {
    let mut by_sheet: BTreeMap<(usize, Equation, &str), Vec<usize>> = BTreeMap::new();
    for (index, draft) in drafts.iter().enumerate() {
        if let Some(equation) = equation_of(draft.statement.kind) {
            by_sheet.entry((draft.document, equation, draft.statement.sheet.as_str())).or_default().push(index);
        }
    }
    let mut sheets: BTreeMap<(usize, Equation), Vec<Vec<usize>>> = BTreeMap::new();
    for ((document, equation, _), lines) in by_sheet {
        sheets.entry((document, equation)).or_default().push(lines);
    }
    let notes = notes_by_face(drafts);
    let mut groups = Vec::new();
    for ((_, equation), sheets) in sheets {
        let partial = equation == Equation::Position && sheets.iter().all(|lines| !has_both_sides(lines, drafts));
        let joined = if partial { vec![sheets.concat()] } else { sheets };
        groups.extend(joined.into_iter().map(|lines| Group::new(equation, &lines, drafts, &notes)));
    }
    groups
}

fn equation_of(kind: StatementKind) -> Option<Equation> {
    match kind {
        StatementKind::BalanceSheet => Some(Equation::Position),
        StatementKind::ProfitAndLoss => Some(Equation::Profit),
        _ => None,
    }
}

/// The drafts of notes, by the line that they break up.
fn notes_by_face<'a>(drafts: &'a [Draft]) -> BTreeMap<&'a str, Vec<usize>> {
    let mut notes: BTreeMap<&'a str, Vec<usize>> = BTreeMap::new();
    for (index, draft) in drafts.iter().enumerate() {
        for face in &draft.breaks_up {
            notes.entry(face.as_str()).or_default().push(index);
        }
    }
    notes
}

fn has_both_sides(lines: &[usize], drafts: &[Draft]) -> bool {
    let adds = lines.iter().filter_map(|index| Equation::Position.of_amount(drafts[*index].choice.row, Decimal::ONE));
    let signs: Vec<bool> = adds.map(|adds| adds.is_sign_positive()).collect();
    signs.contains(&true) && signs.contains(&false)
}

impl Group {
    fn new(equation: Equation, lines: &[usize], drafts: &[Draft], notes: &BTreeMap<&str, Vec<usize>>) -> Self {
        let mut periods: Vec<Period> = Vec::new();
        for index in lines {
            for period in periods_of(drafts[*index].statement) {
                if period.0.is_some() && !periods.contains(&period) {
                    periods.push(period);
                }
            }
        }
        let profits = lines.iter().copied().filter(|index| is_printed_profit(&drafts[*index])).collect();
        let in_part = lines.iter().copied().filter(|index| !drafts[*index].is_ignored());
        let in_part: Vec<(usize, &Vec<usize>)> =
            in_part.filter_map(|index| Some((index, notes.get(drafts[index].line.id.as_str())?))).collect();
        let of_notes = lines.iter().filter_map(|index| notes.get(drafts[*index].line.id.as_str())).flatten();
        let lines: Vec<usize> = lines.iter().chain(of_notes).copied().collect();
        let mut columns: HashMap<*const Statement, Vec<Option<Slot>>> = HashMap::new();
        for index in &lines {
            let statement = drafts[*index].statement;
            columns.entry(std::ptr::from_ref(statement)).or_insert_with(|| slots(statement, &periods));
        }
        let mut broken_up = HashSet::new();
        for (face, note) in in_part {
            let covered = note.iter().filter_map(|index| columns.get(&std::ptr::from_ref(drafts[*index].statement)));
            for (period, _) in covered.flat_map(|slots| slots.iter().enumerate().filter(|(_, slot)| slot.is_some())) {
                broken_up.insert((std::ptr::from_ref(drafts[face].line), period));
            }
        }
        Self { equation, lines, periods, profits, columns, broken_up }
    }

    /// Whether a row is in the equation.
    pub fn takes(&self, row: RowCode) -> bool {
        self.equation.of_amount(row, Decimal::ONE).is_some()
    }

    /// What a line adds in each period, read as this row and sign.
    pub fn adds(&self, draft: &Draft, row: RowCode, sign: i8) -> Vec<Decimal> {
        let unit = unit(draft.statement);
        let adds = |period: usize| {
            if self.broken_up.contains(&(std::ptr::from_ref(draft.line), period)) {
                return None;
            }
            let (figure, _) = self.figure(draft, period)?;
            self.equation.of_figure(row, figure, sign)?.checked_mul(unit)
        };
        (0..self.periods.len()).map(|period| adds(period).unwrap_or_default()).collect()
    }

    /// The difference of the equation in each period.
    pub fn gaps(&self, drafts: &[Draft]) -> Vec<Gap> {
        let mut gaps = vec![Gap { difference: Decimal::ZERO, rounding: Decimal::ZERO }; self.periods.len()];
        for index in &self.lines {
            let draft = &drafts[*index];
            let adds = self.adds(draft, draft.choice.row, draft.sign);
            for (period, (gap, adds)) in gaps.iter_mut().zip(adds).enumerate() {
                gap.difference = gap.difference.saturating_add(adds);
                if self.takes(draft.choice.row) {
                    gap.rounding = gap.rounding.saturating_add(self.rounding(draft, period));
                }
            }
        }
        if self.equation == Equation::Profit {
            for (period, gap) in gaps.iter_mut().enumerate() {
                self.subtract_profit(gap, period, drafts);
            }
        }
        gaps
    }

    /// Subtracts the printed profit after tax. A period without one has no equation.
    fn subtract_profit(&self, gap: &mut Gap, period: usize, drafts: &[Draft]) {
        let profits = self.profits.iter().filter_map(|index| {
            let draft = &drafts[*index];
            let (figure, _) = self.figure(draft, period)?;
            let is_debit = figure.side == Some(Side::Dr) || is_loss(&draft.line.label);
            let lowered = is_debit && figure.amount.is_sign_positive();
            let amount = figure.amount.checked_mul(unit(draft.statement))?;
            Some((if lowered { -amount } else { amount }, self.rounding(draft, period)))
        });
        let profits: Vec<(Decimal, Decimal)> = profits.collect();
        let nearest = profits.iter().min_by_key(|(profit, _)| gap.difference.saturating_sub(*profit).abs());
        match nearest {
            Some((profit, rounding)) => {
                gap.difference = gap.difference.saturating_sub(*profit);
                gap.rounding = gap.rounding.saturating_add(*rounding);
            }
            None => gap.difference = Decimal::ZERO,
        }
    }

    /// The amount of a line in a period, with the decimals of its column.
    fn figure<'a>(&self, draft: &Draft<'a>, period: usize) -> Option<(&'a Figure, u32)> {
        let slots = self.columns.get(&std::ptr::from_ref(draft.statement))?;
        let Slot { column, decimals } = (*slots.get(period)?)?;
        Some((draft.line.figures.get(column)?.as_ref()?, decimals))
    }

    fn rounding(&self, draft: &Draft, period: usize) -> Decimal {
        let found = self.figure(draft, period);
        let rounded =
            found.and_then(|(figure, decimals)| rounding(figure, decimals).checked_mul(unit(draft.statement)));
        rounded.unwrap_or_default()
    }
}

fn is_printed_profit(draft: &Draft) -> bool {
    draft.line.role != LineRole::Memo && profit_kind(&draft.line.label) == Some(ProfitKind::AfterTax)
}

/// The period of each column of a statement.
fn periods_of(statement: &Statement) -> Vec<Period> {
    let mut periods: Vec<Period> = Vec::new();
    for Column { period_end, months, .. } in &statement.columns {
        let earlier = periods.iter().filter(|(end, of, _)| (end, of) == (period_end, months)).count();
        periods.push((*period_end, *months, earlier));
    }
    periods
}

/// The column of a statement for each period.
fn slots(statement: &Statement, periods: &[Period]) -> Vec<Option<Slot>> {
    let own = periods_of(statement);
    let slot = |period: &Period| {
        let column = own.iter().position(|of| of == period)?;
        Some(Slot { column, decimals: column_decimals(statement, column) })
    };
    periods.iter().map(slot).collect()
}

fn unit(statement: &Statement) -> Decimal {
    statement.unit.rupees().unwrap_or(Decimal::ONE)
}
