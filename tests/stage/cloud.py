"""Deploys to the AWS of the second stage, and does there what a client and an operator do."""

import contextlib
import json
import os
import pathlib
import time

import boto3
from botocore.config import Config

import package

STACK = "docket-stage"
STAGE = "stage"
FIRM = "local"
# The IAM user that may use the API.
PROGRAM = "loader"
CODE_BUCKET = "docket-code"
DEPLOY_S_MAX = 120
POLL_S = 0.1


class Cloud:
    def __init__(self):
        self.endpoint = os.environ["AWS_ENDPOINT_URL"]
        config = Config(retries={"max_attempts": 2}, read_timeout=30)
        client = lambda service: boto3.client(service, endpoint_url=self.endpoint, config=config)
        self.s3, self.sqs, self.sns, self.dynamodb = client("s3"), client("sqs"), client("sns"), client("dynamodb")
        self.stacks, self.functions, self.events = client("cloudformation"), client("lambda"), client("events")
        self.iam, self.logs = client("iam"), client("logs")

    def deploy(self, binaries):
        """Deploys the template with the binaries of a folder."""
        self.s3.create_bucket(Bucket=CODE_BUCKET)
        code = {name: self.upload_code(name, binaries) for name in package.function_names()}
        self.s3.put_object(
            Bucket=CODE_BUCKET, Key="template.json", Body=json.dumps(package.template(self.endpoint, code), default=str)
        )
        self.stacks.create_stack(
            StackName=STACK,
            TemplateURL=f"{self.endpoint}/{CODE_BUCKET}/template.json",
            Parameters=[
                {"ParameterKey": "Stage", "ParameterValue": STAGE},
                # The alarms are a template of their own, which `sam deploy` would upload; nothing here would fire one.
                {"ParameterKey": "Alarms", "ParameterValue": "off"},
                # Nobody is there, so people cannot sign in; programs can.
                {"ParameterKey": "OidcIssuer", "ParameterValue": "https://issuer.invalid"},
                {"ParameterKey": "OidcClientId", "ParameterValue": "desk"},
                {"ParameterKey": "Programs", "ParameterValue": programs()},
            ],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        stack = wait("the stack", DEPLOY_S_MAX, self.deployed)
        if stack["StackStatus"] != "CREATE_COMPLETE":
            raise SystemExit(f"the stack is {stack['StackStatus']}: {self.reasons()}")
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def upload_code(self, name, binaries):
        key = f"{name}.zip"
        self.s3.put_object(Bucket=CODE_BUCKET, Key=key, Body=package.archive(find(binaries, name)))
        return {"Bucket": CODE_BUCKET, "Key": key}

    def deployed(self):
        stack = self.stacks.describe_stacks(StackName=STACK)["Stacks"][0]
        return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack

    def reasons(self):
        events = self.stacks.describe_stack_events(StackName=STACK)["StackEvents"]
        return [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
            for event in events
            if event["ResourceStatus"].endswith("FAILED")
        ]

    def resource(self, logical_id):
        """The physical id of a resource of the template: a queue's URL, a function's name."""
        found = self.stacks.describe_stack_resource(StackName=STACK, LogicalResourceId=logical_id)
        return found["StackResourceDetail"]["PhysicalResourceId"]

    def resources(self, kind):
        found = self.stacks.describe_stack_resources(StackName=STACK)["StackResources"]
        return [resource["PhysicalResourceId"] for resource in found if resource["ResourceType"] == kind]

    def function_names(self):
        return self.resources("AWS::Lambda::Function")

    def hide_for(self, queue, seconds):
        """Shortens a queue's visibility time-out, so that six deliveries do not take minutes."""
        self.sqs.set_queue_attributes(QueueUrl=self.resource(queue), Attributes={"VisibilityTimeout": str(seconds)})

    @contextlib.contextmanager
    def changed(self, function, timeout_s=None, **variables):
        """Gives a function another time-out and other variables for a while."""
        name = self.resource(function)
        before = self.functions.get_function_configuration(FunctionName=name)
        set_to = lambda timeout, variables: self.functions.update_function_configuration(
            FunctionName=name, Timeout=timeout, Environment={"Variables": variables}
        )
        set_to(timeout_s or before["Timeout"], before["Environment"]["Variables"] | variables)
        try:
            yield
        finally:
            set_to(before["Timeout"], before["Environment"]["Variables"])

    def logged(self, text):
        """The lines of the functions' logs that contain a text."""
        return [event for group in self.log_groups() for event in self.log_events(group) if text in event["message"]]

    def log_groups(self):
        return [group["logGroupName"] for group in self.logs.describe_log_groups()["logGroups"]]

    def log_events(self, group):
        return self.logs.filter_log_events(logGroupName=group)["events"]

    @contextlib.contextmanager
    def without_permissions(self, function):
        """Removes the policies of a function's role for a while."""
        role = self.functions.get_function_configuration(FunctionName=function)["Role"].rsplit("/", 1)[-1]
        names = self.iam.list_role_policies(RoleName=role)["PolicyNames"]
        policies = {name: self.iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}
        for name in names:
            self.iam.delete_role_policy(RoleName=role, PolicyName=name)
        try:
            yield
        finally:
            for name, policy in policies.items():
                self.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy))

    def schedules(self):
        """Rule, function and input of every schedule."""
        for rule in self.resources("AWS::Events::Rule"):
            for target in self.events.list_targets_by_rule(Rule=rule)["Targets"]:
                yield rule, target["Arn"].rsplit(":", 1)[-1], target.get("Input", "{}")

    def invoke(self, function, event):
        answer = self.functions.invoke(FunctionName=function, Payload=event)
        content = answer["Payload"].read().decode()
        assert "FunctionError" not in answer, f"{function}: {content}"
        return json.loads(content)

    def depths(self):
        """The number of messages in each queue of the stack, hidden ones included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"]
        depth = lambda url: self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return {url.rsplit("/", 1)[-1]: sum(map(int, depth(url).values())) for url in self.resources("AWS::SQS::Queue")}

    def mappings_that_worked(self):
        """The functions of the event source mappings whose last batch succeeded."""
        for mapping in self.functions.list_event_source_mappings()["EventSourceMappings"]:
            if mapping.get("LastProcessingResult", "").startswith("OK"):
                yield mapping["FunctionArn"].rsplit(":", 1)[-1]


def programs():
    """The program that may use the API, in every role."""
    user = f"arn:aws:iam::000000000000:user/{PROGRAM}"
    return json.dumps({user: {"firm": FIRM, "roles": ["preparer", "reviewer", "operator"]}})


def find(binaries, name):
    """A function's binary, where cargo or infra/build leaves it."""
    for path in (pathlib.Path(binaries) / name / "bootstrap", pathlib.Path(binaries) / name):
        if path.is_file():
            return path
    raise SystemExit(f"{binaries} holds no {name}; build it with: cargo build -p {name}")


def wait(what, limit_s, look):
    """Calls `look` until it finds something, and returns that."""
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        found = look()
        if found is not None:
            return found
        time.sleep(POLL_S)
    raise AssertionError(f"no sign of {what} within {limit_s} s")
