//! CAMT.052 and CAMT.053: bytes as they are, and after the beginning of a genuine file.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzz::statements(bytes);
    fuzz::statements(&[b"<Document><BkToCstmrStmt><Stmt>", bytes].concat());
});
