//! Finds what a statement carries from one page to the next: `Carried forward` at the end of a page, `Brought forward` at
//! the beginning of the next one. Such amounts repeat those above them.

use crate::label::plain;
use crate::panel::Line;

/// How the label of a page's total is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carry {
    /// Whether it begins a page.
    pub brought: bool,
    /// Whether it says `balance`, as the opening and closing amounts of an account do.
    pub balance: bool,
}

/// How a label that says nothing but that its amount is carried forward, or brought forward, is read.
#[must_use]
pub fn carry(label: &str) -> Option<Carry> {
    const FILLER: &[&str] = &[
        "total",
        "sub",
        "subtotal",
        "balance",
        "amount",
        "to",
        "from",
        "by",
        "on",
        "of",
        "next",
        "previous",
        "prev",
        "last",
        "page",
        "no",
        "the",
        "contd",
        "continued",
        "rs",
        "sheet",
        "first",
        "second",
        "this",
        "above",
        "grand",
    ];
    let text = plain(label);
    let words: Vec<&str> = text.split(' ').filter(|w| !w.is_empty()).collect();
    let mut rest: Vec<&str> = Vec::with_capacity(words.len());
    let mut brought = None;
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let next = words.get(at + 1).copied().unwrap_or_default();
        let found = match (*word, next) {
            ("carried" | "carry", "forward" | "over" | "fwd" | "f") | ("c", "f" | "o" | "fwd" | "forward") => {
                Some((false, 2))
            }
            ("brought" | "bring", "forward" | "over" | "fwd" | "f") | ("b", "f" | "o" | "fwd" | "forward") => {
                Some((true, 2))
            }
            ("cf" | "cfwd" | "co", _) => Some((false, 1)),
            ("bf" | "bfwd" | "bo", _) => Some((true, 1)),
            _ => None,
        };
        if let Some((back, length)) = found {
            brought = brought.or(Some(back));
            at += length;
        } else {
            rest.push(word);
            at += 1;
        }
    }
    let is_filler = |word: &&str| FILLER.contains(word) || word.chars().all(|c| c.is_ascii_digit());
    let of_page = rest.contains(&"page") && rest.iter().any(|w| w.ends_with("total"));
    let brought = brought.or_else(|| of_page.then_some(false))?;
    rest.iter().all(is_filler).then(|| Carry { brought, balance: rest.contains(&"balance") })
}

/// What a line carries from page to page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// It repeats a line above or below it.
    Repeats,
    /// It is a sum of the lines above it.
    Sum,
}

/// The lines that only carry amounts to the next page.
#[must_use]
pub fn find(lines: &[Line]) -> Vec<Option<Page>> {
    let carries: Vec<Option<Carry>> = lines.iter().map(|l| carry(&l.label).filter(|_| !l.heading)).collect();
    let mut found = vec![None; lines.len()];
    // The last line that was carried forward, or has no label, and whether lines came before it.
    let mut open: Option<usize> = None;
    let mut any_before = false;
    for (at, line) in lines.iter().enumerate().filter(|(_, l)| !l.heading) {
        match carries[at] {
            Some(Carry { brought: true, balance }) => {
                let pair = open.take().filter(|other| same_amounts(line, &lines[*other]));
                if let Some(other) = pair {
                    found[other] = Some(Page::Repeats);
                    found[at] = Some(Page::Repeats);
                } else if any_before && !balance {
                    found[at] = Some(Page::Sum);
                }
            }
            Some(Carry { brought: false, balance }) => {
                if any_before && !balance {
                    found[at] = Some(Page::Sum);
                }
                open = Some(at);
            }
            None if line.label.is_empty() => open = Some(at),
            None => {
                any_before = true;
                open = None;
            }
        }
    }
    found
}

/// Whether two lines have the same amounts, and any.
fn same_amounts(one: &Line, other: &Line) -> bool {
    let amounts = |line: &Line| line.figures.iter().map(|f| f.as_ref().map(|f| f.amount)).collect::<Vec<_>>();
    amounts(one) == amounts(other) && one.figures.iter().flatten().any(|f| !f.amount.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_page_totals_are_known() {
        for label in [
            "Carried forward",
            "C/f",
            "c/o",
            "Total c/f",
            "C/F to next page",
            "Page total",
            "Sub total c/o",
            "Carried Over",
        ] {
            assert_eq!(carry(label).map(|c| c.brought), Some(false), "{label}");
        }
        for label in [
            "Brought forward",
            "B/f",
            "b/f from page 1",
            "Total b/f",
            "Balance brought forward",
            "B/F from previous page",
        ] {
            assert_eq!(carry(label).map(|c| c.brought), Some(true), "{label}");
        }
        for label in [
            "Gross profit c/o",
            "Gross profit b/f",
            "Balance c/d",
            "Profit brought forward",
            "Loss carried forward",
            "Outstanding expenses b/f",
            "Total",
            "Page",
            "",
        ] {
            assert_eq!(carry(label), None, "{label}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_label_is_read_and_other_words_make_it_an_ordinary_one(label in "\\PC{0,40}") {
            let _ = carry(&label);
            let more = format!("Machinery {label}");
            proptest::prop_assert_eq!(carry(&more), None);
        }
    }
}
