//! Several files of one account.

use crate::support::{dec, reading};
use bank_statements::{Cause, Conflict, Coverage, Ledger, Month, Reading, coverage, merge};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// A transaction of a made-up account: day of April or May 2026, cents, name.
#[derive(Clone, Debug)]
struct Tx {
    day: u32,
    cents: i64,
    name: &'static str,
}

fn date(day: u32) -> String {
    if day <= 30 { format!("2026-04-{day:02}") } else { format!("2026-05-{:02}", day - 30) }
}

fn money(cents: i64) -> String {
    Decimal::new(cents, 2).to_string()
}

/// Some rows as delimited text with running balances.
fn as_csv(rows: &[Tx], opening: i64) -> Reading {
    let mut balance = opening;
    let mut text = "Account,Currency,Date,Details,Amount,Balance\n".to_owned();
    for row in rows {
        balance += row.cents;
        text.push_str(&format!(
            "4711,EUR,{},{},{:+},{}\n",
            date(row.day),
            row.name,
            Decimal::new(row.cents, 2),
            money(balance)
        ));
    }
    reading(text)
}

/// Some rows as MT940, which has an opening and a closing balance only.
fn as_mt940(rows: &[Tx], opening: i64) -> Reading {
    let mark = |cents: i64| if cents < 0 { 'D' } else { 'C' };
    let amount = |cents: i64| money(cents.abs()).replace('.', ",");
    let short = |day: u32| date(day).replace('-', "")[2..].to_owned();
    let closing = opening + rows.iter().map(|row| row.cents).sum::<i64>();
    let (first, last) = (rows[0].day, rows[rows.len() - 1].day);
    let mut text = format!(":20:R\n:25:4711\n:28C:1/1\n:60F:{}{}EUR{}\n", mark(opening), short(first), amount(opening));
    for row in rows {
        let day = short(row.day);
        text.push_str(&format!(
            ":61:{day}{}{}{}NTRFNONREF\n:86:{}\n",
            &day[2..],
            mark(row.cents),
            amount(row.cents),
            row.name
        ));
    }
    text.push_str(&format!(":62F:{}{}EUR{}\n-\n", mark(closing), short(last), amount(closing)));
    reading(text)
}

fn rows() -> impl Strategy<Value = Vec<Tx>> {
    let row = (
        0_u32..3,
        prop_oneof![Just(-450), Just(450), Just(-120), Just(1000), -5000_i64..5000],
        prop_oneof![Just("Coffee"), Just("Rent")],
    );
    prop::collection::vec(row, 2..40).prop_map(|rows| {
        let mut day = 1;
        let of = |(step, cents, name): (u32, i64, &'static str)| {
            day = (day + step).min(60);
            Tx { day, cents: if cents == 0 { 1 } else { cents }, name }
        };
        rows.into_iter().map(of).collect()
    })
}

/// Where files begin and end: each begins at or before the end of the one before.
fn cuts(length: usize, seeds: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut cuts = Vec::new();
    let mut end = 0;
    for (back, step) in seeds {
        let from = end - (back % (end + 1)).min(6);
        end = (end + 1 + step % 8).min(length);
        cuts.push((from, end));
    }
    cuts.push((end.saturating_sub(1), length));
    cuts
}

fn shown(ledger: &Ledger) -> Vec<(String, String, String)> {
    let row = |entry: &bank_statements::Entry| {
        (entry.row.date.to_string(), format!("{:.2}", entry.row.amount), entry.row.narration.clone())
    };
    ledger.entries.iter().map(row).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// However one statement is cut into overlapping files, of whatever formats and in whatever order, the rows are the same. Only
    /// where rows of one day come to nothing may they differ, and then the ledger says so.
    #[test]
    fn files_cut_from_one_statement_give_its_rows(
        rows in rows(),
        seeds in prop::collection::vec((0_usize..9, 0_usize..9), 0..6),
        formats in prop::collection::vec(any::<bool>(), 8),
        rotate in 0_usize..7,
    ) {
        let mut files: Vec<Reading> = Vec::new();
        let mut pieces = cuts(rows.len(), &seeds);
        pieces.retain(|(from, to)| from < to);
        for (number, (from, to)) in pieces.iter().enumerate() {
            let opening = 10_000 + rows[..*from].iter().map(|row| row.cents).sum::<i64>();
            let write = if formats[number] { as_mt940 } else { as_csv };
            files.push(write(&rows[*from..*to], opening));
        }
        let turn = rotate % files.len();
        files.rotate_left(turn);
        let ledgers = merge(&files);
        prop_assert_eq!(ledgers.len(), 1);
        let expected = shown(&merge(&[as_csv(&rows, 10_000)])[0]);
        // Where rows of one day come to nothing, files alone do not tell whether they happened once or twice.
        let mut balance = 0;
        let mut on_day: Vec<(u32, i64)> = Vec::new();
        for row in &rows {
            on_day.push((row.day, balance));
            balance += row.cents;
            on_day.push((row.day, balance));
        }
        on_day.dedup();
        on_day.sort_unstable();
        let repeats = on_day.windows(2).any(|pair| pair[0] == pair[1]);
        if !repeats {
            prop_assert!(ledgers[0].conflicts.is_empty(), "{:?}", ledgers[0].conflicts);
        }
        if ledgers[0].conflicts.is_empty() {
            prop_assert_eq!(shown(&ledgers[0]), expected);
        }
    }
}

fn ofx(rows: &[(&str, &str, &str)], period: (&str, &str)) -> Reading {
    let row = |(date, amount, id): &(&str, &str, &str)| {
        format!("<STMTTRN><TRNTYPE>OTHER<DTPOSTED>{date}<TRNAMT>{amount}<FITID>{id}<NAME>COFFEE</STMTTRN>\n")
    };
    let rows: String = rows.iter().map(row).collect();
    reading(format!(
        "OFXHEADER:100\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>4711</BANKACCTFROM><BANKTRANLIST>\
         <DTSTART>{}<DTEND>{}\n{rows}</BANKTRANLIST><LEDGERBAL><BALAMT>1.00<DTASOF>20260601</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>",
        period.0, period.1
    ))
}

#[test]
fn identifiers_decide_only_together_with_the_rows() {
    let a = [("20260403", "-4.50", "1"), ("20260407", "-4.50", "2"), ("20260407", "-4.50", "3")];
    let count = |one: &[(&str, &str, &str)], other: &[(&str, &str, &str)]| {
        let ledgers = merge(&[ofx(one, ("20260401", "20260430")), ofx(other, ("20260401", "20260430"))]);
        assert_eq!(ledgers.len(), 1);
        ledgers[0].entries.len()
    };
    assert_eq!(count(&a, &a), 3, "the same file twice");
    assert_eq!(count(&a[..2], &a[1..]), 3, "one row in both");
    assert_eq!(count(&a[..2], &a[2..]), 3, "equal rows with other identifiers");
    let renumbered = [("20260403", "-4.50", "9"), ("20260407", "-4.50", "8"), ("20260407", "-4.50", "7")];
    assert_eq!(count(&a, &renumbered), 3, "the bank numbers them anew");
    let repeated = [("20260403", "-4.50", "1"), ("20260407", "-4.50", "1"), ("20260407", "-4.50", "1")];
    assert_eq!(count(&repeated, &repeated), 3, "one identifier on all");
}

#[test]
fn every_transaction_names_the_rows_that_show_it() {
    let rows = [
        Tx { day: 1, cents: 100, name: "A" },
        Tx { day: 2, cents: 200, name: "B" },
        Tx { day: 3, cents: 300, name: "C" },
    ];
    let ledgers = merge(&[as_csv(&rows[1..], 100), as_mt940(&rows[..2], 0)]);
    let sources: Vec<Vec<(usize, usize)>> =
        ledgers[0].entries.iter().map(|entry| entry.sources.iter().map(|id| (id.file, id.row)).collect()).collect();
    assert_eq!(sources, [vec![(1, 0)], vec![(1, 1), (0, 0)], vec![(0, 1)]]);
    assert_eq!(ledgers[0].entries[2].balance, Some(dec("6.00")));
}

#[test]
fn files_that_do_not_fit_are_told() {
    let rows = [
        Tx { day: 1, cents: 100, name: "A" },
        Tx { day: 5, cents: 200, name: "B" },
        Tx { day: 9, cents: 300, name: "C" },
    ];
    let without_b = [rows[0].clone(), rows[2].clone()];
    let ledgers = merge(&[as_csv(&rows, 0), as_csv(&without_b, 0)]);
    assert!(matches!(ledgers[0].conflicts[..], [Conflict::RowsDiffer { .. }]), "{:?}", ledgers[0].conflicts);
    let gap = merge(&[as_csv(&rows[..1], 0), as_csv(&rows[2..], 300)]);
    let [Conflict::Gap { closed, opened, .. }] = gap[0].conflicts[..] else { panic!("{:?}", gap[0].conflicts) };
    assert_eq!((closed, opened), (dec("1.00"), dec("3.00")));
    let unknown = reading("Date,Details,Amount\n2026-04-13,A,-1.00\n");
    assert_eq!(merge(&[unknown.clone(), unknown]).len(), 2, "statements of unknown accounts are never joined");
}

fn months(files: &[Reading]) -> Vec<Month> {
    let ledgers = merge(files);
    assert_eq!(ledgers.len(), 1);
    coverage(&ledgers[0])
}

fn short(months: &[Month]) -> Vec<(i8, Coverage, u32)> {
    months.iter().map(|month| (month.month, month.coverage, month.days_covered)).collect()
}

#[test]
fn stated_periods_cover_their_days() {
    let row = [("20260413", "-4.50", "1")];
    let april = months(&[ofx(&row, ("20260401", "20260430"))]);
    assert_eq!(short(&april), [(4, Coverage::Full, 30)]);
    let part = months(&[ofx(&row, ("20260405", "20260510"))]);
    assert_eq!(short(&part), [(4, Coverage::Partial, 26), (5, Coverage::Partial, 10)]);
    assert_eq!(
        (part[0].causes.as_slice(), part[1].causes.as_slice()),
        ([Cause::BeginsWithin].as_slice(), [Cause::EndsWithin].as_slice())
    );
    assert_eq!(
        (part[1].uncovered[0].from.to_string(), part[1].uncovered[0].to.to_string()),
        ("2026-05-11".into(), "2026-05-31".into())
    );
    let far =
        months(&[ofx(&row, ("20260401", "20260430")), ofx(&[("20260613", "-1.00", "2")], ("20260601", "20260630"))]);
    assert_eq!(short(&far), [(4, Coverage::Full, 30), (5, Coverage::Missing, 0), (6, Coverage::Full, 30)]);
    assert_eq!(far[1].causes, [Cause::Gap]);
}

#[test]
fn first_and_last_row_alone_cover_nothing() {
    let unproven =
        months(&[reading("Account,Date,Details,Amount\n4711,2026-03-20,A,-1.00\n4711,2026-05-10,B,-1.00\n")]);
    assert_eq!(short(&unproven), [(3, Coverage::Partial, 0), (4, Coverage::Missing, 0), (5, Coverage::Partial, 0)]);
    assert!(unproven[0].causes.contains(&Cause::PeriodNotStated));
    let rows = [
        Tx { day: 1, cents: 100, name: "A" },
        Tx { day: 20, cents: -50, name: "B" },
        Tx { day: 35, cents: 300, name: "C" },
    ];
    // The balances from 1 April to 5 May chain: what lies between is complete, the two days themselves may not be.
    let chained = months(&[as_csv(&rows, 0)]);
    assert_eq!(short(&chained), [(4, Coverage::Partial, 29), (5, Coverage::Partial, 4)]);
}

#[test]
fn balances_that_chain_cover_the_days_between_two_files() {
    let rows = [
        Tx { day: 2, cents: 100, name: "A" },
        Tx { day: 20, cents: -50, name: "B" },
        Tx { day: 31, cents: 300, name: "C" },
    ];
    let chained = months(&[as_mt940(&rows[..1], 0), as_mt940(&rows[1..2], 100), as_mt940(&rows[2..], 50)]);
    assert_eq!(short(&chained), [(4, Coverage::Partial, 29), (5, Coverage::Partial, 1)]);
    // 2 April, 20 April and what lies between the latter and 1 May.
    let broken = months(&[as_mt940(&rows[..1], 0), as_mt940(&rows[1..2], 999), as_mt940(&rows[2..], 949)]);
    assert_eq!((broken[0].days_covered, broken[0].uncovered.len()), (12, 2));
    assert_eq!(broken[0].causes, [Cause::BeginsWithin, Cause::Gap]);
}

#[test]
fn a_statement_that_does_not_foot_covers_nothing() {
    let file = ":20:R\n:25:4711\n:28C:1/1\n:60F:C260331EUR100,\n:61:2604130413C1,NTRFNONREF\n:62F:C260430EUR";
    let good = months(&[reading(format!("{file}101,\n-\n"))]);
    assert_eq!(short(&good), [(4, Coverage::Full, 30)]);
    let bad = months(&[reading(format!("{file}111,\n-\n"))]);
    assert_eq!(short(&bad), [(4, Coverage::Partial, 0)]);
    assert!(bad[0].causes.contains(&Cause::NotProven));
}
