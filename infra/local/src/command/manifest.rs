//! `docket manifest`: makes, prints and publishes the manifest of what should be deployed.

use std::collections::BTreeMap;
use std::process::ExitCode;

use crate::release::{self, Plan};
use aws::sdk::Clock;
use drift::{Manifest, ManifestStore};

use super::outcome::Lines;
use super::{Account, Problem, environment};
use crate::{cli, output};

pub(super) async fn manifest(asked: cli::Manifest, account: Account<'_>) -> Result<ExitCode, Problem> {
    let parameters: BTreeMap<String, String> = asked.parameters.iter().cloned().collect();
    let plan = Plan {
        source: &asked.source,
        bins: asked.bins.as_deref(),
        parameters: &parameters,
        stack: &asked.stack,
        allow_dirty: asked.allow_dirty,
    };
    let manifest = release::make(&plan).map_err(Problem::failed)?;
    if let (true, Some(bins)) = (asked.package, &asked.bins) {
        // All of them: `sam deploy` uploads the code of functions that its parameters leave out too.
        let binaries = release::binaries(&asked.source).map_err(Problem::failed)?;
        for path in release::write_packages(bins, binaries.iter().map(String::as_str)).map_err(Problem::failed)? {
            output::eprint(format_args!("{}\n", path.display()));
        }
    }
    if let Some(path) = &asked.out {
        let failed = |error| Problem::Failed(format!("{} cannot be written: {error}", path.display()));
        std::fs::write(path, manifest.to_json()).map_err(failed)?;
    }
    if let Some(bucket) = asked.publish {
        let environment = environment(account)?;
        let now = Clock::of(environment.sdk()).now();
        let key = ManifestStore::new(environment.sdk(), bucket.clone()).publish(&manifest, now).await;
        output::eprint(format_args!("s3://{bucket}/{}\n", key.map_err(Problem::failed)?));
    }
    match asked.json {
        true => output::answer(&manifest.to_json())?,
        false => output::answer(&text(&manifest))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn text(manifest: &Manifest) -> String {
    let mut lines = Lines::default();
    let stage = manifest.prefix.trim_end_matches('-');
    lines.add(format_args!("{stage} at {} of {}", manifest.revision.short(), manifest.committed_at));
    for (name, entry) in &manifest.functions {
        let Some(commit) = entry.commits.first() else { continue };
        let code = entry.code_sha256.as_ref().map_or("not built", |digest| digest.as_str());
        lines.add(format_args!("  {name:<28} {}  {}  {}", commit.revision.short(), commit.committed_at, code));
    }
    lines.0
}
