//! Publishes manifests in a bucket and reads them back.

use aws::bucket::Bucket;
use aws::{Error, sdk, sort};
use aws_sdk_s3::Client;
use aws_types::SdkConfig;
use jiff::Timestamp;

use crate::model::deployed::FoundFunctions;
use crate::model::{History, Manifest, PREFIX};

/// Size limit of a manifest, in bytes.
pub const MANIFEST_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// How many earlier manifests are searched for a digest. Code found in none of them counts as foreign.
pub const MANIFEST_COUNT_MAX: usize = 200;

/// The published manifests.
#[derive(Clone, Debug)]
pub struct ManifestStore {
    bucket: Bucket,
    client: Client,
    name: String,
}

impl ManifestStore {
    /// The manifests in the bucket called `name`.
    #[must_use]
    pub fn new(configuration: &SdkConfig, name: String) -> Self {
        let config = aws_sdk_s3::config::Builder::from(configuration)
            .retry_partition(sdk::partition("s3"))
            .force_path_style(true)
            .build();
        Self { bucket: Bucket::new(configuration, name.clone()), client: Client::from_conf(config), name }
    }

    /// Publishes a manifest and returns its key.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn publish(&self, manifest: &Manifest, now: Timestamp) -> Result<String, Error> {
        let key = manifest.key(now);
        self.bucket.put_once(&key, manifest.to_json().into_bytes(), "application/json").await?;
        Ok(key)
    }

    /// The keys of a stage's manifests, latest first; those of all stages if `stage` is `None`.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next; [`Error::Missing`] when there is none.
    pub async fn keys(&self, stage: Option<&str>) -> Result<Vec<String>, Error> {
        const OPERATION: &str = "ListObjectsV2";
        let prefix = stage.map_or(PREFIX.to_owned(), |stage| format!("{PREFIX}{stage}/"));
        let mut pages = self.client.list_objects_v2().bucket(&self.name).prefix(prefix).into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| sort(OPERATION, &error))?;
            keys.extend(page.contents.unwrap_or_default().into_iter().filter_map(|object| object.key));
        }
        keys.sort_unstable_by(|a, b| b.cmp(a));
        if keys.is_empty() { Err(Error::Missing { operation: OPERATION }) } else { Ok(keys) }
    }

    /// Reads one manifest.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next; [`Error::Damaged`] when it is not a manifest that this version can read.
    pub async fn read(&self, key: &str) -> Result<Manifest, Error> {
        let object = self.bucket.get(key, MANIFEST_BYTES_MAX).await?;
        Manifest::parse(&object.bytes).map_err(|_| Error::Damaged { operation: "GetObject" })
    }

    /// Adds earlier manifests from `keys` to `history` until each deployed package is in one of them.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next. Without its manifest, an earlier build would count as foreign code.
    pub async fn read_earlier(
        &self,
        history: &mut History,
        keys: &[String],
        found: &FoundFunctions,
    ) -> Result<(), Error> {
        for key in keys.iter().take(MANIFEST_COUNT_MAX) {
            if !history.lacks_build_of(found) {
                break;
            }
            history.earlier.push(self.read(key).await?);
        }
        Ok(())
    }
}
