//! Reviews over HTTP.

use serde_json::{Value, json};
use tests::desk::{Ask, Desk, Who};

use super::sample_draft;

/// A CMA that waits for a reviewer: every proposal is doubted.
pub(super) async fn waiting(desk: &mut Desk) -> String {
    let order = sample_draft(desk, "a", &json!({ "auto_approve_above": 1.0 })).await;
    let process = Ask::post(&format!("/v1/orders/{order}/process"), "go", &json!({}));
    assert_eq!(desk.ask(&Who::preparer(), process).await.status, 202);
    desk.pipeline.settle().await;
    assert_eq!(desk.order(&order).await["orchestration_status"], json!("REVIEW_PENDING"));
    order
}

async fn read(desk: &Desk, order: &str) -> (Value, String) {
    let answer = desk.ask(&Who::reviewer(), Ask::get(&format!("/v1/orders/{order}/review"))).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    (answer.json(), answer.header("etag"))
}

/// A line of the review that is proposed for a row of the forms.
fn a_line(review: &Value) -> &Value {
    let lines = review["items"].as_array().unwrap().iter();
    lines.filter(|item| item["kind"] == "line").find(|item| item["row_code"] != "X.ignore").unwrap()
}

fn save(order: &str, tag: &str, decisions: &Value) -> Ask {
    Ask::put(&format!("/v1/orders/{order}/review/decisions"), &json!({ "decisions": decisions })).with("if-match", tag)
}

fn submit(order: &str, tag: &str, key: &str, accept_remaining: bool) -> Ask {
    let body = json!({ "accept_remaining": accept_remaining });
    Ask::post(&format!("/v1/orders/{order}/review/submit"), key, &body).with("if-match", tag)
}

#[tokio::test(start_paused = true)]
async fn a_reviewers_change_and_its_reason_are_in_the_workbook() {
    let mut desk = Desk::new();
    let order = waiting(&mut desk).await;
    let (review, tag) = read(&desk, &order).await;
    let items = review["items"].as_array().unwrap();
    let item = a_line(&review);
    let decision = json!([{ "line": item["line"], "row_code": "X.ignore", "reason": "a contra entry of the group" }]);
    let saved = desk.ask(&Who::reviewer(), save(&order, &tag, &decision)).await;
    assert_eq!(saved.status, 200, "{}", saved.json());
    let (again, tag) = read(&desk, &order).await;
    assert_eq!((&tag, &again["decisions"][0]["reason"]), (&saved.header("etag"), &decision[0]["reason"]));
    assert_eq!(again["claim"]["holder"], json!("rita"));

    let undecided = desk.ask(&Who::reviewer(), submit(&order, &tag, "s1", false)).await;
    assert_eq!(
        (undecided.problem(), &undecided.json()["count"]),
        ((400, "review.undecided".to_owned()), &json!(items.len() - 1))
    );
    let submitted = desk.ask(&Who::reviewer(), submit(&order, &tag, "s2", true)).await;
    assert_eq!(submitted.status, 202, "{}", submitted.json());
    desk.pipeline.settle().await;
    assert_eq!(desk.order(&order).await["status"], json!("COMPLETED"));
    let repeated = desk.ask(&Who::reviewer(), submit(&order, &tag, "s2", true)).await;
    assert_eq!(repeated.json(), submitted.json(), "the review is over and the repeat says the same");

    let id = order.parse().unwrap();
    let stored = desk.pipeline.order(id).await;
    let workbook = desk.pipeline.client.artifact(&stored, "CMA.xlsx").await.unwrap().unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(workbook)).unwrap();
    let mut text = String::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let _ = std::io::Read::read_to_string(&mut part, &mut text);
    }
    assert!(text.contains("a contra entry of the group") && text.contains("rita"), "the change, why and by whom");
}

#[tokio::test(start_paused = true)]
async fn whoever_made_the_order_may_not_decide_it() {
    let mut desk = Desk::new();
    let order = waiting(&mut desk).await;
    let (_, tag) = read(&desk, &order).await;
    let own_work = (403, "review.own_work".to_owned());
    for maker in ["olga", "pia"] {
        let maker = Who::of(maker, &["preparer", "reviewer", "operator"]);
        assert_eq!(desk.ask(&maker, save(&order, &tag, &json!([]))).await.problem(), own_work);
        assert_eq!(desk.ask(&maker, submit(&order, &tag, "s", true)).await.problem(), own_work);
        let resume = Ask::post(&format!("/v1/orders/{order}/resume"), "r", &json!({ "reason": "fine" }));
        assert_eq!(desk.ask(&maker, resume).await.problem(), own_work);
        let claim = Ask::put(&format!("/v1/orders/{order}/review/claim"), &json!({}));
        assert_eq!(desk.ask(&maker, claim).await.problem(), own_work);
    }
    let resume = Ask::post(&format!("/v1/orders/{order}/resume"), "r", &json!({ "reason": "fine" }));
    assert_eq!(desk.ask(&Who::reviewer(), resume).await.status, 202);
}

#[tokio::test(start_paused = true)]
async fn a_preparer_alone_cannot_skip_or_weaken_the_review() {
    let desk = Desk::new();
    for options in [json!({ "skip_review": true }), json!({ "auto_approve_above": 0.5 })] {
        let body = json!({ "service_code": "CMA", "options": options });
        let refused = desk.ask(&Who::preparer(), Ask::post("/v1/orders", "k", &body)).await;
        assert_eq!(refused.problem(), (403, "order.unacceptable".to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn two_reviewers_do_not_overwrite_each_other() {
    let mut desk = Desk::new();
    let order = waiting(&mut desk).await;
    let (review, tag) = read(&desk, &order).await;
    let (rita, rolf) = (Who::reviewer(), Who::of("rolf", &["reviewer"]));
    let decision = json!([{ "line": review["items"][0]["line"], "row_code": "X.ignore", "reason": "not ours" }]);
    assert_eq!(desk.ask(&rita, save(&order, &tag, &decision)).await.status, 200);
    let held = desk.ask(&rolf, save(&order, &tag, &decision)).await;
    assert_eq!((held.problem(), &held.json()["holder"]), ((409, "review.claimed".to_owned()), &json!("rita")));
    // A tag from before the other one's save.
    let stale = desk.ask(&rita, save(&order, &tag, &decision)).await;
    assert_eq!(stale.problem(), (412, "order.changed".to_owned()));
    let tagless = Ask::put(&format!("/v1/orders/{order}/review/decisions"), &json!({ "decisions": [] }));
    assert_eq!(desk.ask(&rita, tagless).await.problem(), (428, "request.no_tag".to_owned()));

    let claim = |body: &Value| Ask::put(&format!("/v1/orders/{order}/review/claim"), body);
    assert_eq!(desk.ask(&rolf, claim(&json!({}))).await.problem().0, 409);
    assert_eq!(desk.ask(&rolf, claim(&json!({ "take_over": true }))).await.json()["holder"], json!("rolf"));
    assert_eq!(desk.ask(&rita, claim(&json!({}))).await.problem().0, 409);
    let (commands, _) = desk.audit(&order).await;
    let last = commands.last().unwrap();
    assert_eq!((&last["action"], &last["actor"]), (&json!("review_taken_over"), &json!("rolf")));
    // A claim lapses after half an hour without a save, and can be given back.
    tokio::time::sleep(std::time::Duration::from_secs(1_801)).await;
    assert_eq!(desk.ask(&rita, claim(&json!({}))).await.status, 200);
    let release = Ask::method("DELETE", &format!("/v1/orders/{order}/review/claim"));
    assert_eq!(desk.ask(&rita, release).await.status, 204);
    assert_eq!(desk.ask(&rolf, claim(&json!({}))).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_decision_that_cannot_be_applied_is_refused_before_it_counts() {
    let mut desk = Desk::new();
    let order = waiting(&mut desk).await;
    let (review, tag) = read(&desk, &order).await;
    let line = &a_line(&review)["line"];
    let saved = |decision: Value| save(&order, &tag, &json!([decision]));
    let unknown = desk.ask(&Who::reviewer(), saved(json!({ "line": "nonsense", "row_code": "X.ignore" }))).await;
    assert_eq!(unknown.problem(), (400, "request.malformed".to_owned()));
    let kept =
        desk.ask(&Who::reviewer(), saved(json!({ "line": line, "row_code": "no such row", "reason": "x" }))).await;
    let refused = desk.ask(&Who::reviewer(), submit(&order, &kept.header("etag"), "s", true)).await;
    assert_eq!(refused.problem(), (400, "review.unfit".to_owned()));
    assert_eq!(desk.order(&order).await["orchestration_status"], json!("REVIEW_PENDING"));
    // A change without a reason is one too.
    let (_, tag) = read(&desk, &order).await;
    let decision = json!([{ "line": line, "row_code": "X.ignore", "reason": " " }]);
    let kept = desk.ask(&Who::reviewer(), save(&order, &tag, &decision)).await;
    let refused = desk.ask(&Who::reviewer(), submit(&order, &kept.header("etag"), "s", true)).await;
    assert_eq!(refused.problem(), (400, "review.unfit".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_review_is_extended_for_a_reason() {
    let mut desk = Desk::new();
    let order = waiting(&mut desk).await;
    let extend =
        |reason: &str| Ask::post(&format!("/v1/orders/{order}/review/extend"), "e", &json!({ "reason": reason }));
    assert_eq!(desk.ask(&Who::operator(), extend("")).await.problem().0, 400);
    assert_eq!(desk.ask(&Who::operator(), extend("the auditor is away")).await.status, 202);
    let (commands, _) = desk.audit(&order).await;
    let last = commands.last().unwrap();
    assert_eq!((&last["action"], &last["reason"]), (&json!("review_extended"), &json!("the auditor is away")));
}
