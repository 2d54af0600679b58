//! How far an order has come, in percent.

use domain::order::Order;
use domain::phase::Phase;
use domain::status::OrchestrationStatus;

/// Where a phase begins and ends, in percent.
fn band(phase: Phase) -> (u8, u8) {
    match phase {
        Phase::Extract => (0, 25),
        Phase::Classify => (25, 50),
        Phase::Review => (50, 60),
        Phase::Validate => (60, 80),
        Phase::Generate => (80, 100),
    }
}

/// A progress that does not fit the order: 100 % is for complete ones, all others are within their phase.
pub(super) fn wrong(order: &Order) -> Option<String> {
    let percent = order.progress_percent();
    let is_complete = order.orchestration_status() == OrchestrationStatus::Completed;
    let (from, to) = band(order.phase());
    let fits = if is_complete { percent == 100 } else { percent < 100 && (from..=to).contains(&percent) };
    (!fits).then(|| format!("it shows {percent} % as {} in {}", order.orchestration_status(), order.phase()))
}

/// A step that a progress may not make: it never falls within a run and starts anew in the next.
pub(super) fn step(before: &Order, next: &Order) -> Option<String> {
    let (was, is) = (before.progress_percent(), next.progress_percent());
    if next.run() == before.run() {
        return (is < was).then(|| format!("progress {is} % follows {was} %"));
    }
    let (from, to) = band(next.phase());
    // Documents that an earlier run read are not read again, unless all are asked for.
    let kept = if next.phase() == Phase::Extract && next.documents() > 0 {
        u32::from(to - from) * u32::try_from(next.terminal().len()).unwrap_or(0) / next.documents()
    } else {
        0
    };
    let start = u32::from(from) + kept;
    (u32::from(is) != start).then(|| format!("run {} starts with {is} % instead of {start} %", next.run()))
}
