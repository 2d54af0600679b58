//! What an order no longer holds: versions of its final documents that a later one has replaced, and runs that a later one has
//! followed. Each is an item, so that an order does not grow with them.

use domain::id::RunNumber;
use domain::order::Order;
use domain::run::Run;
use domain::version::{Version, held};
use futures_util::future::join_all;

use super::Store;
use super::execution::PUT_COUNT;
use crate::item::{self, Item};
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
            let puts = some.iter().map(|version| async { self.put_missing(item::from_version(version)?).await });
            join_all(puts).await.into_iter().collect::<Result<(), _>>()?;
        }
        Ok(())
    }

    /// All runs of an order, its current one last.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn runs(&self, order: &Order) -> Result<Vec<Run>, Error> {
        let mut runs = Vec::new();
        if order.run() > RunNumber::FIRST {
            for found in self.items(order.firm_id(), order.order_id(), key::RUN).await? {
                let run = item::to_run("Query", found)?;
                if run.is_of(order) && run.number() < order.run() {
                    runs.push(run);
                }
            }
        }
        runs.push(Run::current(order));
        Ok(runs)
    }

    /// Stores runs that the table lacks, as after a loss of the table.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn restore_runs(&self, runs: &[Run]) -> Result<(), Error> {
        for some in runs.chunks(PUT_COUNT) {
            let puts = some.iter().map(|run| async { self.put_missing(item::from_run(run)?).await });
            join_all(puts).await.into_iter().collect::<Result<(), _>>()?;
        }
        Ok(())
    }

    async fn put_missing(&self, item: Item) -> Result<(), Error> {
        const OPERATION: &str = "PutItem";
        let request = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let request = request.condition_expression("attribute_not_exists(pk)");
        Self::refused_put(OPERATION, request.send().await.map(drop)).map(drop)
    }
}
