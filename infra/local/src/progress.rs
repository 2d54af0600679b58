//! Progress of an order as it moves: one line that changes on a terminal, plain lines elsewhere.

use std::io::{IsTerminal as _, Write as _};

use domain::order::Order;
use domain::phase::Phase;

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

    /// Tells what is new about the order.
    pub(crate) fn show(&mut self, order: &Order) {
        if self.quiet {
            return;
        }
        for phase in Phase::ALL {
            let Some(record) = order.phases.get(&phase).filter(|record| record.run == order.run) else { continue };
            let Some(duration) = record.duration_ms() else { continue };
            if self.told.contains(&phase) {
                continue;
            }
            self.told.push(phase);
            self.clear();
            let (_, percent) = phase.progress_percent();
            if record.skipped {
                eprintln!("  {percent:>3} %  {phase:<9} left out");
            } else {
                eprintln!("  {percent:>3} %  {phase:<9} {duration:>6} ms{}", documents(order, phase));
            }
        }
        let now = (order.progress_percent(), order.orchestration_status.to_string());
        if self.terminal && order.is_active() && self.last.as_ref() != Some(&now) {
            self.clear();
            eprint!("  {:>3} %  {}", now.0, now.1.to_lowercase().replace('_', " "));
            // A progress line that does not appear is no reason to stop.
            let _ = std::io::stderr().flush();
            self.last = Some(now);
        }
    }

    /// Ends the changing line.
    pub(crate) fn finish(&mut self) {
        self.clear();
    }

    fn clear(&mut self) {
        if self.last.take().is_some() {
            eprint!("\r\x1b[2K");
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
