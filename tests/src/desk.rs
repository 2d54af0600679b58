//! Asks the desk's API over the pipeline in this process, as people with tokens of a made-up issuer.

use api::Uploads;
use api::access::Access;
use api::access::token::{Keys, Settings, Tokens};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::pipeline::Pipeline;

/// The issuer of the tokens.
pub const ISSUER: &str = pipeline::ISSUER;
/// The audience of the tokens.
pub const AUDIENCE: &str = pipeline::CLIENT;
/// The firm that the pipeline's own client works for.
pub const FIRM: &str = pipeline::LOCAL_FIRM;

/// The pipeline and its API.
pub struct Desk {
    /// The pipeline.
    pub pipeline: Pipeline,
    router: Router,
}

/// Somebody who asks.
#[derive(Clone, Debug)]
pub struct Who {
    claims: Value,
    key_id: &'static str,
}

impl Who {
    /// Somebody of the firm with these roles.
    #[must_use]
    pub fn of(user: &str, roles: &[&str]) -> Self {
        let claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": user, "exp": 2_000_000_000_i64, "custom:firm_id": FIRM, "roles": roles,
        });
        Self { claims, key_id: "1" }
    }

    /// A preparer.
    #[must_use]
    pub fn preparer() -> Self {
        Self::of("pia", &["preparer"])
    }

    /// A reviewer.
    #[must_use]
    pub fn reviewer() -> Self {
        Self::of("rita", &["reviewer"])
    }

    /// An operator.
    #[must_use]
    pub fn operator() -> Self {
        Self::of("otto", &["operator"])
    }

    /// The same person with another claim in their token.
    #[must_use]
    pub fn with(mut self, claim: &str, value: Value) -> Self {
        self.claims[claim] = value;
        self
    }

    /// The same person with a token that names another key.
    #[must_use]
    pub fn signed_with(self, key_id: &'static str) -> Self {
        Self { key_id, ..self }
    }

    /// Their token.
    ///
    /// # Panics
    /// When it cannot be signed.
    #[must_use]
    pub fn token(&self) -> String {
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": self.key_id });
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&self.claims));
        let key = key();
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).expect("signed");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// A key made for these tests; it signs nothing else.
fn key() -> RsaKeyPair {
    RsaKeyPair::from_pkcs8(include_bytes!("signing-key.der")).expect("a key")
}

/// The issuer's key set.
pub(crate) fn key_set() -> Value {
    let key = key();
    let public: ring::rsa::PublicKeyComponents<Vec<u8>> = key.public_key().into();
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    json!({ "keys": [{
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1", "n": encode(&public.n), "e": encode(&public.e),
    }] })
}

/// What the API answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    /// A header; empty if there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// Status and code of a problem.
    #[must_use]
    pub fn problem(&self) -> (u16, String) {
        (self.status.as_u16(), self.json()["code"].as_str().unwrap_or_default().to_owned())
    }
}

/// A request to the API.
#[derive(Clone, Debug)]
pub struct Ask {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Ask {
    /// Reads.
    #[must_use]
    pub fn get(path: &str) -> Self {
        Self { method: "GET", path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    /// Commands, under a key of its own.
    #[must_use]
    pub fn post(path: &str, key: &str, body: &Value) -> Self {
        Self { method: "POST", ..Self::get(path) }.with("idempotency-key", key).json(body)
    }

    /// Replaces.
    #[must_use]
    pub fn put(path: &str, body: &Value) -> Self {
        Self { method: "PUT", ..Self::get(path) }.json(body)
    }

    /// Any other method.
    #[must_use]
    pub fn method(method: &'static str, path: &str) -> Self {
        Self { method, ..Self::get(path) }
    }

    /// The same request to the same path under another.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> Self {
        self.path.insert_str(0, prefix);
        self
    }

    /// The same request with a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same request with a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.with("content-type", "application/json").bytes(body.to_string().into_bytes())
    }

    /// The same request with a body.
    #[must_use]
    pub fn bytes(self, body: Vec<u8>) -> Self {
        Self { body, ..self }
    }
}

impl Desk {
    /// A desk over a pipeline in memory.
    #[must_use]
    pub fn new() -> Self {
        Self::over(Pipeline::new())
    }

    /// A desk over a pipeline.
    ///
    /// # Panics
    /// When the template does not give what it needs.
    #[must_use]
    pub fn over(pipeline: Pipeline) -> Self {
        Self::uploading(pipeline, Uploads::ThroughApi)
    }

    /// A desk over a pipeline, to which files come in this way.
    ///
    /// # Panics
    /// When the template does not give what it needs.
    #[must_use]
    pub fn uploading(pipeline: Pipeline, uploads: Uploads) -> Self {
        let settings = Settings {
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            firm_claim: "custom:firm_id".to_owned(),
            role_claim: "roles".to_owned(),
        };
        let keys = Keys::new(Box::new(|| Box::pin(async { Some(key_set().to_string().into_bytes()) })));
        Self::with_keys(pipeline, settings, keys, uploads)
    }

    /// A desk that gets the issuer's keys in another way.
    ///
    /// # Panics
    /// When the template does not give what it needs.
    #[must_use]
    pub fn with_keys(pipeline: Pipeline, settings: Settings, keys: Keys, uploads: Uploads) -> Self {
        let clock = pipeline.local.aws.clock().clone();
        let clock = aws::sdk::Clock::of(&pipeline.local.aws.sdk_config().into_builder().time_source(clock).build());
        let access = Access::Tokens(Tokens::new(settings, keys, clock));
        let api = pipeline.local.api(access, uploads, || "request-1".to_owned());
        let api = api.expect("the template names what the API needs");
        Self { pipeline, router: api::router(api) }
    }

    /// Asks as somebody.
    pub async fn ask(&self, who: &Who, ask: Ask) -> Answer {
        self.send(ask.with("authorization", &format!("Bearer {}", who.token()))).await
    }

    /// Asks as nobody.
    ///
    /// # Panics
    /// When the request cannot be built.
    pub async fn send(&self, ask: Ask) -> Answer {
        let mut request = Request::builder().method(ask.method).uri(&ask.path);
        for (name, value) in &ask.headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(ask.body)).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body").to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    /// Creates a draft and returns its id.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn draft(&self, who: &Who, key: &str, body: &Value) -> String {
        let answer = self.ask(who, Ask::post("/v1/orders", key, body)).await;
        assert_eq!(answer.status, 201, "{}", answer.json());
        answer.json()["order_id"].as_str().expect("an id").to_owned()
    }

    /// Adds files to a draft and uploads them.
    ///
    /// # Panics
    /// When they are refused.
    pub async fn upload(&self, who: &Who, order: &str, key: &str, files: &[(String, Vec<u8>)]) {
        let listed: Vec<Value> =
            files.iter().map(|(name, bytes)| json!({ "name": name, "bytes": bytes.len() })).collect();
        let path = format!("/v1/orders/{order}/documents");
        let added = self.ask(who, Ask::post(&path, key, &json!({ "files": listed }))).await;
        assert_eq!(added.status, 201, "{}", added.json());
        for (target, (_, bytes)) in added.json().as_array().expect("a list").iter().zip(files) {
            let mut ask = Ask::method("PUT", target["url"].as_str().expect("an address")).bytes(bytes.clone());
            for header in target["headers"].as_array().expect("headers") {
                ask = ask.with(header[0].as_str().expect("a name"), header[1].as_str().expect("a value"));
            }
            let stored = self.ask(who, ask).await;
            assert_eq!(stored.status, 204, "{}", stored.json());
        }
    }

    /// The audit trail of an order: what people and functions did, and what the pipeline did by itself.
    ///
    /// # Panics
    /// When the trail cannot be read.
    pub async fn audit(&self, order: &str) -> (Vec<Value>, Vec<Value>) {
        let trail = self.ask(&Who::operator(), Ask::get(&format!("/v1/orders/{order}/audit"))).await.json();
        let entries = trail.as_array().expect("a list").iter().cloned();
        entries.partition(|entry| entry["actor"] != "pipeline")
    }

    /// The order as the API shows it.
    pub async fn order(&self, order: &str) -> Value {
        self.ask(&Who::operator(), Ask::get(&format!("/v1/orders/{order}"))).await.json()
    }
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}
