//! MT940: bytes as they are, and after the beginning of a genuine file.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzz::statements(bytes);
    fuzz::statements(&[b":20:F\n:25:4711\n:28C:1/1\n", bytes].concat());
});
