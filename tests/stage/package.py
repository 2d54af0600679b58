"""Makes the template for the second stage, and packs the functions' code.

Each CodeUri is replaced by an object in a bucket, as `sam package` does it. Apart from that the copy differs from template.yaml only
in this:
- the architecture: this machine can neither build nor run arm64;
- AWS_ENDPOINT_URL, which tells the functions where this AWS is;
- permissions on an SQS action are granted for its batch form as well: AWS checks the plain action for both, ministack each by name;
- statements that deny requests without TLS are left out: this AWS is reached over plain HTTP on loopback.
"""

import io
import pathlib
import shutil
import subprocess
import tempfile
import zipfile

from samtranslator.yaml_helper import yaml_parse

BATCHED = {"sqs:SendMessage", "sqs:ChangeMessageVisibility", "sqs:DeleteMessage"}
ROOT = pathlib.Path(__file__).resolve().parents[2]


# Leaves each CodeUri as it is, for `sam deploy` to upload.
CODE_AS_IT_IS = None


def template(endpoint, code):
    """The template, with `code` giving the S3 location of each function's code by name."""
    text = yaml_parse((ROOT / "template.yaml").read_text())
    text["Globals"]["Function"]["Architectures"] = ["x86_64"]
    text["Globals"]["Function"]["Environment"]["Variables"]["AWS_ENDPOINT_URL"] = endpoint
    for _, properties in functions(text):
        if code is not CODE_AS_IT_IS:
            properties["CodeUri"] = code[function_name(properties)]
    for statements in statement_lists(text["Resources"]):
        statements[:] = [with_batch_actions(statement) for statement in statements if not denies_plain_http(statement)]
    return text


def statement_lists(node):
    """Every list of policy statements, at any depth."""
    if isinstance(node, dict):
        if isinstance(node.get("Statement"), list):
            yield node["Statement"]
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from statement_lists(child)


def with_batch_actions(statement):
    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
    batches = [f"{action}Batch" for action in actions if action in BATCHED]
    return statement | {"Action": [*actions, *batches]}


def denies_plain_http(statement):
    return statement["Effect"] == "Deny" and "aws:SecureTransport" in str(statement.get("Condition"))


def functions(text):
    """The logical id and properties of each function."""
    for logical_id, resource in text["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            yield logical_id, resource["Properties"]


def function_names():
    """The names of the functions' crates, from each CodeUri."""
    return sorted(function_name(properties) for _, properties in functions(yaml_parse((ROOT / "template.yaml").read_text())))


def function_name(properties):
    return pathlib.PurePosixPath(properties["CodeUri"]).stem


def archive(binary):
    """The archive that Lambda takes: the binary as `bootstrap`, without debug information."""
    with tempfile.TemporaryDirectory() as scratch:
        bootstrap = pathlib.Path(scratch) / "bootstrap"
        if shutil.which("strip"):
            subprocess.run(["strip", "-o", bootstrap, binary], check=True)
        else:
            shutil.copy(binary, bootstrap)
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as writer:
            writer.writestr(entry, bootstrap.read_bytes())
    return archive.getvalue()
