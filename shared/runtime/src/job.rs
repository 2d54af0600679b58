//! A unit of work and its outcome.

use aws::store::Written;
use domain::event::{Event, EventKind, Unit};
use domain::failure::Failure;
use domain::lifecycle::decide;
use domain::limit::CONFLICT_RETRY_COUNT_MAX;
use domain::order::{Artifact, Order};

use crate::delivery::Delivery;
use crate::pipeline::Pipeline;

/// A unit of work and the order it belongs to.
#[derive(Debug)]
pub struct Job {
    /// The order as it was last seen; after a claim, with the claim in it.
    pub order: Order,
    /// The unit: a phase of a run, or one document in it.
    pub unit: Unit,
    writer: String,
}

/// The outcome of the work.
#[derive(Debug)]
pub enum Outcome {
    /// Its result is stored, or there is none.
    Done,
    /// The result of an execution is stored under this key of the document bucket.
    Result(String),
    /// These final documents are stored.
    Artifacts(Vec<Artifact>),
    /// This many items wait for a reviewer.
    ReviewNeeded(u32),
}

impl Job {
    /// The job that a delivery is about.
    #[must_use]
    pub fn new(delivery: &Delivery<'_>, order: Order, unit: Unit) -> Self {
        Self { order, unit, writer: delivery.writer().to_owned() }
    }

    /// Records that generation starts to render the documents.
    ///
    /// # Errors
    /// A transient [`Failure`] when it cannot be written now.
    pub async fn start_rendering(&mut self, pipeline: &Pipeline) -> Result<(), Failure> {
        for _ in 0..CONFLICT_RETRY_COUNT_MAX {
            let kind = EventKind::RenderingStarted { run: self.unit.run };
            let event = Event::new(pipeline.clock.now(), format!("{}/rendering", self.writer), kind);
            // An order that refuses the event was cancelled or overtaken, which the commit will find out.
            let Ok(decision) = decide(&self.order, &event) else { return Ok(()) };
            match pipeline.store.write(&decision).await.map_err(|error| Failure::vetted(&error))? {
                Written::Done => {
                    self.order = decision.into_order();
                    return Ok(());
                }
                Written::Conflict(Some(order)) if order.run() == self.unit.run => self.order = *order,
                // An order that is gone or in another run no longer belongs to this job.
                Written::Conflict(_) => return Ok(()),
            }
        }
        Ok(())
    }
}
