//! Files that hold no statement are refused with what they hold, in words that say what to do.

use documents::{Limits, ReadError, read};
use domain::statement::UnusedReason;

fn text(csv: &str) -> Result<documents::Extraction, ReadError> {
    read("a.csv", 1, csv.as_bytes(), &Limits::default())
}

const LEDGERS: &str = "Share capital,,120.00
Term loan from bank,,90.00
Plant and machinery,150.00,
Sundry debtors,80.00,
Sales,,300.00
Purchases,280.00,
Total,510.00,510.00
";

#[test]
fn a_trial_balance_is_refused_as_one() {
    let heads = [
        "Trial Balance as at 31.03.2025\nParticulars,Debit,Credit\n",
        "M/s Balaji Traders\nTrial Balance\n1-Apr-24 to 31-Mar-25\nParticulars,Closing Balance,\n,Debit,Credit\n",
        "Balaji Traders\nParticulars,Debit (Rs.),Credit (Rs.)\n",
        "Name of ledger,Dr.,Cr.\n",
        "TRIAL BALANCE AS ON 31/03/2025 (Amount in Rs.)\nLedger,Dr Amount,Cr Amount\n",
    ];
    for head in heads {
        let error = text(&format!("{head}{LEDGERS}")).unwrap_err();
        assert_eq!(error.code(), "file.trial_balance", "{head}");
        assert!(error.to_string().contains("trial balance"));
    }
}

#[test]
fn a_trial_balance_beside_statements_is_listed_and_not_used() {
    let statement =
        "Balance Sheet,31.03.2025,31.03.2024\nInventories,70,60\nTrade receivables,20,10\nCash in hand,30,20\n";
    let found =
        text(&format!("{statement}Trial Balance as at 31.03.2025,,\nParticulars,Debit,Credit\n{LEDGERS}")).unwrap();
    assert_eq!(found.statements.len(), 1);
    let entry = found.unused.iter().find(|u| u.reason == UnusedReason::UnrecognisedSheet).unwrap();
    assert!(entry.detail.contains("trial balance"));
}

#[test]
fn a_two_sided_account_is_no_trial_balance() {
    text(
        "Profit and Loss Account for the year ended 31.03.2025,,,
Dr.,Amount,Cr.,Amount
To Purchases,280.00,By Sales,300.00
To Wages,10.00,By Closing stock,20.00
To Net profit,30.00,,
Total,320.00,Total,320.00
",
    )
    .unwrap();
}

#[test]
fn amounts_that_cannot_be_read_are_the_reason_of_the_refusal() {
    let error =
        text("Balance Sheet,31.03.2025\nInventories,=SUM(B5:B9)\nCash in hand,=B2*2\nDebtors,=C4\n").unwrap_err();
    assert_eq!(error.code(), "file.amounts_not_read");
    assert!(error.to_string().contains("no amount could be read: 3 formulas"), "{error}");
}

#[test]
fn equals_signs_around_texts_are_no_formulas() {
    for (one, other) in [
        ("=\"1240.60\"", "=\"95\""),
        ("\"=\"\"1,240.60\"\"\"", "'95"),
        ("=\"1,240.60\"", "=95"),
        ("\"1,240.60\"", "95"),
    ] {
        let found =
            text(&format!("Balance Sheet,31.03.2025\nInventories,{one}\nCash in hand,{other}\nDebtors,5\n")).unwrap();
        let amounts: Vec<String> = found.statements[0]
            .lines
            .iter()
            .map(|l| l.figures[0].as_ref().unwrap().amount.normalize().to_string())
            .collect();
        assert_eq!(amounts, ["1240.6", "95", "5"], "{one}");
        assert!(found.unused.is_empty(), "{:?}", found.unused);
    }
}
