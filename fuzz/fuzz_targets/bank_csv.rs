//! Delimited text: bytes as they are, and after the beginning of a genuine file.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzz::statements(bytes);
    fuzz::statements(&[b"Account,Date,Details,Amount,Balance\n", bytes].concat());
});
