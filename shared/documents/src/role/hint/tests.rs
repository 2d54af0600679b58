use super::*;
use proptest::prelude::*;

const KINDS: [StatementKind; 3] = [StatementKind::BalanceSheet, StatementKind::ProfitAndLoss, StatementKind::Note];

#[test]
fn the_total_of_a_balance_sheet_has_many_names() {
    for label in [
        "Total Assets",
        "TOTAL EQUITY AND LIABILITIES",
        "Grand Total",
        "Total Liab. & Equity",
        "Total of Liabilities and Equity",
        "Total Funds Employed",
        "Total Sources",
        "Total Application of Funds",
        "Balance Sheet Total",
        "Total Capital & Liabilities",
    ] {
        assert_eq!(hint(label, StatementKind::BalanceSheet), Hint::Grand, "{label}");
    }
    for label in ["TOTAL", "Total (A+B)", "Total Rs.", "Sum", "Total (A)", "Grand-Total", "Totals"] {
        let hint = hint(label, StatementKind::BalanceSheet);
        assert!(matches!(hint, Hint::Sum { bare: true } | Hint::Grand), "{label}: {hint:?}");
    }
}

#[test]
fn profits_have_many_names() {
    for (label, last) in [
        ("PBT", false),
        ("PAT", true),
        ("NPBT", false),
        ("N.P. after tax", true),
        ("Nett Profit", true),
        ("To Nett Profit", true),
        ("Net Profit for the year", true),
        ("Profit carried to Balance Sheet", true),
        ("Surplus for the year", true),
        ("Excess of income over expenditure", true),
        ("Gross Profit c/o", false),
        ("P.B.T.", false),
        ("Net Profit Before Tax", false),
        ("Profit/(Loss) for the period", true),
        ("(Loss)/Profit before tax", false),
    ] {
        assert_eq!(hint(label, StatementKind::ProfitAndLoss), Hint::Result { last }, "{label}");
    }
    for label in [
        "Net loss on sale of assets",
        "Profit on sale of car",
        "Patents written off",
        "Gpay charges",
        "Net profit share from firm",
    ] {
        assert_eq!(hint(label, StatementKind::ProfitAndLoss), Hint::Plain, "{label}");
    }
}

#[test]
fn a_rate_is_not_a_ratio() {
    for label in
        ["Sales @ 18% GST", "Interest @ 9%", "Term loan 9.5%", "12% Debentures", "5 % Govt bonds", "Sales (GST 18%)"]
    {
        assert!(!names_ratio(&plain(label)), "{label}");
    }
    for label in ["Net profit %", "% of sales", "Tax as a % of profit", "Growth (%)", "Gross margin 18%", "Margin in %"]
    {
        assert!(names_ratio(&plain(label)), "{label}");
    }
}

#[test]
fn formulas_at_the_end_of_a_label_make_it_a_sum() {
    for label in
        ["Net sales (1-2)", "ASSETS (A)+(B)", "EQUITY & LIABILITIES (C)+(D)+(E)", "Funds [5 + 6]", "Costs (i to vi)"]
    {
        assert!(ends_in_formula(label), "{label}");
    }
    for label in [
        "Loans (net)",
        "Term loan (SBI - 2)x",
        "Interest (on loans)",
        "Deposits (31-03-2024 to date)",
        "Sales (Unit-1)",
    ] {
        assert!(!ends_in_formula(label), "{label}");
    }
}

proptest! {
    #[test]
    fn any_label_has_a_hint(label in "\\PC{0,60}", kind in 0..3_usize) {
        let _ = hint(&label, KINDS[kind]);
        let _ = ends_in_formula(&label);
        let text = plain(&label);
        let _ = (is_contra(&text, KINDS[kind]), is_income(&text), is_below_results(&text), is_memo_heading(&text));
    }

    #[test]
    fn a_label_that_says_total_in_any_case_is_a_sum(case in "[Tt][Oo][Tt][Aa][Ll]", rest in "( [A-Z][a-z]{3,8}){0,2}") {
        prop_assume!(!rest.to_lowercase().contains("number"));
        let found = hint(&format!("{case}{rest}"), StatementKind::BalanceSheet);
        let is_total = matches!(found, Hint::Sum { .. } | Hint::Grand);
        prop_assert!(is_total);
    }
}
