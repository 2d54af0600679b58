//! Runs the local pipeline in tests.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use client::{Client, Upload};
use domain::id::{DocumentNumber, OrderId};
use domain::option::Options;
use domain::order::Order;
use domain::service::ServiceCode;
use engine::template::stack::Event;
use engine::{Clock, Interceptor};
use jiff::Timestamp;
use pipeline::LocalPipeline;

/// Longest virtual time that an order may take once faults have ended: every delivery of a message waits for its
/// visibility timeout, and its dead letter is handled after that.
pub const SETTLED_WITHIN: Duration = Duration::from_secs(3 * 3_600);

/// The time at which tests start.
pub const START: &str = "2026-01-05T09:00:00Z";

/// The pipeline and a client of it. Use it under tokio's paused time.
pub struct Pipeline {
    /// The pipeline.
    pub local: LocalPipeline,
    /// The client.
    pub client: Client,
}

/// An order that a test submits.
#[derive(Clone, Debug)]
pub struct OrderRequest {
    /// The service.
    pub service: ServiceCode,
    /// Files of the order.
    pub files: Vec<(String, Vec<u8>)>,
    /// Made-up documents, for a canary.
    pub documents: u32,
    /// Options.
    pub options: Options,
}

impl OrderRequest {
    /// A canary without documents.
    #[must_use]
    pub fn canary() -> Self {
        Self { service: ServiceCode::Canary, files: Vec::new(), documents: 0, options: Options::default() }
    }

    /// A canary with documents, some of which fail.
    #[must_use]
    pub fn canary_with(documents: u32, failing: &[u32]) -> Self {
        let canary_failures = DocumentNumber::all(documents).filter(|d| failing.contains(&d.get())).collect();
        Self { documents, options: Options { canary_failures, ..Options::default() }, ..Self::canary() }
    }

    /// A CMA of files in memory, without review.
    #[must_use]
    pub fn cma(files: &[(&str, &[u8])]) -> Self {
        let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
        let options = Options { skip_review: true, ..Options::default() };
        Self { service: ServiceCode::Cma, files, documents: 0, options }
    }

    /// A CMA of the sample borrower that ships with the project, without review.
    ///
    /// # Panics
    /// When the sample is missing.
    #[must_use]
    pub fn sample() -> Self {
        let mut files: Vec<PathBuf> = std::fs::read_dir(sample_folder())
            .expect("the sample borrower ships with the project")
            .map(|entry| entry.expect("readable").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "xlsx"))
            .collect();
        files.sort();
        let files = files
            .iter()
            .map(|path| {
                let name = path.file_name().expect("a file").to_string_lossy().into_owned();
                (name, std::fs::read(path).expect("readable"))
            })
            .collect();
        Self { files, ..Self::cma(&[]) }
    }
}

/// Folder of the sample borrower's statements.
#[must_use]
pub fn sample_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/shree-ganpati")
}

/// Folder of the shared notes and fixtures beside the project, if it exists.
#[must_use]
pub fn shared_folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let folder = std::env::var_os("DOCKET_SHARED").map_or(beside, PathBuf::from);
    if folder.join("domain").is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: the shared fixtures are not beside the project");
    None
}

/// Runs a test in virtual time, with threads that end at the same point in every run, if the pipeline waits for them
/// ([`Pipeline::wait_for_threads`]).
///
/// # Panics
/// When there is no runtime.
pub fn in_virtual_time(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        // Threads that functions start are run one after another.
        .max_blocking_threads(1)
        .build();
    runtime.expect("a runtime").block_on(test);
}

impl Pipeline {
    /// The same pipeline, whose functions wait for the threads that they start.
    #[must_use]
    pub fn wait_for_threads(mut self) -> Self {
        self.local.driver.wrap_handlers(simulator::wait_for_threads);
        self
    }

    /// A pipeline in memory.
    ///
    /// # Panics
    /// When it cannot be set up.
    #[must_use]
    pub fn new() -> Self {
        Self::starting_at(START.parse().expect("a valid time"))
    }

    /// A pipeline in memory whose time begins at `start`.
    ///
    /// # Panics
    /// When it cannot be set up.
    #[must_use]
    pub fn starting_at(start: Timestamp) -> Self {
        let local = LocalPipeline::in_memory(Clock::starting_at(start)).expect("the pipeline can be set up");
        let client = local.client().expect("the template names what a client needs");
        Self { local, client }
    }

    /// A pipeline in memory for counts that are the same in every run. Each function handles one batch at a time: if
    /// documents were extracted at once, the sizes of their order in between would depend on whose turn it is. Times have
    /// nine digits after the second, as real ones do: they are stored with as many digits as they have.
    ///
    /// # Panics
    /// When it cannot be set up.
    #[must_use]
    pub fn one_at_a_time() -> Self {
        Self::with_limits(None)
    }

    /// Like [`Pipeline::one_at_a_time`], with one document per invocation, so that the calls do not depend on which of two
    /// files is read first: they are read on threads.
    ///
    /// # Panics
    /// When it cannot be set up.
    #[must_use]
    pub fn one_document_at_a_time() -> Self {
        Self::with_limits(Some(1))
    }

    fn with_limits(documents_at_once: Option<u32>) -> Self {
        let mut stack = pipeline::stack(&pipeline::account()).expect("the template is valid");
        for event in stack.functions.values_mut().flat_map(|function| &mut function.events) {
            if let Event::Sqs(mapping) = event {
                mapping.maximum_concurrency = Some(1);
            }
        }
        for event in stack.functions.get_mut("ExtractFunction").into_iter().flat_map(|extract| &mut extract.events) {
            if let (Event::Sqs(mapping), Some(count)) = (event, documents_at_once) {
                mapping.batch_size = count;
            }
        }
        let start = "2026-01-05T09:00:00.123456789Z".parse().expect("a valid time");
        let local =
            LocalPipeline::in_memory_with(stack, Clock::starting_at(start)).expect("the pipeline can be set up");
        let client = local.client().expect("the template names what a client needs");
        Self { local, client }
    }

    /// A pipeline whose `extract` is stopped after so many seconds.
    ///
    /// # Panics
    /// When it cannot be set up.
    #[must_use]
    pub fn with_extract_timeout(secs: u32) -> Self {
        let mut stack = pipeline::stack(&pipeline::account()).expect("the template is valid");
        stack.functions.get_mut("ExtractFunction").expect("a function of the template").timeout_s = secs;
        let local = LocalPipeline::in_memory_with(stack, clock()).expect("the pipeline can be set up");
        let client = local.client().expect("the template names what a client needs");
        Self { local, client }
    }

    /// A pipeline in which reviewers are reminded, operators are told and reviews expire after so many hours.
    ///
    /// # Panics
    /// When it cannot be set up.
    #[must_use]
    pub fn with_review_hours(remind: u32, escalate: u32, expire: u32) -> Self {
        let mut stack = pipeline::stack(&pipeline::account()).expect("the template is valid");
        for function in ["ReconcileFunction", "ApiFunction"] {
            let function = stack.functions.get_mut(function).expect("a function of the template");
            for (name, hours) in [
                ("REVIEW_REMINDER_HOURS", remind),
                ("REVIEW_ESCALATION_HOURS", escalate),
                ("REVIEW_EXPIRY_HOURS", expire),
            ] {
                function.environment.insert(name.to_owned(), hours.to_string());
            }
        }
        let local = LocalPipeline::in_memory_with(stack, clock()).expect("the pipeline can be set up");
        let client = local.client().expect("the template names what a client needs");
        Self { local, client }
    }

    /// A pipeline that stores its state in a folder.
    ///
    /// # Panics
    /// When it cannot be set up.
    #[must_use]
    pub fn open(data: &Path) -> Self {
        let local = LocalPipeline::open(data, clock()).expect("the pipeline can be set up");
        let client = local.client().expect("the template names what a client needs");
        Self { local, client }
    }

    /// Passes every AWS call of the functions to `interceptor`.
    pub fn intercept(&self, interceptor: Arc<dyn Interceptor>) {
        self.local.aws.intercept(Some(interceptor));
    }

    /// Submits an order under an id that is the same in every test run.
    ///
    /// # Panics
    /// When the local AWS refuses it.
    pub async fn submit(&self, request: &OrderRequest) -> OrderId {
        self.submit_numbered(7, request).await
    }

    /// Submits one of several orders: each number stands for an id.
    ///
    /// # Panics
    /// When the local AWS refuses it.
    pub async fn submit_numbered(&self, number: u128, request: &OrderRequest) -> OrderId {
        let id = OrderId::from_parts(1_767_603_600_000, number);
        if request.files.is_empty() {
            let submitted =
                self.client.submit_uploaded(id, request.service, request.documents, request.options.clone());
            submitted.await.expect("the order is accepted");
        } else {
            let upload = |(name, bytes): &(String, Vec<u8>)| Upload { name: name.clone(), bytes: bytes.clone() };
            let uploads = request.files.iter().map(upload).collect();
            self.client
                .submit(id, request.service, uploads, request.options.clone())
                .await
                .expect("the order is accepted");
        }
        id
    }

    /// Drives the pipeline until nothing is in progress.
    ///
    /// # Panics
    /// When something is still in progress after [`SETTLED_WITHIN`].
    pub async fn settle(&mut self) {
        assert!(self.local.driver.run_until_idle(SETTLED_WITHIN).await, "something is stuck");
    }

    /// The order as it is stored.
    ///
    /// # Panics
    /// When there is no such order.
    pub async fn order(&self, id: OrderId) -> Order {
        self.client.order(id).await.expect("readable").expect("the order exists")
    }
}

impl Default for Pipeline {
    fn default() -> Self {
        Self::new()
    }
}

fn clock() -> Clock {
    Clock::starting_at(START.parse::<Timestamp>().expect("a valid time"))
}
