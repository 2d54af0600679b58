//! Asks Cargo what each binary of the workspace is built from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::camino::Utf8Path;
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Node, NodeDep, Package, PackageId};

use super::Problem;

/// What every build depends on, in addition to the crates. The whole lock file counts: including too much never raises an
/// alarm, because a function rebuilt to the same bytes is in step by its digest, but including too little would hide a
/// change.
const EVERYWHERE: [&str; 4] = [".cargo/config.toml", "Cargo.lock", "Cargo.toml", "rust-toolchain.toml"];

/// The workspace's binaries and what they are built from.
pub(super) struct Provenance {
    /// The folder of the workspace.
    pub(super) root: PathBuf,
    /// The package of each binary, by the binary's name.
    packages: BTreeMap<String, String>,
    /// The folders of the packages that each binary is built from, relative to the root.
    folders: BTreeMap<String, BTreeSet<String>>,
}

impl Provenance {
    /// Asks Cargo about the workspace that contains `folder`.
    pub(super) fn read(folder: &Path) -> Result<Self, Problem> {
        let metadata = MetadataCommand::new().current_dir(folder).other_options(["--locked".to_owned()]).exec();
        Ok(Self::of(&metadata.map_err(problem)?))
    }

    fn of(metadata: &Metadata) -> Self {
        let root = &metadata.workspace_root;
        let own: BTreeMap<&PackageId, &Package> = metadata
            .packages
            .iter()
            .filter(|package| package.source.is_none())
            .map(|package| (&package.id, package))
            .collect();
        let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
        let dependencies: BTreeMap<&PackageId, Vec<&PackageId>> =
            nodes.map(|node| (&node.id, build_dependencies(node))).collect();
        let (mut packages, mut folders) = (BTreeMap::new(), BTreeMap::new());
        for package in own.values() {
            let built_from: BTreeSet<String> = closure(&package.id, &dependencies)
                .into_iter()
                .filter_map(|id| own.get(id))
                .filter_map(|package| folder(&package.manifest_path, root))
                .collect();
            for binary in package.targets.iter().filter(|target| target.is_bin()) {
                packages.insert(binary.name.clone(), package.name.to_string());
                folders.insert(binary.name.clone(), built_from.clone());
            }
        }
        Self { root: root.clone().into_std_path_buf(), packages, folders }
    }

    /// The package of a binary.
    pub(super) fn package(&self, binary: &str) -> Option<&str> {
        self.packages.get(binary).map(String::as_str)
    }

    /// The folders and files that the build of a binary depends on, relative to the root.
    pub(super) fn built_from(&self, binary: &str) -> Vec<String> {
        let folders = self.folders.get(binary).into_iter().flatten().cloned();
        folders.chain(EVERYWHERE.iter().filter(|file| self.root.join(file).exists()).map(ToString::to_string)).collect()
    }
}

/// The packages that a package is built with: normal and build dependencies, but not those of its tests.
fn build_dependencies(node: &Node) -> Vec<&PackageId> {
    let is_built =
        |dependency: &&NodeDep| dependency.dep_kinds.iter().any(|info| info.kind != DependencyKind::Development);
    node.deps.iter().filter(is_built).map(|dependency| &dependency.pkg).collect()
}

fn closure<'a>(
    start: &'a PackageId,
    dependencies: &BTreeMap<&'a PackageId, Vec<&'a PackageId>>,
) -> BTreeSet<&'a PackageId> {
    let (mut seen, mut left) = (BTreeSet::new(), vec![start]);
    while let Some(id) = left.pop() {
        if seen.insert(id) {
            left.extend(dependencies.get(id).into_iter().flatten());
        }
    }
    seen
}

fn folder(manifest_path: &Utf8Path, root: &Utf8Path) -> Option<String> {
    Some(manifest_path.parent()?.strip_prefix(root).ok()?.to_string())
}

fn problem(error: cargo_metadata::Error) -> Problem {
    const COMMAND: &str = "cargo metadata";
    match error {
        cargo_metadata::Error::CargoMetadata { stderr } => Problem::command(COMMAND, &stderr),
        cargo_metadata::Error::Io(error) => Problem::command(COMMAND, &error.to_string()),
        _ => Problem::Answer(COMMAND),
    }
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
    fn dependencies_of_tests_are_left_out() {
        let nothing_of_tests = |name: &str| name != "tests" && name != "infra/local";
        assert!(built_from("drift-check").iter().all(|name| nothing_of_tests(name)));
        assert!(built_from("drift-check").contains(&"shared/drift".to_owned()));
    }
}
