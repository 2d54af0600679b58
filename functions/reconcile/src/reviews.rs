//! Sees to orders that wait for a reviewer: reminds the reviewers, tells the operators, and fails an order whose review nobody
//! ended.

use aws::key::WatchList;
use domain::audit::AuditAction;
use domain::completion::Completion;
use domain::event::EventKind;
use domain::failure::FailureId;
use domain::notice::{AlertId, Notice};
use domain::order::Order;
use domain::review::{Due, Told, next_due};
use runtime::alerting::{OwedAlert, publish_owed};

use crate::claims::OWNER;
use crate::orders::{append_all, completion_of, decision, read, write};
use crate::pass::Pass;

/// Limit on the waiting orders that one pass sees to.
const ORDER_COUNT_MAX: usize = 1_000;

/// Sees to every order whose review has something due.
pub(crate) async fn see_to_due(pass: &mut Pass<'_>) {
    let now = pass.pipeline.clock.now();
    let entries = match pass.pipeline.store.watched(WatchList::Reviews, now, ORDER_COUNT_MAX).await {
        Ok((entries, unreadable)) => {
            pass.defer_unreadable(unreadable);
            entries
        }
        Err(error) => return pass.defer(None, &error),
    };
    let mut changed = Vec::new();
    for entry in entries {
        if !pass.has_time() {
            break;
        }
        match read(pass, &entry).await {
            Ok(Some(order)) => {
                let done = match pass.review_due(&order) {
                    // Its deadlines were moved after it was listed.
                    Some(due) if due > now => pass.pipeline.store.postpone_review(&order, due).await,
                    _ => see_to(pass, &order, &mut changed).await,
                };
                if let Err(error) = done {
                    pass.defer(Some(order.order_id()), &error);
                }
            }
            Ok(None) => {}
            Err(error) => pass.defer(Some(entry.order_id), &error),
        }
    }
    append_all(pass, "reviews", changed).await;
}

/// Does what is due about one waiting order, if anything is, and adds it to `changed`.
pub(crate) async fn see_to(pass: &Pass<'_>, order: &Order, changed: &mut Vec<Completion>) -> Result<(), aws::Error> {
    let Some((due, at)) = next_due(order, &pass.deadlines) else { return Ok(()) };
    if at > pass.pipeline.clock.now() {
        return Ok(());
    }
    let run = order.run();
    let (kind, action) = match due {
        Due::Tell(Told::Reviewers) => (EventKind::ReviewReminded { run }, AuditAction::ReviewReminded),
        Due::Tell(Told::Operators) => (EventKind::ReviewEscalated { run }, AuditAction::ReviewEscalated),
        Due::Expire => (EventKind::ReviewExpired { run }, AuditAction::ReviewExpired),
    };
    let Some(decision) = decision(pass, order, kind) else { return Ok(()) };
    if !write(pass, order, &decision, action).await? {
        return Ok(());
    }
    pass.report(order, action);
    changed.push(completion_of(decision.order(), Some(order.phase())));
    let owed: Option<AlertId> = match due {
        Due::Expire => Some(FailureId::of(run, order.phase(), None).into()),
        Due::Tell(_) => decision.notice().map(|notice: &Notice| notice.notice_id.clone().into()),
    };
    if let Some(id) = owed {
        let alert = OwedAlert { firm: order.firm_id(), order: order.order_id(), id: &id, owner: OWNER };
        // What cannot be published now stays owed, and a later pass finds it.
        let _ = publish_owed(pass.pipeline, alert, Some(decision.order())).await?;
    }
    Ok(())
}
