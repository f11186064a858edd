"""The ten types of values: what is stored and returned, and what is refused."""

import base64
import json

import pytest

from .conftest import refused

INVALID = "ValidationException"
WRONG = "One or more parameter values were invalid: "
EMPTY = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
SEVERAL = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"


def returned(ddb, table, key):
    return ddb.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"].get("v")


@pytest.mark.parametrize("value", [
    {"S": "text"}, {"S": ""}, {"S": " "}, {"S": "ä€𝄞"}, {"S": "\u0000"}, {"S": "a\u0000b"}, {"S": "\"\\/\b\f\n\r\t"},
    {"S": "\u2028\ufeff\ufffd"}, {"S": "e\u0301"}, {"S": "x" * 100_000},
    {"N": "0"}, {"N": "-1"}, {"N": "1.5"},
    {"B": b""}, {"B": b"\x00"}, {"B": bytes(range(256))},
    {"BOOL": True}, {"BOOL": False}, {"NULL": True},
    {"L": []}, {"L": [{"L": []}]}, {"L": [{"S": "a"}, {"N": "1"}, {"S": "a"}, {"NULL": True}, {"M": {}}]},
    {"M": {}}, {"M": {"a": {"M": {}}}},
    {"M": {"a.b": {"S": "x"}, "#": {"S": "y"}, " ": {"S": "z"}, "ä": {"S": ""}, "\u0000": {"N": "1"}}},
    {"SS": ["one"]}, {"SS": [""]}, {"NS": ["1"]}, {"BS": [b"x"]}, {"BS": [b""]},
], ids=lambda value: json.dumps(value, default=repr)[:40])
def test_a_value_is_returned_as_it_was_put(ddb, table, key, value):
    ddb.put_item(TableName=table, Item={**key, "v": value})
    assert returned(ddb, table, key) == value


@pytest.mark.parametrize("value", [
    {"SS": ["b", "a", "c"]}, {"SS": ["a", ""]}, {"SS": ["a", "A"]}, {"SS": ["\u00e9", "e\u0301"]},
    {"NS": ["3", "-1", "2.5"]}, {"BS": [b"b", b"a", b""]}])
def test_a_set_is_returned_in_any_order(ddb, table, key, value):
    ddb.put_item(TableName=table, Item={**key, "v": value})
    kind, members = next(iter(value.items()))
    found = returned(ddb, table, key)
    assert list(found) == [kind] and sorted(found[kind]) == sorted(members)


def test_a_list_keeps_its_order_and_a_map_its_names(ddb, table, key):
    value = {"M": {"z": {"L": [{"N": "3"}, {"N": "1"}, {"N": "2"}]}, "A": {"S": "1"}, "a": {"S": "2"}}}
    ddb.put_item(TableName=table, Item={**key, "v": value})
    assert returned(ddb, table, key) == value


@pytest.mark.parametrize("name", ["a", "A b", "a.b[0]", "#x", ":x", "ä", "\U0001f600", "\u0000", "size", "x" * 255])
def test_any_text_names_an_attribute(ddb, table, key, name):
    ddb.put_item(TableName=table, Item={**key, name: {"S": "v"}})
    assert ddb.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"] == {**key, name: {"S": "v"}}


def test_attribute_names_are_told_apart_byte_by_byte(ddb, table, key):
    item = {**key, "\u00e9": {"S": "one"}, "e\u0301": {"S": "two"}, "E": {"S": "three"}, "e": {"S": "four"}}
    ddb.put_item(TableName=table, Item=item)
    assert ddb.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"] == item


REFUSED = [
    ({}, EMPTY),
    ({"X": "a"}, EMPTY),
    ({"S": None}, EMPTY),
    ({"S": "a", "N": "1"}, SEVERAL),
    ({"BOOL": True, "NULL": True}, SEVERAL),
    ({"M": {}, "L": []}, SEVERAL),
    ({"NULL": False}, WRONG + "Null attribute value types must have the value of true"),
    ({"SS": []}, WRONG + "An string set  may not be empty"),
    ({"NS": []}, WRONG + "An number set  may not be empty"),
    ({"BS": []}, WRONG + "Binary sets should not be empty"),
    ({"NS": ["1", "1"]}, "Input collection contains duplicates"),
    ({"NS": ["1", "1.0"]}, "Input collection contains duplicates"),
    ({"NS": ["10", "1e1"]}, "Input collection contains duplicates"),
    ({"NS": ["0", "-0"]}, "Input collection contains duplicates"),
    ({"BS": ["Yg==", "Yg=="]}, WRONG + "Input collection [Yg==, Yg==]of type BS contains duplicates."),
    ({"NS": ["1", "x"]}, "The parameter cannot be converted to a numeric value: x"),
    ({"N": ""}, "The parameter cannot be converted to a numeric value"),
    ({"M": {"": {"S": "x"}}}, "Empty attribute name"),
    ({"M": {"a": {}}}, EMPTY),
    ({"L": [{"S": "a"}, {}]}, EMPTY),
    ({"L": [{"M": {"a": {"SS": []}}}]}, WRONG + "An string set  may not be empty"),
]


@pytest.mark.parametrize("value, text", REFUSED, ids=[json.dumps(each[0]) for each in REFUSED])
def test_a_wrong_value_is_refused(endpoint, table, value, text):
    code, message = endpoint.raw_error("PutItem", {"TableName": table, "Item": {"pk": {"S": "a"}, "v": value}})
    assert code == "com.amazon.coral.validate#ValidationException"
    assert message.endswith(text)


@pytest.mark.parametrize("value, text", REFUSED, ids=[json.dumps(each[0]) for each in REFUSED])
def test_a_wrong_value_is_refused_in_expressions_too(endpoint, table, value, text):
    code, message = endpoint.raw_error("UpdateItem", {
        "TableName": table, "Key": {"pk": {"S": "a"}}, "UpdateExpression": "SET v = :v",
        "ExpressionAttributeValues": {":v": value}})
    assert code == "com.amazon.coral.validate#ValidationException"
    assert f"ExpressionAttributeValues contains invalid value: {text} for key :v" in message


@pytest.mark.parametrize("members, shown", [
    (["a", "a"], '["a", "a"]'), (["a", "b", "a"], '["a", "b", "a"]'), (["", ""], '["", ""]')])
def test_duplicates_in_a_string_set_are_shown(endpoint, table, members, shown):
    _, message = endpoint.raw_error(
        "PutItem", {"TableName": table, "Item": {"pk": {"S": "a"}, "v": {"SS": members}}})
    assert message == (
        f"1 validation error detected: One or more parameter values were invalid: Input collection {shown} "
        "contains duplicates.")


def test_reads_show_duplicates_without_quotes(endpoint, table):
    _, message = endpoint.raw_error("Scan", {
        "TableName": table, "FilterExpression": "a = :v", "ExpressionAttributeValues": {":v": {"SS": ["a", "a"]}}})
    assert message == (
        "ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: "
        "Input collection [a, a] contains duplicates. for key :v")


def test_an_empty_attribute_name_is_refused(ddb, table, key):
    with refused(INVALID, "Empty attribute name"):
        ddb.put_item(TableName=table, Item={**key, "": {"S": "x"}})


NUMBER_AS_TEXT = "NUMBER_VALUE cannot be converted to String"


@pytest.mark.parametrize("value, text", [
    ({"S": 1}, NUMBER_AS_TEXT), ({"N": 1}, NUMBER_AS_TEXT), ({"S": True}, "TRUE_VALUE cannot be converted to String"),
    ({"S": False}, "FALSE_VALUE cannot be converted to String"),
    ({"S": {}}, "Start of structure or map found where not expected"),
    ({"BOOL": "23"}, "Unexpected token received from parser"),
    ({"BOOL": 1}, "NUMBER_VALUE cannot be converted to Boolean"),
    ({"NULL": "23"}, "Unexpected token received from parser"),
    ({"B": 1}, "only base-64-encoded strings are convertible to bytes"),
    ({"B": "abc"}, "Base64 encoded length is expected a multiple of 4 bytes but found: 3"),
    ({"SS": "a"}, "Unexpected field type"), ({"SS": {}}, "Start of structure or map found where not expected"),
    ({"SS": [1]}, NUMBER_AS_TEXT), ({"NS": [1]}, NUMBER_AS_TEXT),
    ({"L": "a"}, "Unexpected field type"), ({"L": {}}, "Start of structure or map found where not expected"),
    ({"L": ["a"]}, "Unexpected value type in payload"), ({"L": [{"S": 1}]}, NUMBER_AS_TEXT),
    ({"M": "a"}, "Unexpected field type"),
    ({"M": []}, "Unrecognized collection type java.util.Map<java.lang.String, "
                "com.amazonaws.dynamodb.v20120810.AttributeValue>"),
    ({"M": {"a": "b"}}, "Unexpected value type in payload"), ({"M": {"a": {"S": 1}}}, NUMBER_AS_TEXT),
    ("a", "Unexpected value type in payload"), (1, "Unexpected value type in payload"),
], ids=json.dumps)
def test_a_value_of_the_wrong_json_type_cannot_be_read(endpoint, table, value, text):
    code, message = endpoint.raw_error("PutItem", {"TableName": table, "Item": {"pk": {"S": "a"}, "v": value}})
    assert code == "com.amazon.coral.service#SerializationException"
    assert message == text


@pytest.mark.parametrize("first", [{"N": "x"}, {}, {"SS": []}, {"NULL": False}], ids=json.dumps)
def test_json_types_are_checked_before_any_value(endpoint, table, first):
    code, message = endpoint.raw_error("PutItem", {
        "TableName": table, "Item": {"pk": {"S": "a"}, "u": first, "v": {"L": [{"M": {"a": {"N": 1}}}]}}})
    assert code == "com.amazon.coral.service#SerializationException"
    assert message == NUMBER_AS_TEXT


def test_binary_is_base64_with_padding(endpoint, table, key):
    for content in (b"a", b"ab", b"abc", b"\xff\xfe"):
        value = {"B": base64.b64encode(content).decode()}
        assert endpoint.raw("PutItem", {"TableName": table, "Item": {**key, "v": value}})[0] == 200
        _, _, data = endpoint.raw("GetItem", {"TableName": table, "Key": key, "ConsistentRead": True})
        assert json.loads(data)["Item"]["v"] == value


def test_null_members_of_a_value_count_as_absent(endpoint, table, key):
    value = {"S": "a", "N": None, "L": None}
    assert endpoint.raw("PutItem", {"TableName": table, "Item": {**key, "v": value}})[0] == 200


def test_unknown_members_of_a_value_are_ignored(endpoint, table, key):
    value = {"S": "a", "X": "b"}
    assert endpoint.raw("PutItem", {"TableName": table, "Item": {**key, "v": value}})[0] == 200
