//! Writes the features of labels, for training: `features FILE.csv` reads `label,section_path` and writes one line for each.

#![expect(clippy::print_stdout, clippy::unwrap_used, clippy::panic, reason = "a failing tool should fail loudly")]

use std::fmt::Write as _;
use std::io::Write as _;

use cma::classify::Classifier;
use cma::model::Seen;
use cma::policy::Policy;
use cma::row::table;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_else(|| panic!("which file?"));
    let show = arguments.next().as_deref() == Some("show");
    let classifier = Classifier::shared();
    let policy = Policy::docket_1();
    let mut out = std::io::BufWriter::new(std::io::stdout());
    if path == "rows" {
        for row in table().rows() {
            println!("{} {} {}", row.code, cma::model::sides_bits(row.code), u8::from(row.is_input()));
        }
        return;
    }
    let mut reader = csv::Reader::from_path(&path).unwrap();
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|field| field == name);
    let label_at = at("label").unwrap();
    let section_at = at("section_path").or_else(|| at("section")).unwrap();
    for record in reader.records().map(Result::unwrap) {
        let section: Vec<&str> = Some(record[section_at].trim()).filter(|text| !text.is_empty()).into_iter().collect();
        let mut texts = Vec::new();
        let mut see = |seen: Seen| {
            if show {
                texts.push(format!("{:?}:{}", seen.kind, seen.text))
            }
        };
        let evidence = classifier.evidence(&record[label_at], &section, &policy, &mut see);
        if show {
            writeln!(
                out,
                "{}\t{}\t{}\n   {}",
                &record[label_at],
                &record[section_at],
                evidence.sides,
                texts.join(" | ")
            )
            .unwrap();
            continue;
        }
        let mut line = format!("{}\t{}\t{}\t", evidence.sides, evidence.words, evidence.headings);
        for (row, score, words, conditions, place) in &evidence.rules {
            write!(line, "{row}:{score}:{words}:{conditions}:{place} ").unwrap();
        }
        line.push('\t');
        if let Some((row, ambiguous)) = evidence.caption {
            write!(line, "{row}:{}", u8::from(ambiguous)).unwrap();
        }
        line.push('\t');
        for (kind, hash) in &evidence.features.hashes {
            write!(line, "{kind:x}.{hash:08x} ").unwrap();
        }
        writeln!(out, "{line}").unwrap();
    }
}
