//! Finds the functions' binaries: built by cargo, or prebuilt in a folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

/// Names a folder of built functions, laid out as `cargo lambda build` does: `<function>/bootstrap`.
pub const FOLDER_VARIABLE: &str = "DOCKET_FUNCTIONS";

/// Prefixes of the variables that cargo sets for a test.
const OUTER_VARIABLES: [&str; 5] =
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_NAME", "CARGO_BIN_", "CARGO_PRIMARY_"];

/// The binaries of all functions by name, found once per process; `None`, with a message, if neither the folder that
/// [`FOLDER_VARIABLE`] names nor cargo is available.
///
/// # Panics
/// When they do not build, or one is missing from the folder.
pub fn all() -> Option<&'static BTreeMap<String, PathBuf>> {
    static ALL: OnceLock<Option<BTreeMap<String, PathBuf>>> = OnceLock::new();
    ALL.get_or_init(find).as_ref()
}

/// Names of the crates under `functions/`.
///
/// # Panics
/// When the folder cannot be read.
#[must_use]
pub fn names() -> Vec<String> {
    let folder = root().join("functions");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("the functions are part of the project")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.join("Cargo.toml").is_file())
        .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    names
}

/// The binaries in a folder laid out as `cargo lambda build` does, by function; missing ones are left out.
#[must_use]
pub fn in_folder(folder: &Path) -> BTreeMap<String, PathBuf> {
    let binary = |name: String| (name.clone(), folder.join(name).join("bootstrap"));
    names().into_iter().map(binary).filter(|(_, binary)| binary.is_file()).collect()
}

fn find() -> Option<BTreeMap<String, PathBuf>> {
    if let Some(folder) = std::env::var_os(FOLDER_VARIABLE) {
        let found = in_folder(Path::new(&folder));
        for name in names() {
            assert!(
                found.contains_key(&name),
                "{} has no {name}; build it with infra/build --x86-64 --unpacked",
                folder.display()
            );
        }
        return Some(found);
    }
    let Some(cargo) = std::env::var_os("CARGO") else {
        eprintln!("skipped: neither cargo nor {FOLDER_VARIABLE} is available to provide the functions' binaries");
        return None;
    };
    let mut command = Command::new(cargo);
    command.current_dir(root()).args(["build", "--locked", "--quiet", "--message-format=json-render-diagnostics"]);
    // Building the docket command as well gives the SDK the features that it has in every other build, so it is not
    // compiled again.
    command.args(["--bins", "-p", "docket"]);
    for name in names() {
        command.args(["-p", &package(&name)]);
    }
    // Variables about this crate from the cargo that runs this test would make build scripts run again, here and in the
    // next outer build, and everything that depends on them would be compiled twice each time.
    for (variable, _) in std::env::vars_os() {
        let name = variable.to_string_lossy();
        if OUTER_VARIABLES.iter().any(|outer| name.starts_with(outer)) {
            command.env_remove(&variable);
        }
    }
    let output = command.output().expect("cargo starts");
    assert!(output.status.success(), "the functions do not build: {}", String::from_utf8_lossy(&output.stderr));
    let mut built = built(&output.stdout);
    built.remove("docket");
    Some(built)
}

/// The package of a function's folder. Only that of the API has another name, since `shared/api` is called `api`.
fn package(function: &str) -> String {
    let manifest = root().join("functions").join(function).join("Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).expect("a function has a manifest");
    let name = manifest.lines().find_map(|line| line.strip_prefix("name = "));
    name.expect("a package has a name").trim_matches('"').to_owned()
}

/// The executables in cargo's messages.
fn built(messages: &[u8]) -> BTreeMap<String, PathBuf> {
    let messages = String::from_utf8_lossy(messages);
    let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    artifacts
        .filter_map(|artifact| {
            let executable = artifact["executable"].as_str()?;
            Some((artifact["target"]["name"].as_str()?.to_owned(), PathBuf::from(executable)))
        })
        .collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
