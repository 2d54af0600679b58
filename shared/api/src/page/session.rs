//! Coming in, and playing another role, at the desk of this machine.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use domain::person::Role;
use serde::Deserialize;

use super::form::Form;
use super::see;
use crate::Api;
use crate::access::{Access, Signed};
use crate::problem::Problem;
use crate::request::Asked;

/// The ticket that `docket serve` printed.
#[derive(Deserialize)]
pub(super) struct Ticket {
    #[serde(default)]
    ticket: String,
}

/// Lets whoever holds the ticket in, once.
pub(super) async fn enter(State(api): State<Api>, Asked(asked): Asked<Ticket>) -> Result<Response, Problem> {
    let Access::Local(desk) = &api.access else { return Err(Problem::not_found()) };
    let cookie = desk.enter(&asked.ticket).ok_or_else(Problem::signed_out)?;
    let mut response = see("/");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Plays another role from now on.
pub(super) async fn play(State(api): State<Api>, Signed(_): Signed, form: Form) -> Result<Response, Problem> {
    let Access::Local(desk) = &api.access else { return Err(Problem::not_found()) };
    let role: Role = form.text("role").parse().map_err(|_| Problem::malformed("there is no such role".to_owned()))?;
    desk.play(role);
    Ok(see("/"))
}
