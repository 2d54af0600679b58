//! The backup, which is the second store of completions, and when its losses were last alerted.

use std::sync::{Arc, Mutex, PoisonError};

use aws::backup::BackupLog;
use jiff::{SignedDuration, Timestamp};

/// Shortest time between two alerts of a process about completions lost in both stores, in seconds.
const QUIET_SECS: i64 = 300;

/// The backup, and when a loss in both stores was last alerted.
#[derive(Clone, Debug)]
pub struct Completions {
    log: BackupLog,
    alerted: Arc<Mutex<Option<Timestamp>>>,
}

impl Completions {
    /// Completions backed up in `log`.
    #[must_use]
    pub fn new(log: BackupLog) -> Self {
        Self { log, alerted: Arc::default() }
    }

    /// The backup.
    #[must_use]
    pub fn log(&self) -> &BackupLog {
        &self.log
    }

    /// Whether a loss is to be alerted now. It then counts as alerted.
    pub(crate) fn take_alert(&self, now: Timestamp) -> bool {
        let quiet = SignedDuration::from_secs(QUIET_SECS);
        let mut alerted = self.alerted.lock().unwrap_or_else(PoisonError::into_inner);
        if alerted.is_some_and(|last| now.duration_since(last) < quiet) {
            return false;
        }
        *alerted = Some(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use crate::pipeline::Pipeline;
    use crate::testing::{at, environment};

    #[test]
    fn a_loss_in_both_stores_is_alerted_once_in_five_minutes() {
        let (environment, _) = environment(&[]);
        let Ok(pipeline) = Pipeline::new(&environment, &[]) else { unreachable!("nothing is missing") };
        let alerted: Vec<_> = [0, 1, 299, 300, 301, 599, 600]
            .into_iter()
            .filter(|second| pipeline.completions.take_alert(at(*second)))
            .collect();
        assert_eq!(alerted, [0, 300, 600]);
    }
}
