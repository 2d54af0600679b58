//! Bytes as a client may upload them: delimited text, and damaged workbooks of every format.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::order(bytes));
