//! The AWS in this process: the handle that the SDK's clients, the driver and the tests hold.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use bytes::Bytes;
use tokio::sync::watch;

use super::account::Account;
use super::clock::Clock;
use super::dynamodb;
use super::identity::Identities;
use super::intercept::{Call, Interceptor, Service};
use super::lambda::{DeployedFunction, Deployment};

use super::s3;
use super::scope::Scope;
use super::sns::{self, Publication};
use super::sqlite::{NotDurable, Store};
use super::sqs;
use super::template::Stack;
use super::units::Meter;
use super::wire::{Reply, Request};

/// Why the stores could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory cannot be created or written.
    #[error("the data directory cannot be used; check its permissions and free space")]
    Directory(#[from] std::io::Error),
    /// The tables cannot be opened or written.
    #[error("the tables cannot be opened; is another process using the same data directory?")]
    Tables(#[source] dynoxide::DynoxideError),
    /// Queues, topics, buckets or schedules cannot be opened or written.
    #[error("the queues cannot be opened; is another process using the same data directory?")]
    Queues(#[from] rusqlite::Error),
    /// A change cannot be synced to disk.
    #[error("the data directory cannot be written; check its disk and free space")]
    Unwritable,
    /// DynamoDB refuses a table of the template.
    #[error("table {table} of the template is refused: {reason}")]
    Table {
        /// The table's logical id.
        table: String,
        /// DynamoDB's message.
        reason: String,
    },
}

impl From<NotDurable> for OpenError {
    fn from(_: NotDurable) -> Self {
        Self::Unwritable
    }
}

/// The file in a data directory that holds everything.
const FILE_NAME: &str = "aws.sqlite";

/// DynamoDB, SQS, SNS, S3 and the reading part of Lambda behind the SDK's HTTP connector.
///
/// Clones share the same state. In memory, the state lives as long as its handles. On a directory, it survives a kill at any
/// moment: an answer is given only after its effect is on disk.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use engine::{Aws, Clock};
/// let aws = Aws::memory(Clock::system()).unwrap();
/// aws.create_queue("extract").unwrap();
/// let sqs = aws_sdk_sqs::Client::new(&aws.sdk_config());
/// sqs.send_message().queue_url(aws.account().queue_url("extract")).message_body("{}").send().await.unwrap();
/// assert_eq!(aws.queue_depth("extract").unwrap().visible, 1);
/// # });
/// ```
#[derive(Clone)]
pub struct Aws(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) clock: Clock,
    pub(crate) account: Account,
    pub(crate) tables: dynamodb::Tables,
    pub(crate) store: Store,
    pub(crate) identities: Identities,
    functions: Mutex<Deployment>,
    /// Changes whenever a message may have become visible.
    pub(crate) activity: watch::Sender<u64>,
    wakes: Mutex<BTreeMap<String, u64>>,
    interceptor: Mutex<Option<Arc<dyn Interceptor>>>,
    calls: AtomicU64,
    /// The empty scope name of calls made outside any scope.
    unscoped: Arc<str>,
    counts: Mutex<Counts>,
    pub(crate) meter: Meter,
}

type Counts = BTreeMap<(Arc<str>, Service, Arc<str>), u64>;

impl Aws {
    /// An AWS with its state in memory, in [`Account::default`].
    ///
    /// # Errors
    /// When SQLite has no memory.
    pub fn memory(clock: Clock) -> Result<Self, OpenError> {
        Self::memory_in(clock, Account::default())
    }

    /// Like [`Aws::memory`], in another account.
    ///
    /// # Errors
    /// When SQLite has no memory.
    pub fn memory_in(clock: Clock, account: Account) -> Result<Self, OpenError> {
        let store = Store::memory(clock.clone()).map_err(OpenError::Tables)?;
        Self::assemble(clock, account, store, Identities::fixed)
    }

    /// An AWS with its state in the directory `data`, which is created if it does not exist.
    ///
    /// Messages that were in flight when the last process ended become visible: their consumer ended with it.
    ///
    /// # Errors
    /// When the directory or a file in it cannot be used.
    pub fn open(data: &Path, clock: Clock) -> Result<Self, OpenError> {
        Self::open_in(data, clock, Account::default())
    }

    /// Like [`Aws::open`], in another account.
    ///
    /// # Errors
    /// When the directory or a file in it cannot be used.
    pub fn open_in(data: &Path, clock: Clock, account: Account) -> Result<Self, OpenError> {
        std::fs::create_dir_all(data).map_err(OpenError::Directory)?;
        let store = Store::open(&data.join(FILE_NAME), clock.clone()).map_err(OpenError::Tables)?;
        Self::assemble(clock, account, store, Identities::stored)
    }

    fn assemble(
        clock: Clock,
        account: Account,
        store: Store,
        identities: fn(&Store) -> Result<Identities, OpenError>,
    ) -> Result<Self, OpenError> {
        let tables = dynamodb::Tables::new(store.clone(), clock.clone());
        for schema in [super::identity::SCHEMA, sqs::SCHEMA, sns::SCHEMA, s3::SCHEMA, super::driver::SCHEMA] {
            store.create(schema)?;
        }
        let identities = identities(&store)?;
        sqs::release_in_flight(&store, clock.now_ms())?;
        Ok(Self(Arc::new(Inner {
            clock,
            account,
            tables,
            store,
            identities,
            functions: Mutex::default(),
            activity: watch::Sender::new(0),
            wakes: Mutex::default(),
            interceptor: Mutex::new(None),
            calls: AtomicU64::new(0),
            unscoped: Arc::from(""),
            counts: Mutex::default(),
            meter: Meter::default(),
        })))
    }

    /// The configuration for the SDK's clients: this AWS as their HTTP client, its clock, and fixed credentials.
    ///
    /// Retries and timeouts have the SDK's defaults; set them as in production.
    #[must_use]
    pub fn sdk_config(&self) -> SdkConfig {
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.0.account.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(credentials()))
            .http_client(self.http_client())
            .time_source(self.0.clock.clone())
            .sleep_impl(TokioSleep::new())
            // Bodies arrive whole, so no stream can stall.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build()
    }

    /// The HTTP client that is answered by this AWS.
    #[must_use]
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    /// The clock that this AWS reads.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The account that the resources are in.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.0.account
    }

    /// Passes every call to `interceptor` from now on, replacing any earlier one; `None` removes it.
    pub fn intercept(&self, interceptor: Option<Arc<dyn Interceptor>>) {
        *lock(&self.0.interceptor) = interceptor;
    }

    /// Creates the resources of `stack` that do not exist, and applies changed queue settings to those that do.
    ///
    /// # Errors
    /// When DynamoDB refuses a table, or a store cannot be written.
    pub fn deploy(&self, stack: &Stack) -> Result<(), OpenError> {
        for (logical_id, table) in &stack.tables {
            let refused = |reason| OpenError::Table { table: logical_id.clone(), reason };
            self.0.tables.deploy(table).map_err(|error| refused(error.to_string()))?;
        }
        self.0
            .store
            .write(|store| {
                stack.queues.values().try_for_each(|queue| sqs::deploy(store, queue, self.0.clock.now_ms()))?;
                stack.buckets.values().try_for_each(|bucket| s3::deploy(store, bucket))?;
                stack.topics.values().try_for_each(|topic| sns::deploy(store, topic))
            })
            .map_err(OpenError::Queues)?;
        lock(&self.0.functions).deploy(stack, &self.0.account);
        Ok(self.0.store.commit()?)
    }

    /// Changes what the Lambda API reports about the deployed functions, by name, as a manual change in the console would.
    /// The handlers that run here are not affected.
    pub fn change_functions(&self, change: impl FnOnce(&mut BTreeMap<String, DeployedFunction>)) {
        change(&mut lock(&self.0.functions).functions);
    }

    /// Limits the pages of the Lambda API's lists to `count` entries.
    pub fn page_functions(&self, count: usize) {
        lock(&self.0.functions).page_count = count;
    }

    /// Reads the deployed functions.
    pub(crate) fn functions<T>(&self, read: impl FnOnce(&Deployment) -> T) -> T {
        read(&lock(&self.0.functions))
    }

    /// Creates the queue `name` with default settings, if it does not exist.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn create_queue(&self, name: &str) -> Result<(), OpenError> {
        let queue = sqs::with_defaults(name);
        self.0.store.write(|store| sqs::deploy(store, &queue, self.0.clock.now_ms()))?;
        Ok(self.0.store.commit()?)
    }

    /// How many messages are in the queue `name`; `None` when there is no such queue.
    #[must_use]
    pub fn queue_depth(&self, name: &str) -> Option<sqs::Depth> {
        let now = self.0.clock.now_ms();
        self.0.store.read(|store| sqs::depth(store, name, now)).ok().flatten()
    }

    /// The bodies of all messages in the queue `name`, visible or not.
    #[must_use]
    pub fn peek(&self, name: &str) -> Vec<String> {
        self.0.store.read(|store| sqs::bodies(store, name)).unwrap_or_default()
    }

    /// DynamoDB's answer to a reading request, bypassing the interceptor and the counts.
    #[must_use]
    pub fn peek_tables(&self, operation: &str, body: &Bytes) -> Reply {
        self.0.tables.answer(operation, body)
    }

    /// The publications with a number above `after` (0 for all), oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn publications(&self, after: u64) -> Result<Vec<Publication>, OpenError> {
        Ok(self.0.store.read(|store| sns::publications(store, after))?)
    }

    /// Deletes the items whose expiry has passed, as DynamoDB does within a few days. Returns how many it deleted.
    ///
    /// # Errors
    /// When the tables cannot be written.
    pub fn expire_items(&self) -> Result<usize, OpenError> {
        let count = self.0.tables.sweep().map_err(OpenError::Tables)?;
        self.0.store.commit()?;
        Ok(count)
    }

    /// How many calls have been made, by scope, service and API action.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<(Arc<str>, Service, Arc<str>), u64> {
        lock(&self.0.counts).clone()
    }

    /// How many calls have been made in total.
    #[must_use]
    pub fn call_count(&self) -> u64 {
        self.0.calls.load(Ordering::Relaxed)
    }

    /// Resets the counts of [`Aws::calls`] and [`Aws::call_count`].
    pub fn reset_calls(&self) {
        lock(&self.0.counts).clear();
        self.0.calls.store(0, Ordering::Relaxed);
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    pub(crate) fn interceptor(&self) -> Option<Arc<dyn Interceptor>> {
        lock(&self.0.interceptor).clone()
    }

    /// Counts a call. Returns its number, and its scope with the number within that scope.
    pub(crate) fn count(&self, service: Service, operation: Arc<str>) -> (u64, Option<(Scope, u64)>) {
        let scope = Scope::current();
        let name = scope.as_ref().map_or_else(|| Arc::clone(&self.0.unscoped), Scope::name);
        *lock(&self.0.counts).entry((name, service, operation)).or_default() += 1;
        let scope = scope.map(|scope| {
            let number = scope.count();
            (scope, number)
        });
        (self.0.calls.fetch_add(1, Ordering::Relaxed), scope)
    }

    /// Counts a call and describes it for an interceptor.
    pub(crate) fn describe(&self, service: Service, operation: Arc<str>, resource: String, request: &Request) -> Call {
        let (number, scope) = self.count(service, Arc::clone(&operation));
        Call {
            service,
            operation,
            resource,
            number,
            scope: scope.as_ref().map_or_else(|| Arc::clone(&self.0.unscoped), |(scope, _)| scope.name()),
            scope_order: scope.as_ref().map_or(0, |(scope, _)| scope.order()),
            scope_number: scope.map_or(0, |(_, number)| number),
            body: request.body.clone(),
        }
    }

    /// Wakes everything that waits for messages, because one in the queue `queue` may have become visible.
    pub(crate) fn wake(&self, queue: &str) {
        *lock(&self.0.wakes).entry(queue.to_owned()).or_default() += 1;
        self.0.activity.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// A number that changes whenever a message in the queue `queue` may have become visible.
    pub(crate) fn wake_count(&self, queue: &str) -> u64 {
        lock(&self.0.wakes).get(queue).copied().unwrap_or_default()
    }
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aws").field("account", &self.0.account).finish_non_exhaustive()
    }
}

/// Fixed credentials, which are never checked.
fn credentials() -> Credentials {
    Credentials::new("LOCAL", "LOCAL", None, None, "engine")
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
