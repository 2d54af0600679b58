//! Whose turn it is: calls that touch the table wait until nothing else moves, and then go on one at a time, in an order that
//! is chosen. So every order in which invocations can meet is had by choosing, and none by chance.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{Notify, oneshot};

use crate::world::clients;
use engine::{Call, Service};

/// Between two turns. Virtual time passes only when everything waits, so one tick is enough to know that all do.
const TICK: Duration = Duration::from_millis(1);

/// The calls that wait, and who goes next.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    queue: Mutex<Queue>,
    stirred: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    /// By number of the call.
    waiting: BTreeMap<u64, oneshot::Sender<()>>,
    /// For each time that several waited: which of them went on. The first one, where nothing is chosen.
    chosen: Vec<usize>,
    /// For each time that several waited: how many.
    choices: Vec<usize>,
}

impl Turns {
    /// Turns with these choices, and the first of those who wait from then on.
    pub(crate) fn new(chosen: Vec<usize>) -> Self {
        Self { queue: Mutex::new(Queue { chosen, ..Queue::default() }), stirred: Notify::new() }
    }

    /// How many waited, each time that several did.
    pub(crate) fn choices(&self) -> Vec<usize> {
        self.queue().choices.clone()
    }

    /// What a call waits for, where its place in the order matters: what touches the table, and what a client sends.
    pub(crate) fn of(&self, call: &Call) -> Option<BoxFuture<'static, ()>> {
        let is_sent = call.service == Service::Sqs && [clients::SCOPE, clients::FOREIGN].contains(&&*call.scope);
        if call.service != Service::DynamoDb && !is_sent {
            return None;
        }
        let (give, turn) = oneshot::channel();
        self.queue().waiting.insert(call.number, give);
        self.stirred.notify_one();
        Some(turn.map(drop).boxed())
    }

    /// Gives turns for as long as it is polled.
    pub(crate) async fn give(self: Arc<Self>) {
        loop {
            self.stirred.notified().await;
            tokio::time::sleep(TICK).await;
            while self.queue().next() {
                tokio::time::sleep(TICK).await;
            }
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Lets one call go on; `false` when none waits.
    fn next(&mut self) -> bool {
        // A caller that is gone waits no more.
        self.waiting.retain(|_, give| !give.is_closed());
        let index = match self.waiting.len() {
            0 => return false,
            1 => 0,
            several => {
                let chosen = self.chosen.get(self.choices.len()).copied().unwrap_or(0);
                self.choices.push(several);
                chosen.min(several - 1)
            }
        };
        if let Some(number) = self.waiting.keys().nth(index).copied()
            && let Some(give) = self.waiting.remove(&number)
        {
            // Fails only when the caller is gone, and then there is nothing to go on.
            let _ = give.send(());
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chosen_one_of_several_goes_on_and_a_single_one_is_no_choice() {
        let turns = Turns::new(vec![1, 0]);
        let mut waits: BTreeMap<u64, oneshot::Receiver<()>> = BTreeMap::new();
        for number in [3, 5, 9] {
            let (give, turn) = oneshot::channel();
            turns.queue().waiting.insert(number, give);
            waits.insert(number, turn);
        }
        let mut went = Vec::new();
        while turns.queue().next() {
            went.extend(waits.iter_mut().filter_map(|(number, turn)| turn.try_recv().is_ok().then_some(*number)));
        }
        assert_eq!(went, [5, 3, 9]);
        assert_eq!(turns.choices(), [3, 2]);
    }

    #[test]
    fn a_call_whose_caller_is_gone_is_passed_over() {
        let turns = Turns::new(Vec::new());
        let (give, turn) = oneshot::channel();
        turns.queue().waiting.insert(1, give);
        drop(turn);
        assert!(!turns.queue().next());
    }
}
