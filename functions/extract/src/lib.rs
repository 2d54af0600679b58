//! The extract function.
