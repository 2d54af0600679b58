//! Runs a drift check: reads what is deployed and compares it with the published manifest.

use std::collections::BTreeSet;

use aws::Error;
use jiff::Timestamp;

use crate::cloud::{Functions, ManifestStore};
use crate::model::compare::{all_unreachable, compare};
use crate::model::{Assessment, History};

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckOutcome {
    /// Every function was assessed.
    Compared(Vec<Assessment>),
    /// There was no manifest to compare with.
    NoManifest {
        /// The error's code.
        code: String,
    },
}

/// Compares what is deployed in a stage with its latest published manifest.
pub async fn check_stage(
    functions: &Functions,
    manifests: &ManifestStore,
    stage: &str,
    now: Timestamp,
) -> CheckOutcome {
    let checked = async {
        let keys = manifests.keys(Some(stage)).await?;
        let (last, earlier) = keys.split_first().ok_or(Error::Missing { operation: "ListObjectsV2" })?;
        let history = History::new(manifests.read(last).await?);
        check_deployment(functions, history, Some((manifests, earlier)), now).await
    };
    match checked.await {
        Ok(assessments) => CheckOutcome::Compared(assessments),
        Err(error) => {
            tracing::warn!(error = %error, "manifest not read; deployment not compared");
            CheckOutcome::NoManifest { code: code(&error) }
        }
    }
}

/// Compares what is deployed with `history`. Reads the `earlier` published manifests only if some deployed code is in no
/// manifest of `history`.
///
/// # Errors
/// [`Error`] when an earlier manifest could not be read: without it, its builds would be reported as foreign code.
pub async fn check_deployment(
    functions: &Functions,
    mut history: History,
    earlier: Option<(&ManifestStore, &[String])>,
    now: Timestamp,
) -> Result<Vec<Assessment>, Error> {
    let known: BTreeSet<String> = history.target.functions.keys().cloned().collect();
    let found = match functions.find(&history.target.prefix, &known).await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(error = %error, "functions not listed; all count as unreachable");
            return Ok(all_unreachable(&history, &code(&error)));
        }
    };
    if let Some((manifests, keys)) = earlier {
        manifests.read_earlier(&mut history, keys, &found).await?;
    }
    Ok(compare(&history, &found, now))
}

fn code(error: &Error) -> String {
    match error {
        Error::Unavailable { code, .. } | Error::Refused { code, .. } => code.clone(),
        Error::Damaged { .. } => "unreadable".to_owned(),
        Error::Missing { .. } => "none published".to_owned(),
        Error::TooLarge { .. } => "too large".to_owned(),
    }
}
