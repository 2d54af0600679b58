//! The classify function.
