//! What each binary of the workspace is built from, as Cargo itself says it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Problem;

/// What decides every build beside the crates themselves. The lock file counts whole: a function that is rebuilt to the same
/// bytes is in step by its digest, so counting too much never raises an alarm, and counting too little would hide a change.
const EVERYWHERE: [&str; 4] = [".cargo/config.toml", "Cargo.lock", "Cargo.toml", "rust-toolchain.toml"];

/// The workspace's binaries and where they come from.
pub(super) struct Provenance {
    /// The folder of the workspace.
    pub(super) root: PathBuf,
    /// Package of each binary, by the binary's name.
    packages: BTreeMap<String, String>,
    /// Folders of the packages that each binary is built from, relative to the root.
    folders: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
    workspace_root: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    manifest_path: PathBuf,
    source: Option<String>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    kind: Option<String>,
}

impl Provenance {
    /// Asks Cargo about the workspace that `folder` is in.
    pub(super) fn read(folder: &Path) -> Result<Self, Problem> {
        const COMMAND: &str = "cargo metadata";
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = std::process::Command::new(cargo);
        command.args(["metadata", "--format-version", "1", "--locked"]).current_dir(folder);
        let answer = super::git::run(&mut command, COMMAND)?;
        let metadata: Metadata = serde_json::from_str(&answer).map_err(|_| Problem::Answer(COMMAND))?;
        Ok(Self::of(&metadata))
    }

    fn of(metadata: &Metadata) -> Self {
        let root = &metadata.workspace_root;
        let own: BTreeMap<&str, &Package> = metadata
            .packages
            .iter()
            .filter(|package| package.source.is_none())
            .map(|package| (package.id.as_str(), package))
            .collect();
        let needs: BTreeMap<&str, Vec<&str>> =
            metadata.resolve.nodes.iter().map(|node| (node.id.as_str(), node.needs())).collect();
        let (mut packages, mut folders) = (BTreeMap::new(), BTreeMap::new());
        for package in own.values() {
            let built_from: BTreeSet<String> = closure(&package.id, &needs)
                .into_iter()
                .filter_map(|id| own.get(id))
                .filter_map(|package| folder(&package.manifest_path, root))
                .collect();
            for binary in package.targets.iter().filter(|target| target.kind.iter().any(|kind| kind == "bin")) {
                packages.insert(binary.name.clone(), package.name.clone());
                folders.insert(binary.name.clone(), built_from.clone());
            }
        }
        Self { root: root.clone(), packages, folders }
    }

    /// The package of a binary.
    pub(super) fn package(&self, binary: &str) -> Option<&str> {
        self.packages.get(binary).map(String::as_str)
    }

    /// The folders and files that decide the build of a binary, relative to the root.
    pub(super) fn built_from(&self, binary: &str) -> Vec<String> {
        let folders = self.folders.get(binary).into_iter().flatten().cloned();
        folders.chain(EVERYWHERE.iter().filter(|file| self.root.join(file).exists()).map(ToString::to_string)).collect()
    }
}

impl Node {
    /// What it is built with: normal and build dependencies, but not those of its tests.
    fn needs(&self) -> Vec<&str> {
        let built =
            |dependency: &&Dependency| dependency.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev"));
        self.deps.iter().filter(built).map(|dependency| dependency.pkg.as_str()).collect()
    }
}

fn closure<'a>(start: &'a str, needs: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeSet<&'a str> {
    let (mut seen, mut left) = (BTreeSet::new(), vec![start]);
    while let Some(id) = left.pop() {
        if seen.insert(id) {
            left.extend(needs.get(id).into_iter().flatten());
        }
    }
    seen
}

fn folder(manifest_path: &Path, root: &Path) -> Option<String> {
    let folder = manifest_path.parent()?.strip_prefix(root).ok()?;
    Some(folder.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Provenance;

    fn built_from(binary: &str) -> Vec<String> {
        Provenance::read(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap().built_from(binary)
    }

    #[test]
    fn a_function_is_built_from_its_crate_and_those_it_depends_on() {
        let extract = built_from("extract");
        for folder in ["functions/extract", "shared/aws", "shared/documents", "shared/domain", "shared/runtime"] {
            assert!(extract.iter().any(|one| one == folder), "{folder} is not in {extract:?}");
        }
        for other in ["functions/generate", "shared/drift", "infra/local", "tests"] {
            assert!(!extract.iter().any(|one| one == other), "{other} is in {extract:?}");
        }
        assert!(extract.iter().any(|one| one == "Cargo.lock"));
    }

    #[test]
    fn what_only_tests_need_decides_no_build() {
        let nothing_of_tests = |name: &str| name != "tests" && name != "infra/local";
        assert!(built_from("drift-check").iter().all(|name| nothing_of_tests(name)));
        assert!(built_from("drift-check").contains(&"shared/drift".to_owned()));
    }
}
