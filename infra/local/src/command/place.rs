//! Where the orders of a command are.

use std::path::{Path, PathBuf};

use super::Problem;

/// The default folder for the state.
const DATA_DEFAULT: &str = ".docket";

/// The place of a command's orders, which decides how further commands find them and what an error there means.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// A folder of this machine.
    Folder(PathBuf),
}

impl Place {
    /// The folder `data`, or the default one.
    pub(super) fn folder(data: Option<&Path>) -> Self {
        Self::Folder(data.map_or_else(|| PathBuf::from(DATA_DEFAULT), Path::to_path_buf))
    }

    /// A command line to suggest, which finds the same orders.
    pub(super) fn command(&self, words: &str) -> String {
        match self {
            Self::Folder(data) => format!("docket {words}{}", data_option(data)),
        }
    }

    /// The place in words, after "no order … in".
    pub(super) fn name(&self) -> String {
        match self {
            Self::Folder(data) => data.display().to_string(),
        }
    }

    /// What the user is told about a failed call.
    pub(super) fn problem(&self, error: aws::Error) -> Problem {
        match self {
            Self::Folder(_) => Problem::failed(error),
        }
    }
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
