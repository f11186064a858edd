import pytest

from .conftest import refused


def s(value):
    return {"S": value}


def n(value):
    return {"N": str(value)}


@pytest.fixture(scope="module")
def numbers(ddb, make_table):
    """A partition `p` with sort keys 1 to 10, an attribute `v` with their parity and one `text`."""
    name = make_table(range="sk", types={"sk": "N"})
    for number in range(1, 11):
        ddb.put_item(TableName=name, Item={
            "pk": s("p"), "sk": n(number), "v": n(number % 2), "text": s(f"t{number}"),
            "doc": {"M": {"deep": n(number), "other": s("x")}}})
    ddb.put_item(TableName=name, Item={"pk": s("other"), "sk": n(1)})
    return name


def query(ddb, table, condition="pk = :p", values=None, **more):
    return ddb.query(
        TableName=table, KeyConditionExpression=condition,
        ExpressionAttributeValues={":p": s("p"), **(values or {})}, **more)


def keys(answer):
    return [int(item["sk"]["N"]) for item in answer["Items"]]


# the answer


def test_it_returns_the_items_of_one_partition_in_order_of_the_sort_key(ddb, numbers):
    assert keys(query(ddb, numbers)) == list(range(1, 11))


def test_backwards_it_begins_with_the_last_one(ddb, numbers):
    assert keys(query(ddb, numbers, ScanIndexForward=False)) == list(range(10, 0, -1))


def test_forwards_is_the_default(ddb, numbers):
    assert keys(query(ddb, numbers, ScanIndexForward=True)) == list(range(1, 11))


def test_an_empty_partition_answers_an_empty_list(ddb, numbers):
    answer = query(ddb, numbers, values={":p": s("nobody")})
    assert answer["Items"] == [] and answer["Count"] == 0 and answer["ScannedCount"] == 0
    assert "LastEvaluatedKey" not in answer


def test_counts_are_those_of_the_page(ddb, numbers):
    answer = query(ddb, numbers, Limit=4)
    assert (answer["Count"], answer["ScannedCount"]) == (4, 4)


@pytest.mark.parametrize("absent", ["ConsumedCapacity", "LastEvaluatedKey"])
def test_members_that_were_not_asked_for_are_absent(ddb, numbers, absent):
    assert absent not in query(ddb, numbers)


def test_items_come_whole(ddb, numbers):
    item = query(ddb, numbers, "pk = :p AND sk = :s", {":s": n(3)})["Items"][0]
    assert item == {
        "pk": s("p"), "sk": n(3), "v": n(1), "text": s("t3"), "doc": {"M": {"deep": n(3), "other": s("x")}}}


def test_a_consistent_read_of_a_table_is_allowed(ddb, numbers):
    assert len(query(ddb, numbers, ConsistentRead=True)["Items"]) == 10


def test_the_table_may_be_named_by_its_arn(ddb, numbers):
    arn = ddb.describe_table(TableName=numbers)["Table"]["TableArn"]
    assert query(ddb, arn)["Count"] == 10


# order of keys


@pytest.mark.parametrize("kind, ordered", [
    ("N", ["-1E10", "-10", "-9", "-1.5", "-1", "-0.1", "0", "1E-100", "0.1", "1", "1.5", "2", "9", "10", "1E10"]),
    ("S", ["A", "B", "a", "aa", "ab", "b", "~", "é", "中", "😀"]),
    ("B", [b"\x00", b"\x00\x00", b"\x01", b"\x7f", b"\x80", b"\xff", b"\xff\x00"]),
])
def test_the_sort_key_orders_by_its_type(ddb, make_table, kind, ordered):
    name = make_table(range="sk", types={"sk": kind})
    for value in reversed(ordered):
        ddb.put_item(TableName=name, Item={"pk": s("p"), "sk": {kind: value}})
    found = [item["sk"][kind] for item in query(ddb, name)["Items"]]
    if kind == "N":
        assert [float(each) for each in found] == [float(each) for each in ordered]
    else:
        assert found == ordered


def test_numbers_of_38_digits_are_ordered_exactly(ddb, make_table):
    name = make_table(range="sk", types={"sk": "N"})
    ordered = [f"1234567890123456789012345678901234567{digit}" for digit in range(10)]
    for value in reversed(ordered):
        ddb.put_item(TableName=name, Item={"pk": s("p"), "sk": {"N": value}})
    assert [item["sk"]["N"] for item in query(ddb, name)["Items"]] == ordered


# Limit and pages


def test_a_limit_ends_the_page_with_the_last_key(ddb, numbers):
    answer = query(ddb, numbers, Limit=3)
    assert keys(answer) == [1, 2, 3]
    assert answer["LastEvaluatedKey"] == {"pk": s("p"), "sk": n(3)}


def test_the_next_page_begins_after_the_key(ddb, numbers):
    start = query(ddb, numbers, Limit=3)["LastEvaluatedKey"]
    assert keys(query(ddb, numbers, Limit=3, ExclusiveStartKey=start)) == [4, 5, 6]


def test_backwards_the_next_page_goes_on_backwards(ddb, numbers):
    start = query(ddb, numbers, Limit=3, ScanIndexForward=False)["LastEvaluatedKey"]
    assert start == {"pk": s("p"), "sk": n(8)}
    assert keys(query(ddb, numbers, ScanIndexForward=False, ExclusiveStartKey=start)) == list(range(7, 0, -1))


def test_a_limit_equal_to_the_number_of_items_still_gives_a_key(ddb, numbers):
    answer = query(ddb, numbers, Limit=10)
    assert answer["LastEvaluatedKey"] == {"pk": s("p"), "sk": n(10)}
    after = query(ddb, numbers, ExclusiveStartKey=answer["LastEvaluatedKey"])
    assert after["Items"] == [] and "LastEvaluatedKey" not in after


def test_a_limit_beyond_the_items_gives_no_key(ddb, numbers):
    assert "LastEvaluatedKey" not in query(ddb, numbers, Limit=11)


def test_a_limit_counts_items_before_the_filter(ddb, numbers):
    answer = query(ddb, numbers, values={":v": n(0)}, FilterExpression="v = :v", Limit=3)
    assert keys(answer) == [2] and answer["ScannedCount"] == 3
    assert answer["LastEvaluatedKey"]["sk"] == n(3)


def test_a_page_may_be_empty_and_not_the_last(ddb, numbers):
    answer = query(ddb, numbers, values={":v": n(99)}, FilterExpression="v = :v", Limit=5)
    assert answer["Items"] == [] and answer["Count"] == 0 and answer["ScannedCount"] == 5
    assert "LastEvaluatedKey" in answer


def test_a_page_ends_at_a_megabyte(ddb, make_table):
    name = make_table(range="sk", types={"sk": "N"})
    for number in range(5):
        ddb.put_item(TableName=name, Item={"pk": s("p"), "sk": n(number), "words": s("x" * 300_000)})
    first = query(ddb, name)
    assert first["Count"] in (3, 4) and "LastEvaluatedKey" in first
    second = query(ddb, name, ExclusiveStartKey=first["LastEvaluatedKey"])
    assert keys(first) + keys(second) == list(range(5))


def test_the_megabyte_is_of_data_before_the_filter(ddb, make_table):
    name = make_table(range="sk", types={"sk": "N"})
    for number in range(5):
        ddb.put_item(TableName=name, Item={"pk": s("p"), "sk": n(number), "words": s("x" * 300_000)})
    answer = query(ddb, name, values={":none": s("none")}, FilterExpression="words = :none")
    assert answer["Count"] == 0 and answer["ScannedCount"] in (3, 4) and "LastEvaluatedKey" in answer


def test_a_projection_does_not_make_the_page_longer(ddb, make_table):
    name = make_table(range="sk", types={"sk": "N"})
    for number in range(5):
        ddb.put_item(TableName=name, Item={"pk": s("p"), "sk": n(number), "words": s("x" * 300_000)})
    assert query(ddb, name, ProjectionExpression="sk")["Count"] in (3, 4)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(ddb, numbers, limit):
    with refused("ValidationException", "failed to satisfy constraint: Member must have value greater than or "
                 "equal to 1"):
        query(ddb, numbers, Limit=limit)


# ExclusiveStartKey


def test_the_start_key_need_not_exist(ddb, numbers):
    start = {"pk": s("p"), "sk": {"N": "4.5"}}
    assert keys(query(ddb, numbers, ExclusiveStartKey=start)) == [5, 6, 7, 8, 9, 10]


@pytest.mark.parametrize("start", [
    {"pk": s("p")}, {"pk": s("p"), "sk": n(1), "more": s("x")}, {"pk": s("p"), "wrong": n(1)}, {}])
def test_a_start_key_of_another_shape_is_refused(ddb, numbers, start):
    with refused("ValidationException", "The provided starting key is invalid"):
        query(ddb, numbers, ExclusiveStartKey=start)


def test_a_start_key_of_another_type_is_refused(ddb, numbers):
    with refused("ValidationException", "The provided key element does not match the schema"):
        query(ddb, numbers, ExclusiveStartKey={"pk": s("p"), "sk": s("1")})


@pytest.mark.parametrize("value, text", [
    ({}, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
    ({"N": "x"}, "The parameter cannot be converted to a numeric value: x"),
    ({"NULL": False}, "Null attribute value types must have the value of true"),
])
def test_a_start_key_with_a_bad_value_is_refused(ddb, numbers, value, text):
    with refused("ValidationException", "The provided starting key is invalid: ", text):
        query(ddb, numbers, ExclusiveStartKey={"pk": s("p"), "sk": value})


def test_a_start_key_of_another_partition_is_refused(ddb, numbers):
    with refused("ValidationException",
                 "The provided starting key is outside query boundaries based on provided conditions"):
        query(ddb, numbers, ExclusiveStartKey={"pk": s("other"), "sk": n(1)})


@pytest.mark.parametrize("condition, values, start", [
    ("sk > :a", {":a": n(5)}, 5), ("sk > :a", {":a": n(5)}, 4), ("sk >= :a", {":a": n(5)}, 4),
    ("sk < :a", {":a": n(5)}, 5), ("sk <= :a", {":a": n(5)}, 6), ("sk = :a", {":a": n(5)}, 6),
    ("sk BETWEEN :a AND :b", {":a": n(3), ":b": n(5)}, 2), ("sk BETWEEN :a AND :b", {":a": n(3), ":b": n(5)}, 6),
])
def test_a_start_key_outside_the_range_condition_is_refused(ddb, numbers, condition, values, start):
    with refused("ValidationException", "The provided starting key does not match the range key predicate"):
        query(ddb, numbers, "pk = :p AND " + condition, values, ExclusiveStartKey={"pk": s("p"), "sk": n(start)})


@pytest.mark.parametrize("condition, values, start, rest", [
    ("sk > :a", {":a": n(5)}, 6, [7, 8, 9, 10]), ("sk < :a", {":a": n(5)}, 2, [3, 4]),
    ("sk BETWEEN :a AND :b", {":a": n(3), ":b": n(5)}, 3, [4, 5]), ("sk = :a", {":a": n(5)}, 5, []),
])
def test_a_start_key_inside_the_range_condition_is_gone_on_from(ddb, numbers, condition, values, start, rest):
    answer = query(
        ddb, numbers, "pk = :p AND " + condition, values, ExclusiveStartKey={"pk": s("p"), "sk": n(start)})
    assert keys(answer) == rest


# FilterExpression


@pytest.mark.parametrize("expression, values, found", [
    ("v = :v", {":v": n(1)}, [1, 3, 5, 7, 9]), ("NOT v = :v", {":v": n(1)}, [2, 4, 6, 8, 10]),
    ("#t IN (:a, :b)", {":a": s("t3"), ":b": s("t4")}, [3, 4]),
    ("begins_with(#t, :a)", {":a": s("t1")}, [1, 10]), ("contains(#t, :a)", {":a": s("0")}, [10]),
    ("doc.deep BETWEEN :a AND :b", {":a": n(2), ":b": n(3)}, [2, 3]),
    ("attribute_exists(nothing)", {}, []), ("size(#t) > :v", {":v": n(2)}, [10]),
])
def test_a_filter_drops_items(ddb, numbers, expression, values, found):
    more = {"ExpressionAttributeNames": {"#t": "text"}} if "#t" in expression else {}
    answer = query(ddb, numbers, values=values, FilterExpression=expression, **more)
    assert keys(answer) == found
    assert answer["ScannedCount"] == 10


@pytest.mark.parametrize("expression, key", [
    ("pk = :p", "pk"), ("sk = :f", "sk"), ("v = :f AND sk > :f", "sk"), ("attribute_exists(pk)", "pk")])
def test_a_filter_on_a_key_attribute_is_refused(ddb, numbers, expression, key):
    values = {":f": n(1)} if ":f" in expression else {}
    with refused("ValidationException", "Filter Expression can only contain non-primary key attributes: "
                 f"Primary key attribute: {key}"):
        query(ddb, numbers, values=values, FilterExpression=expression)


@pytest.mark.parametrize("expression, text", [
    ("", "Invalid FilterExpression: The expression can not be empty;"),
    ("v =", 'Invalid FilterExpression: Syntax error; token: "<EOF>"'),
    ("data = :p", "Invalid FilterExpression: Attribute name is a reserved keyword; reserved keyword: data"),
    ("v = :none", "Invalid FilterExpression: An expression attribute value used in expression is not defined; "
     "attribute value: :none"),
    ("#none = :p", "Invalid FilterExpression: An expression attribute name used in the document path is not "
     "defined; attribute name: #none"),
    ("magic(v)", "Invalid FilterExpression: Invalid function name; function: magic"),
])
def test_a_broken_filter_is_refused(ddb, numbers, expression, text):
    with refused("ValidationException", text):
        query(ddb, numbers, FilterExpression=expression)


# ProjectionExpression and Select


@pytest.mark.parametrize("expression, item", [
    ("sk", {"sk": n(1)}), ("sk, v", {"sk": n(1), "v": n(1)}),
    ("doc.deep", {"doc": {"M": {"deep": n(1)}}}), ("nothing", {}),
])
def test_a_projection_keeps_its_attributes(ddb, numbers, expression, item):
    answer = query(ddb, numbers, Limit=1, ProjectionExpression=expression)
    assert answer["Items"] == [item]


def test_a_projection_may_use_names(ddb, numbers):
    answer = query(
        ddb, numbers, Limit=1, ProjectionExpression="#t", ExpressionAttributeNames={"#t": "text"})
    assert answer["Items"] == [{"text": s("t1")}]


def test_select_count_returns_no_items(ddb, numbers):
    answer = query(ddb, numbers, Select="COUNT")
    assert "Items" not in answer
    assert (answer["Count"], answer["ScannedCount"]) == (10, 10)


def test_select_count_counts_after_the_filter(ddb, numbers):
    answer = query(ddb, numbers, values={":v": n(1)}, FilterExpression="v = :v", Select="COUNT")
    assert (answer["Count"], answer["ScannedCount"]) == (5, 10)


def test_select_count_pages_too(ddb, numbers):
    answer = query(ddb, numbers, Select="COUNT", Limit=4)
    assert answer["Count"] == 4 and answer["LastEvaluatedKey"] == {"pk": s("p"), "sk": n(4)}


def test_select_all_attributes_is_the_default_of_a_table(ddb, numbers):
    assert query(ddb, numbers, Select="ALL_ATTRIBUTES")["Items"] == query(ddb, numbers)["Items"]


def test_select_specific_attributes_goes_with_a_projection(ddb, numbers):
    answer = query(ddb, numbers, Limit=1, Select="SPECIFIC_ATTRIBUTES", ProjectionExpression="sk")
    assert answer["Items"] == [{"sk": n(1)}]


def test_select_specific_attributes_needs_a_projection(ddb, numbers):
    with refused("ValidationException", "Must specify the AttributesToGet or ProjectionExpression when choosing "
                 "to get SPECIFIC_ATTRIBUTES"):
        query(ddb, numbers, Select="SPECIFIC_ATTRIBUTES")


@pytest.mark.parametrize("select, shown", [
    ("ALL_ATTRIBUTES", "ALL_ATTRIBUTES"), ("COUNT", "only the Count")])
def test_a_projection_excludes_other_selects(ddb, numbers, select, shown):
    with refused("ValidationException", f"Cannot specify the ProjectionExpression when choosing to get {shown}"):
        query(ddb, numbers, Select=select, ProjectionExpression="sk")


def test_all_projected_attributes_needs_an_index(ddb, numbers):
    with refused("ValidationException", "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"):
        query(ddb, numbers, Select="ALL_PROJECTED_ATTRIBUTES")


def test_an_unknown_select_is_refused(ddb, numbers):
    with refused("ValidationException", "Value 'SOME' at 'select' failed to satisfy constraint: Member must satisfy "
                 "enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]"):
        query(ddb, numbers, Select="SOME")
