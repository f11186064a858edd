"""GetShardIterator and GetRecords: where reading begins, how it goes on and what is refused."""

import time

import pytest

from .conftest import refused
from .streaming import create, iterator, make_streamed, read, records, shards, specification

TARGET = {"target": "DynamoDBStreams_20120810"}


@pytest.fixture(scope="module")
def streamed(make_table, ddb, streams):
    """(table, stream ARN, shard) of a table with ten changes of one item, so that one shard holds them all."""
    name, arn = make_streamed(make_table, ddb)
    for number in range(10):
        ddb.put_item(TableName=name, Item={"pk": {"S": "p"}, "n": {"N": str(number)}})
    assert len(records(streams, arn, 10)) == 10
    for each in shards(streams, arn):
        found, _ = read(streams, iterator(streams, arn, shard=each["ShardId"]), 10)
        if found:
            return name, arn, each["ShardId"]


@pytest.fixture(scope="module")
def ten(streams, streamed):
    return read(streams, iterator(streams, streamed[1], shard=streamed[2]), 10)[0]


def numbers(found):
    return [int(each["dynamodb"]["NewImage"]["n"]["N"]) for each in found]


def sequence(record):
    return record["dynamodb"]["SequenceNumber"]


# Where reading begins


def test_trim_horizon_is_the_beginning(ten):
    assert numbers(ten) == list(range(10))


@pytest.mark.parametrize("place", [0, 4, 9])
def test_at_a_sequence_number(streams, streamed, ten, place):
    start = iterator(
        streams, streamed[1], "AT_SEQUENCE_NUMBER", streamed[2], SequenceNumber=sequence(ten[place]))
    assert numbers(read(streams, start, 10 - place)[0]) == list(range(place, 10))


@pytest.mark.parametrize("place", [0, 4, 8])
def test_after_a_sequence_number(streams, streamed, ten, place):
    start = iterator(
        streams, streamed[1], "AFTER_SEQUENCE_NUMBER", streamed[2], SequenceNumber=sequence(ten[place]))
    assert numbers(read(streams, start, 9 - place)[0]) == list(range(place + 1, 10))


def test_at_the_shards_first_sequence_number(streams, streamed):
    shard = next(each for each in shards(streams, streamed[1]) if each["ShardId"] == streamed[2])
    first = shard["SequenceNumberRange"]["StartingSequenceNumber"]
    start = iterator(streams, streamed[1], "AT_SEQUENCE_NUMBER", streamed[2], SequenceNumber=first)
    assert numbers(read(streams, start, 10)[0]) == list(range(10))


def test_latest_shows_only_what_comes(ddb, streams, make_table):
    name, arn = make_streamed(make_table, ddb)
    ddb.put_item(TableName=name, Item={"pk": {"S": "p"}, "n": {"N": "1"}})
    records(streams, arn, 1)
    starts = [iterator(streams, arn, "LATEST", each["ShardId"]) for each in shards(streams, arn)]
    # On AWS the place is fixed a moment later.
    time.sleep(0.2)
    ddb.put_item(TableName=name, Item={"pk": {"S": "p"}, "n": {"N": "2"}})
    deadline, found = time.monotonic() + 30, []
    while not found and time.monotonic() < deadline:
        for position, place in enumerate(starts):
            answer = streams.get_records(ShardIterator=place)
            found += answer["Records"]
            starts[position] = answer["NextShardIterator"]
    assert numbers(found) == [2]


def test_after_the_last_record_there_is_none(streams, streamed, ten):
    start = iterator(
        streams, streamed[1], "AFTER_SEQUENCE_NUMBER", streamed[2], SequenceNumber=sequence(ten[9]))
    assert streams.get_records(ShardIterator=start)["Records"] == []


def test_reading_goes_on_when_records_come(ddb, streams, make_table):
    name, arn = make_streamed(make_table, ddb)
    place = iterator(streams, arn)
    for number in range(3):
        ddb.put_item(TableName=name, Item={"pk": {"S": "p"}, "n": {"N": str(number)}})
        found, place = read(streams, place, 1)
        assert numbers(found) == [number]


# How it goes on


@pytest.mark.parametrize("limit", [1, 3, 10, 1000])
def test_records_page_by_page(streams, streamed, limit):
    place, found = iterator(streams, streamed[1], shard=streamed[2]), []
    for _ in range(100):
        answer = streams.get_records(ShardIterator=place, Limit=limit)
        assert len(answer["Records"]) <= limit
        found += answer["Records"]
        place = answer["NextShardIterator"]
        if len(found) == 10:
            break
    assert numbers(found) == list(range(10))


def test_an_iterator_can_be_used_again(streams, streamed):
    place = iterator(streams, streamed[1], shard=streamed[2])
    assert read(streams, place, 10)[0] == read(streams, place, 10)[0]


def test_an_empty_stream_has_a_list_without_records(endpoint, ddb, streams, make_table):
    _, arn = make_streamed(make_table, ddb)
    status, _, body = endpoint.raw("GetRecords", {"ShardIterator": iterator(streams, arn)}, **TARGET)
    assert status == 200
    assert b'"Records":[]' in body


def test_an_open_shard_always_goes_on(ddb, streams, make_table):
    _, arn = make_streamed(make_table, ddb)
    place = iterator(streams, arn)
    for _ in range(5):
        answer = streams.get_records(ShardIterator=place)
        assert answer["Records"] == []
        place = answer["NextShardIterator"]


def test_iterators_have_the_models_length_and_name_their_stream(streams, streamed):
    place = iterator(streams, streamed[1], shard=streamed[2])
    assert 1 <= len(place) <= 2048
    assert place.startswith(streamed[1] + "|")


def test_one_answer_holds_a_megabyte_at_most(ddb, streams, make_table):
    name, arn = make_streamed(make_table, ddb, "NEW_IMAGE")
    for number in range(4):
        ddb.put_item(TableName=name, Item={
            "pk": {"S": "p"}, "n": {"N": str(number)}, "v": {"S": str(number) * 380_000}})
    assert len(records(streams, arn, 4)) == 4
    for shard in shards(streams, arn):
        place, found = iterator(streams, arn, shard=shard["ShardId"]), []
        for _ in range(20):
            answer = streams.get_records(ShardIterator=place)
            assert sum(each["dynamodb"]["SizeBytes"] for each in answer["Records"]) <= 1 << 20
            found += answer["Records"]
            place = answer["NextShardIterator"]
        assert numbers(found) in ([], [0, 1, 2, 3])


def test_views_that_show_little_of_large_items_are_read_to_their_end(ddb, streams, make_table):
    name, arn = make_streamed(make_table, ddb, "KEYS_ONLY")
    for number in range(15):
        ddb.put_item(TableName=name, Item={"pk": {"S": "p"}, "v": {"S": chr(97 + number) * 390_000}})
    found = records(streams, arn, 15)
    assert [each["eventName"] for each in found] == ["INSERT"] + ["MODIFY"] * 14


def test_one_answer_holds_a_thousand_records_at_most(ddb, streams, make_table):
    name, arn = make_streamed(make_table, ddb, "KEYS_ONLY", range="sk")
    for start in range(0, 1025, 25):
        ddb.batch_write_item(RequestItems={name: [
            {"PutRequest": {"Item": {"pk": {"S": "p"}, "sk": {"S": f"{start + each:05}"}}}}
            for each in range(25)]})
    place, found, largest = iterator(streams, arn), [], 0
    deadline = time.monotonic() + 60
    while len(found) < 1025 and time.monotonic() < deadline:
        answer = streams.get_records(ShardIterator=place)
        largest = max(largest, len(answer["Records"]))
        found += answer["Records"]
        place = answer["NextShardIterator"]
    assert largest <= 1000
    assert len({each["dynamodb"]["Keys"]["sk"]["S"] for each in found}) == 1025


def test_a_closed_shard_gives_its_rest_and_then_ends(ddb, streams):
    name, made = create(ddb, StreamSpecification=specification())
    arn = made["LatestStreamArn"]
    for number in range(4):
        ddb.put_item(TableName=name, Item={"pk": {"S": "p"}, "n": {"N": str(number)}})
    assert len(records(streams, arn, 4)) == 4
    place = iterator(streams, arn)
    found, place = read(streams, place, 2, Limit=2)
    ddb.delete_table(TableName=name)
    ddb.get_waiter("table_not_exists").wait(TableName=name)
    rest, place = read(streams, place, 3, Limit=1)
    assert numbers(found + rest) == [0, 1, 2, 3]
    assert place is None


# What is refused


@pytest.mark.parametrize("limit, rule", [
    (0, "greater than or equal to 1"), (-1, "greater than or equal to 1"),
    (1001, "less than or equal to 1000")])
def test_get_records_limit(streams, streamed, limit, rule):
    with refused("ValidationException", f"Value '{limit}' at 'limit'", rule):
        streams.get_records(ShardIterator=iterator(streams, streamed[1]), Limit=limit)


def test_get_records_needs_an_iterator(endpoint):
    code, text = endpoint.raw_error("GetRecords", {}, **TARGET)
    assert code == "com.amazon.coral.validate#ValidationException"
    assert "Value null at 'shardIterator'" in text


@pytest.mark.parametrize("length, rule", [(0, "greater than or equal to 1"), (2049, "less than or equal to 2048")])
def test_iterators_of_wrong_length(streams, length, rule):
    with refused("ValidationException", "'shardIterator'", rule):
        streams.get_records(ShardIterator="x" * length)


@pytest.mark.parametrize("place", [
    "x", "not-an-iterator-at-all", "a|b|c", "|1|", "arn:aws:dynamodb:us-east-1:000000000000:table/t|1|AAAA"])
def test_what_is_no_iterator(streams, place):
    with refused("ValidationException"):
        streams.get_records(ShardIterator=place)


@pytest.mark.parametrize("change", [
    lambda text: text[:-4], lambda text: text + "AAAA",
    lambda text: text[:-8] + ("AAAA" if text[-8:-4] != "AAAA" else "BBBB") + text[-4:],
    lambda text: text.replace("|1|", "|")], ids=["shorter", "longer", "other", "parts"])
def test_a_changed_iterator_is_refused(streams, streamed, change):
    with refused("ValidationException"):
        streams.get_records(ShardIterator=change(iterator(streams, streamed[1], shard=streamed[2])))


def test_an_iterator_of_another_stream_cannot_be_made(ddb, streams, streamed, make_table):
    _, other = make_streamed(make_table, ddb)
    with refused("ValidationException"):
        streams.get_records(ShardIterator=iterator(streams, other).replace(other, streamed[1]))


@pytest.mark.parametrize("member", ["StreamArn", "ShardId", "ShardIteratorType"])
def test_get_shard_iterator_needs(endpoint, streamed, member):
    given = {"StreamArn": streamed[1], "ShardId": streamed[2], "ShardIteratorType": "LATEST"}
    del given[member]
    code, text = endpoint.raw_error("GetShardIterator", given, **TARGET)
    assert code.endswith("#ValidationException")
    assert f"Value null at '{member[0].lower() + member[1:]}'" in text


@pytest.mark.parametrize("kind", ["FIRST", "latest", ""])
def test_an_unknown_type_of_iterator(streams, streamed, kind):
    with refused("ValidationException", f"Value '{kind}' at 'shardIteratorType'", "enum value set"):
        iterator(streams, streamed[1], kind, streamed[2])


@pytest.mark.parametrize("shard", ["x" * 27, "x" * 66])
def test_shard_ids_of_wrong_length(streams, streamed, shard):
    with refused("ValidationException", "'shardId'", "Member must have length"):
        iterator(streams, streamed[1], shard=shard)


def test_a_shard_that_is_not_there(streams, streamed):
    with refused("ResourceNotFoundException", "Requested resource not found: Shard does not exist"):
        iterator(streams, streamed[1], shard="shardId-00000001446500994480-a69421f6")


def test_a_shard_of_another_stream(ddb, streams, streamed, make_table):
    _, other = make_streamed(make_table, ddb)
    with refused("ResourceNotFoundException", "Requested resource not found"):
        iterator(streams, other, shard=streamed[2])


def test_a_stream_that_is_not_there(streams, streamed):
    arn = streamed[1].replace(streamed[0], "no-such-table-at-all")
    with refused("ResourceNotFoundException", f"Requested resource not found: Stream: {arn} not found"):
        iterator(streams, arn, shard=streamed[2])


def test_a_stream_name_that_is_none(streams, streamed):
    with refused("ValidationException"):
        iterator(streams, "neither-a-stream-nor-a-table-nor-anything-else", shard=streamed[2])


@pytest.mark.parametrize("kind", ["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"])
def test_a_place_needs_a_sequence_number(streams, streamed, kind):
    with refused("ValidationException"):
        iterator(streams, streamed[1], kind, streamed[2])


@pytest.mark.parametrize("kind", ["TRIM_HORIZON", "LATEST"])
def test_a_place_of_its_own_takes_no_sequence_number(streams, streamed, ten, kind):
    with refused("ValidationException"):
        iterator(streams, streamed[1], kind, streamed[2], SequenceNumber=sequence(ten[4]))


@pytest.mark.parametrize("number", ["1" * 20, "1" * 41, ""])
def test_sequence_numbers_of_wrong_length(streams, streamed, number):
    with refused("ValidationException", "'sequenceNumber'", "Member must have length"):
        iterator(streams, streamed[1], "AT_SEQUENCE_NUMBER", streamed[2], SequenceNumber=number)


def test_a_sequence_number_that_is_none(streams, streamed):
    with refused("ValidationException"):
        iterator(streams, streamed[1], "AT_SEQUENCE_NUMBER", streamed[2], SequenceNumber="x" * 25)


@pytest.mark.parametrize("member, value", [
    ("ShardIterator", 5), ("ShardIterator", ["x"]), ("Limit", "ten")])
def test_wrong_types_are_refused(endpoint, member, value):
    code, _ = endpoint.raw_error("GetRecords", {"ShardIterator": "x", member: value}, **TARGET)
    assert code.endswith("#SerializationException")


def test_a_changed_item_is_not_shown_twice(streams, streamed, ten):
    assert len({each["eventID"] for each in ten}) == 10
    assert [sequence(each) for each in ten] == sorted({sequence(each) for each in ten})
