//! OFX and QFX: bytes as they are, and after the beginning of a genuine file.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzz::statements(bytes);
    fuzz::statements(&[b"OFXHEADER:100\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS>\n", bytes].concat());
});
