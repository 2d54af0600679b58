//! Reads a borrower's financial statement within limits, and stores what was read.

use aws::key;
use documents::Limits;
use domain::failure::Failure;
use runtime::panics::compute;
use runtime::phase::{Job, Outcome};
use runtime::result;
use runtime::service::Resources;

const STOPPED: Failure = Failure::permanent(
    "file.reader_stopped",
    "The file crashed the reader. Save it again from a spreadsheet program, or send it as CSV.",
);
const NO_DOCUMENT: Failure =
    Failure::permanent("order.no_documents", "The order has no documents. Order again with at least one file.");

pub(crate) async fn extract(resources: &Resources, job: &Job) -> Result<Outcome, Failure> {
    let order = &job.order;
    let document = job.unit.document.ok_or(NO_DOCUMENT)?;
    let limits = Limits::default();
    let upload = key::document(order.firm_id(), order.order_id(), document);
    let object = resources.bucket.get(&upload, limits.file_bytes_max).await.map_err(|error| Failure::vetted(&error))?;
    let reading = compute(move || {
        let name = object.file_name.as_deref().unwrap_or_default();
        documents::read(name, document.get(), &object.bytes, &limits)
    });
    let extraction = reading.await.map_err(|_| STOPPED)?.map_err(|error| Failure::vetted(&error))?;
    let result = key::execution(order, order.run(), document);
    result::write_at(&resources.bucket, &result, &extraction).await?;
    Ok(Outcome::Result(result))
}
