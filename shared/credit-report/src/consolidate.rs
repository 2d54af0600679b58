//! Factors of one report, and of the reports of several owners together.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::account::AccountStatus;
use crate::factor::{Factor, Factors, Missing, Value};
use crate::report::{Kind, Report};
use crate::view::{Source, View};
use crate::window::WINDOWS;
use crate::{conduct, enquiry, exposure, score};

/// A *completed* report of one owner. A report whose execution failed is none: it is neither a zero nor a bad report.
#[derive(Clone, Debug)]
pub struct OwnerReport<'a> {
    /// The caller's id of the owner.
    pub owner: String,
    /// The caller's id of the document or execution; it is put in front of the places of its rows.
    pub document: String,
    /// The report.
    pub report: &'a Report,
}

/// The factors of one owner's report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerFactors {
    /// The caller's id of the owner.
    pub owner: String,
    /// The caller's id of the document or execution.
    pub document: String,
    /// The kind of report.
    pub kind: Kind,
    /// Its factors.
    pub factors: Factors,
}

/// What the reports of several owners come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consolidated {
    /// Each report's own factors, in the order given.
    pub owners: Vec<OwnerFactors>,
    /// The factors of all reports of a kind: the worst score, the most days past due, and amounts over each account once,
    /// however many owners it is reported for. Empty without a completed report.
    pub factors: BTreeMap<Kind, Factors>,
}

/// The factors of one report at the underwriting date `as_of`.
///
/// A report that is later than that date could not have been known then: every factor is [`Missing::ReportIsLater`].
#[must_use]
pub fn factors(report: &Report, as_of: Date) -> Factors {
    compute(&View::new(report.kind, as_of, vec![Source { prefix: String::new(), report }]))
}

/// The factors of several owners' reports at the underwriting date `as_of`.
#[must_use]
pub fn consolidate(reports: &[OwnerReport<'_>], as_of: Date) -> Consolidated {
    let owners = reports.iter().map(|one| OwnerFactors {
        owner: one.owner.clone(),
        document: one.document.clone(),
        kind: one.report.kind,
        factors: factors(one.report, as_of),
    });
    let mut kinds: BTreeMap<Kind, Vec<Source<'_>>> = BTreeMap::new();
    for one in reports {
        let source = Source { prefix: format!("{}:", one.document), report: one.report };
        kinds.entry(one.report.kind).or_default().push(source);
    }
    let factors = kinds.into_iter().map(|(kind, sources)| (kind, compute(&View::new(kind, as_of, sources))));
    Consolidated { owners: owners.collect(), factors: factors.collect() }
}

fn compute(view: &View<'_>) -> Factors {
    let mut all = match view.kind {
        Kind::CommercialIn => commercial(view),
        Kind::ConsumerUs => consumer(view),
    };
    all.push(("f_report_age_days".to_owned(), age(view)));
    let later = view.sources.iter().filter(|source| source.report.report_date > view.as_of);
    let later: Vec<String> = later.map(|source| format!("{}{}", source.prefix, source.report.path)).collect();
    if !later.is_empty() {
        for (_, factor) in &mut all {
            *factor = Factor::missing(Missing::ReportIsLater, later.clone());
        }
    }
    all.into_iter().collect()
}

/// Days since the oldest of the reports was made.
fn age(view: &View<'_>) -> Factor {
    let oldest = view.sources.iter().map(|source| source.report.report_date).min();
    let rows = view.sources.iter().filter(|source| Some(source.report.report_date) == oldest);
    let rows = rows.map(|source| format!("{}{}", source.prefix, source.report.path)).collect();
    let days = oldest.and_then(|oldest| view.as_of.since(oldest).ok()).map(|span| span.get_days());
    Factor::of(Value::Count(days.and_then(|days| u64::try_from(days).ok()).unwrap_or_default()), rows)
}

type Named = Vec<(String, Factor)>;

fn commercial(view: &View<'_>) -> Named {
    let mut all = named([("f_cmr_rank", score::rank(view))]);
    let mut known = conduct_of(view);
    known.extend(named([
        ("f_facilities_active", exposure::active(view)),
        ("f_lenders_count", exposure::lenders(view)),
        ("f_secured_share", exposure::secured_share(view)),
        ("f_suit_filed", conduct::suit_filed(view)),
        ("f_wilful_defaulter", conduct::wilful_defaulter(view)),
        ("f_asset_class", conduct::asset_class(view)),
    ]));
    all.extend(history(view, known));
    all.extend(WINDOWS.map(|months| (format!("f_enquiries_{months}m"), enquiry::enquiries(view, months))));
    all
}

fn consumer(view: &View<'_>) -> Named {
    let mut all = named([("f_credit_score", score::consumer(view))]);
    let mut known = conduct_of(view);
    known.extend(named([
        ("f_tradelines_total", exposure::all(view)),
        ("f_tradelines_open", exposure::active(view)),
        ("f_oldest_trade_months", exposure::oldest(view)),
    ]));
    // As bureaux count them: 30 to 59 days late, 60 to 89, and 90 or more.
    for (days, to) in [(30, 60), (60, 90), (90, u16::MAX)] {
        for months in WINDOWS {
            let name = format!("f_delinquencies_{days}_{months}m");
            known.push((name, conduct::delinquencies(view, months, days, to)));
        }
    }
    all.extend(history(view, known));
    all.extend(named([("f_public_records", enquiry::public_records(view))]));
    all.extend(WINDOWS.map(|months| (format!("f_inquiries_{months}m"), enquiry::enquiries(view, months))));
    all
}

/// What both kinds have: amounts, days past due, and how accounts ended.
fn conduct_of(view: &View<'_>) -> Named {
    let mut all = named([
        ("f_total_outstanding", exposure::outstanding(view)),
        ("f_overdue_amount", exposure::overdue(view)),
        ("f_utilisation", exposure::utilisation(view)),
        ("f_written_off", conduct::ended_as(view, AccountStatus::WrittenOff)),
        ("f_settled", conduct::ended_as(view, AccountStatus::Settled)),
    ]);
    all.extend(WINDOWS.map(|months| (format!("f_max_dpd_{months}m"), conduct::max_dpd(view, months))));
    all
}

/// Factors that come from a history. Without one they are that, and neither zero nor bad.
fn history(view: &View<'_>, mut all: Named) -> Named {
    if view.has_no_history() {
        let rows: Vec<String> =
            view.sources.iter().map(|source| format!("{}{}", source.prefix, source.report.path)).collect();
        for (_, factor) in &mut all {
            *factor = Factor::of(Value::NoHistory, rows.clone());
        }
    }
    all
}

fn named<const COUNT: usize>(factors: [(&str, Factor); COUNT]) -> Named {
    factors.into_iter().map(|(name, factor)| (name.to_owned(), factor)).collect()
}
