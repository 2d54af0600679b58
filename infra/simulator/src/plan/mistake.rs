//! Mistakes that tests make in the functions, to check that the simulation catches them.

use strum::EnumIter;

/// A mistake that a competent person could make in the functions.
///
/// None is in the functions' code: `mistaken` imitates them at the edge of a function, by changing its event, its calls or
/// its answer. Mistakes in pure code are made there as far as they show in what a function writes; mutation testing of
/// `domain` covers the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter)]
pub enum Mistake {
    /// A message is acknowledged although its claim failed.
    AcknowledgeFailedClaim,
    /// A message is acknowledged although its commit failed.
    AcknowledgeFailedCommit,
    /// A message is acknowledged although its hand-off was not sent.
    AcknowledgeFailedSend,
    /// A batch that was answered counts as sent, whatever the answer says about its entries.
    TrustBatch,
    /// A repeated message finds its work done and does not send the hand-off again.
    ForgetResend,
    /// A refused commit is taken for another writer's success, and the message is acknowledged.
    ConflictIsSomebodyElse,
    /// The end of a document is judged by the documents that the claim returned, not by those that the write returned.
    FanInFromOwnView,
    /// A message that recorded a failure is acknowledged without its alert.
    ForgetAlert,
    /// Failures of documents are recorded but never alerted.
    ForgetDocumentAlert,
    /// The alert is published before the failure is recorded.
    AlertBeforeRecord,
    /// An unsent alert is published whoever else has claimed it.
    PublishUnclaimed,
    /// A published alert is not marked as sent.
    ForgetMark,
    /// The answer lists failed messages under a key that Lambda does not know.
    MisspeltAnswer,
    /// A claim does not compare the run.
    ClaimAnyRun,
    /// A claim does not compare the phase.
    ClaimAnyPhase,
    /// An order is replaced whatever its revision.
    WriteBlindly,
    /// A new order replaces one under the same id.
    CreateBlindly,
    /// A failure is recorded after the order, not in the same transaction.
    RecordLater,
    /// A result replaces one that is already stored.
    OverwriteResult,
    /// The failure record names the file.
    NameInRecord,
    /// The log names the file.
    NameInLog,
    /// A dead letter that is not a message of the pipeline is acknowledged without a record.
    DropUnreadable,
    /// A repeated submission finds its order and does not send the hand-off again.
    ForgetRepeatedSubmission,
    /// Keys of orders do not begin with the firm.
    KeyWithoutFirm,
    /// A command that failed for good is acknowledged without a record.
    DropDeadCommand,
    /// A completion counts as backed up although the backup refused it.
    IgnoreBackupLoss,
    /// Keys of results do not hold the run, so a later run finds those of the first.
    KeyWithoutRun,
    /// A reviewer's decisions are read as if there were none.
    IgnoreDecisions,
    /// A dead letter fails its order after the first claim.
    FailAfterOneClaim,
    /// An order that completes after a retry keeps the reason why it failed before.
    KeepFailureReason,
    /// A new run begins with the progress of the last.
    KeepProgress,
    /// A circuit that has opened lets one call through every 30 seconds, whatever becomes of it.
    NeverCloseCircuit,
    /// A new version starts at the last phase although the last run left earlier ones undone.
    SkipUndonePhases,
}

impl Mistake {
    /// Whether it is one in the rules of `domain::lifecycle`, which the judge also compares each write with.
    pub(crate) fn is_in_rules(self) -> bool {
        matches!(self, Self::KeepFailureReason | Self::KeepProgress | Self::SkipUndonePhases)
    }
}
