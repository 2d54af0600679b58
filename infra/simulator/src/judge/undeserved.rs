//! Failures without a reason: nothing about the order and nothing that was done to its function explains them. An outage never
//! does.

use std::collections::BTreeMap;

use domain::limit::ATTEMPT_COUNT_MAX;
use domain::order::Order;
use domain::phase::Phase;
use domain::service::ServiceCode;

use crate::judge::audit::Table;
use crate::judge::violation::{Kind, Violation};
use crate::plan::fault_plan::FaultPlan;
use crate::plan::mark;
use crate::plan::workload::{OrderPlan, Workload};

/// Failures that neither their order nor the faults explain. `ends` counts the invocations that gave no answer.
pub(crate) fn undeserved(
    table: &Table,
    workload: &Workload,
    plan: &FaultPlan,
    ends: &BTreeMap<String, u64>,
) -> Vec<Violation> {
    let failures = table.failures_of_orders();
    let undeserved = failures.filter_map(|(order, key, code)| {
        let planned = workload.orders.iter().find(|plan| plan.id == order.order_id());
        if planned.is_some_and(|planned| is_deserved(planned, code)) || is_explained(code, plan, ends) {
            return None;
        }
        if code != "extract.no_document_left" {
            return Some(violation(order, code, ""));
        }
        // It follows from the failures of its documents, each of which is judged by itself.
        let documents = table.codes_of_documents(key);
        let are_all = u32::try_from(documents.len()).is_ok_and(|count| count == order.documents());
        (!are_all).then(|| violation(order, code, &format!(", its documents with {documents:?}")))
    });
    undeserved.collect()
}

fn violation(order: &Order, code: &str, documents: &str) -> Violation {
    Violation::new(Kind::Undeserved, "I1", format!("{} failed with {code}{documents}", order.order_id()))
}

/// Whether the order itself is a reason.
fn is_deserved(plan: &OrderPlan, code: &str) -> bool {
    let failing = u32::try_from(plan.options.canary_failures.len()).unwrap_or(u32::MAX);
    let has_broken_file = plan.files.iter().any(|(_, bytes)| *bytes == mark::broken());
    match code {
        "service.not_offered" => plan.service == ServiceCode::Underwriting,
        "canary.made_to_fail" => failing > 0,
        "message.dead_lettered" => plan.kills.is_some(),
        "review.expired" => plan.desk.as_ref().is_some_and(|desk| desk.expires),
        // Others belong to a message that no order accepts, such as a command that came too late or another submission.
        "message.unreadable" | "message.ahead" | "order.id_taken" => true,
        // What reconciliation could not repair does not fail an order, e.g. one that was submitted again after it was removed.
        _ if code.starts_with("reconcile.") => true,
        _ => code.starts_with("file.") && has_broken_file || code.starts_with("command."),
    }
}

/// Whether the faults are a reason: the function was stopped as often as a unit may be claimed, or it had no time.
fn is_explained(code: &str, plan: &FaultPlan, ends: &BTreeMap<String, u64>) -> bool {
    let (is_faulty, is_denied) = match plan {
        FaultPlan::Random { denied, .. } => (true, *denied),
        FaultPlan::Fixed(..) => (true, false),
        FaultPlan::Calm | FaultPlan::Drill(_) | FaultPlan::CallOrder(_) => (false, false),
    };
    match code {
        "message.dead_lettered" => Phase::ALL.iter().any(|phase| stops(ends, *phase) >= u64::from(ATTEMPT_COUNT_MAX)),
        "phase.deadline" => is_faulty,
        "aws.refused" | "order.overdue" => is_denied,
        _ => false,
    }
}

/// How often the function of a phase was stopped.
fn stops(ends: &BTreeMap<String, u64>, phase: Phase) -> u64 {
    let of_phase = ends.iter().filter(|(end, _)| end.to_lowercase().starts_with(phase.as_str()));
    of_phase.map(|(_, count)| count).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crashes_explain_a_dead_letter_and_an_outage_explains_nothing() {
        let ends = |count| BTreeMap::from([("ClassifyFunction killed".to_owned(), count)]);
        let random = FaultPlan::Random { seed: 1, rate: 0.2, keep: None, denied: false };
        let drill = FaultPlan::Drill(Vec::new());
        assert!(is_explained("message.dead_lettered", &random, &ends(6)));
        assert!(!is_explained("message.dead_lettered", &random, &ends(5)));
        for plan in [&random, &drill] {
            for code in ["aws.unavailable", "aws.refused", "order.overdue", "executions.incomplete", "phase.panicked"] {
                assert!(!is_explained(code, plan, &ends(6)), "{code}");
            }
        }
        assert!(is_explained("phase.deadline", &random, &ends(0)) && !is_explained("phase.deadline", &drill, &ends(0)));
    }

    #[test]
    fn an_order_deserves_the_failures_that_it_asks_for() {
        let plans = Workload::of(7, 400).orders;
        let deserving = |code: &str| plans.iter().filter(|plan| is_deserved(plan, code)).count();
        for code in ["service.not_offered", "canary.made_to_fail", "file.broken"] {
            assert!((1..200).contains(&deserving(code)), "{code}: {}", deserving(code));
        }
        assert_eq!(deserving("aws.refused") + deserving("order.overdue"), 0);
        let killing = plans.iter().filter(|plan| plan.kills.is_some()).count();
        assert_eq!((deserving("message.dead_lettered"), killing > 0), (killing, true));
    }
}
