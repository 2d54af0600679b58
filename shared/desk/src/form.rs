//! Reads the form of the review desk, so that the names of its fields stand in one crate.

/// Fields that a form may hold for one item, and how many items are read at most.
const ITEM_COUNT_MAX: usize = 10_000;

/// A decision as the form of the review desk sent it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct SentDecision {
    /// Id of the line or of the question.
    pub line: String,
    /// Code of the chosen row, or the answer.
    pub row_code: String,
    /// Why; may be empty.
    pub reason: String,
    /// Whether the reviewer marked it as decided. What is not decided is a draft that nobody counts.
    pub is_decided: bool,
}

/// The decisions that a form sent, in the order of the page.
///
/// Fields: `decision[n][line]`, `decision[n][row_code]` (empty for another row than those proposed), `decision[n][other]` (the
/// other row), `decision[n][reason]`, `decision[n][decided]` (`true`). Fields with other names are left to the caller.
#[must_use]
pub fn decisions<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<SentDecision> {
    let mut sent: std::collections::BTreeMap<usize, (SentDecision, &str)> = std::collections::BTreeMap::new();
    for (name, value) in fields {
        let Some((number, field)) = parts(name) else { continue };
        if sent.len() >= ITEM_COUNT_MAX && !sent.contains_key(&number) {
            continue;
        }
        let (decision, other) = sent.entry(number).or_default();
        match field {
            "line" => value.clone_into(&mut decision.line),
            "row_code" => value.trim().clone_into(&mut decision.row_code),
            "other" => *other = value.trim(),
            "reason" => value.trim().clone_into(&mut decision.reason),
            "decided" => decision.is_decided = value == "true",
            _ => {}
        }
    }
    let named = sent.into_values().map(|(mut decision, other)| {
        if decision.row_code.is_empty() {
            other.clone_into(&mut decision.row_code);
        }
        decision
    });
    named.filter(|decision| !decision.line.is_empty()).collect()
}

/// The number and the field of a name such as `decision[3][reason]`.
fn parts(name: &str) -> Option<(usize, &str)> {
    let (number, field) = name.strip_prefix("decision[")?.strip_suffix(']')?.split_once("][")?;
    Some((number.parse().ok()?, field))
}
