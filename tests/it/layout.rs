//! What the layout promises and a machine can check.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Most lines of a function's `main.rs`: it assembles and decides nothing.
const MAIN_LINES_MAX: usize = 25;

/// One crate of the workspace.
struct Crate {
    /// Its folder, e.g. `shared/domain`.
    folder: String,
    manifest: String,
}

impl Crate {
    fn name(&self) -> &str {
        let line = self.manifest.lines().find(|line| line.starts_with("name = ")).expect("a crate has a name");
        line.trim_start_matches("name = ").trim_matches('"')
    }

    /// The lines of all tables called `table`.
    fn table<'a>(&'a self, wanted: impl Fn(&str) -> bool + 'a) -> impl Iterator<Item = &'a str> + 'a {
        let mut inside = false;
        self.manifest.lines().filter(move |line| {
            if let Some(name) = line.strip_prefix('[') {
                inside = wanted(name.trim_end_matches(']'));
                return false;
            }
            inside && !line.trim().is_empty() && !line.starts_with('#')
        })
    }

    /// What it needs outside of its tests.
    fn dependencies(&self) -> Vec<&str> {
        let lines = self.table(|table| table == "dependencies" || table == "build-dependencies");
        lines.filter_map(|line| line.split(['.', ' ', '=']).next()).collect()
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn crates() -> Vec<Crate> {
    let mut folders = vec!["tests".to_owned()];
    for parent in ["functions", "shared", "infra"] {
        for entry in std::fs::read_dir(root().join(parent)).unwrap().map(Result::unwrap) {
            // infra/ holds scripts and templates as well.
            if entry.path().join("Cargo.toml").exists() {
                folders.push(format!("{parent}/{}", entry.file_name().to_string_lossy()));
            }
        }
    }
    let read = |folder: String| {
        let manifest = std::fs::read_to_string(root().join(&folder).join("Cargo.toml")).unwrap();
        Crate { folder, manifest }
    };
    folders.into_iter().map(read).collect()
}

/// How high a crate stands; it may need only what stands lower.
fn height(folder: &str) -> u32 {
    match folder {
        // The engine needs nothing of Docket.
        "infra/engine" => 0,
        "shared/domain" => 1,
        "shared/client" | "shared/deployed" | "shared/runtime" => 3,
        "infra/pipeline" => 5,
        "infra/simulator" => 6,
        "infra/local" => 7,
        "tests" => 8,
        function if function.starts_with("functions/") => 4,
        _ => 2,
    }
}

#[test]
fn dependencies_point_downwards_and_no_function_needs_another() {
    let crates = crates();
    let folders: BTreeMap<&str, &str> = crates.iter().map(|one| (one.name(), one.folder.as_str())).collect();
    assert!(folders.len() >= 17, "{folders:?}");
    for one in &crates {
        for needed in one.dependencies().iter().filter_map(|name| folders.get(name)) {
            assert!(height(needed) < height(&one.folder), "{} needs {needed}", one.folder);
        }
    }
}

#[test]
fn what_is_pure_needs_neither_aws_nor_a_runtime() {
    let pure = ["shared/domain", "shared/documents", "shared/cma", "shared/manifest"];
    for one in crates().iter().filter(|one| pure.contains(&one.folder.as_str())) {
        for name in one.dependencies() {
            let edge = ["aws", "tokio", "lambda", "tracing", "rusqlite", "reqwest", "hyper"];
            assert!(!edge.iter().any(|edge| name.starts_with(edge)), "{} needs {name}", one.folder);
        }
    }
}

#[test]
fn every_version_stands_in_the_workspaces_table() {
    let mut seen = 0;
    for one in crates() {
        for line in one.table(|table| table.ends_with("dependencies")) {
            seen += 1;
            let inherits = line.contains("workspace = true") && !line.contains("version");
            assert!(inherits, "{} gives a version of its own: {line}", one.folder);
        }
        let header = one.manifest.lines().find(|line| line.starts_with('[') && line.contains("dependencies."));
        assert!(header.is_none(), "{} gives a dependency a table of its own", one.folder);
    }
    assert!(seen > 100, "{seen} dependencies");
}

#[test]
fn every_crate_keeps_the_workspaces_lints() {
    for one in crates() {
        assert!(one.manifest.contains("[lints]\nworkspace = true"), "{}", one.folder);
    }
}

#[test]
fn a_functions_main_only_assembles() {
    for one in crates().iter().filter(|one| one.folder.starts_with("functions/")) {
        let main = std::fs::read_to_string(root().join(&one.folder).join("src/main.rs")).unwrap();
        assert!(main.lines().count() <= MAIN_LINES_MAX, "{} has {} lines", one.folder, main.lines().count());
    }
}

#[test]
fn functions_and_shared_code_give_errors_and_do_not_panic() {
    let mut checked = 0;
    for one in crates().iter().filter(|one| one.folder.starts_with("functions/") || one.folder.starts_with("shared/")) {
        for file in sources(&root().join(&one.folder).join("src")) {
            checked += 1;
            let text = std::fs::read_to_string(&file).unwrap();
            if let Some(line) = panicking(&text) {
                panic!("{}: {line}", file.display());
            }
        }
    }
    assert!(checked > 80, "{checked} files");
}

#[test]
fn production_source_holds_no_switch_for_tests() {
    let mut checked = 0;
    for one in crates().iter().filter(|one| one.folder.starts_with("functions/") || one.folder.starts_with("shared/")) {
        assert!(!one.manifest.contains("\n[features]"), "{} has features", one.folder);
        for file in sources(&root().join(&one.folder).join("src")) {
            checked += 1;
            let text = std::fs::read_to_string(&file).unwrap();
            if let Some(line) = test_switch(&text) {
                panic!("{}: {line}", file.display());
            }
        }
    }
    assert!(checked > 80, "{checked} files");
}

#[test]
fn the_parts_of_the_simulator_use_each_other_in_one_direction() {
    let parts = ["plan", "judge", "world", "mode"];
    for (index, part) in parts.iter().enumerate() {
        let files = sources(&root().join("infra/simulator/src").join(part));
        assert!(!files.is_empty(), "{part}");
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            for later in &parts[index + 1..] {
                assert!(!text.contains(&format!("crate::{later}::")), "{} uses {later}", file.display());
            }
        }
    }
}

#[test]
fn what_the_guards_look_for_is_found() {
    for bad in ["a.unwrap();", "    b\n        .expect(\"so\");", "panic!(\"no\")", "todo!()", "std::process::exit(1)"]
    {
        assert!(panicking(bad).is_some(), "{bad}");
    }
    let good = [
        "// a.unwrap()",
        "self.expect(\")\")?;",
        "a.unwrap_or_default();",
        "#[cfg(test)]\nmod tests {\n    fn f() { a.unwrap(); }\n}\n",
    ];
    for good in good {
        assert_eq!(panicking(good), None);
    }
    let after = "#[cfg(test)]\nmod tests {\n    fn f() {}\n}\n\nfn g() { a.unwrap(); }\n";
    assert!(panicking(after).is_some(), "code below the tests is code");
    for bad in ["if planted(Mistake::X) {", "#[cfg(feature = \"mistakes\")]", "cfg!(debug_assertions)"] {
        assert!(test_switch(bad).is_some(), "{bad}");
    }
    for good in ["// a mistake that people make", "#[cfg(test)]", "let planned = 1;"] {
        assert_eq!(test_switch(good), None);
    }
}

/// The first line of code that asks whether a test wants something else of it than production does.
fn test_switch(text: &str) -> Option<&str> {
    const SWITCHES: [&str; 4] = ["planted", "mistake::", "feature =", "debug_assertions"];
    text.lines().find(|line| {
        let code = line.split("//").next().unwrap_or_default().to_ascii_lowercase();
        SWITCHES.iter().any(|switch| code.contains(switch))
    })
}

/// The first line outside of tests that can end the process.
fn panicking(text: &str) -> Option<&str> {
    const ENDS: [&str; 6] = [".unwrap()", ".expect(\"", "panic!(", "todo!(", "unimplemented!(", "process::exit("];
    let mut tests = false;
    let mut after_attribute = false;
    for line in text.lines() {
        if line.starts_with("#[cfg(test)]") {
            after_attribute = true;
            continue;
        }
        if std::mem::take(&mut after_attribute) && line.ends_with('{') {
            tests = true;
        }
        if tests {
            tests = line != "}";
            continue;
        }
        let code = line.split("//").next().unwrap_or_default();
        if ENDS.iter().any(|end| code.contains(end)) && !code.contains("self.expect(") {
            return Some(line);
        }
    }
    None
}

/// The sources under a folder, but for files that are tests as a whole.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
    found
}
