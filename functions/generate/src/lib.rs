//! The generate function.
