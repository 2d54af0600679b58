//! Scopes: the invocation, or the named part of a test, that a call belongs to.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use tokio::sync::Notify;

tokio::task_local! {
    static CURRENT: Scope;
}

/// A named piece of running code. Its AWS calls are counted together, and a fault can stop it.
///
/// The driver opens one for each invocation, named after the function. A scope covers the future that it wraps, but not the
/// tasks that this future spawns.
#[derive(Debug, Clone)]
pub struct Scope(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: Arc<str>,
    order: u64,
    calls: AtomicU64,
    crash: Notify,
    stall: Notify,
    skew_ms: AtomicI64,
}

impl Scope {
    /// A scope called `name`, the `order`th of its kind.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, order: u64) -> Self {
        Self(Arc::new(Inner {
            name: name.into(),
            order,
            calls: AtomicU64::new(0),
            crash: Notify::new(),
            stall: Notify::new(),
            skew_ms: AtomicI64::new(0),
        }))
    }

    /// The scope of the code that is running, if it has one.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Its name: the function's logical id in invocations.
    #[must_use]
    pub fn name(&self) -> Arc<str> {
        Arc::clone(&self.0.name)
    }

    /// Which invocation of the driver this is, from 0.
    #[must_use]
    pub fn order(&self) -> u64 {
        self.0.order
    }

    /// How many calls have been made in it.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.0.calls.load(Ordering::Relaxed)
    }

    /// Kills the scope's work: its runner drops it.
    pub fn crash(&self) {
        self.0.crash.notify_one();
    }

    /// Waits for [`Scope::crash`].
    pub async fn crashed(&self) {
        self.0.crash.notified().await;
    }

    /// Suspends the scope's work: its runner stops polling it until its timeout.
    pub fn stall(&self) {
        self.0.stall.notify_one();
    }

    /// Waits for [`Scope::stall`].
    pub async fn stalled(&self) {
        self.0.stall.notified().await;
    }

    /// Sets how many milliseconds the clock of the scope's machine is ahead.
    pub fn set_skew_ms(&self, skew_ms: i64) {
        self.0.skew_ms.store(skew_ms, Ordering::Relaxed);
    }

    /// How many milliseconds the clock of the scope's machine is ahead.
    #[must_use]
    pub fn skew_ms(&self) -> i64 {
        self.0.skew_ms.load(Ordering::Relaxed)
    }

    /// The number of the call that starts now.
    pub(crate) fn count(&self) -> u64 {
        self.0.calls.fetch_add(1, Ordering::Relaxed)
    }
}

/// Runs `work` inside `scope`.
pub async fn scoped<F: Future>(scope: Scope, work: F) -> F::Output {
    CURRENT.scope(scope, work).await
}
