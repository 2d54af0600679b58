use super::*;
use crate::xlsx::outline::place;

/// Sheets from cells: a text that begins with `=` is a formula without a value.
fn sheets(cells: &[(&str, &str, &str)]) -> Vec<Sheet> {
    let mut sheets: Vec<Sheet> = Vec::new();
    for (name, cell, content) in cells {
        let at = sheets.iter().position(|s| s.name == *name).unwrap_or_else(|| {
            sheets.push(Sheet { name: (*name).to_owned(), ..Sheet::default() });
            sheets.len() - 1
        });
        let place = place(cell).unwrap();
        match (content.strip_prefix('='), content.parse::<Decimal>()) {
            (Some(formula), _) => drop(sheets[at].outline.uncalculated.insert(place, Formula::Own(formula.to_owned()))),
            (None, Ok(number)) => drop(sheets[at].held.insert(place, Held::Number(number))),
            (None, Err(_)) => drop(sheets[at].held.insert(place, Held::Text((*content).to_owned()))),
        }
    }
    sheets
}

fn value(formula: &str) -> Option<String> {
    let cells = [
        ("bs", "B5", "10"),
        ("bs", "B6", "2.5"),
        ("bs", "B7", "remark"),
        ("bs", "C5", "=B5*1.1"),
        ("bs", "C6", "=C5+C6"),
        ("notes to bs", "B5", "7"),
        ("bs", "A1", formula),
    ];
    match Calculator::new(&sheets(&cells)).value(0, 0, 0)? {
        Held::Number(number) => Some(number.to_string()),
        Held::Text(text) => Some(text),
        Held::Blank | Held::Error => None,
    }
}

#[test]
fn sums_and_arithmetic_are_calculated() {
    for (formula, expected) in [
        ("=SUM(B5:B7)", "12.5"),
        ("=SUM(B5,B6,100)", "112.5"),
        ("=B5*1.1", "11"),
        ("=-B5+2*(B6-0.5)", "-6"),
        ("=$B$5/4", "2.5"),
        ("=C5+1", "12"),
        ("='Notes to BS'!B5+BS!B6", "9.5"),
        ("=ROUND(B6/3,2)", "0.83"),
        ("=MAX(B5:B6)-MIN(B5:B6)", "7.5"),
        ("=B5*10%", "1"),
        ("=ABS(-B5)", "10"),
        ("=B9+1", "1"),
        ("=\"31.03.\"&2025", "31.03.2025"),
        ("=+B5", "10"),
    ] {
        assert_eq!(value(formula).as_deref(), Some(expected), "{formula}");
    }
}

#[test]
fn anything_else_has_no_value() {
    for formula in [
        "=VLOOKUP(A2,B5:C9,2)",
        "=IF(B5>1,1,2)",
        "=[1]Sheet1!B5",
        "=B7+1",
        "=B5/0",
        "=C6",
        "=A1",
        "=Other!B5",
        "=SUM(B5:B6",
        "=B5:B6",
        "=SUM(A:A)",
        "=Rate*B5",
        "=SUM(A1:XFD1048576)",
        "=",
    ] {
        assert_eq!(value(formula), None, "{formula}");
    }
}

#[test]
fn a_shared_formula_moves_with_its_cell() {
    let mut sheets = sheets(&[("bs", "B5", "10"), ("bs", "B6", "20"), ("bs", "C1", "3")]);
    let outline = &mut sheets[0].outline;
    outline.shared.insert(0, (place("D5").unwrap(), "B5*$C$1".to_owned()));
    outline.uncalculated.insert(place("D5").unwrap(), Formula::Shared(0));
    outline.uncalculated.insert(place("D6").unwrap(), Formula::Shared(0));
    let mut calculator = Calculator::new(&sheets);
    assert_eq!(calculator.value(0, 4, 3), Some(Held::Number(30.into())));
    assert_eq!(calculator.value(0, 5, 3), Some(Held::Number(60.into())));
}

#[test]
fn a_chain_that_is_too_long_has_no_value() {
    let mut cells: Vec<(String, String)> = vec![("A1".to_owned(), "1".to_owned())];
    cells.extend((2..200).map(|row| (format!("A{row}"), format!("=A{}+1", row - 1))));
    let cells: Vec<(&str, &str, &str)> =
        cells.iter().map(|(cell, text)| ("bs", cell.as_str(), text.as_str())).collect();
    let sheets = sheets(&cells);
    let mut calculator = Calculator::new(&sheets);
    assert_eq!(calculator.value(0, 198, 0), None);
    // What is calculated from the top down is no chain.
    let mut calculator = Calculator::new(&sheets);
    let values: Vec<_> = (0..199).map(|row| calculator.value(0, row, 0)).collect();
    assert_eq!(values[198], Some(Held::Number(199.into())));
}

proptest::proptest! {
    #[test]
    fn any_formula_is_read_without_a_panic(formula in "(SUM|ROUND|[A-C]\\$?[0-9]|[(),:+*/&%'\"!-]|[0-9.]{1,3}| ){0,20}|\\PC{0,60}") {
        let _ = value(&format!("={formula}"));
    }

    #[test]
    fn a_sum_is_the_sum_of_its_cells(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000) {
        let (a, b) = (Decimal::new(a, 2), Decimal::new(b, 2));
        let (first, second) = (a.to_string(), b.to_string());
        let sheets = sheets(&[("bs", "B1", first.as_str()), ("bs", "B2", second.as_str()), ("bs", "B3", "=SUM(B1:B2)")]);
        proptest::prop_assert_eq!(Calculator::new(&sheets).value(0, 2, 1), Some(Held::Number((a + b).normalize())));
    }
}

#[test]
fn a_plain_sum_only_adds_and_subtracts_cells() {
    for text in ["SUM(B5:B7)", "=B5+B6-B7", "+B5", "'P&L (1)'!B5+Notes!C7", "SUM(B5,B7)-(B8+$B$9)", "sum(B1:B2)+1.5"] {
        assert!(formula::is_plain_sum(text), "{text}");
    }
    for text in
        ["B5*2", "ROUND(SUM(B5:B7),0)", "IF(B5,1,2)", "SUBTOTAL(9,B1:B5)", "B5&\"x\"", "[1]Sheet!B5", "XSUM(B5)"]
    {
        assert!(!formula::is_plain_sum(text), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn any_formula_is_judged_without_a_panic(text in "\\PC{0,60}") {
        let _ = formula::is_plain_sum(&text);
    }
}
