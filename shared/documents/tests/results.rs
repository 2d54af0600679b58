//! Published results: quarters beside years, the company beside its group, and what is printed below the profit.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail it by panicking")]

use documents::{Extraction, Limits, read};
use domain::statement::{Basis, LineRole, StatementKind};

fn text(csv: &str) -> Extraction {
    read("a.csv", 1, csv.as_bytes(), &Limits::default()).unwrap()
}

const RESULTS: &str = "Statement of profit and loss,,,,,,,
,Standalone,Consolidated,,,,,
,Quarter ended,,Year ended,,,,
Particulars,31.03.2018,31.12.2017,31.03.2017,31.03.2018,31.03.2017,31.03.2018,31.03.2017
Revenue from operations,30,28,25,110,100,220,200
Other income,1,1,1,5,4,9,8
Total income,31,29,26,115,104,229,208
Other expenses,20,19,18,75,70,150,140
Profit before tax,11,10,8,40,34,79,68
Loss from discontinued operations before tax,-2,-1,-1,-6,-4,-6,-4
Tax expense on discontinued operations,-1,0,0,-2,-1,-2,-1
Loss from discontinued operations after tax,-1,-1,-1,-4,-3,-4,-3
Profit for the period,10,9,7,36,31,75,65
";

#[test]
fn the_order_of_the_periods_tells_quarters_from_years_and_the_company_from_its_group() {
    let found = text(RESULTS);
    let columns = &found.statements[0].columns;
    assert_eq!(columns.iter().map(|c| c.months).collect::<Vec<_>>(), [3, 3, 3, 12, 12, 12, 12]);
    let alone = columns.iter().map(|c| c.basis == Basis::Standalone).collect::<Vec<_>>();
    assert_eq!(alone, [true, true, true, true, true, false, false]);
}

#[test]
fn what_discontinued_operations_made_is_an_amount_and_not_a_profit() {
    let found = text(RESULTS);
    let role = |label: &str| found.statements[0].lines.iter().find(|l| l.label.starts_with(label)).unwrap().role;
    assert_eq!(role("Loss from discontinued operations before"), LineRole::Item);
    assert_eq!(role("Tax expense on discontinued"), LineRole::Item);
    assert_eq!(role("Loss from discontinued operations after"), LineRole::Subtotal);
    assert_eq!(role("Profit for the period"), LineRole::Total);
}

#[test]
fn a_sum_names_the_section_whose_heading_is_garbled() {
    let found = text(
        "Balance Sheet,,
Particulars,31.03.2018,31.03.2017
EQUITY AND LIABILITIES,,
Equity share capital,100,100
2. CURENTJ^BILITIES,,
Borrowings,60,50
Trade payables,40,30
Total current liabilities,100,80
Total equity and liabilities,200,180
",
    );
    let borrowings = found.statements[0].lines.iter().find(|l| l.label == "Borrowings").unwrap();
    assert!(borrowings.section.iter().any(|heading| heading == "Current liabilities"), "{:?}", borrowings.section);
}

#[test]
fn capital_and_reserves_below_the_profit_are_no_balance_sheet() {
    let found = text(
        "Particulars,31.03.2018,31.03.2017
Revenue from operations,110,100
Other income,5,4
Cost of materials consumed,60,55
Finance costs,5,5
Profit before tax,50,44
Tax expense,10,9
Profit for the year,40,35
Paid-up equity share capital,20,20
Other equity,300,260
General reserve,30,30
Net worth,350,310
Debentures,40,50
",
    );
    assert!(found.statements.iter().all(|statement| statement.kind == StatementKind::ProfitAndLoss));
}

#[test]
fn a_statement_of_changes_in_equity_is_neither_statement() {
    let found = text(
        "Statement of Changes in Equity,,
Particulars,31.03.2018,31.03.2017
Balance at the beginning of the year,100,80
Profit for the year,30,25
Dividends,-5,-5
Balance at the end of the year,125,100
",
    );
    assert_eq!(found.statements[0].kind, StatementKind::Unknown);
}
