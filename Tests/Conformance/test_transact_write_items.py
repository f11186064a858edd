import json
import uuid

import pytest

from .conftest import index, refused

FAILED = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
NONE = {"Code": "None"}


def s(value):
    return {"S": value}


def n(value):
    return {"N": str(value)}


def put(table, item, **more):
    return {"Put": {"TableName": table, "Item": item, **more}}


def delete(table, key, **more):
    return {"Delete": {"TableName": table, "Key": key, **more}}


def update(table, key, expression="SET v = :v", values=None, **more):
    values = {":v": n(1)} if values is None and ":v" in expression else values
    if values:
        more["ExpressionAttributeValues"] = values
    return {"Update": {"TableName": table, "Key": key, "UpdateExpression": expression, **more}}


def check(table, key, condition="attribute_exists(pk)", **more):
    return {"ConditionCheck": {"TableName": table, "Key": key, "ConditionExpression": condition, **more}}


def write(ddb, *actions, **more):
    return ddb.transact_write_items(TransactItems=list(actions), **more)


def read(ddb, table, key):
    return ddb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")


def cancelled(ddb, *actions):
    """The reasons of a transaction that is cancelled, and its message."""
    with refused("TransactionCanceledException") as refusal:
        write(ddb, *actions)
    return refusal.response["CancellationReasons"], refusal.message


def missing():
    return "no-such-table-" + uuid.uuid4().hex


def new():
    return {"pk": s(uuid.uuid4().hex)}


@pytest.fixture(scope="module")
def indexed(make_table):
    return make_table(types={"a": "N"}, GlobalSecondaryIndexes=[index("by-a", "a")])


# what it does


def test_all_four_kinds_at_once(ddb, table):
    a, b, c, d = new(), new(), new(), new()
    for each in (b, c, d):
        ddb.put_item(TableName=table, Item=each)
    assert "ConsumedCapacity" not in write(ddb, put(table, {**a, "v": n(1)}), update(table, b), delete(table, c), check(table, d))
    assert read(ddb, table, a)["v"] == n(1) and read(ddb, table, b)["v"] == n(1) and read(ddb, table, c) is None


def test_several_tables_at_once(ddb, table, sorted_table):
    a = new()
    write(ddb, put(table, a), put(sorted_table, {**a, "sk": s("x")}))
    assert read(ddb, table, a) and read(ddb, sorted_table, {**a, "sk": s("x")})


def test_a_hundred_actions(ddb, table):
    keys = [new() for _ in range(100)]
    write(ddb, *[put(table, each) for each in keys])
    assert read(ddb, table, keys[99])


def test_an_update_creates_an_item(ddb, table):
    a = new()
    write(ddb, update(table, a))
    assert read(ddb, table, a) == {**a, "v": n(1)}


def test_an_update_that_only_removes_creates_nothing(ddb, table):
    a = new()
    write(ddb, update(table, a, "REMOVE v"))
    assert read(ddb, table, a) is None


@pytest.mark.parametrize("expression, values, result", [
    ("SET v = v + :one", {":one": n(1)}, n(6)), ("ADD v :one", {":one": n(-2)}, n(3)),
    ("SET v = if_not_exists(w, :one)", {":one": n(1)}, n(1)), ("REMOVE v", None, None),
])
def test_updates_are_those_of_update_item(ddb, table, expression, values, result):
    a = new()
    ddb.put_item(TableName=table, Item={**a, "v": n(5)})
    write(ddb, update(table, a, expression, values))
    assert read(ddb, table, a).get("v") == result


def test_deleting_nothing_succeeds(ddb, table):
    write(ddb, delete(table, new()))


def test_a_check_changes_nothing(ddb, table):
    a = new()
    write(ddb, check(table, a, "attribute_not_exists(pk)"))
    assert read(ddb, table, a) is None


def test_indexes_follow(ddb, indexed):
    a = new()
    write(ddb, put(indexed, {**a, "a": n(7)}))
    answer = ddb.query(TableName=indexed, IndexName="by-a", KeyConditionExpression="a = :a",
                       ExpressionAttributeValues={":a": n(7)})
    assert a["pk"] in [item["pk"] for item in answer["Items"]]


def test_the_table_may_be_named_by_its_arn(ddb, table):
    a = new()
    write(ddb, put(ddb.describe_table(TableName=table)["Table"]["TableArn"], a))
    assert read(ddb, table, a)


# conditions


def test_one_failed_condition_cancels_all(ddb, table):
    a, b = new(), new()
    reasons, message = cancelled(ddb, put(table, a), check(table, b))
    assert reasons == [NONE, FAILED]
    assert message == ("Transaction cancelled, please refer cancellation reasons for specific reasons "
                       "[None, ConditionalCheckFailed]")
    assert read(ddb, table, a) is None


def test_all_failed_conditions_are_reported(ddb, table):
    reasons, message = cancelled(ddb, check(table, new()), put(table, new()), check(table, new()))
    assert reasons == [FAILED, NONE, FAILED]
    assert message.endswith("[ConditionalCheckFailed, None, ConditionalCheckFailed]")


@pytest.mark.parametrize("action", [
    lambda t, k: put(t, k, ConditionExpression="attribute_not_exists(pk)"),
    lambda t, k: delete(t, k, ConditionExpression="attribute_not_exists(pk)"),
    lambda t, k: update(t, k, ConditionExpression="attribute_not_exists(pk)"),
    lambda t, k: check(t, k, "attribute_not_exists(pk)")])
def test_each_kind_has_conditions(ddb, table, action):
    a = new()
    ddb.put_item(TableName=table, Item=a)
    assert cancelled(ddb, action(table, a))[0] == [FAILED]


@pytest.mark.parametrize("action", [
    lambda t, k, **m: put(t, k, ConditionExpression="attribute_not_exists(pk)", **m),
    lambda t, k, **m: delete(t, k, ConditionExpression="attribute_not_exists(pk)", **m),
    lambda t, k, **m: update(t, k, ConditionExpression="attribute_not_exists(pk)", **m),
    lambda t, k, **m: check(t, k, "attribute_not_exists(pk)", **m)])
def test_a_failed_condition_returns_the_item_on_demand(ddb, table, action):
    item = {**new(), "x": n(1)}
    ddb.put_item(TableName=table, Item=item)
    reasons, _ = cancelled(ddb, action(table, {"pk": item["pk"]}, ReturnValuesOnConditionCheckFailure="ALL_OLD"))
    assert reasons == [{**FAILED, "Item": item}]


@pytest.mark.parametrize("wish", ["ALL_OLD", "NONE"])
def test_without_an_item_there_is_none_to_return(ddb, table, wish):
    assert cancelled(ddb, check(table, new(), ReturnValuesOnConditionCheckFailure=wish))[0] == [FAILED]


def test_the_message_has_a_capital_letter(endpoint, table):
    status, _, data = endpoint.raw("TransactWriteItems", {"TransactItems": [check(table, new())]})
    answer = json.loads(data)
    assert status == 400
    assert answer["__type"] == "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"
    assert answer["Message"].startswith("Transaction cancelled, ") and answer["CancellationReasons"] == [FAILED]


def test_conditions_are_about_the_items_before_the_transaction(ddb, table):
    a, b = new(), new()
    reasons, _ = cancelled(ddb, put(table, a), check(table, b, "attribute_exists(pk)"))
    assert reasons == [NONE, FAILED]


# the shape of the request


def test_an_empty_list_is_refused(ddb):
    with refused("ValidationException", "at 'transactItems' failed to satisfy constraint: Member must have length greater "
                 "than or equal to 1"):
        write(ddb)


def test_more_than_a_hundred_actions_are_refused(ddb, table):
    with refused("ValidationException", "at 'transactItems' failed to satisfy constraint: Member must have length less than "
                 "or equal to 100"):
        write(ddb, *[put(table, new()) for _ in range(101)])


def test_no_list_is_refused(endpoint):
    kind, message = endpoint.raw_error("TransactWriteItems", {})
    assert kind.endswith("#ValidationException")
    assert "Value null at 'transactItems' failed to satisfy constraint: Member must not be null" in message


def test_two_kinds_in_one_member_are_refused(ddb, table):
    with refused("ValidationException", "TransactItems can only contain one of Check, Put, Update or Delete"):
        write(ddb, {**put(table, new()), **delete(table, new())})


def test_no_kind_in_a_member_is_refused(ddb, table):
    with refused("ValidationException"):
        write(ddb, put(table, new()), {})


@pytest.mark.parametrize("action, path", [
    ({"Put": {"Item": new()}}, "put.tableName"), ({"Put": {"TableName": "abc"}}, "put.item"),
    ({"Delete": {"TableName": "abc"}}, "delete.key"), ({"Delete": {"Key": new()}}, "delete.tableName"),
    ({"Update": {"TableName": "abc", "Key": new()}}, "update.updateExpression"),
    ({"Update": {"TableName": "abc", "UpdateExpression": "SET a = b"}}, "update.key"),
    ({"ConditionCheck": {"TableName": "abc", "Key": new()}}, "conditionCheck.conditionExpression"),
    ({"ConditionCheck": {"TableName": "abc", "ConditionExpression": "a = b"}}, "conditionCheck.key"),
])
def test_required_members(ddb, action, path):
    with refused("ValidationException", f"Value null at 'transactItems.1.member.{path}' failed to satisfy constraint: Member "
                 "must not be null"):
        write(ddb, action)


@pytest.mark.parametrize("kind, more", [("Put", {"Item": new()}), ("Delete", {"Key": new()})])
def test_an_unknown_wish_for_failed_conditions_is_refused(ddb, table, kind, more):
    with refused("ValidationException", f"Value 'SOME' at 'transactItems.1.member.{kind.lower()}."
                 "returnValuesOnConditionCheckFailure' failed to satisfy constraint: Member must satisfy enum value set: ["):
        write(ddb, {kind: {"TableName": table, **more, "ReturnValuesOnConditionCheckFailure": "SOME"}})


@pytest.mark.parametrize("member", ["ReturnConsumedCapacity", "ReturnItemCollectionMetrics"])
def test_other_enumerations(ddb, table, member):
    with refused("ValidationException", "Value 'SOME' at '", "Member must satisfy enum value set: ["):
        write(ddb, put(table, new()), **{member: "SOME"})


def test_names_of_tables_are_checked_before_they_are_looked_up(ddb):
    with refused("ValidationException", "'transactItems.1.member.put.tableName' failed to satisfy constraint: Member must "
                 "satisfy regular expression pattern: [a-zA-Z0-9_.-]+"):
        write(ddb, put("no such table!", new()))


def test_model_constraints_are_collected(ddb):
    with refused("ValidationException", "3 validation errors detected: "):
        write(ddb, {"Put": {}}, ReturnConsumedCapacity="SOME")


# sizes


def test_more_than_four_megabytes_of_request_are_refused(ddb, table):
    with refused("ValidationException"):
        write(ddb, *[put(table, {**new(), "v": s("x" * 400_000)}) for _ in range(11)])


def test_large_stored_items_can_be_deleted_in_a_small_request(ddb, table):
    keys = [new() for _ in range(14)]
    for key in keys:
        ddb.put_item(TableName=table, Item={**key, "v": s("x" * 390_000)})
    write(ddb, *[delete(table, key) for key in keys])
    assert all(read(ddb, table, key) is None for key in keys)


def test_nearly_four_megabytes_are_allowed(ddb, table):
    write(ddb, *[put(table, {**new(), "v": s("x" * 400_000)}) for _ in range(10)])
