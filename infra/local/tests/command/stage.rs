//! `docket --stage` as a process, against an account that this process answers for on a loopback port.

use std::process::{Command, Stdio};
use std::time::Duration;

use domain::id::{DocumentNumber, OrderId};
use domain::option::Options;
use domain::service::ServiceCode;
use engine::Clock;
use pipeline::LocalPipeline;

use crate::loopback::{environment, serve};

/// How long an order takes at most to settle.
const SETTLED_WITHIN: Duration = Duration::from_secs(60);

/// A stage in which an order has failed.
struct Stage {
    local: LocalPipeline,
    address: String,
    order: OrderId,
}

impl Stage {
    async fn new() -> Self {
        let mut local = LocalPipeline::in_memory(Clock::system()).unwrap();
        let client = local.client().unwrap();
        let order = client.order_id();
        let failing = Options { canary_failures: [DocumentNumber::try_from(1).unwrap()].into(), ..Options::default() };
        client.submit_uploaded(order, ServiceCode::Canary, 1, failing).await.unwrap();
        assert!(local.driver.run_until_idle(SETTLED_WITHIN).await);
        let address = serve(local.aws.clone());
        Self { local, address, order }
    }

    /// Runs a command to its end, while the functions run: its exit code, its result and its messages.
    async fn docket(&mut self, line: &str, changed: &[(&str, &str)]) -> (Option<i32>, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_docket"));
        command.args(line.split_whitespace()).envs(environment(&self.address)).stdin(Stdio::null());
        for (name, value) in changed {
            if value.is_empty() {
                command.env_remove(name)
            } else {
                command.env(name, value)
            };
        }
        let ran = tokio::task::spawn_blocking(move || command.output().unwrap());
        let ran = self.local.driver.run_while(ran).await.unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (ran.status.code(), text(ran.stdout), text(ran.stderr))
    }
}

#[tokio::test]
async fn an_order_is_shown_listed_and_retried_on_a_stage() {
    let mut stage = Stage::new().await;
    let (id, on_stage) = (stage.order, "--stage dev --firm local");
    let (code, shown, said) = stage.docket(&format!("{on_stage} show {id}"), &[]).await;
    assert_eq!((code, said.as_str()), (Some(0), ""), "{shown}");
    assert!(shown.contains(&format!("run it again with: docket {on_stage} retry {id}\n")), "{shown}");
    let (code, listed, _) = stage.docket(&format!("{on_stage} failures"), &[]).await;
    assert!(code == Some(0) && listed.contains(&id.to_string()), "{listed}");
    let (code, retried, said) = stage.docket(&format!("retry {id} {on_stage}"), &[]).await;
    assert_eq!(code, Some(1), "its document fails again: {retried}{said}");
    let client = stage.local.client().unwrap();
    assert_eq!(client.order(id).await.unwrap().unwrap().run().get(), 2);
}

#[tokio::test]
async fn what_is_wrong_with_the_environment_is_one_sentence() {
    let mut stage = Stage::new().await;
    let line = "--stage dev --firm local orders";
    for (changed, code, part) in [
        (("AWS_SECRET_ACCESS_KEY", ""), 2, "the environment variable AWS_SECRET_ACCESS_KEY is missing; export"),
        (("AWS_REGION", ""), 2, "the environment variable AWS_REGION is missing; export"),
        (("AWS_ENDPOINT_URL", "http://127.0.0.1:1"), 1, "AWS cannot be reached in the region us-east-1; check"),
    ] {
        let (exit, out, said) = stage.docket(line, &[changed]).await;
        assert_eq!((exit, out.as_str(), said.lines().count()), (Some(code), "", 1), "{said}");
        assert!(said.starts_with("docket: ") && said.contains(part), "{said}");
    }
}
