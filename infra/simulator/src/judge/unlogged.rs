//! Finds warnings and errors in the functions' sources that no run logged, i.e. failures that the simulation never reached.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The source folders of the functions and of what they share.
const FOLDERS: [&str; 4] = ["functions", "shared/services", "shared/runtime", "shared/aws"];

/// Folders that are not simulated. The drift check touches no order, and its own tests fail it at each of its calls.
const APART: [&str; 3] = ["drift-check", "tests", "target"];

/// Messages of warnings and errors in the sources under `root` that are not among `logged`.
///
/// # Errors
/// When the sources cannot be read.
pub fn unreached(root: &Path, logged: &BTreeMap<String, u64>) -> std::io::Result<Vec<String>> {
    let mut declared = BTreeSet::new();
    for folder in FOLDERS {
        for file in sources(&root.join(folder))? {
            declared.extend(messages(&std::fs::read_to_string(file)?));
        }
    }
    Ok(declared.into_iter().filter(|message| !logged.contains_key(message)).collect())
}

fn sources(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if APART.iter().any(|apart| path.ends_with(apart)) {
                continue;
            }
            found.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}

/// The messages of the warnings and errors in a source file: the last text of each call.
fn messages(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for call in ["tracing::warn!(", "tracing::error!("] {
        for (at, _) in source.match_indices(call) {
            let rest = source.get(at + call.len()..).unwrap_or_default();
            let end = rest.find(");").or_else(|| rest.find(")\n")).unwrap_or(rest.len());
            if let Some(message) = last_text(rest.get(..end).unwrap_or_default()) {
                found.push(message);
            }
        }
    }
    found
}

fn last_text(arguments: &str) -> Option<String> {
    let (before, _) = arguments.rsplit_once('"')?;
    let (_, text) = before.rsplit_once('"')?;
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_of_each_warning_and_error_is_found() {
        let source = "tracing::warn!(error = %error, code = \"x\", \"alert not published yet; will retry\");\n\
                      tracing::info!(\"no matter\");\n\
                      tracing::error!(\n    order.id = %id,\n    \"there is no such order\"\n);\n";
        assert_eq!(messages(source), ["alert not published yet; will retry", "there is no such order"]);
    }
}
