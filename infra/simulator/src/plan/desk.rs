//! Plans how people use the API in a run.

use domain::id::FirmId;
use domain::option::{Confidence, Options};
use domain::person::{Person, Role};
use domain::service::ServiceCode;

use crate::plan::chance::Dice;
use crate::plan::mark;
use crate::plan::workload::{OrderPlan, Workload};

/// Salt of the draws about the API, which are separate so that they do not change the other draws.
const SALT: u64 = 77_000_000;
/// The deadlines of reviews where orders are meant to reach them.
const SHORT_HOURS: [u32; 3] = [1, 2, 3];
/// Longest time by which a late reviewer misses the deadline, or is before it, in milliseconds.
const LATE_MS_MAX: u64 = 4 * 60 * 1_000;
/// The firm of a stranger. It has no orders.
const STRANGER: &str = "delta";

/// How people use the API for an order.
#[derive(Clone, Debug)]
pub(crate) struct DeskPlan {
    /// The people.
    pub(crate) people: People,
    /// Whether the order is created, uploaded and processed through the API; otherwise it is submitted through the queue.
    pub(crate) creates: bool,
    /// Whether two reviewers submit the same review at the same time.
    pub(crate) submits_twice: bool,
    /// When somebody resumes the order although it may not wait yet, in milliseconds after its submission.
    pub(crate) resumes_early_ms: Option<u64>,
    /// Whether a reviewer asks for more time before deciding.
    pub(crate) extends: bool,
    /// When the reviewer of an order that waits for long decides, in milliseconds after the order began to wait: about when its
    /// review expires.
    pub(crate) decides_late_ms: Option<u64>,
    /// When somebody of another firm tries to read and to cancel it, in milliseconds after its submission.
    pub(crate) stranger_ms: u64,
    /// Whether reviews expire soon, so that an order may fail of it.
    pub(crate) expires: bool,
}

impl Workload {
    /// The workload of a seed, with people who use the API.
    pub(crate) fn through_desk(seed: u64, orders: usize) -> Self {
        let mut workload = Self::of(seed, orders);
        let expires = Dice::new(seed, SALT).chance(0.25);
        workload.review_hours = expires.then_some(SHORT_HOURS);
        for (index, plan) in workload.orders.iter_mut().enumerate() {
            let mut dice = Dice::new(seed, SALT + 1 + index as u64);
            if dice.chance(0.3) {
                let_wait(plan, &mut dice);
            }
            let Some(desk) = plan_desk(plan, expires, &mut dice) else { continue };
            if desk.creates
                && let Some(id) = api::order_id(&desk.people.preparer, &creation_key(index))
            {
                plan.id = id;
                plan.again_after_ms = None;
            }
            plan.desk = Some(desk);
        }
        workload
    }
}

/// Makes an order one that waits for a reviewer, and gives it one: most of what people do with the API is about reviews.
fn let_wait(plan: &mut OrderPlan, dice: &mut Dice) {
    plan.service = ServiceCode::Cma;
    plan.files = vec![(mark::file_name(1), mark::statement(true, 0))];
    plan.documents = 1;
    plan.options = Options::default();
    if let Ok(all) = Confidence::try_from(1.0) {
        plan.options.auto_approve_above = all;
    }
    (plan.kills, plan.cancel_after_ms, plan.habits.mends_file) = (None, None, false);
    (plan.looks, plan.decides) = (plan.looks.max(2), dice.chance(0.8));
}

fn plan_desk(plan: &OrderPlan, expires: bool, dice: &mut Dice) -> Option<DeskPlan> {
    let has_real_files = plan.service == ServiceCode::Cma && !plan.files.is_empty();
    let is_bare = plan.service == ServiceCode::Canary && plan.documents == 0;
    let late = u64::from(SHORT_HOURS[2]) * 3_600_000 + dice.below(2 * LATE_MS_MAX);
    Some(DeskPlan {
        people: People::of(&plan.firm)?,
        creates: (has_real_files || is_bare) && dice.chance(0.6),
        submits_twice: dice.chance(0.4),
        resumes_early_ms: dice.chance(0.3).then(|| dice.below(120_000)),
        extends: dice.chance(0.2),
        decides_late_ms: (expires && dice.chance(0.6)).then(|| late.saturating_sub(LATE_MS_MAX)),
        stranger_ms: dice.below(240_000),
        expires,
    })
}

/// The key under which the order with this number is created.
pub(crate) fn creation_key(index: usize) -> String {
    format!("create-{index}")
}

/// The people behind an order.
#[derive(Clone, Debug)]
pub(crate) struct People {
    /// Whoever orders.
    pub(crate) preparer: Person,
    /// Whoever orders, as an operator: only they may order without a review.
    pub(crate) ordering_operator: Person,
    /// One of two reviewers.
    pub(crate) reviewer: Person,
    /// The other one.
    pub(crate) other_reviewer: Person,
    /// Whoever is called when something fails.
    pub(crate) operator: Person,
    /// Somebody with every role in another firm.
    pub(crate) stranger: Person,
}

impl People {
    fn of(firm: &FirmId) -> Option<Self> {
        let person = |firm: &FirmId, user: &str, roles: &[Role]| {
            let roles = roles.iter().copied().collect();
            Some(Person { firm: firm.clone(), user: user.parse().ok()?, roles })
        };
        Some(Self {
            preparer: person(firm, "pia", &[Role::Preparer])?,
            ordering_operator: person(firm, "pia", &[Role::Operator])?,
            reviewer: person(firm, "rita", &[Role::Reviewer])?,
            other_reviewer: person(firm, "rolf", &[Role::Reviewer])?,
            operator: person(firm, "olga", &[Role::Operator])?,
            stranger: person(&STRANGER.parse().ok()?, "stan", Role::ALL)?,
        })
    }
}
