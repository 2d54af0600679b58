//! The clients that every phase needs. They are built once at start-up and borrowed for each event.

use aws::alert::Alerts;
use aws::queue::{Queues, SourceQueue};
use aws::sdk::Clock;
use aws::store::Store;
use domain::phase::Phase;

use crate::completions::Completions;
use crate::environment::{Environment, MissingVariable};
use crate::metric::Metrics;

/// The clients of a function that takes part in the hand-off protocol.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// Orders and failure records.
    pub store: Store,
    /// Queues of the phases it may hand off to.
    pub queues: Queues,
    /// The queue it is fed from; none for a function that is fed from several queues and relies on their visibility
    /// timeouts.
    pub source: Option<SourceQueue>,
    /// The topic for failures.
    pub alerts: Alerts,
    /// The backup of completions.
    pub completions: Completions,
    /// The function's metrics.
    pub metrics: Metrics,
    /// The time.
    pub clock: Clock,
}

impl Pipeline {
    /// The clients of a phase's function: it hands off to the phases after it.
    ///
    /// # Errors
    /// [`MissingVariable`] names the variable.
    pub fn of_phase(environment: &Environment, phase: Phase) -> Result<Self, MissingVariable> {
        let later: Vec<_> = Phase::ALL.into_iter().filter(|other| *other > phase).collect();
        Ok(Self { source: Some(environment.source()?), ..Self::new(environment, &later)? })
    }

    /// The clients of a function that hands off to `phases`.
    ///
    /// # Errors
    /// [`MissingVariable`] names the variable.
    pub fn new(environment: &Environment, phases: &[Phase]) -> Result<Self, MissingVariable> {
        Ok(Self {
            store: environment.store()?,
            queues: environment.queues(phases)?,
            source: None,
            alerts: environment.alerts()?,
            completions: Completions::new(environment.backup()?),
            metrics: environment.metrics()?,
            clock: Clock::of(environment.sdk()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::environment;

    const QUEUES: &[&str] =
        &["EXTRACT_QUEUE_URL", "CLASSIFY_QUEUE_URL", "REVIEW_QUEUE_URL", "VALIDATE_QUEUE_URL", "GENERATE_QUEUE_URL"];

    #[test]
    fn a_phase_needs_the_queues_of_the_phases_after_it_and_no_other() {
        let missing = |missing: &'static [&'static str], phase| {
            Pipeline::of_phase(&environment(missing).0, phase).map(|pipeline| pipeline.source.is_some())
        };
        let needs = |name| Err(MissingVariable { name });
        assert_eq!(missing(QUEUES, Phase::Generate), Ok(true), "the last phase hands off to none");
        assert_eq!(missing(&QUEUES[..4], Phase::Validate), Ok(true));
        assert_eq!(missing(&QUEUES[..1], Phase::Extract), Ok(true));
        assert_eq!(missing(&QUEUES[1..2], Phase::Extract), needs("CLASSIFY_QUEUE_URL"));
        assert_eq!(missing(&QUEUES[4..], Phase::Extract), needs("GENERATE_QUEUE_URL"));
        assert_eq!(missing(&QUEUES[4..], Phase::Validate), needs("GENERATE_QUEUE_URL"));
        assert_eq!(missing(&["SOURCE_QUEUE_URL"], Phase::Validate), needs("SOURCE_QUEUE_URL"));
    }
}
