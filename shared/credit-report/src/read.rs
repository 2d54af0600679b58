//! Reads a report: from bytes to a tree, and from the tree to the model.

use jiff::civil::Date;

use crate::error::{Contradiction, Counted, Problem, ReadError, within};
use crate::field::{Fields, Words, contradiction, date, masked, number_text, problem, text, whole, word};
use crate::limit::Limits;
use crate::node::{Content, Node};
use crate::read_account;
use crate::report::{
    Enquiry, FileFormat, History, Identifier, IdentifierType, Kind, PublicRecord, RecordStatus, RecordType, Report,
    Score, ScoreValue, Subject,
};
use crate::xml::{ROOT, TEXT};
use crate::{json, xml};

/// The schema's name and version, as a report states it.
const SCHEMA: &str = "docket.credit-report/1";

const KINDS: &Words<Kind> = &[("consumer_us", Kind::ConsumerUs), ("commercial_in", Kind::CommercialIn)];
const HISTORIES: &Words<History> = &[("present", History::Present), ("none", History::None)];
const IDENTIFIERS: &Words<IdentifierType> = &[
    ("ssn", IdentifierType::Ssn),
    ("itin", IdentifierType::Itin),
    ("ein", IdentifierType::Ein),
    ("pan", IdentifierType::Pan),
    ("cin", IdentifierType::Cin),
    ("gstin", IdentifierType::Gstin),
    ("din", IdentifierType::Din),
];
const ENQUIRIES: &Words<bool> = &[("hard", true), ("soft", false)];
const RECORDS: &Words<RecordType> =
    &[("bankruptcy", RecordType::Bankruptcy), ("judgment", RecordType::Judgment), ("tax_lien", RecordType::TaxLien)];
const RECORD_STATUSES: &Words<RecordStatus> =
    &[("open", RecordStatus::Open), ("closed", RecordStatus::Closed), ("dismissed", RecordStatus::Dismissed)];
/// Words for a score that the bureau does not give.
const NO_SCORE: &Words<()> = &[("nh", ()), ("no_history", ())];

/// The largest value of any model's scale.
const SCORE_MAX: u32 = 10_000;

/// Reads one report.
///
/// # Errors
/// When the file is not well formed or not in the schema, exceeds a limit, or has a field whose meaning is in doubt; the
/// error names the place and what to do.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Report, ReadError> {
    within(Counted::Bytes, bytes.len(), limits.file_bytes_max)?;
    let text = std::str::from_utf8(bytes).map_err(|_| ReadError::NotText)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (format, root) = match text.trim_start().chars().next() {
        None => return Err(ReadError::Empty),
        Some('<') => (FileFormat::Xml, xml::parse(text, limits)?),
        Some(_) => (FileFormat::Json, json::parse(text, limits)?),
    };
    if format == FileFormat::Xml && !root.path.ends_with(ROOT) {
        return Err(ReadError::SchemaUnknown);
    }
    read_report(&root, format, limits)
}

fn read_report(root: &Node, format: FileFormat, limits: &Limits) -> Result<Report, ReadError> {
    let Content::Fields(_) = &root.content else { return Err(ReadError::SchemaUnknown) };
    let mut fields = Fields::of(root)?;
    let schema = fields.optional("schema")?.and_then(|node| text(node).ok());
    if schema.as_deref() != Some(SCHEMA) {
        return Err(ReadError::SchemaUnknown);
    }
    let mut unused = Unused::default();
    let report_date = date(fields.required("report_date")?)?;
    let accounts = fields.read("accounts", items)?.unwrap_or_default();
    within(Counted::Accounts, accounts.len(), limits.accounts_max)?;
    let accounts = accounts.iter().map(|node| read_account::account(node, report_date, limits, &mut unused));
    let report = Report {
        format,
        kind: word(fields.required("kind")?, KINDS)?,
        bureau: fields.read("bureau", text)?,
        path: root.path.clone(),
        report_date,
        history: word(fields.required("history")?, HISTORIES)?,
        accounts: accounts.collect::<Result<_, _>>()?,
        subject: subject(fields.required("subject")?, &mut unused)?,
        score: fields.read("score", |node| score(node, &mut unused))?,
        enquiries: list(&mut fields, "enquiries", |node| enquiry(node, report_date, &mut unused))?,
        public_records: list(&mut fields, "public_records", |node| record(node, report_date, &mut unused))?,
        unused: Vec::new(),
        unused_beyond: 0,
    };
    check_history(&report)?;
    unused.note(&fields);
    let beyond = unused.0.len().saturating_sub(limits.unused_max);
    unused.0.truncate(limits.unused_max);
    Ok(Report { unused: unused.0, unused_beyond: beyond, ..report })
}

/// Places of fields that the schema does not know.
#[derive(Default)]
pub struct Unused(Vec<String>);

impl Unused {
    pub fn note(&mut self, fields: &Fields<'_>) {
        self.0.extend(fields.unused().map(str::to_owned));
    }
}

/// The items of a list.
pub fn items(node: &Node) -> Result<&[Node], ReadError> {
    match &node.content {
        Content::List(list) => Ok(list),
        _ => Err(problem(node, Problem::NotList)),
    }
}

/// A list of rows. One that is stated and empty says that there are none; one that is absent says nothing.
pub fn list<'a, T>(
    fields: &mut Fields<'a>,
    name: &'static str,
    read: impl FnMut(&'a Node) -> Result<T, ReadError>,
) -> Result<Option<Vec<T>>, ReadError> {
    match fields.read(name, items)? {
        Some(list) => list.iter().map(read).collect::<Result<_, _>>().map(Some),
        None => Ok(None),
    }
}

fn subject(node: &Node, unused: &mut Unused) -> Result<Subject, ReadError> {
    let mut fields = Fields::of(node)?;
    let identifiers = list(&mut fields, "identifiers", |node| identifier(node, unused))?.unwrap_or_default();
    let subject = Subject { name: fields.read("name", text)?, identifiers };
    unused.note(&fields);
    Ok(subject)
}

fn identifier(node: &Node, unused: &mut Unused) -> Result<Identifier, ReadError> {
    let mut fields = Fields::of(node)?;
    let kind = word(fields.required("type")?, IDENTIFIERS)?;
    let value = match fields.optional(TEXT)? {
        Some(text) => text,
        None => fields.required("value")?,
    };
    let identifier = Identifier { kind, value: masked(value)? };
    unused.note(&fields);
    Ok(identifier)
}

fn score(node: &Node, unused: &mut Unused) -> Result<Score, ReadError> {
    let mut fields = Fields::of(node)?;
    let model = text(fields.required("model")?)?;
    let lowest = whole(fields.required("lowest")?, 0, SCORE_MAX)?;
    let highest = whole(fields.required("highest")?, 0, SCORE_MAX)?;
    if lowest > highest {
        return Err(contradiction(&node.path, Contradiction::ScaleSwapped));
    }
    if is_rank(&model) && (lowest, highest) != (1, 10) {
        return Err(contradiction(&node.path, Contradiction::NotRankScale));
    }
    let value = fields.required("value")?;
    let value = match word(value, NO_SCORE) {
        Ok(()) => ScoreValue::NoHistory,
        Err(_) => ScoreValue::Scored(whole(value, lowest, highest)?),
    };
    unused.note(&fields);
    Ok(Score { path: node.path.clone(), model, lowest, highest, value })
}

/// Whether a model is the rank of Indian commercial reports, 1 (best) to 10.
pub fn is_rank(model: &str) -> bool {
    model.trim().eq_ignore_ascii_case("CMR")
}

fn enquiry(node: &Node, report_date: Date, unused: &mut Unused) -> Result<Enquiry, ReadError> {
    let mut fields = Fields::of(node)?;
    let date = by_report(fields.required("date")?, report_date)?;
    let hard = word(fields.required("type")?, ENQUIRIES)?;
    unused.note(&fields);
    Ok(Enquiry { path: node.path.clone(), date, hard })
}

fn record(node: &Node, report_date: Date, unused: &mut Unused) -> Result<PublicRecord, ReadError> {
    let mut fields = Fields::of(node)?;
    let record = PublicRecord {
        path: node.path.clone(),
        kind: word(fields.required("type")?, RECORDS)?,
        status: word(fields.required("status")?, RECORD_STATUSES)?,
        filed: by_report(fields.required("filed")?, report_date)?,
    };
    unused.note(&fields);
    Ok(record)
}

/// A day that cannot be later than the report.
pub fn by_report(node: &Node, report_date: Date) -> Result<Date, ReadError> {
    let date = date(node)?;
    if date > report_date { Err(contradiction(&node.path, Contradiction::AfterReport)) } else { Ok(date) }
}

/// Checks that a report without history states nothing that only a history gives.
fn check_history(report: &Report) -> Result<(), ReadError> {
    let scored = matches!(&report.score, Some(Score { value: ScoreValue::Scored(_), .. }));
    if report.history == History::None && (scored || !report.accounts.is_empty()) {
        return Err(contradiction(&format!("{}/history", report.path), Contradiction::NoHistoryWithContent));
    }
    Ok(())
}

/// A number as the bureau shows it, that has a letter or digit.
pub fn shown_number(node: &Node) -> Result<String, ReadError> {
    let number = number_text(node)?;
    let any = number.chars().any(char::is_alphanumeric);
    if any { Ok(number) } else { Err(problem(node, Problem::NoNumber)) }
}
