"""QueryFilter, ScanFilter and their ConditionalOperator."""

import random

import pytest

from .conftest import index, refused
from .values import N, S, when

INVALID = "ValidationException"
PREFIX = "One or more parameter values were invalid: "
PK = {"S": "p"}


ITEMS = {
    "0": {"s": S("apple"), "n": N(1), "b": {"B": b"ab"}, "l": {"L": [N(1), S("x")]}, "bool": {"BOOL": True}},
    "1": {"s": S("banana"), "n": N(2), "ss": {"SS": ["x", "y"]}, "ns": {"NS": ["1", "2"]}, "m": {"M": {"k": N(1)}}},
    "2": {"s": S("cherry"), "n": N(10), "ss": {"SS": ["y", "z"]}, "null": {"NULL": True}, "bool": {"BOOL": False}},
    "3": {"n": S("10"), "x.y": S("dotted"), "b": {"B": b"b"}},
}


@pytest.fixture(scope="module")
def filled(ddb, make_table):
    name = make_table(range="sk", types={"group": "S"}, LocalSecondaryIndexes=[index("by-s", "pk", "s")])
    for sort, attributes in ITEMS.items():
        ddb.put_item(TableName=name, Item={"pk": PK, "sk": S(sort), **attributes})
    return name


def query(ddb, table, conditions, **more):
    return ddb.query(TableName=table, KeyConditions={"pk": when("EQ", PK)}, QueryFilter=conditions,
                     ConsistentRead=True, **more)


def scan(ddb, table, conditions, **more):
    return ddb.scan(TableName=table, ScanFilter=conditions, ConsistentRead=True, **more)


READS = {"query": query, "scan": scan}
both = pytest.mark.parametrize("read", sorted(READS))


def found(answer):
    assert answer["ScannedCount"] == 4
    assert answer["Count"] == len(answer["Items"])
    return "".join(item["sk"]["S"] for item in answer["Items"])


@both
@pytest.mark.parametrize("name, condition, sorts", [
    ("s", when("EQ", S("apple")), "0"), ("n", when("EQ", N("2.0")), "1"), ("b", when("EQ", {"B": b"b"}), "3"),
    ("ss", when("EQ", {"SS": ["y", "x"]}), "1"), ("l", when("EQ", {"L": [N(1), S("x")]}), "0"),
    ("m", when("EQ", {"M": {"k": N("1.0")}}), "1"), ("bool", when("EQ", {"BOOL": False}), "2"),
    ("null", when("EQ", {"NULL": True}), "2"),
    ("s", when("NE", S("apple")), "123"), ("n", when("NE", N(10)), "013"), ("gone", when("NE", S("x")), "0123"),
    ("n", when("LT", N(2)), "0"), ("n", when("LE", N(2)), "01"), ("n", when("GT", N(1)), "12"),
    ("n", when("GE", N(2)), "12"), ("s", when("GT", S("apple")), "12"), ("n", when("GE", S("1")), "3"),
    ("n", when("BETWEEN", N(2), N(10)), "12"), ("s", when("BETWEEN", S("b"), S("c")), "1"),
    ("n", when("IN", N(1), N(10), N(11)), "02"), ("s", when("IN", S("cherry")), "2"),
    ("s", when("BEGINS_WITH", S("b")), "1"), ("b", when("BEGINS_WITH", {"B": b"a"}), "0"),
    ("s", when("CONTAINS", S("an")), "1"), ("ss", when("CONTAINS", S("y")), "12"), ("ns", when("CONTAINS", N(2)), "1"),
    ("l", when("CONTAINS", S("x")), "0"), ("b", when("CONTAINS", {"B": b"b"}), "03"),
    ("s", when("NOT_CONTAINS", S("an")), "02"), ("ss", when("NOT_CONTAINS", S("x")), "2"),
    ("n", when("NOT_CONTAINS", S("0")), "012"),
    ("s", when("NULL"), "3"), ("s", when("NOT_NULL"), "012"), ("null", when("NOT_NULL"), "2"),
    ("null", {"ComparisonOperator": "NULL"}, "013"),
    ("x.y", when("EQ", S("dotted")), "3"), ("m.k", when("NOT_NULL"), ""), ("gone", when("EQ", S("x")), ""),
])
def test_a_filter(ddb, filled, read, name, condition, sorts):
    assert found(READS[read](ddb, filled, {name: condition})) == sorts


@both
@pytest.mark.parametrize("operator, sorts", [(None, "2"), ("AND", "2"), ("OR", "012")])
def test_filters_are_joined(ddb, filled, read, operator, sorts):
    more = {"ConditionalOperator": operator} if operator else {}
    conditions = {"n": when("GE", N(2)), "bool": when("NOT_NULL")}
    assert found(READS[read](ddb, filled, conditions, **more)) == sorts


@both
def test_an_empty_filter_is_none(ddb, filled, read):
    assert found(READS[read](ddb, filled, {})) == "0123"


@both
def test_a_limit_counts_before_the_filter(ddb, filled, read):
    answer = READS[read](ddb, filled, {"n": when("EQ", N(2))}, Limit=1)
    assert (answer["Count"], answer["ScannedCount"]) == (0, 1)
    assert answer["LastEvaluatedKey"] == {"pk": PK, "sk": S("0")}


@both
def test_counting(ddb, filled, read):
    answer = READS[read](ddb, filled, {"n": when("GE", N(2))}, Select="COUNT")
    assert (answer["Count"], answer["ScannedCount"]) == (2, 4) and "Items" not in answer


@both
def test_a_filter_sees_what_is_not_returned(ddb, filled, read):
    answer = READS[read](ddb, filled, {"n": when("EQ", N(2))}, AttributesToGet=["s"])
    assert answer["Items"] == [{"s": S("banana")}]


@pytest.mark.parametrize("name", ["pk", "sk"])
def test_a_query_filter_on_a_key_is_refused(ddb, filled, name):
    with refused(INVALID, f"QueryFilter can only contain non-primary key attributes: Primary key attribute: {name}"):
        query(ddb, filled, {name: when("EQ", S("0"))})


def test_a_query_filter_with_a_key_among_others_is_refused(ddb, filled):
    with refused(INVALID, "QueryFilter can only contain non-primary key attributes: Primary key attribute: sk"):
        query(ddb, filled, {"n": when("EQ", N(1)), "sk": when("EQ", S("0"))})


def test_a_query_filter_on_the_key_of_the_index_is_refused(ddb, filled):
    with refused(INVALID, "QueryFilter can only contain non-primary key attributes: Primary key attribute: s"):
        query(ddb, filled, {"s": when("EQ", S("x"))}, IndexName="by-s")


def test_a_query_of_an_index_filters_by_the_sort_key_of_the_table(ddb, filled):
    answer = query(ddb, filled, {"sk": when("GE", S("1"))}, IndexName="by-s")
    assert [item["sk"]["S"] for item in answer["Items"]] == ["1", "2"]


@pytest.mark.parametrize("name, condition, sorts", [
    ("pk", when("EQ", PK), "0123"), ("pk", when("NE", PK), ""), ("sk", when("GE", S("2")), "23")])
def test_a_scan_filters_by_keys(ddb, filled, name, condition, sorts):
    assert found(scan(ddb, filled, {name: condition})) == sorts


def test_a_scan_of_an_index_is_filtered(ddb, filled):
    answer = scan(ddb, filled, {"n": when("LT", N(5))}, IndexName="by-s")
    assert (sorted(item["sk"]["S"] for item in answer["Items"]), answer["ScannedCount"]) == (["0", "1"], 3)


@both
@pytest.mark.parametrize("operator, values", [
    ("EQ", []), ("NE", [S("a"), S("b")]), ("LT", []), ("IN", []), ("BETWEEN", [N(1)]), ("NULL", [S("a")]),
    ("NOT_NULL", [S("a")]), ("CONTAINS", []), ("BEGINS_WITH", [])])
def test_a_wrong_number_of_values_is_refused(ddb, filled, read, operator, values):
    with refused(INVALID, PREFIX + f"Invalid number of argument(s) for the {operator} ComparisonOperator"):
        READS[read](ddb, filled, {"n": when(operator, *values)})


@both
@pytest.mark.parametrize("operator, value", [
    ("LT", {"SS": ["a"]}), ("GE", {"L": []}), ("GT", {"M": {}}), ("LE", {"BOOL": True}), ("IN", {"NS": ["1"]}),
    ("CONTAINS", {"SS": ["a"]}), ("NOT_CONTAINS", {"L": []}), ("BEGINS_WITH", N(1)), ("BEGINS_WITH", {"SS": ["a"]})])
def test_an_operator_refuses_types_it_cannot_compare(ddb, filled, read, operator, value):
    type = next(iter(value))
    with refused(INVALID, PREFIX + f"ComparisonOperator {operator} is not valid for {type} AttributeValue type"):
        READS[read](ddb, filled, {"n": when(operator, value)})


@both
@pytest.mark.parametrize("operator", ["IN", "BETWEEN"])
def test_values_of_two_types_are_refused(ddb, filled, read, operator):
    with refused(INVALID, PREFIX + "AttributeValues inside AttributeValueList must be of same type"):
        READS[read](ddb, filled, {"n": when(operator, S("a"), N(3))})


@both
def test_a_lower_bound_above_the_upper_is_refused(ddb, filled, read):
    with refused(INVALID, "The BETWEEN condition was provided a range where the lower bound is greater than the upper"):
        READS[read](ddb, filled, {"n": when("BETWEEN", N(10), N(9))})


@both
@pytest.mark.parametrize("operator", ["eq", "DOG", ""])
def test_an_unknown_operator_is_refused(ddb, filled, read, operator):
    with refused(INVALID, "Member must satisfy enum value set"):
        READS[read](ddb, filled, {"n": when(operator, N(1))})


@both
def test_an_operator_is_required(ddb, filled, read):
    with refused(INVALID, "Member must not be null"):
        READS[read](ddb, filled, {"n": {"AttributeValueList": [N(1)]}})


@both
@pytest.mark.parametrize("operator", ["and", "DOG"])
def test_an_unknown_conditional_operator_is_refused(ddb, filled, read, operator):
    with refused(INVALID, "Member must satisfy enum value set"):
        READS[read](ddb, filled, {"n": when("NULL"), "s": when("NULL")}, ConditionalOperator=operator)


@both
def test_a_conditional_operator_with_an_empty_filter_is_refused(ddb, filled, read):
    with refused(INVALID, "ConditionalOperator cannot be used without Filter or Expected"):
        READS[read](ddb, filled, {}, ConditionalOperator="OR")


@both
def test_a_conditional_operator_with_one_condition_is_refused(ddb, filled, read):
    with refused(INVALID, "ConditionalOperator can only be used when Filter or Expected has two or more elements"):
        READS[read](ddb, filled, {"n": when("NULL")}, ConditionalOperator="OR")


def test_a_conditional_operator_does_not_join_key_conditions(ddb, filled):
    with refused(INVALID, "ConditionalOperator cannot be used without Filter or Expected"):
        ddb.query(TableName=filled, ConditionalOperator="AND", KeyConditions={
            "pk": when("EQ", PK), "sk": when("EQ", S("0"))})


def test_a_conditional_operator_is_checked_before_key_conditions_are_missed(ddb, filled):
    with refused(INVALID, "ConditionalOperator cannot be used without Filter or Expected"):
        ddb.query(TableName=filled, ConditionalOperator="AND")


def test_a_scan_with_a_conditional_operator_alone_is_refused(ddb, filled):
    with refused(INVALID, "ConditionalOperator cannot be used without Filter or Expected"):
        ddb.scan(TableName=filled, ConditionalOperator="AND", AttributesToGet=["s", "n"])


MIXED = "Can not use both expression and non-expression parameters in the same request: "
BY_A = {"FilterExpression": "a = :v", "ExpressionAttributeValues": {":v": {"S": "x"}}}


@pytest.mark.parametrize("parameters, legacy, expressions", [
    ({"ScanFilter": {"a": when("NULL")}, "ProjectionExpression": "b"}, "ScanFilter", "ProjectionExpression"),
    ({"ScanFilter": {}, **BY_A}, "ScanFilter", "FilterExpression"),
    ({"AttributesToGet": ["a"], **BY_A}, "AttributesToGet", "FilterExpression"),
    ({"ConditionalOperator": "AND", **BY_A}, "ConditionalOperator", "FilterExpression"),
    ({"AttributesToGet": ["a"], "ScanFilter": {"a": when("NULL")}, "ConditionalOperator": "AND",
      "ProjectionExpression": "b", **BY_A},
     "AttributesToGet, ScanFilter, ConditionalOperator", "ProjectionExpression, FilterExpression"),
])
def test_a_scan_takes_expressions_or_legacy_parameters(ddb, filled, parameters, legacy, expressions):
    with refused(INVALID, MIXED + f"Non-expression parameters: {{{legacy}}} Expression parameters: {{{expressions}}}"):
        ddb.scan(TableName=filled, **parameters)


BY_P = {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": PK}}


@pytest.mark.parametrize("parameters, legacy", [
    ({"QueryFilter": {"a": when("NULL")}}, "QueryFilter"), ({"AttributesToGet": ["a"]}, "AttributesToGet"),
    ({"ConditionalOperator": "AND"}, "ConditionalOperator"),
    ({"AttributesToGet": ["a"], "QueryFilter": {}}, "AttributesToGet, QueryFilter")])
def test_a_query_takes_expressions_or_legacy_parameters(ddb, filled, parameters, legacy):
    with refused(INVALID, MIXED + f"Non-expression parameters: {{{legacy}}} "
                 "Expression parameters: {KeyConditionExpression}"):
        ddb.query(TableName=filled, **BY_P, **parameters)


def test_a_filter_is_checked_before_key_conditions_are_missed(ddb, filled):
    with refused(INVALID, "Invalid number of argument(s) for the EQ ComparisonOperator"):
        ddb.query(TableName=filled, QueryFilter={"a": when("EQ")})


def test_a_filter_alone_is_no_query(ddb, filled):
    with refused(INVALID, "Either the KeyConditions or KeyConditionExpression parameter must be specified"):
        ddb.query(TableName=filled, QueryFilter={"pk": when("EQ", PK)})


def test_a_scan_filter_is_checked_before_segments(ddb, filled):
    with refused(INVALID, "Invalid number of argument(s) for the EQ ComparisonOperator"):
        ddb.scan(TableName=filled, ScanFilter={"a": when("EQ")}, Segment=1)


def test_a_scan_filter_is_checked_before_the_table_is_looked_up(ddb):
    with refused(INVALID, "Invalid number of argument(s) for the EQ ComparisonOperator"):
        ddb.scan(TableName="no-such-table-anywhere", ScanFilter={"a": when("EQ")})


def test_segments_are_filtered_too(ddb, filled):
    found = []
    for segment in range(3):
        found += ddb.scan(TableName=filled, ScanFilter={"n": when("GE", N(2))}, Segment=segment,
                          TotalSegments=3)["Items"]
    assert sorted(item["sk"]["S"] for item in found) == ["1", "2"]


@pytest.mark.parametrize("conditions", [
    [], "a", {"a": []}, {"a": "x"}, {"a": {"ComparisonOperator": True}},
    {"a": {"ComparisonOperator": "EQ", "AttributeValueList": {"S": "x"}}}], ids=str)
def test_wrong_json_types_are_refused(endpoint, table, conditions):
    code, _ = endpoint.raw_error("Scan", {"TableName": table, "ScanFilter": conditions})
    assert code.endswith("#SerializationException")


EXPRESSIONS = {
    "EQ": "#a = :0", "NE": "#a <> :0", "LT": "#a < :0", "LE": "#a <= :0", "GT": "#a > :0", "GE": "#a >= :0",
    "BETWEEN": "#a BETWEEN :0 AND :1", "IN": "#a IN (:0, :1)", "BEGINS_WITH": "begins_with(#a, :0)",
    "CONTAINS": "contains(#a, :0)", "NOT_CONTAINS": "attribute_exists(#a) AND NOT contains(#a, :0)",
    "NULL": "attribute_not_exists(#a)", "NOT_NULL": "attribute_exists(#a)",
}


def scalar(choice, type=None):
    type = type or choice.choice("SNB")
    return {"S": S(choice.choice(["a", "ab", "b", "ba"])), "N": N(choice.choice(["-1", "0", "0.5", "1", "2"])),
            "B": {"B": choice.choice([b"a", b"ab", b"\xff"])}}[type]


def anything(choice):
    return choice.choice([
        scalar(choice), {"SS": choice.sample(["a", "ab", "b"], 2)}, {"NS": choice.sample(["0", "1", "2"], 2)},
        {"BS": choice.sample([b"a", b"ab", b"b"], 2)}, {"L": [scalar(choice), scalar(choice)]},
        {"M": {"k": scalar(choice)}}, {"BOOL": choice.random() < 0.5}, {"NULL": True}])


@pytest.fixture(scope="module")
def varied(ddb, make_table):
    """A table of items with all kinds of values; the seed is printed when a test fails."""
    name, seed = make_table(), random.randrange(1 << 32)
    choice = random.Random(seed)
    for number in range(40):
        attributes = {each: anything(choice) for each in "xyz" if choice.random() < 0.8}
        ddb.put_item(TableName=name, Item={"pk": S(str(number)), **attributes})
    return name, choice, seed


@pytest.mark.parametrize("operator", sorted(EXPRESSIONS))
def test_a_filter_finds_what_its_expression_finds(ddb, varied, operator):
    name, choice, seed = varied
    print("seed", seed)
    for _ in range(8):
        type = choice.choice("SB" if operator == "BEGINS_WITH" else "SNB")
        count = {"NULL": 0, "NOT_NULL": 0, "BETWEEN": 2, "IN": 2}.get(operator, 1)
        values = [scalar(choice, type) for _ in range(count)]
        if operator in ("EQ", "NE"):
            values = [anything(choice)]
        if operator == "BETWEEN":
            (kind, _), = values[0].items()
            values.sort(key=lambda value: float(value[kind]) if kind == "N" else value[kind])
        attribute = choice.choice("xyz")
        legacy = ddb.scan(TableName=name, ScanFilter={attribute: when(operator, *values)}, ConsistentRead=True)
        more = {"ExpressionAttributeValues": {f":{place}": value for place, value in enumerate(values)}} if values else {}
        modern = ddb.scan(TableName=name, FilterExpression=EXPRESSIONS[operator], ConsistentRead=True,
                          ExpressionAttributeNames={"#a": attribute}, **more)
        print(attribute, operator, values)
        assert sorted(item["pk"]["S"] for item in legacy["Items"]) == sorted(item["pk"]["S"] for item in modern["Items"])
