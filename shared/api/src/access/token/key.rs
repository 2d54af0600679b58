//! The issuer's keys, fetched when they are first needed, and the verification of signatures over `ring`.

use std::pin::Pin;

use jiff::Timestamp;
use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, EncodingKey};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use signature::Verifier;
use tokio::sync::Mutex;

use crate::problem::Problem;

/// How long keys are kept, in seconds.
const KEPT_SECS: i64 = 3_600;
/// Time between two attempts to fetch keys, in seconds, so that tokens with invented keys do not make us ask all the time.
const APART_SECS: i64 = 60;

/// Fetches the issuer's key set as JSON; none if that fails.
pub type Fetch = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Option<Vec<u8>>> + Send>> + Send + Sync>;

/// The issuer's keys.
pub struct Keys {
    fetch: Fetch,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    keys: Option<JwkSet>,
    fetched: Option<Timestamp>,
    tried: Option<Timestamp>,
}

impl Keys {
    /// Keys that `fetch` gets.
    #[must_use]
    pub fn new(fetch: Fetch) -> Self {
        Self { fetch, held: Mutex::default() }
    }

    /// The key with this id; none if the issuer has none. It fails if that cannot be found out now.
    pub(super) async fn find(&self, id: &str, now: Timestamp) -> Result<Option<DecodingKey>, Problem> {
        let mut held = self.held.lock().await;
        let within = |at: Option<Timestamp>, secs| at.is_some_and(|at| now.duration_since(at).as_secs().abs() < secs);
        if within(held.fetched, KEPT_SECS)
            && let Some(key) = held.key(id)
        {
            return Ok(Some(key));
        }
        if !within(held.tried, APART_SECS) {
            held.tried = Some(now);
            match (self.fetch)().await.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
                Some(keys) => (held.keys, held.fetched) = (Some(keys), Some(now)),
                None => tracing::warn!("the issuer's keys cannot be fetched"),
            }
        }
        match held.key(id) {
            Some(key) => Ok(Some(key)),
            None if within(held.fetched, KEPT_SECS) => Ok(None),
            // Nobody is turned away because the issuer is.
            None => Err(Problem::unavailable()),
        }
    }
}

impl Held {
    fn key(&self, id: &str) -> Option<DecodingKey> {
        DecodingKey::from_jwk(self.keys.as_ref()?.find(id)?).ok()
    }
}

/// Makes `jsonwebtoken` verify with `ring`, which the SDK's TLS links already.
pub(super) fn install() {
    static PROVIDER: CryptoProvider = CryptoProvider {
        signer_factory: |_: &Algorithm, _: &EncodingKey| Err(Error::from(ErrorKind::InvalidAlgorithm)),
        verifier_factory: |algorithm, key| match (algorithm, key.kind()) {
            (Algorithm::RS256, DecodingKeyKind::RsaModulusExponent { n, e }) => {
                Ok(Box::new(Rs256 { n: n.clone(), e: e.clone() }))
            }
            _ => Err(Error::from(ErrorKind::InvalidAlgorithm)),
        },
        key_utils: KeyUtils::new_unimplemented(),
    };
    // It fails when it is installed already.
    let _ = PROVIDER.install_default();
}

/// A public key for RS256.
struct Rs256 {
    n: Vec<u8>,
    e: Vec<u8>,
}

impl Verifier<Vec<u8>> for Rs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let key = RsaPublicKeyComponents { n: &self.n, e: &self.e };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Rs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}
