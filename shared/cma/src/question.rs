//! What an order must be asked before its figures can be trusted: what its documents print and the reader did not
//! understand, what is missing, and whose documents they are.
//!
//! Only statements that figures would come from are asked about. A unit that no statement prints is no question; a check
//! warns of it.

pub mod entity;
mod period;
#[cfg(test)]
mod tests;

use domain::statement::{Extraction, Question, Statement, StatementKind, Subject};
use serde::{Deserialize, Serialize};

use crate::classification::Classification;
use crate::figure::{self, Reach};
use entity::Entity;

/// Something that a person must answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenQuestion {
    /// Stable identity within the order, e.g. `q-unit-d1-s2` or `q-period-d1-s2-c1`.
    pub id: String,
    /// What it is about.
    pub about: About,
    /// What must be answered, with the file, the sheet and the printed text.
    pub text: String,
    /// Number of the document it concerns; none for the whole order.
    pub document: Option<u32>,
    /// The statement it concerns, an index into the document's statements.
    pub statement: Option<usize>,
    /// The column it concerns, an index into the statement's columns; none for all of them.
    pub column: Option<usize>,
    /// Sheet or page.
    pub sheet: Option<String>,
    /// Cell of the text that was not understood.
    pub cell: Option<String>,
    /// The text that was not understood.
    pub printed: Option<String>,
}

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// The unit of a statement.
    Unit,
    /// The currency of a statement, which is not the rupee.
    Currency,
    /// The end of a column's period.
    Period,
    /// How many months a column covers.
    Months,
    /// Whether a column is audited, provisional, estimated or projected.
    Kind,
    /// No document has a balance sheet.
    BalanceSheet,
    /// No document has a profit and loss statement.
    ProfitAndLoss,
    /// The documents name more than one borrower.
    Borrower,
}

impl About {
    /// The word for it in the id of a question.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Currency => "currency",
            Self::Period => "period",
            Self::Months => "months",
            Self::Kind => "kind",
            Self::BalanceSheet => "balance-sheet",
            Self::ProfitAndLoss => "profit-and-loss",
            Self::Borrower => "borrower",
        }
    }
}

impl OpenQuestion {
    /// Whether it is about a statement of one of these kinds.
    fn is_of_kind(&self, extractions: &[Extraction], kinds: &[StatementKind]) -> bool {
        let of_document = extractions.iter().find(|extraction| Some(extraction.document) == self.document);
        let statement = self.statement.and_then(|index| of_document?.statements.get(index));
        statement.is_some_and(|statement| kinds.contains(&statement.kind))
    }
}

impl From<Subject> for About {
    fn from(subject: Subject) -> Self {
        match subject {
            Subject::Unit => Self::Unit,
            Subject::Currency => Self::Currency,
            Subject::Period => Self::Period,
            Subject::Months => Self::Months,
            Subject::Kind => Self::Kind,
        }
    }
}

/// What an order lacks, or what in it cannot belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// No line belongs to a balance sheet.
    NoBalanceSheet,
    /// No line belongs to a profit and loss statement.
    NoProfitAndLoss,
    /// The year of a column of a statement is unknown, and the statement has no column whose year is known.
    NoYear(ColumnPlace),
    /// The documents name more than one borrower.
    EntitiesDiffer(Vec<Entity>),
}

/// Where a column is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnPlace {
    /// Number of the document.
    pub document: u32,
    /// Index of the statement within the document.
    pub statement: usize,
    /// Index of the column within the statement.
    pub column: usize,
    /// File name as uploaded.
    pub file: String,
    /// Sheet or page.
    pub sheet: String,
    /// Heading as printed.
    pub heading: String,
    /// Cell of its first amount.
    pub cell: Option<String>,
}

/// What the order lacks, in a fixed order.
#[must_use]
pub fn gaps(extractions: &[Extraction], classification: &Classification) -> Vec<Gap> {
    let reach = figure::reach(extractions, classification);
    let mut gaps = Vec::new();
    if !reach.position {
        gaps.push(Gap::NoBalanceSheet);
    }
    if !reach.operating {
        gaps.push(Gap::NoProfitAndLoss);
    }
    gaps.extend(undated_columns(extractions, &reach).map(Gap::NoYear));
    let entities = entity::entities(extractions);
    if entities.len() > 1 {
        gaps.push(Gap::EntitiesDiffer(entities));
    }
    gaps
}

/// Everything that must be answered: what the documents print and the reader did not understand, then the gaps.
#[must_use]
pub fn open(extractions: &[Extraction], classification: &Classification) -> Vec<OpenQuestion> {
    let reach = figure::reach(extractions, classification);
    let mut open = Vec::new();
    for extraction in extractions {
        for (index, statement) in extraction.statements.iter().enumerate() {
            let concerns = |question: &&Question| reach.uses(extraction.document, index, question.column);
            let asked = statement.questions.iter().filter(concerns);
            open.extend(asked.map(|question| of_statement(extraction, index, statement, question)));
        }
    }
    for gap in gaps(extractions, classification) {
        let question = of_gap(gap);
        if !open.iter().any(|known| known.id == question.id) {
            open.push(question);
        }
    }
    let spare = period::kinds_with_every_year(extractions, &reach, &open);
    open.retain(|question| question.about != About::Period || !question.is_of_kind(extractions, &spare));
    open
}

fn of_statement(extraction: &Extraction, index: usize, statement: &Statement, question: &Question) -> OpenQuestion {
    let about = About::from(question.subject);
    let place = place(&extraction.file.name, &statement.sheet, question.cell.as_deref());
    let what = match question.subject {
        Subject::Unit => "In which unit are the amounts",
        Subject::Currency => "In which currency are the amounts",
        Subject::Period => "On which day does the period of the column end",
        Subject::Months => "How many months does the column cover",
        Subject::Kind => "Are the figures of the column audited, provisional, estimated or projected",
    };
    let printed = &question.printed;
    OpenQuestion {
        id: id(about, Some((extraction.document, index, question.column))),
        about,
        text: format!("{what}? {place} prints “{printed}”, which was not understood."),
        document: Some(extraction.document),
        statement: Some(index),
        column: question.column,
        sheet: Some(statement.sheet.clone()),
        cell: question.cell.clone(),
        printed: Some(printed.clone()),
    }
}

fn of_gap(gap: Gap) -> OpenQuestion {
    let about = match &gap {
        Gap::NoBalanceSheet => About::BalanceSheet,
        Gap::NoProfitAndLoss => About::ProfitAndLoss,
        Gap::NoYear(_) => About::Period,
        Gap::EntitiesDiffer(_) => About::Borrower,
    };
    let mut question = OpenQuestion {
        id: id(about, None),
        about,
        text: String::new(),
        document: None,
        statement: None,
        column: None,
        sheet: None,
        cell: None,
        printed: None,
    };
    match gap {
        Gap::NoBalanceSheet => {
            "No document has a balance sheet. Is one missing?".clone_into(&mut question.text);
        }
        Gap::NoProfitAndLoss => {
            "No document has a profit and loss statement. Is one missing?".clone_into(&mut question.text);
        }
        Gap::NoYear(column) => {
            let place = place(&column.file, &column.sheet, column.cell.as_deref());
            question.text = format!(
                "On which day does the period of the column “{}” end? {place} gives no date that was understood.",
                column.heading
            );
            question.id = id(about, Some((column.document, column.statement, Some(column.column))));
            question.document = Some(column.document);
            question.statement = Some(column.statement);
            question.column = Some(column.column);
            question.sheet = Some(column.sheet);
            question.cell = column.cell;
            question.printed = Some(column.heading);
        }
        Gap::EntitiesDiffer(entities) => {
            question.text = format!(
                "The documents name more than one borrower: {}. Whose CMA is this, and which documents belong to it?",
                entity::named(&entities)
            );
        }
    }
    question
}

/// The id of a question about the whole order.
pub(crate) fn id_of(about: About) -> String {
    id(about, None)
}

fn id(about: About, place: Option<(u32, usize, Option<usize>)>) -> String {
    let word = about.word();
    match place {
        None => format!("q-{word}"),
        Some((document, statement, None)) => format!("q-{word}-d{document}-s{}", statement + 1),
        Some((document, statement, Some(column))) => format!("q-{word}-d{document}-s{}-c{}", statement + 1, column + 1),
    }
}

fn place(file: &str, sheet: &str, cell: Option<&str>) -> String {
    match cell {
        Some(cell) => format!("Cell {cell} of sheet {sheet} of {file}"),
        None => format!("Sheet {sheet} of {file}"),
    }
}

/// The columns with amounts of statements none of whose columns has a year.
fn undated_columns<'a>(extractions: &'a [Extraction], reach: &Reach) -> impl Iterator<Item = ColumnPlace> + use<'a> {
    let undated = reach.undated.clone();
    extractions.iter().flat_map(move |extraction| {
        let of_document: Vec<(usize, usize)> =
            undated.iter().filter(|(document, ..)| *document == extraction.document).map(|&(_, s, c)| (s, c)).collect();
        of_document.into_iter().filter_map(move |(index, column)| {
            let statement = extraction.statements.get(index)?;
            let face = matches!(statement.kind, StatementKind::BalanceSheet | StatementKind::ProfitAndLoss);
            let dated = statement.columns.iter().any(|column| column.period_end.is_some());
            (face && !dated).then(|| column_place(extraction, index, statement, column))
        })
    })
}

fn column_place(extraction: &Extraction, index: usize, statement: &Statement, column: usize) -> ColumnPlace {
    let amounts = statement.lines.iter().filter_map(|line| line.figures.get(column)?.as_ref());
    ColumnPlace {
        document: extraction.document,
        statement: index,
        column,
        file: extraction.file.name.clone(),
        sheet: statement.sheet.clone(),
        heading: statement.columns.get(column).map(|column| column.heading.clone()).unwrap_or_default(),
        cell: amounts.map(|figure| figure.cell.clone()).next(),
    }
}
