import uuid

import pytest

from .conftest import refused
from .test_query import n, numbers, query, s  # noqa: F401


def test_a_condition_is_required(ddb, numbers):
    with refused("ValidationException", "Either the KeyConditions or KeyConditionExpression parameter must be "
                 "specified in the request."):
        ddb.query(TableName=numbers)


def test_an_unknown_table_is_not_found(ddb):
    with refused("ResourceNotFoundException", "Requested resource not found"):
        query(ddb, "no-such-table-" + uuid.uuid4().hex)


def test_a_name_with_wrong_characters_is_refused_before_it_is_looked_up(ddb):
    with refused("ValidationException", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"):
        query(ddb, "no such table!")


@pytest.mark.parametrize("more, text", [
    ({"Select": "SOME"}, "at 'select'"), ({"Limit": 0}, "greater than or equal to 1"),
    ({"FilterExpression": "v ="}, "Syntax error"), ({"ProjectionExpression": "a,,b"}, "Syntax error"),
    ({"ReturnConsumedCapacity": "SOME"}, "at 'returnConsumedCapacity'"),
    ({"ExclusiveStartKey": {"pk": {}}}, "The provided starting key is invalid"),
    ({"ExpressionAttributeNames": {"#unused": "a"}}, "unused in expressions: keys: {#unused}"),
])
def test_a_bad_parameter_wins_over_an_unknown_table(ddb, more, text):
    with refused("ValidationException", text):
        query(ddb, "no-such-table-" + uuid.uuid4().hex, **more)


def test_an_unknown_table_wins_over_conditions_that_do_not_fit(ddb):
    with refused("ResourceNotFoundException"):
        query(ddb, "no-such-table-" + uuid.uuid4().hex, "nothing = :p")


def test_model_constraints_are_collected(ddb, numbers):
    with refused("ValidationException", "2 validation errors detected: ", "at 'select'",
                 "at 'returnConsumedCapacity'"):
        query(ddb, numbers, Select="SOME", ReturnConsumedCapacity="SOME")


def test_an_unused_value_is_refused(ddb, numbers):
    with refused("ValidationException",
                 "Value provided in ExpressionAttributeValues unused in expressions: keys: {:extra}"):
        query(ddb, numbers, values={":extra": s("x")})


def test_a_value_used_only_by_the_filter_counts_as_used(ddb, numbers):
    assert query(ddb, numbers, values={":v": n(1)}, FilterExpression="v = :v")["Count"] == 5


def test_an_empty_map_of_values_is_refused(ddb, numbers):
    with refused("ValidationException", "ExpressionAttributeValues must not be empty"):
        ddb.query(TableName=numbers, KeyConditionExpression="pk = :p", ExpressionAttributeValues={})


def test_an_unknown_index_is_refused(ddb, numbers):
    with refused("ValidationException", "The table does not have the specified index: no-index"):
        query(ddb, numbers, IndexName="no-index")


@pytest.mark.parametrize("name, text", [
    ("ab", "Member must have length greater than or equal to 3"), ("a!c", "Member must satisfy regular expression"),
    ("x" * 256, "Member must have length less than or equal to 255")])
def test_an_index_name_has_the_form_of_a_name(ddb, numbers, name, text):
    with refused("ValidationException", "at 'indexName'", text):
        query(ddb, numbers, IndexName=name)


@pytest.mark.parametrize("member, value, text", [
    ("Limit", "5", "STRING_VALUE cannot be converted to Integer"),
    ("TableName", 5, "NUMBER_VALUE cannot be converted to String"),
    ("ScanIndexForward", "maybe", "Unexpected token received from parser"),
    ("ExclusiveStartKey", "k", "Unexpected field type"),
    ("ExpressionAttributeNames", [], "Unrecognized collection type java.util.Map<java.lang.String, "
     "java.lang.String>"),
])
def test_wrong_json_types_come_first_of_all(endpoint, member, value, text):
    body = {"TableName": "no such table!", "KeyConditionExpression": "", member: value}
    kind, message = endpoint.raw_error("Query", body)
    assert kind == "com.amazon.coral.service#SerializationException" and text in message
