//! Limits of an order and of the protocol, each named with its unit last. Relations between them hold at compile time.

/// Characters of a firm id.
pub const FIRM_ID_CHARS_MAX: usize = 64;
/// Documents of one order. An order's item stays far below DynamoDB's 400 KB with as many executions in it.
pub const DOCUMENT_COUNT_MAX: u32 = 100;
/// Bytes of one message: ids, the run, the phase; nothing of a document.
pub const MESSAGE_BYTES_MAX: usize = 2_048;
/// Bytes that SQS takes in one message.
pub const SQS_MESSAGE_BYTES_MAX: usize = 262_144;
/// Entries of one SQS batch.
pub const SQS_BATCH_ENTRIES_MAX: usize = 10;

/// Automatic retries of a transient failure, after the first attempt.
pub const TRANSIENT_RETRY_COUNT_MAX: u32 = 3;
/// Deliveries after which SQS moves a message to its dead-letter queue (`maxReceiveCount` in `template.yaml`).
pub const RECEIVE_COUNT_MAX: u32 = 6;
/// Delay before the first retry, in seconds; doubles with each further one, half of it jittered.
pub const RETRY_BACKOFF_SECS_BASE: u32 = 5;
/// Longest delay before a retry, in seconds.
pub const RETRY_BACKOFF_SECS_MAX: u32 = 300;
/// Time before the invocation's deadline at which a function stops its own work, in milliseconds.
pub const DEADLINE_MARGIN_MS: u64 = 2_000;

/// Optimistic writes that lost against another writer are decided anew at most this often within one invocation.
pub const CONFLICT_RETRY_COUNT_MAX: u32 = 8;

const _: () = assert!(MESSAGE_BYTES_MAX * SQS_BATCH_ENTRIES_MAX <= SQS_MESSAGE_BYTES_MAX);
const _: () = assert!(RECEIVE_COUNT_MAX > TRANSIENT_RETRY_COUNT_MAX + 1, "a crash must leave room for every retry");
const _: () = assert!(RETRY_BACKOFF_SECS_BASE <= RETRY_BACKOFF_SECS_MAX);
