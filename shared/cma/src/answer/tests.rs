use domain::statement::{Extraction, Question, StatementKind, Subject, Unit};
use proptest::prelude::*;

use super::*;
use crate::case::{Case, CaseError};
use crate::classify::tests::{extraction, line, statement};
use crate::policy::Policy;
use crate::review::{ReviewDecision, ReviewError, ReviewItem};
use domain::failure::Vetted as _;

/// Amounts are written in hundredths: a balance sheet of 10.00, sales of 100.00.
fn order() -> Extraction {
    let position =
        vec![line("b1", "Share capital", &["Equity"], &[1000]), line("b2", "Cash", &["Current assets"], &[1000])];
    let results = vec![line("p1", "Sales", &[], &[10000]), line("p2", "Salaries", &["Expenses"], &[9000])];
    extraction(vec![
        statement(StatementKind::BalanceSheet, "Balance sheet", &[2024], position),
        statement(StatementKind::ProfitAndLoss, "Profit and loss", &[2024], results),
    ])
}

fn asking(subject: Subject, column: Option<usize>) -> Case {
    let mut order = order();
    let statement = &mut order.statements[0];
    statement.questions.push(Question { subject, column, cell: Some("B2".into()), printed: "in myriads".into() });
    match subject {
        Subject::Unit => statement.unit = Unit::Unstated,
        Subject::Period => statement.columns[0].period_end = None,
        _ => {}
    }
    Case::classify(vec![order], &Policy::docket_1())
}

fn decision(line: &str, row_code: &str) -> ReviewDecision {
    ReviewDecision { line: line.into(), row_code: row_code.into(), reason: "asked the borrower".into(), by: None }
}

#[test]
fn a_question_waits_for_the_reviewer_and_its_answer_is_used() {
    let mut case = asking(Subject::Unit, None);
    let items = case.review_items(0.0);
    assert!(matches!(items.as_slice(), [ReviewItem::Question(asked)] if asked.line == "q-unit-d1-s1"), "{items:?}");
    assert!(matches!(case.validate(), Err(CaseError::Unanswered(About::Unit))));
    case.decide(&[decision("q-unit-d1-s1", "Crores")]).unwrap();
    assert!(case.review_items(0.0).is_empty());
    let figures = case.validate().unwrap().figures;
    // 10 crore on the balance sheet, 100 lakh of sales: the workbook is in lakh.
    assert_eq!((figures.unit, figures.at(row!("III.26"), 0)), (Unit::Lakh, Some(1000.into())));
    assert_eq!(figures.at(row!("II.1.i"), 0), Some(100.into()));
}

#[test]
fn every_kind_of_question_about_a_statement_can_be_answered() {
    let cases = [
        (Subject::Currency, None, "q-currency-d1-s1", "rupee"),
        (Subject::Period, Some(0), "q-period-d1-s1-c1", "31.03.2024"),
        (Subject::Months, Some(0), "q-months-d1-s1-c1", "9"),
        (Subject::Kind, Some(0), "q-kind-d1-s1-c1", "audited"),
    ];
    for (subject, column, id, answer) in cases {
        let mut case = asking(subject, column);
        case.decide(&[decision(id, answer)]).unwrap();
        assert_eq!(case.open_questions(), [], "{id}");
        assert!(case.validate().is_ok(), "{id}");
        assert_eq!(case.answers[0].answer, answer);
    }
}

#[test]
fn a_gap_can_be_accepted_and_only_by_its_own_word() {
    let mut order = order();
    order.statements.truncate(1);
    let mut case = Case::classify(vec![order], &Policy::docket_1());
    let code = case.validate().map_err(|error| error.code().to_owned()).unwrap_err();
    assert_eq!(code, "statements.no_profit_and_loss");
    let refused = case.decide(&[decision("q-profit-and-loss", "yes")]);
    assert!(matches!(refused, Err(CaseError::Review(ReviewError::UnknownAnswer { number: 1, .. }))));
    case.decide(&[decision("q-profit-and-loss", "none")]).unwrap();
    assert!(case.validate().is_ok());
}

#[test]
fn an_answer_needs_a_reason_and_one_wrong_decision_applies_none() {
    let mut case = asking(Subject::Unit, None);
    let before = case.clone();
    let silent = ReviewDecision { reason: " ".into(), ..decision("q-unit-d1-s1", "lakh") };
    assert!(matches!(case.decide(&[silent]), Err(CaseError::Review(ReviewError::NoReason { number: 1 }))));
    let unknown = [decision("q-unit-d1-s1", "lakh"), decision("q-unit-d1-s9", "lakh")];
    assert!(matches!(case.decide(&unknown), Err(CaseError::Review(ReviewError::UnknownLine { number: 2 }))));
    assert_eq!(case, before);
}

#[test]
fn days_are_read_in_the_forms_that_are_promised() {
    for text in ["31.03.2025", "31/03/2025", "31-03-2025", "2025-03-31"] {
        let end = jiff::civil::date(2025, 3, 31);
        assert_eq!(read(About::Period, text), Some(Meaning::PeriodEnd(end)), "{text}");
    }
    for text in ["31.03.25", "03/31/2025", "31 March", "", "32.01.2025", "0"] {
        assert_eq!(read(About::Period, text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn any_answer_is_read_or_refused(text in "\\PC{0,40}") {
        use About::{BalanceSheet, Borrower, Currency, Kind, Months, Period, ProfitAndLoss, Unit};
        for about in [Unit, Currency, Period, Months, Kind, BalanceSheet, ProfitAndLoss, Borrower] {
            let _ = read(about, &text);
        }
    }
}
