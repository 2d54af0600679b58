//! When an order and its phases began and ended. Clocks of functions differ, so times of different functions are not compared.

use domain::order::Order;
use domain::phase::Phase;
use domain::status::{OrchestrationStatus, Status};

/// What is wrong with the times of an order's phases: those before the current one have ended, none after it has begun, and
/// none belongs to a run that has not begun.
pub(super) fn wrong(order: &Order) -> Option<String> {
    let is_complete = order.orchestration_status() == OrchestrationStatus::Completed;
    for phase in Phase::ALL {
        let Some(record) = order.phases().get(&phase) else {
            if phase < order.phase() || is_complete {
                return Some(format!("it is in {} and {phase} has no times", order.phase()));
            }
            continue;
        };
        if phase > order.phase() {
            return Some(format!("it is in {} and {phase} has begun", order.phase()));
        }
        if record.completed_at.is_none() && (phase < order.phase() || is_complete) {
            return Some(format!("it is in {} and {phase} has not ended", order.phase()));
        }
        if record.completed_at.is_some() && phase == order.phase() && !is_complete {
            return Some(format!("it is in {phase}, which has ended"));
        }
        if record.completed_at.is_some_and(|end| end < record.started_at) {
            return Some(format!("{phase} ended before it began"));
        }
        if record.run > order.run() {
            return Some(format!("{phase} belongs to run {}", record.run));
        }
    }
    None
}

/// A step that times may not make.
pub(super) fn step(before: &Order, next: &Order) -> Option<String> {
    if next.created_at() != before.created_at() {
        return Some("it was created at another time".to_owned());
    }
    if next.run() == before.run() {
        return same_run(before, next);
    }
    if next.run_started_at() == before.run_started_at() {
        return Some(format!("run {} began when run {} did", next.run(), before.run()));
    }
    // Earlier phases keep their times; those that are done again start anew.
    let kept = next
        .phases()
        .iter()
        .find(|(phase, record)| **phase >= next.phase() || before.phases().get(phase) != Some(*record));
    kept.map(|(phase, _)| format!("run {} starts at {} with other times of {phase}", next.run(), next.phase()))
}

fn same_run(before: &Order, next: &Order) -> Option<String> {
    // The first run of a draft begins when it is processed.
    let begins = before.status() == Status::Draft && next.status() != Status::Draft;
    if next.run_started_at() != before.run_started_at() && !begins {
        return Some(format!("run {} began a second time", next.run()));
    }
    let changed = before.phases().iter().find(|(phase, was)| {
        next.phases().get(phase).is_none_or(|is| {
            was.run == is.run && was.started_at != is.started_at || was.completed_at.is_some() && *is != **was
        })
    });
    changed.map(|(phase, _)| format!("the times of {phase} changed"))
}
