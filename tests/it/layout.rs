//! Guards the layout: dependencies, module imports, versions, lints, and what production source may contain.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Most lines in a function's `main.rs`: it assembles and decides nothing.
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

    /// The lines of all manifest tables whose name satisfies `wanted`.
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

    /// Its dependencies, other than for tests.
    fn dependencies(&self) -> Vec<&str> {
        let lines = self.table(|table| table == "dependencies" || table == "build-dependencies");
        lines.filter_map(|line| line.split(['.', ' ', '=']).next()).collect()
    }

    /// Whether it implements a service: it uses the runtime, and `shared/services` dispatches to it.
    fn implements_a_service(&self) -> bool {
        self.folder.starts_with("shared/")
            && self.folder != "shared/services"
            && self.dependencies().contains(&"runtime")
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

/// A crate's layer; it may depend only on crates in lower layers.
fn layer(member: &Crate) -> u32 {
    match member.folder.as_str() {
        // The engine depends on nothing of Docket's.
        "infra/engine" => 0,
        "shared/domain" => 1,
        "shared/drift" | "shared/runtime" => 3,
        "shared/client" => 4,
        "shared/services" => 5,
        "shared/api" => 6,
        "infra/pipeline" => 8,
        "infra/simulator" => 9,
        "infra/local" => 10,
        "tests" => 11,
        function if function.starts_with("functions/") => 7,
        _ if member.implements_a_service() => 4,
        _ => 2,
    }
}

#[test]
fn dependencies_point_downwards_and_functions_are_independent() {
    let crates = crates();
    let named: BTreeMap<&str, &Crate> = crates.iter().map(|member| (member.name(), member)).collect();
    assert!(named.len() >= 17, "{:?}", named.keys());
    for member in &crates {
        for needed in member.dependencies().iter().filter_map(|name| named.get(name)) {
            assert!(layer(needed) < layer(member), "{} depends on {}", member.folder, needed.folder);
        }
    }
}

#[test]
fn only_the_pipeline_depends_on_functions_and_only_the_command_on_cargo_metadata() {
    let crates = crates();
    let functions: Vec<&str> =
        crates.iter().filter(|member| member.folder.starts_with("functions/")).map(Crate::name).collect();
    for member in &crates {
        let needed = member.dependencies();
        if member.folder != "infra/pipeline" {
            assert!(!needed.iter().any(|name| functions.contains(name)), "{} depends on a function", member.folder);
        }
        assert_eq!(needed.contains(&"cargo_metadata"), member.folder == "infra/local", "{}", member.folder);
    }
}

#[test]
fn pure_crates_depend_on_neither_aws_nor_a_runtime() {
    let pure = [
        "shared/domain",
        "shared/documents",
        "shared/cma",
        "shared/desk",
        "shared/identity",
        "shared/credit-report",
        "shared/bank-statements",
    ];
    for member in crates().iter().filter(|member| pure.contains(&member.folder.as_str())) {
        for name in member.dependencies() {
            let edge = ["aws", "tokio", "lambda", "tracing", "rusqlite", "reqwest", "hyper"];
            assert!(!edge.iter().any(|edge| name.starts_with(edge)), "{} depends on {name}", member.folder);
        }
    }
}

/// Crates whose modules must not import each other in a cycle.
const WITHOUT_CYCLES: [&str; 4] = ["shared/domain", "shared/aws", "shared/runtime", "shared/services"];

#[test]
fn modules_have_no_import_cycles() {
    let mut found = 0;
    for folder in WITHOUT_CYCLES {
        let imports = imports(&root().join(folder).join("src"));
        found += imports.values().map(BTreeSet::len).sum::<usize>();
        assert_eq!(cycle(&imports), None, "{folder}");
    }
    assert!(found > 50, "{found} imports");
}

#[test]
fn the_cycle_guard_finds_imports_and_cycles() {
    let modules = BTreeSet::from(["a", "b", "c"]);
    let exported = BTreeMap::from([("Thing".to_owned(), "b".to_owned())]);
    let text = "use crate::a::X;\nuse crate::{Thing, c::{self, Y}};\n// crate::d\nfn f() { crate::a::g() }\n";
    assert_eq!(imported(text, &modules, &exported), ["a", "b", "c"].map(str::to_owned).into());
    let imports = |pairs: &[(&str, &str)]| {
        let mut imports = Imports::new();
        for (from, to) in pairs {
            imports.entry((*from).to_owned()).or_default().insert((*to).to_owned());
        }
        imports
    };
    assert_eq!(cycle(&imports(&[("a", "b"), ("b", "c"), ("a", "c")])), None);
    let found = cycle(&imports(&[("x", "a"), ("a", "b"), ("b", "c"), ("c", "a")]));
    assert_eq!(found, Some(["a", "b", "c"].map(str::to_owned).to_vec()));
}

/// What each module of a crate imports of the crate's other modules. A file in a folder belongs to the folder's module,
/// unless the crate exports it as a module of its own: `domain::order` is in the lifecycle's folder so that its fields are
/// private to the lifecycle, and imports nothing of it.
type Imports = BTreeMap<String, BTreeSet<String>>;

fn imports(src: &Path) -> Imports {
    let lib = code(&std::fs::read_to_string(src.join("lib.rs")).unwrap());
    let modules: BTreeSet<&str> =
        lib.lines().filter_map(|line| line.rsplit_once("mod ")?.1.strip_suffix(';')).collect();
    let mut exported = BTreeMap::new();
    for statement in lib.split(';').filter_map(|statement| statement.trim().strip_prefix("pub use ")) {
        let (module, names) = statement.split_once("::").unwrap_or((statement, ""));
        for name in names.split(|c: char| !is_identifier(c)).filter(|name| !name.is_empty()) {
            let is_module = src.join(module).join(name).with_extension("rs").exists();
            exported.insert(name.to_owned(), if is_module { name } else { module }.to_owned());
        }
    }
    let mut imports = Imports::new();
    for file in sources(src).iter().filter(|file| !file.ends_with("lib.rs")) {
        let path = file.strip_prefix(src).unwrap().with_extension("");
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let folder = path.iter().next().unwrap().to_string_lossy().into_owned();
        let module = if exported.get(&name) == Some(&name) { name } else { folder };
        let mut found = imported(&std::fs::read_to_string(file).unwrap(), &modules, &exported);
        found.remove(&module);
        imports.entry(module).or_default().append(&mut found);
    }
    imports
}

/// The modules that a file names after `crate::`, directly or through an item that the crate root re-exports.
fn imported(text: &str, modules: &BTreeSet<&str>, exported: &BTreeMap<String, String>) -> BTreeSet<String> {
    let code = code(text);
    let names = code.split("crate::").skip(1).flat_map(heads);
    let module = |name: &str| match exported.get(name) {
        Some(module) => Some(module.clone()),
        None => modules.contains(name).then(|| name.to_owned()),
    };
    names.filter_map(module).collect()
}

/// The first names of the paths that follow `crate::`: a single one, or those in braces.
fn heads(rest: &str) -> Vec<&str> {
    let Some(inside) = rest.strip_prefix('{') else {
        return rest.split(|c| !is_identifier(c)).take(1).collect();
    };
    let (mut depth, mut start, mut heads) = (0, 0, Vec::new());
    for (at, c) in inside.char_indices() {
        match c {
            '{' => depth += 1,
            '}' | ',' if depth == 0 => {
                heads.extend(inside[start..at].trim().split(|c| !is_identifier(c)).next());
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    heads
}

/// The modules of a cycle, each importing the next and the last importing the first.
fn cycle(imports: &Imports) -> Option<Vec<String>> {
    fn walk<'a>(imports: &'a Imports, path: &mut Vec<&'a str>, done: &mut BTreeSet<&'a str>) -> Option<Vec<String>> {
        let last = *path.last()?;
        for next in imports.get(last).into_iter().flatten() {
            if let Some(at) = path.iter().position(|module| module == next) {
                return Some(path[at..].iter().map(|module| (*module).to_owned()).collect());
            }
            if !done.contains(next.as_str()) {
                path.push(next);
                if let Some(found) = walk(imports, path, done) {
                    return Some(found);
                }
                path.pop();
            }
        }
        done.insert(last);
        None
    }
    let mut done = BTreeSet::new();
    imports.keys().find_map(|module| walk(imports, &mut vec![module], &mut done))
}

fn is_identifier(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A source without its comments and without the tests at its end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_pure_half_of_drift_imports_neither_aws_nor_a_clock() {
    let folder = root().join("shared/drift/src");
    let model = [vec![folder.join("model.rs")], sources(&folder.join("model"))].concat();
    assert!(model.len() >= 12, "{model:?}");
    for file in model {
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(forbidden(&text, &IMPURE), None, "{}", file.display());
    }
    for file in [vec![folder.join("cloud.rs")], sources(&folder.join("cloud"))].concat() {
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(forbidden(&text, &["check::"]), None, "{}", file.display());
    }
}

/// What a pure module may not name. `crate::` is included because it reaches outside the module's own folder.
const IMPURE: [&str; 16] = [
    "aws::",
    "aws_",
    "lambda_",
    "tokio",
    "tracing",
    "rusqlite",
    "reqwest",
    "hyper",
    "crate::",
    "super::super",
    "::now(",
    "SystemTime",
    "Instant",
    "std::env",
    "std::fs",
    "std::net",
];

/// The first line of code that contains one of `names`.
fn forbidden<'a>(text: &'a str, names: &[&str]) -> Option<&'a str> {
    text.lines().find(|line| {
        let code = line.split("//").next().unwrap_or_default();
        names.iter().any(|name| code.contains(name))
    })
}

#[test]
fn every_dependency_version_comes_from_the_workspace() {
    let mut seen = 0;
    for member in crates() {
        for line in member.table(|table| table.ends_with("dependencies")) {
            seen += 1;
            let inherits = line.contains("workspace = true") && !line.contains("version");
            assert!(inherits, "{} sets its own version: {line}", member.folder);
        }
        let header = member.manifest.lines().find(|line| line.starts_with('[') && line.contains("dependencies."));
        assert!(header.is_none(), "{} has a separate table for a dependency", member.folder);
    }
    assert!(seen > 100, "{seen} dependencies");
}

#[test]
fn every_crate_uses_the_workspace_lints() {
    for member in crates() {
        assert!(member.manifest.contains("[lints]\nworkspace = true"), "{}", member.folder);
    }
}

#[test]
fn each_main_rs_only_assembles() {
    for member in crates().iter().filter(|member| member.folder.starts_with("functions/")) {
        let main = std::fs::read_to_string(root().join(&member.folder).join("src/main.rs")).unwrap();
        assert!(main.lines().count() <= MAIN_LINES_MAX, "{} has {} lines", member.folder, main.lines().count());
    }
}

/// Files beside the table, the services and the simulator that name a service, and why they may.
const NAME_A_SERVICE: [(&str, &str); 4] = [
    ("functions/intake/src/canary.rs", "the schedule orders a canary, and nothing else"),
    ("/bench.rs", "the benchmark measures the pipeline itself, by canaries"),
    ("shared/domain/src/lifecycle/diagram.rs", "the lifecycle is walked by an order of any one service"),
    ("shared/runtime/src/failure.rs", "a failure record names a service even when no order is known"),
];

#[test]
fn only_the_service_table_and_the_services_name_a_service() {
    let crates = crates();
    let services: Vec<_> =
        crates.iter().filter(|member| member.implements_a_service()).map(|member| &member.folder).collect();
    let mut checked = 0;
    for file in ["functions", "shared", "infra"].iter().flat_map(|parent| sources(&root().join(parent))) {
        let path = file.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        let is_production = path.contains("/src/") && !path.contains("/tests/");
        let is_of_a_service = path.starts_with("shared/services/")
            || path.starts_with("shared/domain/src/service")
            || services.iter().any(|folder| path.starts_with(&format!("{folder}/")));
        let orders_services = path.contains("/simulat") || NAME_A_SERVICE.iter().any(|(end, _)| path.ends_with(end));
        if is_production && !is_of_a_service && !orders_services {
            checked += 1;
            let text = std::fs::read_to_string(&file).unwrap();
            assert_eq!(named_service(&text), None, "{path} names a service; use its description or its implementation");
        }
    }
    assert!(checked > 150, "{checked} files");
}

/// The first line outside of tests that names a variant of `ServiceCode`.
fn named_service(text: &str) -> Option<&str> {
    production_lines(text).find(|line| {
        let code = line.split("//").next().unwrap_or_default();
        let mut names = code.split("ServiceCode::").skip(1);
        // A variant, not a constant or a function.
        names.any(|name| name.starts_with(|c: char| c.is_ascii_uppercase()) && !name.starts_with("ALL"))
    })
}

#[test]
fn functions_and_shared_code_do_not_panic() {
    let mut checked = 0;
    for member in
        crates().iter().filter(|member| member.folder.starts_with("functions/") || member.folder.starts_with("shared/"))
    {
        for file in sources(&root().join(&member.folder).join("src")) {
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
fn production_source_has_no_test_switches() {
    let mut checked = 0;
    for member in
        crates().iter().filter(|member| member.folder.starts_with("functions/") || member.folder.starts_with("shared/"))
    {
        assert!(!member.manifest.contains("\n[features]"), "{} has features", member.folder);
        for file in sources(&root().join(&member.folder).join("src")) {
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
fn simulator_modules_depend_in_one_direction() {
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
fn the_source_guards_find_what_they_forbid() {
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
    for bad in ["use aws::Error;", "use crate::cloud::Functions;", "let now = Timestamp::now();", "tracing::warn!()"] {
        assert!(forbidden(bad, &IMPURE).is_some(), "{bad}");
    }
    for good in ["use super::digest::CodeDigest;", "/// See [`aws::Error`].", "use jiff::Timestamp;"] {
        assert_eq!(forbidden(good, &IMPURE), None);
    }
    let after = "#[cfg(test)]\nmod tests {\n    fn f() {}\n}\n\nfn g() { a.unwrap(); }\n";
    assert!(panicking(after).is_some(), "code below the tests is production code");
    assert!(named_service("if order.service_code == ServiceCode::Cma {").is_some());
    assert!(named_service("for service in ServiceCode::ALL { list(ServiceCode::as_str) }").is_none());
    for bad in ["if planted(Mistake::X) {", "#[cfg(feature = \"mistakes\")]", "cfg!(debug_assertions)"] {
        assert!(test_switch(bad).is_some(), "{bad}");
    }
    for good in ["// a mistake that people make", "#[cfg(test)]", "let planned = 1;"] {
        assert_eq!(test_switch(good), None);
    }
}

/// The first line of code that behaves differently under test.
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
    production_lines(text).find(|line| {
        let code = line.split("//").next().unwrap_or_default();
        ENDS.iter().any(|end| code.contains(end)) && !code.contains("self.expect(")
    })
}

/// The lines outside of test modules.
fn production_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut tests = false;
    let mut after_attribute = false;
    text.lines().filter(move |line| {
        if line.starts_with("#[cfg(test)]") {
            after_attribute = true;
            return false;
        }
        if std::mem::take(&mut after_attribute) && line.ends_with('{') {
            tests = true;
        }
        if tests {
            tests = *line != "}";
            return false;
        }
        true
    })
}

/// The sources under a folder, except files that contain only tests.
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
