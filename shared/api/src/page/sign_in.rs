//! Signing in and out at the issuer. A laptop has none of these pages.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use desk::frame::Frame;
use desk::page::EnterPage;
use serde::Deserialize;

use super::{html, see};
use crate::Api;
use crate::access::sign_in::{Led, SentBack, SignIn, address_for};
use crate::access::token::Tokens;
use crate::access::{is_from_elsewhere, other_site};
use crate::problem::Problem;
use crate::request::Asked;

/// Where one wants to go.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    to: String,
}

/// Leads to the issuer.
pub(super) async fn begin(State(api): State<Api>, Asked(wanted): Asked<Wanted>) -> Result<Response, Problem> {
    let (tokens, sign_in) = found(&api)?;
    sign_in.begin(tokens, &wanted.to).await.map(|led| follow(&led))
}

/// Takes in whoever the issuer sends back.
pub(super) async fn finish(
    State(api): State<Api>,
    headers: HeaderMap,
    Asked(sent): Asked<SentBack>,
) -> Result<Response, Problem> {
    let (tokens, sign_in) = found(&api)?;
    sign_in.finish(tokens, &headers, &sent).await.map(|led| follow(&led))
}

/// Signs out here and at the issuer. A link of another site does not.
pub(super) async fn end(State(api): State<Api>, headers: HeaderMap) -> Result<Response, Problem> {
    let (_, sign_in) = found(&api)?;
    if is_from_elsewhere(&headers) {
        return Err(other_site());
    }
    Ok(follow(&sign_in.end().await))
}

/// Says that one is signed out.
pub(super) async fn ended(State(api): State<Api>) -> Result<Response, Problem> {
    found(&api)?;
    let page = EnterPage { frame: Frame::nobody(false), sign_in: Some(address_for("/")), because: None };
    Ok(html(page.render()))
}

fn found(api: &Api) -> Result<(&Tokens, &SignIn), Problem> {
    api.access.sign_in().ok_or_else(Problem::not_found)
}

fn follow(led: &Led) -> Response {
    let mut response = see(&led.to);
    for cookie in led.cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
