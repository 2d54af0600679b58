//! Versions of an order's final documents, and their download.

use aws::key;
use axum::body::Body;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::id::OrderId;
use domain::order::Artifact;
use serde::Deserialize;

use crate::access::Signed;
use crate::command::find;
use crate::problem::{Problem, ProblemDocument};
use crate::request::OrderPath;
use crate::view::VersionView;
use crate::{Api, Uploads};

/// Lists the versions of an order's final documents, by number.
#[utoipa::path(get, path = "/v1/orders/{order}/artifacts", tag = "orders", params(("order" = String, Path)),
    responses((status = 200, body = Vec<VersionView>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn list(
    State(api): State<Api>,
    Signed(person): Signed,
    OrderPath(id): OrderPath,
) -> Result<axum::Json<Vec<VersionView>>, Problem> {
    let order = find(&api, &person, id).await?;
    let versions = api.pipeline.store.versions(&order).await?;
    Ok(axum::Json(versions.iter().map(|version| VersionView::of(&order, version)).collect()))
}

/// A final document in the path.
pub(crate) struct ArtifactPath {
    order: OrderId,
    version: u32,
    name: String,
}

/// Variables of such a path.
#[derive(Deserialize)]
struct Variables {
    order: OrderId,
    version: u32,
    name: String,
}

impl<S: Send + Sync> FromRequestParts<S> for ArtifactPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<Variables>::from_request_parts(parts, state).await;
        let axum::extract::Path(Variables { order, version, name }) = path.map_err(|_| Problem::no_order())?;
        Ok(Self { order, version, name })
    }
}

/// Downloads a final document: leads to S3, where that is within the caller's reach.
#[utoipa::path(get, path = "/v1/orders/{order}/artifacts/{version}/{name}", tag = "orders",
    params(("order" = String, Path), ("version" = u32, Path), ("name" = String, Path)),
    responses((status = 303, description = "Where the file is", headers(("Location" = String))),
        (status = 200, description = "The file itself", content_type = "application/octet-stream"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn download(
    State(api): State<Api>,
    Signed(person): Signed,
    path: ArtifactPath,
) -> Result<Response, Problem> {
    let order = find(&api, &person, path.order).await?;
    let versions = api.pipeline.store.versions(&order).await?;
    let found = versions
        .iter()
        .filter(|version| version.number() == path.version)
        .flat_map(|version| version.artifacts())
        .find(|artifact| artifact.name == path.name)
        .ok_or_else(no_artifact)?;
    let target = key::artifact(&order, found.run, &found.name);
    match api.uploads {
        Uploads::ToBucket => {
            let signed = api.bucket.presign_download(&target, &found.name, api.pipeline.clock.now()).await?;
            Ok((StatusCode::SEE_OTHER, [(header::LOCATION, signed.url)]).into_response())
        }
        Uploads::ThroughApi => {
            let object = api.bucket.find(&target, aws::bucket::OBJECT_BYTES_MAX).await?.ok_or_else(no_artifact)?;
            Ok(attachment(found, object.bytes))
        }
    }
}

fn no_artifact() -> Problem {
    let action = "GET /v1/orders/{order}/artifacts lists what there is.";
    Problem::new(StatusCode::NOT_FOUND, "artifact.not_found", "No such document", action)
}

/// A file that a browser saves and does not show.
fn attachment(artifact: &Artifact, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    let disposition = format!("attachment; filename*=UTF-8''{}", aws::bucket::encode_name(&artifact.name));
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}
