//! Where the reader of an alert acts: with commands, and at the desk.

use domain::id::FirmId;

/// Where the reader of an alert acts. By default on the machine that ran the order, with commands.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// The deployed stage that commands work on.
    pub(super) stage: Option<String>,
    /// Address of the desk, without a slash at its end.
    pub(super) desk: Option<String>,
}

impl Place {
    /// The beginning of a command about an order of `firm`.
    pub(super) fn docket(&self, firm: &FirmId) -> String {
        self.docket_of(firm.as_str())
    }

    /// The beginning of a command whose reader chooses the firm.
    pub(super) fn docket_of_a_firm(&self) -> String {
        self.docket_of("FIRM")
    }

    fn docket_of(&self, firm: &str) -> String {
        self.stage.as_ref().map_or_else(|| "docket".to_owned(), |stage| format!("docket --stage {stage} --firm {firm}"))
    }

    /// A line with the address of a page of the desk, such as `orders`; empty without a desk.
    pub(super) fn open(&self, page: impl std::fmt::Display) -> String {
        self.desk.as_ref().map_or_else(String::new, |desk| format!("\nOpen: {desk}/{page}"))
    }
}
