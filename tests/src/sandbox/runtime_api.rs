//! Serves the Lambda Runtime API of one execution environment on a loopback port.

use std::io::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::io::BufStream;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc};
use tokio::task::AbortHandle;

use super::http::{self, Head};

/// What a function receives at its next poll.
pub(super) struct Task {
    pub(super) request_id: String,
    pub(super) function_arn: String,
    /// Its deadline, in milliseconds since 1970.
    pub(super) deadline_ms: i64,
    pub(super) event: Bytes,
}

/// What a function reports.
#[derive(Debug)]
pub(super) enum FunctionReport {
    /// It polls for its next event.
    Polling,
    /// It answered.
    Answer { request_id: String, body: Bytes },
    /// It failed.
    Failed { request_id: String, body: Value },
    /// It could not start.
    InitFailed(Value),
}

/// The API. It serves until it is dropped.
pub(super) struct RuntimeApi {
    pub(super) address: SocketAddr,
    pub(super) tasks: mpsc::UnboundedSender<Task>,
    pub(super) reports: mpsc::UnboundedReceiver<FunctionReport>,
    accepting: AbortHandle,
}

struct State {
    tasks: Mutex<mpsc::UnboundedReceiver<Task>>,
    reports: mpsc::UnboundedSender<FunctionReport>,
}

impl RuntimeApi {
    pub(super) async fn listen() -> Result<Self, Error> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (tasks, to_hand_out) = mpsc::unbounded_channel();
        let (to_report, reports) = mpsc::unbounded_channel();
        let state = Arc::new(State { tasks: Mutex::new(to_hand_out), reports: to_report });
        let accepting = tokio::spawn(accept(listener, state)).abort_handle();
        Ok(Self { address, tasks, reports, accepting })
    }

    /// The function's next report, unless it takes longer than `limit`.
    pub(super) async fn next(&mut self, limit: Duration) -> Option<FunctionReport> {
        tokio::time::timeout(limit, self.reports.recv()).await.ok().flatten()
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            // A broken connection means that the function ended; its process shows how.
            let _ = serve_requests(stream, &state).await;
        });
    }
}

async fn serve_requests(stream: TcpStream, state: &State) -> Result<(), Error> {
    stream.set_nodelay(true)?;
    let mut stream = BufStream::new(stream);
    while let Some((head, body)) = http::read(&mut stream).await? {
        let path = head.target.trim_start_matches("/2018-06-01/runtime/").to_owned();
        match (head.method.as_str(), path.split('/').collect::<Vec<_>>().as_slice()) {
            ("GET", ["invocation", "next"]) => {
                let _ = state.reports.send(FunctionReport::Polling);
                let Some(task) = state.tasks.lock().await.recv().await else { return Ok(()) };
                hand_out(&mut stream, &task).await?;
            }
            ("POST", path) => match report_of(path, &head, body) {
                Some(report) => {
                    let _ = state.reports.send(report);
                    http::write(&mut stream, 202, &[], b"").await?;
                }
                None => http::write(&mut stream, 404, &[], b"").await?,
            },
            _ => http::write(&mut stream, 404, &[], b"").await?,
        }
    }
    Ok(())
}

async fn hand_out(stream: &mut BufStream<TcpStream>, task: &Task) -> Result<(), Error> {
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", task.request_id.clone()),
        ("lambda-runtime-deadline-ms", task.deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", task.function_arn.clone()),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value));
    http::write(stream, 200, &headers, &task.event).await
}

fn report_of(path: &[&str], head: &Head, body: Bytes) -> Option<FunctionReport> {
    match path {
        ["invocation", request_id, "response"] => {
            Some(FunctionReport::Answer { request_id: (*request_id).to_owned(), body })
        }
        ["invocation", request_id, "error"] => {
            Some(FunctionReport::Failed { request_id: (*request_id).to_owned(), body: error(head, &body) })
        }
        ["init", "error"] => Some(FunctionReport::InitFailed(error(head, &body))),
        _ => None,
    }
}

/// The error in the body. Its type is also in a header, which is used if the body has none.
fn error(head: &Head, body: &[u8]) -> Value {
    let mut error: Value = serde_json::from_slice(body).unwrap_or_default();
    if error["errorType"].is_null() {
        error["errorType"] = head.header("lambda-runtime-function-error-type").into();
    }
    error
}
