//! How long phases took, and how long an order is likely to take still.

use domain::event::EventKind;
use domain::history::{Estimate, HISTORY_SCHEMA, History, Size, estimate};
use domain::option::Options;
use domain::order::Order;
use domain::phase::Phase;
use domain::service::ServiceCode;
use proptest::prelude::*;

use crate::{accepted, accepted_with, apply, artifact, at, claim, complete_event, regenerate, run};

/// An order without documents that goes through its phases, which end at these seconds.
fn through(ends: [i64; 5], options: Options) -> Order {
    let mut order = accepted_with(0, options);
    for (phase, end) in Phase::ALL.into_iter().zip(ends) {
        if order.phase() != phase || !order.is_active() {
            continue;
        }
        let artifacts = if phase == Phase::Generate { vec![artifact("cma.xlsx")] } else { Vec::new() };
        let claimed = claim(&order, end - 1, None);
        order = apply(&claimed, end, complete_event(&claimed, artifacts));
    }
    order
}

/// A history of `count` orders whose phases took 10, 20, 0, 30 and 40 seconds, queueing included.
fn history(count: usize) -> History {
    let mut history = History::default();
    (0..count).for_each(|_| history.add(&through([10, 30, 30, 60, 100], Options::default())));
    history
}

fn median(history: &History, phase: Phase) -> Option<f64> {
    history.of(ServiceCode::Canary, phase, Size::One).map(|known| (known.quantile(0.5) / 1_000.0).round())
}

/// Whether a figure from buckets is the real one, up to the width of a bucket.
fn is_about(told: f64, real: f64) -> bool {
    (real / 1.26..=real * 1.26).contains(&told)
}

#[test]
fn a_phase_takes_from_the_end_of_the_one_before_it() {
    let history = history(20);
    for (phase, seconds) in
        [(Phase::Extract, 10.0), (Phase::Classify, 20.0), (Phase::Validate, 30.0), (Phase::Generate, 40.0)]
    {
        let told = median(&history, phase).unwrap();
        assert!(is_about(told, seconds), "{phase}: {told} for {seconds}");
    }
}

#[test]
fn too_few_orders_say_nothing_and_other_sizes_help_out() {
    assert_eq!(median(&history(19), Phase::Extract), None);
    let history = history(20);
    assert!(history.of(ServiceCode::Canary, Phase::Extract, Size::More).is_some(), "any size is better than none");
    assert_eq!(history.of(ServiceCode::Cma, Phase::Extract, Size::One), None, "but no other service");
}

#[test]
fn sizes_are_told_apart_once_each_has_enough_orders() {
    let sizes = [0, 1, 2, 3, 4, 7, 8, 15, 16, 1_000].map(Size::of);
    use Size::{More, One, UpTo3, UpTo7, UpTo15};
    assert_eq!(sizes, [One, One, UpTo3, UpTo3, UpTo7, UpTo7, UpTo15, UpTo15, More, More]);
}

#[test]
fn what_says_little_about_the_next_order_is_left_out() {
    let mut history = history(20);
    let before = history.clone();
    // Not completed.
    history.add(&claim(&accepted(0), 1, None));
    // A later run.
    let again = regenerate(&through([10, 30, 30, 60, 100], Options::default()), Phase::Generate);
    let claimed = claim(&again, 150, None);
    history.add(&apply(&claimed, 9_000, complete_event(&claimed, vec![artifact("cma.xlsx")])));
    assert_eq!(history, before);
    // A phase that was skipped.
    (0..20).for_each(|_| {
        history.add(&through([10, 30, 30, 30, 70], Options { skip_validation: true, ..Options::default() }))
    });
    assert_eq!(median(&history, Phase::Validate), median(&before, Phase::Validate));
}

#[test]
fn the_wait_for_a_reviewer_is_nobodys_duration() {
    let mut order = accepted_with(0, Options::default());
    for end in [10, 30] {
        let claimed = claim(&order, end - 1, None);
        order = apply(&claimed, end, complete_event(&claimed, Vec::new()));
    }
    order = apply(&claim(&order, 31, None), 32, EventKind::ReviewNeeded { run: run(1), items: 3 });
    order = apply(&order, 90_000, EventKind::ReviewDecided { run: run(1), remaining: 0 });
    for end in [90_030, 90_070] {
        let claimed = claim(&order, end - 1, None);
        let artifacts = if order.phase() == Phase::Generate { vec![artifact("cma.xlsx")] } else { Vec::new() };
        order = apply(&claimed, end, complete_event(&claimed, artifacts));
    }
    let mut history = History::default();
    (0..20).for_each(|_| history.add(&order));
    assert_eq!(median(&history, Phase::Review), None);
    assert!(is_about(median(&history, Phase::Validate).unwrap(), 30.0));
}

#[test]
fn an_order_that_begins_takes_what_all_its_phases_took() {
    let Estimate::Seconds { p50, p90 } = estimate(&accepted(0), &history(50), at(0)) else {
        panic!("there is a history")
    };
    // 10 + 20 + 0 + 30 + 40 seconds; all orders took the same time, so the range is that of the buckets.
    assert!((80..=126).contains(&p50) && p90 >= p50 && p90 <= 140, "{p50} to {p90}");
}

#[test]
fn phases_that_are_over_or_left_out_do_not_count() {
    let seconds = |order: &Order, now| match estimate(order, &history(50), at(now)) {
        Estimate::Seconds { p50, .. } => p50,
        other => panic!("{other:?}"),
    };
    let extracted = claim(&accepted(0), 9, None);
    let extracted = apply(&extracted, 10, complete_event(&extracted, Vec::new()));
    assert!((72..=114).contains(&seconds(&extracted, 10)), "20 + 0 + 30 + 40");
    let skipping = accepted_with(0, Options { skip_validation: true, ..Options::default() });
    assert!((56..=90).contains(&seconds(&skipping, 0)), "10 + 20 + 0 + 40");
}

#[test]
fn a_phase_that_takes_longer_than_nearly_all_others_says_so_and_never_nothing() {
    let order = accepted(0);
    let history = history(50);
    let mut last = u64::MAX;
    for second in 0..12 {
        match estimate(&order, &history, at(second)) {
            Estimate::Seconds { p50, p90 } => {
                assert!(p50 >= 1 && p90 >= p50, "{p50} to {p90}");
                assert!(p50 <= last, "what is left does not grow while the phase is as usual");
                last = p50;
            }
            Estimate::LongerThanUsual => assert!(second >= 9, "10 s are usual, not {second}"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(estimate(&order, &history, at(60)), Estimate::LongerThanUsual);
}

#[test]
fn nothing_is_estimated_without_a_history_or_without_work() {
    assert_eq!(estimate(&accepted(0), &history(19), at(0)), Estimate::Unknown);
    let done = through([10, 30, 30, 60, 100], Options::default());
    assert_eq!(estimate(&done, &history(50), at(0)), Estimate::Idle);
    assert_eq!(estimate(&crate::paused(&accepted(1)), &history(50), at(0)), Estimate::Idle);
}

#[test]
fn a_history_reads_back_as_it_was_stored() {
    let history = history(3);
    let text = serde_json::to_string(&history).unwrap();
    assert_eq!(serde_json::from_str::<History>(&text).unwrap(), history);
    assert_eq!(history.schema(), HISTORY_SCHEMA);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Orders whose phases take random times: between 80 and 97 of 100 end by the 90th percentile that was told at their start.
    #[test]
    fn nine_of_ten_orders_end_within_the_range(scale in 2_i64..400, seed in any::<u64>()) {
        let mut state = seed | 1;
        // A generator of its own, so that one case is many orders.
        let mut draw = move |bound: i64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            i64::try_from(state % u64::try_from(bound).unwrap_or(1)).unwrap_or(0)
        };
        let mut ends = || {
            let mut end = 0;
            [(); 5].map(|()| {
                // Skewed as real durations are: one in eight takes up to five times as long.
                let slow = if draw(8) == 0 { 5 } else { 1 };
                end += 1 + scale + draw(scale * slow + 1);
                end
            })
        };
        let mut history = History::default();
        (0..200).for_each(|_| history.add(&through(ends(), Options::default())));
        let Estimate::Seconds { p90, .. } = estimate(&accepted(0), &history, at(0)) else { panic!("there is a history") };
        let within = (0..1_000).filter(|_| u64::try_from(ends()[4]).unwrap_or(0) <= p90).count();
        prop_assert!((800..=970).contains(&within), "{within} of 1000 within {p90} s");
    }
}
