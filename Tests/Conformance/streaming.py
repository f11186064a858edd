"""What tests of streams share: making tables with a stream, and reading streams to their end."""

import time

from .conftest import definition, unique, wait_active

VIEWS = ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]
# AWS shows records after a moment.
PATIENCE = 60


def specification(view="NEW_AND_OLD_IMAGES"):
    return {"StreamEnabled": True, "StreamViewType": view}


def make_streamed(make_table, ddb, view="NEW_AND_OLD_IMAGES", **more):
    """(name, stream ARN) of a new table with a stream."""
    name = make_table(StreamSpecification=specification(view), **more)
    return name, ddb.describe_table(TableName=name)["Table"]["LatestStreamArn"]


def shards(streams, arn):
    return streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]


def iterator(streams, arn, kind="TRIM_HORIZON", shard=None, **more):
    shard = shard or shards(streams, arn)[0]["ShardId"]
    return streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard, ShardIteratorType=kind, **more)["ShardIterator"]


def read(streams, place, count, **more):
    """Reads on from an iterator until `count` records have come; returns them and the next iterator."""
    found, deadline = [], time.monotonic() + PATIENCE
    while place:
        answer = streams.get_records(ShardIterator=place, **more)
        found += answer["Records"]
        place = answer.get("NextShardIterator")
        if len(found) >= count or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    return found, place


def records(streams, arn, count):
    """The records of all shards, once there are at least `count`. Asks once more, for those too many."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = []
        for shard in shards(streams, arn):
            place = iterator(streams, arn, shard=shard["ShardId"])
            for _ in range(20):
                answer = streams.get_records(ShardIterator=place)
                found += answer["Records"]
                place = answer.get("NextShardIterator")
                if not place or not answer["Records"]:
                    break
        if len(found) >= count or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def of_key(found, key):
    return [each for each in found if each["dynamodb"]["Keys"] == key]


def create(ddb, **more):
    """A table of its own for tests that drop it: (name, CreateTable's answer)."""
    name = unique("stream")
    answer = ddb.create_table(**definition(name, **more))["TableDescription"]
    wait_active(ddb, name)
    return name, answer


def turn(ddb, name, view):
    """Turns a table's stream on, or off for None; returns UpdateTable's answer."""
    given = specification(view) if view else {"StreamEnabled": False}
    answer = ddb.update_table(TableName=name, StreamSpecification=given)["TableDescription"]
    wait_active(ddb, name)
    return answer
