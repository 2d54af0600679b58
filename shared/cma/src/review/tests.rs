use domain::statement::{StatementKind, UnusedReason};

use super::*;
use crate::classification::CLASSIFICATION_SCHEMA;
use crate::classify::tests::{extraction, line, statement};
use crate::figure::SetAside;
use crate::row::RowCode;

fn classified(line: &str, row_code: &str, confidence: f64) -> ClassifiedLine {
    ClassifiedLine {
        line: line.into(),
        row_code: RowCode::parse(row_code).unwrap(),
        sign: 1,
        confidence,
        reason: "rule".into(),
        alternatives: vec![Alternative { row_code: row!("III.33"), score: 0.4 }],
        non_cash: false,
        breaks_up: vec![],
        differs_from: Vec::new(),
    }
}

fn classification(lines: Vec<ClassifiedLine>) -> Classification {
    Classification { schema: CLASSIFICATION_SCHEMA, policy: "docket-1".into(), lines }
}

fn decision(line: &str, row_code: &str, reason: &str) -> ReviewDecision {
    ReviewDecision { line: line.into(), row_code: row_code.into(), reason: reason.into(), by: None }
}

#[test]
fn doubtful_lines_come_first_by_weight_and_nil_lines_not_at_all() {
    let lines = vec![
        line("small", "Sundries", &["Assets"], &[1000]),
        line("large", "Deposits", &["Assets"], &[90000]),
        line("sure", "Cash", &["Assets"], &[9000]),
        line("nil", "Nothing", &["Assets"], &[0]),
        line("lost", "Unreadable", &["Assets"], &[50000]),
    ];
    let extractions = [extraction(vec![statement(StatementKind::BalanceSheet, "Balance Sheet", &[2024], lines)])];
    let decided = classification(vec![
        classified("small", "III.33", 0.4),
        classified("large", "III.38.iv", 0.5),
        classified("sure", "III.26", 0.9),
        classified("nil", "III.33", 0.1),
        classified("lost", "X.ignore", 0.0),
    ]);
    let items = select(&extractions, &decided, 0.70, &[], &Aside::default());
    let order: Vec<&str> = items.iter().map(|item| item.line.as_str()).collect();
    assert_eq!(order, ["lost", "large", "small"]);
    assert_eq!((items[1].file.as_str(), items[1].cell.as_str()), ("accounts.xlsx", "A1"));
    assert_eq!(items[1].amounts, ["90000"]);
}

#[test]
fn suspects_come_first_however_sure_their_row_is() {
    let lines = vec![
        line("large", "Deposits", &["Assets"], &[90000]),
        line("sure", "Cash", &["Assets"], &[9000]),
        line("surer", "Stock", &["Assets"], &[8000]),
    ];
    let extractions = [extraction(vec![statement(StatementKind::BalanceSheet, "Balance Sheet", &[2024], lines)])];
    let decided = classification(vec![
        classified("large", "III.38.iv", 0.5),
        classified("sure", "III.26", 0.9),
        classified("surer", "III.30.i.b", 0.99),
    ]);
    let suspect = |line: &str| Suspected { line: line.into(), detail: format!("{line} equals the difference") };
    let items = select(&extractions, &decided, 0.70, &[suspect("surer"), suspect("sure")], &Aside::default());
    let shown: Vec<_> = items.iter().map(|item| (item.line.as_str(), item.suspicion.as_deref())).collect();
    let expected =
        [("surer", Some("surer equals the difference")), ("sure", Some("sure equals the difference")), ("large", None)];
    assert_eq!(shown, expected);
}

#[test]
fn lines_whose_every_amount_was_set_aside_are_not_asked_about() {
    let lines = || vec![line("a", "Deposits", &["Assets"], &[900, 800])];
    let mut both = lines();
    both[0].id = "b".into();
    let mut one = lines();
    one[0].id = "c".into();
    one[0].figures[0] = None;
    let balance_sheet = |lines| statement(StatementKind::BalanceSheet, "Balance Sheet", &[2024, 2023], lines);
    let extractions = [extraction(vec![balance_sheet(lines()), balance_sheet(both), balance_sheet(one)])];
    let decided = classification(["a", "b", "c"].into_iter().map(|line| classified(line, "III.38.iv", 0.5)).collect());
    let aside = |statement, column, reason| SetAside { document: 1, statement, column, reason, detail: String::new() };
    let draft = UnusedReason::RepeatedStatement;
    let log = [aside(1, 0, draft), aside(1, 1, draft), aside(0, 0, draft), aside(2, 1, UnusedReason::UndatedColumn)];
    let items = select(&extractions, &decided, 0.70, &[], &Aside::of(&log));
    let asked: Vec<&str> = items.iter().map(|item| item.line.as_str()).collect();
    assert_eq!(asked, ["a", "c"], "one column of `a` counts, and an answer may give that of `c` a year");
}

#[test]
fn a_decided_line_is_certain_and_says_who_decided() {
    let before = classification(vec![classified("a", "III.33", 0.4)]);
    let after = apply(before, [(1, &decision("a", "III.38.iv", "deposit with the electricity board"))]).unwrap();
    assert_eq!(after.lines[0].row_code, row!("III.38.iv"));
    assert!((after.lines[0].confidence - 1.0).abs() < f64::EPSILON);
    assert!(after.lines[0].reason.contains("III.33 was proposed: deposit with the electricity board"));
}

#[test]
fn a_decision_may_say_who_decided() {
    let named = ReviewDecision { by: Some(" R. Iyer ".into()), ..decision("a", "III.33", "seen the ledger") };
    let after = apply(classification(vec![classified("a", "III.33", 0.4)]), [(1, &named)]).unwrap();
    assert_eq!(after.lines[0].reason, "confirmed by the reviewer R. Iyer: seen the ledger");
    let long = ReviewDecision { by: Some("ß".repeat(NAME_CHARS_MAX + 1)), ..decision("a", "III.33", "why") };
    let refused = apply(classification(vec![classified("a", "III.33", 0.4)]), [(1, &long)]).unwrap_err();
    assert_eq!(refused, ReviewError::LongName { number: 1 });
}

#[test]
fn a_decision_needs_a_reason_a_known_row_and_a_known_line() {
    let before = || classification(vec![classified("a", "III.33", 0.4)]);
    let refused = |given: ReviewDecision| apply(before(), [(1, &given)]).unwrap_err();
    assert_eq!(refused(decision("a", "III.33", "  ")), ReviewError::NoReason { number: 1 });
    assert_eq!(refused(decision("a", "III.34", "a total")), ReviewError::UnknownRow { number: 1 });
    assert_eq!(refused(decision("b", "III.33", "why")), ReviewError::UnknownLine { number: 1 });
}

#[test]
fn a_row_that_is_calculated_is_not_offered() {
    let calculated = RowCode::parse("II.8").unwrap();
    assert!(!calculated.takes_lines());
    let lines = vec![line("one", "Total income", &["Income"], &[1000])];
    let extractions = [extraction(vec![statement(StatementKind::ProfitAndLoss, "Profit and Loss", &[2024], lines)])];
    let mut one = classified("one", "II.5.i.a", 0.4);
    one.alternatives.insert(0, Alternative { row_code: calculated, score: 0.5 });
    let items = select(&extractions, &classification(vec![one]), 0.70, &[], &Aside::default());
    assert_eq!(items[0].alternatives, [Alternative { row_code: row!("III.33"), score: 0.4 }]);
}
