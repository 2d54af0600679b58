//! A version of the final documents that a later one has replaced.

use domain::event::EventKind;
use domain::phase::Phase;
use domain::version::Version;
use serde_json::json;

use crate::{artifact, at, claim, complete_event, completed, decision, regenerate, run, stored_with};

/// The first version, as the write that makes the second one stores it.
fn replaced() -> Version {
    let again = claim(&regenerate(&completed(1), Phase::Generate), 101, None);
    let versions = decision(&again, 102, complete_event(&again, vec![artifact("cma.xlsx")])).versions().to_vec();
    assert_eq!(versions.len(), 1);
    versions[0].clone()
}

#[test]
fn a_replaced_version_keeps_its_number_its_run_and_its_documents() {
    let version = replaced();
    assert_eq!((version.schema(), version.number(), version.run()), (1, 1, run(1)));
    assert_eq!((version.order_id(), version.firm_id().as_str()), (completed(1).order_id(), "firm"));
    assert_eq!(version.artifacts(), completed(1).artifacts());
}

#[test]
fn a_version_of_a_deleted_order_is_none_of_another_order_under_its_id() {
    assert!(replaced().is_of(&completed(1)));
    for other in [json!({"created_at": at(500)}), json!({"order_id": "0".repeat(26)})] {
        assert!(!replaced().is_of(&stored_with(&completed(1), &other)), "{other}");
    }
}

#[test]
fn a_reader_sees_the_layout_that_a_version_is_stored_in() {
    let mut value = serde_json::to_value(replaced()).unwrap();
    value["schema"] = 2.into();
    assert_eq!(serde_json::from_value::<Version>(value).unwrap().schema(), 2);
}

#[test]
fn no_version_is_replaced_before_another_one_is_made() {
    let again = regenerate(&completed(1), Phase::Generate);
    assert!(decision(&again, 101, EventKind::Cancelled).versions().is_empty());
}
