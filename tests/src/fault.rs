//! Injects faults at the AWS SDK's connector.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use engine::{Action, Call, Interceptor};

/// One AWS call of a run: the function that made it, and its number among that function's calls.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// Logical id of the function.
    pub function: String,
    /// Number of the call among all calls of the function, from 0.
    pub number: u64,
    /// The operation, e.g. `dynamodb:UpdateItem`; for people only.
    pub operation: String,
}

/// When a fault hits a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before it takes effect.
    Before,
    /// After it took effect; the answer is lost.
    After,
}

/// Records every call that functions make.
#[derive(Debug, Default)]
pub struct Recorder {
    counts: Mutex<BTreeMap<String, u64>>,
    points: Mutex<Vec<Point>>,
}

impl Recorder {
    /// The recorded calls.
    #[must_use]
    pub fn points(&self) -> Vec<Point> {
        self.points.lock().map(|points| points.clone()).unwrap_or_default()
    }
}

impl Interceptor for Recorder {
    fn before(&self, call: &Call) -> Action {
        if let Some(number) = next(&self.counts, call)
            && let Ok(mut points) = self.points.lock()
        {
            let operation = format!("{}:{}", call.service, call.operation);
            points.push(Point { function: call.scope.to_string(), number, operation });
        }
        Action::Pass
    }
}

/// Injects a fault into one call, once.
#[derive(Debug)]
pub struct Once {
    point: Point,
    moment: Moment,
    action: Action,
    counts: Mutex<BTreeMap<String, u64>>,
    armed: Mutex<Option<u64>>,
    hit: Mutex<bool>,
}

impl Once {
    /// Answers the call at `point` with `action`.
    #[must_use]
    pub fn new(point: Point, moment: Moment, action: Action) -> Arc<Self> {
        Arc::new(Self {
            point,
            moment,
            action,
            counts: Mutex::default(),
            armed: Mutex::default(),
            hit: Mutex::default(),
        })
    }

    /// Whether the call was made, and so hit.
    #[must_use]
    pub fn was_hit(&self) -> bool {
        self.hit.lock().is_ok_and(|hit| *hit)
    }

    fn strike(&self) -> Action {
        if let Ok(mut hit) = self.hit.lock() {
            *hit = true;
        }
        self.action.clone()
    }
}

impl Interceptor for Once {
    fn before(&self, call: &Call) -> Action {
        let here = next(&self.counts, call) == Some(self.point.number) && *call.scope == *self.point.function;
        if !here {
            return Action::Pass;
        }
        if self.moment == Moment::Before {
            return self.strike();
        }
        if let Ok(mut armed) = self.armed.lock() {
            *armed = Some(call.number);
        }
        Action::Pass
    }

    fn after(&self, call: &Call) -> Action {
        let here = self.armed.lock().is_ok_and(|armed| *armed == Some(call.number));
        if here { self.strike() } else { Action::Pass }
    }
}

/// Loses the first acknowledgement of every message, so that each is handled twice, the second time long after the
/// order has moved on.
#[derive(Debug, Default)]
pub struct DuplicateDelivery {
    seen: Mutex<BTreeMap<String, u32>>,
}

impl Interceptor for DuplicateDelivery {
    fn acknowledge(&self, _queue: &str, message_id: &str) -> bool {
        let Ok(mut seen) = self.seen.lock() else { return true };
        let count = seen.entry(message_id.to_owned()).or_default();
        *count += 1;
        *count > 1
    }
}

/// The number of this call among its function's calls; `None` for calls by others.
fn next(counts: &Mutex<BTreeMap<String, u64>>, call: &Call) -> Option<u64> {
    if !call.scope.ends_with("Function") {
        return None;
    }
    let mut counts = counts.lock().ok()?;
    let count = counts.entry(call.scope.to_string()).or_default();
    let number = *count;
    *count += 1;
    Some(number)
}
