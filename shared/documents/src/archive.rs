//! Checks the content of a ZIP container. Every entry is inflated once, through a small buffer, and its bytes are counted:
//! the sizes that the container declares are never trusted.

use crate::error::{Counted, Hostile, ReadError, within};
use crate::limit::Limits;
use std::collections::HashSet;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// Bytes inflated at a time.
const CHUNK_BYTES: usize = 64 * 1024;
/// Limit on the tags of a part that is parsed as a whole (styles, relations); far above what genuine parts have.
const PART_MARKS_MAX: u64 = 100_000;
/// Limit on the bytes between two tags; no cell has a longer text.
const RUN_BYTES_MAX: u64 = 1024 * 1024;
/// A sheet may inflate to the container's limit divided by this.
const SHEET_DIVISOR: u64 = 2;

/// What the check found in the container.
#[derive(Debug, Default)]
pub struct Contents {
    /// Names of the entries.
    pub names: Vec<String>,
    /// Whether the manifest of an OpenDocument file says its parts are encrypted.
    pub manifest_encrypted: bool,
}

/// Checks a whole container.
///
/// # Errors
/// When it is damaged or encrypted, holds something that no genuine workbook does, or exceeds a limit.
pub fn check(bytes: &[u8], limits: &Limits) -> Result<Contents, ReadError> {
    let most = u64::try_from(limits.archive_entries_max).unwrap_or(u64::MAX);
    // Directory entries are counted before the directory is parsed, because each takes several times its size in memory.
    let marks = count(bytes, b"PK\x01\x02");
    within(Counted::Entries, marks, most)?;
    let mut zip = open(bytes)?;
    within(Counted::Entries, u64::try_from(zip.len()).unwrap_or(u64::MAX), most)?;
    let mut contents = Contents::default();
    let mut seen = HashSet::new();
    let mut total = 0;
    for index in 0..zip.len() {
        let (name, stored) = {
            let entry = zip.by_index_raw(index).map_err(|_| ReadError::Broken)?;
            if entry.encrypted() {
                return Err(ReadError::Encrypted);
            }
            let name = entry.name().map_err(|_| ReadError::Broken)?.into_owned();
            (name, entry.compressed_size())
        };
        check_name(&name)?;
        if !seen.insert(name.to_ascii_lowercase()) {
            return Err(ReadError::Hostile { what: Hostile::DuplicateEntry });
        }
        let entry = zip.by_index(index).map_err(|_| ReadError::Broken)?;
        let mut scan = Scan::new(&name, stored, total, limits);
        scan.run(entry)?;
        total = scan.total;
        contents.manifest_encrypted |= scan.encryption_data;
        contents.names.push(name);
    }
    Ok(contents)
}

/// Opens a container for reading single parts.
///
/// # Errors
/// When its directory is damaged.
pub fn open(bytes: &[u8]) -> Result<ZipArchive<Cursor<&[u8]>>, ReadError> {
    ZipArchive::new(Cursor::new(bytes)).map_err(|_| ReadError::Broken)
}

fn check_name(name: &str) -> Result<(), ReadError> {
    let bare = name.replace('\\', "/");
    if bare.starts_with('/') || bare.contains(':') || bare.split('/').any(|part| part == "..") || name.contains('\0') {
        return Err(ReadError::Hostile { what: Hostile::EntryName });
    }
    let lower = bare.to_ascii_lowercase();
    if lower.ends_with("vbaproject.bin") || lower.starts_with("basic/") && lower.ends_with("script-lb.xml") {
        return Err(ReadError::Macros);
    }
    Ok(())
}

/// The state of reading one entry.
struct Scan<'a> {
    limits: &'a Limits,
    is_markup: bool,
    is_manifest: bool,
    is_strings: bool,
    bytes_max: u64,
    marks_max: u64,
    stored: u64,
    inflated: u64,
    total: u64,
    marks: u64,
    run: u64,
    encryption_data: bool,
}

impl<'a> Scan<'a> {
    fn new(name: &str, stored: u64, total: u64, limits: &'a Limits) -> Self {
        let lower = name.to_ascii_lowercase();
        let is_markup = [".xml", ".rels", ".vml", ".rdf"].iter().any(|end| lower.ends_with(end));
        let structured = lower.ends_with(".rels")
            || ["styles.xml", "workbook.xml", "[content_types].xml", "manifest.xml"].iter().any(|e| lower.ends_with(e));
        let (bytes_max, marks_max) = if lower.ends_with("sharedstrings.xml") {
            (limits.shared_strings_bytes_max, limits.shared_strings_max * 4)
        } else if structured {
            (limits.archive_part_bytes_max, PART_MARKS_MAX)
        } else {
            (limits.archive_inflated_bytes_max / SHEET_DIVISOR, u64::MAX)
        };
        Self {
            limits,
            is_markup,
            is_strings: lower.ends_with("sharedstrings.xml"),
            is_manifest: lower == "meta-inf/manifest.xml",
            bytes_max,
            marks_max,
            stored,
            inflated: 0,
            total,
            marks: 0,
            run: 0,
            encryption_data: false,
        }
    }

    fn run(&mut self, mut entry: impl Read) -> Result<(), ReadError> {
        // The end of the previous chunk is kept in front, so that a tag split between two chunks is found.
        const KEEP: usize = 64;
        let mut buffer = vec![0; KEEP + CHUNK_BYTES];
        loop {
            let read = entry.read(&mut buffer[KEEP..]).map_err(|_| ReadError::Broken)?;
            if read == 0 {
                return Ok(());
            }
            if self.inflated == 0 && is_archive(&buffer[KEEP..KEEP + read]) {
                return Err(ReadError::Hostile { what: Hostile::NestedArchive });
            }
            self.count_bytes(read)?;
            if self.is_markup {
                self.scan_markup(&buffer[..KEEP + read], KEEP)?;
            }
            buffer.copy_within(read..read + KEEP, 0);
        }
    }

    fn count_bytes(&mut self, read: usize) -> Result<(), ReadError> {
        let read = u64::try_from(read).unwrap_or(u64::MAX);
        self.inflated += read;
        self.total += read;
        within(Counted::InflatedBytes, self.inflated, self.bytes_max)?;
        within(Counted::InflatedBytes, self.total, self.limits.archive_inflated_bytes_max)?;
        if self.inflated > self.limits.archive_ratio_from_bytes {
            within(Counted::Ratio, self.inflated / self.stored.max(1), self.limits.archive_ratio_max)?;
        }
        Ok(())
    }

    fn scan_markup(&mut self, window: &[u8], fresh: usize) -> Result<(), ReadError> {
        let doctype = Err(ReadError::Hostile { what: Hostile::Doctype });
        // A part in UTF-16 would hide its tags from this scan, and no spreadsheet program writes one.
        if self.inflated <= CHUNK_BYTES as u64
            && (window[fresh..].starts_with(&[0xFF, 0xFE]) || window[fresh..].starts_with(&[0xFE, 0xFF]))
        {
            return doctype;
        }
        for (at, &byte) in window.iter().enumerate() {
            if byte != b'<' {
                if at >= fresh {
                    self.run += 1;
                    within(Counted::InflatedBytes, self.run, RUN_BYTES_MAX)?;
                }
                continue;
            }
            let rest = &window[at..window.len().min(at + 9)];
            if rest.eq_ignore_ascii_case(b"<!DOCTYPE") || rest.starts_with(b"<!ENTITY") {
                return doctype;
            }
            if at >= fresh {
                self.run = 0;
                self.marks += 1;
                within(Counted::Strings, self.marks, self.marks_max)?;
            }
        }
        if self.is_strings {
            check_claimed_strings(window, self.limits.shared_strings_max)?;
        }
        if self.is_manifest && crate::detect::contains(window, b"encryption-data") {
            self.encryption_data = true;
        }
        Ok(())
    }
}

/// Checks the number of strings that the part claims to hold, because the workbook reader allocates that many.
fn check_claimed_strings(window: &[u8], limit: u64) -> Result<(), ReadError> {
    const KEY: &[u8] = b"uniqueCount";
    const CLAIM_BYTES: usize = 48;
    for (at, _) in window.windows(KEY.len()).enumerate().filter(|(_, w)| *w == KEY) {
        let rest = &window[at + KEY.len()..window.len().min(at + CLAIM_BYTES)];
        let start =
            rest.iter().position(|b| !b.is_ascii_whitespace() && !matches!(b, b'=' | b'"' | b'\'' | b'+' | b'0'));
        let digits = start.map_or(&[][..], |s| &rest[s..]);
        let length = digits.iter().take_while(|b| b.is_ascii_digit()).count();
        if length < digits.len() {
            let claim =
                digits[..length].iter().fold(0_u64, |n, b| n.saturating_mul(10).saturating_add(u64::from(b - b'0')));
            within(Counted::Strings, claim, limit)?;
        } else if at + CLAIM_BYTES <= window.len() {
            return Err(ReadError::Broken);
        }
    }
    Ok(())
}

fn is_archive(start: &[u8]) -> bool {
    [b"PK\x03\x04".as_slice(), b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08"]
        .iter()
        .any(|m| start.starts_with(m))
}

fn count(bytes: &[u8], mark: &[u8; 4]) -> u64 {
    bytes.windows(4).filter(|w| w == mark).map(|_| 1).sum()
}
