//! What holds for the choice of a row whatever the text.

use super::*;
use crate::row::RowCode;
use crate::rule::sides_of;

fn choose(label: &str, section: &[&str]) -> RowChoice {
    classify_label(label, section, &Policy::docket_1())
}

#[test]
fn a_row_of_the_income_statement_is_never_chosen_under_a_heading_of_the_balance_sheet() {
    for label in ["Salaries", "Sales", "Depreciation", "Interest", "Rent", "Purchases", "Repairs to machinery"] {
        for heading in ["Current assets", "Fixed assets", "Current liabilities", "Long-term borrowings"] {
            let row = choose(label, &[heading]).row;
            assert!(!row.as_str().starts_with("II."), "{label} under {heading}: {row}");
        }
    }
}

#[test]
fn an_expense_heading_keeps_a_line_out_of_assets_and_sales() {
    for label in ["Plant and machinery", "Furniture", "Sales", "Cash", "Trade receivables", "Buildings"] {
        for heading in ["Expenses", "Indirect expenses", "Other expenses", "Administrative expenses"] {
            let row = choose(label, &[heading]).row;
            let is_expense = !sides_of(row).and(crate::rule::Sides::EXPENSE).is_empty();
            assert!(is_expense, "{label} under {heading}: {row}");
        }
    }
}

#[test]
fn the_heading_decides_what_a_bare_word_means() {
    let row = |label: &str, section: &[&str]| choose(label, section).row.as_str();
    assert_eq!(row("Property, plant and equipment", &["Depreciation and amortisation expense"]), "II.5.vi");
    assert_eq!(row("Other receivables", &["Trade receivables"]), "III.28.i");
    assert_eq!(row("Input CGST", &["Current Liabilities", "Duties & Taxes"]), "III.33");
    assert_eq!(row("Output CGST", &["Current Liabilities", "Duties & Taxes"]), "III.7");
    assert_eq!(row("Interest received", &["Cash flow statement", "Cash flow from investing activities"]), "X.ignore");
}

#[test]
fn a_label_that_only_a_heading_explains_is_not_sure_without_one() {
    for label in ["Provisions", "Investments", "Loans", "Other financial assets", "Lease liabilities"] {
        assert!(choose(label, &[]).confidence < 0.70, "{label}");
        assert!(choose(label, &["Balance sheet"]).confidence < 0.70, "{label}");
    }
    assert!(choose("Provisions", &["Current liabilities"]).confidence >= 0.70);
    assert!(choose("Trade receivables", &["Balance sheet"]).confidence >= 0.70);
}

#[test]
fn the_age_of_a_debt_is_read_in_any_spelling() {
    for label in ["Debtors over 6 months", "Debtors > 180 days", "Debtors exceeding six months", "Drs. (> 6 mths)"] {
        assert_eq!(choose(label, &["Current assets"]).row.as_str(), "III.38.iv", "{label}");
    }
    for label in ["Debtors < 6 months", "Debtors up to 180 days", "Debtors (less than six months)"] {
        assert_eq!(choose(label, &["Current assets"]).row.as_str(), "III.28.i", "{label}");
    }
}

#[test]
fn the_reason_names_a_known_label_or_words_of_this_one() {
    let choice = choose("Sundry debtors - considered good", &["Current assets"]);
    assert!(choice.reason.contains("known label “") && choice.reason.contains("for this row"), "{}", choice.reason);
}

#[test]
fn bank_charges_go_where_the_policy_says() {
    let other = Policy { bank_charges: crate::row!("II.9.c"), ..Policy::docket_1() };
    for heading in ["Indirect expenses", "Other expenses"] {
        assert_eq!(classify_label("Bank charges", &[heading], &other).row.as_str(), "II.9.c");
        assert_eq!(choose("Bank charges", &[heading]).row.as_str(), "II.6");
    }
}

#[test]
fn a_label_without_letters_is_never_sure() {
    for label in ["", " ", "(a)", "12.", "₹", "—", "%"] {
        assert!(choose(label, &["Current assets"]).confidence < 0.70, "{label}");
        assert_eq!(choose(label, &[]).confidence.to_bits(), 0.0_f64.to_bits(), "{label}");
    }
}

#[test]
fn the_same_label_has_the_same_choice_every_time() {
    let first = choose("Advance to suppliers", &["Assets", "Current assets"]);
    for _ in 0..20 {
        assert_eq!(choose("Advance to suppliers", &["Assets", "Current assets"]), first);
    }
}

proptest::proptest! {
    #[test]
    fn any_text_has_a_choice(label in "[-a-zA-Z0-9.,:()/'&% é₹\u{2013}]{0,80}|\\PC{0,80}", heading in "\\PC{0,40}|[A-Za-z &>()]{0,40}") {
        let choice = choose(&label, &[&heading]);
        proptest::prop_assert!((0.0..=1.0).contains(&choice.confidence));
        proptest::prop_assert!(!choice.reason.is_empty());
        let mut rows: Vec<RowCode> = choice.alternatives.iter().map(|other| other.row_code).collect();
        rows.push(choice.row);
        let count = rows.len();
        rows.sort();
        rows.dedup();
        proptest::prop_assert_eq!(rows.len(), count);
        proptest::prop_assert!(choice.alternatives.windows(2).all(|pair| pair[0].score >= pair[1].score));
    }

    #[test]
    fn any_file_of_labels_is_classified_or_refused(text in "label,section\n(\\PC{0,30},\\PC{0,20}\n){0,4}|\\PC{0,80}") {
        let mut output = Vec::new();
        if let Ok(count) = classify_csv(text.as_bytes(), &mut output) {
            let records = csv::Reader::from_reader(output.as_slice()).into_records().count();
            proptest::prop_assert_eq!(u64::try_from(records), Ok(count));
        }
    }
}
