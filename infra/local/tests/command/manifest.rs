//! `docket manifest`.

use base64::Engine as _;
use serde_json::Value;
use sha2::Digest as _;

use crate::workspace::{Workspace, complaint};

fn manifest(workspace: &Workspace, arguments: &[&str]) -> Value {
    let output = workspace.docket(&[&["manifest", "--json"], arguments].concat(), &[]);
    assert!(output.status.success(), "{}", complaint(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Revision of the last commit that counts for a function.
fn revision<'a>(manifest: &'a Value, function: &str) -> &'a Value {
    &manifest["functions"][format!("docket-dev-{function}")]["commits"][0]["revision"]
}

#[test]
fn a_function_is_at_the_last_commit_that_touches_what_it_is_built_from() {
    let workspace = Workspace::new();
    workspace.write("shared/greeting/src/lib.rs", "pub fn greet() {}\n");
    let greeting = workspace.commit("Greet");
    workspace.write("functions/other/src/main.rs", "fn main() { loop {} }\n");
    let other = workspace.commit("Go on for ever");
    workspace.write("shared/kit/src/lib.rs", "pub fn kit() {}\n");
    workspace.write("functions/hello/tests/it.rs", "");
    workspace.write("README.md", "Words.\n");
    let head = workspace.commit("Test more");
    let made = manifest(&workspace, &[]);
    assert_eq!((revision(&made, "hello"), revision(&made, "other")), (&greeting.into(), &other.into()));
    assert_eq!((&made["revision"], &made["prefix"]), (&head.into(), &"docket-dev-".into()));
    let commits = made["functions"]["docket-dev-hello"]["commits"].as_array().unwrap();
    let subjects: Vec<_> = commits.iter().map(|commit| commit["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects, ["Greet", "Begin"]);
    assert_eq!(commits[0]["committed_at"], "2023-11-15T00:13:20Z");
}

#[test]
fn the_lock_file_and_the_workspaces_manifest_count_for_every_function() {
    let workspace = Workspace::new();
    workspace.write("Cargo.toml", &(std::fs::read_to_string(workspace.path().join("Cargo.toml")).unwrap() + "\n"));
    let head = Value::from(workspace.commit("Set a profile"));
    let made = manifest(&workspace, &[]);
    assert_eq!((revision(&made, "hello"), revision(&made, "other")), (&head, &head));
}

#[test]
fn the_digest_is_that_of_the_package_and_the_same_each_time() {
    let workspace = Workspace::new();
    let bins = workspace.build("one", "two");
    let bins = bins.to_str().unwrap();
    let first = manifest(&workspace, &["--bins", bins, "--package"]);
    let package = std::fs::read(workspace.path().join("target/lambda/hello.zip")).unwrap();
    let digest = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(&package));
    assert_eq!(first["functions"]["docket-dev-hello"]["code_sha256"], digest);
    assert_eq!(manifest(&workspace, &["--bins", bins]), first);
    workspace.build("one", "three");
    let second = manifest(&workspace, &["--bins", bins]);
    let code = |made: &Value, name: &str| made["functions"][name]["code_sha256"].clone();
    assert_eq!(code(&second, "docket-dev-hello"), code(&first, "docket-dev-hello"));
    assert_ne!(code(&second, "docket-dev-other"), code(&first, "docket-dev-other"));
}

#[test]
fn settings_are_the_templates_and_their_digest_changes_with_them() {
    let workspace = Workspace::new();
    let first = manifest(&workspace, &[]);
    let settings = &first["functions"]["docket-dev-hello"]["settings"];
    assert_eq!((&settings["memory_mib"], &settings["architecture"]), (&256.into(), &"arm64".into()));
    let url = "https://sqs.${AWS::Region}.amazonaws.com/${AWS::AccountId}/docket-dev-letters";
    assert_eq!(settings["environment"]["LETTERS_URL"], url);
    assert_eq!(settings["sources"]["docket-dev-letters"]["report_batch_item_failures"], true);
    let other = manifest(&workspace, &["--parameter", "Stage=prod"]);
    assert_eq!(other["prefix"], "docket-prod-");
    let digest = |made: &Value, name: &str| made["functions"][name]["settings_sha256"].clone();
    assert_ne!(digest(&other, "docket-prod-hello"), digest(&first, "docket-dev-hello"));
    assert_eq!(digest(&other, "docket-prod-other"), digest(&first, "docket-dev-other"));
}

#[test]
fn uncommitted_changes_are_refused_unless_they_are_allowed() {
    let workspace = Workspace::new();
    workspace.write("shared/greeting/src/lib.rs", "pub fn greet() {}\n");
    let output = workspace.docket(&["manifest"], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(complaint(&output).contains("shared/greeting/src/lib.rs differs from the last commit"), "{output:?}");
    manifest(&workspace, &["--allow-dirty"]);
    // A change of a file that no function is built from is accepted.
    workspace.git(&["checkout", "--quiet", "."]);
    workspace.write("README.md", "Words.\n");
    manifest(&workspace, &[]);
}

#[test]
fn a_shallow_checkout_is_refused() {
    let workspace = Workspace::new();
    workspace.commit("Go on");
    let shallow = tempfile::tempdir().unwrap();
    let from = format!("file://{}", workspace.path().display());
    workspace.git(&["clone", "--quiet", "--depth", "1", &from, shallow.path().to_str().unwrap()]);
    let output = workspace.docket(&["manifest", "--source", shallow.path().to_str().unwrap()], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(complaint(&output).contains("the checkout is shallow"), "{output:?}");
}

#[test]
fn a_function_that_was_not_built_or_has_no_crate_is_named() {
    let workspace = Workspace::new();
    let output = workspace.docket(&["manifest", "--bins", "target/lambda"], &[]);
    assert!(complaint(&output).contains("target/lambda/hello/bootstrap cannot be used"), "{output:?}");
    let template = crate::workspace::TEMPLATE.replace("target/lambda/hello", "target/lambda/helo");
    workspace.write("template.yaml", &template.replace("-hello", "-helo"));
    workspace.commit("Mistype");
    let output = workspace.docket(&["manifest"], &[]);
    assert!(complaint(&output).contains("no crate of the workspace has a binary of that name"), "{output:?}");
}
