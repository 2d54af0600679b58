//! The worked examples, from classified lines to every row of the forms.

mod borrower;
mod mutation;
mod rows;
mod statements;
mod workbook;
