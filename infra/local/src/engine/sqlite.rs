//! The one SQLite connection that queues, topics, buckets and schedules share.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

/// How many prepared statements stay compiled: more than all the services have together.
const STATEMENT_CACHE_MAX: usize = 128;

/// The first bytes of a page cache that stays in memory, in KiB (negative is SQLite's way of saying KiB).
const CACHE_KIB: i64 = -16_384;

/// The shared connection.
///
/// On disk it runs in WAL mode with `synchronous = FULL`: a commit is on the disk when it returns, so it survives a
/// kill of the process and a loss of power. Effects of calls that are answered in the same turn of the executor are
/// committed together; no answer leaves before the commit that holds its effect.
#[derive(Clone)]
pub(crate) struct Store(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    durable: bool,
}

/// The connection and how far it is committed.
pub(crate) struct State {
    pub(crate) connection: Connection,
    open: bool,
    written: u64,
    committed: u64,
}

impl Store {
    /// An empty store that lives as long as its handles.
    pub(crate) fn memory() -> rusqlite::Result<Self> {
        Self::prepare(Connection::open_in_memory()?, false)
    }

    /// The store in the file `path`, created when absent.
    pub(crate) fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        Self::prepare(connection, true)
    }

    fn prepare(connection: Connection, durable: bool) -> rusqlite::Result<Self> {
        connection.pragma_update(None, "cache_size", CACHE_KIB)?;
        connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE_MAX);
        let state = State { connection, open: false, written: 0, committed: 0 };
        Ok(Self(Arc::new(Inner { state: Mutex::new(state), durable })))
    }

    /// Runs `read`, which changes nothing.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        read(&self.lock().connection)
    }

    /// Runs `write` as one atomic change. It is durable after the next [`Store::commit`].
    pub(crate) fn write<T, E: From<rusqlite::Error>>(
        &self,
        write: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut state = self.lock();
        if self.0.durable {
            state.begin()?;
        }
        state.execute("SAVEPOINT call")?;
        let outcome = write(&state.connection);
        match outcome {
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
        self.lock().connection.execute_batch(schema)
    }

    /// Makes all writes so far durable.
    pub(crate) fn commit(&self) -> rusqlite::Result<()> {
        self.lock().commit()
    }

    /// Makes the writes up to now durable together with those of every call that is ready to run at this moment.
    pub(crate) async fn commit_with_others(&self) -> rusqlite::Result<()> {
        let mine = {
            let state = self.lock();
            if state.committed >= state.written {
                return Ok(());
            }
            state.written
        };
        if self.0.durable {
            tokio::task::yield_now().await;
        }
        let mut state = self.lock();
        if state.committed >= mine { Ok(()) } else { state.commit() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn begin(&mut self) -> rusqlite::Result<()> {
        if !self.open {
            self.execute("BEGIN IMMEDIATE")?;
            self.open = true;
        }
        Ok(())
    }

    fn commit(&mut self) -> rusqlite::Result<()> {
        if self.open {
            self.execute("COMMIT")?;
            self.open = false;
        }
        self.committed = self.written;
        Ok(())
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(drop)
    }
}
