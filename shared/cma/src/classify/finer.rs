//! Lines that are sums by their row: left out where finer lines stand beside them, allocated where they stand alone.

use domain::statement::LineRole;

use super::draft::Draft;
use super::is_face;
use crate::policy::Policy;
use crate::rule::is_known_row;

/// How sure it is of the row for an amount that a statement does not part further.
const LUMP_CONFIDENCE: f64 = 0.68;
/// How sure it is that a sum is one.
const SUM_CONFIDENCE: f64 = 0.96;

/// A sum of the form, and the rows that make it up.
struct Family {
    sums: &'static [&'static str],
    parts: &'static [&'static str],
}

const FAMILIES: [Family; 6] = [
    Family { sums: &["II.1", "II.3"], parts: &["II.1.i", "II.1.ii"] },
    Family { sums: &["II.9"], parts: &["II.9.a", "II.9.b", "II.9.c"] },
    Family {
        sums: &["III.30"],
        parts: &["III.30.i.a", "III.30.i.b", "III.30.ii", "III.30.iii", "III.30.iv.a", "III.30.iv.b"],
    },
    Family { sums: &["III.37"], parts: &["III.35"] },
    Family {
        sums: &["II.5.x", "II.5.xiii"],
        parts: &["II.5.i.a", "II.5.i.b", "II.5.i.t", "S.RM.purch", "S.RM.open", "II.5.v"],
    },
    Family { sums: &["III.24"], parts: &["III.19", "III.22", "III.23"] },
];

/// Settles lines whose row is a sum, and sub-totals that have nothing below them.
pub(super) fn resolve(drafts: &mut [Draft], policy: &Policy) {
    for place in 0..drafts.len() {
        let draft = &drafts[place];
        let row = draft.decision.row_code.as_str();
        let subtotal = draft.line.role == LineRole::Subtotal;
        let family =
            FAMILIES.iter().find(|family| family.sums.contains(&row) || (subtotal && family.parts.contains(&row)));
        let alone = family.is_some_and(|family| !has_parts(drafts, place, family));
        let sum = subtotal || !is_known_row(row);
        if !sum {
            continue;
        }
        let lump = policy.input_row(row).to_owned();
        if alone && is_known_row(&lump) && is_face(draft.statement.kind) {
            allocate(&mut drafts[place], &lump);
        } else {
            drafts[place].ignore(if subtotal { "a sub-total" } else { "a sum of other lines" }, SUM_CONFIDENCE);
        }
    }
}

fn allocate(draft: &mut Draft, row_code: &str) {
    draft.decision.reason = format!("printed as one amount; {}", draft.decision.reason);
    row_code.clone_into(&mut draft.decision.row_code);
    // Sales as one line are sales; stock, fixed assets and costs as one line hide what a reviewer may know.
    let usual = matches!(row_code, "II.1.i" | "II.9.c");
    draft.decision.confidence =
        if usual { draft.decision.confidence } else { draft.decision.confidence.min(LUMP_CONFIDENCE) };
}

/// Whether lines of the same statement kind and document, or an earlier sum of the same family, hold the parts.
fn has_parts(drafts: &[Draft], place: usize, family: &Family) -> bool {
    let own = &drafts[place];
    let lump_before = |other: usize| other < place && own.decision.row_code != drafts[other].decision.row_code;
    drafts.iter().enumerate().any(|(other, draft)| {
        let row = draft.decision.row_code.as_str();
        let same =
            draft.document == own.document && (draft.statement.kind == own.statement.kind || draft.parent.is_some());
        let part = draft.line.role == LineRole::Item && family.parts.contains(&row) && other != place;
        let sum = draft.line.role == LineRole::Item && family.sums.contains(&row) && lump_before(other);
        same && (part || sum)
    })
}
