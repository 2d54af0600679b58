//! The key figures of a finished order, out of the JSON that the service published.
//!
//! A figure that is missing stays missing: it is a dash, never nil. All figures are decimals.

mod number;
mod selection;

pub(crate) use number::brief;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::chart;
use crate::html::Markup;

/// The key figures of an order by year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFigures {
    years: Vec<Year>,
    unit: String,
    tables: Vec<Selected>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Year {
    /// Last day of its period, as published.
    pub(crate) end: String,
    /// Kind and, unless they are twelve, months.
    pub(crate) detail: String,
}

/// A table's rows out of the published ones.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Selected {
    title: &'static str,
    shape: chart::Shape,
    rows: Vec<SelectedRow>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct SelectedRow {
    label: &'static str,
    measure: selection::Measure,
    is_drawn: bool,
    values: Vec<Option<Decimal>>,
}

/// A table as it is shown, with the chart of its rows.
pub(crate) struct Table {
    pub(crate) title: &'static str,
    pub(crate) rows: Vec<Row>,
    pub(crate) chart: Markup,
}

/// A row as it is shown.
pub(crate) struct Row {
    pub(crate) label: &'static str,
    pub(crate) values: Vec<String>,
    /// Number of its series in the chart, if it is drawn.
    pub(crate) series: Option<usize>,
}

impl KeyFigures {
    /// Reads `figures.json`, or only what it has under `figures`. None if it has no years or none of the rows that are shown.
    #[must_use]
    pub fn read(json: &Value) -> Option<Self> {
        let json = json.get("figures").unwrap_or(json);
        let years = years(json);
        let published = json.get("rows")?;
        let tables: Vec<Selected> =
            selection::TABLES.iter().filter_map(|table| select(table, published, years.len())).collect();
        if years.is_empty() || tables.is_empty() {
            return None;
        }
        Some(Self { years, unit: json.get("unit").and_then(Value::as_str).unwrap_or_default().to_owned(), tables })
    }

    /// Whether the charts have room beside their tables.
    pub(crate) fn is_beside(&self) -> bool {
        chart::is_beside(self.years.len())
    }

    pub(crate) fn years(&self) -> &[Year] {
        &self.years
    }

    /// The unit of amounts, in words.
    pub(crate) fn unit_words(&self) -> String {
        match self.unit.as_str() {
            "" | "unstated" => "amounts as printed; no unit is stated".to_owned(),
            "rupee" => "amounts in rupees".to_owned(),
            unit => format!("amounts in {unit}s of rupees"),
        }
    }

    pub(crate) fn tables(&self) -> Vec<Table> {
        self.tables.iter().map(|table| self.shown(table)).collect()
    }

    fn shown(&self, table: &Selected) -> Table {
        let drawn: Vec<_> = table.rows.iter().filter(|row| row.is_drawn).collect();
        let series: Vec<chart::Series<'_>> =
            drawn.iter().map(|row| chart::Series { label: row.label, values: &row.values }).collect();
        let years: Vec<&str> = self.years.iter().map(|year| year.end.as_str()).collect();
        let mut number = 0;
        let rows = table.rows.iter().map(|row| {
            number += usize::from(row.is_drawn);
            Row {
                label: row.label,
                values: row.values.iter().map(|value| number::shown(*value, row.measure)).collect(),
                series: (row.is_drawn && drawn.len() > 1).then_some(number),
            }
        });
        Table {
            title: table.title,
            rows: rows.collect(),
            chart: chart::draw(table.title, table.shape, &years, &series),
        }
    }
}

/// The rows of a table that are published; none if no figure of them is known.
fn select(table: &selection::Table, published: &Value, years: usize) -> Option<Selected> {
    let rows: Vec<SelectedRow> = table
        .rows
        .iter()
        .filter(|row| published.get(row.code).is_some())
        .map(|row| SelectedRow {
            label: row.label,
            measure: row.measure,
            is_drawn: row.is_drawn,
            values: values(published.get(row.code), years),
        })
        .collect();
    let is_known = rows.iter().flat_map(|row| &row.values).any(Option::is_some);
    is_known.then_some(Selected { title: table.title, shape: table.shape, rows })
}

/// One figure per year. What is not a decimal text is missing.
fn values(row: Option<&Value>, years: usize) -> Vec<Option<Decimal>> {
    let published = row.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    (0..years).map(|year| published.get(year)?.as_str()?.parse().ok()).collect()
}

fn years(json: &Value) -> Vec<Year> {
    let list = |name: &str| json.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let (kinds, months) = (list("kinds"), list("months"));
    let year = |(index, end): (usize, &Value)| {
        let kind = kinds.get(index).and_then(Value::as_str).filter(|kind| *kind != "unstated");
        let months = months.get(index).and_then(Value::as_u64).filter(|months| *months != 12);
        let months = months.map(|months| format!("{months} months"));
        let detail: Vec<String> = kind.map(str::to_owned).into_iter().chain(months).collect();
        Year { end: end.as_str().unwrap_or("—").to_owned(), detail: detail.join(", ") }
    };
    list("years").iter().enumerate().map(year).collect()
}
