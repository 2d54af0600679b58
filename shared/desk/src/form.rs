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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_read_in_the_order_of_the_page() {
        let fields = [
            ("etag", "\"17\""),
            ("decision[10][line]", "d1-s1-l9"),
            ("decision[10][row_code]", ""),
            ("decision[10][other]", " III.40 "),
            ("decision[10][reason]", " by the notes "),
            ("decision[10][decided]", "true"),
            ("decision[2][row_code]", "III.5"),
            ("decision[2][other]", "III.9"),
            ("decision[2][line]", "d1-s1-l1"),
            ("decision[3][row_code]", "nobody"),
            ("decision[x][line]", "no"),
            ("decision[4]line]", "no"),
            ("decision[4][line", "no"),
        ];
        let decision = |line: &str, row_code: &str, reason: &str, is_decided| SentDecision {
            line: line.to_owned(),
            row_code: row_code.to_owned(),
            reason: reason.to_owned(),
            is_decided,
        };
        assert_eq!(
            decisions(fields),
            [decision("d1-s1-l1", "III.5", "", false), decision("d1-s1-l9", "III.40", "by the notes", true)]
        );
    }

    #[test]
    fn a_form_without_decisions_has_none() {
        assert_eq!(decisions([("decision", ""), ("reason", "x")]), []);
    }
}
