//! Plans what clients, operators and reviewers do in a run.

use std::collections::BTreeSet;

use domain::id::{DocumentNumber, FirmId, OrderId};
use domain::message::Command;
use domain::option::{Confidence, Options};
use domain::phase::Phase;
use domain::service::ServiceCode;

use crate::plan::chance::Dice;
use crate::plan::desk::DeskPlan;
use crate::plan::mark;

/// The firms that the orders belong to.
const FIRMS: [&str; 3] = ["alpha", "beta", "gamma"];
/// Time over which the orders of a run arrive, in milliseconds.
pub(crate) const ARRIVAL_MS_MAX: u64 = 10 * 60 * 1_000;
/// Salt of the draws of a workload.
const SALT: u64 = 4_242;
/// Salt of the draws of habits, which are separate so that they do not change the other draws.
const HABITS: u64 = 1_000_000;
/// Longest time after which somebody has second thoughts about a command, in milliseconds.
const SECOND_THOUGHTS_MS_MAX: u64 = 4_000;

/// One order of a run, and what people do with it.
#[derive(Clone, Debug)]
pub(crate) struct OrderPlan {
    pub(crate) firm: FirmId,
    pub(crate) id: OrderId,
    pub(crate) service: ServiceCode,
    /// Files to upload.
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) documents: u32,
    pub(crate) options: Options,
    /// When it is submitted, in milliseconds from the start.
    pub(crate) at_ms: u64,
    /// When the submission is sent a second time, in milliseconds after the first.
    pub(crate) again_after_ms: Option<u64>,
    /// When it is cancelled, in milliseconds after its submission.
    pub(crate) cancel_after_ms: Option<u64>,
    /// When an administrator deletes it from the table, in milliseconds after its submission.
    pub(crate) remove_after_ms: Option<u64>,
    /// Commands that are sent whatever its state, each with its milliseconds after the submission.
    pub(crate) given: Vec<(u64, Command)>,
    /// How often somebody checks it and does what it needs: retries, decides, orders a new version.
    pub(crate) looks: u32,
    /// Whether a reviewer stores decisions if it waits; otherwise all proposals are accepted.
    pub(crate) decides: bool,
    /// Whether a new version is ordered once it is complete.
    pub(crate) regenerates: bool,
    /// What else people do with it.
    pub(crate) habits: Habits,
    /// The phase whose function is killed whenever it works on the order.
    pub(crate) kills: Option<Phase>,
    /// How people use the API for it; otherwise they send commands through the queue.
    pub(crate) desk: Option<DeskPlan>,
}

/// Habits of the people behind an order.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Habits {
    /// Whether the client replaces the first file before ordering a new version, which then starts at `extract`.
    pub(crate) replaces_file: bool,
    /// Whether the reviewer leaves the doubtful line out; otherwise the decisions are empty.
    pub(crate) leaves_out: bool,
    /// Whether a new version that failed or was cancelled is ordered once more, rather than retried.
    pub(crate) orders_again: bool,
    /// Whether the first file is broken, and the client replaces it by a good one before a retry, which then starts at `extract`.
    pub(crate) mends_file: bool,
    /// A cancellation after each of the commands above.
    pub(crate) second_thoughts: Option<SecondThoughts>,
}

/// A cancellation that names a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SecondThoughts {
    /// When it is sent, in milliseconds after the command.
    pub(crate) after_ms: u64,
    /// Whether it names the run before the command, so that it must not end the one after it.
    pub(crate) is_stale: bool,
}

/// A message from outside the pipeline in one of its queues.
#[derive(Clone, Debug)]
pub(crate) struct Stray {
    pub(crate) at_ms: u64,
    pub(crate) queue: Target,
    pub(crate) body: String,
}

/// The queue of a stray message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// Any queue that feeds a function, chosen by a number.
    Any(u64),
    /// The queue with this logical id.
    Of(&'static str),
    /// The dead-letter queue of the queue with this logical id.
    DeadLettersOf(&'static str),
}

/// Everything that happens to the pipeline from outside.
#[derive(Clone, Debug, Default)]
pub(crate) struct Workload {
    pub(crate) orders: Vec<OrderPlan>,
    pub(crate) strays: Vec<Stray>,
    /// Whether the run starts shortly before the daily canary.
    pub(crate) at_canary: bool,
    /// Whether the run lasts until reconciliation no longer watches any order.
    pub(crate) until_reconciled: bool,
    /// How many documents an invocation takes at most; as many as the template says if `None`.
    pub(crate) documents_at_once: Option<u32>,
    /// After how many hours reviewers are reminded, operators are told and reviews expire; as the template says if `None`.
    pub(crate) review_hours: Option<[u32; 3]>,
}

impl Workload {
    /// The workload of a seed.
    pub(crate) fn of(seed: u64, orders: usize) -> Self {
        let mut dice = Dice::new(seed, SALT);
        let plan = |index: usize| {
            let mut plan = plan_order(&mut Dice::new(seed, SALT + 1 + index as u64), index)?;
            add_habits(&mut plan, &mut Dice::new(seed, SALT + HABITS + index as u64));
            Some(plan)
        };
        let orders = (0..orders).filter_map(plan).collect();
        let strays = (0..dice.below(3)).map(|_| stray(&mut dice)).collect();
        let (at_canary, until_reconciled) = (dice.chance(0.25), dice.chance(0.125));
        let documents_at_once = [None, Some(1), Some(3)][usize::try_from(dice.below(3)).unwrap_or(0)];
        Self { orders, strays, at_canary, until_reconciled, documents_at_once, review_hours: None }
    }
}

fn plan_order(dice: &mut Dice, index: usize) -> Option<OrderPlan> {
    let firm = FIRMS[usize::try_from(dice.below(FIRMS.len() as u64)).unwrap_or(0)].parse().ok()?;
    let at_ms = dice.below(ARRIVAL_MS_MAX);
    let random = u128::from(dice.next()) << 16 | index as u128;
    let mut plan = OrderPlan {
        firm,
        id: OrderId::from_parts(1_767_603_600_000 + at_ms, random),
        service: ServiceCode::Canary,
        files: Vec::new(),
        documents: 0,
        options: Options::default(),
        at_ms,
        again_after_ms: dice.chance(0.2).then(|| dice.below(120_000)),
        cancel_after_ms: dice.chance(0.12).then(|| dice.below(120_000)),
        remove_after_ms: None,
        given: Vec::new(),
        looks: u32::try_from(dice.below(5)).unwrap_or(0),
        decides: dice.chance(0.5),
        regenerates: dice.chance(0.5),
        habits: Habits::default(),
        kills: None,
        desk: None,
    };
    match dice.below(100) {
        0..30 => {}
        30..65 => fan_in(&mut plan, dice, false),
        65..75 => fan_in(&mut plan, dice, true),
        75..83 => skip_phases(&mut plan, dice),
        83..94 => statements(&mut plan, dice),
        94..97 => plan.service = ServiceCode::Underwriting,
        // Refused at intake: it has no documents.
        _ => plan.service = ServiceCode::Cma,
    }
    if plan.service == ServiceCode::Underwriting {
        plan.documents = 1;
    }
    plan.remove_after_ms = dice.chance(0.03).then(|| dice.below(120_000));
    Some(plan)
}

/// What people do beside the plan of an order, and what the order does to functions.
fn add_habits(plan: &mut OrderPlan, dice: &mut Dice) {
    let (after_ms, is_stale) = (dice.below(SECOND_THOUGHTS_MS_MAX), dice.chance(0.5));
    plan.habits = Habits {
        replaces_file: dice.chance(0.7),
        leaves_out: dice.chance(0.7),
        orders_again: dice.chance(0.5),
        second_thoughts: dice
            .chance(if plan.files.is_empty() { 0.25 } else { 0.5 })
            .then_some(SecondThoughts { after_ms, is_stale }),
        mends_file: dice.chance(0.3) && !plan.files.is_empty(),
    };
    if plan.habits.mends_file
        && let Some((_, file)) = plan.files.first_mut()
    {
        *file = mark::broken();
    }
    let kills = dice.chance(0.04);
    if kills && plan.service == ServiceCode::Canary {
        plan.kills = Some([Phase::Classify, Phase::Generate][usize::try_from(dice.below(2)).unwrap_or(0)]);
    }
}

/// A canary with documents, of which some or all fail.
fn fan_in(plan: &mut OrderPlan, dice: &mut Dice, all_fail: bool) {
    let documents = if dice.chance(0.06) { 5 + dice.below(36) } else { 1 + dice.below(4) };
    plan.documents = u32::try_from(documents).unwrap_or(1);
    let failing: BTreeSet<_> = DocumentNumber::all(plan.documents).filter(|_| dice.chance(0.25) || all_fail).collect();
    plan.options.canary_failures = failing;
    plan.options.force_reprocess = dice.chance(0.2);
}

/// A canary that skips some phases.
fn skip_phases(plan: &mut OrderPlan, dice: &mut Dice) {
    plan.options.skip_review = dice.chance(0.7);
    plan.options.skip_validation = dice.chance(0.7);
}

/// A small CMA order. It may need a reviewer, and one of its files may be broken.
fn statements(plan: &mut OrderPlan, dice: &mut Dice) {
    let waits = dice.chance(0.5);
    plan.service = ServiceCode::Cma;
    plan.files = vec![(mark::file_name(1), mark::statement(waits, 0))];
    if dice.chance(0.3) {
        plan.files.push((mark::file_name(2), mark::broken()));
    }
    plan.documents = u32::try_from(plan.files.len()).unwrap_or(0);
    plan.options.skip_review = !waits;
    if waits && let Ok(all) = Confidence::try_from(1.0) {
        plan.options.auto_approve_above = all;
    }
}

fn stray(dice: &mut Dice) -> Stray {
    let nobody = OrderId::from_parts(1, u128::from(dice.next()));
    let (at_ms, queue) = (dice.below(ARRIVAL_MS_MAX), Target::Any(dice.next()));
    let phase = ["extract", "classify", "review", "validate", "generate"][usize::try_from(dice.below(5)).unwrap_or(0)];
    let body = match dice.below(4) {
        0 => format!("not of this pipeline, {}", mark::TOKEN),
        1 => format!("{{\"hello\": \"{}\"}}", mark::TOKEN),
        2 => format!(
            "{{\"schema\":1,\"order_id\":\"{nobody}\",\"firm_id\":\"alpha\",\"run\":1,\"phase\":\"{phase}\",\
             \"correlation_id\":\"stray\"}}"
        ),
        _ => format!(
            "{{\"schema\":1,\"command_id\":\"stray\",\"order_id\":\"{nobody}\",\"firm_id\":\"beta\",\
             \"command\":\"retry\",\"run\":1}}"
        ),
    };
    Stray { at_ms, queue, body }
}
