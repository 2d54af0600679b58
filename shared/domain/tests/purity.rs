//! The crate stays pure: no AWS, no async runtime, no clock of its own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[test]
fn no_aws_no_tokio_and_no_clock() {
    let manifest = include_str!("../Cargo.toml");
    let dependencies = manifest.split("[dependencies]").nth(1).unwrap().split("[dev-dependencies]").next().unwrap();
    for word in ["aws", "tokio", "lambda", "reqwest", "chrono", "tracing", "rusqlite"] {
        assert!(!dependencies.contains(word), "{word} has no place in the domain");
    }
    for entry in walk(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
        let source = std::fs::read_to_string(&entry).unwrap();
        for word in ["Timestamp::now", "SystemTime", "Instant::now", "std::env", "Ulid::new", "std::fs", "std::net"] {
            assert!(!source.contains(word), "{} uses {word}", entry.display());
        }
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found
}
