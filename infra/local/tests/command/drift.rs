//! `docket drift` against an account that this process answers for on a loopback port.

use engine::{Aws, Clock, Stack};
use serde_json::Value;

use crate::loopback::{environment, serve};
use crate::workspace::{TEMPLATE, Workspace, complaint};

/// An account with the workspace's template deployed, at a loopback address.
struct Account {
    aws: Aws,
    address: String,
}

impl Account {
    fn new() -> Self {
        let aws = Aws::memory(Clock::system()).unwrap();
        aws.deploy(&Stack::parse(TEMPLATE, aws.account()).unwrap()).unwrap();
        let address = serve(aws.clone());
        Self { aws, address }
    }

    fn environment(&self) -> [(&str, &str); 5] {
        environment(&self.address)
    }

    /// Deploys the packages that a manifest names.
    fn deploy(&self, manifest: &Value) {
        self.aws.change_functions(|functions| {
            for (name, function) in functions.iter_mut() {
                let digest = manifest["functions"][name]["code_sha256"].as_str().expect("a digest");
                function.code_sha256 = digest.to_owned();
            }
        });
    }
}

/// Publishes the manifest of a build and returns it.
fn publish(workspace: &Workspace, account: &Account, hello: &str) -> Value {
    let bins = workspace.build(hello, "other");
    let arguments = ["manifest", "--json", "--bins", bins.to_str().unwrap(), "--publish", "manifests"];
    let output = workspace.docket(&arguments, &account.environment());
    assert!(output.status.success(), "{}", complaint(&output));
    assert!(complaint(&output).contains("s3://manifests/manifests/docket-dev/"), "{}", complaint(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn drift(workspace: &Workspace, account: &Account, arguments: &[&str]) -> (Option<i32>, String) {
    let output = workspace.docket(&[&["drift"], arguments].concat(), &account.environment());
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned() + &complaint(&output))
}

#[test]
fn what_was_published_and_deployed_is_in_step_and_what_was_not_deployed_is_stale() {
    let (workspace, account) = (Workspace::new(), Account::new());
    account.deploy(&publish(&workspace, &account, "first"));
    let bucket = ["--bucket", "manifests"];
    let (code, text) = drift(&workspace, &account, &bucket);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("2 of 2 functions in step"), "{text}");

    workspace.write("shared/greeting/src/lib.rs", "pub fn greet() {}\n");
    workspace.commit("Greet <everybody>");
    publish(&workspace, &account, "second");
    let (code, text) = drift(&workspace, &account, &["--bucket", "manifests", "--verbose"]);
    assert_eq!(code, Some(1), "{text}");
    for part in ["docket-dev-hello", "stale: behind by 1 commit and", "Greet <everybody>", "1 of 2 functions in step"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let (code, text) = drift(&workspace, &account, &["--bucket", "manifests", "--json"]);
    assert_eq!(code, Some(1), "{text}");
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&report["drifted"], &report["issue"]["action"]), (&1.into(), &"open".into()));
    assert_eq!(report["functions"][0]["verdict"]["kind"], "behind");
    assert_eq!(report["functions"][1]["verdict"]["kind"], "in_step");
}

#[test]
fn an_issue_is_opened_updated_and_closed() {
    let (workspace, account) = (Workspace::new(), Account::new());
    let manifest = publish(&workspace, &account, "first");
    account.deploy(&manifest);
    account.aws.change_functions(|functions| {
        functions.get_mut("docket-dev-hello").expect("deployed").function.memory_mib = 128;
    });
    let arguments = ["--bucket", "manifests", "--issue-file", "issue.md"];
    let read = || std::fs::read_to_string(workspace.path().join("issue.md")).unwrap();
    assert_eq!(drift(&workspace, &account, &arguments).0, Some(1));
    assert!(read().starts_with("<!-- function-drift: open -->\n"), "{}", read());
    assert!(read().contains("- [ ] `docket-dev-hello`: misconfigured: memory_mib is 128 instead of 256"), "{}", read());
    assert!(read().contains("infra/deploy \"$STAGE\""), "{}", read());
    let again = [&arguments[..], &["--issue-is-open"]].concat();
    drift(&workspace, &account, &again);
    assert!(read().starts_with("<!-- function-drift: update -->\n"), "{}", read());
    account.aws.change_functions(|functions| {
        functions.get_mut("docket-dev-hello").expect("deployed").function.memory_mib = 256;
    });
    assert_eq!(drift(&workspace, &account, &again).0, Some(0));
    assert_eq!(read(), "<!-- function-drift: close -->\nEvery function is in step with the source.\n");
}

#[test]
fn a_deployment_is_compared_with_manifests_in_files() {
    let (workspace, account) = (Workspace::new(), Account::new());
    account.deploy(&publish(&workspace, &account, "first"));
    workspace.docket(&["manifest", "--bins", "target/lambda", "--out", "manifest.json"], &[]);
    let (code, text) = drift(&workspace, &account, &["--manifest", "manifest.json"]);
    assert_eq!(code, Some(0), "{text}");
    workspace.write("manifest.json", "{\"schema\": 99}");
    let (code, text) = drift(&workspace, &account, &["--manifest", "manifest.json"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("layout 99"), "{text}");
}

#[test]
fn a_missing_manifest_and_a_missing_variable_are_named() {
    let (workspace, account) = (Workspace::new(), Account::new());
    let (code, text) = drift(&workspace, &account, &["--bucket", "manifests"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("publish one with `docket manifest"), "{text}");
    let output = workspace.docket(&["drift", "--bucket", "manifests"], &[("AWS_ACCESS_KEY_ID", "a")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("is missing; export the credentials"), "{}", complaint(&output));
}
