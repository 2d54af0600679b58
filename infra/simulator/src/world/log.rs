//! Collects what the functions log during a run. Lines are searched for marks. Warnings and errors are counted by message,
//! to find failures that no run reaches.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};

use crate::plan::mark;

/// Crates whose log lines come from the functions, in addition to the crates that implement services.
const OURS: [&str; 6] = ["aws", "runtime", "intake", "dead_letter", "reconcile", "domain"];

/// What was logged on one thread.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<Lines>>);

/// What is kept from the log lines.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// How often each warning and error was logged, by message.
    pub(crate) messages: BTreeMap<String, u64>,
    /// Messages of lines that contain a mark.
    pub(crate) leaks: Vec<String>,
    /// How many lines there were.
    pub(crate) count: u64,
}

impl Log {
    /// Takes what was logged so far.
    pub(crate) fn take(&self) -> Lines {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn search(&self, line: &Line) {
        if mark::find(line.text.as_bytes()).is_some() {
            self.lock().leaks.push(line.message.clone());
        }
    }
}

fn wanted(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target().split("::").next().unwrap_or_default();
    *metadata.level() <= Level::INFO && (OURS.contains(&target) || services::crates().any(|name| name == target))
}

impl Subscriber for Log {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if wanted(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        wanted(metadata)
    }

    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        Some(tracing::level_filters::LevelFilter::INFO)
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut line = Line::default();
        span.record(&mut line);
        self.search(&line);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = Line::default();
        values.record(&mut line);
        self.search(&line);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        self.search(&line);
        let mut lines = self.lock();
        lines.count += 1;
        if *event.metadata().level() <= Level::WARN {
            *lines.messages.entry(line.message).or_default() += 1;
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// One line: its message, and all of its fields as text.
#[derive(Default)]
struct Line {
    message: String,
    text: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        }
        // Writing to a string cannot fail.
        let _ = write!(self.text, "{}={value:?} ", field.name());
    }
}
