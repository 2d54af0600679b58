//! Runs all functions of the template as processes, instead of the handlers in this process.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use engine::template::stack::Function;
use engine::{Invocation, InvokeError};
use serde_json::Value;

use super::process::{Ended, Invoked, Sandbox};
use super::{Gateway, IssuerServer, binary};
use crate::pipeline::Pipeline;

/// The variable that names the issuer of people's tokens.
pub const ISSUER_VARIABLE: &str = "OIDC_ISSUER";

/// Starts functions, keeps them for later invocations, and replaces the handlers of a pipeline.
pub struct Fleet {
    gateway: Gateway,
    issuer: IssuerServer,
    binaries: &'static BTreeMap<String, PathBuf>,
    // Sandboxes that wait for an event, by the function's logical id.
    idle: RefCell<BTreeMap<String, Vec<Sandbox>>>,
    handled: RefCell<BTreeMap<String, u64>>,
}

impl Fleet {
    /// A fleet without processes; `None`, with a message, if there are no binaries.
    ///
    /// # Panics
    /// When no port is available.
    pub async fn new() -> Option<Rc<Self>> {
        let binaries = binary::all()?;
        let gateway = Gateway::listen().await.expect("a port on loopback");
        let issuer = IssuerServer::listen().await.expect("a port on loopback");
        Some(Rc::new(Self { gateway, issuer, binaries, idle: RefCell::default(), handled: RefCell::default() }))
    }

    /// Makes the binaries handle the invocations of `pipeline`, with its AWS and an issuer on loopback behind them, from now on.
    ///
    /// # Panics
    /// When the template and its functions disagree.
    pub fn take_over(self: &Rc<Self>, pipeline: &mut Pipeline) {
        self.gateway.serve(&pipeline.local.aws);
        for function in pipeline.local.stack.functions.values_mut() {
            if let Some(issuer) = function.environment.get_mut(ISSUER_VARIABLE) {
                self.issuer.url().clone_into(issuer);
            }
        }
        for (id, function) in &pipeline.local.stack.functions {
            let (fleet, id_here, function) = (Rc::clone(self), id.clone(), function.clone());
            let handler = move |invocation| {
                let (fleet, id, function) = (Rc::clone(&fleet), id_here.clone(), function.clone());
                async move { fleet.handle(&id, &function, invocation).await }
            };
            pipeline.local.driver.register(id, handler).expect("a function of the template");
        }
    }

    /// Starts a new process of a function.
    ///
    /// # Errors
    /// How it ended before it polled.
    ///
    /// # Panics
    /// When it has no binary, or the binary cannot be executed.
    pub async fn start(&self, id: &str, environment: &BTreeMap<String, String>) -> (Sandbox, Result<(), Ended>) {
        let name = crate_of(id);
        let binary = self.binaries.get(&name).expect("every function of the template is a crate under functions/");
        let mut sandbox = Sandbox::start(binary, environment).await.expect("the binary can be executed");
        let ready = sandbox.ready().await;
        (sandbox, ready)
    }

    /// The environment variables of a function, with this process's AWS as its endpoint.
    #[must_use]
    pub fn environment(&self, function: &Function) -> BTreeMap<String, String> {
        environment(function, &self.gateway.url())
    }

    /// Everything logged by the processes that are idle now.
    ///
    /// # Panics
    /// When a log cannot be read.
    #[must_use]
    pub fn logs(&self) -> String {
        let idle = self.idle.borrow();
        idle.values().flatten().map(|sandbox| sandbox.log().expect("readable")).collect()
    }

    /// How many invocations the binaries answered, by the function's crate.
    #[must_use]
    pub fn handled(&self) -> BTreeMap<String, u64> {
        self.handled.borrow().clone()
    }

    /// Handles one invocation, in an idle process or a new one.
    async fn handle(&self, id: &str, function: &Function, invocation: Invocation) -> Result<Value, InvokeError> {
        let waiting = self.idle.borrow_mut().get_mut(id).and_then(Vec::pop);
        let mut sandbox = match waiting {
            Some(sandbox) => sandbox,
            None => {
                let (sandbox, ready) = self.start(id, &self.environment(function)).await;
                ready.map_err(invoke_error)?;
                sandbox
            }
        };
        let Invocation { request_id, function_arn, event, .. } = &invocation;
        let limit = Duration::from_secs(function.timeout_s.into());
        let ended = sandbox.invoke(&Invoked { request_id, function_arn, event, limit }).await;
        if sandbox.is_running() {
            self.idle.borrow_mut().entry(id.to_owned()).or_default().push(sandbox);
        }
        match ended {
            Ended::Answer(answer) => {
                *self.handled.borrow_mut().entry(crate_of(id)).or_default() += 1;
                Ok(answer)
            }
            other => Err(invoke_error(other)),
        }
    }
}

/// The environment variables of a function: those of the template, Lambda's own, and the AWS endpoint to use.
#[must_use]
pub fn environment(function: &Function, endpoint_url: &str) -> BTreeMap<String, String> {
    let mut environment = function.environment.clone();
    let own = [
        ("AWS_LAMBDA_FUNCTION_NAME", function.name.as_str()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &function.memory_mib.to_string()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", &format!("/aws/lambda/{}", function.name)),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "loopback"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "loopback"),
        ("AWS_SECRET_ACCESS_KEY", "loopback"),
        ("AWS_SESSION_TOKEN", "loopback"),
        ("AWS_ENDPOINT_URL", endpoint_url),
    ];
    environment.extend(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
    environment
}

fn invoke_error(ended: Ended) -> InvokeError {
    match ended {
        Ended::Failed { kind, .. } => InvokeError::Failed(kind),
        Ended::TimedOut => InvokeError::TimedOut,
        Ended::Exited(_) | Ended::Answer(_) => InvokeError::Killed,
    }
}

/// The crate of a function by its logical id: `DeadLetterFunction` is built from `functions/dead-letter`.
#[must_use]
pub fn crate_of(logical_id: &str) -> String {
    let mut name = String::new();
    for letter in logical_id.trim_end_matches("Function").chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}
