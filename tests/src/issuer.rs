//! Stands in for an OIDC issuer: its discovery document, its keys, and the exchange of codes, which it takes once and only with
//! their verifier.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use api::access::issuer::{Answer, Ask, Call};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::desk::{AUDIENCE, Who, key_set};

/// An issuer. Clones are the same one.
#[derive(Clone)]
pub struct Issuer(Arc<Mutex<State>>);

struct State {
    url: String,
    is_away: bool,
    asked: Vec<String>,
    codes: BTreeMap<String, Code>,
    /// Given out in place of the nonce that was asked for.
    nonce: Option<String>,
    document: Value,
}

/// A code that was given out.
struct Code {
    who: Who,
    query: BTreeMap<String, String>,
    is_used: bool,
}

impl Issuer {
    /// An issuer at this address.
    #[must_use]
    pub fn at(url: &str) -> Self {
        let document = json!({
            "issuer": url, "authorization_endpoint": format!("{url}/authorize"), "token_endpoint": format!("{url}/token"),
            "jwks_uri": format!("{url}/keys"), "end_session_endpoint": format!("{url}/logout"),
        });
        let (asked, codes) = (Vec::new(), BTreeMap::new());
        Self(Arc::new(Mutex::new(State { url: url.to_owned(), is_away: false, asked, codes, nonce: None, document })))
    }

    /// Answers nothing from now on, or answers again.
    pub fn set_away(&self, is_away: bool) {
        self.state().is_away = is_away;
    }

    /// Puts another nonce into its tokens.
    pub fn set_nonce(&self, nonce: &str) {
        self.state().nonce = Some(nonce.to_owned());
    }

    /// Changes its discovery document.
    pub fn set_document(&self, name: &str, value: Value) {
        self.state().document[name] = value;
    }

    /// The paths that it was asked for.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.state().asked.clone()
    }

    /// How functions in this process ask it.
    #[must_use]
    pub fn call(&self) -> Call {
        let issuer = self.clone();
        Box::new(move |ask| {
            let answer = issuer.answer(&ask);
            Box::pin(async move { answer })
        })
    }

    /// What it answers.
    #[must_use]
    pub fn answer(&self, ask: &Ask) -> Option<Answer> {
        let mut state = self.state();
        let url = match ask {
            Ask::Get { url } | Ask::Post { url, .. } => url,
        };
        let path = url.strip_prefix(&state.url).unwrap_or_default().to_owned();
        state.asked.push(path.clone());
        if state.is_away {
            return None;
        }
        let (status, body) = match (ask, path.as_str()) {
            (Ask::Get { .. }, "/.well-known/openid-configuration") => (200, state.document.clone()),
            (Ask::Get { .. }, "/keys") => (200, key_set()),
            (Ask::Post { form, .. }, "/token") => match state.redeem(&pairs(form)) {
                Some(token) => (200, json!({ "id_token": token, "token_type": "Bearer" })),
                None => (400, json!({ "error": "invalid_grant" })),
            },
            _ => (404, Value::Null),
        };
        Some(Answer { status, body: body.to_string().into_bytes() })
    }

    /// Somebody signs in at the address that a browser was led to. Returns the path of the desk that it is led back to.
    ///
    /// # Panics
    /// When the address is not that of a sign-in with PKCE.
    #[must_use]
    pub fn sign_in(&self, address: &str, who: &Who) -> String {
        let mut state = self.state();
        let query = address.strip_prefix(&format!("{}/authorize?", state.url)).expect("the issuer's address");
        let query = pairs(query);
        let asked = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
        assert_eq!((asked("response_type"), asked("code_challenge_method")), ("code", "S256"));
        assert_eq!((asked("client_id"), asked("scope")), (AUDIENCE, "openid"));
        let back =
            asked("redirect_uri").split_once("://").and_then(|(_, rest)| rest.split_once('/')).expect("an address");
        let code = format!("code-{}", state.codes.len());
        let path = format!("/{}?code={code}&state={}", back.1, asked("state"));
        state.codes.insert(code, Code { who: who.clone(), query: query.clone(), is_used: false });
        path
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The token for a code, if everything about it holds.
    fn redeem(&mut self, form: &BTreeMap<String, String>) -> Option<String> {
        let code = self.codes.get_mut(form.get("code")?)?;
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, form.get("code_verifier")?.as_bytes()));
        let holds = form.get("grant_type")? == "authorization_code"
            && form.get("client_id") == code.query.get("client_id")
            && form.get("redirect_uri") == code.query.get("redirect_uri")
            && Some(&challenge) == code.query.get("code_challenge");
        if !holds || std::mem::replace(&mut code.is_used, true) {
            return None;
        }
        let nonce = self.nonce.clone().or_else(|| code.query.get("nonce").cloned())?;
        Some(code.who.clone().with("nonce", json!(nonce)).token())
    }
}

/// The pairs of a query or a form.
fn pairs(text: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}
