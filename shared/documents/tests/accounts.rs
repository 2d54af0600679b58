//! Accounts as Indian accountants and their programs print them: each amount counts once, printed totals are totals even if
//! they are wrong, and each sum names the lines that it adds up.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test fail it by panicking")]

use documents::{Extraction, Limits, read};
use domain::statement::{LineItem, LineRole, Statement, StatementKind, UnusedReason};
use rust_decimal::Decimal;

fn text(csv: &str) -> Extraction {
    read("a.csv", 1, csv.as_bytes(), &Limits::default()).unwrap()
}

fn line<'a>(statement: &'a Statement, label: &str) -> &'a LineItem {
    statement.lines.iter().find(|l| l.label.contains(label)).unwrap_or_else(|| panic!("no line {label}"))
}

fn amount(line: &LineItem, column: usize) -> Decimal {
    line.figures.get(column).and_then(Option::as_ref).map(|f| f.amount).unwrap_or_default()
}

fn items(statement: &Statement, column: usize) -> Decimal {
    let items = statement.lines.iter().filter(|l| l.role == LineRole::Item);
    items.map(|l| if l.label.starts_with("Less") { -amount(l, column) } else { amount(l, column) }).sum()
}

/// The rows that a sum adds up, with their signs.
fn addends(line: &LineItem) -> Vec<String> {
    let sign = |sign: i8| if sign < 0 { "-" } else { "" };
    line.addends.iter().map(|a| format!("{}{}", sign(a.sign), a.line.split("-r").last().unwrap())).collect()
}

fn roles(statement: &Statement) -> Vec<LineRole> {
    statement.lines.iter().map(|l| l.role).collect()
}

const TALLY: &str = "Meera Traders
Balance Sheet
1-Apr-24 to 31-Mar-25
L i a b i l i t i e s,as at 31-Mar-25,,A s s e t s,as at 31-Mar-25,
Capital Account,,1200000,Fixed Assets,,600000
Reserves & Surplus,200000,,Plant,400000,
Proprietor Capital,1000000,,Vehicle,200000,
Loans (Liability),,500000,Current Assets,,1400000
Secured Loans,500000,,Closing Stock,500000,
Current Liabilities,,250000,Sundry Debtors,750000,
Duties & Taxes,-20000,,Cash-in-hand,50000,
Sundry Creditors,270000,,Bank Accounts,100000,
Profit & Loss A/c,,50000,,,
Opening Balance,30000,,,,
Current Period,120000,,,,
Less: Transferred,100000,,,,
Total,,2000000,Total,,2000000
";

#[test]
fn groups_beside_their_ledgers_count_once() {
    let found = text(TALLY);
    let [liabilities, assets] = found.statements.as_slice() else { panic!("two statements") };
    assert_eq!((items(liabilities, 0), items(assets, 0)), (Decimal::from(2_000_000), Decimal::from(2_000_000)));
    assert_eq!(line(liabilities, "Capital Account").role, LineRole::Subtotal);
    assert_eq!(addends(line(liabilities, "Profit & Loss")), ["14", "15", "-16"]);
    assert_eq!(addends(line(liabilities, "Total")), ["5", "8", "10", "13"]);
    assert_eq!(line(liabilities, "Sundry Creditors").section, ["Liabilities", "Current Liabilities"]);
    assert_eq!(line(liabilities, "Total").role, LineRole::Total);
    assert!(found.unused.is_empty(), "{:?}", found.unused);
}

#[test]
fn a_group_whose_ledgers_do_not_add_up_counts_and_is_listed() {
    let found = text(&TALLY.replace("Plant,400000", "Plant,390000"));
    let assets = &found.statements[1];
    assert_eq!(line(assets, "Fixed Assets").role, LineRole::Item);
    assert_eq!(line(assets, "Plant").role, LineRole::Memo);
    assert_eq!(items(assets, 0), Decimal::from(2_000_000));
    let listed: Vec<&str> = found
        .unused
        .iter()
        .filter(|u| u.reason == UnusedReason::DoubtfulAmount)
        .filter_map(|u| u.cell.as_deref())
        .collect();
    assert_eq!(listed, ["F5"]);
}

#[test]
fn a_group_counts_where_its_ledgers_are_printed_for_one_year_only() {
    let found = text(
        "Balance Sheet
Particulars,31.03.2025,,31.03.2024
Capital account,,,
Opening balance,500000,,
Add: Profit,150000,,
Less: Drawings,60000,590000,500000
Loan,,300000,250000
Total,,890000,750000
Plant,,890000,750000
Total,,890000,750000
",
    );
    let sheet = &found.statements[0];
    let capital = line(sheet, "Capital account");
    assert_eq!((capital.role, amount(capital, 1)), (LineRole::Item, Decimal::from(500_000)));
    assert_eq!((items(sheet, 0), items(sheet, 1)), (Decimal::from(1_780_000), Decimal::from(1_500_000)));
    assert!(found.unused.is_empty(), "{:?}", found.unused);
}

#[test]
fn groups_within_groups_count_once_in_two_years() {
    let found = text(
        "Balance Sheet
Assets,31.03.2025,,,31.03.2024,,
Current Assets,,,1950000,,,1700000
Closing Stock,,500000,,,400000,
Sundry Debtors,,1450000,,,1300000,
Anand Traders,600000,,,700000,,
Bharat Steel,850000,,,600000,,
Fixed Assets,,,300000,,,310000
Plant,,300000,,,310000,
Total Assets,,,2250000,,,2010000
",
    );
    let sheet = &found.statements[0];
    assert_eq!((items(sheet, 0), items(sheet, 1)), (Decimal::from(2_250_000), Decimal::from(2_010_000)));
    assert_eq!(line(sheet, "Anand").section, ["Current Assets", "Sundry Debtors"]);
    assert_eq!(addends(line(sheet, "Current Assets")), ["4", "5"]);
}

#[test]
fn an_account_of_trading_counts_no_profit_that_is_carried_on() {
    let found = text(
        "Profit & Loss A/c
Particulars,1-Apr-24 to 31-Mar-25,,Particulars,1-Apr-24 to 31-Mar-25,
Opening Stock,,1240000,Sales Accounts,,9865000
Stock-in-hand,1240000,,GST Sales @ 18%,9865000,
Purchase Accounts,,8130000,Closing Stock,,1385000
GST Purchase @ 18%,8130000,,Stock-in-hand,1385000,
Gross Profit c/o,,1880000,,,
,,11250000,,,11250000
Indirect Expenses,,1342300,Gross Profit b/f,,1880000
Salary,700000,,Indirect Incomes,,24800
Rent,642300,,Discount Received,24800,
Nett Profit,,562500,,,
Total,,1904800,Total,,1904800
",
    );
    let [expenses, income] = found.statements.as_slice() else { panic!("two statements") };
    assert_eq!(items(income, 0) - items(expenses, 0), Decimal::from(562_500));
    assert_eq!(line(expenses, "Nett Profit").role, LineRole::Total);
    assert_eq!(line(expenses, "Gross Profit").role, LineRole::Subtotal);
    let total = expenses.lines.iter().find(|l| l.label.is_empty()).unwrap();
    assert_eq!((total.role, addends(total)), (LineRole::Subtotal, vec!["3".into(), "5".into(), "7".into()]));
    assert_eq!(addends(line(income, "Total")), ["9", "10"]);
}

#[test]
fn each_part_of_a_manufacturing_account_has_its_own_total() {
    let found = text(
        "Manufacturing and Trading Account for the year ended 31.03.2025
Particulars,Rs.,Particulars,Rs.
To Purchases,700000,By Closing stock of material,60000
To Wages,200000,By Cost of production c/d,840000
Total,900000,Total,900000
To Cost of production b/d,840000,By Sales,1300000
To Gross profit c/d,460000,,
Total,1300000,Total,1300000
",
    );
    let [expenses, income] = found.statements.as_slice() else { panic!("two statements") };
    assert_eq!((items(expenses, 0), items(income, 0)), (Decimal::from(900_000), Decimal::from(1_360_000)));
    assert!(expenses.lines.iter().all(|l| l.role != LineRole::Total));
}

#[test]
fn an_outer_amount_on_the_row_of_the_last_inner_one_is_a_line_of_its_own() {
    let found = text(
        "Balance Sheet as at 31.03.2025
Liabilities,Details,Amount,Assets,Details,Amount
Capital Account,,,Fixed Assets,,
Opening balance,1350000,,Plant,640000,
Add: Net profit,486000,,Less: Depreciation,96000,544000
,1836000,,Furniture,85000,
Less: Drawings,140000,1696000,Less: Depreciation,8500,76500
Creditors,,541000,Sundry debtors,,1616500
,,,Less than six months,1500000,
,,,More than six months,116500,
Total,,2237000,Total,,2237000
",
    );
    let [liabilities, assets] = found.statements.as_slice() else { panic!("two statements") };
    assert_eq!(items(liabilities, 0), Decimal::from(2_237_000));
    let ids: Vec<&str> = liabilities.lines.iter().map(|l| l.id.as_str()).collect();
    assert_eq!(ids, ["d1-s1-r4", "d1-s1-r5", "d1-s1-r6", "d1-s1-r7", "d1-s1-r7-2", "d1-s1-r8", "d1-s1-r11"]);
    use LineRole::{Item, Subtotal, Total};
    assert_eq!(roles(liabilities), [Item, Item, Subtotal, Item, Subtotal, Item, Total]);
    assert_eq!(addends(&liabilities.lines[4]), ["6", "-7"]);
    assert_eq!(line(liabilities, "Drawings").section, ["Liabilities", "Capital Account"]);
    let debtors = line(assets, "Less than six months");
    assert_eq!((debtors.role, debtors.section.last().map(String::as_str)), (Item, Some("Sundry debtors")));
    assert_eq!(line(assets, "Furniture").section, ["Assets", "Fixed Assets"]);
    assert_eq!(assets.columns[0].period_end.map(|d| d.to_string()).as_deref(), Some("2025-03-31"));
}

#[test]
fn the_vertical_form_names_what_it_subtracts() {
    let found = text(
        "Balance Sheet as at
Particulars,31.03.2025,31.03.2024
SOURCES OF FUNDS,,
Share Capital,306.40,261.25
Secured Loans,332.05,333.70
TOTAL,638.45,594.95
APPLICATION OF FUNDS,,
Net Block,255.60,262.10
\"Current Assets, Loans & Advances\",,
Inventories,318.10,286.75
Debtors,257.00,217.45
,575.10,504.20
Less: Current Liabilities & Provisions,,
Current Liabilities,173.95,156.35
Provisions,18.30,15.00
,192.25,171.35
Net Current Assets,382.85,332.85
TOTAL,638.45,594.95
",
    );
    let sheet = &found.statements[0];
    assert_eq!(addends(line(sheet, "Net Current Assets")), ["12", "-16"]);
    let totals: Vec<&LineItem> = sheet.lines.iter().filter(|l| l.role == LineRole::Total).collect();
    assert_eq!(totals.iter().map(|t| addends(t)).collect::<Vec<_>>(), [["4", "5"], ["8", "17"]]);
}

#[test]
fn a_total_by_any_name_and_even_a_wrong_one_is_a_total() {
    for (left, right) in [
        ("Grand Total", "Grand Total"),
        ("Total Liab. & Equity", "Total Assets"),
        ("TOTAL RS.", "TOTAL RS."),
        ("Total Funds Employed", "Total Application of Funds"),
        ("Sum", "Sum"),
        ("Balance Sheet Total", "Balance Sheet Total"),
        ("G. Total", "G. Total"),
        ("T0TAL LIABLITIES", "Total ^ssets"),
        ("", ""),
    ] {
        for (printed, other) in [("880000", "880000"), ("880001", "880001"), ("880000", "890000")] {
            // Without a legible label, only the amounts show what a total is.
            if !left.to_lowercase().contains("total") && left != "Sum" && (printed, other) != ("880000", "880000") {
                continue;
            }
            let found = text(&format!(
                "Balance Sheet as at\nParticulars,31.03.2025\nEQUITY AND LIABILITIES,\nCapital,500123\nLoan,379877\n{left},{printed}\nASSETS,\nPlant,300456\nStock,579544\n{right},{other}\n"
            ));
            let sheet = &found.statements[0];
            use LineRole::{Item, Total};
            assert_eq!(roles(sheet), [Item, Item, Total, Item, Item, Total], "{left} {printed} {right} {other}");
            assert!(sheet.lines.iter().all(|l| l.role == Item || l.addends.len() == 2), "{left} {printed} {other}");
        }
    }
}

#[test]
fn profits_by_their_abbreviations_are_results() {
    let found = text(
        "Profit & Loss Account for the year ended
Particulars,31.03.2025,31.03.2024
Sales,1000.25,900.15
Other income,10.35,9.25
Purchases,700.15,650.35
Interest @ 9%,50.15,45.05
PBT,260.30,214.00
Tax @ 25%,65.20,53.50
PAT,195.10,160.50
Net profit %,19.5,17.8
",
    );
    let account = &found.statements[0];
    use LineRole::{Item, Memo, Subtotal, Total};
    assert_eq!(roles(account), [Item, Item, Item, Item, Subtotal, Item, Total, Memo]);
    assert_eq!(addends(line(account, "PBT")), ["3", "4", "-5", "-6"]);
    assert_eq!(addends(line(account, "PAT")), ["7", "-8"]);
}

#[test]
fn rates_in_labels_make_no_ratios() {
    let found = text(
        "Balance Sheet (Rs. in crore)
Particulars,31.03.2025,31.03.2024
Equity capital,170.75,150.65
12% Debentures,30,30
9.5% Term loan,60.15,70.25
TOTAL,260.90,250.90
Plant,238.40,230.25
7% Govt. bonds,12.50,12.50
Bank FD @ 6.5%,10,8.15
TOTAL,260.90,250.90
",
    );
    let sheet = &found.statements[0];
    assert_eq!(sheet.kind, StatementKind::BalanceSheet);
    assert!(sheet.lines.iter().all(|l| l.role != LineRole::Memo));
    assert_eq!(items(sheet, 0), Decimal::new(52_180, 2));
}

#[test]
fn parts_of_one_income_statement_under_their_own_titles_belong_together() {
    let found = text(
        "Profit & Loss A/c
Particulars,1-Apr-24 to 31-Mar-25,
Trading Account:,,
Sales Accounts,,9865000
Cost of Sales :,,8199500
Opening Stock,1240000,
Add: Purchase Accounts,8130000,
,9370000,
Less: Closing Stock,1385000,
,7985000,
Direct Expenses,214500,
Gross Profit :,,1665500
Income Statement:,,
Indirect Incomes,,24800
,,1690300
Indirect Expenses,,1142300
Nett Profit :,,548000
",
    );
    let [account] = found.statements.as_slice() else { panic!("one statement") };
    assert_eq!(addends(line(account, "Cost of Sales")), ["6", "7", "-9", "11"]);
    assert_eq!(addends(line(account, "Gross Profit")), ["4", "-5"]);
    assert_eq!(addends(line(account, "Nett Profit")), ["15", "-16"]);
}

#[test]
fn an_of_which_line_repeats_and_a_break_up_below_counts() {
    let found = text(
        "Balance Sheet,31.03.2025,31.03.2024
Share capital,190,185
Term loans,300,280
of which due within one year,60,55
Total,490,465
Plant,250,240
Trade receivables,150,140
of which over six months,30,25
of which others,120,115
Stock,90,85
Total,490,465
",
    );
    let sheet = &found.statements[0];
    assert_eq!(line(sheet, "due within one year").role, LineRole::Memo);
    assert_eq!(line(sheet, "Trade receivables").role, LineRole::Subtotal);
    assert_eq!(items(sheet, 0), Decimal::from(980));
}

#[test]
fn rows_that_a_scan_moved_sideways_are_matched_by_order() {
    let found = text(
        "Particulars,As at 31.03.2025,As at 31.03.2024,,
Plant,,2477.44,2512.01,
Stock,,1391.84,219.76,
Debtors,,35.36,35.46,
Cash,,55.73,57.31,
TOTAL ASSETS,3960.37,2824.54,,
Equity share capital,,1960.37,1824.54,
Borrowings,,2000.00,1000.00,
TOTAL EQUITY AND LIABILITIES,3960.37,2824.54,,
",
    );
    let sheet = &found.statements[0];
    assert_eq!(sheet.columns.len(), 2);
    assert_eq!((items(sheet, 0), items(sheet, 1)), (Decimal::new(792_074, 2), Decimal::new(564_908, 2)));
}
