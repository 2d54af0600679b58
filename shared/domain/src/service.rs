//! What a client can order.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A service by its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ServiceCode {
    /// Credit monitoring arrangement workbook from audited financials.
    Cma,
    /// Underwriting memo from bank statements, credit reports and identity documents.
    Underwriting,
    /// Documentation of a repository.
    RepositoryDocs,
    /// An order that walks all five phases and does no work.
    Canary,
}

/// A code that names no service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such service; the services are CMA, UNDERWRITING, REPOSITORY_DOCS and CANARY")]
pub struct UnknownService;

impl ServiceCode {
    /// The code as it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cma => "CMA",
            Self::Underwriting => "UNDERWRITING",
            Self::RepositoryDocs => "REPOSITORY_DOCS",
            Self::Canary => "CANARY",
        }
    }

    /// Whether an order of this service must bring at least one document.
    #[must_use]
    pub fn needs_documents(self) -> bool {
        match self {
            Self::Cma | Self::Underwriting | Self::RepositoryDocs => true,
            Self::Canary => false,
        }
    }

    /// Name of the processor that executes one document, as executions record it.
    #[must_use]
    pub fn processor(self) -> &'static str {
        match self {
            Self::Cma => "p_financial_statement",
            Self::Underwriting => "p_underwriting_document",
            Self::RepositoryDocs => "p_repository",
            Self::Canary => "p_canary",
        }
    }
}

impl FromStr for ServiceCode {
    type Err = UnknownService;

    fn from_str(text: &str) -> Result<Self, UnknownService> {
        [Self::Cma, Self::Underwriting, Self::RepositoryDocs, Self::Canary]
            .into_iter()
            .find(|service| service.as_str().eq_ignore_ascii_case(text))
            .ok_or(UnknownService)
    }
}

impl fmt::Display for ServiceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
