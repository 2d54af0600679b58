"""Deploys a checkout with the scripts of infra/ and checks the result.

    tests/ministack/serve python tests/deploy/deploy.py BINARIES

The checkout is a clone of this one, with the template changed as for the second stage (see tests/stage/package.py).
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import boto3

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "stage"))

import package  # noqa: E402
from cloud import find  # noqa: E402

STACK = "docket-dev"
ROLE = "arn:aws:iam::123456789012:role/loader"
PARAMETERS = [
    "AlertEmail=ops@example.com",
    "Alarms=off",
    "OidcIssuer=https://issuer.invalid",
    "OidcClientId=desk",
    f'Programs={{"{ROLE}":{{"firm":"acme","roles":["operator"]}}}}',
]
ALERT_S_MAX = 20
# ministack has queue URLs of its own, so these variables have other values than on AWS.
EXPECTED_DIFFERENCE = "_QUEUE_URL has another value"
# Stands in for GitHub's command: records how it is called, and knows at most one open issue.
FAKE_GH = """#!/usr/bin/env bash
printf '%s\\n' "$*" >>"$GH_CALLS"
[ "$1 $2" != "issue list" ] || printf '%s' "${GH_OPEN_ISSUE:-}"
"""


class Checkout:
    """A clone of the checkout, with binaries and a stand-in for `gh`."""

    def __init__(self, folder, binaries):
        self.root, self.binaries = folder / "checkout", binaries
        run("git", "clone", "--quiet", str(ROOT), str(self.root))
        self.copy_changed_files()
        text = package.template(os.environ["AWS_ENDPOINT_URL"], package.CODE_AS_IT_IS)
        (self.root / "template.yaml").write_text(json.dumps(text, indent=1, default=str))
        self.commit("The template of the second stage")
        for name in package.function_names():
            self.put_binary(name, find(binaries, name))
        self.docket("manifest", "--bins", "target/lambda", "--package")
        self.gh = folder / "gh"
        self.gh.mkdir()
        (self.gh / "gh").write_text(FAKE_GH)
        (self.gh / "gh").chmod(0o755)

    def copy_changed_files(self):
        """Copies what is not committed yet, so that it is deployed as well."""
        changed = run("git", "-C", str(ROOT), "ls-files", "-mo", "--exclude-standard", "-z").split("\0")
        for name in filter(None, changed):
            if (ROOT / name).is_file():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, self.root / name)

    def commit(self, subject):
        self.git("add", "--all")
        self.git("-c", "user.name=Docket", "-c", "user.email=docket@example.com", "commit", "--quiet", "-m", subject)

    def git(self, *arguments):
        return run("git", "-C", str(self.root), *arguments)

    def put_binary(self, name, binary):
        folder = self.root / "target" / "lambda" / name
        folder.mkdir(parents=True)
        if shutil.which("strip"):
            run("strip", "-o", str(folder / "bootstrap"), str(binary))
        else:
            shutil.copy(binary, folder / "bootstrap")

    def docket(self, *arguments):
        return run(os.environ["DOCKET"], *arguments, cwd=self.root)

    def script(self, name, *arguments, **variables):
        """Runs a script of infra/; returns its exit status and output."""
        environment = os.environ | variables | {"PATH": f"{self.gh}:{os.environ['PATH']}"}
        command = [str(self.root / "infra" / name), *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=self.root)
        return done.returncode, done.stdout + done.stderr


class Operator:
    """An operator with an AWS account."""

    def __init__(self, checkout):
        self.checkout = checkout
        endpoint = os.environ["AWS_ENDPOINT_URL"]
        client = lambda service: boto3.client(service, endpoint_url=endpoint)
        self.stacks, self.functions, self.sqs, self.sns = (client(name) for name in ("cloudformation", "lambda", "sqs", "sns"))

    def output(self, name):
        outputs = self.stacks.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
        return next(output["OutputValue"] for output in outputs if output["OutputKey"] == name)

    def subscribe(self):
        self.mailbox = self.sqs.create_queue(QueueName="mailbox")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.mailbox, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.sns.subscribe(TopicArn=self.output("AlertTopicArn"), Protocol="sqs", Endpoint=arn)

    def alerts(self):
        """Waits for alerts and returns those that arrived."""
        alerts, until = [], time.monotonic() + ALERT_S_MAX
        while time.monotonic() < until and not alerts:
            answer = self.sqs.receive_message(QueueUrl=self.mailbox, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            alerts += [json.loads(message["Body"]) for message in answer.get("Messages", [])]
        return alerts

    def verdicts(self):
        """The verdicts of `docket drift` by function, without differences that only ministack causes."""
        report = subprocess.run(
            [os.environ["DOCKET"], "drift", "--bucket", self.output("ManifestBucketName"), "--json"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        functions = json.loads(report.stdout)["functions"]
        return {one["function"]: [text for text in one["text"] if not is_expected(text)] for one in functions}


def is_expected(verdict):
    """Whether a verdict is in step, or names only differences that ministack causes."""
    kind, _, settings = verdict.partition(": ")
    return kind == "in step" or kind == "misconfigured" and all(s.endswith(EXPECTED_DIFFERENCE) for s in settings.split(", "))


def a_stage_is_deployed_and_its_manifest_published(checkout, operator):
    status, text = checkout.script("deploy", "dev", *PARAMETERS)
    assert status == 0, text
    operator.subscribe()
    function = operator.functions.get_function_configuration(FunctionName=f"{STACK}-api")
    programs = function["Environment"]["Variables"]["PROGRAMS"]
    assert json.loads(programs) == {ROLE: {"firm": "acme", "roles": ["operator"]}}, programs


def deploying_again_changes_nothing(checkout, _):
    status, text = checkout.script("deploy", "dev", *PARAMETERS)
    assert status == 0 and "No changes to deploy" in text, text


def an_unknown_stage_is_refused(checkout, _):
    status, text = checkout.script("deploy", "nowhere")
    assert status == 2 and "nowhere" in text, text


def the_canary_completes(checkout, _):
    status, text = checkout.script("canary", "dev")
    assert status == 0 and "completed" in text, text


def the_test_alert_arrives_once(checkout, operator):
    status, text = checkout.script("test-alert", "dev")
    assert status == 0, text
    alerts = operator.alerts()
    assert len(alerts) == 1 and "canary.made_to_fail" in alerts[0]["Message"], alerts


def everything_deployed_is_in_step(_, operator):
    verdicts = operator.verdicts()
    assert sorted(verdicts) == sorted(f"{STACK}-{name}" for name in package.function_names()), verdicts
    assert not any(verdicts.values()), verdicts


def a_function_is_behind_once_a_commit_to_it_is_published(checkout, operator):
    source = checkout.root / "functions" / "classify" / "src" / "main.rs"
    source.write_text(source.read_text() + "// One more line.\n")
    checkout.commit("Change classify")
    status, text = checkout.script("publish", "dev", *PARAMETERS)
    assert status == 0, text
    verdicts = operator.verdicts()
    behind = verdicts.pop(f"{STACK}-classify")
    assert len(behind) == 1 and behind[0].startswith("behind by 1 commit"), behind
    assert not any(verdicts.values()), verdicts


def foreign_code_opens_one_issue_which_is_then_updated(checkout, operator):
    foreign = (checkout.root / "target" / "lambda" / "review.zip").read_bytes()
    operator.functions.update_function_code(FunctionName=f"{STACK}-classify", ZipFile=foreign)
    assert "tampered" in str(operator.verdicts()[f"{STACK}-classify"])
    bucket = operator.output("ManifestBucketName")
    calls = checkout.gh / "calls"
    for issue, expected in (("", "issue create"), ("17", "issue edit 17")):
        calls.write_text("")
        status, text = checkout.script("drift-issue", bucket, STACK, GH_CALLS=str(calls), GH_OPEN_ISSUE=issue)
        made = calls.read_text().splitlines()
        assert status == 1 and any(call.startswith(expected) for call in made), (text, made)
    assert f"{STACK}-classify" in (checkout.root / "issue.md").read_text()


def scripts_fail_when_intake_is_missing(checkout, operator):
    operator.functions.delete_function(FunctionName=f"{STACK}-intake")
    for script in ("test-alert", "canary"):
        status, text = checkout.script(script, "dev")
        assert status != 0, f"{script}: {text}"


STEPS = [
    a_stage_is_deployed_and_its_manifest_published,
    deploying_again_changes_nothing,
    an_unknown_stage_is_refused,
    the_canary_completes,
    the_test_alert_arrives_once,
    everything_deployed_is_in_step,
    a_function_is_behind_once_a_commit_to_it_is_published,
    foreign_code_opens_one_issue_which_is_then_updated,
    scripts_fail_when_intake_is_missing,
]


def run(*command, cwd=None):
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} exited with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def main():
    with tempfile.TemporaryDirectory(prefix="deploy-") as folder:
        checkout = Checkout(pathlib.Path(folder), sys.argv[1])
        operator = Operator(checkout)
        for step in STEPS:
            began = time.monotonic()
            name = step.__name__.replace("_", " ")
            try:
                step(checkout, operator)
            except AssertionError as error:
                sys.exit(f"FAILED: {name}: {error}")
            print(f"{name} ({time.monotonic() - began:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
