//! The limits within which a file is read. `docs/reference/LIMITS.md` publishes them.

use domain::limit::UPLOAD_BYTES_MAX;

const MIB: u64 = 1024 * 1024;

/// The limits of a file. A file that exceeds one is refused with [`crate::ReadError`]; nothing is truncated silently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size of the uploaded file, bytes.
    pub file_bytes_max: u64,
    /// Entries of a ZIP container (XLSX, ODS).
    pub archive_entries_max: usize,
    /// Bytes of all entries after inflation, counted while inflating.
    pub archive_inflated_bytes_max: u64,
    /// Inflated size divided by stored size of an entry larger than [`Limits::archive_ratio_from_bytes`].
    pub archive_ratio_max: u64,
    /// Inflated size up to which an entry's ratio is not checked, bytes. Small parts of genuine workbooks compress very well.
    pub archive_ratio_from_bytes: u64,
    /// Inflated size of a part that is neither a sheet nor the shared strings, bytes.
    pub archive_part_bytes_max: u64,
    /// Inflated size of the shared strings, bytes.
    pub shared_strings_bytes_max: u64,
    /// Number of shared strings.
    pub shared_strings_max: u64,
    /// Sheets of a workbook.
    pub sheets_max: usize,
    /// Highest row number of a cell.
    pub rows_max: u32,
    /// Highest column number of a cell.
    pub columns_max: u32,
    /// Cells of a workbook that are not empty.
    pub cells_max: u64,
    /// One record of delimited text, bytes.
    pub csv_record_bytes_max: usize,
    /// Fields of one record of delimited text.
    pub csv_fields_max: usize,
    /// Records of delimited text.
    pub csv_records_max: u32,
    /// Cells of a sheet that can still be a statement. A larger sheet (a ledger dump) is skipped with a notice.
    pub statement_cells_max: usize,
    /// Rows of a sheet that can still be a statement; see [`Limits::statement_cells_max`].
    pub statement_rows_max: usize,
    /// Characters of one cell that are kept.
    pub cell_chars_max: usize,
    /// Line items of a document.
    pub lines_max: usize,
    /// Figures of a document.
    pub figures_max: usize,
    /// Things seen and not used that are listed for a document. Further ones are only counted.
    pub unused_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes_max: UPLOAD_BYTES_MAX,
            archive_entries_max: 500,
            archive_inflated_bytes_max: 64 * MIB,
            archive_ratio_max: 200,
            archive_ratio_from_bytes: MIB,
            archive_part_bytes_max: 8 * MIB,
            shared_strings_bytes_max: 32 * MIB,
            shared_strings_max: 500_000,
            sheets_max: 200,
            rows_max: 100_000,
            columns_max: 500,
            cells_max: 2_000_000,
            csv_record_bytes_max: 1024 * 1024,
            csv_fields_max: 1_000,
            csv_records_max: 1_000_000,
            statement_cells_max: 60_000,
            statement_rows_max: 5_000,
            cell_chars_max: 2_000,
            lines_max: 20_000,
            figures_max: 200_000,
            unused_max: 200,
        }
    }
}
