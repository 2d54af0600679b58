//! One order.

use aws::key;
use aws::store::AlertState as Stored;
use axum::extract::State;
use axum::response::Response;
use desk::page::{
    Actions, AlertState, DocumentRow, FailureRow, OrderPage, OrderSummary, PhaseRow, ReviewSummary, StartChoice,
    VersionRow,
};
use domain::audit::AuditAction;
use domain::event::EventKind;
use domain::execution::{Execution, current};
use domain::history::Estimate;
use domain::id::{DocumentNumber, OrderId};
use domain::order::Order;
use domain::person::{Person, Role};
use domain::phase::Phase;
use domain::review::expires_at;
use domain::status::{OrchestrationStatus, Status};
use futures_util::future::join_all;
use serde::Deserialize;
use serde_json::Value;

use super::form::Form;
use super::{after, frame, html, html_with_files, refused, see};
use crate::access::Signed;
use crate::command::{Command, change, find};
use crate::estimates;
use crate::problem::Problem;
use crate::request::{Asked, OrderPath, digest, reason};
use crate::route::order::audit_trail;
use crate::route::process::submit;
use crate::route::rerun::named;
use crate::{Api, Uploads};

/// Documents up to which their files' names are read.
const NAMED_COUNT_MAX: usize = 40;

/// What of an order is shown.
#[derive(Default, Deserialize)]
pub(super) struct Shown {
    fragment: Option<String>,
    done: Option<String>,
}

pub(super) async fn read(
    State(api): State<Api>,
    Signed(person): Signed,
    OrderPath(id): OrderPath,
    Asked(asked): Asked<Shown>,
) -> Result<Response, Problem> {
    let order = find(&api, &person, id).await?;
    if asked.fragment.as_deref() == Some("progress") {
        let estimate = estimates::of(&api, &order).await;
        return Ok(html(outline(&api, &person, &order, estimate).progress()));
    }
    let mut page = page(&api, &person, &order).await?;
    page.frame = after(page.frame, asked.done.as_deref());
    Ok(html_with_files(&api, page.render()).await)
}

/// The page of an order with why a form was refused.
pub(super) async fn with_problem(
    api: &Api,
    person: &Person,
    id: OrderId,
    problem: &Problem,
) -> Result<Response, Problem> {
    let order = find(api, person, id).await?;
    let mut page = page(api, person, &order).await?;
    page.frame = refused(page.frame, problem);
    let mut response = html_with_files(api, page.render()).await;
    *response.status_mut() = problem.status();
    Ok(response)
}

/// What the order itself says, without anything that has to be read besides.
fn outline(api: &Api, person: &Person, order: &Order, estimate: Estimate) -> OrderPage {
    OrderPage {
        frame: frame(api, person),
        idempotency_key: (api.correlate)(),
        now: api.pipeline.clock.now(),
        order: OrderSummary::from(order),
        estimate,
        phases: PhaseRow::all(order),
        documents: Vec::new(),
        failures: Vec::new(),
        versions: Vec::new(),
        figures: None,
        audit: Vec::new(),
        review: None,
        actions: actions(person, order, api.uploads),
    }
}

async fn page(api: &Api, person: &Person, order: &Order) -> Result<OrderPage, Problem> {
    let store = &api.pipeline.store;
    let (firm, id) = (order.firm_id(), order.order_id());
    let (executions, failures, versions, audit, figures, claim, estimate) = tokio::join!(
        store.executions(firm, id),
        store.failures(firm, id),
        store.versions(order),
        audit_trail(api, order),
        figures(api, order),
        store.review_claim(firm, id),
        estimates::of(api, order),
    );
    let now = api.pipeline.clock.now();
    let failures = failures?.into_iter().map(|failure| {
        let alert = match failure.alert {
            Stored::Pending => AlertState::Pending,
            Stored::Sent => AlertState::Sent(None),
        };
        let is_healed = failure.record.run < order.run() && order.orchestration_status() != OrchestrationStatus::Failed;
        FailureRow::of(&failure.record, alert, is_healed.then(|| order.run()))
    });
    let review = order.is_paused().then(|| ReviewSummary {
        items: order.review_items(),
        since: order.review_wait().since,
        expires_at: expires_at(order, &api.deadlines),
        claimed_by: None,
    });
    let holder =
        claim?.filter(|claim| claim.run == order.run() && claim.until > now).map(|claim| claim.holder.to_string());
    Ok(OrderPage {
        documents: documents(api, order, &executions?).await,
        failures: newest_first(failures.collect()),
        versions: versions?.iter().rev().map(VersionRow::from).collect(),
        figures: figures?,
        audit: newest_first(audit?),
        review: review.map(|review| ReviewSummary { claimed_by: holder, ..review }),
        ..outline(api, person, order, estimate)
    })
}

fn newest_first<T>(mut rows: Vec<T>) -> Vec<T> {
    rows.reverse();
    rows
}

/// The key figures of the current version, if its service publishes any.
async fn figures(api: &Api, order: &Order) -> Result<Option<Value>, Problem> {
    let Some(name) = services::desk(order.service_code()).figures else { return Ok(None) };
    let current = order.artifacts().iter().find(|one| one.version == order.artifact_version() && one.name == name);
    let Some(current) = current else { return Ok(None) };
    let target = key::artifact(order, current.run, name);
    let found = api.bucket.find(&target, aws::bucket::OBJECT_BYTES_MAX).await?;
    Ok(found.and_then(|found| serde_json::from_slice(&found.bytes).ok()))
}

/// The documents with their executions, by number.
async fn documents(api: &Api, order: &Order, executions: &[Execution]) -> Vec<DocumentRow> {
    let executed = current(order, executions);
    let numbers: Vec<DocumentNumber> = DocumentNumber::all(order.documents()).collect();
    let names = if numbers.len() > NAMED_COUNT_MAX {
        vec![None; numbers.len()]
    } else {
        join_all(numbers.iter().map(|number| name(api, order, *number))).await
    };
    let row = |(number, name): (&DocumentNumber, Option<String>)| match executed
        .iter()
        .find(|execution| execution.number() == *number)
    {
        Some(execution) => DocumentRow::executed(execution, name),
        None => DocumentRow::uploaded(*number, name),
    };
    numbers.iter().zip(names).map(row).collect()
}

/// The name of an uploaded file, if it can be read.
async fn name(api: &Api, order: &Order, number: DocumentNumber) -> Option<String> {
    let target = key::document(order.firm_id(), order.order_id(), number);
    api.bucket.file_name(&target).await.ok().flatten()
}

/// What a person may do to an order now.
fn actions(person: &Person, order: &Order, uploads: Uploads) -> Actions {
    let may = |roles: &[Role]| person.is_any_of(roles);
    let is_draft = order.status() == Status::Draft;
    let has_failed = order.orchestration_status() == OrchestrationStatus::Failed;
    Actions {
        process: is_draft && may(&[Role::Preparer, Role::Operator]),
        upload: is_draft && may(&[Role::Preparer, Role::Operator]),
        uploads_directly: uploads == Uploads::ToBucket,
        retry: ((has_failed || order.is_paused()) && may(&[Role::Operator])).then(|| StartChoice::up_to(order.phase())),
        regenerate: (order.is_ended() && order.has_version() && may(&[Role::Preparer, Role::Operator]))
            .then(|| StartChoice::up_to(Phase::Generate)),
        cancel: !order.is_ended() && may(&[Role::Preparer, Role::Operator]),
        extend_review: order.is_paused() && may(&[Role::Reviewer, Role::Operator]),
        review: order.is_paused() && may(&[Role::Reviewer]),
    }
}

pub(super) async fn process(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
    form: Form,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Preparer, Role::Operator])?;
    let done = async { submit(&api, &person, &form.key()?, id).await };
    answer(&api, &person, id, done.await.map(drop), "processing").await
}

pub(super) async fn retry(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
    form: Form,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Operator])?;
    let done = async {
        let (run, start_from) = (form.number("run")?, phase(&form)?);
        let kind = |order: &Order| Ok(EventKind::Retried { run: named(order, Some(run))?, start_from });
        command(&api, &person, id, &form, AuditAction::OrderRetried, kind).await
    };
    answer(&api, &person, id, done.await, "retried").await
}

pub(super) async fn regenerate(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
    form: Form,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Preparer, Role::Operator])?;
    let done = async {
        let (run, start_from) = (form.number("run")?, phase(&form)?.unwrap_or(Phase::Generate));
        let kind = |order: &Order| Ok(EventKind::Regenerated { run: named(order, Some(run))?, start_from });
        command(&api, &person, id, &form, AuditAction::OrderRegenerated, kind).await
    };
    answer(&api, &person, id, done.await, "regenerated").await
}

pub(super) async fn cancel(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
    form: Form,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Preparer, Role::Operator])?;
    let done = async {
        if !form.is_set("confirm") {
            return Err(Problem::malformed("tick the box to cancel; it cannot be undone".to_owned()));
        }
        let run = form.number("run")?;
        let kind = |order: &Order| match order.run().get() == run {
            true => Ok(EventKind::Cancelled),
            false => Err(Problem::changed().about(order)),
        };
        command(&api, &person, id, &form, AuditAction::OrderCancelled, kind).await
    };
    answer(&api, &person, id, done.await, "cancelled").await
}

pub(super) async fn extend(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
    form: Form,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Reviewer, Role::Operator])?;
    let done = async {
        let run = form.number("run")?;
        let kind = |order: &Order| Ok(EventKind::ReviewExtended { run: named(order, Some(run))? });
        command(&api, &person, id, &form, AuditAction::ReviewExtended, kind).await
    };
    answer(&api, &person, id, done.await, "extended").await
}

/// The phase that a form names, if it names one.
fn phase(form: &Form) -> Result<Option<Phase>, Problem> {
    match form.text("start_from") {
        "" => Ok(None),
        name => match Phase::ALL.into_iter().find(|phase| phase.as_str() == name) {
            Some(phase) => Ok(Some(phase)),
            None => Err(Problem::malformed("there is no such phase".to_owned())),
        },
    }
}

/// Carries out the command of a form, for the reason that it gives.
async fn command(
    api: &Api,
    person: &Person,
    id: OrderId,
    form: &Form,
    action: AuditAction,
    kind: impl Fn(&Order) -> Result<EventKind, Problem>,
) -> Result<(), Problem> {
    let why = reason(form.text("reason"))?;
    let fields = ["run", "start_from", "reason"].map(|name| form.text(name));
    let command = Command {
        by: person,
        key: &form.key()?,
        fingerprint: digest(&[&[action.as_str()], &fields[..]].concat()),
        action,
        reason: Some(why),
    };
    change(api, command, id, kind).await.map(drop)
}

/// The order's page after a form: as it is now, or with why nothing was done.
async fn answer(
    api: &Api,
    person: &Person,
    id: OrderId,
    done: Result<(), Problem>,
    what: &str,
) -> Result<Response, Problem> {
    match done {
        Ok(()) => Ok(see(&format!("/orders/{id}?done={what}"))),
        Err(problem) => with_problem(api, person, id, &problem).await,
    }
}
