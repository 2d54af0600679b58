//! The pages on the classifier give the counts and sizes of the data that is built in.

#![expect(clippy::unwrap_used, reason = "a test whose set-up fails should fail loudly")]

use std::path::{Path, PathBuf};

const CLASSIFICATION: &str = include_str!("../../../docs/evidence/CLASSIFICATION.md");
const DATA: &str = include_str!("../data/README.md");
const TRAINING: &str = include_str!("../data/training/README.md");

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name)
}

/// How many records a data file has.
fn records(name: &str) -> usize {
    csv::Reader::from_path(file(name)).unwrap().records().map(Result::unwrap).count()
}

/// A number as the pages print it: `2,622`.
fn printed(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}

/// The same to the nearest hundred.
fn rounded(number: usize) -> String {
    printed((number + 50) / 100 * 100)
}

#[track_caller]
fn says(page: &str, text: &str) {
    assert!(page.contains(text), "the page does not say: {text}");
}

#[test]
fn the_pages_count_the_labels_that_the_model_learned_from() {
    let written = ["written-pl.csv", "written-liabilities.csv", "written-assets.csv"];
    let count = |name: &str| records(&format!("training/{name}"));
    let written: usize = written.into_iter().map(count).sum();
    let (bank, more, collected) = (count("bank.csv"), count("written-more.csv"), count("collected.csv"));
    let known = records("labels.csv");
    says(TRAINING, &format!("| `bank.csv` | {} |", printed(bank)));
    says(TRAINING, &format!("`written-assets.csv` | {} |", printed(written)));
    says(TRAINING, &format!("| `written-more.csv` | {} |", printed(more)));
    says(TRAINING, &format!("| `collected.csv` | {} |", printed(collected)));
    says(TRAINING, &format!("| `../labels.csv` | {} |", printed(known)));
    let training = bank + written + more + collected;
    says(CLASSIFICATION, &format!("learned from {} labels", rounded(training + known)));
    says(DATA, &format!("| `training/` | {} labels ", rounded(training)));
}

#[test]
fn the_pages_count_the_rules_and_the_long_phrases() {
    says(CLASSIFICATION, &format!("There are {} rules.", records("rules.csv")));
    let words = std::fs::read_to_string(file("words.csv")).unwrap();
    let phrases = words.lines().skip(1).filter_map(|line| line.split(',').next());
    let long = phrases.filter(|phrase| phrase.split_whitespace().count() > 5).count();
    assert_eq!(long, 9, "the README of the data counts the phrases that are too long to match");
    says(DATA, "nine records are longer");
}

#[test]
fn the_pages_give_the_size_of_the_model() {
    let model = std::fs::read(file("model.bin")).unwrap();
    let number = |at: usize| u32::from_le_bytes(model[at..at + 4].try_into().unwrap()) as usize;
    let (features, width) = (number(8), number(12));
    says(DATA, &format!("hashes of {} words and n-grams", rounded(features)));
    says(DATA, &format!("a vector of {width} bytes for each"));
    let tenths = (model.len() + 50_000) / 100_000;
    says(CLASSIFICATION, &format!("The model adds {}.{} MB", tenths / 10, tenths % 10));
}
