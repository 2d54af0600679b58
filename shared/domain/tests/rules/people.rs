//! What people may do to an order: by role, and never decide on their own work.

use std::collections::BTreeSet;

use domain::event::{Event, EventKind};
use domain::id::FirmId;
use domain::lifecycle::{Refusal, Unacceptable, create, decide};
use domain::limit::{DOCUMENT_COUNT_MAX, MAKER_COUNT_MAX};
use domain::option::{Confidence, Options};
use domain::order::Order;
use domain::person::{Person, Role};
use domain::phase::Phase;
use domain::service::ServiceCode;
use domain::status::Status;

use crate::{accepted, at, completed, new_order, paused, run, until};

fn person(user: &str, roles: &[Role]) -> Person {
    Person {
        firm: FirmId::try_from("firm".to_owned()).unwrap(),
        user: user.parse().unwrap(),
        roles: roles.iter().copied().collect(),
    }
}

fn try_by(order: &Order, by: &Person, kind: EventKind) -> Result<Order, Refusal> {
    let event = Event { by: Some(by.clone()), ..Event::new(at(50), "w".to_owned(), kind) };
    decide(order, &event).map(|decision| decision.into_order()).map_err(|refused| refused.why)
}

fn created(service: ServiceCode, by: &Person) -> Order {
    create(new_order(service, 0, Options::default()), by, at(0), "w").unwrap().into_order()
}

#[test]
fn a_draft_takes_documents_until_it_is_submitted() {
    let preparer = person("p", &[Role::Preparer]);
    let draft = created(ServiceCode::Cma, &preparer);
    assert_eq!((draft.status(), draft.documents(), draft.revision()), (Status::Draft, 0, 1));
    assert_eq!(try_by(&draft, &preparer, EventKind::Submitted), Err(Refusal::NoDocuments));
    let draft = try_by(&draft, &preparer, EventKind::DocumentsAdded { count: 2 }).unwrap();
    let draft = try_by(&draft, &preparer, EventKind::DocumentsAdded { count: 1 }).unwrap();
    assert_eq!((draft.status(), draft.documents()), (Status::Draft, 3));
    let rest = DOCUMENT_COUNT_MAX - 3;
    assert!(try_by(&draft, &preparer, EventKind::DocumentsAdded { count: rest }).is_ok());
    let more = EventKind::DocumentsAdded { count: rest + 1 };
    assert_eq!(try_by(&draft, &preparer, more), Err(Refusal::TooManyDocuments));
    let submitted = try_by(&draft, &preparer, EventKind::Submitted).unwrap();
    assert_eq!((submitted.status(), submitted.owed_messages().len()), (Status::Queued, 3));
    assert_eq!(submitted.watched_since(), at(50), "its run begins when it is submitted, however old the draft");
    assert_eq!(try_by(&submitted, &preparer, EventKind::DocumentsAdded { count: 1 }), Err(Refusal::Submitted));
}

#[test]
fn each_event_needs_one_of_its_roles_and_what_the_pipeline_does_is_nobodys() {
    let waiting = paused(&accepted(1));
    let failed = crate::fail_phase(&accepted(1), 1);
    let draft = created(ServiceCode::Canary, &person("someone", &[Role::Preparer]));
    let cases: [(&Order, EventKind, &[Role]); 9] = [
        (&draft, EventKind::DocumentsAdded { count: 1 }, &[Role::Preparer, Role::Operator]),
        (&draft, EventKind::Submitted, &[Role::Preparer, Role::Operator]),
        (&waiting, EventKind::ReviewDecided { run: run(1), remaining: 0 }, &[Role::Reviewer]),
        (&waiting, EventKind::Resumed { run: run(1) }, &[Role::Reviewer]),
        (&waiting, EventKind::ReviewExtended { run: run(1) }, &[Role::Reviewer, Role::Operator]),
        (&waiting, EventKind::Cancelled, &[Role::Preparer, Role::Operator]),
        (&waiting, EventKind::ReviewExpired { run: run(1) }, &[]),
        (&failed, EventKind::Retried { run: run(1), start_from: None }, &[Role::Operator]),
        (
            &completed(1),
            EventKind::Regenerated { run: run(1), start_from: Phase::Generate },
            &[Role::Preparer, Role::Operator],
        ),
    ];
    for (order, kind, allowed) in cases {
        for role in Role::ALL {
            let done = try_by(order, &person("x", &[*role]), kind.clone());
            let expected = if allowed.contains(role) { None } else { Some(Refusal::WrongRole) };
            assert_eq!(done.err(), expected, "{kind} by a {role}");
        }
        assert_eq!(try_by(order, &person("x", &[]), kind.clone()).err(), Some(Refusal::WrongRole), "{kind} by nobody");
        let stranger = Person { firm: FirmId::try_from("other".to_owned()).unwrap(), ..person("x", Role::ALL) };
        assert_eq!(try_by(order, &stranger, kind.clone()).err(), Some(Refusal::WrongRole), "{kind} by another firm");
    }
}

#[test]
fn whoever_made_an_order_does_not_decide_its_review_whatever_their_roles() {
    let all = |user: &str| person(user, Role::ALL);
    let draft = created(ServiceCode::Cma, &all("creator"));
    let draft = try_by(&draft, &all("uploader"), EventKind::DocumentsAdded { count: 1 }).unwrap();
    let submitted = try_by(&draft, &all("processor"), EventKind::Submitted).unwrap();
    let made: BTreeSet<String> = submitted.makers().iter().map(ToString::to_string).collect();
    assert_eq!(made, ["creator", "processor", "uploader"].map(str::to_owned).into());
    let waiting = paused(&submitted);
    for user in ["creator", "uploader", "processor"] {
        for kind in [EventKind::Resumed { run: run(1) }, EventKind::ReviewDecided { run: run(1), remaining: 0 }] {
            assert_eq!(try_by(&waiting, &all(user), kind.clone()).err(), Some(Refusal::OwnWork), "{kind} by {user}");
        }
    }
    let decided = try_by(&waiting, &all("checker"), EventKind::ReviewDecided { run: run(1), remaining: 0 }).unwrap();
    assert!(!decided.makers().contains(&"checker".parse().unwrap()), "whoever decides makes nothing");
}

#[test]
fn whoever_makes_an_order_anew_does_not_decide_it_either() {
    let all = |user: &str| person(user, Role::ALL);
    let again = EventKind::Regenerated { run: run(1), start_from: Phase::Review };
    let again = try_by(&completed(1), &all("maker"), again).unwrap();
    let waiting = paused(&again);
    assert_eq!(try_by(&waiting, &all("maker"), EventKind::Resumed { run: run(2) }).err(), Some(Refusal::OwnWork));
    assert!(try_by(&waiting, &all("checker"), EventKind::Resumed { run: run(2) }).is_ok());
}

#[test]
fn a_preparer_alone_does_not_take_an_order_past_its_reviewers() {
    let lower = Confidence::try_from(0.69).unwrap();
    let higher = Confidence::try_from(0.71).unwrap();
    let with = |options, roles: &[Role]| {
        create(new_order(ServiceCode::Cma, 0, options), &person("x", roles), at(0), "w").map(|_| ())
    };
    let preparer: &[Role] = &[Role::Preparer];
    let options = |auto_approve_above, skip_review| Options { auto_approve_above, skip_review, ..Options::default() };
    assert_eq!(with(Options::default(), preparer), Ok(()));
    assert_eq!(with(options(higher, false), preparer), Ok(()));
    assert_eq!(with(options(lower, false), preparer), Err(Unacceptable::Unreviewed));
    assert_eq!(with(options(higher, true), preparer), Err(Unacceptable::Unreviewed));
    for role in [Role::Reviewer, Role::Operator] {
        assert_eq!(with(options(lower, true), &[Role::Preparer, role]), Ok(()), "{role}");
    }
}

#[test]
fn an_order_names_a_limited_number_of_makers() {
    let mut draft = created(ServiceCode::Cma, &person("p0", &[Role::Preparer]));
    for n in 1..MAKER_COUNT_MAX {
        let by = person(&format!("p{n}"), &[Role::Preparer]);
        draft = try_by(&draft, &by, EventKind::DocumentsAdded { count: 1 }).unwrap();
    }
    let late = person("late", &[Role::Preparer]);
    assert_eq!(try_by(&draft, &late, EventKind::DocumentsAdded { count: 1 }).err(), Some(Refusal::TooManyMakers));
    let early = person("p0", &[Role::Preparer]);
    assert!(try_by(&draft, &early, EventKind::DocumentsAdded { count: 1 }).is_ok());
}

#[test]
fn what_nobody_in_particular_causes_is_not_checked() {
    assert!(
        decide(&paused(&accepted(1)), &Event::new(at(50), "w".to_owned(), EventKind::Resumed { run: run(1) })).is_ok()
    );
    assert_eq!(until(&accepted(1), Phase::Review).makers().len(), 0);
}
