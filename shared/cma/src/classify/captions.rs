//! Captions whose row is known: `data/labels.csv` and our own additions in `data/captions.csv`.

use crate::label::{Lead, Lexicon};
use crate::rule::{Tenor, tenor_of};

const LABELS: &str = include_str!("../../data/labels.csv");
const ROWS: &str = include_str!("../../data/rows.csv");
const CAPTIONS: &str = include_str!("../../data/captions.csv");

/// A label whose row is known.
#[derive(Clone, Debug)]
pub struct Caption {
    /// The label; a bracket such as `(long-term)` names the heading it stands under.
    pub label: String,
    /// Its row.
    pub row_code: String,
    /// Where it is from.
    pub source: String,
    /// Its canonical words.
    pub(super) words: Vec<String>,
    /// The same as one text.
    pub(super) text: String,
    /// Its words as spelt.
    pub(super) raw: Vec<String>,
    /// `Less:` or `Add:` in front of it.
    pub(super) lead: Option<Lead>,
    /// When it falls due, where it says so.
    pub(super) tenor: Option<Tenor>,
}

/// The captions that are built in.
pub(super) fn built_in(lexicon: &Lexicon) -> Vec<Caption> {
    let mut captions = Vec::new();
    for text in [LABELS, CAPTIONS] {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        for record in reader.records().filter_map(Result::ok) {
            if let (Some(label), Some(row_code), Some(source)) = (record.get(0), record.get(1), record.get(2)) {
                captions.push(caption(label, row_code, source, lexicon));
            }
        }
    }
    captions.extend(form_rows(lexicon));
    captions
}

/// The printed texts of the form's own input rows.
fn form_rows(lexicon: &Lexicon) -> Vec<Caption> {
    let mut reader = csv::Reader::from_reader(ROWS.as_bytes());
    let rows = reader.records().filter_map(Result::ok).filter(|row| row.get(3) == Some("input"));
    let mut captions = Vec::new();
    for row in rows {
        if let (Some(row_code), Some(label)) = (row.get(1).filter(|code| code.starts_with("II")), row.get(2)) {
            captions.push(caption(label, row_code, "docket: row text of the form", lexicon));
        }
    }
    captions
}

fn caption(label: &str, row_code: &str, source: &str, lexicon: &Lexicon) -> Caption {
    let read = super::engine::caption_label(label, lexicon);
    let words = read.words;
    let lower = label.to_lowercase();
    let raw = lower.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 2);
    Caption {
        raw: raw.map(crate::label::singular).collect(),
        lead: read.lead,
        tenor: tenor_of(&words),
        text: words.join(" "),
        label: label.to_owned(),
        row_code: row_code.to_owned(),
        source: source.to_owned(),
        words,
    }
}
