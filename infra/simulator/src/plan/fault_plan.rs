//! Plans what goes wrong in a run: nothing, what a seed draws, or given faults.

use std::collections::{BTreeMap, BTreeSet};

use strum::IntoEnumIterator as _;

use crate::plan::chance::{Dice, draw, within};
use crate::plan::fault::Fault;
use crate::plan::outage::{Dependency, Outage};
use domain::phase::Phase;

/// Longest outage that is drawn, in milliseconds.
const OUTAGE_MS_MAX: u64 = 60 * 60 * 1_000;
/// Longest rollout, during which two versions run side by side, in milliseconds.
const ROLLOUT_MS_MAX: u64 = 15 * 60 * 1_000;
/// Longest rollback, during which all functions run the previous version, in milliseconds.
const ROLLBACK_MS_MAX: u64 = 20 * 60 * 1_000;
/// How long a function is held: less than the day after which orders that stand in its phase may fail, in milliseconds.
const HELD_MS: i64 = 22 * 60 * 60 * 1_000;
/// Latest start of an outage or a rollout, in milliseconds from the start of a run.
const WINDOW_START_MS_MAX: u64 = 15 * 60 * 1_000;

/// What goes wrong.
#[derive(Clone, Debug, Default)]
pub(crate) enum FaultPlan {
    /// Nothing.
    #[default]
    Calm,
    /// Each call, delivery and invocation may be hit, as drawn from the seed.
    Random {
        seed: u64,
        /// Probability that a call is hit.
        rate: f64,
        /// Numbers of the draws that may inject a fault; all if `None`.
        keep: Option<BTreeSet<u64>>,
        /// Whether missing permissions are among the faults.
        denied: bool,
    },
    /// These faults hit calls, by number, and these dependencies are down.
    Fixed(BTreeMap<u64, Fault>, Vec<Outage>),
    /// These dependencies are down, and nothing else fails.
    Drill(Vec<Outage>),
    /// Nothing fails, and calls proceed in this order: each number says which of several waiting calls is next.
    CallOrder(Vec<usize>),
}

/// A fault that was injected in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InjectedFault {
    /// Number of the draw; `--keep` replays it without the others.
    pub number: u64,
    /// What it was and what it hit.
    pub what: String,
}

/// What is drawn from the seed. Each question has separate draws.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Question {
    Call = 1,
    Kind = 2,
    Latency = 3,
    Deliver = 5,
    Acknowledge = 6,
    Late = 7,
    Skew = 8,
    Stale = 9,
    Version = 10,
    Vanish = 11,
}

impl Question {
    /// Its probability, if a call is hit with probability `rate`.
    fn rate(self, rate: f64) -> f64 {
        match self {
            Self::Call | Self::Kind | Self::Latency | Self::Version => rate,
            Self::Late | Self::Skew | Self::Stale => rate / 2.0,
            Self::Acknowledge => rate / 4.0,
            Self::Deliver => rate / 8.0,
            Self::Vanish => rate / 16.0,
        }
    }
}

/// Outages and rollouts of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Windows {
    pub(crate) outages: Vec<Outage>,
    /// When the previous version runs alongside this one: start and end, in milliseconds from the start of the run.
    pub(crate) rollout: Option<(i64, i64)>,
    /// When all functions run the previous version again: start and end.
    pub(crate) rollback: Option<(i64, i64)>,
    /// A phase whose function is held, so that its queue is not polled: start and end.
    pub(crate) held: Option<(Phase, i64, i64)>,
    pub(crate) injected: Vec<InjectedFault>,
}

/// The first numbers belong to the windows; all other draws follow.
const OUTAGE_NUMBER: u64 = 0;
const ROLLOUT_NUMBER: u64 = 1;
/// The first number of all other draws.
pub(crate) const FIRST_NUMBER: u64 = 2;
/// Later kinds of faults have numbers beyond those of the other draws, which they leave as they were.
const ROLLBACK_NUMBER: u64 = 1 << 40;
const HELD_NUMBER: u64 = ROLLBACK_NUMBER + 1;
/// The first number of the draws of messages that vanish, one for each invocation.
pub(crate) const FIRST_VANISH_NUMBER: u64 = 1 << 41;

impl FaultPlan {
    /// The outages and rollouts of a run.
    pub(crate) fn windows(&self) -> Windows {
        match self {
            Self::Calm | Self::CallOrder(_) => Windows::default(),
            Self::Fixed(_, outages) | Self::Drill(outages) => {
                Windows { outages: outages.clone(), ..Windows::default() }
            }
            Self::Random { seed, rate, keep, .. } => drawn_windows(*seed, *rate, keep.as_ref()),
        }
    }

    /// The draw for `question`, if it injects something.
    pub(crate) fn hit(&self, question: Question, number: u64) -> Option<u64> {
        let Self::Random { seed, rate, keep, .. } = self else { return None };
        if keep.as_ref().is_some_and(|keep| !keep.contains(&number)) {
            return None;
        }
        let drawn = draw(*seed, number, question as u64);
        within(drawn, question.rate(*rate)).then(|| draw(*seed, number, question as u64 + 100))
    }

    /// The draw that belongs to `number` under this plan, whether or not it injects something.
    pub(crate) fn draw(&self, question: Question, number: u64) -> u64 {
        let seed = if let Self::Random { seed, .. } = self { *seed } else { 0 };
        draw(seed, number, question as u64)
    }

    /// The applicable fault that a draw chooses.
    pub(crate) fn choose(&self, drawn: u64, operation: &str, by_function: bool) -> Option<Fault> {
        let with_denied = matches!(self, Self::Random { denied: true, .. });
        let applies = |fault: &Fault| fault.applies(operation, by_function) || with_denied && *fault == Fault::Denied;
        let choice: Vec<Fault> = Fault::iter().filter(applies).collect();
        let index = usize::try_from(drawn % choice.len().max(1) as u64).ok()?;
        choice.get(index).copied()
    }
}

fn drawn_windows(seed: u64, rate: f64, keep: Option<&BTreeSet<u64>>) -> Windows {
    let mut dice = Dice::new(seed, 77);
    let mut windows = Windows::default();
    let kept = |number: u64| rate > 0.0 && keep.is_none_or(|keep| keep.contains(&number));
    let dependencies: Vec<Dependency> = Dependency::iter().collect();
    // Both are always drawn, so that leaving one out does not change the other.
    let (has_outage, dependency) = (dice.chance(0.2), dependencies[draw_index(&mut dice, dependencies.len())]);
    let (outage_from, outage_ms) = (millis(&mut dice, WINDOW_START_MS_MAX), millis(&mut dice, OUTAGE_MS_MAX));
    let has_rollout = dice.chance(0.25);
    let (rollout_from, rollout_ms) = (millis(&mut dice, WINDOW_START_MS_MAX), millis(&mut dice, ROLLOUT_MS_MAX));
    let (has_second, second) = (dice.chance(0.3), dependencies[draw_index(&mut dice, dependencies.len())]);
    let answers_only = dice.chance(0.4);
    if has_outage && kept(OUTAGE_NUMBER) {
        let mut down = vec![dependency];
        down.extend(Some(second).filter(|second| has_second && *second != dependency));
        let until_ms = outage_from + outage_ms;
        let outage = |dependency| Outage { dependency, from_ms: outage_from, until_ms, answers_only };
        windows.outages.extend(down.iter().copied().map(outage));
        let down: Vec<String> = windows.outages.iter().map(Outage::name).collect();
        let what = format!("outage of {} for {} s", down.join(" and "), outage_ms / 1_000);
        windows.injected.push(InjectedFault { number: OUTAGE_NUMBER, what });
    }
    if has_rollout && kept(ROLLOUT_NUMBER) {
        windows.rollout = Some((rollout_from, rollout_from + rollout_ms));
        let what = format!("two versions side by side for {} s", rollout_ms / 1_000);
        windows.injected.push(InjectedFault { number: ROLLOUT_NUMBER, what });
    }
    add_rollback(&mut windows, &mut Dice::new(seed, 78), kept(ROLLBACK_NUMBER));
    add_held(&mut windows, &mut Dice::new(seed, 79), kept(HELD_NUMBER));
    windows
}

fn add_rollback(windows: &mut Windows, dice: &mut Dice, is_kept: bool) {
    let (from, ms) = (millis(dice, WINDOW_START_MS_MAX), millis(dice, ROLLBACK_MS_MAX));
    if dice.chance(0.12) && is_kept {
        windows.rollback = Some((from, from + ms));
        let what = format!("the previous version again for {} s", ms / 1_000);
        windows.injected.push(InjectedFault { number: ROLLBACK_NUMBER, what });
    }
}

fn add_held(windows: &mut Windows, dice: &mut Dice, is_kept: bool) {
    let (from, phase) = (millis(dice, WINDOW_START_MS_MAX), Phase::ALL[draw_index(dice, Phase::ALL.len())]);
    if dice.chance(0.03) && is_kept {
        windows.held = Some((phase, from, from + HELD_MS));
        let what = format!("the function of {phase} is held for {} h", HELD_MS / 3_600_000);
        windows.injected.push(InjectedFault { number: HELD_NUMBER, what });
    }
}

fn millis(dice: &mut Dice, below: u64) -> i64 {
    i64::try_from(dice.below(below)).unwrap_or(0)
}

fn draw_index(dice: &mut Dice, len: usize) -> usize {
    usize::try_from(dice.below(len as u64)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_window_is_drawn_and_can_be_left_out() {
        let plan = |seed, keep| FaultPlan::Random { seed, rate: 0.2, keep, denied: false };
        let all: Vec<Windows> = (0..400).map(|seed| plan(seed, None).windows()).collect();
        let count = |has: &dyn Fn(&Windows) -> bool| all.iter().filter(|windows| has(windows)).count();
        assert!((20..80).contains(&count(&|windows| windows.rollback.is_some())));
        assert!((3..30).contains(&count(&|windows| windows.held.is_some())));
        assert!((50..150).contains(&count(&|windows| windows.rollout.is_some())));
        let none: Vec<_> = (0..400).map(|seed| plan(seed, Some(BTreeSet::new())).windows()).collect();
        assert!(none.iter().all(|windows| windows.injected.is_empty()));
    }
}
