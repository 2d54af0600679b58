//! Runs the whole pipeline in one process: the resources of the template, and the same function code that is deployed.

pub mod calls;
pub mod consumed;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use api::access::Access;
use api::access::issuer::Call;
use api::{Api, Uploads};
use aws::queue::Commands;
use aws::sdk::Clock as SdkClock;
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::HttpClient;
use aws_types::SdkConfig;
use client::Client;
use domain::id::{FirmId, InvalidId};
use domain::phase::Phase;
use engine::template::TemplateError;
use engine::{Account, Aws, Clock, Driver, DriverError, Invocation, InvokeError, OpenError, Stack};
use runtime::environment::{Environment, MissingVariable};
use runtime::lambda::Fault;
use serde_json::Value;

/// The deployed template, from which the local queues, table and schedules are created too.
pub const TEMPLATE: &str = include_str!("../../../template.yaml");

/// The issuer of the local stack, which has an API like a stage at whose issuer people sign in. Nobody is there: `docket serve` lets
/// people in by itself, and tests stand in for it.
pub const ISSUER: &str = "https://issuer.example/pool";
/// The desk's client id at that issuer.
pub const CLIENT: &str = "desk";

/// The parameters of the local stack that differ from their defaults.
#[must_use]
pub fn parameters() -> BTreeMap<String, String> {
    [("OidcIssuer", ISSUER), ("OidcClientId", CLIENT)].map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// The local stack in an account.
///
/// # Errors
/// When the template cannot be read.
pub fn stack(account: &Account) -> Result<Stack, TemplateError> {
    Stack::parse_with(TEMPLATE, account, &parameters())
}

/// The account and region of the local stack.
#[must_use]
pub fn account() -> Account {
    Account::with_stack("docket")
}

/// The firm that local orders belong to.
pub const LOCAL_FIRM: &str = "local";

/// Why the pipeline cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The state cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The template cannot be read.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// An event source cannot be set up.
    #[error(transparent)]
    Driver(#[from] DriverError),
    /// A function's configuration is incomplete.
    #[error("{function}: {source}")]
    Configuration {
        /// Logical id of the function.
        function: &'static str,
        /// What is missing.
        source: MissingVariable,
    },
    /// Another process is using the same data folder.
    #[error("another docket command uses this data folder; wait for it to end, or give another --data")]
    Locked,
    /// The template declares no function with this logical id.
    #[error("the template declares no {0}")]
    NoFunction(&'static str),
    /// [`LOCAL_FIRM`] is not a firm id.
    #[error("the local firm's id is invalid")]
    Firm(#[from] InvalidId),
}

/// The pipeline on this machine: all functions registered, ready to be driven.
pub struct LocalPipeline {
    /// The AWS in this process.
    pub aws: Aws,
    /// What the template declares.
    pub stack: Stack,
    /// Polls the queues, fires the schedules and invokes the functions.
    pub driver: Driver,
    on_answer: OnAnswer,
    on_metrics: OnMetrics,
    // Held while the state is open, so that only one process at a time drives it.
    _lock: Option<std::fs::File>,
}

/// Called with a function's logical id, its event and its answer.
type OnAnswer = Rc<RefCell<Option<Box<dyn Fn(&'static str, &Value, &Value)>>>>;

/// Called with every line of metrics that a function writes.
type OnMetrics = Arc<Mutex<Option<Box<dyn Fn(&str) + Send>>>>;

/// Logical ids of the functions that handle orders.
pub const FUNCTIONS: [&str; 8] = [
    "IntakeFunction",
    "ExtractFunction",
    "ClassifyFunction",
    "ReviewFunction",
    "ValidateFunction",
    "GenerateFunction",
    "DeadLetterFunction",
    "ReconcileFunction",
];

/// Logical id of the function that compares what is deployed with the source.
pub const DRIFT_CHECK: &str = "DriftCheckFunction";

/// Logical id of the function that answers the API.
pub const API: &str = "ApiFunction";

impl LocalPipeline {
    /// A pipeline with its state in memory.
    ///
    /// # Errors
    /// [`SetUpError`] says what is wrong.
    pub fn in_memory(clock: Clock) -> Result<Self, SetUpError> {
        Self::in_memory_with(stack(&account())?, clock)
    }

    /// Like [`LocalPipeline::in_memory`], with a template that is already parsed: parsing takes longer than everything
    /// else.
    ///
    /// # Errors
    /// [`SetUpError`] says what is wrong.
    pub fn in_memory_with(stack: Stack, clock: Clock) -> Result<Self, SetUpError> {
        Self::over(Aws::memory_in(clock, account())?, stack, None)
    }

    /// A pipeline with its state in the folder `data`, where it survives the process.
    ///
    /// # Errors
    /// [`SetUpError`] says what is wrong.
    pub fn open(data: &Path, clock: Clock) -> Result<Self, SetUpError> {
        std::fs::create_dir_all(data).map_err(OpenError::from)?;
        let lock = std::fs::File::create(data.join("lock")).map_err(OpenError::from)?;
        lock.try_lock().map_err(|_| SetUpError::Locked)?;
        let aws = Aws::open_in(data, clock, account())?;
        let stack = stack(aws.account())?;
        Self::over(aws, stack, Some(lock))
    }

    fn over(aws: Aws, stack: Stack, lock: Option<std::fs::File>) -> Result<Self, SetUpError> {
        aws.deploy(&stack)?;
        let driver = Driver::new(&aws, &stack)?;
        let (on_answer, on_metrics) = (OnAnswer::default(), OnMetrics::default());
        let mut local = Self { aws, stack, driver, on_answer, on_metrics, _lock: lock };
        local.register("IntakeFunction", intake::Resources::new, intake::handle)?;
        local.register("ExtractFunction", services::extract::resources, services::extract::handle)?;
        local.register("ClassifyFunction", services::classify::resources, services::classify::handle)?;
        local.register("ReviewFunction", services::review::resources, services::review::handle)?;
        local.register("ValidateFunction", services::validate::resources, services::validate::handle)?;
        local.register("GenerateFunction", services::generate::resources, services::generate::handle)?;
        local.register("DeadLetterFunction", dead_letter::Resources::new, dead_letter::handle)?;
        local.register("ReconcileFunction", reconcile::Resources::new, reconcile::handle)?;
        Ok(local)
    }

    /// Also registers the drift check. It is normally left out, because nothing that runs here was deployed, so there is
    /// nothing to compare.
    ///
    /// # Errors
    /// [`SetUpError`] says what is wrong.
    pub fn serve_drift_check(&mut self) -> Result<(), SetUpError> {
        self.register(DRIFT_CHECK, drift_check::Resources::new, drift_check::handle)
    }

    /// Also registers the API's function, over an issuer that is asked by `issuer`. `docket serve` has no need of it: it serves the
    /// same router on a port.
    ///
    /// # Errors
    /// [`SetUpError`] says what is wrong.
    pub fn serve_api(&mut self, issuer: Call) -> Result<(), SetUpError> {
        let build = |environment: &Environment| api_function::Resources::with_issuer(environment, issuer);
        self.register(API, build, api_function::handle)
    }

    /// Registers a function as its `main` does: builds its resources from the environment that the template gives it, and
    /// handles each event with them.
    fn register<R: 'static>(
        &mut self,
        function: &'static str,
        build: impl FnOnce(&Environment) -> Result<R, MissingVariable>,
        handle: impl AsyncFn(&R, runtime::invocation::Invocation, Value) -> Result<Value, Fault> + 'static,
    ) -> Result<(), SetUpError> {
        let environment = self.environment(function)?;
        let resources = build(&environment).map_err(|source| SetUpError::Configuration { function, source })?;
        let shared = Rc::new((resources, handle));
        let on_answer = Rc::clone(&self.on_answer);
        self.driver.register(function, move |invocation| {
            let (shared, on_answer) = (Rc::clone(&shared), Rc::clone(&on_answer));
            Box::pin(async move {
                let event = on_answer.borrow().is_some().then(|| invocation.event.clone());
                let answer = invoke(shared, invocation).await?;
                if let (Some(on_answer), Some(event)) = (&*on_answer.borrow(), event) {
                    on_answer(function, &event, &answer);
                }
                Ok(answer)
            })
        })?;
        Ok(())
    }

    /// Calls `on_answer` with the function's logical id, the event and the answer of every invocation that gave one.
    pub fn on_answer(&self, on_answer: impl Fn(&'static str, &Value, &Value) + 'static) {
        *self.on_answer.borrow_mut() = Some(Box::new(on_answer));
    }

    /// Calls `on_metrics` with every line of metrics that a function writes. Without it, metrics are dropped.
    pub fn on_metrics(&self, on_metrics: impl Fn(&str) + Send + 'static) {
        *self.on_metrics.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(on_metrics));
    }

    /// A client of the pipeline for the firm [`LOCAL_FIRM`].
    ///
    /// # Errors
    /// When the template does not give what the client needs.
    pub fn client(&self) -> Result<Client, SetUpError> {
        client_of(&self.environment("IntakeFunction")?, &self.environment("ExtractFunction")?)
    }

    /// The API over the pipeline. Files have to go through it for clients that do not reach the AWS in this process.
    ///
    /// # Errors
    /// When the template does not give what the API needs.
    pub fn api(
        &self,
        access: Access,
        uploads: Uploads,
        correlate: impl Fn() -> String + Send + Sync + 'static,
    ) -> Result<Api, SetUpError> {
        let missing = |source| SetUpError::Configuration { function: API, source };
        let environment = self.environment(API)?;
        let bucket = environment.bucket().map_err(missing)?;
        let deadlines = environment.review_deadlines().map_err(missing)?;
        let pipeline = runtime::pipeline::Pipeline::new(&environment, &Phase::ALL).map_err(missing)?;
        Ok(Api::new(pipeline, bucket, access, uploads, deadlines, correlate))
    }

    /// The environment of a function, as the template resolves it.
    ///
    /// # Errors
    /// When the template declares no such function.
    pub fn environment(&self, function: &'static str) -> Result<Environment, SetUpError> {
        let on_metrics = Arc::clone(&self.on_metrics);
        let sink = move |line: &str| {
            if let Some(on_metrics) = &*on_metrics.lock().unwrap_or_else(PoisonError::into_inner) {
                on_metrics(line);
            }
        };
        let sdk = sdk_config(self.aws.account(), self.aws.http_client(), self.aws.clock());
        Ok(environment(&self.stack, function, sdk)?.with_sink(Arc::new(sink)))
    }
}

/// A client of a pipeline in another process, whose AWS is reached through `http_client`, for the firm [`LOCAL_FIRM`].
///
/// # Errors
/// When the template does not give what the client needs.
pub fn client_over(http_client: impl HttpClient + 'static) -> Result<Client, SetUpError> {
    let account = account();
    let stack = stack(&account)?;
    let sdk = sdk_config(&account, http_client, &Clock::system());
    let environment = |function| environment(&stack, function, sdk.clone());
    client_of(&environment("IntakeFunction")?, &environment("ExtractFunction")?)
}

fn client_of(intake: &Environment, extract: &Environment) -> Result<Client, SetUpError> {
    let missing = |function| move |source| SetUpError::Configuration { function, source };
    let commands = intake.required("SOURCE_QUEUE_URL").map_err(missing("IntakeFunction"))?;
    Ok(Client::new(
        LOCAL_FIRM.parse::<FirmId>()?,
        intake.store().map_err(missing("IntakeFunction"))?,
        extract.bucket().map_err(missing("ExtractFunction"))?,
        Commands::new(intake.sdk(), commands),
        SdkClock::of(intake.sdk()),
    ))
}

/// The environment that the template gives a function.
fn environment(stack: &Stack, function: &'static str, sdk: SdkConfig) -> Result<Environment, SetUpError> {
    let declared = stack.functions.get(function).ok_or(SetUpError::NoFunction(function))?;
    let mut variables: BTreeMap<String, String> = declared.environment.clone();
    // Lambda sets this variable itself.
    variables.insert("AWS_LAMBDA_FUNCTION_NAME".to_owned(), declared.name.clone());
    Ok(Environment::new(move |name| variables.get(name).cloned(), sdk))
}

/// The SDK configuration of the functions: the same timeouts and retries as deployed.
fn sdk_config(account: &Account, http_client: impl HttpClient + 'static, clock: &Clock) -> SdkConfig {
    let credentials = Credentials::new("local", "local", None, None, "docket");
    aws::sdk::configuration(account.region.clone(), credentials, http_client, clock.clone())
}

async fn invoke<R>(
    shared: Rc<(R, impl AsyncFn(&R, runtime::invocation::Invocation, Value) -> Result<Value, Fault>)>,
    invocation: Invocation,
) -> Result<Value, InvokeError> {
    let (resources, handle) = &*shared;
    let Invocation { request_id, deadline, event, .. } = invocation;
    let invocation = runtime::invocation::Invocation { request_id, deadline };
    handle(resources, invocation, event).await.map_err(|fault| InvokeError::Failed(fault.to_string()))
}
