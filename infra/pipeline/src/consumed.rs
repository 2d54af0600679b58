//! Adds up what the functions consumed.

use engine::ConsumedBy;

/// What the functions consumed together.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Consumed {
    /// Write units of the table.
    pub write_units: f64,
    /// Read units of the table.
    pub read_units: f64,
    /// Bytes that were put into buckets, the backup included.
    pub stored_bytes: u64,
    /// Bytes that were put into the backup of completions.
    pub backup_bytes: u64,
}

/// What the functions consumed, without the client that submits and reads orders.
#[must_use]
pub fn by_functions(consumed: &ConsumedBy) -> Consumed {
    let mut total = Consumed::default();
    for ((scope, resource), used) in consumed {
        if !scope.ends_with("Function") {
            continue;
        }
        total.write_units += used.write_units;
        total.read_units += used.read_units;
        total.stored_bytes += used.put_bytes;
        if resource.contains("-backup-") {
            total.backup_bytes += used.put_bytes;
        }
    }
    total
}
