"""Statements and tokens made to hurt: refused quickly, and the emulator goes on."""

import base64
import hashlib
import json
import time

import pytest
from botocore.exceptions import ClientError

KEYS = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]


@pytest.fixture(scope="module")
def table(dynamodb):
    name = "hostile-statements"
    dynamodb.create_table(
        TableName=name, KeySchema=KEYS, BillingMode="PAY_PER_REQUEST", AttributeDefinitions=[
            {"AttributeName": key["AttributeName"], "AttributeType": "S"} for key in KEYS])
    yield name
    dynamodb.delete_table(TableName=name)


def test_branches_are_not_multiplied_with_what_does_not_branch(dynamodb, table):
    def some(count):
        return ",".join(f"'{number}'" for number in range(count))

    statement = f'SELECT * FROM "{table}" WHERE pk IN ({some(100)}) AND sk IN ({some(10)})'
    while len(statement) < 8_170:
        statement += " AND a=1"
    start = time.monotonic()
    with pytest.raises(ClientError):
        dynamodb.execute_statement(Statement=statement)
    # It took 13 seconds, and held up everybody; now it is a matter of milliseconds.
    assert time.monotonic() - start < 8


@pytest.mark.parametrize("body", [
    {"read": -1}, {"read": 7}, {"read": 2**63 - 1}, {"read": 0, "key": {}}, {"read": 0, "key": {"pk": {"N": "1"}}},
    {"read": 0, "key": {"pk": {"S": ""}, "sk": {"S": "x"}}}, {"key": {}}, []])
def test_a_forged_token_is_refused(dynamodb, table, body):
    """Whoever knows how tokens are sealed gains nothing by it."""
    uuid = dynamodb.describe_table(TableName=table)["Table"]["TableId"]
    statement = f'SELECT * FROM "{table}"'
    content = json.dumps(body, separators=(",", ":")).encode()
    for number in range(1, 200):
        parts = [uuid.encode(), number.to_bytes(4, "big"), statement.encode(), b"null", content]
        seal = hashlib.sha256(b"".join(str(len(part)).encode() + b":" + part for part in parts)).digest()
        token = base64.b64encode(seal + content).decode()
        with pytest.raises(ClientError) as refusal:
            dynamodb.execute_statement(Statement=statement, NextToken=token)
        assert refusal.value.response["Error"]["Code"] == "ValidationException"
    assert table in dynamodb.list_tables()["TableNames"]
