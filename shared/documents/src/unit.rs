//! Finds the unit that amounts are printed in, from the texts around them.

use domain::statement::Unit;

/// Longest text that can state a unit, in characters. Longer prose may mention crores without stating the unit.
const TEXT_CHARS_MAX: usize = 160;

/// The unit that a heading names, e.g. `(Rs. in lakhs)` or `₹ '000`.
#[must_use]
pub fn parse(text: &str) -> Option<Unit> {
    if text.chars().count() > TEXT_CHARS_MAX {
        return None;
    }
    let lower = text.to_lowercase().replace(['\u{2018}', '\u{2019}', '`', '\u{b4}'], "'");
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '\u{20b9}').filter(|w| !w.is_empty()).collect();
    if !names_money(&lower, &words) {
        return None;
    }
    let has = |list: &[&str]| words.iter().any(|w| list.contains(w));
    if has(&["lakh", "lakhs", "lac", "lacs", "lacks", "\u{20b9}lakhs", "\u{20b9}lacs"]) {
        Some(Unit::Lakh)
    } else if has(&["crore", "crores", "cr", "crs", "\u{20b9}crore", "\u{20b9}crores"]) {
        Some(Unit::Crore)
    } else if has(&["million", "millions", "mn", "mio", "mln"]) {
        Some(Unit::Million)
    } else if has(&["thousand", "thousands", "000", "'000", "'000s", "000s", "'000'", "000'"]) {
        Some(Unit::Thousand)
    } else if lower.contains("face value") || has(&["each", "per"]) {
        None
    } else {
        Some(Unit::Rupee)
    }
}

/// Whether the text is about money: it names a currency, says `in lakhs`, or is just a unit.
fn names_money(lower: &str, words: &[&str]) -> bool {
    let currency = lower.contains('\u{20b9}') || words.iter().any(|w| matches!(*w, "rs" | "inr" | "rupees" | "rupee"));
    let unit_alone = words.len() <= 2
        && words
            .iter()
            .any(|w| w.starts_with("lakh") || w.starts_with("lac") || w.starts_with("crore") || w.starts_with("'000"));
    let in_unit = words.windows(2).any(|w| {
        w[0] == "in"
            && ["lakh", "lac", "crore", "million", "thousand", "'000", "000", "mn"].iter().any(|u| w[1].starts_with(u))
    });
    currency || unit_alone || in_unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_headings_are_read_in_every_common_form() {
        let cases = [
            ("(Rs. in lakhs)", Unit::Lakh),
            ("(\u{20b9} in Crore)", Unit::Crore),
            ("Amount in Rs.", Unit::Rupee),
            ("Rs. '000", Unit::Thousand),
            ("\u{20b9} Lacs", Unit::Lakh),
            ("(All amounts in \u{20b9} millions, unless otherwise stated)", Unit::Million),
            ("Amount (Rs.)", Unit::Rupee),
            ("Form II (Rs. lakh)", Unit::Lakh),
            ("(Rs. in Crore except per share data)", Unit::Crore),
        ];
        for (text, unit) in cases {
            assert_eq!(parse(text), Some(unit), "{text}");
        }
    }

    #[test]
    fn other_texts_state_no_unit() {
        assert_eq!(parse("Balance Sheet as at 31st March 2024"), None);
        assert_eq!(parse("(Face value of Rs. 10 each)"), None);
    }
}
