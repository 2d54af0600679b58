//! Chooses between the borrower's own figures and those of its group.

use std::collections::BTreeSet;

use domain::statement::{Basis, UnusedReason};

use super::Remark;
use super::aside::Log;
use super::entry::{Entry, Family, remark};

const OWN_USED: &str = "consolidated columns are left out: the borrower's own figures are used";

/// Keeps figures of one basis: the borrower's own, unless only the group has both statements. The balance sheet of one is
/// never combined with the profit and loss statement of the other; a statement that does not state its basis may be
/// combined with either.
pub(super) fn prefer_standalone<'a>(
    entries: Vec<Entry<'a>>,
    remarks: &mut Vec<Remark>,
    log: &mut Log,
) -> Vec<Entry<'a>> {
    let families = |bases: &[Basis]| -> BTreeSet<Family> {
        let of = |entry: &&Entry<'_>| {
            entry.family != Family::Stated && entry.period.is_some() && bases.contains(&entry.basis)
        };
        entries.iter().filter(of).map(|entry| entry.family).collect()
    };
    let (alone, group) = (families(&[Basis::Standalone]), families(&[Basis::Consolidated]));
    if group.is_empty() {
        return entries;
    }
    let whole = |bases: &[Basis]| families(bases).len() > 1;
    let (kept, detail): (&[Basis], &str) = match () {
        () if whole(&[Basis::Standalone]) => (&[Basis::Standalone], OWN_USED),
        () if whole(&[Basis::Standalone, Basis::Unstated]) => (&[Basis::Standalone, Basis::Unstated], OWN_USED),
        () if whole(&[Basis::Consolidated]) => (
            &[Basis::Consolidated],
            "the borrower's own figures lack a statement and are left out: the group's figures are used",
        ),
        () if whole(&[Basis::Consolidated, Basis::Unstated]) => (
            &[Basis::Consolidated, Basis::Unstated],
            "one statement is the group's and the other does not say whose it is: both are taken as the group's; please confirm",
        ),
        () if alone.is_empty() => return entries,
        () => (&[Basis::Standalone, Basis::Unstated], OWN_USED),
    };
    if entries.iter().any(|entry| entry.period.is_some() && !kept.contains(&entry.basis))
        || kept.contains(&Basis::Consolidated) && kept.contains(&Basis::Unstated)
    {
        remark(remarks, "V15", detail);
    }
    let keep = |entry: &Entry<'_>| entry.family == Family::Stated || kept.contains(&entry.basis);
    log.retain(entries, UnusedReason::OtherBasis, detail, keep)
}
