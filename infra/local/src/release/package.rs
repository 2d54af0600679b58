//! Makes deployment packages. The same binary always gives the same package, so Lambda's digest of it is known in advance.

use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// The name of the executable that Lambda's `provided` runtimes start.
const BOOTSTRAP: &str = "bootstrap";
/// Everybody may read and run it, because Lambda runs it as another user.
const MODE: u32 = 0o755;
/// Fixed, because another compression level would change the bytes.
const LEVEL: i64 = 6;

/// Why a package cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The binary cannot be read, or the package cannot be written.
    #[error("{path} cannot be used ({source}); build the functions with `infra/build`")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The archive cannot be written.
    #[error("the package cannot be made: {0}")]
    Archive(#[from] zip::result::ZipError),
}

/// Makes the package of a binary: a ZIP archive with one entry, without times, users or anything else from the machine.
///
/// # Errors
/// [`PackageError::Archive`] when the binary is too large for an archive.
pub fn package(binary: &[u8]) -> Result<Vec<u8>, PackageError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL))
        .last_modified_time(DateTime::default())
        .unix_permissions(MODE);
    let mut archive = ZipWriter::new(Cursor::new(Vec::with_capacity(binary.len() / 2)));
    archive.start_file(BOOTSTRAP, options)?;
    archive.write_all(binary).map_err(zip::result::ZipError::Io)?;
    Ok(archive.finish()?.into_inner())
}

/// The package of a function, from its binary in `bins`.
///
/// # Errors
/// [`PackageError`] says which file cannot be used.
pub(super) fn of(bins: &Path, binary: &str) -> Result<Vec<u8>, PackageError> {
    let path = bins.join(binary).join(BOOTSTRAP);
    let bytes = std::fs::read(&path).map_err(|source| PackageError::File { path, source })?;
    package(&bytes)
}

/// Writes the package of each of `binaries` next to its folder, as `<binary>.zip`, and returns the files. It is not written
/// into the folder, because a tool that packs the folder itself would include it.
///
/// # Errors
/// [`PackageError`] says which file cannot be used.
pub fn write_packages<'a>(
    bins: &Path,
    binaries: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<PathBuf>, PackageError> {
    let mut written = Vec::new();
    for binary in binaries {
        let path = bins.join(format!("{binary}.zip"));
        let bytes = of(bins, binary)?;
        std::fs::write(&path, bytes).map_err(|source| PackageError::File { path: path.clone(), source })?;
        written.push(path);
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::package;

    #[test]
    fn a_package_depends_on_the_binary_alone() {
        let first = package(b"binary").unwrap();
        // Times of ZIP entries have a resolution of two seconds.
        std::thread::sleep(std::time::Duration::from_millis(2_100));
        assert_eq!(package(b"binary").unwrap(), first);
        assert_ne!(package(b"Binary").unwrap(), first);
    }

    #[test]
    fn a_package_holds_one_executable_called_bootstrap() {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(package(b"binary").unwrap())).unwrap();
        assert_eq!(archive.len(), 1);
        let mut entry = archive.by_name("bootstrap").unwrap();
        assert_eq!(entry.unix_mode().unwrap() & 0o777, 0o755);
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        assert_eq!(content, b"binary");
    }
}
