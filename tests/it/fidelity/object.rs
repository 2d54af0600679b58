//! Generates calls to two buckets, one of which keeps versions, and makes them.

use std::collections::BTreeMap;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::random::World;
use super::side::{Side, refusal};

/// More pages than any listing has.
const PAGE_COUNT_MAX: usize = 20;

/// Buckets of one implementation.
pub(super) struct Buckets {
    side: Side,
    name: String,
    /// The version ids, in the order in which they were returned.
    versions: Vec<String>,
}

/// A call; buckets are numbered in the order of [`BUCKETS`].
#[derive(Debug, Clone)]
pub(super) enum Step {
    Put { bucket: usize, key: &'static str, body: u8, once: bool, matching: Option<u8>, metadata: bool },
    Get { bucket: usize, key: &'static str, version: Option<usize>, range: Option<&'static str>, matching: Option<u8> },
    Head { bucket: usize, key: &'static str, version: Option<usize> },
    Delete { bucket: usize, key: &'static str, version: Option<usize> },
    List { bucket: usize, prefix: &'static str, delimiter: bool, after: Option<&'static str>, count: Option<i32> },
    HeadBucket { bucket: usize },
}

/// Prefixes of the bucket names; the last bucket is not created.
const BUCKETS: [&str; 3] = ["plain", "versioned", "nowhere"];
const KEYS: [&str; 9] = [
    "firm/a/order/1",
    "firm/a/order/2",
    "firm/a/result.json",
    "firm/b/order/1",
    "firm/b",
    "firm/ä & <b>",
    "a+b c%20d",
    "z",
    "firm/a/",
];

impl World for Buckets {
    type Step = Step;

    fn sequences() -> BoxedStrategy<Vec<Step>> {
        prop::collection::vec(step(), 1..40).boxed()
    }

    async fn create(side: Side, name: &str) -> Self {
        side.deploy(&format!(
            "Resources:
  Plain: {{ Type: AWS::S3::Bucket, Properties: {{ BucketName: plain-{name} }} }}
  Versioned:
    Type: AWS::S3::Bucket
    Properties: {{ BucketName: versioned-{name}, VersioningConfiguration: {{ Status: Enabled }} }}
"
        ));
        if side.engine.is_none() {
            for bucket in &BUCKETS[..2] {
                side.s3.create_bucket().bucket(format!("{bucket}-{name}")).send().await.unwrap();
            }
            let versioning = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
            let request = side.s3.put_bucket_versioning().bucket(format!("versioned-{name}"));
            request.versioning_configuration(versioning).send().await.unwrap();
        }
        Self { side, name: name.to_owned(), versions: Vec::new() }
    }

    async fn call(&mut self, step: &Step) -> Value {
        match *step {
            Step::Put { bucket, key, body, once, matching, metadata } => {
                self.put(bucket, key, body, once, matching, metadata).await
            }
            Step::Get { bucket, key, version, range, matching } => {
                self.get(bucket, key, version, range, matching).await
            }
            Step::Head { bucket, key, version } => self.head(bucket, key, version).await,
            Step::Delete { bucket, key, version } => self.delete(bucket, key, version).await,
            Step::List { bucket, prefix, delimiter, after, count } => {
                self.list(bucket, prefix, delimiter, after, count).await
            }
            Step::HeadBucket { bucket } => {
                let request = self.side.s3.head_bucket().bucket(self.bucket(bucket));
                request.send().await.map_or_else(|error| refusal(&error), |_| json!("there"))
            }
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let bucket = || prop_oneof![10 => Just(0_usize), 10 => Just(1), 1 => Just(2)];
    let key = || prop::sample::select(KEYS.to_vec());
    let version = || prop::option::weighted(0.3, 0..12_usize);
    let matching = || prop::option::weighted(0.15, 0..4_u8);
    let range =
        prop::sample::select(vec!["bytes=0-3", "bytes=2-", "bytes=-2", "bytes=0-900", "bytes=900-", "bytes=3-1"]);
    let prefix = prop::sample::select(vec!["", "firm/", "firm/a/", "firm/b", "absent", "firm/ä"]);
    let after = prop::sample::select(vec!["firm/a/order/1", "firm/a/", "firm/b", "zz"]);
    let count = prop_oneof![12 => 1..4, 1 => Just(0), 1 => Just(1000), 1 => Just(1001)];
    prop_oneof![
        10 => (bucket(), key(), 0..4_u8, any::<bool>(), matching(), any::<bool>()).prop_map(
            |(bucket, key, body, once, matching, metadata)| Step::Put { bucket, key, body, once, matching, metadata }),
        6 => (bucket(), key(), version(), prop::option::weighted(0.2, range), matching()).prop_map(
            |(bucket, key, version, range, matching)| Step::Get { bucket, key, version, range, matching }),
        3 => (bucket(), key(), version()).prop_map(|(bucket, key, version)| Step::Head { bucket, key, version }),
        4 => (bucket(), key(), version()).prop_map(|(bucket, key, version)| Step::Delete { bucket, key, version }),
        6 => (bucket(), prefix, any::<bool>(), prop::option::weighted(0.3, after), prop::option::weighted(0.6, count))
            .prop_map(|(bucket, prefix, delimiter, after, count)| Step::List {
                // Where a listing starts within a common prefix is not documented.
                bucket, prefix, delimiter: delimiter && after.is_none(), after, count,
            }),
        1 => bucket().prop_map(|bucket| Step::HeadBucket { bucket }),
    ]
}

impl Buckets {
    fn bucket(&self, bucket: usize) -> String {
        format!("{}-{}", BUCKETS[bucket], self.name)
    }

    /// The id of an earlier version, if the bucket keeps versions and has that many.
    fn version(&self, bucket: usize, version: Option<usize>) -> Option<String> {
        version.filter(|_| bucket == 1).and_then(|number| self.versions.get(number).cloned())
    }

    /// The number of a version in an answer.
    fn number(&mut self, id: Option<&str>) -> Value {
        let Some(id) = id else { return Value::Null };
        let known = self.versions.iter().position(|known| known == id);
        json!(known.unwrap_or_else(|| {
            self.versions.push(id.to_owned());
            self.versions.len() - 1
        }))
    }

    async fn put(
        &mut self,
        bucket: usize,
        key: &str,
        body: u8,
        once: bool,
        matching: Option<u8>,
        metadata: bool,
    ) -> Value {
        let request = self.side.s3.put_object().bucket(self.bucket(bucket)).key(key);
        let mut request = request.body(ByteStream::from(content(body)));
        if once {
            request = request.if_none_match("*");
        } else {
            request = request.set_if_match(matching.map(etag));
        }
        if metadata {
            request =
                request.content_type("application/json").metadata("sha256", "00ff").metadata("file-name", "a%20b");
        }
        match request.send().await {
            Ok(answer) => json!([answer.e_tag(), self.number(answer.version_id())]),
            Err(error) => refusal(&error),
        }
    }

    async fn get(
        &mut self,
        bucket: usize,
        key: &str,
        version: Option<usize>,
        range: Option<&str>,
        matching: Option<u8>,
    ) -> Value {
        let request = self.side.s3.get_object().bucket(self.bucket(bucket)).key(key);
        let request = request
            .set_version_id(self.version(bucket, version))
            .set_range(range.map(str::to_owned))
            .set_if_match(matching.map(etag));
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return refusal(&error),
        };
        let shown = json!([
            answer.e_tag(),
            answer.content_type(),
            answer.content_length(),
            answer.content_range(),
            sorted(answer.metadata()),
            self.number(answer.version_id()),
        ]);
        json!([shown, answer.body.collect().await.unwrap().to_vec()])
    }

    async fn head(&mut self, bucket: usize, key: &str, version: Option<usize>) -> Value {
        let request = self.side.s3.head_object().bucket(self.bucket(bucket)).key(key);
        match request.set_version_id(self.version(bucket, version)).send().await {
            Ok(answer) => json!([
                answer.e_tag(),
                answer.content_type(),
                answer.content_length(),
                sorted(answer.metadata()),
                self.number(answer.version_id()),
            ]),
            Err(error) => refusal(&error),
        }
    }

    async fn delete(&mut self, bucket: usize, key: &str, version: Option<usize>) -> Value {
        let request = self.side.s3.delete_object().bucket(self.bucket(bucket)).key(key);
        match request.set_version_id(self.version(bucket, version)).send().await {
            Ok(answer) => json!([answer.delete_marker(), self.number(answer.version_id())]),
            Err(error) => refusal(&error),
        }
    }

    async fn list(
        &self,
        bucket: usize,
        prefix: &str,
        delimiter: bool,
        after: Option<&str>,
        count: Option<i32>,
    ) -> Value {
        let (mut pages, mut token) = (Vec::new(), None);
        while pages.len() < PAGE_COUNT_MAX {
            let request = self.side.s3.list_objects_v2().bucket(self.bucket(bucket)).prefix(prefix);
            let request = request
                .set_delimiter(delimiter.then(|| "/".to_owned()))
                .set_start_after(after.map(str::to_owned))
                .set_max_keys(count)
                .set_continuation_token(token.take());
            let answer = match request.send().await {
                Ok(answer) => answer,
                Err(error) => return refusal(&error),
            };
            let objects = answer.contents().iter().map(|object| json!([object.key(), object.size(), object.e_tag()]));
            let prefixes = answer.common_prefixes().iter().map(|prefix| json!(prefix.prefix()));
            pages.push(json!({
                "objects": objects.collect::<Vec<_>>(), "prefixes": prefixes.collect::<Vec<_>>(),
                "count": answer.key_count(), "max": answer.max_keys(), "more": answer.is_truncated(),
            }));
            token = answer.next_continuation_token;
            if token.is_none() {
                break;
            }
        }
        json!(pages)
    }
}

fn content(body: u8) -> Vec<u8> {
    vec![b'x'; usize::from(body) * 3]
}

/// The entity tag of a body: its MD5.
fn etag(body: u8) -> String {
    let digests = [
        "d41d8cd98f00b204e9800998ecf8427e",
        "f561aaf6ef0bf14d4208bb46a4ccb3ad",
        "dad3a37aa9d50688b5157698acfd7aee",
        "wrong",
    ];
    format!("\"{}\"", digests[usize::from(body)])
}

fn sorted(metadata: Option<&std::collections::HashMap<String, String>>) -> BTreeMap<&String, &String> {
    metadata.into_iter().flatten().collect()
}
