//! Measures the accuracy of the classifier: `cargo run --release -p cma --example accuracy`.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a measurement that fails should fail loudly"
)]

use std::collections::BTreeMap;
use std::time::Instant;

use cma::classify::Classifier;
use cma::matching::Index;
use cma::policy::Policy;
use cma::row;
use cma::row::{Form, RowCode, table};

/// A label to classify, the rows that count as right, and its section.
struct Case {
    label: String,
    section: Vec<String>,
    family: String,
    right: Vec<RowCode>,
    index: usize,
}

#[derive(Default)]
struct Tally {
    cases: u32,
    right: u32,
    sure: u32,
    sure_right: u32,
}

impl Tally {
    fn add(&mut self, right: bool, confidence: f64) {
        self.cases += 1;
        self.right += u32::from(right);
        self.sure += u32::from(confidence > 0.70);
        self.sure_right += u32::from(right && confidence > 0.70);
    }

    fn line(&self, name: &str) {
        let share = |part: u32, of: u32| f64::from(part) / f64::from(of.max(1));
        println!(
            "{name:<44} {:>5} {:>7.3} {:>10.3} {:>12.3} {:>9.3}",
            self.cases,
            share(self.right, self.cases),
            share(self.sure, self.cases),
            share(self.sure_right, self.sure),
            1.0 - share(self.sure, self.cases),
        );
    }
}

fn main() {
    let start = Instant::now();
    let classifier = Classifier::built_in();
    println!("built in {:?}", start.elapsed());
    let policy = Policy::docket_1();
    let verbose = std::env::args().nth(1);
    println!("{:<44} {:>5} {:>7} {:>10} {:>12} {:>9}", "set", "cases", "right", "over 0.70", "right there", "review");
    for (name, hint, folds) in [
        ("leave one out, bare", false, 0),
        ("leave one out, with section", true, 0),
        ("10-fold, bare", false, 10),
        ("10-fold, with section", true, 10),
        ("knows all, with section", true, 1),
    ] {
        let cases = labels(&classifier, hint);
        let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
        for case in &cases {
            let section: Vec<&str> = case.section.iter().map(String::as_str).collect();
            let left_out = |index: usize| match folds {
                0 => index == case.index,
                1 => false,
                n => mix(index) % n == mix(case.index) % n,
            };
            let chosen = classifier.choose_without(&case.label, &section, &policy, &left_out);
            let right = case.right.contains(&chosen.row);
            if !right && verbose.as_deref() == Some(if hint { "loo" } else { "bare" }) && folds == 0 {
                println!(
                    "  {:<60} {:?} want {} got {} {:.2} {}",
                    case.label, case.section, case.right[0], chosen.row, chosen.confidence, chosen.reason
                );
            }
            if !right && verbose.as_deref() == Some("all") && folds == 1 {
                println!(
                    "  {:<60} {:?} want {} got {} {:.2} {}",
                    case.label, case.section, case.right[0], chosen.row, chosen.confidence, chosen.reason
                );
            }
            tallies.entry(case.family.clone()).or_default().add(right, chosen.confidence);
            tallies.entry("~ all".into()).or_default().add(right, chosen.confidence);
        }
        println!("-- {name}");
        for (family, tally) in &tallies {
            if folds == 0 || family == "~ all" {
                tally.line(family);
            }
        }
    }
    baseline(&classifier);
    rows(&classifier, &policy, verbose.as_deref() == Some("rows"));
    fixture(&classifier, &policy, verbose.as_deref() == Some("fixture"));
    if let Ok(path) = std::env::var("LABELS") {
        listed(&classifier, &policy, &path);
    }
    speed(&classifier, &policy);
}

/// Measures a custom list with the columns `label,section,want`, from the file named by the variable `LABELS`.
fn listed(classifier: &Classifier, policy: &Policy, path: &str) {
    let (mut with, mut without) = (Tally::default(), Tally::default());
    for record in csv::Reader::from_path(path).unwrap().records().map(Result::unwrap) {
        let section: Vec<&str> = Some(record[1].trim()).filter(|text| !text.is_empty()).into_iter().collect();
        let chosen = classifier.choose(&record[0], &section, policy);
        with.add(Ok(chosen.row) == RowCode::parse(&record[2]), chosen.confidence);
        if Ok(chosen.row) != RowCode::parse(&record[2]) {
            println!(
                "  {} {section:?} want {} got {} {:.2} {}",
                &record[0], &record[2], chosen.row, chosen.confidence, chosen.reason
            );
        }
        let bare = classifier.choose(&record[0], &[], policy);
        without.add(Ok(bare.row) == RowCode::parse(&record[2]), bare.confidence);
    }
    with.line("own list, with section");
    without.line("own list, bare");
}

fn mix(index: usize) -> usize {
    index.wrapping_mul(2_654_435_761) >> 8
}

fn labels(classifier: &Classifier, hint: bool) -> Vec<Case> {
    let own = |source: &str| source.starts_with("docket");
    let captions = classifier.captions().iter().enumerate().filter(|(_, caption)| !own(&caption.source));
    captions
        .map(|(index, caption)| {
            let (label, section) = split_section(&caption.label, hint);
            Case { label, section, family: family(&caption.source).into(), right: vec![caption.row], index }
        })
        .collect()
}

/// Splits the bracket that names a section off a label.
fn split_section(label: &str, hint: bool) -> (String, Vec<String>) {
    const HINTS: [(&str, &str); 11] = [
        ("(long-term borrowings)", "Long-term borrowings"),
        ("(long-term)", "Non-current"),
        ("(non-current)", "Non-current"),
        ("(short-term)", "Current"),
        ("(current)", "Current"),
        ("(other equity)", "Other equity"),
        ("(P&L)", "Profit and loss"),
        ("(Long Term)", "Non-current"),
        ("(Short Term)", "Current"),
        (", noncurrent", "Non-current"),
        (", current", "Current"),
    ];
    for (bracket, section) in HINTS {
        if label.contains(bracket) {
            let bare = label.replace(bracket, "").trim().to_owned();
            return (bare, if hint { vec![section.to_owned()] } else { Vec::new() });
        }
    }
    (label.to_owned(), Vec::new())
}

fn family(source: &str) -> &'static str {
    const FAMILIES: [(&str, &str); 10] = [
        ("Schedule III Division II ", "Ind AS"),
        ("Schedule III Division I ", "Schedule III"),
        ("Tally", "Tally groups"),
        ("Common Indian", "ledger names"),
        ("RBI CMA", "CMA form"),
        ("ERPNext", "ERPNext"),
        ("Data-vendor", "data vendors"),
        ("US GAAP", "US GAAP"),
        ("EU Acc", "EU / UK"),
        ("Liquidator", "IBBI"),
    ];
    FAMILIES.iter().find(|(start, _)| source.starts_with(start)).map_or("other", |(_, name)| name)
}

/// Measures a baseline: the nearest label by n-grams of the printed text only.
fn baseline(classifier: &Classifier) {
    let captions: Vec<_> =
        classifier.captions().iter().filter(|caption| !caption.source.starts_with("docket")).collect();
    let texts: Vec<String> =
        captions.iter().map(|caption| split_section(&caption.label, false).0.to_lowercase()).collect();
    let index = Index::of(texts.iter().map(String::as_str));
    let mut tally = Tally::default();
    for (position, caption) in captions.iter().enumerate() {
        let scores = index.similarities(&texts[position]);
        let best = (0..scores.len())
            .filter(|other| *other != position)
            .max_by(|a, b| scores[*a].total_cmp(&scores[*b]))
            .unwrap();
        tally.add(captions[best].row == caption.row, 1.0);
    }
    tally.line("baseline: nearest neighbour, leave one out");
}

/// Measures the labels of the form's rows.
fn rows(classifier: &Classifier, policy: &Policy, verbose: bool) {
    let (mut with, mut without) = (Tally::default(), Tally::default());
    let of_form = |row: &&row::Row| row.is_input() && matches!(row.form, Form::Two | Form::Three);
    let stated = [row!("III.AI.A"), row!("III.AI.B")];
    for row in table().rows().iter().filter(of_form).filter(|row| !stated.contains(&row.code)) {
        let (code, label) = (row.code, row.label.as_str());
        let section = form_section(code);
        for (path, tally) in [(vec![section], &mut with), (vec![], &mut without)] {
            let chosen = classifier.choose(label, &path, policy);
            tally.add(chosen.row == code, chosen.confidence);
            if verbose && (chosen.row != code || chosen.confidence < 0.7) {
                println!(
                    "  {label} {path:?} want {code} got {} {:.2} {}",
                    chosen.row, chosen.confidence, chosen.reason
                );
            }
        }
    }
    with.line("form rows, with section");
    without.line("form rows, bare");
}

fn form_section(row: RowCode) -> &'static str {
    let item: u32 = row.as_str().split('.').nth(1).unwrap().parse().unwrap();
    match (row.form() == Form::Two, item) {
        (true, _) => "Form II - Operating statement",
        (_, 1..=9) => "Form III - Current liabilities",
        (_, 11..=16) => "Form III - Term liabilities",
        (_, 19..=23) => "Form III - Net worth",
        (_, 26..=33) => "Form III - Current assets",
        (_, 35 | 36) => "Form III - Fixed assets",
        (_, 38..=40) => "Form III - Other non-current assets",
        _ => "Form III - Intangible assets",
    }
}

/// Measures labels of published Indian results; the accepted rows are given as names of groups.
fn fixture(classifier: &Classifier, policy: &Policy, verbose: bool) {
    let shared = std::env::var("DOCKET_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared").to_owned());
    let path = format!("{shared}/fixtures/concepts/indian-lineitems-to-cma.csv");
    let Ok(mut reader) = csv::Reader::from_path(&path) else {
        println!("skipped: the labels of published results are not available");
        return;
    };
    let (mut with, mut without, mut nearest) = (Tally::default(), Tally::default(), Tally::default());
    let captions = classifier.captions();
    let texts: Vec<String> =
        captions.iter().map(|caption| split_section(&caption.label, false).0.to_lowercase()).collect();
    let index = Index::of(texts.iter().map(String::as_str));
    for record in reader.records().map(Result::unwrap) {
        let label = &record[3];
        let accepted: Vec<RowCode> = record[5].split('|').flat_map(group).collect();
        let section = match (&record[1], &record[2]) {
            ("PL", _) => "Statement of profit and loss",
            (_, "NCA") => "Non-current assets",
            (_, "CA") => "Current assets",
            (_, "NCL") => "Non-current liabilities",
            (_, "CL") => "Current liabilities",
            (_, "EQ") => "Equity",
            _ => "Balance sheet",
        };
        for (path, tally) in [(vec![section], &mut with), (vec![], &mut without)] {
            let chosen = classifier.choose(label, &path, policy);
            let right = accepted.contains(&chosen.row);
            if verbose && !right {
                println!(
                    "  {label} {path:?} want {} got {} {:.2} {}",
                    &record[5], chosen.row, chosen.confidence, chosen.reason
                );
            }
            tally.add(right, chosen.confidence);
        }
        let scores = index.similarities(&label.to_lowercase());
        let best = (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap();
        nearest.add(accepted.contains(&captions[best].row), 1.0);
    }
    with.line("published results, with section");
    without.line("published results, bare");
    nearest.line("baseline: nearest neighbour, bare");
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
        other => panic!("no rows for the group {other}"),
    };
    codes.iter().map(|code| RowCode::parse(code).unwrap()).collect()
}

fn speed(classifier: &Classifier, policy: &Policy) {
    let start = Instant::now();
    let count = classifier.captions().len();
    for caption in classifier.captions() {
        std::hint::black_box(classifier.choose(&caption.label, &["Current assets"], policy));
    }
    println!("{:?} per label over {count}", start.elapsed() / u32::try_from(count).unwrap());
}
