"""Tables with streams, for the tests of functions that follow them."""

import pytest
from endpoints import unique

from .collector import Shop
from .conftest import Service

LETTERS = "arn:aws:sqs:us-east-1:000000000000:letters"


def make(folder, functions, **more):
    """The Service of a Shop with the queue `letters` and its reader."""
    functions["reader"] = {**functions["f0"], "eventSources": [{"queue": "letters"}]}
    return Service(folder, functions, queues=["letters"], **more)


class Table:
    """A table with a stream."""

    def __init__(self, dynamodb, view="NEW_AND_OLD_IMAGES", name=None):
        self.dynamodb, self.name = dynamodb, name or unique("table")
        self.stream = dynamodb.create_table(
            TableName=self.name, BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": view},
        )["TableDescription"]["LatestStreamArn"]
        dynamodb.get_waiter("table_exists").wait(TableName=self.name, WaiterConfig={"Delay": 1})

    def put(self, key, **more):
        self.dynamodb.put_item(TableName=self.name, Item={"pk": {"S": key}, **more})

    def delete(self, key):
        self.dynamodb.delete_item(TableName=self.name, Key={"pk": {"S": key}})


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Each module that imports it has one of its own."""
    made = Shop(tmp_path_factory.mktemp("streams"), make, count=60)
    made.service_client("s3").create_bucket(Bucket="records")
    yield made
    made.close()


@pytest.fixture
def table(shop):
    return Table(shop.service_client("dynamodb"))


def follow(shop, name, table, **more):
    more.setdefault("StartingPosition", "TRIM_HORIZON")
    return shop.client.create_event_source_mapping(FunctionName=name, EventSourceArn=table.stream, **more)["UUID"]


def keys(records):
    return [record["dynamodb"]["Keys"]["pk"]["S"] for record in records]
