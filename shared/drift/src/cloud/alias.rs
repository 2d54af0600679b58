//! Reads a function's aliases and the versions they point to.

use std::collections::{BTreeMap, BTreeSet};

use aws::{Error, sort};
use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::AliasConfiguration;

use super::functions::digest;
use crate::model::CodeDigest;
use crate::model::deployed::Running;

/// The aliases of a function.
pub(crate) async fn list(client: &Client, name: &str) -> Result<Vec<AliasConfiguration>, Error> {
    let mut pages = client.list_aliases().function_name(name).into_paginator().items().send();
    let mut aliases = Vec::new();
    while let Some(alias) = pages.next().await {
        aliases.push(alias.map_err(|error| sort("ListAliases", &error))?);
    }
    Ok(aliases)
}

/// The code that `aliases` point to. Makes no call if there are none.
pub(crate) async fn running(
    client: &Client,
    name: &str,
    aliases: &[AliasConfiguration],
) -> Result<Vec<Running>, Error> {
    if aliases.is_empty() {
        return Ok(Vec::new());
    }
    let digests = versions(client, name).await?;
    let mut running = Vec::new();
    for alias in aliases {
        for version in targets(alias) {
            let code_sha256 = digests.get(&version).cloned();
            running.push(Running {
                qualifier: format!("{} ({version})", alias.name().unwrap_or_default()),
                code_sha256: code_sha256.ok_or(Error::Damaged { operation: "ListVersionsByFunction" })?,
            });
        }
    }
    Ok(running)
}

/// The versions that an alias points to: its main one, and those that get a share of its traffic.
fn targets(alias: &AliasConfiguration) -> BTreeSet<String> {
    let weighted = alias.routing_config().and_then(|routing| routing.additional_version_weights());
    let further = weighted.into_iter().flat_map(|weights| weights.keys().cloned());
    alias.function_version().map(str::to_owned).into_iter().chain(further).collect()
}

async fn versions(client: &Client, name: &str) -> Result<BTreeMap<String, CodeDigest>, Error> {
    let mut pages = client.list_versions_by_function().function_name(name).into_paginator().items().send();
    let mut digests = BTreeMap::new();
    while let Some(version) = pages.next().await {
        let version = version.map_err(|error| sort("ListVersionsByFunction", &error))?;
        if let (Some(number), Some(digest)) = (version.version(), digest(&version)) {
            digests.insert(number.to_owned(), digest);
        }
    }
    Ok(digests)
}
