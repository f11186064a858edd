import pytest

from .conftest import refused
from .test_transact_write_items import (  # noqa: F401
    NONE, cancelled, check, delete, indexed, missing, n, new, put, read, s, update, write)


def reason(message):
    return {"Code": "ValidationError", "Message": message}


MISMATCH = "The provided key element does not match the schema"


@pytest.mark.parametrize("action, text", [
    (lambda t: delete(t, {"pk": n(1)}), MISMATCH), (lambda t: update(t, {"pk": n(1)}), MISMATCH),
    (lambda t: check(t, {"pk": n(1)}), MISMATCH), (lambda t: delete(t, {"pk": {"L": []}}), MISMATCH),
    (lambda t: delete(t, {"pk": {"M": {}}}), MISMATCH), (lambda t: delete(t, {"other": s("x")}), MISMATCH),
    (lambda t: delete(t, {"pk": s("x"), "more": s("x")}), MISMATCH), (lambda t: check(t, {}), MISMATCH),
    (lambda t: put(t, {"pk": n(1)}), "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N"),
    (lambda t: put(t, {"v": n(1)}), "One or more parameter values were invalid: Missing the key pk in the item"),
    (lambda t: put(t, {"pk": s("x"), "a": s("x")}), "One or more parameter values were invalid: Type mismatch for Index "
     "Key a Expected: N Actual: S IndexName: by-a"),
    (lambda t: update(t, new(), "SET x = y"), "The provided expression refers to an attribute that does not exist in the item"),
    (lambda t: update(t, new(), "SET x = y + :v"), "The provided expression refers to an attribute that does not exist in "
     "the item"),
    (lambda t: update(t, new(), "SET x.y = :v"), "The document path provided in the update expression is invalid for update"),
    (lambda t: update(t, new(), "SET a = :v", {":v": s("x")}), "The update expression attempted to update the secondary "
     "index key to unsupported type"),
    (lambda t: update(t, new(), "SET v = :v", {":v": s("x" * 409_600)}), "Item size to update has exceeded the maximum "
     "allowed size"),
    (lambda t: update(t, new(), "SET pk = :v", {":v": s("x")}), "One or more parameter values were invalid: Cannot update "
     "attribute pk. This attribute is part of the key"),
])
def test_what_is_found_at_the_item_cancels(ddb, indexed, action, text):
    first = new()
    reasons, message = cancelled(ddb, put(indexed, first), action(indexed))
    assert reasons == [NONE, reason(text)]
    assert message.endswith("[None, ValidationError]")
    assert read(ddb, indexed, first) is None


def test_an_operand_of_a_wrong_type_cancels(ddb, table):
    item = {**new(), "v": s("x")}
    ddb.put_item(TableName=table, Item=item)
    reasons, _ = cancelled(ddb, update(table, {"pk": item["pk"]}, "SET v = v + :one", {":one": n(1)}))
    assert reasons == [reason("An operand in the update expression has an incorrect data type")]


def test_of_several_validation_errors_the_first_is_reported(ddb, table):
    reasons, _ = cancelled(ddb, put(table, new()), delete(table, {"pk": n(1)}), delete(table, {"pk": n(2)}))
    assert reasons == [NONE, reason(MISMATCH), NONE]


@pytest.mark.parametrize("action", [
    lambda t: put(t, {"pk": s("")}), lambda t: update(t, {"pk": s("")}), lambda t: delete(t, {"pk": s("")}),
    lambda t: check(t, {"pk": s("")})])
def test_an_empty_key_refuses_the_request(ddb, table, action):
    with refused("ValidationException", "One or more parameter values are not valid. The AttributeValue for a key "
                 "attribute cannot contain an empty string value. Key: pk"):
        write(ddb, action(table))


@pytest.mark.parametrize("action, text", [
    (lambda t: put(t, {"pk": s("x"), "v": s("x" * 409_600)}), "Item size has exceeded the maximum allowed size"),
    (lambda t: put(t, {"pk": s("x"), "v": {}}), "Supplied AttributeValue is empty, must contain exactly one of the "
     "supported datatypes"),
    (lambda t: put(t, {"pk": s("x"), "v": {"N": "x"}}), "The parameter cannot be converted to a numeric value: x"),
    (lambda t: update(t, new(), "SET"), "Invalid UpdateExpression: Syntax error"),
    (lambda t: update(t, new(), ""), "Invalid UpdateExpression: The expression can not be empty;"),
    (lambda t: update(t, new(), "SET v = :none"), "Invalid UpdateExpression: An expression attribute value used in "
     "expression is not defined; attribute value: :none"),
    (lambda t: update(t, new(), "SET v = :v", {":v": n(1), ":w": n(1)}), "Value provided in ExpressionAttributeValues unused "
     "in expressions: keys: {:w}"),
    (lambda t: update(t, new(), "SET #v = :v"), "Invalid UpdateExpression: An expression attribute name used in the document "
     "path is not defined; attribute name: #v"),
    (lambda t: check(t, new(), "pk ="), "Invalid ConditionExpression: Syntax error"),
    (lambda t: check(t, new(), ""), "Invalid ConditionExpression: The expression can not be empty;"),
    (lambda t: put(t, new(), ConditionExpression="magic(pk)"), "Invalid ConditionExpression: Invalid function name; function: magic"),
    (lambda t: put(t, new(), ExpressionAttributeNames={"#a": "b"}), "ExpressionAttributeNames can only be specified when "
     "using expressions"),
    (lambda t: delete(t, new(), ConditionExpression="attribute_exists(pk)", ExpressionAttributeNames={"#a": "b"}),
     "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}"),
])
def test_what_is_found_in_the_request_refuses_it(ddb, table, action, text):
    first = new()
    with refused("ValidationException", text):
        write(ddb, put(table, first), action(table))
    assert read(ddb, table, first) is None


@pytest.mark.parametrize("second", [
    lambda t, k: put(t, k), lambda t, k: update(t, k), lambda t, k: delete(t, k), lambda t, k: check(t, k)])
def test_two_actions_on_one_item_are_refused(ddb, table, second):
    a = new()
    with refused("ValidationException", "Transaction request cannot include multiple operations on one item"):
        write(ddb, put(table, a), second(table, a))


def test_the_same_key_in_two_tables_is_two_items(ddb, table, indexed):
    a = new()
    write(ddb, put(table, a), put(indexed, a))
    assert read(ddb, table, a) and read(ddb, indexed, a)


@pytest.mark.parametrize("first, second", [("1", "1.0"), ("10", "1e1")])
def test_one_number_in_two_spellings_is_one_item(ddb, make_table, first, second):
    name = make_table(types={"pk": "N"})
    with refused("ValidationException", "Transaction request cannot include multiple operations on one item"):
        write(ddb, put(name, {"pk": {"N": first}}), put(name, {"pk": {"N": second}}))


def test_an_unknown_table_fails_the_whole_request(ddb, table):
    a = new()
    with refused("ResourceNotFoundException", "Requested resource not found"):
        write(ddb, put(table, a), put(missing(), a))
    assert read(ddb, table, a) is None


def test_an_unknown_table_wins_over_failed_conditions(ddb, table):
    with refused("ResourceNotFoundException"):
        write(ddb, check(table, new()), put(missing(), new()))
