//! Provides a deployment for tests: the template's functions as deployed, manifests that say what they should be, and
//! runs of the drift check.

use std::collections::BTreeMap;

use drift::{CodeDigest, Commit, Entry, MANIFEST_SCHEMA, Manifest, ManifestStore, Revision};
use engine::{DeployedFunction, InvokeError, Publication};
use jiff::{SignedDuration, Timestamp};
use pipeline::DRIFT_CHECK;
use serde_json::{Value, json};

use crate::pipeline::Pipeline;

/// The common prefix of the functions' names.
pub const PREFIX: &str = "docket-dev-";
/// The bucket that manifests are published in.
const BUCKET: &str = "docket-dev-manifests-000000000000";

/// A deployment that the drift check can run over.
pub struct Deployment {
    /// The pipeline that is deployed.
    pub pipeline: Pipeline,
    runs: u32,
}

impl Deployment {
    /// A deployment without a manifest.
    ///
    /// # Panics
    /// When it cannot be set up.
    #[must_use]
    pub fn without_manifest() -> Self {
        let mut pipeline = Pipeline::new();
        pipeline.local.serve_drift_check().expect("the drift check can be set up");
        Self { pipeline, runs: 0 }
    }

    /// A deployment in step with its only manifest.
    ///
    /// # Panics
    /// When it cannot be set up.
    pub async fn in_step() -> Self {
        let deployment = Self::without_manifest();
        let manifest = deployment.manifest();
        deployment.publish(&manifest).await;
        deployment
    }

    /// The manifest of what is deployed now, with a last commit an hour old.
    #[must_use]
    pub fn manifest(&self) -> Manifest {
        let now = self.now();
        let mut functions = BTreeMap::new();
        self.change_all(|deployed| {
            for (name, function) in deployed.iter() {
                let settings = docket::release::settings(&function.function);
                let entry = Entry {
                    package: name.trim_start_matches(PREFIX).to_owned(),
                    built_from: vec![format!("functions/{}", name.trim_start_matches(PREFIX))],
                    commits: vec![commit(1, now, 1), commit(0, now, 100)],
                    code_sha256: Some(digest_of(function)),
                    settings_sha256: settings.digest(),
                    settings,
                };
                functions.insert(name.clone(), entry);
            }
        });
        let Commit { revision, committed_at, .. } = commit(1, now, 1);
        Manifest { schema: MANIFEST_SCHEMA, prefix: PREFIX.to_owned(), revision, committed_at, functions }
    }

    /// The manifest after `manifest`: one function was rebuilt, from a commit `hours` old.
    ///
    /// # Panics
    /// When there is no such function.
    #[must_use]
    pub fn newer(&self, manifest: &Manifest, function: &str, number: u8, hours: i64) -> Manifest {
        let mut newer = manifest.clone();
        let commit = commit(number, self.now(), hours);
        let entry = newer.functions.get_mut(&name(function)).expect("a function of the manifest");
        entry.code_sha256 = Some(CodeDigest::of(&[number]));
        entry.commits.insert(0, commit.clone());
        Manifest { revision: commit.revision, committed_at: commit.committed_at, ..newer }
    }

    /// Publishes a manifest.
    ///
    /// # Panics
    /// When it cannot be published.
    pub async fn publish(&self, manifest: &Manifest) {
        // Two manifests published at the same moment have no order.
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        self.manifests().publish(manifest, self.now()).await.expect("the manifest is published");
    }

    /// The published manifests.
    #[must_use]
    pub fn manifests(&self) -> ManifestStore {
        ManifestStore::new(&self.pipeline.local.aws.sdk_config(), BUCKET.to_owned())
    }

    /// Changes one deployed function, named without its prefix.
    ///
    /// # Panics
    /// When there is no such function.
    pub fn change(&self, function: &str, change: impl FnOnce(&mut DeployedFunction)) {
        self.change_all(|deployed| change(deployed.get_mut(&name(function)).expect("a deployed function")));
    }

    /// Changes the deployed functions.
    pub fn change_all(&self, change: impl FnOnce(&mut BTreeMap<String, DeployedFunction>)) {
        self.pipeline.local.aws.change_functions(change);
    }

    /// Runs the drift check once, as the schedule does.
    ///
    /// # Panics
    /// When the run fails.
    pub async fn run(&mut self) -> Value {
        self.runs += 1;
        let id = format!("run-{}", self.runs);
        self.run_as(&id).await.expect("the run succeeds")
    }

    /// Runs the drift check for the scheduled event with the id `id`.
    ///
    /// # Errors
    /// When the run fails.
    pub async fn run_as(&mut self, id: &str) -> Result<Value, InvokeError> {
        self.pipeline.local.driver.invoke(DRIFT_CHECK, json!({ "id": id })).await
    }

    /// The alerts about drift, oldest first.
    ///
    /// # Panics
    /// When the topic cannot be read.
    #[must_use]
    pub fn alerts(&self) -> Vec<Publication> {
        let published = self.pipeline.local.aws.publications(0).expect("readable");
        published.into_iter().filter(|alert| alert.attributes["kind"]["StringValue"] == "drift").collect()
    }

    /// The texts of [`Deployment::alerts`].
    #[must_use]
    pub fn messages(&self) -> Vec<String> {
        self.alerts().into_iter().map(|alert| alert.message).collect()
    }

    fn now(&self) -> Timestamp {
        self.pipeline.local.aws.clock().now()
    }
}

/// A function's name with its prefix.
#[must_use]
pub fn name(function: &str) -> String {
    format!("{PREFIX}{function}")
}

fn digest_of(function: &DeployedFunction) -> CodeDigest {
    CodeDigest::try_from(function.code_sha256.clone()).expect("a digest")
}

/// A commit with the id `number`, made `hours` before `now`.
fn commit(number: u8, now: Timestamp, hours: i64) -> Commit {
    Commit {
        revision: Revision::try_from(format!("{number:040x}")).expect("a revision"),
        committed_at: now.checked_sub(SignedDuration::from_hours(hours)).expect("a time"),
        subject: format!("Change number {number}"),
    }
}
