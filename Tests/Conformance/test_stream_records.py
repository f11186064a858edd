"""Records of streams: which writes make one, and what stands in it."""

import datetime
import re

import pytest

from .conftest import REGION, index, refused
from .streaming import VIEWS, make_streamed, of_key, records, shards

EVENTS = ["INSERT", "MODIFY", "REMOVE"]


@pytest.fixture(scope="module")
def views(make_table, ddb, streams):
    """By view type, the records of an item that is put, changed and deleted."""
    found = {}
    for view in VIEWS:
        name, arn = make_streamed(make_table, ddb, view)
        ddb.put_item(TableName=name, Item={"pk": {"S": "a"}, "v": {"N": "1"}})
        ddb.put_item(TableName=name, Item={"pk": {"S": "a"}, "v": {"N": "2"}})
        ddb.delete_item(TableName=name, Key={"pk": {"S": "a"}})
        found[view] = records(streams, arn, 3)
    return found


@pytest.fixture(scope="module")
def streamed(make_table, ddb):
    return make_streamed(make_table, ddb)


@pytest.fixture
def events(ddb, streams, streamed, key):
    """events(): what happened to `key` since the test began. A last write of another key marks the end."""
    name, arn = streamed

    def find():
        mark = {"pk": {"S": key["pk"]["S"] + "-end"}}
        ddb.put_item(TableName=name, Item=mark)
        for wait in range(300):
            found = records(streams, arn, 1)
            if of_key(found, mark):
                return of_key(found, key)
        raise AssertionError("the last write did not show in the stream")

    return find


def names(found):
    return [each["eventName"] for each in found]


# What stands in a record


@pytest.mark.parametrize("view", VIEWS)
def test_a_put_a_change_and_a_delete(views, view):
    assert names(views[view]) == EVENTS


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("event", range(3), ids=EVENTS)
def test_images_by_view_type(views, view, event):
    change = views[view][event]["dynamodb"]
    first, second = ({"pk": {"S": "a"}, "v": {"N": number}} for number in "12")
    new, old = [(first, None), (second, first), (None, second)][event]
    assert change.get("NewImage") == (new if view in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES") else None)
    assert change.get("OldImage") == (old if view in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES") else None)


@pytest.mark.parametrize("view", VIEWS)
def test_keys_and_view_type_are_in_every_record(views, view):
    for each in views[view]:
        assert each["dynamodb"]["Keys"] == {"pk": {"S": "a"}}
        assert each["dynamodb"]["StreamViewType"] == view


@pytest.mark.parametrize("member, value", [
    ("eventVersion", "1.1"), ("eventSource", "aws:dynamodb"), ("awsRegion", REGION)])
def test_every_record_says(views, member, value):
    assert {each[member] for each in views["NEW_IMAGE"]} == {value}


def test_event_ids_are_32_hexadecimal_digits_of_their_own(views):
    ids = [each["eventID"] for found in views.values() for each in found]
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)
    assert len(set(ids)) == len(ids)


def test_user_writes_have_no_identity(views):
    assert all("userIdentity" not in each for each in views["KEYS_ONLY"])


def test_the_time_is_in_whole_seconds(views):
    for each in views["KEYS_ONLY"]:
        time = each["dynamodb"]["ApproximateCreationDateTime"]
        assert time.microsecond == 0
        assert abs((datetime.datetime.now(datetime.timezone.utc) - time).total_seconds()) < 600


def test_sequence_numbers_grow(views):
    for found in views.values():
        numbers = [each["dynamodb"]["SequenceNumber"] for each in found]
        assert all(re.fullmatch(r"\d{21,40}", each) for each in numbers)
        assert sorted(set(map(int, numbers))) == list(map(int, numbers))


def test_sequence_numbers_lie_in_their_shard(streams, streamed, ddb, key):
    ddb.put_item(TableName=streamed[0], Item=key)
    starts = [int(each["SequenceNumberRange"]["StartingSequenceNumber"]) for each in shards(streams, streamed[1])]
    for each in records(streams, streamed[1], 1):
        assert int(each["dynamodb"]["SequenceNumber"]) >= min(starts)


def test_records_read_the_same_each_time(ddb, streams, make_table):
    name, arn = make_streamed(make_table, ddb)
    for number in range(5):
        ddb.put_item(TableName=name, Item={"pk": {"S": str(number)}})
    first = sorted(records(streams, arn, 5), key=lambda each: each["eventID"])
    assert sorted(records(streams, arn, 5), key=lambda each: each["eventID"]) == first


# The developer guide's example: Id 101, Message "New item!", then "This item has changed".
SIZES = {"NEW_AND_OLD_IMAGES": [26, 59, 38], "KEYS_ONLY": [5, 5, 5], "NEW_IMAGE": [26, 38, 5],
         "OLD_IMAGE": [5, 26, 38]}


@pytest.mark.parametrize("view", VIEWS)
def test_size_in_bytes(ddb, streams, make_table, view):
    name, arn = make_streamed(make_table, ddb, view, hash="Id", types={"Id": "N"})
    for text in ["New item!", "This item has changed"]:
        ddb.put_item(TableName=name, Item={"Id": {"N": "101"}, "Message": {"S": text}})
    ddb.delete_item(TableName=name, Key={"Id": {"N": "101"}})
    assert [each["dynamodb"]["SizeBytes"] for each in records(streams, arn, 3)] == SIZES[view]


@pytest.mark.parametrize("value", [
    {"S": "text"}, {"S": ""}, {"N": "-1.5"}, {"B": b"\x00\xff"}, {"BOOL": False}, {"NULL": True},
    {"L": [{"N": "1"}, {"L": []}]}, {"M": {"a": {"M": {"b": {"S": "c"}}}}}, {"SS": ["a", "b"]},
    {"NS": ["1", "2"]}, {"BS": [b"a", b"b"]}], ids=lambda value: next(iter(value)))
def test_images_hold_every_type(ddb, events, streamed, key, value):
    ddb.put_item(TableName=streamed[0], Item={**key, "v": value})
    image = events()[0]["dynamodb"]["NewImage"]["v"]
    kind = next(iter(value))
    if kind in ("SS", "NS", "BS"):
        image[kind].sort()
    assert image == value


@pytest.mark.parametrize("types, key", [
    ({"pk": "N", "sk": "S"}, {"pk": {"N": "7"}, "sk": {"S": "x"}}),
    ({"pk": "B", "sk": "N"}, {"pk": {"B": b"\x01"}, "sk": {"N": "-3"}}),
    ({"pk": "S", "sk": "B"}, {"pk": {"S": "p"}, "sk": {"B": b"\xff\x00"}})], ids=["N-S", "B-N", "S-B"])
def test_keys_of_tables_with_a_sort_key(ddb, streams, make_table, types, key):
    name, arn = make_streamed(make_table, ddb, range="sk", types=types)
    ddb.put_item(TableName=name, Item={**key, "v": {"S": "v"}})
    assert records(streams, arn, 1)[0]["dynamodb"]["Keys"] == key


def test_keys_of_indexes_are_no_keys_of_the_stream(ddb, streams, make_table):
    name, arn = make_streamed(
        make_table, ddb, "KEYS_ONLY", GlobalSecondaryIndexes=[index("by-g", "g")])
    ddb.put_item(TableName=name, Item={"pk": {"S": "p"}, "g": {"S": "g"}})
    found = records(streams, arn, 1)
    assert [each["dynamodb"]["Keys"] for each in found] == [{"pk": {"S": "p"}}]


# Which writes make one


def test_a_put_over_another_item_is_a_change(ddb, events, streamed, key):
    ddb.put_item(TableName=streamed[0], Item=key)
    ddb.put_item(TableName=streamed[0], Item={**key, "v": {"N": "1"}})
    assert names(events()) == ["INSERT", "MODIFY"]


def test_an_update_of_nothing_is_an_insert(ddb, events, streamed, key):
    ddb.update_item(TableName=streamed[0], Key=key)
    assert names(events()) == ["INSERT"]


def test_an_update_is_a_change(ddb, events, streamed, key):
    ddb.put_item(TableName=streamed[0], Item={**key, "n": {"N": "1"}})
    ddb.update_item(
        TableName=streamed[0], Key=key, UpdateExpression="ADD n :one",
        ExpressionAttributeValues={":one": {"N": "1"}})
    change = events()[1]
    assert change["eventName"] == "MODIFY"
    assert change["dynamodb"]["OldImage"]["n"] == {"N": "1"}
    assert change["dynamodb"]["NewImage"]["n"] == {"N": "2"}


@pytest.mark.parametrize("expression, values", [
    ("SET v = :v", {":v": {"N": "1"}}), ("REMOVE nothing", None), ("ADD n :zero", {":zero": {"N": "0"}}),
    ("DELETE s :gone", {":gone": {"SS": ["z"]}}), ("ADD s :there", {":there": {"SS": ["a"]}}),
    ("SET v = v", None), (None, None)])
def test_updates_that_change_nothing_make_no_record(ddb, events, streamed, key, expression, values):
    ddb.put_item(TableName=streamed[0], Item={
        **key, "v": {"N": "1"}, "n": {"N": "5"}, "s": {"SS": ["a", "b"]}})
    more = {"UpdateExpression": expression} if expression else {}
    if values:
        more["ExpressionAttributeValues"] = values
    ddb.update_item(TableName=streamed[0], Key=key, **more)
    assert names(events()) == ["INSERT"]


@pytest.mark.parametrize("again", [
    {"v": {"N": "10"}, "s": {"SS": ["a", "b"]}}, {"v": {"N": "1e1"}, "s": {"SS": ["a", "b"]}},
    {"v": {"N": "10.0"}, "s": {"SS": ["b", "a"]}}], ids=["same", "exponent", "order"])
def test_the_same_item_again_makes_no_record(ddb, events, streamed, key, again):
    ddb.put_item(TableName=streamed[0], Item={**key, "v": {"N": "10"}, "s": {"SS": ["a", "b"]}})
    ddb.put_item(TableName=streamed[0], Item={**key, **again})
    assert names(events()) == ["INSERT"]


@pytest.mark.parametrize("other", [
    {"v": {"L": [{"S": "b"}, {"S": "a"}]}}, {"v": {"L": [{"S": "a"}]}}, {"v": {"SS": ["a", "b"]}}, {}])
def test_another_item_makes_a_record(ddb, events, streamed, key, other):
    ddb.put_item(TableName=streamed[0], Item={**key, "v": {"L": [{"S": "a"}, {"S": "b"}]}})
    ddb.put_item(TableName=streamed[0], Item={**key, **other})
    assert names(events()) == ["INSERT", "MODIFY"]


def test_deleting_what_is_not_there_makes_no_record(ddb, events, streamed, key):
    ddb.delete_item(TableName=streamed[0], Key=key)
    assert events() == []


def test_a_failed_condition_makes_no_record(ddb, events, streamed, key):
    ddb.put_item(TableName=streamed[0], Item=key)
    with refused("ConditionalCheckFailedException"):
        ddb.put_item(
            TableName=streamed[0], Item={**key, "v": {"S": "x"}}, ConditionExpression="attribute_not_exists(pk)")
    assert names(events()) == ["INSERT"]


def test_reads_make_no_record(ddb, events, streamed, key):
    ddb.put_item(TableName=streamed[0], Item=key)
    ddb.get_item(TableName=streamed[0], Key=key)
    ddb.transact_get_items(TransactItems=[{"Get": {"TableName": streamed[0], "Key": key}}])
    assert names(events()) == ["INSERT"]


def test_an_item_that_comes_back_is_an_insert(ddb, events, streamed, key):
    ddb.put_item(TableName=streamed[0], Item=key)
    ddb.delete_item(TableName=streamed[0], Key=key)
    ddb.put_item(TableName=streamed[0], Item=key)
    assert names(events()) == ["INSERT", "REMOVE", "INSERT"]


def test_the_changes_of_an_item_come_in_order(ddb, events, streamed, key):
    for number in range(25):
        ddb.put_item(TableName=streamed[0], Item={**key, "n": {"N": str(number)}})
    found = events()
    assert [int(each["dynamodb"]["NewImage"]["n"]["N"]) for each in found] == list(range(25))
    assert [each["dynamodb"].get("OldImage", {}).get("n") for each in found[1:]] == [
        each["dynamodb"]["NewImage"]["n"] for each in found[:-1]]


# Batches and transactions


def put(key, **more):
    return {"PutRequest": {"Item": {**key, **more}}}


def test_a_batch_makes_one_record_an_item(ddb, streams, make_table):
    name, arn = make_streamed(make_table, ddb)
    ddb.batch_write_item(RequestItems={name: [put({"pk": {"S": str(number)}}) for number in range(25)]})
    found = records(streams, arn, 25)
    assert names(found) == ["INSERT"] * 25
    assert len({each["dynamodb"]["Keys"]["pk"]["S"] for each in found}) == 25


def test_a_batch_makes_no_record_of_what_changes_nothing(ddb, events, streamed, key):
    ddb.put_item(TableName=streamed[0], Item=key)
    other = {"pk": {"S": key["pk"]["S"] + "-2"}}
    ddb.batch_write_item(RequestItems={streamed[0]: [put(key), put(other)]})
    assert names(events()) == ["INSERT"]


def test_a_batch_makes_no_record_of_deletes_of_nothing(ddb, events, streamed, key):
    ddb.batch_write_item(RequestItems={streamed[0]: [{"DeleteRequest": {"Key": key}}]})
    assert events() == []


def test_a_batch_deletes(ddb, events, streamed, key):
    ddb.put_item(TableName=streamed[0], Item=key)
    ddb.batch_write_item(RequestItems={streamed[0]: [{"DeleteRequest": {"Key": key}}]})
    assert names(events()) == ["INSERT", "REMOVE"]


def test_a_transaction_makes_one_record_an_item(ddb, streams, make_table):
    name, arn = make_streamed(make_table, ddb)
    a, b, c = ({"pk": {"S": each}} for each in "abc")
    ddb.put_item(TableName=name, Item=b)
    ddb.put_item(TableName=name, Item=c)
    ddb.transact_write_items(TransactItems=[
        {"Put": {"TableName": name, "Item": a}},
        {"Update": {"TableName": name, "Key": b, "UpdateExpression": "SET v = :v",
                    "ExpressionAttributeValues": {":v": {"N": "1"}}}},
        {"Delete": {"TableName": name, "Key": c}}])
    found = records(streams, arn, 5)
    assert [names(of_key(found, each)) for each in (a, b, c)] == [
        ["INSERT"], ["INSERT", "MODIFY"], ["INSERT", "REMOVE"]]


def test_a_transaction_makes_no_record_of_what_changes_nothing(ddb, events, streamed, key):
    ddb.put_item(TableName=streamed[0], Item=key)
    ddb.transact_write_items(TransactItems=[{"Put": {"TableName": streamed[0], "Item": key}}])
    assert names(events()) == ["INSERT"]


def test_a_condition_check_makes_no_record(ddb, events, streamed, key):
    ddb.put_item(TableName=streamed[0], Item=key)
    ddb.transact_write_items(TransactItems=[{"ConditionCheck": {
        "TableName": streamed[0], "Key": key, "ConditionExpression": "attribute_exists(pk)"}}])
    assert names(events()) == ["INSERT"]


def test_a_cancelled_transaction_makes_no_record(ddb, events, streamed, key):
    missing = {"pk": {"S": key["pk"]["S"] + "-missing"}}
    with refused("TransactionCanceledException"):
        ddb.transact_write_items(TransactItems=[
            {"Put": {"TableName": streamed[0], "Item": key}},
            {"ConditionCheck": {"TableName": streamed[0], "Key": missing,
                                "ConditionExpression": "attribute_exists(pk)"}}])
    assert events() == []


def test_a_repeated_transaction_makes_no_second_record(ddb, events, streamed, key):
    for _ in range(2):
        ddb.transact_write_items(
            ClientRequestToken=key["pk"]["S"][:36], TransactItems=[{"Update": {
                "TableName": streamed[0], "Key": key, "UpdateExpression": "ADD n :one",
                "ExpressionAttributeValues": {":one": {"N": "1"}}}}])
    assert names(events()) == ["INSERT"]


def test_each_tables_records_are_in_its_own_stream(ddb, streams, make_table):
    (one, first), (two, second) = make_streamed(make_table, ddb), make_streamed(make_table, ddb)
    ddb.transact_write_items(TransactItems=[
        {"Put": {"TableName": one, "Item": {"pk": {"S": "1"}}}},
        {"Put": {"TableName": two, "Item": {"pk": {"S": "2"}}}}])
    assert [each["dynamodb"]["Keys"] for each in records(streams, first, 1)] == [{"pk": {"S": "1"}}]
    assert [each["dynamodb"]["Keys"] for each in records(streams, second, 1)] == [{"pk": {"S": "2"}}]
