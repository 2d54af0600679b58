//! Carries out the plan of an order through the API: creates it, uploads, has it processed, decides its review, retries, cancels.

use std::time::Duration;

use domain::id::RunNumber;
use domain::message::Command;
use domain::option::Options;
use domain::order::Order;
use domain::person::Person;
use domain::phase::Phase;
use domain::status::{OrchestrationStatus, Status};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::judge::audit::Accepted;
use crate::plan::desk::{DeskPlan, People, creation_key};
use crate::plan::mark;
use crate::plan::workload::{OrderPlan, SecondThoughts};
use crate::world::actor::{self, LOOK_EVERY};
use crate::world::clients::Clients;
use crate::world::desk::{Answer, Ask, Desk};

/// What one order's people work with.
struct Work<'a> {
    clients: &'a Clients,
    desk: &'a Desk,
    plan: &'a OrderPlan,
    habits: &'a DeskPlan,
}

/// Carries out the plan of one order, the `index`th of its run.
pub(crate) async fn play(clients: Clients, desk: Desk, plan: OrderPlan, index: usize, accepted: Accepted) {
    let Some(habits) = plan.desk.clone() else { return };
    tokio::time::sleep(Duration::from_millis(plan.at_ms)).await;
    let work = Work { clients: &clients, desk: &desk, plan: &plan, habits: &habits };
    if habits.creates {
        work.create(&creation_key(index)).await;
    } else {
        actor::order(&clients, &plan).await;
    }
    accepted.borrow_mut().insert(actor::partition(&plan));
    futures_util::join!(
        actor::repeat(&clients, &plan),
        actor::remove(&clients, &plan),
        work.cancel(),
        work.resume_early(),
        work.visit(),
        work.look_after()
    );
}

impl Work<'_> {
    fn people(&self) -> &People {
        &self.habits.people
    }

    fn ask(&self, by: Person, method: &'static str, path: &str) -> Ask {
        let path = format!("/{}{path}", self.plan.id);
        Ask::new(by, &self.plan.firm, self.plan.id, method, &path)
    }

    /// A command about the order.
    async fn command(&self, by: Person, what: &str, key: String, body: &Value, command: Option<Command>) -> Answer {
        let ask = self.ask(by, "POST", what).json(body).keyed(key);
        self.desk.ask(if let Some(command) = command { ask.asking(command) } else { ask }).await
    }

    async fn create(&self, key: &str) {
        let plan = self.plan;
        // Whoever weakens the review has the role to decide it.
        let weakens =
            plan.options.skip_review || plan.options.auto_approve_above < Options::default().auto_approve_above;
        let by = if weakens { self.people().ordering_operator.clone() } else { self.people().preparer.clone() };
        let create = Ask::new(by.clone(), &plan.firm, plan.id, "POST", "");
        let body = json!({ "service_code": plan.service, "options": plan.options });
        self.desk.ask(create.json(&body).keyed(key.to_owned())).await;
        if !plan.files.is_empty() {
            let files = plan.files.iter().map(|(name, bytes)| json!({ "name": name, "bytes": bytes.len() }));
            let body = json!({ "files": files.collect::<Vec<_>>() });
            self.desk.ask(self.ask(by.clone(), "POST", "/documents").json(&body).keyed(format!("{key}-files"))).await;
        }
        for (number, (_, bytes)) in (1..).zip(&plan.files) {
            let put = self.ask(by.clone(), "PUT", &format!("/documents/{number}/content"));
            self.desk.ask(put.file(bytes.clone())).await;
        }
        self.desk.ask(self.ask(by, "POST", "/process").keyed(format!("{key}-process"))).await;
    }

    async fn cancel(&self) {
        let Some(after_ms) = self.plan.cancel_after_ms else { return };
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        let Some(order) = self.order().await else { return };
        self.cancel_run(order.run(), "cancel".to_owned()).await;
    }

    async fn cancel_run(&self, run: RunNumber, key: String) {
        let body = json!({ "run": run.get(), "reason": "It was ordered by mistake." });
        let command = Command::Cancel { run: Some(run) };
        self.command(self.people().preparer.clone(), "/cancel", key, &body, Some(command)).await;
    }

    /// Resumes the order whether it waits or not.
    async fn resume_early(&self) {
        let Some(after_ms) = self.habits.resumes_early_ms else { return };
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        self.resume(RunNumber::FIRST, "early".to_owned()).await;
    }

    async fn resume(&self, run: RunNumber, key: String) {
        let body = json!({ "run": run.get(), "reason": "The proposals are right." });
        self.command(self.people().reviewer.clone(), "/resume", key, &body, Some(Command::Resume { run })).await;
    }

    /// Somebody of another firm looks at the order and cancels it.
    async fn visit(&self) {
        tokio::time::sleep(Duration::from_millis(self.habits.stranger_ms)).await;
        let by = self.people().stranger.clone();
        self.desk.ask(self.ask(by.clone(), "GET", "")).await;
        let body = json!({ "run": 1, "reason": "I can." });
        self.command(by, "/cancel", "stranger".to_owned(), &body, None).await;
    }

    async fn order(&self) -> Option<Order> {
        self.clients.order(&self.plan.firm, self.plan.id).await
    }

    async fn look_after(&self) {
        for look in 0..self.plan.looks {
            tokio::time::sleep(LOOK_EVERY).await;
            let Some(order) = self.order().await else { continue };
            let Some(begun) = self.do_what_it_needs(&order, look).await else { continue };
            self.reconsider(look, (order.run(), begun)).await;
        }
    }

    /// Does what an order in this state needs. The run that it is about, if anything was done.
    async fn do_what_it_needs(&self, order: &Order, look: u32) -> Option<RunNumber> {
        let (plan, run) = (self.plan, order.run());
        if order.is_paused() {
            self.review(order, look).await;
            return Some(run);
        }
        let has_failed = order.orchestration_status() == OrchestrationStatus::Failed;
        let again = plan.regenerates && order.has_version();
        if has_failed && !(again && plan.habits.orders_again) {
            let mends = plan.habits.mends_file && !order.has_version() && order.phase() == Phase::Extract;
            if mends {
                self.clients.replace(plan, look + 1).await;
            }
            let start_from = mends.then_some(Phase::Extract);
            let body = json!({ "run": run.get(), "reason": "The cause is mended.", "start_from": start_from });
            let command = Command::Retry { run, start_from };
            self.command(self.people().operator.clone(), "/retry", format!("look-{look}"), &body, Some(command)).await;
            return Some(run.next());
        }
        if !again || !has_failed && order.status() != Status::Completed {
            return None;
        }
        let replaces = order.orchestration_status() == OrchestrationStatus::Completed && plan.habits.replaces_file;
        if replaces {
            self.clients.replace(plan, look + 1).await;
        }
        let start_from = if replaces { Phase::Extract } else { Phase::Generate };
        let body = json!({ "run": run.get(), "reason": "Another version.", "start_from": start_from });
        let command = Command::Regenerate { run, start_from: Some(start_from) };
        self.command(self.people().preparer.clone(), "/regenerate", format!("look-{look}"), &body, Some(command)).await;
        Some(run.next())
    }

    async fn reconsider(&self, look: u32, (before, run): (RunNumber, RunNumber)) {
        let Some(SecondThoughts { after_ms, is_stale }) = self.plan.habits.second_thoughts else { return };
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        self.cancel_run(if is_stale { before } else { run }, format!("look-{look}-cancel")).await;
    }

    /// Ends the review that the order waits for, perhaps only about when it expires.
    async fn review(&self, order: &Order, look: u32) {
        if let Some(late_ms) = self.habits.decides_late_ms {
            let due = order.review_wait().since.as_millisecond() + i64::try_from(late_ms).unwrap_or(0);
            let left = Timestamp::from_millisecond(due).map_or(0, |due| due.as_millisecond() - self.desk.now_ms());
            tokio::time::sleep(Duration::from_millis(u64::try_from(left).unwrap_or(0))).await;
        }
        if self.habits.extends {
            let body = json!({ "run": order.run().get(), "reason": "The auditor is away." });
            self.command(self.people().reviewer.clone(), "/review/extend", format!("look-{look}-extend"), &body, None)
                .await;
        }
        if !self.plan.decides {
            self.resume(order.run(), format!("look-{look}-resume")).await;
        } else if self.habits.submits_twice {
            let one = self.decide(self.people().reviewer.clone(), order, format!("look-{look}-one"));
            let other = self.decide(self.people().other_reviewer.clone(), order, format!("look-{look}-other"));
            futures_util::join!(one, other);
        } else {
            self.decide(self.people().reviewer.clone(), order, format!("look-{look}-submit")).await;
        }
    }

    /// Claims the review, saves decisions and submits it, as far as nobody else is faster.
    async fn decide(&self, by: Person, order: &Order, key: String) {
        let claim = self.ask(by.clone(), "PUT", "/review/claim").json(&json!({ "take_over": true }));
        self.desk.ask(claim).await;
        let mut tag = self.desk.ask(self.ask(by.clone(), "GET", "/review")).await.tag;
        let mut has_left_out = false;
        if self.plan.habits.leaves_out && !tag.is_empty() {
            let decisions: Value = serde_json::from_slice(&mark::decisions(true)).unwrap_or(Value::Null);
            let save = self.ask(by.clone(), "PUT", "/review/decisions").json(&json!({ "decisions": decisions }));
            let saved = self.desk.ask(save.seen(&tag)).await;
            if saved.is_success() {
                (tag, has_left_out) = (saved.tag, true);
            }
        }
        if tag.is_empty() {
            return;
        }
        let command = Command::ReviewDecided { run: order.run() };
        let submit = self.ask(by, "POST", "/review/submit").json(&json!({ "accept_remaining": true }));
        let submitted = self.desk.ask(submit.keyed(key).seen(&tag).asking(command)).await;
        if has_left_out && submitted.is_success() {
            self.desk.judge_decision(&self.plan.firm, self.plan.id, order.run());
        }
    }
}
