//! The table of services: one row each. No other place in the workspace lists them.
//!
//! A row reads: documentation, variant of [`ServiceCode`](crate::service::ServiceCode), code as stored and shown, then the
//! type that implements the service (a path as `shared/services/src/lib.rs` sees it) or `planned`, then the service's
//! [`Description`](crate::service::Description).

/// Calls a macro with every row of the table, so that code which depends on the service is generated and never forgets one.
///
/// `for_each_service!(consumer)` expands to `consumer! { () rows… }`; further tokens after the name are handed on in the
/// parentheses.
#[macro_export]
macro_rules! for_each_service {
    ($consumer:ident $($arguments:tt)*) => {
        $consumer! {
            ($($arguments)*)
            /// Credit monitoring arrangement workbook from audited financials.
            Cma = "CMA" by self::cma::Cma { processors: &[(Extract, "p_financial_statement")], ..STANDARD };
            /// Underwriting memo from bank statements, credit reports and identity documents.
            Underwriting = "UNDERWRITING" planned { processors: &[(Extract, "p_underwriting_document")], ..STANDARD };
            /// Documentation of a repository.
            RepositoryDocs = "REPOSITORY_DOCS" planned { processors: &[(Extract, "p_repository")], ..STANDARD };
            /// An order that walks all five phases and does no work.
            Canary = "CANARY" by self::canary::Canary { processors: &[(Extract, "p_canary")], needs_documents: false, ..STANDARD };
        }
    };
}
