//! The command line. Its subcommands, flags and exit codes are a contract.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::PathBuf;

use crate::bench::Workload;
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use domain::id::{FirmId, OrderId};
use domain::limit::DOCUMENT_COUNT_MAX;
use domain::option::Confidence;
use domain::phase::Phase;
use domain::service::ServiceCode;
use domain::status::{OrchestrationStatus, Status};
use simulator::Fault;

/// Run Docket, a document pipeline that never fails silently, on this machine, or work on the orders of a deployed stage.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 completed, 3 waits for review, 1 failed, 2 bad usage.\n\nDOCKET_LOG=info prints the functions' log."
)]
pub(crate) struct Cli {
    /// Work on this deployed stage instead of a folder of this machine, with the credentials and the AWS_REGION of the
    /// environment. For orders, failures, show, retry, resume, cancel and
    /// extend.
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) stage: Option<String>,
    /// With --stage: the firm that the orders belong to.
    #[arg(long, global = true, value_name = "FIRM")]
    pub(crate) firm: Option<FirmId>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run one order through all phases and write its documents.
    Run(Run),
    /// Serve the desk and its API on this machine, with the queues and schedules.
    Serve(Serve),
    /// Run a failed order again, or all that failed for one cause, from the phase that failed or an earlier one.
    Retry(Retry),
    /// Continue an order that waits for review or was interrupted.
    Resume(Resume),
    /// Cancel an order.
    Cancel(OrderArgs),
    /// Let an order wait for a reviewer for as long as if it had just begun to wait.
    Extend(Extend),
    /// List orders, newest first.
    Orders(Orders),
    /// List the orders that failed and were not retried, by cause.
    Failures(Failures),
    /// Show one order: phases, documents, failures, items to review.
    Show(OrderArgs),
    /// Find the CMA row of each label in a CSV file.
    Classify(Classify),
    /// Measure the cost of the pipeline itself.
    Bench(Bench),
    /// Run the functions under injected faults and check that no order is lost, stuck, silent or duplicated.
    Simulate(Simulate),
    /// Make the manifest of what should be deployed.
    Manifest(Manifest),
    /// Compare what is deployed with what should be; exit with 1 if a function is stale or worse.
    Drift(Drift),
}

impl Command {
    /// The name of a command that has no use for a stage; `drift` has an option `--stage` of its own.
    pub(crate) fn without_stage(&self) -> Option<&'static str> {
        match self {
            Self::Run(_) => Some("run"),
            Self::Serve(_) => Some("serve"),
            Self::Classify(_) => Some("classify"),
            Self::Bench(_) => Some("bench"),
            Self::Simulate(_) => Some("simulate"),
            Self::Manifest(_) => Some("manifest"),
            Self::Drift(_) => Some("drift"),
            Self::Retry(_)
            | Self::Resume(_)
            | Self::Cancel(_)
            | Self::Extend(_)
            | Self::Orders(_)
            | Self::Failures(_)
            | Self::Show(_) => None,
        }
    }
}

/// Where the state is kept and how the result is printed.
#[derive(Args, Debug)]
pub(crate) struct State {
    /// Folder for the state: orders, queues and uploaded files [default: .docket].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Run {
    #[arg(
        long,
        value_name = "CODE",
        value_parser = parse_service,
        help = format!("The service to order: {}", codes(|code| code.is_offered())),
    )]
    pub(crate) service: ServiceCode,
    /// Folder to write the documents to [default: out/<order id>].
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) state: State,
    /// Accept every proposal without a reviewer.
    #[arg(long)]
    pub(crate) skip_review: bool,
    /// Skip the validate phase.
    #[arg(long)]
    pub(crate) skip_validation: bool,
    /// Accept items above this confidence without a reviewer; 0 to 1 [default: 0.70].
    #[arg(long, value_name = "X", value_parser = parse_confidence)]
    pub(crate) auto_approve_above: Option<Confidence>,
    /// The client's documents.
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Serve {
    /// Port on 127.0.0.1; 0 for any that is free.
    #[arg(long, value_name = "N", default_value_t = 4870)]
    pub(crate) port: u16,
    /// Folder for the state: orders, queues and uploaded files [default: .docket].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

/// An order, and where its documents go.
#[derive(Args, Debug)]
pub(crate) struct OrderArgs {
    /// The order's id.
    #[arg(value_name = "ORDER")]
    pub(crate) order: OrderId,
    /// Folder to write the documents to [default: out/<order id>; of a stage they are only written if it is given].
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) state: State,
}

/// An order whose reviewers need more time, and why.
#[derive(Args, Debug)]
pub(crate) struct Extend {
    #[command(flatten)]
    pub(crate) order: OrderArgs,
    /// Why they need it; kept with the order.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Who gives it to them; kept with the order.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    pub(crate) by: String,
}

/// Which orders are looked at, and where.
#[derive(Args, Debug)]
pub(crate) struct Orders {
    #[command(flatten)]
    pub(crate) state: State,
    /// List only the orders with this status, or whose orchestration has it; for example failed.
    #[arg(long, value_name = "STATUS", value_parser = parse_status)]
    pub(crate) status: Option<&'static str>,
    /// Look at so many of the newest orders [default: 100; with --status 1000].
    #[arg(long, value_name = "N")]
    pub(crate) newest: Option<usize>,
}

/// Which failures are looked at, and where.
#[derive(Args, Debug)]
pub(crate) struct Failures {
    #[command(flatten)]
    pub(crate) state: State,
    /// Look at so many of the newest orders.
    #[arg(long, value_name = "N", default_value_t = NEWEST_DEFAULT)]
    pub(crate) newest: usize,
}

/// How many orders are looked at for those that are asked for.
pub(crate) const NEWEST_DEFAULT: usize = 1_000;

#[derive(Args, Debug)]
pub(crate) struct Retry {
    /// The order's id.
    #[arg(value_name = "ORDER", required_unless_present = "cause")]
    pub(crate) order: Option<OrderId>,
    /// Retry every order that failed for this cause, as `docket failures` lists them.
    #[arg(long, value_name = "CODE", conflicts_with_all = ["order", "out"])]
    pub(crate) cause: Option<String>,
    /// With --cause: look at so many of the newest orders.
    #[arg(long, value_name = "N", default_value_t = NEWEST_DEFAULT, conflicts_with = "order")]
    pub(crate) newest: usize,
    /// Folder to write the documents to [default: out/<order id>; of a stage they are only written if it is given].
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) state: State,
    /// Start at this phase, the one that failed or an earlier one [default: the one that failed]. From `extract` on, every
    /// document is read again; from `review` or earlier on, the review is asked again.
    #[arg(long, value_name = "PHASE", value_parser = parse_phase)]
    pub(crate) from: Option<Phase>,
}

#[derive(Args, Debug)]
pub(crate) struct Resume {
    #[command(flatten)]
    pub(crate) order: OrderArgs,
    /// A CSV file with the reviewer's decisions: line,row_code,reason. For a question, the row code is the answer. Without
    /// the file every proposal is accepted; a question has none and needs an answer.
    #[arg(long, value_name = "FILE")]
    pub(crate) decisions: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Classify {
    #[arg(
        long,
        value_name = "CODE",
        value_parser = parse_service,
        help = format!("The service whose rows to use: {}", codes(has_rows)),
    )]
    pub(crate) service: ServiceCode,
    /// A CSV file with a column `label` and optionally a column `section`.
    #[arg(value_name = "FILE.csv")]
    pub(crate) file: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct Bench {
    /// The kind of order.
    #[arg(long, value_enum, default_value = "seq5", conflicts_with = "documents")]
    pub(crate) workload: Workload,
    /// Run canary orders with this many documents, none of which fails, instead of a named workload.
    #[arg(long, value_name = "N", value_parser = parse_documents)]
    pub(crate) documents: Option<u32>,
    /// How many orders.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) orders: u32,
    /// How many orders are in flight at a time.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) in_flight: u32,
    /// Keep state in memory instead of on disk.
    #[arg(long)]
    pub(crate) memory: bool,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Simulate {
    /// Which faults to inject.
    #[arg(long, value_enum, default_value = "seeds")]
    pub(crate) mode: SimulateMode,
    /// The seeds to run, both ends included.
    #[arg(long, value_name = "A..B", default_value = "0..99", value_parser = parse_seeds)]
    pub(crate) seeds: RangeInclusive<u64>,
    /// How many orders per seed.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub(crate) orders: u16,
    /// Probability that a call fails; 0 to 1.
    #[arg(long, value_name = "P", default_value_t = 0.2, value_parser = parse_rate)]
    pub(crate) fault_rate: f64,
    /// Inject only these faults of a seed, by the numbers that a failing seed prints; `none` for no fault.
    #[arg(long, value_name = "N,N,…", value_parser = parse_numbers)]
    pub(crate) keep: Option<Numbers>,
    /// Report a failing seed as it is, without searching for the smallest set of faults that makes it fail.
    #[arg(long)]
    pub(crate) no_shrink: bool,
    /// Also take permissions away from functions; orders affected by this must fail with a record and an alert.
    #[arg(long)]
    pub(crate) denied: bool,
    /// Run each seed twice and compare the two traces.
    #[arg(long)]
    pub(crate) check_replay: bool,
    /// Run only this part of the mode's runs, for example 1/8.
    #[arg(long, value_name = "K/N", value_parser = parse_share)]
    pub(crate) share: Option<(u64, u64)>,
    /// Run only this scenario.
    #[arg(long, value_name = "NAME")]
    pub(crate) scenario: Option<String>,
    /// With --scenario: inject these faults at these calls, for example 12:reset-after,15:crash.
    #[arg(long, value_name = "CALL:FAULT,…", requires = "scenario", value_parser = parse_faults)]
    pub(crate) faults: Option<Faults>,
    /// With --scenario in mode interleavings: which waiting call proceeds each time, for example 0,2,1; `none` for the first.
    #[arg(long, value_name = "N,N,…", requires = "scenario", value_parser = parse_call_choices)]
    pub(crate) turns: Option<CallChoices>,
    /// The folder of a checkout; fail unless every warning and error in its functions' sources was logged.
    #[arg(long, value_name = "DIR")]
    pub(crate) sources: Option<PathBuf>,
    /// Print how often each fault hit each call of each function.
    #[arg(long)]
    pub(crate) coverage: bool,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SimulateMode {
    /// Random faults, by seed.
    Seeds,
    /// Every fault at every call of every scenario.
    Single,
    /// Every ordered pair of single faults.
    Pairs,
    /// Every order in which the calls of concurrent invocations can happen.
    Interleavings,
    /// Random faults, by seed, while people use the API.
    Desk,
    /// Each dependency, each pair and each triple of them down for an hour.
    Outages,
    /// Single faults, interleavings, outages, seeds and people who use the API, one after another.
    All,
}

/// Faults by their numbers within a seed.
pub(crate) type Numbers = BTreeSet<u64>;

/// Faults by the number of the call that they hit.
pub(crate) type Faults = BTreeMap<u64, Fault>;

/// Which of the waiting calls proceeds, each time that several wait.
pub(crate) type CallChoices = Vec<usize>;

fn parse_seeds(text: &str) -> Result<RangeInclusive<u64>, String> {
    let wrong = || "seeds are two numbers, for example 0..99".to_owned();
    let (first, last) = text.split_once("..").ok_or_else(wrong)?;
    let number = |text: &str| text.trim_start_matches('=').parse::<u64>().map_err(|_| wrong());
    let (first, last) = (number(first)?, number(last)?);
    if first <= last { Ok(first..=last) } else { Err("the first seed must not be above the last".to_owned()) }
}

fn parse_rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| (0.0..=1.0).contains(rate));
    rate.ok_or_else(|| "a rate is a number between 0 and 1, for example 0.2".to_owned())
}

fn parse_documents(text: &str) -> Result<u32, String> {
    let count = text.parse().ok().filter(|count| *count <= DOCUMENT_COUNT_MAX);
    count.ok_or_else(|| format!("an order has at most {DOCUMENT_COUNT_MAX} documents; give a number from 0 to that"))
}

fn parse_numbers(text: &str) -> Result<Numbers, String> {
    if text == "none" {
        return Ok(Numbers::new());
    }
    let number =
        |text: &str| text.parse().map_err(|_| "give the numbers of faults, for example 12,83, or none".to_owned());
    text.split(',').map(number).collect()
}

fn parse_call_choices(text: &str) -> Result<CallChoices, String> {
    if text == "none" {
        return Ok(CallChoices::new());
    }
    let number = |text: &str| {
        text.parse()
            .map_err(|_| "give the index of the call that proceeds each time, for example 0,2,1, or none".to_owned())
    };
    text.split(',').map(number).collect()
}

fn parse_share(text: &str) -> Result<(u64, u64), String> {
    let wrong = || "a share is two numbers, for example 1/8".to_owned();
    let (part, of) = text.split_once('/').ok_or_else(wrong)?;
    let (part, of) = (part.parse().map_err(|_| wrong())?, of.parse().map_err(|_| wrong())?);
    if (1..=of).contains(&part) { Ok((part, of)) } else { Err(wrong()) }
}

fn parse_faults(text: &str) -> Result<Faults, String> {
    let one = |text: &str| {
        let (call, fault) = text.split_once(':').ok_or("give a call's number and a fault, for example 12:crash")?;
        let call = call.parse::<u64>().map_err(|_| "the call must be a number, for example 12:crash".to_owned())?;
        Ok((call, fault.parse::<Fault>().map_err(|error| error.to_string())?))
    };
    text.split(',').map(one).collect()
}

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("builds").args(["bins", "unbuilt"]))]
pub(crate) struct Manifest {
    /// A folder in the checkout.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) source: PathBuf,
    /// The folder where `infra/build` left the binaries; without it, the manifest holds no digests.
    #[arg(long, value_name = "DIR")]
    pub(crate) bins: Option<PathBuf>,
    /// A value for a parameter of the template, e.g. Stage=prod.
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parse_parameter)]
    pub(crate) parameters: Vec<(String, String)>,
    /// The stack's name.
    #[arg(long, value_name = "NAME", default_value = "docket")]
    pub(crate) stack: String,
    /// Write each function's package next to its folder as `<binary>.zip`, for the template's CodeUri to point to.
    #[arg(long, requires = "bins")]
    pub(crate) package: bool,
    /// Write the manifest to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Publish the manifest to this bucket; from then on it says what should be deployed.
    #[arg(long, value_name = "BUCKET", requires = "builds", conflicts_with = "allow_dirty")]
    pub(crate) publish: Option<String>,
    /// Publish without digests, before this revision is built; functions of earlier revisions then count as behind.
    #[arg(long, requires = "publish")]
    pub(crate) unbuilt: bool,
    /// Accept uncommitted changes.
    #[arg(long)]
    pub(crate) allow_dirty: bool,
    /// Print the manifest as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Drift {
    /// The bucket that manifests are published to.
    #[arg(long, value_name = "BUCKET", required_unless_present = "manifests")]
    pub(crate) bucket: Option<String>,
    /// The prefix of the stage's function names.
    #[arg(long, value_name = "NAME", default_value = "docket-dev")]
    pub(crate) stage: String,
    /// Compare with this manifest instead of the latest published one; repeat the option for earlier manifests.
    #[arg(long = "manifest", value_name = "FILE", conflicts_with = "bucket")]
    pub(crate) manifests: Vec<PathBuf>,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the commits that are not deployed.
    #[arg(long)]
    pub(crate) verbose: bool,
    /// Write an issue about the drift to this file, in Markdown; its first line says whether to open, update or close the
    /// issue.
    #[arg(long, value_name = "FILE")]
    pub(crate) issue_file: Option<PathBuf>,
    /// Say that an issue about drift is already open.
    #[arg(long, requires = "issue_file")]
    pub(crate) issue_is_open: bool,
}

/// The codes of the services that `wanted` accepts, for a help text.
fn codes(wanted: impl Fn(ServiceCode) -> bool) -> String {
    let wanted: Vec<_> =
        ServiceCode::ALL.iter().copied().filter(|service| wanted(*service)).map(ServiceCode::as_str).collect();
    wanted.join(" or ")
}

/// Whether labels can be classified into rows of a service.
pub(crate) fn has_rows(service: ServiceCode) -> bool {
    services::presentation(service).classify_labels.is_some()
}

fn parse_phase(text: &str) -> Result<Phase, String> {
    let phase = Phase::ALL.into_iter().find(|phase| phase.as_str() == text);
    phase.ok_or_else(|| format!("the phases are {}", Phase::ALL.map(Phase::as_str).join(", ")))
}

fn parse_status(text: &str) -> Result<&'static str, String> {
    let names = Status::ALL.iter().map(|status| status.as_str());
    let names = names.chain(OrchestrationStatus::ALL.iter().map(|status| status.as_str()));
    let wanted = text.to_ascii_uppercase().replace('-', "_");
    let mut known = BTreeSet::new();
    for name in names {
        if name == wanted {
            return Ok(name);
        }
        known.insert(name);
    }
    let known: Vec<&str> = known.into_iter().collect();
    Err(format!("the statuses are {}", known.join(", ").to_ascii_lowercase()))
}

fn parse_service(text: &str) -> Result<ServiceCode, String> {
    text.parse::<ServiceCode>().map_err(|error| error.to_string())
}

fn parse_confidence(text: &str) -> Result<Confidence, String> {
    let wrong = |_| "a confidence is a number between 0 and 1, for example 0.70".to_owned();
    text.parse::<f64>()
        .map_err(|error| error.to_string())
        .map_err(|_| ())
        .and_then(|n| Confidence::try_from(n).map_err(|_| ()))
        .map_err(wrong)
}

fn parse_parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("give it as NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
