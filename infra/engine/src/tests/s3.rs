//! S3 as the pipeline uses it.

use std::time::Duration;

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, Delete, ObjectIdentifier};
use aws_sdk_s3::{Client, config};
use bytes::Bytes;

use super::deployed;
use crate::Aws;
use crate::wire::Request;

const BUCKETS: &str = "
Resources:
  Documents: { Type: AWS::S3::Bucket, Properties: { BucketName: documents } }
  Artifacts:
    Type: AWS::S3::Bucket
    Properties: { BucketName: artifacts, VersioningConfiguration: { Status: Enabled } }
";

fn buckets() -> (Aws, Client) {
    let (aws, _) = deployed(BUCKETS);
    let client = Client::new(&aws.sdk_config());
    (aws, client)
}

async fn body(client: &Client, bucket: &str, key: &str) -> Bytes {
    let object = client.get_object().bucket(bucket).key(key).send().await.unwrap();
    object.body.collect().await.unwrap().into_bytes()
}

#[tokio::test(start_paused = true)]
async fn an_object_comes_back_with_its_metadata() {
    let (_, client) = buckets();
    let key = "firm/a b/ü+1.pdf";
    let put = client
        .put_object()
        .bucket("documents")
        .key(key)
        .content_type("application/pdf")
        .metadata("order", "o-1")
        .body(ByteStream::from_static(b"hello"))
        .send()
        .await
        .unwrap();
    // `printf hello | md5sum`
    assert_eq!(put.e_tag(), Some("\"5d41402abc4b2a76b9719d911017c592\""));
    let object =
        client.get_object().bucket("documents").key(key).checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
    assert_eq!(object.content_type(), Some("application/pdf"));
    assert_eq!(object.metadata().unwrap()["order"], "o-1");
    assert_eq!(object.last_modified().unwrap().to_string(), "2026-04-01T00:00:00Z");
    // CRC-32 of "hello" is 0x3610a686.
    assert_eq!(object.checksum_crc32(), Some("NhCmhg=="));
    assert_eq!(object.body.collect().await.unwrap().into_bytes(), "hello");
    let head = client.head_object().bucket("documents").key(key).send().await.unwrap();
    assert_eq!((head.content_length(), head.e_tag()), (Some(5), put.e_tag()));
}

#[tokio::test(start_paused = true)]
async fn a_path_in_the_url_may_name_the_bucket() {
    let (aws, client) = buckets();
    let by_path = Client::from_conf(config::Builder::from(&aws.sdk_config()).force_path_style(true).build());
    by_path.put_object().bucket("documents").key("a/b").body(ByteStream::from_static(b"x")).send().await.unwrap();
    assert_eq!(body(&client, "documents", "a/b").await, "x");
}

#[tokio::test]
async fn a_large_file_sent_in_chunks_with_a_trailing_checksum_arrives_whole() {
    let (_, client) = buckets();
    let large: Vec<u8> = (0..3_000_000_u32).map(|number| number.to_le_bytes()[0]).collect();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &large).unwrap();
    for algorithm in [ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Sha256] {
        let stream = ByteStream::from_path(file.path()).await.unwrap();
        let put = client.put_object().bucket("documents").key("large").checksum_algorithm(algorithm).body(stream);
        put.send().await.unwrap();
        assert!(body(&client, "documents", "large").await == large);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_differs_from_its_checksum_is_refused() {
    let (_, client) = buckets();
    let put = client
        .put_object()
        .bucket("documents")
        .key("a")
        .checksum_crc32("NhCmhg==")
        .body(ByteStream::from_static(b"jello"));
    assert_eq!(put.send().await.unwrap_err().code(), Some("BadDigest"));
    assert!(client.get_object().bucket("documents").key("a").send().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn if_none_match_writes_only_an_absent_object() {
    let (_, client) = buckets();
    let put = |text: &'static [u8]| {
        client.put_object().bucket("documents").key("a").if_none_match("*").body(ByteStream::from_static(text)).send()
    };
    put(b"first").await.unwrap();
    let error = put(b"second").await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 412);
    assert_eq!(error.code(), Some("PreconditionFailed"));
    assert_eq!(body(&client, "documents", "a").await, "first");
}

#[tokio::test(start_paused = true)]
async fn absent_objects_and_buckets_have_errors_of_their_own() {
    let (_, client) = buckets();
    let error = client.get_object().bucket("documents").key("a").send().await.unwrap_err();
    assert!(error.into_service_error().is_no_such_key());
    let error = client.head_object().bucket("documents").key("a").send().await.unwrap_err();
    assert!(error.into_service_error().is_not_found());
    let error = client.put_object().bucket("absent").key("a").send().await.unwrap_err();
    assert_eq!(error.code(), Some("NoSuchBucket"));
}

#[tokio::test(start_paused = true)]
async fn a_listing_has_pages_prefixes_and_folders() {
    let (_, client) = buckets();
    for key in ["a/1", "a/2", "a/3", "b/1", "c & d"] {
        client.put_object().bucket("documents").key(key).body(ByteStream::from_static(b"x")).send().await.unwrap();
    }
    let mut pages = client.list_objects_v2().bucket("documents").max_keys(2).into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        assert!(page.contents().len() <= 2);
        found.extend(page.contents().iter().map(|object| object.key().unwrap().to_owned()));
    }
    assert_eq!(found, ["a/1", "a/2", "a/3", "b/1", "c & d"]);
    let prefixed = client.list_objects_v2().bucket("documents").prefix("a/").start_after("a/1").send().await.unwrap();
    assert_eq!(prefixed.key_count(), Some(2));
    let mut folders = Vec::new();
    let mut token = None;
    loop {
        let list =
            client.list_objects_v2().bucket("documents").delimiter("/").max_keys(1).set_continuation_token(token);
        let page = list.send().await.unwrap();
        folders.extend(page.common_prefixes().iter().map(|prefix| prefix.prefix().unwrap().to_owned()));
        folders.extend(page.contents().iter().map(|object| object.key().unwrap().to_owned()));
        token = page.next_continuation_token().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    assert_eq!(folders, ["a/", "b/", "c & d"]);
}

#[tokio::test(start_paused = true)]
async fn a_versioned_bucket_keeps_what_was_overwritten_or_deleted() {
    let (_, client) = buckets();
    let put = |text: &'static [u8]| {
        client.put_object().bucket("artifacts").key("a").body(ByteStream::from_static(text)).send()
    };
    let first = put(b"first").await.unwrap().version_id.unwrap();
    put(b"second").await.unwrap();
    let deleted = client.delete_object().bucket("artifacts").key("a").send().await.unwrap();
    assert_eq!((deleted.delete_marker(), deleted.version_id().is_some()), (Some(true), true));
    let error = client.get_object().bucket("artifacts").key("a").send().await.unwrap_err();
    assert!(error.into_service_error().is_no_such_key());
    let old = client.get_object().bucket("artifacts").key("a").version_id(first).send().await.unwrap();
    assert_eq!(old.body.collect().await.unwrap().into_bytes(), "first");
}

#[tokio::test(start_paused = true)]
async fn objects_can_be_copied_deleted_and_read_by_range() {
    let (_, client) = buckets();
    client.put_object().bucket("documents").key("a").body(ByteStream::from_static(b"0123456789")).send().await.unwrap();
    client.copy_object().bucket("documents").key("b").copy_source("documents/a").send().await.unwrap();
    let part = client.get_object().bucket("documents").key("b").range("bytes=2-4").send().await.unwrap();
    assert_eq!(part.content_range(), Some("bytes 2-4/10"));
    assert_eq!(part.body.collect().await.unwrap().into_bytes(), "234");
    let names = ["a", "b"].map(|key| ObjectIdentifier::builder().key(key).build().unwrap());
    let delete = Delete::builder().set_objects(Some(names.into())).build().unwrap();
    assert_eq!(client.delete_objects().bucket("documents").delete(delete).send().await.unwrap().deleted().len(), 2);
    let left = client.list_objects_v2().bucket("documents").send().await.unwrap();
    assert_eq!(left.key_count(), Some(0));
}

#[tokio::test(start_paused = true)]
async fn a_presigned_upload_can_be_passed_on() {
    let (aws, client) = buckets();
    let hour = PresigningConfig::expires_in(Duration::from_secs(3600)).unwrap();
    let signed = client.put_object().bucket("documents").key("up load").presigned(hour).await.unwrap();
    let (host, rest) = signed.uri().strip_prefix("https://").unwrap().split_once('/').unwrap();
    let (path, query) = rest.split_once('?').unwrap();
    let request = Request {
        method: signed.method().to_owned(),
        host: host.to_owned(),
        path: format!("/{path}"),
        query: query.to_owned(),
        headers: Vec::new(),
        body: Bytes::from_static(b"uploaded"),
    };
    assert_eq!(aws.answer(request).await.unwrap().status, 200);
    assert_eq!(body(&client, "documents", "up load").await, "uploaded");
}
