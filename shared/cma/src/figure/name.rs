//! What the name of a sheet and its title say about which version it is, and whose.

/// Words of the version that counts.
const FINAL: [&str; 8] = ["final", "finalised", "finalized", "audited", "signed", "revised", "corrected", "approved"];
/// Words of a version that does not.
const DRAFT: [&str; 13] = [
    "draft",
    "provisional",
    "unaudited",
    "old",
    "backup",
    "bkp",
    "rough",
    "tentative",
    "preliminary",
    "prelim",
    "superseded",
    "cancelled",
    "scratch",
];

/// How final a sheet's name or title says it is: 0 final, 1 neither, 2 a draft.
pub(super) fn finality(sheet: &str, title: Option<&str>) -> u8 {
    let text = format!("{sheet} {}", title.unwrap_or_default()).to_lowercase();
    let text =
        text.replace("un-audited", "unaudited").replace("not audited", "unaudited").replace("un audited", "unaudited");
    let words: Vec<&str> = text.split(|letter: char| !letter.is_alphanumeric()).collect();
    if words.iter().any(|word| DRAFT.contains(word)) {
        2
    } else if words.iter().any(|word| FINAL.contains(word)) {
        0
    } else {
        1
    }
}

/// Whether a sheet's name or title says that it is of a part of the business: a branch, or the head office without them.
pub(super) fn is_branch(sheet: &str, title: Option<&str>) -> bool {
    let text = words(sheet, title);
    let has = |words: &str| format!(" {text} ").contains(&format!(" {words} "));
    ["branch", "head office", "ho", "h o", "division", "unit", "depot"].into_iter().any(has)
}

/// Whether a sheet's name or title says that it is of the borrower with its subsidiaries, or of all branches together.
pub(super) fn is_combined(sheet: &str, title: Option<&str>) -> bool {
    let text = words(sheet, title);
    text.split(' ')
        .any(|word| word.starts_with("consol") || matches!(word, "combined" | "merged" | "group" | "overall"))
}

/// Whether a sheet's name says that it is of the group. One beside sheets of branches is of the whole business.
pub(super) fn is_consolidated(sheet: &str) -> bool {
    words(sheet, None).split(' ').any(|word| word.starts_with("consol"))
}

/// The words of a sheet's name and title, in lower case.
fn words(sheet: &str, title: Option<&str>) -> String {
    let text = format!("{sheet} {}", title.unwrap_or_default()).to_lowercase();
    let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Whether a sheet's name is the one that a spreadsheet program gives to a copy, e.g. `BS (2)` or `Copy of BS`.
pub(super) fn is_copy(sheet: &str) -> bool {
    let lower = sheet.trim().to_lowercase();
    let numbered = lower.strip_suffix(')').and_then(|front| front.rsplit_once('(')).is_some_and(|(_, number)| {
        let number = number.trim();
        !number.is_empty() && number.chars().count() <= 2 && number.chars().all(|letter| letter.is_ascii_digit())
    });
    // LibreOffice names copies `BS_2`.
    let suffixed = lower.rsplit_once('_').is_some_and(|(front, number)| {
        !front.is_empty() && number.chars().count() == 1 && number.chars().all(|letter| letter.is_ascii_digit())
    });
    numbered || suffixed || lower.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == "copy")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_which_version_counts() {
        for (sheet, title, expected) in [
            ("BS Final", None, 0),
            ("BS", Some("Audited Balance Sheet"), 0),
            ("BS", Some("Balance Sheet (Un-Audited)"), 2),
            ("BS-draft", None, 2),
            ("BS", Some("Balance Sheet as at 31st March, 2025"), 1),
            ("Gold", None, 1),
        ] {
            assert_eq!(finality(sheet, title), expected, "{sheet} {title:?}");
        }
    }

    #[test]
    fn branches_and_groups_are_known_by_their_names() {
        assert!(is_branch("HO BS", None) && is_branch("BS", Some("Balance Sheet of Branch - Pune")));
        assert!(is_branch("BS-Unit II", None) && !is_branch("BS", Some("Community hall")) && !is_branch("Shop", None));
        assert!(is_combined("Consol BS", None) && is_combined("BS", Some("Combined Balance Sheet")));
        assert!(!is_combined("Groupings", None) && !is_combined("BS", None));
    }

    #[test]
    fn copies_are_known_by_their_names() {
        assert!(["BS (2)", "Copy of BS", "BS - Copy", "BS_2", "P&L (10)"].into_iter().all(is_copy));
        assert!(!["BS", "BS 2025", "BS_2025", "Balance Sheet (Rs)", "PL (2024)", "_2"].into_iter().any(is_copy));
    }

    proptest::proptest! {
        #[test]
        fn any_name_is_judged(sheet in "\\PC{0,40}", title in "\\PC{0,40}") {
            proptest::prop_assert!(finality(&sheet, Some(&title)) <= 2);
            let copy = format!("{sheet} (2)");
            proptest::prop_assert!(is_copy(&copy));
        }
    }
}
