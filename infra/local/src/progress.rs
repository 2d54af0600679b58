//! Progress of an order as it moves: one line that changes on a terminal, plain lines elsewhere.

use std::io::IsTerminal as _;

use domain::order::Order;
use domain::phase::Phase;

use crate::output::note;

/// Shows an order's progress on standard error, so that standard output holds the outcome alone.
pub(crate) struct Progress {
    quiet: bool,
    terminal: bool,
    told: Vec<Phase>,
    last: Option<(u8, String)>,
}

impl Progress {
    pub(crate) fn new(quiet: bool) -> Self {
        Self { quiet, terminal: std::io::stderr().is_terminal(), told: Vec::new(), last: None }
    }

    /// Progress of an order of which the user has seen the phases that are over.
    pub(crate) fn after(quiet: bool, order: &Order) -> Self {
        let told = order.phases.iter().filter(|(_, record)| record.completed_at.is_some());
        Self { told: told.map(|(phase, _)| *phase).collect(), ..Self::new(quiet) }
    }

    /// Tells what is new about the order.
    pub(crate) fn show(&mut self, order: &Order) {
        if self.quiet {
            return;
        }
        for phase in Phase::ALL {
            self.show_ended(order, phase);
        }
        let now = (order.progress_percent(), order.orchestration_status.to_string());
        if self.terminal && order.is_active() && self.last.as_ref() != Some(&now) {
            self.clear();
            note(format!("  {:>3} %  {} …", now.0, now.1.to_lowercase().replace('_', " ")));
            self.last = Some(now);
        }
    }

    /// Ends the changing line.
    pub(crate) fn finish(&mut self) {
        self.clear();
    }

    fn show_ended(&mut self, order: &Order, phase: Phase) {
        let Some(record) = order.phases.get(&phase).filter(|record| record.run == order.run) else { return };
        let Some(duration) = record.duration_ms() else { return };
        if self.told.contains(&phase) {
            return;
        }
        self.told.push(phase);
        self.clear();
        let (_, percent) = order.service_code.progress_percent(phase);
        let name = phase.as_str();
        if record.skipped {
            note(format!("  {percent:>3} %  {name:<9} left out\n"));
        } else {
            note(format!("  {percent:>3} %  {name:<9} {duration:>6} ms{}\n", documents(order, phase)));
        }
    }

    fn clear(&mut self) {
        if self.last.take().is_some() {
            note("\r\x1b[2K");
        }
    }
}

fn documents(order: &Order, phase: Phase) -> String {
    if phase != Phase::Extract || order.documents == 0 {
        return String::new();
    }
    let completed = order.completed_documents().count();
    format!("  {completed} of {} documents", order.documents)
}
