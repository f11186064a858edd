"""KeyConditions of Query."""

import pytest

from .conftest import index, refused
from .values import B, N, S, when

INVALID = "ValidationException"
PREFIX = "One or more parameter values were invalid: "
PK = {"S": "partition"}


SORTS = {
    "S": [S(text) for text in ("a", "ab", "abc", "b", "c", "\u00e9")],
    "N": [N(number) for number in (-20, -1, 0, "0.5", 2, 10)],
    "B": [B(content) for content in (b"\x01", b"\x01\x02", b"\x7f", b"\x80", b"\xff", b"\xff\x01")],
}


@pytest.fixture(scope="module")
def partitions(ddb, make_table):
    """By type of the sort key: a table with one known partition and one that must never be seen."""
    names = {}
    for type, values in SORTS.items():
        names[type] = make_table(range="sk", types={"sk": type})
        for value in values:
            ddb.put_item(TableName=names[type], Item={"pk": PK, "sk": value, "a": S("x")})
            ddb.put_item(TableName=names[type], Item={"pk": S("another"), "sk": value})
    return names


@pytest.fixture
def ask(ddb, partitions):
    def ask(type="S", **more):
        return ddb.query(TableName=partitions[type], **more)
    return ask


def found(answer):
    return [item["sk"] for item in answer["Items"]]


@pytest.mark.parametrize("type", sorted(SORTS))
def test_a_partition(ask, type):
    answer = ask(type, KeyConditions={"pk": when("EQ", PK)})
    assert found(answer) == SORTS[type]
    assert answer["Count"] == answer["ScannedCount"] == 6


@pytest.mark.parametrize("type, condition, positions", [
    ("S", when("EQ", S("ab")), [1]), ("S", when("EQ", S("zz")), []), ("S", when("LT", S("abc")), [0, 1]),
    ("S", when("LE", S("abc")), [0, 1, 2]), ("S", when("GT", S("abc")), [3, 4, 5]),
    ("S", when("GE", S("abc")), [2, 3, 4, 5]), ("S", when("BETWEEN", S("ab"), S("b")), [1, 2, 3]),
    ("S", when("BETWEEN", S("b"), S("b")), [3]), ("S", when("BEGINS_WITH", S("ab")), [1, 2]),
    ("S", when("BEGINS_WITH", S("\u00e9")), [5]), ("S", when("BEGINS_WITH", S("q")), []),
    ("N", when("EQ", N("2.00")), [4]), ("N", when("LT", N(0)), [0, 1]), ("N", when("LE", N(0)), [0, 1, 2]),
    ("N", when("GT", N("0.4")), [3, 4, 5]), ("N", when("GE", N(2)), [4, 5]),
    ("N", when("BETWEEN", N(-1), N(1)), [1, 2, 3]),
    ("B", when("EQ", B(b"\x80")), [3]), ("B", when("LT", B(b"\x80")), [0, 1, 2]), ("B", when("LE", B(b"\x80")), [0, 1, 2, 3]),
    ("B", when("GT", B(b"\x7f")), [3, 4, 5]), ("B", when("GE", B(b"\xff")), [4, 5]),
    ("B", when("BETWEEN", B(b"\x01\x02"), B(b"\x80")), [1, 2, 3]), ("B", when("BEGINS_WITH", B(b"\xff")), [4, 5]),
])
def test_a_condition_on_the_sort_key(ask, type, condition, positions):
    answer = ask(type, KeyConditions={"pk": when("EQ", PK), "sk": condition})
    assert found(answer) == [SORTS[type][each] for each in positions]


def test_backwards(ask):
    answer = ask(KeyConditions={"pk": when("EQ", PK), "sk": when("LT", S("b"))}, ScanIndexForward=False)
    assert found(answer) == [S("abc"), S("ab"), S("a")]


def test_pages(ask):
    conditions = {"pk": when("EQ", PK), "sk": when("GE", S("ab"))}
    first = ask(KeyConditions=conditions, Limit=2)
    assert found(first) == [S("ab"), S("abc")]
    assert first["LastEvaluatedKey"] == {"pk": PK, "sk": S("abc")}
    second = ask(KeyConditions=conditions, ExclusiveStartKey=first["LastEvaluatedKey"])
    assert found(second) == [S("b"), S("c"), S("\u00e9")]


def test_counting(ask):
    answer = ask(KeyConditions={"pk": when("EQ", PK)}, Select="COUNT")
    assert answer["Count"] == 6 and "Items" not in answer


def test_a_table_without_sort_key(ddb, table, key):
    ddb.put_item(TableName=table, Item={**key, "a": S("x")})
    answer = ddb.query(TableName=table, KeyConditions={"pk": when("EQ", key["pk"])}, ConsistentRead=True)
    assert answer["Items"] == [{**key, "a": S("x")}]


def test_a_filter_expression_goes_with_key_conditions(ask):
    answer = ask(KeyConditions={"pk": when("EQ", PK)}, FilterExpression="a = :a",
                 ExpressionAttributeValues={":a": S("y")})
    assert (answer["Count"], answer["ScannedCount"]) == (0, 6)


def test_a_projection_expression_goes_with_key_conditions(ask):
    answer = ask(KeyConditions={"pk": when("EQ", PK), "sk": when("EQ", S("a"))}, ProjectionExpression="a")
    assert answer["Items"] == [{"a": S("x")}]


def test_a_key_condition_expression_does_not_go_with_key_conditions(ask):
    with refused(INVALID, "Can not use both expression and non-expression parameters in the same request: "
                 "Non-expression parameters: {KeyConditions} Expression parameters: {KeyConditionExpression}"):
        ask(KeyConditions={"pk": when("EQ", PK)}, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": PK})


def test_clashing_parameters_are_all_named(ask):
    with refused(INVALID, "Non-expression parameters: {AttributesToGet, QueryFilter, ConditionalOperator, KeyConditions} "
                 "Expression parameters: {ProjectionExpression, FilterExpression, KeyConditionExpression}"):
        ask(KeyConditions={"pk": when("EQ", PK)}, QueryFilter={"a": when("NULL")}, ConditionalOperator="AND",
            AttributesToGet=["a"], KeyConditionExpression="pk = :p", FilterExpression="a = :p",
            ProjectionExpression="a", ExpressionAttributeValues={":p": PK})


def test_key_conditions_are_not_named_when_only_a_filter_clashes(ask):
    with refused(INVALID, "Non-expression parameters: {QueryFilter} Expression parameters: {ProjectionExpression}"):
        ask(KeyConditions={"pk": when("EQ", PK)}, QueryFilter={"a": when("NULL")}, ProjectionExpression="a")


def test_one_of_the_two_is_required(ask):
    with refused(INVALID, "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."):
        ask()


def test_no_condition_at_all_is_refused(ask):
    with refused(INVALID, "Conditions can be of length 1 or 2 only"):
        ask(KeyConditions={})


def test_three_conditions_are_refused(ask):
    with refused(INVALID, "Conditions can be of length 1 or 2 only"):
        ask(KeyConditions={"pk": when("EQ", PK), "sk": when("EQ", S("a")), "a": when("EQ", S("x"))})


@pytest.mark.parametrize("operator", ["LT", "LE", "GT", "GE", "BEGINS_WITH"])
def test_the_partition_key_takes_only_equality(ask, operator):
    with refused(INVALID, "Query key condition not supported"):
        ask(KeyConditions={"pk": when(operator, PK)})


def test_the_partition_key_takes_no_range(ask):
    with refused(INVALID, "Query key condition not supported"):
        ask(KeyConditions={"pk": when("BETWEEN", PK, PK)})


UNORDERED = [when("NE", S("a")), when("IN", S("a")), when("CONTAINS", S("a")), when("NOT_CONTAINS", S("a")),
             when("NULL"), when("NOT_NULL")]


@pytest.mark.parametrize("condition", UNORDERED, ids=lambda each: each["ComparisonOperator"])
@pytest.mark.parametrize("attribute", ["pk", "sk"])
def test_an_operator_without_order_is_refused(ask, attribute, condition):
    with refused(INVALID, "Attempted conditional constraint is not an indexable operation"):
        ask(KeyConditions={"pk": when("EQ", PK), attribute: condition})


def test_the_partition_key_is_required(ask):
    with refused(INVALID, "Query condition missed key schema element: pk"):
        ask(KeyConditions={"sk": when("EQ", S("a"))})


def test_a_condition_on_another_attribute_is_refused(ask):
    with refused(INVALID, "Query condition missed key schema element: sk"):
        ask(KeyConditions={"pk": when("EQ", PK), "a": when("EQ", S("x"))})


def test_a_table_without_sort_key_takes_one_condition(ddb, table):
    with refused(INVALID, "Query key condition not supported"):
        ddb.query(TableName=table, KeyConditions={"pk": when("EQ", PK), "a": when("EQ", S("x"))})


@pytest.mark.parametrize("conditions", [
    {"pk": when("EQ", N(1))}, {"pk": when("EQ", PK), "sk": when("EQ", N(1))},
    {"pk": when("EQ", PK), "sk": when("BETWEEN", N(1), N(2))}, {"pk": when("EQ", PK), "sk": when("BEGINS_WITH", B(b"a"))}])
def test_a_value_of_another_type_is_refused(ask, conditions):
    with refused(INVALID, PREFIX + "Condition parameter type does not match schema type"):
        ask(KeyConditions=conditions)


@pytest.mark.parametrize("operator, values", [
    ("EQ", []), ("EQ", [S("a"), S("b")]), ("GT", []), ("BEGINS_WITH", [S("a"), S("b")]), ("BETWEEN", [S("a")]),
    ("BETWEEN", [S("a"), S("b"), S("c")]), ("IN", []), ("NULL", [S("a")])])
def test_a_wrong_number_of_values_is_refused(ask, operator, values):
    with refused(INVALID, PREFIX + f"Invalid number of argument(s) for the {operator} ComparisonOperator"):
        ask(KeyConditions={"pk": when("EQ", PK), "sk": when(operator, *values)})


def test_a_number_has_no_beginning(ask):
    with refused(INVALID, PREFIX + "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type"):
        ask("N", KeyConditions={"pk": when("EQ", PK), "sk": when("BEGINS_WITH", N(1))})


def test_values_of_two_types_are_refused(ask):
    with refused(INVALID, PREFIX + "AttributeValues inside AttributeValueList must be of same type"):
        ask(KeyConditions={"pk": when("EQ", PK), "sk": when("BETWEEN", S("a"), N(1))})


def test_a_lower_bound_above_the_upper_is_refused(ask):
    with refused(INVALID, "The BETWEEN condition was provided a range where the lower bound is greater than the upper"):
        ask(KeyConditions={"pk": when("EQ", PK), "sk": when("BETWEEN", S("b"), S("a"))})


@pytest.mark.parametrize("operator", ["eq", "DOG", ""])
def test_an_unknown_operator_is_refused(ask, operator):
    with refused(INVALID, "Member must satisfy enum value set"):
        ask(KeyConditions={"pk": when(operator, PK)})


def test_an_operator_is_required(ask):
    with refused(INVALID, "Member must not be null"):
        ask(KeyConditions={"pk": {"AttributeValueList": [PK]}})


def test_a_wrong_value_is_refused(ask):
    with refused(INVALID, "The parameter cannot be converted to a numeric value: x"):
        ask("N", KeyConditions={"pk": when("EQ", PK), "sk": when("EQ", N("x"))})


def test_an_empty_key_is_refused(ask):
    with refused(INVALID, "The AttributeValue for a key attribute cannot contain an empty string value. Key: pk"):
        ask(KeyConditions={"pk": when("EQ", S(""))})


def test_a_start_key_of_another_partition_is_refused(ask):
    with refused(INVALID, "The provided starting key is outside query boundaries based on provided conditions"):
        ask(KeyConditions={"pk": when("EQ", PK)}, ExclusiveStartKey={"pk": S("another"), "sk": S("a")})


def test_a_start_key_outside_the_condition_is_refused(ask):
    with refused(INVALID, "The provided starting key does not match the range key predicate"):
        ask(KeyConditions={"pk": when("EQ", PK), "sk": when("GT", S("b"))}, ExclusiveStartKey={"pk": PK, "sk": S("a")})


def test_conditions_are_checked_before_the_table_is_looked_up(ddb):
    with refused(INVALID, "Conditions can be of length 1 or 2 only"):
        ddb.query(TableName="no-such-table-anywhere", KeyConditions={})


@pytest.fixture(scope="module")
def indexed(ddb, make_table):
    name = make_table(
        range="sk", types={"size": "N"}, GlobalSecondaryIndexes=[index("by-color", "color", "size")],
        LocalSecondaryIndexes=[index("by-size", "pk", "size")])
    for number in range(4):
        ddb.put_item(TableName=name, Item={
            "pk": PK, "sk": S(f"{number}"), "color": S("red" if number % 2 else "blue"), "size": N(10 - number)})
    return name


def test_a_local_index(ddb, indexed):
    answer = ddb.query(TableName=indexed, IndexName="by-size", ConsistentRead=True, KeyConditions={
        "pk": when("EQ", PK), "size": when("LE", N(8))})
    assert [item["size"] for item in answer["Items"]] == [N(7), N(8)]


def test_keys_of_an_index_are_required(ddb, indexed):
    with refused(INVALID, "Query condition missed key schema element: color"):
        ddb.query(TableName=indexed, IndexName="by-color", KeyConditions={"pk": when("EQ", PK)})


def test_the_sort_key_of_the_table_is_none_of_an_index(ddb, indexed):
    with refused(INVALID, "Query condition missed key schema element: size"):
        ddb.query(TableName=indexed, IndexName="by-size", KeyConditions={
            "pk": when("EQ", PK), "sk": when("EQ", S("1"))})


@pytest.mark.parametrize("conditions", [
    [], "a", {"pk": []}, {"pk": "x"}, {"pk": {"ComparisonOperator": 1}},
    {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": "x"}},
    {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": ["x"]}}], ids=str)
def test_wrong_json_types_are_refused(endpoint, table, conditions):
    code, _ = endpoint.raw_error("Query", {"TableName": table, "KeyConditions": conditions})
    assert code.endswith("#SerializationException")
