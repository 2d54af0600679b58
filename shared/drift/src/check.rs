//! The comparison itself, which `docket drift` makes as well.

use std::collections::BTreeSet;

use aws::Error;
use deployed::{Functions, Shelf};
use jiff::Timestamp;
use manifest::compare::{compare, unreachable_all};
use manifest::{Assessment, History};

/// What a look at the deployment came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looked {
    /// Every function was assessed.
    Compared(Vec<Assessment>),
    /// There was no manifest to compare with.
    NoManifest {
        /// The error's code.
        code: String,
    },
}

/// Compares what is deployed of a stage with the manifest that was published last.
pub async fn look(functions: &Functions, shelf: &Shelf, stage: &str, now: Timestamp) -> Looked {
    let looked = async {
        let keys = shelf.keys(Some(stage)).await?;
        let (last, earlier) = keys.split_first().ok_or(Error::Missing { operation: "ListObjectsV2" })?;
        let history = History::new(shelf.read(last).await?);
        assess(functions, history, Some((shelf, earlier)), now).await
    };
    match looked.await {
        Ok(assessments) => Looked::Compared(assessments),
        Err(error) => {
            tracing::warn!(error = %error, "there is no manifest to compare with");
            Looked::NoManifest { code: code(&error) }
        }
    }
}

/// Compares what is deployed with `history`, and looks on the shelf for earlier manifests where some code is of none in it.
///
/// # Errors
/// [`Error`] when an earlier manifest could not be read: what it explains would be taken for foreign.
pub async fn assess(
    functions: &Functions,
    mut history: History,
    earlier: Option<(&Shelf, &[String])>,
    now: Timestamp,
) -> Result<Vec<Assessment>, Error> {
    let known: BTreeSet<String> = history.target.functions.keys().cloned().collect();
    let found = match functions.find(&history.target.prefix, &known).await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(error = %error, "the functions could not be listed");
            return Ok(unreachable_all(&history, &code(&error)));
        }
    };
    if let Some((shelf, keys)) = earlier {
        shelf.look_back(&mut history, keys, &found).await?;
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
