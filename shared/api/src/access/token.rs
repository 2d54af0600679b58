//! Access by tokens of an OIDC issuer, such as a Cognito user pool. Only RS256 is accepted, and only for our audience.

mod key;

use std::collections::BTreeSet;

use aws::sdk::Clock;
use axum::http::request::Parts;
use domain::person::{Person, Role};
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde_json::{Map, Value};

use super::program::Programs;
use super::sign_in::SignIn;
use super::{bearer, cookie, is_same_origin, other_site};
use crate::problem::Problem;

pub use key::{Fetch, Keys};

/// How far the issuer's clock may be off, in seconds.
const SKEW_SECS: i64 = 60;
/// The cookie of a browser that is signed in. The prefix makes browsers refuse it from any other host or over plain HTTP.
pub const COOKIE: &str = "__Host-docket";

/// What a token must say.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its issuer.
    pub issuer: String,
    /// Its audience.
    pub audience: String,
    /// The claim that names the person's firm.
    pub firm_claim: String,
    /// The claim that lists the person's roles: a list of texts, or texts separated by commas or spaces.
    pub role_claim: String,
}

/// People by their tokens, and programs by IAM.
pub struct Tokens {
    settings: Settings,
    keys: Keys,
    pub(super) clock: Clock,
    programs: Programs,
    sign_in: Option<Box<SignIn>>,
}

/// A token that the issuer has just given out for somebody who signs in.
pub(super) struct Admitted {
    /// Whose it is; none if it names no firm, or nobody.
    pub(super) person: Option<Person>,
    /// How long it is good for, in seconds.
    pub(super) secs: i64,
}

impl Tokens {
    /// Accepts what `settings` say, signed with one of `keys`.
    #[must_use]
    pub fn new(settings: Settings, keys: Keys, clock: Clock) -> Self {
        Self { settings, keys, clock, programs: Programs::default(), sign_in: None }
    }

    /// The same, and lets these programs in.
    #[must_use]
    pub fn with_programs(self, programs: Programs) -> Self {
        Self { programs, ..self }
    }

    /// The same, and lets people sign in at the issuer in their browsers.
    #[must_use]
    pub fn with_sign_in(self, sign_in: SignIn) -> Self {
        Self { sign_in: Some(Box::new(sign_in)), ..self }
    }

    /// How people sign in, if they can.
    pub(crate) fn sign_in(&self) -> Option<&SignIn> {
        self.sign_in.as_deref()
    }

    /// Whoever sends the token in these headers.
    pub(super) async fn person(&self, parts: &Parts) -> Result<Person, Problem> {
        // On a route that takes IAM signatures nothing else counts.
        if let Some(program) = self.programs.of(&parts.extensions) {
            return program.ok_or_else(Problem::signed_out);
        }
        let sent = bearer(&parts.headers);
        let token = sent.or_else(|| cookie(&parts.headers, COOKIE)).ok_or_else(Problem::signed_out)?;
        let claims = self.claims(token).await?;
        // A browser sends its cookie whoever asks; only a program sends a header.
        if sent.is_none() && !is_same_origin(&parts.method, &parts.headers) {
            return Err(other_site());
        }
        self.check_times(&claims)?;
        self.read(&claims).ok_or_else(Problem::signed_out)
    }

    /// Looks at a token that was given out for the sign-in with this nonce: its signature, issuer, audience and times hold.
    pub(super) async fn admit(&self, token: &str, nonce: &str) -> Result<Admitted, Problem> {
        let claims = self.claims(token).await?;
        self.check_times(&claims)?;
        let text = |name: &str| claims.get(name).map(Value::as_str);
        let is_ours = text("azp").is_none_or(|party| party == Some(&self.settings.audience));
        if text("nonce") != Some(Some(nonce)) || !is_ours {
            return Err(Problem::signed_out());
        }
        let expires = claims.get("exp").and_then(Value::as_i64).unwrap_or_default();
        let secs = expires.saturating_sub(self.clock.now().as_second());
        Ok(Admitted { person: self.read(&claims), secs })
    }

    /// The claims of a token whose signature, issuer and audience hold.
    async fn claims(&self, token: &str) -> Result<Map<String, Value>, Problem> {
        let header = decode_header(token).map_err(|_| Problem::signed_out())?;
        let key_id = header.kid.filter(|_| header.alg == Algorithm::RS256).ok_or_else(Problem::signed_out)?;
        let now = self.clock.now();
        let key = self.keys.find(&key_id, now).await?.ok_or_else(Problem::signed_out)?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_audience(&[&self.settings.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Times are compared with the clock that is given.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        key::install();
        decode(token, &key, &validation).map(|data| data.claims).map_err(|_| Problem::signed_out())
    }

    fn check_times(&self, claims: &Map<String, Value>) -> Result<(), Problem> {
        let now = self.clock.now().as_second();
        let second = |name: &str| claims.get(name).and_then(Value::as_i64);
        let is_over = second("exp").is_none_or(|at| at.saturating_add(SKEW_SECS) <= now);
        let is_early = claims.contains_key("nbf") && second("nbf").is_none_or(|at| at > now + SKEW_SECS);
        if is_over || is_early { Err(Problem::signed_out()) } else { Ok(()) }
    }

    /// The person that claims name. Roles that are not ours are ignored; without any of ours, a person may do nothing.
    fn read(&self, claims: &Map<String, Value>) -> Option<Person> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let firm = text(&self.settings.firm_claim)?.parse().ok()?;
        let user = text("sub")?.parse().ok()?;
        Some(Person { firm, user, roles: roles(claims.get(&self.settings.role_claim)) })
    }
}

fn roles(claim: Option<&Value>) -> BTreeSet<Role> {
    match claim {
        Some(Value::String(text)) => text.split([',', ' ']).filter_map(|role| role.parse().ok()).collect(),
        Some(Value::Array(list)) => {
            list.iter().filter_map(|role| role.as_str().and_then(|role| role.parse().ok())).collect()
        }
        _ => BTreeSet::new(),
    }
}
