//! How often failed work is tried again, how long it waits for a dependency, and where a retry has to start.

use domain::failure::{Category, Failure, FailureId, PANICKED, REFUSED, retry_from};
use domain::phase::Phase;

use crate::{at, broken_file, doc, run};

fn outage() -> Failure {
    Failure::unavailable("aws.throttled", "Wait.")
}

#[test]
fn work_waits_up_to_a_day_for_a_dependency_that_is_away_and_up_to_an_hour_for_one_that_refuses() {
    let refused = Failure::unavailable(REFUSED, "Correct the permission.");
    for (failure, secs) in [(outage(), 86_400), (refused, 3_600)] {
        let waits = |now| failure.is_waited_out(Some(at(7)), at(now));
        assert!(waits(7) && waits(7 + secs - 1), "{}", failure.code);
        assert!(!waits(7 + secs) && !waits(7 + secs + 1), "{}", failure.code);
        assert!(failure.is_waited_out(None, at(7)), "{}: what has not begun has not waited", failure.code);
    }
}

#[test]
fn only_an_outage_is_waited_out() {
    for failure in [broken_file(), Failure::transient("phase.timeout", "Retry."), broken_file().of_one_document()] {
        assert!(!failure.is_waited_out(Some(at(7)), at(7)), "{:?}", failure.category);
    }
}

#[test]
fn an_outage_that_is_no_longer_waited_out_is_recorded_as_worth_a_retry() {
    assert_eq!(outage().recorded().category, Category::Transient);
    for failure in [broken_file(), broken_file().of_one_document()] {
        assert_eq!(failure.clone().recorded(), failure, "any other failure is recorded as it is");
    }
}

#[test]
fn a_transient_failure_is_retried_three_times_a_panic_once_and_anything_else_never() {
    let panic = |category| Failure { category, code: PANICKED.into(), message: "Report it.".into() };
    for (failure, retries) in [
        (Failure::transient("phase.timeout", "Retry."), 3),
        (panic(Category::Permanent), 1),
        (panic(Category::Transient), 3),
        (broken_file(), 0),
        (broken_file().of_one_document(), 0),
        (outage(), 0),
    ] {
        assert_eq!(failure.retry_count_max(), retries, "{} {:?}", failure.code, failure.category);
    }
}

#[test]
fn a_retry_starts_where_it_does_not_meet_the_same_failure_again() {
    for (code, phase) in [
        ("result.unreadable", Some(Phase::Extract)),
        ("review.decisions", Some(Phase::Review)),
        ("statements.unit", Some(Phase::Review)),
        ("phase.timeout", None),
        ("review.expired", None),
    ] {
        assert_eq!(retry_from(code), phase, "{code}");
    }
}

#[test]
fn the_failures_of_a_runs_documents_are_found_by_what_their_ids_begin_with() {
    let id = FailureId::of(run(2), Phase::Extract, Some(doc(12)));
    assert_eq!(FailureId::prefix_of_documents(run(2)), "r2-extract-d");
    assert_eq!(id.document(), Some(doc(12)));
    for other in ["r2-extract", "r2-extract-d0", "r2-extract-dx", "message-abc"] {
        assert_eq!(FailureId::stored(other).document(), None, "{other}");
    }
}
