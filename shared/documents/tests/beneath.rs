//! What stands beside, between and below statements on one sheet: pages, other statements, schedules, capital accounts.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail it by panicking")]

use documents::{Extraction, Limits, read};
use domain::statement::{LineItem, LineRole, Statement, StatementKind, UnusedReason};
use rust_decimal::Decimal;

fn text(csv: &str) -> Extraction {
    read("a.csv", 1, csv.as_bytes(), &Limits::default()).unwrap()
}

fn of(found: &Extraction, kind: StatementKind) -> Vec<&Statement> {
    found.statements.iter().filter(|s| s.kind == kind).collect()
}

fn amount(line: &LineItem) -> Decimal {
    let amount = line.figures.first().and_then(Option::as_ref).map(|f| f.amount).unwrap_or_default();
    if line.label.starts_with("Less") { -amount } else { amount }
}

/// The sum of the amounts that count, in the first column.
fn counted(statement: &Statement) -> Decimal {
    statement.lines.iter().filter(|l| l.role == LineRole::Item).map(amount).sum()
}

fn end(statement: &Statement) -> Option<String> {
    statement.columns.first()?.period_end.map(|day| day.to_string())
}

const SIDES: &str = "Balance Sheet as at 31st March 2025
Liabilities,Amount,Assets,Amount
Capital account,1696000,Fixed assets,620500
Cash credit,875000,Closing stock,1124500
Sundry creditors,541000,Sundry debtors,1368000
";
const REST: &str = "Term loan,420000,Cash and bank,419000
Total,3532000,Total,3532000
";

#[test]
fn page_totals_count_nowhere() {
    let pages = [
        ("Carried forward", "Brought forward"),
        ("c/f", "b/f"),
        ("Total c/o", "Total b/o"),
        ("Page total", "B/F from previous page"),
        ("Balance carried over", "Balance brought over"),
    ];
    for (forward, back) in pages {
        let page = format!("{forward},3112000,{forward},3113000\n{back},3112000,{back},3113000\n");
        let found = text(&format!("{SIDES}{page}{REST}"));
        let sides = of(&found, StatementKind::BalanceSheet);
        let totals: Vec<Decimal> = sides.iter().map(|s| counted(s)).collect();
        assert_eq!(totals, [Decimal::from(3_532_000); 2], "{forward}");
        let total = sides[0].lines.iter().find(|l| l.label == "Total").unwrap();
        assert_eq!((total.role, total.addends.len()), (LineRole::Total, 4), "{forward}");
    }
}

#[test]
fn a_page_total_without_its_other_half_is_a_sum() {
    let vertical = |page: &str| {
        format!(
            "Balance Sheet\nParticulars,31.03.2025\nSources of funds\nCapital,1696000\nCash credit,875000\n{page}Creditors,541000\n\
             Total,3112000\nApplication of funds\nStock,1124500\nDebtors,1368000\nCash,619500\nTotal,3112000\n"
        )
    };
    for page in ["c/f,2571000\n", "Brought forward,2571000\n", ",2571000\nBrought forward,2571000\n"] {
        let found = text(&vertical(page));
        assert_eq!(counted(&found.statements[0]), Decimal::from(6_224_000), "{page}");
    }
    // Nothing above shows what is brought forward here.
    let found = text(
        "Balance Sheet\nParticulars,31.03.2025\nBrought forward,100000\nCapital,500000\nCash credit,900000\nTotal,1500000\n",
    );
    assert_eq!(counted(&found.statements[0]), Decimal::from(1_500_000));
}

#[test]
fn a_statement_goes_on_below_the_heading_of_its_next_page() {
    let page = "Carried forward,3112000,Carried forward,3113000
M/s Gopal Traders,,,
Balance Sheet as at 31st March 2025 (contd.),,,
Liabilities,Amount,Assets,Amount
Brought forward,3112000,Brought forward,3113000
";
    let found = text(&format!("{SIDES}{page}{REST}"));
    let sides = of(&found, StatementKind::BalanceSheet);
    assert_eq!(sides.len(), 2);
    assert!(sides.iter().all(|s| counted(s) == Decimal::from(3_532_000)));
}

const PARTNERS: &str = "Particulars,Amit,Bina,Total
Opening balance,700000,650000,1350000
Add: Introduced,60000,40000,100000
Add: Share of profit,256000,230000,486000
Less: Drawings,150000,90000,240000
Closing balance,866000,830000,1696000
";

#[test]
fn capital_accounts_below_a_balance_sheet_are_no_part_of_it() {
    let rows = "Partners' capital account
Amit
Opening balance,700000
Add: Share of profit,316000
Less: Drawings,150000
Closing balance,866000
";
    let account = "Partners' capital accounts
Dr,,,Cr
Particulars,Amit,Bina,Particulars,Amit,Bina
To Drawings,150000,90000,By Balance b/d,700000,650000
To Balance c/d,866000,830000,By Share of profit,316000,270000
Total,1016000,920000,Total,1016000,920000
";
    let columns = format!("Partners' capital accounts\n{PARTNERS}");
    let names = "Name of partner,Opening balance,Introduced,Share of profit,Drawings,Closing balance
Amit,700000,60000,256000,150000,866000
Bina,650000,40000,230000,90000,830000
";
    for below in [rows, account, &columns, names, PARTNERS] {
        let found = text(&format!("{SIDES}{REST}\n{below}"));
        let sides = of(&found, StatementKind::BalanceSheet);
        assert_eq!(sides.len(), 2, "{below}");
        assert!(sides.iter().all(|s| counted(s) == Decimal::from(3_532_000)), "{below}");
        let note = found.statements.iter().find(|s| s.kind == StatementKind::Note).unwrap();
        assert!(note.questions.is_empty() && note.lines.len() >= 2, "{below}");
        assert!(found.unused.iter().any(|u| u.reason == UnusedReason::UndatedColumn), "{below}");
    }
}

#[test]
fn capital_accounts_above_a_balance_sheet_are_no_part_of_it() {
    let found = text(&format!("M/s Gopal Traders\nPartners' capital accounts\n{PARTNERS}\n{SIDES}{REST}"));
    let sides = of(&found, StatementKind::BalanceSheet);
    assert_eq!(sides.len(), 2);
    assert!(sides.iter().all(|s| counted(s) == Decimal::from(3_532_000)));
}

#[test]
fn lists_of_what_is_in_a_line_are_no_part_of_the_balance_sheet() {
    let list = "Alpha Ltd,900000\nBeta & Co,468000\nTotal,1368000\n";
    for title in ["Sundry debtors", "List of debtors", "Details of sundry debtors"] {
        let found = text(&format!("{SIDES}{REST}\n{title}\n{list}Sundry creditors\nGamma,541000\n"));
        let sides = of(&found, StatementKind::BalanceSheet);
        assert_eq!(sides.len(), 2, "{title}");
        assert!(sides.iter().all(|s| counted(s) == Decimal::from(3_532_000)), "{title}");
    }
    // What the statement does not hold stays a part of it.
    let found = text(&format!("{SIDES}{REST}\nContingent liabilities\nBank guarantees,150000\n"));
    assert!(
        of(&found, StatementKind::BalanceSheet).iter().any(|s| s.lines.iter().any(|l| l.label == "Bank guarantees"))
    );
}

#[test]
fn accounts_beside_each_other_below_one_title_are_read_apart() {
    let rows = |day: &str, cash: u32| {
        format!(
            "Liabilities,{day},Assets,{day}\nCapital,1000000,Stock,900000\nCreditors,{},Cash,{cash}\nTotal,{},Total,{}\n",
            cash - 100_000,
            cash + 900_000,
            cash + 900_000
        )
    };
    let found =
        text(&format!("Balance Sheet\n{}", beside(&rows("31.03.2025", 400_000), &rows("31.03.2024", 300_000), 1)));
    let sums: Vec<(Option<String>, Decimal)> = found.statements.iter().map(|s| (end(s), counted(s))).collect();
    let year = |day: &str, sum: i64| (Some(day.to_owned()), Decimal::from(sum));
    let (now, before) = (year("2025-03-31", 1_300_000), year("2024-03-31", 1_200_000));
    assert_eq!(sums, [now.clone(), now, before.clone(), before]);
}

#[test]
fn schedules_of_fixed_assets_below_a_balance_sheet_are_no_part_of_it() {
    let tax = "Schedule of fixed assets as per Income Tax
Particulars,Rate,WDV as on 01.04.2024,Additions > 180 days,Additions < 180 days,Deletions,Depreciation,WDV as on 31.03.2025
Plant,15%,415000,50000,20000,0,71250,413750
Furniture,10%,190000,0,30000,13250,0,206750
Total,,605000,50000,50000,13250,71250,620500
";
    let company = "Fixed assets schedule
,Gross block,,,Depreciation,,,Net block
Particulars,Opening,Additions,Closing,Opening,For the year,Closing,31.03.2025
Plant,800000,70000,870000,385000,71250,456250,413750
Furniture,300000,30000,330000,100000,23250,123250,206750
Total,1100000,100000,1200000,485000,94500,579500,620500
";
    let untitled = tax.split_once('\n').unwrap().1;
    for below in [tax, company, untitled] {
        let found = text(&format!("{SIDES}{REST}\n{below}"));
        let sides = of(&found, StatementKind::BalanceSheet);
        assert_eq!(sides.len(), 2, "{below}");
        assert!(sides.iter().all(|s| counted(s) == Decimal::from(3_532_000)), "{below}");
        assert_eq!(of(&found, StatementKind::Note).len(), 1, "{below}");
    }
}

#[test]
fn workings_without_a_year_are_listed_and_are_no_statement() {
    let workings = "Stock of tools,700000\nSundry debtors,424500\nCash in hand,30000\nSundry creditors,541000\n";
    let found = text(&format!("{SIDES}{REST}"));
    assert_eq!(found.statements.len(), 2);
    // A table that looks like a balance sheet by its words stays one if nothing else is.
    let alone = text(&format!("Particulars,Rs.\n{workings}"));
    assert_eq!(alone.statements[0].kind, StatementKind::BalanceSheet);
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, csv) in [("BS", format!("{SIDES}{REST}")), ("Sheet3", workings.to_owned())] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        for (row, line) in (0..).zip(csv.lines()) {
            for (column, cell) in (0..).zip(line.split(',')) {
                match cell.parse::<f64>() {
                    Ok(number) => sheet.write(row, column, number).unwrap(),
                    Err(_) => sheet.write(row, column, cell).unwrap(),
                };
            }
        }
    }
    let found = read("a.xlsx", 1, &book.save_to_buffer().unwrap(), &Limits::default()).unwrap();
    let kinds: Vec<StatementKind> = found.statements.iter().map(|s| s.kind).collect();
    assert_eq!(kinds, [StatementKind::BalanceSheet, StatementKind::BalanceSheet, StatementKind::Unknown]);
    assert!(found.unused.iter().any(|u| u.sheet == "Sheet3" && u.reason == UnusedReason::UndatedColumn));
}

#[test]
fn a_heading_inside_a_balance_sheet_begins_no_table() {
    let found = text(
        "Balance Sheet\nParticulars,31.03.2025\nFixed assets,600000\nStock,400000\nTotal,1000000\nCapital account\n\
         Own capital,700000\nCreditors,300000\nTotal,1000000\n",
    );
    assert_eq!(found.statements.len(), 1);
    assert_eq!(counted(&found.statements[0]), Decimal::from(2_000_000));
}

/// Two tables beside each other, with empty columns between them.
fn beside(left: &str, right: &str, gap: usize) -> String {
    let width = |csv: &str| csv.lines().map(|l| l.split(',').count()).max().unwrap_or(0);
    let wide = width(left) + gap;
    let rows = left.lines().count().max(right.lines().count());
    let row = |at: usize| {
        let own = left.lines().nth(at).unwrap_or_default();
        let commas = wide - own.split(',').count() + 1;
        format!("{own}{}{}\n", ",".repeat(commas), right.lines().nth(at).unwrap_or_default())
    };
    (0..rows).map(row).collect()
}

const PROFIT: &str = "Profit and Loss Account for the year ended 31st March 2025
Particulars,Amount
Sales,8580000
Less: Purchases,6420000
Gross profit,2160000
Salaries,640000
Rent,240000
Net profit,1280000
";
const BALANCE: &str = "Balance Sheet as at 31st March 2025
Particulars,Amount
Capital,1696000
Creditors,541000
Total,2237000
Assets
Stock,1124500
Debtors,1112500
Total,2237000
";

#[test]
fn statements_beside_each_other_are_read_apart() {
    for gap in [0, 1, 3] {
        for sheet in [beside(PROFIT, BALANCE, gap), beside(BALANCE, PROFIT, gap)] {
            let found = text(&sheet);
            let [profit] = of(&found, StatementKind::ProfitAndLoss)[..] else { panic!("{sheet}") };
            let [balance] = of(&found, StatementKind::BalanceSheet)[..] else { panic!("{sheet}") };
            assert_eq!((end(profit), end(balance)), (Some("2025-03-31".into()), Some("2025-03-31".into())));
            assert_eq!((profit.lines.len(), balance.lines.len()), (6, 6), "{sheet}");
            assert_eq!(counted(balance), Decimal::from(4_474_000));
        }
    }
}

#[test]
fn years_beside_each_other_are_read_apart() {
    let before = BALANCE.replace("2025", "2024").replace("1696000", "1596000").replace("2237000", "2137000");
    let before = before.replace("1112500", "1012500");
    for sheet in [beside(BALANCE, &before, 1), beside(&before, BALANCE, 0)] {
        let found = text(&sheet);
        let mut years: Vec<(Option<String>, Decimal)> =
            of(&found, StatementKind::BalanceSheet).iter().map(|s| (end(s), counted(s))).collect();
        years.sort();
        let expected = [("2024-03-31", 4_274_000), ("2025-03-31", 4_474_000)];
        assert_eq!(years, expected.map(|(day, sum)| (Some(day.to_owned()), Decimal::from(sum))), "{sheet}");
    }
    // With one title above both.
    let rows = |csv: &str, heading: &str| {
        csv.lines().skip(2).fold(format!("Particulars,{heading}\n"), |all, line| all + line + "\n")
    };
    let sheet = format!("Balance Sheet\n{}", beside(&rows(BALANCE, "31.03.2025"), &rows(&before, "31.03.2024"), 0));
    let found = text(&sheet);
    let mut years: Vec<(Option<String>, Decimal)> = found.statements.iter().map(|s| (end(s), counted(s))).collect();
    years.sort();
    let expected = [("2024-03-31", 4_274_000), ("2025-03-31", 4_474_000)];
    assert_eq!(years, expected.map(|(day, sum)| (Some(day.to_owned()), Decimal::from(sum))));
    assert!(
        found.statements.iter().all(|s| s.lines.iter().all(|l| l.section.first().is_none_or(|h| h != "Liabilities")))
    );
}

fn manufacturing(transfer: &str, received: &str) -> String {
    format!(
        "Manufacturing; Trading and Profit & Loss Account for the year ended 31st March 2025
Particulars,Amount,Particulars,Amount
To Raw materials,5450000,By Closing work-in-progress,240000
To Factory wages,485000,{transfer},5695000
Total,5935000,Total,5935000
To Opening stock,985000,By Sales,8580000
{received},5695000,By Closing stock,534500
To Gross profit c/d,2434500,,
Total,9114500,Total,9114500
To Salaries,640000,By Gross profit b/d,2434500
To Net profit,1794500,,
Total,2434500,Total,2434500
"
    )
}

#[test]
fn what_one_account_transfers_to_the_next_one_counts_nowhere() {
    let labels = [
        ("By Cost of production c/d", "To Cost of production b/d"),
        ("By Trading A/c", "To Manufacturing A/c"),
        ("By Cost of goods manufactured transferred to Trading A/c", "To Cost of goods manufactured"),
        ("By Trading account - cost of production transferred", "To Manufacturing account - cost of production"),
    ];
    for (transfer, received) in labels {
        let found = text(&manufacturing(transfer, received));
        let [expenses, income] = found.statements.as_slice() else { panic!("two sides") };
        assert_eq!(counted(expenses), Decimal::from(5_450_000 + 485_000 + 985_000 + 640_000), "{transfer}");
        assert_eq!(counted(income), Decimal::from(240_000 + 8_580_000 + 534_500), "{transfer}");
        for (statement, label) in [(expenses, received), (income, transfer)] {
            assert_eq!(statement.lines.iter().find(|l| l.label == label).unwrap().role, LineRole::Subtotal);
        }
    }
    // Only one half of it is printed: nothing shows that it is no cost.
    let found = text(&manufacturing("By Sales of scrap", "To Cost of production"));
    assert_eq!(counted(&found.statements[0]), Decimal::from(5_450_000 + 485_000 + 985_000 + 640_000 + 5_695_000));
}

#[test]
fn the_cost_of_production_brought_down_counts_nowhere() {
    for received in ["Less: Cost of production brought down", "Cost of production transferred"] {
        let found = text(&format!(
            "Profit & Loss Account\nParticulars,31.03.2025\nRaw materials consumed,5450000\nFactory wages,485000\n\
             Cost of production transferred to trading account,5935000\nTrading account\nSales,8580000\n\
             {received},5935000\nGross profit,2645000\nSalaries,640000\nNet profit,2005000\n"
        ));
        let lines: Vec<&LineItem> = found.statements.iter().flat_map(|s| &s.lines).collect();
        let line = lines.iter().find(|l| l.label == received).unwrap();
        assert_eq!(line.role, LineRole::Subtotal, "{received}");
        assert!(lines.iter().all(|l| l.label != "Raw materials consumed" || l.role == LineRole::Item));
    }
}

#[test]
fn the_accounts_of_all_partners_are_capital() {
    let found = text(
        "Balance Sheet as at 31st March 2025
Liabilities,Amount,Amount,Assets,Amount
Partners' capital accounts,,,Stock,1000000
Amit,,,Debtors,1500000
Opening balance,700000,,Cash,100000
Share of profit,316000,,,
Drawings,-150000,,,
Closing balance,,866000,,
Bina,,,,
Opening balance,650000,,,
Share of profit,270000,,,
Drawings,-90000,,,
Closing balance,,830000,,
Creditors,,904000,,
Total,,2600000,Total,2600000
",
    );
    let liabilities = &found.statements[0];
    assert_eq!(counted(liabilities), Decimal::from(2_600_000));
    let last = liabilities.lines.iter().rfind(|l| l.label == "Drawings").unwrap();
    assert_eq!(last.section, ["Liabilities", "Partners' capital accounts", "Bina"]);
    let creditors = liabilities.lines.iter().find(|l| l.label == "Creditors").unwrap();
    assert_eq!(creditors.section, ["Liabilities"]);
}

#[test]
fn a_label_goes_on_over_several_rows() {
    let found = text(
        "Balance Sheet\nParticulars,31.03.2025\nCapital,1000000\nCash credit from the bank\nof the town (hypothecation of\n\
         stock and debtors),875000\nCreditors (for goods,541000\nand expenses)\nAdvances\n(from customers),100000\nTotal,2516000\n",
    );
    let labels: Vec<&str> = found.statements[0].lines.iter().map(|l| l.label.as_str()).collect();
    let more = "Advances (from customers)";
    let credit = "Cash credit from the bank of the town (hypothecation of stock and debtors)";
    assert_eq!(labels, ["Capital", credit, "Creditors (for goods and expenses)", more, "Total"]);
}

#[test]
fn a_group_goes_on_below_an_opening_balance_without_an_amount() {
    let found = text(
        "Balance Sheet\nLiabilities,as at 31-Mar-25,,Assets,as at 31-Mar-25,\nCapital Account,,1200000,Fixed Assets,,600000\n\
         Own capital,1200000,,Plant,600000,\nProfit & Loss A/c,,486000,Current Assets,,1086000\nOpening Balance,,,Stock,1086000,\n\
         Current Period,486000,,,,\nTotal,,1686000,Total,,1686000\n",
    );
    assert_eq!(counted(&found.statements[0]), Decimal::from(1_686_000));
}
