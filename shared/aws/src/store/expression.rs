//! Builds the two updates whose condition is not the order's revision, because its documents are worked on concurrently.
//! Their conditions express in DynamoDB's language what [`domain::claim::judge`] and the lifecycle say in Rust. A test
//! checks that both agree.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::event::Unit;
use domain::id::{DocumentNumber, RunNumber};
use domain::order::{Execution, ExecutionStatus, Lease, PhaseRecord, lease_key};
use domain::phase::Phase;
use domain::status::Status;
use jiff::Timestamp;

use crate::Error;
use crate::item::{number, serialize, text};

/// An update and its condition.
pub(super) struct Update {
    pub(super) condition: String,
    pub(super) change: String,
    pub(super) names: HashMap<String, String>,
    pub(super) values: HashMap<String, AttributeValue>,
}

/// Takes a lease on a unit of work.
pub(super) fn claim(unit: &Unit, lease: &Lease, now: Timestamp) -> Result<Update, Error> {
    let mut update = fenced(unit.run, unit.phase, unit.document, now)?;
    update.condition.push_str(
        " AND (attribute_not_exists(leases.#unit) OR leases.#unit.message = :message OR leases.#unit.#until <= :now)",
    );
    update.change = "SET leases.#unit = :lease, attempts.#unit = if_not_exists(attempts.#unit, :none_yet) + :one, \
                     orchestration_status = :working, #status = working_status, \
                     phases.#phase_name = if_not_exists(phases.#phase_name, :began), writer = :writer, updated_at = :at \
                     ADD revision :one"
        .to_owned();
    update.name("#until", "until");
    update.value(":message", text(&lease.message));
    update.value(":none_yet", number(0));
    update.value(":lease", AttributeValue::M(serialize(lease)?));
    update.value(":working", text(unit.phase.working().as_str()));
    update.value(":writer", text(&lease.owner));
    update.value(":now", number(now.as_millisecond()));
    Ok(update)
}

/// Adds a document to the set of those that ended, with its execution.
pub(super) fn end_document(
    run: RunNumber,
    document: DocumentNumber,
    execution: &Execution,
    writer: &str,
) -> Result<Update, Error> {
    let mut update = fenced(run, Phase::Extract, Some(document), execution.ended_at)?;
    // A document that was never claimed has no result, but it can have failed as a dead letter.
    if execution.status == ExecutionStatus::Completed {
        update.condition.push_str(" AND orchestration_status = :working");
    }
    update.change = "SET executions.#document = :execution, phases.#phase_name = if_not_exists(phases.#phase_name, \
                     :began), orchestration_status = :working, #status = working_status, writer = :writer, \
                     updated_at = :at ADD terminal :documents, revision :one REMOVE leases.#unit"
        .to_owned();
    update.name("#document", &document.to_string());
    update.value(":working", text(Phase::Extract.working().as_str()));
    update.value(":execution", AttributeValue::M(serialize(execution)?));
    update.value(":documents", AttributeValue::Ns(vec![document.to_string()]));
    update.value(":writer", text(writer));
    Ok(update)
}

/// What both updates require: the right run and phase, an order that has not ended, a document that has not ended.
fn fenced(run: RunNumber, phase: Phase, document: Option<DocumentNumber>, now: Timestamp) -> Result<Update, Error> {
    let began = PhaseRecord { run, started_at: now, completed_at: None, skipped: false };
    let mut update = Update {
        condition: "#run = :run AND #phase = :phase AND #status IN (:queued, :in_progress, :regenerating)".to_owned(),
        change: String::new(),
        names: HashMap::new(),
        values: HashMap::new(),
    };
    for (name, attribute) in [("#run", "run"), ("#phase", "phase"), ("#status", "status")] {
        update.name(name, attribute);
    }
    update.name("#unit", &lease_key(document));
    update.name("#phase_name", phase.as_str());
    update.value(":run", number(run.get()));
    update.value(":phase", text(phase.as_str()));
    update.value(":queued", text(Status::Queued.as_str()));
    update.value(":in_progress", text(Status::InProgress.as_str()));
    update.value(":regenerating", text(Status::Regenerating.as_str()));
    update.value(":began", AttributeValue::M(serialize(&began)?));
    update.value(":at", text(now.to_string()));
    update.value(":one", number(1));
    match document {
        Some(document) if phase == Phase::Extract => {
            update.condition.push_str(
                " AND documents >= :document AND (attribute_not_exists(terminal) OR NOT contains(terminal, :document))",
            );
            update.value(":document", number(document.get()));
        }
        // Only extraction has units per document, so this condition never holds.
        Some(_) => update.condition.push_str(" AND attribute_not_exists(pk)"),
        None if phase == Phase::Extract => {
            update.condition.push_str(" AND documents = :none");
            update.value(":none", number(0));
        }
        None => {}
    }
    Ok(update)
}

impl Update {
    fn name(&mut self, placeholder: &str, attribute: &str) {
        self.names.insert(placeholder.to_owned(), attribute.to_owned());
    }

    fn value(&mut self, placeholder: &str, value: AttributeValue) {
        self.values.insert(placeholder.to_owned(), value);
    }
}
