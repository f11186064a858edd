import uuid

import pytest

from .conftest import refused


def s(value):
    return {"S": value}


def n(value):
    return {"N": str(value)}


def add(table, key, amount=1):
    return {"Update": {
        "TableName": table, "Key": key, "UpdateExpression": "ADD v :v", "ExpressionAttributeValues": {":v": n(amount)}}}


def value(ddb, table, key):
    return ddb.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]["v"]


@pytest.fixture
def token():
    return uuid.uuid4().hex


def test_one_token_applies_once(ddb, table, key, token):
    for _ in range(3):
        ddb.transact_write_items(TransactItems=[add(table, key)], ClientRequestToken=token)
    assert value(ddb, table, key) == n(1)


def test_two_tokens_apply_twice(ddb, table, key):
    for _ in range(2):
        ddb.transact_write_items(TransactItems=[add(table, key)], ClientRequestToken=uuid.uuid4().hex)
    assert value(ddb, table, key) == n(2)


def test_without_a_token_each_request_applies(endpoint, ddb, table, key):
    for _ in range(2):
        assert endpoint.raw("TransactWriteItems", {"TransactItems": [add(table, key)]})[0] == 200
    assert value(ddb, table, key) == n(2)


@pytest.mark.parametrize("other", ["amount", "key", "more", "order"])
def test_another_request_under_the_token_is_refused(ddb, table, key, token, other):
    second = {"pk": s(uuid.uuid4().hex)}
    ddb.transact_write_items(TransactItems=[add(table, key), add(table, second)], ClientRequestToken=token)
    third = {"pk": s(uuid.uuid4().hex)}
    changed = {
        "amount": [add(table, key, 2), add(table, second)], "key": [add(table, key), add(table, third)],
        "more": [add(table, key), add(table, second), add(table, third)], "order": [add(table, second), add(table, key)]}
    with refused("IdempotentParameterMismatchException"):
        ddb.transact_write_items(TransactItems=changed[other], ClientRequestToken=token)
    assert value(ddb, table, key) == n(1)


def test_the_error_is_dynamodbs_own(endpoint, ddb, table, key, token):
    ddb.transact_write_items(TransactItems=[add(table, key)], ClientRequestToken=token)
    kind, _ = endpoint.raw_error(
        "TransactWriteItems", {"TransactItems": [add(table, key, 2)], "ClientRequestToken": token})
    assert kind == "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException"


@pytest.mark.parametrize("level", ["TOTAL", "INDEXES", "NONE"])
def test_another_wish_for_capacity_is_the_same_request(ddb, table, key, token, level):
    ddb.transact_write_items(TransactItems=[add(table, key)], ClientRequestToken=token)
    ddb.transact_write_items(TransactItems=[add(table, key)], ClientRequestToken=token, ReturnConsumedCapacity=level)
    assert value(ddb, table, key) == n(1)


def test_a_repetition_succeeds_even_when_the_condition_no_longer_holds(ddb, table, key, token):
    action = {"Put": {"TableName": table, "Item": key, "ConditionExpression": "attribute_not_exists(pk)"}}
    for _ in range(2):
        ddb.transact_write_items(TransactItems=[action], ClientRequestToken=token)


def test_a_repetition_does_not_undo_later_writes(ddb, table, key, token):
    action = {"Put": {"TableName": table, "Item": {**key, "v": n(1)}}}
    ddb.transact_write_items(TransactItems=[action], ClientRequestToken=token)
    ddb.put_item(TableName=table, Item={**key, "v": n(2)})
    ddb.transact_write_items(TransactItems=[action], ClientRequestToken=token)
    assert value(ddb, table, key) == n(2)


def test_a_cancelled_transaction_leaves_its_token_free(ddb, table, key, token):
    action = {"Put": {"TableName": table, "Item": {**key, "w": n(1)}, "ConditionExpression": "attribute_exists(pk)"}}
    with refused("TransactionCanceledException"):
        ddb.transact_write_items(TransactItems=[action], ClientRequestToken=token)
    ddb.put_item(TableName=table, Item=key)
    ddb.transact_write_items(TransactItems=[action], ClientRequestToken=token)
    assert "w" in ddb.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]


def test_a_token_may_have_36_characters(ddb, table, key):
    ddb.transact_write_items(TransactItems=[add(table, key)], ClientRequestToken=str(uuid.uuid4()))
    assert value(ddb, table, key) == n(1)


def test_a_token_of_37_characters_is_refused(ddb, table, key):
    with refused("ValidationException", "at 'clientRequestToken' failed to satisfy constraint: Member must have length less "
                 "than or equal to 36"):
        ddb.transact_write_items(TransactItems=[add(table, key)], ClientRequestToken="x" * 37)


def test_an_empty_token_is_refused(endpoint, table, key):
    kind, message = endpoint.raw_error(
        "TransactWriteItems", {"TransactItems": [add(table, key)], "ClientRequestToken": ""})
    assert kind.endswith("#ValidationException")
    assert "at 'clientRequestToken' failed to satisfy constraint: Member must have length greater than or equal to 1" in message


def test_reads_take_no_token(ddb, table, key):
    assert ddb.transact_get_items(TransactItems=[{"Get": {"TableName": table, "Key": key}}])["Responses"] == [{}]
