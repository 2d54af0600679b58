//! Reads the rows of a worked example, and prints its input rows as files in the forms that borrowers send.

use std::path::Path;

use rust_decimal::Decimal;
use rust_xlsxwriter::Workbook;

/// One row of a worked example.
pub struct Row {
    pub form: String,
    pub code: String,
    pub label: String,
    pub is_input: bool,
    pub values: Vec<Option<Decimal>>,
}

/// A worked example.
pub struct Borrower {
    pub years: Vec<String>,
    pub kinds: Vec<String>,
    pub rows: Vec<Row>,
}

/// How the rows are printed.
#[derive(Clone, Copy, Default)]
pub struct Form {
    /// Both forms in one list, without headings for each form.
    pub is_one_list: bool,
    /// Latest year first.
    pub is_reversed: bool,
    /// Amounts as text in Indian grouping, negative ones in brackets.
    pub is_text: bool,
    /// The first column holds the row codes.
    pub has_codes: bool,
    /// Subtotals and totals are printed too.
    pub has_sums: bool,
    /// No heading states the unit.
    pub has_no_unit: bool,
    /// The kind of the figures (audited, estimated) is in the same cell as the date, not below it.
    pub has_one_heading: bool,
}

impl Borrower {
    /// Reads a worked example.
    pub fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let years = reader.headers().unwrap().iter().skip(5).map(str::to_owned).collect();
        let mut records = reader.records().map(Result::unwrap);
        let kinds = records.next().unwrap().iter().skip(5).map(str::to_owned).collect();
        let row = |record: csv::StringRecord| Row {
            form: record[0].to_owned(),
            code: record[1].to_owned(),
            label: record[2].to_owned(),
            is_input: &record[3] == "input",
            values: record.iter().skip(5).map(|value| value.parse().ok()).collect(),
        };
        Self { years, kinds, rows: records.map(row).collect() }
    }

    /// The sheets of Forms II and III, each a list of cells.
    fn sheets(&self, form: Form) -> Vec<(&'static str, Vec<Vec<String>>)> {
        let titles = [("II", "FORM II - OPERATING STATEMENT"), ("III", "FORM III - ANALYSIS OF BALANCE SHEET")];
        let unit = || if form.has_no_unit { Vec::new() } else { vec![vec!["(Rs. in lakhs)".to_owned()]] };
        if form.is_one_list {
            let rows = titles.iter().flat_map(|(of, _)| self.lines(of, form));
            return vec![("Sheet1", unit().into_iter().chain(self.heads(form)).chain(rows).collect())];
        }
        let sheet = |(of, title): &(&'static str, &str)| {
            let top = std::iter::once(vec![(*title).to_owned()]).chain(unit()).chain(self.heads(form));
            (*of, top.chain(self.lines(of, form)).collect())
        };
        titles.iter().map(sheet).collect()
    }

    fn order(&self, form: Form) -> Vec<usize> {
        let years = 0..self.years.len();
        if form.is_reversed { years.rev().collect() } else { years.collect() }
    }

    fn heads(&self, form: Form) -> Vec<Vec<String>> {
        let row = |name: &str, cell: &dyn Fn(usize) -> String| {
            let code = form.has_codes.then(|| if name.is_empty() { "" } else { "Code" }.to_owned());
            let cells = self.order(form).into_iter().map(cell);
            code.into_iter().chain([name.to_owned()]).chain(cells).collect::<Vec<_>>()
        };
        if form.has_one_heading {
            return vec![row("Particulars", &|year| format!("{} ({})", self.years[year], self.kinds[year]))];
        }
        vec![row("Particulars", &|year| self.years[year].clone()), row("", &|year| self.kinds[year].clone())]
    }

    fn lines(&self, of: &str, form: Form) -> Vec<Vec<String>> {
        let printed = self.rows.iter().filter(|row| row.form == of && (row.is_input || form.has_sums));
        let line = |row: &Row| {
            let amount =
                |year: usize| row.values[year].map_or(String::new(), |value| format_amount(value, form.is_text));
            let code = form.has_codes.then(|| row.code.clone());
            let cells = self.order(form).into_iter().map(amount);
            code.into_iter().chain([row.label.clone()]).chain(cells).collect()
        };
        printed.map(line).collect()
    }

    /// One workbook with a sheet for each form.
    pub fn workbook(&self, form: Form) -> Vec<(String, Vec<u8>)> {
        let mut workbook = Workbook::new();
        for (name, rows) in self.sheets(form) {
            let sheet = workbook.add_worksheet();
            sheet.set_name(name).unwrap();
            for (at, row) in (0..).zip(&rows) {
                for (column, cell) in (0..).zip(row) {
                    match cell.parse::<f64>() {
                        Ok(amount) if !form.is_text && at > 1 => sheet.write_number(at, column, amount).unwrap(),
                        _ => sheet.write_string(at, column, cell).unwrap(),
                    };
                }
            }
        }
        vec![("statements.xlsx".to_owned(), workbook.save_to_buffer().unwrap())]
    }

    /// One CSV file for each form.
    pub fn csv(&self, form: Form) -> Vec<(String, Vec<u8>)> {
        let file = |(name, rows): (&str, Vec<Vec<String>>)| {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            rows.iter().for_each(|row| writer.write_record(row).unwrap());
            (format!("form-{name}.csv"), writer.into_inner().unwrap())
        };
        self.sheets(form).into_iter().map(file).collect()
    }
}

/// As `1,84,025.00`; negative amounts as `(1,84,025.00)`.
fn format_amount(value: Decimal, is_text: bool) -> String {
    if !is_text {
        return value.to_string();
    }
    let digits = format!("{:.2}", value.abs());
    let (whole, fraction) = digits.split_once('.').unwrap();
    let (head, tail) = whole.split_at(whole.len().saturating_sub(3));
    let mut grouped = String::new();
    for (at, digit) in head.chars().enumerate() {
        grouped.push(digit);
        if (head.len() - at) % 2 == 1 {
            grouped.push(',');
        }
    }
    let amount = format!("{grouped}{tail}.{fraction}");
    if value.is_sign_negative() { format!("({amount})") } else { amount }
}
