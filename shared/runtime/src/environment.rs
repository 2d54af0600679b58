//! Configuration from the environment, read once at start-up: a bad deployment fails at the first cold start and names
//! the variable.

use std::collections::BTreeMap;

use aws::alert::Alerts;
use aws::bucket::Bucket;
use aws::queue::{Queues, Source};
use aws::store::Store;
use aws_types::SdkConfig;
use domain::phase::Phase;

/// A variable that is missing or empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {name} is missing; set it in template.yaml")]
pub struct MissingVariable {
    /// Its name.
    pub name: &'static str,
}

/// Finds a variable by name.
type Lookup = Box<dyn Fn(&str) -> Option<String>>;

/// Where a function finds its variables, and the SDK configuration that all its clients share.
pub struct Environment {
    lookup: Lookup,
    sdk: SdkConfig,
}

impl Environment {
    /// An environment over any look-up, e.g. what a template resolves to.
    #[must_use]
    pub fn new(lookup: impl Fn(&str) -> Option<String> + 'static, sdk: SdkConfig) -> Self {
        Self { lookup: Box::new(lookup), sdk }
    }

    /// The SDK configuration.
    #[must_use]
    pub fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }

    /// A variable that must be there.
    ///
    /// # Errors
    /// [`MissingVariable`] names it.
    pub fn required(&self, name: &'static str) -> Result<String, MissingVariable> {
        (self.lookup)(name).filter(|value| !value.is_empty()).ok_or(MissingVariable { name })
    }

    /// The table, from `TABLE_NAME`.
    ///
    /// # Errors
    /// [`MissingVariable`] names it.
    pub fn store(&self) -> Result<Store, MissingVariable> {
        Ok(Store::new(&self.sdk, self.required("TABLE_NAME")?))
    }

    /// The document bucket, from `BUCKET_NAME`.
    ///
    /// # Errors
    /// [`MissingVariable`] names it.
    pub fn bucket(&self) -> Result<Bucket, MissingVariable> {
        Ok(Bucket::new(&self.sdk, self.required("BUCKET_NAME")?))
    }

    /// The topic for failures, from `ALERT_TOPIC_ARN`.
    ///
    /// # Errors
    /// [`MissingVariable`] names it.
    pub fn alerts(&self) -> Result<Alerts, MissingVariable> {
        Ok(Alerts::new(&self.sdk, self.required("ALERT_TOPIC_ARN")?))
    }

    /// The queue the function is fed from, from `SOURCE_QUEUE_URL`.
    ///
    /// # Errors
    /// [`MissingVariable`] names it.
    pub fn source(&self) -> Result<Source, MissingVariable> {
        Ok(Source::new(&self.sdk, self.required("SOURCE_QUEUE_URL")?))
    }

    /// The queues that start `phases`, from `EXTRACT_QUEUE_URL` and so on.
    ///
    /// # Errors
    /// [`MissingVariable`] names the first that is missing.
    pub fn queues(&self, phases: &[Phase]) -> Result<Queues, MissingVariable> {
        let mut urls = BTreeMap::new();
        for phase in phases {
            urls.insert(*phase, self.required(queue_variable(*phase))?);
        }
        Ok(Queues::new(&self.sdk, urls))
    }
}

/// Name of the variable that holds the URL of a phase's queue.
#[must_use]
pub fn queue_variable(phase: Phase) -> &'static str {
    match phase {
        Phase::Extract => "EXTRACT_QUEUE_URL",
        Phase::Classify => "CLASSIFY_QUEUE_URL",
        Phase::Review => "REVIEW_QUEUE_URL",
        Phase::Validate => "VALIDATE_QUEUE_URL",
        Phase::Generate => "GENERATE_QUEUE_URL",
    }
}
