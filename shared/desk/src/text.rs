//! Values as text for people.

use std::fmt::{self, Write as _};

use domain::history::Estimate;
use domain::id::OrderId;
use jiff::Timestamp;

/// `2026-11-30T17:04:12Z`.
pub(crate) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2026-11-30 17:04 UTC`.
pub(crate) fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// `2026-11-30 17:04:12 UTC`.
pub(crate) fn second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// `17:04:12 UTC`, where the day is plain.
pub(crate) fn clock(at: &Timestamp) -> String {
    at.strftime("%H:%M:%S UTC").to_string()
}

/// How long something took: `340 ms`, `2.4 s`, `3 min 5 s`, `2 h 10 min`, `4 d 3 h`.
pub(crate) fn duration(ms: &i64) -> String {
    let ms = (*ms).max(0);
    let (seconds, minutes, hours) = (ms / 1_000, ms / 60_000, ms / 3_600_000);
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{seconds}.{} s", ms % 1_000 / 100),
        60_000..3_600_000 => format!("{minutes} min {} s", seconds % 60),
        3_600_000..86_400_000 => format!("{hours} h {} min", minutes % 60),
        _ => format!("{} d {} h", hours / 24, hours % 24),
    }
}

/// How long an order is likely to take still: `Ready in 2 to 5 minutes, unless a reviewer has to decide`. Nothing if that is not
/// known.
pub(crate) fn estimate(estimate: &Estimate) -> Option<String> {
    match estimate {
        Estimate::Idle | Estimate::Unknown => None,
        Estimate::LongerThanUsual => Some("This phase takes longer than usual.".to_owned()),
        Estimate::Seconds { p50, p90 } => {
            Some(format!("Ready in {}, unless a reviewer has to decide", range(*p50, *p90)))
        }
    }
}

/// A range of seconds in the unit of its end: `20 to 45 seconds`, `2 to 5 minutes`.
fn range(from: u64, to: u64) -> String {
    let (unit, noun) = match to {
        0..100 => (1, "second"),
        100..5_400 => (60, "minute"),
        5_400..172_800 => (3_600, "hour"),
        _ => (86_400, "day"),
    };
    let (from, to) = (from.div_ceil(unit), to.div_ceil(unit));
    if from == to { count(to, noun) } else { format!("{from} to {}", count(to, noun)) }
}

/// A size: `512 B`, `34 KiB`, `1.2 MiB`.
pub(crate) fn bytes(bytes: &u64) -> String {
    const KIB: u64 = 1 << 10;
    const MIB: u64 = 1 << 20;
    match *bytes {
        few if few < KIB => format!("{few} B"),
        some if some < MIB => format!("{} KiB", some.div_ceil(KIB)),
        many if many % MIB * 10 < MIB => format!("{} MiB", many / MIB),
        many => format!("{}.{} MiB", many / MIB, many % MIB * 10 / MIB),
    }
}

/// The last characters of an order's id, which differ from those of its neighbours; the first only tell its time.
pub(crate) fn short(order_id: &OrderId) -> String {
    let id = order_id.to_string();
    id.chars().skip(id.chars().count().saturating_sub(8)).collect()
}

/// A count with its noun: `1 order`, `12 orders`.
pub(crate) fn count(count: impl fmt::Display, noun: &str) -> String {
    let count = count.to_string();
    if count == "1" { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// An address on this host: a path with those of the query's fields that have a value.
pub(crate) fn address(path: &str, query: &[(&str, Option<&str>)]) -> String {
    let given = query.iter().filter_map(|(name, value)| Some((name, (*value)?)));
    let mut address = path.to_owned();
    for (index, (name, value)) in given.enumerate() {
        address.push(if index == 0 { '?' } else { '&' });
        address.push_str(name);
        address.push('=');
        address.push_str(&encoded(value));
    }
    address
}

/// A text as part of an address.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// `2026-11-30`.
pub(crate) fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// `2026-11-30 17:04:12`, in front of a time that names the zone.
pub(crate) fn second_without_zone(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_a_range_in_the_unit_of_its_end() {
        let told = |p50, p90| estimate(&Estimate::Seconds { p50, p90 });
        for (p50, p90, words) in [
            (1, 1, "1 second"),
            (20, 45, "20 to 45 seconds"),
            (61, 290, "2 to 5 minutes"),
            (3_000, 7_300, "1 to 3 hours"),
            (100_000, 300_000, "2 to 4 days"),
        ] {
            assert_eq!(told(p50, p90), Some(format!("Ready in {words}, unless a reviewer has to decide")));
        }
        assert_eq!(estimate(&Estimate::Unknown), None);
        assert!(estimate(&Estimate::LongerThanUsual).is_some_and(|text| text.contains("longer than usual")));
    }

    #[test]
    fn values_read_as_people_write_them() {
        let durations = [
            (-5, "0 ms"),
            (340, "340 ms"),
            (2_430, "2.4 s"),
            (185_000, "3 min 5 s"),
            (7_800_000, "2 h 10 min"),
            (356_400_000, "4 d 3 h"),
        ];
        for (ms, words) in durations {
            assert_eq!(duration(&ms), words);
        }
        for (size, words) in [
            (0, "0 B"),
            (1_025, "2 KiB"),
            (4 << 20, "4 MiB"),
            (1_310_720, "1.2 MiB"),
            (u64::MAX, "17592186044415.9 MiB"),
        ] {
            assert_eq!(bytes(&size), words);
        }
        assert_eq!((count(1, "order"), count(0, "order")), ("1 order".to_owned(), "0 orders".to_owned()));
        let at: Timestamp = "2026-11-30T17:04:12.9Z".parse().unwrap();
        assert_eq!((instant(at), minute(at)), ("2026-11-30T17:04:12Z".to_owned(), "2026-11-30 17:04 UTC".to_owned()));
    }

    #[test]
    fn an_address_keeps_what_it_is_given() {
        let query = [("status", None), ("code", Some("a&b=c/ü")), ("cursor", Some("x"))];
        assert_eq!(address("/failures", &query), "/failures?code=a%26b%3Dc%2F%C3%BC&cursor=x");
        assert_eq!(address("/", &[("status", None)]), "/");
    }
}
