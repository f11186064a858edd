import pytest

from .conftest import refused

MISMATCH = "One or more parameter values were invalid: Condition parameter type does not match schema type"


def s(value):
    return {"S": value}


def n(value):
    return {"N": str(value)}


@pytest.fixture(scope="module")
def words(ddb, make_table):
    name = make_table(range="sk")
    for word in ["a", "ab", "abc", "b", "ba", "c"]:
        ddb.put_item(TableName=name, Item={"pk": s("p"), "sk": s(word), "x": s("y")})
    return name


@pytest.fixture(scope="module")
def hash_only(ddb, make_table):
    name = make_table()
    ddb.put_item(TableName=name, Item={"pk": s("p")})
    return name


def found(ddb, table, condition, values=None, names=None):
    more = {"ExpressionAttributeNames": names} if names else {}
    answer = ddb.query(
        TableName=table, KeyConditionExpression=condition,
        ExpressionAttributeValues={":p": s("p"), **(values or {})}, **more)
    return [item["sk"]["S"] for item in answer["Items"]]


@pytest.mark.parametrize("condition, values, expected", [
    ("sk = :a", {":a": s("ab")}, ["ab"]), ("sk = :a", {":a": s("zz")}, []),
    ("sk < :a", {":a": s("b")}, ["a", "ab", "abc"]), ("sk <= :a", {":a": s("b")}, ["a", "ab", "abc", "b"]),
    ("sk > :a", {":a": s("b")}, ["ba", "c"]), ("sk >= :a", {":a": s("b")}, ["b", "ba", "c"]),
    ("sk BETWEEN :a AND :b", {":a": s("ab"), ":b": s("b")}, ["ab", "abc", "b"]),
    ("sk BETWEEN :a AND :b", {":a": s("b"), ":b": s("b")}, ["b"]),
    ("begins_with(sk, :a)", {":a": s("a")}, ["a", "ab", "abc"]), ("begins_with(sk, :a)", {":a": s("abc")}, ["abc"]),
    ("begins_with(sk, :a)", {":a": s("abcd")}, []),
])
def test_each_condition_on_the_sort_key(ddb, words, condition, values, expected):
    assert found(ddb, words, "pk = :p AND " + condition, values) == expected


@pytest.mark.parametrize("condition, values, expected", [
    (":p = pk", {}, 6), ("sk = :a AND pk = :p", {":a": s("a")}, 1), (":p = pk AND :a < sk", {":a": s("b")}, 2),
    (":a >= sk AND pk = :p", {":a": s("a")}, 1), ("(pk = :p)", {}, 6), ("(pk = :p) AND (sk = :a)", {":a": s("a")}, 1),
    ("(pk = :p AND sk = :a)", {":a": s("a")}, 1), ("pk = :p and sk between :a and :a", {":a": s("a")}, 1),
    ("pk=:p AND sk=:a", {":a": s("a")}, 1), ("begins_with(sk, :a) AND pk = :p", {":a": s("b")}, 2),
])
def test_order_sides_and_parentheses_are_free(ddb, words, condition, values, expected):
    assert len(found(ddb, words, condition, values)) == expected


def test_names_may_be_used(ddb, words):
    assert found(ddb, words, "#k = :p AND #s = :a", {":a": s("a")}, {"#k": "pk", "#s": "sk"}) == ["a"]


def test_one_name_may_be_used_in_two_ways(ddb, words):
    with refused("ValidationException", "KeyConditionExpressions must only contain one condition per key"):
        found(ddb, words, "pk = :p AND #k = :p", names={"#k": "pk"})


@pytest.mark.parametrize("condition, values, operator", [
    ("pk = :p OR sk = :a", {":a": s("a")}, "OR"), ("NOT pk = :p", {}, "NOT"), ("pk = :p AND NOT sk = :a", {":a": s("a")}, "NOT"),
    ("pk <> :p", {}, "<>"), ("pk = :p AND sk <> :a", {":a": s("a")}, "<>"), ("pk IN (:p)", {}, "IN"),
    ("pk = :p AND sk IN (:a)", {":a": s("a")}, "IN"), ("pk = :p AND contains(sk, :a)", {":a": s("a")}, "contains"),
    ("pk = :p AND attribute_exists(sk)", {}, "attribute_exists"),
    ("pk = :p AND attribute_not_exists(sk)", {}, "attribute_not_exists"),
    ("pk = :p AND attribute_type(sk, :a)", {":a": s("S")}, "attribute_type"),
])
def test_other_operators_are_refused(ddb, words, condition, values, operator):
    with refused("ValidationException", f"Invalid operator used in KeyConditionExpression: {operator}"):
        found(ddb, words, condition, values)


@pytest.mark.parametrize("condition, values", [
    ("pk = :p AND pk = :p", {}), ("pk = :p AND sk > :a AND sk < :b", {":a": s("a"), ":b": s("c")}),
    ("pk = :p AND sk = :a AND sk = :a", {":a": s("a")}), ("pk = :p AND begins_with(sk, :a) AND sk > :a", {":a": s("a")}),
])
def test_two_conditions_on_one_key_are_refused(ddb, words, condition, values):
    with refused("ValidationException", "KeyConditionExpressions must only contain one condition per key"):
        found(ddb, words, condition, values)


@pytest.mark.parametrize("condition, key", [
    ("sk = :p", "pk"), ("x = :p", "pk"), ("sk = :p AND x = :p", "pk"), ("pk = :p AND x = :p", "sk")])
def test_a_missing_key_is_named(ddb, words, condition, key):
    with refused("ValidationException", f"Query condition missed key schema element: {key}"):
        found(ddb, words, condition)


def test_conditions_on_three_attributes_are_too_many(ddb, words):
    with refused("ValidationException", "Conditions can be of length 1 or 2 only"):
        found(ddb, words, "pk = :p AND sk = :p AND x = :p")


def test_a_table_without_sort_key_takes_one_condition(ddb, hash_only):
    with refused("ValidationException", "Query key condition not supported"):
        found(ddb, hash_only, "pk = :p AND x = :p")


@pytest.mark.parametrize("condition, values", [
    ("pk < :p", {}), ("pk <= :p", {}), ("pk > :p", {}), ("pk >= :p", {}), ("begins_with(pk, :p)", {}),
    ("pk BETWEEN :p AND :p", {}), ("pk > :p AND sk = :a", {":a": s("a")}),
])
def test_the_partition_key_is_only_compared_for_equality(ddb, words, condition, values):
    with refused("ValidationException", "Query key condition not supported"):
        found(ddb, words, condition, values)


@pytest.mark.parametrize("condition, values", [
    ("pk = :a", {":a": n(1)}), ("pk = :p AND sk = :a", {":a": n(1)}), ("pk = :p AND sk > :a", {":a": {"B": b"x"}}),
    ("pk = :a AND sk = :a", {":a": {"BOOL": True}}), ("pk = :p AND sk = :a", {":a": {"NULL": True}}),
    ("pk = :p AND sk = :a", {":a": {"SS": ["a"]}}), ("pk = :p AND sk BETWEEN :a AND :a", {":a": n(1)}),
])
def test_a_value_of_another_type_is_refused(ddb, words, condition, values):
    with refused("ValidationException", MISMATCH):
        ddb.query(
            TableName=words, KeyConditionExpression=condition,
            ExpressionAttributeValues={**({":p": s("p")} if ":p" in condition else {}), **values})


@pytest.mark.parametrize("condition", ["pk.a = :p", "pk[0] = :p", "pk = :p AND sk.a = :p", "begins_with(sk[1], :p) AND pk = :p"])
def test_nested_paths_are_refused(ddb, words, condition):
    with refused("ValidationException", "KeyConditionExpressions cannot have conditions on nested attributes"):
        found(ddb, words, condition)


def test_size_is_refused(ddb, words):
    with refused("ValidationException", "KeyConditionExpressions cannot contain nested operations"):
        found(ddb, words, "pk = :p AND size(sk) = :a", {":a": n(1)})


@pytest.mark.parametrize("condition, values, text", [
    ("", {}, "The expression can not be empty;"), ("pk", {}, 'Syntax error; token: "<EOF>"'),
    ("pk = :p AND", {}, 'Syntax error; token: "<EOF>"'), ("pk = :p sk = :p", {}, 'Syntax error; token: "sk"'),
    ("pk = :none", {}, "An expression attribute value used in expression is not defined; attribute value: :none"),
    ("#none = :p", {}, "An expression attribute name used in the document path is not defined; attribute name: #none"),
    ("data = :p", {}, "Attribute name is a reserved keyword; reserved keyword: data"),
    ("Status = :p", {}, "Attribute name is a reserved keyword; reserved keyword: Status"),
    ("magic(pk) AND sk = :p", {}, "Invalid function name; function: magic"),
    ("((pk = :p))", {}, "The expression has redundant parentheses;"),
    ("pk = :p AND BEGINS_WITH(sk, :p)", {}, "Invalid function name; function: BEGINS_WITH"),
    ("pk = :p AND begins_with(sk)", {}, "Incorrect number of operands for operator or function; operator or function: "
     "begins_with, number of operands: 1"),
    ("pk = :p AND begins_with(sk, :a)", {":a": n(1)}, "Incorrect operand type for operator or function; operator or "
     "function: begins_with, operand type: N"),
    ("pk = :p AND sk BETWEEN :a AND :b", {":a": s("b"), ":b": s("a")}, "The BETWEEN operator requires upper bound to be "
     "greater than or equal to lower bound; lower bound operand: AttributeValue: {S:b}, upper bound operand: "
     "AttributeValue: {S:a}"),
    ("pk = :p AND sk BETWEEN :a AND :b", {":a": s("b"), ":b": n(9)}, "The BETWEEN operator requires same data type for "
     "lower and upper bounds"),
])
def test_a_broken_expression_is_refused(ddb, words, condition, values, text):
    with refused("ValidationException", "Invalid KeyConditionExpression: " + text):
        found(ddb, words, condition, values)


def test_an_expression_of_more_than_4096_bytes_is_refused(ddb, words):
    with refused("ValidationException", "Invalid KeyConditionExpression: Expression size has exceeded the maximum "
                 "allowed size; expression size: 4097"):
        found(ddb, words, "pk = :p".ljust(4097))


@pytest.mark.parametrize("condition, values, key", [
    ("pk = :a", {":a": s("")}, "pk"), ("pk = :p AND sk = :a", {":a": s("")}, "sk")])
def test_an_empty_key_value_is_refused(ddb, words, condition, values, key):
    with refused("ValidationException", "One or more parameter values are not valid. The AttributeValue for a key "
                 f"attribute cannot contain an empty string value. Key: {key}"):
        ddb.query(
            TableName=words, KeyConditionExpression=condition,
            ExpressionAttributeValues={**({":p": s("p")} if ":p" in condition else {}), **values})


def test_a_partition_key_over_2048_bytes_is_refused(ddb, words):
    with refused("ValidationException", "One or more parameter values were invalid: Size of hashkey has exceeded the "
                 "maximum size limit of2048 bytes"):
        found(ddb, words, "pk = :p", {":p": s("x" * 2049)})


def test_a_sort_key_over_1024_bytes_is_refused(ddb, words):
    with refused("ValidationException", "One or more parameter values were invalid: Aggregated size of all range keys "
                 "has exceeded the size limit of 1024 bytes"):
        found(ddb, words, "pk = :p AND sk = :a", {":a": s("x" * 1025)})


def test_keys_of_just_the_limits_are_allowed(ddb, words):
    assert found(ddb, words, "pk = :p AND sk = :a", {":p": s("x" * 2048), ":a": s("x" * 1024)}) == []


def test_numbers_are_compared_by_value(ddb, make_table):
    name = make_table(range="sk", types={"pk": "N", "sk": "N"})
    ddb.put_item(TableName=name, Item={"pk": n("1.0"), "sk": n("2.50")})
    answer = ddb.query(
        TableName=name, KeyConditionExpression="pk = :a AND sk = :b",
        ExpressionAttributeValues={":a": n("1e0"), ":b": n("0.25E1")})
    assert answer["Items"] == [{"pk": n(1), "sk": n("2.5")}]


@pytest.mark.parametrize("prefix, expected", [(b"\x01", 2), (b"\x01\xff", 1), (b"\xff", 1), (b"\x02", 0)])
def test_begins_with_takes_binary(ddb, make_table, prefix, expected):
    name = make_table(range="sk", types={"sk": "B"})
    for value in [b"\x01", b"\x01\xff\xff", b"\xff"]:
        ddb.put_item(TableName=name, Item={"pk": s("p"), "sk": {"B": value}})
    answer = ddb.query(
        TableName=name, KeyConditionExpression="pk = :p AND begins_with(sk, :b)",
        ExpressionAttributeValues={":p": s("p"), ":b": {"B": prefix}})
    assert answer["Count"] == expected
