//! Stores buckets and objects.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row};

use crate::template::stack::Bucket;

/// Buckets and every kept version of their objects. The newest version of a key has the greatest number; a version
/// without a body is a delete marker.
pub(crate) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS bucket (name TEXT PRIMARY KEY, versioned INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS object (
        version INTEGER PRIMARY KEY AUTOINCREMENT, bucket TEXT NOT NULL, key TEXT NOT NULL, latest INTEGER NOT NULL,
        etag TEXT NOT NULL, size INTEGER NOT NULL, crc32 TEXT NOT NULL, content_type TEXT NOT NULL,
        metadata TEXT NOT NULL, modified_ms INTEGER NOT NULL, body BLOB);
    CREATE INDEX IF NOT EXISTS object_latest ON object (bucket, key) WHERE latest = 1;
    CREATE INDEX IF NOT EXISTS object_version ON object (bucket, key, version);";

/// One version of an object, without its body.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) version: i64,
    pub(super) etag: String,
    pub(super) size: u64,
    pub(super) crc32: String,
    pub(super) content_type: String,
    /// Headers that are returned with the object: `x-amz-meta-…`, `content-disposition` and the like.
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) modified_ms: i64,
    pub(super) deleted: bool,
}

/// A new version of an object.
pub(super) struct New<'a> {
    pub(super) etag: &'a str,
    pub(super) crc32: &'a str,
    pub(super) content_type: &'a str,
    pub(super) metadata: &'a BTreeMap<String, String>,
    pub(super) modified_ms: i64,
    /// The content; `None` for a delete marker.
    pub(super) body: Option<&'a [u8]>,
}

const HEAD: &str = "version, etag, size, crc32, content_type, metadata, modified_ms, body IS NULL";

/// Creates `bucket` if it does not exist, and sets its versioning.
pub(crate) fn deploy(store: &Connection, bucket: &Bucket) -> rusqlite::Result<()> {
    store
        .prepare_cached("INSERT INTO bucket VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET versioned = ?2")?
        .execute((&bucket.name, bucket.versioned))
        .map(drop)
}

/// Whether the bucket `name` is versioned; `None` when there is no such bucket.
pub(super) fn versioned(store: &Connection, name: &str) -> rusqlite::Result<Option<bool>> {
    store.prepare_cached("SELECT versioned FROM bucket WHERE name = ?")?.query_row([name], |row| row.get(0)).optional()
}

/// The names of all buckets, in order.
pub(super) fn buckets(store: &Connection) -> rusqlite::Result<Vec<String>> {
    store.prepare_cached("SELECT name FROM bucket ORDER BY name")?.query_map([], |row| row.get(0))?.collect()
}

/// The latest version of an object, a delete marker included.
pub(super) fn latest(store: &Connection, bucket: &str, key: &str) -> rusqlite::Result<Option<Head>> {
    store
        .prepare_cached(&format!("SELECT {HEAD} FROM object WHERE bucket = ? AND key = ? AND latest = 1"))?
        .query_row((bucket, key), read_head)
        .optional()
}

/// One version of an object.
pub(super) fn version(store: &Connection, bucket: &str, key: &str, version: i64) -> rusqlite::Result<Option<Head>> {
    store
        .prepare_cached(&format!("SELECT {HEAD} FROM object WHERE bucket = ? AND key = ? AND version = ?"))?
        .query_row((bucket, key, version), read_head)
        .optional()
}

/// The bytes of a version.
pub(super) fn body(store: &Connection, version: i64) -> rusqlite::Result<Vec<u8>> {
    store.prepare_cached("SELECT body FROM object WHERE version = ?")?.query_row([version], |row| row.get(0))
}

/// Stores `new` as the latest version of an object and returns its number.
pub(super) fn put(store: &Connection, bucket: &str, key: &str, keep: bool, new: &New<'_>) -> rusqlite::Result<i64> {
    retire(store, bucket, key, keep)?;
    store
        .prepare_cached(
            "INSERT INTO object
                (bucket, key, latest, etag, size, crc32, content_type, metadata, modified_ms, body)
             VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute((
            bucket,
            key,
            new.etag,
            new.body.map_or(0, <[u8]>::len),
            new.crc32,
            new.content_type,
            serde_json::to_string(new.metadata).unwrap_or_default(),
            new.modified_ms,
            new.body,
        ))?;
    Ok(store.last_insert_rowid())
}

/// Makes the latest version an older one if `keep`, otherwise deletes it.
pub(super) fn retire(store: &Connection, bucket: &str, key: &str, keep: bool) -> rusqlite::Result<()> {
    let sql = if keep {
        "UPDATE object SET latest = 0 WHERE bucket = ? AND key = ? AND latest = 1"
    } else {
        "DELETE FROM object WHERE bucket = ? AND key = ? AND latest = 1"
    };
    store.prepare_cached(sql)?.execute((bucket, key)).map(drop)
}

/// Deletes one version for good; the newest remaining one becomes the latest.
pub(super) fn remove(store: &Connection, bucket: &str, key: &str, version: i64) -> rusqlite::Result<()> {
    store
        .prepare_cached("DELETE FROM object WHERE bucket = ? AND key = ? AND version = ?")?
        .execute((bucket, key, version))?;
    store
        .prepare_cached(
            "UPDATE object SET latest = 1 WHERE version =
             (SELECT max(version) FROM object WHERE bucket = ? AND key = ?)",
        )?
        .execute((bucket, key))
        .map(drop)
}

/// The latest versions in `bucket` whose key is above `after`, at most `count`, in the order of their keys.
pub(super) fn list(
    store: &Connection,
    bucket: &str,
    prefix: &str,
    after: &str,
    count: usize,
) -> rusqlite::Result<Vec<(String, Head)>> {
    store
        .prepare_cached(&format!(
            "SELECT {HEAD}, key FROM object WHERE bucket = ?1 AND latest = 1 AND body IS NOT NULL AND key > ?2
             AND key >= ?3 AND substr(key, 1, length(?3)) = ?3 ORDER BY key LIMIT ?4"
        ))?
        .query_map((bucket, after, prefix, count), |row| Ok((row.get(8)?, read_head(row)?)))?
        .collect()
}

fn read_head(row: &Row<'_>) -> rusqlite::Result<Head> {
    Ok(Head {
        version: row.get(0)?,
        etag: row.get(1)?,
        size: row.get(2)?,
        crc32: row.get(3)?,
        content_type: row.get(4)?,
        metadata: serde_json::from_str(&row.get::<_, String>(5)?).unwrap_or_default(),
        modified_ms: row.get(6)?,
        deleted: row.get(7)?,
    })
}
