import pytest

from .conftest import refused, unique

INVALID = "ValidationException"
MISMATCH = "The provided key element does not match the schema"


@pytest.fixture(scope="module")
def numbered(make_table):
    """pk (S), sk (N)."""
    return make_table(range="sk", types={"sk": "N"})


def body(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_an_item_is_returned_as_it_was_put(ddb, table, key):
    item = {**key, "s": {"S": "ä"}, "n": {"N": "1"}, "l": {"L": [{"NULL": True}]}}
    ddb.put_item(TableName=table, Item=item)
    assert body(ddb.get_item(TableName=table, Key=key, ConsistentRead=True)) == {"Item": item}


@pytest.mark.parametrize("consistent", [True, False])
def test_an_absent_item_has_no_item_member(ddb, table, key, consistent):
    assert body(ddb.get_item(TableName=table, Key=key, ConsistentRead=consistent)) == {}


def test_keys_are_compared_by_value(ddb, numbered, key):
    ddb.put_item(TableName=numbered, Item={**key, "sk": {"N": "1.50"}, "v": {"S": "x"}})
    found = ddb.get_item(TableName=numbered, Key={**key, "sk": {"N": "0.15e1"}}, ConsistentRead=True)
    assert found["Item"] == {**key, "sk": {"N": "1.5"}, "v": {"S": "x"}}


def test_keys_are_compared_by_bytes_not_by_appearance(ddb, table, key):
    composed, decomposed = ({"pk": {"S": key["pk"]["S"] + each}} for each in ("\u00e9", "e\u0301"))
    ddb.put_item(TableName=table, Item=composed)
    assert "Item" not in ddb.get_item(TableName=table, Key=decomposed, ConsistentRead=True)


def test_case_matters_in_keys(ddb, table, key):
    ddb.put_item(TableName=table, Item={"pk": {"S": key["pk"]["S"] + "a"}})
    assert "Item" not in ddb.get_item(TableName=table, Key={"pk": {"S": key["pk"]["S"] + "A"}}, ConsistentRead=True)


def test_a_projection_matching_nothing_returns_an_empty_item(endpoint, ddb, table, key):
    ddb.put_item(TableName=table, Item=key)
    status, _, data = endpoint.raw(
        "GetItem", {"TableName": table, "Key": key, "ProjectionExpression": "a", "ConsistentRead": True})
    assert (status, data) == (200, b'{"Item":{}}')


def test_a_projection_of_an_absent_item_returns_no_item(ddb, table, key):
    assert body(ddb.get_item(TableName=table, Key=key, ProjectionExpression="a")) == {}


def test_the_table_may_be_named_by_its_arn(ddb, table, key):
    ddb.put_item(TableName=table, Item=key)
    arn = ddb.describe_table(TableName=table)["Table"]["TableArn"]
    assert ddb.get_item(TableName=arn, Key=key, ConsistentRead=True)["Item"] == key


def test_the_request_knows_no_values_and_ignores_them(endpoint, table, key):
    status, _, _ = endpoint.raw("GetItem", {
        "TableName": table, "Key": key, "ExpressionAttributeValues": {":a": {"S": "x"}}})
    assert status == 200


@pytest.mark.parametrize("bad", [
    {"pk": {"S": "a"}},
    {"sk": {"N": "1"}},
    {},
    {"pk": {"S": "a"}, "sk": {"S": "1"}},
    {"pk": {"N": "1"}, "sk": {"N": "1"}},
    {"pk": {"S": "a"}, "x": {"N": "1"}},
    {"pk": {"S": "a"}, "sk": {"N": "1"}, "x": {"S": "a"}},
    {"pk": {"L": []}, "sk": {"N": "1"}},
    {"pk": {"NULL": True}, "sk": {"N": "1"}},
], ids=["no sort key", "no partition key", "empty", "sort key type", "partition key type", "other name", "extra",
        "list", "null"])
def test_a_key_that_does_not_fit_the_schema_is_refused(ddb, numbered, bad):
    with refused(INVALID) as refusal:
        ddb.get_item(TableName=numbered, Key=bad)
    assert refusal.message == MISMATCH


def test_an_empty_key_value_is_refused_on_reads_too(ddb, table):
    with refused(INVALID) as refusal:
        ddb.get_item(TableName=table, Key={"pk": {"S": ""}})
    assert refusal.message == (
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
        "empty string value. Key: pk")


def test_a_key_value_that_is_no_number_is_refused(ddb, numbered):
    with refused(INVALID) as refusal:
        ddb.get_item(TableName=numbered, Key={"pk": {"S": "a"}, "sk": {"N": "one"}})
    assert refusal.message == "The parameter cannot be converted to a numeric value: one"


@pytest.mark.parametrize("size, attribute, text", [
    (2049, "pk", "Size of hashkey has exceeded the maximum size limit of2048 bytes"),
    (1025, "sk", "Aggregated size of all range keys has exceeded the size limit of 1024 bytes")])
def test_key_sizes_are_limited_on_reads_too(ddb, sorted_table, size, attribute, text):
    with refused(INVALID) as refusal:
        ddb.get_item(
            TableName=sorted_table, Key={"pk": {"S": "a"}, "sk": {"S": "a"}, attribute: {"S": "x" * size}})
    assert refusal.message == "One or more parameter values were invalid: " + text


def test_an_unknown_table_is_not_found(ddb, key):
    with refused("ResourceNotFoundException") as refusal:
        ddb.get_item(TableName=unique("none"), Key=key)
    assert refusal.message == "Requested resource not found"


def test_missing_members_are_listed(ddb):
    with refused(INVALID, "2 validation errors detected: ", "Value null at 'tableName' failed to satisfy constraint: "
                 "Member must not be null", "Value null at 'key' failed to satisfy constraint: Member must not be null"):
        ddb.get_item()


def test_an_unknown_capacity_mode_is_refused(ddb, table, key):
    with refused(INVALID, "1 validation error detected: Value 'SOME' at 'returnConsumedCapacity' failed to satisfy "
                 "constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"):
        ddb.get_item(TableName=table, Key=key, ReturnConsumedCapacity="SOME")


@pytest.mark.parametrize("parameters, text", [
    ({"ProjectionExpression": ""}, "Invalid ProjectionExpression: The expression can not be empty;"),
    ({"ExpressionAttributeNames": {"#a": "a"}}, "ExpressionAttributeNames can only be specified when using expressions"),
    ({"ProjectionExpression": "a", "ExpressionAttributeNames": {}}, "ExpressionAttributeNames must not be empty"),
    ({"ProjectionExpression": "a", "ExpressionAttributeNames": {"#a": "a"}},
     "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}"),
    ({"ProjectionExpression": "a", "AttributesToGet": ["a"]},
     "Can not use both expression and non-expression parameters in the same request: "
     "Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}"),
])
def test_reads_keep_the_bare_texts(ddb, table, key, parameters, text):
    with refused(INVALID) as refusal:
        ddb.get_item(TableName=table, Key=key, **parameters)
    assert refusal.message == text


@pytest.mark.parametrize("parameters, code, text", [
    ({"Key": {"pk": {"S": 1}}, "ReturnConsumedCapacity": "SOME"}, "SerializationException", "NUMBER_VALUE cannot be"),
    ({"Key": {"pk": {}}, "ReturnConsumedCapacity": "SOME"}, INVALID, "Member must satisfy enum value set"),
    ({"Key": {"pk": {}}, "ProjectionExpression": "!"}, INVALID, "Supplied AttributeValue is empty"),
    ({"Key": {"a": {"S": ""}}, "ProjectionExpression": "!"}, INVALID, "Invalid ProjectionExpression: Syntax error"),
    ({"Key": {"a": {"S": ""}}}, "ResourceNotFoundException", "Requested resource not found"),
], ids=["types before modes", "modes before values", "values before expressions", "expressions before table",
        "table before key"])
def test_order_of_evaluation(endpoint, parameters, code, text):
    found, message = endpoint.raw_error("GetItem", {"TableName": unique("none"), **parameters})
    assert found.endswith("#" + code)
    assert text in message
