//! The interface between a service and the pipeline: the work of its phases, and how the `docket` command presents it.
//!
//! A service implements [`Service`] and has a row in the table of services (`shared/domain/src/service/table.rs`). The
//! Lambda functions and the local pipeline use it through `shared/services`.

use std::io::{Read, Write};

use aws::bucket::Bucket;
use domain::failure::Failure;
use domain::phase::Phase;
use serde_json::{Map, Value};

use crate::environment::{Environment, MissingVariable};
use crate::phase::{Job, Outcome};
use crate::pipeline::Pipeline;

/// The resources that a phase's function may touch; its policy in `template.yaml` lists the same.
pub struct Resources {
    /// The clients of the hand-off protocol.
    pub pipeline: Pipeline,
    /// Documents, results and artifacts.
    pub bucket: Bucket,
}

impl Resources {
    /// The resources of a phase's function, from the environment.
    ///
    /// # Errors
    /// [`MissingVariable`] names the first that is missing.
    pub fn of_phase(environment: &Environment, phase: Phase) -> Result<Self, MissingVariable> {
        Ok(Self { pipeline: Pipeline::of_phase(environment, phase)?, bucket: environment.bucket()? })
    }
}

/// A service: what each phase does with an order for it. By default, a phase does nothing and completes at once.
///
/// Any phase may run twice for the same job, so results are stored under keys that contain the run, and the first result is
/// kept.
#[expect(
    async_fn_in_trait,
    reason = "dispatch is static and a function works on one thread, so no future has to be Send"
)]
pub trait Service {
    /// How the `docket` command presents the service.
    const PRESENTATION: Presentation = Presentation::PLAIN;

    /// How the desk presents the service.
    const DESK: Desk = Desk::PLAIN;

    /// Reads facts from the documents. Called once per document, or once for an order without documents.
    ///
    /// # Errors
    /// A [`Failure`] by what is done about it.
    async fn extract(_: &Resources, _: &mut Job) -> Result<Outcome, Failure> {
        Ok(Outcome::Done)
    }

    /// Turns the facts into what the service works with.
    ///
    /// # Errors
    /// A [`Failure`] by what is done about it.
    async fn classify(_: &Resources, _: &mut Job) -> Result<Outcome, Failure> {
        Ok(Outcome::Done)
    }

    /// Pauses the order if a person has to decide something.
    ///
    /// # Errors
    /// A [`Failure`] by what is done about it.
    async fn review(_: &Resources, _: &mut Job) -> Result<Outcome, Failure> {
        Ok(Outcome::Done)
    }

    /// Checks the content before documents are made from it.
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

/// How the `docket` command presents a service. The Lambda functions link none of this.
#[derive(Clone, Copy)]
pub struct Presentation {
    /// The files that an order needs, as `docket run` asks for them: `the borrower's statements (XLSX, XLS, ODS or CSV)`.
    pub files: &'static str,
    /// What this service adds to an order's JSON report.
    pub report: Option<Report>,
    /// Classifies a CSV file of labels, for `docket classify`.
    pub classify_labels: Option<ClassifyLabels>,
    /// Reads a reviewer's decisions from a file, for `docket resume --decisions`.
    pub decisions: Option<Decisions>,
}

impl Presentation {
    /// A service that presents nothing of its own.
    pub const PLAIN: Self = Self { files: "a file", report: None, classify_labels: None, decisions: None };
}

/// How the desk presents a service: what it is called, and what a reviewer sees and may decide.
#[derive(Clone, Copy)]
pub struct Desk {
    /// What it makes, in a few words.
    pub name: &'static str,
    /// The files that an order needs, in a sentence.
    pub needs: &'static str,
    /// What a file picker offers, such as `.xlsx,.csv`; empty for any file.
    pub accept: &'static str,
    /// Name of the artifact that holds key figures.
    pub figures: Option<&'static str>,
    /// Its review; none if the service has none.
    pub review: Option<Review>,
}

impl Desk {
    /// A service that presents nothing of its own.
    pub const PLAIN: Self = Self { name: "", needs: "", accept: "", figures: None, review: None };
}

/// What a reviewer sees and may decide.
#[derive(Clone, Copy)]
pub struct Review {
    /// Checks decisions against the order's stored result of `classify`.
    pub check: fn(&Value, Value) -> Result<(), InvalidDecisions>,
    /// Finds what is printed around each of these lines in the stored result of `classify`; empty if that cannot be read.
    pub around: fn(&[u8], &[String]) -> Vec<Around>,
    /// Every row that a line may go to, in the order of the forms.
    pub rows: fn() -> Vec<RowName>,
}

/// What is printed around a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Around {
    /// Id of the line.
    pub line: String,
    /// Headings of the columns, left to right.
    pub columns: Vec<String>,
    /// The lines before it, itself, and the lines after it.
    pub printed: Vec<PrintedLine>,
}

/// A line as it is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrintedLine {
    /// Label as printed.
    pub label: String,
    /// Amounts as printed, left to right; empty text where nothing is printed.
    pub amounts: Vec<String>,
    /// Whether it is the line that the others are around.
    pub is_item: bool,
}

/// A row that a line may go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowName {
    /// Its code.
    pub code: String,
    /// Its label.
    pub label: String,
    /// The form that it is on.
    pub group: String,
}

/// The service's own part of an order's JSON report.
#[derive(Clone, Copy)]
pub struct Report {
    /// Name of the artifact that it is made from.
    pub artifact: &'static str,
    /// Makes the fields from the artifact, if it exists yet.
    pub fields: fn(Option<&[u8]>) -> Map<String, Value>,
}

/// Reads a CSV file of labels and writes the answer as CSV.
pub type ClassifyLabels = fn(&mut dyn Read, &mut dyn Write) -> Result<(), InvalidInput>;

/// How a reviewer's decisions are read from a file.
#[derive(Clone, Copy)]
pub struct Decisions {
    /// The names of the file's columns, for help and errors.
    pub columns: &'static str,
    /// Reads a file into the value that is stored for later phases.
    pub read: fn(&mut dyn Read) -> Result<Value, InvalidInput>,
    /// Checks that value against the order's stored result of `classify`, so that a mistake is reported before it fails the
    /// order.
    pub check: fn(&Value, Value) -> Result<(), InvalidDecisions>,
}

/// A user's input that cannot be used, as an error message for the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidInput(pub String);

/// Why decisions cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDecisions {
    /// They do not fit the order.
    #[error("{0}")]
    Unfit(String),
    /// The order's classification cannot be read, so nothing can be checked against it.
    #[error("the order's classification cannot be read")]
    Unreadable,
}
