//! The rules of the CMA service: what each phase does with a borrower's statements. Pure functions over bytes and values.

#[macro_use]
pub mod row;

pub mod answer;
pub mod case;
pub mod check;
pub mod classification;
pub mod classify;
mod equation;
pub mod figure;
pub mod formula;
pub mod label;
pub mod matching;
pub mod model;
pub mod policy;
mod printed;
pub mod question;
pub mod review;
mod rule;
mod schedule;
pub mod suspect;
pub mod unused;
pub mod workbook;
