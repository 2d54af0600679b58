//! What the desk needs of the document bucket: uploads by clients themselves, and drafts that two people may edit.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use domain::id::{DocumentNumber, FirmId, OrderId};
use jiff::Timestamp;

use super::{Bucket, FILE_NAME, decode_name, encode_name, exists_already};
use crate::error::sort;
use crate::{Error, key};

/// How long a client may begin an upload, or a download, after it was given the address, in seconds.
pub const PRESIGNED_SECS: u64 = 900;

/// A request that its holder may send to S3 within [`PRESIGNED_SECS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presigned {
    /// HTTP method.
    pub method: String,
    /// Address.
    pub url: String,
    /// Headers that must be sent with it; they are part of the signature.
    pub headers: Vec<(String, String)>,
}

/// An object and the tag by which a later write can tell that it is still the same.
#[derive(Clone, PartialEq, Eq)]
pub struct Tagged {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its entity tag.
    pub tag: String,
}

/// The result of a write on the condition that nobody else wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "somebody else may have written"]
pub enum TaggedWrite {
    /// It is stored under this entity tag.
    Done(String),
    /// The object is another one by now.
    Changed,
}

impl Bucket {
    /// An upload of a document that a client may do itself: of exactly `bytes` bytes of this type, under this name, and only
    /// while there is none, so that what an order was processed with stays what it was.
    ///
    /// # Errors
    /// [`Error`] when it cannot be signed.
    pub async fn presign_upload(
        &self,
        key: &str,
        file_name: &str,
        content_type: &str,
        bytes: u64,
        now: Timestamp,
    ) -> Result<Presigned, Error> {
        const OPERATION: &str = "PutObject";
        let length = i64::try_from(bytes).map_err(|_| Error::TooLarge { bytes, limit_bytes: i64::MAX as u64 })?;
        let put = self
            .client
            .put_object()
            .bucket(&self.name)
            .key(key)
            .content_length(length)
            .content_type(content_type)
            .if_none_match("*")
            .metadata(FILE_NAME, encode_name(file_name));
        let signed = put.presigned(validity(now)?).await.map_err(|error| sort(OPERATION, &error))?;
        Ok(Presigned {
            method: signed.method().to_owned(),
            url: signed.uri().to_owned(),
            headers: signed.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        })
    }

    /// A download that a client may do itself. The browser saves it under `file_name`.
    ///
    /// # Errors
    /// [`Error`] when it cannot be signed.
    pub async fn presign_download(&self, key: &str, file_name: &str, now: Timestamp) -> Result<Presigned, Error> {
        let encoded = encode_name(file_name);
        let get = self
            .client
            .get_object()
            .bucket(&self.name)
            .key(key)
            .response_content_disposition(format!("attachment; filename*=UTF-8''{encoded}"));
        let signed = get.presigned(validity(now)?).await.map_err(|error| sort("GetObject", &error))?;
        Ok(Presigned { method: signed.method().to_owned(), url: signed.uri().to_owned(), headers: Vec::new() })
    }

    /// The origin that requests which this signs go to: scheme and host, such as `https://bucket.s3.eu-west-1.amazonaws.com`.
    ///
    /// # Errors
    /// [`Error`] when nothing can be signed.
    pub async fn origin(&self, now: Timestamp) -> Result<String, Error> {
        let url = self.presign_download("origin", "origin", now).await?.url;
        // `https:`, nothing, and the host.
        Ok(url.split('/').take(3).collect::<Vec<_>>().join("/"))
    }

    /// Whether the bucket answers.
    ///
    /// # Errors
    /// [`Error`] when it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        let request = self.client.list_objects_v2().bucket(&self.name).prefix("health/").max_keys(1);
        request.send().await.map(drop).map_err(|error| sort("ListObjectsV2", &error))
    }

    /// The name of an uploaded file; none if there is no such file, or it was uploaded without one.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn file_name(&self, key: &str) -> Result<Option<String>, Error> {
        match self.client.head_object().bucket(&self.name).key(key).send().await {
            Ok(found) => Ok(found.metadata.and_then(|metadata| metadata.get(FILE_NAME).map(|name| decode_name(name)))),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(sort("HeadObject", &error)),
        }
    }

    /// Numbers of an order's documents that are uploaded.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn uploaded(&self, firm: &FirmId, order: OrderId) -> Result<BTreeSet<DocumentNumber>, Error> {
        const OPERATION: &str = "ListObjectsV2";
        let prefix = key::documents(firm, order);
        let request = self.client.list_objects_v2().bucket(&self.name).prefix(&prefix);
        let mut pages = request.into_paginator().send();
        let mut numbers = BTreeSet::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| sort(OPERATION, &error))?;
            let keys = page.contents().iter().filter_map(|object| object.key()?.strip_prefix(&prefix));
            numbers.extend(keys.filter_map(|number| DocumentNumber::try_from(number.parse::<u32>().ok()?).ok()));
        }
        Ok(numbers)
    }

    /// Reads an object of up to `limit_bytes` with its entity tag; none if there is none.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn find_tagged(&self, key: &str, limit_bytes: u64) -> Result<Option<Tagged>, Error> {
        const OPERATION: &str = "GetObject";
        let answer = match self.client.get_object().bucket(&self.name).key(key).send().await {
            Ok(answer) => answer,
            Err(error) if error.as_service_error().is_some_and(|error| error.is_no_such_key()) => return Ok(None),
            Err(error) => return Err(sort(OPERATION, &error)),
        };
        let bytes = answer.content_length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0);
        if bytes > limit_bytes {
            return Err(Error::TooLarge { bytes, limit_bytes });
        }
        let tag = answer.e_tag.ok_or(Error::Damaged { operation: OPERATION })?;
        let cut_off = |_| Error::Unavailable { operation: OPERATION, code: "body cut off".to_owned() };
        Ok(Some(Tagged { bytes: answer.body.collect().await.map_err(cut_off)?.to_vec(), tag }))
    }

    /// Writes an object if its entity tag is still `seen`; without one, if there is no such object.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn put_tagged(&self, key: &str, bytes: Vec<u8>, seen: Option<&str>) -> Result<TaggedWrite, Error> {
        const OPERATION: &str = "PutObject";
        let put = self.client.put_object().bucket(&self.name).key(key).content_type("application/json");
        let put = match seen {
            Some(tag) => put.if_match(tag),
            None => put.if_none_match("*"),
        };
        match put.body(ByteStream::from(bytes.clone())).send().await {
            Ok(answer) => Ok(TaggedWrite::Done(answer.e_tag.ok_or(Error::Damaged { operation: OPERATION })?)),
            // If the answer to our own write was lost, the SDK's repeat meets what we wrote.
            Err(error) if exists_already(&error) => match self.find_tagged(key, bytes.len() as u64).await {
                Ok(Some(found)) if found.bytes == bytes => Ok(TaggedWrite::Done(found.tag)),
                Ok(_) | Err(Error::TooLarge { .. }) => Ok(TaggedWrite::Changed),
                Err(error) => Err(error),
            },
            Err(error) if is_missing(&error) => Ok(TaggedWrite::Changed),
            Err(error) => Err(sort(OPERATION, &error)),
        }
    }
}

/// Whether a write on the condition of an entity tag found no object.
fn is_missing<E>(error: &SdkError<E>) -> bool {
    matches!(error, SdkError::ServiceError(service) if service.raw().status().as_u16() == 404)
}

fn validity(now: Timestamp) -> Result<PresigningConfig, Error> {
    let refused = || Error::Refused { operation: "presign", code: "could not be built".to_owned() };
    PresigningConfig::builder()
        .start_time(now.into())
        .expires_in(Duration::from_secs(PRESIGNED_SECS))
        .build()
        .map_err(|_| refused())
}
