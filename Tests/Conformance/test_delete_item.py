import pytest

from .conftest import refused, unique

INVALID = "ValidationException"


def body(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def exists(ddb, table, key):
    return "Item" in ddb.get_item(TableName=table, Key=key, ConsistentRead=True)


def test_an_item_is_removed_and_nothing_returned(ddb, table, key):
    ddb.put_item(TableName=table, Item=key)
    assert body(ddb.delete_item(TableName=table, Key=key)) == {}
    assert not exists(ddb, table, key)


def test_deleting_an_absent_item_is_no_error(ddb, table, key):
    assert body(ddb.delete_item(TableName=table, Key=key)) == {}
    assert body(ddb.delete_item(TableName=table, Key=key)) == {}


def test_only_the_item_of_that_sort_key_goes(ddb, sorted_table, key):
    for each in "ab":
        ddb.put_item(TableName=sorted_table, Item={**key, "sk": {"S": each}})
    ddb.delete_item(TableName=sorted_table, Key={**key, "sk": {"S": "a"}})
    assert not exists(ddb, sorted_table, {**key, "sk": {"S": "a"}})
    assert exists(ddb, sorted_table, {**key, "sk": {"S": "b"}})


def test_all_old_returns_the_removed_item(ddb, table, key):
    ddb.put_item(TableName=table, Item={**key, "a": {"S": "x"}})
    answer = ddb.delete_item(TableName=table, Key=key, ReturnValues="ALL_OLD")
    assert body(answer) == {"Attributes": {**key, "a": {"S": "x"}}}


def test_all_old_returns_nothing_for_an_absent_item(ddb, table, key):
    assert body(ddb.delete_item(TableName=table, Key=key, ReturnValues="ALL_OLD")) == {}


@pytest.mark.parametrize("mode", ["ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"])
def test_only_all_old_and_none_are_return_values_of_a_delete(ddb, table, key, mode):
    with refused(INVALID, "ReturnValues can only be ALL_OLD or NONE"):
        ddb.delete_item(TableName=table, Key=key, ReturnValues=mode)


def test_a_condition_that_holds_lets_the_item_go(ddb, table, key):
    ddb.put_item(TableName=table, Item={**key, "v": {"N": "1"}})
    ddb.delete_item(
        TableName=table, Key=key, ConditionExpression="v = :v", ExpressionAttributeValues={":v": {"N": "1"}})
    assert not exists(ddb, table, key)


def test_a_condition_that_fails_keeps_the_item(ddb, table, key):
    ddb.put_item(TableName=table, Item={**key, "v": {"N": "1"}})
    with refused("ConditionalCheckFailedException", "The conditional request failed") as refusal:
        ddb.delete_item(
            TableName=table, Key=key, ConditionExpression="v = :v", ExpressionAttributeValues={":v": {"N": "2"}},
            ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert refusal.response["Item"] == {**key, "v": {"N": "1"}}
    assert exists(ddb, table, key)


def test_a_condition_fails_on_an_absent_item(ddb, table, key):
    with refused("ConditionalCheckFailedException"):
        ddb.delete_item(TableName=table, Key=key, ConditionExpression="attribute_exists(pk)")


def test_a_condition_for_absence_holds_on_an_absent_item(ddb, table, key):
    assert body(ddb.delete_item(TableName=table, Key=key, ConditionExpression="attribute_not_exists(pk)")) == {}


@pytest.mark.parametrize("bad", [
    {}, {"x": {"S": "a"}}, {"pk": {"N": "1"}}, {"pk": {"S": "a"}, "x": {"S": "a"}}, {"pk": {"SS": ["a"]}}])
def test_a_key_that_does_not_fit_the_schema_is_refused(ddb, table, bad):
    with refused(INVALID) as refusal:
        ddb.delete_item(TableName=table, Key=bad)
    assert refusal.message == "The provided key element does not match the schema"


def test_an_empty_key_value_is_refused(ddb, table):
    with refused(INVALID) as refusal:
        ddb.delete_item(TableName=table, Key={"pk": {"S": ""}})
    assert refusal.message == (
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
        "empty string value. Key: pk")


def test_an_unknown_table_is_not_found(ddb, key):
    with refused("ResourceNotFoundException", "Requested resource not found"):
        ddb.delete_item(TableName=unique("none"), Key=key)


def test_an_empty_table_name_is_reported_alone(ddb):
    with refused(INVALID) as refusal:
        ddb.delete_item(TableName="")
    assert refusal.message == (
        "1 validation error detected: Value at 'TableName' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1")


def test_missing_members_are_listed(ddb):
    with refused(INVALID, "2 validation errors detected: ", "ableName'", "ey' failed to satisfy constraint: Member must"):
        ddb.delete_item()


@pytest.mark.parametrize("parameters, text", [
    ({"ConditionExpression": ""}, "Invalid ConditionExpression: The expression can not be empty;"),
    ({"ExpressionAttributeNames": {"#a": "a"}}, "ExpressionAttributeNames can only be specified when using expressions"),
    ({"ExpressionAttributeValues": {":a": {"S": "a"}}},
     "ExpressionAttributeValues can only be specified when using expressions"),
    ({"ConditionExpression": "attribute_exists(pk)", "ExpressionAttributeNames": {"#a": "a"}},
     "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}"),
    ({"ConditionExpression": "attribute_exists(pk)", "ExpressionAttributeValues": {":a": {"S": "a"}, ":b": {"S": "a"}}},
     "Value provided in ExpressionAttributeValues unused in expressions: keys: {:"),
    ({"ReturnValues": "SOME"}, "enum value set: [ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"),
])
def test_faults_of_the_request_alone_are_counted(ddb, table, key, parameters, text):
    with refused(INVALID, text) as refusal:
        ddb.delete_item(TableName=table, Key=key, **parameters)
    assert refusal.message.startswith("1 validation error detected: ")


@pytest.mark.parametrize("parameters, code, text", [
    ({"Key": {"a": {"N": "x"}}, "ReturnValues": "ALL_NEW"}, INVALID, "cannot be converted to a numeric value: x"),
    ({"Key": {"a": {"S": ""}}, "ReturnValues": "ALL_NEW", "ConditionExpression": "!"}, INVALID, "ReturnValues can only"),
    ({"Key": {"a": {"S": ""}}, "ConditionExpression": "!"}, INVALID, "Invalid ConditionExpression: Syntax error"),
    ({"Key": {"a": {"S": ""}}}, "ResourceNotFoundException", "Requested resource not found"),
], ids=["values before return values", "return values before expressions", "expressions before table",
        "table before key"])
def test_order_of_evaluation(endpoint, parameters, code, text):
    found, message = endpoint.raw_error("DeleteItem", {"TableName": unique("none"), **parameters})
    assert found.endswith("#" + code)
    assert text in message


def test_the_key_comes_before_the_condition(ddb, table):
    with refused(INVALID, "The provided key element does not match the schema"):
        ddb.delete_item(TableName=table, Key={"x": {"S": "a"}}, ConditionExpression="attribute_exists(pk)")
