//! The one SQLite connection that tables, queues, topics, buckets and schedules share.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dynoxide::DynoxideError;
use dynoxide::storage::Storage;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, Authorization};
use tokio::sync::watch;

use super::clock::Clock;

/// How many prepared statements stay compiled: more than all the services have together.
const STATEMENT_CACHE_MAX: usize = 128;
/// How much of the file stays in memory, in KiB (negative is SQLite's way of saying KiB).
const CACHE_KIB: i64 = -16_384;
/// After how many pages the log is carried over into the file: 16 MiB.
const CHECKPOINT_PAGES: i64 = 4_096;

/// A change could not be made durable: its answer must not leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the store cannot be written")]
pub(crate) struct NotDurable;

/// The shared connection.
///
/// On disk it runs in WAL mode, and all changes go through one log in their order, those of the tables and those of the
/// other services alike. A change is committed to the log and the log is on the disk (`fdatasync`) before the answer to
/// its call leaves; so is everything that the call could have seen. Calls that are answered at about the same time share
/// a commit, and while one is on its way to the disk the next gathers. What is left after a kill or a loss of power is
/// what had been done up to some moment, with every answered call before it.
#[derive(Clone)]
pub(crate) struct Store(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    /// The log file, which is what has to reach the disk; none in memory.
    log: Option<Arc<File>>,
    /// Changes whenever a turn of the log ended.
    turns: watch::Sender<u64>,
}

struct State {
    storage: Storage,
    /// Whether a statement that begins or ends a transaction is ours.
    ours: Arc<AtomicBool>,
    open: bool,
    syncing: bool,
    broken: bool,
    /// How many changes were made.
    written: u64,
    /// Up to which of them all are on the disk.
    durable: u64,
    /// The last one that a failed commit may have taken back.
    lost: u64,
}

/// What a call has to do about its changes.
enum Turn {
    Done,
    Lost,
    Wait,
    Sync(u64),
}

impl Store {
    /// An empty store that lives as long as its handles.
    pub(crate) fn memory(clock: Clock) -> Result<Self, DynoxideError> {
        Self::prepare(Storage::memory()?.with_clock(Arc::new(clock)), None)
    }

    /// The store in the file `path`, created when absent.
    pub(crate) fn open(path: &Path, clock: Clock) -> Result<Self, DynoxideError> {
        let name = path.to_str().ok_or_else(|| {
            DynoxideError::ValidationException("the data directory's path is not UTF-8; choose another".into())
        })?;
        let storage = Storage::new(name)?.with_clock(Arc::new(clock));
        // With NORMAL, SQLite itself makes the log durable only before it is carried over; `settle` does it for answers.
        storage.conn().pragma_update(None, "synchronous", "NORMAL")?;
        storage.conn().pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        // The log stays the same file as long as a connection is open.
        let log = File::open(format!("{name}-wal")).map_err(|error| unopened(&error))?;
        Self::prepare(storage, Some(Arc::new(log)))
    }

    fn prepare(storage: Storage, log: Option<Arc<File>>) -> Result<Self, DynoxideError> {
        let connection = storage.conn();
        connection.pragma_update(None, "cache_size", CACHE_KIB)?;
        // Otherwise a statement is planned anew whenever it is given another time to compare with.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE_MAX);
        let ours = Arc::new(AtomicBool::new(false));
        keep_transactions(connection, &ours);
        let state =
            State { storage, ours, open: false, syncing: false, broken: false, written: 0, durable: 0, lost: 0 };
        Ok(Self(Arc::new(Inner { state: Mutex::new(state), log, turns: watch::Sender::new(0) })))
    }

    /// Runs `read`, which changes nothing.
    pub(crate) fn read<T, E>(&self, read: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        read(self.lock().storage.conn())
    }

    /// Runs `read` on the tables, which changes nothing.
    pub(crate) fn read_tables<T, E>(&self, read: impl FnOnce(&Storage) -> Result<T, E>) -> Result<T, E> {
        read(&self.lock().storage)
    }

    /// Runs `write` as one atomic change. It is durable after the next [`Store::settle`].
    pub(crate) fn write<T, E: From<rusqlite::Error>>(
        &self,
        write: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.write_tables(|storage| write(storage.conn()))
    }

    /// The same for a change of the tables.
    pub(crate) fn write_tables<T, E: From<rusqlite::Error>>(
        &self,
        write: impl FnOnce(&Storage) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut state = self.lock();
        if self.0.log.is_some() {
            state.begin()?;
        }
        state.execute("SAVEPOINT call")?;
        match write(&state.storage) {
            Ok(value) => {
                state.execute("RELEASE call")?;
                state.written += 1;
                Ok(value)
            }
            Err(error) => {
                state.execute("ROLLBACK TO call")?;
                state.execute("RELEASE call")?;
                Err(error)
            }
        }
    }

    /// Creates the tables of `schema` where they are absent.
    pub(crate) fn create(&self, schema: &str) -> rusqlite::Result<()> {
        self.lock().storage.conn().execute_batch(schema)
    }

    /// Hands all changes to the operating system: from here on they survive the end of this process.
    pub(crate) fn hand_over(&self) -> rusqlite::Result<()> {
        self.lock().commit()
    }

    /// Makes all changes durable, here and now.
    pub(crate) fn commit(&self) -> Result<(), NotDurable> {
        let mut state = self.lock();
        state.commit().map_err(|_| NotDurable)?;
        let Some(log) = &self.0.log else { return Ok(()) };
        match log.sync_data() {
            Ok(()) => state.durable = state.written,
            Err(_) => state.broken = true,
        }
        if state.broken { Err(NotDurable) } else { Ok(()) }
    }

    /// Waits until all changes up to now are durable, together with those of every call that is ready by then.
    pub(crate) async fn settle(&self) -> Result<(), NotDurable> {
        let Some(log) = &self.0.log else { return Ok(()) };
        let mine = {
            let state = self.lock();
            if state.durable >= state.written {
                return Ok(());
            }
            state.written
        };
        let mut turns = self.0.turns.subscribe();
        tokio::task::yield_now().await;
        loop {
            turns.mark_unchanged();
            let turn = self.lock().turn(mine);
            match turn {
                Turn::Done => return Ok(()),
                Turn::Lost => return Err(NotDurable),
                // The sender lives as long as this store.
                Turn::Wait => drop(turns.changed().await),
                Turn::Sync(through) => self.start_sync(Arc::clone(log), through),
            }
        }
    }

    /// Brings the log to the disk beside the executor. Whoever waits for it is told from there: the call that started it
    /// may be dropped, or not be asked for its progress while others are.
    fn start_sync(&self, log: Arc<File>, through: u64) {
        let store = self.clone();
        drop(tokio::task::spawn_blocking(move || {
            let succeeded = log.sync_data().is_ok();
            store.lock().synced(through, succeeded);
            store.0.turns.send_modify(|turn| *turn = turn.wrapping_add(1));
        }));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn turn(&mut self, mine: u64) -> Turn {
        if self.broken || mine <= self.lost {
            return Turn::Lost;
        }
        if self.durable >= mine {
            return Turn::Done;
        }
        if self.syncing {
            return Turn::Wait;
        }
        if self.commit().is_err() {
            return Turn::Lost;
        }
        self.syncing = true;
        Turn::Sync(self.written)
    }

    /// Notes the outcome of a sync. After a failed one nobody knows what is on the disk: no answer leaves any more.
    fn synced(&mut self, through: u64, succeeded: bool) {
        self.syncing = false;
        if succeeded {
            self.durable = self.durable.max(through);
        } else {
            self.broken = true;
        }
    }

    fn begin(&mut self) -> rusqlite::Result<()> {
        if !self.open {
            self.execute_ours("BEGIN IMMEDIATE")?;
            self.open = true;
        }
        Ok(())
    }

    fn commit(&mut self) -> rusqlite::Result<()> {
        if !self.open {
            return Ok(());
        }
        let committed = self.execute_ours("COMMIT");
        if committed.is_err() {
            self.lost = self.written;
            if !self.storage.conn().is_autocommit() {
                self.execute_ours("ROLLBACK")?;
            }
        }
        self.open = false;
        committed
    }

    fn execute_ours(&self, sql: &str) -> rusqlite::Result<()> {
        self.ours.store(true, Ordering::Relaxed);
        let done = self.execute(sql);
        self.ours.store(false, Ordering::Relaxed);
        done
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.storage.conn().prepare_cached(sql)?.execute([]).map(drop)
    }
}

/// Turns every statement that begins or ends a transaction into none, unless it is ours.
///
/// The tables' implementation wraps each of its changes in a transaction, which cannot stand inside another. Every change
/// runs in a savepoint of ours instead, which is rolled back when it fails; so many changes share one commit.
fn keep_transactions(connection: &Connection, ours: &Arc<AtomicBool>) {
    let ours = Arc::clone(ours);
    connection.authorizer(Some(move |context: rusqlite::hooks::AuthContext<'_>| match context.action {
        AuthAction::Transaction { .. } if !ours.load(Ordering::Relaxed) => Authorization::Ignore,
        _ => Authorization::Allow,
    }));
}

fn unopened(error: &io::Error) -> DynoxideError {
    DynoxideError::InternalServerError(format!("the log cannot be opened: {}", error.kind()))
}
