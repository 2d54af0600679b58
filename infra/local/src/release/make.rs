//! Makes the manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use drift::{CodeDigest, Entry, Location, MANIFEST_SCHEMA, Manifest};
use engine::template::code_uris;
use engine::template::stack::Function;
use engine::{Account, Stack};

use super::provenance::Provenance;
use super::{Problem, git, package, settings};

/// The template, relative to the workspace's root.
const TEMPLATE: &str = "template.yaml";

/// What a manifest is made from.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// A folder of the workspace.
    pub source: &'a Path,
    /// The folder in which `infra/build` left the binaries; `None` for a manifest without digests.
    pub bins: Option<&'a Path>,
    /// Values of the template's parameters.
    pub parameters: &'a BTreeMap<String, String>,
    /// The stack's name, which becomes part of names that the template does not set.
    pub stack: &'a str,
    /// Whether uncommitted changes are accepted.
    pub allow_dirty: bool,
}

/// Makes the manifest of the checked-out commit.
///
/// # Errors
/// [`Problem`] says what is missing.
pub fn make(plan: &Plan<'_>) -> Result<Manifest, Problem> {
    let provenance = Provenance::read(plan.source)?;
    let root = &provenance.root;
    git::refuse_shallow(root)?;
    let stack = stack(plan, root)?;
    let head = git::head(root)?;
    let (mut functions, mut prefixes) = (BTreeMap::new(), Vec::new());
    for function in stack.functions.values() {
        let binary = binary(function);
        prefixes.push(prefix(function, binary)?);
        functions.insert(function.name.clone(), entry(plan, &provenance, function, binary)?);
    }
    prefixes.sort();
    prefixes.dedup();
    match prefixes.as_slice() {
        [prefix] => Ok(Manifest {
            schema: MANIFEST_SCHEMA,
            prefix: prefix.clone(),
            revision: head.revision,
            committed_at: head.committed_at,
            functions,
        }),
        _ => Err(Problem::Name(prefixes.join(", "))),
    }
}

/// The binaries of all functions of the template, those included that its parameters leave out.
///
/// # Errors
/// [`Problem`] says what is missing.
pub fn binaries(source: &Path) -> Result<BTreeSet<String>, Problem> {
    let text = read_template(&Provenance::read(source)?.root)?;
    Ok(code_uris(&text)?.iter().map(|uri| binary_of(uri).to_owned()).collect())
}

fn read_template(root: &Path) -> Result<String, Problem> {
    let path = root.join(TEMPLATE);
    std::fs::read_to_string(&path).map_err(|source| Problem::File { path: path.display().to_string(), source })
}

/// The template's stack, with placeholders for region and account.
fn stack(plan: &Plan<'_>, root: &Path) -> Result<Stack, Problem> {
    let text = read_template(root)?;
    let Location { region, account: id } = Location::placeholder();
    let account = Account { region, id, stack: plan.stack.to_owned() };
    Ok(Stack::parse_with(&text, &account, plan.parameters)?)
}

fn entry(plan: &Plan<'_>, provenance: &Provenance, function: &Function, binary: &str) -> Result<Entry, Problem> {
    let no_crate = || Problem::NoCrate { function: function.name.clone(), binary: binary.to_owned() };
    let package = provenance.package(binary).ok_or_else(no_crate)?;
    let built_from = provenance.built_from(binary);
    if !plan.allow_dirty {
        git::refuse_dirty(&provenance.root, &built_from)?;
        git::refuse_dirty(&provenance.root, &[TEMPLATE.to_owned()])?;
    }
    let commits = git::commits(&provenance.root, &built_from)?;
    if commits.is_empty() {
        return Err(Problem::NoCommit(function.name.clone()));
    }
    let code_sha256 = plan.bins.map(|bins| package::of(bins, binary)).transpose()?;
    let settings = settings::settings(function);
    Ok(Entry {
        package: package.to_owned(),
        built_from,
        commits,
        code_sha256: code_sha256.map(|package| CodeDigest::of(&package)),
        settings_sha256: settings.digest(),
        settings,
    })
}

/// The binary that a function's `CodeUri` names: a folder `target/lambda/<binary>`, or the package `target/lambda/<binary>.zip`.
fn binary(function: &Function) -> &str {
    binary_of(&function.code_uri)
}

fn binary_of(uri: &str) -> &str {
    let uri = uri.trim_end_matches('/');
    let uri = uri.strip_suffix(".zip").unwrap_or(uri);
    uri.rsplit('/').next().unwrap_or(uri)
}

/// The part of the function's name before its binary's name.
fn prefix(function: &Function, binary: &str) -> Result<String, Problem> {
    let prefix = function.name.strip_suffix(binary).filter(|prefix| !prefix.is_empty());
    prefix.map(str::to_owned).ok_or_else(|| Problem::Name(function.name.clone()))
}
