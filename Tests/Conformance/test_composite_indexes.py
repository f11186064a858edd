import itertools

import pytest

from .conftest import refused, unique

INVALID = "One or more parameter values were invalid: "


def s(value):
    return {"S": value}


def n(value):
    return {"N": str(value)}


def composite(name, hashes, ranges, projection=None):
    return {
        "IndexName": name, "Projection": projection or {"ProjectionType": "ALL"},
        "KeySchema": [{"AttributeName": each, "KeyType": "HASH"} for each in hashes]
        + [{"AttributeName": each, "KeyType": "RANGE"} for each in ranges]}


@pytest.fixture(scope="module")
def matches(ddb, make_table):
    """Two attributes make the partition of `rounds`, three its order; `wide` has four and four."""
    name = make_table(
        types={"round": "N", "seat": "N", "r4": "N"},
        GlobalSecondaryIndexes=[
            composite("rounds", ["cup", "area"], ["round", "side", "seat"]),
            composite("wide", ["cup", "area", "h3", "h4"], ["round", "side", "seat", "r4"]),
            composite("hashes", ["cup", "area"], [], {"ProjectionType": "KEYS_ONLY"})])
    for round, side, seat in itertools.product([1, 2, 10], ["L", "R"], [1, 2]):
        ddb.put_item(TableName=name, Item={
            "pk": s(f"{round}{side}{seat}"), "cup": s("c"), "area": s("eu"), "round": n(round), "side": s(side),
            "seat": n(seat), "h3": s("x"), "h4": s("y"), "r4": n(0), "extra": s("e")})
    ddb.put_item(TableName=name, Item={"pk": s("other"), "cup": s("c"), "area": s("us"), "round": n(1), "side": s("L"),
                                       "seat": n(1)})
    ddb.put_item(TableName=name, Item={"pk": s("half"), "cup": s("c"), "round": n(1), "side": s("L"), "seat": n(1)})
    ddb.put_item(TableName=name, Item={"pk": s("no-seat"), "cup": s("c"), "area": s("eu"), "round": n(1), "side": s("L")})
    return name


ALL = [f"{round}{side}{seat}" for round, side, seat in itertools.product([1, 2, 10], ["L", "R"], [1, 2])]


def query(ddb, table, condition="", name="rounds", base="cup = :c AND area = :e", values=None, **more):
    condition = base + (" AND " + condition if condition else "")
    standard = {":c": s("c"), ":e": s("eu"), ":1": n(1), ":2": n(2), ":L": s("L"), ":R": s("R"), ":x": s("x"), ":y": s("y")}
    used = {key: value for key, value in standard.items() if key in condition}
    names = {"#round": "round", "#area": "area"}
    used_names = {key: value for key, value in names.items() if key in condition}
    if used_names:
        more["ExpressionAttributeNames"] = used_names
    return ddb.query(TableName=table, IndexName=name, KeyConditionExpression=condition,
                     ExpressionAttributeValues={**used, **(values or {})}, **more)


def ids(answer):
    return [item["pk"]["S"] for item in answer["Items"]]


def test_the_order_is_that_of_all_sort_attributes(ddb, matches):
    assert ids(query(ddb, matches)) == ALL


def test_backwards_it_is_the_other_way_round(ddb, matches):
    assert ids(query(ddb, matches, ScanIndexForward=False)) == ALL[::-1]


@pytest.mark.parametrize("condition, expected", [
    ("#round = :1", ["1L1", "1L2", "1R1", "1R2"]), ("#round > :1", ALL[4:]), ("#round <= :2", ALL[:8]),
    ("#round BETWEEN :1 AND :2", ALL[:8]), ("#round = :1 AND side = :R", ["1R1", "1R2"]),
    ("#round = :1 AND side > :L", ["1R1", "1R2"]), ("#round = :1 AND begins_with(side, :L)", ["1L1", "1L2"]),
    ("#round = :1 AND side = :L AND seat = :2", ["1L2"]), ("#round = :1 AND side = :L AND seat < :2", ["1L1"]),
    ("side = :L AND #round = :1", ["1L1", "1L2"]), ("seat = :1 AND side = :L AND #round = :2", ["2L1"]),
])
def test_sort_attributes_are_conditioned_from_the_left(ddb, matches, condition, expected):
    assert ids(query(ddb, matches, condition)) == expected


@pytest.mark.parametrize("condition", [
    "side = :L", "seat = :1", "#round = :1 AND seat = :1", "#round > :1 AND side = :L",
    "#round BETWEEN :1 AND :2 AND side = :L", "#round = :1 AND side > :L AND seat = :1",
    "#round > :1 AND side > :L",
])
def test_gaps_and_conditions_after_a_range_are_refused(ddb, matches, condition):
    with refused("ValidationException"):
        query(ddb, matches, condition)


@pytest.mark.parametrize("base", ["cup = :c", "area = :e", "cup = :c AND #round = :1"])
def test_every_partition_attribute_is_needed(ddb, matches, base):
    with refused("ValidationException", "Query condition missed key schema element: "):
        query(ddb, matches, base=base)


@pytest.mark.parametrize("base", [
    "cup = :c AND area > :e", "cup < :c AND area = :e", "cup = :c AND begins_with(area, :e)",
    "cup = :c AND area BETWEEN :e AND :e"])
def test_partition_attributes_are_only_compared_for_equality(ddb, matches, base):
    with refused("ValidationException", "Query key condition not supported"):
        query(ddb, matches, base=base)


def test_eight_attributes_can_be_conditioned_at_once(ddb, matches):
    answer = query(ddb, matches, "#round = :1 AND side = :L AND seat = :2 AND r4 >= :z", "wide",
                   "cup = :c AND area = :e AND h3 = :x AND h4 = :y", {":z": n(0)})
    assert ids(answer) == ["1L2"]


@pytest.mark.parametrize("condition, value", [("#round = :v", s("1")), ("#round = :1 AND side = :v", n(1))])
def test_each_condition_has_the_type_of_its_attribute(ddb, matches, condition, value):
    with refused("ValidationException", INVALID + "Condition parameter type does not match schema type"):
        query(ddb, matches, condition, values={":v": value})


def test_an_item_lacking_any_attribute_of_the_key_is_not_in_the_index(ddb, matches):
    found = ids(ddb.scan(TableName=matches, IndexName="rounds"))
    assert "half" not in found and "no-seat" not in found and len(found) == 13


def test_an_index_of_partition_attributes_only(ddb, matches):
    assert sorted(ids(query(ddb, matches, name="hashes"))) == sorted(ALL + ["no-seat"])


def test_keys_only_are_all_keys(ddb, matches):
    items = query(ddb, matches, name="hashes")["Items"]
    assert all(set(item) == {"pk", "cup", "area"} for item in items)


def test_the_last_key_has_all_keys(ddb, matches):
    answer = query(ddb, matches, Limit=1)
    assert set(answer["LastEvaluatedKey"]) == {"pk", "cup", "area", "round", "side", "seat"}


@pytest.mark.parametrize("limit", [1, 5])
def test_pages_add_up(ddb, matches, limit):
    found, start = [], {}
    while True:
        page = query(ddb, matches, Limit=limit, **start)
        found += ids(page)
        if "LastEvaluatedKey" not in page:
            break
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert found == ALL


def test_a_filter_on_any_key_of_the_index_is_refused(ddb, matches):
    with refused("ValidationException", "Filter Expression can only contain non-primary key attributes: Primary key "
                 "attribute: seat"):
        query(ddb, matches, FilterExpression="seat = :v", values={":v": n(1)})


@pytest.mark.parametrize("attribute, value", [("round", s("1")), ("side", n(1)), ("area", {"BOOL": True})])
def test_a_write_of_a_wrong_type_is_refused(ddb, matches, attribute, value):
    with refused("ValidationException", f"Type mismatch for Index Key {attribute} Expected: "):
        ddb.put_item(TableName=matches, Item={"pk": s("bad"), attribute: value})


def test_a_description_shows_the_key_in_order(ddb, matches):
    indexes = {each["IndexName"]: each for each in ddb.describe_table(TableName=matches)["Table"]["GlobalSecondaryIndexes"]}
    assert indexes["wide"]["KeySchema"] == composite(
        "", ["cup", "area", "h3", "h4"], ["round", "side", "seat", "r4"])["KeySchema"]


# CreateTable


def create(ddb, schema, **more):
    names = dict.fromkeys(["pk"] + [name for name, _ in schema])
    ddb.create_table(
        TableName=unique(), BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        GlobalSecondaryIndexes=[{
            "IndexName": "index", "Projection": {"ProjectionType": "ALL"},
            "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in schema]}], **more)


@pytest.mark.parametrize("schema, text", [
    ([(f"h{number}", "HASH") for number in range(5)], INVALID + "The KeySchema exceeds the maximum allowed number of HASH "
     "key attributes"),
    ([("h", "HASH")] + [(f"r{number}", "RANGE") for number in range(5)], INVALID + "The KeySchema exceeds the maximum "
     "allowed number of RANGE key attributes"),
    ([("a", "HASH"), ("b", "RANGE"), ("c", "HASH")], INVALID + "All HASH key attributes must precede RANGE key attributes "
     "in the KeySchema"),
    ([("a", "HASH"), ("b", "HASH"), ("a", "RANGE")], "The KeySchema contains multiple key attributes with the same name"),
    ([("a", "HASH"), ("a", "HASH")], "The KeySchema contains multiple key attributes with the same name"),
    ([("a", "RANGE"), ("b", "HASH")], "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"),
    ([("a", "RANGE")], "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"),
])
def test_key_schemas_that_are_refused(ddb, schema, text):
    with refused("ValidationException", text):
        create(ddb, schema)


@pytest.mark.parametrize("member", ["table", "local"])
def test_tables_and_local_indexes_have_two_key_attributes_at_most(ddb, member):
    three = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"},
             {"AttributeName": "c", "KeyType": "RANGE"}]
    more = {} if member == "table" else {"LocalSecondaryIndexes": [
        {"IndexName": "local", "Projection": {"ProjectionType": "ALL"}, "KeySchema": three}]}
    with refused("ValidationException", "Member must have length less than or equal to 2"):
        ddb.create_table(
            TableName=unique(), BillingMode="PAY_PER_REQUEST", KeySchema=three if member == "table" else three[:2],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ["pk", "b", "c"]], **more)
