//! The errors of setting up a driver.

use super::rate::ExpressionError;

/// Why a driver cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// A handler was given for a function that the template does not declare.
    #[error("the template declares no function {0}; register handlers under the logical ids of the template")]
    UnknownFunction(String),
    /// An event source names a queue that was not deployed.
    #[error("function {function} is fed from queue {queue}, which does not exist; deploy the stack first")]
    UnknownQueue {
        /// The function's logical id.
        function: String,
        /// The queue's name.
        queue: String,
    },
    /// A schedule is not supported.
    #[error("schedule {name}: {source}")]
    Schedule {
        /// The schedule's name.
        name: String,
        /// What is wrong with it.
        source: ExpressionError,
    },
    /// The store of the schedules cannot be read or written.
    #[error("the schedules cannot be read or written")]
    Store(#[from] rusqlite::Error),
}
