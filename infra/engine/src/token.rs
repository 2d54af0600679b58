//! The client request tokens of transactions, which make a repeated transaction harmless.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use dynoxide::DynoxideError;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::clock::Clock;

/// How long DynamoDB remembers the token of a transaction.
const TOKEN_LIFE_MS: i64 = 10 * 60 * 1000;
/// The longest token, in characters.
const TOKEN_LENGTH_MAX: usize = 36;

/// The transactions that were applied under tokens, for as long as DynamoDB remembers them.
pub(super) struct Tokens {
    clock: Clock,
    applied: Mutex<BTreeMap<String, Applied>>,
}

struct Applied {
    at_ms: i64,
    digest: ItemsDigest,
    answer: Vec<u8>,
}

/// Distinguishes two transactions under the same token.
type ItemsDigest = [u8; 32];

/// What is known about a token.
pub(super) enum Seen {
    /// The same transaction was applied, with this answer.
    Applied(Vec<u8>),
    /// It has not been used yet.
    New(ItemsDigest),
}

impl Tokens {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, applied: Mutex::default() }
    }

    /// Looks up `token` for a transaction of `items`.
    ///
    /// # Errors
    /// When the token is too long, or was used for another transaction.
    pub(super) fn look_up(&self, token: &str, items: &impl Serialize) -> Result<Seen, DynoxideError> {
        if token.chars().count() > TOKEN_LENGTH_MAX {
            return Err(DynoxideError::ValidationException(format!(
                "1 validation error detected: Value '{token}' at 'clientRequestToken' failed to satisfy constraint: \
                 Member must have length less than or equal to {TOKEN_LENGTH_MAX}"
            )));
        }
        let digest = digest(items);
        let now_ms = self.clock.now_ms();
        let mut applied = self.lock();
        applied.retain(|_, applied| now_ms - applied.at_ms < TOKEN_LIFE_MS);
        match applied.get(token) {
            None => Ok(Seen::New(digest)),
            Some(applied) if applied.digest == digest => Ok(Seen::Applied(applied.answer.clone())),
            Some(_) => Err(DynoxideError::IdempotentParameterMismatchException(
                "An error occurred (IdempotentParameterMismatchException)".to_owned(),
            )),
        }
    }

    /// Records that a transaction was applied under `token`.
    pub(super) fn record(&self, token: String, digest: ItemsDigest, answer: Vec<u8>) {
        self.lock().insert(token, Applied { at_ms: self.clock.now_ms(), digest, answer });
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Applied>> {
        self.applied.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A digest that does not depend on the order in which an item's attributes were written.
fn digest(items: &impl Serialize) -> ItemsDigest {
    let mut value = serde_json::to_value(items).unwrap_or_default();
    value.sort_all_objects();
    Sha256::digest(value.to_string()).into()
}
