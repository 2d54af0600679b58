//! The table of services, with one row for each. Nothing else in the workspace lists them.
//!
//! A row reads: documentation, variant of [`ServiceCode`](crate::service::ServiceCode), code as stored and shown, then the
//! type that implements the service (a path as `shared/services/src/lib.rs` sees it) or `planned`, then the service's
//! [`Description`](crate::service::Description).

/// Calls a macro with every row of the table, so that code that depends on the service is generated and leaves none out.
///
/// `for_each_service!(consumer)` expands to `consumer! { () rows… }`. Tokens after the name are passed on in the parentheses.
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
