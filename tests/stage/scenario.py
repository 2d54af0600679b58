"""The scenarios of the second stage: each function of `ALL` is one, named after what it shows.

A scenario returns None or a remark, and fails by an assertion.
"""

import hashlib
import io
import json
import subprocess
import tempfile
import zipfile

import package
from client import ulid
from cloud import PROGRAM, STAGE, wait
from faulty import silent_after
from oncall import OnCall, policy
from program import Program, send, with_key

SAMPLE = sorted((package.ROOT / "samples" / "shree-ganpati").glob("*.xlsx"))
DOCKET = package.ROOT / "target" / "debug" / "docket"
ALERT_S_MAX = 10
# Six deliveries; after each the message is hidden for a second and the event source mapping pauses.
DEAD_LETTER_S_MAX = 60
FAILURE_FIELDS = {
    "failure_id", "order_id", "firm_id", "service_code", "doc_type", "prompt_version_used", "phase", "run",
    "category", "code", "error_message", "occurred_at", "correlation_id",
}  # fmt: skip
SECRET = "MARKED-SECRET-7f3a"


def a_canary_walks_through_all_five_phases(stage):
    order = stage.client.ended(stage.client.send("submit-canary"), "COMPLETED")
    assert set(order["phases"]) == {"extract", "classify", "review", "validate", "generate"}, order["phases"]
    assert order["run"] == 1 and "lease" not in order


def a_borrowers_statements_become_the_same_figures_as_locally(stage):
    order = ulid()
    stage.client.upload(order, SAMPLE)
    stage.client.send("submit-cma", order)
    artifacts = stage.client.artifacts(stage.client.ended(order, "COMPLETED"))
    for name, (sha256, content) in artifacts.items():
        assert hashlib.sha256(content).hexdigest() == sha256, f"{name} is not what the order says"
    workbook = zipfile.ZipFile(io.BytesIO(artifacts["CMA.xlsx"][1]))
    assert workbook.testzip() is None and "xl/workbook.xml" in workbook.namelist()
    if not DOCKET.is_file():
        return "figures not compared: target/debug/docket is not built"
    assert artifacts["figures.json"][1] == local_figures(), "figures.json differs from the one that docket run writes"


def local_figures():
    with tempfile.TemporaryDirectory() as scratch:
        command = [DOCKET, "run", "--service", "CMA", "--skip-review", "--data", f"{scratch}/data", "--out", f"{scratch}/out", *SAMPLE]
        subprocess.run(command, check=True, capture_output=True)
        with open(f"{scratch}/out/figures.json", "rb") as figures:
            return figures.read()


def no_function_logs_a_warning_when_nothing_goes_wrong(stage):
    warnings = [event["message"] for level in ("WARN", "ERROR") for event in stage.cloud.logged(f'"level":"{level}"')]
    assert not warnings, warnings


def a_failing_order_is_recorded_and_alerted_once(stage):
    order = stage.client.ended(stage.client.send("submit-canary-with-failing-document"), "FAILED")
    assert order["orchestration_status"] == "FAILED" and order["failure_reason"] and order["failed_at"], order
    check_alerts(stage, order["order_id"], stage.client.failures(order["order_id"]))


def every_schedule_starts_what_it_should(stage):
    """Passes the input of each rule to the rule's target, since a day does not pass here."""
    for name, target, event in stage.cloud.schedules():
        answer = stage.cloud.invoke(target, event)
        if "order_id" in answer:
            stage.client.ended(answer["order_id"], "COMPLETED", json.loads(event)["canary"]["firm_id"])
        stage.cover(target, f"schedule {name}")


def no_function_lacks_a_permission(stage):
    refused = [event["message"] for event in stage.cloud.logged("AccessDenied")]
    assert not refused, refused


def a_function_without_permissions_can_do_nothing(stage):
    """Shows that the template's roles are in force, in all other scenarios as well."""
    _, intake, event = next(iter(stage.cloud.schedules()))
    with stage.cloud.without_permissions(intake):
        answer = stage.cloud.functions.invoke(FunctionName=intake, Payload=event)
    assert "FunctionError" in answer, "the function's role is not enforced"


def a_deployment_that_cannot_start_delays_an_order_and_fails_none(stage):
    """`validate` has no table name for a while, so its process cannot start and cannot record anything."""
    stage.cloud.hide_for("ValidateQueue", 1)
    with stage.cloud.changed("ValidateFunction", TABLE_NAME=""):
        order_id = stage.client.send("submit-canary")
        sent_again = lambda: stage.cloud.logged("message failed in an outage; sent again") or None
        wait("the dead letter", DEAD_LETTER_S_MAX, sent_again)
    order = stage.client.ended(order_id, "COMPLETED")
    assert order["run"] == 1 and not stage.client.failures(order_id)


def a_message_that_kills_its_function_fails_the_order_and_a_retry_completes_it(stage):
    """`validate` is killed at its time-out in six deliveries: its AWS answers the claim and no call after it."""
    stage.cloud.hide_for("ValidateQueue", 1)
    with silent_after(stage.cloud.endpoint, "UpdateItem") as endpoint:
        with stage.cloud.changed("ValidateFunction", timeout_s=1, AWS_ENDPOINT_URL=endpoint):
            order_id = stage.client.send("submit-canary")
            failed = lambda: (order := stage.client.order(order_id)) and order["status"] == "FAILED" or None
            wait("the dead letter's end", DEAD_LETTER_S_MAX, failed)
    order, failures = stage.client.order(order_id), stage.client.failures(order_id)
    assert order["last_orchestration_error"]["code"] == "message.dead_lettered", order["last_orchestration_error"]
    assert [failure["phase"] for failure in failures] == ["validate"], failures
    check_alerts(stage, order_id, failures)

    stage.client.send("retry", order_id)
    completed = lambda: (order := stage.client.order(order_id))["status"] == "COMPLETED" and order or None
    assert wait("the retry's end", DEAD_LETTER_S_MAX, completed)["run"] == 2, "a retry is the next run"


def an_operator_shows_retries_and_cancels_orders_with_the_permissions_of_the_policy(stage):
    if not DOCKET.is_file():
        return "not tried: target/debug/docket is not built"
    account = stage.cloud.outputs["DocumentBucketName"].rsplit("-", 1)[-1]
    operator = OnCall(stage.cloud, "operator", policy(account))
    failed = stage.client.send("submit-canary-with-failing-document")
    stage.client.ended(failed, "FAILED")
    code, shown, said = operator.docket(DOCKET, "show", failed)
    assert code == 0 and f"run it again with: docket --stage stage --firm local retry {failed}" in shown, (code, shown, said)
    code, failures, said = operator.docket(DOCKET, "failures", "--json")
    listed = [order["order_id"] for cause in json.loads(failures)["causes"] for order in cause["orders"]]
    assert code == 0 and failed in listed, (code, failures, said)
    code, retried, said = operator.docket(DOCKET, "retry", failed)
    assert code == 1 and "FAILED" in retried, f"its document fails again: {(code, retried, said)}"
    assert stage.client.order(failed)["run"] == 2, "a retry is the next run"

    waiting = ulid()
    stage.client.upload(waiting, SAMPLE)
    stage.client.send("submit-cma-in-doubt", waiting)
    stage.client.ended(waiting, "INTERNAL_REVIEW")
    code, shown, said = operator.docket(DOCKET, "show", waiting)
    assert code == 0 and "to review, most important first" in shown, (code, shown, said)
    code, cancelled, said = operator.docket(DOCKET, "cancel", waiting)
    assert code == 0 and "CANCELLED" in cancelled, (code, cancelled, said)
    stage.client.ended(waiting, "CANCELLED")


def an_operator_without_permissions_or_a_stage_is_told_what_is_missing(stage):
    if not DOCKET.is_file():
        return "not tried: target/debug/docket is not built"
    code, out, said = OnCall(stage.cloud, "nobody", None).docket(DOCKET, "orders")
    assert code == 1 and not out and "may not sqs:GetQueueUrl on the queue docket-stage-command" in said, (code, out, said)
    everybody = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    code, out, said = OnCall(stage.cloud, "everybody", everybody).docket(DOCKET, "orders", stage="absent")
    assert code == 2 and not out and "there is no stage absent in us-east-1" in said, (code, out, said)
    assert said.count("\n") == 1, said


def a_program_orders_uploads_and_downloads_over_the_api(stage):
    """The gateway checks its signatures; S3 checks those of the requests that the API has signed for it."""
    loader = Program(stage.cloud, with_key(stage.cloud, PROGRAM))
    stage.cover(stage.cloud.resource("ApiFunction"), "a program")
    status, _, health = loader.ask("GET", "/health")
    assert status == 200 and json.loads(health)["status"] == "ok", (status, health)
    order = loader.order(service_code="CMA", options={"skip_review": True})
    files = [{"name": file.name, "bytes": file.stat().st_size} for file in SAMPLE]
    status, _, added = loader.ask("POST", f"/iam/v1/orders/{order}/documents", {"files": files})
    assert status == 201, (status, added)
    for target, file in zip(json.loads(added), SAMPLE):
        put = target["method"], target["url"]
        status, _, said = send(*put, file.read_bytes(), dict(target["headers"]))
        assert status == 200, (status, said)
        status, _, said = send(*put, file.read_bytes(), dict(target["headers"]))
        assert status == 412, f"an upload is good for one use: {(status, said)}"
    status, headers, said = loader.ask("POST", f"/iam/v1/orders/{order}/process", {})
    assert status == 202, (status, said)
    stage.client.ended(order, "COMPLETED")
    status, _, said = loader.ask("GET", f"/iam/v1/orders/{order}/progress")
    assert status == 200 and json.loads(said)["percent"] == 100, (status, said)
    status, headers, said = loader.ask("GET", f"/iam/v1/orders/{order}/artifacts/1/CMA.xlsx")
    assert status == 303, (status, said)
    status, _, workbook = send("GET", headers["location"], None, {})
    assert status == 200 and zipfile.ZipFile(io.BytesIO(workbook)).testzip() is None, status


def nobody_else_gets_into_the_api(stage):
    stranger, nobody = Program(stage.cloud, with_key(stage.cloud, "stranger")), Program(stage.cloud, None)
    status, _, said = stranger.ask("GET", "/iam/v1/orders")
    assert status == 401 and json.loads(said)["code"] == "access.signed_out", f"a user who is not listed: {(status, said)}"
    status, _, said = nobody.ask("GET", "/iam/v1/orders")
    assert status == 403, f"the gateway lets an unsigned request in: {(status, said)}"
    status, _, said = nobody.ask("GET", "/v1/orders")
    assert status == 401, (status, said)
    # The issuer of the stage does not exist: that is no refusal.
    status, headers, said = nobody.ask("GET", "/sign-in", accept="text/html")
    assert status == 503 and headers["retry-after"] == "5", (status, dict(headers), said)


def an_unreadable_command_is_recorded_and_alerted_and_nothing_of_it_is_kept(stage):
    stage.cloud.hide_for("CommandQueue", 1)
    stage.cloud.sqs.send_message(QueueUrl=stage.client.commands, MessageBody=f'{{"schema": 1, "{SECRET}": "{SECRET}"}}')
    unreadable = lambda: stage.client.failures("0" * 26, "unknown") or None
    check_alerts(stage, "0" * 26, wait("the dead letter's record", DEAD_LETTER_S_MAX, unreadable))


def nothing_is_left_in_a_queue(stage):
    empty = lambda: not any(stage.cloud.depths().values()) or None
    try:
        wait("the last acknowledgement", ALERT_S_MAX, empty)
    except AssertionError:
        raise AssertionError(f"messages are left: {stage.cloud.depths()}") from None


def nothing_of_a_document_or_a_message_is_in_the_table_a_log_or_an_alert(stage):
    words = [SECRET, *(file.name for file in SAMPLE), "Shree Ganpati"]
    places = {
        "the table": stage.client.table.scan()["Items"],
        "a log": stage.cloud.logged(""),
        "an alert": stage.mailbox.seen,
    }
    for where, text in ((where, repr(content)) for where, content in places.items()):
        found = [word for word in words if word in text]
        assert not found, f"{where} holds {found}"


def check_alerts(stage, order_id, failures):
    """Checks that each failure of an order is recorded with the allowed fields only, and alerted exactly once."""
    assert failures, f"{order_id} has no failure record"
    for failure in failures:
        bookkeeping = {name for name in failure if name.startswith(("alert", "watch")) or name in {"pk", "sk"}}
        more = set(failure) - FAILURE_FIELDS - bookkeeping
        assert not more, f"the failure record has fields that it must not have: {more}"
        now = lambda: stage.client.failures(order_id, failure["firm_id"])
        sent = lambda: [f for f in now() if (f["failure_id"], f["alert"]) == (failure["failure_id"], "sent")] or None
        announced_by = wait(f"the mark of the alert about {failure['code']}", ALERT_S_MAX, sent)[0]["alert_sent_as"]
        alerts = lambda: stage.mailbox.with_id(announced_by) or None
        alerts = wait(f"the alert about {failure['code']}", ALERT_S_MAX, alerts)
        assert len(alerts) == 1 and failure["error_message"] in alerts[0]["Message"], alerts
        look = f"Look: docket --stage {STAGE} --firm {failure['firm_id']} show {order_id}"
        assert look in alerts[0]["Message"].splitlines(), alerts


ALL = [
    a_canary_walks_through_all_five_phases,
    a_borrowers_statements_become_the_same_figures_as_locally,
    no_function_logs_a_warning_when_nothing_goes_wrong,
    a_failing_order_is_recorded_and_alerted_once,
    every_schedule_starts_what_it_should,
    a_deployment_that_cannot_start_delays_an_order_and_fails_none,
    a_message_that_kills_its_function_fails_the_order_and_a_retry_completes_it,
    an_operator_shows_retries_and_cancels_orders_with_the_permissions_of_the_policy,
    an_operator_without_permissions_or_a_stage_is_told_what_is_missing,
    a_program_orders_uploads_and_downloads_over_the_api,
    nobody_else_gets_into_the_api,
    an_unreadable_command_is_recorded_and_alerted_and_nothing_of_it_is_kept,
    nothing_is_left_in_a_queue,
    nothing_of_a_document_or_a_message_is_in_the_table_a_log_or_an_alert,
    no_function_lacks_a_permission,
    a_function_without_permissions_can_do_nothing,
]
