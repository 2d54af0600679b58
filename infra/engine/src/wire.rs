//! HTTP requests and answers as plain values, independent of any HTTP library.

use bytes::Bytes;

/// A request to a service.
#[derive(Clone)]
pub struct Request {
    /// `GET`, `PUT`, …
    pub method: String,
    /// The host, with neither scheme nor port.
    pub host: String,
    /// The path, percent-encoded as sent.
    pub path: String,
    /// The query without its question mark, percent-encoded as sent; empty when there is none.
    pub query: String,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Bytes,
}

impl Request {
    /// The value of the header `name`, which is given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A service's answer to a request.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// Headers whose names are only known at run time, such as an object's metadata.
    pub more: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// Whether the connection breaks after half of the body.
    pub truncated: bool,
}

impl Reply {
    /// An answer with a status and a body of a content type.
    #[must_use]
    pub fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type", content_type.to_owned())];
        Self { status, headers, more: Vec::new(), body: body.into(), truncated: false }
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Flips one bit of the body, if there is one.
    #[must_use]
    pub fn corrupted(self) -> Self {
        let mut body = self.body.to_vec();
        let middle = body.len() / 2;
        if let Some(byte) = body.get_mut(middle) {
            *byte ^= 1;
        }
        Self { body: Bytes::from(body), ..self }
    }
}

/// The pairs of a query string or an HTML form, decoded, in their order.
#[must_use]
pub fn form_pairs(text: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// `text` with its percent-escapes undone; bytes that are not UTF-8 become the replacement character.
pub(crate) fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}
