//! Knows printed profits by their labels.

/// Which profit a label names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProfitKind {
    /// The profit before tax.
    BeforeTax,
    /// The profit after tax, or the net profit of a firm that is not taxed itself.
    AfterTax,
}

/// Words of the profit before tax.
const BEFORE_TAX: [&str; 12] = [
    "before tax",
    "before taxes",
    "before taxation",
    "before income tax",
    "before provision for tax",
    "before provision for taxation",
    "before provision of tax",
    "pbt",
    "p b t",
    "npbt",
    "n p b t",
    "ebt",
];
/// Words of the profit after tax.
const AFTER_TAX: [&str; 26] = [
    "profit after tax",
    "loss after tax",
    "profit after provision for tax",
    "after taxation",
    "pat",
    "p a t",
    "npat",
    "n p a t",
    "profit carried to balance sheet",
    "surplus carried to balance sheet",
    "profit c d to balance sheet",
    "profit for the year",
    "profit for the period",
    "loss for the year",
    "loss for the period",
    "surplus for the year",
    "deficit for the year",
    "net profit",
    "nett profit",
    "net loss",
    "nett loss",
    "net surplus",
    "net income for the",
    "excess of income over expenditure",
    "excess of expenditure over income",
    "profit transferred to",
];
/// Words of a profit on the way, or of one that belongs elsewhere.
const NEITHER: [&str; 12] = [
    "comprehensive",
    "brought forward",
    "carried",
    "b f",
    "per share",
    "ratio",
    "margin",
    "discontinued",
    "minority",
    "before depreciation",
    "before interest",
    "before exceptional",
];

/// The profit that a label names, if it names one.
#[must_use]
pub(crate) fn profit_kind(label: &str) -> Option<ProfitKind> {
    let text = plain(label);
    let has = |words: &[&str]| words.iter().any(|words| contains(&text, words));
    let before = has(&BEFORE_TAX);
    if has(&NEITHER) || text.contains('%') {
        return None;
    }
    let after = has(&AFTER_TAX) && !contains(&text, "before");
    // `Profit before tax and exceptional items` is on the way to the profit before tax.
    let special = ["exceptional", "extraordinary"].iter().any(|word| contains(&text, word));
    let includes_special = has(&["after exceptional", "after extraordinary"]);
    if before && special && !includes_special {
        None
    } else if before {
        Some(ProfitKind::BeforeTax)
    } else if after {
        Some(ProfitKind::AfterTax)
    } else {
        None
    }
}

/// Whether a label names only a loss, so that a positive amount is a loss.
#[must_use]
pub(crate) fn is_loss(label: &str) -> bool {
    let text = plain(label);
    let names = |words: &[&str]| words.iter().any(|words| contains(&text, words));
    names(&["loss", "deficit", "expenditure over income"]) && !names(&["profit", "surplus", "income over expenditure"])
}

/// Lower-case words with one space between them, `%` kept, and without the `(loss)` that many labels add.
fn plain(label: &str) -> String {
    let kept = label.chars().map(|letter| if letter.is_alphanumeric() || letter == '%' { letter } else { ' ' });
    let lower: String = kept.flat_map(char::to_lowercase).collect();
    let words: Vec<&str> = lower.split_whitespace().collect();
    // `Profit/(Loss) for the year` is `profit for the year` with a word between.
    let joined = words.join(" ");
    joined.replace("profit loss", "profit").replace("loss profit", "profit").replace("surplus deficit", "surplus")
}

/// Whether the text contains the words as whole words.
fn contains(text: &str, words: &str) -> bool {
    format!(" {text} ").contains(&format!(" {words} "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profits_are_known_by_their_names() {
        use ProfitKind::{AfterTax, BeforeTax};
        for (label, expected) in [
            ("Profit before tax", Some(BeforeTax)),
            ("VII. Profit/(Loss) before Tax (V-VI)", Some(BeforeTax)),
            ("PBT", Some(BeforeTax)),
            ("P.B.T.", Some(BeforeTax)),
            ("Net profit before taxes", Some(BeforeTax)),
            ("V. Profit before exceptional and extraordinary items and tax (III - IV)", None),
            ("Profit before tax and exceptional items", None),
            ("Profit before tax (after exceptional items)", Some(BeforeTax)),
            ("Profit after tax", Some(AfterTax)),
            ("PAT", Some(AfterTax)),
            ("IX. Profit / (Loss) for the period", Some(AfterTax)),
            ("Profit/(loss) for the year from continuing operations", Some(AfterTax)),
            ("To Nett Profit", Some(AfterTax)),
            ("Net Loss", Some(AfterTax)),
            ("To Net profit transferred to capital a/c", Some(AfterTax)),
            ("Excess of income over expenditure", Some(AfterTax)),
            ("Total comprehensive income for the year", None),
            ("Gross profit", None),
            ("Net profit ratio", None),
            ("Net profit %", None),
            ("Profit brought forward", None),
            ("Net profit before depreciation", None),
            ("Pattern making charges", None),
        ] {
            assert_eq!(profit_kind(label), expected, "{label}");
        }
        assert!(is_loss("Net Loss") && is_loss("(Loss) for the year") && !is_loss("Profit/(Loss) for the year"));
    }

    proptest::proptest! {
        #[test]
        fn case_and_punctuation_do_not_matter(label in "\\PC{0,60}") {
            let _ = is_loss(&label);
            proptest::prop_assert_eq!(profit_kind(&label), profit_kind(&format!("  {label} . ")));
        }
    }
}
