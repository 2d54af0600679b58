//! Runs the second implementation on a loopback port, for as long as a test runs.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running emulator. Dropping it stops it, also after a panic.
pub(super) struct Emulator {
    process: Child,
    pub(super) endpoint: String,
}

impl Emulator {
    /// Starts the emulator, or prints why the test is skipped. A run that asks for a number of calls is never skipped.
    pub(super) fn start() -> Option<Self> {
        if !folder().join("../../target/ministack/bin/ministack").is_file() {
            assert!(std::env::var_os("FIDELITY_OPERATIONS").is_none(), "{MISSING}");
            // Not through the captured output of the test, so that a skipped test is visible.
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
        BufReader::new(output).read_line(&mut endpoint).expect("the emulator prints its address");
        assert!(!endpoint.is_empty(), "the emulator did not start");
        Some(Self { process, endpoint: endpoint.trim().to_owned() })
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // Closing its standard input ends it and every process that it started.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

const MISSING: &str =
    "ministack is not installed, so the local AWS is not compared with anything; run tests/ministack/install";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ministack")
}
