//! Mistakes that tests plant in the protocol, to see that the simulation catches them.
//!
//! Each is one that a competent person could make, at the very place where they would make it. Without the feature
//! `mistakes`, and in every build without debug assertions, [`planted`] is the constant `false` and nothing is left of them.

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mistake {
    /// A claim that could not be made is acknowledged.
    AcknowledgeFailedClaim,
    /// A commit that could not be written is acknowledged.
    AcknowledgeFailedCommit,
    /// A hand-off that could not be sent is acknowledged.
    AcknowledgeFailedSend,
    /// An answered batch is taken for one that was taken as a whole.
    TrustBatch,
    /// A repeated message finds its work done, and the hand-off is not sent again.
    ForgetResend,
    /// A failed condition is taken for somebody else's doing, so the message is acknowledged.
    ConflictIsSomebodyElse,
    /// Whoever ends a document judges by the order it claimed, not by the set that its own write returned.
    FanInFromOwnView,
    /// A failure is acknowledged before its alert went out.
    ForgetAlert,
    /// The alerts of documents are left to nobody.
    ForgetDocumentAlert,
    /// The alert is published before the failure is recorded.
    AlertBeforeRecord,
    /// An owed alert is published without being claimed.
    PublishUnclaimed,
    /// A published alert is not marked as sent.
    ForgetMark,
    /// The failures of a batch are answered under a key that Lambda does not know.
    MisspeltAnswer,
    /// A claim does not look at the run.
    ClaimAnyRun,
    /// A claim does not look at the phase.
    ClaimAnyPhase,
    /// An order is written without looking at its revision.
    WriteBlindly,
    /// A new order is written over one that is there.
    CreateBlindly,
    /// The failure is recorded after the order, not together with it.
    RecordLater,
    /// Leases outlive their phase.
    KeepLeases,
    /// A retry goes on under the same run.
    RetrySameRun,
    /// A result that is there is written once more.
    OverwriteResult,
    /// The file's name goes into the failure record.
    NameInRecord,
    /// The file's name goes into the log.
    NameInLog,
    /// An unreadable dead letter is acknowledged.
    DropUnreadable,
    /// An order that is there already is not handed off again.
    ForgetRepeatedSubmission,
    /// What the backup holds is put back, however old it is.
    RestoreOlder,
    /// The keys of orders do not begin with the firm's own name.
    KeyWithoutFirm,
    /// Documents are counted whenever one is dealt with, and no set of them is kept.
    CountDocuments,
    /// A command that died for good is acknowledged without a record.
    DropDeadCommand,
    /// What became of the second write of a completion is not looked at.
    IgnoreBackupLoss,
}

impl Mistake {
    /// All of them.
    pub const ALL: [Self; 30] = [
        Self::AcknowledgeFailedClaim,
        Self::AcknowledgeFailedCommit,
        Self::AcknowledgeFailedSend,
        Self::TrustBatch,
        Self::ForgetResend,
        Self::ConflictIsSomebodyElse,
        Self::FanInFromOwnView,
        Self::ForgetAlert,
        Self::ForgetDocumentAlert,
        Self::AlertBeforeRecord,
        Self::PublishUnclaimed,
        Self::ForgetMark,
        Self::MisspeltAnswer,
        Self::ClaimAnyRun,
        Self::ClaimAnyPhase,
        Self::WriteBlindly,
        Self::CreateBlindly,
        Self::RecordLater,
        Self::KeepLeases,
        Self::RetrySameRun,
        Self::OverwriteResult,
        Self::NameInRecord,
        Self::NameInLog,
        Self::DropUnreadable,
        Self::ForgetRepeatedSubmission,
        Self::RestoreOlder,
        Self::KeyWithoutFirm,
        Self::CountDocuments,
        Self::DropDeadCommand,
        Self::IgnoreBackupLoss,
    ];
}

#[cfg(all(feature = "mistakes", debug_assertions))]
mod here {
    use std::cell::Cell;

    use super::Mistake;

    thread_local! {
        static PLANTED: Cell<Option<Mistake>> = const { Cell::new(None) };
    }

    /// Plants a mistake in what runs on this thread from now on, or takes it away.
    pub fn plant(mistake: Option<Mistake>) {
        PLANTED.set(mistake);
    }

    /// Whether a mistake is to be made.
    #[must_use]
    pub fn planted(mistake: Mistake) -> bool {
        PLANTED.get() == Some(mistake)
    }
}

#[cfg(not(all(feature = "mistakes", debug_assertions)))]
mod here {
    use super::Mistake;

    /// Plants nothing: this build makes no mistakes.
    pub const fn plant(_: Option<Mistake>) {}

    /// Whether a mistake is to be made: never in this build.
    #[must_use]
    #[inline(always)]
    pub const fn planted(_: Mistake) -> bool {
        false
    }
}

pub use here::{plant, planted};

/// Whether this build can make mistakes at all.
pub const PLANTABLE: bool = cfg!(all(feature = "mistakes", debug_assertions));
