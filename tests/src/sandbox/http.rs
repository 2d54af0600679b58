//! A minimal HTTP/1.1 server for clients on loopback: whole bodies, one request at a time.

use std::io::{Error, ErrorKind};

use bytes::Bytes;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Longest header or chunk-size line accepted, in bytes.
const LINE_BYTES_MAX: u64 = 64 * 1024;
/// Most headers of one request.
const HEADER_COUNT_MAX: usize = 100;
/// Largest body, in bytes: an upload's limit and some margin.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The head of a request.
pub(super) struct Head {
    pub(super) method: String,
    pub(super) target: String,
    /// Names are in lower case.
    pub(super) headers: Vec<(String, String)>,
}

impl Head {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Reads the next request; `None` when the client closed the connection.
pub(super) async fn read<S>(stream: &mut S) -> Result<Option<(Head, Bytes)>, Error>
where
    S: AsyncBufRead + AsyncWrite + Unpin,
{
    let Some(first) = line(stream).await? else { return Ok(None) };
    let mut words = first.split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Err(malformed("request line")) };
    let mut head = Head { method: method.to_owned(), target: target.to_owned(), headers: Vec::new() };
    loop {
        let header = line(stream).await?.ok_or_else(|| malformed("head"))?;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').ok_or_else(|| malformed("header"))?;
        head.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        if head.headers.len() > HEADER_COUNT_MAX {
            return Err(malformed("number of headers"));
        }
    }
    if head.header("expect").is_some() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    let body = body(stream, &head).await?;
    Ok(Some((head, body)))
}

/// Writes a response.
pub(super) async fn write<S>(
    stream: &mut S,
    status: u16,
    headers: &[(String, String)],
    body: &[u8],
) -> Result<(), Error>
where
    S: AsyncWrite + Unpin,
{
    let mut head = format!("HTTP/1.1 {status} \r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    // The response to HEAD states the length of the body that it omits.
    if !headers.iter().any(|(name, _)| name == "content-length") {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    stream.flush().await
}

async fn body<S: AsyncBufRead + Unpin>(stream: &mut S, head: &Head) -> Result<Bytes, Error> {
    if head.header("transfer-encoding").is_some_and(|encoding| encoding.contains("chunked")) {
        return chunks(stream).await;
    }
    let length = head.header("content-length").map_or(Ok(0), str::parse).map_err(|_| malformed("length"))?;
    let mut body = Vec::new();
    extend(stream, &mut body, length).await?;
    Ok(body.into())
}

async fn chunks<S: AsyncBufRead + Unpin>(stream: &mut S) -> Result<Bytes, Error> {
    let mut body = Vec::new();
    loop {
        let size = line(stream).await?.ok_or_else(|| malformed("chunk"))?;
        let size = size.split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(size, 16).map_err(|_| malformed("chunk size"))?;
        if size == 0 {
            // Trailers, up to the empty line.
            while line(stream).await?.is_some_and(|trailer| !trailer.is_empty()) {}
            return Ok(body.into());
        }
        extend(stream, &mut body, size).await?;
        line(stream).await?;
    }
}

async fn extend<S: AsyncBufRead + Unpin>(stream: &mut S, body: &mut Vec<u8>, length: usize) -> Result<(), Error> {
    let start = body.len();
    if length > BODY_BYTES_MAX - start {
        return Err(malformed("length"));
    }
    body.resize(start + length, 0);
    stream.read_exact(&mut body[start..]).await?;
    Ok(())
}

/// A line without its line break; `None` at the end of the stream.
async fn line<S: AsyncBufRead + Unpin>(stream: &mut S) -> Result<Option<String>, Error> {
    let mut line = Vec::new();
    if stream.take(LINE_BYTES_MAX).read_until(b'\n', &mut line).await? == 0 {
        return Ok(None);
    }
    let text = String::from_utf8(line).map_err(|_| malformed("line"))?;
    text.strip_suffix("\r\n").map(|text| Some(text.to_owned())).ok_or_else(|| malformed("line"))
}

fn malformed(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("malformed {what}"))
}
