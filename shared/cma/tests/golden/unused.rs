//! Everything that was seen and is in no figure is listed: one thing of each kind, planted and found again.

use std::io::Cursor;

use calamine::{Reader, Xlsx, open_workbook_from_rs};
use cma::case::{Case, FIGURES, Validated, WORKBOOK};
use cma::check::{Check, Outcome, Severity};
use cma::policy::Policy;
use cma::review::ReviewDecision;
use domain::id::OrderId;
use domain::statement::{
    Basis, Column, ColumnKind, EXTRACTION_SCHEMA, Extraction, Figure, FileFacts, Format, LineItem, LineRole, Question,
    Statement, StatementKind, Subject, Unit, Unused, UnusedReason,
};
use jiff::civil::date;
use rust_decimal::Decimal;

fn extraction(document: u32, statements: Vec<Statement>) -> Extraction {
    let mut statements = statements;
    for (statement, number) in statements.iter_mut().zip(1..) {
        for (line, row) in statement.lines.iter_mut().zip(5..) {
            line.id = format!("d{document}-s{number}-r{row}");
            line.cell = format!("A{row}");
            for (figure, column) in line.figures.iter_mut().zip(["B", "C", "D", "E"]) {
                if let Some(figure) = figure {
                    figure.cell = format!("{column}{row}");
                }
            }
        }
    }
    Extraction {
        schema: EXTRACTION_SCHEMA,
        document,
        file: FileFacts {
            name: format!("file{document}.xlsx"),
            sha256: format!("{document}"),
            bytes: 1,
            format: Format::Xlsx,
        },
        entity: None,
        statements,
        unused: Vec::new(),
    }
}

fn column(year: i16) -> Column {
    Column {
        heading: format!("31.03.{year}"),
        period_end: Some(date(year, 3, 31)),
        months: 12,
        kind: ColumnKind::Audited,
        basis: Basis::Standalone,
    }
}

fn statement(kind: StatementKind, sheet: &str, columns: &[Column], lines: &[(&str, &[&str], i64)]) -> Statement {
    let lines = lines.iter().map(|(label, section, amount)| LineItem {
        id: String::new(),
        label: (*label).into(),
        section: section.iter().map(|heading| (*heading).to_owned()).collect(),
        note: None,
        role: LineRole::Item,
        figures: columns
            .iter()
            .map(|_| {
                Some(Figure {
                    amount: Decimal::from(*amount),
                    text: amount.to_string(),
                    side: None,
                    cell: String::new(),
                })
            })
            .collect(),
        cell: String::new(),
        addends: Vec::new(),
    });
    Statement {
        kind,
        title: Some(sheet.into()),
        sheet: sheet.into(),
        unit: Unit::Lakh,
        columns: columns.to_vec(),
        lines: lines.collect(),
        questions: Vec::new(),
    }
}

const LIABILITIES: [&str; 2] = ["Equity and liabilities", "Current liabilities"];
const ASSETS: [&str; 2] = ["Assets", "Current assets"];

fn balance_sheet(sheet: &str, columns: &[Column]) -> Statement {
    let lines: [(&str, &[&str], i64); 4] = [
        ("Share capital", &["Equity and liabilities", "Equity"], 100),
        ("Sundry creditors", &LIABILITIES, 60),
        ("Sundry debtors", &ASSETS, 120),
        ("Cash in hand", &ASSETS, 40),
    ];
    statement(StatementKind::BalanceSheet, sheet, columns, &lines)
}

fn profit_and_loss(sheet: &str, columns: &[Column]) -> Statement {
    let lines: [(&str, &[&str], i64); 4] =
        [("Sales", &[], 500), ("Purchases", &[], 300), ("Salaries", &[], 150), ("Rent", &[], 20)];
    statement(StatementKind::ProfitAndLoss, sheet, columns, &lines)
}

/// An order in which one thing of every reason is seen and not used.
fn planted() -> Vec<Extraction> {
    let own = [column(2024)];
    let undated = Column { heading: "Budget".into(), period_end: None, ..column(2024) };
    let second = Column { heading: "Provisional".into(), kind: ColumnKind::Provisional, ..column(2024) };
    let group = Column { heading: "Group".into(), basis: Basis::Consolidated, ..column(2024) };
    let quarter = Column { heading: "Quarter".into(), months: 3, ..column(2024) };
    let mut flow = statement(StatementKind::CashFlow, "Cash flow", &own, &[("Interest paid", &[], 9)]);
    flow.lines[0].label = "Interest paid".into();
    let oci: [(&str, &[&str], i64); 1] =
        [("Remeasurement of defined benefit plans", &["Other comprehensive income"], 7)];
    let mut operating = profit_and_loss("PL", &[own[0].clone(), quarter]);
    let mut profit =
        statement(StatementKind::ProfitAndLoss, "PL", &operating.columns, &[("Profit for the year", &[], 30)]);
    profit.lines[0].role = LineRole::Total;
    operating.lines.append(&mut profit.lines);
    operating.lines.append(&mut statement(StatementKind::ProfitAndLoss, "PL", &operating.columns, &oci).lines);
    let mut total =
        statement(StatementKind::ProfitAndLoss, "PL", &operating.columns, &[("Total comprehensive income", &[], 37)]);
    total.lines[0].role = LineRole::Total;
    operating.lines.append(&mut total.lines);
    let mut first = extraction(
        1,
        vec![
            balance_sheet("BS", &[own[0].clone(), undated, second, group]),
            operating,
            balance_sheet("BS (2)", &own),
            flow,
            statement(StatementKind::Unknown, "Groupings", &own, &[("Something", &[], 3), ("Anything", &[], 4)]),
            statement(StatementKind::Note, "Note 7", &own, &[("Deposit with a landlord", &[], 8)]),
        ],
    );
    let read = |reason: UnusedReason, sheet: &str, cell: Option<&str>| Unused {
        reason,
        sheet: sheet.into(),
        cell: cell.map(str::to_owned),
        label: None,
        detail: format!("planted {reason:?}"),
    };
    first.unused = vec![
        read(UnusedReason::ErrorCell, "BS", Some("B6")),
        read(UnusedReason::FormulaWithoutValue, "PL", Some("B5:B6")),
        read(UnusedReason::DoubtfulAmount, "BS", Some("B8")),
        read(UnusedReason::TextForAmount, "BS", Some("B7")),
        read(UnusedReason::HiddenSheet, "Old", None),
        read(UnusedReason::HiddenRow, "BS", Some("A20:C20")),
        read(UnusedReason::HiddenColumn, "BS", Some("F5:F8")),
        read(UnusedReason::HiddenCell, "BS", Some("B9")),
        read(UnusedReason::OversizedSheet, "Data", None),
        read(UnusedReason::OtherName, "Creditors", Some("A1")),
    ];
    let second = extraction(2, vec![balance_sheet("Position", &own)]);
    vec![first, second]
}

/// The statements and cells at which each reason is planted: document, reason, sheet, cell.
const PLANTED: [(u32, UnusedReason, &str, Option<&str>); 19] = [
    (1, UnusedReason::ErrorCell, "BS", Some("B6")),
    (1, UnusedReason::FormulaWithoutValue, "PL", Some("B5:B6")),
    (1, UnusedReason::DoubtfulAmount, "BS", Some("B8")),
    (1, UnusedReason::TextForAmount, "BS", Some("B7")),
    (1, UnusedReason::HiddenSheet, "Old", None),
    (1, UnusedReason::HiddenRow, "BS", Some("A20:C20")),
    (1, UnusedReason::HiddenColumn, "BS", Some("F5:F8")),
    (1, UnusedReason::HiddenCell, "BS", Some("B9")),
    (1, UnusedReason::OversizedSheet, "Data", None),
    (1, UnusedReason::OtherName, "Creditors", Some("A1")),
    (1, UnusedReason::UndatedColumn, "BS", Some("C5:C8")),
    (1, UnusedReason::SecondColumn, "BS", Some("D5:D8")),
    (1, UnusedReason::OtherBasis, "BS", Some("E5:E8")),
    (1, UnusedReason::PartYear, "PL", Some("C5:C11")),
    (1, UnusedReason::RepeatedStatement, "BS (2)", Some("B5:B8")),
    (1, UnusedReason::UnrecognisedSheet, "Groupings", Some("B5:B6")),
    (1, UnusedReason::FaceUsed, "Note 7", Some("B5")),
    (1, UnusedReason::NoRow, "PL", Some("B10:C10")),
    (2, UnusedReason::OtherDocument, "Position", Some("B5:B8")),
];

fn validated() -> (Case, Validated) {
    let case = Case::classify(planted(), &Policy::docket_1());
    let validated = case.validate().expect("figures");
    (case, validated)
}

#[test]
fn everything_planted_is_listed_with_its_file_sheet_and_cell() {
    let (_, validated) = validated();
    for (document, reason, sheet, cell) in PLANTED {
        let found = validated.unused.iter().any(|entry| {
            let unused = &entry.unused;
            (entry.document, unused.reason, unused.sheet.as_str(), unused.cell.as_deref())
                == (document, reason, sheet, cell)
                && entry.file == format!("file{document}.xlsx")
        });
        assert!(found, "{reason:?} in {sheet}: {:#?}", validated.unused);
    }
}

#[test]
fn the_figures_come_from_what_is_left() {
    let (_, validated) = validated();
    let at = |row| validated.figures.at(row, 0).expect("a figure");
    assert_eq!((at(cma::row!("III.25")), at(cma::row!("III.43"))), (Decimal::from(160), Decimal::from(160)));
    assert_eq!((at(cma::row!("II.1.i")), at(cma::row!("II.14"))), (Decimal::from(500), Decimal::from(30)));
}

/// The figures as JSON, and the rows of the Checks sheet.
fn documents(case: &Case, validated: &Validated) -> (serde_json::Value, Vec<Vec<String>>) {
    let order: OrderId = "01KB8QJ5T0000000000000000A".parse().expect("an id");
    let documents = case.documents(validated, order, order.made_at()).expect("documents");
    let bytes =
        |name: &str| documents.iter().find(|document| document.name == name).expect("the document").bytes.clone();
    let json = serde_json::from_slice(&bytes(FIGURES)).expect("JSON");
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes(WORKBOOK))).expect("a workbook");
    let range = workbook.worksheet_range("Checks").expect("the sheet");
    (json, range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect())
}

/// A decision on a question or line.
fn decision(line: &str, row_code: &str, by: Option<&str>) -> ReviewDecision {
    ReviewDecision {
        line: line.into(),
        row_code: row_code.into(),
        reason: "as the borrower says".into(),
        by: by.map(str::to_owned),
    }
}

#[test]
fn a_reviewers_answers_are_in_the_workbook_and_the_json() {
    let own = [column(2024)];
    let mut order = extraction(1, vec![balance_sheet("BS", &own), profit_and_loss("PL", &own)]);
    for statement in &mut order.statements {
        let (subject, printed) = (Subject::Unit, "in myriads".to_owned());
        statement.questions = vec![Question { subject, column: None, cell: Some("A2".into()), printed }];
    }
    let mut case = Case::classify(vec![order], &Policy::docket_1());
    let decisions = [decision("q-unit-d1-s1", "crore", Some("R. Iyer")), decision("q-unit-d1-s2", "crore", Some("  "))];
    case.decide(&decisions).expect("answers");
    let (json, rows) = documents(&case, &case.validate().expect("figures"));
    assert_eq!(json["answers"][0]["question"], "q-unit-d1-s1");
    assert_eq!(
        (json["answers"][0]["answer"].as_str(), json["answers"][0]["by"].as_str()),
        (Some("crore"), Some("R. Iyer"))
    );
    assert_eq!(
        (json["answers"][1]["reason"].as_str(), &json["answers"][1]["by"]),
        (Some("as the borrower says"), &serde_json::Value::Null)
    );
    let printed = |number: &str, by: &str| {
        rows.iter().any(|row| {
            let text = "Cell A2 of sheet";
            row[0] == number
                && row[1].contains(text)
                && row[1].ends_with("as the borrower says")
                && row[2] == "crore"
                && row[3] == by
        })
    };
    assert!(printed("1", "R. Iyer") && printed("2", "the reviewer"), "{rows:#?}");
}

#[test]
fn the_checks_sheet_lists_what_needs_attention_before_what_holds() {
    let mut planted = planted();
    let (subject, printed) = (Subject::Kind, "seen by the auditor".to_owned());
    planted[0].statements[0].questions = vec![Question { subject, column: Some(0), cell: None, printed }];
    let mut case = Case::classify(planted, &Policy::docket_1());
    case.decide(&[decision("q-kind-d1-s1-c1", "audited", None)]).expect("an answer");
    let (_, rows) = documents(&case, &case.validate().expect("figures"));
    let at =
        |text: &str| rows.iter().position(|row| row[1].contains(text)).unwrap_or_else(|| panic!("{text}: {rows:#?}"));
    let found = [
        at("Checks that failed when"),
        at("Checks that could not be made"),
        at("Seen in the documents and in no figure"),
        at("Answered by a reviewer, not read from the documents: 1"),
        at("other checks hold."),
    ];
    assert!(found.is_sorted(), "{found:?}");
    assert_eq!(found[4] + 1, rows.len(), "what holds is one line, the last");
}

#[test]
fn everything_planted_is_in_the_workbook_and_the_json() {
    let (case, validated) = validated();
    let (json, rows) = documents(&case, &validated);
    let listed = json["unused"].as_array().expect("a list");
    for (document, reason, sheet, cell) in PLANTED {
        let word = serde_json::to_value(reason).expect("a word");
        let is_it = |entry: &&serde_json::Value| {
            entry["reason"] == word && entry["sheet"] == sheet && entry["document"] == document
        };
        let entry = listed.iter().find(is_it).unwrap_or_else(|| panic!("{reason:?} is not in the JSON"));
        assert_eq!(
            (entry["cell"].as_str(), entry["file"].as_str()),
            (cell, Some(format!("file{document}.xlsx").as_str()))
        );
        let printed = rows
            .iter()
            .any(|row| row[0] == document.to_string() && row[2] == sheet && row[3] == cell.unwrap_or_default());
        assert!(printed, "{reason:?} is not in the workbook");
    }
}

fn of_cell<'a>(checks: &'a [Check], place: &str) -> Vec<&'a Check> {
    checks.iter().filter(|check| check.rule == "V25" && check.detail.starts_with(place)).collect()
}

#[test]
fn what_may_change_a_figure_is_an_error_of_its_year_and_what_is_hidden_a_warning() {
    let (_, validated) = validated();
    for place in ["BS!B6", "PL!B5:B6", "BS!B8"] {
        let found = of_cell(&validated.checks, place);
        let [check] = found.as_slice() else { panic!("{place}: {found:?}") };
        assert_eq!((check.severity, check.outcome), (Severity::Error, Outcome::Fails));
        assert_eq!(check.year.as_deref(), Some("31.03.2024"));
    }
    for place in ["BS!B7", "sheet Old", "BS!A20:C20", "BS!F5:F8", "BS!B9", "BS!C5:C8"] {
        let found = of_cell(&validated.checks, place);
        let [check] = found.as_slice() else { panic!("{place}: {found:?}") };
        assert_eq!((check.severity, check.passed), (Severity::Warning, false), "{place}");
    }
    let rest = of_cell(&validated.checks, "11 things were seen");
    assert_eq!(rest.iter().map(|check| check.severity).collect::<Vec<_>>(), [Severity::Note]);
}

#[test]
fn an_error_beside_the_figures_or_on_another_sheet_makes_no_column_unusable() {
    let mut planted = planted();
    let error = |sheet: &str, cell: &str| Unused {
        reason: UnusedReason::ErrorCell,
        sheet: sheet.into(),
        cell: Some(cell.into()),
        label: None,
        detail: "planted".into(),
    };
    planted[0].unused = vec![error("BS", "H6"), error("Workings", "B6"), error("BS", "B90"), error("BS", "D6")];
    let case = Case::classify(planted, &Policy::docket_1());
    let checks = case.validate().expect("figures").checks;
    let severity = |place: &str| of_cell(&checks, place).first().map(|check| check.severity);
    assert_eq!(severity("BS!H6"), Some(Severity::Warning));
    assert_eq!((severity("Workings!B6"), severity("BS!B90"), severity("BS!D6")), (None, None, None), "only listed");
}
