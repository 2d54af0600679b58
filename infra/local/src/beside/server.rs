//! Answers commands for the AWS in this process.

use std::io;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::response::{IntoResponse, Response};
use engine::Aws;
use engine::wire;
use tokio::net::UnixListener;

/// Size limit of a request, in bytes. Commands upload whole files.
const REQUEST_BYTES_MAX: usize = 256 * 1024 * 1024;

/// A socket in a folder that only this user can enter. Both are removed when it is dropped.
pub(crate) struct Socket {
    folder: PathBuf,
    /// Its path.
    pub(crate) path: PathBuf,
    listener: Option<UnixListener>,
}

/// Opens a socket. It is not in the data folder, because the path of a socket is limited to about a hundred characters. `name` is
/// a name that nobody can guess.
///
/// # Errors
/// When the folder or the socket cannot be made.
pub(crate) fn listen(name: &str) -> io::Result<Socket> {
    let folder = std::env::temp_dir().join(format!("docket-{name}"));
    let mut builder = std::fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&folder)?;
    let path = folder.join("aws");
    match UnixListener::bind(&path) {
        Ok(listener) => Ok(Socket { folder, path, listener: Some(listener) }),
        Err(error) => {
            remove(&folder, &path);
            Err(error)
        }
    }
}

impl Socket {
    /// Answers commands for as long as the future lives.
    ///
    /// # Errors
    /// Never, as far as is known; a connection that breaks ends alone.
    pub(crate) async fn serve(&mut self, aws: Aws) -> io::Result<()> {
        let Some(listener) = self.listener.take() else { return Ok(()) };
        axum::serve(listener, Router::new().fallback(answer).with_state(aws)).await
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        remove(&self.folder, &self.path);
    }
}

fn remove(folder: &Path, socket: &Path) {
    let _ = std::fs::remove_file(socket);
    let _ = std::fs::remove_dir(folder);
}

async fn answer(State(aws): State<Aws>, request: Request) -> Response {
    let Some(request) = read(request).await else { return StatusCode::BAD_REQUEST.into_response() };
    let Ok(reply) = aws.answer(request).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let mut response = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    for (name, value) in &reply.more {
        response = response.header(name, value);
    }
    response.body(Body::from(reply.body)).unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

async fn read(request: Request) -> Option<wire::Request> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, REQUEST_BYTES_MAX).await.ok()?;
    let mut headers = Vec::new();
    for (name, value) in &parts.headers {
        headers.push((name.as_str().to_owned(), value.to_str().ok()?.to_owned()));
    }
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    Some(wire::Request {
        method: parts.method.to_string(),
        host: host.split(':').next().unwrap_or_default().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers,
        body,
    })
}
