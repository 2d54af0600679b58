//! Sign-in at the issuer: authorization code with PKCE (RFC 7636), as OpenID Connect Core 1.0 describes it. The function exchanges
//! the code, so that no script ever sees a token.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use form_urlencoded::Serializer;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::cookie;
use super::issuer::{Issuer, Redeemed};
use super::token::{COOKIE, Tokens};
use crate::problem::Problem;

/// The path that the issuer leads back to.
pub(crate) const CALLBACK: &str = "/callback";
/// The path that the issuer leads to after somebody has signed out.
pub(crate) const SIGNED_OUT: &str = "/signed-out";
/// The cookie of a sign-in that has begun.
const BEGUN_COOKIE: &str = "__Host-docket-sign-in";
/// How long a sign-in may take, in seconds.
const BEGUN_SECS: i64 = 600;
/// Bytes of what nobody may guess. In base64 they have 43 characters, as many as a verifier needs at least.
const RANDOM_BYTES: usize = 32;
/// Bytes of the largest cookie that browsers are sure to keep are 4096, with its name and attributes.
const TOKEN_BYTES_MAX: usize = 3_900;
/// Bytes of the longest path that one is led back to.
const PATH_BYTES_MAX: usize = 512;

/// Sign-in of people at the issuer.
pub struct SignIn {
    issuer: Arc<Issuer>,
    client: String,
    address: String,
    sign_out: Option<String>,
}

/// What a browser remembers of a sign-in that has begun.
#[derive(Serialize, Deserialize)]
struct Begun {
    state: String,
    nonce: String,
    verifier: String,
    to: String,
    at: i64,
}

/// Where a browser goes next, and the cookies that it is to keep.
pub(crate) struct Led {
    pub(crate) to: String,
    pub(crate) cookies: Vec<String>,
}

/// What the issuer sends back with a browser.
#[derive(Default, Deserialize)]
pub(crate) struct SentBack {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    error: Option<String>,
}

impl SignIn {
    /// Sign-in as a client of the issuer, for a desk at this address (`https://…`, without a path). `sign_out` is where one signs out
    /// at an issuer whose discovery document does not say.
    #[must_use]
    pub fn new(issuer: Arc<Issuer>, client: String, address: &str, sign_out: Option<String>) -> Self {
        Self { issuer, client, address: address.trim_end_matches('/').to_owned(), sign_out }
    }

    /// Leads a browser to the issuer, and afterwards back to `to` if that is a path of the desk.
    pub(crate) async fn begin(&self, tokens: &Tokens, to: &str) -> Result<Led, Problem> {
        let endpoints = self.issuer.endpoints().await.ok_or_else(Problem::unavailable)?;
        let begun = Begun {
            state: random()?,
            nonce: random()?,
            verifier: random()?,
            to: own_path(to).unwrap_or("/").to_owned(),
            at: tokens.clock.now().as_second(),
        };
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&begun.verifier));
        let query = Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client)
            .append_pair("redirect_uri", &self.redirect())
            .append_pair("scope", "openid")
            .append_pair("state", &begun.state)
            .append_pair("nonce", &begun.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .finish();
        let held = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&begun).unwrap_or_default());
        Ok(Led {
            to: with_query(&endpoints.authorization_endpoint, &query),
            cookies: vec![kept(BEGUN_COOKIE, &held, BEGUN_SECS)],
        })
    }

    /// Lets in whoever the issuer has sent back.
    pub(crate) async fn finish(&self, tokens: &Tokens, headers: &HeaderMap, sent: &SentBack) -> Result<Led, Problem> {
        let begun = begun(headers, tokens.clock.now().as_second()).ok_or_else(not_begun)?;
        if begun.state != sent.state {
            return Err(not_begun());
        }
        if sent.error.is_some() || sent.code.is_empty() {
            return Err(refused());
        }
        let token = match self.issuer.redeem(&self.client, &sent.code, &begun.verifier, &self.redirect()).await {
            Redeemed::Token(token) => token,
            Redeemed::Refused => return Err(refused()),
            Redeemed::Away => return Err(Problem::unavailable()),
        };
        let admitted = tokens.admit(&token, &begun.nonce).await.map_err(|problem| {
            // A browser that is sent back to sign in again would go round in circles.
            if problem.status() == StatusCode::UNAUTHORIZED { refused() } else { problem }
        })?;
        if admitted.person.is_none() {
            return Err(no_firm());
        }
        if token.len() > TOKEN_BYTES_MAX {
            return Err(too_large());
        }
        let to = own_path(&begun.to).unwrap_or("/").to_owned();
        Ok(Led { to, cookies: vec![kept(COOKIE, &token, admitted.secs), gone(BEGUN_COOKIE)] })
    }

    /// Signs a browser out, here and at the issuer.
    pub(crate) async fn end(&self) -> Led {
        let stated = match &self.sign_out {
            Some(address) => Some(address.clone()),
            None => self.issuer.endpoints().await.and_then(|endpoints| endpoints.end_session_endpoint),
        };
        let back = format!("{}{SIGNED_OUT}", self.address);
        let query = Serializer::new(String::new())
            .append_pair("client_id", &self.client)
            .append_pair("post_logout_redirect_uri", &back)
            // Cognito's own name for the same.
            .append_pair("logout_uri", &back)
            .finish();
        let to = stated.map_or_else(|| SIGNED_OUT.to_owned(), |address| with_query(&address, &query));
        Led { to, cookies: vec![gone(COOKIE), gone(BEGUN_COOKIE)] }
    }

    fn redirect(&self) -> String {
        format!("{}{CALLBACK}", self.address)
    }
}

/// Where one signs in to be led to a path of the desk.
pub(crate) fn address_for(to: &str) -> String {
    match own_path(to) {
        Some(to) if to != "/" => format!("/sign-in?{}", Serializer::new(String::new()).append_pair("to", to).finish()),
        _ => "/sign-in".to_owned(),
    }
}

/// A path of the desk itself, with its query. What a browser might take for another site's address is none.
fn own_path(text: &str) -> Option<&str> {
    let is_plain = text.len() <= PATH_BYTES_MAX && text.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    let is_own = text.starts_with('/') && !text.starts_with("//");
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let is_page = !["/sign-in", "/sign-out", CALLBACK, SIGNED_OUT].contains(&path);
    (is_plain && is_own && is_page).then_some(text)
}

fn begun(headers: &HeaderMap, now: i64) -> Option<Begun> {
    let held = URL_SAFE_NO_PAD.decode(cookie(headers, BEGUN_COOKIE)?).ok()?;
    let begun: Begun = serde_json::from_slice(&held).ok()?;
    (0..=BEGUN_SECS).contains(&now.saturating_sub(begun.at)).then_some(begun)
}

/// A cookie that only this host gets, over TLS, and no script. `Lax`, because the issuer leads back from another site.
fn kept(name: &str, value: &str, secs: i64) -> String {
    format!("{name}={value}; Max-Age={secs}; Path=/; Secure; HttpOnly; SameSite=Lax")
}

fn gone(name: &str) -> String {
    kept(name, "", 0)
}

fn with_query(address: &str, query: &str) -> String {
    let sign = if address.contains('?') { '&' } else { '?' };
    format!("{address}{sign}{query}")
}

/// A text that nobody can guess.
fn random() -> Result<String, Problem> {
    let mut bytes = [0; RANDOM_BYTES];
    // Without randomness nobody may get in: a text of zeros would be no secret.
    SystemRandom::new().fill(&mut bytes).map_err(|_| Problem::unavailable())?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn not_begun() -> Problem {
    let action = "Open the desk and sign in again, in this browser and with cookies allowed.";
    let title = "The sign-in did not begin in this browser, or took too long";
    Problem::new(StatusCode::BAD_REQUEST, "sign_in.not_begun", title, action)
}

fn refused() -> Problem {
    let action = "Sign in again. If it happens each time, tell whoever runs the desk.";
    Problem::new(StatusCode::BAD_REQUEST, "sign_in.refused", "The sign-in was refused", action)
}

fn no_firm() -> Problem {
    let action = "Ask whoever runs the desk to give your account a firm.";
    Problem::new(StatusCode::FORBIDDEN, "sign_in.no_firm", "Your account belongs to no firm", action)
}

fn too_large() -> Problem {
    tracing::error!(
        bytes_max = TOKEN_BYTES_MAX,
        "an ID token is too large for a cookie; have the issuer put less into it"
    );
    let action = "Tell whoever runs the desk: the issuer's ID tokens are too large for a cookie.";
    Problem::new(StatusCode::BAD_GATEWAY, "sign_in.token_too_large", "The sign-in cannot be kept", action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_led_back_to_a_page_of_the_desk_only() {
        for own in ["/", "/orders/01KE6N1VM0000000000000000Z?a=b", "/?status=FAILED&cursor=a%2Fb"] {
            assert_eq!(own_path(own), Some(own));
        }
        let long = format!("/{}", "a".repeat(PATH_BYTES_MAX));
        for other in [
            "",
            "orders",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nSet-Cookie: b",
            "/a b",
            "/é",
            "/sign-in?to=/",
            "/callback?code=1",
            "/sign-out",
            "javascript:alert(1)",
            &long,
        ] {
            assert_eq!(own_path(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_page_is_kept_for_after_the_sign_in() {
        assert_eq!(address_for("/orders/1?a=b&c"), "/sign-in?to=%2Forders%2F1%3Fa%3Db%26c");
        assert_eq!(address_for("/"), "/sign-in");
        assert_eq!(address_for("//evil.example"), "/sign-in");
    }
}
