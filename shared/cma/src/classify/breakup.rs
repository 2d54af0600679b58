//! Counts exactly one of each pair of a line on the face of a statement and the note that breaks it up.

use domain::statement::{Column, LineRole, Statement, StatementKind};
use rust_decimal::Decimal;

use super::draft::{Draft, path};
use super::engine::Classifier;
use super::is_face;
use super::note::{Block, blocks, faces, numbers};
use crate::figure::{column_decimals, rounding};
use crate::label::Lead;
use crate::policy::Policy;
use crate::row::{Form, RowCode};
use crate::rule::is_deducted;

/// Confidence that a note whose sum equals a face line breaks it up.
const BROKEN_UP_CONFIDENCE: f64 = 0.97;
/// Confidence in leaving out a note that does not sum to its face line.
const MISMATCH_CONFIDENCE: f64 = 0.65;
/// Confidence in leaving out a note that covers none of the years of its face line.
const OTHER_YEARS_CONFIDENCE: f64 = 0.80;
/// Most that the row of a line is worth that a note splits over several rows in some years and not in others.
const PARTLY_BROKEN_UP_CONFIDENCE_MAX: f64 = 0.65;
/// Confidence in leaving out a note that no face line refers to.
const UNREFERRED_CONFIDENCE: f64 = 0.80;
/// Below this confidence, a line of a note goes to the row of its face line.
const OWN_ROW_CONFIDENCE_MIN: f64 = 0.50;
/// Confidence in a row taken from the face line.
const PARENT_ROW_CONFIDENCE: f64 = 0.72;
/// The same for a line whose label says nothing of its own, or agrees.
const SAME_ROW_CONFIDENCE: f64 = 0.80;

/// How the lines of a note compare with its face line.
enum Fit {
    /// This many lines, from the first, add up to it.
    Sums(usize),
    /// The same in the years that the note covers, which are fewer than those of the face line.
    SumsInPart(usize),
    /// They do not add up to it.
    Differs,
    /// The note has no column for any year that the face line has.
    OtherYears,
}

impl Fit {
    /// How many lines are used, if they add up.
    fn count(&self) -> Option<usize> {
        match self {
            Self::Sums(count) | Self::SumsInPart(count) => Some(*count),
            Self::Differs | Self::OtherYears => None,
        }
    }

    /// Whether the face line counts in the years that the note does not cover.
    fn is_partial(&self) -> bool {
        matches!(self, Self::SumsInPart(_))
    }
}

/// Decides for every note whether its lines or its face line count. `order` ranks documents by their content, so that the
/// order of upload does not decide which of two notes is used.
pub(super) fn resolve(drafts: &mut [Draft], order: &[usize], classifier: &Classifier, policy: &Policy) {
    let mut taken: Vec<usize> = Vec::new();
    let mut blocks = blocks(drafts, classifier);
    let numbers = numbers(&blocks);
    // A note of the same document comes before one of another, and a note for all years before one for some of them.
    blocks.sort_by_cached_key(|block| {
        let has_statement =
            drafts.iter().any(|draft| draft.document == block.document && is_face(draft.statement.kind));
        let faces = faces(block, drafts, &numbers);
        let is_whole = faces.iter().any(|face| matches!(fit(drafts, block, *face), Fit::Sums(_)));
        (!has_statement, !is_whole, order.get(block.document).copied())
    });
    for block in blocks {
        let all = faces(&block, drafts, &numbers);
        let faces: Vec<usize> = all.iter().copied().filter(|face| !taken.contains(face)).collect();
        let Some(&first) = faces.first() else {
            let (reason, confidence) = if all.is_empty() {
                ("no single line of the statements refers to this note", UNREFERRED_CONFIDENCE)
            } else {
                ("another note breaks up the same line", BROKEN_UP_CONFIDENCE)
            };
            leave_out(drafts, &block.drafts, reason, confidence);
            continue;
        };
        choose_again(drafts, &block, first, classifier, policy);
        let fits: Vec<(usize, Fit)> = faces.iter().map(|face| (*face, fit(drafts, &block, *face))).collect();
        let Some(count) = fits.iter().find_map(|(_, fit)| fit.count()) else {
            let ids: Vec<String> = faces.iter().map(|face| drafts[*face].line.id.clone()).collect();
            for index in &block.drafts {
                drafts[*index].differs_from.clone_from(&ids);
            }
            leave_out_unfit(drafts, &block, fits.first().map(|(_, fit)| fit));
            continue;
        };
        // The same statement may be there several times, e.g. as a copy or as next year's comparative.
        let broken_up: Vec<(usize, bool)> = fits
            .iter()
            .filter(|(_, fit)| fit.count() == Some(count))
            .map(|(face, fit)| (*face, fit.is_partial()))
            .collect();
        taken.extend(broken_up.iter().map(|(face, _)| *face));
        use_note(drafts, &block, count, &broken_up, policy);
    }
}

/// Lets the first lines of a note count in place of the lines that they break up, in the years that the note covers; of each
/// face line, whether these are only some of its years.
fn use_note(drafts: &mut [Draft], block: &Block, count: usize, faces: &[(usize, bool)], policy: &Policy) {
    let (used, after) = block.drafts.split_at(count);
    if let Some((face, _)) = faces.first() {
        adopt(drafts, used, *face, policy);
    }
    let ids: Vec<String> = faces.iter().map(|(face, _)| drafts[*face].line.id.clone()).collect();
    for index in used.iter().filter(|index| drafts[**index].line.role == LineRole::Item).copied().collect::<Vec<_>>() {
        drafts[index].breaks_up.clone_from(&ids);
    }
    leave_out(drafts, after, "below the total of its note", BROKEN_UP_CONFIDENCE);
    let name = block.number.as_deref().unwrap_or("of the same name");
    for (face, in_part) in faces {
        if *in_part {
            keep_for_other_years(drafts, used, *face, name);
        } else {
            drafts[*face].ignore(&format!("broken up in note {name}"), BROKEN_UP_CONFIDENCE);
        }
    }
}

/// Keeps the row of a face line for the years that its note does not cover. Where the note splits the amount over other
/// rows, a reviewer decides about these years.
fn keep_for_other_years(drafts: &mut [Draft], used: &[usize], face: usize, name: &str) {
    let row = drafts[face].choice.row;
    let splits = used.iter().map(|index| &drafts[*index]).any(|draft| !draft.is_ignored() && draft.choice.row != row);
    let choice = &mut drafts[face].choice;
    choice.reason = format!("for the years that note {name} does not cover; {}", choice.reason);
    if splits {
        choice.confidence = choice.confidence.min(PARTLY_BROKEN_UP_CONFIDENCE_MAX);
    }
}

fn leave_out_unfit(drafts: &mut [Draft], block: &Block, fit: Option<&Fit>) {
    let (reason, confidence) = match fit {
        Some(Fit::OtherYears) => {
            ("the line it breaks up is used: the note covers none of its years", OTHER_YEARS_CONFIDENCE)
        }
        _ => ("the note does not add up to the line it breaks up; that line is used", MISMATCH_CONFIDENCE),
    };
    leave_out(drafts, &block.drafts, reason, confidence);
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
        if is_authorised(draft) {
            draft.ignore("authorised and not issued", BROKEN_UP_CONFIDENCE);
            continue;
        }
        draft.parent = Some(parent);
        let own = draft.choice.row;
        let fits = !says_nothing(draft)
            && own.takes_lines()
            && is_same_statement(own, parent)
            && draft.choice.confidence >= OWN_ROW_CONFIDENCE_MIN;
        if own == parent {
            // The label and the line that is broken up agree.
            draft.choice.confidence = draft.choice.confidence.max(SAME_ROW_CONFIDENCE);
        }
        if fits || own == parent || !parent.takes_lines() {
            continue;
        }
        let is_empty = says_nothing(draft);
        let face_confidence = PARENT_ROW_CONFIDENCE.min(draft.choice.confidence.max(OWN_ROW_CONFIDENCE_MIN));
        let unclassified = own.as_str().starts_with("X.");
        draft.choice.row = parent;
        draft.choice.confidence = match (is_empty, unclassified) {
            (true, _) => SAME_ROW_CONFIDENCE,
            (false, true) => PARENT_ROW_CONFIDENCE,
            (false, false) => face_confidence,
        };
        "the row of the line that the note breaks up".clone_into(&mut draft.choice.reason);
    }
}

/// Whether a line of a note on capital states what may be issued, which is no part of what is.
fn is_authorised(draft: &Draft) -> bool {
    let texts = draft.line.section.iter().chain([&draft.line.label]);
    let lower = texts.map(|text| text.trim_start().to_lowercase());
    let kinds = ["authorised", "authorized", "issued", "subscribed", "paid"];
    let mut stated = lower.filter(|text| kinds.iter().any(|word| text.contains(word)));
    let nearest = stated.next_back().unwrap_or_default();
    nearest.starts_with("authorised") || nearest.starts_with("authorized")
}

/// Whether a label says nothing beyond what its note is about, e.g. `Others` below `Outstanding for over six months`.
fn says_nothing(draft: &Draft) -> bool {
    let text: String =
        draft.line.label.chars().map(|letter| if letter.is_alphabetic() { letter } else { ' ' }).collect();
    let lower = text.to_lowercase();
    let mut words = lower.split_whitespace().filter(|word| word.chars().count() > 1).peekable();
    let empty =
        ["other", "others", "rest", "remaining", "balance", "unsecured", "secured", "considered", "good", "and"];
    words.peek().is_some() && words.all(|word| empty.contains(&word))
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

/// The amount of a face line in one column, in the unit of its statement, and what compares a note's column with it.
struct Wanted {
    amount: Decimal,
    rounding: Decimal,
    /// From the unit of the note to that of the face line.
    factor: Decimal,
    /// Decimals of the note's column.
    decimals: u32,
}

/// Compares the note up to each of its sums, then as a whole, with the face line.
fn fit(drafts: &[Draft], block: &Block, face: usize) -> Fit {
    let Some(first) = block.drafts.first() else { return Fit::Differs };
    let (own, other) = (drafts[face].statement, drafts[*first].statement);
    let factor = match (own.unit.rupees(), other.unit.rupees()) {
        (Some(face), Some(note)) => note.checked_div(face).unwrap_or(Decimal::ONE),
        _ => Decimal::ONE,
    };
    let mut pairs = Vec::new();
    let mut in_part = false;
    for (index, column) in own.columns.iter().enumerate() {
        let Some(figure) = drafts[face].line.figures.get(index).and_then(Option::as_ref) else { continue };
        match find_column(other, column) {
            Some(found) => {
                let rounding = rounding(figure, column_decimals(own, index));
                let decimals = column_decimals(other, found);
                pairs.push((found, Wanted { amount: figure.amount, rounding, factor, decimals }));
            }
            None if figure.amount.is_zero() => {}
            None => in_part = true,
        }
    }
    // Nil in its years shows nothing of a note that lacks others.
    let all_nil = in_part && pairs.iter().all(|(_, wanted)| wanted.amount.is_zero());
    if pairs.is_empty() || all_nil {
        return Fit::OtherYears;
    }
    let ends = (1..=block.drafts.len()).filter(|end| {
        let last = block.drafts.get(*end).is_none();
        last || drafts[block.drafts[*end]].line.role != LineRole::Item
    });
    for end in ends {
        let used = &block.drafts[..end];
        let sums = |(column, wanted): &(usize, Wanted)| sums_to(drafts, used, *column, wanted);
        if used.iter().any(|index| drafts[*index].line.role == LineRole::Item)
            && pairs.iter().all(|pair| sums(pair).unwrap_or(false))
        {
            return if in_part { Fit::SumsInPart(end) } else { Fit::Sums(end) };
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
fn sums_to(drafts: &[Draft], used: &[usize], column: usize, wanted: &Wanted) -> Option<bool> {
    let (mut sum, mut slack) = (Decimal::ZERO, wanted.rounding);
    for index in used {
        let draft = &drafts[*index];
        if draft.line.role != LineRole::Item || is_authorised(draft) {
            continue;
        }
        let Some(figure) = draft.line.figures.get(column).and_then(Option::as_ref) else { continue };
        let amount = if is_deduction(draft) && figure.amount > Decimal::ZERO { -figure.amount } else { figure.amount };
        sum = sum.checked_add(amount.checked_mul(wanted.factor)?)?;
        slack = slack.checked_add(rounding(figure, wanted.decimals).checked_mul(wanted.factor)?)?;
    }
    Some(sum.checked_sub(wanted.amount)?.abs() <= slack)
}

/// Whether the line lowers the sum of its note even when printed as a positive amount.
fn is_deduction(draft: &Draft) -> bool {
    let allowance = draft.label.has_word("doubtfuldebt")
        && (draft.label.has_word("provision") || draft.label.has_word("allowance"));
    let of_balance_sheet = draft.choice.row.form() == Form::Three;
    draft.label.lead == Some(Lead::Less) || is_deducted(draft.choice.row) || (allowance && of_balance_sheet)
}
