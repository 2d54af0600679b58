//! Balance sheets that are easy to misread: numbers of notes that look like amounts, a loss among the assets, a half on the
//! next sheet, labels over two rows.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test fail it by panicking")]

use documents::{Extraction, Limits, read};
use domain::statement::{LineItem, LineRole, Statement, StatementKind, Unit};
use rust_xlsxwriter::{Format as Style, Workbook};

/// A cell of a sheet: a text, an amount, or the number of a note that is shown with two decimals.
#[derive(Clone, Copy)]
enum Cell {
    Text(&'static str),
    Amount(f64),
    Note(f64),
    Empty,
}
use Cell::{Amount, Empty, Note, Text};

fn workbook(sheets: &[(&str, &[&[Cell]])]) -> Extraction {
    let mut workbook = Workbook::new();
    let two_decimals = Style::new().set_num_format("0.00");
    for (name, rows) in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(*name).unwrap();
        for (row, cells) in (0_u32..).zip(*rows) {
            for (column, cell) in (0_u16..).zip(*cells) {
                match cell {
                    Text(text) => sheet.write(row, column, *text).unwrap(),
                    Amount(amount) => sheet.write(row, column, *amount).unwrap(),
                    Note(number) => sheet.write_with_format(row, column, *number, &two_decimals).unwrap(),
                    Empty => continue,
                };
            }
        }
    }
    read("a.xlsx", 1, &workbook.save_to_buffer().unwrap(), &Limits::default()).unwrap()
}

fn text(csv: &str) -> Extraction {
    read("a.csv", 1, csv.as_bytes(), &Limits::default()).unwrap()
}

fn line<'a>(statement: &'a Statement, label: &str) -> &'a LineItem {
    statement.lines.iter().find(|l| l.label.contains(label)).unwrap_or_else(|| panic!("no line {label}"))
}

fn labels(statement: &Statement) -> Vec<&str> {
    statement.lines.iter().map(|line| line.label.as_str()).collect()
}

const LIABILITIES: &[&[Cell]] = &[
    &[Text("Balance Sheet as at 31st March 2025")],
    &[Text("(Rs. in lakhs)")],
    &[Text("Particulars"), Text("Note No."), Text("31.03.2025"), Text("31.03.2024")],
    &[Text("EQUITY AND LIABILITIES")],
    &[Text("Share capital"), Note(2.01), Amount(200.0), Amount(200.0)],
    &[Text("Long-term borrowings"), Note(2.1), Amount(150.0), Amount(160.0)],
    &[Text("Trade payables"), Note(2.2), Amount(60.0), Amount(50.0)],
    &[Text("TOTAL"), Empty, Amount(410.0), Amount(410.0)],
];

const ASSETS: &[&[Cell]] = &[
    &[Text("ASSETS")],
    &[Text("Fixed assets"), Empty, Amount(210.0), Amount(220.0)],
    &[Text("Inventories"), Empty, Amount(100.0), Amount(110.0)],
    &[Text("Trade receivables"), Empty, Amount(80.0), Amount(60.0)],
    &[Text("Cash and bank balances"), Empty, Amount(20.0), Amount(20.0)],
    &[Text("TOTAL"), Empty, Amount(410.0), Amount(410.0)],
];

#[test]
fn a_note_number_is_read_as_the_cell_shows_it() {
    let read = workbook(&[("BS", LIABILITIES)]);
    let note = |label| line(&read.statements[0], label).note.clone().unwrap();
    assert_eq!([note("Share"), note("Long"), note("Trade")], ["2.01", "2.10", "2.20"]);
}

#[test]
fn a_note_number_in_its_own_cell_is_part_of_the_heading() {
    let note: &[&[Cell]] = &[
        &[Text("Notes to the accounts")],
        &[Note(2.1), Text("Long-term borrowings")],
        &[Empty, Text("Particulars"), Text("31.03.2025"), Text("31.03.2024")],
        &[Empty, Text("Term loan from bank"), Amount(100.0), Amount(110.0)],
        &[Empty, Text("Loan from directors"), Amount(50.0), Amount(50.0)],
        &[Note(2.2), Text("Trade payables")],
        &[Empty, Text("Particulars"), Text("31.03.2025"), Text("31.03.2024")],
        &[Empty, Text("Goods"), Amount(40.0), Amount(30.0)],
        &[Empty, Text("Expenses"), Amount(20.0), Amount(20.0)],
    ];
    let read = workbook(&[("BS", LIABILITIES), ("Notes", note)]);
    let titles: Vec<&str> = read.statements[1..].iter().filter_map(|s| s.title.as_deref()).collect();
    assert_eq!(titles, ["2.10 Long-term borrowings", "2.20 Trade payables"]);
}

#[test]
fn a_note_number_that_is_typed_as_text_is_part_of_the_heading() {
    let note: &[&[Cell]] = &[
        &[Text("Notes forming part of the financial statements")],
        &[Text("(Rs. in lakhs)")],
        &[Text("1"), Text("Long-term borrowings")],
        &[Empty, Text("Particulars"), Text("31.03.2025"), Text("31.03.2024")],
        &[Empty, Text("Term loan from bank"), Amount(100.0), Amount(110.0)],
        &[Empty, Text("Loan from directors"), Amount(50.0), Amount(50.0)],
        &[Text("2.10"), Text("Trade payables")],
        &[Empty, Text("Particulars"), Text("31.03.2025"), Text("31.03.2024")],
        &[Empty, Text("Goods"), Amount(40.0), Amount(30.0)],
        &[Empty, Text("Expenses"), Amount(20.0), Amount(20.0)],
    ];
    let read = workbook(&[("BS", LIABILITIES), ("Notes", note)]);
    let titles: Vec<&str> = read.statements[1..].iter().filter_map(|s| s.title.as_deref()).collect();
    assert_eq!(titles, ["1 Long-term borrowings", "2.10 Trade payables"]);
}

#[test]
fn the_first_note_has_its_own_title_below_that_of_all_notes() {
    for (all, own) in [
        ("Notes forming part of the financial statements", "Borrowings"),
        ("Schedules forming part of the accounts", "Sundry creditors"),
        ("Groupings", "Land"),
    ] {
        let note: &[&[Cell]] = &[
            &[Text(all)],
            &[Text("(Rs. in lakhs)")],
            &[Text(own)],
            &[Text("Particulars"), Text("31.03.2025"), Text("31.03.2024")],
            &[Text("Term loan from bank"), Amount(100.0), Amount(110.0)],
            &[Text("Loan from directors"), Amount(50.0), Amount(50.0)],
        ];
        let read = workbook(&[("BS", LIABILITIES), ("Notes", note)]);
        assert_eq!(read.statements[1].title.as_deref(), Some(own));
        let bare: Vec<&[Cell]> = note.iter().enumerate().filter(|(at, _)| *at != 2).map(|(_, row)| *row).collect();
        let read = workbook(&[("BS", LIABILITIES), ("Notes", &bare)]);
        assert_eq!(read.statements[1].title.as_deref(), Some(all));
    }
}

#[test]
fn the_half_on_the_next_sheet_has_the_columns_of_the_half_before() {
    for name in ["BS-2", "Sheet2"] {
        let read = workbook(&[("BS-1", LIABILITIES), (name, ASSETS)]);
        let [first, second] = &read.statements[..] else { panic!("two halves") };
        assert_eq!(second.kind, StatementKind::BalanceSheet);
        assert_eq!(second.unit, Unit::Lakh);
        assert_eq!(first.columns, second.columns);
        assert!(read.unused.is_empty(), "{:?}", read.unused);
    }
}

#[test]
fn headings_that_name_no_year_do_not_hide_the_half_before() {
    let heads: &[&[Cell]] = &[&[Text("Particulars"), Text("Note No."), Text("Rs."), Text("Rs.")]];
    let rows: Vec<&[Cell]> = heads.iter().chain(ASSETS).copied().collect();
    let read = workbook(&[("BS-1", LIABILITIES), ("BS-2", &rows)]);
    assert_eq!(read.statements[0].columns, read.statements[1].columns);
    assert_eq!(read.statements[1].unit, Unit::Lakh);
}

#[test]
fn a_table_of_the_same_side_or_with_other_columns_is_no_half() {
    let same: Vec<&[Cell]> = LIABILITIES[3..].to_vec();
    let one: &[&[Cell]] = &[&[Text("Inventories"), Amount(100.0)], &[Text("Cash in hand"), Amount(80.0)]];
    for rows in [&same[..], one] {
        let read = workbook(&[("BS-1", LIABILITIES), ("Workings", rows)]);
        let dated = |s: &Statement| s.columns.iter().any(|column| column.period_end.is_some());
        assert!(!read.statements[1..].iter().any(dated));
    }
}

const LOSS: &str = "Balance Sheet as at 31.03.2025
Particulars,31.03.2025,31.03.2024
SOURCES OF FUNDS,,
Share capital,200,200
Term loan from bank,150,160
Sundry creditors,150,140
TOTAL,500,500
APPLICATION OF FUNDS,,
Fixed assets,150,170
Inventories,130,170
Sundry debtors,100,100
";

#[test]
fn the_profit_and_loss_account_among_the_assets_opens_no_statement() {
    for (below, found) in [
        ("Opening balance,60,20\nAdd: loss for the year,60,40\n", 2),
        ("Debit balance,120,60\n", 1),
        ("Opening balance,60,20\nAdd: loss for the year,60,40\n,120,60\n", 2),
        ("As per last balance sheet,60,20\nAdd: Net loss,60,40\nClosing balance,120,60\n", 2),
    ] {
        for heading in ["Profit & Loss Account", "Profit and Loss A/c (Dr.)"] {
            let read = text(&format!("{LOSS}{heading},,\n{below}TOTAL,500,500\n"));
            let [only] = &read.statements[..] else { panic!("one balance sheet: {below}") };
            assert_eq!(only.kind, StatementKind::BalanceSheet);
            let items = only.lines.iter().filter(|l| l.role == LineRole::Item);
            let headed = items.filter(|l| l.section.last().is_some_and(|last| last.starts_with("Profit")));
            assert_eq!(headed.count(), found, "{below}");
        }
    }
}

#[test]
fn the_heading_beside_an_amount_of_the_other_side_is_no_title() {
    let read = text(
        "Balance Sheet as at 31.03.2025
Liabilities,Amount,Assets,Amount
Share capital,200,Fixed assets,150
Term loan from bank,150,Inventories,130
Cash credit from bank,90,Sundry debtors,100
Sundry creditors,60,Profit & Loss Account,
,,Debit balance,120
Total,500,Total,500
",
    );
    assert_eq!(read.statements.len(), 2);
    assert!(read.statements.iter().all(|s| s.kind == StatementKind::BalanceSheet));
    assert_eq!(line(&read.statements[1], "Debit").section, ["Assets", "Profit & Loss Account"]);
}

#[test]
fn a_profit_and_loss_account_below_the_balance_sheet_is_a_statement() {
    let read = text(&format!(
        "{LOSS}Loans and advances,120,60\nTOTAL,500,500\n\nProfit & Loss Account,,\nSales,900,800\nPurchases,700,600\nSalaries,140,130\nNet profit,60,70\n"
    ));
    let kinds: Vec<StatementKind> = read.statements.iter().map(|s| s.kind).collect();
    assert_eq!(kinds, [StatementKind::BalanceSheet, StatementKind::ProfitAndLoss]);
}

#[test]
fn a_debit_balance_among_the_liabilities_lowers_their_total() {
    for below in [
        "Profit & Loss Account,120.00 Dr,60.00 Dr\n",
        "Profit & Loss Account,,\nOpening balance,60.00 Dr,20.00 Dr\nLoss for the year,60.00 Dr,40.00 Dr\nClosing balance,120.00 Dr,60.00 Dr\n",
    ] {
        let read = text(&format!(
            "Balance Sheet as at 31.03.2025
Particulars,31.03.2025,31.03.2024
EQUITY AND LIABILITIES,,
Share capital,200.00,200.00
{below}Term loan from bank,150.00,160.00
Sundry creditors,150.00,140.00
TOTAL,380.00,440.00
ASSETS,,
Fixed assets,150.00,170.00
Inventories,130.00,170.00
Sundry debtors,100.00,100.00
TOTAL,380.00,440.00
"
        ));
        let statement = &read.statements[0];
        for sum in statement.lines.iter().filter(|line| !line.addends.is_empty()) {
            let added: rust_decimal::Decimal = sum
                .addends
                .iter()
                .map(|addend| {
                    let line = statement.lines.iter().find(|line| line.id == addend.line).unwrap();
                    line.figures[0].as_ref().unwrap().amount * rust_decimal::Decimal::from(addend.sign)
                })
                .sum();
            assert_eq!(added, sum.figures[0].as_ref().unwrap().amount, "{}", sum.label);
        }
        let total = statement.lines.iter().find(|line| line.role == LineRole::Total).unwrap();
        assert!(!total.addends.is_empty());
    }
}

#[test]
fn a_label_may_go_on_in_the_row_of_its_amount() {
    let read = text(
        "Balance Sheet as at 31.03.2025
Particulars,Note,31.03.2025,31.03.2024
Non-current liabilities,,,
Term loans from banks,3,,
(secured),,64.23,70.00
Unsecured loans from,,,
Directors and relatives,,85.77,90.00
Current liabilities,,,
Working capital loans,,,
(secured by hypothecation of stock,,,
and book debts),,90.00,85.00
Balances due to,,,
Government authorities,,40.00,30.00
Total,,280.00,275.00
",
    );
    let statement = &read.statements[0];
    assert_eq!(
        labels(statement),
        [
            "Term loans from banks (secured)",
            "Unsecured loans from Directors and relatives",
            "Working capital loans (secured by hypothecation of stock and book debts)",
            "Balances due to Government authorities",
            "Total",
        ]
    );
    assert_eq!(line(statement, "Term").note.as_deref(), Some("3"));
    assert_eq!(line(statement, "Term").section, ["Non-current liabilities"]);
}

#[test]
fn the_gross_block_at_the_end_of_the_year_is_a_sum() {
    let read = text(
        "Balance Sheet as at 31.03.2025
Particulars,31.03.2025
Share capital,230
Term loan from bank,150
Sundry creditors,150
TOTAL,530
ASSETS,
Fixed assets,
Gross block as on 31.03.2024,270
Additions,30
Gross block as on 31.03.2025,300
Less: Depreciation up to 31.03.2025,100
Net block 31.03.2025,200
Inventories,180
Sundry debtors,150
TOTAL,530
",
    );
    let roles: Vec<LineRole> =
        ["Gross block as on 31.03.2024", "Additions", "Gross block as on 31.03.2025", "Net block"]
            .map(|label| line(&read.statements[0], label).role)
            .to_vec();
    assert_eq!(roles, [LineRole::Item, LineRole::Item, LineRole::Subtotal, LineRole::Subtotal]);
}
