//! Files made to harm their reader: each is refused with a named error, none makes it panic, abort or take much memory.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail it by panicking")]

use documents::{Limits, ReadError, read};
use rust_xlsxwriter::Workbook;
use std::io::{Cursor, Write};
use std::process::Command;
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

/// Most memory that reading any file may take, KiB.
const PEAK_KIB_MAX: u64 = 256 * 1024;

const TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
const RELATIONS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const SHEET_RELATION: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in parts {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn workbook(sheet: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("_rels/.rels", RELATIONS.as_bytes()),
        ("xl/workbook.xml", WORKBOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", SHEET_RELATION.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ];
    parts.extend_from_slice(more);
    archive(&parts)
}

fn sheet(rows: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
    )
}

fn ods(content: &str, manifest: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let deflated = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    zip.start_file("mimetype", stored).unwrap();
    zip.write_all(b"application/vnd.oasis.opendocument.spreadsheet").unwrap();
    zip.start_file("META-INF/manifest.xml", deflated).unwrap();
    zip.write_all(manifest.as_bytes()).unwrap();
    zip.start_file("content.xml", deflated).unwrap();
    zip.write_all(content.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

fn ods_table(rows: &str) -> Vec<u8> {
    let content = format!(
        r#"<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="S">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"#
    );
    ods(&content, "<manifest/>")
}

/// Every hostile file with the code it must be refused with.
fn corpus() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let strings_bomb = r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="1" uniqueCount="99999999999"><si><t>a</t></si></sst>"#;
    let empty_strings = format!(r#"<sst xmlns="x">{}</sst>"#, "<si/>".repeat(6_000_000));
    let far = sheet(r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>"#);
    let near = sheet(r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="99999"><c r="SF99999"><v>2</v></c></row>"#);
    let cells = sheet(&format!("<row>{}</row>", "<c><v>1</v></c>".repeat(2_400_000)));
    let rows = sheet(&r#"<row><c t="inlineStr"><is><t>ab</t></is></c><c><v>123456</v></c></row>"#.repeat(150_000));
    let good = sheet(r#"<row r="1"><c r="A1"><v>1</v></c></row>"#);
    let value = r#"<table:table-cell office:value-type="float" office:value="1"/>"#;
    let mut cases = vec![
        ("two cells that span the whole sheet", workbook(&far, &[]), "file.limit.rows"),
        ("two cells that span the limits", workbook(&near, &[]), "file.no_statement"),
        ("a sheet that inflates beyond the limit", workbook(&cells, &[]), "file.limit.inflated_bytes"),
        ("very many rows", workbook(&rows, &[]), "file.limit.rows"),
        (
            "a claim of very many texts",
            workbook(&good, &[("xl/sharedStrings.xml", strings_bomb.as_bytes())]),
            "file.limit.strings",
        ),
        (
            "very many empty texts",
            workbook(&good, &[("xl/sharedStrings.xml", empty_strings.as_bytes())]),
            "file.limit.strings",
        ),
        (
            "zeros that deflate to nothing",
            workbook(&good, &[("xl/media/image1.png", &vec![0; 9_000_000])]),
            "file.limit.ratio",
        ),
        (
            "an archive in the archive",
            workbook(&good, &[("xl/embeddings/a.bin", &archive(&[("a", b"a")]))]),
            "file.archive.nested",
        ),
        ("a name that climbs out", workbook(&good, &[("../../etc/passwd", b"x")]), "file.archive.entry_name"),
        ("an absolute name", workbook(&good, &[("/etc/passwd", b"x")]), "file.archive.entry_name"),
        ("macros", workbook(&good, &[("xl/vbaProject.bin", b"x")]), "file.macros"),
        (
            "an entity",
            workbook(&good.replace("<worksheet", "<!DOCTYPE a [<!ENTITY b \"c\">]><worksheet"), &[]),
            "file.archive.doctype",
        ),
        (
            "a text document",
            archive(&[("[Content_Types].xml", TYPES.as_bytes()), ("word/document.xml", b"<a/>")]),
            "file.type_unknown",
        ),
        ("a binary workbook", archive(&[("xl/workbook.bin", b"x")]), "file.format_not_read"),
        ("nothing", Vec::new(), "file.empty"),
        ("a workbook without cells", Workbook::new_with_one_sheet(), "file.empty"),
        ("an image", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0".to_vec(), "file.type_unknown"),
        ("a web page", b"<html><table><tr><td>a,b</td></tr></table></html>".to_vec(), "file.type_unknown"),
        ("prose", b"The company did well this year.\n".to_vec(), "file.type_unknown"),
        ("a document file", b"%PDF-1.7\n...".to_vec(), "file.pdf_not_yet_read"),
        ("one open quote", [b"a,b\n\"".as_slice(), &vec![b'x'; 20_000_000]].concat(), "file.limit.record_bytes"),
        ("a line of commas", vec![b','; 20_000_000], "file.limit.fields"),
        ("very many records", b"a,1\n".repeat(2_000_000), "file.limit.rows"),
        ("a file beyond the upload limit", vec![b'a'; 26 * 1024 * 1024], "file.too_large"),
        (
            "empty cells that repeat without end",
            ods_table(&format!(
                r#"<table:table-row table:number-rows-repeated="4294967295"><table:table-cell table:number-columns-repeated="4294967295"/></table:table-row><table:table-row>{value}</table:table-row>"#
            )),
            "file.limit.rows",
        ),
        (
            "full cells that repeat",
            ods_table(
                r#"<table:table-row><table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/></table:table-row>"#,
            ),
            "file.limit.columns",
        ),
        (
            "full rows that repeat",
            ods_table(&format!(
                r#"<table:table-row table:number-rows-repeated="1048576">{}</table:table-row>"#,
                value.repeat(400)
            )),
            "file.limit.cells",
        ),
        (
            "encrypted parts",
            ods(
                "<a/>",
                r#"<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>"#,
            ),
            "file.encrypted",
        ),
        (
            "a spreadsheet cut in its content",
            ods("<office:document-content><table:table><table:table-row>", "<m/>"),
            "file.broken",
        ),
        ("an encrypted package", compound(&[("EncryptionInfo", b"x"), ("EncryptedPackage", b"x")]), "file.encrypted"),
        (
            "a legacy workbook with a password",
            compound(&[("Workbook", &record(0x2F, &[1, 0, 1, 0]))]),
            "file.encrypted",
        ),
        (
            "a legacy workbook that claims all cells",
            compound(&[(
                "Workbook",
                &[record(0x809, &[0; 16]), record(0x200, &[0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 255, 255, 0, 0])]
                    .concat(),
            )]),
            "file.limit.cells",
        ),
        (
            "a legacy workbook whose claim is upside down",
            compound(&[(
                "Workbook",
                &[record(0x809, &[0; 16]), record(0x200, &[9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0])].concat(),
            )]),
            "file.broken",
        ),
        (
            "a legacy workbook of two far cells",
            compound(&[("Workbook", &[record(0x809, &[0; 16]), number(0, 0), number(65_535, 255)].concat())]),
            "file.limit.cells",
        ),
        ("a legacy text document", compound(&[("WordDocument", b"x")]), "file.type_unknown"),
    ];
    let whole = workbook(&good, &[]);
    cases.push(("a workbook cut in half", whole[..whole.len() / 2].to_vec(), "file.broken"));
    cases.push(("a compound file cut short", compound(&[("Workbook", b"x")])[..600].to_vec(), "file.broken"));
    cases
}

trait OneSheet {
    fn new_with_one_sheet() -> Vec<u8>;
}

impl OneSheet for Workbook {
    fn new_with_one_sheet() -> Vec<u8> {
        let mut workbook = Self::new();
        workbook.add_worksheet();
        workbook.save_to_buffer().unwrap()
    }
}

fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (name, bytes) in streams {
        file.create_stream(name).unwrap().write_all(bytes).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

fn record(kind: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap();
    [kind.to_le_bytes().as_slice(), &length.to_le_bytes(), body].concat()
}

fn number(row: u16, column: u16) -> Vec<u8> {
    let body = [row.to_le_bytes().as_slice(), &column.to_le_bytes(), &[0, 0], &1.0_f64.to_le_bytes()].concat();
    record(0x203, &body)
}

#[test]
fn every_hostile_file_is_refused_by_name() {
    for (name, bytes, code) in corpus() {
        let outcome = read("statements.xlsx", 1, &bytes, &Limits::default());
        let found = outcome.as_ref().map_or_else(ReadError::code, |_| "ok");
        assert_eq!(found, code, "{name}");
    }
}

#[test]
fn every_file_cut_or_flipped_anywhere_is_an_error_or_a_reading() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write(0, 0, "Particulars").unwrap().write(0, 1, 2024).unwrap();
    sheet.write(1, 0, "Sales").unwrap().write(1, 1, 100).unwrap();
    sheet.write(2, 0, "Purchases").unwrap().write(2, 1, 60).unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    for at in (0..bytes.len()).step_by(17) {
        let _ = read("a", 1, &bytes[..at], &Limits::default());
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x55;
        let _ = read("a", 1, &flipped, &Limits::default());
    }
}

#[test]
fn messages_say_what_to_do_and_hold_nothing_of_the_file() {
    let marked = format!("{},secret-marker\n", "x,".repeat(2_000));
    let error = read("secret-marker.csv", 1, marked.as_bytes(), &Limits::default()).unwrap_err();
    assert!(!error.to_string().contains("secret-marker"));
    assert!(!format!("{error:?}").contains("secret-marker"));
    assert_eq!(
        ReadError::Encrypted.to_string(),
        "the file is protected by a password; remove the password and upload it again"
    );
}

#[test]
fn no_hostile_file_takes_more_memory_than_a_function_has() {
    let reader = std::env::current_exe().unwrap().parent().unwrap().with_file_name("examples").join("read_file");
    if !reader.exists() {
        println!("SKIPPED: build the example read_file first, as a plain `cargo test` does");
        return;
    }
    let folder = std::env::temp_dir().join(format!("hostile-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut worst = 0;
    for (at, (name, bytes, _)) in corpus().into_iter().chain(heavy()).enumerate() {
        let path = folder.join(format!("{at}.bin"));
        std::fs::write(&path, bytes).unwrap();
        let output = Command::new(&reader).arg(&path).output().unwrap();
        assert!(output.status.success(), "{name}: the reader ended with {}", output.status);
        let text = String::from_utf8(output.stdout).unwrap();
        let peak: u64 = text.lines().find_map(|l| l.strip_prefix("peak_kib=")).unwrap().parse().unwrap();
        println!("{name}: {peak} KiB, {}", text.lines().next().unwrap_or_default());
        worst = worst.max(peak);
        assert!(peak <= PEAK_KIB_MAX, "{name}: {peak} KiB");
    }
    println!("worst: {worst} KiB");
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Files that stay just within the limits, so that they are read to their end.
fn heavy() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    // Numbers that differ keep the compression ratio honest.
    let cell = |n: u32| format!("<c><v>{}</v></c>", n.wrapping_mul(2_654_435_761));
    let numbers: String = (0..4_000_u32)
        .map(|r| format!("<row>{}</row>", (0..250).map(|c| cell(r * 250 + c)).collect::<String>()))
        .collect();
    let text: String = (0..400_000_u32).map(|n| format!("<si><t>{}</t></si>", n.wrapping_mul(2_654_435_761))).collect();
    let strings = format!(r#"<sst xmlns="x">{text}</sst>"#);
    let long: String = (0..2_000_000_u32)
        .map(|n| char::from(b'a' + u8::try_from(n.wrapping_mul(2_654_435_761) >> 28).unwrap()))
        .collect();
    let inline =
        format!(r#"<row><c t="inlineStr"><is>{}</is></c></row>"#, format!("<t>{}</t>", &long[..900_000]).repeat(30));
    let lines: String =
        (0..300_000_u32).map(|n| format!("Line {n},{},{}\n", n.wrapping_mul(2_654_435_761), n)).take(90_000).collect();
    vec![
        ("a million numbers", workbook(&sheet(&numbers), &[]), ""),
        (
            "many texts",
            workbook(&sheet("<row><c t=\"s\"><v>0</v></c></row>"), &[("xl/sharedStrings.xml", strings.as_bytes())]),
            "",
        ),
        ("one very long text", workbook(&sheet(&inline), &[]), ""),
        ("many records", lines.into_bytes(), ""),
    ]
}
