//! Checksums and entity tags of objects.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::{Digest, Md5};
use sha2::Sha256;

use crate::wire::Request;

/// The headers that carry a checksum of the object, with their algorithms.
const HEADERS: [(&str, Algorithm); 2] =
    [("x-amz-checksum-crc32", Algorithm::Crc32), ("x-amz-checksum-sha256", Algorithm::Sha256)];

#[derive(Debug, Clone, Copy)]
enum Algorithm {
    Crc32,
    Sha256,
}

/// A checksum in the request does not match its body.
pub(super) struct Mismatch;

/// Verifies the checksums in the request. Returns the CRC-32 of the body in Base64.
pub(super) fn verify(request: &Request) -> Result<String, Mismatch> {
    let crc = compute(Algorithm::Crc32, &request.body);
    for (header, algorithm) in HEADERS {
        let Some(claimed) = request.header(header) else { continue };
        let computed = match algorithm {
            Algorithm::Crc32 => crc.clone(),
            Algorithm::Sha256 => compute(algorithm, &request.body),
        };
        if computed != claimed {
            return Err(Mismatch);
        }
    }
    match request.header("content-md5") {
        Some(claimed) if BASE64.encode(Md5::digest(&request.body)) != claimed => Err(Mismatch),
        _ => Ok(crc),
    }
}

/// The entity tag of an object that was put in one piece, with its quotes.
pub(super) fn etag(body: &[u8]) -> String {
    format!("\"{:x}\"", Md5::digest(body))
}

fn compute(algorithm: Algorithm, body: &[u8]) -> String {
    match algorithm {
        Algorithm::Crc32 => BASE64.encode(crc32fast::hash(body).to_be_bytes()),
        Algorithm::Sha256 => BASE64.encode(Sha256::digest(body)),
    }
}
