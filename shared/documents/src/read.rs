//! Reads a file's bytes into an extraction.

use crate::error::{Counted, ReadError};
use crate::grid::{Grid, Value};
use crate::limit::Limits;
use crate::statement::Gathered;
use crate::year;
use crate::{csv, detect, entity, ods, unused, xls, xlsx};
use domain::statement::{EXTRACTION_SCHEMA, Extraction, FileFacts, Format, StatementKind, Unused, UnusedReason};
use sha2::{Digest, Sha256};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Reads the statements of one file.
///
/// `file_name` is only copied to the result; `document` is the file's number within its order, from 1.
///
/// # Errors
/// See [`ReadError`]. All are permanent, and none contains anything from the file.
pub fn read(file_name: &str, document: u32, bytes: &[u8], limits: &Limits) -> Result<Extraction, ReadError> {
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size == 0 {
        return Err(ReadError::Empty);
    }
    if size > limits.file_bytes_max {
        return Err(ReadError::TooLarge { bytes: size, limit: limits.file_bytes_max });
    }
    let format = detect::detect(bytes).ok_or(ReadError::TypeUnknown)?;
    let mut unused = Vec::new();
    let grids = grids(format, bytes, limits, &mut unused)?;
    if grids.iter().all(|g| g.rows.is_empty() && !g.oversized) {
        return Err(ReadError::Empty);
    }
    let mut gathered = Gathered::new(limits, document, unused);
    for grid in &grids {
        gathered.sheet(grid)?;
    }
    gathered.finish();
    if gathered.statements.is_empty() && grids.iter().any(|g| g.oversized) {
        let limit = u64::try_from(limits.statement_cells_max).unwrap_or(u64::MAX);
        return Err(ReadError::Limit { what: Counted::Cells, limit });
    }
    let is_statement = |kind| matches!(kind, StatementKind::BalanceSheet | StatementKind::ProfitAndLoss);
    if gathered.trial_balances && !gathered.statements.iter().any(|s| is_statement(s.kind)) {
        return Err(ReadError::TrialBalance);
    }
    if gathered.statements.is_empty() {
        return Err(without_statement(&gathered, &grids));
    }
    let Gathered { mut statements, mut unused, .. } = gathered;
    year::align(&mut statements);
    let entity = entity::first(&grids);
    unused.extend(entity.iter().flat_map(|name| entity::others(&grids, name)));
    let unused = unused::within(unused, limits.unused_max);
    let file = FileFacts { name: file_name.to_owned(), sha256: hex(&Sha256::digest(bytes)), bytes: size, format };
    Ok(Extraction { schema: EXTRACTION_SCHEMA, document, file, entity, statements, unused })
}

/// Why no statement was found: amounts that could not be read, or nothing like a statement.
fn without_statement(gathered: &Gathered<'_>, grids: &[Grid]) -> ReadError {
    let cells = || grids.iter().flat_map(|g| &g.rows).flat_map(|r| &r.cells);
    let listed = |reason: UnusedReason| gathered.unused.iter().filter(|u| u.reason == reason).count();
    let formulas = cells().filter(|c| c.value == Value::Uncalculated).count();
    let doubtful = listed(UnusedReason::DoubtfulAmount) + listed(UnusedReason::TextForAmount);
    let errors = cells().filter(|c| matches!(c.value, Value::Error(_))).count();
    let hidden =
        listed(UnusedReason::HiddenColumn) + listed(UnusedReason::HiddenRow) + listed(UnusedReason::HiddenSheet);
    if formulas + doubtful + errors + hidden > 0 {
        return ReadError::AmountsNotRead { formulas, doubtful, errors, hidden };
    }
    ReadError::NoStatement
}

fn grids(format: Format, bytes: &[u8], limits: &Limits, unused: &mut Vec<Unused>) -> Result<Vec<Grid>, ReadError> {
    // Whatever is known to make a parser panic was refused earlier. If one panics all the same, the file counts as damaged.
    let parsed = catch_unwind(AssertUnwindSafe(|| match format {
        Format::Xlsx => xlsx::read(bytes, limits, unused),
        Format::Xls => xls::read(bytes, limits, unused),
        Format::Ods => ods::read(bytes, limits, unused),
        Format::Csv => csv::read(bytes, limits, unused),
        Format::Pdf => Err(ReadError::PdfNotYetRead),
    }));
    parsed.unwrap_or(Err(ReadError::Broken))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
