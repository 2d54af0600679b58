use super::*;
use proptest::prelude::*;

const ACCOUNT: Form = Form { two_sided: false, is_income: false };

fn leaf(class: Class, amounts: &[i64]) -> Leaf {
    Leaf {
        amounts: amounts.iter().map(|v| Some(Decimal::from(*v))).collect(),
        class,
        less: false,
        contra: false,
        income: None,
        level: 0,
        indent: 0,
        bold: false,
        number: None,
        names: None,
    }
}

fn heading(less: bool) -> Leaf {
    leaf(Class::Heading { less, remark: false }, &[])
}

fn parts(found: &[Found]) -> Vec<Part> {
    found.iter().map(|f| f.part).collect()
}

#[test]
fn a_group_above_its_lines_counts_once() {
    let inner = |v| Leaf { level: 1, ..leaf(Class::Plain, &[v]) };
    let leaves = [
        leaf(Class::Plain, &[832_900]),
        inner(62_400),
        inner(38_500),
        inner(732_000),
        leaf(Class::Plain, &[1_500_000]),
        leaf(Class::Grand, &[2_332_900]),
    ];
    let found = find(&leaves, ACCOUNT);
    assert_eq!(parts(&found), [Part::Sum, Part::Item, Part::Item, Part::Item, Part::Item, Part::Sum]);
    assert_eq!(found[0].addends, [(1, 1), (2, 1), (3, 1)]);
    assert_eq!(found[5].addends, [(0, 1), (4, 1)]);
    assert_eq!(found[2].group, Some(0));
}

#[test]
fn bold_groups_above_their_lines_count_once() {
    let bold = |v: &[i64]| Leaf { bold: true, ..leaf(Class::Plain, v) };
    // The amounts alone prove nothing: 20 = 10 + 10, but also 30 = 20 + 10.
    let leaves = [
        bold(&[20]),
        leaf(Class::Plain, &[10]),
        leaf(Class::Plain, &[10]),
        bold(&[30]),
        leaf(Class::Plain, &[20]),
        leaf(Class::Plain, &[10]),
    ];
    let found = find(&leaves, ACCOUNT);
    assert_eq!(parts(&found), [Part::Sum, Part::Item, Part::Item, Part::Sum, Part::Item, Part::Item]);
}

#[test]
fn a_group_that_its_lines_do_not_add_up_to_counts_itself() {
    let inner = |v| Leaf { level: 1, ..leaf(Class::Plain, &[v]) };
    let leaves = [leaf(Class::Plain, &[832_900]), inner(62_400), inner(732_000), leaf(Class::Grand, &[832_900])];
    let found = find(&leaves, ACCOUNT);
    assert_eq!(parts(&found), [Part::Item, Part::Memo, Part::Memo, Part::Sum]);
    assert!(found[0].doubtful);
}

#[test]
fn what_a_heading_subtracts_has_a_negative_sign() {
    let leaves = [
        leaf(Class::Plain, &[2_541, 2_251]),
        leaf(Class::Plain, &[2_438, 2_173]),
        leaf(Class::Unlabelled, &[4_979, 4_424]),
        heading(true),
        leaf(Class::Plain, &[1_739, 1_563]),
        leaf(Class::Plain, &[183, 150]),
        leaf(Class::Unlabelled, &[1_922, 1_713]),
        leaf(Class::Sum { bare: false }, &[3_057, 2_711]),
    ];
    let found = find(&leaves, ACCOUNT);
    assert_eq!(found[6].addends, [(4, 1), (5, 1)]);
    assert_eq!(found[7].addends, [(2, 1), (6, -1)]);
}

#[test]
fn a_line_that_others_equal_by_chance_is_no_sum() {
    // 900 = 800 + 100, but the sum below counts all three.
    let leaves = [
        leaf(Class::Plain, &[900, 800]),
        leaf(Class::Plain, &[800, 700]),
        leaf(Class::Plain, &[100, 100]),
        leaf(Class::Unlabelled, &[1_800, 1_600]),
    ];
    assert_eq!(parts(&find(&leaves, ACCOUNT)), [Part::Item, Part::Item, Part::Item, Part::Sum]);
}

#[test]
fn a_total_that_is_wrong_is_a_total_all_the_same() {
    let leaves = [leaf(Class::Plain, &[500]), leaf(Class::Plain, &[380]), leaf(Class::Sum { bare: true }, &[890])];
    let found = find(&leaves, ACCOUNT);
    assert_eq!(found[2].part, Part::Sum);
    assert_eq!(found[2].addends, [(0, 1), (1, 1)]);
}

#[test]
fn a_result_names_what_it_adds_and_subtracts() {
    let leaves = [
        leaf(Class::Sum { bare: false }, &[1_010]),
        leaf(Class::Sum { bare: false }, &[820]),
        leaf(Class::Result { last: false }, &[190]),
        leaf(Class::Plain, &[-10]),
        leaf(Class::Plain, &[45]),
        leaf(Class::Result { last: true }, &[135]),
    ];
    let found = find(&leaves, Form { two_sided: false, is_income: true });
    assert_eq!(found[2].addends, [(0, 1), (1, -1)]);
    assert_eq!(found[5].addends, [(2, 1), (3, 1), (4, -1)]);
}

fn class() -> impl Strategy<Value = Class> {
    prop_oneof![
        6 => Just(Class::Plain),
        1 => any::<bool>().prop_map(|less| Class::Heading { less, remark: false }),
        1 => Just(Class::Unlabelled),
        1 => any::<bool>().prop_map(|bare| Class::Sum { bare }),
        1 => Just(Class::Grand),
        1 => any::<bool>().prop_map(|last| Class::Result { last }),
        1 => Just(Class::Outer),
        1 => Just(Class::OfWhich),
        1 => Just(Class::Ratio),
    ]
}

fn any_leaf() -> impl Strategy<Value = Leaf> {
    let amount = prop_oneof![3 => -9_i64..9, 1 => Just(0), 1 => any::<i64>()];
    let amounts = proptest::collection::vec(proptest::option::of(amount), 3);
    (class(), amounts, any::<bool>(), 0..3_u8, 0..4_u8).prop_map(|(class, amounts, less, level, indent)| Leaf {
        amounts: amounts.into_iter().map(|v| v.map(|v| Decimal::new(v, 2))).collect(),
        less,
        contra: !less,
        level,
        indent,
        ..leaf(class, &[])
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_lines_have_a_reading_and_sums_add_up_other_lines(
        leaves in proptest::collection::vec(any_leaf(), 0..60), two_sided: bool, is_income: bool
    ) {
        let found = find(&leaves, Form { two_sided, is_income });
        prop_assert_eq!(found.len(), leaves.len());
        for (at, line) in found.iter().enumerate() {
            prop_assert!(line.part == Part::Sum || line.addends.is_empty());
            for (addend, sign) in &line.addends {
                prop_assert!(*addend != at && found[*addend].part != Part::Memo && (*sign == 1 || *sign == -1));
            }
        }
    }
}

#[test]
fn a_long_statement_takes_steps_in_proportion_to_its_lines() {
    // Small amounts agree by chance all the time, so that most lines have many readings.
    for columns in [1, 3] {
        let lines = |count: i64| -> Vec<Leaf> {
            let class = |n: i64| match n % 7 {
                0 => Class::Unlabelled,
                1 => Class::Sum { bare: n % 2 == 0 },
                _ => Class::Plain,
            };
            (0..count).map(|n| leaf(class(n), &vec![n * n % 10; columns])).collect()
        };
        let (_, few) = counted(&lines(1_000), ACCOUNT);
        let (_, many) = counted(&lines(5_000), ACCOUNT);
        assert!(many < 6 * few && many < 5_000 * 60, "{few} steps for 1,000 lines, {many} for 5,000");
    }
}
