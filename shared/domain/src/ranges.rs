//! Writes a set of numbers as the ranges in it, `1-37,40`, so that an order with a thousand documents stays short. Reads lists
//! of numbers too, as the previous layout wrote them.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserializer, Serializer};

use crate::id::DocumentNumber;

/// The ranges of consecutive numbers in a set, each with its first and last.
pub(crate) fn of(set: &BTreeSet<DocumentNumber>) -> Vec<(u32, u32)> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for number in set {
        match ranges.last_mut() {
            Some((_, last)) if last.saturating_add(1) == number.get() => *last = number.get(),
            _ => ranges.push((number.get(), number.get())),
        }
    }
    ranges
}

pub(super) fn serialize<S: Serializer>(set: &BTreeSet<DocumentNumber>, serializer: S) -> Result<S::Ok, S::Error> {
    let ranges = of(set);
    let text = |(first, last): &(u32, u32)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    serializer.serialize_str(&ranges.iter().map(text).collect::<Vec<_>>().join(","))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<DocumentNumber>, D::Error> {
    deserializer.deserialize_any(Numbers)
}

struct Numbers;

impl<'de> Visitor<'de> for Numbers {
    type Value = BTreeSet<DocumentNumber>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ranges of numbers such as 1-37,40, or a list of numbers")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let number = |text: &str| text.parse::<u32>().map_err(E::custom).and_then(|n| n.try_into().map_err(E::custom));
        let mut set = BTreeSet::new();
        for range in text.split(',').filter(|range| !range.is_empty()) {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let (first, last): (DocumentNumber, DocumentNumber) = (number(first)?, number(last)?);
            for one in first.get()..=last.get() {
                set.insert(DocumentNumber::try_from(one).map_err(E::custom)?);
            }
        }
        Ok(set)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut set = BTreeSet::new();
        while let Some(number) = list.next_element()? {
            set.insert(number);
        }
        Ok(set)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Holder {
        #[serde(with = "super")]
        set: BTreeSet<DocumentNumber>,
    }

    fn set(numbers: impl IntoIterator<Item = u32>) -> BTreeSet<DocumentNumber> {
        numbers.into_iter().filter_map(|number| number.try_into().ok()).collect()
    }

    #[test]
    fn numbers_that_follow_each_other_are_one_range() {
        let written = |numbers: &[u32]| json!(Holder { set: set(numbers.iter().copied()) })["set"].clone();
        assert_eq!(written(&[]), "");
        assert_eq!(written(&[7]), "7");
        assert_eq!(written(&[1, 2, 3, 5, 9, 10]), "1-3,5,9-10");
    }

    #[test]
    fn a_list_of_the_previous_layout_is_read_and_nonsense_is_not() {
        let read = |value: serde_json::Value| serde_json::from_value::<Holder>(json!({ "set": value })).ok();
        assert_eq!(read(json!([3, 1])), Some(Holder { set: set([1, 3]) }));
        for nonsense in [json!("0"), json!("1-99999999"), json!("a"), json!("1-"), json!([0]), json!(4)] {
            assert_eq!(read(nonsense.clone()), None, "{nonsense}");
        }
        let error = serde_json::from_value::<Holder>(json!({ "set": 4 })).err().map(|error| error.to_string());
        assert!(
            error.is_some_and(|error| error.contains("expected ranges of numbers")),
            "the error says what is expected"
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(numbers in prop::collection::btree_set(1u32..200, 0..80)) {
            let holder = Holder { set: set(numbers) };
            let text = serde_json::to_string(&holder).unwrap_or_default();
            prop_assert_eq!(serde_json::from_str::<Holder>(&text).ok(), Some(holder));
        }
    }
}
