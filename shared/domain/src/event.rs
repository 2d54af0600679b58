//! The events that can happen to an order.

use std::collections::BTreeSet;

use jiff::Timestamp;
use strum::{Display, IntoStaticStr, VariantNames};

use crate::failure::Failure;
use crate::id::{DocumentNumber, FirmId, OrderId, RunNumber};
use crate::option::Options;
use crate::order::{Artifact, Lease};
use crate::person::Person;
use crate::phase::Phase;
use crate::service::ServiceCode;

/// The content of a new order.
#[derive(Clone, Debug, PartialEq)]
pub struct NewOrder {
    /// Its id, chosen by whoever submits it.
    pub order_id: OrderId,
    /// The firm it belongs to.
    pub firm_id: FirmId,
    /// What is ordered.
    pub service_code: ServiceCode,
    /// How many documents were uploaded.
    pub documents: u32,
    /// What else the client asked for.
    pub options: Options,
    /// Follows the order from its first message to the alert.
    pub correlation_id: String,
}

/// Something that happened to an order: what, when, and which write records it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// Id of the write that records it: invocation and step.
    pub writer: String,
    /// What.
    pub kind: EventKind,
    /// Who caused it; none for the pipeline itself and for commands from the queue.
    pub by: Option<Person>,
}

impl Event {
    /// An event that nobody in particular caused.
    #[must_use]
    pub fn new(at: Timestamp, writer: String, kind: EventKind) -> Self {
        Self { at, writer, kind, by: None }
    }
}

/// The kinds of event. Those about a phase name its run and phase, so that stale ones are refused.
#[derive(Clone, Debug, PartialEq, Display, IntoStaticStr, VariantNames)]
pub enum EventKind {
    /// A client adds documents to a draft.
    #[strum(serialize = "documents added")]
    DocumentsAdded {
        /// How many; their numbers follow those that the draft has.
        count: u32,
    },
    /// The client submits a draft.
    #[strum(serialize = "submitted")]
    Submitted,
    /// An invocation claims a unit of work. The claim to a document's execution is stored with the execution; to the order
    /// it means that its phase has begun.
    #[strum(serialize = "claimed")]
    Claimed {
        /// The unit.
        unit: Unit,
        /// Its claim.
        lease: Lease,
    },
    /// An invocation gives back its claim to a phase, because a dependency of the work is away. The claim counts no attempt.
    #[strum(serialize = "claim released")]
    Released {
        /// The run.
        run: RunNumber,
        /// The phase.
        phase: Phase,
        /// The claim.
        lease: Lease,
    },
    /// Executions of documents ended. Those that had ended before change nothing.
    #[strum(serialize = "document ended")]
    DocumentsEnded {
        /// The run.
        run: RunNumber,
        /// Documents whose result is stored.
        completed: BTreeSet<DocumentNumber>,
        /// Documents whose execution failed; the order continues without them.
        failed: BTreeSet<DocumentNumber>,
    },
    /// All work of a phase is done and its result is stored.
    #[strum(serialize = "phase completed")]
    PhaseCompleted {
        /// The run.
        run: RunNumber,
        /// The phase.
        phase: Phase,
        /// The final documents, from `generate` only.
        artifacts: Vec<Artifact>,
    },
    /// Generation starts to render the documents.
    #[strum(serialize = "rendering started")]
    RenderingStarted {
        /// The run.
        run: RunNumber,
    },
    /// Review found items that a person must decide.
    #[strum(serialize = "review needed")]
    ReviewNeeded {
        /// The run.
        run: RunNumber,
        /// How many.
        items: u32,
    },
    /// A reviewer decided. Items left undecided keep the order waiting.
    #[strum(serialize = "review decided")]
    ReviewDecided {
        /// The run.
        run: RunNumber,
        /// Items that are still undecided.
        remaining: u32,
    },
    /// The order continues with the proposals for what is undecided.
    #[strum(serialize = "resumed")]
    Resumed {
        /// The run.
        run: RunNumber,
    },
    /// The reviewers are reminded of the order, which has waited for them for a while.
    #[strum(serialize = "review reminded")]
    ReviewReminded {
        /// The run that waits.
        run: RunNumber,
    },
    /// The operators are told of an order that has waited for a reviewer for long.
    #[strum(serialize = "review escalated")]
    ReviewEscalated {
        /// The run that waits.
        run: RunNumber,
    },
    /// The order may wait for a reviewer as long as if it had just begun to wait.
    #[strum(serialize = "review extended")]
    ReviewExtended {
        /// The run that waits.
        run: RunNumber,
    },
    /// Nobody ended the review in time.
    #[strum(serialize = "review expired")]
    ReviewExpired {
        /// The run that waits.
        run: RunNumber,
    },
    /// A phase failed for good, as reported by its handler or a dead letter.
    #[strum(serialize = "phase failed")]
    PhaseFailed {
        /// The run.
        run: RunNumber,
        /// The phase.
        phase: Phase,
        /// Why.
        failure: Failure,
    },
    /// An operator retries a failed run, or starts one that waits for a reviewer over.
    #[strum(serialize = "retried")]
    Retried {
        /// The run that failed or waits.
        run: RunNumber,
        /// Where to start: the order's phase or an earlier one. `None` for the phase that failed.
        start_from: Option<Phase>,
    },
    /// A client orders another version of the documents.
    #[strum(serialize = "regenerated")]
    Regenerated {
        /// The run that made the current documents.
        run: RunNumber,
        /// Where to start.
        start_from: Phase,
    },
    /// The order is cancelled.
    #[strum(serialize = "cancelled")]
    Cancelled,
    /// The message that starts the current phase was overdue and was sent again.
    #[strum(serialize = "hand-off resent")]
    HandOffResent {
        /// The run.
        run: RunNumber,
        /// The phase.
        phase: Phase,
    },
}

/// A unit of work: a phase of a run, or one document's execution in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The run.
    pub run: RunNumber,
    /// The phase.
    pub phase: Phase,
    /// The document, where the phase is one unit per document.
    pub document: Option<DocumentNumber>,
}

impl EventKind {
    /// Names of all kinds, in the order of their declaration.
    pub const NAMES: &[&str] = <Self as VariantNames>::VARIANTS;

    /// The kind's name in messages and in the diagram.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.into()
    }
}
