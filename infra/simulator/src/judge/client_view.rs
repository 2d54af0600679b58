//! What a client may see of an order, as `docs/ARCHITECTURE.md`, `docs/guide` and the design describe it: its status, why it
//! failed, its progress, the versions of its documents and its times.
//!
//! The rules are written from the documentation. They do not call `domain::lifecycle::decide`, which the functions use
//! themselves: a mistake in `decide` would be one in the judge as well.

mod asked;
mod failure;
mod progress;
mod state;
mod time;
mod version;

use domain::message::Command;
use domain::order::Order;

/// What is wrong with an order as it was just written. `asked` are the commands for it that the writer was given, if it takes
/// commands; `before` is the order that was replaced.
pub(crate) fn wrong_step(before: Option<&Order>, next: &Order, asked: Option<&[Command]>) -> Vec<String> {
    let mut wrong = wrong_state(next);
    if let Some(before) = before {
        wrong.extend(progress::step(before, next));
        wrong.extend(version::step(before, next));
        wrong.extend(time::step(before, next));
        wrong.extend(asked.and_then(|asked| asked::step(before, next, asked)));
    }
    wrong
}

/// What is wrong with an order, whatever it was before. Also asked at the end of a run.
pub(crate) fn wrong_state(order: &Order) -> Vec<String> {
    let mut wrong: Vec<String> = state::wrong(order).into_iter().collect();
    wrong.extend(failure::wrong(order));
    wrong.extend(progress::wrong(order));
    wrong.extend(version::wrong(order));
    wrong.extend(time::wrong(order));
    wrong
}

#[cfg(test)]
mod tests;
