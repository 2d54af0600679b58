//! Checks that the pipeline accepts what docs/guide/DEPLOY.md tells its reader to type.

use domain::id::{DocumentNumber, FirmId, OrderId};
use domain::message::{Command, CommandMessage, MESSAGE_SCHEMA};
use domain::service::ServiceCode;

use super::root;

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
