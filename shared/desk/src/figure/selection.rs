//! Which published rows are shown, by their codes in `shared/cma/data/rows.csv`.

use crate::chart::Shape;

/// What a figure measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    /// Money.
    Amount,
    /// Percent.
    Percent,
    /// A plain ratio.
    Ratio,
}

/// A table of key figures.
pub(super) struct Table {
    pub(super) title: &'static str,
    pub(super) shape: Shape,
    pub(super) rows: &'static [Row],
}

/// A row of it.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) code: &'static str,
    pub(super) label: &'static str,
    pub(super) measure: Measure,
    /// Whether the chart draws it.
    pub(super) is_drawn: bool,
}

const fn amount(code: &'static str, label: &'static str) -> Row {
    Row { code, label, measure: Measure::Amount, is_drawn: false }
}

const fn percent(code: &'static str, label: &'static str) -> Row {
    Row { code, label, measure: Measure::Percent, is_drawn: false }
}

const fn ratio(code: &'static str, label: &'static str) -> Row {
    Row { code, label, measure: Measure::Ratio, is_drawn: false }
}

const fn drawn(row: Row) -> Row {
    Row { is_drawn: true, ..row }
}

/// The tables, in their order.
pub(super) const TABLES: &[Table] = &[
    Table {
        title: "Sales and profit",
        shape: Shape::Bars,
        rows: &[
            drawn(amount("II.3", "Net sales")),
            drawn(amount("II.8", "Operating profit before interest")),
            drawn(amount("II.14", "Net profit (PAT)")),
            percent("R.opm", "Operating margin"),
            percent("R.np", "Net margin"),
        ],
    },
    Table {
        title: "Current ratio",
        shape: Shape::Line,
        rows: &[
            amount("III.34", "Current assets"),
            amount("III.10", "Current liabilities"),
            drawn(ratio("R.cr", "Current ratio")),
        ],
    },
    Table {
        title: "TOL/TNW",
        shape: Shape::Line,
        rows: &[
            amount("III.18", "Total outside liabilities (TOL)"),
            amount("III.44", "Tangible net worth (TNW)"),
            drawn(ratio("R.tol_tnw", "TOL/TNW")),
        ],
    },
    Table {
        title: "Debt service coverage (DSCR)",
        shape: Shape::Line,
        rows: &[drawn(ratio("R.dscr", "Net DSCR")), ratio("R.icr", "Interest coverage")],
    },
    Table {
        title: "Maximum permissible bank finance (MPBF)",
        shape: Shape::Bars,
        rows: &[drawn(amount("V.8.I", "First method")), drawn(amount("V.8.II", "Second method"))],
    },
];
