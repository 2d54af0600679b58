//! `docket drift` against an account that this process answers for on a loopback port.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use engine::wire::Request;
use engine::{Aws, Clock, Stack};
use serde_json::Value;

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
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let served = aws.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            // Ends with the test's process.
            listener.incoming().flatten().for_each(|stream| runtime.block_on(answer(&served, stream)));
        });
        Self { aws, address }
    }

    fn environment(&self) -> [(&str, &str); 5] {
        [
            ("AWS_ENDPOINT_URL", self.address.as_str()),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("NO_COLOR", "1"),
        ]
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

async fn answer(aws: &Aws, mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let start = line();
    let mut headers = Vec::new();
    while let Some((name, value)) = line().split_once(':') {
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    let mut parts = start.split(' ').map(str::to_owned);
    let (method, target) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let (path, query) = (path.to_owned(), query.to_owned());
    let request = Request { method, host: "127.0.0.1".to_owned(), path, query, headers, body: body.into() };
    let reply = aws.answer(request).await.unwrap();
    let headers: String = reply.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let more: String = reply.more.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = reply.body.len();
    let head = format!("HTTP/1.1 {} X\r\n{headers}{more}connection: close\r\n", reply.status);
    let head = if headers.contains("content-length") { head } else { format!("{head}content-length: {length}\r\n") };
    stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
    stream.write_all(&reply.body).unwrap();
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
