//! Reads the captions whose row is known: `data/labels.csv`, our additions in `data/captions.csv`, and the labels of the
//! forms.

use crate::label::{Lead, Lexicon};
use crate::row::{Form, RowCode, table};
use crate::rule::{Tenor, tenor_of};

const LABELS: &str = include_str!("../../data/labels.csv");
const CAPTIONS: &str = include_str!("../../data/captions.csv");

/// The source of the form's own labels.
const FORM: &str = "docket: row text of the form";

/// A label whose row is known.
#[derive(Clone, Debug)]
pub struct Caption {
    /// The label; a bracket such as `(long-term)` gives the heading it is printed under.
    pub label: String,
    /// Its row.
    pub row: RowCode,
    /// Where it comes from.
    pub source: String,
    /// Its canonical words.
    pub(super) words: Vec<String>,
    /// Its canonical words, joined by spaces.
    pub(super) text: String,
    /// Its words as printed, in the singular.
    pub(super) spelt: Vec<String>,
    /// `Less:` or `Add:` before it.
    pub(super) lead: Option<Lead>,
    /// Whether it falls due within a year, if it says so.
    pub(super) tenor: Option<Tenor>,
}

/// The captions that are built in, and the labels of the form's own input rows.
pub(super) fn built_in(lexicon: &Lexicon) -> Vec<Caption> {
    let mut captions = Vec::new();
    for text in [LABELS, CAPTIONS] {
        // A test reads every record, so a released build never drops one.
        for Record { label, row_code, source } in records(text).filter_map(Result::ok) {
            captions.push(Caption::new(&label, row_code, &source, lexicon));
        }
    }
    let inputs = table().rows().iter().filter(|row| row.is_input() && matches!(row.form, Form::Two | Form::Three));
    captions.extend(inputs.map(|row| Caption::new(&row.label, row.code, FORM, lexicon)));
    captions
}

#[derive(serde::Deserialize)]
struct Record {
    label: String,
    row_code: RowCode,
    source: String,
}

fn records(text: &str) -> impl Iterator<Item = Result<Record, csv::Error>> {
    csv::Reader::from_reader(text.as_bytes()).into_deserialize()
}

impl Caption {
    /// Whether the form itself prints the label for its row.
    pub(super) fn is_of_form(&self) -> bool {
        self.source == FORM
    }

    fn new(label: &str, row: RowCode, source: &str, lexicon: &Lexicon) -> Self {
        let read = super::engine::read_caption(label, lexicon);
        let words = read.words;
        let lower = label.to_lowercase();
        let spelt = lower.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 2);
        Self {
            spelt: spelt.map(crate::label::singular).collect(),
            lead: read.lead,
            tenor: tenor_of(&words),
            text: words.join(" "),
            label: label.to_owned(),
            row,
            source: source.to_owned(),
            words,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_of_the_labels_is_a_caption_of_a_known_row() {
        for (text, file) in [(LABELS, "labels.csv"), (CAPTIONS, "captions.csv")] {
            for (record, number) in records(text).zip(1..) {
                let record = record.unwrap_or_else(|error| panic!("{file}, record {number}: {error}"));
                assert!(!record.label.is_empty() && !record.source.is_empty(), "{file}, record {number}");
            }
        }
    }
}
