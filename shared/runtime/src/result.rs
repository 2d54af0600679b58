//! Stores and reads the results of phases: JSON in the document bucket, under a key that contains the run.

use aws::bucket::{Bucket, OBJECT_BYTES_MAX, Stored};
use aws::key;
use domain::execution;
use domain::failure::Failure;
use domain::id::DocumentNumber;
use domain::order::Order;
use domain::phase::Phase;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::panics::compute;
use crate::pipeline::Pipeline;

const UNREADABLE: Failure = Failure::permanent(
    "result.unreadable",
    "The result of an earlier phase cannot be read. Retry the order from extract, which makes every result anew.",
);

/// The layout that results are stored in, whatever phase and service they are of. It is raised with every change that the
/// code before cannot read. Results of a higher layout count as unreadable, so that no half of them is taken for the whole.
/// Code that raises it reads this one as well: orders are in progress when it is deployed.
pub const RESULT_LAYOUT: u32 = 1;

const INCOMPLETE: Failure = Failure::unavailable(
    "executions.incomplete",
    "The table lacked an execution that has ended for a day. Look why reconciliation did not restore it, then retry the order.",
);

/// Stores a phase's result of the current run. Storing it again changes nothing.
///
/// # Errors
/// A [`Failure`] that says whether a retry may help.
pub async fn write(bucket: &Bucket, order: &Order, phase: Phase, value: &impl Serialize) -> Result<Stored, Failure> {
    write_at(bucket, &key::result(order, order.run(), phase), value).await
}

/// Stores JSON under a key. Storing it again changes nothing.
///
/// # Errors
/// A [`Failure`] that says whether a retry may help.
pub async fn write_at(bucket: &Bucket, key: &str, value: &impl Serialize) -> Result<Stored, Failure> {
    let bytes = serde_json::to_vec(value).map_err(|_| UNREADABLE)?;
    bucket.put_result(key, bytes, RESULT_LAYOUT).await.map_err(|error| Failure::vetted(&error))
}

/// Reads the result of an earlier phase, under the run that made it.
///
/// # Errors
/// A [`Failure`] that says whether a retry may help.
pub async fn read<T: DeserializeOwned + Send + 'static>(
    bucket: &Bucket,
    order: &Order,
    phase: Phase,
) -> Result<T, Failure> {
    let run = order.result_run(phase).ok_or(UNREADABLE)?;
    read_at(bucket, &key::result(order, run, phase)).await
}

/// The numbers of an order's executions that have a result, each with its key in the document bucket. Those that failed have
/// none.
///
/// # Errors
/// A transient [`Failure`] when they cannot be read now, also while some of them are still being restored.
pub async fn of_executions(pipeline: &Pipeline, order: &Order) -> Result<Vec<(DocumentNumber, String)>, Failure> {
    let all = pipeline.store.executions(order.firm_id(), order.order_id()).await;
    let all = all.map_err(|error| Failure::vetted(&error))?;
    let completed = execution::completed(order, &all).ok_or(INCOMPLETE)?;
    let keyed = completed.into_iter().filter_map(|one| Some((one.number(), one.result()?.to_owned())));
    Ok(keyed.collect())
}

/// Reads JSON from a key.
///
/// # Errors
/// A [`Failure`] that says whether a retry may help.
pub async fn read_at<T: DeserializeOwned + Send + 'static>(bucket: &Bucket, key: &str) -> Result<T, Failure> {
    let object = bucket.get(key, OBJECT_BYTES_MAX).await.map_err(|error| Failure::vetted(&error))?;
    if object.layout > RESULT_LAYOUT {
        return Err(UNREADABLE);
    }
    compute(move || serde_json::from_slice(&object.bytes).map_err(|_| UNREADABLE)).await?
}
