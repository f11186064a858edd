"""ListStreams and DescribeStream, and what tables say about their streams."""

import datetime
import re

import pytest
from running import until

from .conftest import definition, refused, unique
from .streaming import (
    PATIENCE, VIEWS, create, iterator, make_streamed, records, shards, specification)

ARN = r"arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table/[^/]+/stream/"
LABEL = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}"


@pytest.fixture(scope="module")
def streamed(make_table, ddb):
    """(table, stream ARN)"""
    return make_streamed(make_table, ddb)


@pytest.fixture(scope="module")
def description(streams, streamed):
    return streams.describe_stream(StreamArn=streamed[1])["StreamDescription"]


def unknown(arn):
    """A well-formed name of a stream that is not there."""
    return re.sub(r"table/[^/]+/", "table/no-such-table-at-all/", arn)


# Tables


@pytest.mark.parametrize("view", VIEWS)
def test_create_table_answers_with_the_stream(ddb, view):
    name, table = create(ddb, StreamSpecification=specification(view))
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": view}
    assert table["LatestStreamArn"] == f"{table['TableArn']}/stream/{table['LatestStreamLabel']}"
    ddb.delete_table(TableName=name)


@pytest.mark.parametrize("member", ["StreamSpecification", "LatestStreamArn", "LatestStreamLabel"])
def test_describe_table_says_what_create_table_said(ddb, member):
    name, made = create(ddb, StreamSpecification=specification())
    assert ddb.describe_table(TableName=name)["Table"][member] == made[member]
    ddb.delete_table(TableName=name)


def test_the_label_is_the_time_in_milliseconds(ddb, streamed):
    label = ddb.describe_table(TableName=streamed[0])["Table"]["LatestStreamLabel"]
    assert re.fullmatch(LABEL, label)


@pytest.mark.parametrize("member", ["StreamSpecification", "LatestStreamArn", "LatestStreamLabel"])
def test_a_table_without_a_stream_has_no_such_member(ddb, table, member):
    assert member not in ddb.describe_table(TableName=table)["Table"]


def test_a_stream_that_is_not_enabled_is_none(ddb):
    name, table = create(ddb, StreamSpecification={"StreamEnabled": False})
    assert "LatestStreamArn" not in table
    assert not table.get("StreamSpecification", {}).get("StreamEnabled")
    ddb.delete_table(TableName=name)


def test_enabling_needs_a_view_type(ddb):
    with refused(
            "ValidationException", "One or more parameter values were invalid: ",
            "Table is being created with a stream enabled, UpdateViewType is required"):
        ddb.create_table(**definition(unique(), StreamSpecification={"StreamEnabled": True}))


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_type_needs_enabling(ddb, view):
    with refused(
            "ValidationException", "One or more parameter values were invalid: ",
            "Table is being created with a stream disabled, UpdateViewType should not be specified"):
        ddb.create_table(**definition(
            unique(), StreamSpecification={"StreamEnabled": False, "StreamViewType": view}))


@pytest.mark.parametrize("given", [{}, {"StreamViewType": "NEW_IMAGE"}])
def test_stream_enabled_is_required(ddb, given):
    with refused("ValidationException", "'streamSpecification.streamEnabled'", "Member must not be null"):
        ddb.create_table(**definition(unique(), StreamSpecification=given))


@pytest.mark.parametrize("view", ["ALL", "new_image", ""])
def test_an_unknown_view_type_is_refused(ddb, view):
    with refused("ValidationException", f"Value '{view}' at 'streamSpecification.streamViewType'", "enum"):
        ddb.create_table(**definition(
            unique(), StreamSpecification={"StreamEnabled": True, "StreamViewType": view}))


@pytest.mark.parametrize("given", [
    {"StreamEnabled": [True]}, {"StreamEnabled": True, "StreamViewType": 1}, [], "NEW_IMAGE"])
def test_wrong_types_are_refused(endpoint, given):
    code, _ = endpoint.raw_error("CreateTable", definition(unique(), StreamSpecification=given))
    assert code.endswith("#SerializationException")


def test_a_refused_table_leaves_no_stream(ddb, streams, streamed):
    with refused("ResourceInUseException"):
        ddb.create_table(**definition(streamed[0], StreamSpecification=specification()))
    assert len(streams.list_streams(TableName=streamed[0])["Streams"]) == 1


# ListStreams


def test_list_streams_of_a_table(streams, streamed):
    found = streams.list_streams(TableName=streamed[0])["Streams"]
    assert [each["StreamArn"] for each in found] == [streamed[1]]


@pytest.mark.parametrize("member", ["StreamArn", "TableName", "StreamLabel"])
def test_each_listed_stream_has(streams, streamed, member):
    stream = streams.list_streams(TableName=streamed[0])["Streams"][0]
    name, arn = streamed
    expected = {"StreamArn": arn, "TableName": name, "StreamLabel": re.sub(ARN, "", arn)}
    assert stream[member] == expected[member]
    assert set(stream) == set(expected)


def test_list_streams_of_a_table_without_one(streams, table):
    answer = streams.list_streams(TableName=table)
    assert answer["Streams"] == []
    assert "LastEvaluatedStreamArn" not in answer


def test_list_streams_of_all_tables_page_by_page(ddb, streams, make_table):
    wanted = {make_streamed(make_table, ddb)[1] for _ in range(3)}
    found, more = [], {}
    while True:
        page = streams.list_streams(Limit=2, **more)
        assert len(page["Streams"]) <= 2
        found += [each["StreamArn"] for each in page["Streams"]]
        if "LastEvaluatedStreamArn" not in page:
            break
        more = {"ExclusiveStartStreamArn": page["LastEvaluatedStreamArn"]}
    assert wanted <= set(found)
    assert len(found) == len(set(found))


def test_a_page_goes_on_behind_the_given_stream(streams, streamed):
    answer = streams.list_streams(TableName=streamed[0], ExclusiveStartStreamArn=streamed[1])
    assert answer["Streams"] == []


@pytest.mark.parametrize("limit, rule", [
    (0, "greater than or equal to 1"), (-1, "greater than or equal to 1")])
def test_list_streams_limit(streams, limit, rule):
    with refused("ValidationException", f"Value '{limit}' at 'limit'", rule):
        streams.list_streams(Limit=limit)


@pytest.mark.parametrize("name", ["ab", "a/b/c", "x" * 256, "no spaces"])
def test_list_streams_of_an_impossible_name(streams, name):
    with refused("ValidationException", "'tableName'"):
        streams.list_streams(TableName=name)


def test_list_streams_behind_a_name_too_short(streams):
    with refused("ValidationException", "'exclusiveStartStreamArn'", "greater than or equal to 37"):
        streams.list_streams(ExclusiveStartStreamArn="arn")


def test_list_streams_behind_what_is_no_name(streams):
    with refused("ValidationException"):
        streams.list_streams(ExclusiveStartStreamArn="x" * 50)


# DescribeStream


@pytest.mark.parametrize("member, value", [
    ("StreamStatus", "ENABLED"), ("StreamViewType", "NEW_AND_OLD_IMAGES"),
    ("KeySchema", [{"AttributeName": "pk", "KeyType": "HASH"}])])
def test_describe_stream(description, member, value):
    assert description[member] == value


def test_describe_stream_names_its_table(description, streamed):
    assert (description["TableName"], description["StreamArn"]) == streamed


def test_describe_stream_says_when_it_was_turned_on(description):
    age = datetime.datetime.now(datetime.timezone.utc) - description["CreationRequestDateTime"]
    assert abs(age.total_seconds()) < 600
    assert re.fullmatch(LABEL, description["StreamLabel"])


def test_describe_stream_gives_both_keys(ddb, streams, make_table):
    _, arn = make_streamed(make_table, ddb, range="sk")
    schema = streams.describe_stream(StreamArn=arn)["StreamDescription"]["KeySchema"]
    assert [(each["AttributeName"], each["KeyType"]) for each in schema] == [("pk", "HASH"), ("sk", "RANGE")]


@pytest.mark.parametrize("view", VIEWS)
def test_describe_stream_gives_the_view_type(ddb, streams, make_table, view):
    _, arn = make_streamed(make_table, ddb, view)
    assert streams.describe_stream(StreamArn=arn)["StreamDescription"]["StreamViewType"] == view


def test_a_new_stream_has_an_open_shard(description):
    assert description["Shards"]
    assert all("EndingSequenceNumber" not in each["SequenceNumberRange"] for each in description["Shards"])
    assert "LastEvaluatedShardId" not in description


def test_shard_ids_have_the_models_length(description):
    assert all(
        28 <= len(each["ShardId"]) <= 65 and each["ShardId"].startswith("shardId-")
        for each in description["Shards"])


def test_sequence_numbers_have_the_models_length(description):
    for each in description["Shards"]:
        assert re.fullmatch(r"\d{21,40}", each["SequenceNumberRange"]["StartingSequenceNumber"])


def test_a_new_streams_shards_have_no_parents(description):
    assert all("ParentShardId" not in each for each in description["Shards"])


def test_shards_page_by_page(streams, streamed, description):
    found, more = [], {}
    while True:
        page = streams.describe_stream(StreamArn=streamed[1], Limit=1, **more)["StreamDescription"]
        found += [each["ShardId"] for each in page["Shards"]]
        if "LastEvaluatedShardId" not in page:
            break
        more = {"ExclusiveStartShardId": page["LastEvaluatedShardId"]}
    assert sorted(found) == sorted(each["ShardId"] for each in description["Shards"])


def test_there_is_no_shard_behind_the_last(streams, streamed, description):
    last = max(each["ShardId"] for each in description["Shards"])
    page = streams.describe_stream(StreamArn=streamed[1], ExclusiveStartShardId=last)
    assert page["StreamDescription"]["Shards"] == []


def test_an_open_shard_has_no_children(streams, streamed, description):
    page = streams.describe_stream(
        StreamArn=streamed[1],
        ShardFilter={"Type": "CHILD_SHARDS", "ShardId": description["Shards"][0]["ShardId"]})
    assert page["StreamDescription"]["Shards"] == []


def test_an_unknown_shard_filter_is_refused(streams, streamed, description):
    with refused("ValidationException", "'shardFilter.type'", "CHILD_SHARDS"):
        streams.describe_stream(
            StreamArn=streamed[1],
            ShardFilter={"Type": "OPEN_SHARDS", "ShardId": description["Shards"][0]["ShardId"]})


@pytest.mark.parametrize("limit", [0, -5])
def test_describe_stream_limit(streams, streamed, limit):
    with refused("ValidationException", f"Value '{limit}' at 'limit'"):
        streams.describe_stream(StreamArn=streamed[1], Limit=limit)


@pytest.mark.parametrize("shard", ["x" * 27, "x" * 66])
def test_describe_stream_behind_a_shard_of_wrong_length(streams, streamed, shard):
    with refused("ValidationException", "'exclusiveStartShardId'", "Member must have length"):
        streams.describe_stream(StreamArn=streamed[1], ExclusiveStartShardId=shard)


def test_describe_stream_needs_a_name(endpoint):
    code, text = endpoint.raw_error("DescribeStream", {}, target="DynamoDBStreams_20120810")
    assert code == "com.amazon.coral.validate#ValidationException"
    assert "Value null at 'streamArn' failed to satisfy constraint: Member must not be null" in text


@pytest.mark.parametrize("arn, rule", [("arn", "greater than or equal to 37"), ("x" * 1025, "equal to 1024")])
def test_describe_stream_of_a_name_of_wrong_length(streams, arn, rule):
    with refused("ValidationException", "'streamArn'", rule):
        streams.describe_stream(StreamArn=arn)


def test_describe_stream_of_what_is_no_name(streams):
    with refused("ValidationException"):
        streams.describe_stream(StreamArn="neither-a-stream-nor-a-table-nor-anything-else")


def test_describe_stream_of_a_tables_name(ddb, streams, make_table):
    name = make_table(name=unique("a-table-with-a-rather-long-name"))
    with refused("ValidationException"):
        streams.describe_stream(StreamArn=ddb.describe_table(TableName=name)["Table"]["TableArn"])


def test_describe_a_stream_that_is_not_there(streams, streamed):
    arn = unknown(streamed[1])
    with refused("ResourceNotFoundException", f"Requested resource not found: Stream: {arn} not found"):
        streams.describe_stream(StreamArn=arn)


def test_describe_a_stream_of_another_time(streams, streamed):
    arn = re.sub(LABEL, "2015-05-11T21:21:33.291", streamed[1])
    with refused("ResourceNotFoundException", "not found"):
        streams.describe_stream(StreamArn=arn)


def test_an_unknown_operation_on_streams(endpoint):
    code, _ = endpoint.raw_error("PutRecords", {}, target="DynamoDBStreams_20120810")
    assert code == "com.amazon.coral.service#UnknownOperationException"


@pytest.mark.parametrize("operation", ["ListStreams", "GetRecords"])
def test_operations_on_streams_are_no_operations_on_tables(endpoint, operation):
    code, _ = endpoint.raw_error(operation, {})
    assert code == "com.amazon.coral.service#UnknownOperationException"


def test_a_stream_keeps_its_name(ddb, streams, make_table):
    name, arn = make_streamed(make_table, ddb)
    ddb.put_item(TableName=name, Item={"pk": {"S": "a"}})
    assert len(records(streams, arn, 1)) == 1
    assert ddb.describe_table(TableName=name)["Table"]["LatestStreamArn"] == arn


# After DeleteTable


@pytest.fixture(scope="module")
def dropped(ddb, streams):
    """(table, stream ARN) of a table that had three records and is gone."""
    name, made = create(ddb, StreamSpecification=specification())
    for number in range(3):
        ddb.put_item(TableName=name, Item={"pk": {"S": str(number)}})
    arn = made["LatestStreamArn"]
    assert len(records(streams, arn, 3)) == 3
    ddb.delete_table(TableName=name)
    until(lambda: streams.describe_stream(StreamArn=arn)["StreamDescription"]["StreamStatus"] == "DISABLED",
          "the end of the stream", PATIENCE)
    return name, arn


def test_the_stream_of_a_dropped_table_is_listed(streams, dropped):
    assert [each["StreamArn"] for each in streams.list_streams(TableName=dropped[0])["Streams"]] == [dropped[1]]


def test_the_stream_of_a_dropped_table_is_described(streams, dropped):
    stream = streams.describe_stream(StreamArn=dropped[1])["StreamDescription"]
    assert stream["TableName"] == dropped[0]
    assert stream["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]


def test_the_shards_of_a_dropped_tables_stream_are_closed(streams, dropped):
    for shard in shards(streams, dropped[1]):
        numbers = shard["SequenceNumberRange"]
        assert int(numbers["EndingSequenceNumber"]) >= int(numbers["StartingSequenceNumber"])


def test_the_records_of_a_dropped_table_can_be_read(streams, dropped):
    found = records(streams, dropped[1], 3)
    assert sorted(each["dynamodb"]["Keys"]["pk"]["S"] for each in found) == ["0", "1", "2"]


def test_a_closed_shard_ends(streams, dropped):
    for shard in shards(streams, dropped[1]):
        place, count = iterator(streams, dropped[1], shard=shard["ShardId"]), 0
        while place and count < 50:
            place, count = streams.get_records(ShardIterator=place).get("NextShardIterator"), count + 1
        assert place is None


def test_dropping_a_table_makes_no_records(streams, dropped):
    assert all(each["eventName"] == "INSERT" for each in records(streams, dropped[1], 3))


def test_a_table_of_the_same_name_has_a_stream_of_its_own(ddb, streams):
    name, made = create(ddb, StreamSpecification=specification())
    ddb.put_item(TableName=name, Item={"pk": {"S": "old"}})
    records(streams, made["LatestStreamArn"], 1)
    ddb.delete_table(TableName=name)
    ddb.get_waiter("table_not_exists").wait(TableName=name)
    again = ddb.create_table(**definition(name, StreamSpecification=specification()))["TableDescription"]
    ddb.get_waiter("table_exists").wait(TableName=name)
    assert again["LatestStreamArn"] != made["LatestStreamArn"]
    ddb.put_item(TableName=name, Item={"pk": {"S": "new"}})
    found = records(streams, again["LatestStreamArn"], 1)
    assert [each["dynamodb"]["Keys"] for each in found] == [{"pk": {"S": "new"}}]
    listed = [each["StreamArn"] for each in streams.list_streams(TableName=name)["Streams"]]
    assert set(listed) == {made["LatestStreamArn"], again["LatestStreamArn"]}
    ddb.delete_table(TableName=name)
