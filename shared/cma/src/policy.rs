//! The mapping policy: the choices between rows that banks make differently, under one name and version.

/// Where lines go that more than one row would accept. A change of any choice is a new policy with a new name, because
/// it moves ratios.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Name and version, stored with every classification.
    pub name: String,
    /// Bank charges and commission: `II.6`, or `II.9.c` where the bank counts them as a cost of finance.
    pub bank_charges: String,
    /// Sales printed as one line.
    pub revenue: String,
    /// Finance costs printed as one line.
    pub finance_costs: String,
    /// Inventories printed as one line.
    pub inventories: String,
    /// Fixed assets printed net, as one line; then gross is net and nothing is accumulated.
    pub net_block: String,
    /// Cost of sales printed as one line.
    pub cost_of_sales: String,
    /// Net worth printed as one line.
    pub net_worth: String,
}

impl Policy {
    /// The policy that is applied unless an order names another one.
    #[must_use]
    pub fn docket_1() -> Self {
        Self {
            name: "docket-1".to_owned(),
            bank_charges: "II.6".to_owned(),
            revenue: "II.1.i".to_owned(),
            finance_costs: "II.9.c".to_owned(),
            inventories: "III.30.iii".to_owned(),
            net_block: "III.35".to_owned(),
            cost_of_sales: "II.5.v".to_owned(),
            net_worth: "III.19".to_owned(),
        }
    }

    /// The input row for an amount that a statement prints as one sum; other rows are their own.
    pub(crate) fn input_row<'a>(&'a self, row_code: &'a str) -> &'a str {
        match row_code {
            "II.1" | "II.3" => &self.revenue,
            "II.9" => &self.finance_costs,
            "III.30" => &self.inventories,
            "III.37" => &self.net_block,
            "II.5.x" | "II.5.xiii" => &self.cost_of_sales,
            "III.24" => &self.net_worth,
            other => other,
        }
    }

    /// The row a rule names: `@bank_charges` is the policy's choice, anything else is a row code.
    pub(crate) fn row<'a>(&'a self, named: &'a str) -> &'a str {
        match named {
            "@bank_charges" => &self.bank_charges,
            row_code => row_code,
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::docket_1()
    }
}
