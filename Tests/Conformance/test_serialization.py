"""JSON of the wrong type for each kind of member: SerializationException with AWS's texts, before any value."""

import pytest

from .wire import send

PACKAGE = "com.amazonaws.dynamodb.v20120810."
STRUCT = "Start of structure or map found where not expected"
FIELD = "Unexpected field type"
VALUE = "Unexpected value type in payload"

SCALARS = ["text", True, 23, -2147483648, 2147483648, 34.56]


def scalar(kind):
    wrong = {"String": [True, False, 23, 2147483648, 34.56, [], {}], "Integer": ["23", True, False, [], {}],
             "Boolean": ["23", 23, 34.56, [], {}]}[kind]
    names = {True: "TRUE_VALUE", False: "FALSE_VALUE"}

    def text(value):
        if isinstance(value, dict):
            return STRUCT
        if isinstance(value, list):
            return f"Unrecognized collection type class java.lang.{kind}"
        if isinstance(value, bool):
            return f"{names[value]} cannot be converted to {kind}"
        if isinstance(value, str):
            return ("Unexpected token received from parser" if kind == "Boolean"
                    else f"STRING_VALUE cannot be converted to {kind}")
        return f"{'NUMBER' if isinstance(value, int) else 'DECIMAL'}_VALUE cannot be converted to {kind}"

    return [(value, text(value)) for value in wrong]


LIST = [*[(value, FIELD) for value in SCALARS], ({}, STRUCT)]
BLOB = [*[(value, "only base-64-encoded strings are convertible to bytes") for value in SCALARS[1:]],
        ([], "Unrecognized collection type class java.nio.ByteBuffer"), ({}, STRUCT),
        ("23456", "Base64 encoded length is expected a multiple of 4 bytes but found: 5"),
        ("+/+=", "Invalid last non-pad Base64 character dectected")]


def map_of(element):
    return [*[(value, FIELD) for value in SCALARS],
            ([], f"Unrecognized collection type java.util.Map<java.lang.String, {element}>")]


def struct(name, scalars):
    return [*[(value, scalars) for value in SCALARS], ([], f"Unrecognized collection type class {PACKAGE}{name}")]


ATTRIBUTES = map_of(PACKAGE + "AttributeValue")
NAMES = map_of("java.lang.String")
ATTRIBUTE = struct("AttributeValue", VALUE)
STRING, INTEGER, BOOLEAN = scalar("String"), scalar("Integer"), scalar("Boolean")

# operation -> path of a member -> what must be refused there
MEMBERS = {
    "PutItem": {
        "TableName": STRING, "Item": ATTRIBUTES, "Item.a": ATTRIBUTE, "Item.a.S": STRING, "Item.a.N": STRING,
        "Item.a.B": BLOB, "Item.a.BOOL": BOOLEAN, "Item.a.NULL": BOOLEAN, "Item.a.SS": LIST, "Item.a.SS.0": STRING,
        "Item.a.NS": LIST, "Item.a.NS.0": STRING, "Item.a.BS": LIST, "Item.a.BS.0": BLOB, "Item.a.L": LIST,
        "Item.a.L.0": ATTRIBUTE, "Item.a.L.0.BS.0": BLOB, "Item.a.M": ATTRIBUTES, "Item.a.M.b": ATTRIBUTE,
        "Item.a.M.b.B": BLOB, "ReturnValues": STRING, "ReturnConsumedCapacity": STRING,
        "ReturnItemCollectionMetrics": STRING, "ConditionExpression": STRING, "ExpressionAttributeNames": NAMES,
        "ExpressionAttributeNames.#a": STRING, "ExpressionAttributeValues": ATTRIBUTES,
        "ExpressionAttributeValues.:a": ATTRIBUTE, "ReturnValuesOnConditionCheckFailure": STRING,
    },
    "GetItem": {
        "TableName": STRING, "Key": ATTRIBUTES, "Key.a": ATTRIBUTE, "Key.a.S": STRING, "ConsistentRead": BOOLEAN,
        "ReturnConsumedCapacity": STRING, "ProjectionExpression": STRING, "ExpressionAttributeNames": NAMES,
        "AttributesToGet": LIST, "AttributesToGet.0": STRING,
    },
    "UpdateItem": {
        "TableName": STRING, "Key": ATTRIBUTES, "UpdateExpression": STRING, "ConditionExpression": STRING,
        "ExpressionAttributeValues.:a.N": STRING, "ReturnValues": STRING, "ExpressionAttributeNames.#a": STRING,
        "ReturnItemCollectionMetrics": STRING,
    },
    "DeleteItem": {
        "TableName": STRING, "Key": ATTRIBUTES, "ConditionExpression": STRING, "ReturnValues": STRING,
        "ExpressionAttributeValues": ATTRIBUTES,
    },
    "Query": {
        "TableName": STRING, "IndexName": STRING, "Select": STRING, "Limit": INTEGER, "ConsistentRead": BOOLEAN,
        "ScanIndexForward": BOOLEAN, "ExclusiveStartKey": ATTRIBUTES, "KeyConditionExpression": STRING,
        "FilterExpression": STRING, "ProjectionExpression": STRING, "ExpressionAttributeNames": NAMES,
        "ExpressionAttributeValues": ATTRIBUTES,
    },
    "Scan": {
        "TableName": STRING, "IndexName": STRING, "Limit": INTEGER, "Segment": INTEGER, "TotalSegments": INTEGER,
        "ConsistentRead": BOOLEAN, "FilterExpression": STRING, "ExclusiveStartKey.a": ATTRIBUTE, "Select": STRING,
    },
    "BatchGetItem": {
        "RequestItems": map_of(PACKAGE + "KeysAndAttributes"), "ReturnConsumedCapacity": STRING,
        "RequestItems.a": struct("KeysAndAttributes", VALUE), "RequestItems.a.Keys": LIST,
        "RequestItems.a.Keys.0": ATTRIBUTES[-1:], "RequestItems.a.Keys.0.b": ATTRIBUTE,
        "RequestItems.a.ConsistentRead": BOOLEAN, "RequestItems.a.ProjectionExpression": STRING,
        "RequestItems.a.ExpressionAttributeNames": NAMES,
    },
    "BatchWriteItem": {
        "RequestItems": map_of(f"java.util.List<{PACKAGE}WriteRequest>"), "RequestItems.a": LIST[-1:],
        "RequestItems.a.0": struct("WriteRequest", VALUE),
        "RequestItems.a.0.PutRequest": struct("PutRequest", FIELD),
        "RequestItems.a.0.DeleteRequest": struct("DeleteRequest", FIELD),
        "RequestItems.a.0.PutRequest.Item": ATTRIBUTES, "RequestItems.a.0.DeleteRequest.Key": ATTRIBUTES,
        "RequestItems.a.0.PutRequest.Item.b": ATTRIBUTE, "ReturnItemCollectionMetrics": STRING,
        "ReturnConsumedCapacity": STRING,
    },
    "TransactWriteItems": {
        "TransactItems": LIST, "ClientRequestToken": STRING, "ReturnConsumedCapacity": STRING,
        "TransactItems.0": struct("TransactWriteItem", VALUE), "TransactItems.0.Put": struct("Put", FIELD),
        "TransactItems.0.Update": struct("Update", FIELD), "TransactItems.0.Delete": struct("Delete", FIELD),
        "TransactItems.0.ConditionCheck": struct("ConditionCheck", FIELD), "TransactItems.0.Put.Item": ATTRIBUTES,
        "TransactItems.0.Put.TableName": STRING, "TransactItems.0.Update.Key": ATTRIBUTES,
        "TransactItems.0.Update.UpdateExpression": STRING,
    },
    "TransactGetItems": {
        "TransactItems": LIST, "TransactItems.0": struct("TransactGetItem", VALUE),
        "TransactItems.0.Get": struct("Get", FIELD), "TransactItems.0.Get.Key": ATTRIBUTES,
        "TransactItems.0.Get.TableName": STRING, "TransactItems.0.Get.ProjectionExpression": STRING,
    },
    "ListTables": {"ExclusiveStartTableName": STRING, "Limit": INTEGER},
    "DescribeTable": {"TableName": STRING},
    "DeleteTable": {"TableName": STRING},
}


def placed(path, value):
    """A request that has the value at the path and nothing else."""
    for name in reversed(path.split(".")):
        value = [value] if name == "0" else {name: value}
    return value


def cases():
    for operation, members in MEMBERS.items():
        for path, refused in members.items():
            yield pytest.param(operation, path, refused, id=f"{operation}-{path}")


@pytest.mark.parametrize("operation,path,refused", list(cases()))
def test_wrong_types(endpoint, operation, path, refused):
    for value, text in refused:
        answer = send(endpoint, "DynamoDB_20120810." + operation, placed(path, value))
        assert answer.status == 400
        assert answer.json == {"__type": "com.amazon.coral.service#SerializationException", "Message": text}, value


@pytest.mark.parametrize("operation,path", [
    ("BatchWriteItem", "RequestItems.a"), ("BatchGetItem", "RequestItems.a.Keys.0")])
def test_scalars_inside_generic_types(endpoint, operation, path):
    answer = send(endpoint, "DynamoDB_20120810." + operation, placed(path, "text"))
    assert "ParameterizedTypeImpl cannot be cast to class java.lang.Class" in answer.json["Message"]


@pytest.mark.parametrize("text,wrong", [("=aaa", "="), ("a!bc", "!"), ("ab-_", "-"), ("é==", None)])
def test_characters_outside_of_base64(endpoint, text, wrong):
    answer = send(endpoint, "DynamoDB_20120810.PutItem", placed("Item.a.B", text))
    assert answer.type == "com.amazon.coral.service#SerializationException"


def test_empty_binary_is_base64(endpoint, table, key):
    answer = send(endpoint, "DynamoDB_20120810.PutItem", {"TableName": table, "Item": {**key, "b": {"B": ""}}})
    assert answer.status == 200


@pytest.mark.parametrize("limit", [1, 1.0, 1.9])
def test_fractions_of_integers_are_cut_off(endpoint, limit):
    answer = send(endpoint, body={"Limit": limit})
    assert answer.status == 200 and len(answer.json["TableNames"]) <= 1


@pytest.mark.parametrize("word", ["no", "false", "NO", "0"])
def test_words_for_false(endpoint, word):
    answer = send(endpoint, "DynamoDB_20120810.PutItem", {"TableName": "abc", "Item": {"a": {"NULL": word}}})
    assert "Null attribute value types must have the value of true" in answer.json["message"]


@pytest.mark.parametrize("word", ["yes", "true", "True", "1"])
def test_words_for_true(endpoint, table, key, word):
    put = {"TableName": table, "Item": {**key, "b": {"BOOL": word}}}
    assert send(endpoint, "DynamoDB_20120810.PutItem", put).status == 200
    got = send(endpoint, "DynamoDB_20120810.GetItem", {"TableName": table, "Key": key})
    assert got.json["Item"]["b"] == {"BOOL": True}
