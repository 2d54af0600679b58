"""A client of the pipeline, and the mailbox that receives its alerts."""

import json
import secrets
from urllib.parse import quote

import boto3

import package
from cloud import FIRM, wait

ULID_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ORDER_S_MAX = 20
ENDED = {"COMPLETED", "FAILED", "CANCELLED", "INTERNAL_REVIEW"}


class Client:
    def __init__(self, cloud):
        self.cloud = cloud
        self.bucket = cloud.outputs["DocumentBucketName"]
        self.commands = cloud.outputs["CommandQueueUrl"]
        dynamodb = boto3.resource("dynamodb", endpoint_url=cloud.endpoint)
        self.table = dynamodb.Table(cloud.outputs["TableName"])

    def send(self, event, order=None):
        """Sends the command of a sample event for `order`, or for a new order."""
        order = order or ulid()
        sample = json.loads((package.ROOT / "events" / "intake" / f"{event}.json").read_text())
        command = json.loads(sample["Records"][0]["body"]) | {"order_id": order, "command_id": ulid()}
        self.cloud.sqs.send_message(QueueUrl=self.commands, MessageBody=json.dumps(command))
        return order

    def upload(self, order, files):
        """Stores the documents of an order as the project's own client does."""
        for number, file in enumerate(files, start=1):
            self.cloud.s3.put_object(
                Bucket=self.bucket,
                Key=f"firms/{FIRM}/orders/{order}/documents/{number:04}",
                Body=file.read_bytes(),
                Metadata={"file-name": quote(file.name, safe="")},
            )

    def order(self, order, firm=FIRM):
        return self.table.get_item(Key=key(order, "ORDER", firm), ConsistentRead=True).get("Item")

    def failures(self, order, firm=FIRM):
        """The failure records of an order, sorted by id."""
        return [item for item in self.items(order, firm) if item["sk"].startswith("FAILURE#")]

    def items(self, order, firm=FIRM):
        answer = self.table.query(
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": key(order, "", firm)["pk"]},
            ConsistentRead=True,
        )
        return answer["Items"]

    def ended(self, order, status, firm=FIRM):
        """Waits until the order has ended, which must be with `status`."""

        def look():
            item = self.order(order, firm)
            return item if item and item["status"] in ENDED else None

        item = wait(f"the end of {order}", ORDER_S_MAX, look)
        assert item["status"] == status, f"{order} is {item['status']}: {item.get('last_orchestration_error')}"
        return item

    def artifacts(self, order):
        """Names and contents of an order's documents."""
        prefix = f"firms/{FIRM}/orders/{order['order_id']}/runs"
        read = lambda artifact: self.cloud.s3.get_object(
            Bucket=self.bucket, Key=f"{prefix}/{int(artifact['run']):04}/artifacts/{artifact['name']}"
        )["Body"].read()
        return {artifact["name"]: (artifact["sha256"], read(artifact)) for artifact in order["artifacts"]}


class Mailbox:
    """A queue that is subscribed to the alerts."""

    def __init__(self, cloud):
        self.sqs = cloud.sqs
        topic = cloud.outputs["AlertTopicArn"]
        self.url = cloud.sqs.create_queue(QueueName="alerts-seen")["QueueUrl"]
        arn = cloud.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allow = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        cloud.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": policy})
        cloud.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        self.seen = []

    def with_id(self, alert_id):
        """The alerts with an id that have arrived so far."""
        answer = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        for message in answer.get("Messages", []):
            self.seen.append(json.loads(message["Body"]))
            self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return [alert for alert in self.seen if alert["MessageAttributes"]["id"]["Value"] == alert_id]


def key(order, sort, firm):
    return {"pk": f"FIRM#{firm}#ORDER#{order}", "sk": sort}


def ulid():
    """A new id. It begins with 0, because a ULID has 128 bits and 26 letters could hold 130."""
    return "0" + "".join(secrets.choice(ULID_LETTERS) for _ in range(25))
