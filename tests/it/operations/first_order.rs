//! Checks that the pipeline accepts what docs/guide/DEPLOY.md and OPERATIONS.md tell their readers to type.

use domain::id::{DocumentNumber, FirmId, OrderId};
use domain::message::{Command, CommandMessage, MESSAGE_SCHEMA};
use domain::phase::Phase;
use domain::service::ServiceCode;

use super::{page, root};

const ORDER: &str = "01KE6N1VM0000000000000000Z";

#[test]
fn the_first_order_on_the_deployment_page_is_valid() {
    let page = std::fs::read_to_string(root().join("docs/guide/DEPLOY.md")).unwrap();
    let body = page.split("--message-body \"").nth(1).unwrap().split("}}\"").next().unwrap();
    let filled = format!("{body}}}}}").replace("\\\"", "\"").replace("$order", ORDER).replace("$firm", "acme");
    let message: CommandMessage = serde_json::from_str(&filled.replace("$number", "2")).unwrap();
    assert_eq!((message.schema, message.order_id.to_string().as_str()), (MESSAGE_SCHEMA, ORDER));
    assert!(
        matches!(message.command, Command::Submit { service_code: ServiceCode::Cma, documents: 2, .. }),
        "{message:?}"
    );

    let (firm, order): (FirmId, OrderId) = ("acme".parse().unwrap(), ORDER.parse().unwrap());
    let uploaded = "firms/$firm/orders/$order/documents/$(printf %04d $number)";
    assert!(page.contains(&format!("/{uploaded}\"")));
    let filled = uploaded.replace("$firm", "acme").replace("$order", ORDER).replace("$(printf %04d $number)", "0002");
    assert_eq!(filled, aws::key::document(&firm, order, DocumentNumber::try_from(2).unwrap()));
}

#[test]
fn the_commands_of_the_operations_page_are_taken() {
    let page = page();
    let body = page.split("--message-body \"").nth(1).unwrap().split("}\"").next().unwrap();
    let filled = format!("{body}}}").replace("\\\"", "\"").replace("$order", ORDER).replace("$firm", "acme");
    let filled = filled.replace("$(date +%s)", "1");
    let command = |text: &str| serde_json::from_str::<CommandMessage>(text).unwrap().command;
    assert!(matches!(command(&filled), Command::Retry { .. }), "{filled}");
    assert!(matches!(command(&filled.replace("retry", "resume")), Command::Resume { .. }));
    assert!(matches!(command(&filled.replace("retry", "cancel")), Command::Cancel { run: Some(_) }));
    let recalculates = "\"regenerate\", \"start_from\": \"validate\"";
    let regenerate = command(&filled.replace("\"retry\"", recalculates));
    assert!(matches!(regenerate, Command::Regenerate { start_from: Some(Phase::Validate), .. }), "{regenerate:?}");
}

#[test]
fn the_operations_page_looks_at_every_list_of_pending_alerts() {
    let shards: Vec<String> = (0..aws::key::WATCH_SHARD_COUNT).map(|shard| shard.to_string()).collect();
    assert!(page().contains(&format!("for shard in {}; do", shards.join(" "))));
}
