//! Failures by cause, and retries of all orders of one.

use axum::extract::State;
use axum::response::Response;
use desk::page::{FailedOrder, FailureGroup, FailuresPage, RetriesPage, RetryOutcome, RetryResult};
use domain::id::RunNumber;
use domain::order::Order;
use domain::person::{Person, Role};
use domain::phase::Phase;
use jiff::Timestamp;
use serde::Deserialize;

use super::form::Form;
use super::{frame, html, refused, see};
use crate::Api;
use crate::access::Signed;
use crate::problem::Problem;
use crate::request::{Asked, reason};
use crate::route::failure::{CauseView, causes, code, failed};
use crate::route::retries::{self, RetriesBody, RetriesPath};

/// Orders of one cause that are listed beside others.
const LISTED_COUNT_MAX: usize = 20;

/// Which failures are shown.
#[derive(Default, Deserialize)]
pub(super) struct Shown {
    code: Option<String>,
}

pub(super) async fn list(
    State(api): State<Api>,
    signed: Signed,
    Asked(asked): Asked<Shown>,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Operator])?;
    Ok(html(page(&api, &person, asked.code).await?.render()))
}

async fn page(api: &Api, person: &Person, wanted: Option<String>) -> Result<FailuresPage, Problem> {
    let wanted = wanted.filter(|code| !code.is_empty());
    let mut orders = failed(api, person).await?.orders;
    if let Some(wanted) = &wanted {
        orders.retain(|order| code(order) == wanted);
    }
    let listed_max = if wanted.is_some() { usize::MAX } else { LISTED_COUNT_MAX };
    let groups = causes(&orders).into_iter().filter_map(|cause| group(&orders, cause, listed_max)).collect();
    Ok(FailuresPage {
        frame: frame(api, person),
        idempotency_key: (api.correlate)(),
        now: api.pipeline.clock.now(),
        code: wanted,
        groups,
        older: None,
        may_retry: true,
    })
}

fn group(orders: &[Order], cause: CauseView, listed_max: usize) -> Option<FailureGroup> {
    let mine: Vec<&Order> = orders.iter().filter(|order| code(order) == cause.code).collect();
    let failed = |order: &Order| {
        let error = order.last_orchestration_error()?;
        Some(FailedOrder {
            order_id: order.order_id(),
            service_code: order.service_code(),
            phase: error.phase,
            failed_at: error.at,
        })
    };
    let all: Vec<FailedOrder> = mine.iter().filter_map(|order| failed(order)).collect();
    let phases = Phase::ALL.into_iter().filter(|phase| all.iter().any(|one| one.phase == *phase)).collect();
    Some(FailureGroup {
        code: cause.code,
        message: cause.message,
        count: u32::try_from(cause.count).unwrap_or(u32::MAX),
        newest: all.iter().map(|one| one.failed_at).max()?,
        phases,
        orders: all.into_iter().take(listed_max).collect(),
    })
}

pub(super) async fn retry(State(api): State<Api>, signed: Signed, form: Form) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Operator])?;
    let done = async {
        let body = RetriesBody {
            code: form.text("code").to_owned(),
            reason: reason(form.text("reason"))?,
            expected: usize::try_from(form.number("expected")?).unwrap_or(usize::MAX),
        };
        retries::retry_all(&api, &person, &form.key()?, &body).await
    };
    match done.await {
        Ok(view) => Ok(see(&format!("/retries/{}", view.retries_id))),
        Err(problem) => {
            let mut page = page(&api, &person, None).await?;
            page.frame = refused(page.frame, &problem);
            let mut response = html(page.render());
            *response.status_mut() = problem.status();
            Ok(response)
        }
    }
}

pub(super) async fn results(
    State(api): State<Api>,
    signed: Signed,
    RetriesPath(id): RetriesPath,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Operator])?;
    let view = retries::stored(&api, &person, &id.to_string()).await?.ok_or_else(Problem::not_found)?;
    let results: Vec<RetryResult> = view.results.iter().filter_map(result).collect();
    let page = RetriesPage {
        frame: frame(&api, &person),
        id: view.retries_id,
        code: view.code,
        reason: view.reason,
        by: view.by,
        at: view.at.parse().unwrap_or(Timestamp::UNIX_EPOCH),
        expected: u32::try_from(results.len()).unwrap_or(u32::MAX),
        results,
        is_finished: true,
    };
    Ok(html(page.render()))
}

fn result(of: &retries::RetryResult) -> Option<RetryResult> {
    let run = of.run.and_then(|run| RunNumber::try_from(run).ok());
    let outcome = match (of.outcome.as_str(), run) {
        ("retried", Some(run)) => RetryOutcome::Retried(run),
        ("order.processing", _) => RetryOutcome::NoLongerFailed,
        ("order.other_run" | "order.changed", _) => RetryOutcome::Changed,
        _ => RetryOutcome::NotReached(of.detail.clone().unwrap_or_default()),
    };
    Some(RetryResult { order_id: of.order_id.parse().ok()?, outcome })
}
