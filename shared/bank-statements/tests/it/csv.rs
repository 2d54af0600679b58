//! Delimited text.

use crate::support::{ambiguities, answered, balances, dec, reading, refused, shown, statement};
use bank_statements::{
    Ambiguity, Answers, DateOrder, DecimalMark, Flag, Footing, Origin, Proof, ReadError, Source, Total, Unread,
    UnusedKind, Verdict,
};

const ROWS: [&str; 3] = ["2026-04-02 450.00", "2026-04-07 -600.00", "2026-04-28 12.50"];

/// The same three rows as banks of different countries print them. The balance before them is 800.00.
#[test]
fn columns_are_found_by_their_headings_in_many_languages() {
    let files = [
        "Date,Description,Amount,Balance\n02/04/2026,Sales,450.00,1250.00\n07/04/2026,Rent,-600.00,650.00\n28/04/2026,Interest,12.50,662.50\n",
        "Transaction Date\tPosting Date\tParticulars\tDebit\tCredit\tRunning Balance\n01-Apr-2026\t02-Apr-2026\tSales\t\t450.00\t1,250.00\n\
         06-Apr-2026\t07-Apr-2026\tRent\t600.00\t\t650.00\n27-Apr-2026\t28-Apr-2026\tInterest\t0.00\t12.50\t662.50\n",
        "Date;Paid out;Paid in;Balance;Description\n02 Apr 2026;;\u{a3}450.00;\u{a3}1250.00;Sales\n07 Apr 2026;\u{a3}600.00;;\u{a3}650.00;Rent\n\
         28 Apr 2026;;\u{a3}12.50;\u{a3}662.50;Interest\n",
        "Buchungstag;Wertstellung;Verwendungszweck;Soll;Haben;Saldo\n02.04.2026;02.04.2026;Verkauf;;450,00;1.250,00\n\
         07.04.2026;07.04.2026;Miete;600,00;;650,00\n28.04.2026;28.04.2026;Zinsen;;12,50;662,50\n",
        "Buchung|Valuta|Auftraggeber/Empfänger|Betrag in EUR|Kontostand\n02.04.26|02.04.26|A|450,00|1.250,00\n\
         07.04.26|07.04.26|B|-600,00|650,00\n28.04.26|28.04.26|C|12,50|662,50\n",
        "Datum;Buchungstext;Umsatz;S/H;Saldo;\n28.04.2026;Zinsen;12,50;H;662,50;\n07.04.2026;Miete;600,00;S;650,00;\n02.04.2026;Verkauf;450,00;H;1.250,00;\n",
        "Fecha operación;Fecha valor;Concepto;Cargo;Abono;Saldo\n02/04/2026;02/04/2026;Venta;;450,00;1250,00\n07/04/2026;07/04/2026;Alquiler;600,00;;650,00\n\
         28/04/2026;28/04/2026;Interés;;12,50;662,50\n",
        "F. Contable;Descripción;Importe;Divisa;Saldo\n28/04/2026;Interés;12,50;EUR;662,50\n07/04/2026;Alquiler;-600,00;EUR;650,00\n02/04/2026;Venta;450,00;EUR;1250,00\n",
        "Date d'opération;Libellé;Date de valeur;Débit;Crédit;Solde\n02/04/2026;Vente;02/04/2026;;450,00;1 250,00\n\
         07/04/2026;Loyer;07/04/2026;-600,00;;650,00\n28/04/2026;Intérêts;28/04/2026;;12,50;662,50\n",
        "Data operazione,Descrizione,Dare,Avere,Saldo contabile\n02/04/2026,Vendita,,\"450,00\",\"1.250,00\"\n07/04/2026,Affitto,\"600,00\",,\"650,00\"\n\
         28/04/2026,Interessi,,\"12,50\",\"662,50\"\n",
        "Datum,Naam / Omschrijving,Af Bij,Bedrag (EUR),Saldo na mutatie\n20260402,Verkoop,Bij,\"450,00\",\"1250,00\"\n20260407,Huur,Af,\"600,00\",\"650,00\"\n\
         20260428,Rente,Bij,\"12,50\",\"662,50\"\n",
        "Dinank,Vivaran,Naame,Jama,Shesh\n02-04-2026,Bikri,,450.00,1250.00\n07-04-2026,Kiraya,600.00,,650.00\n28-04-2026,Byaj,,12.50,662.50\n",
        "Tran Date,Value Date,CHQNO,Transaction Particulars,Amount(INR),DR|CR,Balance(INR)\n02-04-2026,02-04-2026,-,Sales,450.00,CR,1250.00\n\
         07-04-2026,07-04-2026,-,Rent,600.00,DR,650.00\n28-04-2026,28-04-2026,-,Interest,12.50,CR,662.50\n",
        "Date,Narration,Chq./Ref.No.,Value Dt,Withdrawal Amt.,Deposit Amt.,Closing Balance\n02/04/26,Sales,000,02/04/26,,450.00,\"1,250.00\"\n\
         07/04/26,Rent,000,07/04/26,600.00,,650.00\n28/04/26,Interest,000,28/04/26,,12.50,662.50\n",
        "Posted On,Type,Details,Amount,Balance\n\"Apr 2, 2026\",Credit,Sales,$450.00,\"$1,250.00\"\n\"Apr 7, 2026\",Debit,Rent,-$600.00,$650.00\n\
         \"Apr 28, 2026\",Credit,Interest,$12.50,$662.50\n",
        "Date,Details,Amount,Balance\n2026-04-02T23:30:00-05:00,Sales,450.00 Cr,1250.00 Cr\n2026-04-07T00:10:00Z,Rent,600.00 Dr,650.00 Cr\n2026-04-28,Interest,12.50Cr,662.50Cr\n",
    ];
    for file in files {
        for variant in
            [file.to_owned(), file.replace('\n', "\r\n"), format!("\u{feff}{file}"), format!("\n\n{file}\n\n")]
        {
            let read = statement(&variant);
            let rows: Vec<String> = read.rows.iter().map(|row| format!("{} {:.2}", row.date, row.amount)).collect();
            assert_eq!(rows, ROWS, "{file}");
            assert_eq!((read.verdict(), read.flags.as_slice()), (Verdict::Proven, [].as_slice()), "{file}");
            assert_eq!(balances(&read), (Some(dec("800")), Some(dec("662.5"))), "{file}");
            assert_eq!(read.opening.unwrap().origin, Origin::RunningBalance);
        }
        let latin: Option<Vec<u8>> = file.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
        assert_eq!(statement(latin.unwrap()).rows.len(), 3, "{file}");
    }
}

#[test]
fn a_table_without_heading_is_read_if_its_balances_prove_it() {
    let read = statement("02/04/2026,Sales,450.00,1250.00\n27/04/2026,Rent,-600.00,650.00\n");
    assert_eq!(
        (shown(&read.rows), read.verdict()),
        (vec!["2026-04-02 450.00".into(), "2026-04-27 -600.00".into()], Verdict::Proven)
    );
    assert_eq!(refused("a,b,c\nd,e,f\n"), ReadError::ColumnsNotFound);
    assert_eq!(refused("27/04/2026,x,450.00,,1250.00\n28/04/2026,y,,600.00,650.00\n"), ReadError::ColumnsNotFound);
}

#[test]
fn day_and_month_are_settled_once_or_left_to_the_caller() {
    let file = "Date,Details,Debit,Credit\n03/04/2026,Sales,,450.00\n05/04/2026,Rent,600.00,\n";
    let [Ambiguity::DateOrder { readings }] = &ambiguities(file)[..] else { panic!("not one ambiguity") };
    let found: Vec<_> = readings.iter().map(|r| (r.order, r.first.to_string(), r.last.to_string())).collect();
    let expected = [
        (DateOrder::DayMonthYear, "2026-04-03".to_owned(), "2026-04-05".to_owned()),
        (DateOrder::MonthDayYear, "2026-03-04".to_owned(), "2026-05-04".to_owned()),
    ];
    assert_eq!(found, expected);
    for (order, rows) in [
        (DateOrder::DayMonthYear, ["2026-04-03 450.00", "2026-04-05 -600.00"]),
        (DateOrder::MonthDayYear, ["2026-03-04 450.00", "2026-05-04 -600.00"]),
    ] {
        let answers = Answers { date_order: Some(order), ..Answers::default() };
        assert_eq!(shown(&answered(file, &answers).statements[0].rows), rows);
    }
    // Any date settles it: of a row, a value date, or the stated period.
    for settled in [
        file.replace("05/04", "27/04"),
        format!("Period:,01/04/2026 to 30/04/2026\n{file}"),
        format!("Period: 01-Apr-2026 to 30-Apr-2026\n{file}"),
        "Date,Value Date,Details,Debit,Credit\n03/04/2026,13/04/2026,Sales,,450.00\n".to_owned(),
    ] {
        assert_eq!(statement(&settled).rows[0].date.to_string(), "2026-04-03", "{settled}");
    }
    // A file that settles it does not ask, whatever the caller says.
    let answers = Answers { date_order: Some(DateOrder::MonthDayYear), ..Answers::default() };
    let read = answered(file.replace("05/04", "27/04"), &answers);
    assert_eq!(read.statements[0].rows[0].date.to_string(), "2026-04-03");
}

#[test]
fn the_decimal_mark_is_settled_by_the_balances_or_left_to_the_caller() {
    let head = "Date;Text;Amount;Balance\n";
    let thousands =
        statement(format!("{head}2026-04-02;A;1.000;6.000\n2026-04-03;B;-2.000;4.000\n2026-04-04;C;+500;4.500\n"));
    assert_eq!(thousands.closing.unwrap().amount, dec("4500"));
    let decimals =
        statement(format!("{head}2026-04-02;A;1.000;6.000\n2026-04-03;B;-2.000;4.000\n2026-04-04;C;+500;504.000\n"));
    assert_eq!(decimals.closing.unwrap().amount, dec("504.000"));
    let file = "Date;Text;Amount\n2026-04-02;A;-1.000\n2026-04-03;B;2.500\n";
    let [Ambiguity::DecimalMark { readings }] = &ambiguities(file)[..] else { panic!("not one ambiguity") };
    assert_eq!(
        readings.iter().map(|r| (r.mark, r.read)).collect::<Vec<_>>(),
        [(DecimalMark::Point, dec("1.000")), (DecimalMark::Comma, dec("1000"))]
    );
    let answers = Answers { decimal_mark: Some(DecimalMark::Comma), ..Answers::default() };
    assert_eq!(shown(&answered(file, &answers).statements[0].rows), ["2026-04-02 -1000", "2026-04-03 2500"]);
}

#[test]
fn what_is_not_stated_comes_from_the_caller_or_is_missing() {
    let file = "Date,Details,Amount\n2026-04-13,Sales,450.00\n2026-04-14,Rent,-600.00\n";
    let read = statement(file);
    assert_eq!((read.account, read.currency), (None, None));
    let answers = Answers { account: Some("4711".into()), currency: Some("EUR".into()), ..Answers::default() };
    let read = answered(file, &answers).statements.remove(0);
    assert_eq!((read.account.unwrap().source, read.currency.unwrap().source), (Source::Caller, Source::Caller));
    let stated = format!("Account number: 99 88 77\nCurrency: USD\n{file}");
    let read = answered(&stated, &answers).statements.remove(0);
    assert_eq!((read.account.unwrap().value.as_str(), read.currency.unwrap().value.as_str()), ("99 88 77", "USD"));
    assert!(matches!(read.flags[..], [Flag::AnswerContradicted { .. }]));
}

#[test]
fn directions_are_never_guessed() {
    let head = "Date,Details,Amount,Dr/Cr,Balance\n";
    let contradicting = reading(format!(
        "{head}2026-04-13,A,5.00,CR,105.00\n2026-04-14,B,-5.00,CR,100.00\n2026-04-15,C,5.00,,95.00\n2026-04-16,D,5.00,XX,90.00\n"
    ));
    let why: Vec<Unread> = contradicting.unread_rows.iter().map(|row| row.why).collect();
    assert_eq!(why, [Unread::DirectionContradicted, Unread::DirectionMissing]);
    assert_eq!(contradicting.statements[0].verdict(), Verdict::Flagged);
    let both = reading("Date,Details,Debit,Credit\n2026-04-13,A,5.00,7.00\n2026-04-14,B,,1.00\n");
    assert_eq!(both.unread_rows[0].why, Unread::DirectionContradicted);
    let suffix = reading("Date,Details,Debit,Credit\n2026-04-13,A,5.00 Cr,\n2026-04-14,B,,1.00\n");
    assert_eq!(suffix.unread_rows[0].why, Unread::DirectionContradicted);
    // Without a mark: the balances tell, and the row that none tells is not read.
    let read = reading(
        "Date,Details,Amount,Balance\n2026-04-13,A,5.00,105.00\n2026-04-14,B,7.00,98.00\n2026-04-15,C,2.00,100.00\n",
    );
    assert_eq!(shown(&read.statements[0].rows), ["2026-04-14 -7.00", "2026-04-15 2.00"]);
    assert_eq!(read.unread_rows[0].why, Unread::DirectionMissing);
    let opened = statement(
        "Opening balance,100.00\nDate,Details,Amount,Balance\n2026-04-13,A,5.00,105.00\n2026-04-14,B,7.00,98.00\n",
    );
    assert_eq!(
        (shown(&opened.rows), opened.verdict()),
        (vec!["2026-04-13 5.00".into(), "2026-04-14 -7.00".into()], Verdict::Proven)
    );
    // Without a mark and without balances, money in is what is printed, and flagged.
    let unmarked = statement("Date,Details,Amount\n2026-04-13,A,5.00\n2026-04-14,B,7.00\n");
    assert_eq!(unmarked.flags, [Flag::DirectionNotMarked]);
}

#[test]
fn rows_that_cannot_be_read_are_listed_and_flagged() {
    let file = "Date,Details,Amount,Balance\n2026-04-13,A,5.00,105.00\n2026-02-30,B,1.00,106.00\nsoon,C,1.00,107.00\n,D,1.00,108.00\n\
                2026-04-14,E,12..34,109.00\n2026-04-14,F,,110.00\n2026-04-14,G,-2.00,3.00,extra,108.00\n2026-04-15,H,\"1,0\n0.00\",5\n";
    let read = reading(file);
    let why: Vec<Unread> = read.unread_rows.iter().map(|row| row.why).collect();
    use Unread::{AmountMissing, AmountNotUnderstood, DateMissing, DateNotUnderstood, Malformed};
    assert_eq!(why.len(), 7, "{:?}", read.unread_rows);
    for expected in [AmountMissing, AmountNotUnderstood, DateMissing, DateNotUnderstood, Malformed] {
        assert!(why.contains(&expected), "{expected:?}: {:?}", read.unread_rows);
    }
    assert!(read.statements[0].flags.contains(&Flag::RowsNotRead { count: 7 }));
}

#[test]
fn delimiters_in_amounts_and_open_quotes_never_move_columns() {
    // The amount 1,02,500.50 is not quoted: its pieces would be an amount and a balance.
    let read = reading("Date,Details,Amount,Balance\n2026-04-13,A,5.00,105.00\n2026-04-14,B,1,02,500.50,99.00\n");
    assert_eq!(read.unread_rows[0].why, Unread::Malformed);
    let open = reading(
        "Date;Details;Amount;Balance\n2026-04-13;A;5,00;105,00\n2026-04-14;\"B;1,00;106,00\n2026-04-15;C;1,00;107,00\n2026-04-16;D\";1,00;108,00\n",
    );
    assert_eq!(open.unread_rows[0].why, Unread::Malformed);
    assert_eq!(open.statements[0].verdict(), Verdict::Flagged);
}

#[test]
fn opening_and_closing_lines_and_totals_are_no_rows() {
    let rows = "02/04/2026,Sales,,450.00,1250.00\n27/04/2026,Rent,600.00,,650.00\n";
    let head = "Date,Details,Debit,Credit,Balance\n";
    let files = [
        format!("{head}01/04/2026,Opening Balance,,,800.00\n{rows}30/04/2026,Closing Balance,,,650.00\n"),
        format!("{head},BALANCE B/F,,,800.00\n{rows},Balance C/F,,,650.00\n"),
        format!(
            "{head}01/04/2026,Opening Balance,,800.00,800.00\n{rows},,,,\nTotal,,600.00,450.00,\nClosing balance,,,,650.00\n"
        ),
        format!(
            "Opening balance: 800.00,,Closing balance: 650.00\nTotal debits,600.00\nTotal credits,450.00\nNumber of transactions,2\n{head}{rows}"
        ),
        "Solde initial;800,00\nDate;Libellé;Débit;Crédit;Solde\n02/04/2026;V;;450,00;1250,00\n27/04/2026;L;600,00;;650,00\nSolde final;;;;650,00\n".to_owned(),
        format!(
            "{head}01/04/2026,Opening Balance,,,800.00\n02/04/2026,Sales,,450.00,1250.00\n,Carried forward,,,1250.00\n{head},Brought forward,,,1250.00\n27/04/2026,Rent,600.00,,650.00\nClosing Balance,,,,650.00\n"
        ),
    ];
    for file in files {
        let read = statement(&file);
        assert_eq!(read.rows.len(), 2, "{file}");
        assert_eq!(balances(&read), (Some(dec("800")), Some(dec("650"))), "{file}");
        let stated = |balance: Option<bank_statements::Balance>| balance.unwrap().origin == Origin::Stated;
        assert!(stated(read.opening.clone()) && stated(read.closing.clone()), "{file}");
        assert_eq!((read.verdict(), read.flags.as_slice()), (Verdict::Proven, [].as_slice()), "{file}");
        assert!(read.rows.iter().all(|row| row.proof == Proof::Proven), "{file}");
    }
    let wrong =
        format!("{head}01/04/2026,Opening Balance,,,800.00\n{rows}Total,,601.00,450.00,\n,Closing Balance,,,655.00\n");
    let flags = statement(wrong).flags;
    assert!(matches!(flags[0], Flag::ClosingMismatch { difference, .. } if difference == dec("5")), "{flags:?}");
    assert!(
        matches!(flags[1], Flag::TotalMismatch { what: Total::Debits, stated, .. } if stated == dec("601")),
        "{flags:?}"
    );
    let page = format!(
        "{head},Balance B/F,,,800.00\n02/04/2026,Sales,,450.00,1250.00\n,Carried forward,,,1250.00\n,Brought forward,,,1205.00\n27/04/2026,Rent,600.00,,650.00\n"
    );
    assert!(statement(page).flags.iter().any(|flag| matches!(flag, Flag::PageMismatch { .. })));
}

#[test]
fn a_balance_that_does_not_follow_fails_with_its_figures() {
    let read = statement(
        "Date,Details,Amount,Balance\n2026-04-13,A,5.00,105.00\n2026-04-14,B,-7.00,89.00\n2026-04-15,C,1.00,90.00\n",
    );
    assert_eq!(read.rows[0].proof, Proof::Unproven);
    assert_eq!(
        read.rows[1].proof,
        Proof::Failed { expected: dec("98.00"), found: dec("89.00"), difference: dec("-9.00") }
    );
    assert_eq!(read.rows[2].proof, Proof::Proven);
    assert!(read.flags.contains(&Flag::RowFails { row: 1 }));
    assert!(matches!(read.footing, Footing::Fails(_)));
}

#[test]
fn rows_are_put_into_the_order_of_booking_by_their_balances() {
    let newest_first = "Date,Details,Amount,Balance\n2026-04-15,C,1.00,99.00\n2026-04-14,B2,-7.00,98.00\n2026-04-14,B1,5.00,105.00\n2026-04-13,A,10.00,100.00\n";
    let read = statement(newest_first);
    let names: Vec<&str> = read.rows.iter().map(|row| row.narration.as_str()).collect();
    assert_eq!((names, read.verdict()), (vec!["A", "B1", "B2", "C"], Verdict::Proven));
}

#[test]
fn equal_rows_are_kept_and_marked() {
    let read =
        statement("Date,Details,Amount\n2026-04-13,Coffee,-4.50\n2026-04-13,Coffee,-4.50\n2026-04-14,Coffee,-4.50\n");
    assert_eq!(read.rows.iter().map(|row| row.repeated).collect::<Vec<_>>(), [true, true, false]);
}

#[test]
fn accounts_and_currencies_of_one_file_are_told_apart() {
    let file = "Account Number,Date,Details,Amount,Currency,Balance\n1111,2026-04-13,A,1.00,EUR,1.00\n2222,2026-04-13,B,2.00,EUR,2.00\n\
                1111,2026-04-14,C,-1.00,EUR,0.00\n1111,2026-04-14,D,-9.00,USD,1.00\n";
    let read = reading(file);
    let found: Vec<_> = read
        .statements
        .iter()
        .map(|s| (s.account.clone().unwrap().value, s.currency.clone().unwrap().value, s.rows.len()))
        .collect();
    assert_eq!(
        found,
        [("1111".into(), "EUR".into(), 2), ("2222".into(), "EUR".into(), 1), ("1111".into(), "USD".into(), 1)]
    );
}

#[test]
fn narrations_are_text_and_go_on_in_the_next_line() {
    let file = "Date,Details,Amount\n2026-04-13,=cmd|' /C calc'!A0,-1.00\n,+1-800-555 continued,\n2026-04-14,\"two\nlines\",2.00\nPage 1 of 2,,\n";
    let read = reading(file);
    let rows = &read.statements[0].rows;
    assert_eq!(rows[0].narration, "=cmd|' /C calc'!A0 +1-800-555 continued");
    assert_eq!(rows[1].narration, "two lines");
    assert!(read.unused.iter().any(|unused| unused.text == "Page 1 of 2" && unused.kind == UnusedKind::Line));
    let protected = statement("Date,Chq No,Details,Amount\n=\"2026-04-13\",=\"000418\",x,=\"-1.00\"\n");
    assert_eq!((protected.rows[0].reference.as_deref(), protected.rows[0].amount), (Some("000418"), dec("-1.00")));
}

#[test]
fn pending_rows_do_not_count_and_unknown_states_are_not_read() {
    let file = "Date,Details,Amount,State\n2026-04-13,A,-1.00,COMPLETED\n2026-04-13,B,-2.00,PENDING\n2026-04-13,C,-4.00,REVERTED\n2026-04-13,D,-8.00,LIMBO\n";
    let read = reading(file);
    assert_eq!(shown(&read.statements[0].rows), ["2026-04-13 -1.00"]);
    assert_eq!(read.unread_rows[0].why, Unread::StatusNotUnderstood);
    assert_eq!(read.unused.iter().filter(|unused| unused.kind == UnusedKind::NotBooked).count(), 2);
}

#[test]
fn hostile_text_is_refused_or_flagged() {
    let long = format!("Date,Details,Amount\n2026-04-13,\"{}", "x".repeat(3 << 20));
    assert_eq!(refused(long).code(), "file.limit.line_bytes");
    assert_eq!(refused(format!("Date,Details,Amount\n{}", ",".repeat(100_000))).code(), "file.limit.fields");
    assert_eq!(refused("  \n \n\t\n"), ReadError::Empty);
    assert_eq!(refused("\0\0\0\0"), ReadError::Empty);
    assert_eq!(refused(b"PK\x03\x04rest"), ReadError::TypeUnknown);
    assert_eq!(refused("no delimiter at all"), ReadError::TypeUnknown);
    assert_eq!(refused("Date,Details,Amount\n"), ReadError::NoStatement);
    let rows = "2026-04-13,x,-1.00\n".repeat(100_001);
    assert_eq!(refused(format!("Date,Details,Amount\n{rows}")).code(), "file.limit.rows");
    let nul = statement(
        "Date,Details,Amount\n2026-04-13,a\0b,-1.00\n2026-04-14,c,1\0.00\n2026-04-15,d,1.00\n"
            .replace("1\0.00", "-1.00"),
    );
    assert_eq!(nul.rows[0].narration, "a b");
}

#[test]
fn accounts_of_other_parties_are_not_those_of_the_statement() {
    let named = "Kontonummer:;DE02120300000000202051\nBuchungstag;Buchungstext;Verwendungszweck;Kontonummer;Betrag (EUR)\n\
                 02.04.2026;Gutschrift;Rechnung;DE98;450,00\n27.04.2026;Lastschrift;Miete;DE99;-600,00\n";
    let beside = "Date,Payee,Account number,Payment reference,Amount (EUR)\n2026-04-02,Kunde,DE98,Rechnung,450.0\n2026-04-07,Vermieter,DE99,,-600.0\n";
    for (file, account) in [(named, Some("DE02120300000000202051")), (beside, None)] {
        let read = statement(file);
        assert_eq!((read.rows.len(), read.account.map(|known| known.value).as_deref()), (2, account));
    }
}

#[test]
fn labels_may_have_a_date_and_rows_that_are_not_booked_none() {
    let file = "Description,,Summary Amt.\nBeginning balance as of 04/01/2026,,\"1,000.00\"\nTotal credits,,450.00\nTotal debits,,-600.00\n\
                Ending balance as of 04/30/2026,,850.00\n\nDate,Description,Amount,Running Bal.\n04/01/2026,Beginning balance as of 04/01/2026,,\"1,000.00\"\n\
                04/02/2026,DEPOSIT,450.00,\"1,450.00\"\n04/15/2026,RENT,-600.00,850.00\n";
    let read = statement(file);
    assert_eq!((read.rows.len(), read.verdict(), read.flags.as_slice()), (2, Verdict::Proven, [].as_slice()));
    assert_eq!(balances(&read), (Some(dec("1000")), Some(dec("850"))));
    let pending = "Completed Date,Description,Amount,State\n2026-04-02,A,-1.00,COMPLETED\n,B,-6.00,PENDING\n";
    assert_eq!(statement(pending).flags, []);
}

#[test]
fn totals_of_pages_and_sections_are_those_of_their_rows() {
    let file = "Date,Details,Debit,Credit,Balance\n,Opening balance,,,800.00\n02/04/2026,Sales,,450.00,1250.00\nTotal,,0.00,450.00,\n\
                07/04/2026,Fee,1.00,,1249.00\n27/04/2026,Rent,600.00,,649.00\nTotal,,601.00,0.00,\nGrand total,,601.00,450.00,\n";
    assert_eq!(statement(file).flags, []);
    let wrong = statement(file.replace("Total,,601.00,0.00,", "Total,,602.00,0.00,"));
    assert!(matches!(wrong.flags[..], [Flag::TotalMismatch { what: Total::Debits, .. }, ..]), "{:?}", wrong.flags);
}
