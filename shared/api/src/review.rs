//! The review of an order: what is to be decided, the reviewer's draft, and its submission.

use aws::bucket::TaggedWrite;
use aws::key;
use aws::store::ReviewClaimed;
use axum::http::StatusCode;
use domain::audit::{AuditAction, AuditEntry};
use domain::event::{Event, EventKind};
use domain::id::OrderId;
use domain::lifecycle::decide;
use domain::order::Order;
use domain::person::Person;
use domain::phase::Phase;
use domain::receipt::Receipt;
use domain::reviewing::{REVIEW_CLAIM_SECS, ReviewClaim};
use jiff::{SignedDuration, Timestamp};
use runtime::service::{InvalidDecisions, Review};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Api;
use crate::command::{Command, change, earlier, find};
use crate::problem::Problem;
use crate::request::{IdempotencyKey, digest};

/// Size limit of a draft, in bytes.
const DRAFT_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Decisions in a draft.
const DECISION_COUNT_MAX: usize = 10_000;
/// Characters of an answer or a row code in a draft.
const ANSWER_CHARS_MAX: usize = 500;
/// Characters of a reason in a draft.
const REASON_CHARS_MAX: usize = 2_000;
/// The tag of a draft that nobody has saved yet.
const NO_DRAFT: &str = "none";

/// What a reviewer decided about one item so far.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftDecision {
    /// Id of the line or of the question.
    pub line: String,
    /// Code of the row; for a question, the answer.
    pub row_code: String,
    /// Why; a decision that differs from the proposal needs it.
    #[serde(default)]
    pub reason: String,
    /// Whether it is decided. What is not is only kept.
    #[serde(default = "yes")]
    pub is_decided: bool,
}

fn yes() -> bool {
    true
}

/// The draft of a review.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Draft {
    /// The decisions so far.
    pub(crate) decisions: Vec<DraftDecision>,
    /// Who saved it last.
    #[serde(default)]
    pub(crate) by: Option<String>,
    /// When.
    #[serde(default)]
    pub(crate) saved_at: Option<Timestamp>,
}

/// The review that an order waits for.
pub(crate) struct Open {
    /// The order.
    pub(crate) order: Order,
    /// What its service knows of reviews.
    pub(crate) service: Review,
    /// The items, as the service stored them, most important first.
    pub(crate) items: Vec<Value>,
    /// The draft.
    pub(crate) draft: Draft,
    /// The tag of the draft.
    pub(crate) tag: String,
    /// Who works on it, if anybody does.
    pub(crate) claim: Option<ReviewClaim>,
}

impl Open {
    /// The tag that a change of the review must name.
    pub(crate) fn etag(&self) -> String {
        format!("{}-{}", self.order.run(), self.tag)
    }

    fn check_seen(&self, seen: &str) -> Result<(), Problem> {
        if self.etag() == seen { Ok(()) } else { Err(Problem::changed()) }
    }

    /// The part of the tag that names the stored draft.
    fn seen(&self) -> Option<&str> {
        (self.tag != NO_DRAFT).then_some(self.tag.as_str())
    }

    /// Refuses what another reviewer is working on.
    fn check_claim(&self, by: &Person, now: Timestamp) -> Result<(), Problem> {
        match &self.claim {
            Some(claim) if claim.excludes(&by.user, self.order.run(), now) => Err(claimed(claim)),
            _ => Ok(()),
        }
    }
}

/// Reads the review that an order waits for.
pub(crate) async fn open(api: &Api, by: &Person, id: OrderId) -> Result<Open, Problem> {
    let order = find(api, by, id).await?;
    let service = services::desk(order.service_code()).review.filter(|_| order.is_paused());
    let Some(service) = service else {
        let action = "GET /v1/orders?status=review_pending lists the orders that wait.";
        let title = "The order does not wait for a reviewer";
        return Err(Problem::new(StatusCode::CONFLICT, "review.not_waiting", title, action).about(&order));
    };
    let run = order.result_run(Phase::Review).unwrap_or_else(|| order.run());
    let (listed, drafted) = (key::result(&order, run, Phase::Review), key::draft_decisions(&order, order.run()));
    let (items, draft, claim) = tokio::join!(
        api.bucket.find(&listed, aws::bucket::OBJECT_BYTES_MAX),
        api.bucket.find_tagged(&drafted, DRAFT_BYTES_MAX),
        api.pipeline.store.review_claim(order.firm_id(), order.order_id()),
    );
    let items = items?.and_then(|found| serde_json::from_slice(&found.bytes).ok()).ok_or_else(unreadable)?;
    let (draft, tag) = match draft? {
        Some(found) => {
            let draft = serde_json::from_slice(&found.bytes).map_err(|_| unreadable())?;
            (draft, found.tag.trim_matches('"').to_owned())
        }
        None => (Draft::default(), NO_DRAFT.to_owned()),
    };
    let claim = claim?.filter(|claim| claim.run == order.run() && claim.until > api.pipeline.clock.now());
    Ok(Open { order, service, items, draft, tag, claim })
}

fn unreadable() -> Problem {
    let action = "Ask an operator to retry the order from its review.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "review.unreadable", "The review cannot be read", action)
}

fn claimed(claim: &ReviewClaim) -> Problem {
    let action = "Ask them, or take the review over; that is recorded.";
    let title = "Another reviewer works on it";
    Problem::new(StatusCode::CONFLICT, "review.claimed", title, action).held_by(claim.holder.to_string())
}

/// Takes or renews the claim to a review.
pub(crate) async fn claim(api: &Api, by: &Person, open: &Open, take_over: bool) -> Result<ReviewClaim, Problem> {
    check_own_work(by, open, api.pipeline.clock.now())?;
    let now = api.pipeline.clock.now();
    let until = now.saturating_add(SignedDuration::from_secs(i64::from(REVIEW_CLAIM_SECS))).unwrap_or(now);
    let claim = ReviewClaim { holder: by.user.clone(), run: open.order.run(), until };
    let is_taken_over = take_over && open.check_claim(by, now).is_err();
    let entry = AuditEntry::about(&open.order, AuditAction::ReviewTakenOver, now, by.user.as_str());
    let entry = is_taken_over.then_some(&entry);
    match api.pipeline.store.claim_review(&open.order, &claim, now, entry).await? {
        ReviewClaimed::Held => Ok(claim),
        ReviewClaimed::HeldBy(other) => Err(claimed(&other)),
    }
}

/// Refuses a person who may not decide this review, before anything of it is stored.
pub(crate) fn check_own_work(by: &Person, open: &Open, now: Timestamp) -> Result<(), Problem> {
    let kind = EventKind::Resumed { run: open.order.run() };
    let event = Event { by: Some(by.clone()), ..Event::new(now, "check".to_owned(), kind) };
    decide(&open.order, &event).map(drop).map_err(|refused| Problem::refused(&refused, &open.order))
}

/// Whether a person may decide this review; the problem says why not.
pub(crate) fn may_decide(by: &Person, open: &Open, now: Timestamp) -> Result<(), Problem> {
    check_own_work(by, open, now)?;
    open.check_claim(by, now)
}

/// Saves a draft, if the one that was seen is still there, and renews the claim. Returns the new tag.
pub(crate) async fn save(
    api: &Api,
    by: &Person,
    open: &Open,
    seen: &str,
    decisions: Vec<DraftDecision>,
) -> Result<String, Problem> {
    let now = api.pipeline.clock.now();
    may_decide(by, open, now)?;
    open.check_seen(seen)?;
    check_draft(open, &decisions)?;
    claim(api, by, open, false).await?;
    let draft = Draft { decisions, by: Some(by.user.to_string()), saved_at: Some(now) };
    let bytes = serde_json::to_vec(&draft).unwrap_or_default();
    let target = key::draft_decisions(&open.order, open.order.run());
    match api.bucket.put_tagged(&target, bytes, open.seen()).await? {
        TaggedWrite::Done(tag) => Ok(format!("{}-{}", open.order.run(), tag.trim_matches('"'))),
        TaggedWrite::Changed => Err(Problem::changed()),
    }
}

/// Refuses a draft that names what is not in the review, or that is too long.
fn check_draft(open: &Open, decisions: &[DraftDecision]) -> Result<(), Problem> {
    if decisions.len() > DECISION_COUNT_MAX {
        return Err(Problem::malformed(format!("at most {DECISION_COUNT_MAX} decisions")));
    }
    for (number, decision) in (1..).zip(decisions) {
        let is_long = |text: &str, max| text.chars().count() > max;
        if is_long(&decision.row_code, ANSWER_CHARS_MAX) || is_long(&decision.reason, REASON_CHARS_MAX) {
            return Err(Problem::malformed(format!("decision {number} is too long")));
        }
        if decision.line.is_empty() || !open.items.iter().any(|item| id_of(item) == Some(&decision.line)) {
            return Err(Problem::malformed(format!("decision {number} names an item that the review does not have")));
        }
    }
    Ok(())
}

/// The id of an item.
pub(crate) fn id_of(item: &Value) -> Option<&str> {
    item.get("line").and_then(Value::as_str)
}

/// The row that is proposed for an item; none for a question.
fn proposed(item: &Value) -> Option<&str> {
    item.get("row_code").and_then(Value::as_str)
}

/// Ends a review with its draft. What is not decided is accepted as proposed only if `accept_remaining` says so.
pub(crate) async fn submit(
    api: &Api,
    by: &Person,
    key: &IdempotencyKey,
    id: OrderId,
    seen: &str,
    accept_remaining: bool,
) -> Result<Receipt, Problem> {
    let fingerprint = digest(&["submit", seen, if accept_remaining { "all" } else { "decided" }]);
    // A repeat finds that the review is over.
    if let Some(earlier) = earlier(api, by, key, id).await? {
        return if earlier.fingerprint == fingerprint { Ok(earlier) } else { Err(crate::command::key_reused()) };
    }
    let open = open(api, by, id).await?;
    may_decide(by, &open, api.pipeline.clock.now())?;
    open.check_seen(seen)?;
    let decisions = decisions(&open, by, accept_remaining)?;
    check(api, &open, &decisions).await?;
    let run = open.order.run();
    let (action, kind) = if decisions.is_empty() {
        (AuditAction::ReviewResumed, EventKind::Resumed { run })
    } else {
        store(api, &open, &decisions).await?;
        (AuditAction::ReviewDecided, EventKind::ReviewDecided { run, remaining: 0 })
    };
    let command = Command { by, key, fingerprint, action, reason: None };
    change(api, command, id, |_| Ok(kind.clone())).await
}

/// The decisions of a draft, as later phases read them.
fn decisions(open: &Open, by: &Person, accept_remaining: bool) -> Result<Vec<Value>, Problem> {
    let (mut decided, mut undecided) = (Vec::new(), 0);
    for item in &open.items {
        let made = open.draft.decisions.iter().find(|made| made.is_decided && id_of(item) == Some(&made.line));
        let Some(made) = made else {
            undecided += usize::from(!accept_remaining || proposed(item).is_none());
            continue;
        };
        let is_confirmed = proposed(item) == Some(made.row_code.as_str());
        let reason = match made.reason.trim() {
            "" if is_confirmed => "accepted as proposed",
            reason => reason,
        };
        decided.push(json!({ "line": made.line, "row_code": made.row_code, "reason": reason, "by": by.user }));
    }
    if undecided == 0 {
        return Ok(decided);
    }
    let action = "Decide them, or accept the proposals that are left; a question has none.";
    let title = "Some items are not decided";
    Err(Problem::new(StatusCode::BAD_REQUEST, "review.undecided", title, action).counting(undecided))
}

/// Checks decisions against what was classified, so that a mistake is reported now and does not fail the order later.
async fn check(api: &Api, open: &Open, decisions: &[Value]) -> Result<(), Problem> {
    let run = open.order.result_run(Phase::Classify).unwrap_or_else(|| open.order.run());
    let target = key::result(&open.order, run, Phase::Classify);
    let found = api.bucket.find(&target, aws::bucket::OBJECT_BYTES_MAX).await?.ok_or_else(unreadable)?;
    let (check, decisions) = (open.service.check, Value::from(decisions.to_vec()));
    let checked = runtime::panics::compute(move || {
        let classified = serde_json::from_slice(&found.bytes).unwrap_or_default();
        check(&decisions, classified)
    });
    match checked.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(InvalidDecisions::Unfit(why))) => {
            let action = "Correct the decision, save, and submit again.";
            let title = "A decision cannot be applied";
            Err(Problem::new(StatusCode::BAD_REQUEST, "review.unfit", title, action).with_detail(why))
        }
        Ok(Err(InvalidDecisions::Unreadable)) | Err(_) => Err(unreadable()),
    }
}

/// Stores the decisions where later phases read them. The first ones of a run stand.
async fn store(api: &Api, open: &Open, decisions: &[Value]) -> Result<(), Problem> {
    let bytes = Value::from(decisions.to_vec()).to_string().into_bytes();
    let ours = aws::bucket::digest(&bytes);
    let target = key::decisions(&open.order, open.order.run());
    let stored = api.bucket.put_once(&target, bytes, "application/json").await?;
    if stored.sha256 == ours {
        return Ok(());
    }
    let action = "Ask an operator to retry the order from its review, and decide again.";
    let title = "Other decisions were submitted for this review before";
    Err(Problem::new(StatusCode::CONFLICT, "review.submitted", title, action).about(&open.order))
}
