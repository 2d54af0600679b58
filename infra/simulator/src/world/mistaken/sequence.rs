//! Mistakes that span several calls: they remember something from one call to the next, or change the order of calls.

use aws::sdk::ATTEMPT_COUNT_MAX;
use domain::failure::FailureRecord;
use domain::limit::ATTEMPT_COUNT_MAX as ATTEMPT_COUNT_MAX_OF_UNIT;
use domain::message::PhaseMessage;
use engine::wire::Reply;
use engine::{Aws, Reset};

use super::call::Call;
use super::{MistakenCode, reply, request};
use crate::judge::item;

impl MistakenCode {
    /// Sends a claim or a commit, and remembers its messages until it is answered.
    pub(super) async fn remember_failed(&self, aws: &Aws, call: Call, messages: Vec<String>) -> Result<Reply, Reset> {
        self.with(call.invocation, |invocation| invocation.failed.extend(messages.iter().cloned()));
        let reply = call.send(aws).await?;
        if reply::is_success(&reply) || reply::is_refusal(&reply) {
            self.with(call.invocation, |invocation| {
                invocation.failed.retain(|message| !messages.contains(message));
            });
        }
        Ok(reply)
    }

    /// Sends a batch, and remembers the orders whose messages were not accepted.
    pub(super) async fn remember_unsent(&self, aws: &Aws, call: Call) -> Result<Reply, Reset> {
        if !call.is_batch() {
            return call.send(aws).await;
        }
        let orders = orders_by_entry(&call);
        self.with(call.invocation, |invocation| {
            invocation.unsent.extend(orders.iter().map(|(_, order)| order.clone()));
        });
        let reply = call.send(aws).await?;
        let sent = reply::sent(&reply);
        self.with(call.invocation, |invocation| {
            for (_, order) in orders.iter().filter(|(entry, _)| sent.contains(entry)) {
                invocation.unsent.remove(order);
            }
            invocation
                .unsent
                .extend(orders.iter().filter(|(entry, _)| !sent.contains(entry)).map(|(_, order)| order.clone()));
        });
        Ok(reply)
    }

    /// Adds ended documents to their order, and reads from the reply only what was known before.
    pub(super) async fn own_view(&self, aws: &Aws, call: Call) -> Result<Reply, Reset> {
        if let Some(pk) = call.read_order().map(str::to_owned) {
            let reply = call.send(aws).await?;
            let ended = reply::ended_documents(&reply);
            self.with(call.invocation, |invocation| invocation.views.insert(pk, ended));
            return Ok(reply);
        }
        let Some(end) = call.documents_end() else { return call.send(aws).await };
        let view = self.with(call.invocation, |invocation| {
            let view = invocation.views.entry(end.pk).or_default();
            view.extend(end.documents);
            view.clone()
        });
        Ok(reply::with_documents(call.send(aws).await?, &view))
    }

    /// Remembers the name of each file that is read, and puts it into the failure of its document.
    pub(super) async fn name_in_record(&self, aws: &Aws, mut call: Call) -> Result<Reply, Reset> {
        if let Some(path) = call.read_document().map(str::to_owned) {
            let reply = call.send(aws).await?;
            if let Some(name) = reply::file_name(&call, &reply) {
                self.with(call.invocation, |invocation| invocation.file_names.insert(path, name));
            }
            return Ok(reply);
        }
        let names = self.with(call.invocation, |invocation| invocation.file_names.clone());
        request::name_files(&mut call, &names);
        call.send(aws).await
    }

    /// Sends completions to the backup, and treats the last attempt as a success.
    pub(super) async fn ignore_backup_loss(&self, aws: &Aws, call: Call) -> Result<Reply, Reset> {
        let attempts = self.with(call.invocation, |invocation| {
            invocation.backup_attempts += 1;
            invocation.backup_attempts
        });
        match call.send(aws).await {
            Ok(reply) if reply::is_success(&reply) => Ok(reply),
            _ if attempts >= ATTEMPT_COUNT_MAX => Ok(Reply::new(200, "application/xml", "")),
            failed => failed,
        }
    }

    /// Reads an order as if it had been claimed as often as a dead letter takes to fail it.
    pub(super) async fn fail_early(&self, aws: &Aws, mut call: Call) -> Result<Reply, Reset> {
        if let Some(pk) = call.read_order().map(str::to_owned) {
            let (reply, was) = reply::with_claims(call.send(aws).await?, ATTEMPT_COUNT_MAX_OF_UNIT);
            if let Some(was) = was {
                self.with(call.invocation, |invocation| invocation.claims.insert(pk, was));
            }
            return Ok(reply);
        }
        let claims = self.with(call.invocation, |invocation| invocation.claims.clone());
        call.change_order(|order| {
            if let Some(was) = order["pk"]["S"].as_str().and_then(|pk| claims.get(pk)) {
                order["phase_attempts"] = was.clone();
            }
        });
        call.send(aws).await
    }

    /// Publishes the alert of a failure, then records the failure.
    pub(super) async fn alert_first(&self, aws: &Aws, call: Call) -> Result<Reply, Reset> {
        let record = call.order_and_failure().map(|(_, failure)| item::plain_item(&failure["Item"]));
        let record = record.and_then(|record| serde_json::from_value::<FailureRecord>(record).ok());
        if let (Some(record), Some(alerts)) = (record, &self.alerts)
            && self.with(call.invocation, |invocation| {
                invocation.done.insert(format!("{} {}", record.order_id, record.failure_id))
            })
        {
            // This code does not care whether it was sent: it publishes once more when the failure is recorded.
            drop(alerts.publish(&record, &[]).await);
        }
        call.send(aws).await
    }

    /// Writes the order, then records the failure.
    pub(super) async fn record_later(&self, aws: &Aws, call: Call) -> Result<Reply, Reset> {
        let Some((order, failure)) = call.order_and_failure() else { return call.send(aws).await };
        let writer = format!("{} {}", order["Item"]["writer"], order["Item"]["revision"]);
        if !self.with(call.invocation, |invocation| invocation.done.contains(&writer)) {
            let reply = call.another("PutItem", order).send(aws).await?;
            if reply::is_refusal(&reply) {
                return Ok(reply::cancelled(&reply));
            }
            if !reply::is_success(&reply) {
                return Ok(reply);
            }
            self.with(call.invocation, |invocation| invocation.done.insert(writer));
        }
        let mut failure = failure.clone();
        failure["ConditionExpression"] = "attribute_not_exists(pk)".into();
        let reply = call.another("PutItem", &failure).send(aws).await?;
        // A failure that is already recorded stays as it is.
        Ok(if reply::is_refusal(&reply) { reply::done() } else { reply })
    }
}

/// The order that each entry of a batch hands off.
fn orders_by_entry(call: &Call) -> Vec<(String, String)> {
    let entries = call.json["Entries"].as_array().into_iter().flatten();
    let order =
        |body: &str| serde_json::from_str::<PhaseMessage>(body).ok().map(|message| message.order_id.to_string());
    entries
        .filter_map(|entry| Some((entry["Id"].as_str()?.to_owned(), order(entry["MessageBody"].as_str()?)?)))
        .collect()
}
