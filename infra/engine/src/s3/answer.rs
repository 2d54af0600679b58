//! Answers the actions of the S3 API.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::fmt::rfc2822::DateTimePrinter;
use rusqlite::Connection;

use super::object::{self, Head, New};
use super::route::{Address, address, parameter};
use super::{checksum, listing};
use crate::aws::Aws;
use crate::clock::from_ms;
use crate::template::stack::Bucket;
use crate::wire::{Reply, Request};
use crate::xml;

const CONTENT_TYPE: &str = "application/xml";
/// The namespace of every answer but errors.
pub(super) const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";
/// The content type of an object that is put without one.
const OBJECT_TYPE_DEFAULT: &str = "application/octet-stream";
/// Headers besides `x-amz-meta-…` that are stored with an object and returned with it.
const KEPT_HEADERS: [&str; 4] = ["cache-control", "content-disposition", "content-language", "expires"];

/// Why a call was refused.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("The specified bucket does not exist")]
    NoSuchBucket,
    #[error("The specified key does not exist.")]
    NoSuchKey,
    #[error("The specified version does not exist.")]
    NoSuchVersion,
    #[error("At least one of the pre-conditions you specified did not hold")]
    PreconditionFailed,
    #[error("Not Modified")]
    NotModified,
    #[error("The checksum you specified did not match what we received.")]
    BadDigest,
    #[error("The XML you provided was not well-formed or did not validate against our published schema")]
    MalformedXml,
    #[error("The requested range is not satisfiable")]
    InvalidRange,
    #[error("This action is not supported by the engine.")]
    NotImplemented,
    #[error("The objects cannot be read or written.")]
    Store(#[from] rusqlite::Error),
}

impl Error {
    fn code(&self) -> (u16, &'static str) {
        match self {
            Self::NoSuchBucket => (404, "NoSuchBucket"),
            Self::NoSuchKey => (404, "NoSuchKey"),
            Self::NoSuchVersion => (404, "NoSuchVersion"),
            Self::PreconditionFailed => (412, "PreconditionFailed"),
            Self::NotModified => (304, "NotModified"),
            Self::BadDigest => (400, "BadDigest"),
            Self::MalformedXml => (400, "MalformedXML"),
            Self::InvalidRange => (416, "InvalidRange"),
            Self::NotImplemented => (501, "NotImplemented"),
            Self::Store(_) => (500, "InternalError"),
        }
    }
}

/// Answers one API action.
pub(crate) fn answer(aws: &Aws, operation: &str, request: &Request) -> Reply {
    let at = address(request);
    let store = &aws.inner().store;
    let outcome = match operation {
        "PutObject" => put(aws, &at, request),
        "GetObject" => store.read(|store| get(store, &at, request, true)),
        "HeadObject" => store.read(|store| get(store, &at, request, false)),
        "CopyObject" => store.write(|store| copy(aws, store, &at, request)),
        "DeleteObject" => store.write(|store| delete(aws, store, &at, request)),
        "DeleteObjects" => store.write(|store| delete_many(aws, store, &at, request)),
        "ListObjectsV2" => store.read(|store| {
            bucket(store, &at)?;
            Ok(Reply::new(200, CONTENT_TYPE, listing::list(store, &at.bucket, request)?))
        }),
        "ListBuckets" => store.read(list_buckets),
        "HeadBucket" => store.read(|store| bucket(store, &at).map(|_| Reply::new(200, CONTENT_TYPE, ""))),
        "CreateBucket" => store.write(|store| {
            object::deploy(store, &Bucket { name: at.bucket.clone(), versioned: false })?;
            Ok(Reply::new(200, CONTENT_TYPE, "").with("location", format!("/{}", at.bucket)))
        }),
        _ => Err(Error::NotImplemented),
    };
    let reply = outcome.unwrap_or_else(|error| {
        let (status, code) = error.code();
        let reply = failure(status, code, &error.to_string());
        // Answers to HEAD, and 304s, have no body.
        if request.method == "HEAD" || status == 304 { Reply { body: Bytes::new(), ..reply } } else { reply }
    });
    reply.with("x-amz-request-id", "LOCAL")
}

/// An error answer in S3's shape.
pub(crate) fn failure(status: u16, code: &str, message: &str) -> Reply {
    let body = xml::document("Error", "", |xml| {
        xml.text("Code", code);
        xml.text("Message", message);
        xml.text("RequestId", "LOCAL");
    });
    Reply::new(status, CONTENT_TYPE, body)
}

fn put(aws: &Aws, at: &Address, request: &Request) -> Result<Reply, Error> {
    let declared = request.header("x-amz-decoded-content-length").and_then(|length| length.parse().ok());
    if declared.is_some_and(|length: usize| length != request.body.len()) {
        return Err(Error::BadDigest);
    }
    let crc32 = checksum::verify(request).map_err(|checksum::Mismatch| Error::BadDigest)?;
    let etag = checksum::etag(&request.body);
    let new = New {
        etag: &etag,
        crc32: &crc32,
        content_type: request.header("content-type").unwrap_or(OBJECT_TYPE_DEFAULT),
        metadata: &kept_headers(request),
        modified_ms: aws.clock().now_ms(),
        body: Some(&request.body),
    };
    aws.inner().store.write(|store| {
        let versioned = bucket(store, at)?;
        check_write(object::latest(store, &at.bucket, &at.key)?.filter(|head| !head.deleted).as_ref(), request)?;
        let version = object::put(store, &at.bucket, &at.key, versioned, &new)?;
        let reply = Reply::new(200, CONTENT_TYPE, "")
            .with("etag", &etag)
            .with("x-amz-checksum-crc32", &crc32)
            .with("x-amz-checksum-type", "FULL_OBJECT");
        Ok(with_version(reply, versioned, version))
    })
}

/// Checks the conditions of a write: `If-None-Match: *` allows no existing object, `If-Match` only this one.
fn check_write(existing: Option<&Head>, request: &Request) -> Result<(), Error> {
    if request.header("if-none-match") == Some("*") && existing.is_some() {
        return Err(Error::PreconditionFailed);
    }
    match (request.header("if-match"), existing) {
        (Some(_), None) => Err(Error::NoSuchKey),
        (Some(wanted), Some(head)) if !same_tag(wanted, &head.etag) => Err(Error::PreconditionFailed),
        _ => Ok(()),
    }
}

fn get(store: &Connection, at: &Address, request: &Request, with_body: bool) -> Result<Reply, Error> {
    let versioned = bucket(store, at)?;
    let head = find(store, at, request)?;
    if request.header("if-match").is_some_and(|wanted| !same_tag(wanted, &head.etag)) {
        return Err(Error::PreconditionFailed);
    }
    if request.header("if-none-match").is_some_and(|unwanted| same_tag(unwanted, &head.etag)) {
        return Err(Error::NotModified);
    }
    let body = if with_body { Bytes::from(object::body(store, head.version)?) } else { Bytes::new() };
    let range =
        request.header("range").filter(|_| with_body).map(|range| parse_range(range, body.len())).transpose()?;
    let mut reply = Reply::new(200, &head.content_type, body)
        .with("etag", &head.etag)
        .with("last-modified", http_date(head.modified_ms))
        .with("accept-ranges", "bytes");
    if request.header("x-amz-checksum-mode").is_some_and(|mode| mode.eq_ignore_ascii_case("enabled")) && range.is_none()
    {
        reply = reply.with("x-amz-checksum-crc32", &head.crc32).with("x-amz-checksum-type", "FULL_OBJECT");
    }
    if let Some((start, end)) = range {
        reply.status = 206;
        reply = reply.with("content-range", format!("bytes {start}-{}/{}", end - 1, head.size));
        reply.body = reply.body.slice(start..end);
    }
    if !with_body {
        reply = reply.with("content-length", head.size.to_string());
    }
    reply.more.extend(head.metadata.iter().map(|(name, value)| (name.clone(), value.clone())));
    Ok(with_version(reply, versioned, head.version))
}

fn find(store: &Connection, at: &Address, request: &Request) -> Result<Head, Error> {
    let Some(version) = parameter(request, "versionId") else {
        return object::latest(store, &at.bucket, &at.key)?.filter(|head| !head.deleted).ok_or(Error::NoSuchKey);
    };
    let number = version.parse().map_err(|_| Error::NoSuchVersion)?;
    object::version(store, &at.bucket, &at.key, number)?.filter(|head| !head.deleted).ok_or(Error::NoSuchVersion)
}

/// The half-open range of bytes that a `Range` header selects from an object of `length` bytes.
fn parse_range(range: &str, length: usize) -> Result<(usize, usize), Error> {
    let (start, end) =
        range.strip_prefix("bytes=").and_then(|range| range.split_once('-')).ok_or(Error::InvalidRange)?;
    let number = |text: &str| text.parse::<usize>().map_err(|_| Error::InvalidRange);
    let (start, end) = match (start, end) {
        ("", suffix) => (length.saturating_sub(number(suffix)?), length),
        (start, "") => (number(start)?, length),
        (start, end) => (number(start)?, number(end)?.saturating_add(1).min(length)),
    };
    if start < end { Ok((start, end)) } else { Err(Error::InvalidRange) }
}

fn copy(aws: &Aws, store: &Connection, at: &Address, request: &Request) -> Result<Reply, Error> {
    let versioned = bucket(store, at)?;
    let source = request.header("x-amz-copy-source").unwrap_or_default();
    let path = Request {
        path: source.split('?').next().unwrap_or_default().to_owned(),
        host: String::new(),
        ..request.clone()
    };
    let from = address(&path);
    let head = object::latest(store, &from.bucket, &from.key)?.filter(|head| !head.deleted).ok_or(Error::NoSuchKey)?;
    check_write(object::latest(store, &at.bucket, &at.key)?.filter(|head| !head.deleted).as_ref(), request)?;
    let body = object::body(store, head.version)?;
    let modified_ms = aws.clock().now_ms();
    let new = New {
        etag: &head.etag,
        crc32: &head.crc32,
        content_type: &head.content_type,
        metadata: &head.metadata,
        modified_ms,
        body: Some(&body),
    };
    let version = object::put(store, &at.bucket, &at.key, versioned, &new)?;
    let body = xml::document("CopyObjectResult", NAMESPACE, |xml| {
        xml.text("ETag", &head.etag);
        xml.text("LastModified", from_ms(modified_ms));
    });
    Ok(with_version(Reply::new(200, CONTENT_TYPE, body), versioned, version))
}

fn delete(aws: &Aws, store: &Connection, at: &Address, request: &Request) -> Result<Reply, Error> {
    let versioned = bucket(store, at)?;
    if let Some(version) = parameter(request, "versionId") {
        let number = version.parse().map_err(|_| Error::NoSuchVersion)?;
        object::remove(store, &at.bucket, &at.key, number)?;
        return Ok(Reply::new(204, CONTENT_TYPE, "").with("x-amz-version-id", version));
    }
    let reply = Reply::new(204, CONTENT_TYPE, "");
    Ok(match delete_latest(aws, store, at, versioned)? {
        Some(marker) => with_version(reply.with("x-amz-delete-marker", "true"), true, marker),
        None => reply,
    })
}

/// Deletes an object. In a versioned bucket, adds a delete marker and returns its version number.
fn delete_latest(aws: &Aws, store: &Connection, at: &Address, versioned: bool) -> Result<Option<i64>, Error> {
    if !versioned {
        object::retire(store, &at.bucket, &at.key, false)?;
        return Ok(None);
    }
    let modified_ms = aws.clock().now_ms();
    let marker = New { etag: "", crc32: "", content_type: "", metadata: &BTreeMap::new(), modified_ms, body: None };
    Ok(Some(object::put(store, &at.bucket, &at.key, true, &marker)?))
}

fn delete_many(aws: &Aws, store: &Connection, at: &Address, request: &Request) -> Result<Reply, Error> {
    let versioned = bucket(store, at)?;
    let keys = xml::texts(&request.body, "Key").ok_or(Error::MalformedXml)?;
    for key in &keys {
        delete_latest(aws, store, &Address { bucket: at.bucket.clone(), key: key.clone() }, versioned)?;
    }
    let body = xml::document("DeleteResult", NAMESPACE, |xml| {
        for key in keys {
            xml.element("Deleted", |xml| xml.text("Key", key));
        }
    });
    Ok(Reply::new(200, CONTENT_TYPE, body))
}

fn list_buckets(store: &Connection) -> Result<Reply, Error> {
    let names = object::buckets(store)?;
    let body = xml::document("ListAllMyBucketsResult", NAMESPACE, |xml| {
        xml.element("Buckets", |xml| {
            for name in names {
                xml.element("Bucket", |xml| xml.text("Name", name));
            }
        });
    });
    Ok(Reply::new(200, CONTENT_TYPE, body))
}

/// Whether the addressed bucket keeps versions.
fn bucket(store: &Connection, at: &Address) -> Result<bool, Error> {
    object::versioned(store, &at.bucket)?.ok_or(Error::NoSuchBucket)
}

fn with_version(reply: Reply, versioned: bool, version: i64) -> Reply {
    if versioned { reply.with("x-amz-version-id", version.to_string()) } else { reply }
}

fn kept_headers(request: &Request) -> BTreeMap<String, String> {
    let kept = |name: &str| name.starts_with("x-amz-meta-") || KEPT_HEADERS.contains(&name);
    request.headers.iter().filter(|(name, _)| kept(name)).cloned().collect()
}

fn same_tag(wanted: &str, etag: &str) -> bool {
    wanted == "*" || wanted.trim_matches('"') == etag.trim_matches('"')
}

fn http_date(milliseconds: i64) -> String {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&from_ms(milliseconds)).unwrap_or_default()
}
