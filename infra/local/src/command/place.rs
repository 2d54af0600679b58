//! Where the orders of a command are.

use std::path::{Path, PathBuf};

use aws_types::SdkConfig;
use client::stage::StageName;
use domain::id::{FirmId, OrderId};

use super::Problem;
use super::refusal;

/// The default folder for the state.
const DATA_DEFAULT: &str = ".docket";

/// The place of a command's orders, which decides how further commands find them and what an error there means.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A firm of a deployed stage.
    Stage(Deployed),
}

/// A firm of a deployed stage.
#[derive(Clone, Debug)]
pub(super) struct Deployed {
    /// The stage.
    pub(super) stage: StageName,
    /// The firm.
    pub(super) firm: FirmId,
    /// The region that it is looked for in.
    pub(super) region: String,
}

impl Deployed {
    /// A firm of a stage in the region of `configuration`.
    pub(super) fn new(stage: StageName, firm: FirmId, configuration: &SdkConfig) -> Self {
        let region = configuration.region().map(ToString::to_string).unwrap_or_default();
        Self { stage, firm, region }
    }
}

impl Place {
    /// A command line to suggest, which finds the same orders.
    pub(super) fn command(&self, words: &str) -> String {
        match self {
            Self::Folder(data) => format!("docket {words}{}", data_option(data)),
            Self::Stage(Deployed { stage, firm, .. }) => format!("docket --stage {stage} --firm {firm} {words}"),
        }
    }

    /// The place in words, after "no order … in".
    pub(super) fn name(&self) -> String {
        match self {
            Self::Folder(data) => data.display().to_string(),
            Self::Stage(Deployed { stage, firm, .. }) => format!("stage {stage} for firm {firm}"),
        }
    }

    /// What is to be done about an order that is in progress, with the command for it.
    pub(super) fn in_progress(&self, order: OrderId) -> String {
        match self {
            Self::Folder(_) => format!("interrupted; continue with: {}", self.command(&format!("resume {order}"))),
            Self::Stage(_) => format!("in progress; look again with: {}", self.command(&format!("show {order}"))),
        }
    }

    /// Whether the orders are on this machine, where only a command moves them.
    pub(super) fn is_local(&self) -> bool {
        matches!(self, Self::Folder(_))
    }

    /// What the user is told about a failed call.
    pub(super) fn problem(&self, error: aws::Error) -> Problem {
        match self {
            Self::Folder(_) => Problem::failed(error),
            Self::Stage(deployed) => refusal::explain(deployed, &error),
        }
    }
}

/// The folder `data`, or the default one.
pub(super) fn folder(data: Option<&Path>) -> PathBuf {
    data.map_or_else(|| PathBuf::from(DATA_DEFAULT), Path::to_path_buf)
}

/// The `--data` option that names a folder; empty for the default one.
fn data_option(data: &Path) -> String {
    let data = data.display().to_string();
    match data.as_str() {
        DATA_DEFAULT => String::new(),
        plain if plain.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c)) => format!(" --data {plain}"),
        other => format!(" --data '{}'", other.replace('\'', r"'\''")),
    }
}
