//! New orders, and files for drafts.

use aws::key;
use axum::extract::{Multipart, State};
use axum::response::Response;
use desk::page::{NewOrderPage, ServiceChoice};
use domain::id::OrderId;
use domain::limit::{DOCUMENT_COUNT_MAX, UPLOAD_BYTES_MAX};
use domain::option::{Confidence, Options};
use domain::person::{Person, Role};
use domain::service::ServiceCode;

use super::form::Form;
use super::{FORM_BYTES_MAX, frame, html_with_files, refused, see};
use crate::access::Signed;
use crate::problem::Problem;
use crate::request::{IdempotencyKey, OrderPath, digest};
use crate::route::document::{FileBody, add_documents, check, numbers};
use crate::route::order::{NewOrderBody, create_draft};
use crate::route::process::submit;
use crate::{Api, Uploads};

/// A file of a form.
struct File {
    name: String,
    bytes: Vec<u8>,
}

pub(super) async fn form(State(api): State<Api>, signed: Signed) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Preparer, Role::Operator])?;
    Ok(html_with_files(&api, page(&api, &person, &Form::of(Vec::new())).render()).await)
}

/// Bytes that a form may send with its files.
fn form_bytes_max(api: &Api) -> u64 {
    match api.uploads {
        Uploads::ThroughApi => FORM_BYTES_MAX,
        Uploads::ToBucket => api.uploads.bytes_max(),
    }
}

/// The form, as it was filled in.
fn page(api: &Api, person: &Person, filled: &Form) -> NewOrderPage {
    let offered = || ServiceCode::ALL.iter().copied().filter(|service| service.is_offered());
    let services: Vec<ServiceChoice> = offered()
        .map(|code| {
            let desk = services::desk(code);
            ServiceChoice { code, name: desk.name.to_owned(), needs: desk.needs.to_owned() }
        })
        .collect();
    let threshold = filled.text("auto_approve_above");
    let threshold = if threshold.is_empty() { "0.70" } else { threshold };
    NewOrderPage {
        frame: frame(api, person),
        idempotency_key: (api.correlate)(),
        chosen: filled.text("service_code").parse().ok().or_else(|| offered().next()),
        services,
        accept: String::new(),
        files_max: DOCUMENT_COUNT_MAX,
        bytes_max: form_bytes_max(api),
        uploads_directly: api.uploads == Uploads::ToBucket,
        file_bytes_max: UPLOAD_BYTES_MAX,
        may_weaken_review: person.is_any_of(&[Role::Reviewer, Role::Operator]),
        skip_review: filled.is_set("skip_review"),
        notify_on_completion: filled.is_set("notify_on_completion"),
        auto_approve_above: threshold.to_owned(),
    }
}

pub(super) async fn create(
    State(api): State<Api>,
    signed: Signed,
    body: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Preparer, Role::Operator])?;
    let (form, files) = read(body).await?;
    match make(&api, &person, &form, files).await {
        Ok((order, done)) => Ok(see(&format!("/orders/{order}?done={done}"))),
        Err(problem) => {
            let mut page = page(&api, &person, &form);
            page.frame = refused(page.frame, &problem);
            let mut response = html_with_files(&api, page.render()).await;
            *response.status_mut() = problem.status();
            Ok(response)
        }
    }
}

/// Creates an order with its files and, if that is asked for, has it processed.
async fn make(api: &Api, person: &Person, form: &Form, files: Vec<File>) -> Result<(OrderId, &'static str), Problem> {
    let key = form.key()?;
    let service_code = form
        .text("service_code")
        .parse()
        .map_err(|_| Problem::malformed("choose one of the services that are offered".to_owned()))?;
    let mut options = Options {
        skip_review: form.is_set("skip_review"),
        notify_on_completion: form.is_set("notify_on_completion"),
        ..Options::default()
    };
    if let Some(threshold) = Some(form.text("auto_approve_above")).filter(|text| !text.is_empty()) {
        let threshold: Result<Confidence, _> =
            threshold.parse::<f64>().map_err(drop).and_then(|number| Confidence::try_from(number).map_err(drop));
        options.auto_approve_above =
            threshold.map_err(|()| Problem::malformed("the threshold is a number between 0 and 1".to_owned()))?;
    }
    for file in &files {
        check(&FileBody { name: file.name.clone(), bytes: file.bytes.len() as u64, content_type: None })?;
    }
    let asked =
        ["service_code", "auto_approve_above", "skip_review", "notify_on_completion"].map(|name| form.text(name));
    let asked = digest(&asked);
    let order =
        create_draft(api, person, &key.of_part("create"), NewOrderBody { service_code, options }, &asked).await?;
    let id = order.order_id();
    if !files.is_empty() {
        upload(api, person, &key.of_part("files"), id, files).await?;
    }
    if form.text("action") == "draft" {
        return Ok((id, "created"));
    }
    submit(api, person, &key.of_part("process"), id).await?;
    Ok((id, "processing"))
}

pub(super) async fn add(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
    body: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Preparer, Role::Operator])?;
    let (form, files) = read(body).await?;
    let done = async {
        for file in &files {
            check(&FileBody { name: file.name.clone(), bytes: file.bytes.len() as u64, content_type: None })?;
        }
        if files.is_empty() {
            return Err(Problem::malformed("choose at least one file".to_owned()));
        }
        upload(&api, &person, &form.key()?, id, files).await
    };
    match done.await {
        Ok(()) => Ok(see(&format!("/orders/{id}?done=uploaded"))),
        Err(problem) => super::order::with_problem(&api, &person, id, &problem).await,
    }
}

/// Gives files their numbers and stores them.
async fn upload(
    api: &Api,
    person: &Person,
    key: &IdempotencyKey,
    id: OrderId,
    files: Vec<File>,
) -> Result<(), Problem> {
    let listed: Vec<String> =
        files.iter().flat_map(|file| [file.name.clone(), aws::bucket::digest(&file.bytes)]).collect();
    let asked = digest(&listed.iter().map(String::as_str).collect::<Vec<_>>());
    let count = u32::try_from(files.len()).unwrap_or(u32::MAX);
    let receipt = add_documents(api, person, key, id, count, &asked).await?;
    for (number, file) in numbers(&receipt).zip(files) {
        api.bucket.put_document(&key::document(&person.firm, id, number), file.bytes, &file.name).await?;
    }
    Ok(())
}

/// The fields and the files of a form. An empty file field is none.
async fn read(
    body: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<(Form, Vec<File>), Problem> {
    let broken = || Problem::malformed("the form cannot be read, or it is too large".to_owned());
    let mut body = body.map_err(|_| broken())?;
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    while let Some(field) = body.next_field().await.map_err(|_| broken())? {
        let name = field.name().unwrap_or_default().to_owned();
        match field.file_name().map(base_name) {
            Some(file) => {
                let bytes = field.bytes().await.map_err(|_| broken())?.to_vec();
                if !file.is_empty() {
                    files.push(File { name: file, bytes });
                }
            }
            None => fields.push((name, field.text().await.map_err(|_| broken())?)),
        }
        if fields.len() + files.len() > 2 * usize::try_from(DOCUMENT_COUNT_MAX).unwrap_or(usize::MAX) {
            return Err(broken());
        }
    }
    Ok((Form::of(fields), files))
}

/// A file's own name, where a browser sends that of its folder too.
fn base_name(name: &str) -> String {
    name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned()
}
