//! Reads the bytes of one file.

use crate::answer::{Ambiguity, Answers};
use crate::detect;
use crate::draft::{Context, Draft};
use crate::error::{Counted, ReadError, exceeded};
use crate::flag::Flag;
use crate::limit::Limits;
use crate::place::Place;
use crate::statement::{Format, Outcome, Reading, Source, Statement};
use crate::{camt, csv, json, mt940, ofx, pdf, prove};

/// Reads the statements of one file. Its format is detected from its content.
///
/// # Errors
/// See [`ReadError`]. All are permanent, and none contains anything from the file.
pub fn read(bytes: &[u8], answers: &Answers, limits: &Limits) -> Result<Outcome, ReadError> {
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limits.file_bytes_max {
        return Err(ReadError::Limit { what: Counted::Bytes, limit: limits.file_bytes_max });
    }
    if bytes.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
        return Err(ReadError::Empty);
    }
    let format = detect::detect(bytes).ok_or(ReadError::TypeUnknown)?;
    let mut context = Context::new(answers, limits);
    match drafts(format, bytes, &mut context)? {
        Drafts::Read(drafts) => reading(format, drafts, context).map(Outcome::Read),
        Drafts::Ambiguous(ambiguities) => Ok(Outcome::Ambiguous(ambiguities)),
    }
}

/// What a reader of one format gives.
pub(crate) enum Drafts {
    /// Statements.
    Read(Vec<Draft>),
    /// Choices that nothing in the file decides.
    Ambiguous(Vec<Ambiguity>),
}

fn drafts(format: Format, bytes: &[u8], context: &mut Context<'_>) -> Result<Drafts, ReadError> {
    match format {
        Format::Ofx => ofx::read(bytes, context).map(Drafts::Read),
        Format::Mt940 => mt940::read(bytes, context).map(Drafts::Read),
        Format::Camt052 | Format::Camt053 => camt::read(bytes, context).map(Drafts::Read),
        Format::Csv => csv::read(bytes, context),
        Format::Json => json::read(bytes, context).map(Drafts::Read),
        Format::Pdf => pdf::read(bytes, context),
    }
}

fn reading(format: Format, drafts: Vec<Draft>, context: Context<'_>) -> Result<Reading, ReadError> {
    let Context { answers, limits, unread_rows, unused, unused_more, .. } = context;
    if drafts.len() > limits.statements_max {
        return Err(exceeded(Counted::Statements, limits.statements_max));
    }
    if drafts.iter().all(|draft| draft.rows.is_empty())
        && let Some(first) = unread_rows.first()
    {
        return Err(ReadError::NoRowRead { count: unread_rows.len(), first: number(&first.at) });
    }
    let mut statements: Vec<Statement> = drafts.into_iter().map(|draft| prove::statement(draft, answers)).collect();
    contradict(&mut statements, answers);
    mark_repeated(&mut statements);
    Ok(Reading { format, statements, unread_rows, unused, unused_more })
}

/// A place as a number for a message that may hold nothing of the file.
fn number(place: &Place) -> usize {
    let number = match place {
        Place::Line(line) | Place::Cell { line, .. } => *line,
        Place::Page { page, .. } => *page,
        Place::Path(path) => {
            path.rsplit(['[', '/']).find_map(|part| part.trim_end_matches(']').parse().ok()).unwrap_or_default()
        }
    };
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Flags the statements of a file that states another account or currency than the caller gave.
fn contradict(statements: &mut [Statement], answers: &Answers) {
    let differs = |stated: &Option<crate::Known<String>>, given: &Option<String>| match (stated, given) {
        (Some(stated), Some(given)) => stated.source == Source::File && folded(&stated.value) != folded(given),
        _ => false,
    };
    let account =
        !statements.is_empty() && statements.iter().all(|statement| differs(&statement.account, &answers.account));
    for statement in statements {
        if account || differs(&statement.currency, &answers.currency) {
            statement.flags.push(Flag::AnswerContradicted { at: None });
        }
    }
}

/// An account number for comparison: letters and digits alone.
pub(crate) fn folded(account: &str) -> String {
    account.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// Marks the rows that are equal to another row of the same account in the same file. All are kept.
fn mark_repeated(statements: &mut [Statement]) {
    let mut order: Vec<(usize, usize)> = Vec::new();
    for (number, statement) in statements.iter().enumerate() {
        order.extend((0..statement.rows.len()).map(|row| (number, row)));
    }
    let accounts: Vec<Option<String>> =
        statements.iter().map(|statement| statement.account.as_ref().map(|account| folded(&account.value))).collect();
    let key = |(number, row): &(usize, usize)| {
        let row = &statements[*number].rows[*row];
        (row.date, row.amount, &accounts[*number], &row.narration, &row.reference)
    };
    order.sort_by(|one, other| key(one).cmp(&key(other)));
    let repeated: Vec<(usize, usize)> =
        order.chunk_by(|one, other| key(one) == key(other)).filter(|rows| rows.len() > 1).flatten().copied().collect();
    for (number, row) in repeated {
        statements[number].rows[row].repeated = true;
    }
}
