//! The pages of the gallery, filled with made-up orders. Tests look at the same pages.

mod order;
mod review;

use std::collections::BTreeSet;

use desk::frame::{FlashKind, Frame};
use desk::page::{
    EnterPage, ErrorPage, FailedOrder, FailureGroup, FailuresPage, Filter, NewOrderPage, NotFoundPage, OrderRow,
    OrdersPage, RetriesPage, RetryOutcome, RetryResult, ServiceChoice,
};
use domain::id::{OrderId, RunNumber};
use domain::person::{Person, Role};
use domain::phase::Phase;
use domain::service::ServiceCode;
use domain::status::{OrchestrationStatus, Status};
use jiff::{SignedDuration, Timestamp};

/// Text as an attacker would send it.
pub const HOSTILE: &str = "<script>alert('x')</script> \"><img src=x onerror=alert(1)> & ' \u{202e}abc ₹ लाभ 漢字";

/// Every page by name.
pub fn all() -> Vec<(&'static str, String)> {
    let mut pages = vec![
        ("orders-empty", orders(Vec::new(), None).render()),
        ("orders-long", long().render()),
        ("orders-filtered", orders(Vec::new(), Some(Status::Failed)).render()),
        (
            "orders-review-queue",
            orders(long().orders.into_iter().filter(waits).collect(), Some(Status::InternalReview)).render(),
        ),
        ("orders-deployed", OrdersPage { frame: frame(&[Role::Reviewer], false), ..long() }.render()),
        ("orders-rows-fragment", long().rows()),
        ("new-order", new_order(false).render()),
        ("new-order-reviewer", new_order(true).render()),
        ("failures", failures().render()),
        ("failures-empty", FailuresPage { groups: Vec::new(), older: None, ..failures() }.render()),
        ("retries", retries(true).render()),
        ("retries-working", retries(false).render()),
        ("error", error().render()),
        (
            "not-found",
            NotFoundPage { frame: frame(Role::ALL, true), correlation_id: Some("c-7f3a".to_owned()) }.render(),
        ),
        (
            "enter-local",
            EnterPage { frame: Frame { is_local: true, ..Frame::default() }, sign_in: None, because: None }.render(),
        ),
        ("enter", enter().render()),
    ];
    pages.extend(order::all());
    pages.extend(review::all());
    pages.extend(with_text(HOSTILE));
    pages
}

/// Pages on which every text that comes from somebody else is this one.
pub fn with_text(text: &str) -> Vec<(&'static str, String)> {
    let text_of = || text.to_owned();
    let mut failures = failures();
    for group in &mut failures.groups {
        (group.code, group.message) = (text_of(), text_of());
    }
    let mut retries = retries(true);
    (retries.code, retries.reason, retries.by) = (text_of(), text_of(), text_of());
    retries.results[0].outcome = RetryOutcome::NotReached(text_of());
    let mut orders = long();
    orders.orders.truncate(2);
    orders.orders[0].failure_code = Some(text_of());
    (orders.older, orders.cursor) = (Some(text_of()), Some(text_of()));
    let mut new_order = new_order(true);
    (new_order.services[0].name, new_order.services[0].needs) = (text_of(), text_of());
    let mut error = error();
    (error.title, error.happened, error.action) = (text_of(), text_of(), text_of());
    error.frame = error.frame.with(FlashKind::Failed, text);
    error.correlation_id = Some(text_of());
    vec![
        ("failures-hostile", failures.render()),
        ("retries-hostile", retries.render()),
        ("orders-hostile", orders.render()),
        ("new-order-hostile", new_order.render()),
        ("error-hostile", error.render()),
        ("order-hostile", order::hostile(text).render()),
        ("review-hostile", review::hostile(text, true).render()),
        ("review-hostile-read-only", review::hostile(text, false).render()),
    ]
}

/// The time at which the pages are made.
pub fn now() -> Timestamp {
    "2026-11-30T17:04:12Z".parse().expect("a time")
}

/// Some minutes before.
pub fn ago(minutes: i64) -> Timestamp {
    now().checked_sub(SignedDuration::from_mins(minutes)).expect("a time")
}

/// A frame for somebody with these roles.
pub fn frame(roles: &[Role], is_local: bool) -> Frame {
    let roles = roles.iter().copied().collect::<BTreeSet<_>>();
    let (firm, user) = ("rao-and-partners".parse().expect("a firm"), "m.rao@rao.example".parse().expect("a user"));
    Frame::of(Person { firm, user, roles }, is_local)
}

/// The id of an order.
pub fn id(number: u64) -> OrderId {
    let random = u128::from(number + 1) * 0x9e37_79b9_7f4a_7c15_u128 * 0x1_0001_c15d;
    OrderId::from_parts(1_796_058_000_000 - number * 61_000, random & ((1 << 80) - 1))
}

/// A run's number.
pub fn run(number: u32) -> RunNumber {
    RunNumber::try_from(number).expect("a run")
}

fn waits(order: &OrderRow) -> bool {
    order.status == Status::InternalReview
}

fn orders(orders: Vec<OrderRow>, status: Option<Status>) -> OrdersPage {
    OrdersPage {
        frame: frame(Role::ALL, true),
        now: now(),
        filter: Filter { status, service: None },
        services: vec![ServiceCode::Cma, ServiceCode::Canary],
        orders,
        cursor: None,
        older: None,
    }
}

fn long() -> OrdersPage {
    use OrchestrationStatus as O;
    use Status as S;
    let states = [
        (S::InProgress, O::Extracting, Phase::Extract, 12),
        (S::Queued, O::IntakeLocked, Phase::Extract, 0),
        (S::InternalReview, O::ReviewPending, Phase::Review, 55),
        (S::Completed, O::Completed, Phase::Generate, 100),
        (S::Failed, O::Failed, Phase::Extract, 25),
        (S::Draft, O::IntakeLocked, Phase::Extract, 0),
        (S::Regenerating, O::Rendering, Phase::Generate, 92),
        (S::InternalReview, O::Failed, Phase::Generate, 80),
        (S::Cancelled, O::Cancelled, Phase::Classify, 31),
        (S::Completed, O::Completed, Phase::Generate, 100),
    ];
    let row = |number: u64| {
        let (status, orchestration_status, phase, percent) =
            states[usize::try_from(number).expect("small") % states.len()];
        let minutes = i64::try_from(number * 47).expect("small");
        OrderRow {
            order_id: id(number),
            service_code: if number % 7 == 6 { ServiceCode::Canary } else { ServiceCode::Cma },
            status,
            orchestration_status,
            phase,
            percent,
            created_at: ago(minutes + 12),
            updated_at: ago(minutes),
            failure_code: (orchestration_status == O::Failed).then(|| "statements.period_missing".to_owned()),
        }
    };
    OrdersPage { older: Some("eyJhIjoxfQ==/+".to_owned()), ..orders((0..30).map(row).collect(), None) }
}

fn new_order(may_weaken_review: bool) -> NewOrderPage {
    let choice = |code, name: &str, needs: &str| ServiceChoice { code, name: name.to_owned(), needs: needs.to_owned() };
    NewOrderPage {
        frame: frame(if may_weaken_review { Role::ALL } else { &[Role::Preparer] }, true),
        idempotency_key: "01KB9Z3V5T8Q4M7N2P6R9S1W3X".to_owned(),
        services: vec![
            choice(
                ServiceCode::Cma,
                "credit monitoring arrangement",
                "Audited balance sheets and profit and loss statements of the last years: workbooks, CSV or PDF.",
            ),
            choice(ServiceCode::Canary, "checks the pipeline itself", "No files."),
        ],
        chosen: Some(ServiceCode::Cma),
        accept: ".xlsx,.xls,.ods,.csv,.pdf".to_owned(),
        files_max: 1_000,
        bytes_max: 4 << 20,
        may_weaken_review,
        notify_on_completion: false,
        uploads_directly: false,
        file_bytes_max: 20 << 20,
        skip_review: false,
        auto_approve_above: "0.70".to_owned(),
    }
}

fn failures() -> FailuresPage {
    let group = |number: u64, code: &str, message: &str, count: u32, phases: &[Phase]| FailureGroup {
        code: code.to_owned(),
        message: message.to_owned(),
        count,
        newest: ago(3),
        phases: phases.to_vec(),
        orders: (0..u64::from(count.min(5)))
            .map(|index| FailedOrder {
                order_id: id(number * 100 + index),
                service_code: ServiceCode::Cma,
                phase: phases[0],
                failed_at: ago(3 + i64::try_from(index).expect("small") * 9),
            })
            .collect(),
    };
    FailuresPage {
        frame: frame(&[Role::Operator], true),
        idempotency_key: "01KB9Z3V5T8Q4M7N2P6R9S1W3X".to_owned(),
        now: now(),
        code: None,
        groups: vec![
            group(
                1,
                "aws.refused",
                "AWS refused a call of the function. Check its role's policy and the key's, then retry the order.",
                38,
                &[Phase::Extract, Phase::Generate],
            ),
            group(
                2,
                "review.expired",
                "Nobody decided the review in the time that is allowed. Retry the order: its review starts anew.",
                3,
                &[Phase::Review],
            ),
            group(3, "file.encrypted", "The file is encrypted. Upload it without a password.", 1, &[Phase::Extract]),
        ],
        older: Some("older".to_owned()),
        may_retry: true,
    }
}

fn retries(is_finished: bool) -> RetriesPage {
    let outcomes = [
        RetryOutcome::Retried(run(2)),
        RetryOutcome::NoLongerFailed,
        RetryOutcome::Retried(run(3)),
        RetryOutcome::Changed,
        RetryOutcome::NotReached(
            "The table did not answer in time. Retry the cause again for what is left.".to_owned(),
        ),
    ];
    let results = (0..if is_finished { 12 } else { 4 }).map(|number| RetryResult {
        order_id: id(100 + number),
        outcome: outcomes[usize::try_from(number).expect("small") % outcomes.len()].clone(),
    });
    RetriesPage {
        frame: frame(&[Role::Operator], false),
        id: "01KB9Z3V5T8Q4M7N2P6R9S1W3Y".to_owned(),
        code: "aws.refused".to_owned(),
        reason: format!("The key's policy names the role again. {HOSTILE}"),
        by: "ops@rao.example".to_owned(),
        at: ago(1),
        expected: 12,
        results: results.collect(),
        is_finished,
    }
}

fn error() -> ErrorPage {
    ErrorPage {
        frame: frame(&[Role::Preparer], false).with(FlashKind::Failed, HOSTILE),
        title: "The order was not made".to_owned(),
        happened: "The files have more than 4 MiB in all.".to_owned(),
        action: "Save a draft with fewer files and add the others to it.".to_owned(),
        correlation_id: Some("c-7f3a91d2".to_owned()),
        way_on: Some(("/new".to_owned(), "Back to the form".to_owned())),
    }
}

fn enter() -> EnterPage {
    EnterPage {
        frame: Frame::default(),
        sign_in: Some("/sign-in".to_owned()),
        because: Some("Your sign-in has expired.".to_owned()),
    }
}
