//! Marks in the documents of simulated clients. A mark found anywhere but in the document bucket is a leak.

/// Mark in labels, headings and file names.
const LABEL: &str = "Zyxomma";
/// Mark in amounts.
const AMOUNT: &str = "918273645546";
/// Mark in messages that the pipeline did not send.
pub(crate) const TOKEN: &str = "tok-Quokka77";

/// The mark that `bytes` hold, if any.
pub(crate) fn find(bytes: &[u8]) -> Option<&'static str> {
    let text = std::str::from_utf8(bytes).ok()?;
    [LABEL, AMOUNT, TOKEN].into_iter().find(|mark| text.contains(mark))
}

/// A small balance sheet and profit and loss statement in CSV. `unsure` adds a line that needs a reviewer.
pub(crate) fn statement(unsure: bool) -> Vec<u8> {
    let mut text = format!("{LABEL} Private Limited\nBalance Sheet as at 31 March 2024\n(Rs. in lakhs)\n");
    text.push_str("Particulars,31.03.2024 Audited,31.03.2023 Audited\nASSETS\nCurrent assets\n");
    for (label, amount) in [("Inventories", 1), ("Trade receivables", 2), ("Cash and bank balances", 3)] {
        text.push_str(&format!("{label},{AMOUNT}{amount}.00,{AMOUNT}{amount}.50\n"));
    }
    if unsure {
        text.push_str(&format!("{LABEL} suspense account of the proprietor,{AMOUNT}9.00,{AMOUNT}9.00\n"));
    }
    text.push_str("\nStatement of profit and loss for the year ended 31 March 2024\n");
    text.push_str("Particulars,31.03.2024 Audited,31.03.2023 Audited\n");
    for (label, amount) in [("Revenue from operations", 5), ("Employee benefits expense", 4)] {
        text.push_str(&format!("{label},{AMOUNT}{amount}.00,{AMOUNT}{amount}.50\n"));
    }
    text.into_bytes()
}

/// A broken file that looks like a workbook.
pub(crate) fn broken() -> Vec<u8> {
    format!("PK\u{3}\u{4}{LABEL}{AMOUNT}").into_bytes()
}

/// The name of file `number`.
pub(crate) fn file_name(number: u32) -> String {
    format!("{LABEL}-{number}.csv")
}
