//! Decides the unit and the currency of a statement, from all that its sheet prints about them.

use crate::grid::{Grid, Value, a1};
use crate::layout::{self, Block};
use crate::{heading, kind, number, unit};
use domain::statement::{Column, LineItem, Question, StatementKind, Subject, Unit};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// Longest line of text that may state the unit of a whole sheet, in characters.
const LINE_CHARS_MAX: usize = 100;

/// The unit of a statement's amounts, and what was not understood about unit and currency.
#[derive(Clone, Debug, Default)]
pub struct Money {
    /// The unit; none if no text states one that is known.
    pub unit: Option<Unit>,
    /// Whether a text names the rupee.
    pub rupee: bool,
    /// Whether a text says that amounts are in rupees, and does not only print the sign.
    outright: bool,
    /// Questions about unit and currency.
    pub questions: Vec<Question>,
    /// The question to ask if no text states the unit, because one names a unit.
    mention: Option<Question>,
}

impl Money {
    /// Whether nothing is said.
    fn is_silent(&self) -> bool {
        self.unit.is_none() && self.questions.is_empty()
    }

    /// Whether nothing is said but the rupee's sign.
    fn is_sign_only(&self) -> bool {
        self.unit.is_none_or(|unit| unit == Unit::Rupee && !self.outright) && self.questions.is_empty()
    }

    /// The same, with this unit if nothing is said about it.
    #[must_use]
    pub fn or_unit(&self, unit: Unit) -> Self {
        let silent = (self.is_silent() || self.is_sign_only()) && unit != Unit::Unstated;
        Self { unit: if silent { Some(unit) } else { self.unit }, ..self.clone() }
    }

    /// The unit, unless it is in question.
    #[must_use]
    pub fn known(&self) -> Unit {
        let asked = self.questions.iter().any(|q| q.subject == Subject::Unit && q.column.is_none());
        self.unit.filter(|_| !asked).unwrap_or(Unit::Unstated)
    }
}

/// A text with the cell it is printed in, if known.
struct Said {
    cell: Option<String>,
    text: String,
    reading: unit::Reading,
}

impl Said {
    fn new(cell: Option<String>, text: &str) -> Self {
        Self { cell, text: text.to_owned(), reading: unit::read(text) }
    }

    /// The title of a statement or the heading of its amounts, whose own bracket may name a unit. A note's title may name
    /// anything in its bracket: `Note 4: Investments (in subsidiaries)`.
    fn title(cell: Option<String>, text: &str) -> Self {
        let outside = text.split(['(', '[', '{']).next().unwrap_or_default();
        let heads = heading::parse(outside).only_heading_words;
        let titles = kind::is_title(text) && kind::of_title(text) != Some(StatementKind::Note);
        if heads || titles {
            return Self { cell, text: text.to_owned(), reading: unit::read_title(text) };
        }
        Self::new(cell, text)
    }

    fn ask(&self, subject: Subject, column: Option<usize>, printed: &str) -> Question {
        Question { subject, column, cell: self.cell.clone(), printed: printed.to_owned() }
    }
}

/// What lines of a sheet say that are about the unit alone, wherever they are. A sentence that mentions lakhs is none.
#[must_use]
pub fn of_sheet(grid: &Grid) -> Money {
    let texts = grid.rows.iter().filter(|r| !layout::has_amount(r)).filter_map(layout::row_text);
    let lines = texts.filter(|t| t.chars().count() <= LINE_CHARS_MAX).map(|t| Said::new(None, &t));
    let pure: Vec<Said> = lines.filter(|said| said.reading.pure).collect();
    let mut money = settle(&pure);
    if money.is_silent() {
        money = settle(&[Said::new(None, &grid.sheet)]);
    }
    // `Rs.` alone, e.g. as a heading of a column, states nothing for the sheet.
    money.unit = money.unit.filter(|unit| *unit != Unit::Rupee || money.outright);
    money
}

/// What the titles and headings of a block say, for the figure columns given; otherwise what the block above says, otherwise
/// the sheet.
#[must_use]
pub fn of_block(block: &Block<'_>, columns: &[Column], above: &Money, sheet: &Money) -> Money {
    let mut money = of_texts(block, columns, above, sheet);
    if money.is_sign_only()
        && let Some(mention) = money.mention.clone()
    {
        money.unit = None;
        money.questions.push(mention);
    }
    money
}

fn of_texts(block: &Block<'_>, columns: &[Column], above: &Money, sheet: &Money) -> Money {
    let cells = block.headers.iter().flat_map(|row| row.cells.iter().map(|cell| (row.number, cell)));
    let heads = cells.filter_map(|(row, cell)| match &cell.value {
        Value::Text(text) => Some(Said::title(Some(a1(row, cell.column)), text)),
        _ => None,
    });
    let heads: Vec<Said> = heads.collect();
    // A title in a heading row is there with its cell.
    let titles = block.titles.iter().filter(|title| heads.iter().all(|said| said.text != **title));
    let titles: Vec<Said> = titles.map(|title| Said::title(None, title)).collect();
    let of_columns: Vec<Said> = columns.iter().map(|column| Said::title(None, &column.heading)).collect();
    let is_own = |said: &Said| columns.iter().any(|c| c.heading.contains(&said.text));
    let general: Vec<Said> = titles.into_iter().chain(heads.into_iter().filter(|said| !is_own(said))).collect();
    let mut money = settle(&general);
    compare(&mut money, &of_columns);
    money.rupee |= of_columns.iter().chain(&general).any(|said| said.reading.rupee);
    money.outright |= of_columns.iter().any(|said| said.reading.outright);
    let mut inherited = if above.is_silent() { sheet.clone() } else { above.clone() };
    // `Amount (Rs.)` below a sheet's `Rs. in lakhs` does not contradict it.
    if !money.is_sign_only() || (!money.is_silent() && inherited.is_silent()) {
        return money;
    }
    let rupee = money.rupee;
    inherited.mention = inherited.mention.or(money.mention);
    inherited.questions.retain(|question| question.column.is_none());
    inherited.rupee |= rupee;
    inherited
}

/// The unit that texts agree on. A currency's sign beside `in lakhs` does not contradict it.
fn settle(texts: &[Said]) -> Money {
    let mut money = Money { rupee: texts.iter().any(|said| said.reading.rupee), ..Money::default() };
    for said in texts {
        if let Some(printed) = &said.reading.foreign {
            money.questions.push(said.ask(Subject::Currency, None, printed));
        }
        if let Some(printed) = &said.reading.unknown {
            money.questions.push(said.ask(Subject::Unit, None, printed));
        }
    }
    let stated = |said: &&Said| said.reading.unit.is_some_and(|u| u != Unit::Rupee || said.reading.outright);
    let units: BTreeSet<Unit> = texts.iter().filter(stated).filter_map(|said| said.reading.unit).collect();
    let units = without_default(units, texts);
    money.outright = texts.iter().any(|said| said.reading.outright);
    if units.len() > 1
        && let Some(last) = texts.iter().rfind(stated)
    {
        money.questions.push(last.ask(Subject::Unit, None, &last.text));
    }
    money.unit = units.iter().next().copied().or_else(|| texts.iter().find_map(|said| said.reading.unit));
    money.questions.dedup();
    let mention = texts.iter().find(|said| said.reading.mentions);
    money.mention = mention.map(|said| said.ask(Subject::Unit, None, &said.text));
    money
}

/// Leaves out rupees if their text says `unless otherwise stated` and another text does state it.
fn without_default(mut units: BTreeSet<Unit>, texts: &[Said]) -> BTreeSet<Unit> {
    let rupees = |said: &&Said| said.reading.unit == Some(Unit::Rupee) && said.reading.outright;
    let is_default = |said: &Said| {
        let lower = said.text.to_lowercase();
        lower.contains("otherwise") || lower.contains("except")
    };
    if units.len() > 1 && texts.iter().filter(rupees).all(is_default) {
        units.remove(&Unit::Rupee);
    }
    units
}

/// Compares what each column's own heading says with the rest.
fn compare(money: &mut Money, columns: &[Said]) {
    let mut own: Vec<Option<Unit>> = Vec::new();
    let all = |test: &dyn Fn(&Said) -> bool| columns.iter().all(test);
    let everywhere = |at: usize, test: &dyn Fn(&Said) -> bool| if all(test) { None } else { Some(at) };
    for (at, said) in columns.iter().enumerate() {
        if let Some(printed) = &said.reading.foreign {
            let column = everywhere(at, &|s| s.reading.foreign.is_some());
            money.questions.push(said.ask(Subject::Currency, column, printed));
        }
        if let Some(printed) = &said.reading.unknown {
            let column = everywhere(at, &|s| s.reading.unknown.is_some());
            money.questions.push(said.ask(Subject::Unit, column, printed));
        }
        own.push(said.reading.unit.filter(|u| *u != Unit::Rupee || said.reading.outright));
    }
    let units: BTreeSet<Unit> = own.iter().copied().flatten().collect();
    let sign_only = |at: usize| own[at].is_none() && columns[at].reading.unit == Some(Unit::Rupee);
    let base = match (money.unit.filter(|u| *u != Unit::Rupee), units.first()) {
        (Some(general), _) => Some(general),
        (None, Some(first)) if units.len() == 1 || own.first().is_some_and(Option::is_some) => {
            own.iter().copied().flatten().next().or(Some(*first))
        }
        (None, first) => first.copied(),
    };
    let Some(base) = base else {
        money.unit = money.unit.or_else(|| columns.iter().find_map(|said| said.reading.unit));
        money.questions.dedup();
        return;
    };
    let general = money.unit.is_some_and(|u| u != Unit::Rupee);
    let differs = |at: usize| own[at].is_some_and(|unit| unit != base) || (!general && sign_only(at));
    let differing: Vec<usize> = (0..columns.len()).filter(|at| differs(*at)).collect();
    if !differing.is_empty() && differing.len() == columns.len() {
        money.questions.push(columns[0].ask(Subject::Unit, None, &columns[0].text));
    } else {
        money
            .questions
            .extend(differing.into_iter().map(|at| columns[at].ask(Subject::Unit, Some(at), &columns[at].text)));
    }
    money.unit = Some(base);
    money.questions.dedup();
}

/// Brings amounts that print a unit of their own into the statement's unit, and asks for a currency that only amounts print.
pub fn read_amounts(money: &mut Money, lines: &mut [LineItem]) {
    let figures = || lines.iter().flat_map(|l| &l.figures).flatten().filter(|f| !f.amount.is_zero());
    if !money.rupee
        && money.questions.iter().all(|q| q.subject != Subject::Currency)
        && let Some((figure, sign)) = figures().find_map(|f| number::foreign_currency(&f.text).map(|sign| (f, sign)))
    {
        let cell = Some(figure.cell.clone());
        money.questions.push(Question { subject: Subject::Currency, column: None, cell, printed: sign });
    }
    let behind: Vec<Option<Unit>> = figures().map(|f| number::unit_behind(&f.text)).collect();
    let Some(first) = behind.iter().copied().flatten().next() else { return };
    let asked = money.questions.iter().any(|q| q.subject == Subject::Unit && q.column.is_none());
    let unit = match money.unit {
        Some(unit) if !asked => unit,
        _ if asked => return,
        _ if behind.iter().all(|unit| *unit == Some(first)) => first,
        _ if behind.iter().all(Option::is_some) => Unit::Rupee,
        _ => {
            let cell = figures().find(|f| number::unit_behind(&f.text).is_some()).map(|f| f.cell.clone());
            let printed = "some amounts print a unit and others do not".to_owned();
            money.questions.push(Question { subject: Subject::Unit, column: None, cell, printed });
            return;
        }
    };
    money.unit = Some(unit);
    for figure in lines.iter_mut().flat_map(|l| &mut l.figures).flatten() {
        if let Some(amount) = number::unit_behind(&figure.text).and_then(|own| in_unit(figure.amount, own, unit)) {
            figure.amount = amount;
        }
    }
}

fn in_unit(amount: Decimal, own: Unit, unit: Unit) -> Option<Decimal> {
    amount.checked_mul(own.rupees()?)?.checked_div(unit.rupees()?).map(|d| d.normalize())
}
