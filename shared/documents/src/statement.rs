//! Turns a sheet's blocks into statements.

mod across;
mod continued;
mod join;

use crate::column::{Described, Fallback};
use crate::error::{Counted, ReadError, within};
use crate::grid::{Grid, a1};
use crate::kind;
use crate::layout::{self, Block};
use crate::limit::Limits;
use crate::money::Money;
use crate::panel::{self, Line, Panel};
use crate::role::{self, Judged};
use crate::{account, heading, label, money, region, section, trial, unused};
use domain::statement::{Addend, Column, LineItem, LineRole, Question, Statement, StatementKind, Subject, Unused};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// How many labels two panels of different years share at least.
const REPEATED_MIN: usize = 3;

/// Longest text that is searched for the day on which the borrower was formed, in characters.
const FORMED_CHARS_MAX: usize = 300;

/// Collects the statements of a document.
pub struct Gathered<'a> {
    /// The limits.
    pub limits: &'a Limits,
    /// Number of the document in its order.
    pub document: u32,
    /// Statements so far.
    pub statements: Vec<Statement>,
    /// What was seen and not used so far.
    pub unused: Vec<Unused>,
    /// Whether any block is a trial balance.
    pub trial_balances: bool,
    /// Indexes of the statements whose kind is only guessed from their lines.
    guessed: BTreeSet<usize>,
    lines: usize,
    figures: usize,
}

impl<'a> Gathered<'a> {
    /// Starts empty.
    pub fn new(limits: &'a Limits, document: u32, unused: Vec<Unused>) -> Self {
        Self {
            limits,
            document,
            statements: Vec::new(),
            unused,
            trial_balances: false,
            guessed: BTreeSet::new(),
            lines: 0,
            figures: 0,
        }
    }

    /// Adds the statements of one sheet.
    ///
    /// # Errors
    /// When the document has more lines or figures than the limits allow.
    pub fn sheet(&mut self, grid: &Grid) -> Result<(), ReadError> {
        if grid.oversized {
            self.unused.push(unused::oversized_sheet(&grid.sheet));
            return Ok(());
        }
        match region::split(grid) {
            None => self.part(grid, grid),
            Some(parts) => parts.iter().try_for_each(|part| self.part(part, grid)),
        }
    }

    /// Adds the statements of a part of a sheet beside others.
    fn part(&mut self, grid: &Grid, sheet: &Grid) -> Result<(), ReadError> {
        let sheet_money = money::of_sheet(sheet);
        let formed = formed(sheet);
        let mut above = Money::default();
        let mut headings: Vec<String> = Vec::new();
        for block in join::joined(layout::blocks(grid)) {
            if block.inherits {
                // The headings above still apply, and so do the titles above those.
                headings.truncate(2);
            } else {
                headings.clear();
            }
            headings.extend(block.titles.iter().cloned());
            let fallback = Fallback { formed, ..Fallback::from_titles(&headings) };
            let panels = panel::read(&block, grid, &fallback, &mut self.unused);
            let totals = account::totals(&panels);
            let carried = account::carried(&panels);
            let mut panels = panels;
            let is_one = panels.len() > 1 && !repeat_labels(&panels);
            if !is_one {
                panels.iter_mut().for_each(|panel| panel.side = None);
            }
            let mut said = None;
            for (panel, (totals, carried)) in panels.into_iter().zip(totals.iter().zip(&carried)) {
                if !block.annex && trial::is_trial_balance(&block, &panel, &grid.sheet) {
                    self.trial_balance(&grid.sheet);
                    continue;
                }
                let money = money::of_block(&block, &panel.columns, &above, &sheet_money);
                said.get_or_insert_with(|| money.clone());
                self.panel(
                    &panel,
                    role::Side { is_one, name: panel.side.as_deref(), totals, carried },
                    &block,
                    grid,
                    &money,
                )?;
            }
            above = said.unwrap_or(above);
        }
        Ok(())
    }

    /// Compares the statements of the document with each other.
    pub fn finish(&mut self) {
        across::transfers(&mut self.statements);
        across::workings(&mut self.statements, &self.guessed);
    }

    /// Lists a trial balance, once for its sheet.
    fn trial_balance(&mut self, sheet: &str) {
        let entry = unused::trial_balance(sheet);
        if !self.unused.contains(&entry) {
            self.unused.push(entry);
        }
        self.trial_balances = true;
    }

    fn panel(
        &mut self,
        panel: &Panel,
        of: role::Side<'_>,
        block: &Block<'_>,
        grid: &Grid,
        money: &Money,
    ) -> Result<(), ReadError> {
        let labels: Vec<String> = panel.lines.iter().map(|l| l.label.clone()).collect();
        let titled = block.titles.iter().any(|t| kind::is_title(t));
        let cut = if titled || block.annex || panel.side.is_some() { None } else { kind::change(&labels) };
        let heads = || Described { columns: panel.columns.clone(), questions: panel.questions.clone() };
        let Some(cut) = cut else {
            let kind = match kind::of_block(&block.titles, &grid.sheet, &labels) {
                _ if block.annex => StatementKind::Note,
                kind => kind,
            };
            return self.statement((panel.side.clone(), of), heads(), &panel.lines, kind, block, grid, money);
        };
        // A heading directly above the first line of the second statement belongs to that statement.
        let cut = (0..cut).rev().take_while(|at| panel.lines[*at].heading).last().unwrap_or(cut);
        for part in [&panel.lines[..cut], &panel.lines[cut..]] {
            let labels: Vec<String> = part.iter().map(|l| l.label.clone()).collect();
            let kind = kind::of_block(&[], "", &labels);
            self.statement((None, role::Side::default()), heads(), part, kind, block, grid, money)?;
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one statement come from different places")]
    fn statement(
        &mut self,
        (side, of): (Option<String>, role::Side<'_>),
        heads: Described,
        lines: &[Line],
        kind: StatementKind,
        block: &Block<'_>,
        grid: &Grid,
        money: &Money,
    ) -> Result<(), ReadError> {
        let printed = lines.iter().filter(|l| !l.heading).count();
        if printed == 0 || (kind == StatementKind::Unknown && printed < 2) {
            return Ok(());
        }
        self.lines += printed;
        self.figures += lines.iter().flat_map(|l| &l.figures).flatten().count();
        within(
            Counted::Lines,
            u64::try_from(self.lines).unwrap_or(u64::MAX),
            u64::try_from(self.limits.lines_max).unwrap_or(0),
        )?;
        within(
            Counted::Figures,
            u64::try_from(self.figures).unwrap_or(u64::MAX),
            u64::try_from(self.limits.figures_max).unwrap_or(0),
        )?;
        let number = self.statements.len() + 1;
        let before = continued::columns(&self.statements, lines, &heads.columns, &heads.questions, kind);
        let goes_on = before.is_some();
        let (heads, kind, money) = match before {
            // The half before may have had columns without a figure, which are gone.
            Some(before) => (
                Described { columns: before.columns.clone(), questions: before.questions.clone() },
                StatementKind::BalanceSheet,
                money.or_unit(before.unit),
            ),
            None => (heads, kind, money.clone()),
        };
        // Forms that compare other forms or give ratios of them repeat their amounts.
        let repeats = kind::repeats(block.titles.last().map_or(grid.sheet.as_str(), String::as_str));
        let judged = role::judge(lines, kind, of);
        let side = side.map(|s| account::side_name(&s, kind, lines));
        let paths = section::paths(lines, &judged, kind, side.as_deref());
        let ids = ids(lines, &format!("d{}-s{number}", self.document));
        let id = |at: usize| ids.get(at).cloned().unwrap_or_default();
        let mut items = Vec::with_capacity(printed);
        for (at, ((line, judged), section)) in lines.iter().zip(&judged).zip(paths).enumerate() {
            if line.heading {
                continue;
            }
            if judged.doubtful {
                let cells = line.figures.iter().flatten();
                self.unused.extend(cells.map(|f| unused::differs_from_lines(&grid.sheet, &f.cell)));
            }
            items.push(LineItem {
                id: id(at),
                label: name(lines, judged, at),
                section,
                note: line.note.clone(),
                role: if repeats || line.repeats { LineRole::Memo } else { judged.role },
                figures: line.figures.clone(),
                cell: a1(line.row, line.column),
                addends: judged.addends.iter().map(|(line, sign)| Addend { line: id(*line), sign: *sign }).collect(),
            });
        }
        let Described { columns, questions } = with_figures(heads, &mut items);
        if columns.is_empty() {
            return Ok(());
        }
        let mut money = money;
        money::read_amounts(&mut money, &mut items);
        self.unused.extend(undated(grid, kind, &columns, &questions, &items));
        let unit = money.known();
        // Months matter where amounts add up over a period.
        let asks = |q: &Question| q.subject != Subject::Months || kind == StatementKind::ProfitAndLoss;
        let questions = money.questions.into_iter().chain(questions).filter(asks).collect();
        if !goes_on && !kind::is_named(&block.titles, &grid.sheet) {
            self.guessed.insert(self.statements.len());
        }
        self.statements.push(Statement {
            kind,
            title: title(block),
            sheet: grid.sheet.clone(),
            unit,
            columns,
            lines: items,
            questions,
        });
        Ok(())
    }
}

/// Whether both panels have mostly the same labels: they are of two years, and not two sides of one account.
fn repeat_labels(panels: &[Panel]) -> bool {
    let [left, right] = panels else { return false };
    let labels = |panel: &Panel| -> BTreeSet<String> {
        let lines = panel.lines.iter().filter(|l| !l.heading && !role::ends_side(&l.label));
        lines.map(|l| label::plain(&l.label)).filter(|l| !l.is_empty()).collect()
    };
    let (left, right) = (labels(left), labels(right));
    let least = left.len().min(right.len());
    least >= REPEATED_MIN && left.intersection(&right).count() * 3 >= least * 2
}

/// The ids of lines. Of the lines of one row, those after the first one are numbered.
fn ids(lines: &[Line], statement: &str) -> Vec<String> {
    let mut ids = Vec::with_capacity(lines.len());
    let mut last = (0, 0_u32);
    for line in lines {
        let same = if line.heading || line.row != last.0 { 1 } else { last.1 + 1 };
        last = if line.heading { last } else { (line.row, same) };
        ids.push(if same == 1 {
            format!("{statement}-r{}", line.row)
        } else {
            format!("{statement}-r{}-{same}", line.row)
        });
    }
    ids
}

/// The label of a line. An amount that counts in place of the lines that break it up has the heading above them.
fn name(lines: &[Line], judged: &Judged, at: usize) -> String {
    let own = lines.get(at).map(|l| l.label.clone()).unwrap_or_default();
    let Some(from) = judged.from.filter(|_| own.is_empty() && judged.role == LineRole::Item) else { return own };
    let above = from.checked_sub(1).and_then(|i| lines.get(i)).filter(|l| l.heading && at > from + 1);
    let label = above.map(|l| l.label.trim_end_matches([':', '-', ' ']).to_owned());
    label.or_else(|| lines.get(at.checked_sub(1)?).map(|l| l.label.clone())).unwrap_or_default()
}

/// The title that names the statement, otherwise the last title above it. Below the title of all notes, a note has its own.
fn title(block: &Block<'_>) -> Option<String> {
    let Some(at) = block.titles.iter().rposition(|t| kind::is_title(t)) else { return block.titles.last().cloned() };
    let named = block.titles.get(at)?;
    let below = block.titles.get(at + 1..).unwrap_or_default();
    let names =
        |t: &&String| !t.starts_with(['(', '[']) && !layout::states_unit(t) && !heading::parse(t).only_heading_words;
    below.iter().rfind(names).filter(|_| kind::opens_all_notes(named)).or(Some(named)).cloned()
}

/// The columns that have any figure. One whose amounts could not be read is no column of zeros.
fn with_figures(heads: Described, lines: &mut [LineItem]) -> Described {
    let filled: Vec<bool> = (0..heads.columns.len())
        .map(|at| lines.iter().any(|line| line.figures.get(at).is_some_and(Option::is_some)))
        .collect();
    if filled.iter().all(|filled| *filled) {
        return heads;
    }
    for line in lines.iter_mut() {
        let mut filled = filled.iter();
        line.figures.retain(|_| filled.next().copied().unwrap_or(true));
    }
    let mut places = Vec::new();
    let mut columns = Vec::new();
    for (column, filled) in heads.columns.into_iter().zip(&filled) {
        places.push(filled.then_some(columns.len()));
        columns.extend(filled.then_some(column));
    }
    let questions = heads.questions.into_iter().filter_map(|question| match question.column {
        Some(at) => places.get(at).copied().flatten().map(|at| Question { column: Some(at), ..question }),
        None => Some(question),
    });
    Described { questions: questions.collect(), columns }
}

/// The columns of a statement whose headings give no year end, with the cells of their amounts.
fn undated(
    grid: &Grid,
    kind: StatementKind,
    columns: &[Column],
    questions: &[Question],
    lines: &[LineItem],
) -> Vec<Unused> {
    if matches!(kind, StatementKind::Unknown | StatementKind::CashFlow) {
        return Vec::new();
    }
    let asked = |at: usize| questions.iter().any(|q| q.column == Some(at) && q.subject == Subject::Period);
    let open = columns.iter().enumerate().filter(|(at, column)| column.period_end.is_none() && !asked(*at));
    let listed = open.filter_map(|(at, column)| {
        let mut figures = lines.iter().filter_map(|l| l.figures.get(at)?.as_ref()).filter(|f| !f.amount.is_zero());
        let first = figures.next()?;
        let (last, count) = figures.fold((first, 1), |(_, n), figure| (figure, n + 1));
        // A lone number, e.g. right of a title, is no column of a statement.
        if count < 2 && columns.iter().all(|c| c.period_end.is_none()) {
            return None;
        }
        Some(unused::undated_column(&grid.sheet, &column.heading, &first.cell, &last.cell, count))
    });
    listed.collect()
}

/// The day on which the borrower was formed, if a text of the sheet says so.
fn formed(grid: &Grid) -> Option<Date> {
    const WORDS: [&str; 4] = ["incorporated on", "date of incorporation", "commenced", "commencement of"];
    let texts = grid.rows.iter().filter(|r| !layout::has_amount(r)).filter_map(layout::row_text);
    texts.filter(|text| text.chars().count() <= FORMED_CHARS_MAX).find_map(|text| {
        let lower = text.to_lowercase();
        let at = WORDS.iter().find_map(|word| lower.find(word))?;
        heading::first_day(lower.get(at..)?)
    })
}
