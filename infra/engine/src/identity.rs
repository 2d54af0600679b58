//! Generates identifiers in the form of UUIDs: the same in every run in memory, unique across restarts on disk.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::OptionalExtension;
use sha2::{Digest, Sha256};

use super::aws::OpenError;
use super::sqlite::Store;

/// A seed that makes this store's identifiers differ from any other's, and how often the store has been opened.
pub(crate) const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS identity (seed INTEGER NOT NULL, opened INTEGER NOT NULL);";

/// A source of identifiers.
pub(crate) struct Identities {
    seed: i64,
    opened: i64,
    next: AtomicU64,
}

impl Identities {
    /// The same identifiers in every run.
    pub(crate) fn fixed(_: &Store) -> Result<Self, OpenError> {
        Ok(Self { seed: 0, opened: 0, next: AtomicU64::new(0) })
    }

    /// Identifiers that no store has given out before.
    pub(crate) fn stored(store: &Store) -> Result<Self, OpenError> {
        let (seed, opened) = store.write(|store| {
            let known: Option<(i64, i64)> = store
                .query_row("SELECT seed, opened FROM identity", [], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let (seed, opened) = known.unwrap_or_else(|| (RandomState::new().hash_one(0).cast_signed(), 0));
            store.execute("DELETE FROM identity", [])?;
            store.execute("INSERT INTO identity VALUES (?, ?)", [seed, opened + 1])?;
            Ok::<_, rusqlite::Error>((seed, opened + 1))
        })?;
        store.commit()?;
        Ok(Self { seed, opened, next: AtomicU64::new(0) })
    }

    /// The next identifier, in the form of a random UUID.
    pub(crate) fn next(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(self.opened.to_be_bytes());
        hash.update(number.to_be_bytes());
        let digest = hash.finalize();
        let half = |from: usize| digest.iter().skip(from).take(8).fold(0, |half, byte| half << 8 | u64::from(*byte));
        let hex = format!("{:016x}{:016x}", half(0), half(8));
        format!("{}-{}-4{}-a{}-{}", &hex[0..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
    }
}
