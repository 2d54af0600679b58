"""Checks the expanded template against our own rules, which neither CloudFormation nor the linters check.

    python infra/gate/rules.py EXPANDED.json [MORE.json ...]

Prints the violations and exits with 1 if there are any. First it breaks each rule in each way in a copy of the template and checks
that the rule finds it: a rule that finds nothing proves nothing.
"""

import copy
import json
import re
import sys

VISIBILITY_RATIO_MIN = 6
RECEIVE_COUNT_MIN = 5
DEAD_LETTERS_KEPT_S = 14 * 24 * 3600
# Actions that AWS grants on all resources or not at all.
WITHOUT_RESOURCES = {
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "lambda:ListFunctions",
    "lambda:ListEventSourceMappings",
}
OPEN_TO_THE_WORLD = {"AWS::Lambda::Url", "AWS::ApiGateway::RestApi"}
# The one way in that the gateway does not guard: behind it, the function checks tokens.
CHECKED_BY_THE_FUNCTION = "$default"
# What a line of the access log may say: nothing of an order, a person or a caller.
LOGGED = {
    "requestId", "routeKey", "httpMethod", "status", "responseLatency", "integrationLatency", "responseLength",
    "integration.integrationStatus", "integrationErrorMessage",
}  # fmt: skip


def visibility_outlasts_the_function(template):
    for name, mapping in of(template, "AWS::Lambda::EventSourceMapping"):
        queue, function = target(template, mapping["EventSourceArn"]), target(template, mapping["FunctionName"])
        if queue.get("VisibilityTimeout", 30) < VISIBILITY_RATIO_MIN * function.get("Timeout", 3):
            yield f"{name}: the visibility time-out is under {VISIBILITY_RATIO_MIN} times the function's time-out"


def dead_letters_are_kept(template):
    queues = dict(of(template, "AWS::SQS::Queue"))
    policies = {name: queue.get("RedrivePolicy") for name, queue in queues.items()}
    letters = {named(policy["deadLetterTargetArn"]) for policy in policies.values() if policy}
    for name, policy in policies.items():
        if name in letters:
            if queues[name].get("MessageRetentionPeriod", 0) < DEAD_LETTERS_KEPT_S:
                yield f"{name}: dead letters are kept for less than 14 days"
        elif not policy or policy.get("maxReceiveCount", 0) < RECEIVE_COUNT_MIN:
            yield f"{name}: no dead-letter queue after at least {RECEIVE_COUNT_MIN} deliveries"
    polled = {named(mapping["EventSourceArn"]) for _, mapping in of(template, "AWS::Lambda::EventSourceMapping")}
    yield from (f"{name}: nobody looks at its messages" for name in queues.keys() - polled)


def batches_are_answered_item_by_item(template):
    for name, mapping in of(template, "AWS::Lambda::EventSourceMapping"):
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{name}: one bad message fails its whole batch"
        if "MaximumConcurrency" not in mapping.get("ScalingConfig", {}):
            yield f"{name}: nothing bounds its concurrency"


def only_tls_is_taken(template):
    places = {"AWS::SQS::Queue": "Queues", "AWS::SNS::Topic": "Topics", "AWS::S3::Bucket": "Bucket"}
    for kind, property in places.items():
        guarded = set()
        for _, policy in of(template, kind.removesuffix("Queue").removesuffix("Topic").removesuffix("Bucket"), "Policy"):
            if any(denies_plain(statement) for statement in statements(policy["PolicyDocument"])):
                guarded |= {named(one) for one in listed(policy.get(property, []))}
        yield from (f"{name}: takes requests without TLS" for name, _ in of(template, kind) if name not in guarded)


def nothing_is_granted_on_everything(template):
    for name, document in granting(template):
        for statement in statements(document):
            if statement["Effect"] != "Allow":
                continue
            actions, resources = listed(statement.get("Action", "*")), listed(statement.get("Resource", []))
            yield from (f"{name}: grants {action}" for action in actions if "*" in action)
            if "*" in resources and not set(actions) <= WITHOUT_RESOURCES:
                yield f"{name}: grants {', '.join(actions)} on every resource"


def every_function_has_a_role_of_its_own(template):
    taken = set()
    for name, function in of(template, "AWS::Lambda::Function"):
        role = named(function["Role"])
        if role in taken:
            yield f"{name}: shares the role {role}"
        taken.add(role)
        if "arn:aws" in json.dumps(template["Resources"][role]["Properties"].get("ManagedPolicyArns", [])):
            yield f"{name}: takes a policy of AWS, which grants on every resource"


def logs_end(template):
    groups = dict(of(template, "AWS::Logs::LogGroup"))
    for name, group in groups.items():
        if "RetentionInDays" not in group:
            yield f"{name}: is kept for ever"
    for name, function in of(template, "AWS::Lambda::Function"):
        if named(function.get("LoggingConfig", {}).get("LogGroup")) not in groups:
            yield f"{name}: writes to a log that the template does not make"


def functions_run_as_built(template):
    for name, function in of(template, "AWS::Lambda::Function"):
        if (function.get("Runtime"), function.get("Architectures")) != ("provided.al2023", ["arm64"]):
            yield f"{name}: runs on something else than arm64 and provided.al2023"
        if function.get("TracingConfig", {}).get("Mode") != "Active":
            yield f"{name}: is not traced"
        if not any(tag["Key"] == "docket:revision" for tag in function.get("Tags", [])):
            yield f"{name}: does not say which revision it is"


def nothing_is_open(template):
    for name, resource in template["Resources"].items():
        if resource["Type"] in OPEN_TO_THE_WORLD:
            yield f"{name}: can be called from everywhere"
    for name, document in granting(template):
        for statement in statements(document):
            if statement["Effect"] == "Allow" and statement.get("Principal") in ("*", {"AWS": "*"}):
                yield f"{name}: lets everybody in"
    for name, bucket in of(template, "AWS::S3::Bucket"):
        block = bucket.get("PublicAccessBlockConfiguration", {})
        if [block.get(key) for key in ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")] != [True] * 4:
            yield f"{name}: may be made public"


def the_api_is_guarded(template):
    for name, resource in template["Resources"].items():
        if resource["Type"].startswith("AWS::ApiGatewayV2::") and "Condition" not in resource:
            yield f"{name}: is there even if nobody asks for an API"
    stages = dict(of(template, "AWS::ApiGatewayV2::Stage"))
    for api, _ in of(template, "AWS::ApiGatewayV2::Api"):
        if not any(named(stage["ApiId"]) == api for stage in stages.values()):
            yield f"{api}: has no stage"
    for name, stage in stages.items():
        limits = stage.get("DefaultRouteSettings", {})
        if not limits.get("ThrottlingRateLimit") or not limits.get("ThrottlingBurstLimit"):
            yield f"{name}: takes any number of requests"
        logged = set(re.findall(r"\$context\.([A-Za-z.]+)", stage.get("AccessLogSettings", {}).get("Format", "")))
        if "requestId" not in logged or not logged <= LOGGED:
            yield f"{name}: logs no requests, or what it must not: {', '.join(sorted(logged - LOGGED))}"
    for name, route in of(template, "AWS::ApiGatewayV2::Route"):
        if route["RouteKey"] != CHECKED_BY_THE_FUNCTION and route.get("AuthorizationType") != "AWS_IAM":
            yield f"{name}: takes requests that nobody signed"
    for name, permission in of(template, "AWS::Lambda::Permission"):
        if permission["Principal"] == "apigateway.amazonaws.com" and "SourceArn" not in permission:
            yield f"{name}: lets every API invoke the function"


def what_is_stored_stays(template):
    for name, resource in template["Resources"].items():
        if resource["Type"] in ("AWS::DynamoDB::Table", "AWS::S3::Bucket") and resource.get("DeletionPolicy") != "Retain":
            yield f"{name}: goes with the stack"
    for name, table in of(template, "AWS::DynamoDB::Table"):
        if not table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
            yield f"{name}: cannot be put back to an earlier moment"
        if not table.get("SSESpecification", {}).get("SSEEnabled") or not table.get("DeletionProtectionEnabled"):
            yield f"{name}: is not encrypted or not protected"
    for name, bucket in of(template, "AWS::S3::Bucket"):
        if bucket.get("VersioningConfiguration", {}).get("Status") != "Enabled" or "BucketEncryption" not in bucket:
            yield f"{name}: is not versioned or not encrypted"
        if "LifecycleConfiguration" not in bucket:
            yield f"{name}: nothing in it ever ends"
        if name.startswith("Backup") and "ObjectLockConfiguration" not in bucket:
            yield f"{name}: a backup that may be deleted"


RULES = [rule for name, rule in list(globals().items()) if callable(rule) and rule.__module__ == __name__]


def of(template, kind, suffix=None):
    """Name and properties of resources of a type, or of those whose type begins and ends so."""
    for name, resource in template["Resources"].items():
        found = resource["Type"]
        if found == kind if suffix is None else found.startswith(kind) and found.endswith(suffix):
            yield name, resource.get("Properties", {})


def named(reference):
    """The logical id that `Ref` or `Fn::GetAtt` names."""
    if isinstance(reference, dict):
        reference = reference.get("Ref") or reference.get("Fn::GetAtt") or ""
    return reference[0] if isinstance(reference, list) else reference


def target(template, reference):
    return template["Resources"][named(reference)]["Properties"]


def listed(value):
    return value if isinstance(value, list) else [value]


def statements(document):
    return listed(document["Statement"])


def denies_plain(statement):
    condition = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
    return statement["Effect"] == "Deny" and statement.get("Principal") == "*" and condition == "false"


def granting(template):
    """Every policy document, with the name of the resource that it stands in."""
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if "PolicyDocument" in properties:
            yield name, properties["PolicyDocument"]
        for policy in properties.get("Policies", []) if resource["Type"] == "AWS::IAM::Role" else []:
            yield name, policy["PolicyDocument"]


def findings(template):
    return [finding for rule in RULES for finding in rule(template)]


def first(template, kind):
    return next(of(template, kind))[1]


def planted(template):
    """Each fault as what does it to a template, by the rule that has to find it."""
    statement = lambda t: first(t, "AWS::IAM::Role")["Policies"][0]["PolicyDocument"]["Statement"][0]
    tls = lambda kind: lambda t: first(t, kind)["PolicyDocument"]["Statement"].clear()
    pop = lambda kind, key: lambda t: first(t, kind).pop(key)
    put = lambda kind, **values: lambda t: first(t, kind).update(values)
    letters = next(named(queue["RedrivePolicy"]["deadLetterTargetArn"]) for _, queue in of(template, "AWS::SQS::Queue") if "RedrivePolicy" in queue)
    share = lambda t: list(of(t, "AWS::Lambda::Function"))[1][1].update(Role=first(t, "AWS::Lambda::Function")["Role"])
    backup = next(name for name, _ in of(template, "AWS::S3::Bucket") if name.startswith("Backup"))
    return {
        visibility_outlasts_the_function: [put("AWS::Lambda::Function", Timeout=31), put("AWS::SQS::Queue", VisibilityTimeout=179)],
        dead_letters_are_kept: [
            pop("AWS::SQS::Queue", "RedrivePolicy"),
            lambda t: first(t, "AWS::SQS::Queue")["RedrivePolicy"].update(maxReceiveCount=4),
            lambda t: t["Resources"][letters]["Properties"].update(MessageRetentionPeriod=1209599),
            lambda t: t["Resources"].update(Forgotten={"Type": "AWS::SQS::Queue", "Properties": {}}),
        ],
        batches_are_answered_item_by_item: [
            pop("AWS::Lambda::EventSourceMapping", "FunctionResponseTypes"),
            pop("AWS::Lambda::EventSourceMapping", "ScalingConfig"),
        ],
        only_tls_is_taken: [tls("AWS::SQS::QueuePolicy"), tls("AWS::SNS::TopicPolicy"), tls("AWS::S3::BucketPolicy")]
        + [lambda t: first(t, "AWS::SQS::QueuePolicy")["Queues"].pop()],
        nothing_is_granted_on_everything: [
            lambda t: statement(t).update(Action="dynamodb:*"),
            lambda t: statement(t).update(Resource="*"),
        ],
        every_function_has_a_role_of_its_own: [
            share,
            put("AWS::IAM::Role", ManagedPolicyArns=["arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"]),
        ],
        logs_end: [pop("AWS::Logs::LogGroup", "RetentionInDays"), pop("AWS::Lambda::Function", "LoggingConfig")],
        functions_run_as_built: [
            put("AWS::Lambda::Function", Architectures=["x86_64"]),
            pop("AWS::Lambda::Function", "TracingConfig"),
            pop("AWS::Lambda::Function", "Tags"),
        ],
        nothing_is_open: [
            lambda t: t["Resources"].update(Url={"Type": "AWS::Lambda::Url", "Properties": {}}),
            lambda t: first(t, "AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"].append({"Effect": "Allow", "Principal": "*"}),
            pop("AWS::S3::Bucket", "PublicAccessBlockConfiguration"),
        ],
        the_api_is_guarded: [
            lambda t: t["Resources"]["HttpApi"].pop("Condition"),
            lambda t: t["Resources"].pop("ApiStage"),
            lambda t: first(t, "AWS::ApiGatewayV2::Stage")["DefaultRouteSettings"].pop("ThrottlingRateLimit"),
            pop("AWS::ApiGatewayV2::Stage", "DefaultRouteSettings"),
            pop("AWS::ApiGatewayV2::Stage", "AccessLogSettings"),
            lambda t: first(t, "AWS::ApiGatewayV2::Stage")["AccessLogSettings"].update(Format="$context.requestId $context.path"),
            put("AWS::ApiGatewayV2::Route", AuthorizationType="NONE"),
            lambda t: t["Resources"]["ApiPermission"]["Properties"].pop("SourceArn"),
        ],
        what_is_stored_stays: [
            lambda t: t["Resources"][backup].pop("DeletionPolicy"),
            pop("AWS::DynamoDB::Table", "PointInTimeRecoverySpecification"),
            pop("AWS::DynamoDB::Table", "DeletionProtectionEnabled"),
            pop("AWS::S3::Bucket", "VersioningConfiguration"),
            pop("AWS::S3::Bucket", "LifecycleConfiguration"),
            lambda t: t["Resources"][backup]["Properties"].pop("ObjectLockConfiguration"),
        ],
    }


def not_found(template):
    """Rules that miss a fault planted for them."""
    faults = planted(template)
    missed = [f"{rule.__name__}: has no planted fault" for rule in RULES if not faults.get(rule)]
    for rule, changes in faults.items():
        for number, change in enumerate(changes, 1):
            broken = copy.deepcopy(template)
            change(broken)
            if not list(rule(broken)):
                missed.append(f"{rule.__name__}: does not find its planted fault {number}")
    return missed


def main(paths):
    templates = [json.load(open(path)) for path in paths]
    wrong = not_found(templates[0]) + [finding for template in templates for finding in findings(template)]
    print("\n".join(wrong) or f"{len(RULES)} rules hold, and each finds what was planted for it")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
