//! The worked examples, from classified lines to every row of the forms.

#![expect(clippy::expect_used, reason = "a test whose set-up fails should fail loudly")]

mod assembly;
mod borrower;
mod contradiction;
mod mutation;
mod rows;
mod standing;
mod statements;
mod unused;
mod workbook;
