//! Makes a release: the manifest of what should be deployed, and the packages for Lambda.

mod git;
mod make;
mod package;
mod provenance;
mod settings;

pub use make::{Plan, binaries, make};
pub use package::{PackageError, package, write_packages};
pub use settings::settings;

/// Characters of a command's error output that are shown.
const REASON_CHARS_MAX: usize = 400;

/// Why a manifest cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A command could not be started, or failed.
    #[error("`{command}` failed: {reason}")]
    Command {
        /// The command.
        command: String,
        /// Its error output, shortened.
        reason: String,
    },
    /// The output of a command could not be understood.
    #[error("the output of `{0}` could not be understood")]
    Answer(&'static str),
    /// The checkout is shallow, so commits that touch a function may be missing.
    #[error("the checkout is shallow; fetch the whole history (`git fetch --unshallow`, or fetch-depth: 0)")]
    Shallow,
    /// Files that would be built are not committed.
    #[error("{0} differs from the last commit; commit it, or give --allow-dirty if the manifest will not be published")]
    Dirty(String),
    /// The template cannot be read.
    #[error(transparent)]
    Template(#[from] engine::template::TemplateError),
    /// A file cannot be read or written.
    #[error("{path} cannot be used: {source}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A function's code cannot be traced to a crate.
    #[error("{function}: its CodeUri names {binary}, but no crate of the workspace has a binary of that name")]
    NoCrate {
        /// The function's name.
        function: String,
        /// The binary's name.
        binary: String,
    },
    /// The functions' names have no common prefix.
    #[error("{0} does not end in its binary's name, so the functions of this stage cannot be recognised")]
    Name(String),
    /// A package could not be made.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// No commit touches a function.
    #[error("{0}: no commit touches what it is built from")]
    NoCommit(String),
}

impl Problem {
    /// A command that failed, with its error output.
    fn command(command: &str, reason: &str) -> Self {
        let reason = reason.trim().chars().take(REASON_CHARS_MAX).collect();
        Self::Command { command: command.to_owned(), reason }
    }
}
