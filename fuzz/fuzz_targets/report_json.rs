//! Credit reports as JSON: any text, and text put into a report.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::underwriting::report_json(bytes));
