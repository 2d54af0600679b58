//! The words and numbers that are stored, logged and shown.

use domain::audit::{AuditAction, AuditEntry};
use domain::event::EventKind;
use domain::failure::Category;
use domain::id::{DocumentNumber, FirmId, InvalidId, OrderId};
use domain::message::{Command, CommandMessage};
use domain::option::{Confidence, InvalidConfidence, Options};
use domain::phase::Phase;
use domain::service::{Bands, ServiceCode};
use domain::statement::{Unit, UnusedReason};
use domain::status::OrchestrationStatus as Orchestration;
use rust_decimal::Decimal;
use serde_json::json;

use crate::{accepted, at, doc, execute, run};

#[test]
fn phases_follow_each_other_under_the_words_that_are_stored() {
    let words = [
        (Phase::Extract, "extract", Orchestration::IntakeLocked, Orchestration::Extracting),
        (Phase::Classify, "classify", Orchestration::Extracted, Orchestration::Classifying),
        (Phase::Review, "review", Orchestration::Classified, Orchestration::Reviewing),
        (Phase::Validate, "validate", Orchestration::Reviewing, Orchestration::Validating),
        (Phase::Generate, "generate", Orchestration::Validated, Orchestration::Generating),
    ];
    for (index, (phase, word, due, working)) in words.into_iter().enumerate() {
        assert_eq!((phase.as_str(), phase.to_string().as_str()), (word, word));
        assert_eq!(serde_json::to_value(phase).unwrap(), word);
        assert_eq!((phase.due(), phase.working()), (due, working), "{phase}");
        assert_eq!(phase.next(), words.get(index + 1).map(|next| next.0), "{phase}");
    }
}

#[test]
fn categories_actions_and_events_are_logged_by_their_words() {
    let categories = [Category::Transient, Category::Permanent, Category::Partial].map(Category::as_str);
    assert_eq!(categories, ["transient", "permanent", "partial"]);
    for (action, word) in [
        (AuditAction::HandOffResent, "hand_off_resent"),
        (AuditAction::PhaseEnded, "phase_ended"),
        (AuditAction::OrderFailed, "order_failed"),
        (AuditAction::BackupRepaired, "backup_repaired"),
        (AuditAction::TableRepaired, "table_repaired"),
    ] {
        assert_eq!(action.as_str(), word);
        assert_eq!(serde_json::to_value(action).unwrap(), word);
    }
    assert_eq!(EventKind::Cancelled.name(), "cancelled");
    assert_eq!(EventKind::Retried { run: run(1), start_from: None }.name(), "retried");
}

#[test]
fn an_audit_entry_names_the_order_as_it_was_found() {
    let order = execute(&accepted(2), 1);
    let entry = AuditEntry::about(&order, AuditAction::PhaseEnded, at(9), "reconcile");
    assert_eq!((entry.schema, entry.order_id, entry.firm_id.as_str()), (1, order.order_id(), "firm"));
    assert_eq!((entry.run, entry.revision, entry.at), (run(1), 3, at(9)));
    assert_eq!((entry.actor.as_str(), entry.correlation_id.as_str()), ("reconcile", "command-1"));
}

#[test]
fn ids_read_back_as_they_were_given() {
    let order = OrderId::from_parts(1_795_300_000_123, 42);
    assert_eq!(order.made_at().as_millisecond(), 1_795_300_000_123);
    assert_eq!(OrderId::from_parts(0, 7).to_string(), "00000000000000000000000007");
    assert_eq!(format!("{:?}", OrderId::from_parts(0, 7)), "00000000000000000000000007");
    assert_eq!(serde_json::to_value(order).unwrap(), order.to_string());

    let longest = "a".repeat(64);
    for text in ["ca-firm-7", "0", "-", &longest] {
        let firm: FirmId = text.parse().unwrap();
        assert_eq!((firm.as_str(), firm.to_string().as_str(), format!("{firm:?}").as_str()), (text, text, text));
        assert_eq!(serde_json::to_value(&firm).unwrap(), text);
    }
    assert_eq!("a".repeat(65).parse::<FirmId>(), Err(InvalidId::Firm));
    assert_eq!(FirmId::unknown().as_str(), "unknown");
}

#[test]
fn runs_and_documents_are_numbers_from_one() {
    assert_eq!((run(7).get(), run(7).next().get(), u32::from(run(7)), run(7).to_string()), (7, 8, 7, "7".to_owned()));
    assert_eq!((doc(7).get(), u32::from(doc(7)), doc(7).to_string()), (7, 7, "7".to_owned()));
    let all = |count| DocumentNumber::all(count).map(DocumentNumber::get).collect::<Vec<_>>();
    assert_eq!((all(0), all(3)), (vec![], vec![1, 2, 3]));
    assert_eq!((all(1_000).len(), all(1_001).len()), (1_000, 1_000));
    assert_eq!(DocumentNumber::try_from(1_000).map(DocumentNumber::get), Ok(1_000));
}

#[test]
fn a_confidence_is_between_nought_and_one() {
    for number in [0.0, 0.25, 1.0] {
        let confidence = Confidence::try_from(number).unwrap();
        assert!((confidence.get() - number).abs() < f64::EPSILON);
        assert_eq!(serde_json::to_value(confidence).unwrap(), json!(number));
    }
    for number in [-0.01, 1.01, f64::NAN] {
        assert_eq!(Confidence::try_from(number), Err(InvalidConfidence));
    }
    assert!((Options::default().auto_approve_above.get() - 0.7).abs() < f64::EPSILON);
}

#[test]
fn a_command_says_how_often_it_was_resent_only_if_it_was() {
    let message = |resends| CommandMessage {
        schema: 1,
        command_id: "look-0".to_owned(),
        order_id: OrderId::from_parts(1, 1),
        firm_id: "a".parse().unwrap(),
        resends,
        command: Command::Cancel { run: None },
    };
    assert_eq!(serde_json::to_value(message(0)).unwrap().get("resends"), None);
    let twice = serde_json::to_value(message(2)).unwrap();
    assert_eq!(twice["resends"], 2);
    assert_eq!(serde_json::from_value::<CommandMessage>(twice).unwrap(), message(2));
}

#[test]
fn a_service_says_what_it_needs_who_works_on_it_and_how_far_each_phase_brings_it() {
    assert!(ServiceCode::Cma.needs_documents() && !ServiceCode::Canary.needs_documents());
    assert_eq!(ServiceCode::Cma.processors(Phase::Extract).collect::<Vec<_>>(), ["p_financial_statement"]);
    assert_eq!(ServiceCode::Cma.processors(Phase::Classify).count(), 0);
    assert_eq!(ServiceCode::Canary.document_processor(), "p_canary");
    let standard = Phase::ALL.map(|phase| ServiceCode::Cma.progress_percent(phase));
    assert_eq!(standard, [(0, 25), (25, 50), (50, 60), (60, 80), (80, 100)]);
    let bands = Bands::ending_at([10, 10, 40, 90, 100]);
    assert_eq!(Phase::ALL.map(|phase| bands.of(phase)), [(0, 10), (10, 10), (10, 40), (40, 90), (90, 100)]);
}

#[test]
fn bands_of_progress_must_rise_to_a_hundred() {
    for wrong in [[10, 5, 40, 90, 100], [0, 25, 50, 75, 99], [0, 0, 0, 101, 100]] {
        assert!(std::panic::catch_unwind(|| Bands::ending_at(wrong)).is_err(), "{wrong:?}");
    }
}

#[test]
fn what_was_not_used_is_listed_by_its_words_and_some_of_it_may_make_a_figure_wrong() {
    for (reason, words, may_change) in [
        (UnusedReason::HiddenSheet, "hidden sheet", false),
        (UnusedReason::NoRow, "no row", false),
        (UnusedReason::PartYear, "part of a year", false),
        (UnusedReason::ErrorCell, "error cell", true),
        (UnusedReason::FormulaWithoutValue, "formula without value", true),
        (UnusedReason::DoubtfulAmount, "doubtful amount", true),
        (UnusedReason::TextForAmount, "text for an amount", true),
    ] {
        assert_eq!((reason.words(), reason.may_change_a_figure()), (words, may_change));
    }
}

#[test]
fn an_order_is_submitted_by_its_own_command_and_by_no_other() {
    let order = accepted(2);
    let submit = |service_code, documents, options| Command::Submit { service_code, documents, options };
    assert!(order.is_submitted_by(&submit(ServiceCode::Cma, 2, Options::default())));
    let skipping = Options { skip_review: true, ..Options::default() };
    for other in [
        submit(ServiceCode::Canary, 2, Options::default()),
        submit(ServiceCode::Cma, 3, Options::default()),
        submit(ServiceCode::Cma, 2, skipping),
        Command::Cancel { run: None },
    ] {
        assert!(!order.is_submitted_by(&other), "{other:?}");
    }
    let draft = crate::a_draft();
    let same = submit(ServiceCode::Canary, draft.documents(), draft.options().clone());
    assert!(!draft.is_submitted_by(&same), "nobody has had it processed");
}

#[test]
fn a_printed_unit_is_worth_its_rupees() {
    for (unit, rupees) in [
        (Unit::Rupee, Some(1)),
        (Unit::Hundred, Some(100)),
        (Unit::Thousand, Some(1_000)),
        (Unit::Lakh, Some(100_000)),
        (Unit::Million, Some(1_000_000)),
        (Unit::Crore, Some(10_000_000)),
        (Unit::Unstated, None),
    ] {
        assert_eq!(unit.rupees(), rupees.map(Decimal::from), "{unit:?}");
    }
}
