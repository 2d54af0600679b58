//! Decodes the `aws-chunked` encoding: chunks with their length in hexadecimal, then trailers with the checksum.

use bytes::{Bytes, BytesMut};

use crate::wire::Request;

/// Decodes the body of an `aws-chunked` request and adds its trailers to the headers; leaves other requests as they are.
///
/// A malformed body is truncated at the error, so that its checksum or declared length does not match.
pub(crate) fn unchunk(mut request: Request) -> Request {
    let encoded = request.header("content-encoding").is_some_and(|value| value.contains("aws-chunked"))
        || request.header("x-amz-content-sha256").is_some_and(|value| value.starts_with("STREAMING-"));
    if !encoded {
        return request;
    }
    let (body, trailers) = decode(&request.body);
    request.body = body;
    request.headers.extend(trailers);
    request
}

fn decode(body: &Bytes) -> (Bytes, Vec<(String, String)>) {
    let mut rest = body.clone();
    let mut chunks: Vec<Bytes> = Vec::new();
    while let Some(line) = take_line(&mut rest) {
        // A signature may follow the length: `1f4;chunk-signature=…`.
        let length = line.split(';').next().and_then(|digits| usize::from_str_radix(digits.trim(), 16).ok());
        match length {
            Some(0) => return (join(chunks), trailers(rest)),
            Some(length) if length <= rest.len() => {
                chunks.push(rest.split_to(length));
                let _line_end = take_line(&mut rest);
            }
            _ => break,
        }
    }
    (join(chunks), Vec::new())
}

/// The chunks in one piece; a single chunk is not copied.
fn join(mut chunks: Vec<Bytes>) -> Bytes {
    if chunks.len() == 1 {
        return chunks.swap_remove(0);
    }
    let mut joined = BytesMut::with_capacity(chunks.iter().map(Bytes::len).sum());
    chunks.iter().for_each(|chunk| joined.extend_from_slice(chunk));
    joined.freeze()
}

fn trailers(mut rest: Bytes) -> Vec<(String, String)> {
    let mut trailers = Vec::new();
    while let Some(line) = take_line(&mut rest) {
        if let Some((name, value)) = line.split_once(':') {
            trailers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    trailers
}

fn take_line(rest: &mut Bytes) -> Option<String> {
    let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
    let line = rest.split_to(end);
    let _line_end = rest.split_to(2);
    String::from_utf8(line.to_vec()).ok()
}
