//! The mapping policy: choices of rows on which banks differ, under one name and version.

use crate::row::RowCode;

/// The rows for lines that could go to more than one. Changing any choice makes a new policy with a new name, because it
/// changes ratios.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Name and version, stored with every classification.
    pub name: String,
    /// Bank charges and commission: `II.6`, or `II.9.c` where the bank counts them as a cost of finance.
    pub bank_charges: RowCode,
    /// Sales printed as one line.
    pub revenue: RowCode,
    /// Finance costs printed as one line.
    pub finance_costs: RowCode,
    /// Inventories printed as one line.
    pub inventories: RowCode,
    /// Fixed assets printed net, as one line: the gross block is then the net figure, and depreciation is nil.
    pub net_block: RowCode,
    /// Cost of sales printed as one line.
    pub cost_of_sales: RowCode,
    /// Net worth printed as one line.
    pub net_worth: RowCode,
}

impl Policy {
    /// The policy that is applied unless an order names another one.
    #[must_use]
    pub fn docket_1() -> Self {
        Self {
            name: "docket-1".to_owned(),
            bank_charges: row!("II.6"),
            revenue: row!("II.1.i"),
            finance_costs: row!("II.9.c"),
            inventories: row!("III.30.iii"),
            net_block: row!("III.35"),
            cost_of_sales: row!("II.5.v"),
            net_worth: row!("III.19"),
        }
    }

    /// Whether the row is one of those between which the policy chooses for bank charges.
    pub(crate) fn is_bank_charges(&self, row: RowCode) -> bool {
        rows!["II.6", "II.9.c"].contains(&row) || row == self.bank_charges
    }

    /// The input row for an amount that belongs to `row`: where a statement prints a sum of the form as one amount, the row
    /// chosen for it; otherwise `row` itself.
    pub(crate) fn input_row(&self, row: RowCode) -> RowCode {
        let choices: [(&[RowCode], RowCode); 6] = [
            (&rows!["II.1", "II.3"], self.revenue),
            (&rows!["II.9"], self.finance_costs),
            (&rows!["III.30"], self.inventories),
            (&rows!["III.37"], self.net_block),
            (&rows!["II.5.x", "II.5.xiii"], self.cost_of_sales),
            (&rows!["III.24"], self.net_worth),
        ];
        choices.iter().find(|(sums, _)| sums.contains(&row)).map_or(row, |(_, choice)| *choice)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::docket_1()
    }
}
