//! The published page of limits agrees with the code.

use documents::Limits;

#[test]
fn the_published_limits_are_those_of_the_code() {
    let page = include_str!("../../../docs/reference/LIMITS.md");
    let limits = Limits::default();
    let mib = |bytes: u64| format!("{} MiB", bytes / 1024 / 1024);
    let thousands = |n: u64| {
        let digits = n.to_string();
        let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|g| std::str::from_utf8(g).unwrap()).collect();
        groups.join(",")
    };
    let rows = [
        ("size of the upload", mib(limits.file_bytes_max)),
        ("entries of a container", limits.archive_entries_max.to_string()),
        ("container after unpacking", mib(limits.archive_inflated_bytes_max)),
        ("one sheet after unpacking", mib(limits.archive_inflated_bytes_max / 2)),
        ("styles, relations", mib(limits.archive_part_bytes_max)),
        ("unpacked size over stored size", limits.archive_ratio_max.to_string()),
        ("shared texts", format!("{}, {}", mib(limits.shared_strings_bytes_max), thousands(limits.shared_strings_max))),
        ("| sheets", limits.sheets_max.to_string()),
        ("row number", thousands(limits.rows_max.into())),
        ("column number", limits.columns_max.to_string()),
        ("cells of a file", thousands(limits.cells_max)),
        ("one CSV record", format!("1 MiB, {} fields", thousands(limits.csv_fields_max as u64))),
        ("CSV records", thousands(limits.csv_records_max.into())),
        ("statement lines", thousands(limits.lines_max as u64)),
        ("figures of a file", thousands(limits.figures_max as u64)),
        (
            "A sheet with more than",
            format!(
                "{} cells or {} rows",
                thousands(limits.statement_cells_max as u64),
                thousands(limits.statement_rows_max as u64)
            ),
        ),
        ("A cell's text is kept", format!("{} characters", thousands(limits.cell_chars_max as u64))),
    ];
    for (what, value) in rows {
        let line = page.lines().find(|l| l.contains(what)).unwrap_or_else(|| panic!("{what} is not published"));
        assert!(line.contains(&value), "{what}: {value} is not on the page");
    }
    assert_eq!(limits.csv_record_bytes_max, 1024 * 1024);
}
