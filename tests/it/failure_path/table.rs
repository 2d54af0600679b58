//! Each way in which an order or an execution can fail × each trigger, with what it must leave behind.
//!
//! Every pair has an entry because the `match` has to name it: a new way or trigger does not compile without one.

use domain::failure::Category;
use domain::phase::Phase;
use domain::status::{OrchestrationStatus, Status};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The work of a phase fails for good.
    Permanent(Phase),
    /// The work of a phase fails each time in a way that another try may not meet.
    Transient(Phase),
    /// The work of a phase does not end in its time.
    Deadline(Phase),
    /// The function panics whenever it works on the phase.
    Panic(Phase),
    /// The function is killed whenever it works on the phase: out of memory, a lost machine.
    Killed(Phase),
    /// The phase's function never runs.
    NeverRuns(Phase),
    /// One of two documents fails for good.
    Document,
    /// The function is killed whenever it works on one of two documents.
    DocumentKilled,
    /// Every document fails for good.
    AllDocuments,
    /// The installation does not offer the service.
    NotOffered,
    /// No order can be made of the command.
    Unacceptable,
    /// The message cannot be read.
    Unreadable,
    /// Another order has the id.
    IdTaken,
    /// The message is for a run that its order never began.
    Ahead,
}

/// What starts the run that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A command that somebody put into the queue.
    Queue,
    /// A client's submission.
    Client,
    /// An operator's retry of a failed run.
    Retry,
    /// A client's request for a further version.
    Regenerate,
    /// The schedule.
    Schedule,
}

impl Trigger {
    pub const ALL: [Self; 5] = [Self::Queue, Self::Client, Self::Retry, Self::Regenerate, Self::Schedule];
}

impl Way {
    /// All of them, each phase by itself.
    pub fn all() -> Vec<Self> {
        let by_phase = [Self::Permanent, Self::Transient, Self::Deadline, Self::Panic, Self::Killed, Self::NeverRuns];
        let mut ways: Vec<_> = by_phase.iter().flat_map(|way| Phase::ALL.map(way)).collect();
        ways.extend([Self::Document, Self::DocumentKilled, Self::AllDocuments]);
        ways.extend([Self::NotOffered, Self::Unacceptable, Self::Unreadable, Self::Ahead, Self::IdTaken]);
        ways
    }
}

/// What a failure leaves behind.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaves {
    /// The order's statuses; none where there is no order.
    pub order: Option<(Status, OrchestrationStatus)>,
    /// Versions of its documents that stand.
    pub versions: u32,
    /// Failure records of the run: document, phase, code, category. Each has an alert.
    pub records: Vec<(Option<u32>, Phase, &'static str, Category)>,
    /// Whether the system has an audit entry for failing it by itself.
    pub audited: bool,
}

/// What a way leaves after a trigger; `Err` says why the two do not meet.
pub fn leaves(way: Way, trigger: Trigger) -> Result<Leaves, &'static str> {
    let (status, versions) = match trigger {
        Trigger::Queue | Trigger::Client | Trigger::Retry | Trigger::Schedule => (Status::Failed, 0),
        // The earlier version stands.
        Trigger::Regenerate => (Status::InternalReview, 1),
    };
    let failed = |phase, code, category| {
        let order = Some((status, OrchestrationStatus::Failed));
        Ok(Leaves { order, versions, records: vec![(None, phase, code, category)], audited: false })
    };
    let goes_on = |code| {
        let order = Some((Status::Completed, OrchestrationStatus::Completed));
        let records = vec![(Some(1), Phase::Extract, code, Category::Partial)];
        Ok(Leaves { order, versions: versions + 1, records, audited: false })
    };
    let no_order = |code| {
        let records = vec![(None, Phase::Extract, code, Category::Permanent)];
        Ok(Leaves { order: None, versions: 0, records, audited: false })
    };
    match (way, trigger) {
        (Way::Permanent(phase), _) => failed(phase, "test.permanent", Category::Permanent),
        (Way::Transient(phase), _) => failed(phase, "test.transient", Category::Transient),
        (Way::Deadline(phase), _) => failed(phase, "phase.deadline", Category::Transient),
        (Way::Panic(phase) | Way::Killed(phase), _) => failed(phase, "message.dead_lettered", Category::Permanent),
        (Way::NeverRuns(phase), _) => {
            failed(phase, "order.overdue", Category::Transient).map(|leaves| Leaves { audited: true, ..leaves })
        }
        (Way::Document, Trigger::Schedule)
        | (Way::DocumentKilled, Trigger::Schedule)
        | (Way::AllDocuments, Trigger::Schedule) => Err("a scheduled canary has no documents"),
        (Way::Document | Way::DocumentKilled, Trigger::Retry) => Err("the order went on, so there is nothing to retry"),
        (Way::Document, _) => goes_on("test.permanent"),
        (Way::DocumentKilled, _) => goes_on("message.dead_lettered"),
        (Way::AllDocuments, _) => {
            failed(Phase::Extract, "extract.no_document_left", Category::Permanent).map(|leaves| {
                let one = |document| (Some(document), Phase::Extract, "test.permanent", Category::Partial);
                Leaves { records: [leaves.records, vec![one(1), one(2)]].concat(), ..leaves }
            })
        }
        (Way::NotOffered, Trigger::Regenerate) => Err("what is not offered has no version"),
        (Way::NotOffered, Trigger::Schedule) => Err("the schedule orders canaries"),
        (Way::NotOffered, Trigger::Queue | Trigger::Client | Trigger::Retry) => {
            failed(Phase::Extract, "service.not_offered", Category::Permanent)
        }
        (Way::Unacceptable, Trigger::Queue | Trigger::Client) => no_order("command.unacceptable"),
        (Way::Unacceptable, Trigger::Retry | Trigger::Regenerate) => Err("there is an order"),
        (Way::Unacceptable, Trigger::Schedule) => Err("a schedule that cannot be met fails its invocation"),
        (Way::Ahead, Trigger::Queue) => {
            let order = Some((Status::Completed, OrchestrationStatus::Completed));
            let records = vec![(None, Phase::Classify, "message.ahead", Category::Permanent)];
            Ok(Leaves { order, versions: 1, records, audited: false })
        }
        // The order that has the id completes.
        (Way::IdTaken, Trigger::Queue | Trigger::Client) => {
            let order = Some((Status::Completed, OrchestrationStatus::Completed));
            let records = vec![(None, Phase::Extract, "order.id_taken", Category::Permanent)];
            Ok(Leaves { order, versions: 1, records, audited: false })
        }
        (Way::IdTaken, Trigger::Retry | Trigger::Regenerate) => Err("they are about an order that is there"),
        (Way::IdTaken, Trigger::Schedule) => Err("the schedule's ids are made of its own"),
        (Way::Ahead, Trigger::Client | Trigger::Retry | Trigger::Regenerate | Trigger::Schedule) => {
            Err("runs are begun by what starts them")
        }
        (Way::Unreadable, Trigger::Queue) => no_order("message.unreadable"),
        (Way::Unreadable, Trigger::Client | Trigger::Retry | Trigger::Regenerate) => {
            Err("clients write messages that can be read")
        }
        (Way::Unreadable, Trigger::Schedule) => Err("an event that cannot be read fails its invocation"),
    }
}
