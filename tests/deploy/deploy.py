"""Deploys a checkout with the scripts of infra/ and looks at what came of it.

    tests/ministack/serve python tests/deploy/deploy.py BINARIES

The checkout is a clone of this one, with the template as it was changed for the second stage (tests/stage/package.py says how).
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
ALERT_S_MAX = 20
# Queues' addresses are ministack's own there, so these variables have other values than on AWS.
OTHER_THERE = "_QUEUE_URL has another value"
# The command of the repository's host: notes what it is asked, and knows one open issue or none.
PRETENDED_GH = """#!/usr/bin/env bash
printf '%s\\n' "$*" >>"$GH_CALLS"
[ "$1 $2" != "issue list" ] || printf '%s' "${GH_OPEN_ISSUE:-}"
"""


class Checkout:
    """A clone of the checkout, with binaries and what a repository's host would have."""

    def __init__(self, folder, binaries):
        self.root, self.binaries = folder / "checkout", binaries
        run("git", "clone", "--quiet", str(ROOT), str(self.root))
        self.take_changed_files()
        text = package.template(os.environ["AWS_ENDPOINT_URL"], package.CODE_AS_IT_IS)
        (self.root / "template.yaml").write_text(json.dumps(text, indent=1, default=str))
        self.commit("The template of the second stage")
        for name in package.function_names():
            self.put_binary(name, find(binaries, name))
        self.docket("manifest", "--bins", "target/lambda", "--package")
        self.gh = folder / "gh"
        self.gh.mkdir()
        (self.gh / "gh").write_text(PRETENDED_GH)
        (self.gh / "gh").chmod(0o755)

    def take_changed_files(self):
        """What is not committed yet is deployed as well."""
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
        """Exit status and output of a script of infra/."""
        environment = os.environ | variables | {"PATH": f"{self.gh}:{os.environ['PATH']}"}
        command = [str(self.root / "infra" / name), *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=self.root)
        return done.returncode, done.stdout + done.stderr


class Operator:
    """Somebody with an account."""

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
        """The alerts that arrive, until none does for a while."""
        alerts, until = [], time.monotonic() + ALERT_S_MAX
        while time.monotonic() < until and not alerts:
            answer = self.sqs.receive_message(QueueUrl=self.mailbox, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            alerts += [json.loads(message["Body"]) for message in answer.get("Messages", [])]
        return alerts

    def verdicts(self):
        """What `docket drift` says of each function, settings that only differ there left aside."""
        report = subprocess.run(
            [os.environ["DOCKET"], "drift", "--bucket", self.output("ManifestBucketName"), "--json"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        functions = json.loads(report.stdout)["functions"]
        return {one["function"]: [text for text in one["text"] if not is_other_there(text)] for one in functions}


def is_other_there(verdict):
    """Whether nothing is wrong with a function but what is bound to be, there."""
    kind, _, settings = verdict.partition(": ")
    return kind == "in step" or kind == "misconfigured" and all(s.endswith(OTHER_THERE) for s in settings.split(", "))


def a_stage_is_deployed_and_its_manifest_published(checkout, operator):
    status, text = checkout.script("deploy", "dev", "AlertEmail=ops@example.com", "Alarms=off")
    assert status == 0, text
    operator.subscribe()


def deploying_once_more_changes_nothing(checkout, _):
    status, text = checkout.script("deploy", "dev", "AlertEmail=ops@example.com", "Alarms=off")
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


def what_was_deployed_is_in_step(_, operator):
    verdicts = operator.verdicts()
    assert sorted(verdicts) == sorted(f"{STACK}-{name}" for name in package.function_names()), verdicts
    assert not any(verdicts.values()), verdicts


def what_was_committed_since_is_behind_once_it_is_published(checkout, operator):
    source = checkout.root / "functions" / "classify" / "src" / "main.rs"
    source.write_text(source.read_text() + "// One more line.\n")
    checkout.commit("Change classify")
    status, text = checkout.script("publish", "dev", "AlertEmail=ops@example.com", "Alarms=off")
    assert status == 0, text
    verdicts = operator.verdicts()
    behind = verdicts.pop(f"{STACK}-classify")
    assert len(behind) == 1 and behind[0].startswith("behind by 1 commit"), behind
    assert not any(verdicts.values()), verdicts


def foreign_code_opens_an_issue_that_is_kept_and_not_doubled(checkout, operator):
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


def a_test_alert_that_cannot_start_is_told(checkout, operator):
    operator.functions.delete_function(FunctionName=f"{STACK}-intake")
    for script in ("test-alert", "canary"):
        status, text = checkout.script(script, "dev")
        assert status != 0, f"{script}: {text}"


STEPS = [
    a_stage_is_deployed_and_its_manifest_published,
    deploying_once_more_changes_nothing,
    an_unknown_stage_is_refused,
    the_canary_completes,
    the_test_alert_arrives_once,
    what_was_deployed_is_in_step,
    what_was_committed_since_is_behind_once_it_is_published,
    foreign_code_opens_an_issue_that_is_kept_and_not_doubled,
    a_test_alert_that_cannot_start_is_told,
]


def run(*command, cwd=None):
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stdout}{done.stderr}")
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
