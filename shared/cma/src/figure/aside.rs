//! Keeps account of the columns that are classified and in no figure, and why.

use std::collections::{BTreeMap, BTreeSet};

use domain::statement::{LineItem, UnusedReason};
use serde::{Deserialize, Serialize};

use super::entry::{ColumnKey, Entry};

/// A column of a statement that is in no figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// Number of the document.
    pub document: u32,
    /// The statement, an index into the document's statements.
    pub statement: usize,
    /// The column, an index into the statement's columns.
    pub column: usize,
    /// Why it is in no figure.
    pub reason: UnusedReason,
    /// What was done, in words for a reviewer.
    pub detail: String,
}

/// The columns whose lines are in no figure because others are used in their place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aside(BTreeSet<ColumnKey>);

impl Aside {
    /// A column without a year is not among them: an answer may give it one.
    pub fn of(set_aside: &[SetAside]) -> Self {
        let replaced = set_aside.iter().filter(|aside| aside.reason != UnusedReason::UndatedColumn);
        Self(replaced.map(|aside| (aside.document, aside.statement, aside.column)).collect())
    }

    /// Whether every amount of a line is in such a column. The statement is an index into the document's statements.
    pub fn holds(&self, document: u32, statement: usize, line: &LineItem) -> bool {
        let mut columns = line.figures.iter().zip(0..).filter(|(figure, _)| figure.is_some()).peekable();
        columns.peek().is_some() && columns.all(|(_, column)| self.0.contains(&(document, statement, column)))
    }
}

/// The columns set aside so far. The first reason stands.
#[derive(Debug, Default)]
pub(super) struct Log {
    columns: BTreeMap<ColumnKey, (UnusedReason, String)>,
}

impl Log {
    pub fn add(&mut self, entry: &Entry<'_>, reason: UnusedReason, detail: &str) {
        self.add_column(entry.key(), reason, detail);
    }

    pub fn add_column(&mut self, key: ColumnKey, reason: UnusedReason, detail: &str) {
        self.columns.entry(key).or_insert_with(|| (reason, detail.to_owned()));
    }

    /// Keeps the entries that `keep` accepts, and records the columns of the others.
    pub fn retain<'a>(
        &mut self,
        entries: Vec<Entry<'a>>,
        reason: UnusedReason,
        detail: &str,
        keep: impl Fn(&Entry<'a>) -> bool,
    ) -> Vec<Entry<'a>> {
        let (kept, dropped): (Vec<_>, Vec<_>) = entries.into_iter().partition(keep);
        for entry in &dropped {
            self.add(entry, reason, detail);
        }
        kept
    }

    /// The list, without columns that figures come from all the same.
    pub fn into_list(self, used: &[(usize, Entry<'_>)]) -> Vec<SetAside> {
        let used: BTreeSet<ColumnKey> = used.iter().map(|(_, entry)| entry.key()).collect();
        let unused = self.columns.into_iter().filter(|(key, _)| !used.contains(key));
        unused
            .map(|((document, statement, column), (reason, detail))| SetAside {
                document,
                statement,
                column,
                reason,
                detail,
            })
            .collect()
    }
}
