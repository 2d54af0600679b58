//! What a reviewer decides.

use rust_decimal::Decimal;
use serde_json::Value;

/// Something to decide.
#[derive(Clone, Debug, PartialEq)]
pub enum ReviewItem {
    /// A question about a statement or the whole order.
    Question(QuestionItem),
    /// A line whose row is doubtful.
    Line(LineItem),
}

/// A question that the order waits for.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct QuestionItem {
    /// Its id, which a decision names.
    pub line: String,
    /// The question.
    pub text: String,
    /// The answers that are accepted, in words.
    pub answers: String,
    /// The text that was not understood.
    pub printed: Option<String>,
    /// File name, if it concerns one.
    pub file: Option<String>,
    /// Sheet or page.
    pub sheet: Option<String>,
    /// Cell of the text.
    pub cell: Option<String>,
    /// The answer so far: its `row_code` is the answer.
    pub decision: Option<Decision>,
}

/// A line whose row is doubtful.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct LineItem {
    /// Its id, which a decision names.
    pub line: String,
    /// Label as printed.
    pub label: String,
    /// Headings above it, outermost first.
    pub section: Vec<String>,
    /// The amounts as printed, left to right.
    pub amounts: Vec<Amount>,
    /// File it was read from.
    pub file: String,
    /// Sheet or page.
    pub sheet: String,
    /// Cell of the label.
    pub cell: String,
    /// The printed lines around it, itself included, as printed. Empty if they are not known.
    pub neighbours: Vec<Neighbour>,
    /// The proposed row and the next best, best first, at most three.
    pub proposals: Vec<Proposal>,
    /// Its largest amount as a share of total assets or of sales, in percent.
    pub materiality_percent: Option<u8>,
    /// The difference that the line would explain, if it is a suspect.
    pub suspicion: Option<String>,
    /// What was decided so far.
    pub decision: Option<Decision>,
}

/// An amount as printed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Amount {
    /// The heading of its column; empty if it is not known.
    pub column: String,
    /// The amount; empty where nothing is printed.
    pub text: String,
}

/// A printed line.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Neighbour {
    /// Label as printed.
    pub label: String,
    /// The amounts as printed, left to right.
    pub amounts: Vec<String>,
    /// Whether this is the line to be decided.
    pub is_item: bool,
}

/// A row that a line may go to.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Proposal {
    /// Code of the row.
    pub row_code: String,
    /// Its label; empty if it is not known.
    pub row_label: String,
    /// How sure, in percent.
    pub confidence_percent: u8,
    /// Why this row; only the proposed one says so.
    pub reason: Option<String>,
}

/// What was decided, or answered.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Decision {
    /// Code of the row; for a question, the answer.
    pub row_code: String,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: Option<String>,
}

impl ReviewItem {
    /// An item as a service stored it. `row_label` names a row by its code. What the item does not hold, such as the headings
    /// of columns, the neighbours and the decision, is added by the caller.
    ///
    /// None if it is neither a question nor a line.
    #[must_use]
    pub fn read(item: &Value, row_label: impl Fn(&str) -> String) -> Option<Self> {
        match item.get("kind").and_then(Value::as_str)? {
            "question" => Some(Self::Question(question(item)?)),
            "line" => Some(Self::Line(line(item, row_label)?)),
            _ => None,
        }
    }

    /// The id that a decision names.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Question(question) => &question.line,
            Self::Line(line) => &line.line,
        }
    }

    /// What was decided so far.
    #[must_use]
    pub fn decision(&self) -> Option<&Decision> {
        match self {
            Self::Question(question) => question.decision.as_ref(),
            Self::Line(line) => line.decision.as_ref(),
        }
    }
}

impl LineItem {
    /// The row that is chosen on the page: the decided one, else the proposed one.
    pub(crate) fn chosen(&self) -> &str {
        let proposed = self.proposals.first().map_or("", |proposal| proposal.row_code.as_str());
        self.decision.as_ref().map_or(proposed, |decision| decision.row_code.as_str())
    }

    /// Whether the chosen row is none of the proposals.
    pub(crate) fn is_other_chosen(&self) -> bool {
        self.proposals.iter().all(|proposal| proposal.row_code != self.chosen())
    }

    pub(crate) fn reason(&self) -> &str {
        self.decision.as_ref().map_or("", |decision| decision.reason.as_str())
    }

    /// The headings of its columns, numbered where the heading is not known.
    pub(crate) fn headings(&self) -> Vec<String> {
        let widest = self.neighbours.iter().map(|line| line.amounts.len()).max().unwrap_or(0).max(self.amounts.len());
        let known = |index: usize| self.amounts.get(index).map(|amount| amount.column.clone());
        let headings = (0..widest).map(|index| match known(index) {
            Some(heading) if !heading.is_empty() => heading,
            _ => format!("Column {}", index + 1),
        });
        headings.collect()
    }

    /// The printed lines around it, at least itself.
    pub(crate) fn printed(&self) -> Vec<Neighbour> {
        if !self.neighbours.is_empty() {
            return self.neighbours.clone();
        }
        let amounts = self.amounts.iter().map(|amount| amount.text.clone()).collect();
        vec![Neighbour { label: self.label.clone(), amounts, is_item: true }]
    }

    /// The amounts of a printed line, one for each heading.
    pub(crate) fn filled(&self, line: &Neighbour) -> Vec<String> {
        let mut amounts = line.amounts.clone();
        amounts.resize(self.headings().len(), String::new());
        amounts
    }
}

impl QuestionItem {
    pub(crate) fn answer(&self) -> &str {
        self.decision.as_ref().map_or("", |decision| decision.row_code.as_str())
    }

    pub(crate) fn reason(&self) -> &str {
        self.decision.as_ref().map_or("", |decision| decision.reason.as_str())
    }

    /// Whether it is known where it comes from.
    pub(crate) fn has_place(&self) -> bool {
        self.file.is_some() || self.sheet.is_some() || self.cell.is_some()
    }
}

fn question(item: &Value) -> Option<QuestionItem> {
    Some(QuestionItem {
        line: text(item, "line")?,
        text: text(item, "label")?,
        answers: text(item, "answers").unwrap_or_default(),
        printed: text(item, "printed"),
        file: text(item, "file"),
        sheet: text(item, "sheet"),
        cell: text(item, "cell"),
        decision: None,
    })
}

fn line(item: &Value, row_label: impl Fn(&str) -> String) -> Option<LineItem> {
    let amounts = texts(item, "amounts").into_iter().map(|text| Amount { column: String::new(), text });
    let proposed = text(item, "row_code")?;
    let mut proposals = vec![Proposal {
        row_label: row_label(&proposed),
        row_code: proposed,
        confidence_percent: percent(item.get("confidence")).unwrap_or(0),
        reason: text(item, "reason"),
    }];
    for other in item.get("alternatives").and_then(Value::as_array).into_iter().flatten().take(2) {
        let Some(code) = text(other, "row_code") else { continue };
        let confidence_percent = percent(other.get("score")).unwrap_or(0);
        proposals.push(Proposal { row_label: row_label(&code), row_code: code, confidence_percent, reason: None });
    }
    Some(LineItem {
        line: text(item, "line")?,
        label: text(item, "label")?,
        section: texts(item, "section"),
        amounts: amounts.collect(),
        file: text(item, "file").unwrap_or_default(),
        sheet: text(item, "sheet").unwrap_or_default(),
        cell: text(item, "cell").unwrap_or_default(),
        neighbours: Vec::new(),
        proposals,
        materiality_percent: percent(item.get("materiality")),
        suspicion: text(item, "suspicion"),
        decision: None,
    })
}

fn text(item: &Value, name: &str) -> Option<String> {
    item.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn texts(item: &Value, name: &str) -> Vec<String> {
    let values = item.get(name).and_then(Value::as_array).into_iter().flatten();
    values.map(|value| value.as_str().unwrap_or_default().to_owned()).collect()
}

/// A share between 0 and 1 as whole percent, rounded down so that 100 means certain.
fn percent(share: Option<&Value>) -> Option<u8> {
    let text = share?.as_number()?.to_string();
    let share: Decimal = text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())?;
    let percent = share.clamp(Decimal::ZERO, Decimal::ONE).checked_mul(Decimal::ONE_HUNDRED)?;
    u8::try_from(percent.floor()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_is_read_as_the_service_stored_it() {
        let stored = json!({
            "kind": "line", "line": "d1-s1-l4", "label": "Deposits", "section": ["Liabilities"], "amounts": ["1", ""],
            "row_code": "III.5", "confidence": 0.629, "reason": "the words", "file": "a.xlsx", "sheet": "BS", "cell": "A4",
            "alternatives": [
                {"row_code": "III.9", "score": 1e-9}, {"row_code": "III.16", "score": 7}, {"row_code": "III.17", "score": 0}
            ],
            "materiality": 0.999, "suspicion": null
        });
        let Some(ReviewItem::Line(line)) = ReviewItem::read(&stored, |code| format!("row {code}")) else {
            unreachable!("it is a line")
        };
        let proposals: Vec<_> = line
            .proposals
            .iter()
            .map(|one| (one.row_code.as_str(), one.row_label.as_str(), one.confidence_percent))
            .collect();
        assert_eq!(proposals, [("III.5", "row III.5", 62), ("III.9", "row III.9", 0), ("III.16", "row III.16", 100)]);
        assert_eq!((line.materiality_percent, line.suspicion.as_deref()), (Some(99), None));
        assert_eq!((line.chosen(), line.is_other_chosen()), ("III.5", false));
        assert_eq!(line.headings(), ["Column 1", "Column 2"]);
        let printed = line.printed();
        assert!(printed.iter().all(|line| line.is_item) && printed.len() == 1, "{printed:?}");
    }

    #[test]
    fn a_question_is_read_and_anything_else_is_not() {
        let stored = json!({
            "kind": "question", "line": "q-borrower", "label": "One borrower?", "answers": "same", "about": "borrower",
            "document": null, "sheet": null, "cell": null, "printed": "A; B"
        });
        let Some(ReviewItem::Question(question)) = ReviewItem::read(&stored, |_| String::new()) else {
            unreachable!("it is a question")
        };
        assert_eq!((question.text.as_str(), question.printed.as_deref()), ("One borrower?", Some("A; B")));
        assert!(!question.has_place());
        for other in [json!({"kind": "picture"}), json!({"kind": "line"}), json!({}), json!(3)] {
            assert_eq!(ReviewItem::read(&other, |_| String::new()), None);
        }
    }
}
