//! What a command says when it cannot work: one sentence that tells the operator what to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use engine::{Action, Call, Interceptor};
use runtime::environment::MissingVariable;
use tests::operator::{OPERATOR, Ran, STAGE, docket};

use super::{submit, with_failed_order};
use tests::pipeline::Pipeline;

/// Refuses an operation of the operator, from its call number `from` on.
struct Refuse {
    operation: &'static str,
    code: &'static str,
    from: u64,
    seen: AtomicU64,
}

impl Interceptor for Refuse {
    fn before(&self, call: &Call) -> Action {
        if &*call.scope != OPERATOR || &*call.operation != self.operation {
            return Action::Pass;
        }
        let number = self.seen.fetch_add(1, Ordering::Relaxed);
        if number < self.from { Action::Pass } else { Action::Fail { status: 400, code: self.code.to_owned() } }
    }
}

fn refuse(pipeline: &Pipeline, operation: &'static str, code: &'static str, from: u64) {
    pipeline.intercept(Arc::new(Refuse { operation, code, from, seen: AtomicU64::new(0) }));
}

/// Checks that a command said one sentence with `part` and nothing else.
fn says(ran: &Ran, code: u8, part: &str) {
    assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{ran:?}");
    assert!(ran.err.starts_with("docket: ") && ran.err.contains(part), "{part}: {ran:?}");
    assert_eq!(ran.err.lines().count(), 1, "{ran:?}");
}

#[tokio::test(start_paused = true)]
async fn a_missing_permission_is_named_whatever_command_lacks_it() {
    let (mut pipeline, id) = with_failed_order().await;
    for (operation, code, command, missing) in [
        ("GetQueueUrl", "AccessDenied", format!("show {id}"), "sqs:GetQueueUrl on the queue docket-dev-command"),
        ("GetItem", "AccessDeniedException", format!("show {id}"), "dynamodb:GetItem on the table docket-dev"),
        ("Query", "AccessDeniedException", format!("show {id}"), "dynamodb:Query on the table docket-dev"),
        ("Query", "AccessDeniedException", "orders".to_owned(), "dynamodb:Query on the table docket-dev"),
        ("Query", "AccessDeniedException", "failures".to_owned(), "dynamodb:Query on the table docket-dev"),
        ("SendMessage", "AccessDenied", format!("retry {id}"), "sqs:SendMessage on the queue docket-dev-command"),
    ] {
        refuse(&pipeline, operation, code, 0);
        let ran = docket(&mut pipeline, &format!("{STAGE} {command}")).await;
        says(&ran, 1, &format!("these credentials may not {missing}"));
    }
}

#[tokio::test(start_paused = true)]
async fn retries_of_a_cause_that_stop_half_way_say_how_many_were_sent() {
    let mut pipeline = Pipeline::new();
    for number in 1..=3 {
        submit(&pipeline, number, &[1, 2]).await;
    }
    pipeline.settle().await;
    refuse(&pipeline, "SendMessage", "ExpiredToken", 1);
    let ran = docket(&mut pipeline, &format!("{STAGE} retry --cause extract.no_document_left")).await;
    says(&ran, 1, "1 of 3 retries were sent; the credentials have expired; sign in again");
}

#[tokio::test(start_paused = true)]
async fn credentials_that_expired_or_are_unknown_are_told_apart() {
    let (mut pipeline, id) = with_failed_order().await;
    refuse(&pipeline, "GetQueueUrl", "ExpiredToken", 0);
    says(&docket(&mut pipeline, &format!("{STAGE} show {id}")).await, 1, "the credentials have expired; sign in again");
    refuse(&pipeline, "GetQueueUrl", "InvalidClientTokenId", 0);
    says(&docket(&mut pipeline, &format!("{STAGE} show {id}")).await, 1, "AWS does not accept the credentials");
}

#[tokio::test(start_paused = true)]
async fn missing_credentials_name_the_variable() {
    let words = ["docket", "--stage", "dev", "--firm", "acme", "orders"];
    let account = || Err(MissingVariable { name: "AWS_ACCESS_KEY_ID" });
    let (_, printed) = docket::run_collected(words, account).await;
    assert!(
        printed.err.starts_with("docket: the environment variable AWS_ACCESS_KEY_ID is missing; export"),
        "{printed:?}"
    );
    assert_eq!(printed.err.lines().count(), 1, "{printed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stage_that_does_not_exist_is_named_with_the_region() {
    let (mut pipeline, id) = with_failed_order().await;
    let ran = docket(&mut pipeline, &format!("--stage nowhere --firm local show {id}")).await;
    says(&ran, 2, "there is no stage nowhere in us-east-1 that these credentials may see");
    refuse(&pipeline, "GetItem", "ResourceNotFoundException", 0);
    says(&docket(&mut pipeline, &format!("{STAGE} show {id}")).await, 2, "there is no stage dev in us-east-1");
}

#[tokio::test(start_paused = true)]
async fn a_dependency_that_is_away_is_named_after_the_sdks_own_retries() {
    let (mut pipeline, id) = with_failed_order().await;
    refuse(&pipeline, "GetItem", "ThrottlingException", 0);
    says(&docket(&mut pipeline, &format!("{STAGE} show {id}")).await, 1, "dynamodb:GetItem is temporarily unavailable");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_order_and_another_firms_order_answer_alike() {
    let (mut pipeline, id) = with_failed_order().await;
    let unknown = "01KANJWJ3V0000000000000000";
    for command in ["show", "retry", "resume", "cancel"] {
        let other = docket(&mut pipeline, &format!("--stage dev --firm other {command} {id}")).await;
        says(&other, 2, "in stage dev for firm other; list the orders with: docket --stage dev --firm other orders");
        let none = docket(&mut pipeline, &format!("--stage dev --firm other {command} {unknown}")).await;
        let alike = Ran { err: none.err.replace(unknown, &id.to_string()), ..none };
        assert_eq!(alike, other);
    }
    assert_eq!(pipeline.order(id).await.run().get(), 1, "nothing was sent");
}

#[tokio::test(start_paused = true)]
async fn options_that_do_not_fit_each_other_or_the_command_are_refused() {
    let mut pipeline = Pipeline::new();
    let id = "01KANJWJ3V0000000000000000";
    for (line, part) in [
        (
            format!("{STAGE} show {id} --data here"),
            "--data names a folder of this machine and --stage a deployed stage",
        ),
        (format!("--stage dev show {id}"), "--stage needs --firm FIRM"),
        (format!("--firm local show {id}"), "--firm goes with --stage"),
        (format!("--stage Dev --firm local show {id}"), "a stage's name begins with a letter"),
        (format!("{STAGE} run --service CANARY"), "docket run does not work on the orders of a stage"),
        (format!("simulate {STAGE}"), "docket simulate does not work on the orders of a stage"),
        (format!("{STAGE} bench"), "docket bench does not work on the orders of a stage"),
        (format!("{STAGE} manifest"), "docket manifest does not work on the orders of a stage"),
    ] {
        says(&docket(&mut pipeline, &line).await, 2, part);
    }
    let both = docket(&mut pipeline, &format!("{STAGE} retry {id} --cause order.overdue")).await;
    assert!(both.code == 2 && both.err.contains("cannot be used with"), "{both:?}");
    let status = docket(&mut pipeline, &format!("{STAGE} orders --status lost")).await;
    assert!(status.code == 2 && status.err.contains("the statuses are "), "{status:?}");
}
