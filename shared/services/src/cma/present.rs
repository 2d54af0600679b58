//! How the `docket` command presents a CMA.

use std::io::{Read, Write};

use cma::case::Case;
use cma::review::ReviewDecision;
use runtime::service::{Decisions, InvalidDecisions, InvalidInput, Presentation, Report};
use serde_json::{Map, Value, json};

pub(crate) const PRESENTATION: Presentation = Presentation {
    files: "the borrower's statements (XLSX, XLS, ODS or CSV)",
    report: Some(Report { artifact: cma::case::FIGURES, fields: report }),
    classify_labels: Some(classify_labels),
    decisions: Some(Decisions { columns: "line,row_code,reason", read: read_decisions, check: check_decisions }),
};

/// Figures, checks, what was seen and not used, and a reviewer's answers; empty until they are generated.
fn report(figures: Option<&[u8]>) -> Map<String, Value> {
    let published = figures.and_then(|bytes| serde_json::from_slice::<Value>(bytes).ok()).unwrap_or_default();
    let field = |name: &str, absent: Value| (name.to_owned(), published.get(name).cloned().unwrap_or(absent));
    Map::from_iter([
        field("figures", json!({ "years": [], "rows": {} })),
        field("checks", json!([])),
        field("unused", json!([])),
        field("answers", json!([])),
    ])
}

fn classify_labels(input: &mut dyn Read, output: &mut dyn Write) -> Result<(), InvalidInput> {
    cma::classify::classify_csv(input, output).map(drop).map_err(|error| InvalidInput(error.to_string()))
}

fn read_decisions(file: &mut dyn Read) -> Result<Value, InvalidInput> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let decisions = reader
        .deserialize()
        .collect::<Result<Vec<ReviewDecision>, csv::Error>>()
        .map_err(|error| InvalidInput(format!("{error}; the columns are line, row_code, reason and, if wanted, by")))?;
    if decisions.is_empty() {
        return Err(InvalidInput("it holds no decision; to accept all proposals leave --decisions out".to_owned()));
    }
    Ok(json!(decisions))
}

pub(super) fn check_decisions(decisions: &Value, classified: Value) -> Result<(), InvalidDecisions> {
    let mut case: Case = serde_json::from_value(classified).map_err(|_| InvalidDecisions::Unreadable)?;
    let decisions: Vec<ReviewDecision> =
        serde_json::from_value(decisions.clone()).map_err(|error| InvalidDecisions::Unfit(error.to_string()))?;
    case.decide(&decisions).map_err(|error| InvalidDecisions::Unfit(error.to_string()))?;
    let open: Vec<String> = case.open_questions().into_iter().map(|question| question.id).collect();
    if open.is_empty() {
        return Ok(());
    }
    Err(InvalidDecisions::Unfit(format!("no answer to {}: a question has no proposal to accept", open.join(", "))))
}
