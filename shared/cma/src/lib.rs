//! The CMA service: what each phase does with a borrower's statements. Pure over bytes and values.

pub mod case;
pub mod check;
pub mod classification;
pub mod figure;
pub mod formula;
pub mod row;
pub mod classify;
pub mod label;
pub mod matching;
pub mod policy;
mod rule;
pub mod workbook;
pub mod review;
