//! Checks a PDF before it is read: damage, passwords, and streams that unpack to more than the limits.

use crate::error::{Counted, ReadError, exceeded, within};
use crate::limit::Limits;
use lopdf::{DecompressError, Document, Error, LoadOptions, Object};

/// Bytes of all streams after unpacking, as a multiple of the limit of one.
const STREAMS_FACTOR: usize = 8;

/// Refuses a document that cannot be loaded as it is, or exceeds the limits.
pub(super) fn document(bytes: &[u8], limits: &Limits) -> Result<(), ReadError> {
    let limit = limits.stream_bytes_max;
    let options = LoadOptions { max_decompressed_size: Some(limit), ..LoadOptions::default() };
    let mut document = Document::load_mem_with_options(start(bytes), options).map_err(|error| failed(&error, limit))?;
    if document.is_encrypted() && document.decrypt("").is_err() {
        return Err(ReadError::Encrypted);
    }
    within(Counted::Objects, document.objects.len(), limits.objects_max)?;
    let pages = document.get_pages().len();
    if pages == 0 {
        return Err(ReadError::Broken);
    }
    within(Counted::Pages, pages, limits.pages_max)?;
    let mut unpacked = 0_usize;
    for object in document.objects.values() {
        let Object::Stream(stream) = object else { continue };
        // Pictures are not unpacked by reading the text.
        let is_image = stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|name| name == b"Image");
        if is_image || stream.dict.get(b"Filter").is_err() {
            continue;
        }
        match stream.decompressed_content_with_limit(limit) {
            Ok(content) => unpacked = unpacked.saturating_add(content.len()),
            // What cannot be unpacked has no text; the page that needs it fails.
            Err(error) => match failed(&error, limit) {
                ReadError::Broken => {}
                other => return Err(other),
            },
        }
        within(Counted::StreamBytes, unpacked, limit.saturating_mul(STREAMS_FACTOR))?;
    }
    Ok(())
}

/// The document without what mail programs and servers put before it.
fn start(bytes: &[u8]) -> &[u8] {
    let at = bytes.windows(5).take(1024).position(|window| window == b"%PDF-").unwrap_or(0);
    &bytes[at..]
}

fn failed(error: &Error, limit: usize) -> ReadError {
    match error {
        Error::Decompress(DecompressError::MemoryLimitExceeded { .. }) => exceeded(Counted::StreamBytes, limit),
        Error::InvalidPassword | Error::Decryption(_) => ReadError::Encrypted,
        _ => ReadError::Broken,
    }
}
