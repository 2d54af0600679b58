//! The CMA service: what each phase does with a borrower's statements. Pure over bytes and values.

pub mod classification;
pub mod figure;
pub mod formula;
pub mod row;
