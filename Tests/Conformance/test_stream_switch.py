"""UpdateTable turns streams on and off."""

import re

import pytest

from .conftest import refused
from .streaming import VIEWS, create, iterator, make_streamed, of_key, read, records, shards, specification, turn


def names(found):
    return [each["dynamodb"]["Keys"]["pk"]["S"] for each in found]


@pytest.fixture(scope="module")
def history(ddb, streams, make_table):
    """(table, first ARN, second ARN): on, a record, off, no record, on again, a record."""
    name = make_table()
    ddb.put_item(TableName=name, Item={"pk": {"S": "before"}})
    first = turn(ddb, name, "NEW_IMAGE")["LatestStreamArn"]
    ddb.put_item(TableName=name, Item={"pk": {"S": "first"}})
    assert len(records(streams, first, 1)) == 1
    turn(ddb, name, None)
    ddb.put_item(TableName=name, Item={"pk": {"S": "between"}})
    second = turn(ddb, name, "KEYS_ONLY")["LatestStreamArn"]
    ddb.put_item(TableName=name, Item={"pk": {"S": "second"}})
    assert len(records(streams, second, 1)) == 1
    return name, first, second


@pytest.mark.parametrize("view", VIEWS)
def test_the_answer_to_turning_on(ddb, make_table, view):
    name = make_table()
    answer = turn(ddb, name, view)
    assert answer["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": view}
    assert answer["LatestStreamArn"] == f"{answer['TableArn']}/stream/{answer['LatestStreamLabel']}"
    assert answer["TableStatus"] == "UPDATING"


@pytest.mark.parametrize("view", VIEWS)
def test_a_table_whose_stream_was_turned_on_says_so(ddb, make_table, view):
    name = make_table()
    answer, table = turn(ddb, name, view), ddb.describe_table(TableName=name)["Table"]
    for member in ["StreamSpecification", "LatestStreamArn", "LatestStreamLabel"]:
        assert table[member] == answer[member]


def test_a_stream_turned_on_shows_what_comes(streams, history):
    assert names(records(streams, history[1], 1)) == ["first"]


def test_a_stream_turned_on_again_shows_its_own_records(streams, history):
    assert names(records(streams, history[2], 1)) == ["second"]


def test_a_stream_turned_on_again_has_another_name(history):
    assert history[1] != history[2]


@pytest.mark.parametrize("which, status", [(1, "DISABLED"), (2, "ENABLED")])
def test_the_states_of_both(streams, history, which, status):
    assert streams.describe_stream(StreamArn=history[which])["StreamDescription"]["StreamStatus"] == status


@pytest.mark.parametrize("which, view", [(1, "NEW_IMAGE"), (2, "KEYS_ONLY")])
def test_each_keeps_its_view_type(streams, history, which, view):
    assert streams.describe_stream(StreamArn=history[which])["StreamDescription"]["StreamViewType"] == view


def test_both_are_listed(streams, history):
    found = {each["StreamArn"] for each in streams.list_streams(TableName=history[0])["Streams"]}
    assert found == {history[1], history[2]}


def test_both_are_listed_page_by_page(streams, history):
    first = streams.list_streams(TableName=history[0], Limit=1)
    assert len(first["Streams"]) == 1
    second = streams.list_streams(
        TableName=history[0], Limit=1, ExclusiveStartStreamArn=first["LastEvaluatedStreamArn"])
    assert {each["StreamArn"] for each in first["Streams"] + second["Streams"]} == {history[1], history[2]}


def test_the_table_names_the_latest(ddb, history):
    assert ddb.describe_table(TableName=history[0])["Table"]["LatestStreamArn"] == history[2]


def test_shards_of_a_stream_that_is_off_are_closed(streams, history):
    assert all("EndingSequenceNumber" in each["SequenceNumberRange"] for each in shards(streams, history[1]))


def test_a_stream_that_is_off_comes_to_its_end(streams, history):
    for shard in shards(streams, history[1]):
        place = iterator(streams, history[1], shard=shard["ShardId"])
        assert read(streams, place, 100)[1] is None


def test_the_ends_sequence_number_is_the_last_records(streams, history):
    ends = {each["SequenceNumberRange"]["EndingSequenceNumber"] for each in shards(streams, history[1])}
    last = max(records(streams, history[1], 1), key=lambda each: int(each["dynamodb"]["SequenceNumber"]))
    assert any(int(end) >= int(last["dynamodb"]["SequenceNumber"]) for end in ends)


def test_a_table_whose_stream_is_off_keeps_its_name(ddb, make_table):
    name, arn = make_streamed(make_table, ddb)
    turn(ddb, name, None)
    table = ddb.describe_table(TableName=name)["Table"]
    assert "StreamSpecification" not in table
    assert table["LatestStreamArn"] == arn
    assert arn.endswith(table["LatestStreamLabel"])


def test_an_iterator_of_an_open_shard_reads_the_rest_when_the_stream_is_off(ddb, streams, make_table):
    name, arn = make_streamed(make_table, ddb)
    place = iterator(streams, arn)
    ddb.put_item(TableName=name, Item={"pk": {"S": "a"}})
    turn(ddb, name, None)
    found, place = read(streams, place, 2)
    assert names(found) == ["a"]
    assert place is None


def test_sequence_numbers_and_event_ids_are_never_used_again(streams, history):
    first, second = records(streams, history[1], 1)[0], records(streams, history[2], 1)[0]
    assert first["eventID"] != second["eventID"]
    assert int(first["dynamodb"]["SequenceNumber"]) < int(second["dynamodb"]["SequenceNumber"])


def test_a_change_of_what_was_there_before_is_a_modify(ddb, streams, make_table):
    name = make_table()
    ddb.put_item(TableName=name, Item={"pk": {"S": "a"}})
    arn = turn(ddb, name, "NEW_AND_OLD_IMAGES")["LatestStreamArn"]
    ddb.put_item(TableName=name, Item={"pk": {"S": "a"}, "v": {"N": "1"}})
    found = of_key(records(streams, arn, 1), {"pk": {"S": "a"}})
    assert found[0]["eventName"] == "MODIFY"
    assert found[0]["dynamodb"]["OldImage"] == {"pk": {"S": "a"}}


@pytest.mark.parametrize("view", VIEWS)
def test_turning_on_twice(ddb, make_table, view):
    name, _ = make_streamed(make_table, ddb, "NEW_IMAGE")
    with refused("ValidationException", f"Table already has an enabled stream: TableName: {name}"):
        ddb.update_table(TableName=name, StreamSpecification=specification(view))


def test_turning_off_what_was_never_on(ddb, make_table):
    name = make_table()
    with refused("ValidationException", f"Table has no stream to disable: TableName: {name}"):
        turn(ddb, name, None)


def test_turning_off_twice(ddb, make_table):
    name, _ = make_streamed(make_table, ddb)
    turn(ddb, name, None)
    with refused("ValidationException", f"Table has no stream to disable: TableName: {name}"):
        turn(ddb, name, None)


def test_turning_on_needs_a_view_type(ddb, table):
    with refused(
            "ValidationException",
            "One or more parameter values were invalid: If stream is being enabled then UpdateViewType is required"):
        ddb.update_table(TableName=table, StreamSpecification={"StreamEnabled": True})


@pytest.mark.parametrize("view", VIEWS)
def test_turning_off_takes_no_view_type(ddb, make_table, view):
    name, _ = make_streamed(make_table, ddb, view)
    with refused(
            "ValidationException", "One or more parameter values were invalid: ",
            "If stream is being disabled, then UpdateViewType must not be specified"):
        ddb.update_table(TableName=name, StreamSpecification={"StreamEnabled": False, "StreamViewType": view})


@pytest.mark.parametrize("given", [{}, {"StreamViewType": "NEW_IMAGE"}])
def test_stream_enabled_is_required(ddb, table, given):
    with refused("ValidationException", "Value null at 'streamSpecification.streamEnabled'"):
        ddb.update_table(TableName=table, StreamSpecification=given)


def test_an_unknown_view_type(ddb, table):
    with refused("ValidationException", "'streamSpecification.streamViewType'", "enum value set"):
        ddb.update_table(
            TableName=table, StreamSpecification={"StreamEnabled": True, "StreamViewType": "EVERYTHING"})


def test_a_refused_change_leaves_the_stream_as_it_is(ddb, streams, make_table):
    name, arn = make_streamed(make_table, ddb, "OLD_IMAGE")
    with refused("ValidationException"):
        ddb.update_table(TableName=name, StreamSpecification=specification("NEW_IMAGE"))
    assert streams.describe_stream(StreamArn=arn)["StreamDescription"]["StreamViewType"] == "OLD_IMAGE"
    assert len(streams.list_streams(TableName=name)["Streams"]) == 1


def test_dropping_a_table_leaves_all_its_streams_readable(ddb, streams):
    name, made = create(ddb, StreamSpecification=specification())
    arns = [made["LatestStreamArn"]]
    ddb.put_item(TableName=name, Item={"pk": {"S": "1"}})
    records(streams, arns[0], 1)
    turn(ddb, name, None)
    arns.append(turn(ddb, name, "KEYS_ONLY")["LatestStreamArn"])
    ddb.put_item(TableName=name, Item={"pk": {"S": "2"}})
    records(streams, arns[1], 1)
    ddb.delete_table(TableName=name)
    ddb.get_waiter("table_not_exists").wait(TableName=name)
    assert [names(records(streams, arn, 1)) for arn in arns] == [["1"], ["2"]]


def test_labels_are_times(ddb, make_table):
    name = make_table()
    label = turn(ddb, name, "NEW_IMAGE")["LatestStreamLabel"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}", label)
