//! Finds the resources of a deployed stage by its name, as `template.yaml` names them.

use std::fmt;
use std::str::FromStr;

use aws::bucket::Bucket;
use aws::queue::Commands;
use aws::sdk::Clock;
use aws::store::Store;
use aws_types::SdkConfig;
use domain::id::FirmId;

use crate::Client;

/// Longest name of a stage.
const STAGE_CHARS_MAX: usize = 16;

/// The name of a stage: the template's parameter `Stage`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageName(String);

/// A text is no name of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a stage's name begins with a letter and has at most 16 lower-case letters, digits and hyphens, for example dev"
)]
pub struct InvalidStageName;

impl FromStr for StageName {
    type Err = InvalidStageName;

    fn from_str(text: &str) -> Result<Self, InvalidStageName> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let starts = text.starts_with(|c: char| c.is_ascii_lowercase());
        if !starts || text.len() > STAGE_CHARS_MAX || !text.chars().all(allowed) {
            return Err(InvalidStageName);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for StageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StageName {
    /// Name of its table.
    #[must_use]
    pub fn table(&self) -> String {
        format!("docket-{self}")
    }

    /// Name of its command queue.
    #[must_use]
    pub fn command_queue(&self) -> String {
        format!("docket-{self}-command")
    }

    /// Name of its document bucket in an account.
    #[must_use]
    pub fn document_bucket(&self, account: &str) -> String {
        format!("docket-{self}-documents-{account}")
    }
}

/// A client of a firm of a deployed stage.
///
/// # Errors
/// [`aws::Error`] of the one call that it makes, `GetQueueUrl`, also when there is no such stage.
pub async fn connect(configuration: &SdkConfig, stage: &StageName, firm: FirmId) -> Result<Client, aws::Error> {
    let (commands, account) = Commands::find(configuration, &stage.command_queue()).await?;
    let store = Store::new(configuration, stage.table());
    let bucket = Bucket::new(configuration, stage.document_bucket(&account));
    Ok(Client::new(firm, store, bucket, commands, Clock::of(configuration)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stages_name_is_what_the_template_accepts() {
        for good in ["dev", "p", "prod-2", "abcdefghijklmnop"] {
            assert_eq!(good.parse::<StageName>().map(|name| name.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "Dev", "2nd", "-a", "dev/prod", "abcdefghijklmnopq", "dev ", "é"] {
            assert_eq!(bad.parse::<StageName>(), Err(InvalidStageName), "{bad}");
        }
    }
}
