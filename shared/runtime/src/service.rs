//! What a service is to the pipeline: the work of its five phases, and how the `docket` command presents it.
//!
//! A service implements [`Service`] and has a row in the table of services (`shared/domain/src/service/table.rs`). Everything
//! else, from the Lambda functions to the local pipeline, reaches it through `shared/services`.

use std::io::{Read, Write};

use aws::bucket::Bucket;
use domain::failure::Failure;
use domain::phase::Phase;
use serde_json::{Map, Value};

use crate::environment::{Environment, MissingVariable};
use crate::phase::{Job, Outcome};
use crate::pipeline::Pipeline;

/// What the function of a phase may touch; its policy in `template.yaml` lists the same.
pub struct Resources {
    /// The clients of the hand-off protocol.
    pub pipeline: Pipeline,
    /// Documents, results and artifacts.
    pub bucket: Bucket,
}

impl Resources {
    /// Resources of a phase's function, as the environment names them.
    ///
    /// # Errors
    /// [`MissingVariable`] names the first that is missing.
    pub fn of_phase(environment: &Environment, phase: Phase) -> Result<Self, MissingVariable> {
        Ok(Self { pipeline: Pipeline::of_phase(environment, phase)?, bucket: environment.bucket()? })
    }
}

/// A service: what each phase does with an order of it. A phase that it leaves as it is has nothing to do and is done at once.
///
/// Any phase may run twice for the same job, so its results go to keys that hold the run, where the first one stands.
#[expect(
    async_fn_in_trait,
    reason = "dispatch is static and a function works on one thread, so no future has to be Send"
)]
pub trait Service {
    /// How the `docket` command presents the service.
    const PRESENTATION: Presentation = Presentation::PLAIN;

    /// Documents to facts; called once per document, or once for an order without documents.
    ///
    /// # Errors
    /// A [`Failure`] by what is done about it.
    async fn extract(_: &Resources, _: &mut Job) -> Result<Outcome, Failure> {
        Ok(Outcome::Done)
    }

    /// Facts to what the service works with.
    ///
    /// # Errors
    /// A [`Failure`] by what is done about it.
    async fn classify(_: &Resources, _: &mut Job) -> Result<Outcome, Failure> {
        Ok(Outcome::Done)
    }

    /// Pauses on what a person must decide.
    ///
    /// # Errors
    /// A [`Failure`] by what is done about it.
    async fn review(_: &Resources, _: &mut Job) -> Result<Outcome, Failure> {
        Ok(Outcome::Done)
    }

    /// Checks what is going to be generated.
    ///
    /// # Errors
    /// A [`Failure`] by what is done about it.
    async fn validate(_: &Resources, _: &mut Job) -> Result<Outcome, Failure> {
        Ok(Outcome::Done)
    }

    /// Makes the documents that the client ordered.
    ///
    /// # Errors
    /// A [`Failure`] by what is done about it.
    async fn generate(_: &Resources, _: &mut Job) -> Result<Outcome, Failure> {
        Ok(Outcome::Done)
    }
}

/// How the `docket` command presents a service. Functions link none of it.
#[derive(Clone, Copy)]
pub struct Presentation {
    /// The files that an order takes, as `docket run` asks for them: `the borrower's statements (XLSX, XLS, ODS or CSV)`.
    pub files: &'static str,
    /// What an order's JSON report holds for this service beside what it holds for every order.
    pub report: Option<Report>,
    /// Classifies a CSV file of labels, for `docket classify`.
    pub classify_labels: Option<ClassifyLabels>,
    /// A reviewer's decisions in a file, for `docket resume --decisions`.
    pub decisions: Option<Decisions>,
}

impl Presentation {
    /// A service with nothing of its own to present.
    pub const PLAIN: Self = Self { files: "a file", report: None, classify_labels: None, decisions: None };
}

/// The service's own part of an order's JSON report.
#[derive(Clone, Copy)]
pub struct Report {
    /// Name of the artifact that it is made from.
    pub artifact: &'static str,
    /// The fields, from the artifact if it has been made.
    pub fields: fn(Option<&[u8]>) -> Map<String, Value>,
}

/// Reads a CSV file of labels and writes the answer as CSV.
pub type ClassifyLabels = fn(&mut dyn Read, &mut dyn Write) -> Result<(), InvalidInput>;

/// How a reviewer's decisions are read from a file.
#[derive(Clone, Copy)]
pub struct Decisions {
    /// The columns of the file, as help and errors name them.
    pub columns: &'static str,
    /// Reads a file into the value that is stored for the later phases.
    pub read: fn(&mut dyn Read) -> Result<Value, InvalidInput>,
    /// Checks such a value against the order's stored result of `classify`, so that a mistake shows before it fails the order.
    pub check: fn(&Value, Value) -> Result<(), InvalidDecisions>,
}

/// A user's input that cannot be used, in words for that user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidInput(pub String);

/// Why decisions cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDecisions {
    /// They do not fit the order.
    #[error("{0}")]
    Unfit(String),
    /// The order's classification cannot be read, so nothing can be checked against it.
    #[error("the order's classification cannot be read")]
    Unreadable,
}
