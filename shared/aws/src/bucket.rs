//! The document bucket: uploads, results and final documents. Clients' data is stored nowhere else.

mod desk;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Config;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_types::SdkConfig;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::error::sort;
use crate::{Error, sdk};
pub use desk::{PRESIGNED_SECS, Presigned, Tagged, TaggedWrite};

/// Size limit of an object, in bytes. Uploads have a lower limit.
pub const OBJECT_BYTES_MAX: u64 = 256 * 1024 * 1024;

const SHA256: &str = "sha256";
const FILE_NAME: &str = "file-name";
const LAYOUT: &str = "layout";
/// The layout of objects that name none: results of before layouts were named, and whatever has only one.
const LAYOUT_FIRST: u32 = 1;

/// The document bucket.
#[derive(Clone, Debug)]
pub struct Bucket {
    client: Client,
    name: String,
}

/// An object that was read and matches its digest.
#[derive(Clone, PartialEq, Eq)]
pub struct Object {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Name of the uploaded file, where it is one.
    pub file_name: Option<String>,
    /// Layout of a stored result; 1 if the object names none.
    pub layout: u32,
}

/// An object that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// SHA-256 of its bytes, lower-case hexadecimal.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
}

impl Bucket {
    /// The bucket called `name`.
    #[must_use]
    pub fn new(configuration: &SdkConfig, name: String) -> Self {
        let config = aws_sdk_s3::config::Builder::from(configuration)
            .retry_partition(sdk::partition("s3"))
            .force_path_style(true)
            .build();
        Self { client: Client::from_conf(config), name }
    }

    /// Reads a whole object and checks its digest.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::TooLarge`], or [`Error::Unavailable`]; the last one also when the bytes do not match
    /// their digest, because another read may return them undamaged.
    pub async fn get(&self, key: &str, limit_bytes: u64) -> Result<Object, Error> {
        const OPERATION: &str = "GetObject";
        let answer = match self.client.get_object().bucket(&self.name).key(key).send().await {
            Ok(answer) => answer,
            Err(error) if error.as_service_error().is_some_and(|error| error.is_no_such_key()) => {
                return Err(Error::Missing { operation: OPERATION });
            }
            Err(error) => return Err(sort(OPERATION, &error)),
        };
        let bytes = answer.content_length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0);
        if bytes > limit_bytes {
            return Err(Error::TooLarge { bytes, limit_bytes });
        }
        let unavailable = |code: &str| Error::Unavailable { operation: OPERATION, code: code.to_owned() };
        let metadata = answer.metadata.unwrap_or_default();
        let body = answer.body.collect().await.map_err(|_| unavailable("body cut off"))?.to_vec();
        if metadata.get(SHA256).is_some_and(|expected| *expected != digest(&body)) {
            return Err(unavailable("digest differs"));
        }
        let layout = match metadata.get(LAYOUT).map(|layout| layout.parse()) {
            Some(Ok(layout)) => layout,
            Some(Err(_)) => return Err(Error::Damaged { operation: OPERATION }),
            None => LAYOUT_FIRST,
        };
        Ok(Object { bytes: body, file_name: metadata.get(FILE_NAME).map(|name| decode_name(name)), layout })
    }

    /// Like [`Bucket::get`], with `None` for a key under which nothing is stored.
    ///
    /// # Errors
    /// As [`Bucket::get`].
    pub async fn find(&self, key: &str, limit_bytes: u64) -> Result<Option<Object>, Error> {
        match self.get(key, limit_bytes).await {
            Ok(object) => Ok(Some(object)),
            Err(Error::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Stores an uploaded document, replacing an earlier upload under the same number.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn put_document(&self, key: &str, bytes: Vec<u8>, file_name: &str) -> Result<Stored, Error> {
        let stored = describe(&bytes);
        self.client
            .put_object()
            .bucket(&self.name)
            .key(key)
            .metadata(SHA256, &stored.sha256)
            .metadata(FILE_NAME, encode_name(file_name))
            .body(ByteStream::from(bytes))
            .customize()
            .config_override(Config::builder().timeout_config(sdk::timeouts_of_upload(stored.bytes)))
            .send()
            .await
            .map_err(|error| sort("PutObject", &error))?;
        Ok(stored)
    }

    /// Stores an object unless the key exists, and returns what is stored. Work done twice thus stores one object, the
    /// first.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn put_once(&self, key: &str, bytes: Vec<u8>, content_type: &str) -> Result<Stored, Error> {
        self.put_new(key, bytes, content_type, None).await
    }

    /// Like [`Bucket::put_once`], for JSON that is a result in the given layout.
    ///
    /// # Errors
    /// As [`Bucket::put_once`].
    pub async fn put_result(&self, key: &str, bytes: Vec<u8>, layout: u32) -> Result<Stored, Error> {
        self.put_new(key, bytes, "application/json", Some(layout)).await
    }

    async fn put_new(
        &self,
        key: &str,
        bytes: Vec<u8>,
        content_type: &str,
        layout: Option<u32>,
    ) -> Result<Stored, Error> {
        const OPERATION: &str = "PutObject";
        let stored = describe(&bytes);
        let put = self
            .client
            .put_object()
            .bucket(&self.name)
            .key(key)
            .if_none_match("*")
            .content_type(content_type)
            .metadata(SHA256, &stored.sha256)
            .body(ByteStream::from(bytes));
        let put = match layout {
            Some(layout) => put.metadata(LAYOUT, layout.to_string()),
            None => put,
        };
        match put.send().await {
            Ok(_) => Ok(stored),
            Err(error) if exists_already(&error) => self.describe_stored(key).await,
            Err(error) => Err(sort(OPERATION, &error)),
        }
    }

    async fn describe_stored(&self, key: &str) -> Result<Stored, Error> {
        const OPERATION: &str = "HeadObject";
        let found = self.client.head_object().bucket(&self.name).key(key).send().await;
        let found = found.map_err(|error| sort(OPERATION, &error))?;
        let bytes = found.content_length.and_then(|length| u64::try_from(length).ok());
        let sha256 = found.metadata.as_ref().and_then(|metadata| metadata.get(SHA256)).cloned();
        match (sha256, bytes) {
            (Some(sha256), Some(bytes)) => Ok(Stored { sha256, bytes }),
            _ => Err(Error::Damaged { operation: OPERATION }),
        }
    }
}

/// A file's name as metadata and headers hold it: percent-encoded, since they are ASCII.
#[must_use]
pub fn encode_name(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}

/// The file's name that was [encoded](encode_name).
#[must_use]
pub fn decode_name(encoded: &str) -> String {
    percent_decode_str(encoded).decode_utf8_lossy().into_owned()
}

/// Whether a conditional write failed because the key exists. S3 then answers 412. It answers 409 while another conditional
/// write is in progress, which decides nothing yet.
pub(crate) fn exists_already<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    matches!(error, SdkError::ServiceError(service) if service.raw().status().as_u16() == 412)
}

fn describe(bytes: &[u8]) -> Stored {
    Stored { sha256: digest(bytes), bytes: bytes.len() as u64 }
}

/// SHA-256 of bytes, lower-case hexadecimal.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
