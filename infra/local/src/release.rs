//! What a release is made of: the manifest of what should be deployed, and the packages that Lambda is given.

mod git;
mod make;
mod package;
mod provenance;
mod wanted;

pub use make::{Plan, make};
pub use package::{PackageError, package, write_packages};
pub use wanted::settings;

/// Why no manifest can be made.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A command could not be run or did not work.
    #[error("`{command}` did not work here: {reason}")]
    Command {
        /// The command.
        command: String,
        /// What it said.
        reason: String,
    },
    /// Its answer could not be understood.
    #[error("what `{0}` answered is not understood")]
    Answer(&'static str),
    /// Commits that touch a function may be absent.
    #[error("the checkout does not hold the whole history; fetch it all (`git fetch --unshallow`, or fetch-depth: 0)")]
    Shallow,
    /// What would be built is of no commit.
    #[error("{0} differs from the last commit; commit it, or give --allow-dirty for a manifest that is not published")]
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
    #[error("{function}: its CodeUri names {binary}, and no crate of the workspace has a binary of that name")]
    NoCrate {
        /// The function's name.
        function: String,
        /// The binary's name.
        binary: String,
    },
    /// Functions whose names have nothing in common.
    #[error("{0} does not end in its binary's name, so that functions of this stage cannot be told from others")]
    Name(String),
    /// A package could not be made.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// Nothing touches a function.
    #[error("{0}: no commit touches what it is built from")]
    NoCommit(String),
}
