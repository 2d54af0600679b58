//! Shows the progress of an order: a single updating line on a terminal, one line per phase elsewhere.

use std::io::IsTerminal as _;

use domain::order::Order;
use domain::phase::Phase;

use crate::output::eprint;

/// The progress of one order, printed on standard error; standard output is for the outcome.
pub(crate) struct Progress {
    quiet: bool,
    terminal: bool,
    shown: Vec<Phase>,
    last: Option<(u8, String)>,
}

impl Progress {
    pub(crate) fn new(quiet: bool) -> Self {
        Self { quiet, terminal: std::io::stderr().is_terminal(), shown: Vec::new(), last: None }
    }

    /// Progress that leaves out the phases that have already completed, because the user has seen them.
    pub(crate) fn after(quiet: bool, order: &Order) -> Self {
        let shown = order.phases().iter().filter(|(_, record)| record.completed_at.is_some());
        Self { shown: shown.map(|(phase, _)| *phase).collect(), ..Self::new(quiet) }
    }

    /// Whether nothing is printed.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Prints what has changed since the last call.
    pub(crate) fn show(&mut self, order: &Order) {
        if self.quiet {
            return;
        }
        for phase in Phase::ALL {
            self.show_completed(order, phase);
        }
        let now = (order.progress_percent(), order.orchestration_status().to_string());
        if self.terminal && order.is_active() && self.last.as_ref() != Some(&now) {
            self.clear();
            eprint(format!("  {:>3} %  {} …", now.0, now.1.to_lowercase().replace('_', " ")));
            self.last = Some(now);
        }
    }

    /// Removes the line that is being updated.
    pub(crate) fn finish(&mut self) {
        self.clear();
    }

    fn show_completed(&mut self, order: &Order, phase: Phase) {
        let Some(record) = order.phases().get(&phase).filter(|record| record.run == order.run()) else { return };
        let Some(duration) = record.duration_ms() else { return };
        if self.shown.contains(&phase) {
            return;
        }
        self.shown.push(phase);
        self.clear();
        let (_, percent) = order.service_code().progress_percent(phase);
        let name = phase.as_str();
        if record.skipped {
            eprint(format!("  {percent:>3} %  {name:<9} skipped\n"));
        } else {
            eprint(format!("  {percent:>3} %  {name:<9} {duration:>6} ms{}\n", documents(order, phase)));
        }
    }

    fn clear(&mut self) {
        if self.last.take().is_some() {
            eprint("\r\x1b[2K");
        }
    }
}

fn documents(order: &Order, phase: Phase) -> String {
    if phase != Phase::Extract || order.documents() == 0 {
        return String::new();
    }
    let completed = order.terminal().len() - order.failed().len();
    format!("  {completed} of {} documents", order.documents())
}
