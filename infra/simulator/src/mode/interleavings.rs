//! Every order in which the calls of invocations that meet can touch the table: no interleaving is left to chance.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::mode::workers;
use crate::plan::fault_plan::Plan;
use crate::mode::report::{Case, Report, Tally};
use crate::plan::scenario::{self, Scenario, UnknownScenario};
use crate::mode::single_and_pairs::{Sweep, other_endings};
use crate::judge::violation::Violation;
use crate::world::run::Outcome;

/// Runs every order of calls of the scenarios in which invocations meet; of the largest, those that depart in a few places
/// from the order in which the calls came.
///
/// An order is the choice of who goes on, each time that several calls wait for the table. A run makes the choices it is
/// given and the first one from there on; what it could have chosen otherwise there makes the runs that follow from it. So
/// each order is run exactly once.
///
/// # Errors
/// When no scenario has the name that is asked for.
pub fn interleavings(sweep: &Sweep) -> Result<Report, UnknownScenario> {
    let mut total = Tally::default();
    for scenario in scenario::chosen(scenario::meeting(), sweep.scenario.as_deref())? {
        total.merge(every_order(sweep, &scenario));
    }
    Ok(total.report("interleavings"))
}

fn every_order(sweep: &Sweep, scenario: &Scenario) -> Tally {
    let mut total = Tally::default();
    let first = Mutex::new(None);
    let mut jobs = vec![sweep.turns.clone().unwrap_or_default()];
    while !jobs.is_empty() {
        let following = Mutex::new(Vec::new());
        let tally = workers::run(&jobs, sweep.threads, false, &sweep.progress, |stage, turns, tally| {
            let undisturbed = {
                let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
                let run = || stage.run(0, &scenario.workload, &Plan::Turns(Vec::new())).endings;
                first.get_or_insert_with(run).clone()
            };
            stage.mistake = sweep.mistake;
            let outcome = stage.run(0, &scenario.workload, &Plan::Turns(turns.clone()));
            stage.mistake = None;
            let others = alternatives(turns, &outcome.choices, scenario.departures_max);
            // What follows from a broken run is broken as well, and may never end.
            if look(scenario, turns, outcome, &undisturbed, tally) {
                following.lock().unwrap_or_else(PoisonError::into_inner).extend(others);
            }
        });
        total.merge(tally);
        let is_first = jobs.iter().all(Vec::is_empty);
        jobs = if sweep.turns.is_some() {
            Vec::new()
        } else {
            following.into_inner().unwrap_or_else(PoisonError::into_inner)
        };
        if is_first {
            sweep.keep_share(&mut jobs);
        }
    }
    total
}

/// The choices that a run with these `turns` could have made otherwise after them, in one more place.
fn alternatives(turns: &[usize], choices: &[usize], departures_max: Option<usize>) -> Vec<Vec<usize>> {
    let mut all = Vec::new();
    let departures = turns.iter().filter(|turn| **turn > 0).count();
    if departures_max.is_some_and(|max| departures >= max) {
        return all;
    }
    for (index, several) in choices.iter().enumerate().skip(turns.len()) {
        let mut before = turns.to_vec();
        before.resize(index, 0);
        all.extend((1..*several).map(|other| [before.as_slice(), &[other]].concat()));
    }
    all
}

/// Adds what came of a run; `true` when it broke nothing.
fn look(
    scenario: &Scenario,
    turns: &[usize],
    outcome: Outcome,
    undisturbed: &BTreeMap<String, u64>,
    tally: &mut Tally,
) -> bool {
    let mut outcome = outcome;
    if scenario.steady {
        outcome.violations.extend(other_endings(&outcome.endings, undisturbed));
    }
    if !outcome.violations.is_empty() {
        tally.cases.push(case(scenario, turns, &outcome.violations));
    }
    let is_clean = outcome.violations.is_empty();
    tally.add(outcome);
    is_clean
}

fn case(scenario: &Scenario, turns: &[usize], violations: &[Violation]) -> Case {
    let text: Vec<String> = turns.iter().map(usize::to_string).collect();
    let turns = if text.is_empty() { "none".to_owned() } else { text.join(",") };
    let replay = format!("docket simulate --mode interleavings --scenario {} --turns {turns}", scenario.name);
    Case { seed: None, replay, faults: Vec::new(), violations: violations.to_vec() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// How many of `lengths` processes' steps are left to choose from, after `turns` and then always the first.
    fn choices(lengths: &[usize], turns: &[usize]) -> (Vec<usize>, Vec<usize>) {
        let (mut left, mut choices, mut went) = (lengths.to_vec(), Vec::new(), Vec::new());
        loop {
            let waiting: Vec<usize> = (0..left.len()).filter(|index| left[*index] > 0).collect();
            let index = match waiting.len() {
                0 => return (choices, went),
                1 => 0,
                several => {
                    let chosen = turns.get(choices.len()).copied().unwrap_or(0);
                    choices.push(several);
                    chosen
                }
            };
            left[waiting[index]] -= 1;
            went.push(waiting[index]);
        }
    }

    #[test]
    fn every_order_is_run_once() {
        let (mut jobs, mut runs, mut orders) = (vec![Vec::new()], 0, BTreeSet::new());
        while let Some(turns) = jobs.pop() {
            let (choices, went) = choices(&[2, 2, 1], &turns);
            jobs.extend(alternatives(&turns, &choices, None));
            orders.insert(went);
            runs += 1;
        }
        // 5! / (2! 2! 1!)
        assert_eq!((runs, orders.len()), (30, 30));
    }

    #[test]
    fn no_run_departs_more_often_than_allowed() {
        let once = alternatives(&[], &[2, 3], Some(1));
        assert_eq!(once, [vec![1], vec![0, 1], vec![0, 2]]);
        assert!(alternatives(&[0, 1], &[2, 3, 2], Some(1)).is_empty());
    }
}
