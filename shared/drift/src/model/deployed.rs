//! The state of the deployed functions, as it was found.

use std::collections::BTreeMap;

use super::digest::CodeDigest;
use super::settings::{Location, Settings};

/// The tag that names the revision a deployment was made from.
pub const REVISION_TAG: &str = "docket:revision";
/// The tag that CloudFormation gives to what it deploys.
pub const STACK_TAG: &str = "aws:cloudformation:stack-name";

/// What was found under a function's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A function.
    Function(Box<Deployed>),
    /// A function whose state could not be read.
    Unreachable {
        /// The error's code.
        code: String,
    },
}

/// A deployed function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployed {
    /// Where it is deployed.
    pub location: Location,
    /// Its configuration.
    pub settings: Settings,
    /// The code that may run: the latest version, and each one that an alias points to.
    pub running: Vec<Running>,
}

/// Code that may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// How it is addressed: `$LATEST`, or an alias and its version.
    pub qualifier: String,
    /// The digest of its package.
    pub code_sha256: CodeDigest,
}

/// What was found, by function name.
pub type FoundFunctions = BTreeMap<String, Found>;
