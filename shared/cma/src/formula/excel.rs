//! Renders a formula for Excel and LibreOffice, blanks included.

use super::{Addend, Expr, Operator};
use crate::row::RowCode;

/// The addresses of rows in the workbook, relative to the sheet that the formula is on.
pub struct CellAddresses<'a> {
    /// The address of a row's cell in a year (an index from 0), with its sheet if that is another one, e.g.
    /// `'Form III'!D12`. `None` when the workbook has nothing there: no such year, or no statement of that year.
    pub address: &'a dyn Fn(RowCode, usize) -> Option<String>,
    /// Whether a row's cell may be empty, as for an optional input.
    pub may_be_empty: &'a dyn Fn(RowCode) -> bool,
}

/// The Excel formula of `expr` in `year`, with the leading `=`. Its value is an empty text where the figure is blank, never an
/// error. `None` when a cell it needs does not exist, so there is nothing to calculate.
#[must_use]
pub fn render(expr: &Expr, year: usize, cells: &CellAddresses<'_>) -> Option<String> {
    Some(format!("={}", guarded(expr, year, cells)?))
}

fn guarded(expr: &Expr, year: usize, cells: &CellAddresses<'_>) -> Option<String> {
    if let Expr::FirstOf(first, second) = expr {
        let second = guarded(second, year, cells);
        if let Expr::Row(reference) = first.as_ref()
            && (cells.may_be_empty)(reference.row)
            && let Some((first, _)) = body(first, year, cells, &mut Guard::default())
        {
            let second = second.unwrap_or_else(|| "\"\"".to_owned());
            return Some(format!("IF(ISNUMBER({first}),{first},{second})"));
        }
        return guarded(first, year, cells).or(second);
    }
    let mut guard = Guard::default();
    let body = body(expr, year, cells, &mut guard)?.0;
    Some(guard.around(body))
}

/// The conditions under which a formula has a figure.
#[derive(Default)]
struct Guard {
    /// Cells that may be blank; all must hold a number.
    numbers: Vec<String>,
    /// Conditions under which the figure is blank.
    blank_if: Vec<String>,
}

impl Guard {
    fn around(self, body: String) -> String {
        let inner = match self.blank_if.as_slice() {
            [] => body,
            [condition] => format!("IF({condition},\"\",{body})"),
            conditions => format!("IF(OR({}),\"\",{body})", conditions.join(",")),
        };
        match self.numbers.len() {
            0 => inner,
            count => format!("IF(COUNT({})<{count},\"\",{inner})", self.numbers.join(",")),
        }
    }

    fn blank_if(&mut self, condition: String) {
        if !self.blank_if.contains(&condition) {
            self.blank_if.push(condition);
        }
    }
}

/// Precedence of a rendered text: a sum, a product, or a single term.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Sum,
    Product,
    Term,
}

fn body(expr: &Expr, year: usize, cells: &CellAddresses<'_>, guard: &mut Guard) -> Option<(String, Binding)> {
    let term = |text: String| Some((text, Binding::Term));
    match expr {
        Expr::Number(number) => term(number.normalize().to_string()),
        Expr::Row(reference) => {
            let cell = (cells.address)(reference.row, if reference.previous { year.checked_sub(1)? } else { year })?;
            if may_be_blank(reference.row, cells) && !guard.numbers.contains(&cell) {
                guard.numbers.push(cell.clone());
            }
            term(cell)
        }
        Expr::Negative(inner) => {
            let inner = within(body(inner, year, cells, guard)?, Binding::Term);
            Some((format!("-{inner}"), Binding::Sum))
        }
        Expr::Binary(operator, left, right) => binary(*operator, left, right, year, cells, guard),
        Expr::Sum(addends) => {
            let addends = addends.iter().map(|addend| match addend {
                Addend::Single(inner) => body(inner, year, cells, guard).map(|inner| inner.0),
                Addend::Range(rows) => range(rows, year, cells),
            });
            let addends = addends.collect::<Option<Vec<_>>>()?;
            term(format!("SUM({})", addends.join(",")))
        }
        Expr::Max(list) => term(format!("MAX({})", arguments(list, year, cells, guard)?)),
        Expr::Min(list) => term(format!("MIN({})", arguments(list, year, cells, guard)?)),
        Expr::Change(inner) => {
            let now = within(body(inner, year, cells, guard)?, Binding::Term);
            let before = within(body(inner, year.checked_sub(1)?, cells, guard)?, Binding::Term);
            Some((format!("{now}-{before}"), Binding::Sum))
        }
        Expr::Positive(inner) => {
            let inner = within(body(inner, year, cells, guard)?, Binding::Term);
            guard.blank_if(format!("{inner}<=0"));
            term(inner)
        }
        Expr::FirstOf(..) => term(guarded(expr, year, cells)?),
    }
}

fn binary(
    operator: Operator,
    left: &Expr,
    right: &Expr,
    year: usize,
    cells: &CellAddresses<'_>,
    guard: &mut Guard,
) -> Option<(String, Binding)> {
    let rendered_left = body(left, year, cells, guard)?;
    let rendered_right = body(right, year, cells, guard)?;
    let (sign, left_needs, right_needs, binding) = match operator {
        Operator::Add => ("+", Binding::Sum, Binding::Product, Binding::Sum),
        Operator::Subtract => ("-", Binding::Sum, Binding::Product, Binding::Sum),
        Operator::Multiply => ("*", Binding::Product, Binding::Term, Binding::Product),
        Operator::Divide => ("/", Binding::Product, Binding::Term, Binding::Product),
    };
    let divisor = within(rendered_right, right_needs);
    if operator == Operator::Divide && !matches!(right, Expr::Number(_) | Expr::Positive(_)) {
        guard.blank_if(format!("{divisor}=0"));
    }
    Some((format!("{}{sign}{divisor}", within(rendered_left, left_needs)), binding))
}

fn arguments(list: &[Expr], year: usize, cells: &CellAddresses<'_>, guard: &mut Guard) -> Option<String> {
    let list = list.iter().map(|inner| body(inner, year, cells, guard).map(|inner| inner.0));
    Some(list.collect::<Option<Vec<_>>>()?.join(","))
}

/// `C5:C9` for rows that are one below the other, as the rows of a form are.
fn range(rows: &[RowCode], year: usize, cells: &CellAddresses<'_>) -> Option<String> {
    let cells = rows.iter().map(|&row| (cells.address)(row, year)).collect::<Option<Vec<_>>>()?;
    let (first, last) = (cells.first()?, cells.last()?);
    let last = last.rsplit_once('!').map_or(last.as_str(), |(_, cell)| cell);
    Some(format!("{first}:{last}"))
}

fn within((text, binding): (String, Binding), needed: Binding) -> String {
    if binding < needed { format!("({text})") } else { text }
}

fn may_be_blank(row: RowCode, cells: &CellAddresses<'_>) -> bool {
    let Some(formula) = row.row().formula() else { return (cells.may_be_empty)(row) };
    if let Expr::FirstOf(first, _) = formula {
        return matches!(first.as_ref(), Expr::Row(reference) if (cells.may_be_empty)(reference.row));
    }
    let mut positive = false;
    formula.walk(false, &mut |expr, _| positive |= matches!(expr, Expr::Positive(_)));
    positive || formula.divides() || formula.references().iter().any(|reference| may_be_blank(reference.row, cells))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::parse;

    fn rendered(text: &str, year: usize) -> Option<String> {
        let columns = ["C", "D"];
        let cell = |row: RowCode, year: usize| {
            let number = row.as_str().rsplit('.').next().unwrap_or_default();
            Some(format!("{}{number}", columns.get(year)?))
        };
        let optional = |row: RowCode| row.as_str() == "S.TL.paid";
        render(&parse(text).expect("parses"), year, &CellAddresses { address: &cell, may_be_empty: &optional })
    }

    #[test]
    fn a_quotient_is_guarded_against_a_zero_divisor() {
        assert_eq!(rendered("III.2/(III.3-III.4)", 0).as_deref(), Some("=IF((C3-C4)=0,\"\",C2/(C3-C4))"));
    }

    #[test]
    fn a_ratio_to_net_worth_is_guarded_against_a_net_worth_that_is_not_positive() {
        assert_eq!(rendered("III.2/positive(III.3)", 0).as_deref(), Some("=IF(C3<=0,\"\",C2/C3)"));
    }

    #[test]
    fn brackets_keep_the_meaning_of_a_difference() {
        assert_eq!(rendered("III.2-(III.3-III.4)", 0).as_deref(), Some("=C2-(C3-C4)"));
        assert_eq!(rendered("max(0,-(d(III.2)+III.3))", 1).as_deref(), Some("=MAX(0,-(D2-C2+D3))"));
        assert_eq!(rendered("III.4-d(III.2+III.3)", 1).as_deref(), Some("=D4-((D2+D3)-(C2+C3))"));
    }

    #[test]
    fn a_movement_has_no_formula_in_the_first_year() {
        assert_eq!(rendered("d(III.2)", 0), None);
    }

    #[test]
    fn a_stated_figure_that_may_be_missing_falls_back_to_the_next_one() {
        let formula = rendered("first_of(S.TL.paid,III.8[t-1])", 1);
        assert_eq!(formula.as_deref(), Some("=IF(ISNUMBER(Dpaid),Dpaid,C8)"));
    }

    #[test]
    fn a_range_of_rows_is_one_sum() {
        assert_eq!(rendered("sum(III.2..III.9)", 1).as_deref(), Some("=SUM(D2:D9)"));
    }
}
