"""A new index over items that are there already, while writers go on."""

import random
import threading
import time

import pytest

from .conftest import index, refused, unique, wait_active
from .test_update_table import create, describe, string


def fill(ddb, name, items):
    for start in range(0, len(items), 25):
        rest = {name: [{"PutRequest": {"Item": item}} for item in items[start:start + 25]]}
        while rest:
            rest = ddb.batch_write_item(RequestItems=rest)["UnprocessedItems"]


def scan(ddb, name, **more):
    found, start = [], {}
    while True:
        page = ddb.scan(TableName=name, **start, **more)
        found += page["Items"]
        if "LastEvaluatedKey" not in page:
            return found
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def add_index(ddb, name, type="S", **shape):
    ddb.update_table(
        TableName=name, AttributeDefinitions=[{"AttributeName": "g", "AttributeType": type}],
        GlobalSecondaryIndexUpdates=[create("byG", **shape)])


def by_key(items):
    return sorted(items, key=lambda item: item["pk"]["S"])


def test_items_that_were_there_before_are_found(ddb, make_table):
    name = make_table()
    items = [{"pk": {"S": f"{number:04}"}, "g": {"S": str(number % 7)}} for number in range(500)]
    fill(ddb, name, items)
    add_index(ddb, name)
    wait_active(ddb, name, 1200)
    assert by_key(scan(ddb, name, IndexName="byG")) == items
    found = ddb.query(TableName=name, IndexName="byG", KeyConditionExpression="g = :g",
                      ExpressionAttributeValues={":g": {"S": "3"}})
    assert found["Count"] == len([item for item in items if item["g"]["S"] == "3"])


@pytest.mark.parametrize("type, value", [("S", {"S": "x"}), ("N", {"N": "-1.5"}), ("B", {"B": b"\x00x"})])
def test_items_without_the_attribute_or_with_another_type_are_left_out(ddb, make_table, type, value):
    name = make_table()
    values = {
        "text": {"S": "x"}, "number": {"N": "-1.5"}, "bytes": {"B": b"\x00x"}, "flag": {"BOOL": True},
        "nothing": {"NULL": True}, "list": {"L": [value]}, "map": {"M": {"g": value}}, "set": {"SS": ["x"]}}
    fill(ddb, name, [{"pk": {"S": key}, "g": each} for key, each in values.items()] + [{"pk": {"S": "absent"}}])
    add_index(ddb, name, type=type)
    wait_active(ddb, name, 1200)
    found = scan(ddb, name, IndexName="byG")
    assert [item["g"] for item in found] == [value]


def test_an_empty_string_is_left_out(ddb, make_table):
    name = make_table()
    fill(ddb, name, [{"pk": {"S": "empty"}, "g": {"S": ""}}, {"pk": {"S": "full"}, "g": {"S": "x"}}])
    add_index(ddb, name)
    wait_active(ddb, name, 1200)
    assert [item["pk"]["S"] for item in scan(ddb, name, IndexName="byG")] == ["full"]


def test_an_item_that_was_left_out_can_still_be_changed_and_then_enters(ddb, make_table):
    name = make_table()
    key = {"pk": {"S": "1"}}
    ddb.put_item(TableName=name, Item={**key, "g": {"N": "5"}, "other": {"S": "a"}})
    add_index(ddb, name)
    wait_active(ddb, name, 1200)
    ddb.update_item(TableName=name, Key=key, UpdateExpression="SET g = :g",
                    ExpressionAttributeValues={":g": {"S": "x"}})
    assert scan(ddb, name, IndexName="byG") == [{**key, "g": {"S": "x"}, "other": {"S": "a"}}]


@pytest.mark.parametrize("value", [{"N": "5"}, {"S": ""}, {"S": "x" * 2049}, {"BOOL": True}])
def test_other_attributes_of_an_item_that_was_left_out_can_be_changed(ddb, make_table, value):
    name = make_table()
    key = {"pk": {"S": "1"}}
    ddb.put_item(TableName=name, Item={**key, "g": value})
    add_index(ddb, name)
    wait_active(ddb, name, 1200)
    ddb.update_item(TableName=name, Key=key, UpdateExpression="SET extra = :o",
                    ExpressionAttributeValues={":o": {"S": "a"}})
    assert ddb.get_item(TableName=name, Key=key, ConsistentRead=True)["Item"] == {
        **key, "g": value, "extra": {"S": "a"}}
    assert scan(ddb, name, IndexName="byG") == []


@pytest.mark.parametrize("projection, include, shown", [
    ("ALL", None, {"pk", "g", "a", "b"}), ("KEYS_ONLY", None, {"pk", "g"}), ("INCLUDE", ["a"], {"pk", "g", "a"})])
def test_the_projection_holds_for_old_items(ddb, make_table, projection, include, shown):
    name = make_table()
    ddb.put_item(TableName=name, Item={each: {"S": each} for each in ["pk", "g", "a", "b"]})
    add_index(ddb, name, projection=projection, include=include)
    wait_active(ddb, name, 1200)
    assert set(scan(ddb, name, IndexName="byG")[0]) == shown


def test_an_index_over_an_empty_table(ddb, make_table):
    name = make_table()
    add_index(ddb, name)
    wait_active(ddb, name, 1200)
    assert scan(ddb, name, IndexName="byG") == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_writers_go_on_while_an_index_is_filled(ddb, endpoint, make_table, seed):
    print("seed", seed)
    name = make_table()
    fill(ddb, name, [
        {"pk": {"S": f"{number:05}"}, "g": {"S": f"g{number % 10}"}, "n": {"N": "0"}} for number in range(2000)])
    stop, failures, writes = threading.Event(), [], [0]

    def write(worker):
        client, choose = endpoint.client(), random.Random(seed * 100 + worker)
        try:
            while not stop.is_set():
                key = {"pk": {"S": f"{choose.randrange(2200):05}"}}
                kind = choose.randrange(5)
                if kind == 0:
                    client.delete_item(TableName=name, Key=key)
                elif kind == 1:
                    client.put_item(TableName=name, Item={**key, "g": {"S": f"g{choose.randrange(10)}"}})
                elif kind == 2:
                    client.put_item(TableName=name, Item=key)
                elif kind == 3:
                    client.update_item(
                        TableName=name, Key=key, UpdateExpression="SET g = :g ADD n :one",
                        ExpressionAttributeValues={":g": {"S": f"h{choose.randrange(10)}"}, ":one": {"N": "1"}})
                else:
                    client.transact_write_items(TransactItems=[
                        {"Put": {"TableName": name, "Item": {**key, "g": {"S": "t"}}}}])
                writes[0] += 1
        except Exception as error:  # noqa: BLE001 - shown by the test itself
            failures.append(error)

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(6)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(0.1)
        add_index(ddb, name)
        wait_active(ddb, name, 1200)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures and writes[0] > 0
    expected = [item for item in scan(ddb, name, ConsistentRead=True) if "g" in item]
    if endpoint.is_aws:
        time.sleep(5)
    assert by_key(scan(ddb, name, IndexName="byG")) == by_key(expected)


def test_a_second_index_is_filled_after_the_first(ddb, make_table):
    name = make_table(GlobalSecondaryIndexes=[index("first", "f")])
    fill(ddb, name, [{"pk": {"S": str(n)}, "f": {"S": "f"}, "g": {"S": "g"}} for n in range(60)])
    add_index(ddb, name)
    wait_active(ddb, name, 1200)
    assert len(scan(ddb, name, IndexName="byG")) == 60
    assert len(scan(ddb, name, IndexName="first")) == 60


def test_an_index_over_a_table_with_a_sort_key(ddb, make_table):
    name = make_table(range="sk")
    fill(ddb, name, [{"pk": {"S": "p"}, "sk": {"S": f"{n:03}"}, "g": {"N": str(200 - n)}} for n in range(120)])
    ddb.update_table(
        TableName=name, AttributeDefinitions=[{"AttributeName": "g", "AttributeType": "N"}],
        GlobalSecondaryIndexUpdates=[create("byG", "pk", "g")])
    wait_active(ddb, name, 1200)
    found = ddb.query(TableName=name, IndexName="byG", KeyConditionExpression="pk = :p",
                      ExpressionAttributeValues={":p": {"S": "p"}})["Items"]
    assert [item["sk"]["S"] for item in found] == [f"{n:03}" for n in range(119, -1, -1)]
