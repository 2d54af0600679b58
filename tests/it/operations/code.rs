//! Compares failure codes with the page.

use std::collections::BTreeSet;
use std::path::Path;

use super::{page, root, rows};

#[test]
fn every_failure_code_is_documented_and_every_documented_code_exists() {
    let mut codes = BTreeSet::new();
    for folder in ["functions", "shared"] {
        gather(&root().join(folder), &mut codes);
    }
    assert_eq!(rows(&page(), "Failure codes"), codes, "left: the page, right: the program");
}

#[test]
fn failure_codes_are_found_wherever_they_are_defined() {
    let source = "const A: Failure = Failure::permanent(\n    \"a.one\",\n    \"Do. It\",\n);\n\
        impl Vetted for E {\n    fn code(&self) -> &'static str {\n        match self { _ => \"b.two_three\" }\n    }\n}\n\
        /// The code of a failure that is known by it.\npub const C: &str = \"d.four\";\n\
        #[cfg(test)]\nmod tests { fn f() { Failure::permanent(\"c.test\", \"\"); } }\n";
    assert_eq!(codes(source), BTreeSet::from(["a.one", "b.two_three", "d.four"].map(str::to_owned)));
}

fn gather(folder: &Path, found: &mut BTreeSet<String>) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() && !path.ends_with("tests") && !path.ends_with("examples") {
            gather(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.extend(codes(&std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Failure codes in a source: the first string of each constructor call, all strings in a function called `code`, and the
/// constants that are described as codes.
fn codes(source: &str) -> BTreeSet<String> {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let made = ["Failure::permanent(", "Failure::transient(", "Failure::unavailable("]
        .into_iter()
        .flat_map(|call| source.split(call).skip(1));
    let made = made.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
    let bodies = source.split("fn code(&self) -> &'static str {").skip(1);
    let bodies = bodies.map(|rest| rest.split("\n    }\n").next().unwrap_or_default());
    let named = bodies.flat_map(|body| body.split('"').skip(1).step_by(2));
    let shared = source.split("/// The code of a failure").skip(1).filter_map(|rest| rest.split('"').nth(1));
    made.chain(named).chain(shared).filter(|code| is_code(code)).map(str::to_owned).collect()
}

fn is_code(text: &str) -> bool {
    text.contains('.') && text.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c == '.')
}
