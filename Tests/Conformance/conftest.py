"""DynamoDB's behaviour, asked of any endpoint.

Every table that a test makes has a name of its own, so runs may share an endpoint.
"""

import json
import time
import urllib.request
import uuid

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError
from endpoints import REGION, refused, unique  # noqa: F401: for the tests
from endpoints import Endpoint as AnyEndpoint


class Endpoint(AnyEndpoint):
    def client(self, service="dynamodb", **config):
        """A client that sends what it is given, once."""
        return super().client(service, **config)

    @property
    def base(self):
        return self.url or f"https://dynamodb.{REGION}.amazonaws.com"

    def host_of(self, target):
        """Streams have a host of their own on AWS."""
        streams = self.is_aws and target.startswith("DynamoDBStreams")
        return self.base.replace("//", "//streams.") if streams else self.base

    def raw(self, operation, body, headers=None, sign=True, target="DynamoDB_20120810"):
        """A request as bytes or JSON, signed, past everything a client library would check or repair.

        Returns (status, headers, body bytes).
        """
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = AWSRequest("POST", self.host_of(target) + "/", data=data, headers={
            "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"{target}.{operation}",
            **(headers or {})})
        if sign:
            SigV4Auth(self.session.get_credentials(), "dynamodb", REGION).add_auth(request)
        prepared = request.prepare()
        message = urllib.request.Request(prepared.url, data=data, headers=dict(prepared.headers), method="POST")
        try:
            with urllib.request.urlopen(message, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def raw_error(self, operation, body, **more):
        """(code with namespace, message) of a raw request that fails."""
        status, _, data = self.raw(operation, body, **more)
        assert status >= 400, data
        answer = json.loads(data)
        return answer["__type"], answer.get("message", answer.get("Message"))


@pytest.fixture(scope="session")
def endpoint(endpoint_url):
    return Endpoint(endpoint_url)


@pytest.fixture(scope="session")
def ddb(endpoint):
    """A DynamoDB client that sends what it is given."""
    return endpoint.client()


@pytest.fixture(scope="session")
def streams(endpoint):
    """A DynamoDB Streams client that sends what it is given."""
    return endpoint.client("dynamodbstreams")


KEYS = {"S": "S", "N": "N", "B": "B"}


def definition(name, hash="pk", range=None, types=None, **more):
    """CreateTable parameters. `types` maps attribute names to types other than S."""
    types = types or {}
    keys = [{"AttributeName": hash, "KeyType": "HASH"}]
    if range:
        keys.append({"AttributeName": range, "KeyType": "RANGE"})
    names = [key["AttributeName"] for key in keys]
    for index in more.get("GlobalSecondaryIndexes", []) + more.get("LocalSecondaryIndexes", []):
        names += [key["AttributeName"] for key in index["KeySchema"]]
    return {
        "TableName": name, "KeySchema": keys, "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": each, "AttributeType": types.get(each, "S")} for each in dict.fromkeys(names)],
        **more}


def index(name, hash, range=None, projection="ALL", include=None):
    """One entry of GlobalSecondaryIndexes or LocalSecondaryIndexes."""
    keys = [{"AttributeName": hash, "KeyType": "HASH"}]
    if range:
        keys.append({"AttributeName": range, "KeyType": "RANGE"})
    shape = {"ProjectionType": projection}
    if include is not None:
        shape["NonKeyAttributes"] = include
    return {"IndexName": name, "KeySchema": keys, "Projection": shape}


def wait_active(ddb, name, seconds=60):
    deadline = time.monotonic() + seconds
    while True:
        table = ddb.describe_table(TableName=name)["Table"]
        busy = [each for each in table.get("GlobalSecondaryIndexes", []) if each["IndexStatus"] != "ACTIVE"]
        if table["TableStatus"] == "ACTIVE" and not busy:
            return table
        assert time.monotonic() < deadline, table
        time.sleep(0.05)


def drop_protected(ddb, name):
    """Cleans up; an endpoint that cannot lift the protection keeps the table."""
    try:
        ddb.update_table(TableName=name, DeletionProtectionEnabled=False)
        wait_active(ddb, name)
        ddb.delete_table(TableName=name)
    except ClientError:
        pass


@pytest.fixture(scope="module")
def make_table(ddb):
    """make_table(hash=..., range=..., ...) -> name of a new, active table; dropped after the module."""
    made = []

    def make(**parameters):
        name = parameters.pop("name", None) or unique()
        ddb.create_table(**definition(name, **parameters))
        made.append(name)
        wait_active(ddb, name)
        return name

    yield make
    for name in made:
        try:
            ddb.delete_table(TableName=name)
        except ClientError:
            pass


@pytest.fixture(scope="module")
def table(make_table):
    """Partition key pk (S) only."""
    return make_table()


@pytest.fixture(scope="module")
def sorted_table(make_table):
    """Partition key pk (S), sort key sk (S)."""
    return make_table(range="sk")


@pytest.fixture
def key():
    """A partition key value that no other test uses."""
    return {"pk": {"S": uuid.uuid4().hex}}
