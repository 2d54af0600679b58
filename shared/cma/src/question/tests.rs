use domain::statement::{LineItem, Question, StatementKind, Subject, Unused, UnusedReason};

use super::{About, Gap, entity, gaps, open};
use crate::classify::classify;
use crate::classify::tests::{extraction, line, statement};
use crate::policy::Policy;
use domain::statement::Extraction;

fn balance_sheet() -> Vec<LineItem> {
    vec![line("b1", "Share capital", &["Equity"], &[10]), line("b2", "Cash in hand", &["Current assets"], &[10])]
}

fn profit_and_loss() -> Vec<LineItem> {
    vec![line("p1", "Sales", &[], &[100]), line("p2", "Salaries", &["Expenses"], &[90])]
}

fn whole() -> Extraction {
    extraction(vec![
        statement(StatementKind::BalanceSheet, "Balance sheet", &[2024], balance_sheet()),
        statement(StatementKind::ProfitAndLoss, "Profit and loss", &[2024], profit_and_loss()),
    ])
}

fn gaps_of(extractions: &[Extraction]) -> Vec<Gap> {
    gaps(extractions, &classify(extractions, &Policy::docket_1()))
}

fn open_in(extractions: &[Extraction]) -> Vec<(String, About)> {
    let open = open(extractions, &classify(extractions, &Policy::docket_1()));
    open.into_iter().map(|question| (question.id, question.about)).collect()
}

#[test]
fn a_complete_order_asks_nothing() {
    assert!(gaps_of(&[whole()]).is_empty());
    assert!(open_in(&[whole()]).is_empty());
}

#[test]
fn a_missing_statement_is_asked_for() {
    let mut order = whole();
    order.statements.truncate(1);
    assert_eq!(gaps_of(&[order]), [Gap::NoProfitAndLoss]);
    let mut order = whole();
    order.statements.remove(0);
    assert_eq!(open_in(&[order]), [("q-balance-sheet".to_owned(), About::BalanceSheet)]);
}

#[test]
fn a_unit_that_was_not_understood_is_asked_about_once() {
    let mut order = whole();
    let question =
        Question { subject: Subject::Unit, column: None, cell: Some("B2".into()), printed: "in myriads".into() };
    order.statements[1].questions.push(question);
    let asked = open(&[order.clone()], &classify(&[order], &Policy::docket_1()));
    let [only] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((only.id.as_str(), only.document), ("q-unit-d1-s2", Some(1)));
    assert!(only.text.contains("myriads") && only.text.contains("B2"), "{}", only.text);
}

#[test]
fn a_statement_that_no_figure_comes_from_is_not_asked_about() {
    let mut order = whole();
    let question = Question { subject: Subject::Unit, column: None, cell: None, printed: "in myriads".into() };
    let mut flow = statement(StatementKind::CashFlow, "Cash flow", &[2024], vec![line("c1", "Interest", &[], &[5])]);
    flow.questions.push(question);
    order.statements.push(flow);
    assert!(open_in(&[order]).is_empty());
}

#[test]
fn a_statement_without_a_year_is_asked_for_its_year() {
    let mut order = whole();
    order.statements[1].columns[0].period_end = None;
    order.statements[1].columns[0].heading = "Amount".into();
    assert_eq!(open_in(&[order]), [("q-period-d1-s2-c1".to_owned(), About::Period)]);
}

#[test]
fn two_borrowers_are_asked_about_and_two_spellings_are_not() {
    let named = |name: &str, document: u32| {
        let mut order = whole();
        order.entity = Some(name.into());
        order.document = document;
        order
    };
    let alike = [
        ("M/s. Kaveri Precision Tools Pvt. Ltd.", "KAVERI PRECISION TOOLS PRIVATE LIMITED"),
        ("Kaveri Precision Tools (P) Ltd", "Kaveri Precision Tools Pvt Ltd (formerly Kaveri Tools LLP)"),
        ("Kaveri Tools Limited", "Kaveri Precision Tools Limited (Formerly known as Kaveri Tools Ltd.)"),
        ("A.B.C. Traders", "ABC TRADERS"),
        ("Sharma & Sons", "Sharma and Sons"),
        ("Kaveri Engg. Co.", "Kaveri Engineering Company"),
        ("Kaveri Precision Tools", "Kaveri Precision Tools, Coimbatore"),
        ("M/s Nandini Enterprises", "Nandini Sharma (Prop. Nandini Enterprises)"),
        ("Kaveri Precision Tools", "Kaveri Precison Tools"),
        ("Shree Ganpati Castings", "Shri Ganpati Castings"),
        ("Kaveri Tools Limited", "Kaveri Tools Private Limited"),
        ("Kaveri Tools", "Kaveri Tools LLP"),
        ("Ganesh Industries", "Ganesh Industries Unit II"),
    ];
    for (one, other) in alike {
        let found = entity::entities(&[named(one, 1), named(other, 2)]);
        assert_eq!(found.len(), 1, "{one} / {other}");
        assert_eq!(found[0].documents.len(), 2);
    }
    for (one, other) in [
        ("Kaveri Precision Tools Pvt Ltd", "Kaveri Castings Pvt Ltd"),
        ("Sharma Traders", "Verma Traders"),
        ("Kaveri Design Studio LLP", "Kaveri Design Studios Private Limited"),
        ("M/s Anand Traders", "Anand Traders (HUF)"),
        ("Ganesh Industries Unit I", "Ganesh Industries Unit II"),
    ] {
        let orders = [named(one, 1), named(other, 2)];
        let found = entity::entities(&orders);
        assert_eq!(found.len(), 2, "{one} / {other}");
        assert!(entity::named(&found).contains(one) && entity::named(&found).contains(other));
    }
}

#[test]
fn two_borrowers_in_the_titles_of_one_file_are_asked_about() {
    let titled = |one: &str, other: &str| {
        let mut order = whole();
        order.statements[0].title = Some(one.into());
        order.statements[1].title = Some(other.into());
        entity::entities(&[order]).len()
    };
    let sheet = "Balance Sheet of Godavari Castings Pvt. Ltd. as at 31.03.2025";
    assert_eq!(titled(sheet, "Statement of Profit and Loss of Kaveri Tools Limited for the year"), 2);
    assert_eq!(titled(sheet, "Profit and Loss Account of GODAVARI CASTINGS PRIVATE LIMITED"), 1);
    assert_eq!(titled(sheet, "Statement of Profit and Loss for the year ended 31.03.2025"), 1);
    assert_eq!(titled("Balance Sheet of Head Office", "Profit and Loss of Branch"), 0);
}

#[test]
fn a_name_on_another_sheet_counts_only_on_a_sheet_with_a_statement() {
    let named = |sheet: &str| {
        let mut order = whole();
        order.entity = Some("Kaveri Tools Limited".into());
        order.unused.push(Unused {
            reason: UnusedReason::OtherName,
            sheet: sheet.into(),
            cell: Some("A1".into()),
            label: Some("Godavari Castings Limited".into()),
            detail: String::new(),
        });
        entity::entities(&[order]).len()
    };
    assert_eq!((named("Profit and loss"), named("Creditors")), (2, 1));
}

proptest::proptest! {
    #[test]
    fn any_name_is_the_same_as_itself_in_capitals(name in "\\PC{0,40}") {
        let mut one = whole();
        one.entity = Some(name.clone());
        let mut other = one.clone();
        other.document = 2;
        other.entity = Some(name.to_lowercase());
        proptest::prop_assert!(entity::entities(&[one, other]).len() <= 1);
    }
}

/// A question about the year of the last column of a statement.
fn without_last_year(order: &mut Extraction, at: usize) {
    let statement = &mut order.statements[at];
    let column = statement.columns.len() - 1;
    statement.columns[column].period_end = None;
    let printed = "3103.2023".to_owned();
    let question = Question { subject: Subject::Period, column: Some(column), cell: Some("D2".into()), printed };
    statement.questions.push(question);
}

fn of_years(balance_sheet_years: &[i16], profit_and_loss_years: &[i16]) -> Extraction {
    let lines = |lines: Vec<LineItem>, years: &[i16]| -> Vec<LineItem> {
        let repeated = |mut line: LineItem| {
            line.figures = vec![line.figures[0].clone(); years.len()];
            line
        };
        lines.into_iter().map(repeated).collect()
    };
    let (first, second) =
        (lines(balance_sheet(), balance_sheet_years), lines(profit_and_loss(), profit_and_loss_years));
    extraction(vec![
        statement(StatementKind::BalanceSheet, "Balance sheet", balance_sheet_years, first),
        statement(StatementKind::ProfitAndLoss, "Profit and loss", profit_and_loss_years, second),
    ])
}

#[test]
fn a_column_without_a_year_is_asked_about_only_if_a_year_lacks_figures() {
    let mut spare = of_years(&[2025, 2024], &[2025, 2024, 2023]);
    without_last_year(&mut spare, 1);
    assert!(open_in(&[spare]).is_empty(), "both statements show the same two years without it");

    let mut needed = of_years(&[2025, 2024], &[2025, 2024]);
    without_last_year(&mut needed, 1);
    assert_eq!(open_in(&[needed]), [("q-period-d1-s2-c2".to_owned(), About::Period)]);

    let mut both = of_years(&[2025, 2024, 2023], &[2025, 2024, 2023]);
    without_last_year(&mut both, 0);
    without_last_year(&mut both, 1);
    assert_eq!(open_in(&[both]).len(), 2, "nothing says which year is missing from both");
}
