//! Marks in the documents of simulated clients. A mark found anywhere but in the document bucket is a leak.

use serde_json::{Value, json};

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

/// Amount of the line that needs a reviewer, as figures show it.
pub(crate) const DOUBTFUL_AMOUNT: &str = "9182736455469";
/// Id of the line that needs a reviewer.
const DOUBTFUL_LINE: &str = "d1-s1-r10";
/// The row of lines that belong nowhere in the forms.
const LEFT_OUT: &str = "X.ignore";
/// Label of the line whose amount tells the revisions of a file apart.
const TELLING: &str = "Inventories";

/// The amount that tells which revision of a statement `file` is, as figures show it.
pub(crate) fn amount_of(file: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(file).ok()?;
    let amounts = text.lines().find_map(|line| line.strip_prefix(TELLING)?.strip_prefix(','))?;
    Some(amounts.split('.').next()?.to_owned())
}

/// A reviewer's decisions on a statement with a doubtful line: to leave it out, or none, which accepts every proposal.
pub(crate) fn decisions(leave_out: bool) -> Vec<u8> {
    let left_out = json!([{ "line": DOUBTFUL_LINE, "row_code": LEFT_OUT, "reason": "It is not the borrower's." }]);
    if leave_out { left_out } else { json!([]) }.to_string().into_bytes()
}

/// Whether a reviewer's stored decisions leave the doubtful line out.
pub(crate) fn leaves_out(decisions: &[u8]) -> bool {
    serde_json::from_slice::<Value>(decisions).is_ok_and(|decisions| decisions[0]["row_code"] == LEFT_OUT)
}

/// A small balance sheet and profit and loss statement in CSV. `unsure` adds a line that needs a reviewer. Each `revision` of
/// it, up to 9, has another amount; 0 is the first.
pub(crate) fn statement(unsure: bool, revision: u32) -> Vec<u8> {
    let inventory = if revision == 0 { String::from("1") } else { format!("1{}", revision.min(9)) };
    let mut text = format!("{LABEL} Private Limited\nBalance Sheet as at 31 March 2024\n(Rs. in lakhs)\n");
    text.push_str("Particulars,31.03.2024 Audited,31.03.2023 Audited\nASSETS\nCurrent assets\n");
    for (label, amount) in [(TELLING, inventory.as_str()), ("Trade receivables", "2"), ("Cash and bank balances", "3")]
    {
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
