//! What clients, operators and reviewers do in a run, planned from its seed.

use std::collections::BTreeSet;

use domain::id::{DocumentNumber, FirmId, OrderId};
use domain::message::Command;
use domain::option::{Confidence, Options};
use domain::service::ServiceCode;

use crate::plan::chance::Dice;
use crate::plan::mark;

/// The firms that order.
const FIRMS: [&str; 3] = ["alpha", "beta", "gamma"];
/// Over how long the orders of a run come in, in milliseconds.
const ARRIVAL_MS_MAX: u64 = 10 * 60 * 1_000;
/// Salt of the dice of a workload.
const SALT: u64 = 4_242;

/// One order of a run, and what is done about it.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) firm: FirmId,
    pub(crate) order: OrderId,
    pub(crate) service: ServiceCode,
    /// Files to upload.
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) documents: u32,
    pub(crate) options: Options,
    /// When it is submitted, in milliseconds from the start.
    pub(crate) at_ms: u64,
    /// The submission is sent once more so many milliseconds later.
    pub(crate) again_after_ms: Option<u64>,
    /// It is cancelled so many milliseconds after its submission.
    pub(crate) cancel_after_ms: Option<u64>,
    /// Somebody removes it from the table so many milliseconds after its submission.
    pub(crate) remove_after_ms: Option<u64>,
    /// Commands that are given whatever became of it, each so many milliseconds after its submission.
    pub(crate) given: Vec<(u64, Command)>,
    /// How often somebody looks and does what there is to do: retries, decides, orders a further version.
    pub(crate) looks: u32,
    /// Whether decisions are stored when it waits, rather than all proposals accepted.
    pub(crate) decides: bool,
    /// Whether a further version is ordered.
    pub(crate) regenerates: bool,
}

/// A text that somebody puts into a queue.
#[derive(Clone, Debug)]
pub(crate) struct Stray {
    pub(crate) at_ms: u64,
    pub(crate) queue: Target,
    pub(crate) body: String,
}

/// Which queue a text is put into.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// Any that feeds a function, counted through.
    Any(u64),
    /// The one with this logical id.
    Of(&'static str),
    /// The dead letters of the one with this logical id.
    DeadLettersOf(&'static str),
}

/// All that happens from outside.
#[derive(Clone, Debug, Default)]
pub(crate) struct Workload {
    pub(crate) wishes: Vec<Wish>,
    pub(crate) strays: Vec<Stray>,
    /// Whether the run begins shortly before the daily canary.
    pub(crate) at_canary: bool,
    /// Whether it goes on until reconciliation has nothing to look after any more.
    pub(crate) until_reconciled: bool,
}

impl Workload {
    /// The workload of a seed.
    pub(crate) fn of(seed: u64, orders: usize) -> Self {
        let mut dice = Dice::new(seed, SALT);
        let wishes =
            (0..orders).filter_map(|index| wish(&mut Dice::new(seed, SALT + 1 + index as u64), index)).collect();
        let strays = (0..dice.below(3)).map(|_| stray(&mut dice)).collect();
        Self { wishes, strays, at_canary: dice.chance(0.25), until_reconciled: dice.chance(0.125) }
    }
}

fn wish(dice: &mut Dice, index: usize) -> Option<Wish> {
    let firm = FIRMS[usize::try_from(dice.below(FIRMS.len() as u64)).unwrap_or(0)].parse().ok()?;
    let at_ms = dice.below(ARRIVAL_MS_MAX);
    let random = u128::from(dice.next()) << 16 | index as u128;
    let mut wish = Wish {
        firm,
        order: OrderId::from_parts(1_767_603_600_000 + at_ms, random),
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
    };
    match dice.below(100) {
        0..30 => {}
        30..65 => fan_in(&mut wish, dice, false),
        65..75 => fan_in(&mut wish, dice, true),
        75..83 => leave_out(&mut wish, dice),
        83..94 => statements(&mut wish, dice),
        94..97 => wish.service = ServiceCode::Underwriting,
        // Refused at intake: no documents, or a start in the middle.
        _ => wish.service = ServiceCode::Cma,
    }
    if wish.service == ServiceCode::Underwriting {
        wish.documents = 1;
    }
    wish.remove_after_ms = dice.chance(0.03).then(|| dice.below(120_000));
    Some(wish)
}

/// A canary with documents, of which some fail, or all.
fn fan_in(wish: &mut Wish, dice: &mut Dice, all_fail: bool) {
    wish.documents = 1 + u32::try_from(dice.below(4)).unwrap_or(0);
    let failing: BTreeSet<_> = DocumentNumber::all(wish.documents).filter(|_| dice.chance(0.25) || all_fail).collect();
    wish.options.canary_failures = failing;
    wish.options.force_reprocess = dice.chance(0.2);
}

/// A canary without some of its phases.
fn leave_out(wish: &mut Wish, dice: &mut Dice) {
    wish.options.skip_review = dice.chance(0.7);
    wish.options.skip_validation = dice.chance(0.7);
}

/// A small CMA; it waits for a reviewer or not, and one of its files may be broken.
fn statements(wish: &mut Wish, dice: &mut Dice) {
    let waits = dice.chance(0.5);
    wish.service = ServiceCode::Cma;
    wish.files = vec![(mark::file_name(1), mark::statement(waits))];
    if dice.chance(0.3) {
        wish.files.push((mark::file_name(2), mark::broken()));
    }
    wish.documents = u32::try_from(wish.files.len()).unwrap_or(0);
    wish.options.skip_review = !waits;
    if waits && let Ok(all) = Confidence::try_from(1.0) {
        wish.options.auto_approve_above = all;
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
