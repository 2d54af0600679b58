//! Reads the files that an order is made of.

use std::path::{Path, PathBuf};

use client::Upload;
use domain::limit::DOCUMENT_COUNT_MAX;

use super::Problem;

/// Largest file that is uploaded; it only bounds the command's memory. Files above the readers' lower limit fail within the
/// order, with a failure record.
const UPLOAD_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Reads all of them.
pub(super) fn read_files(files: &[PathBuf]) -> Result<Vec<Upload>, Problem> {
    if files.len() > usize::try_from(DOCUMENT_COUNT_MAX).unwrap_or(usize::MAX) {
        return Err(Problem::Usage(format!("an order has at most {DOCUMENT_COUNT_MAX} documents; split it")));
    }
    files.iter().map(|file| read_file(file)).collect()
}

fn read_file(file: &Path) -> Result<Upload, Problem> {
    let refused = |why: String| Problem::Usage(format!("{} {why}", file.display()));
    let unreadable = |error: std::io::Error| refused(format!("cannot be read: {error}"));
    let metadata = std::fs::metadata(file).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(refused("is a directory; list its files".to_owned()));
    }
    if !metadata.is_file() {
        return Err(refused("is not a regular file".to_owned()));
    }
    if metadata.len() > UPLOAD_BYTES_MAX {
        return Err(refused(format!("is too large: {} bytes, at most {UPLOAD_BYTES_MAX} allowed", metadata.len())));
    }
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let bytes = std::fs::read(file).map_err(unreadable)?;
    Ok(Upload { name, bytes })
}
