import uuid

import pytest

from .conftest import index, refused

DUPLICATES = "Provided list of item keys contains duplicates"
NESTING = "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"


def s(value):
    return {"S": value}


def n(value):
    return {"N": str(value)}


def put(**item):
    return {"PutRequest": {"Item": item}}


def delete(**key):
    return {"DeleteRequest": {"Key": key}}


def missing():
    return "no-such-table-" + uuid.uuid4().hex


@pytest.fixture(scope="module")
def indexed(make_table):
    return make_table(GlobalSecondaryIndexes=[index("by-a", "a")])


@pytest.fixture(scope="module")
def numbered(make_table):
    return make_table(types={"pk": "N"})


def there(ddb, table, **key):
    return "Item" in ddb.get_item(TableName=table, Key=key, ConsistentRead=True)


def test_it_puts_and_deletes(ddb, table, key):
    ddb.put_item(TableName=table, Item={**key, "old": s("x")})
    new = uuid.uuid4().hex
    answer = ddb.batch_write_item(RequestItems={table: [delete(**key), put(pk=s(new), v=n(1))]})
    assert answer["UnprocessedItems"] == {}
    assert not there(ddb, table, **key) and there(ddb, table, pk=s(new))


@pytest.mark.parametrize("absent", ["ConsumedCapacity", "ItemCollectionMetrics"])
def test_members_that_were_not_asked_for_are_absent(ddb, table, key, absent):
    assert absent not in ddb.batch_write_item(RequestItems={table: [put(**key)]})


def test_a_put_replaces_the_whole_item(ddb, table, key):
    ddb.put_item(TableName=table, Item={**key, "old": s("x")})
    ddb.batch_write_item(RequestItems={table: [put(**key, new=s("y"))]})
    assert ddb.get_item(TableName=table, Key=key)["Item"] == {**key, "new": s("y")}


def test_deleting_nothing_succeeds(ddb, table, key):
    assert ddb.batch_write_item(RequestItems={table: [delete(**key)]})["UnprocessedItems"] == {}


def test_several_tables_at_once(ddb, table, sorted_table, key):
    ddb.batch_write_item(RequestItems={table: [put(**key)], sorted_table: [put(**key, sk=s("x"))]})
    assert there(ddb, table, **key) and there(ddb, sorted_table, **key, sk=s("x"))


def test_the_same_key_in_two_tables_is_no_duplicate(ddb, table, make_table, key):
    other = make_table()
    assert ddb.batch_write_item(RequestItems={table: [put(**key)], other: [put(**key)]})["UnprocessedItems"] == {}


def test_twenty_five_writes(ddb, sorted_table, key):
    ddb.batch_write_item(RequestItems={sorted_table: [put(**key, sk=s(str(number))) for number in range(25)]})
    assert ddb.query(TableName=sorted_table, KeyConditionExpression="pk = :p",
                     ExpressionAttributeValues={":p": key["pk"]})["Count"] == 25


def test_indexes_follow(ddb, indexed, key):
    a = uuid.uuid4().hex
    ddb.batch_write_item(RequestItems={indexed: [put(**key, a=s(a))]})
    answer = ddb.query(TableName=indexed, IndexName="by-a", KeyConditionExpression="a = :a",
                       ExpressionAttributeValues={":a": s(a)})
    assert answer["Count"] == 1


# counts


def test_more_than_25_writes_of_one_table_are_refused(ddb, table):
    with refused("ValidationException", "at 'requestItems' failed to satisfy constraint: Map value must satisfy "
                 "constraint: [Member must have length less than or equal to 25, Member must have length greater than or "
                 "equal to 1]"):
        ddb.batch_write_item(RequestItems={table: [put(pk=s(str(number))) for number in range(26)]})


def test_more_than_25_writes_of_all_tables_are_refused(ddb, table, sorted_table):
    with refused("ValidationException", "Too many items requested for the BatchWriteItem call"):
        ddb.batch_write_item(RequestItems={
            table: [put(pk=s(str(number))) for number in range(13)],
            sorted_table: [put(pk=s(str(number)), sk=s("x")) for number in range(13)]})


def test_an_empty_list_is_refused(ddb, table):
    with refused("ValidationException", "at 'requestItems' failed to satisfy constraint: Map value must satisfy "
                 "constraint: [Member must have length less than or equal to 25, Member must have length greater than or "
                 "equal to 1]"):
        ddb.batch_write_item(RequestItems={table: []})


def test_an_empty_request_is_refused(ddb):
    with refused("ValidationException"):
        ddb.batch_write_item(RequestItems={})


def test_no_request_is_refused(endpoint):
    kind, message = endpoint.raw_error("BatchWriteItem", {})
    assert kind.endswith("#ValidationException") and "'requestItems' failed to satisfy constraint: Member must not be null" in message


def test_too_many_writes_win_over_an_unknown_table(ddb):
    with refused("ValidationException", "Map value must satisfy constraint"):
        ddb.batch_write_item(RequestItems={missing(): [put(pk=s(str(number))) for number in range(26)]})


# duplicates


@pytest.mark.parametrize("first, second", [
    (put, put), (put, delete), (delete, put), (delete, delete)])
def test_one_key_twice_is_refused(ddb, table, key, first, second):
    with refused("ValidationException", DUPLICATES):
        ddb.batch_write_item(RequestItems={table: [first(**key), second(**key)]})
    assert not there(ddb, table, **key)


@pytest.mark.parametrize("other", ["1.0", "1e0", "01", "0.1E1"])
def test_numbers_are_compared_by_value(ddb, numbered, other):
    with refused("ValidationException", DUPLICATES):
        ddb.batch_write_item(RequestItems={numbered: [put(pk=n(1)), put(pk={"N": other})]})


def test_an_unknown_table_wins_over_duplicates(ddb):
    with refused("ResourceNotFoundException"):
        ddb.batch_write_item(RequestItems={missing(): [put(pk=s("a")), put(pk=s("a"))]})


# nothing is written when one member is bad


BAD = [
    (put(other=s("x")), "The provided key element does not match the schema"),
    (put(pk=n(1)), "The provided key element does not match the schema"),
    (put(pk={"BOOL": True}), "The provided key element does not match the schema"),
    (delete(other=s("x")), "The provided key element does not match the schema"),
    (delete(pk=n(1)), "The provided key element does not match the schema"),
    (delete(pk=s("a"), more=s("x")), "The provided key element does not match the schema"),
    (delete(), "The provided key element does not match the schema"),
    (put(pk=s("")), "The AttributeValue for a key attribute cannot contain an empty string value. Key: pk"),
    (delete(pk=s("")), "The AttributeValue for a key attribute cannot contain an empty string value. Key: pk"),
    (put(pk=s("x" * 2049)), "Size of hashkey has exceeded the maximum size limit of2048 bytes"),
    (put(pk=s("a"), v={}), "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
    (put(pk=s("a"), v={"S": "a", "N": "1"}), "Supplied AttributeValue has more than one datatypes set"),
    (put(pk=s("a"), v={"N": "x"}), "The parameter cannot be converted to a numeric value: x"),
    (put(pk=s("a"), v={"N": "1" * 39}), "Attempting to store more than 38 significant digits in a Number"),
    (put(pk=s("a"), v={"N": "1e126"}), "Number overflow. Attempting to store a number with magnitude larger than"),
    (put(pk=s("a"), v={"SS": []}), "An string set  may not be empty"),
    (put(pk=s("a"), v={"NS": ["1", "1.0"]}), "Input collection contains duplicates"),
    (put(pk=s("a"), v={"NULL": False}), "Null attribute value types must have the value of true"),
    (put(pk=s("a"), v=s("x" * 409_600)), "Item size has exceeded the maximum allowed size"),
    (put(pk=s("a"), a=n(1)), "Type mismatch for Index Key a Expected: S Actual: N IndexName: by-a"),
    (put(pk=s("a"), a=s("")), "A value specified for a secondary index key is not supported"),
]


@pytest.mark.parametrize("bad, text", BAD)
def test_one_bad_member_refuses_all(ddb, indexed, key, bad, text):
    with refused("ValidationException", text):
        ddb.batch_write_item(RequestItems={indexed: [put(**key), bad]})
    assert not there(ddb, indexed, **key)


def test_nesting_is_bounded(ddb, indexed, key):
    deep = s("x")
    for _ in range(33):
        deep = {"L": [deep]}
    with refused("ValidationException", NESTING):
        ddb.batch_write_item(RequestItems={indexed: [put(**key, deep=deep)]})


def test_one_unknown_table_refuses_all(ddb, table, key):
    with refused("ResourceNotFoundException", "Requested resource not found"):
        ddb.batch_write_item(RequestItems={table: [put(**key)], missing(): [put(**key)]})
    assert not there(ddb, table, **key)


@pytest.mark.parametrize("bad, text", [
    (put(pk=s("a"), v={}), "Supplied AttributeValue is empty"),
    (put(pk=s("a"), v=s("x" * 409_600)), "Item size has exceeded the maximum allowed size"),
    ({}, "Supplied AttributeValue has more than one datatypes set"),
])
def test_a_bad_value_wins_over_an_unknown_table(ddb, bad, text):
    with refused("ValidationException", text):
        ddb.batch_write_item(RequestItems={missing(): [bad]})


# shapes


@pytest.mark.parametrize("write", [{}, {"PutRequest": {"Item": {"pk": s("a")}}, "DeleteRequest": {"Key": {"pk": s("a")}}}])
def test_each_member_has_exactly_one_request(ddb, table, write):
    with refused("ValidationException", "Supplied AttributeValue has more than one datatypes set, must contain exactly "
                 "one of the supported datatypes"):
        ddb.batch_write_item(RequestItems={table: [write]})


@pytest.mark.parametrize("write, path", [
    ({"PutRequest": {}}, "putRequest.item"), ({"DeleteRequest": {}}, "deleteRequest.key")])
def test_a_request_holds_an_item_or_a_key(ddb, table, write, path):
    with refused("ValidationException", f"1 validation error detected: Value null at "
                 f"'requestItems.{table}.member.1.member.{path}' failed to satisfy constraint: Member must not be null"):
        ddb.batch_write_item(RequestItems={table: [write]})


@pytest.mark.parametrize("name", ["ab", "no such table!", "x" * 256])
def test_names_of_tables_are_checked_before_they_are_looked_up(ddb, name):
    with refused("ValidationException", "Map keys must satisfy constraint", "[a-zA-Z0-9_.-]+"):
        ddb.batch_write_item(RequestItems={name: [put(pk=s("a"))]})


@pytest.mark.parametrize("more, path", [
    ({"ReturnConsumedCapacity": "SOME"}, "returnConsumedCapacity"),
    ({"ReturnItemCollectionMetrics": "SOME"}, "returnItemCollectionMetrics")])
def test_enumerations_are_checked_before_the_table(ddb, more, path):
    with refused("ValidationException", f"Value 'SOME' at '{path}' failed to satisfy constraint: Member must satisfy enum "
                 "value set: ["):
        ddb.batch_write_item(RequestItems={missing(): [put(pk=s("a"))]}, **more)


def test_the_table_may_be_named_by_its_arn(ddb, table, key):
    arn = ddb.describe_table(TableName=table)["Table"]["TableArn"]
    ddb.batch_write_item(RequestItems={arn: [put(**key)]})
    assert there(ddb, table, **key)


@pytest.mark.parametrize("body, text", [
    ({"RequestItems": []}, "Unrecognized collection type java.util.Map<java.lang.String, java.util.List<"),
    ({"RequestItems": "x"}, "Unexpected field type"), ({"RequestItems": {"abc": "x"}}, "cannot be cast to class java.lang.Class"),
    ({"RequestItems": {"abc": {}}}, "Start of structure or map found where not expected"),
    ({"RequestItems": {"abc": ["x"]}}, "Unexpected value type in payload"),
    ({"RequestItems": {"abc": [{"PutRequest": {"Item": {"a": {"N": 1}}}}]}}, "NUMBER_VALUE cannot be converted to String"),
    ({"RequestItems": {"abc": [{"PutRequest": {"Item": {"a": {"B": "abc"}}}}]}}, "Base64 encoded length is expected a "
     "multiple of 4 bytes but found: 3"),
])
def test_wrong_json_types(endpoint, body, text):
    kind, message = endpoint.raw_error("BatchWriteItem", body)
    assert kind == "com.amazon.coral.service#SerializationException" and text in message
