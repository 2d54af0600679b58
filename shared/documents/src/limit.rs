//! The limits a file is read within; `docs/reference/LIMITS.md` publishes them.

const MIB: u64 = 1024 * 1024;

/// What a file may be at most. A file that exceeds one is refused with [`crate::ReadError`]; nothing is cut off silently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size of the uploaded file, bytes.
    pub file_bytes_max: u64,
    /// Entries of a ZIP container (XLSX, ODS).
    pub archive_entries_max: usize,
    /// Bytes of all entries after inflation, counted while inflating.
    pub archive_inflated_bytes_max: u64,
    /// Inflated over stored size of one entry, from [`Limits::archive_ratio_from_bytes`] on.
    pub archive_ratio_max: u64,
    /// Inflated size up to which an entry's ratio is of no concern, bytes. Small parts of honest workbooks are very regular.
    pub archive_ratio_from_bytes: u64,
    /// Inflated size of a part that is neither a sheet nor the shared strings, bytes.
    pub archive_part_bytes_max: u64,
    /// Inflated size of the shared strings, bytes.
    pub shared_strings_bytes_max: u64,
    /// Number of shared strings.
    pub shared_strings_max: u64,
    /// Sheets of a workbook.
    pub sheets_max: usize,
    /// Last row number that a cell may stand in.
    pub rows_max: u32,
    /// Last column number that a cell may stand in.
    pub columns_max: u32,
    /// Cells of a workbook that hold something.
    pub cells_max: u64,
    /// One record of delimited text, bytes.
    pub csv_record_bytes_max: usize,
    /// Fields of one record of delimited text.
    pub csv_fields_max: usize,
    /// Records of delimited text.
    pub csv_records_max: u32,
    /// Cells up to which a sheet is taken for a statement. A larger sheet (a ledger dump) is skipped with a notice.
    pub statement_cells_max: usize,
    /// Rows up to which a sheet is taken for a statement, see [`Limits::statement_cells_max`].
    pub statement_rows_max: usize,
    /// Characters of one cell that are kept.
    pub cell_chars_max: usize,
    /// Line items of a document.
    pub lines_max: usize,
    /// Figures of a document.
    pub figures_max: usize,
    /// Notices of a document; the rest is counted.
    pub notices_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes_max: 25 * MIB,
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
            notices_max: 200,
        }
    }
}
