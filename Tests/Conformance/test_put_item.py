import pytest

from .conftest import index, refused, unique

INVALID = "ValidationException"
LONG = "x" * 409_600


@pytest.fixture(scope="module")
def indexed(make_table):
    """Keys pk and sk; a global index over g (S) and b (B), a local one over n (N)."""
    return make_table(
        range="sk", types={"n": "N", "b": "B"},
        GlobalSecondaryIndexes=[index("global", "g", "b")],
        LocalSecondaryIndexes=[index("local", "pk", "n")])


def stored(ddb, table, key):
    return ddb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")


def body(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


# What it does


def test_a_new_item_is_stored_and_nothing_returned(ddb, table, key):
    assert body(ddb.put_item(TableName=table, Item={**key, "a": {"S": "x"}})) == {}
    assert stored(ddb, table, key) == {**key, "a": {"S": "x"}}


def test_an_old_item_is_replaced_as_a_whole(ddb, table, key):
    ddb.put_item(TableName=table, Item={**key, "a": {"S": "x"}, "b": {"N": "1"}})
    ddb.put_item(TableName=table, Item={**key, "c": {"BOOL": True}})
    assert stored(ddb, table, key) == {**key, "c": {"BOOL": True}}


def test_an_item_may_be_its_key_alone(ddb, table, key):
    ddb.put_item(TableName=table, Item=key)
    assert stored(ddb, table, key) == key


def test_items_of_one_partition_are_told_apart_by_the_sort_key(ddb, sorted_table, key):
    for each in "ab":
        ddb.put_item(TableName=sorted_table, Item={**key, "sk": {"S": each}, "v": {"S": each}})
    assert stored(ddb, sorted_table, {**key, "sk": {"S": "a"}})["v"] == {"S": "a"}
    assert stored(ddb, sorted_table, {**key, "sk": {"S": "b"}})["v"] == {"S": "b"}


def test_all_old_returns_the_replaced_item(ddb, table, key):
    ddb.put_item(TableName=table, Item={**key, "a": {"N": "1.50"}})
    answer = ddb.put_item(TableName=table, Item=key, ReturnValues="ALL_OLD")
    assert body(answer) == {"Attributes": {**key, "a": {"N": "1.5"}}}


def test_all_old_returns_nothing_when_there_was_no_item(ddb, table, key):
    assert body(ddb.put_item(TableName=table, Item=key, ReturnValues="ALL_OLD")) == {}


def test_none_returns_nothing(ddb, table, key):
    ddb.put_item(TableName=table, Item=key)
    assert body(ddb.put_item(TableName=table, Item=key, ReturnValues="NONE")) == {}


def test_the_table_may_be_named_by_its_arn(ddb, table, key):
    arn = ddb.describe_table(TableName=table)["Table"]["TableArn"]
    ddb.put_item(TableName=arn, Item={**key, "a": {"S": "by arn"}})
    assert stored(ddb, table, key)["a"] == {"S": "by arn"}


def test_unknown_members_are_ignored(endpoint, table, key):
    status, _, _ = endpoint.raw("PutItem", {"TableName": table, "Item": key, "Unknown": {"a": 1}})
    assert status == 200


def test_null_members_count_as_absent(endpoint, table, key):
    status, _, _ = endpoint.raw("PutItem", {
        "TableName": table, "Item": key, "ConditionExpression": None, "ExpressionAttributeNames": None,
        "ReturnValues": None, "Expected": None})
    assert status == 200


# Conditions


def test_a_condition_that_holds_lets_the_item_in(ddb, table, key):
    ddb.put_item(TableName=table, Item=key, ConditionExpression="attribute_not_exists(pk)")
    assert stored(ddb, table, key) == key


def test_a_condition_is_about_the_old_item(ddb, table, key):
    ddb.put_item(TableName=table, Item={**key, "v": {"N": "1"}})
    ddb.put_item(
        TableName=table, Item={**key, "v": {"N": "2"}}, ConditionExpression="v = :old",
        ExpressionAttributeValues={":old": {"N": "1"}})
    assert stored(ddb, table, key)["v"] == {"N": "2"}


def test_a_condition_that_fails_changes_nothing(ddb, table, key):
    ddb.put_item(TableName=table, Item={**key, "v": {"N": "1"}})
    with refused("ConditionalCheckFailedException") as refusal:
        ddb.put_item(TableName=table, Item=key, ConditionExpression="attribute_not_exists(pk)")
    assert refusal.message == "The conditional request failed"
    assert "Item" not in refusal.response
    assert stored(ddb, table, key) == {**key, "v": {"N": "1"}}


def test_a_failed_condition_returns_the_old_item_when_asked(ddb, table, key):
    ddb.put_item(TableName=table, Item={**key, "v": {"N": "1"}})
    with refused("ConditionalCheckFailedException") as refusal:
        ddb.put_item(
            TableName=table, Item=key, ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert refusal.response["Item"] == {**key, "v": {"N": "1"}}


def test_a_failed_condition_returns_no_item_when_there_is_none(ddb, table, key):
    with refused("ConditionalCheckFailedException") as refusal:
        ddb.put_item(
            TableName=table, Item=key, ConditionExpression="attribute_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert "Item" not in refusal.response


def test_return_values_on_failure_none_returns_no_item(ddb, table, key):
    ddb.put_item(TableName=table, Item=key)
    with refused("ConditionalCheckFailedException") as refusal:
        ddb.put_item(
            TableName=table, Item=key, ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="NONE")
    assert "Item" not in refusal.response


# Parameters


@pytest.mark.parametrize("mode", ["ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"])
def test_only_all_old_and_none_are_return_values_of_a_put(ddb, table, key, mode):
    with refused(INVALID, "ReturnValues can only be ALL_OLD or NONE"):
        ddb.put_item(TableName=table, Item=key, ReturnValues=mode)


@pytest.mark.parametrize("parameter", [
    "ReturnValues", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics", "ReturnValuesOnConditionCheckFailure"])
def test_an_unknown_mode_is_refused(ddb, table, key, parameter):
    with refused(INVALID, "1 validation error detected: ", "Member must satisfy enum value set: ["):
        ddb.put_item(TableName=table, Item=key, **{parameter: "SOME"})


def test_the_modes_of_return_values_are_listed_as_in_2026(ddb, table, key):
    with refused(INVALID, "Member must satisfy enum value set: [ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"):
        ddb.put_item(TableName=table, Item=key, ReturnValues="SOME")


def test_several_unknown_modes_are_reported_together(ddb, table, key):
    with refused(INVALID, "2 validation errors detected: ", "eturnConsumedCapacity'", "eturnValues'"):
        ddb.put_item(TableName=table, Item=key, ReturnValues="SOME", ReturnConsumedCapacity="ALSO")


def test_the_table_name_is_required(ddb, key):
    with refused(INVALID, "1 validation error detected: ", "ableName' failed to satisfy constraint: Member must not"):
        ddb.put_item(Item=key)


def test_the_item_is_required(ddb, table):
    with refused(INVALID, "1 validation error detected: ", "tem' failed to satisfy constraint: Member must not be"):
        ddb.put_item(TableName=table)


def test_an_empty_table_name_is_reported_alone(ddb, key):
    with refused(INVALID) as refusal:
        ddb.put_item(TableName="", Item=key, ReturnConsumedCapacity="SOME")
    assert refusal.message == (
        "1 validation error detected: Value at 'TableName' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1")


@pytest.mark.parametrize("name, text", [
    ("ab", "Member must have length greater than or equal to 3"),
    ("a" * 256, "Member must have length less than or equal to "),
    ("a b c", "Member must satisfy regular expression pattern: "),
    ("täble", "Member must satisfy regular expression pattern: "),
])
def test_a_bad_table_name_is_invalid_rather_than_not_found(ddb, key, name, text):
    with refused(INVALID, text):
        ddb.put_item(TableName=name, Item=key)


def test_a_bad_table_name_is_reported_alone(ddb, key):
    with refused(INVALID, "1 validation error detected: ", "ableName'") as refusal:
        ddb.put_item(TableName="ab", Item=key, ReturnValues="SOME", ReturnConsumedCapacity="SOME")
    assert "eturn" not in refusal.message


def test_an_unknown_table_is_not_found(ddb, key):
    with refused("ResourceNotFoundException") as refusal:
        ddb.put_item(TableName=unique("none"), Item=key)
    assert refusal.message == "Requested resource not found"


# Keys in the item


@pytest.mark.parametrize("item, missing", [
    ({"sk": {"S": "a"}}, "pk"), ({"pk": {"S": "a"}}, "sk"), ({"a": {"S": "a"}}, "pk"), ({}, "pk")])
def test_a_missing_key_attribute_is_named(ddb, sorted_table, item, missing):
    with refused(INVALID) as refusal:
        ddb.put_item(TableName=sorted_table, Item=item)
    assert refusal.message == f"One or more parameter values were invalid: Missing the key {missing} in the item"


@pytest.mark.parametrize("value", [
    {"N": "1"}, {"B": b"a"}, {"BOOL": True}, {"NULL": True}, {"L": []}, {"M": {}}, {"SS": ["a"]}, {"NS": ["1"]}])
def test_a_key_of_the_wrong_type_is_named_with_both_types(ddb, table, value):
    with refused(INVALID) as refusal:
        ddb.put_item(TableName=table, Item={"pk": value})
    assert refusal.message == (
        "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: " + list(value)[0])


def test_the_sort_key_has_a_type_too(ddb, sorted_table, key):
    with refused(INVALID, "Type mismatch for key sk expected: S actual: N"):
        ddb.put_item(TableName=sorted_table, Item={**key, "sk": {"N": "1"}})


@pytest.mark.parametrize("attribute", ["pk", "sk"])
def test_an_empty_string_is_no_key(ddb, sorted_table, attribute):
    with refused(INVALID) as refusal:
        ddb.put_item(TableName=sorted_table, Item={"pk": {"S": "a"}, "sk": {"S": "a"}, attribute: {"S": ""}})
    assert refusal.message == (
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
        f"empty string value. Key: {attribute}")


def test_an_empty_binary_is_no_key(ddb, make_table):
    with refused(INVALID, "The AttributeValue for a key attribute cannot contain an empty binary value. Key: pk"):
        ddb.put_item(TableName=make_table(types={"pk": "B"}), Item={"pk": {"B": b""}})


# Keys of indexes in the item


def test_an_item_without_index_keys_is_fine(ddb, indexed, key):
    ddb.put_item(TableName=indexed, Item={**key, "sk": {"S": "a"}})
    assert stored(ddb, indexed, {**key, "sk": {"S": "a"}})


@pytest.mark.parametrize("attribute, value, expected, actual, name", [
    ("g", {"N": "1"}, "S", "N", "global"), ("g", {"M": {}}, "S", "M", "global"), ("b", {"S": "a"}, "B", "S", "global"),
    ("n", {"S": "1"}, "N", "S", "local"), ("n", {"NULL": True}, "N", "NULL", "local")])
def test_an_index_key_of_the_wrong_type_is_refused(ddb, indexed, key, attribute, value, expected, actual, name):
    with refused(INVALID) as refusal:
        ddb.put_item(TableName=indexed, Item={**key, "sk": {"S": "a"}, attribute: value})
    assert refusal.message == (
        f"One or more parameter values were invalid: Type mismatch for Index Key {attribute} Expected: {expected} "
        f"Actual: {actual} IndexName: {name}")


@pytest.mark.parametrize("attribute, value, kind", [("g", {"S": ""}, "string"), ("b", {"B": b""}, "binary")])
def test_an_empty_index_key_is_refused(ddb, indexed, key, attribute, value, kind):
    with refused(INVALID) as refusal:
        ddb.put_item(TableName=indexed, Item={**key, "sk": {"S": "a"}, attribute: value})
    assert refusal.message == (
        "One or more parameter values are not valid. A value specified for a secondary index key is not supported. "
        f"The AttributeValue for a key attribute cannot contain an empty {kind} value. "
        f"IndexName: global, IndexKey: {attribute}")


# Which fault wins


BAD_VALUE = {"N": "x"}


@pytest.mark.parametrize("parameters, code, text", [
    ({"Item": {"a": {"S": 1}}, "ReturnValues": "SOME"}, "SerializationException", "NUMBER_VALUE cannot be converted"),
    ({"Item": {"a": BAD_VALUE, "b": {"S": 1}}}, "SerializationException", "NUMBER_VALUE cannot be converted"),
    ({"Item": {"a": BAD_VALUE}, "ReturnValues": "SOME"}, INVALID, "Member must satisfy enum value set"),
    ({"Item": {"a": BAD_VALUE}, "ConditionExpression": "!", "Expected": {"a": {"Exists": False}}}, INVALID,
     "Can not use both expression and non-expression parameters in the same request: "
     "Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}"),
    ({"Item": {"a": BAD_VALUE}, "ExpressionAttributeNames": {"#a": "a"}}, INVALID,
     "ExpressionAttributeNames can only be specified when using expressions"),
    ({"Item": {"a": BAD_VALUE}, "ReturnValues": "ALL_NEW"}, INVALID, "cannot be converted to a numeric value: x"),
    ({"Item": {"a": {"S": LONG}}, "ReturnValues": "ALL_NEW"}, INVALID, "ReturnValues can only be ALL_OLD or NONE"),
    ({"Item": {"a": {"S": LONG}}, "ConditionExpression": "!"}, INVALID, "Item size has exceeded the maximum allowed"),
    ({"Item": {"a": {"S": "x"}}, "ConditionExpression": "a = :a",
      "ExpressionAttributeValues": {":a": BAD_VALUE}, "ReturnValues": "ALL_NEW"}, INVALID, "ReturnValues can only be"),
    ({"Item": {"a": {"S": "x"}}, "ConditionExpression": "!"}, INVALID, "Invalid ConditionExpression: Syntax error"),
    ({"Item": {"a": {"S": "x"}}}, "ResourceNotFoundException", "Requested resource not found"),
], ids=[
    "types before modes", "types before values", "modes before values", "mixing before values", "misuse before values",
    "values before return values", "return values before size", "size before expressions",
    "return values before substitutions", "expressions before table", "table before key"])
def test_order_of_evaluation(endpoint, parameters, code, text):
    found, message = endpoint.raw_error("PutItem", {"TableName": unique("none"), **parameters})
    assert found.endswith("#" + code)
    assert text in message


def test_the_key_comes_before_the_condition(ddb, table):
    with refused(INVALID, "Missing the key pk in the item"):
        ddb.put_item(TableName=table, Item={"a": {"S": "x"}}, ConditionExpression="attribute_exists(pk)")


@pytest.mark.parametrize("parameters, text", [
    ({"Item": {"pk": {"S": "a"}, "s": {"SS": ["a", "a"]}}}, 'Input collection ["a", "a"] contains duplicates.'),
    ({"Item": {"pk": {}}}, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
    ({"Item": {"pk": {"S": "a"}}, "ReturnValues": "ALL_NEW"}, "ReturnValues can only be ALL_OLD or NONE"),
    ({"Item": {"pk": {"S": "a"}}, "ConditionExpression": ""},
     "Invalid ConditionExpression: The expression can not be empty;"),
    ({"Item": {"pk": {"S": "a"}}, "ConditionExpression": "a = :a", "ExpressionAttributeValues": {":b": {"S": ""}}},
     "Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :a"),
])
def test_faults_of_the_request_alone_are_counted_as_validation_errors(endpoint, table, parameters, text):
    _, message = endpoint.raw_error("PutItem", {"TableName": table, **parameters})
    assert message.startswith("1 validation error detected: ")
    assert text in message


def test_values_without_an_expression_are_refused_in_few_words(ddb, table, key):
    with refused(INVALID) as refusal:
        ddb.put_item(TableName=table, Item=key, ExpressionAttributeValues={":a": {"S": "x"}})
    assert refusal.message == (
        "1 validation error detected: ExpressionAttributeValues can only be specified when using expressions")
