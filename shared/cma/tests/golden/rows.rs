use cma::figure::{Figures, assemble};
use rust_decimal::Decimal;

use crate::borrower::{Example, examples};

#[test]
fn every_row_and_ratio_of_the_worked_examples_is_reproduced() {
    for (name, example) in examples() {
        let order = example.order();
        let figures = assemble(&order.extractions, &order.classification).expect("figures");
        let wrong = differences(&example, &figures);
        assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
    }
}

pub fn differences(example: &Example, figures: &Figures) -> Vec<String> {
    let mut wrong = Vec::new();
    for row in &example.rows {
        for (year, expected) in row.values.iter().enumerate() {
            let got = figures.at(row.code, year);
            let same = match (expected, got) {
                (Some(expected), Some(got)) => (*expected - got).abs() <= Decimal::new(1, 2),
                (None, None) => true,
                _ => false,
            };
            if !same {
                wrong.push(format!("{} in {}: expected {expected:?}, got {got:?}", row.code, figures.years[year]));
            }
        }
    }
    wrong
}

#[test]
fn figures_survive_being_stored() {
    for (_, example) in examples() {
        let order = example.order();
        let figures = assemble(&order.extractions, &order.classification).expect("figures");
        let stored = serde_json::to_string(&figures).expect("written");
        assert_eq!(serde_json::from_str::<Figures>(&stored).expect("read"), figures);
    }
}
