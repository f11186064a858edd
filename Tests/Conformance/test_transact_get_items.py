import uuid

import pytest

from .conftest import refused


def s(value):
    return {"S": value}


def n(value):
    return {"N": str(value)}


def get(table, key, **more):
    return {"Get": {"TableName": table, "Key": key, **more}}


def read(ddb, *gets, **more):
    return ddb.transact_get_items(TransactItems=list(gets), **more)


def missing():
    return "no-such-table-" + uuid.uuid4().hex


@pytest.fixture(scope="module")
def letters(ddb, make_table):
    name = make_table()
    for letter in "abc":
        ddb.put_item(TableName=name, Item={"pk": s(letter), "v": n(ord(letter)), "m": {"M": {"x": n(1), "y": n(2)}}})
    return name


def test_items_come_in_the_order_of_the_request(ddb, letters):
    answer = read(ddb, *[get(letters, {"pk": s(letter)}) for letter in "cab"])
    assert [each["Item"]["pk"]["S"] for each in answer["Responses"]] == ["c", "a", "b"]


def test_a_missing_item_is_an_empty_response(ddb, letters):
    answer = read(ddb, get(letters, {"pk": s("a")}), get(letters, {"pk": s("z")}), get(letters, {"pk": s("b")}))
    assert [each.get("Item", {}).get("pk") for each in answer["Responses"]] == [s("a"), None, s("b")]
    assert answer["Responses"][1] == {}


def test_several_tables_at_once(ddb, letters, sorted_table, key):
    item = {**key, "sk": s("x")}
    ddb.put_item(TableName=sorted_table, Item=item)
    answer = read(ddb, get(letters, {"pk": s("a")}), get(sorted_table, item))
    assert answer["Responses"][1] == {"Item": item}


def test_a_hundred_items(ddb, letters):
    answer = read(ddb, *[get(letters, {"pk": s(str(number))}) for number in range(100)])
    assert answer["Responses"] == [{}] * 100


def test_capacity_is_absent_unless_asked_for(ddb, letters):
    assert "ConsumedCapacity" not in read(ddb, get(letters, {"pk": s("a")}))


@pytest.mark.parametrize("expression, item", [
    ("v", {"v": n(97)}), ("m.x", {"m": {"M": {"x": n(1)}}}), ("pk, v", {"pk": s("a"), "v": n(97)}), ("nothing", {})])
def test_each_get_has_its_projection(ddb, letters, expression, item):
    answer = read(ddb, get(letters, {"pk": s("a")}, ProjectionExpression=expression), get(letters, {"pk": s("b")}))
    assert answer["Responses"][0] == {"Item": item} and answer["Responses"][1]["Item"]["v"] == n(98)


def test_names_belong_to_their_get(ddb, letters):
    answer = read(
        ddb, get(letters, {"pk": s("a")}, ProjectionExpression="#a", ExpressionAttributeNames={"#a": "v"}),
        get(letters, {"pk": s("b")}, ProjectionExpression="#a", ExpressionAttributeNames={"#a": "pk"}))
    assert answer["Responses"] == [{"Item": {"v": n(97)}}, {"Item": {"pk": s("b")}}]


def test_the_table_may_be_named_by_its_arn(ddb, letters):
    arn = ddb.describe_table(TableName=letters)["Table"]["TableArn"]
    assert read(ddb, get(arn, {"pk": s("a")}))["Responses"][0]["Item"]["v"] == n(97)


# errors


def test_one_item_twice_is_refused(ddb, letters):
    with refused("ValidationException", "Transaction request cannot include multiple operations on one item"):
        read(ddb, get(letters, {"pk": s("a")}), get(letters, {"pk": s("a")}))


@pytest.mark.parametrize("key", [
    {"pk": n(1)}, {"other": s("a")}, {"pk": s("a"), "more": s("a")}, {}, {"pk": {"L": []}}, {"pk": {"BOOL": True}}])
def test_a_key_that_does_not_fit_cancels(ddb, letters, key):
    with refused("TransactionCanceledException", "[None, ValidationError]") as refusal:
        read(ddb, get(letters, {"pk": s("a")}), get(letters, key))
    assert refusal.response["CancellationReasons"] == [
        {"Code": "None"},
        {"Code": "ValidationError", "Message": "The provided key element does not match the schema"}]


def test_an_empty_list_is_refused(ddb):
    with refused("ValidationException", "at 'transactItems' failed to satisfy constraint: Member must have length greater "
                 "than or equal to 1"):
        read(ddb)


def test_more_than_a_hundred_gets_are_refused(ddb, letters):
    with refused("ValidationException", "at 'transactItems' failed to satisfy constraint: Member must have length less than "
                 "or equal to 100"):
        read(ddb, *[get(letters, {"pk": s(str(number))}) for number in range(101)])


def test_no_list_is_refused(endpoint):
    kind, message = endpoint.raw_error("TransactGetItems", {})
    assert kind.endswith("#ValidationException")
    assert "Value null at 'transactItems' failed to satisfy constraint: Member must not be null" in message


@pytest.mark.parametrize("member, path", [
    ({}, "get"), ({"Get": {"TableName": "abc"}}, "get.key"), ({"Get": {"Key": {"pk": s("a")}}}, "get.tableName")])
def test_required_members(ddb, member, path):
    with refused("ValidationException", f"Value null at 'transactItems.1.member.{path}' failed to satisfy constraint: Member "
                 "must not be null"):
        read(ddb, member)


def test_an_unknown_table_is_not_found(ddb, letters):
    with refused("ResourceNotFoundException", "Requested resource not found"):
        read(ddb, get(letters, {"pk": s("a")}), get(missing(), {"pk": s("a")}))


def test_an_unknown_table_wins_over_a_bad_key(ddb, letters):
    with refused("ResourceNotFoundException"):
        read(ddb, get(letters, {"pk": n(1)}), get(missing(), {"pk": s("a")}))


@pytest.mark.parametrize("more, text", [
    ({"ProjectionExpression": ""}, "Invalid ProjectionExpression: The expression can not be empty;"),
    ({"ProjectionExpression": "a,"}, "Invalid ProjectionExpression: Syntax error"),
    ({"ProjectionExpression": "name"}, "reserved keyword: name"),
    ({"ProjectionExpression": "#a"}, "not defined; attribute name: #a"),
    ({"ExpressionAttributeNames": {"#a": "b"}}, "ExpressionAttributeNames can only be specified when using expressions"),
    ({"ProjectionExpression": "a", "ExpressionAttributeNames": {"#a": "b"}}, "unused in expressions: keys: {#a}"),
])
def test_expressions_are_checked_before_the_table(ddb, more, text):
    with refused("ValidationException", text):
        read(ddb, get(missing(), {"pk": s("a")}, **more))


@pytest.mark.parametrize("value, text", [
    ({}, "Supplied AttributeValue is empty"), ({"N": "x"}, "The parameter cannot be converted to a numeric value: x")])
def test_values_are_checked_before_the_table(ddb, value, text):
    with refused("ValidationException", text):
        read(ddb, get(missing(), {"pk": value}))


def test_an_unknown_capacity_level_is_refused(ddb, letters):
    with refused("ValidationException", "Value 'SOME' at 'returnConsumedCapacity' failed to satisfy constraint"):
        read(ddb, get(letters, {"pk": s("a")}), ReturnConsumedCapacity="SOME")
