//! Answers of `AnalyzeID`: any JSON, and fields in the form of an answer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::underwriting::answer(bytes));
