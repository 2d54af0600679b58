"""Whoever is on call: runs `docket --stage` with the permissions of the policy in OPERATIONS, and no others."""

import json
import os
import subprocess

import package
from cloud import FIRM, STAGE

PAGE = package.ROOT / "docs" / "guide" / "OPERATIONS.md"
COMMAND_S_MAX = 90


class OnCall:
    def __init__(self, cloud, name, policy):
        cloud.iam.create_user(UserName=name)
        if policy:
            cloud.iam.put_user_policy(UserName=name, PolicyName="docket", PolicyDocument=policy)
        key = cloud.iam.create_access_key(UserName=name)["AccessKey"]
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
            "AWS_ENDPOINT_URL": cloud.endpoint,
            "AWS_REGION": os.environ["AWS_REGION"],
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        }

    def docket(self, docket, *words, stage=STAGE):
        """Exit code, result and messages of a command."""
        command = [docket, "--stage", stage, "--firm", FIRM, *words]
        ran = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=COMMAND_S_MAX)
        return ran.returncode, ran.stdout, ran.stderr


def policy(account):
    """The policy of the page, for this stage."""
    block = PAGE.read_text().split("```json\n")[1].split("```")[0]
    for name, value in {"REGION": os.environ["AWS_REGION"], "ACCOUNT": account, "STAGE": STAGE}.items():
        block = block.replace(name, value)
    return json.dumps(json.loads(block))
