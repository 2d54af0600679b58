//! Reads the state of deployed functions.

use std::collections::{BTreeMap, BTreeSet};

use aws::{Error, sdk, sort};
use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::FunctionConfiguration;
use aws_types::SdkConfig;

use super::{alias, mapping};
use crate::model::deployed::{Deployed, Found, FoundFunctions, Running, STACK_TAG};
use crate::model::{CodeDigest, Location, Settings};

/// The qualifier of the code that an unqualified invocation runs.
const LATEST: &str = "$LATEST";
/// Lambda's error code for a function that does not exist.
const NOT_FOUND: &str = "ResourceNotFoundException";

/// The functions of an account in a region.
#[derive(Clone, Debug)]
pub struct Functions {
    client: Client,
}

impl Functions {
    /// The functions in the account and region of `configuration`.
    #[must_use]
    pub fn new(configuration: &SdkConfig) -> Self {
        let config = aws_sdk_lambda::config::Builder::from(configuration).retry_partition(sdk::partition("lambda"));
        Self { client: Client::from_conf(config.build()) }
    }

    /// Finds every function whose name begins with `prefix`, except those of another stack with a longer prefix. A function
    /// whose state cannot be read counts as unreachable, and the others are still read.
    ///
    /// # Errors
    /// [`Error`] when the functions cannot be listed.
    pub async fn find(&self, prefix: &str, known: &BTreeSet<String>) -> Result<FoundFunctions, Error> {
        let mut found = FoundFunctions::new();
        for listed in self.list(prefix).await? {
            let name = listed.function_name().unwrap_or_default().to_owned();
            match self.read(listed).await {
                Ok(function) => drop(found.insert(name, Found::Function(Box::new(function)))),
                // Deleted after it was listed.
                Err(Error::Refused { code, .. }) if code == NOT_FOUND => {}
                Err(Error::Unavailable { code, .. } | Error::Refused { code, .. }) => {
                    found.insert(name, Found::Unreachable { code });
                }
                Err(error) => drop(found.insert(name, Found::Unreachable { code: kind(&error).to_owned() })),
            }
        }
        remove_other_stacks(&mut found, known);
        Ok(found)
    }

    async fn list(&self, prefix: &str) -> Result<Vec<FunctionConfiguration>, Error> {
        let mut pages = self.client.list_functions().into_paginator().items().send();
        let mut listed = Vec::new();
        while let Some(function) = pages.next().await {
            let function = function.map_err(|error| sort("ListFunctions", &error))?;
            if function.function_name().is_some_and(|name| name.starts_with(prefix)) {
                listed.push(function);
            }
        }
        Ok(listed)
    }

    async fn read(&self, listed: FunctionConfiguration) -> Result<Deployed, Error> {
        const OPERATION: &str = "ListFunctions";
        let damaged = || Error::Damaged { operation: OPERATION };
        let arn = listed.function_arn().ok_or_else(damaged)?;
        let name = listed.function_name().ok_or_else(damaged)?;
        let location = location(arn).ok_or_else(damaged)?;
        // Without the key Lambda cannot decrypt the variables, but they are not missing.
        if let Some(error) = listed.environment().and_then(|environment| environment.error()) {
            let code = error.error_code().unwrap_or("environment unreadable").to_owned();
            return Err(Error::Refused { operation: OPERATION, code });
        }
        let latest = Running { qualifier: LATEST.to_owned(), code_sha256: digest(&listed).ok_or_else(damaged)? };
        let aliases = alias::list(&self.client, name).await?;
        let mut running = vec![latest];
        running.extend(alias::running(&self.client, name, &aliases).await?);
        let qualified = aliases.iter().filter_map(|alias| alias.name()).map(|alias| format!("{name}:{alias}"));
        let mut sources = mapping::list(&self.client, name).await?;
        for qualified in qualified {
            sources.extend(mapping::list(&self.client, &qualified).await?);
        }
        let settings = Settings {
            tags: self.tags(arn).await?,
            reserved_concurrency: self.reserved_concurrency(name).await?,
            sources,
            ..settings(&listed)
        };
        Ok(Deployed { location, settings, running })
    }

    async fn tags(&self, arn: &str) -> Result<BTreeMap<String, Option<String>>, Error> {
        let answer = self.client.list_tags().resource(arn).send().await.map_err(|error| sort("ListTags", &error))?;
        Ok(answer.tags.unwrap_or_default().into_iter().map(|(name, value)| (name, Some(value))).collect())
    }

    async fn reserved_concurrency(&self, name: &str) -> Result<Option<u32>, Error> {
        let answer = self.client.get_function_concurrency().function_name(name).send().await;
        let answer = answer.map_err(|error| sort("GetFunctionConcurrency", &error))?;
        Ok(answer.reserved_concurrent_executions.and_then(|number| u32::try_from(number).ok()))
    }
}

/// The part of a function's configuration that the list holds.
fn settings(listed: &FunctionConfiguration) -> Settings {
    let variables = listed.environment().and_then(|environment| environment.variables()).cloned().unwrap_or_default();
    Settings {
        runtime: listed.runtime().map(|runtime| runtime.as_str().to_owned()).unwrap_or_default(),
        // Lambda's default if none is named.
        architecture: listed.architectures().first().map_or("x86_64", |one| one.as_str()).to_owned(),
        handler: listed.handler().unwrap_or_default().to_owned(),
        memory_mib: listed.memory_size().and_then(|number| u32::try_from(number).ok()).unwrap_or(0),
        timeout_s: listed.timeout().and_then(|number| u32::try_from(number).ok()).unwrap_or(0),
        layers: listed.layers().iter().filter_map(|layer| layer.arn()).map(str::to_owned).collect(),
        environment: variables.into_iter().map(|(name, value)| (name, Some(value))).collect(),
        ..Settings::default()
    }
}

/// The digest of a version's package.
pub(crate) fn digest(version: &FunctionConfiguration) -> Option<CodeDigest> {
    version.code_sha256().and_then(|text| CodeDigest::try_from(text.to_owned()).ok())
}

/// Region and account of a function's ARN.
fn location(arn: &str) -> Option<Location> {
    let mut parts = arn.split(':').skip(3).map(str::to_owned);
    Some(Location { region: parts.next()?, account: parts.next()? })
}

/// Names of a stage called `dev-2` also begin with `docket-dev-`, but its functions carry the tag of another stack.
fn remove_other_stacks(found: &mut FoundFunctions, known: &BTreeSet<String>) {
    let ours: BTreeSet<String> =
        found.iter().filter(|(name, _)| known.contains(*name)).filter_map(|(_, found)| stack(found)).collect();
    found.retain(|name, found| {
        let is_of_another = stack(found).is_some_and(|stack| !ours.is_empty() && !ours.contains(&stack));
        known.contains(name) || !is_of_another
    });
}

fn stack(found: &Found) -> Option<String> {
    match found {
        Found::Function(function) => function.settings.tags.get(STACK_TAG).cloned().flatten(),
        Found::Unreachable { .. } => None,
    }
}

fn kind(error: &Error) -> &'static str {
    match error {
        Error::Unavailable { .. } => "unavailable",
        Error::Refused { .. } => "refused",
        Error::Damaged { .. } => "unreadable answer",
        Error::Missing { .. } => "no answer",
        Error::TooLarge { .. } => "answer too large",
    }
}
