//! Serves this process's AWS on a loopback port, for functions in other processes.

use std::io::Error;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use engine::Aws;
use engine::wire::Request;
use tokio::io::{AsyncRead, AsyncWrite, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;

use super::certificate::Certificate;
use super::http::{self, Head};

/// The server that a function's `AWS_ENDPOINT_URL` names. It serves until it is dropped, on the thread that created it.
pub struct Gateway {
    address: SocketAddr,
    scheme: &'static str,
    aws: Arc<Mutex<Option<Aws>>>,
    accepting: AbortHandle,
}

impl Gateway {
    /// Listens on a free port.
    ///
    /// # Errors
    /// When no port is available.
    pub async fn listen() -> Result<Self, Error> {
        Self::listen_as("http", None).await
    }

    /// Listens over TLS, as the real AWS does.
    ///
    /// # Errors
    /// When no port is available.
    pub async fn listen_tls(certificate: &Certificate) -> Result<Self, Error> {
        Self::listen_as("https", Some(certificate.acceptor())).await
    }

    async fn listen_as(scheme: &'static str, tls: Option<TlsAcceptor>) -> Result<Self, Error> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let aws = Arc::default();
        let accepting = tokio::spawn(accept(listener, tls, Arc::clone(&aws))).abort_handle();
        Ok(Self { address, scheme, aws, accepting })
    }

    /// The URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Answers with `aws` from now on.
    pub fn serve(&self, aws: &Aws) {
        *self.aws.lock().unwrap_or_else(PoisonError::into_inner) = Some(aws.clone());
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, aws: Arc<Mutex<Option<Aws>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (aws, tls) = (Arc::clone(&aws), tls.clone());
        tokio::spawn(async move {
            // Broken connections are reported by the client.
            let _ = serve_connection(stream, tls, &aws).await;
        });
    }
}

async fn serve_connection(stream: TcpStream, tls: Option<TlsAcceptor>, aws: &Mutex<Option<Aws>>) -> Result<(), Error> {
    stream.set_nodelay(true)?;
    match tls {
        Some(tls) => serve_requests(tls.accept(stream).await?, aws).await,
        None => serve_requests(stream, aws).await,
    }
}

async fn serve_requests(stream: impl AsyncRead + AsyncWrite + Unpin, aws: &Mutex<Option<Aws>>) -> Result<(), Error> {
    let mut stream = BufStream::new(stream);
    while let Some((head, body)) = http::read(&mut stream).await? {
        let aws = aws.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(aws) = aws else { return Ok(()) };
        let without_body = head.method == "HEAD";
        // An injected reset: the connection ends without an answer.
        let Ok(reply) = aws.answer(request(head, body)).await else { return Ok(()) };
        let named = reply.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let headers: Vec<_> = named.chain(reply.more).collect();
        let body = if without_body { &[][..] } else { &reply.body[..] };
        http::write(&mut stream, reply.status, &headers, body).await?;
    }
    Ok(())
}

/// The request as the engine expects it: addressed to a service's own host. On loopback only the signature names the
/// service.
fn request(head: Head, body: Bytes) -> Request {
    let host = format!("{}.amazonaws.com", head.header("authorization").and_then(service).unwrap_or("s3"));
    let (path, query) = head.target.split_once('?').unwrap_or((&head.target, ""));
    let (path, query) = (path.to_owned(), query.to_owned());
    Request { method: head.method, host, path, query, headers: head.headers, body }
}

/// The service in a signature's credential scope: `Credential=key/date/region/service/aws4_request`.
fn service(authorization: &str) -> Option<&str> {
    authorization.split("Credential=").nth(1)?.split('/').nth(3)
}
