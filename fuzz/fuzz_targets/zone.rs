//! Machine-readable zones: any text, and text of their alphabet only.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::underwriting::zone(bytes));
