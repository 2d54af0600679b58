//! The limits within which a report is read. `docs/reference/CREDIT_REPORT.md` publishes them.

/// The limits of a report. One that exceeds a limit is refused with an error; nothing is truncated silently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size of the file, bytes.
    pub file_bytes_max: usize,
    /// Fields, lists and values of the file.
    pub nodes_max: usize,
    /// How deep they may be nested.
    pub depth_max: usize,
    /// Characters of one value.
    pub value_chars_max: usize,
    /// Accounts of a report.
    pub accounts_max: usize,
    /// Months of one account's history.
    pub months_max: usize,
    /// Fields seen and not used that are listed. Further ones are only counted.
    pub unused_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes_max: 8 * 1024 * 1024,
            nodes_max: 200_000,
            depth_max: 8,
            value_chars_max: 2_000,
            accounts_max: 2_000,
            months_max: 120,
            unused_max: 200,
        }
    }
}
