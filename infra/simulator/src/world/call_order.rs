//! Controls the order of calls: calls that touch the table wait until nothing else runs, then proceed one at a time in a
//! chosen order. How invocations interleave is therefore chosen rather than left to chance.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{Notify, oneshot};

use crate::world::clients;
use engine::{Call, Service};

/// Time between two calls. Virtual time only passes while everything waits, so after one tick all calls are waiting.
const TICK: Duration = Duration::from_millis(1);

/// The waiting calls and the choice of the next one.
#[derive(Debug, Default)]
pub(crate) struct CallOrder {
    queue: Mutex<Queue>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    /// The waiting calls, by number.
    waiting: BTreeMap<u64, oneshot::Sender<()>>,
    /// Which call proceeds, each time several wait; the first one where nothing is chosen.
    chosen: Vec<usize>,
    /// How many calls waited, each time several did.
    choices: Vec<usize>,
}

impl CallOrder {
    /// The order given by these choices. After them, the first waiting call always proceeds.
    pub(crate) fn new(chosen: Vec<usize>) -> Self {
        Self { queue: Mutex::new(Queue { chosen, ..Queue::default() }), arrived: Notify::new() }
    }

    /// How many calls waited, each time that several did.
    pub(crate) fn choices(&self) -> Vec<usize> {
        self.queue().choices.clone()
    }

    /// Makes a call wait if its place in the order matters: a call to the table, or a message that a client sends.
    pub(crate) fn wait(&self, call: &Call) -> Option<BoxFuture<'static, ()>> {
        let is_sent = call.service == Service::Sqs && [clients::SCOPE, clients::FOREIGN].contains(&&*call.scope);
        if call.service != Service::DynamoDb && !is_sent {
            return None;
        }
        let (release, released) = oneshot::channel();
        self.queue().waiting.insert(call.number, release);
        self.arrived.notify_one();
        Some(released.map(drop).boxed())
    }

    /// Lets the waiting calls proceed, one at a time, for as long as it is polled.
    pub(crate) async fn run(self: Arc<Self>) {
        loop {
            self.arrived.notified().await;
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
    /// Lets one call proceed; `false` if none is waiting.
    fn next(&mut self) -> bool {
        // Callers that are gone no longer wait.
        self.waiting.retain(|_, release| !release.is_closed());
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
            && let Some(release) = self.waiting.remove(&number)
        {
            // Fails only when the caller is gone.
            let _ = release.send(());
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chosen_call_of_several_goes_on_and_a_single_call_is_not_a_choice() {
        let order = CallOrder::new(vec![1, 0]);
        let mut waits: BTreeMap<u64, oneshot::Receiver<()>> = BTreeMap::new();
        for number in [3, 5, 9] {
            let (release, released) = oneshot::channel();
            order.queue().waiting.insert(number, release);
            waits.insert(number, released);
        }
        let mut went = Vec::new();
        while order.queue().next() {
            went.extend(
                waits.iter_mut().filter_map(|(number, released)| released.try_recv().is_ok().then_some(*number)),
            );
        }
        assert_eq!(went, [5, 3, 9]);
        assert_eq!(order.choices(), [3, 2]);
    }

    #[test]
    fn a_call_whose_caller_is_gone_is_skipped() {
        let order = CallOrder::new(Vec::new());
        let (release, released) = oneshot::channel();
        order.queue().waiting.insert(1, release);
        drop(released);
        assert!(!order.queue().next());
    }
}
