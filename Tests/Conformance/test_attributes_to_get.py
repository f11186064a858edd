"""AttributesToGet of GetItem, BatchGetItem, Query and Scan."""

import pytest

from .conftest import index, refused
from .values import S

INVALID = "ValidationException"
DUPLICATE = "One or more parameter values were invalid: Duplicate value in attribute name: a"


ITEM = {"pk": S("p"), "sk": S("s"), "a": S("x"), "b": {"M": {"c": S("inner")}}, "b.c": S("dotted"),
        "name": S("reserved"), "l": {"L": [S("x")]}, "n": {"N": "1"}}
KEY = {"pk": S("p"), "sk": S("s")}
BY_P = {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [S("p")]}}


@pytest.fixture(scope="module")
def filled(ddb, make_table):
    name = make_table(
        range="sk", LocalSecondaryIndexes=[index("keys-only", "pk", "a", "KEYS_ONLY")],
        GlobalSecondaryIndexes=[index("part", "a", None, "INCLUDE", ["n"])])
    ddb.put_item(TableName=name, Item=ITEM)
    return name


def get(ddb, table, names):
    return [ddb.get_item(TableName=table, Key=KEY, AttributesToGet=names, ConsistentRead=True)["Item"]]


def batch(ddb, table, names):
    request = {"Keys": [KEY], "AttributesToGet": names, "ConsistentRead": True}
    return ddb.batch_get_item(RequestItems={table: request})["Responses"][table]


def query(ddb, table, names):
    return ddb.query(TableName=table, KeyConditions=BY_P, AttributesToGet=names, ConsistentRead=True)["Items"]


def scan(ddb, table, names):
    return ddb.scan(TableName=table, AttributesToGet=names, ConsistentRead=True)["Items"]


READS = {"get": get, "batch": batch, "query": query, "scan": scan}
every_read = pytest.mark.parametrize("read", sorted(READS))


@every_read
@pytest.mark.parametrize("names", [
    ["a"], ["a", "n"], ["pk"], ["sk", "a"], ["pk", "sk"], ["b"], ["l"], ["gone"], ["a", "gone"]], ids=",".join)
def test_only_the_named_attributes_return(ddb, filled, read, names):
    assert READS[read](ddb, filled, names) == [{name: ITEM[name] for name in names if name in ITEM}]


@every_read
def test_a_dot_is_part_of_the_name(ddb, filled, read):
    assert READS[read](ddb, filled, ["b.c"]) == [{"b.c": S("dotted")}]


@every_read
def test_an_index_is_part_of_the_name(ddb, filled, read):
    assert READS[read](ddb, filled, ["l[0]"]) == [{}]


@every_read
def test_reserved_words_are_names(ddb, filled, read):
    assert READS[read](ddb, filled, ["name"]) == [{"name": S("reserved")}]


@every_read
def test_an_attribute_named_twice_is_refused(ddb, filled, read):
    with refused(INVALID, DUPLICATE):
        READS[read](ddb, filled, ["a", "b", "a"])


@every_read
def test_an_empty_list_is_refused(ddb, filled, read):
    with refused(INVALID, "Member must have length greater than or equal to 1"):
        READS[read](ddb, filled, [])


def test_an_absent_item_stays_absent(ddb, filled):
    assert "Item" not in ddb.get_item(TableName=filled, Key={**KEY, "sk": S("gone")}, AttributesToGet=["a"])


MIXED = "Can not use both expression and non-expression parameters in the same request: "
CLASH = MIXED + "Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}"


def test_a_get_takes_one_or_the_other(ddb, filled):
    with refused(INVALID, CLASH):
        ddb.get_item(TableName=filled, Key=KEY, AttributesToGet=["a"], ProjectionExpression="a")


def test_a_scan_takes_one_or_the_other(ddb, filled):
    with refused(INVALID, CLASH):
        ddb.scan(TableName=filled, AttributesToGet=["a"], ProjectionExpression="a")


def test_a_query_takes_one_or_the_other(ddb, filled):
    with refused(INVALID, CLASH):
        ddb.query(TableName=filled, KeyConditions=BY_P, AttributesToGet=["a"], ProjectionExpression="a")


def test_a_batch_takes_one_or_the_other_for_each_table(ddb, filled):
    with refused(INVALID, CLASH):
        ddb.batch_get_item(RequestItems={filled: {
            "Keys": [KEY], "AttributesToGet": ["a"], "ProjectionExpression": "a"}})


def test_each_table_of_a_batch_has_its_own(ddb, filled, sorted_table):
    ddb.put_item(TableName=sorted_table, Item=ITEM)
    answer = ddb.batch_get_item(RequestItems={
        filled: {"Keys": [KEY], "AttributesToGet": ["a"], "ConsistentRead": True},
        sorted_table: {"Keys": [KEY], "ProjectionExpression": "n", "ConsistentRead": True}})
    assert answer["Responses"] == {filled: [{"a": S("x")}], sorted_table: [{"n": {"N": "1"}}]}


def test_names_need_an_expression(ddb, filled):
    with refused(INVALID, "ExpressionAttributeNames can only be specified when using expressions"):
        ddb.get_item(TableName=filled, Key=KEY, AttributesToGet=["a"], ExpressionAttributeNames={"#a": "a"})


def test_duplicates_are_found_before_the_table_is_looked_up(ddb):
    with refused(INVALID, DUPLICATE):
        ddb.get_item(TableName="no-such-table-anywhere", Key=KEY, AttributesToGet=["a", "a"])


@pytest.mark.parametrize("select, shown", [("ALL_ATTRIBUTES", "ALL_ATTRIBUTES"), ("COUNT", "only the Count")])
@pytest.mark.parametrize("operation", ["query", "scan"])
def test_another_selection_is_refused(ddb, filled, operation, select, shown):
    more = {"KeyConditions": BY_P} if operation == "query" else {}
    with refused(INVALID, f"Cannot specify the AttributesToGet when choosing to get {shown}"):
        getattr(ddb, operation)(TableName=filled, AttributesToGet=["a"], Select=select, **more)


@pytest.mark.parametrize("operation", ["query", "scan"])
def test_the_projection_of_an_index_is_another_selection(ddb, filled, operation):
    more = {"KeyConditions": BY_P} if operation == "query" else {}
    with refused(INVALID, "Cannot specify the AttributesToGet when choosing to get ALL_PROJECTED_ATTRIBUTES"):
        getattr(ddb, operation)(TableName=filled, IndexName="keys-only", AttributesToGet=["a"],
                                Select="ALL_PROJECTED_ATTRIBUTES", **more)


@pytest.mark.parametrize("operation", ["query", "scan"])
def test_specific_attributes_may_be_said(ddb, filled, operation):
    more = {"KeyConditions": BY_P} if operation == "query" else {}
    answer = getattr(ddb, operation)(
        TableName=filled, AttributesToGet=["a"], Select="SPECIFIC_ATTRIBUTES", ConsistentRead=True, **more)
    assert answer["Items"] == [{"a": S("x")}]


def test_a_local_index_fetches_what_it_does_not_hold(ddb, filled):
    answer = ddb.query(TableName=filled, IndexName="keys-only", KeyConditions=BY_P, AttributesToGet=["n", "b.c"],
                       ConsistentRead=True)
    assert answer["Items"] == [{"n": {"N": "1"}, "b.c": S("dotted")}]


def test_a_global_index_refuses_what_it_does_not_hold(ddb, filled):
    with refused(INVALID, "part does not project"):
        ddb.query(TableName=filled, IndexName="part", AttributesToGet=["n", "b"], KeyConditions={
            "a": {"ComparisonOperator": "EQ", "AttributeValueList": [S("x")]}})


def test_a_projection_does_not_change_the_price(ddb, filled):
    answer = ddb.get_item(TableName=filled, Key=KEY, AttributesToGet=["n"], ConsistentRead=True,
                          ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"]["CapacityUnits"] == 1.0


@pytest.mark.parametrize("names", ["a", {}, [1], [["a"]], 5], ids=str)
def test_wrong_json_types_are_refused(endpoint, table, names):
    code, _ = endpoint.raw_error("GetItem", {"TableName": table, "Key": {"pk": {"S": "a"}}, "AttributesToGet": names})
    assert code.endswith("#SerializationException")
