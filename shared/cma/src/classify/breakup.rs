//! A face line or the note that breaks it up: never both, never neither.

use domain::statement::{Column, LineRole, Statement, StatementKind, Unit};
use rust_decimal::Decimal;

use super::draft::{Draft, path};
use super::engine::Classifier;
use super::note::{Block, blocks, faces};
use crate::label::Lead;
use crate::policy::Policy;
use crate::rule::{is_deducted, is_known_row};

/// How sure it is that a face line is broken up by a note that sums to it.
const BROKEN_UP_CONFIDENCE: f64 = 0.97;
/// How sure it is that a note which does not sum to its face line is to be left out.
const MISMATCH_CONFIDENCE: f64 = 0.65;
/// The same for a note that covers fewer years than its face line.
const FEWER_YEARS_CONFIDENCE: f64 = 0.80;
/// The same for a note that no face line refers to.
const UNREFERRED_CONFIDENCE: f64 = 0.80;
/// Below this, a line of a note goes to the row of the line that it breaks up.
const OWN_ROW_CONFIDENCE_MIN: f64 = 0.50;
/// How sure it is of the row taken from the line that is broken up.
const PARENT_ROW_CONFIDENCE: f64 = 0.72;

/// How the lines of a note compare with a face line.
enum Fit {
    /// The first so many drafts of the block sum to it.
    Sums(usize),
    /// They do not.
    Differs,
    /// The note has no column for a year that the face line has.
    FewerYears,
}

/// Decides for every note whether its lines or the face line count.
pub(super) fn resolve(drafts: &mut [Draft], classifier: &Classifier, policy: &Policy) {
    let mut taken: Vec<usize> = Vec::new();
    for block in blocks(drafts, classifier) {
        let faces: Vec<usize> = faces(&block, drafts).into_iter().filter(|face| !taken.contains(face)).collect();
        let [face] = faces[..] else {
            leave_out(drafts, &block.drafts, "no one face line refers to this note", UNREFERRED_CONFIDENCE);
            continue;
        };
        redecide(drafts, &block, face, classifier, policy);
        match fit(drafts, &block, face) {
            Fit::Sums(count) => {
                taken.push(face);
                let (used, after) = block.drafts.split_at(count);
                adopt(drafts, used, face, policy);
                leave_out(drafts, after, "stands below the total of its note", BROKEN_UP_CONFIDENCE);
                let name = block.number.as_deref().unwrap_or("of the same name");
                drafts[face].ignore(&format!("broken up in note {name}"), BROKEN_UP_CONFIDENCE);
            }
            Fit::Differs => leave_out(
                drafts,
                &block.drafts,
                "the note does not sum to its face line, which is used",
                MISMATCH_CONFIDENCE,
            ),
            Fit::FewerYears => {
                leave_out(
                    drafts,
                    &block.drafts,
                    "the face line is used: it covers more years than its note",
                    FEWER_YEARS_CONFIDENCE,
                );
            }
        }
    }
}

/// Decides on the note's lines again, now under the face line's headings.
fn redecide(drafts: &mut [Draft], block: &Block, face: usize, classifier: &Classifier, policy: &Policy) {
    let (statement, line) = (drafts[face].statement, drafts[face].line);
    let mut above = path(statement, line);
    above.push(&line.label);
    for place in &block.drafts {
        let draft = &mut drafts[*place];
        if draft.line.role != LineRole::Item {
            continue;
        }
        let mut path = above.clone();
        path.extend(draft.line.section.iter().map(String::as_str));
        draft.decision = classifier.decide(&draft.line.label, &path, policy);
        draft.context = classifier.context(&path);
    }
}

/// Keeps what is decided where it fits the face line's statement, and the face line's row elsewhere.
fn adopt(drafts: &mut [Draft], used: &[usize], face: usize, policy: &Policy) {
    let parent = policy.input_row(&drafts[face].decision.row_code).to_owned();
    for place in used {
        let draft = &mut drafts[*place];
        if draft.line.role != LineRole::Item {
            draft.ignore("a sum within its note", BROKEN_UP_CONFIDENCE);
            continue;
        }
        draft.parent = Some(parent.clone());
        let own = draft.decision.row_code.clone();
        let fits =
            is_known_row(&own) && same_form(&own, &parent) && draft.decision.confidence >= OWN_ROW_CONFIDENCE_MIN;
        if fits || own == parent || !is_known_row(&parent) {
            continue;
        }
        let face_confidence = PARENT_ROW_CONFIDENCE.min(draft.decision.confidence.max(OWN_ROW_CONFIDENCE_MIN));
        draft.decision.row_code.clone_from(&parent);
        draft.decision.confidence = if own.starts_with("X.") { PARENT_ROW_CONFIDENCE } else { face_confidence };
        "the row of the line that the note breaks up".clone_into(&mut draft.decision.reason);
    }
}

fn same_form(row_code: &str, parent: &str) -> bool {
    let of_balance_sheet = |code: &str| code.starts_with("III.");
    row_code != "X.ignore" && of_balance_sheet(row_code) == of_balance_sheet(parent)
}

fn leave_out(drafts: &mut [Draft], places: &[usize], reason: &str, confidence: f64) {
    for place in places {
        let draft = &mut drafts[*place];
        if draft.line.role == LineRole::Item && draft.statement.kind == StatementKind::Note {
            draft.ignore(reason, confidence);
        } else if !draft.is_ignored() {
            draft.ignore("a sum within its note", BROKEN_UP_CONFIDENCE);
        }
    }
}

/// Compares the note up to each of its sums, then as a whole, with the face line.
fn fit(drafts: &[Draft], block: &Block, face: usize) -> Fit {
    let Some(first) = block.drafts.first() else { return Fit::Differs };
    let (own, other) = (drafts[face].statement, drafts[*first].statement);
    let mut pairs = Vec::new();
    for (column, wanted) in own.columns.iter().zip(&drafts[face].line.figures) {
        let Some(wanted) = wanted.as_ref().map(|figure| figure.amount) else { continue };
        match same_column(other, column) {
            Some(place) => pairs.push((place, wanted)),
            None if wanted.is_zero() => {}
            None => return Fit::FewerYears,
        }
    }
    if pairs.is_empty() {
        return Fit::FewerYears;
    }
    let ends = (1..=block.drafts.len()).filter(|end| {
        let last = block.drafts.get(*end).is_none();
        last || drafts[block.drafts[*end]].line.role != LineRole::Item
    });
    for end in ends {
        let used = &block.drafts[..end];
        let sums =
            |(column, wanted): &(usize, Decimal)| sums_to(drafts, used, *column, *wanted, (own.unit, other.unit));
        if used.iter().any(|place| drafts[*place].line.role == LineRole::Item)
            && pairs.iter().all(|pair| sums(pair).unwrap_or(false))
        {
            return Fit::Sums(end);
        }
    }
    Fit::Differs
}

fn same_column(statement: &Statement, wanted: &Column) -> Option<usize> {
    let end = wanted.period_end?;
    let same = |column: &Column| column.period_end == Some(end) && column.months == wanted.months;
    statement.columns.iter().position(same)
}

/// Whether the lines add up to the face amount, rounding of what is printed allowed; `None` when they overflow.
fn sums_to(drafts: &[Draft], used: &[usize], column: usize, wanted: Decimal, units: (Unit, Unit)) -> Option<bool> {
    let (face_unit, note_unit) = match (units.0.rupees(), units.1.rupees()) {
        (Some(face), Some(note)) => (face, note),
        _ => (Decimal::ONE, Decimal::ONE),
    };
    let mut sum = Decimal::ZERO;
    let mut slack = half_of_last_digit(wanted).checked_mul(face_unit)?;
    let exact = face_unit == note_unit;
    for place in used {
        let draft = &drafts[*place];
        if draft.line.role != LineRole::Item {
            continue;
        }
        let Some(figure) = draft.line.figures.get(column).and_then(Option::as_ref) else { continue };
        let amount = if is_taken_off(draft) && figure.amount > Decimal::ZERO { -figure.amount } else { figure.amount };
        sum = sum.checked_add(amount.checked_mul(note_unit)?)?;
        slack = slack.checked_add(half_of_last_digit(figure.amount).checked_mul(note_unit)?)?;
    }
    let gap = (sum - wanted.checked_mul(face_unit)?).abs();
    let whole = wanted.scale() == 0 && exact;
    Some(gap <= if whole { slack.min(Decimal::TWO) } else { slack })
}

fn half_of_last_digit(amount: Decimal) -> Decimal {
    Decimal::new(5, amount.scale().min(27) + 1)
}

/// Whether the line lowers the sum of its note though it is printed as a positive amount.
fn is_taken_off(draft: &Draft) -> bool {
    let allowance =
        draft.label.says("doubtfuldebt") && (draft.label.says("provision") || draft.label.says("allowance"));
    let of_assets = draft.decision.row_code.starts_with("III.");
    draft.label.lead == Some(Lead::Less) || is_deducted(&draft.decision.row_code) || (allowance && of_assets)
}
