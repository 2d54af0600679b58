//! Counts exactly one of each pair of a line on the face of a statement and the note that breaks it up.

use domain::statement::{Column, LineRole, Statement, StatementKind, Unit};
use rust_decimal::Decimal;

use super::draft::{Draft, path};
use super::engine::Classifier;
use super::note::{Block, blocks, faces};
use crate::label::Lead;
use crate::policy::Policy;
use crate::row::{Form, RowCode};
use crate::rule::is_deducted;

/// Confidence that a note whose sum equals a face line breaks it up.
const BROKEN_UP_CONFIDENCE: f64 = 0.97;
/// Confidence in leaving out a note that does not sum to its face line.
const MISMATCH_CONFIDENCE: f64 = 0.65;
/// Confidence in leaving out a note that covers fewer years than its face line.
const FEWER_YEARS_CONFIDENCE: f64 = 0.80;
/// Confidence in leaving out a note that no face line refers to.
const UNREFERRED_CONFIDENCE: f64 = 0.80;
/// Below this confidence, a line of a note goes to the row of its face line.
const OWN_ROW_CONFIDENCE_MIN: f64 = 0.50;
/// Confidence in a row taken from the face line.
const PARENT_ROW_CONFIDENCE: f64 = 0.72;

/// How the lines of a note compare with its face line.
enum Fit {
    /// This many lines, from the first, add up to it.
    Sums(usize),
    /// They do not add up to it.
    Differs,
    /// The note has no column for a year that the face line has.
    FewerYears,
}

/// Decides for every note whether its lines or its face line count.
pub(super) fn resolve(drafts: &mut [Draft], classifier: &Classifier, policy: &Policy) {
    let mut taken: Vec<usize> = Vec::new();
    for block in blocks(drafts, classifier) {
        let faces: Vec<usize> = faces(&block, drafts).into_iter().filter(|face| !taken.contains(face)).collect();
        let [face] = faces[..] else {
            leave_out(
                drafts,
                &block.drafts,
                "no single line of the statements refers to this note",
                UNREFERRED_CONFIDENCE,
            );
            continue;
        };
        choose_again(drafts, &block, face, classifier, policy);
        match fit(drafts, &block, face) {
            Fit::Sums(count) => {
                taken.push(face);
                let (used, after) = block.drafts.split_at(count);
                adopt(drafts, used, face, policy);
                leave_out(drafts, after, "below the total of its note", BROKEN_UP_CONFIDENCE);
                let name = block.number.as_deref().unwrap_or("of the same name");
                drafts[face].ignore(&format!("broken up in note {name}"), BROKEN_UP_CONFIDENCE);
            }
            Fit::Differs => leave_out(
                drafts,
                &block.drafts,
                "the note does not add up to the line it breaks up; that line is used",
                MISMATCH_CONFIDENCE,
            ),
            Fit::FewerYears => {
                leave_out(
                    drafts,
                    &block.drafts,
                    "the line it breaks up is used: it covers more years than the note",
                    FEWER_YEARS_CONFIDENCE,
                );
            }
        }
    }
}

/// Chooses the rows of the note's lines again, now under the headings of the face line.
fn choose_again(drafts: &mut [Draft], block: &Block, face: usize, classifier: &Classifier, policy: &Policy) {
    let (statement, line) = (drafts[face].statement, drafts[face].line);
    let mut above = path(statement, line);
    above.push(&line.label);
    for index in &block.drafts {
        let draft = &mut drafts[*index];
        if draft.line.role != LineRole::Item {
            continue;
        }
        let mut path = above.clone();
        path.extend(draft.line.section.iter().map(String::as_str));
        draft.choice = classifier.choose(&draft.line.label, &path, policy);
        draft.context = classifier.context(&path);
    }
}

/// Keeps the chosen rows that are on the face line's statement, and uses the face line's row for the others.
fn adopt(drafts: &mut [Draft], used: &[usize], face: usize, policy: &Policy) {
    let parent = policy.input_row(drafts[face].choice.row);
    for index in used {
        let draft = &mut drafts[*index];
        if draft.line.role != LineRole::Item {
            draft.ignore("a sum within the note", BROKEN_UP_CONFIDENCE);
            continue;
        }
        draft.parent = Some(parent);
        let own = draft.choice.row;
        let fits =
            own.takes_lines() && is_same_statement(own, parent) && draft.choice.confidence >= OWN_ROW_CONFIDENCE_MIN;
        if fits || own == parent || !parent.takes_lines() {
            continue;
        }
        let face_confidence = PARENT_ROW_CONFIDENCE.min(draft.choice.confidence.max(OWN_ROW_CONFIDENCE_MIN));
        let unclassified = own.as_str().starts_with("X.");
        draft.choice.row = parent;
        draft.choice.confidence = if unclassified { PARENT_ROW_CONFIDENCE } else { face_confidence };
        "the row of the line that the note breaks up".clone_into(&mut draft.choice.reason);
    }
}

/// Whether both rows are of the balance sheet, or neither.
fn is_same_statement(row: RowCode, parent: RowCode) -> bool {
    let of_balance_sheet = |row: RowCode| row.form() == Form::Three;
    row != RowCode::IGNORE && of_balance_sheet(row) == of_balance_sheet(parent)
}

fn leave_out(drafts: &mut [Draft], indices: &[usize], reason: &str, confidence: f64) {
    for index in indices {
        let draft = &mut drafts[*index];
        if draft.line.role == LineRole::Item && draft.statement.kind == StatementKind::Note {
            draft.ignore(reason, confidence);
        } else if !draft.is_ignored() {
            draft.ignore("a sum within the note", BROKEN_UP_CONFIDENCE);
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
        match find_column(other, column) {
            Some(index) => pairs.push((index, wanted)),
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
        if used.iter().any(|index| drafts[*index].line.role == LineRole::Item)
            && pairs.iter().all(|pair| sums(pair).unwrap_or(false))
        {
            return Fit::Sums(end);
        }
    }
    Fit::Differs
}

/// The column of a statement for the same period.
fn find_column(statement: &Statement, wanted: &Column) -> Option<usize> {
    let end = wanted.period_end?;
    let same = |column: &Column| column.period_end == Some(end) && column.months == wanted.months;
    statement.columns.iter().position(same)
}

/// Whether the lines add up to the face amount within the rounding of what is printed; `None` when they overflow.
fn sums_to(drafts: &[Draft], used: &[usize], column: usize, wanted: Decimal, units: (Unit, Unit)) -> Option<bool> {
    let (face_unit, note_unit) = match (units.0.rupees(), units.1.rupees()) {
        (Some(face), Some(note)) => (face, note),
        _ => (Decimal::ONE, Decimal::ONE),
    };
    let mut sum = Decimal::ZERO;
    let mut slack = half_of_last_digit(wanted).checked_mul(face_unit)?;
    let exact = face_unit == note_unit;
    for index in used {
        let draft = &drafts[*index];
        if draft.line.role != LineRole::Item {
            continue;
        }
        let Some(figure) = draft.line.figures.get(column).and_then(Option::as_ref) else { continue };
        let amount = if is_deduction(draft) && figure.amount > Decimal::ZERO { -figure.amount } else { figure.amount };
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

/// Whether the line lowers the sum of its note even when printed as a positive amount.
fn is_deduction(draft: &Draft) -> bool {
    let allowance = draft.label.has_word("doubtfuldebt")
        && (draft.label.has_word("provision") || draft.label.has_word("allowance"));
    let of_balance_sheet = draft.choice.row.form() == Form::Three;
    draft.label.lead == Some(Lead::Less) || is_deducted(draft.choice.row) || (allowance && of_balance_sheet)
}
