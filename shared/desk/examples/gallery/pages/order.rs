//! Orders in several states.

use desk::frame::FlashKind;
use desk::page::{
    Actions, AlertState, ArtifactRow, DocumentRow, DocumentState, FailureRow, OrderPage, OrderSummary, PhaseRow,
    PhaseState, ReviewSummary, StartChoice, VersionRow,
};
use domain::failure::Category;
use domain::history::Estimate;
use domain::id::DocumentNumber;
use domain::person::Role;
use domain::phase::Phase;
use domain::service::ServiceCode;
use domain::status::{OrchestrationStatus, Status};
use domain::trail::TrailEntry;
use serde_json::{Value, json};

use super::{ago, frame, id, now, run};

/// Every page of an order by name.
pub fn all() -> Vec<(&'static str, String)> {
    vec![
        ("order-running", running().render()),
        ("order-progress-fragment", running().progress()),
        ("order-failed", failed().render()),
        ("order-paused", paused().render()),
        ("order-completed", completed().render()),
        ("order-cancelled", cancelled().render()),
        ("order-draft", draft().render()),
    ]
}

fn base(status: Status, orchestration_status: OrchestrationStatus, phase: Phase, percent: u8) -> OrderPage {
    OrderPage {
        frame: frame(Role::ALL, true),
        idempotency_key: "01KB9Z3V5T8Q4M7N2P6R9S1W3X".to_owned(),
        now: now(),
        order: OrderSummary {
            order_id: id(4),
            service_code: ServiceCode::Cma,
            status,
            orchestration_status,
            run: run(1),
            phase,
            percent,
            created_at: ago(14),
            updated_at: ago(1),
            makers: vec!["m.rao@rao.example".to_owned()],
            failure: None,
            correlation_id: "01KB9Z3V5T8Q4M7N2P6R9S1W3X".to_owned(),
        },
        estimate: Estimate::Idle,
        phases: Vec::new(),
        documents: documents(&[DocumentState::Completed, DocumentState::Completed]),
        failures: Vec::new(),
        versions: Vec::new(),
        figures: None,
        audit: Vec::new(),
        review: None,
        actions: Actions::default(),
    }
}

fn phases(states: [PhaseState; 5]) -> Vec<PhaseRow> {
    let rows = Phase::ALL.into_iter().zip(states).zip([12, 9, 7, 4, 3]).map(|((phase, state), begun)| {
        let has_begun = state != PhaseState::Ahead;
        let has_ended = matches!(state, PhaseState::Done | PhaseState::Failed);
        PhaseRow {
            phase,
            state,
            started_at: has_begun.then(|| ago(begun)),
            ended_at: has_ended.then(|| ago(begun - 2)),
            duration_ms: has_ended.then_some(i64::from(phase as u8) * 61_234 + 842),
            run: has_begun.then(|| run(1)),
        }
    });
    rows.collect()
}

fn documents(states: &[DocumentState]) -> Vec<DocumentRow> {
    let names =
        ["balance-sheet.xlsx", "profit-and-loss.xlsx", "Schedules to the accounts 2023-24 (signed, final, v3).pdf"];
    let rows = states.iter().zip(1_u32..).map(|(state, number)| DocumentRow {
        number: DocumentNumber::try_from(number).expect("a number"),
        name: names.get(usize::try_from(number).expect("small") - 1).map(|name| (*name).to_owned()),
        state: *state,
        attempts: u32::from(*state != DocumentState::Uploaded),
        error: (*state == DocumentState::Failed)
            .then(|| ("file.encrypted".to_owned(), "The file is encrypted. Upload it without a password.".to_owned())),
    });
    rows.collect()
}

fn audit() -> Vec<TrailEntry> {
    let row = |minutes, actor: &str, action: &str, reason: Option<&str>| TrailEntry {
        at: ago(minutes),
        actor: actor.to_owned(),
        action: action.to_owned(),
        run: run(1),
        reason: reason.map(str::to_owned),
        duration_ms: (actor == "pipeline").then_some(2_300),
        code: None,
    };
    vec![
        row(2, "ops@rao.example", "review_extended", Some("The auditor is back on Thursday.")),
        row(5, "8b1c6a52-8a3e-4f2b-9d47-2f8a6f1f0f1e", "hand_off_resent", None),
        row(13, "pipeline", "pipeline_extract_complete", None),
        row(14, "m.rao@rao.example", "submitted", None),
    ]
}

fn running() -> OrderPage {
    use PhaseState::{Ahead, Done, Working};
    OrderPage {
        estimate: Estimate::Seconds { p50: 110, p90: 290 },
        phases: phases([Done, Working, Ahead, Ahead, Ahead]),
        documents: documents(&[DocumentState::Completed, DocumentState::Working, DocumentState::Failed]),
        actions: Actions { cancel: true, ..Actions::default() },
        audit: audit(),
        ..base(Status::InProgress, OrchestrationStatus::Classifying, Phase::Classify, 37)
    }
}

fn failure(number: u32, code: &str, message: &str, phase: Phase, alert: AlertState, healed: Option<u32>) -> FailureRow {
    FailureRow {
        code: code.to_owned(),
        message: message.to_owned(),
        phase,
        run: run(number),
        document: (phase == Phase::Extract).then(|| DocumentNumber::try_from(3_u32).expect("a number")),
        category: if phase == Phase::Extract { Category::Partial } else { Category::Permanent },
        at: ago(6),
        alert,
        healed_by: healed.map(run),
    }
}

fn failed() -> OrderPage {
    use PhaseState::{Ahead, Done, Failed};
    let message =
        "No period could be read in the heading of a column. Answer the question in the review: retry from review.";
    let mut page = OrderPage {
        phases: phases([Done, Done, Done, Failed, Ahead]),
        failures: vec![
            failure(2, "statements.period", message, Phase::Validate, AlertState::Sent(Some(ago(5))), None),
            failure(
                1,
                "file.encrypted",
                "The file is encrypted. Upload it without a password.",
                Phase::Extract,
                AlertState::Together,
                Some(2),
            ),
            failure(
                1,
                "phase.timeout",
                "The phase ran out of time. Retry the order.",
                Phase::Classify,
                AlertState::Sent(None),
                Some(2),
            ),
        ],
        actions: Actions { retry: Some(StartChoice::up_to(Phase::Validate)), cancel: true, ..Actions::default() },
        audit: audit(),
        ..base(Status::Failed, OrchestrationStatus::Failed, Phase::Validate, 62)
    };
    page.order.run = run(2);
    page.order.failure = Some(("statements.period".to_owned(), message.to_owned()));
    let said = "The order was retried by somebody else while this page was open. Look at its state below before you retry it again.";
    page.frame = frame(&[Role::Operator], false).with(FlashKind::Refused, said);
    page
}

fn paused() -> OrderPage {
    use PhaseState::{Ahead, Done, Waiting};
    OrderPage {
        phases: phases([Done, Done, Waiting, Ahead, Ahead]),
        review: Some(ReviewSummary {
            items: 32,
            since: ago(600),
            expires_at: Some("2026-12-14T07:04:12Z".parse().expect("a time")),
            claimed_by: Some("s.iyer@rao.example".to_owned()),
        }),
        actions: Actions {
            review: true,
            extend_review: true,
            retry: Some(StartChoice::up_to(Phase::Review)),
            cancel: true,
            ..Actions::default()
        },
        audit: audit(),
        ..base(Status::InternalReview, OrchestrationStatus::ReviewPending, Phase::Review, 55)
    }
}

fn version(number: u32) -> VersionRow {
    let artifact =
        |name: &str, bytes| ArtifactRow { name: name.to_owned(), bytes, sha256: "9f2c4e".repeat(10) + "abcd" };
    VersionRow {
        number,
        run: run(number),
        made_at: Some(ago(3)),
        artifacts: vec![artifact("CMA.xlsx", 48_212), artifact("figures.json", 1_310_720)],
    }
}

/// Figures of five years, some missing, some negative.
pub fn figures() -> Value {
    json!({"figures": {
        "years": ["31.03.2022", "31.03.2023", "31.03.2024", "31.03.2025", "31.03.2026"],
        "kinds": ["audited", "audited", "audited", "estimated", "projected"],
        "months": [12, 12, 12, 9, 12],
        "unit": "lakh",
        "rows": {
            "II.3": ["1245.6", "1398.22", "1120", "1610.75", "1850"],
            "II.8": ["132.4", "151.9", "-42.5", "170", "204.11"],
            "II.14": ["61.2", "70.45", "-118.35", null, "96.5"],
            "R.opm": ["10.62941", "10.86381", "-3.79464286", "10.55408971", "11.03297297"],
            "R.np": ["4.91329", "5.03854901", "-10.56696429", null, "5.21621622"],
            "III.34": ["612.4", "655", "580.2", "700.1", "790"],
            "III.10": ["455.2", "480.5", "610.9", "520", "560.75"],
            "R.cr": ["1.3453427", "1.36316337", "0.94974627", "1.34634615", "1.40882746"],
            "III.18": ["820", "845.5", "960.2", "870", "905.4"],
            "III.44": ["402.1", "472.55", "354.2", "470", "566.5"],
            "R.tol_tnw": ["2.03929371", "1.78922865", "2.71089780", "1.85106383", "1.59823477"],
            "R.dscr": [null, "1.81", "0.42", null, "1.95"],
            "R.icr": ["2.9", "3.04", "0.12", "3.2", "3.61"],
            "V.8.I": ["210.5", "222", "0", "231.4", "256"],
            "V.8.II": ["180.2", "191.55", "0", "201.1", "222.9"]
        }
    }})
}

fn completed() -> OrderPage {
    use PhaseState::{Done, Skipped};
    let mut page = OrderPage {
        phases: phases([Done, Done, Skipped, Done, Done]),
        versions: vec![version(2), version(1)],
        figures: Some(figures()),
        actions: Actions { regenerate: Some(StartChoice::up_to(Phase::Generate)), ..Actions::default() },
        audit: audit(),
        ..base(Status::Completed, OrchestrationStatus::Completed, Phase::Generate, 100)
    };
    page.order.run = run(2);
    page.frame = frame(&[Role::Preparer], false).with(FlashKind::Done, "Version 2 is ready.");
    page
}

fn cancelled() -> OrderPage {
    use PhaseState::{Ahead, Cancelled, Done};
    OrderPage {
        phases: phases([Done, Cancelled, Ahead, Ahead, Ahead]),
        ..base(Status::Cancelled, OrchestrationStatus::Cancelled, Phase::Classify, 31)
    }
}

fn draft() -> OrderPage {
    OrderPage {
        phases: phases([PhaseState::Ahead; 5]),
        documents: documents(&[DocumentState::Uploaded, DocumentState::Uploaded]),
        actions: Actions { process: true, upload: true, cancel: true, ..Actions::default() },
        ..base(Status::Draft, OrchestrationStatus::IntakeLocked, Phase::Extract, 0)
    }
}

/// An order on which every text that comes from somebody else is this one.
pub fn hostile(text: &str) -> OrderPage {
    let text_of = || text.to_owned();
    let mut page = failed();
    (page.order.makers, page.order.correlation_id) = (vec![text_of()], text_of());
    page.documents = documents(&[DocumentState::Failed, DocumentState::Completed]);
    for document in &mut page.documents {
        document.name = Some(text_of());
        document.error = Some((text_of(), text_of()));
    }
    for failure in &mut page.failures {
        (failure.code, failure.message) = (text_of(), text_of());
    }
    for entry in &mut page.audit {
        (entry.actor, entry.action, entry.reason) = (text_of(), text_of(), Some(text_of()));
    }
    page.versions = vec![version(1)];
    (page.versions[0].artifacts[0].name, page.versions[0].artifacts[0].sha256) = (text_of(), text_of());
    let review = ReviewSummary { items: 1, since: ago(1), expires_at: None, claimed_by: Some(text_of()) };
    page.review = Some(review);
    let year = json!([text]);
    page.figures = Some(json!({"years": year, "kinds": year, "unit": text, "rows": {"II.3": ["1"], "R.cr": [text]}}));
    page.frame.flash.as_mut().expect("a flash").text = text_of();
    page
}
