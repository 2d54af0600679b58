//! Documents of a draft: their numbers, and their uploads.

use aws::key;
use axum::body::Body;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::audit::AuditAction;
use domain::event::EventKind;
use domain::id::{DocumentNumber, OrderId};
use domain::limit::{DOCUMENT_COUNT_MAX, UPLOAD_BYTES_MAX};
use domain::order::Order;
use domain::person::{Person, Role};
use domain::receipt::Receipt;
use domain::status::Status;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::Signed;
use crate::command::{Command, change, find};
use crate::problem::{Problem, ProblemDocument};
use crate::request::{IdempotencyKey, Json, OrderPath, digest};
use crate::view::{ExecutionView, executions};
use crate::{Api, Uploads};

/// Files that one request announces.
const FILE_COUNT_MAX: usize = 100;
/// Characters of a file's name.
const FILE_NAME_CHARS_MAX: usize = 255;
/// The type of a file that names none.
const BYTES: &str = "application/octet-stream";

/// Files to be uploaded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FilesBody {
    /// The files, at most 100 at a time.
    pub files: Vec<FileBody>,
}

/// A file to be uploaded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileBody {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its media type.
    #[serde(default)]
    pub content_type: Option<String>,
}

/// A document and how to upload it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentView {
    /// Number of the document, from 1.
    pub document: u32,
    /// HTTP method of the upload.
    pub method: String,
    /// Address of the upload.
    pub url: String,
    /// Headers to send with the upload, as pairs of name and value.
    pub headers: Vec<(String, String)>,
    /// How long the upload may begin, in seconds.
    pub expires_in_seconds: u64,
}

/// Lists the executions of an order's documents in the current state.
#[utoipa::path(get, path = "/v1/orders/{order}/documents", tag = "orders", params(("order" = String, Path)),
    responses((status = 200, body = Vec<ExecutionView>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn list(
    State(api): State<Api>,
    Signed(person): Signed,
    OrderPath(id): OrderPath,
) -> Result<axum::Json<Vec<ExecutionView>>, Problem> {
    let order = find(&api, &person, id).await?;
    let all = api.pipeline.store.executions(&person.firm, id).await?;
    Ok(axum::Json(executions(&order, &all)))
}

/// Adds files to a draft, and says how to upload each.
#[utoipa::path(post, path = "/v1/orders/{order}/documents", tag = "orders", request_body = FilesBody,
    params(("order" = String, Path), ("Idempotency-Key" = String, Header, pattern = "^[!-~]{1,128}$", description = "A random value; the same one in a repeat")),
    responses((status = 201, body = Vec<DocumentView>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn add(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
    key: IdempotencyKey,
    body: Json<FilesBody>,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Preparer, Role::Operator])?;
    let files = body.value.files;
    if files.is_empty() || files.len() > FILE_COUNT_MAX {
        return Err(Problem::malformed(format!("name 1 to {FILE_COUNT_MAX} files at a time")));
    }
    files.iter().try_for_each(check)?;
    let count = u32::try_from(files.len()).unwrap_or(u32::MAX);
    let receipt = add_documents(&api, &person, &key, id, count, &body.digest).await?;
    let mut views = Vec::new();
    for (file, number) in files.iter().zip(numbers(&receipt)) {
        views.push(upload(&api, &person, id, number, file).await?);
    }
    Ok((StatusCode::CREATED, axum::Json(views)).into_response())
}

/// Gives new documents of a draft their numbers.
pub(crate) async fn add_documents(
    api: &Api,
    person: &Person,
    key: &IdempotencyKey,
    id: OrderId,
    count: u32,
    asked: &str,
) -> Result<Receipt, Problem> {
    let command = Command {
        by: person,
        key,
        fingerprint: digest(&["documents", asked]),
        action: AuditAction::DocumentsAdded,
        reason: None,
    };
    change(api, command, id, |_| Ok(EventKind::DocumentsAdded { count })).await
}

/// The numbers that a command gave to documents.
pub(crate) fn numbers(receipt: &Receipt) -> impl Iterator<Item = DocumentNumber> {
    let before = receipt.documents_before;
    DocumentNumber::all(receipt.documents.min(DOCUMENT_COUNT_MAX)).filter(move |number| number.get() > before)
}

/// Checks a file before it is uploaded.
pub(crate) fn check(file: &FileBody) -> Result<(), Problem> {
    let characters = file.name.chars().count();
    if !(1..=FILE_NAME_CHARS_MAX).contains(&characters) || file.name.chars().any(char::is_control) {
        let rule = format!("a file's name has 1 to {FILE_NAME_CHARS_MAX} characters, none of them a control character");
        return Err(Problem::malformed(rule));
    }
    if file.content_type.as_deref().is_some_and(|kind| !is_media_type(kind)) {
        let action = "Name a media type such as text/csv, or none.";
        let unsupported = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Problem::new(unsupported, "file.media_type", "A file's type cannot be read", action));
    }
    check_size(file.bytes)
}

fn check_size(bytes: u64) -> Result<(), Problem> {
    if (1..=UPLOAD_BYTES_MAX).contains(&bytes) {
        return Ok(());
    }
    let action = "Upload a file that is not empty and not above the limit.";
    let problem = Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "file.too_large", "A file cannot be taken", action);
    Err(problem.with_detail(format!("a file has 1 to {UPLOAD_BYTES_MAX} bytes")))
}

fn is_media_type(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c);
    let token = |text: &str| !text.is_empty() && text.len() <= 127 && text.chars().all(allowed);
    text.split_once('/').is_some_and(|(kind, subtype)| token(kind) && token(subtype))
}

/// How a client uploads a document: to S3 itself, or through the API where S3 is not within its reach.
async fn upload(
    api: &Api,
    person: &Person,
    id: OrderId,
    number: DocumentNumber,
    file: &FileBody,
) -> Result<DocumentView, Problem> {
    let kind = file.content_type.as_deref().unwrap_or(BYTES);
    let expires_in_seconds = aws::bucket::PRESIGNED_SECS;
    Ok(match api.uploads {
        Uploads::ToBucket => {
            let target = key::document(&person.firm, id, number);
            let now = api.pipeline.clock.now();
            let signed = api.bucket.presign_upload(&target, &file.name, kind, file.bytes, now).await?;
            let document = number.get();
            DocumentView {
                document,
                method: signed.method,
                url: signed.url,
                headers: signed.headers,
                expires_in_seconds,
            }
        }
        Uploads::ThroughApi => DocumentView {
            document: number.get(),
            method: "PUT".to_owned(),
            url: format!("/v1/orders/{id}/documents/{number}/content"),
            headers: vec![(FILE_NAME.to_owned(), aws::bucket::encode_name(&file.name))],
            expires_in_seconds,
        },
    })
}

/// The header that names an uploaded file, percent-encoded.
const FILE_NAME: &str = "x-file-name";

/// An order and one of its documents in the path.
pub(crate) struct DocumentPath(OrderId, DocumentNumber);

/// Variables of such a path.
#[derive(Deserialize)]
struct Variables {
    order: OrderId,
    document: DocumentNumber,
}

impl<S: Send + Sync> FromRequestParts<S> for DocumentPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<Variables>::from_request_parts(parts, state).await;
        let axum::extract::Path(Variables { order, document }) = path.map_err(|_| Problem::no_order())?;
        Ok(Self(order, document))
    }
}

/// Uploads the content of a small document through the API. Sending it again replaces it.
#[utoipa::path(put, path = "/v1/orders/{order}/documents/{document}/content", tag = "orders",
    params(("order" = String, Path), ("document" = u32, Path)), request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 204, description = "Stored"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn put_content(
    State(api): State<Api>,
    signed: Signed,
    DocumentPath(id, number): DocumentPath,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let person = signed.with_any_of(&[Role::Preparer, Role::Operator])?;
    let order = find(&api, &person, id).await?;
    check_draft(&order, number)?;
    let limit = api.uploads.bytes_max();
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let read = axum::body::to_bytes(body, usize::try_from(limit).unwrap_or(usize::MAX)).await;
    let bytes = read.map_err(|_| too_large(limit))?;
    check_size(bytes.len() as u64)?;
    let name = headers.get(FILE_NAME).and_then(|value| value.to_str().ok()).map(aws::bucket::decode_name);
    let name = name.unwrap_or_else(|| format!("document-{number}"));
    api.bucket.put_document(&key::document(&person.firm, id, number), bytes.to_vec(), &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Only a draft takes files: what was processed stays what it was.
fn check_draft(order: &Order, number: DocumentNumber) -> Result<(), Problem> {
    if order.status() != Status::Draft {
        let action = "Order again with the other file.";
        let title = "The order has been processed with its files";
        return Err(Problem::new(StatusCode::CONFLICT, "order.processed", title, action).about(order));
    }
    if number.get() > order.documents() { Err(Problem::no_order()) } else { Ok(()) }
}

fn too_large(limit: u64) -> Problem {
    let action = "Upload the file to the address that POST /v1/orders/{order}/documents gives.";
    let problem = Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "file.too_large", "Too large for this way", action);
    problem.with_detail(format!("at most {limit} bytes can be sent through the API"))
}
