//! The words that units and currencies are printed with.

use domain::statement::Unit;

/// Spellings of units. Hindi is spelt without its dot below, see [`bare`].
const UNITS: &[(&str, Unit)] = &[
    ("lakh", Unit::Lakh),
    ("lakhs", Unit::Lakh),
    ("lac", Unit::Lakh),
    ("lacs", Unit::Lakh),
    ("lack", Unit::Lakh),
    ("lacks", Unit::Lakh),
    ("lk", Unit::Lakh),
    ("lks", Unit::Lakh),
    ("lkh", Unit::Lakh),
    ("lkhs", Unit::Lakh),
    ("लाख", Unit::Lakh),
    ("लाखों", Unit::Lakh),
    ("crore", Unit::Crore),
    ("crores", Unit::Crore),
    ("cror", Unit::Crore),
    ("crors", Unit::Crore),
    ("cr", Unit::Crore),
    ("crs", Unit::Crore),
    ("करोड", Unit::Crore),
    ("करोडों", Unit::Crore),
    ("million", Unit::Million),
    ("millions", Unit::Million),
    ("mn", Unit::Million),
    ("mns", Unit::Million),
    ("mio", Unit::Million),
    ("mios", Unit::Million),
    ("mln", Unit::Million),
    ("mlns", Unit::Million),
    ("thousand", Unit::Thousand),
    ("thousands", Unit::Thousand),
    ("thousnd", Unit::Thousand),
    ("thousnds", Unit::Thousand),
    ("हजार", Unit::Thousand),
    ("हजारों", Unit::Thousand),
    ("hundred", Unit::Hundred),
    ("hundreds", Unit::Hundred),
    ("सैकडा", Unit::Hundred),
    ("सैकडों", Unit::Hundred),
];

/// The rupee.
const RUPEE: &[&str] =
    &["rs", "rupee", "rupees", "inr", "\u{20b9}", "\u{20a8}", "रु", "रू", "रुपये", "रुपए", "रुपया", "रुपयों", "रूपये", "रूपए"];

/// Words for amounts printed in full.
const FULL: &[&str] = &["actual", "actuals", "absolute", "full", "whole", "exact"];

/// Currencies other than the rupee, by their codes, signs and names.
const FOREIGN: &[&str] = &[
    "usd",
    "us$",
    "$",
    "dollar",
    "dollars",
    "eur",
    "\u{20ac}",
    "euro",
    "euros",
    "gbp",
    "\u{a3}",
    "pound",
    "pounds",
    "sterling",
    "aed",
    "dirham",
    "dirhams",
    "sgd",
    "jpy",
    "\u{a5}",
    "yen",
    "cny",
    "rmb",
    "yuan",
    "chf",
    "franc",
    "francs",
    "cad",
    "nzd",
    "hkd",
    "sar",
    "riyal",
    "riyals",
    "rial",
    "rials",
    "qar",
    "omr",
    "kwd",
    "bhd",
    "dinar",
    "dinars",
    "lkr",
    "npr",
    "pkr",
    "mur",
    "bdt",
    "taka",
    "idr",
    "rupiah",
    "myr",
    "ringgit",
    "thb",
    "baht",
    "zar",
    "rand",
    "kes",
    "shilling",
    "shillings",
    "ngn",
    "naira",
    "rub",
    "ruble",
    "rubles",
    "krw",
    "sek",
    "nok",
    "dkk",
    "krona",
    "kroner",
    "brl",
    "mxn",
    "peso",
    "pesos",
    "php",
    "vnd",
    "lira",
    "egp",
    "ghs",
    "tzs",
    "ugx",
    "btn",
    "ngultrum",
    "mvr",
    "rufiyaa",
    "mmk",
    "kyat",
];

/// Countries whose currency is a rupee as well.
const OTHER_RUPEES: &[&str] = &[
    "nepal",
    "nepalese",
    "nepali",
    "pakistan",
    "pakistani",
    "lanka",
    "lankan",
    "mauritius",
    "mauritian",
    "seychelles",
];

/// Words for what is printed in a unit.
const MONEY: &[&str] = &[
    "amount",
    "amounts",
    "amt",
    "amts",
    "figure",
    "figures",
    "fig",
    "figs",
    "value",
    "values",
    "currency",
    "राशि",
    "unit",
    "units",
    "scale",
    "denomination",
    "denominated",
    "denomination",
    "money",
];

/// Other words of a line that states a unit.
const FILLERS: &[&str] = &[
    "omitted",
    "in",
    "all",
    "are",
    "is",
    "the",
    "of",
    "indian",
    "and",
    "or",
    "unless",
    "otherwise",
    "stated",
    "specified",
    "mentioned",
    "indicated",
    "except",
    "for",
    "per",
    "share",
    "shares",
    "data",
    "eps",
    "number",
    "numbers",
    "no",
    "nos",
    "where",
    "wherever",
    "information",
    "rounded",
    "off",
    "to",
    "nearest",
    "upto",
    "up",
    "two",
    "decimal",
    "decimals",
    "places",
    "p",
    "ps",
    "paise",
    "paisa",
    "only",
    "as",
    "at",
    "on",
    "expressed",
    "reported",
    "presented",
    "shown",
    "given",
    "s",
    "में",
    "rounding",
    "other",
    "than",
    "equity",
    "earnings",
    "quantity",
    "quantitative",
];

/// What may follow `in` or a currency without being a unit.
const NO_UNIT: &[&str] = &[
    "brackets",
    "bracket",
    "parenthesis",
    "parentheses",
    "italics",
    "bold",
    "respect",
    "accordance",
    "case",
    "this",
    "these",
    "note",
    "notes",
    "words",
    "column",
    "columns",
    "form",
    "which",
    "hand",
    "transit",
    "process",
    "progress",
    "use",
    "circulation",
    "foreign",
    "india",
    "ind",
    "cash",
    "kind",
    "equity",
    "shares",
];

/// What may follow `in` behind the title of a statement without being a unit: how it is printed, or where the firm stands.
const MANNERS: &[&str] = &[
    "liquidation",
    "dissolution",
    "receivership",
    "administration",
    "abridged",
    "brief",
    "short",
    "detail",
    "details",
    "summary",
    "format",
    "formats",
    "continuation",
    "total",
    "english",
    "hindi",
    "draft",
    "original",
    "duplicate",
    "triplicate",
    "vertical",
    "horizontal",
    "percent",
    "percentage",
    "schedule",
    "schedules",
    "annexure",
];

/// Number words that would multiply a unit.
const NUMBERS: &[&str] = &["ten", "tens", "twenty", "fifty", "five", "one", "hundred", "hundreds", "half", "दस"];

/// A word in lower case without the dot below of Hindi letters, which not every writer prints.
pub(super) fn bare(word: &str) -> String {
    let plain = word.chars().filter(|c| *c != '\u{93c}').map(|c| match c {
        '\u{95c}' => '\u{921}',
        '\u{95d}' => '\u{922}',
        '\u{95b}' => '\u{91c}',
        _ => c,
    });
    plain.collect()
}

pub(super) fn unit(word: &str) -> Option<Unit> {
    UNITS.iter().find(|(name, _)| *name == word).map(|(_, unit)| *unit)
}

/// The unit that zeros stand for, e.g. `'000`.
pub(super) fn zeros(digits: &str) -> Option<Option<Unit>> {
    let count = digits.chars().filter(|c| *c == '0').count();
    if count < 2 || digits.chars().any(|c| c != '0' && c != ',') || digits.starts_with(',') {
        return None;
    }
    Some(match count {
        2 => Some(Unit::Hundred),
        3 => Some(Unit::Thousand),
        5 => Some(Unit::Lakh),
        6 => Some(Unit::Million),
        7 => Some(Unit::Crore),
        _ => None,
    })
}

/// The unit that a power of ten stands for where amounts are said to be in it, e.g. `in 1000's`.
pub(super) fn power(digits: &str) -> Option<Unit> {
    let plain: String = digits.chars().filter(|c| *c != ',').collect();
    match plain.as_str() {
        "100" => Some(Unit::Hundred),
        "1000" => Some(Unit::Thousand),
        "100000" => Some(Unit::Lakh),
        "1000000" => Some(Unit::Million),
        "10000000" => Some(Unit::Crore),
        _ => None,
    }
}

pub(super) fn is_rupee(word: &str) -> bool {
    RUPEE.contains(&word)
}

pub(super) fn is_full(word: &str) -> bool {
    FULL.contains(&word)
}

pub(super) fn is_foreign(word: &str) -> bool {
    FOREIGN.contains(&word)
}

pub(super) fn is_other_rupee(word: &str) -> bool {
    OTHER_RUPEES.contains(&word)
}

pub(super) fn is_money(word: &str) -> bool {
    MONEY.contains(&word)
}

pub(super) fn is_filler(word: &str) -> bool {
    FILLERS.contains(&word)
}

pub(super) fn is_no_unit(word: &str) -> bool {
    NO_UNIT.contains(&word)
}

pub(super) fn is_manner(word: &str) -> bool {
    MANNERS.contains(&word)
}

pub(super) fn is_number(word: &str) -> bool {
    NUMBERS.contains(&word)
}
