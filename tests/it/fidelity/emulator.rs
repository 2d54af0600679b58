//! The second implementation, on a loopback port for as long as a test runs.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running emulator. It goes when this is dropped, also by a panic.
pub(super) struct Emulator {
    process: Child,
    pub(super) endpoint: String,
}

impl Emulator {
    /// Starts one, or says why the test is skipped. A run that asks for a number of calls is never skipped.
    pub(super) fn start() -> Option<Self> {
        if !folder().join("../../target/ministack/bin/ministack").is_file() {
            assert!(std::env::var_os("FIDELITY_OPERATIONS").is_none(), "{MISSING}");
            // Past the capture of the test's output: a skipped test is seen.
            let _ = writeln!(std::io::stderr(), "skipped: {MISSING}");
            return None;
        }
        let mut process = Command::new(folder().join("serve"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the emulator can be started");
        let mut endpoint = String::new();
        let output = process.stdout.as_mut().expect("its output is a pipe");
        BufReader::new(output).read_line(&mut endpoint).expect("the emulator says where it is");
        assert!(!endpoint.is_empty(), "the emulator did not start");
        Some(Self { process, endpoint: endpoint.trim().to_owned() })
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // Closing its standard input ends it, with every process that it started.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

const MISSING: &str =
    "ministack is not installed, so the local AWS is held against nothing; run tests/ministack/install";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ministack")
}
