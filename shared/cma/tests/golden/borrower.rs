//! A worked example as statements whose lines are all classified by hand.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a test whose set-up fails should fail loudly")]

use std::path::PathBuf;

use cma::classification::{CLASSIFICATION_SCHEMA, Classification, ClassifiedLine};
use cma::row;
use cma::row::RowCode;
use domain::statement::{
    Basis, Column, ColumnKind, EXTRACTION_SCHEMA, Extraction, Figure, FileFacts, Format, LineItem, LineRole, Statement,
    StatementKind, Unit,
};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// One row of a worked example's CSV.
#[derive(Clone)]
pub struct Row {
    pub code: RowCode,
    pub label: String,
    pub input: bool,
    pub values: Vec<Option<Decimal>>,
}

/// A worked example.
#[derive(Clone)]
pub struct Example {
    pub years: Vec<Date>,
    pub kinds: Vec<ColumnKind>,
    pub rows: Vec<Row>,
}

/// The worked examples that are available; prints which are not.
pub fn examples() -> Vec<(&'static str, Example)> {
    ["worked_example", "worked_example_synthetic"].into_iter().filter_map(|name| Some((name, read(name)?))).collect()
}

/// The example `name`; when it is not available, prints that the test is skipped and returns `None`.
pub fn read(name: &str) -> Option<Example> {
    let shared = std::env::var_os("DOCKET_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")), PathBuf::from);
    let path = shared.join("domain").join(format!("{name}.csv"));
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("SKIPPED: the worked example {name}.csv is not available");
        return None;
    };
    Some(parse(&text))
}

/// Parses an example from CSV.
pub fn parse(text: &str) -> Example {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let years = reader.headers().expect("headers").iter().skip(5).map(date).collect();
    let mut records = reader.records().map(|record| record.expect("a record"));
    let kinds = records.next().expect("kinds").iter().skip(5).map(kind).collect();
    let rows = records.map(|record| Row {
        code: RowCode::parse(&record[1]).expect("a row"),
        label: record[2].trim().to_owned(),
        input: &record[3] == "input",
        values: record.iter().skip(5).map(|value| value.parse().ok()).collect(),
    });
    Example { years, kinds, rows: rows.collect() }
}

fn date(text: &str) -> Date {
    let part = |range| text.get(range).and_then(|part: &str| part.parse::<i16>().ok()).expect("a date");
    let small = |number| i8::try_from(number).expect("day or month");
    Date::new(part(6..10), small(part(3..5)), small(part(0..2))).expect("a date")
}

fn kind(text: &str) -> ColumnKind {
    match text {
        "Audited" => ColumnKind::Audited,
        "Estimated" => ColumnKind::Estimated,
        _ => ColumnKind::Projected,
    }
}

impl Example {
    pub fn value(&self, code: RowCode, year: usize) -> Option<Decimal> {
        self.rows.iter().find(|row| row.code == code).and_then(|row| row.values[year])
    }

    /// Instalments paid in each year: as given, else as implied by the example's own coverage ratio.
    pub fn instalments_paid(&self) -> Vec<Option<Decimal>> {
        if let Some(given) = self.rows.iter().find(|row| row.code == row!("S.TL.paid")) {
            return given.values.clone();
        }
        let at = |code: RowCode, year| self.value(code, year).unwrap_or_default();
        let paid = |year| {
            let funds = at(row!("R.accr"), year) + at(row!("II.9.b"), year);
            Some((funds / at(row!("R.dscr"), year) - at(row!("II.9.b"), year)).round_dp(2))
        };
        (0..self.years.len()).map(paid).collect()
    }

    /// The example as one document whose lines are classified by hand.
    pub fn order(&self) -> Order {
        let mut order = Order::new(self);
        let inputs: Vec<&Row> = self.rows.iter().filter(|row| row.input).collect();
        let of = |prefix: &str| {
            inputs.iter().filter(|row| row.code.as_str().starts_with(prefix)).copied().collect::<Vec<_>>()
        };
        order.statement(StatementKind::ProfitAndLoss, &of("II."));
        order.statement(StatementKind::BalanceSheet, &of("III."));
        let paid = Row {
            code: row!("S.TL.paid"),
            label: "Repayment of term loans during the year".to_owned(),
            input: true,
            values: self.instalments_paid(),
        };
        order.statement(StatementKind::Additional, &[&paid]);
        // The real borrower writes off preliminary expenses, its only non-operating charge without cash.
        let non_cash = |year| {
            let at = |code| self.value(code, year).unwrap_or_default();
            at(row!("R.accr")) - at(row!("II.14")) - at(row!("II.5.vi")) > Decimal::ZERO
        };
        if (0..self.years.len()).any(non_cash) {
            order.line_mut(row!("II.11.ii")).non_cash = true;
        }
        order
    }
}

/// What the earlier phases pass to `figure::assemble`.
#[derive(Clone, Debug)]
pub struct Order {
    pub extractions: Vec<Extraction>,
    pub classification: Classification,
    columns: Vec<Column>,
}

impl Order {
    fn new(example: &Example) -> Self {
        let column = |(&end, &kind): (&Date, &ColumnKind)| Column {
            heading: format!("As at {end}"),
            period_end: Some(end),
            months: 12,
            kind,
            basis: Basis::Unstated,
        };
        let columns = example.years.iter().zip(&example.kinds).map(column).collect();
        let file = FileFacts { name: "cma.xlsx".into(), sha256: "a1".into(), bytes: 1, format: Format::Xlsx };
        let extraction = Extraction {
            schema: EXTRACTION_SCHEMA,
            document: 1,
            file,
            entity: None,
            statements: Vec::new(),
            unused: Vec::new(),
        };
        let classification =
            Classification { schema: CLASSIFICATION_SCHEMA, policy: "by hand".into(), lines: Vec::new() };
        Self { extractions: vec![extraction], classification, columns }
    }

    fn statement(&mut self, kind: StatementKind, rows: &[&Row]) {
        let number = self.extractions[0].statements.len() + 1;
        let mut lines = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            let id = format!("d1-s{number}-r{}", index + 5);
            self.classification.lines.push(ClassifiedLine {
                line: id.clone(),
                row_code: row.code,
                sign: 1,
                confidence: 1.0,
                reason: "by hand".into(),
                alternatives: Vec::new(),
                non_cash: false,
                breaks_up: Vec::new(),
                differs_from: Vec::new(),
            });
            let figure = |(year, amount): (usize, &Option<Decimal>)| {
                let cell = format!("{}{}", char::from(b'B' + u8::try_from(year).expect("few years")), index + 5);
                amount.map(|amount| Figure { amount, text: amount.to_string(), side: None, cell })
            };
            let mut figures: Vec<_> = row.values.iter().enumerate().map(figure).collect();
            figures.resize(self.columns.len(), None);
            let cell = format!("A{}", index + 5);
            let (label, role) = (row.label.clone(), LineRole::Item);
            lines.push(LineItem { id, label, section: vec![], note: None, role, figures, cell, addends: vec![] });
        }
        self.extractions[0].statements.push(Statement {
            kind,
            title: None,
            sheet: format!("Sheet{number}"),
            unit: Unit::Lakh,
            columns: self.columns.clone(),
            lines,
            questions: Vec::new(),
        });
    }

    pub fn line_mut(&mut self, row_code: RowCode) -> &mut ClassifiedLine {
        self.classification.lines.iter_mut().find(|line| line.row_code == row_code).expect("a line of this row")
    }

    /// The printed line that feeds `row_code`.
    pub fn item_mut(&mut self, row_code: RowCode) -> &mut LineItem {
        let id = self.line_mut(row_code).line.clone();
        let statements = self.extractions.iter_mut().flat_map(|extraction| &mut extraction.statements);
        statements.flat_map(|statement| &mut statement.lines).find(|line| line.id == id).expect("the line")
    }

    /// The amount printed for `row_code` in a year.
    pub fn amount_mut(&mut self, row_code: RowCode, year: usize) -> &mut Decimal {
        &mut self.item_mut(row_code).figures[year].as_mut().expect("a figure").amount
    }
}
