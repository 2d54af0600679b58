//! The text of a licence's barcode, with and without its header.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::underwriting::barcode(bytes));
