//! The pages of the desk: plain values in, HTML out.
//!
//! Every page is a struct of [`page`] with a method `render`. Whoever answers a request reads the stores, fills the struct
//! and returns the text. Nothing here does I/O or reads a clock, and nothing decides what a person may do: a page says it.
//!
//! All pages work without JavaScript: they are links and forms. One module of our own ([`asset`]) keeps them up to date, saves
//! the review while it is edited, and adds keys. Everything that comes from a client or a reviewer is text and is escaped.

pub mod asset;
mod chart;
pub mod figure;
pub mod form;
pub mod frame;
mod html;
mod icon;
pub mod page;
mod text;
mod word;

/// Content type of every page and fragment.
pub const CONTENT_TYPE: &str = "text/html; charset=utf-8";

/// The `Content-Security-Policy` of every page: no script, style or request but our own, and no markup written by a script
/// except through the policy `desk`.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types desk";

/// The `Content-Security-Policy` of a page whose module uploads files to `origin` (scheme and host), too.
#[must_use]
pub fn content_security_policy_to(origin: &str) -> String {
    CONTENT_SECURITY_POLICY.replace("connect-src 'self'", &format!("connect-src 'self' {origin}"))
}
