//! The CMA service: what each phase does with a borrower's statements. Pure over bytes and values.

pub mod case;
pub mod check;
pub mod classification;
pub mod classify;
pub mod figure;
pub mod formula;
pub mod label;
pub mod matching;
pub mod policy;
pub mod review;
pub mod row;
mod rule;
pub mod workbook;
