"""Expands a SAM template to what CloudFormation gets, for the linters: expand.py TEMPLATE.yaml EXPANDED.json"""

import json
import os
import pathlib
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoManagedPolicies:
    """Every role is written out, so no managed policy is ever looked up."""

    def load(self):
        return {}


def expand(path):
    template = yaml_parse(pathlib.Path(path).read_text())
    if "Transform" not in template:
        return template
    # `sam deploy` uploads what these name and replaces them by the upload's location.
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://uploads/code"
        if resource["Type"] == "AWS::CloudFormation::Stack":
            resource["Properties"]["TemplateURL"] = "https://uploads.s3.amazonaws.com/template"
    return transform(template, {}, NoManagedPolicies())


if __name__ == "__main__":
    source, target = sys.argv[1:]
    pathlib.Path(target).write_text(json.dumps(expand(source), indent=1, default=str))
