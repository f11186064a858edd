"""Expected and ConditionalOperator of PutItem, UpdateItem and DeleteItem."""

import pytest

from .conftest import refused
from .values import N, S, when

FAILED = "ConditionalCheckFailedException"
INVALID = "ValidationException"

STORED = {
    "s": {"S": "hello"}, "n": {"N": "5"}, "b": {"B": b"hello"}, "null": {"NULL": True}, "bool": {"BOOL": True},
    "l": {"L": [{"S": "x"}, {"N": "1"}]}, "m": {"M": {"k": {"S": "v"}}},
    "ss": {"SS": ["x", "y"]}, "ns": {"NS": ["1", "2"]}, "bs": {"BS": [b"x", b"y"]},
    "a.b": {"S": "dotted"}, "empty": {"S": ""},
}


@pytest.fixture(scope="module")
def stored(ddb, table):
    key = {"pk": {"S": "stored"}}
    ddb.put_item(TableName=table, Item={**key, **STORED})
    return key


MET = [
    ("s", when("EQ", S("hello"))), ("n", when("EQ", N("5.0"))), ("b", when("EQ", {"B": b"hello"})),
    ("l", when("EQ", STORED["l"])), ("m", when("EQ", STORED["m"])), ("bool", when("EQ", {"BOOL": True})),
    ("null", when("EQ", {"NULL": True})), ("ss", when("EQ", {"SS": ["y", "x"]})),
    ("ns", when("EQ", {"NS": ["2", "1"]})), ("bs", when("EQ", {"BS": [b"y", b"x"]})),
    ("s", when("NE", S("bye"))), ("s", when("NE", N(1))), ("absent", when("NE", S("hello"))),
    ("l", when("NE", {"L": []})), ("ss", when("NE", {"SS": ["x"]})),
    ("n", when("LT", N(6))), ("n", when("LT", N("5.01"))), ("s", when("LT", S("hellp"))),
    ("b", when("LT", {"B": b"hellp"})), ("n", when("LE", N(5))), ("s", when("LE", S("hello"))),
    ("n", when("GT", N("-5"))), ("n", when("GT", N("4.9"))), ("s", when("GT", S("h"))), ("n", when("GE", N(5))),
    ("b", when("GE", {"B": b"hello"})),
    ("n", when("BETWEEN", N(5), N(5))), ("n", when("BETWEEN", N("-1"), N(10))),
    ("s", when("BETWEEN", S("a"), S("z"))), ("b", when("BETWEEN", {"B": b"a"}, {"B": b"z"})),
    ("n", when("IN", N(1), N("5.00"))), ("s", when("IN", S("hello"))), ("b", when("IN", {"B": b"a"}, {"B": b"hello"})),
    ("s", when("BEGINS_WITH", S("hel"))), ("s", when("BEGINS_WITH", S("hello"))),
    ("b", when("BEGINS_WITH", {"B": b"he"})),
    ("s", when("CONTAINS", S("ell"))), ("b", when("CONTAINS", {"B": b"ell"})), ("ss", when("CONTAINS", S("x"))),
    ("ns", when("CONTAINS", N("1.0"))), ("bs", when("CONTAINS", {"B": b"x"})), ("l", when("CONTAINS", S("x"))),
    ("l", when("CONTAINS", N(1))),
    ("s", when("NOT_CONTAINS", S("q"))), ("s", when("NOT_CONTAINS", N(1))), ("ss", when("NOT_CONTAINS", S("z"))),
    ("l", when("NOT_CONTAINS", S("1"))), ("b", when("NOT_CONTAINS", {"B": b"q"})),
    ("absent", {"ComparisonOperator": "NULL"}), ("absent", when("NULL")),
    ("s", {"ComparisonOperator": "NOT_NULL"}), ("null", when("NOT_NULL")), ("empty", when("NOT_NULL")),
    ("s", {"Value": S("hello")}), ("s", {"Value": S("hello"), "Exists": True}), ("absent", {"Exists": False}),
    ("s", {"Value": S("hello"), "ComparisonOperator": "EQ"}), ("n", {"Value": N(9), "ComparisonOperator": "LT"}),
    ("a.b", {"Value": S("dotted")}), ("pk", {"Value": S("stored")}),
]

NOT_MET = [
    ("s", when("EQ", S("Hello"))), ("s", when("EQ", N(5))), ("absent", when("EQ", S("hello"))),
    ("ss", when("EQ", {"SS": ["x"]})), ("l", when("EQ", {"L": [N(1), S("x")]})), ("n", when("EQ", S("5"))),
    ("s", when("NE", S("hello"))), ("ns", when("NE", {"NS": ["2.0", "1"]})),
    ("n", when("LT", N(5))), ("n", when("LE", N("4.99"))), ("n", when("GT", N(5))), ("n", when("GE", N(6))),
    ("n", when("LT", S("6"))), ("s", when("GT", N(1))), ("absent", when("LT", N(1))), ("ns", when("GE", N(0))),
    ("n", when("BETWEEN", N(6), N(7))), ("n", when("BETWEEN", S("0"), S("9"))), ("absent", when("BETWEEN", N(0), N(9))),
    ("n", when("IN", N(1), N(2))), ("absent", when("IN", N(1))), ("ns", when("IN", N(1), N(2))),
    ("s", when("BEGINS_WITH", S("ello"))), ("n", when("BEGINS_WITH", S("5"))), ("absent", when("BEGINS_WITH", S("h"))),
    ("ss", when("BEGINS_WITH", S("x"))),
    ("s", when("CONTAINS", S("q"))), ("ss", when("CONTAINS", N(1))), ("n", when("CONTAINS", N(5))),
    ("absent", when("CONTAINS", S("h"))), ("m", when("CONTAINS", S("k"))),
    ("s", when("NOT_CONTAINS", S("ell"))), ("ns", when("NOT_CONTAINS", N(2))), ("l", when("NOT_CONTAINS", N(1))),
    ("absent", when("NOT_CONTAINS", S("h"))),
    ("s", when("NULL")), ("null", when("NULL")), ("absent", when("NOT_NULL")),
    ("s", {"Value": S("bye")}), ("absent", {"Value": S("hello")}), ("s", {"Exists": False}),
    ("null", {"Exists": False}), ("s", {"Value": S("bye"), "Exists": True}), ("a", {"Value": S("dotted")}),
]


def names(cases):
    return [f"{name}-{condition.get('ComparisonOperator', 'plain')}-{number}"
            for number, (name, condition) in enumerate(cases)]


@pytest.mark.parametrize("name, condition", MET, ids=names(MET))
def test_a_condition_that_is_met(ddb, table, stored, name, condition):
    ddb.update_item(TableName=table, Key=stored, Expected={name: condition})


@pytest.mark.parametrize("name, condition", NOT_MET, ids=names(NOT_MET))
def test_a_condition_that_is_not_met(ddb, table, stored, name, condition):
    with refused(FAILED, "The conditional request failed"):
        ddb.update_item(TableName=table, Key=stored, Expected={name: condition})


PREFIX = "One or more parameter values were invalid: "
COUNT = PREFIX + "Invalid number of argument(s) for the {} ComparisonOperator"
TYPE = PREFIX + "ComparisonOperator {} is not valid for {} AttributeValue type"
ONE = ["EQ", "NE", "LT", "LE", "GT", "GE", "CONTAINS", "NOT_CONTAINS", "BEGINS_WITH"]


@pytest.mark.parametrize("operator, values", [
    *((operator, []) for operator in ONE), *((operator, [S("a"), S("b")]) for operator in ONE),
    ("NULL", [S("a")]), ("NOT_NULL", [S("a")]), ("IN", []), ("BETWEEN", []), ("BETWEEN", [S("a")]),
    ("BETWEEN", [S("a"), S("b"), S("c")])])
def test_a_wrong_number_of_values_is_refused(ddb, table, key, operator, values):
    with refused(INVALID, COUNT.format(operator)):
        ddb.put_item(TableName=table, Item=key, Expected={"a": when(operator, *values)})


WRONG_TYPES = [
    (operator, type, value)
    for operator in ("LT", "LE", "GT", "GE", "CONTAINS", "NOT_CONTAINS", "IN", "BEGINS_WITH")
    for type, value in (("SS", ["a"]), ("NS", ["1"]), ("BS", [b"a"]), ("L", []), ("M", {}), ("BOOL", True), ("NULL", True))
] + [("BEGINS_WITH", "N", "1")]


@pytest.mark.parametrize("operator, type, value", WRONG_TYPES)
def test_an_operator_refuses_types_it_cannot_compare(ddb, table, key, operator, type, value):
    with refused(INVALID, TYPE.format(operator, type)):
        ddb.put_item(TableName=table, Item=key, Expected={"a": when(operator, {type: value})})


def test_bounds_of_a_type_without_order_are_refused(ddb, table, key):
    with refused(INVALID, TYPE.format("BETWEEN", "NS")):
        ddb.put_item(TableName=table, Item=key, Expected={"a": when("BETWEEN", {"NS": ["1"]}, {"NS": ["2"]})})


@pytest.mark.parametrize("operator", ["IN", "BETWEEN"])
def test_values_of_two_types_are_refused(ddb, table, key, operator):
    with refused(INVALID, PREFIX + "AttributeValues inside AttributeValueList must be of same type"):
        ddb.put_item(TableName=table, Item=key, Expected={"a": when(operator, N(1), S("a"))})


@pytest.mark.parametrize("low, high", [(N(10), N(9)), (S("b"), S("a")), ({"B": b"\xff"}, {"B": b"\x01"})])
def test_a_lower_bound_above_the_upper_is_refused(ddb, table, key, low, high):
    with refused(INVALID, "The BETWEEN condition was provided a range where the lower bound is greater than the upper"):
        ddb.put_item(TableName=table, Item=key, Expected={"a": when("BETWEEN", low, high)})


@pytest.mark.parametrize("condition, text", [
    ({}, "Value must be provided when Exists is null for Attribute: a"),
    ({"Exists": True}, "Value must be provided when Exists is true for Attribute: a"),
    ({"Exists": False, "Value": S("x")}, "Value cannot be used when Exists is false for Attribute: a"),
    ({"AttributeValueList": [S("x")]}, "AttributeValueList can only be used with a ComparisonOperator for Attribute: a"),
    ({"AttributeValueList": [S("x")], "Value": S("x")},
     "Value and AttributeValueList cannot be used together for Attribute: a"),
    ({"AttributeValueList": [S("x")], "Value": S("x"), "ComparisonOperator": "EQ"},
     "Value and AttributeValueList cannot be used together for Attribute: a"),
    ({"AttributeValueList": [S("x")], "Exists": True, "ComparisonOperator": "EQ"},
     "Exists and ComparisonOperator cannot be used together for Attribute: a"),
    ({"Exists": False, "ComparisonOperator": "NULL"},
     "Exists and ComparisonOperator cannot be used together for Attribute: a"),
    ({"ComparisonOperator": "GE"}, "Value or AttributeValueList must be used with ComparisonOperator: GE for Attribute: a"),
])
def test_members_that_do_not_go_together_are_refused(ddb, table, key, condition, text):
    with refused(INVALID, PREFIX + text):
        ddb.put_item(TableName=table, Item=key, Expected={"a": condition})


@pytest.mark.parametrize("value, text", [
    ({}, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
    ({"S": "a", "N": "1"}, "Supplied AttributeValue has more than one datatypes set"),
    ({"N": "one"}, "The parameter cannot be converted to a numeric value: one"),
    ({"SS": []}, "An string set  may not be empty"),
])
def test_a_wrong_value_is_refused(ddb, table, key, value, text):
    with refused(INVALID, text):
        ddb.put_item(TableName=table, Item=key, Expected={"a": {"Value": value}})


@pytest.mark.parametrize("condition", [{"Exists": False}, when("NULL")], ids=str)
def test_an_empty_name_is_refused(ddb, table, key, condition):
    with refused(INVALID):
        ddb.put_item(TableName=table, Item=key, Expected={"": condition})


def test_a_wrong_value_in_a_list_is_refused(ddb, table, key):
    with refused(INVALID, "The parameter cannot be converted to a numeric value: one"):
        ddb.put_item(TableName=table, Item=key, Expected={"a": when("EQ", {"N": "one"})})


@pytest.mark.parametrize("operator", ["eq", "DOG", "="])
def test_an_unknown_operator_is_refused(ddb, table, key, operator):
    with refused(INVALID, operator, "Member must satisfy enum value set"):
        ddb.put_item(TableName=table, Item=key, Expected={"a": when(operator, S("x"))})


@pytest.mark.parametrize("operator", ["and", "XOR"])
def test_an_unknown_conditional_operator_is_refused(ddb, table, key, operator):
    with refused(INVALID, operator, "Member must satisfy enum value set"):
        ddb.put_item(TableName=table, Item=key, Expected={"a": when("NULL"), "b": when("NULL")},
                     ConditionalOperator=operator)


def put(ddb, **more):
    key = more.pop("Key")
    ddb.put_item(Item={**key, **STORED}, **more)


WRITES = {"put": put, "update": lambda ddb, **more: ddb.update_item(**more),
          "delete": lambda ddb, **more: ddb.delete_item(**more)}


@pytest.fixture(params=sorted(WRITES))
def write(request, ddb, table):
    return lambda **more: WRITES[request.param](ddb, TableName=table, **more)


@pytest.mark.parametrize("expected", [None, {}])
def test_a_conditional_operator_without_conditions_is_refused(write, key, expected):
    more = {} if expected is None else {"Expected": expected}
    with refused(INVALID, "ConditionalOperator cannot be used without Filter or Expected"):
        write(Key=key, ConditionalOperator="AND", **more)


def test_a_conditional_operator_with_one_condition_is_refused(write, key):
    with refused(INVALID, "ConditionalOperator can only be used when Filter or Expected has two or more elements"):
        write(Key=key, ConditionalOperator="OR", Expected={"a": when("NULL")})


def test_an_empty_expectation_is_none(write, key):
    write(Key=key, Expected={})


def test_every_write_obeys(ddb, table, write, key):
    ddb.put_item(TableName=table, Item={**key, **STORED})
    with refused(FAILED):
        write(Key=key, Expected={"s": {"Value": S("bye")}})
    assert "Item" in ddb.get_item(TableName=table, Key=key)
    write(Key=key, Expected={"s": {"Value": S("hello")}})


def test_an_absent_item_has_no_attributes(write, key):
    with refused(FAILED):
        write(Key=key, Expected={"pk": when("NOT_NULL")})
    write(Key=key, Expected={"pk": {"Exists": False}})


@pytest.mark.parametrize("operator, first, second, met", [
    (None, "hello", "5", True), (None, "hello", "6", False), (None, "bye", "6", False),
    ("AND", "hello", "5", True), ("AND", "bye", "5", False), ("AND", "hello", "6", False),
    ("OR", "hello", "6", True), ("OR", "bye", "5", True), ("OR", "bye", "6", False)])
def test_conditions_are_joined(ddb, table, stored, operator, first, second, met):
    request = {"TableName": table, "Key": stored, "Expected": {"s": {"Value": S(first)}, "n": when("EQ", N(second))}}
    if operator:
        request["ConditionalOperator"] = operator
    if met:
        ddb.update_item(**request)
        return
    with refused(FAILED):
        ddb.update_item(**request)


def test_a_failed_condition_shows_the_item_when_asked(ddb, table, stored):
    with refused(FAILED) as refusal:
        ddb.update_item(TableName=table, Key=stored, Expected={"s": {"Exists": False}},
                        ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert refusal.response["Item"]["s"] == S("hello")


def test_a_failed_put_changes_nothing(ddb, table, key):
    ddb.put_item(TableName=table, Item={**key, "a": N(1)})
    with refused(FAILED):
        ddb.put_item(TableName=table, Item={**key, "a": N(3)}, Expected={"a": {"Value": N(2)}})
    assert ddb.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]["a"] == N(1)


def test_a_condition_sees_the_item_before_the_write(ddb, table, key):
    ddb.update_item(TableName=table, Key=key, AttributeUpdates={"a": {"Value": N(1)}}, Expected={"a": {"Exists": False}})
    ddb.update_item(TableName=table, Key=key, AttributeUpdates={"a": {"Value": N(2)}}, Expected={"a": {"Value": N(1)}})
    assert ddb.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]["a"] == N(2)


MIXED = "Can not use both expression and non-expression parameters in the same request: "


@pytest.mark.parametrize("legacy, listed", [
    ({"Expected": {"a": when("NULL")}}, "Expected"), ({"Expected": {}}, "Expected"),
    ({"ConditionalOperator": "AND"}, "ConditionalOperator"),
    ({"Expected": {"a": when("NULL")}, "ConditionalOperator": "AND"}, "Expected, ConditionalOperator")])
def test_a_condition_expression_does_not_go_with_legacy_parameters(write, key, legacy, listed):
    with refused(INVALID, MIXED + f"Non-expression parameters: {{{listed}}} "
                 "Expression parameters: {ConditionExpression}"):
        write(Key=key, ConditionExpression="attribute_exists(pk)", **legacy)


def test_an_update_names_every_parameter_that_clashes(ddb, table, key):
    with refused(INVALID, MIXED + "Non-expression parameters: {AttributeUpdates, Expected, ConditionalOperator} "
                 "Expression parameters: {UpdateExpression, ConditionExpression}"):
        ddb.update_item(
            TableName=table, Key=key, AttributeUpdates={"a": {"Value": S("x")}}, Expected={"a": when("NULL")},
            ConditionalOperator="AND", UpdateExpression="SET a = :v", ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeValues={":v": S("x")})


def test_names_need_an_expression(write, key):
    with refused(INVALID, "ExpressionAttributeNames can only be specified when using expressions"):
        write(Key=key, Expected={"a": when("NULL")}, ExpressionAttributeNames={"#a": "a"})


def test_values_need_an_expression(write, key):
    with refused(INVALID, "ExpressionAttributeValues can only be specified when using expressions"):
        write(Key=key, Expected={"a": when("NULL")}, ExpressionAttributeValues={":a": S("a")})


def test_conditions_are_checked_before_the_table_is_looked_up(ddb, key):
    with refused(INVALID, "Value must be provided when Exists is null"):
        ddb.put_item(TableName="no-such-table-anywhere", Item=key, Expected={"a": {}})


@pytest.mark.parametrize("body", [
    {"Expected": []}, {"Expected": "a"}, {"Expected": {"a": "x"}}, {"Expected": {"a": {"Exists": "maybe"}}},
    {"Expected": {"a": {"ComparisonOperator": 1}}}, {"Expected": {"a": {"AttributeValueList": {"S": "a"}}}},
    {"Expected": {"a": {"Value": "x"}}}, {"ConditionalOperator": 1}])
def test_wrong_json_types_are_refused(endpoint, table, body):
    code, _ = endpoint.raw_error("PutItem", {"TableName": table, "Item": {"pk": {"S": "a"}}, **body})
    assert code.endswith("#SerializationException")


def test_transactions_know_no_legacy_conditions(ddb, endpoint, table, key):
    status, _, data = endpoint.raw("TransactWriteItems", {"TransactItems": [
        {"Put": {"TableName": table, "Item": key, "Expected": {"pk": {"Exists": True}}}}]})
    assert status == 200, data
    assert "Item" in ddb.get_item(TableName=table, Key=key, ConsistentRead=True)
