//! A folder in which a user runs commands.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// How often the memory of a running command is read.
const POLL_EVERY: Duration = Duration::from_millis(2);

/// A working folder with its own `.docket` and `out`.
pub struct Folder(TempDir);

/// The output of a command.
#[derive(Debug)]
pub struct Output {
    pub code: i32,
    pub out: String,
    pub err: String,
    /// Peak resident memory in KiB, as last read before the process ended.
    pub peak_kib: u64,
}

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file and returns its name.
    pub fn file(&self, name: &str, bytes: &[u8]) -> String {
        std::fs::write(self.path(name), bytes).unwrap();
        name.to_owned()
    }

    /// Runs a command to its end.
    pub fn docket<S: AsRef<str>>(&self, words: &[S]) -> Output {
        let (mut child, out, err) = self.start(words);
        let status = format!("/proc/{}/status", child.id());
        let mut peak_kib = 0;
        let code = loop {
            peak_kib = peak_kib.max(peak(&status));
            if let Some(ended) = child.try_wait().unwrap() {
                break ended.code().expect("it ends by itself");
            }
            std::thread::sleep(POLL_EVERY);
        };
        let read = |path: &Path| String::from_utf8(std::fs::read(path).unwrap()).unwrap();
        Output { code, out: read(&out), err: read(&err), peak_kib }
    }

    /// Starts a command. Returns the files that it prints to.
    pub fn start<S: AsRef<str>>(&self, words: &[S]) -> (Child, PathBuf, PathBuf) {
        let prints = tempfile::tempdir_in(self.0.path()).unwrap().keep();
        let (out, err) = (prints.join("out"), prints.join("err"));
        let create = |path: &Path| Stdio::from(std::fs::File::create(path).unwrap());
        let child = Command::new(env!("CARGO_BIN_EXE_docket"))
            .args(words.iter().map(AsRef::as_ref))
            .current_dir(self.0.path())
            .stdin(Stdio::null())
            .stdout(create(&out))
            .stderr(create(&err))
            .spawn()
            .unwrap();
        (child, out, err)
    }

    /// Orders a CMA of `files`.
    pub fn order(&self, options: &[&str], files: &[String]) -> Output {
        let mut words = vec!["run".to_owned(), "--service".to_owned(), "CMA".to_owned()];
        words.extend(options.iter().map(|option| (*option).to_owned()));
        words.extend_from_slice(files);
        self.docket(&words)
    }

    /// The order as `docket show --json` prints it.
    pub fn show(&self, order: &str) -> Value {
        let output = self.docket(&["show", order, "--json"]);
        assert_eq!(output.code, 0, "{output:?}");
        output.json()
    }
}

impl Output {
    /// The one JSON object on standard output.
    pub fn json(&self) -> Value {
        let value: Value = serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        assert!(value.is_object(), "{self:?}");
        value
    }

    /// The id of the order that was printed.
    pub fn order_id(&self) -> String {
        let line = self.err.lines().chain(self.out.lines()).find(|line| line.starts_with("order "));
        line.and_then(|line| line.split_whitespace().nth(1)).unwrap_or_else(|| panic!("no order: {self:?}")).to_owned()
    }

    /// Whether the user was shown no panic.
    pub fn has_no_panic(&self) -> bool {
        ![&self.out, &self.err].into_iter().any(|text| text.contains("panicked") || text.contains("RUST_BACKTRACE"))
    }
}

/// The sample borrower's statements.
pub fn sample() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/shree-ganpati").canonicalize().unwrap();
    ["balance-sheet.xlsx", "profit-and-loss.xlsx"].map(|name| folder.join(name).display().to_string()).to_vec()
}

fn peak(status: &str) -> u64 {
    let text = std::fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}
