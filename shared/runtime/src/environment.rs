//! Reads the configuration from the environment, once at start-up. A bad deployment thus fails at its first cold start,
//! with an error that names the variable.

use std::collections::BTreeMap;

use aws::alert::Alerts;
use aws::backup::BackupLog;
use aws::bucket::Bucket;
use aws::queue::{Commands, Queues, SourceQueue};
use aws::store::Store;
use aws_types::SdkConfig;
use domain::phase::Phase;
use domain::review::Deadlines;

use crate::metric::{Metrics, Sink, to_stdout};

/// A variable that is missing, empty or not what it must be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {name} is missing or cannot be used; set it in template.yaml")]
pub struct MissingVariable {
    /// Its name.
    pub name: &'static str,
}

/// Finds a variable by name.
type Lookup = Box<dyn Fn(&str) -> Option<String>>;

/// A function's variables, and the SDK configuration that all its clients share.
pub struct Environment {
    lookup: Lookup,
    sdk: SdkConfig,
    sink: Sink,
    is_deployed: bool,
}

impl Environment {
    /// An environment over any look-up, e.g. the variables in a template.
    #[must_use]
    pub fn new(lookup: impl Fn(&str) -> Option<String> + 'static, sdk: SdkConfig) -> Self {
        Self { lookup: Box::new(lookup), sdk, sink: to_stdout(), is_deployed: false }
    }

    /// The same environment, with metrics written to `sink` instead of standard output.
    #[must_use]
    pub fn with_sink(self, sink: Sink) -> Self {
        Self { sink, ..self }
    }

    /// The same environment, of a function that Lambda runs in a deployed stage. The template names a stage for local runs too.
    #[must_use]
    pub fn deployed(self) -> Self {
        Self { is_deployed: true, ..self }
    }

    /// The function's metrics, under the stage from `STAGE` and its name from `AWS_LAMBDA_FUNCTION_NAME`, which Lambda sets.
    ///
    /// # Errors
    /// [`MissingVariable`] names the variable.
    pub fn metrics(&self) -> Result<Metrics, MissingVariable> {
        let function = (self.lookup)("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
        Ok(Metrics::new(self.required("STAGE")?, function, self.sink.clone()))
    }

    /// The backup of completions, from `BACKUP_BUCKET_NAME`.
    ///
    /// # Errors
    /// [`MissingVariable`] names it.
    pub fn backup(&self) -> Result<BackupLog, MissingVariable> {
        Ok(BackupLog::new(&self.sdk, self.required("BACKUP_BUCKET_NAME")?))
    }

    /// The SDK configuration.
    #[must_use]
    pub fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }

    /// A variable that must be set.
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

    /// The topic for failures, from `ALERT_TOPIC_ARN`. In a deployed stage, alerts name commands that work on the stage, from
    /// `STAGE`. If it has a desk, they link to its address, from
    /// `DESK_ADDRESS`.
    ///
    /// # Errors
    /// [`MissingVariable`] names it.
    pub fn alerts(&self) -> Result<Alerts, MissingVariable> {
        let alerts = Alerts::new(&self.sdk, self.required("ALERT_TOPIC_ARN")?);
        if !self.is_deployed {
            return Ok(alerts);
        }
        let alerts = alerts.of_stage(self.required("STAGE")?);
        let desk = (self.lookup)("DESK_ADDRESS").filter(|address| !address.is_empty());
        Ok(match desk {
            Some(address) => alerts.with_desk(&address),
            None => alerts,
        })
    }

    /// The queue the function is fed from, from `SOURCE_QUEUE_URL`.
    ///
    /// # Errors
    /// [`MissingVariable`] names it.
    pub fn source(&self) -> Result<SourceQueue, MissingVariable> {
        Ok(SourceQueue::new(&self.sdk, self.required("SOURCE_QUEUE_URL")?))
    }

    /// The command queue, from `COMMAND_QUEUE_URL`, for functions that send commands.
    ///
    /// # Errors
    /// [`MissingVariable`] names it.
    pub fn commands(&self) -> Result<Commands, MissingVariable> {
        Ok(Commands::new(&self.sdk, self.required("COMMAND_QUEUE_URL")?))
    }

    /// How long orders may wait for a reviewer, from `REVIEW_REMINDER_HOURS`, `REVIEW_ESCALATION_HOURS` and
    /// `REVIEW_EXPIRY_HOURS`.
    ///
    /// # Errors
    /// [`MissingVariable`] names one that is missing, no number, or not later than the one before.
    pub fn review_deadlines(&self) -> Result<Deadlines, MissingVariable> {
        const EXPIRY: &str = "REVIEW_EXPIRY_HOURS";
        let hours = |name| self.required(name)?.parse::<u32>().map_err(|_| MissingVariable { name });
        let (remind, escalate) = (hours("REVIEW_REMINDER_HOURS")?, hours("REVIEW_ESCALATION_HOURS")?);
        Deadlines::from_hours(remind, escalate, hours(EXPIRY)?).map_err(|_| MissingVariable { name: EXPIRY })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Metric;
    use crate::testing::{at, environment};

    #[test]
    fn a_variable_that_is_missing_or_empty_is_named() {
        let (environment, _) = environment(&["TABLE_NAME"]);
        assert_eq!(environment.required("BUCKET_NAME"), Ok("BUCKET_NAME".to_owned()));
        assert_eq!(environment.required("TABLE_NAME"), Err(MissingVariable { name: "TABLE_NAME" }));
        assert_eq!(environment.store().err(), Some(MissingVariable { name: "TABLE_NAME" }));
        let empty = Environment::new(|_| Some(String::new()), environment.sdk().clone());
        let missing = empty.required("STAGE").map_err(|error| error.to_string());
        assert_eq!(
            missing,
            Err("the environment variable STAGE is missing or cannot be used; set it in template.yaml".to_owned())
        );
    }

    #[test]
    fn deadlines_of_reviews_are_hours_that_follow_each_other() {
        let of = |hours: [&'static str; 3]| {
            let (environment, _) = environment(&[]);
            let names = ["REVIEW_REMINDER_HOURS", "REVIEW_ESCALATION_HOURS", "REVIEW_EXPIRY_HOURS"];
            let find = move |name: &str| {
                names.iter().position(|known| *known == name).and_then(|index| Some(hours.get(index)?.to_string()))
            };
            Environment::new(find, environment.sdk().clone()).review_deadlines()
        };
        assert_eq!(of(["24", "72", "336"]).ok(), Deadlines::from_hours(24, 72, 336).ok());
        for (hours, name) in [
            (["", "72", "336"], "REVIEW_REMINDER_HOURS"),
            (["24", "3 days", "336"], "REVIEW_ESCALATION_HOURS"),
            (["24", "72", "-1"], "REVIEW_EXPIRY_HOURS"),
            (["24", "72", "72"], "REVIEW_EXPIRY_HOURS"),
        ] {
            assert_eq!(of(hours).err(), Some(MissingVariable { name }), "{hours:?}");
        }
    }

    #[test]
    fn metrics_go_to_the_sink_under_the_functions_name_and_stage() {
        let (environment, lines) = environment(&[]);
        let Ok(metrics) = environment.metrics() else { unreachable!("nothing is missing") };
        metrics.count(Metric::DeadLetters, 2);
        metrics.flush(at(0));
        let line = lines.the_line();
        assert_eq!(line["Function"], "AWS_LAMBDA_FUNCTION_NAME");
        assert_eq!((&line["Stage"], &line["DeadLetters"]), (&"STAGE".into(), &2.into()));
    }

    #[test]
    fn each_phase_has_a_queue_variable_of_its_own() {
        let names = Phase::ALL.map(queue_variable);
        let expected =
            ["EXTRACT_QUEUE_URL", "CLASSIFY_QUEUE_URL", "REVIEW_QUEUE_URL", "VALIDATE_QUEUE_URL", "GENERATE_QUEUE_URL"];
        assert_eq!(names, expected);
    }
}
