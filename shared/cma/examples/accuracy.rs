//! Measures the accuracy of the classifier: `cargo run --release -p cma --example accuracy [FOLDS]`.
//!
//! FOLDS is the folder that `train/train.py --folds FOLDS` writes: for each fold a model that did not see some sources, and the labels
//! of those sources. Folds whose name begins with `own` hold known captions and labels written for this project: they are measured
//! apart, without the known captions held out. Without FOLDS, only what needs no other model is measured. `LABELS=file.csv` measures a list of your own
//! (`label,section,want`, and optionally `also`). `MISSES=1` prints what was chosen wrongly.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failing measurement should fail loudly"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cma::classify::{Caption, Classifier, RowChoice};
use cma::model::Model;
use cma::policy::Policy;
use cma::row::RowCode;

/// The default of `auto_approve_above`.
const THRESHOLD: f64 = 0.70;
/// What the name of a source of known captions begins with.
const KNOWN: &str = "known: ";

/// A label with the rows that are right.
struct Case {
    source: String,
    section: String,
    label: String,
    want: RowCode,
    also: Vec<RowCode>,
}

/// A case and what was chosen.
struct Outcome {
    case: Case,
    choice: RowChoice,
}

impl Outcome {
    fn is_right(&self) -> bool {
        self.choice.row == self.case.want
    }

    fn is_acceptable(&self) -> bool {
        self.is_right() || self.case.also.contains(&self.choice.row)
    }

    fn is_answered(&self) -> bool {
        self.choice.confidence >= THRESHOLD
    }

    fn is_among_three(&self) -> bool {
        self.is_right() || self.choice.alternatives.iter().any(|other| other.row_code == self.case.want)
    }
}

fn main() {
    let classifier = Classifier::shared();
    if let Some(folder) = std::env::args().nth(1) {
        let (own, documents): (Vec<_>, Vec<_>) = models(Path::new(&folder)).into_iter().partition(|path| is_own(path));
        let outcomes = folds(&documents);
        by_source(&outcomes);
        reliability(&outcomes);
        confusions(&outcomes);
        misses(&outcomes);
        if !own.is_empty() {
            println!("\nnot evidence: known captions, and labels written for this project");
            let outcomes = folds(&own);
            by_source(&outcomes);
            reliability(&outcomes);
        }
    }
    if let Ok(path) = std::env::var("LABELS") {
        let outcomes = classify(classifier, cases(Path::new(&path)));
        by_source(&outcomes);
        misses(&outcomes);
    }
    published(classifier);
}

/// The models of the folds, in order.
fn models(folder: &Path) -> Vec<PathBuf> {
    let mut models: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    models.retain(|path| path.extension().is_some_and(|extension| extension == "bin"));
    models.sort();
    models
}

fn is_own(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("own"))
}

/// Chooses the rows of each fold's labels with the model that did not see their sources, without the known captions among them.
fn folds(models: &[PathBuf]) -> Vec<Outcome> {
    let outcome = |path: &PathBuf| {
        let cases = cases(&path.with_extension("csv"));
        let held_out: BTreeSet<&str> = cases.iter().filter_map(|case| case.source.strip_prefix(KNOWN)).collect();
        let is_known = |caption: &Caption| !held_out.iter().any(|source| caption.source.starts_with(source));
        let model = Model::parse(&std::fs::read(path).unwrap()).expect("a model");
        let classifier = Classifier::with_captions(model, is_known);
        classify(&classifier, cases)
    };
    models.iter().flat_map(outcome).collect()
}

fn classify(classifier: &Classifier, cases: Vec<Case>) -> Vec<Outcome> {
    let policy = Policy::docket_1();
    let outcome = |case: Case| {
        let section: Vec<&str> = Some(case.section.as_str()).filter(|text| !text.is_empty()).into_iter().collect();
        Outcome { choice: classifier.choose(&case.label, &section, &policy), case }
    };
    cases.into_iter().map(outcome).collect()
}

fn cases(path: &Path) -> Vec<Case> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let at = |names: &[&str]| header.iter().position(|field| names.contains(&field));
    let (label, section) = (at(&["label"]).expect("a label"), at(&["section", "section_path"]));
    let (want, also) = (at(&["want", "row_code"]).expect("a row"), at(&["also", "also_accept"]));
    let source = at(&["source"]);
    let case = |record: csv::StringRecord| {
        let field = |place: Option<usize>| place.and_then(|place| record.get(place)).unwrap_or_default().to_owned();
        Case {
            source: field(source),
            section: field(section).trim().to_owned(),
            label: field(Some(label)),
            want: RowCode::parse(&record[want]).expect("a row of the form"),
            also: field(also).split(',').filter_map(|code| RowCode::parse(code.trim()).ok()).collect(),
        }
    };
    reader.records().map(|record| case(record.unwrap())).collect()
}

fn share(part: usize, of: usize) -> f64 {
    f64::from(u32::try_from(part).unwrap()) / f64::from(u32::try_from(of.max(1)).unwrap())
}

fn by_source(outcomes: &[Outcome]) {
    println!(
        "{:<28} {:>6} {:>7} {:>8} {:>10} {:>9} {:>12} {:>9}",
        "source", "labels", "strict", "lenient", "top three", "answered", "right there", "lenient"
    );
    let mut sources: BTreeMap<&str, Vec<&Outcome>> = BTreeMap::new();
    for outcome in outcomes {
        sources.entry(&outcome.case.source).or_default().push(outcome);
        sources.entry(kind(&outcome.case.source)).or_default().push(outcome);
        sources.entry("~ all").or_default().push(outcome);
    }
    for (source, own) in &sources {
        let count = |holds: &dyn Fn(&Outcome) -> bool| own.iter().filter(|outcome| holds(outcome)).count();
        let answered = count(&Outcome::is_answered);
        println!(
            "{source:<28.28} {:>6} {:>7.3} {:>8.3} {:>10.3} {:>9.3} {:>12.3} {:>9.3}",
            own.len(),
            share(count(&Outcome::is_right), own.len()),
            share(count(&Outcome::is_acceptable), own.len()),
            share(count(&Outcome::is_among_three), own.len()),
            share(answered, own.len()),
            share(count(&|outcome| outcome.is_answered() && outcome.is_right()), answered),
            share(count(&|outcome| outcome.is_answered() && outcome.is_acceptable()), answered),
        );
    }
}

/// What kind of document a source is.
fn kind(source: &str) -> &'static str {
    match source {
        _ if source.starts_with("gopi-") || source.starts_with("published") => "~ filings",
        _ if source.starts_with(KNOWN) => "~ known captions",
        _ if source.starts_with("written-") || source == "compiled-abbrev" => "~ written",
        _ => "~ charts, forms, books",
    }
}

/// How often choices of about the same confidence are right.
fn reliability(outcomes: &[Outcome]) {
    const BOUNDS: [f64; 11] = [0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.01];
    println!("{:<14} {:>6} {:>11} {:>7} {:>8}", "confidence", "labels", "mean", "strict", "lenient");
    for bounds in BOUNDS.windows(2) {
        let within = |outcome: &&Outcome| (bounds[0]..bounds[1]).contains(&outcome.choice.confidence);
        let own: Vec<&Outcome> = outcomes.iter().filter(within).collect();
        if own.is_empty() {
            continue;
        }
        let sum: f64 = own.iter().map(|outcome| outcome.choice.confidence).sum();
        let right = own.iter().filter(|outcome| outcome.is_right()).count();
        let acceptable = own.iter().filter(|outcome| outcome.is_acceptable()).count();
        println!(
            "{:<5} to {:<5} {:>6} {:>11.3} {:>7.3} {:>8.3}",
            bounds[0],
            bounds[1].min(1.0),
            own.len(),
            sum / f64::from(u32::try_from(own.len()).unwrap()),
            share(right, own.len()),
            share(acceptable, own.len())
        );
    }
}

/// Counts wrong choices that move a ratio, by the classes that were confused.
fn confusions(outcomes: &[Outcome]) {
    let mut counts: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for outcome in outcomes.iter().filter(|outcome| !outcome.is_acceptable()) {
        let (want, got) = (class(outcome.case.want), class(outcome.choice.row));
        if want != got {
            let count = counts.entry((want, got)).or_default();
            count.0 += 1;
            count.1 += usize::from(outcome.is_answered());
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(classes, (all, _))| (std::cmp::Reverse(*all), *classes));
    println!("{:<24} {:<24} {:>6} {:>9}", "right", "chosen", "labels", "answered");
    for ((want, got), (all, answered)) in counts {
        println!("{want:<24} {got:<24} {all:>6} {answered:>9}");
    }
}

/// What a row counts as in the ratios.
fn class(row: RowCode) -> &'static str {
    let parts: Vec<&str> = row.as_str().split('.').collect();
    let item = parts.get(1).and_then(|item| item.parse::<u32>().ok());
    match (parts.first().copied(), item) {
        (Some("II"), Some(1 | 3)) => "sales",
        (Some("II"), Some(2)) => "deductions from sales",
        (Some("II"), Some(5)) | (Some("S"), None) => "cost of sales",
        (Some("II"), Some(6)) => "selling and general",
        (Some("II"), Some(9)) => "interest",
        (Some("II"), Some(11)) if parts.get(2) == Some(&"i") => "other income",
        (Some("II"), Some(11)) => "other expenses",
        (Some("II"), Some(13)) => "tax",
        (Some("II"), _) => "results",
        (Some("III"), Some(1..=10)) => "current liabilities",
        (Some("III"), Some(11..=18)) => "term liabilities",
        (Some("III"), Some(19..=25)) => "net worth",
        (Some("III"), Some(26..=34)) => "current assets",
        (Some("III"), Some(35..=37)) => "fixed assets",
        (Some("III"), Some(38..=41)) => "other non-current assets",
        (Some("III"), Some(42)) => "intangible assets",
        _ => "left out",
    }
}

fn misses(outcomes: &[Outcome]) {
    if std::env::var_os("MISSES").is_none() {
        return;
    }
    for outcome in outcomes.iter().filter(|outcome| !outcome.is_right()) {
        let Outcome { case, choice } = outcome;
        let mark = if outcome.is_acceptable() { "~" } else { "-" };
        println!(
            "{mark} {} | {} | {} | want {} | got {} {:.2} | {}",
            case.source, case.section, case.label, case.want, choice.row, choice.confidence, choice.reason
        );
    }
}

/// Measures the labels of published Indian results, whose right rows are given as names of groups.
fn published(classifier: &Classifier) {
    let shared = std::env::var("DOCKET_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared").to_owned());
    let Ok(mut reader) = csv::Reader::from_path(format!("{shared}/fixtures/concepts/indian-lineitems-to-cma.csv"))
    else {
        println!("skipped: the labels of published results are not available");
        return;
    };
    for with_section in [true, false] {
        let mut outcomes = Vec::new();
        reader.seek(csv::Position::new()).unwrap();
        for record in reader.records().skip(1).map(Result::unwrap) {
            let rows: Vec<RowCode> = record[5].split('|').flat_map(group).collect();
            let section = if with_section { results_section(&record[1], &record[2]) } else { "" };
            let source = if with_section { "published, with section" } else { "published, bare" };
            let [want, also @ ..] = rows.as_slice() else { continue };
            let (section, label) = (section.to_owned(), record[3].to_owned());
            outcomes.push(Case { source: source.to_owned(), section, label, want: *want, also: also.to_vec() });
        }
        let outcomes = classify(classifier, outcomes);
        by_source(&outcomes);
        misses(&outcomes);
    }
}

fn results_section(statement: &str, part: &str) -> &'static str {
    match (statement, part) {
        ("PL", _) => "Statement of profit and loss",
        (_, "NCA") => "Non-current assets",
        (_, "CA") => "Current assets",
        (_, "NCL") => "Non-current liabilities",
        (_, "CL") => "Current liabilities",
        (_, "EQ") => "Equity",
        _ => "Balance sheet",
    }
}

/// The rows of a group of the fixture.
fn group(name: &str) -> Vec<RowCode> {
    let codes: &[&str] = match name {
        "Net block (fixed assets)" => &["III.35", "III.36", "III.37"],
        "Capital work-in-progress" => &["III.35"],
        "Intangible assets" => &["III.42"],
        "Other term liabilities" => &["III.16"],
        "Other non-current assets" => &["III.38.iv", "III.40"],
        "Deferred tax" => &["III.40", "III.16"],
        "Other current liabilities and provisions" => &["III.9"],
        "Instalments of term loans due within one year" => &["III.8"],
        "Other current assets" => &["III.33"],
        "Advances to suppliers" => &["III.31"],
        "Advance payment of taxes" => &["III.32"],
        "Selling, general and administrative expenses" => &["II.6"],
        "Other manufacturing expenses" => &["II.5.v"],
        "Direct labour" => &["II.5.iv"],
        "Power and fuel" => &["II.5.iii"],
        "Cash and bank balances" => &["III.26"],
        "Other non-operating income" => &["II.11.i"],
        "Other non-operating expenses" => &["II.11.ii"],
        "Raw materials" => &["II.5.i.a", "II.5.i.b", "S.RM.purch"],
        "Purchases of traded goods" => &["II.5.i.t"],
        "Stock-in-process / finished goods change" => &["S.INV.change"],
        "Less: excise duty" => &["II.2"],
        "Gross sales / operating income" => &["II.1", "II.1.i", "II.1.ii", "II.1.iii", "II.3"],
        "Provision for taxes" => &["II.13"],
        "Provision for taxation" => &["III.5"],
        "Depreciation" => &["II.5.vi"],
        "Interest" => &["II.9", "II.9.a", "II.9.b", "II.9.c"],
        "Investments (non-current)" => &["III.38.i.a", "III.38.i.b"],
        "Investments (current)" => &["III.27.i", "III.27.ii"],
        "Inventory" => &["III.30", "III.30.i.a", "III.30.i.b", "III.30.ii", "III.30.iii", "III.30.iv.a", "III.30.iv.b"],
        "Receivables" => &["III.28.i", "III.28.ii"],
        "Receivables over 6 months / non-current" => &["III.38.iii", "III.38.iv"],
        "Ordinary share capital" => &["III.19"],
        "General reserve" => &["III.20"],
        "Other reserves" | "Minority interest" => &["III.22"],
        "Surplus in P&L" => &["III.23"],
        "Sundry creditors (trade)" => &["III.3"],
        "Term loans" => &["III.13"],
        "Debentures" => &["III.11"],
        "Short-term borrowings from banks" => &["III.1.i", "III.1.ii"],
        "Short-term borrowings from others" => &["III.2"],
        _ => &[],
    };
    codes.iter().map(|code| RowCode::parse(code).unwrap()).collect()
}
