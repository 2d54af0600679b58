//! Finds the bucket, key and API action of a request.

use crate::wire::{Request, decode, form_pairs};

/// The bucket and key of a request, decoded; empty when it names none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) bucket: String,
    pub(super) key: String,
}

/// The API action of a request, and `bucket/key`.
pub(crate) fn identify(request: &Request) -> (&'static str, String) {
    let address = address(request);
    let resource =
        if address.key.is_empty() { address.bucket.clone() } else { format!("{}/{}", address.bucket, address.key) };
    (operation(request, &address), resource)
}

/// The address of a request: the bucket is the first label of the host (virtual-host style) or the first part of the path.
pub(super) fn address(request: &Request) -> Address {
    let path = decode(request.path.trim_start_matches('/'));
    if let Some(bucket) = host_bucket(&request.host) {
        return Address { bucket: bucket.to_owned(), key: path };
    }
    let (bucket, key) = path.split_once('/').unwrap_or((&path, ""));
    Address { bucket: bucket.to_owned(), key: key.to_owned() }
}

/// The value of the query parameter `name`.
pub(super) fn parameter(request: &Request, name: &str) -> Option<String> {
    form_pairs(&request.query).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

fn operation(request: &Request, address: &Address) -> &'static str {
    let has = |name: &str| parameter(request, name).is_some();
    let of_object = !address.key.is_empty();
    match (request.method.as_str(), of_object) {
        ("PUT", true) if request.header("x-amz-copy-source").is_some() => "CopyObject",
        ("PUT", true) if !has("partNumber") && !has("tagging") => "PutObject",
        ("GET", true) if !has("tagging") => "GetObject",
        ("HEAD", true) => "HeadObject",
        ("DELETE", true) if !has("tagging") => "DeleteObject",
        ("PUT", false) if request.query.is_empty() || has("x-id") => "CreateBucket",
        ("HEAD", false) => "HeadBucket",
        ("GET", false) if address.bucket.is_empty() => "ListBuckets",
        ("GET", false) if has("list-type") => "ListObjectsV2",
        ("POST", false) if has("delete") => "DeleteObjects",
        _ => "Unknown",
    }
}

fn host_bucket(host: &str) -> Option<&str> {
    let at = host.find(".s3.").or_else(|| host.find(".s3-"))?;
    Some(&host[..at]).filter(|bucket| !bucket.is_empty())
}
