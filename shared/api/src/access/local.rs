//! Access to the desk of this machine. `docket serve` prints an address with a ticket; whoever opens it gets a cookie. The desk
//! listens on the loopback interface only, and answers no other host name, so that no page of the web can reach it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use domain::id::FirmId;
use domain::person::{Person, Role, UserId};

use super::{bearer, cookie, is_same_origin, other_site};
use crate::problem::Problem;

/// The desk of this machine.
pub struct Desk {
    firm: FirmId,
    port: u16,
    ticket: Mutex<Option<String>>,
    session: String,
    program: String,
    role: Mutex<Role>,
}

impl Desk {
    /// A desk for a firm on a port. `secret` makes three secrets: the ticket that opens it once, the session of the browser, and
    /// the token of the `docket` command.
    #[must_use]
    pub fn new(firm: FirmId, port: u16, mut secret: impl FnMut() -> String) -> Self {
        Self {
            firm,
            port,
            ticket: Mutex::new(Some(secret())),
            session: secret(),
            program: secret(),
            role: Mutex::new(Role::Preparer),
        }
    }

    /// The ticket that opens the desk, until it is used.
    #[must_use]
    pub fn ticket(&self) -> Option<String> {
        self.ticket.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The token by which the `docket` command is let in.
    #[must_use]
    pub fn program_token(&self) -> &str {
        &self.program
    }

    /// Exchanges the ticket for the cookie of a session. It is taken once.
    pub(crate) fn enter(&self, ticket: &str) -> Option<String> {
        let mut held = self.ticket.lock().unwrap_or_else(PoisonError::into_inner);
        if held.as_deref().is_some_and(|held| is_same(held, ticket)) {
            *held = None;
            return Some(format!("{}={}; HttpOnly; SameSite=Strict; Path=/", self.cookie_name(), self.session));
        }
        None
    }

    /// Lets whoever sits at this machine play another role from now on.
    pub(crate) fn play(&self, role: Role) {
        *self.role.lock().unwrap_or_else(PoisonError::into_inner) = role;
    }

    /// Whoever asks: the person at this machine in the role that they play, or the `docket` command.
    pub(super) fn person(&self, parts: &Parts) -> Result<Person, Problem> {
        if bearer(&parts.headers).is_some_and(|token| is_same(token, &self.program)) {
            return self.playing("command", Role::ALL);
        }
        let cookie = cookie(&parts.headers, &self.cookie_name());
        if !cookie.is_some_and(|cookie| is_same(cookie, &self.session)) {
            return Err(Problem::signed_out());
        }
        if !is_same_origin(&parts.method, &parts.headers) {
            return Err(other_site());
        }
        let role = *self.role.lock().unwrap_or_else(PoisonError::into_inner);
        self.playing(role.as_str(), &[role])
    }

    fn playing(&self, user: &str, roles: &[Role]) -> Result<Person, Problem> {
        let user: UserId = user.parse().map_err(|_| Problem::signed_out())?;
        Ok(Person { firm: self.firm.clone(), user, roles: roles.iter().copied().collect::<BTreeSet<_>>() })
    }

    /// Whether a request names this machine, as a browser does that shows a page of the desk. A page of another site that has
    /// had its host name lead here does not.
    #[must_use]
    pub fn is_addressed(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
        let own = ["127.0.0.1", "localhost"].map(|host| format!("{host}:{}", self.port));
        host.is_some_and(|host| own.iter().any(|own| own.eq_ignore_ascii_case(host)))
    }

    fn cookie_name(&self) -> String {
        format!("docket-{}", self.port)
    }
}

/// Compares secrets in a time that does not depend on where they differ.
fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}
