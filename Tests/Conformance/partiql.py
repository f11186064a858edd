"""What the tests of PartiQL statements share. `from partiql import ...` makes the fixtures known."""

import uuid

import pytest


def run(ddb, statement, *parameters, **more):
    """ExecuteStatement."""
    if parameters:
        more["Parameters"] = list(parameters)
    return ddb.execute_statement(Statement=statement, **more)


def rows(ddb, statement, *parameters, **more):
    return run(ddb, statement, *parameters, **more)["Items"]


def sorted_values(items, name="sk"):
    return sorted(item[name]["S"] for item in items)


def pages(ddb, statement, **more):
    """The items of each page."""
    found, token = [], {}
    while True:
        answer = run(ddb, statement, **more, **token)
        found.append(answer["Items"])
        if "NextToken" not in answer:
            return found
        token = {"NextToken": answer["NextToken"]}


def where(pk, sk="1"):
    """The conditions of a whole key."""
    return f"pk = '{pk}' AND sk = '{sk}'"


ATTRIBUTES = {
    "n": {"N": "5"}, "s": {"S": "text"}, "b": {"BOOL": True}, "z": {"NULL": True},
    "l": {"L": [{"S": "a"}, {"N": "1"}]}, "m": {"M": {"x": {"N": "7"}, "y": {"L": [{"S": "deep"}]}}},
    "ss": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "2"]}, "bytes": {"B": b"\x01\x02"},
}


@pytest.fixture
def pk():
    """A partition key value that no other test uses."""
    return uuid.uuid4().hex


@pytest.fixture
def put(ddb, sorted_table, pk):
    """put(sk, **attributes) -> (table, conditions of the key); the item is under this test's partition key."""
    def make(sk="1", **attributes):
        ddb.put_item(TableName=sorted_table, Item={"pk": {"S": pk}, "sk": {"S": sk}, **attributes})
        return sorted_table, where(pk, sk)
    return make


@pytest.fixture
def stored(ddb, sorted_table, pk):
    """stored(sk) -> the item under this test's partition key."""
    def get(sk="1"):
        return ddb.get_item(
            TableName=sorted_table, Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True).get("Item")
    return get
