//! The deployed functions, as the Lambda API reports them.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::account::Account;
use crate::template::Stack;
use crate::template::stack::{Event, Function, SqsMapping};

/// The most entries on one page, as on Lambda.
const PAGE_COUNT: usize = 50;

/// The deployed functions of one region.
pub(crate) struct Deployment {
    /// The functions by name.
    pub(crate) functions: BTreeMap<String, DeployedFunction>,
    /// The most entries on one page.
    pub(crate) page_count: usize,
}

/// A deployed function. All fields are public, so that tests can cause any drift.
#[derive(Debug, Clone, PartialEq)]
pub struct DeployedFunction {
    /// Its declaration in the template.
    pub function: Function,
    /// The base64 of the SHA-256 of its package.
    pub code_sha256: String,
    /// ARNs of its layers.
    pub layers: Vec<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its event source mappings.
    pub mappings: Vec<DeployedMapping>,
    /// Digests of its published versions' packages, by number.
    pub versions: BTreeMap<String, String>,
    /// Its aliases by name.
    pub aliases: BTreeMap<String, Alias>,
}

/// An event source mapping of a deployed function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployedMapping {
    /// Its settings.
    pub settings: SqsMapping,
    /// How many filters it has.
    pub filters: usize,
    /// The alias that it invokes; the function itself when there is none.
    pub alias: Option<String>,
}

/// The versions that an alias points to.
#[derive(Debug, Clone, PartialEq)]
pub struct Alias {
    /// The main version.
    pub version: String,
    /// Further versions, with their share of the traffic.
    pub further: BTreeMap<String, f64>,
}

impl Default for Deployment {
    fn default() -> Self {
        Self { functions: BTreeMap::new(), page_count: PAGE_COUNT }
    }
}

impl Deployment {
    /// Deploys the functions of `stack`, as CloudFormation would leave them.
    pub(crate) fn deploy(&mut self, stack: &Stack, account: &Account) {
        for function in stack.functions.values() {
            self.functions.insert(function.name.clone(), DeployedFunction::new(function, account));
        }
    }
}

impl DeployedFunction {
    /// The function that `function` declares, deployed in `account`. There is no package here, so the digest is that of its
    /// name.
    #[must_use]
    pub fn new(function: &Function, account: &Account) -> Self {
        let mut tags = function.tags.clone();
        tags.insert("aws:cloudformation:stack-name".to_owned(), account.stack.clone());
        let mappings = function.events.iter().filter_map(|event| match event {
            Event::Sqs(settings) => Some(DeployedMapping { settings: settings.clone(), filters: 0, alias: None }),
            Event::Schedule(_) => None,
        });
        Self {
            code_sha256: STANDARD.encode(Sha256::digest(function.name.as_bytes())),
            layers: Vec::new(),
            tags,
            mappings: mappings.collect(),
            versions: BTreeMap::new(),
            aliases: BTreeMap::new(),
            function: function.clone(),
        }
    }
}
