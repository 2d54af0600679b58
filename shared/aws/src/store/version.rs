//! Versions of final documents that a later one has replaced. Each is an item, so that an order does not grow with them.

use domain::order::Order;
use domain::version::{Version, held};
use futures_util::future::join_all;

use super::Store;
use super::execution::PUT_COUNT;
use crate::item;
use crate::{Error, key};

impl Store {
    /// All versions of an order's final documents, by number.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn versions(&self, order: &Order) -> Result<Vec<Version>, Error> {
        let mut versions = held(order);
        if order.artifact_version() > 1 {
            for found in self.items(order.firm_id(), order.order_id(), key::VERSION).await? {
                let version = item::to_version("Query", found)?;
                if version.is_of(order) && versions.iter().all(|known| known.number() != version.number()) {
                    versions.push(version);
                }
            }
        }
        versions.sort_by_key(Version::number);
        Ok(versions)
    }

    /// Stores versions that the table lacks, as after a loss of the table.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn restore_versions(&self, versions: &[Version]) -> Result<(), Error> {
        for some in versions.chunks(PUT_COUNT) {
            let puts = some.iter().map(|version| self.put_missing_version(version));
            join_all(puts).await.into_iter().collect::<Result<(), _>>()?;
        }
        Ok(())
    }

    async fn put_missing_version(&self, version: &Version) -> Result<(), Error> {
        const OPERATION: &str = "PutItem";
        let request = self.client.put_item().table_name(&self.table).set_item(Some(item::from_version(version)?));
        let request = request.condition_expression("attribute_not_exists(pk)");
        Self::refused_put(OPERATION, request.send().await.map(drop)).map(drop)
    }
}
