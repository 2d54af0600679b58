//! Who asks. Nobody is let in by default.

pub mod issuer;
pub mod local;
pub mod program;
pub mod sign_in;
pub mod token;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use domain::person::{Person, Role};

use crate::Api;
use crate::problem::Problem;

/// Whoever is signed in.
pub(crate) struct Signed(pub(crate) Person);

impl FromRequestParts<Api> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        api.access.person(parts).await.map(Self)
    }
}

impl Signed {
    /// The person, if they have one of these roles.
    pub(crate) fn with_any_of(self, roles: &[Role]) -> Result<Person, Problem> {
        if self.0.is_any_of(roles) { Ok(self.0) } else { Err(Problem::wrong_role()) }
    }
}

/// How people and programs prove who they are.
pub enum Access {
    /// On this machine: whoever holds the ticket that `docket serve` printed.
    Local(local::Desk),
    /// On a deployed stage: by tokens of the issuer, and programs by IAM.
    Tokens(token::Tokens),
    /// By whoever hands requests to the router in this process, who puts the [`Person`] into their extensions. Nothing that comes
    /// over a network can do that.
    Known,
}

impl Access {
    async fn person(&self, parts: &Parts) -> Result<Person, Problem> {
        match self {
            Self::Local(desk) => desk.person(parts),
            Self::Tokens(tokens) => tokens.person(parts).await,
            Self::Known => parts.extensions.get::<Person>().cloned().ok_or_else(Problem::signed_out),
        }
    }

    /// How people sign in at the issuer; none on this machine, or where only programs come.
    pub(crate) fn sign_in(&self) -> Option<(&token::Tokens, &sign_in::SignIn)> {
        match self {
            Self::Local(_) | Self::Known => None,
            Self::Tokens(tokens) => tokens.sign_in().map(|sign_in| (tokens, sign_in)),
        }
    }

    /// Whether it is the desk of this machine.
    pub(crate) fn is_local(&self) -> bool {
        matches!(self, Self::Local(_))
    }

    /// Whether a request is addressed to this desk.
    pub(crate) fn is_addressed(&self, headers: &HeaderMap) -> bool {
        match self {
            Self::Local(desk) => desk.is_addressed(headers),
            // The gateway only passes on what is addressed to it.
            Self::Tokens(_) | Self::Known => true,
        }
    }
}

/// The token that a program sends.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|line| line.split(';')).find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then_some(value)
    })
}

/// Whether a request that changes something comes from the desk's own pages: by what the browser says of its site, else by its
/// origin.
fn is_same_origin(method: &Method, headers: &HeaderMap) -> bool {
    method.is_safe() || is_own_page(headers)
}

/// Whether one of the desk's own pages made a browser send a request.
fn is_own_page(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, origin)| origin == host),
        _ => false,
    }
}

/// Whether another site made a browser send a request. Browsers of before 2023 do not say so.
pub(crate) fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    site.is_some_and(|site| site != "same-origin" && site != "none")
}

/// The problem of a request that another site made a browser send.
pub(crate) fn other_site() -> Problem {
    let action = "Use the desk's own pages.";
    Problem::new(StatusCode::FORBIDDEN, "access.other_site", "Another site asks", action)
}
