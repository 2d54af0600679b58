//! Runs jobs in parallel on worker threads, one per core.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use crate::mode::report::Tally;
use crate::world::log::Log;
use crate::world::run::Runner;

/// The progress of a simulation. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    done: AtomicUsize,
    total: AtomicUsize,
}

impl Progress {
    /// How many jobs are done, and how many there are. A job is a seed, or a first fault of a sweep.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.0.done.load(Ordering::Relaxed), self.0.total.load(Ordering::Relaxed))
    }
}

/// Runs `work` on every job and adds up the outcomes.
pub(crate) fn run<J: Sync>(
    jobs: &[J],
    threads: Option<usize>,
    stop_at_first: bool,
    progress: &Progress,
    work: impl Fn(&mut Runner, &J, &mut Tally) + Sync,
) -> Tally {
    let began = Instant::now();
    let threads = threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    progress.0.total.fetch_add(jobs.len(), Ordering::Relaxed);
    let total = Mutex::new(Tally::default());
    let Ok(stack) = pipeline::stack(&pipeline::account()) else {
        return Tally::impossible("the template cannot be read");
    };
    thread::scope(|scope| {
        for _ in 0..threads.min(jobs.len()).max(1) {
            scope.spawn(|| {
                let log = Log::default();
                // Functions that run on this thread log only to `log`.
                let _guard = tracing::subscriber::set_default(log.clone());
                let mut runner = Runner::new(stack.clone(), log);
                let mut tally = Tally::default();
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    work(&mut runner, job, &mut tally);
                    progress.0.done.fetch_add(1, Ordering::Relaxed);
                    if stop_at_first && !tally.cases.is_empty() {
                        stop.store(true, Ordering::Relaxed);
                    }
                }
                total.lock().unwrap_or_else(PoisonError::into_inner).merge(tally);
            });
        }
    });
    let mut total = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    total.real = began.elapsed();
    total
}
