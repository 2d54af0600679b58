"""A program that uses the API of the stage: it signs its requests with the credentials of an IAM user."""

import json
import os
import urllib.error
import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from client import ulid

CALL_S_MAX = 30


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(NoRedirect)


class Program:
    """`credentials` is an access key and its secret, or None for requests that nobody signs."""

    def __init__(self, cloud, credentials):
        self.root = f"{cloud.endpoint}/_aws/execute-api/{cloud.resource('HttpApi')}/$default"
        self.credentials = credentials and Credentials(*credentials)

    def ask(self, method, path, body=None, **headers):
        """Status, headers and body of an answer."""
        data = None if body is None else json.dumps(body).encode()
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if data is not None:
            headers |= {"content-type": "application/json", "idempotency-key": ulid()}
        request = AWSRequest(method=method, url=self.root + path, data=data, headers=headers)
        if self.credentials:
            SigV4Auth(self.credentials, "execute-api", os.environ["AWS_REGION"]).add_auth(request)
        return send(method, self.root + path, data, dict(request.headers))

    def order(self, **body):
        status, _, made = self.ask("POST", "/iam/v1/orders", body)
        assert status == 201, (status, made)
        return json.loads(made)["order_id"]


def send(method, url, data, headers):
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    try:
        answer = OPENER.open(request, timeout=CALL_S_MAX)
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, answer.headers, answer.read()


def with_key(cloud, name):
    """Credentials of a new user, who may call every API of the account."""
    cloud.iam.create_user(UserName=name)
    invoke = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [invoke]})
    cloud.iam.put_user_policy(UserName=name, PolicyName="invoke", PolicyDocument=policy)
    key = cloud.iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]
