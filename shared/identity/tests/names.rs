//! Names on documents and names of owners: what tells people apart, and what does not.

use identity::{Difference, PersonName, compare_names};

#[expect(clippy::needless_pass_by_value, reason = "the cases read better without references")]
fn compare(one: PersonName, other: PersonName) -> (bool, Vec<Difference>) {
    let found = compare_names(&one, &other);
    let back = compare_names(&other, &one);
    assert_eq!(found, back, "comparing is not symmetric");
    (found.same, found.differences)
}

fn parts(family: &str, given: &str, middle: &str) -> PersonName {
    PersonName::of_parts(family, given, middle, "")
}

fn whole(text: &str) -> PersonName {
    PersonName::of_whole(text)
}

#[test]
fn case_accents_and_signs_do_not_differ() {
    for (one, other) in [
        (parts("O'BRIEN", "SEÁN", ""), whole("Sean O’Brien")),
        (parts("MUELLER", "JUERGEN", ""), whole("Jürgen Müller")),
        (parts("SMITH-JONES", "ANN", ""), whole("Ann Smith Jones")),
        (parts("STRAUSS", "LEVI", ""), whole("levi strauß")),
    ] {
        assert_eq!(compare(one, other), (true, vec![]));
    }
}

#[test]
fn what_differs_and_does_not_matter_is_told() {
    use Difference::{Initial, Joined, MiddleMissing, Order, SuffixMissing};
    for (one, other, differences) in [
        (parts("MARIA", "GARCIA", ""), whole("Maria Garcia"), vec![Order]),
        (parts("TALBOT", "LIAM", "R."), whole("Liam Talbot"), vec![MiddleMissing]),
        (parts("TALBOT", "LIAM", "R"), whole("Liam Robert Talbot"), vec![Initial]),
        (parts("MCDONALD", "ANN", ""), whole("Ann Mc Donald"), vec![Joined]),
        (parts("SMITH", "JOHN", ""), whole("John Smith Jr."), vec![SuffixMissing]),
        (parts("SMITH", "JOHN ADAM", ""), whole("Smith, John"), vec![MiddleMissing]),
        (whole("Dr. Ann Lee"), parts("LEE", "ANN", ""), vec![]),
    ] {
        assert_eq!(compare(one, other), (true, differences));
    }
}

#[test]
fn other_people_are_told_apart_and_by_what() {
    use Difference::{Family, Given, Middle, SuffixMissing, TooLittle};
    for (one, other, expected) in [
        (parts("TALBOT", "LIAM", ""), whole("Liam Tolbert"), vec![Family]),
        (parts("TALBOT", "LIAM", ""), whole("Noah Talbot"), vec![Given]),
        (parts("SMITH", "JOHN", "ADAM"), whole("John Bert Smith"), vec![Middle]),
        (parts("SMITH", "JOHN", "A"), parts("SMITH", "JOHN", "B"), vec![Middle]),
        (parts("SMITH", "J", ""), whole("John Smith"), vec![TooLittle, Difference::Initial]),
        (whole("Smith"), whole("John Smith"), vec![Given]),
        (PersonName::default(), whole("John Smith"), vec![Family, Given]),
        (PersonName::default(), PersonName::default(), vec![TooLittle]),
        (parts("GARCIA LOPEZ", "ANA", ""), parts("GARCIA", "ANA", ""), vec![Family]),
        (parts("SMITH", "JOHN", ""), whole("Mary Jones Jr"), vec![Family, Given, SuffixMissing]),
    ] {
        assert_eq!(compare(one, other), (false, expected));
    }
    let father = PersonName::of_parts("SMITH", "JOHN", "", "SR");
    assert_eq!(compare(father, whole("John Smith Jr")), (false, vec![Difference::Suffix]));
}

#[test]
fn a_name_that_is_cut_off_is_the_beginning_of_the_owners() {
    let cut = PersonName { family_cut: true, ..parts("WOLFESCHLEGELSTEINHAUSENBERG", "HUBERT", "") };
    assert_eq!(
        compare(cut.clone(), whole("Hubert Wolfeschlegelsteinhausenbergerdorff")),
        (true, vec![Difference::Cut])
    );
    assert_eq!(compare(cut, whole("Hubert Wolf")), (false, vec![Difference::Family]));
    let behind = PersonName { family_cut: true, ..parts("GARCIA", "ANA", "") };
    assert_eq!(compare(behind, parts("GARCIA LOPEZ", "ANA", "")), (true, vec![Difference::Cut]));
    let whole_name = PersonName { family_cut: false, ..parts("WOLFE", "HUBERT", "") };
    assert_eq!(compare(whole_name, whole("Hubert Wolfeschlegel")), (false, vec![Difference::Family]));
}

#[test]
fn a_person_of_one_name_is_found_by_it() {
    assert_eq!(compare(whole("Suharto"), parts("SUHARTO", "", "")), (true, vec![]));
}

proptest::proptest! {
    #[test]
    fn comparing_never_panics_and_is_symmetric(one in "\\PC{0,40}", other in "\\PC{0,40}", cut: bool) {
        let one = PersonName { family_cut: cut, ..PersonName::of_whole(&one) };
        let other = PersonName::of_whole(&other);
        proptest::prop_assert_eq!(compare_names(&one, &other).same, compare_names(&other, &one).same);
    }

    // Without the letters of suffixes, of which `JR` and `III` are made.
    #[test]
    fn a_name_is_its_own_whatever_the_case_and_order(
        given in "[A-HK-QT-Za-hk-qt-zÀ-ÅÈ-Ëà-åè-ëÑÖÜñöüß]{2,12}", family in "[A-HK-QT-Za-hk-qt-zÀ-ÅÈ-Ëà-åè-ëÑÖÜñöüß]{2,12}"
    ) {
        let stated = PersonName::of_parts(&family.to_uppercase(), &given.to_uppercase(), "", "");
        proptest::prop_assert!(compare_names(&stated, &stated).same);
        let swapped = PersonName::of_whole(&format!("{} {}", family.to_lowercase(), given.to_lowercase()));
        let straight = PersonName::of_whole(&format!("{given}\u{2003}{family}"));
        proptest::prop_assert!(compare_names(&stated, &swapped).same);
        proptest::prop_assert!(compare_names(&stated, &straight).same);
    }
}
