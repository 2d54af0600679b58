//! The review function.
