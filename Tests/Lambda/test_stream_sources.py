"""Functions that get a table's changes: records, batches, filters, starts, stops and windows."""

import json
import time

import pytest
from running import until

from .streams import Table, follow, keys, shop, table  # noqa: F401


# Records

def test_the_record_of_an_insertion(shop, table):
    name = shop.take()
    follow(shop, name, table)
    table.put("a", n={"N": "1"}, list={"L": [{"BOOL": True}]})
    record = shop.collector.wait_records(name, 1)[0]
    change = record.pop("dynamodb")
    assert len(record.pop("eventID")) == 32
    assert record == {
        "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
        "eventSourceARN": table.stream}
    assert change.pop("SequenceNumber").isdigit()
    made = change.pop("ApproximateCreationDateTime")
    assert isinstance(made, (int, float)) and abs(made - time.time()) < 300
    size = change.pop("SizeBytes")
    assert isinstance(size, int) and size > 0
    assert change == {
        "Keys": {"pk": {"S": "a"}}, "StreamViewType": "NEW_AND_OLD_IMAGES",
        "NewImage": {"pk": {"S": "a"}, "n": {"N": "1"}, "list": {"L": [{"BOOL": True}]}}}


def test_changes_and_removals(shop, table):
    name = shop.take()
    follow(shop, name, table)
    table.put("a")
    table.put("a", v={"S": "2"})
    table.delete("a")
    records = shop.collector.wait_records(name, 3)
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    assert records[1]["dynamodb"]["OldImage"] == {"pk": {"S": "a"}}
    assert "NewImage" not in records[2]["dynamodb"]


@pytest.mark.parametrize("view, images", [
    ("KEYS_ONLY", set()), ("NEW_IMAGE", {"NewImage"}), ("OLD_IMAGE", {"OldImage"})])
def test_view_types(shop, view, images):
    name, table = shop.take(), Table(shop.service_client("dynamodb"), view)
    follow(shop, name, table)
    table.put("a")
    table.put("a", v={"S": "2"})
    change = shop.collector.wait_records(name, 2)[1]["dynamodb"]
    assert {"NewImage", "OldImage"} & set(change) == images
    assert change["StreamViewType"] == view


def test_an_expired_item_names_dynamodb(shop, table):
    name = shop.take()
    follow(shop, name, table)
    table.dynamodb.update_time_to_live(
        TableName=table.name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "end"})
    table.put("old", end={"N": str(int(time.time()) - 60)})
    records = shop.collector.wait_records(name, 2)
    assert "userIdentity" not in records[0]
    assert records[1]["userIdentity"] == {"principalId": "dynamodb.amazonaws.com", "type": "Service"}


# Positions and batches

def test_trim_horizon_begins_with_the_oldest(shop, table):
    table.put("before")
    name = shop.take()
    follow(shop, name, table)
    assert keys(shop.collector.wait_records(name, 1)) == ["before"]


def test_latest_begins_with_what_comes_after_the_answer(shop, table):
    table.put("before")
    name = shop.take()
    follow(shop, name, table, StartingPosition="LATEST")
    table.put("after")
    assert keys(shop.collector.wait_records(name, 1)) == ["after"]


def test_order_is_kept(shop, table):
    name = shop.take()
    follow(shop, name, table, BatchSize=3)
    expected = [f"k{number}" for number in range(20)]
    for key in expected:
        table.put(key)
    assert keys(shop.collector.wait_records(name, 20)) == expected


@pytest.mark.parametrize("size", [1, 4, 100])
def test_batch_size(shop, table, size):
    for number in range(10):
        table.put(f"k{number}")
    name = shop.take()
    follow(shop, name, table, BatchSize=size)
    shop.collector.wait_records(name, 10)
    sizes = [len(event["Records"]) for event in shop.collector.events(name)]
    assert max(sizes) == min(size, 10)
    assert len(sizes) == -(-10 // size)


def test_a_window_gathers_records(shop, table):
    name = shop.take()
    uid = follow(shop, name, table, MaximumBatchingWindowInSeconds=2)
    until(lambda: shop.client.get_event_source_mapping(UUID=uid)["State"] == "Enabled", "enabled")
    for number in range(5):
        table.put(f"k{number}")
    shop.collector.wait_records(name, 5)
    assert len(shop.collector.events(name)) < 5


def test_a_full_batch_does_not_wait_for_its_window(shop, table):
    name = shop.take()
    follow(shop, name, table, BatchSize=2, MaximumBatchingWindowInSeconds=300)
    for number in range(4):
        table.put(f"k{number}")
    assert len(shop.collector.wait_records(name, 4)) == 4


def test_two_functions_get_all_records_each(shop, table):
    first, second = shop.take(), shop.take()
    follow(shop, first, table)
    follow(shop, second, table)
    table.put("a")
    assert keys(shop.collector.wait_records(first, 1)) == keys(shop.collector.wait_records(second, 1)) == ["a"]


def test_parallel_calls_keep_the_order_of_each_key(shop, table):
    name = shop.take()
    follow(shop, name, table, ParallelizationFactor=4, BatchSize=1)
    for round_ in range(5):
        for key in "abcdef":
            table.put(key, round={"N": str(round_)})
    records = shop.collector.wait_records(name, 30)
    for key in "abcdef":
        rounds = [one["dynamodb"]["NewImage"]["round"]["N"] for one in records if keys([one]) == [key]]
        assert rounds == ["0", "1", "2", "3", "4"]


# Filters

@pytest.mark.parametrize("pattern, expected", [
    ({"eventName": ["REMOVE"]}, [("REMOVE", "a")]),
    ({"dynamodb": {"Keys": {"pk": {"S": [{"prefix": "b"}]}}}}, [("INSERT", "b")]),
    ({"dynamodb": {"NewImage": {"n": {"N": ["5"]}}}}, [("INSERT", "b")]),
    ({"dynamodb": {"NewImage": {"n": {"N": [{"exists": True}]}}}}, [("INSERT", "a"), ("INSERT", "b")]),
    ({"dynamodb": {"NewImage": {"n": {"N": [{"exists": False}]}}}}, [("REMOVE", "a"), ("INSERT", "end")]),
    ({"eventName": [{"anything-but": "INSERT"}]}, [("REMOVE", "a")]),
])
def test_filters(shop, table, pattern, expected):
    name, marker = shop.take(), shop.take()
    table.put("a", n={"N": "1"})
    table.put("b", n={"N": "5"})
    table.delete("a")
    table.put("end")
    follow(shop, name, table, FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]})
    follow(shop, marker, table)
    shop.collector.wait_records(marker, 4)
    records = shop.collector.wait_records(name, len(expected))
    assert [(one["eventName"], keys([one])[0]) for one in records] == expected


def test_one_of_several_filters_is_enough(shop, table):
    name = shop.take()
    patterns = [{"eventName": ["REMOVE"]}, {"dynamodb": {"Keys": {"pk": {"S": ["b"]}}}}]
    follow(shop, name, table, FilterCriteria={"Filters": [{"Pattern": json.dumps(one)} for one in patterns]})
    for key in "abc":
        table.put(key)
    table.delete("c")
    records = shop.collector.wait_records(name, 2)
    assert [(one["eventName"], keys([one])[0]) for one in records] == [("INSERT", "b"), ("REMOVE", "c")]


# Starting and stopping

def test_a_disabled_mapping_rests_and_goes_on_where_it_was(shop, table):
    name = shop.take()
    uid = follow(shop, name, table, BatchSize=1)
    table.put("a")
    shop.collector.wait_records(name, 1)
    until(lambda: shop.client.get_event_source_mapping(UUID=uid)["LastProcessingResult"] == "OK", "OK")
    shop.client.update_event_source_mapping(UUID=uid, Enabled=False)
    until(lambda: shop.client.get_event_source_mapping(UUID=uid)["State"] == "Disabled", "disabled")
    table.put("b")
    shop.client.update_event_source_mapping(UUID=uid, Enabled=True)
    table.put("c")
    assert keys(shop.collector.wait_records(name, 3)) == ["a", "b", "c"]


def test_a_deleted_mapping_gets_nothing_more(shop, table):
    name, marker = shop.take(), shop.take()
    uid = follow(shop, name, table)
    follow(shop, marker, table)
    table.put("a")
    shop.collector.wait_records(name, 1)
    shop.client.delete_event_source_mapping(UUID=uid)
    table.put("b")
    shop.collector.wait_records(marker, 2)
    assert keys(shop.collector.records(name)) == ["a"]


def test_a_stream_that_was_turned_off_is_read_to_its_end(shop, table):
    table.put("a")
    table.dynamodb.update_table(TableName=table.name, StreamSpecification={"StreamEnabled": False})
    name = shop.take()
    follow(shop, name, table)
    assert keys(shop.collector.wait_records(name, 1)) == ["a"]


def test_a_table_made_again_is_another_source(shop, table):
    dynamodb = table.dynamodb
    name = shop.take()
    follow(shop, name, table)
    table.put("old")
    shop.collector.wait_records(name, 1)
    dynamodb.delete_table(TableName=table.name)
    dynamodb.get_waiter("table_not_exists").wait(TableName=table.name, WaiterConfig={"Delay": 1})
    again = Table(dynamodb, name=table.name)
    follow(shop, name, again)
    again.put("new")
    assert keys(shop.collector.wait_records(name, 2)) == ["old", "new"]


# Tumbling windows

def test_a_window_carries_state_and_ends(shop, table):
    name = shop.take()

    def answer(one):
        count = one["event"]["state"].get("count", 0) + len(one["event"]["Records"])
        return {"return": {"state": {"count": count}}}

    shop.collector.answers[name] = answer
    follow(shop, name, table, TumblingWindowInSeconds=2, BatchSize=1)
    for key in "abc":
        table.put(key)
    until(lambda: sum(one["isFinalInvokeForWindow"] and one["state"].get("count", 0)
                      for one in shop.collector.events(name)) == 3, "windows with all records")
    events = shop.collector.events(name)
    assert set(events[0]) == {
        "Records", "window", "state", "shardId", "eventSourceARN", "isFinalInvokeForWindow",
        "isWindowTerminatedEarly"}
    assert events[0]["eventSourceARN"] == table.stream
    assert events[0]["state"] == {}
    final = [one for one in events if one["isFinalInvokeForWindow"]]
    assert all(one["Records"] == [] for one in final)
    assert all(one["window"]["start"].endswith("Z") for one in events)


def test_a_window_whose_state_grows_beyond_a_megabyte_ends_early(shop, table):
    name = shop.take()

    def answer(one):
        if one["event"]["isFinalInvokeForWindow"]:
            return {}
        return {"return": {"state": {"size": one["event"]["state"].get("size", 0) + 1, "text": "x" * 1_048_576}}}

    shop.collector.answers[name] = answer
    follow(shop, name, table, TumblingWindowInSeconds=900, BatchSize=1)
    # No window ends within the test by the clock.
    until(lambda: time.time() % 900 < 840, "the beginning of a window", 90)
    for key in "ab":
        table.put(key)
    until(lambda: len(shop.collector.events(name)) == 4, "two records and two ends of their window")
    events = shop.collector.events(name)
    assert [(one["isFinalInvokeForWindow"], one["isWindowTerminatedEarly"], one["state"].get("size", 0))
            for one in events] == [(False, False, 0), (True, True, 1), (False, False, 0), (True, True, 1)]
    assert len({json.dumps(one["window"]) for one in events}) == 1


def test_a_batch_leaves_room_for_the_windows_state(shop, table):
    name = shop.take()
    shop.collector.answers[name] = lambda one: {"return": {"state": {"text": "x" * 1_000_000}}}
    for number in range(20):
        table.put(str(number), text={"S": "y" * 300_000})
    follow(shop, name, table, TumblingWindowInSeconds=900, BatchSize=100, StartingPosition="TRIM_HORIZON")
    assert sorted(keys(shop.collector.wait_records(name, 20)), key=int) == [str(number) for number in range(20)]
