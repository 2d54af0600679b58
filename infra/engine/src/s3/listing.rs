//! Lists the objects of a bucket, page by page.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE as BASE64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::Connection;

use super::answer::NAMESPACE;
use super::object::{self, Head};
use super::route::parameter;
use crate::clock::from_ms;
use crate::wire::Request;
use crate::xml;

/// The most entries on one page.
const PAGE_COUNT_MAX: usize = 1000;
/// The characters that `encoding-type=url` escapes.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// The parameters of a request.
struct Query {
    prefix: String,
    delimiter: String,
    after: String,
    count: usize,
    url_encoded: bool,
}

/// One page of a list.
#[derive(Default)]
struct Page {
    objects: Vec<(String, Head)>,
    prefixes: Vec<String>,
    /// The last key or prefix on this page, if another page follows.
    next: Option<String>,
}

/// The answer to `ListObjectsV2`.
pub(super) fn list(store: &Connection, bucket: &str, request: &Request) -> rusqlite::Result<Vec<u8>> {
    let query = query(request);
    let page = page(store, bucket, &query)?;
    Ok(write(bucket, &query, &page, parameter(request, "continuation-token").as_deref()))
}

fn query(request: &Request) -> Query {
    let text = |name: &str| parameter(request, name).unwrap_or_default();
    let token = parameter(request, "continuation-token")
        .and_then(|token| BASE64.decode(token).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    Query {
        prefix: text("prefix"),
        delimiter: text("delimiter"),
        after: token.unwrap_or_else(|| text("start-after")),
        count: text("max-keys").parse().unwrap_or(PAGE_COUNT_MAX).min(PAGE_COUNT_MAX),
        url_encoded: text("encoding-type") == "url",
    }
}

fn page(store: &Connection, bucket: &str, query: &Query) -> rusqlite::Result<Page> {
    let mut page = Page::default();
    let mut after = query.after.clone();
    if query.count == 0 {
        return Ok(page);
    }
    loop {
        let rows = object::list(store, bucket, &query.prefix, &after, query.count + 1)?;
        let complete = rows.len() <= query.count;
        for (key, head) in rows {
            // Keys under the last common prefix are part of it.
            if after_prefix(&after, &query.delimiter, &query.prefix).is_some_and(|prefix| key.starts_with(prefix)) {
                continue;
            }
            if page.objects.len() + page.prefixes.len() == query.count {
                page.next = Some(after);
                return Ok(page);
            }
            match common_prefix(&key, query) {
                Some(prefix) => {
                    after.clone_from(&prefix);
                    page.prefixes.push(prefix);
                }
                None => {
                    after.clone_from(&key);
                    page.objects.push((key, head));
                }
            }
        }
        if complete {
            return Ok(page);
        }
        // Continue after all keys under the last common prefix.
        if let Some(prefix) = after_prefix(&after, &query.delimiter, &query.prefix) {
            after = format!("{prefix}\u{10ffff}");
        }
    }
}

/// The part of `key` up to the first delimiter after the prefix, if there is one.
fn common_prefix(key: &str, query: &Query) -> Option<String> {
    if query.delimiter.is_empty() {
        return None;
    }
    let rest = key.strip_prefix(query.prefix.as_str())?;
    let at = rest.find(query.delimiter.as_str())?;
    Some(format!("{}{}", query.prefix, &rest[..at + query.delimiter.len()]))
}

/// `after` itself when it is a common prefix rather than a key.
fn after_prefix<'a>(after: &'a str, delimiter: &str, prefix: &str) -> Option<&'a str> {
    let after = after.trim_end_matches('\u{10ffff}');
    (!delimiter.is_empty() && after.len() > prefix.len() && after.ends_with(delimiter)).then_some(after)
}

fn write(bucket: &str, query: &Query, page: &Page, token: Option<&str>) -> Vec<u8> {
    let shown = |text: &str| {
        if query.url_encoded { utf8_percent_encode(text, ENCODED).to_string() } else { text.to_owned() }
    };
    xml::document("ListBucketResult", NAMESPACE, |xml| {
        xml.text("Name", bucket);
        xml.text("Prefix", shown(&query.prefix));
        xml.text("KeyCount", page.objects.len() + page.prefixes.len());
        xml.text("MaxKeys", query.count);
        xml.text("IsTruncated", page.next.is_some());
        if query.url_encoded {
            xml.text("EncodingType", "url");
        }
        if !query.delimiter.is_empty() {
            xml.text("Delimiter", shown(&query.delimiter));
        }
        if let Some(token) = token {
            xml.text("ContinuationToken", token);
        }
        if let Some(next) = &page.next {
            xml.text("NextContinuationToken", BASE64.encode(next));
        }
        for (key, head) in &page.objects {
            xml.element("Contents", |xml| {
                xml.text("Key", shown(key));
                xml.text("LastModified", from_ms(head.modified_ms));
                xml.text("ETag", &head.etag);
                xml.text("Size", head.size);
                xml.text("StorageClass", "STANDARD");
            });
        }
        for prefix in &page.prefixes {
            xml.element("CommonPrefixes", |xml| xml.text("Prefix", shown(prefix)));
        }
    })
}
