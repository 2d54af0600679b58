//! Failure records.

use domain::failure::{FailureId, FailureRecord};
use domain::id::{FirmId, OrderId, RunNumber};

use super::{Store, StoredFailure};
use crate::item::Item;
use crate::{Error, item, key};

impl Store {
    /// All failure records of an order, by id.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn failures(&self, firm: &FirmId, order: OrderId) -> Result<Vec<StoredFailure>, Error> {
        let found = self.items(firm, order, &key::failure("")).await?;
        found.into_iter().map(|found| item::to_failure("Query", found)).collect()
    }

    /// The records of the failures of a run's documents, by id. Those that cannot be read are left out.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn document_failures(
        &self,
        firm: &FirmId,
        order: OrderId,
        run: RunNumber,
    ) -> Result<Vec<StoredFailure>, Error> {
        let found = self.items(firm, order, &key::failure(&FailureId::prefix_of_documents(run))).await?;
        Ok(found.into_iter().filter_map(|found| item::to_failure("Query", found).ok()).collect())
    }

    /// Records a failure that is not part of an order's write, e.g. of a command that could not be read, with its alert
    /// owed. A failure that is already recorded does not change.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn record_failure(&self, record: &FailureRecord) -> Result<(), Error> {
        self.put_if_absent(item::from_failure(record)?).await
    }

    /// Writes an item unless there is one under its key.
    pub(super) async fn put_if_absent(&self, item: Item) -> Result<(), Error> {
        const OPERATION: &str = "PutItem";
        let request = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let result = request.condition_expression("attribute_not_exists(pk)").send().await;
        Self::refused_put(OPERATION, result.map(drop)).map(drop)
    }
}
