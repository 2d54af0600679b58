//! Resolves lines whose row is a sum of the form: leaves them out if finer lines are printed too, otherwise assigns an
//! input row.

use domain::statement::{LineRole, Statement};

use super::draft::Draft;
use super::is_face;
use crate::policy::Policy;
use crate::row::RowCode;

/// Highest confidence in the row of an amount that a statement does not break up.
const LUMP_CONFIDENCE: f64 = 0.68;
/// Confidence that such a line is a sum.
const SUM_CONFIDENCE: f64 = 0.96;

/// A sum of the form, and the rows that make it up.
struct Family {
    sums: &'static [RowCode],
    parts: &'static [RowCode],
}

const FAMILIES: [Family; 6] = [
    Family { sums: &rows!["II.1", "II.3"], parts: &rows!["II.1.i", "II.1.ii"] },
    Family { sums: &rows!["II.9"], parts: &rows!["II.9.a", "II.9.b", "II.9.c"] },
    Family {
        sums: &rows!["III.30"],
        parts: &rows!["III.30.i.a", "III.30.i.b", "III.30.ii", "III.30.iii", "III.30.iv.a", "III.30.iv.b"],
    },
    Family { sums: &rows!["III.37"], parts: &rows!["III.35"] },
    Family {
        sums: &rows!["II.5.x", "II.5.xiii"],
        parts: &rows!["II.5.i.a", "II.5.i.b", "II.5.i.t", "S.RM.purch", "S.RM.open", "II.5.v"],
    },
    Family { sums: &rows!["III.24"], parts: &rows!["III.19", "III.22", "III.23"] },
];

/// Resolves lines whose row is a sum, and sub-totals.
pub(super) fn resolve(drafts: &mut [Draft], policy: &Policy) {
    for index in 0..drafts.len() {
        let draft = &drafts[index];
        let row = draft.choice.row;
        let subtotal = draft.line.role == LineRole::Subtotal;
        let family =
            FAMILIES.iter().find(|family| family.sums.contains(&row) || (subtotal && family.parts.contains(&row)));
        let alone = family.is_some_and(|family| !has_parts(drafts, index, family));
        let sum = subtotal || !row.takes_lines();
        if !sum {
            if is_group(&draft.label.words) && is_face(draft.statement.kind) && row.takes_lines() {
                assign(&mut drafts[index], row);
            }
            continue;
        }
        // A group that a total of the balance sheet contains counts, whatever other lines there are.
        let counts = alone || (!subtotal && draft.is_added);
        let input = group_row(policy.input_row(row));
        if counts && input.takes_lines() && is_face(draft.statement.kind) {
            assign(&mut drafts[index], input);
        } else if input.takes_lines() && drafts[index].must_count() {
            drafts[index].count_in(input);
        } else {
            drafts[index].ignore(if subtotal { "a sub-total" } else { "a sum of other lines" }, SUM_CONFIDENCE);
        }
    }
}

/// The row of a whole group of the balance sheet that is printed as one amount, as condensed accounts do.
fn group_row(row: RowCode) -> RowCode {
    const GROUPS: [(&[RowCode], RowCode); 5] = [
        (&rows!["III.34"], row!("III.33")),
        (&rows!["III.B", "III.10"], row!("III.9")),
        (&rows!["III.A"], row!("III.1.i")),
        (&rows!["III.17", "III.18"], row!("III.16")),
        (&rows!["III.41"], row!("III.40")),
    ];
    GROUPS.iter().find(|(sums, _)| sums.contains(&row)).map_or(row, |(_, other)| *other)
}

/// Whether a label says nothing but a group of the balance sheet: `Current liabilities and provisions`.
fn is_group(words: &[String]) -> bool {
    const TENORS: [&str; 2] = ["current", "noncurrent"];
    const SIDES: [&str; 2] = ["asset", "liability"];
    const MORE: [&str; 4] = ["provision", "loan", "advance", "loanadvance"];
    let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    let is_known = |word: &String| [&TENORS[..], &SIDES, &MORE].iter().any(|known| known.contains(&word.as_str()));
    has(&TENORS) && has(&SIDES) && words.iter().all(is_known)
}

fn assign(draft: &mut Draft, row: RowCode) {
    draft.choice.reason = format!("printed as one amount; {}", draft.choice.reason);
    draft.choice.row = row;
    // Sales and finance costs are usually one line. A reviewer may know the break-up of stock, fixed assets and costs.
    if !rows!["II.1.i", "II.9.c"].contains(&row) {
        draft.choice.confidence = draft.choice.confidence.min(LUMP_CONFIDENCE);
    }
}

/// Whether other lines of the same document and kind of statement are the parts, or an earlier one is a sum of the same family.
fn has_parts(drafts: &[Draft], index: usize, family: &Family) -> bool {
    let own = &drafts[index];
    // A copy of the statement prints the line again, and its parts are those of the copy.
    let is_copy = |other: &Draft| {
        !std::ptr::eq(other.statement, own.statement)
            && other.document == own.document
            && other.statement.kind == own.statement.kind
            && other.label.words == own.label.words
    };
    let copies: Vec<*const Statement> =
        drafts.iter().filter(|other| is_copy(other)).map(|other| std::ptr::from_ref(other.statement)).collect();
    let is_earlier_sum = |other: usize| other < index && own.choice.row != drafts[other].choice.row;
    drafts.iter().enumerate().any(|(other, draft)| {
        let row = draft.choice.row;
        let same =
            draft.document == own.document && (draft.statement.kind == own.statement.kind || draft.parent.is_some());
        // A note that covers some years of the line leaves it to count in the others.
        let own_note = draft.breaks_up.contains(&own.line.id);
        let part = draft.line.role == LineRole::Item && family.parts.contains(&row) && other != index && !own_note;
        let sum = draft.line.role == LineRole::Item && family.sums.contains(&row) && is_earlier_sum(other);
        same && (part || sum) && !copies.contains(&std::ptr::from_ref(draft.statement))
    })
}
