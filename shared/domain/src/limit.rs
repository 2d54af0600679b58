//! Limits of an order and of the protocol. Names end in the unit. Relations between limits are checked at compile time.

/// Characters of a firm id.
pub const FIRM_ID_CHARS_MAX: usize = 64;
/// Documents of one order. The order's item holds one number for each that ended, about 4 bytes.
pub const DOCUMENT_COUNT_MAX: u32 = 1_000;
/// Characters of the name of a group of documents that one execution works on.
pub const GROUP_NAME_CHARS_MAX: usize = 64;
/// Bytes of one message: ids, the run, the phase; nothing of a document.
pub const MESSAGE_BYTES_MAX: usize = 2_048;
/// Bytes that SQS takes in one message.
pub const SQS_MESSAGE_BYTES_MAX: usize = 262_144;
/// Entries of one SQS batch.
pub const SQS_BATCH_ENTRIES_MAX: usize = 10;

/// Automatic retries of a transient failure, after the first attempt.
pub const TRANSIENT_RETRY_COUNT_MAX: u32 = 3;
/// Retries of work that panicked, after the first attempt: the same input will most likely panic again.
pub const PANIC_RETRY_COUNT_MAX: u32 = 1;
/// Deliveries after which SQS moves a message to its dead-letter queue (`maxReceiveCount` in `template.yaml`).
pub const RECEIVE_COUNT_MAX: u32 = 6;
/// Delay before the first retry, in seconds; doubles with each further one, half of it jittered.
pub const RETRY_BACKOFF_SECS_BASE: u32 = 5;
/// Longest delay before a retry, in seconds.
pub const RETRY_BACKOFF_SECS_MAX: u32 = 300;
/// Longest delay before work tries again whether a dependency is back, in seconds.
pub const DEPENDENCY_WAIT_SECS_MAX: u32 = 900;
/// Time before the invocation's deadline at which a function stops its own work, in milliseconds.
pub const DEADLINE_MARGIN_MS: u64 = 2_000;

/// Claims of one unit of work after which the unit itself, rather than an outage, counts as the cause of the crashes.
pub const ATTEMPT_COUNT_MAX: u32 = RECEIVE_COUNT_MAX;
/// How often a dead-lettered command is sent again. With [`COMMAND_RESEND_DELAY_SECS`] and its deliveries, that takes
/// hours.
pub const COMMAND_RESEND_COUNT_MAX: u32 = 12;
/// Delay before a dead-lettered command is delivered again, in seconds; the longest delay that SQS offers.
pub const COMMAND_RESEND_DELAY_SECS: u32 = 900;
/// Deliveries after which a dead letter of a newer layout counts as unreadable: enough to wait a day for newer code.
pub const DEAD_LETTER_RECEIVE_COUNT_MAX: u32 = 480;
/// Characters of a command's id.
pub const COMMAND_ID_CHARS_MAX: usize = 64;
/// Bytes of one uploaded document.
pub const UPLOAD_BYTES_MAX: u64 = 25 * 1024 * 1024;
/// Characters of a user's id.
pub const USER_ID_CHARS_MAX: usize = 128;
/// People who make one order: who create it, upload for it, have it processed or made anew. Its item names each.
pub const MAKER_COUNT_MAX: usize = 16;
/// Characters of the reason that a person gives for a change.
pub const REASON_CHARS_MAX: usize = 500;
/// How far the clocks of two functions may differ, in seconds. Lambda keeps them within milliseconds of each other; this is
/// what AWS's signatures tolerate before the SDK has to correct the clock.
pub const CLOCK_SKEW_SECS_MAX: u32 = 600;
/// Time after which an unclaimed hand-off is sent again, in seconds; doubles with each further one.
pub const HAND_OFF_OVERDUE_SECS: u32 = 900;
/// Longest time between two such resends, in seconds.
pub const HAND_OFF_OVERDUE_SECS_MAX: u32 = 7_200;
/// Time after which a phase that has not ended fails its order, in seconds: longer than any outage that orders wait out.
pub const PHASE_SECS_MAX: u32 = 86_400;
/// Time for which work waits for a dependency that refuses its calls, in seconds.
pub const REFUSED_SECS_MAX: u32 = 3_600;
/// Time after which reconciliation publishes an alert that is still pending, in seconds.
pub const ALERT_OVERDUE_SECS: u32 = 300;
/// Alerts of one cause that are published one by one within [`ALERT_RATE_SECS`]. More are announced together, in a digest.
pub const ALERT_RATE_COUNT_MAX: u32 = 10;
/// Length of the window in which the alerts of one cause are counted, in seconds.
pub const ALERT_RATE_SECS: u32 = 600;

/// How often an invocation decides again after its optimistic write conflicted with another one.
pub const CONFLICT_RETRY_COUNT_MAX: u32 = 8;

const _: () = assert!(MESSAGE_BYTES_MAX * SQS_BATCH_ENTRIES_MAX <= SQS_MESSAGE_BYTES_MAX);
const _: () = assert!(RECEIVE_COUNT_MAX > TRANSIENT_RETRY_COUNT_MAX + 1, "a crash must leave room for every retry");
const _: () = assert!(RETRY_BACKOFF_SECS_BASE <= RETRY_BACKOFF_SECS_MAX);
const _: () = assert!(ATTEMPT_COUNT_MAX > TRANSIENT_RETRY_COUNT_MAX, "every retry is a claim");
const _: () = assert!(ALERT_OVERDUE_SECS <= ALERT_RATE_SECS, "a storm is announced while its window lasts");
const _: () = assert!(HAND_OFF_OVERDUE_SECS <= HAND_OFF_OVERDUE_SECS_MAX && HAND_OFF_OVERDUE_SECS_MAX < PHASE_SECS_MAX);
