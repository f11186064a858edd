"""AWS JSON 1.0 around every operation: forms, headers, checksums, names of errors, order of checks."""

import json
import re
import uuid

import pytest

from .wire import JSON10, send

NOT_FOUND = "<UnknownOperationException/>\n"
CORAL = "com.amazon.coral.service#"
TABLES = "com.amazonaws.dynamodb.v20120810#"
KEY = {"pk": {"S": "x"}}


def missing():
    return "missing-" + uuid.uuid4().hex


# Headers of every answer

ANSWERS = {
    "success": {},
    "validation error": {"body": {"Limit": 0}},
    "serialization error": {"body": b"{"},
    "unknown operation": {"target": "DynamoDB_20120810.Nothing"},
    "missing token": {"sign": False},
    "missing table": {"target": "DynamoDB_20120810.DescribeTable", "body": {"TableName": "missing-table"}},
    "other media type": {"headers": {"Content-Type": "text/plain"}},
}


@pytest.mark.parametrize("case", ANSWERS)
def test_every_answer_has_a_request_id(endpoint, case):
    assert re.fullmatch("[A-Z0-9]{52}", send(endpoint, **ANSWERS[case]).headers["x-amzn-RequestId"])


@pytest.mark.parametrize("case", ANSWERS)
def test_every_answer_has_the_checksum_of_its_bytes(endpoint, case):
    assert send(endpoint, **ANSWERS[case]).crc_is_right


@pytest.mark.parametrize("case", ANSWERS)
def test_every_answer_has_a_length(endpoint, case):
    answer = send(endpoint, **ANSWERS[case])
    assert answer.headers["Content-Length"] == str(len(answer.body))


def test_request_ids_differ(endpoint):
    ids = {send(endpoint).headers["x-amzn-RequestId"] for _ in range(5)}
    assert len(ids) == 5


@pytest.mark.parametrize("media", [JSON10, "application/json"])
@pytest.mark.parametrize("body", [b"{}", b"{"], ids=["success", "error"])
def test_media_type_is_echoed(endpoint, media, body):
    assert send(endpoint, body=body, headers={"Content-Type": media}).headers["Content-Type"] == media


def test_media_type_may_have_parameters(endpoint):
    assert send(endpoint, headers={"Content-Type": JSON10 + "; charset=utf-8"}).status == 200


# Forms that are no requests

@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_found(endpoint, method):
    answer = send(endpoint, method=method)
    assert (answer.status, answer.content) == (404, NOT_FOUND)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("page", [{}, {"Origin": "http://page.example"}], ids=["client", "page"])
def test_requests_that_name_nothing_are_not_found(endpoint, method, page):
    answer = send(endpoint, method=method, target=None, body=b"", sign=False, headers={"Content-Type": None, **page})
    assert (answer.status, answer.content) == (404, NOT_FOUND)
    assert answer.headers.get("Access-Control-Allow-Origin") == ("*" if page else None)


@pytest.mark.parametrize("media", ["text/plain", "application/xml", "application/x-amz-json-1.1",
                                   "application/x-www-form-urlencoded", None])
def test_other_media_types_are_not_found(endpoint, media):
    answer = send(endpoint, headers={"Content-Type": media})
    assert (answer.status, answer.content) == (404, NOT_FOUND)


def test_health(endpoint):
    answer = send(endpoint, method="GET", target=None, body=b"", sign=False)
    assert answer.status == 200
    assert re.fullmatch(r"healthy: dynamodb\.[a-z0-9-]+\.amazonaws\.com ", answer.content)


def test_health_has_a_checksum(endpoint):
    assert send(endpoint, method="GET", target=None, body=b"", sign=False).crc_is_right


def test_body_of_more_than_16_megabytes(endpoint):
    answer = send(endpoint, body=b" " * ((16 << 20) + 1))
    assert (answer.status, answer.body) == (413, b"")


def test_body_of_16_megabytes_is_read(endpoint):
    assert send(endpoint, body=b"{" + b" " * ((16 << 20) - 2) + b"}").status == 200


@pytest.mark.parametrize("size", [17_000, 60_000, 200_000])
def test_headers_of_more_than_16_kilobytes(endpoint, size):
    assert send(endpoint, headers={"X-Long": "a" * size}).status == 400


def test_headers_of_less_are_read(endpoint):
    assert send(endpoint, headers={"X-Long": "a" * 8_000}).status == 200


# Unknown targets

@pytest.mark.parametrize("target", [
    "DynamoDB_20120810.Nothing", "DynamoDB_20120810.listTables", "DynamoDB_20120810.", "DynamoDB_20120810",
    "DynamoDB_20111205.ListTables", "DynamoDB_20120810.ListTables.More", "ListTables", ".", "whatever"])
def test_unknown_targets(endpoint, target):
    answer = send(endpoint, target=target)
    assert answer.status == 400
    assert answer.json == {"__type": CORAL + "UnknownOperationException"}


def test_no_target(endpoint):
    assert send(endpoint, target=None).type == CORAL + "UnknownOperationException"


# JSON

@pytest.mark.parametrize("body", [
    b"", b"{", b"}", b"[]", b"7", b'"text"', b"true", b"{'a':1}", b"{a:1}", b'{"a":1,}', b'{"a" 1}', b'{"a":}',
    b'{"a":01}', b'{"a":+1}', b'{"a":NaN}', b'{"a":"\n"}', b'{"a":"\\x"}', b'{"a":"\\u12"}', b"{}{}", b"{} x",
    b'{"a":"\xff"}', b'{"a":"\xc0\xaf"}', b'{"a":"\xed\xa0\x80"}', b"/* c */ {}", b"<a/>"])
def test_text_that_is_no_json_object(endpoint, body):
    answer = send(endpoint, body=body)
    assert answer.status == 400
    assert answer.json == {"__type": CORAL + "SerializationException"}


@pytest.mark.parametrize("body", [b" {} ", b"{\n}", b"\t{\r\n}\n"])
def test_white_space_around_json(endpoint, body):
    assert send(endpoint, body=body).status == 200


def test_unknown_members_are_ignored(endpoint):
    assert send(endpoint, body={"Limit": 1, "Unknown": {"a": [1]}}).status == 200


def test_null_members_are_absent(endpoint):
    assert send(endpoint, body={"Limit": None, "ExclusiveStartTableName": None}).status == 200


def test_null_counts_as_missing(endpoint):
    answer = send(endpoint, "DynamoDB_20120810.PutItem", {"TableName": "abc", "Item": None})
    assert "'item' failed to satisfy constraint: Member must not be null" in answer.json["message"]


def test_members_are_case_sensitive(endpoint):
    answer = send(endpoint, "DynamoDB_20120810.DescribeTable", {"tableName": "abc"})
    assert answer.type.endswith("#ValidationException")


def test_escaped_member_names(endpoint):
    answer = send(endpoint, body=b'{"L\\u0069mit":0}')
    assert "'limit'" in answer.json["message"]


def test_text_comes_back_byte_for_byte(endpoint, table, key):
    text = "\u0000\u0001\t\n\"\\/é e\u0301 \u2028 \U0001F600"
    put = {"TableName": table, "Item": {**key, "t": {"S": text}}}
    assert send(endpoint, "DynamoDB_20120810.PutItem", put).status == 200
    got = send(endpoint, "DynamoDB_20120810.GetItem", {"TableName": table, "Key": key})
    assert got.json["Item"]["t"] == {"S": text}


def test_surrogate_pairs_are_one_character(endpoint, table, key):
    body = json.dumps({"TableName": table, "Item": {**key, "t": {"S": "@"}}}).replace("@", "\\ud83d\\ude00")
    assert send(endpoint, "DynamoDB_20120810.PutItem", body.encode()).status == 200
    got = send(endpoint, "DynamoDB_20120810.GetItem", {"TableName": table, "Key": key})
    assert got.json["Item"]["t"] == {"S": "\U0001F600"}


def test_two_spellings_of_a_character_are_two_attributes(endpoint, table, key):
    put = {"TableName": table, "Item": {**key, "é": {"S": "one"}, "e\u0301": {"S": "two"}}}
    assert send(endpoint, "DynamoDB_20120810.PutItem", put).status == 200
    got = send(endpoint, "DynamoDB_20120810.GetItem", {"TableName": table, "Key": key})
    assert got.json["Item"]["é"] == {"S": "one"} and got.json["Item"]["e\u0301"] == {"S": "two"}


# Names of errors

ERRORS = {
    TABLES + "ResourceNotFoundException": ("DescribeTable", {"TableName": "missing-table"}, "message"),
    "com.amazon.coral.validate#ValidationException": ("ListTables", {"Limit": 0}, "message"),
    CORAL + "SerializationException": ("ListTables", {"Limit": "1"}, "Message"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_names_of_errors(endpoint, name):
    operation, body, _ = ERRORS[name]
    answer = send(endpoint, "DynamoDB_20120810." + operation, body)
    assert (answer.status, answer.type) == (400, name)


@pytest.mark.parametrize("name", ERRORS)
def test_case_of_the_message_member(endpoint, name):
    operation, body, member = ERRORS[name]
    assert set(send(endpoint, "DynamoDB_20120810." + operation, body).json) == {"__type", member}


def test_name_of_a_failed_condition(endpoint, table, key):
    answer = send(endpoint, "DynamoDB_20120810.PutItem", {
        "TableName": table, "Item": key, "ConditionExpression": "attribute_exists(pk)"})
    assert answer.json == {
        "__type": TABLES + "ConditionalCheckFailedException", "message": "The conditional request failed"}


def test_a_cancelled_transaction_has_a_capital_message(endpoint, table, key):
    check = {"TableName": table, "Key": key, "ConditionExpression": "attribute_exists(pk)"}
    answer = send(endpoint, "DynamoDB_20120810.TransactWriteItems", {"TransactItems": [{"ConditionCheck": check}]})
    assert answer.type == TABLES + "TransactionCanceledException"
    assert "Message" in answer.json and "message" not in answer.json


def test_a_table_that_exists(endpoint, table):
    answer = send(endpoint, "DynamoDB_20120810.CreateTable", {
        "TableName": table, "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]})
    assert answer.type == TABLES + "ResourceInUseException"


# Order of checks

def test_signature_before_json(endpoint):
    assert send(endpoint, body=b"{", key="AKIAUNKNOWNKEY00000", secret="x").type.startswith(CORAL + "Unrec")


def test_form_before_signature(endpoint):
    assert send(endpoint, headers={"Content-Type": "text/plain"}, sign=False).status == 404


def test_json_before_target(endpoint):
    answer = send(endpoint, target="DynamoDB_20120810.Nothing", body=b"{")
    assert answer.type == CORAL + "SerializationException"


def test_target_before_types(endpoint):
    answer = send(endpoint, target="DynamoDB_20120810.Nothing", body={"Limit": "1"})
    assert answer.type == CORAL + "UnknownOperationException"


def test_types_before_constraints(endpoint):
    answer = send(endpoint, body={"Limit": "1", "ExclusiveStartTableName": "a"})
    assert answer.type == CORAL + "SerializationException"


def test_types_anywhere_before_values_anywhere(endpoint):
    item = {"a": {"N": "no number"}, "b": {"M": {"c": {"S": 5}}}}
    answer = send(endpoint, "DynamoDB_20120810.PutItem", {"TableName": "abc", "Item": item})
    assert answer.json["Message"] == "NUMBER_VALUE cannot be converted to String"


def test_constraints_before_the_table(endpoint):
    answer = send(endpoint, "DynamoDB_20120810.GetItem", {
        "TableName": missing(), "Key": KEY, "ReturnConsumedCapacity": "MUCH"})
    assert answer.type.endswith("#ValidationException")


def test_expressions_before_the_table(endpoint):
    answer = send(endpoint, "DynamoDB_20120810.GetItem", {
        "TableName": missing(), "Key": KEY, "ProjectionExpression": "a,"})
    assert "Invalid ProjectionExpression" in answer.json["message"]


def test_table_before_the_key(endpoint):
    answer = send(endpoint, "DynamoDB_20120810.GetItem", {"TableName": missing(), "Key": {"other": {"N": "1"}}})
    assert answer.type == TABLES + "ResourceNotFoundException"


def test_key_before_the_condition(endpoint, table):
    answer = send(endpoint, "DynamoDB_20120810.DeleteItem", {
        "TableName": table, "Key": {"other": {"S": "1"}}, "ConditionExpression": "attribute_exists(pk)"})
    assert "The provided key element does not match the schema" in answer.json["message"]


# Browsers

def test_preflight(endpoint):
    answer = send(endpoint, method="OPTIONS", target=None, body=b"", sign=False, headers={
        "Origin": "http://page.example", "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-amz-target, authorization, content-type"})
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Max-Age"] == "172800"
    assert answer.headers["Access-Control-Allow-Headers"] == "x-amz-target, authorization, content-type"
    assert answer.headers["Access-Control-Allow-Methods"] == "POST"


@pytest.mark.parametrize("asked", [
    {}, {"Access-Control-Request-Method": "PUT"}, {"Access-Control-Request-Method": "fetch-it"},
    {"Access-Control-Request-Headers": "x-one, X-Two"},
    {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-one"}], ids=str)
def test_a_preflight_may_ask_for_anything(endpoint, asked):
    answer = send(endpoint, method="OPTIONS", target=None, body=b"", sign=False, headers={
        "Origin": "http://page.example", "Content-Type": None, **asked})
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "x-amzn-RequestId" in answer.headers["Access-Control-Expose-Headers"]
    assert int(answer.headers["Access-Control-Max-Age"]) > 0
    for kind in ["Method", "Headers"]:
        allowed = answer.headers.get("Access-Control-Allow-" + kind.rstrip("s") + "s")
        assert allowed == asked.get("Access-Control-Request-" + kind)


def test_only_a_preflight_says_how_long_it_holds(endpoint):
    answer = send(endpoint, headers={"Origin": "http://page.example", "Access-Control-Request-Method": "PUT"})
    assert answer.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Max-Age" not in answer.headers
    assert "Access-Control-Allow-Methods" not in answer.headers


def test_answers_to_pages_may_be_read(endpoint):
    assert send(endpoint, headers={"Origin": "http://page.example"}).headers["Access-Control-Allow-Origin"] == "*"
