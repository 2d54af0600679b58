//! The whole pipeline in this process: the template's resources, and the very functions that are deployed.

pub mod report;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use aws::queue::Commands;
use aws::sdk::Clock as SdkClock;
use aws_credential_types::Credentials;
use aws_types::SdkConfig;
use client::Client;
use domain::id::FirmId;
use engine::template::TemplateError;
use engine::{Account, Aws, Clock, Driver, DriverError, Invocation, InvokeError, OpenError, Stack};
use runtime::environment::{Environment, MissingVariable};
use runtime::lambda::Fault;
use serde_json::Value;

/// The template that is deployed, from which the local queues, table and schedules are made as well.
pub const TEMPLATE: &str = include_str!("../../../template.yaml");

/// The account that the local stack is said to live in.
#[must_use]
pub fn account() -> Account {
    Account::with_stack("docket")
}

/// Firm that orders of this machine belong to.
pub const LOCAL_FIRM: &str = "local";

/// Why the pipeline cannot be set up here.
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
    /// Another process works on the same state.
    #[error("another docket process uses this data folder; wait for it to end or give another --data")]
    Locked,
    /// The template declares no function of that name.
    #[error("the template declares no {0}")]
    NoFunction(&'static str),
}

/// The pipeline, ready to be driven.
pub struct Local {
    /// AWS in this process.
    pub aws: Aws,
    /// What the template declares.
    pub stack: Stack,
    /// What feeds the functions.
    pub driver: Driver,
    watch: Watch,
    figures: Figures,
    // Held as long as the state is open: one process at a time drives it.
    _lock: Option<std::fs::File>,
}

/// Called with a function's logical id, the event it took and the answer it gave.
type Watch = Rc<RefCell<Option<Box<dyn Fn(&'static str, &Value, &Value)>>>>;

/// Called with every line of figures that a function writes.
type Figures = Rc<RefCell<Option<Box<dyn Fn(&str)>>>>;

/// Logical ids of the functions.
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

impl Local {
    /// The pipeline over state in memory.
    ///
    /// # Errors
    /// [`SetUpError`] says what is wrong.
    pub fn memory(clock: Clock) -> Result<Self, SetUpError> {
        Self::memory_of(Stack::parse(TEMPLATE, &account())?, clock)
    }

    /// The same with the template read already: reading it costs more than all the rest.
    ///
    /// # Errors
    /// [`SetUpError`] says what is wrong.
    pub fn memory_of(stack: Stack, clock: Clock) -> Result<Self, SetUpError> {
        Self::over(Aws::memory_in(clock, account())?, stack, None)
    }

    /// The pipeline over state in a folder, which survives the process.
    ///
    /// # Errors
    /// [`SetUpError`] says what is wrong.
    pub fn open(data: &Path, clock: Clock) -> Result<Self, SetUpError> {
        std::fs::create_dir_all(data).map_err(OpenError::from)?;
        let lock = std::fs::File::create(data.join("lock")).map_err(OpenError::from)?;
        lock.try_lock().map_err(|_| SetUpError::Locked)?;
        let aws = Aws::open_in(data, clock, account())?;
        let stack = Stack::parse(TEMPLATE, aws.account())?;
        Self::over(aws, stack, Some(lock))
    }

    fn over(aws: Aws, stack: Stack, lock: Option<std::fs::File>) -> Result<Self, SetUpError> {
        aws.deploy(&stack)?;
        let driver = Driver::new(&aws, &stack)?;
        let mut local = Self { aws, stack, driver, watch: Watch::default(), figures: Figures::default(), _lock: lock };
        local.register("IntakeFunction", intake::Resources::new, intake::handle)?;
        local.register("ExtractFunction", extract::Resources::new, extract::handle)?;
        local.register("ClassifyFunction", classify::Resources::new, classify::handle)?;
        local.register("ReviewFunction", review::Resources::new, review::handle)?;
        local.register("ValidateFunction", validate::Resources::new, validate::handle)?;
        local.register("GenerateFunction", generate::Resources::new, generate::handle)?;
        local.register("DeadLetterFunction", dead_letter::Resources::new, dead_letter::handle)?;
        local.register("ReconcileFunction", reconcile::Resources::new, reconcile::handle)?;
        Ok(local)
    }

    /// Has the drift check's schedule served as well. Otherwise it is not: what runs here was never deployed, so there is nothing
    /// to compare.
    ///
    /// # Errors
    /// [`SetUpError`] says what is wrong.
    pub fn serve_drift_check(&mut self) -> Result<(), SetUpError> {
        self.register(DRIFT_CHECK, drift_check::Resources::new, drift_check::handle)
    }

    /// Registers a function as its `main` would: resources from the environment that the template gives it, then the
    /// handler per event.
    fn register<R: 'static>(
        &mut self,
        function: &'static str,
        build: impl FnOnce(&Environment) -> Result<R, MissingVariable>,
        handle: impl AsyncFn(&R, runtime::invocation::Invocation, Value) -> Result<Value, Fault> + 'static,
    ) -> Result<(), SetUpError> {
        let environment = self.environment(function)?;
        let resources = build(&environment).map_err(|source| SetUpError::Configuration { function, source })?;
        let shared = Rc::new((resources, handle));
        let watch = Rc::clone(&self.watch);
        self.driver.register(function, move |invocation| {
            let (shared, watch) = (Rc::clone(&shared), Rc::clone(&watch));
            Box::pin(async move {
                let event = watch.borrow().is_some().then(|| invocation.event.clone());
                let answer = invoke(shared, invocation).await?;
                if let (Some(watch), Some(event)) = (&*watch.borrow(), event) {
                    watch(function, &event, &answer);
                }
                Ok(answer)
            })
        })?;
        Ok(())
    }

    /// Has `watch` called after every invocation that gave an answer.
    pub fn watch(&self, watch: impl Fn(&'static str, &Value, &Value) + 'static) {
        *self.watch.borrow_mut() = Some(Box::new(watch));
    }

    /// Has `figures` called with every line of figures that a function writes; without it they are dropped.
    pub fn hear_figures(&self, figures: impl Fn(&str) + 'static) {
        *self.figures.borrow_mut() = Some(Box::new(figures));
    }

    /// A client of the pipeline, of the firm [`LOCAL_FIRM`].
    ///
    /// # Errors
    /// When the template does not give what it needs.
    pub fn client(&self) -> Result<Client, SetUpError> {
        const INTAKE: &str = "IntakeFunction";
        const EXTRACT: &str = "ExtractFunction";
        let missing = |function| move |source| SetUpError::Configuration { function, source };
        let intake = self.environment(INTAKE)?;
        let commands = intake.required("SOURCE_QUEUE_URL").map_err(missing(INTAKE))?;
        Ok(Client::new(
            FirmId::try_from(LOCAL_FIRM.to_owned()).map_err(|_| SetUpError::NoFunction(INTAKE))?,
            intake.store().map_err(missing(INTAKE))?,
            self.environment(EXTRACT)?.bucket().map_err(missing(EXTRACT))?,
            Commands::new(intake.sdk(), commands),
            SdkClock::of(intake.sdk()),
        ))
    }

    /// The environment of a function, as the template resolves it.
    ///
    /// # Errors
    /// When the template declares no such function.
    pub fn environment(&self, function: &'static str) -> Result<Environment, SetUpError> {
        let declared = self.stack.functions.get(function).ok_or(SetUpError::NoFunction(function))?;
        let mut variables: BTreeMap<String, String> = declared.environment.clone();
        // Lambda sets it.
        variables.insert("AWS_LAMBDA_FUNCTION_NAME".to_owned(), declared.name.clone());
        let figures = Rc::clone(&self.figures);
        let sink = move |line: &str| {
            if let Some(figures) = &*figures.borrow() {
                figures(line);
            }
        };
        Ok(Environment::new(move |name| variables.get(name).cloned(), self.sdk_config()).with_sink(Rc::new(sink)))
    }

    /// The SDK configuration that functions get: the deployed one's time-outs and retries, over AWS in this process.
    fn sdk_config(&self) -> SdkConfig {
        let region = self.aws.account().region.clone();
        let credentials = Credentials::new("local", "local", None, None, "docket");
        aws::sdk::configuration(region, credentials, self.aws.http_client(), self.aws.clock().clone())
    }
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
