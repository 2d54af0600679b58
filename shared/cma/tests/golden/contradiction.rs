//! Statements that contradict themselves fail a check that names the cells; the same statements without the fault fail none.

use cma::check::{self, Check, Outcome, Severity};
use cma::classify::classify;
use cma::figure::assemble;
use cma::policy::Policy;
use documents::Limits;

const RULES: [&str; 4] = ["V03", "V04", "V29", "V30"];

/// The failing checks of these rules for a file.
fn failing(text: &str) -> Vec<Check> {
    let extractions = [documents::read("accounts.csv", 1, text.as_bytes(), &Limits::default()).expect("reads")];
    let classification = classify(&extractions, &Policy::docket_1());
    let figures = assemble(&extractions, &classification).expect("figures");
    let checks = check::run(&extractions, &classification, &figures);
    let fails = |check: &Check| check.outcome == Outcome::Fails && RULES.contains(&check.rule.as_str());
    checks.into_iter().filter(fails).collect()
}

/// Replaces a part of a sound file and expects one failing check that names the cells.
#[track_caller]
fn is_found(sound: &str, (from, to): (&str, &str), rule: &str, severity: Severity, cells: &[&str]) {
    assert_eq!(failing(sound), [], "the sound file");
    assert!(sound.contains(from), "{from}");
    let found = failing(&sound.replacen(from, to, 1));
    let is_it = |check: &&Check| check.rule == rule && cells.iter().all(|cell| check.detail.contains(cell));
    assert!(found.iter().any(|check| is_it(&check)), "{rule} with {cells:?}: {found:#?}");
    assert!(found.iter().filter(is_it).all(|check| check.severity == severity), "{found:#?}");
    assert!(found.len() <= 2, "{found:#?}");
}

const MANUFACTURER: &str = "\
\"Profit and Loss Account for the year ended 31.03.2025 (Audited) (Rs. in lakhs)\"
Particulars,31.03.2025,31.03.2024
Income,,
Sales,1000.00,900.00
Total income,1000.00,900.00
Expenses,,
Opening stock of raw materials,60.00,50.00
Add: Purchases of raw materials,500.00,450.00
Less: Closing stock of raw materials,70.00,60.00
Raw materials consumed,490.00,440.00
Opening stock of work in progress,20.00,18.00
Less: Closing stock of work in progress,22.00,20.00
Opening stock of finished goods,30.00,25.00
Less: Closing stock of finished goods,35.00,30.00
Wages,100.00,90.00
Administrative expenses,200.00,190.00
Interest on bank loan,20.00,20.00
Total expenses,803.00,733.00
Profit before tax,197.00,167.00
Income tax,50.00,42.00
Profit after tax,147.00,125.00
,,
Balance Sheet as at 31.03.2025 (Audited) (Rs. in lakhs),,
Particulars,31.03.2025,31.03.2024
Liabilities,,
Share capital,200.00,200.00
Reserves and surplus,347.00,200.00
Cash credit from bank,150.00,200.00
Trade payables,100.00,110.00
Total,797.00,710.00
Assets,,
Fixed assets,300.00,300.00
Raw materials,70.00,60.00
Work in progress,22.00,20.00
Finished goods,35.00,30.00
Trade receivables,250.00,200.00
Cash and bank balances,120.00,100.00
Total,797.00,710.00
";

#[test]
fn opening_materials_other_than_last_years_closing_ones() {
    let fault = ("raw materials,60.00,50.00", "raw materials,60.01,50.00");
    is_found(MANUFACTURER, fault, "V03", Severity::Error, &["60.01 (CSV!B7)", "60.00 (CSV!C9)"]);
}

#[test]
fn provisional_opening_materials_are_a_warning() {
    let provisional = MANUFACTURER.replace("(Audited)", "(Provisional)");
    let fault = ("raw materials,60.00,50.00", "raw materials,61.00,50.00");
    is_found(&provisional, fault, "V03", Severity::Warning, &["CSV!B7", "CSV!C9"]);
}

#[test]
fn closing_materials_other_than_the_balance_sheets() {
    let fault = ("closing stock of raw materials,70.00", "closing stock of raw materials,69.00");
    let sound = MANUFACTURER.replace("Closing stock of raw", "closing stock of raw");
    is_found(&sound, fault, "V04", Severity::Error, &["69.00 (CSV!B9)", "70.00 (CSV!B33)"]);
}

#[test]
fn closing_stocks_other_than_inventories_in_one_line() {
    let one = MANUFACTURER.replace(
        "Raw materials,70.00,60.00\nWork in progress,22.00,20.00\nFinished goods,35.00,30.00",
        "Inventories,127.00,110.00",
    );
    let fault = ("stock of raw materials,70.00", "stock of raw materials,75.00");
    is_found_among(&one, fault, "V04", &["CSV!B9", "CSV!B33"]);
}

#[test]
fn whole_lakhs_may_differ_by_nothing() {
    let whole = MANUFACTURER.replace(".00", "");
    is_found(&whole, ("raw materials,60,50", "raw materials,61,50"), "V03", Severity::Error, &["CSV!B7", "CSV!C9"]);
}

/// As [`is_found`], where the fault fails other checks as well.
#[track_caller]
fn is_found_among(sound: &str, (from, to): (&str, &str), rule: &str, cells: &[&str]) {
    assert!(sound.contains(from), "{from}");
    let none: Vec<Check> = failing(sound).into_iter().filter(|check| check.severity == Severity::Error).collect();
    assert_eq!(none, [], "the sound file");
    let found = failing(&sound.replacen(from, to, 1));
    let is_it = |check: &Check| check.rule == rule && cells.iter().all(|cell| check.detail.contains(cell));
    assert!(found.iter().any(is_it), "{rule} with {cells:?}: {found:#?}");
}

const STORES: [(&str, &str); 3] = [
    (
        "Wages,100.00,90.00",
        "Opening stock of stores and spares,5.00,4.00\nPurchases of stores and spares,95.00,91.00\nLess: Closing stock of stores and spares,6.00,5.00\nWages,6.00,0.00",
    ),
    (
        "Finished goods,35.00,30.00\nTrade receivables,250.00,200.00",
        "Finished goods,35.00,30.00\nStores and spares,6.00,5.00\nTrade receivables,244.00,195.00",
    ),
    ("\"", ""),
];

#[test]
fn opening_stores_other_than_last_years_closing_ones() {
    let sound = STORES.iter().fold(MANUFACTURER.to_owned(), |text, (from, to)| text.replace(from, to));
    let fault = ("stores and spares,5.00,4.00", "stores and spares,7.00,4.00");
    is_found_among(&sound, fault, "V03", &["7.00", "CSV!B15", "CSV!C17"]);
}

const ACCOUNT: &str = "\
\"Manufacturing, Trading and Profit and Loss Account for the year ended 31.03.2025 (Audited) (Rs. in lakhs)\",,,
Particulars,31.03.2025,Particulars,31.03.2025
To Raw materials consumed,440.00,By Cost of production transferred to trading account,540.00
To Wages,100.00,,
Total,540.00,Total,540.00
To Opening stock of finished goods,25.00,By Sales,900.00
To Cost of production brought down,540.00,By Closing stock of finished goods,30.00
To Gross profit c/d,365.00,,
Total,930.00,Total,930.00
To Administrative expenses,190.00,By Gross profit b/d,365.00
To Interest on bank loan,20.00,,
To Net profit,155.00,,
Total,365.00,Total,365.00
,,,
Balance Sheet as at 31.03.2025 (Audited) (Rs. in lakhs),,,
Liabilities,31.03.2025,Assets,31.03.2025
Capital,400.00,Fixed assets,300.00
Cash credit from bank,200.00,Stock of finished goods,30.00
Trade payables,110.00,Trade receivables,200.00
,,Cash and bank balances,180.00
Total,710.00,Total,710.00
";

#[test]
fn a_gross_profit_brought_down_other_than_carried_down() {
    let fault = ("Gross profit b/d,365.00", "Gross profit b/d,364.00");
    is_found(ACCOUNT, fault, "V29", Severity::Error, &["365.00 (CSV!B8)", "364.00 brought down (CSV!D10)"]);
    let unmarked = ACCOUNT.replace("profit c/d", "profit").replace("profit b/d", "profit");
    let fault = ("By Gross profit,365.00", "By Gross profit,364.00");
    is_found(&unmarked, fault, "V29", Severity::Error, &["CSV!B8", "CSV!D10"]);
}

#[test]
fn a_cost_of_production_brought_down_other_than_transferred() {
    let fault = ("production brought down,540.00", "production brought down,545.00");
    is_found(ACCOUNT, fault, "V29", Severity::Error, &["540.00 (CSV!D3)", "545.00 brought down (CSV!B7)"]);
}

const WITH_NOTES: &str = "\
Balance Sheet as at 31.03.2025 (Audited) (Rs. in lakhs),,,
Particulars,Note,31.03.2025,31.03.2024
Equity and liabilities,,,
Share capital,1,200.00,200.00
Reserves and surplus,2,244.90,170.00
Short-term borrowings,3,150.00,200.00
Trade payables,4,250.10,110.00
Total,,845.00,680.00
Assets,,,
Fixed assets,5,350.00,300.00
Trade receivables,7,250.00,200.00
Cash and bank balances,8,245.00,180.00
Total,,845.00,680.00
,,,
Statement of Profit and Loss for the year ended 31.03.2025 (Audited) (Rs. in lakhs),,,
Particulars,Note,31.03.2025,31.03.2024
Revenue from operations,9,1000.00,900.00
Other expenses,,925.10,845.00
Profit before tax,,74.90,55.00
Profit for the year,,74.90,55.00
,,,
Note 4: Trade payables,,,
Particulars,,31.03.2025,31.03.2024
Due to micro and small enterprises,,50.10,10.00
Due to others,,200.00,100.00
Total,,250.10,110.00
,,,
Note 7: Trade receivables,,,
Particulars,,31.03.2025,31.03.2024
Considered good,,240.00,190.00
Others,,10.00,10.00
Total,,250.00,200.00
";

#[test]
fn a_note_other_than_the_line_that_refers_to_it() {
    let fault = ("Trade payables,4,250.10", "Trade payables,4,251.00");
    is_found(WITH_NOTES, fault, "V30", Severity::Warning, &["250.10 (CSV!C26)", "251.00 (CSV!C7)"]);
    let untotalled = WITH_NOTES.replace("Total,,250.10,110.00\n", "");
    is_found(&untotalled, fault, "V30", Severity::Warning, &["250.10 (CSV!C24:C25)", "251.00 (CSV!C7)"]);
    let current_only =
        WITH_NOTES.replace("31.03.2025,31.03.2024\nDue", "31.03.2025,\nDue").replace("50.10,10.00", "50.10,");
    let current_only =
        current_only.replace("200.00,100.00", "200.00,").replace("Total,,250.10,110.00", "Total,,250.10,");
    is_found(&current_only, fault, "V30", Severity::Warning, &["250.10 (CSV!C26)", "251.00 (CSV!C7)"]);
}

const CAPITAL: &str = "\
Balance Sheet as at 31.03.2025 (Audited) (Rs. in lakhs),,,
Liabilities,31.03.2025,Assets,31.03.2025
Capital account,390.00,Fixed assets,300.00
Cash credit from bank,210.00,Trade receivables,230.00
Trade payables,110.00,Cash and bank balances,180.00
Total,710.00,Total,710.00
,,,
Capital account,,,
Particulars,31.03.2025,,
Opening balance,300.00,,
Add: Additions,20.00,,
Add: Net profit,100.00,,
Less: Drawings,30.00,,
Closing balance,390.00,,
,,,
Profit and Loss Account for the year ended 31.03.2025 (Audited) (Rs. in lakhs),,,
Particulars,31.03.2025,,
Sales,900.00,,
Purchases,700.00,,
Salaries,100.00,,
Net profit,100.00,,
";

#[test]
fn a_capital_account_that_ends_with_another_balance() {
    let fault = (
        "Additions,20.00,,\nAdd: Net profit,100.00,,\nLess: Drawings,30.00,,\nClosing balance,390.00",
        "Additions,10.00,,\nAdd: Net profit,100.00,,\nLess: Drawings,30.00,,\nClosing balance,380.00",
    );
    is_found(CAPITAL, fault, "V30", Severity::Warning, &["380.00 (CSV!B14)", "390.00 (CSV!B3)"]);
    let drawn = CAPITAL.replace("Less: Drawings", "Drawings");
    assert_eq!(failing(&drawn), [], "a balance is enough");
}

const CHANGES: &str = "\
Statement of Profit and Loss for the year ended 31.03.2025 (Audited) (Rs. in lakhs),,,
Particulars,Note,31.03.2025,31.03.2024
Revenue from operations,9,1000.00,900.00
Cost of materials consumed,10,490.00,440.00
Changes in inventories of finished goods and work in progress,11,-7.00,-7.00
Employee benefits expense,,100.00,90.00
Other expenses,,217.00,211.00
Total expenses,,800.00,734.00
Profit before tax,,200.00,166.00
Profit for the year,,200.00,166.00
,,,
Balance Sheet as at 31.03.2025 (Audited) (Rs. in lakhs),,,
Particulars,Note,31.03.2025,31.03.2024
Equity and liabilities,,,
Share capital,1,200.00,200.00
Reserves and surplus,2,400.00,200.00
Trade payables,4,197.00,310.00
Total,,797.00,710.00
Assets,,,
Fixed assets,5,300.00,300.00
Inventories,6,127.00,110.00
Trade receivables,7,250.00,200.00
Cash and bank balances,8,120.00,100.00
Total,,797.00,710.00
,,,
Note 6: Inventories,,,
Particulars,,31.03.2025,31.03.2024
Raw materials,,70.00,60.00
Work in progress,,22.00,20.00
Finished goods,,35.00,30.00
Total,,127.00,110.00
,,,
Note 10: Cost of materials consumed,,,
Particulars,,31.03.2025,31.03.2024
Inventory at the beginning of the year,,60.00,50.00
Add: Purchases,,500.00,450.00
Less: Inventory at the end of the year,,70.00,60.00
Total,,490.00,440.00
,,,
Note 11: Changes in inventories,,,
Particulars,,31.03.2025,31.03.2024
Inventories at the end of the year,,,
Work in progress,,22.00,20.00
Finished goods,,35.00,30.00
Inventories at the beginning of the year,,,
Work in progress,,20.00,18.00
Finished goods,,30.00,25.00
Net change,,-7.00,-7.00
";

#[test]
fn stocks_of_the_note_of_changes_in_inventories() {
    let sound =
        CHANGES.replace("beginning of the year,,,\nWork", "beginning of the year,,,\nStock-in-trade,,0.00,0.00\nWork");
    let none: Vec<Check> = failing(&sound).into_iter().filter(|check| check.severity == Severity::Error).collect();
    assert_eq!(none, [], "the sound file");
    let opening = ("Finished goods,,30.00,25.00", "Finished goods,,31.00,25.00");
    is_found_among(CHANGES, opening, "V03", &["31.00 (CSV!C47)", "30.00 (CSV!D44)"]);
    let closing = ("end of the year,,,\nWork in progress,,22.00", "end of the year,,,\nWork in progress,,23.00");
    is_found_among(CHANGES, closing, "V04", &["23.00 (CSV!C43)", "22.00 (CSV!C29)"]);
}

#[test]
fn opening_materials_of_the_note_of_materials_consumed() {
    let opening =
        ("of the year,,60.00,50.00\nAdd: Purchases,,500.00", "of the year,,62.00,50.00\nAdd: Purchases,,498.00");
    is_found_among(CHANGES, opening, "V03", &["62.00 (CSV!C35)", "60.00 (CSV!D37)"]);
}

#[test]
fn a_loss_printed_as_a_debit_balance_is_the_loss_of_the_form() {
    let text = "\
Profit and Loss Account for the year ended 31.03.2025 (Audited) (Rs. in lakhs),
Particulars,31.03.2025
Sales,100.00
Salaries,150.00
Interest on bank loan,10.00
Net profit/(loss) before tax,60.00 Dr
Net profit/(loss) after tax,60.00 Dr
,
Balance Sheet as at 31.03.2025 (Audited) (Rs. in lakhs),
Particulars,31.03.2025
Liabilities,
Share capital,100.00
Profit and loss account,60.00 Dr
Total,40.00
Assets,
Cash and bank balances,40.00
Total,40.00
";
    let profit = |text: &str| -> Vec<(Outcome, String)> {
        let extractions = [documents::read("accounts.csv", 1, text.as_bytes(), &Limits::default()).expect("reads")];
        let classification = classify(&extractions, &Policy::docket_1());
        let figures = assemble(&extractions, &classification).expect("figures");
        let checks = check::run(&extractions, &classification, &figures);
        checks.into_iter().filter(|check| check.rule == "V08").map(|check| (check.outcome, check.detail)).collect()
    };
    let sound = profit(text);
    assert!(sound.iter().any(|(outcome, _)| *outcome == Outcome::Holds), "{sound:?}");
    assert!(sound.iter().all(|(outcome, _)| *outcome != Outcome::Fails), "{sound:?}");
    let credit = profit(&text.replace("tax,60.00 Dr", "tax,60.00 Cr"));
    assert!(
        credit.iter().any(|(outcome, _)| *outcome == Outcome::Fails),
        "a profit of 60 is no loss of 60: {credit:?}"
    );
}

#[test]
fn a_note_whose_lines_differ_from_its_own_total() {
    let noted = MANUFACTURER.replace("Particulars,31.03", "Particulars,Note,31.03");
    let noted: String = noted
        .lines()
        .map(|line| match line.split_once(',') {
            Some(("Trade payables", amounts)) => format!("Trade payables,6,{amounts}\n"),
            Some((label, amounts)) if !label.contains("Particulars") && !line.starts_with('"') => {
                format!("{label},,{amounts}\n")
            }
            _ => format!("{line}\n"),
        })
        .collect();
    let sound = format!(
        "{noted}\nNote 6 - Trade payables\nParticulars,,31.03.2025,31.03.2024\nDue to micro enterprises,,30.00,35.00\n\
         Due to others,,70.00,75.00\nTotal,,100.00,110.00\n"
    );
    let found = |text: &str| {
        let extractions = [documents::read("accounts.csv", 1, text.as_bytes(), &Limits::default()).expect("reads")];
        let classification = classify(&extractions, &Policy::docket_1());
        let figures = assemble(&extractions, &classification).expect("figures");
        let checks = check::run(&extractions, &classification, &figures);
        let fails = |check: &Check| check.outcome == Outcome::Fails && check.rule == "V02";
        checks.into_iter().filter(fails).map(|check| (check.severity, check.detail)).collect::<Vec<_>>()
    };
    assert_eq!(found(&sound), []);
    let faults = found(&sound.replace("others,,70.00", "others,,77.00"));
    let is_it = |(severity, detail): &(Severity, String)| *severity == Severity::Warning && detail.contains("CSV!C44");
    assert!(faults.iter().any(is_it), "{faults:#?}");
}

#[test]
fn a_profit_that_balances_the_debit_side_is_no_loss() {
    let account = |to: &str| {
        format!(
            "Profit and Loss Account for the year ended 31.03.2025 (Audited) (Rs. in lakhs),,,\nParticulars,Amount,Particulars,Amount\n\
             {to}Salaries,60.00 Dr,By Sales,100.00 Cr\n{to}Rent,25.00 Dr,By Discount received,5.00 Cr\n\
             {to}Net profit,20.00 Dr,,\nTotal,105.00 Dr,Total,105.00 Cr\n,,,\n\
             Balance Sheet as at 31.03.2025 (Audited) (Rs. in lakhs),,,\nLiabilities,Amount,Assets,Amount\n\
             Capital account,40.00,Cash and bank balances,40.00\nTotal,40.00,Total,40.00\n"
        )
    };
    for to in ["To ", ""] {
        let extractions =
            [documents::read("accounts.csv", 1, account(to).as_bytes(), &Limits::default()).expect("reads")];
        let classification = classify(&extractions, &Policy::docket_1());
        let figures = assemble(&extractions, &classification).expect("figures");
        let checks = check::run(&extractions, &classification, &figures);
        let profits: Vec<&Check> = checks.iter().filter(|check| check.rule == "V08").collect();
        assert!(profits.iter().any(|check| check.outcome == Outcome::Holds), "{to}{profits:#?}");
        assert!(profits.iter().all(|check| check.outcome != Outcome::Fails), "{to}{profits:#?}");
    }
}
