//! Unreadable files: each order fails with a message that says what to do, a failure record and an alert, and the process
//! uses little memory.

use std::io::{Cursor, Write as _};

use rust_xlsxwriter::Workbook;
use zip::write::SimpleFileOptions;

use crate::folder::{Folder, sample};

/// The most memory that reading a bad file may take, in KiB. The function that reads has 1 GiB on Lambda.
const PEAK_KIB_MAX: u64 = 320 * 1024;
/// A text in the files' names and cells that no record may contain.
const SECRET: &str = "sarvodaya";

/// Orders a CMA of this file alone and checks how it fails.
fn refused(bytes: &[u8], code: &str, hint: &str) {
    let folder = Folder::new();
    let file = folder.file(&format!("{SECRET}.xlsx"), bytes);
    let output = folder.order(&["--json"], &[file]);
    assert_eq!(output.code, 1, "{output:?}");
    assert!(output.has_no_panic(), "{output:?}");
    let report = output.json();
    assert_eq!(report["status"], "FAILED");
    assert_eq!(report["orchestration_status"], "FAILED");
    assert!(report["failure_reason"].is_string());
    assert_eq!(report["artifacts"], serde_json::json!([]));

    let execution = &report["executions"][0];
    assert_eq!((execution["status"].as_str(), execution["error_code"].as_str()), (Some("failed"), Some(code)));
    assert!(execution["error_message"].as_str().unwrap().contains(hint), "{execution}");

    let shown = folder.show(report["order_id"].as_str().unwrap());
    let failures = shown["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 2, "the document's and the order's: {failures:?}");
    assert!(failures.iter().any(|failure| failure["code"] == code), "{failures:?}");
    assert!(failures.iter().all(|failure| failure["alert"] == "sent"), "{failures:?}");
    for table in ["tables.sqlite", "tables.sqlite-wal"] {
        let stored = std::fs::read(folder.path(".docket").join(table)).unwrap_or_default();
        let found = stored.windows(SECRET.len()).any(|window| window.eq_ignore_ascii_case(SECRET.as_bytes()));
        assert!(!found, "{table} holds something of the file");
    }
    eprintln!("{code}: {} MiB", output.peak_kib / 1024);
    assert!(output.peak_kib > 0 && output.peak_kib < PEAK_KIB_MAX, "{} KiB", output.peak_kib);
}

#[test]
fn an_empty_file() {
    refused(b"", "file.empty", "upload the file with its statements");
}

#[test]
fn a_picture_that_is_called_a_workbook() {
    refused(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01", "file.type_unknown", "save it as XLSX");
}

#[test]
fn a_pdf() {
    refused(b"%PDF-1.7\n1 0 obj<</Title(sarvodaya)>>endobj\n%%EOF\n", "file.pdf_not_yet_read", "as a workbook");
}

#[test]
fn a_workbook_with_a_password() {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream("/EncryptionInfo").unwrap().write_all(&[4, 0, 4, 0, 64, 0, 0, 0]).unwrap();
    file.create_stream("/EncryptedPackage").unwrap().write_all(SECRET.repeat(500).as_bytes()).unwrap();
    refused(&file.into_inner().into_inner(), "file.encrypted", "remove the password");
}

#[test]
fn a_truncated_workbook() {
    let bytes = std::fs::read(&sample()[0]).unwrap();
    refused(&bytes[..bytes.len() / 2], "file.broken", "save it again");
}

#[test]
fn two_cells_that_claim_a_huge_range() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_string(0, 0, SECRET).unwrap();
    sheet.write_number(1_048_575, 16_383, 1.0).unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    assert!(bytes.len() < 10_000);
    refused(&bytes, "file.limit.rows", "upload only the sheets");
}

#[test]
fn a_small_container_with_a_huge_stream_of_cells() {
    let mut sheet = String::from("<worksheet><sheetData>");
    let row = format!("<row><c t=\"inlineStr\"><is><t>{SECRET}</t></is></c></row>");
    let sheets = 110 * 1024 * 1024 / row.len();
    sheet.extend(std::iter::repeat_n(row.as_str(), sheets));
    sheet.push_str("</sheetData></worksheet>");
    let bytes = container(&[
        ("[Content_Types].xml", CONTENT_TYPES),
        ("_rels/.rels", RELATIONS),
        ("xl/workbook.xml", WORKBOOK),
        ("xl/_rels/workbook.xml.rels", WORKBOOK_RELATIONS),
        ("xl/worksheets/sheet1.xml", &sheet),
    ]);
    assert!(bytes.len() < 2 * 1024 * 1024, "{} bytes", bytes.len());
    refused(&bytes, "file.limit.inflated_bytes", "upload only the sheets");
}

#[test]
fn one_record_of_commas_only() {
    refused(&vec![b','; 20 * 1024 * 1024], "file.limit.fields", "upload only the sheets");
}

#[test]
fn fifty_megabytes_of_commas() {
    refused(&vec![b','; 50 * 1024 * 1024], "file.too_large", "more than the limit of 26214400");
}

fn container(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        archive.start_file(*name, SimpleFileOptions::default().compression_level(Some(1))).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

const CONTENT_TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;
const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="BS" sheetId="1" r:id="r1"/></sheets></workbook>"#;
const WORKBOOK_RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
