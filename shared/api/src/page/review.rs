//! The review desk.

use std::collections::BTreeMap;

use aws::key;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use desk::form::decisions;
use desk::page::{Access, Amount, Decision, Neighbour, ReviewClaim, ReviewItem, ReviewPage, RowChoice};
use domain::id::OrderId;
use domain::person::{Person, Role};
use domain::phase::Phase;
use domain::review::expires_at;
use runtime::service::Around;
use serde::Deserialize;
use serde_json::json;

use super::form::Form;
use super::{after, frame, html, refused, see};
use crate::Api;
use crate::access::Signed;
use crate::command::earlier;
use crate::problem::Problem;
use crate::request::{Asked, OrderPath};
use crate::review::{self, DraftDecision, Open};

/// The header by which the desk's module says that it saves by itself.
const AUTOSAVE: &str = "x-desk";

/// What was done before.
#[derive(Default, Deserialize)]
pub(super) struct Shown {
    done: Option<String>,
}

pub(super) async fn read(
    State(api): State<Api>,
    Signed(person): Signed,
    OrderPath(id): OrderPath,
    Asked(asked): Asked<Shown>,
) -> Result<Response, Problem> {
    let open = match review::open(&api, &person, id).await {
        Ok(open) => open,
        // It was ended meanwhile: the order's page says how.
        Err(problem) if problem.document().code == "review.not_waiting" => {
            return super::order::with_problem(&api, &person, id, &problem).await;
        }
        Err(problem) => return Err(problem),
    };
    let mut page = page(&api, &person, &open).await;
    page.frame = after(page.frame, asked.done.as_deref());
    Ok(html(page.render()))
}

/// The page with why a form was refused, and with what the form holds, so that nothing typed is lost.
async fn with_problem(
    api: &Api,
    person: &Person,
    id: OrderId,
    typed: Option<Vec<DraftDecision>>,
    problem: &Problem,
) -> Result<Response, Problem> {
    let mut open = match review::open(api, person, id).await {
        Ok(open) => open,
        Err(_) => return super::order::with_problem(api, person, id, problem).await,
    };
    if let Some(typed) = typed {
        open.draft.decisions = typed;
    }
    let mut page = page(api, person, &open).await;
    page.frame = refused(page.frame, problem);
    let mut response = html(page.render());
    *response.status_mut() = problem.status();
    Ok(response)
}

async fn page(api: &Api, person: &Person, open: &Open) -> ReviewPage {
    let now = api.pipeline.clock.now();
    let access = if !person.is_any_of(&[Role::Reviewer]) {
        Access::Read("Only a reviewer decides; you may read.".to_owned())
    } else {
        // Another reviewer's claim is shown beside, and may be taken over.
        match review::check_own_work(person, open, now) {
            Ok(()) => Access::Decide,
            Err(problem) => Access::Read(super::sentence(&problem)),
        }
    };
    let rows = (open.service.rows)();
    let labels: BTreeMap<&str, &str> = rows.iter().map(|row| (row.code.as_str(), row.label.as_str())).collect();
    let label = |code: &str| labels.get(code).map_or_else(String::new, |label| (*label).to_owned());
    let mut items: Vec<ReviewItem> = open.items.iter().filter_map(|item| ReviewItem::read(item, label)).collect();
    let around = around(api, open).await;
    for item in &mut items {
        complete(item, open, &around);
    }
    ReviewPage {
        frame: frame(api, person),
        idempotency_key: (api.correlate)(),
        now,
        order_id: open.order.order_id(),
        service_code: open.order.service_code(),
        run: open.order.run(),
        etag: open.etag(),
        access,
        claim: open.claim.as_ref().map(|claim| ReviewClaim {
            by: claim.holder.to_string(),
            is_own: claim.holder == person.user,
            until: claim.until,
        }),
        expires_at: expires_at(&open.order, &api.deadlines),
        saved_at: open.draft.saved_at,
        items,
        rows: rows.into_iter().map(|row| RowChoice { code: row.code, label: row.label, group: row.group }).collect(),
    }
}

/// What is printed around each line that is to be decided. Without it the page still works.
async fn around(api: &Api, open: &Open) -> BTreeMap<String, Around> {
    let lines: Vec<String> = open.items.iter().filter_map(review::id_of).map(str::to_owned).collect();
    let Some(run) = open.order.result_run(Phase::Classify) else { return BTreeMap::new() };
    let target = key::result(&open.order, run, Phase::Classify);
    let Ok(Some(found)) = api.bucket.find(&target, aws::bucket::OBJECT_BYTES_MAX).await else { return BTreeMap::new() };
    let around = open.service.around;
    let found = runtime::panics::compute(move || around(&found.bytes, &lines)).await.unwrap_or_default();
    found.into_iter().map(|one| (one.line.clone(), one)).collect()
}

/// Adds to an item what its service's result does not hold: headings, neighbours and the decision so far.
fn complete(item: &mut ReviewItem, open: &Open, around: &BTreeMap<String, Around>) {
    let made = open.draft.decisions.iter().find(|made| made.is_decided && made.line == item.id());
    let decision = made.map(|made| Decision {
        row_code: made.row_code.clone(),
        reason: made.reason.clone(),
        by: open.draft.by.clone(),
    });
    match item {
        ReviewItem::Question(question) => question.decision = decision,
        ReviewItem::Line(line) => {
            line.decision = decision;
            let Some(near) = around.get(&line.line) else { return };
            line.amounts = std::mem::take(&mut line.amounts)
                .into_iter()
                .enumerate()
                .map(|(index, amount)| Amount {
                    column: near.columns.get(index).cloned().unwrap_or_default(),
                    ..amount
                })
                .collect();
            let neighbour = |one: &runtime::service::PrintedLine| Neighbour {
                label: one.label.clone(),
                amounts: one.amounts.clone(),
                is_item: one.is_item,
            };
            line.neighbours = near.printed.iter().map(neighbour).collect();
        }
    }
}

/// The decisions that a form holds.
fn typed(form: &Form) -> Vec<DraftDecision> {
    let sent = decisions(form.fields()).into_iter();
    sent.map(|sent| DraftDecision {
        line: sent.line,
        row_code: sent.row_code,
        reason: sent.reason,
        is_decided: sent.is_decided,
    })
    .collect()
}

pub(super) async fn save(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Reviewer])?;
    let saved = keep(&api, &person, id, &form).await;
    if headers.contains_key(AUTOSAVE) {
        let etag = saved?;
        let saved_at = api.pipeline.clock.now();
        return Ok(axum::Json(json!({ "etag": etag, "saved_at": saved_at })).into_response());
    }
    match saved {
        Ok(_) => Ok(see(&format!("/orders/{id}/review?done=saved"))),
        Err(problem) => with_problem(&api, &person, id, Some(typed(&form)), &problem).await,
    }
}

/// Saves what a form holds. Returns the new tag.
async fn keep(api: &Api, person: &Person, id: OrderId, form: &Form) -> Result<String, Problem> {
    let open = review::open(api, person, id).await?;
    review::save(api, person, &open, form.text("etag"), typed(form)).await
}

pub(super) async fn submit(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
    form: Form,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Reviewer])?;
    let done = async {
        let key = form.key()?;
        // The review was ended by this form before, and the answer was lost.
        if earlier(&api, &person, &key, id).await?.is_some() {
            return Ok(());
        }
        // What was typed and not saved yet counts.
        let etag = keep(&api, &person, id, &form).await?;
        review::submit(&api, &person, &key, id, &etag, form.is_set("accept_remaining")).await.map(drop)
    };
    match done.await {
        Ok(()) => Ok(see(&format!("/orders/{id}?done=submitted"))),
        Err(problem) => with_problem(&api, &person, id, Some(typed(&form)), &problem).await,
    }
}

pub(super) async fn claim(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
    form: Form,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Reviewer])?;
    let done = async {
        let open = review::open(&api, &person, id).await?;
        review::claim(&api, &person, &open, form.is_set("take_over")).await
    };
    match done.await {
        Ok(_) => Ok(see(&format!("/orders/{id}/review?done=claimed"))),
        Err(problem) => with_problem(&api, &person, id, None, &problem).await,
    }
}

pub(super) async fn release(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
    _: Form,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Reviewer])?;
    crate::command::find(&api, &person, id).await?;
    api.pipeline.store.release_review(&person.firm, id, &person.user).await?;
    Ok(see(&format!("/orders/{id}/review")))
}
