//! The texts of alerts, readable in e-mail and in chat: what happened first, then one fact per line. Their length is bounded,
//! however many documents failed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use domain::failure::{FailureRecord, retry_from};
use domain::id::DocumentNumber;
use domain::notice::{Notice, NoticeKind, ranges_text};
use domain::order::Order;

use super::place::Place;

/// Causes that one alert names; the others are counted.
const CAUSE_COUNT_MAX: usize = 10;
/// Characters of the numbers of the documents that failed of one cause.
const NUMBERS_CHARS_MAX: usize = 200;

/// The text about a failure, and about the documents that failed before it.
pub(super) fn of_failure(record: &FailureRecord, documents: &[FailureRecord], place: &Place) -> String {
    let docket = place.docket(&record.firm_id);
    format!(
        "{message}\n{documents}\nOrder: {order}\nFirm: {firm}\nService: {service}\nPhase: {phase} (run {run})\nCause: {code} \
         ({category})\nWhen: {at}\nFailure: {id}\nCorrelation: {correlation}\nLook: {docket} show {order}\nRetry: {docket} \
         retry {order}{from}{open}",
        open = place.open(format_args!("orders/{}", record.order_id)),
        from = retry_from(&record.code).map(|phase| format!(" --from {phase}")).unwrap_or_default(),
        message = record.error_message,
        documents = if documents.is_empty() { String::new() } else { format!("\n{}", causes(documents)) },
        order = record.order_id,
        firm = record.firm_id,
        service = record.service_code,
        phase = record.phase,
        run = record.run,
        code = record.code,
        category = record.category.as_str(),
        at = record.occurred_at,
        id = record.failure_id,
        correlation = record.correlation_id,
    )
}

/// The text about documents of an order that failed, all of them together.
pub(super) fn of_documents(notice: &Notice, documents: &[FailureRecord], place: &Place) -> String {
    let docket = place.docket(&notice.firm_id);
    format!(
        "{count} of the order failed.\n\n{causes}\nOrder: {order}\nFirm: {firm}\nService: {service}\nPhase: extract \
         (run {run})\nWhen: {at}\nNotice: {id}\nCorrelation: {correlation}\nLook: {docket} show {order}{open}",
        open = place.open(format_args!("orders/{}", notice.order_id)),
        count = counted(notice.items),
        causes = causes(documents),
        order = notice.order_id,
        firm = notice.firm_id,
        service = notice.service_code,
        run = notice.run,
        at = notice.occurred_at,
        id = notice.notice_id,
        correlation = notice.correlation_id,
    )
}

/// The text about an order that waits for a reviewer.
pub(super) fn of_review(notice: &Notice, place: &Place) -> String {
    let (docket, order) = (place.docket(&notice.firm_id), notice.order_id);
    let items = if notice.items == 1 { "1 item".to_owned() } else { format!("{} items", notice.items) };
    let wait = if notice.items == 1 { "waits" } else { "wait" };
    let what = match notice.kind {
        NoticeKind::ReviewReminder => format!("{items} of order {order} still {wait} for a reviewer."),
        NoticeKind::ReviewEscalated => format!(
            "{items} of order {order} {wait} for a reviewer, who was reminded. If nobody decides, the order fails as \
             review.expired.\nDo: find a reviewer, or give them more time: {docket} extend {order} --reason TEXT"
        ),
        NoticeKind::ReviewNeeded | NoticeKind::DocumentsFailed => {
            format!("{items} of order {order} {wait} for a reviewer.")
        }
    };
    format!(
        "{what}\nFirm: {firm}\nRun: {run}\nCorrelation: {correlation}\nLook: {docket} show {order}{open}",
        open = place.open(format_args!("orders/{order}/review")),
        firm = notice.firm_id,
        run = notice.run,
        correlation = notice.correlation_id,
    )
}

/// The text about an order that is ready.
pub(super) fn of_completion(order: &Order, place: &Place) -> String {
    let (docket, id) = (place.docket(order.firm_id()), order.order_id());
    let failed = u32::try_from(order.failed().len()).unwrap_or(u32::MAX);
    format!(
        "Order {id} is ready{version}.{failed}\nFirm: {firm}\nService: \
         {service}\nRun: {run}\nCorrelation: {correlation}\nLook: {docket} show {id}{open}",
        version = match order.artifact_version() {
            0 => String::new(),
            version => format!(": version {version} of its documents can be downloaded"),
        },
        failed = if failed == 0 { String::new() } else { format!(" {} could not be read.", counted(failed)) },
        firm = order.firm_id(),
        service = order.service_code(),
        run = order.run(),
        correlation = order.correlation_id(),
        open = place.open(format_args!("orders/{id}")),
    )
}

/// So many documents, in words.
pub(super) fn counted(documents: u32) -> String {
    if documents == 1 { "1 document".to_owned() } else { format!("{documents} documents") }
}

/// One line for each cause, the most frequent first: how many documents failed of it, which, and what to do.
fn causes(documents: &[FailureRecord]) -> String {
    let mut by_code: BTreeMap<&str, (BTreeSet<DocumentNumber>, &str)> = BTreeMap::new();
    for record in documents {
        let (numbers, _) = by_code.entry(&record.code).or_insert((BTreeSet::new(), &record.error_message));
        numbers.extend(record.failure_id.document());
    }
    let mut causes: Vec<_> = by_code.into_iter().collect();
    causes.sort_by_key(|(_, (numbers, _))| std::cmp::Reverse(numbers.len()));
    let mut text = String::new();
    for (code, (numbers, message)) in causes.iter().take(CAUSE_COUNT_MAX) {
        let what = if numbers.len() == 1 { "Document" } else { "Documents" };
        let which = ranges_text(numbers, NUMBERS_CHARS_MAX);
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{what} {which} ({count} failed): {code}. {message}", count = numbers.len());
    }
    if let Some(more) = causes.len().checked_sub(CAUSE_COUNT_MAX).filter(|more| *more > 0) {
        let _ = writeln!(text, "{more} further causes");
    }
    text
}
