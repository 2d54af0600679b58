//! The text of a digest: many failures of one cause. Its length is bounded, however many there are.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Display, Write as _};

use domain::failure::{FailureRecord, retry_from};

use super::place::Place;

/// Orders that a digest names; the others are counted.
const ORDER_COUNT_MAX: usize = 10;
/// Causes of failed documents that a digest names; the others are counted.
const CAUSE_COUNT_MAX: usize = 10;

/// The text of the digest `id`. `documents` counts the documents that failed before, by cause. `place` says where its commands
/// work.
pub(super) fn text(
    id: &str,
    place: &Place,
    oldest: &FailureRecord,
    later: &[&FailureRecord],
    documents: &BTreeMap<String, usize>,
) -> String {
    let all = || std::iter::once(oldest).chain(later.iter().copied());
    // Its failures may be of several firms, and a command is about one.
    let docket = place.docket_of_a_firm();
    let last = later.last().map_or(oldest.occurred_at, |record| record.occurred_at);
    format!(
        "{message}\n\n{count} failures of one cause are announced together by this message.\n\nCause: {code}\nFirst: \
         {first}\nLast: {last}\nPhases: {phases}\nServices: {services}\n{documents}{orders}Digest: {id}\nList: failures \
         with alert_sent_as {id} (docs/guide/OPERATIONS.md, \"The failures of a digest\")\nLook: {docket} failures\nRetry: \
         {docket} retry --cause {code}{from}{open}",
        open = place.open("failures"),
        message = oldest.error_message,
        count = later.len() + 1,
        code = oldest.code,
        first = oldest.occurred_at,
        phases = counts(all().map(|record| record.phase)),
        services = counts(all().map(|record| record.service_code)),
        documents = failed_documents(documents),
        orders = orders(all()),
        from = retry_from(&oldest.code).map(|phase| format!(" --from {phase}")).unwrap_or_default(),
    )
}

/// Each value and how often it occurs, e.g. `extract 120, review 3`.
fn counts<T: Ord + Display>(values: impl Iterator<Item = T>) -> String {
    let mut counted: BTreeMap<T, usize> = BTreeMap::new();
    for value in values {
        *counted.entry(value).or_default() += 1;
    }
    let texts: Vec<String> = counted.iter().map(|(value, count)| format!("{value} {count}")).collect();
    texts.join(", ")
}

/// How many documents failed before, by cause, the most frequent first; nothing if none did.
fn failed_documents(documents: &BTreeMap<String, usize>) -> String {
    let mut causes: Vec<_> = documents.iter().collect();
    causes.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let named: Vec<String> =
        causes.iter().take(CAUSE_COUNT_MAX).map(|(code, count)| format!("{code} {count}")).collect();
    let more = causes.len().saturating_sub(CAUSE_COUNT_MAX);
    match (named.is_empty(), more) {
        (true, _) => String::new(),
        (false, 0) => format!("Documents that failed: {}\n", named.join(", ")),
        (false, more) => format!("Documents that failed: {}, and of {more} further causes\n", named.join(", ")),
    }
}

/// The first orders with their firms, one a line, and how many there are.
fn orders<'a>(records: impl Iterator<Item = &'a FailureRecord>) -> String {
    let (mut seen, mut named) = (BTreeSet::new(), String::new());
    for record in records {
        if seen.insert(record.order_id) && seen.len() <= ORDER_COUNT_MAX {
            // Writing to a text cannot fail.
            let _ = writeln!(named, "  {} of firm {}", record.order_id, record.firm_id);
        }
    }
    let first =
        if seen.len() > ORDER_COUNT_MAX { format!(", the first {ORDER_COUNT_MAX} of them") } else { String::new() };
    format!("Orders: {}{first}\n{named}", seen.len())
}

#[cfg(test)]
mod tests {
    use domain::failure::{Category, FailureId};
    use domain::id::{FirmId, OrderId, RunNumber};
    use domain::phase::Phase;
    use domain::service::ServiceCode;
    use jiff::Timestamp;

    use super::*;

    fn record(number: u32) -> FailureRecord {
        let phase = if number.is_multiple_of(3) { Phase::Review } else { Phase::Extract };
        FailureRecord {
            failure_id: FailureId::of(RunNumber::FIRST, phase, None),
            order_id: OrderId::from_parts(1, u128::from(number)),
            firm_id: "f".repeat(64).parse::<FirmId>().unwrap_or_else(|_| FirmId::unknown()),
            service_code: ServiceCode::Cma,
            doc_type: None,
            prompt_version_used: None,
            phase,
            run: RunNumber::FIRST,
            category: Category::Permanent,
            code: "result.unreadable".to_owned(),
            error_message: "Deploy the newer version.".to_owned(),
            occurred_at: Timestamp::from_second(i64::from(number)).unwrap_or_default(),
            correlation_id: "c".to_owned(),
        }
    }

    fn text_of(count: u32, causes: usize) -> String {
        let records: Vec<FailureRecord> = (0..count).map(record).collect();
        let later: Vec<&FailureRecord> = records.iter().skip(1).collect();
        let documents = (0..causes).map(|cause| (format!("file.cause_{cause}"), cause + 1)).collect();
        let place = Place { stage: Some("dev".to_owned()), desk: Some("https://desk.example".to_owned()) };
        text("digest/o/r1-extract", &place, &record(0), &later, &documents)
    }

    #[test]
    fn a_digest_says_what_to_do_how_many_failed_when_and_which_orders() {
        let text = text_of(12, 2);
        for line in [
            "Deploy the newer version.",
            "12 failures of one cause are announced together by this message.",
            "Cause: result.unreadable",
            "First: 1970-01-01T00:00:00Z",
            "Last: 1970-01-01T00:00:11Z",
            "Phases: extract 8, review 4",
            "Services: CMA 12",
            "Documents that failed: file.cause_1 2, file.cause_0 1",
            "Orders: 12, the first 10 of them",
            "Digest: digest/o/r1-extract",
            "Look: docket --stage dev --firm FIRM failures",
            "Retry: docket --stage dev --firm FIRM retry --cause result.unreadable --from extract",
            "Open: https://desk.example/failures",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
        }
        assert_eq!(text.matches(" of firm ").count(), 10);
        let few = text_of(2, 0);
        assert!(few.contains("Orders: 2\n") && !few.contains("Documents"), "{few}");
    }

    #[test]
    fn the_length_of_a_digest_does_not_grow_with_the_failures() {
        let text = text_of(1_000, 100);
        assert!(text.len() < 2_500, "{} bytes", text.len());
        assert!(text.contains("and of 90 further causes"), "{text}");
    }
}
