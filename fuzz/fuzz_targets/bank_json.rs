//! JSON as Plaid gives it: bytes as they are; start it from seeds.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::statements(bytes));
