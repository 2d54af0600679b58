//! Interleavings: tries every order in which concurrent invocations can reach the table.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::judge::violation::Violation;
use crate::mode::report::{Case, Report, Tally};
use crate::mode::single_and_pairs::{Sweep, other_endings};
use crate::mode::workers;
use crate::plan::fault_plan::FaultPlan;
use crate::plan::scenario::{self, Scenario, UnknownScenario};
use crate::world::run::Outcome;

/// Runs every order of calls of the concurrent scenarios. Of the largest scenarios, it runs the orders that differ in a few
/// places from the order in which the calls arrived.
///
/// An order of calls consists of choices: one each time several calls wait for the table. A run makes the choices it is
/// given, then always lets the first call proceed. Every other choice it could have made after the given ones becomes
/// another run, so each order is run exactly once.
///
/// # Errors
/// When no scenario has the name that is asked for.
pub fn interleavings(sweep: &Sweep) -> Result<Report, UnknownScenario> {
    let mut total = Tally::default();
    for scenario in scenario::chosen(scenario::concurrent(), sweep.scenario.as_deref())? {
        total.merge(every_order(sweep, &scenario));
    }
    Ok(total.report("interleavings"))
}

fn every_order(sweep: &Sweep, scenario: &Scenario) -> Tally {
    let mut total = Tally::default();
    let first = Mutex::new(None);
    let mut jobs = vec![sweep.call_order.clone().unwrap_or_default()];
    while !jobs.is_empty() {
        let following = Mutex::new(Vec::new());
        let tally = workers::run(&jobs, sweep.threads, false, &sweep.progress, |runner, choices, tally| {
            let undisturbed = {
                let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
                let run = || runner.run(0, &scenario.workload, &FaultPlan::CallOrder(Vec::new())).endings;
                first.get_or_insert_with(run).clone()
            };
            runner.mistake = sweep.mistake;
            let outcome = runner.run(0, &scenario.workload, &FaultPlan::CallOrder(choices.clone()));
            runner.mistake = None;
            let others = alternatives(choices, &outcome.choices, scenario.departures_max);
            // Runs derived from a broken one are broken as well, and may never end.
            if check(scenario, choices, outcome, &undisturbed, tally) {
                following.lock().unwrap_or_else(PoisonError::into_inner).extend(others);
            }
        });
        total.merge(tally);
        let is_first = jobs.iter().all(Vec::is_empty);
        jobs = if sweep.call_order.is_some() {
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

/// The choices of the runs to derive from one that was `given` some: the same, followed by one different choice. `waiting`
/// lists how many calls there were to choose from each time.
fn alternatives(given: &[usize], waiting: &[usize], departures_max: Option<usize>) -> Vec<Vec<usize>> {
    let mut all = Vec::new();
    let departures = given.iter().filter(|choice| **choice > 0).count();
    if departures_max.is_some_and(|max| departures >= max) {
        return all;
    }
    for (index, several) in waiting.iter().enumerate().skip(given.len()) {
        let mut before = given.to_vec();
        before.resize(index, 0);
        all.extend((1..*several).map(|other| [before.as_slice(), &[other]].concat()));
    }
    all
}

/// Checks the outcome of a run and adds it to the tally; `true` if nothing was violated.
fn check(
    scenario: &Scenario,
    choices: &[usize],
    outcome: Outcome,
    undisturbed: &BTreeMap<String, u64>,
    tally: &mut Tally,
) -> bool {
    let mut outcome = outcome;
    if scenario.steady {
        outcome.violations.extend(other_endings(&outcome.endings, undisturbed));
    }
    if !outcome.violations.is_empty() {
        tally.cases.push(case(scenario, choices, &outcome.violations));
    }
    let is_clean = outcome.violations.is_empty();
    tally.add(outcome);
    is_clean
}

fn case(scenario: &Scenario, choices: &[usize], violations: &[Violation]) -> Case {
    let text: Vec<String> = choices.iter().map(usize::to_string).collect();
    let choices = if text.is_empty() { "none".to_owned() } else { text.join(",") };
    let replay = format!("docket simulate --mode interleavings --scenario {} --turns {choices}", scenario.name);
    Case { seed: None, replay, faults: Vec::new(), violations: violations.to_vec() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Runs processes of the given `lengths` in steps, by the `given` choices and then always the first process. Returns
    /// how many processes it could choose from each time, and which one made each step.
    fn run(lengths: &[usize], given: &[usize]) -> (Vec<usize>, Vec<usize>) {
        let (mut left, mut choices, mut order) = (lengths.to_vec(), Vec::new(), Vec::new());
        loop {
            let waiting: Vec<usize> = (0..left.len()).filter(|index| left[*index] > 0).collect();
            let index = match waiting.len() {
                0 => return (choices, order),
                1 => 0,
                several => {
                    let chosen = given.get(choices.len()).copied().unwrap_or(0);
                    choices.push(several);
                    chosen
                }
            };
            left[waiting[index]] -= 1;
            order.push(waiting[index]);
        }
    }

    #[test]
    fn every_order_is_run_once() {
        let (mut jobs, mut runs, mut orders) = (vec![Vec::new()], 0, BTreeSet::new());
        while let Some(given) = jobs.pop() {
            let (choices, order) = run(&[2, 2, 1], &given);
            jobs.extend(alternatives(&given, &choices, None));
            orders.insert(order);
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
