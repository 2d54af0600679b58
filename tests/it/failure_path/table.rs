//! Lists each cause of failure × each trigger, with what the failure must leave behind.
//!
//! Every pair has an entry because the `match` must name it: a new cause or trigger does not compile without one.

use domain::failure::Category;
use domain::phase::Phase;
use domain::status::{OrchestrationStatus, Status};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The work of a phase fails permanently.
    Permanent(Phase),
    /// The work of a phase fails each time, transiently.
    Transient(Phase),
    /// The work of a phase does not finish within its deadline.
    Deadline(Phase),
    /// The function panics whenever it works on the phase.
    Panic(Phase),
    /// The function is killed whenever it works on the phase: out of memory, a lost machine.
    Killed(Phase),
    /// The phase's function never runs.
    NeverRuns(Phase),
    /// One of two documents fails permanently.
    Document,
    /// The function is killed whenever it works on one of two documents.
    DocumentKilled,
    /// Every document fails permanently.
    AllDocuments,
    /// This installation does not offer the service.
    NotOffered,
    /// The command is invalid, so no order can be created.
    Unacceptable,
    /// The message cannot be read.
    Unreadable,
    /// Another order already has the id.
    IdTaken,
    /// The message is for a run that its order never started.
    Ahead,
}

/// What starts the failing run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A command put directly into the queue.
    Queue,
    /// A client's submission.
    Client,
    /// An operator's retry of a failed run.
    Retry,
    /// A client's request for a new version.
    Regenerate,
    /// The schedule.
    Schedule,
}

impl Trigger {
    pub const ALL: [Self; 5] = [Self::Queue, Self::Client, Self::Retry, Self::Regenerate, Self::Schedule];
}

impl Cause {
    /// All causes, one per phase where they have a phase.
    pub fn all() -> Vec<Self> {
        let by_phase = [Self::Permanent, Self::Transient, Self::Deadline, Self::Panic, Self::Killed, Self::NeverRuns];
        let mut causes: Vec<_> = by_phase.iter().flat_map(|cause| Phase::ALL.map(cause)).collect();
        causes.extend([Self::Document, Self::DocumentKilled, Self::AllDocuments]);
        causes.extend([Self::NotOffered, Self::Unacceptable, Self::Unreadable, Self::Ahead, Self::IdTaken]);
        causes
    }
}

/// What a failure expected behind.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// The order's statuses; `None` where there is no order.
    pub order: Option<(Status, OrchestrationStatus)>,
    /// Versions of its documents that exist.
    pub versions: u32,
    /// The run's failure records: document, phase, code, category. Each has an alert.
    pub records: Vec<(Option<u32>, Phase, &'static str, Category)>,
    /// Whether there is an audit entry because the system failed the order.
    pub audited: bool,
}

/// What a cause expected behind after a trigger; `Err` says why the two cannot be combined.
pub fn expected_after(cause: Cause, trigger: Trigger) -> Result<Expected, &'static str> {
    let (status, versions) = match trigger {
        Trigger::Queue | Trigger::Client | Trigger::Retry | Trigger::Schedule => (Status::Failed, 0),
        // The earlier version is kept.
        Trigger::Regenerate => (Status::InternalReview, 1),
    };
    let failed = |phase, code, category| {
        let order = Some((status, OrchestrationStatus::Failed));
        Ok(Expected { order, versions, records: vec![(None, phase, code, category)], audited: false })
    };
    let completes = |code| {
        let order = Some((Status::Completed, OrchestrationStatus::Completed));
        let records = vec![(Some(1), Phase::Extract, code, Category::Partial)];
        Ok(Expected { order, versions: versions + 1, records, audited: false })
    };
    let no_order = |code| {
        let records = vec![(None, Phase::Extract, code, Category::Permanent)];
        Ok(Expected { order: None, versions: 0, records, audited: false })
    };
    match (cause, trigger) {
        (Cause::Permanent(phase), _) => failed(phase, "test.permanent", Category::Permanent),
        (Cause::Transient(phase), _) => failed(phase, "test.transient", Category::Transient),
        (Cause::Deadline(phase), _) => failed(phase, "phase.deadline", Category::Transient),
        (Cause::Panic(phase), _) => failed(phase, "phase.panicked", Category::Permanent),
        (Cause::Killed(phase), _) => failed(phase, "message.dead_lettered", Category::Permanent),
        (Cause::NeverRuns(phase), _) => {
            failed(phase, "order.overdue", Category::Transient).map(|expected| Expected { audited: true, ..expected })
        }
        (Cause::Document, Trigger::Schedule)
        | (Cause::DocumentKilled, Trigger::Schedule)
        | (Cause::AllDocuments, Trigger::Schedule) => Err("a scheduled canary has no documents"),
        (Cause::Document | Cause::DocumentKilled, Trigger::Retry) => {
            Err("the order completes, so there is nothing to retry")
        }
        (Cause::Document, _) => completes("test.permanent"),
        (Cause::DocumentKilled, _) => completes("message.dead_lettered"),
        (Cause::AllDocuments, _) => {
            failed(Phase::Extract, "extract.no_document_left", Category::Permanent).map(|expected| {
                let execution = |document| (Some(document), Phase::Extract, "test.permanent", Category::Partial);
                Expected { records: [expected.records, vec![execution(1), execution(2)]].concat(), ..expected }
            })
        }
        (Cause::NotOffered, Trigger::Regenerate) => Err("a service that is not offered has no earlier version"),
        (Cause::NotOffered, Trigger::Schedule) => Err("the schedule submits canaries only"),
        (Cause::NotOffered, Trigger::Queue | Trigger::Client | Trigger::Retry) => {
            failed(Phase::Extract, "service.not_offered", Category::Permanent)
        }
        (Cause::Unacceptable, Trigger::Queue | Trigger::Client) => no_order("command.unacceptable"),
        (Cause::Unacceptable, Trigger::Retry | Trigger::Regenerate) => Err("the order exists already"),
        (Cause::Unacceptable, Trigger::Schedule) => Err("an invalid scheduled event fails its invocation"),
        (Cause::Ahead, Trigger::Queue) => {
            let order = Some((Status::Completed, OrchestrationStatus::Completed));
            let records = vec![(None, Phase::Classify, "message.ahead", Category::Permanent)];
            Ok(Expected { order, versions: 1, records, audited: false })
        }
        // The order that already has the id completes.
        (Cause::IdTaken, Trigger::Queue | Trigger::Client) => {
            let order = Some((Status::Completed, OrchestrationStatus::Completed));
            let records = vec![(None, Phase::Extract, "order.id_taken", Category::Permanent)];
            Ok(Expected { order, versions: 1, records, audited: false })
        }
        (Cause::IdTaken, Trigger::Retry | Trigger::Regenerate) => Err("both refer to an existing order"),
        (Cause::IdTaken, Trigger::Schedule) => Err("the schedule generates its own ids"),
        (Cause::Ahead, Trigger::Client | Trigger::Retry | Trigger::Regenerate | Trigger::Schedule) => {
            Err("these triggers start a run themselves")
        }
        (Cause::Unreadable, Trigger::Queue) => no_order("message.unreadable"),
        (Cause::Unreadable, Trigger::Client | Trigger::Retry | Trigger::Regenerate) => {
            Err("clients write readable messages")
        }
        (Cause::Unreadable, Trigger::Schedule) => Err("an unreadable event fails its invocation"),
    }
}
