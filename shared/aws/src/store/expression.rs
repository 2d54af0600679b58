//! Builds the updates whose condition is not the order's revision: a claim, which has to be one call, its release, which may
//! have to be made without knowing the order, and the end of executions, because executions of one order end concurrently. Their conditions express in DynamoDB's language what
//! [`domain::claim::judge`] and the lifecycle say in Rust. A test checks that both agree.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::{DocumentNumber, RunNumber};
use domain::order::{Lease, ORDER_SCHEMA, PhaseRecord};
use domain::phase::Phase;
use domain::status::Status;
use jiff::Timestamp;

use crate::Error;
use crate::item::{number, numbers, serialize, text};

/// An update and its condition.
pub(super) struct Update {
    pub(super) condition: String,
    pub(super) change: String,
    pub(super) names: HashMap<String, String>,
    pub(super) values: HashMap<String, AttributeValue>,
}

/// Takes the lease on a phase that is one unit of work. A repeat of the same claim, whose answer was lost, takes nothing.
pub(super) fn claim(run: RunNumber, phase: Phase, lease: &Lease, now: Timestamp) -> Result<Update, Error> {
    let mut update = fenced(run, phase);
    began(&mut update, run, phase, now)?;
    update.condition.push_str(
        " AND (attribute_not_exists(#lease) OR (#lease.#message = :message AND #lease.#owner <> :owner) OR \
         (#lease.#message <> :message AND #lease.#until <= :now))",
    );
    if phase == Phase::Extract {
        update.condition.push_str(" AND documents = :none");
        update.value(":none", number(0));
    }
    update.change = "SET #lease = :lease, phase_attempts = if_not_exists(phase_attempts, :none_yet) + :one, \
                     orchestration_status = :working, #status = working_status, \
                     phases.#phase_name = if_not_exists(phases.#phase_name, :began), writer = :owner, updated_at = :at \
                     ADD revision :one"
        .to_owned();
    for name in ["lease", "until", "message", "owner"] {
        update.name(&format!("#{name}"), name);
    }
    update.value(":message", text(&lease.message));
    update.value(":owner", text(&lease.owner));
    update.value(":none_yet", number(0));
    update.value(":lease", AttributeValue::M(serialize(lease)?));
    update.value(":now", number(now.as_millisecond()));
    Ok(update)
}

/// Gives the lease on a phase back, as if it had not been taken. That the phase has begun stays.
pub(super) fn release(run: RunNumber, phase: Phase, lease: &Lease, now: Timestamp, writer: &str) -> Update {
    let mut update = fenced(run, phase);
    update.condition.push_str(" AND #lease.#message = :message AND #lease.#owner = :owner AND phase_attempts >= :one");
    update.change = "SET phase_attempts = phase_attempts - :one, writer = :writer, updated_at = :at \
                     REMOVE #lease ADD revision :one"
        .to_owned();
    for name in ["lease", "message", "owner"] {
        update.name(&format!("#{name}"), name);
    }
    update.value(":message", text(&lease.message));
    update.value(":owner", text(&lease.owner));
    update.value(":writer", text(writer));
    update.value(":at", text(now.to_string()));
    update.value(":one", number(1));
    update
}

/// Adds executions to the sets of those that ended and that failed, unless all of them are there.
pub(super) fn end_executions(
    run: RunNumber,
    ended: &BTreeSet<DocumentNumber>,
    failed: &BTreeSet<DocumentNumber>,
    now: Timestamp,
    writer: &str,
) -> Result<Update, Error> {
    let mut update = fenced(run, Phase::Extract);
    began(&mut update, run, Phase::Extract, now)?;
    let highest = ended.last().map_or(u32::MAX, |number| number.get());
    update.condition.push_str(" AND documents >= :highest AND (attribute_not_exists(terminal)");
    update.value(":highest", number(highest));
    for (index, one) in ended.iter().enumerate() {
        let name = format!(":ended{index}");
        update.condition.push_str(&format!(" OR NOT contains(terminal, {name})"));
        update.value(&name, number(one.get()));
    }
    update.condition.push(')');
    update.change = "SET phases.#phase_name = if_not_exists(phases.#phase_name, :began), \
                     orchestration_status = :working, #status = working_status, writer = :writer, updated_at = :at \
                     ADD terminal :ended, revision :one"
        .to_owned();
    if !failed.is_empty() {
        update.change.push_str(", failed :failed");
        update.value(":failed", numbers(failed));
    }
    update.value(":ended", numbers(ended));
    update.value(":writer", text(writer));
    Ok(update)
}

/// What all updates require: a layout that this code writes, the right run and phase, an order that has not ended.
fn fenced(run: RunNumber, phase: Phase) -> Update {
    let mut update = Update {
        condition: "#schema = :schema AND #run = :run AND #phase = :phase AND \
                    #status IN (:queued, :in_progress, :regenerating)"
            .to_owned(),
        change: String::new(),
        names: HashMap::new(),
        values: HashMap::new(),
    };
    for (name, attribute) in [("#schema", "schema"), ("#run", "run"), ("#phase", "phase"), ("#status", "status")] {
        update.name(name, attribute);
    }
    update.value(":schema", number(ORDER_SCHEMA));
    update.value(":run", number(run.get()));
    update.value(":phase", text(phase.as_str()));
    update.value(":queued", text(Status::Queued.as_str()));
    update.value(":in_progress", text(Status::InProgress.as_str()));
    update.value(":regenerating", text(Status::Regenerating.as_str()));
    update
}

/// What the updates have in common that show that a phase has begun.
fn began(update: &mut Update, run: RunNumber, phase: Phase, now: Timestamp) -> Result<(), Error> {
    let began = PhaseRecord { run, started_at: now, completed_at: None, skipped: false, waited: false };
    update.name("#phase_name", phase.as_str());
    update.value(":working", text(phase.working().as_str()));
    update.value(":began", AttributeValue::M(serialize(&began)?));
    update.value(":at", text(now.to_string()));
    update.value(":one", number(1));
    Ok(())
}

impl Update {
    fn name(&mut self, placeholder: &str, attribute: &str) {
        self.names.insert(placeholder.to_owned(), attribute.to_owned());
    }

    fn value(&mut self, placeholder: &str, value: AttributeValue) {
        self.values.insert(placeholder.to_owned(), value);
    }
}
