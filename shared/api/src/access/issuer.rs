//! The OIDC issuer: where its endpoints are, its keys, and the exchange of a code for a token.

use std::pin::Pin;
use std::sync::Arc;

use aws::sdk::Clock;
use jiff::Timestamp;
use serde::Deserialize;
use tokio::sync::Mutex;

use super::token::Keys;

/// How long the discovery document is kept, in seconds: as long as the keys.
const KEPT_SECS: i64 = 3_600;
/// Time between two attempts to fetch it, in seconds, so that an issuer that is away is not asked all the time.
const APART_SECS: i64 = 10;
/// Path of the discovery document under the issuer (OpenID Connect Discovery 1.0, section 4).
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// What the issuer is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Fetches a document.
    Get {
        /// Its address.
        url: String,
    },
    /// Sends a form.
    Post {
        /// Its address.
        url: String,
        /// The form, as `application/x-www-form-urlencoded`.
        form: String,
    },
}

/// What it answered.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: Vec<u8>,
}

/// Asks the issuer over the network; none without an answer in time.
pub type Call = Box<dyn Fn(Ask) -> Pin<Box<dyn Future<Output = Option<Answer>> + Send>> + Send + Sync>;

/// An address that is no issuer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an issuer is an https address without a query, as its tokens name it")]
pub struct InvalidIssuer;

/// The issuer's endpoints.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Endpoints {
    issuer: String,
    pub(crate) authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    /// Where one signs out, if the issuer states it.
    #[serde(default)]
    pub(crate) end_session_endpoint: Option<String>,
}

/// An OIDC issuer.
pub struct Issuer {
    url: String,
    call: Call,
    clock: Clock,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    endpoints: Option<Endpoints>,
    fetched: Option<Timestamp>,
    tried: Option<Timestamp>,
}

/// What the exchange of a code gave.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Redeemed {
    /// An ID token, not yet verified.
    Token(String),
    /// The issuer refused the code.
    Refused,
    /// The issuer did not answer.
    Away,
}

/// The part of the answer to an exchange that is used.
#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

impl Issuer {
    /// The issuer with this address, which is asked by `call`.
    ///
    /// # Errors
    /// [`InvalidIssuer`] when the address is not https. On this machine, as in tests, plain HTTP will do.
    pub fn new(url: &str, call: Call, clock: Clock) -> Result<Self, InvalidIssuer> {
        let url = url.trim_end_matches('/');
        if !is_protected(url) || url.contains(['?', '#']) {
            return Err(InvalidIssuer);
        }
        Ok(Self { url: url.to_owned(), call, clock, held: Mutex::default() })
    }

    /// The issuer's keys, fetched from where its discovery document says.
    #[must_use]
    pub fn keys(self: &Arc<Self>) -> Keys {
        let issuer = Arc::clone(self);
        Keys::new(Box::new(move || {
            let issuer = Arc::clone(&issuer);
            Box::pin(async move { issuer.key_set().await })
        }))
    }

    async fn key_set(&self) -> Option<Vec<u8>> {
        let url = self.endpoints().await?.jwks_uri;
        self.get(url).await
    }

    /// The endpoints of the discovery document; none if the issuer does not answer or the document is not its own.
    pub(crate) async fn endpoints(&self) -> Option<Endpoints> {
        let now = self.clock.now();
        let mut held = self.held.lock().await;
        let within = |at: Option<Timestamp>, secs| at.is_some_and(|at| now.duration_since(at).as_secs().abs() < secs);
        if !within(held.fetched, KEPT_SECS) && !within(held.tried, APART_SECS) {
            held.tried = Some(now);
            match self.discover().await {
                Some(endpoints) => (held.endpoints, held.fetched) = (Some(endpoints), Some(now)),
                None => tracing::warn!("the issuer's discovery document cannot be used"),
            }
        }
        // An older document is better than none: nobody is turned away because the issuer is.
        held.endpoints.clone()
    }

    async fn discover(&self) -> Option<Endpoints> {
        let document = self.get(format!("{}{DISCOVERY}", self.url)).await?;
        let found: Endpoints = serde_json::from_slice(&document).ok()?;
        let addresses = [&found.authorization_endpoint, &found.token_endpoint, &found.jwks_uri];
        let all_protected = addresses.into_iter().chain(&found.end_session_endpoint).all(|url| is_protected(url));
        (found.issuer.trim_end_matches('/') == self.url && all_protected).then_some(found)
    }

    /// Exchanges a code for an ID token.
    pub(crate) async fn redeem(&self, client: &str, code: &str, verifier: &str, redirect: &str) -> Redeemed {
        let Some(endpoints) = self.endpoints().await else { return Redeemed::Away };
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("client_id", client)
            .append_pair("code", code)
            .append_pair("code_verifier", verifier)
            .append_pair("redirect_uri", redirect)
            .finish();
        match (self.call)(Ask::Post { url: endpoints.token_endpoint, form }).await {
            Some(Answer { status: 200, body }) => match serde_json::from_slice::<Tokens>(&body) {
                Ok(tokens) => Redeemed::Token(tokens.id_token),
                Err(_) => {
                    tracing::error!("the issuer's answer holds no ID token; the client needs the scope openid");
                    Redeemed::Refused
                }
            },
            // 429 is a matter of time like an outage; every other 4xx is an answer about this code (RFC 6749, 5.2).
            Some(Answer { status, .. }) if (400..500).contains(&status) && status != 429 => {
                tracing::warn!(http.status = status, "the issuer refused a code");
                Redeemed::Refused
            }
            answer => {
                tracing::warn!(http.status = answer.map(|answer| answer.status), "the issuer cannot exchange a code");
                Redeemed::Away
            }
        }
    }

    async fn get(&self, url: String) -> Option<Vec<u8>> {
        let answer = (self.call)(Ask::Get { url }).await?;
        (answer.status == 200).then_some(answer.body)
    }
}

/// Whether nobody between can read or change what is sent to an address.
fn is_protected(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() || authority.contains('@') || !url.chars().all(|c| c.is_ascii_graphic()) {
        return false;
    }
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    scheme == "https" || (scheme == "http" && ["127.0.0.1", "localhost", "[::1]"].contains(&host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_reached_over_tls_or_on_this_machine() {
        for good in
            ["https://issuer.example", "https://issuer.example:8443/pool", "http://127.0.0.1:9/a", "http://localhost"]
        {
            assert!(is_protected(good), "{good}");
        }
        for bad in [
            "",
            "issuer.example",
            "http://issuer.example",
            "https://",
            "https://a@b.example",
            "ftp://localhost",
            "http://127.0.0.1.evil.example/",
            "http://localhost@evil.example/",
            "https://issuer.example/a b",
            "https://é.example",
        ] {
            assert!(!is_protected(bad), "{bad}");
        }
    }
}
