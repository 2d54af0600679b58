//! PDF files with a text layer.

use crate::support::{ambiguities, balances, dec, reading, refused, shown, statement};
use bank_statements::{Flag, Format, Place, ReadError, Total, UnusedKind, Verdict};
use lopdf::content::{Content, Operation};
use lopdf::{Document, Object, Stream, dictionary};

/// A small file as text.
pub const SAMPLE: &str = include_str!("sample.pdf");

/// A text and where it stands, in points from the left and the top of a page 842 points high.
type Text<'a> = (u32, u32, &'a str);

/// A PDF with these pages, in Helvetica of 9 points.
fn pdf(pages: &[Vec<Text<'_>>]) -> Vec<u8> {
    let contents = pages.iter().map(|texts| {
        let mut operations = vec![Operation::new("BT", vec![]), Operation::new("Tf", vec!["F1".into(), 9.into()])];
        for (x, y, text) in texts {
            let position = [1, 0, 0, 1].map(Object::from).into_iter().chain([(*x).into(), (842 - *y).into()]);
            operations.push(Operation::new("Tm", position.collect()));
            operations.push(Operation::new("Tj", vec![Object::string_literal(*text)]));
        }
        operations.push(Operation::new("ET", vec![]));
        Content { operations }.encode().unwrap()
    });
    document(contents.collect(), "", false)
}

/// A PDF of page contents, with an image on each page if `image` is not empty.
fn document(contents: Vec<Vec<u8>>, image: &str, compress: bool) -> Vec<u8> {
    let mut document = Document::with_version("1.5");
    let parent = document.new_object_id();
    let font = document.add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" });
    let picture = document.add_object(Stream::new(
        dictionary! { "Type" => "XObject", "Subtype" => "Image", "Width" => 1, "Height" => 1, "ColorSpace" => "DeviceGray",
        "BitsPerComponent" => 8 },
        vec![0],
    ));
    let mut kids: Vec<Object> = Vec::new();
    for mut content in contents {
        content.extend(image.as_bytes());
        let mut stream = Stream::new(dictionary! {}, content);
        if compress {
            stream.compress().unwrap();
        }
        let content = document.add_object(stream);
        let page = dictionary! { "Type" => "Page", "Parent" => parent, "Contents" => content,
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
        "Resources" => dictionary! { "Font" => dictionary! { "F1" => font }, "XObject" => dictionary! { "I1" => picture } } };
        kids.push(document.add_object(page).into());
    }
    let count = i64::try_from(kids.len()).unwrap();
    let pages = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count };
    document.objects.insert(parent, Object::Dictionary(pages));
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => parent });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

const HEAD: [Text<'static>; 5] =
    [(40, 100, "Date"), (110, 100, "Description"), (320, 100, "Debit"), (400, 100, "Credit"), (480, 100, "Balance")];

/// A page: the heading, then rows 14 points apart: date, text, debit, credit, balance.
fn page<'a>(before: &[Text<'a>], rows: &[[&'a str; 5]], after: &[Text<'a>]) -> Vec<Text<'a>> {
    let mut texts: Vec<Text<'a>> = before.iter().chain(&HEAD).copied().collect();
    for (number, row) in rows.iter().enumerate() {
        let y = 114 + 14 * u32::try_from(number).unwrap();
        // Right edges as in the heading: a digit of Helvetica is 5 points wide, a point or comma 2.5.
        let right = [0, 0, 343, 426, 513];
        for (column, text) in row.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            let width: u32 = text.chars().map(|c| if c.is_ascii_digit() { 10 } else { 5 }).sum::<u32>() / 2;
            let x = if column < 2 { [40, 110][column] } else { right[column] - width };
            texts.push((x, y, text));
        }
    }
    texts.extend(after.iter().copied());
    texts
}

#[test]
fn rows_are_read_across_pages_with_carried_balances_and_totals() {
    let first = page(
        &[
            (40, 40, "Account number: 0047 1100"),
            (40, 54, "Statement period: 01 Apr 2026 to 30 Apr 2026"),
            (40, 68, "Currency: EUR"),
        ],
        &[
            ["", "Opening balance", "", "", "800.00"],
            ["02 Apr 2026", "Card sales", "", "450.00", "1,250.00"],
            ["", "batch 118", "", "", ""],
            ["", "Carried forward", "", "", "1,250.00"],
        ],
        &[(280, 800, "Page 1 of 2")],
    );
    let second = page(
        &[],
        &[
            ["", "Brought forward", "", "", "1,250.00"],
            ["07 Apr 2026", "Rent", "600.00", "", "650.00"],
            ["", "Fee", "5.00", "", "645.00"],
            ["", "Closing balance", "", "", "645.00"],
        ],
        &[(40, 300, "Total debits 605.00"), (280, 300, "Total credits 450.00"), (280, 800, "Page 2 of 2")],
    );
    let read = reading(pdf(&[first.clone(), second.clone()]));
    let own = &read.statements[0];
    assert_eq!(
        (read.format, shown(&own.rows)),
        (Format::Pdf, vec!["2026-04-02 450.00".into(), "2026-04-07 -600.00".into(), "2026-04-07 -5.00".into()])
    );
    assert_eq!((own.verdict(), own.flags.as_slice()), (Verdict::Proven, [].as_slice()), "{read:?}");
    assert_eq!(balances(own), (Some(dec("800")), Some(dec("645"))));
    assert_eq!(
        (own.account.clone().unwrap().value.as_str(), own.currency.clone().unwrap().value.as_str()),
        ("0047 1100", "EUR")
    );
    assert_eq!(own.period.unwrap().to.to_string(), "2026-04-30");
    assert_eq!(own.rows[0].narration, "Card sales batch 118");
    assert!(
        matches!(&own.rows[1].at, Place::Page { page: 2, area } if area.left == 40 && area.top > 110 && area.bottom < 145),
        "{:?}",
        own.rows[1].at
    );
    assert_eq!(read.unused.iter().filter(|unused| unused.kind == UnusedKind::CarriedForward).count(), 2);
    let wrong: Vec<Text<'_>> = second
        .iter()
        .map(|(x, y, text)| (*x, *y, if *text == "Total debits 605.00" { "Total debits 606.00" } else { text }))
        .collect();
    let flags = statement(pdf(&[first, wrong])).flags;
    assert!(matches!(flags[..], [Flag::TotalMismatch { what: Total::Debits, .. }]), "{flags:?}");
}

#[test]
fn sections_tell_the_direction_of_amounts_without_a_mark() {
    let head = |y: u32| [(40, y, "Date"), (110, y, "Description"), (400, y, "Amount")];
    let mut texts: Vec<Text<'_>> = vec![
        (40, 30, "Statement period from 01/01/2026 through 01/31/2026"),
        (40, 44, "Beginning balance"),
        (300, 44, "$100.00"),
        (40, 58, "Ending balance"),
        (300, 58, "$125.00"),
        (40, 86, "Deposits and other additions"),
    ];
    texts.extend(head(100));
    texts.extend([(40, 114, "01/05"), (110, 114, "Card sales"), (404, 114, "50.00")]);
    texts.push((40, 160, "Withdrawals and other subtractions"));
    texts.extend(head(174));
    texts.extend([(40, 188, "01/07"), (110, 188, "Rent"), (404, 188, "25.00")]);
    let read = statement(pdf(&[texts.clone()]));
    assert_eq!(shown(&read.rows), ["2026-01-05 50.00", "2026-01-07 -25.00"]);
    assert_eq!((read.verdict(), read.flags.as_slice()), (Verdict::Proven, [].as_slice()));
    // Without the titles nothing tells the direction: what is read is flagged.
    texts.retain(|(_, _, text)| !text.contains("Deposits") && !text.contains("Withdrawals"));
    assert_eq!(statement(pdf(&[texts])).verdict(), Verdict::Flagged);
}

#[test]
fn headings_may_be_centred_over_two_lines_or_in_another_language() {
    let texts = vec![(60, 90, "Buchungs-"), (60, 100, "tag"), (40, 140, "ignored")];
    assert_eq!(refused(pdf(&[texts])), ReadError::ColumnsNotFound);
    let texts = vec![
        (60, 100, "Date"),
        (230, 100, "Description"),
        (400, 100, "Withdrawals /"),
        (405, 111, "Deposits"),
        (480, 100, "Balance"),
        (42, 126, "04/02/2026"),
        (110, 126, "Card sales"),
        (430, 126, "450.00"),
        (480, 126, "1,250.00"),
        (42, 140, "04/27/2026"),
        (110, 140, "Rent for 12 rooms"),
        (427, 140, "-600.00"),
        (488, 140, "650.00"),
    ];
    let read = statement(pdf(&[texts]));
    assert_eq!(
        (shown(&read.rows), read.verdict()),
        (vec!["2026-04-02 450.00".into(), "2026-04-27 -600.00".into()], Verdict::Proven)
    );
    assert_eq!(read.rows[1].narration, "Rent for 12 rooms");
    let german = vec![
        (40, 100, "Buchungstag"),
        (120, 100, "Verwendungszweck"),
        (300, 100, "Soll"),
        (380, 100, "Haben"),
        (460, 100, "Saldo EUR"),
        (40, 114, "02.04.2026"),
        (120, 114, "Verkauf"),
        (377, 114, "450,00"),
        (472, 114, "1.250,00"),
        (40, 128, "27.04.2026"),
        (120, 128, "Miete"),
        (291, 128, "600,00"),
        (480, 128, "650,00"),
    ];
    let read = statement(pdf(&[german]));
    assert_eq!((read.verdict(), read.currency.unwrap().value.as_str()), (Verdict::Proven, "EUR"));
}

#[test]
fn what_a_file_leaves_open_is_left_to_the_caller() {
    let rows = page(&[], &[["03/04/2026", "A", "1.00", "", "9.00"], ["05/04/2026", "B", "1.00", "", "8.00"]], &[]);
    assert_eq!(ambiguities(pdf(&[rows])).len(), 1);
    // Dates without a year and without a period are not read.
    let rows = page(&[], &[["03 Apr", "A", "1.00", "", "9.00"]], &[]);
    assert!(matches!(refused(pdf(&[rows])), ReadError::NoRowRead { count: 1, .. }));
}

#[test]
fn letters_printed_twice_are_read_once() {
    let rows = page(&[], &[["03 Apr 2026", "Sales", "", "1.00", "9.00"]], &[(110, 114, "Sales")]);
    assert_eq!(statement(pdf(&[rows])).rows[0].narration, "Sales");
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let good = pdf(&[page(&[], &[["03 Apr 2026", "A", "1.00", "", "9.00"]], &[])]);
    assert_eq!(refused(&good[..good.len() / 2]), ReadError::Broken);
    assert_eq!(refused(b"%PDF-1.7\nrubbish"), ReadError::Broken);
    assert_eq!(refused(document(vec![b"q 100 0 0 100 0 0 cm ".to_vec()], "/I1 Do Q", false)), ReadError::ImageOnly);
    assert_eq!(refused(pdf(&[vec![(40, 40, "A letter without a table")]])), ReadError::ColumnsNotFound);
    assert_eq!(refused(pdf(&[vec![]])), ReadError::NoStatement);
    let bomb = document(vec![vec![b' '; 20 << 20]], "", true);
    assert!(bomb.len() < 1 << 18);
    assert_eq!(refused(bomb).code(), "file.limit.stream_bytes");
    let many = pdf(&vec![vec![]; 501]);
    assert_eq!(refused(many).code(), "file.limit.pages");
    let mut document = Document::load_mem(&good).unwrap();
    let key = Object::string_literal("x".repeat(32));
    let encrypt = document.add_object(
        dictionary! { "Filter" => "Standard", "V" => 1, "R" => 2, "O" => key.clone(), "U" => key.clone(), "P" => -4 },
    );
    document.trailer.set("Encrypt", encrypt);
    document
        .trailer
        .set("ID", vec![Object::string_literal("0123456789abcdef"), Object::string_literal("0123456789abcdef")]);
    let mut protected = Vec::new();
    document.save_to(&mut protected).unwrap();
    assert_eq!(refused(protected), ReadError::Encrypted);
    let mailed = [b"Content-Type: application/pdf\r\n\r\n".as_slice(), &good].concat();
    assert!(matches!(
        bank_statements::read(&mailed, &Default::default(), &Default::default()),
        Ok(_) | Err(ReadError::Broken)
    ));
}
