//! The toy service: counts the words of text files. `docs/ADDING-A-SERVICE.md` walks through it.

use aws::key;
use domain::failure::Failure;
use domain::order::Artifact;
use domain::phase::Phase;
use runtime::phase::{Job, Outcome};
use runtime::result;
use runtime::service::{Presentation, Report, Resources, Service};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Bytes of the largest file that is read.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Name of the artifact.
const TALLY: &str = "tally.json";

const NO_DOCUMENT: Failure = Failure::permanent("toy.no_document", "The order has no file. Order again with one.");
const NOT_TEXT: Failure = Failure::permanent("toy.not_text", "The file is no UTF-8 text. Save it as UTF-8.");
const UNWRITABLE: Failure = Failure::permanent("toy.unwritable", "The tally cannot be written. Retry the order.");

/// The toy service.
pub struct Toy;

/// What `classify` hands to the later phases.
#[derive(Deserialize, Serialize)]
struct Tally {
    /// Words of each document by its number.
    documents: Vec<(u32, usize)>,
    words: usize,
}

impl Service for Toy {
    const PRESENTATION: Presentation =
        Presentation { files: "text files", report: Some(Report { artifact: TALLY, fields: report }), ..Presentation::PLAIN };

    /// Counts the words of one document.
    async fn extract(resources: &Resources, job: &mut Job) -> Result<Outcome, Failure> {
        let order = &job.order;
        let document = job.unit.document.ok_or(NO_DOCUMENT)?;
        let upload = key::document(order.firm_id(), order.order_id(), document);
        let object = resources.bucket.get(&upload, FILE_BYTES_MAX).await.map_err(|error| Failure::vetted(&error))?;
        let text = std::str::from_utf8(&object.bytes).map_err(|_| NOT_TEXT)?;
        let words = text.split_whitespace().count();
        let result = key::execution(order, order.run(), document);
        result::write_at(&resources.bucket, &result, &words).await?;
        Ok(Outcome::Result(result))
    }

    /// Adds the documents up.
    async fn classify(resources: &Resources, job: &mut Job) -> Result<Outcome, Failure> {
        let order = &job.order;
        let mut tally = Tally { documents: Vec::new(), words: 0 };
        for (document, key) in result::of_executions(&resources.pipeline, order).await? {
            let words = result::read_at(&resources.bucket, &key).await?;
            tally.documents.push((document.get(), words));
            tally.words += words;
        }
        result::write(&resources.bucket, order, Phase::Classify, &tally).await?;
        Ok(Outcome::Done)
    }

    /// Asks a person about documents without a word.
    async fn review(resources: &Resources, job: &mut Job) -> Result<Outcome, Failure> {
        let tally: Tally = result::read(&resources.bucket, &job.order, Phase::Classify).await?;
        let empty = tally.documents.iter().filter(|(_, words)| *words == 0);
        let items: Vec<_> = empty.map(|(document, _)| json!({ "line": document, "reason": "no word in it" })).collect();
        result::write(&resources.bucket, &job.order, Phase::Review, &items).await?;
        match u32::try_from(items.len()).unwrap_or(u32::MAX) {
            0 => Ok(Outcome::Done),
            waiting => Ok(Outcome::ReviewNeeded(waiting)),
        }
    }

    // There is nothing to validate, so `validate` is left as it is.

    /// Writes the tally.
    async fn generate(resources: &Resources, job: &mut Job) -> Result<Outcome, Failure> {
        let tally: Tally = result::read(&resources.bucket, &job.order, Phase::Classify).await?;
        job.start_rendering(&resources.pipeline).await?;
        let bytes = serde_json::to_vec(&tally).map_err(|_| UNWRITABLE)?;
        let (order, run) = (&job.order, job.unit.run);
        let stored = resources
            .bucket
            .put_once(&key::artifact(order, run, TALLY), bytes, "application/json")
            .await
            .map_err(|error| Failure::vetted(&error))?;
        let artifact = Artifact { version: 0, run, name: TALLY.to_owned(), sha256: stored.sha256, bytes: stored.bytes };
        Ok(Outcome::Artifacts(vec![artifact]))
    }
}

/// The number of words in the order's JSON report.
fn report(tally: Option<&[u8]>) -> Map<String, Value> {
    let tally = tally.and_then(|bytes| serde_json::from_slice::<Tally>(bytes).ok());
    Map::from_iter([("words".to_owned(), json!(tally.map(|tally| tally.words)))])
}
