"""What only we promise of streams: iterators and records outlive the process, expiry shows within seconds."""

import json
import subprocess
import time

import pytest
from running import EMULATOR, until

DEFINITION = {
    "TableName": "streamed", "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}}


class Table:
    """A table with a stream, seen through one emulator after another."""

    def __init__(self, emulator):
        self.reach(emulator)
        self.arn = self.dynamodb.create_table(**DEFINITION)["TableDescription"]["LatestStreamArn"]

    def reach(self, emulator):
        self.dynamodb, self.streams = emulator.client("dynamodb"), emulator.client("dynamodbstreams")

    def put(self, key, **more):
        self.dynamodb.put_item(TableName="streamed", Item={"pk": {"S": key}, **more})

    def iterator(self, kind="TRIM_HORIZON"):
        shard = self.streams.describe_stream(StreamArn=self.arn)["StreamDescription"]["Shards"][0]["ShardId"]
        return self.streams.get_shard_iterator(
            StreamArn=self.arn, ShardId=shard, ShardIteratorType=kind)["ShardIterator"]

    def read(self, iterator, **more):
        """(keys, next iterator)"""
        answer = self.streams.get_records(ShardIterator=iterator, **more)
        return [each["dynamodb"]["Keys"]["pk"]["S"] for each in answer["Records"]], answer["NextShardIterator"]


def ended(emulator, how):
    getattr(emulator, how)()


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_an_iterator_survives_the_process(start, how):
    first = start()
    table = Table(first)
    for key in "abc":
        table.put(key)
    found, place = table.read(table.iterator(), Limit=1)
    latest = table.iterator("LATEST")
    ended(first, how)
    table.reach(start())
    table.put("d")
    assert found == ["a"]
    assert table.read(place)[0] == ["b", "c", "d"]
    assert table.read(latest)[0] == ["d"]


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_records_read_the_same_after_the_process(start, how):
    first = start()
    table = Table(first)
    for key in "abc":
        table.put(key, v={"N": "1.50"}, s={"SS": ["x", "y"]})
    before = table.streams.get_records(ShardIterator=table.iterator())["Records"]
    ended(first, how)
    table.reach(start())
    assert table.streams.get_records(ShardIterator=table.iterator())["Records"] == before


def test_the_stream_of_a_dropped_table_survives_the_process(start):
    first = start()
    table = Table(first)
    table.put("a")
    table.dynamodb.delete_table(TableName="streamed")
    first.kill()
    table.reach(start())
    records = table.streams.get_records(ShardIterator=table.iterator())
    assert len(records["Records"]) == 1
    assert "NextShardIterator" not in records


def test_another_emulators_iterators_are_refused(start, tmp_path):
    one, two = Table(start()), Table(start(folder=tmp_path / "other"))
    one.put("a")
    with pytest.raises(two.streams.exceptions.ClientError, match="ValidationException"):
        two.streams.get_records(ShardIterator=one.iterator().replace(one.arn, two.arn))


def test_an_expired_item_shows_within_seconds_as_the_services_delete(start):
    table = Table(start())
    table.dynamodb.update_time_to_live(
        TableName="streamed", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})
    expiry = {"N": str(int(time.time()) + 1)}
    table.put("mine")
    table.put("expired", expires=expiry)
    table.dynamodb.delete_item(TableName="streamed", Key={"pk": {"S": "mine"}})

    def both():
        records = table.streams.get_records(ShardIterator=table.iterator())["Records"]
        removed = [each for each in records if each["eventName"] == "REMOVE"]
        return removed if len(removed) == 2 else None

    # A slow machine may delete the item after the other has expired.
    by_key = {each["dynamodb"]["Keys"]["pk"]["S"]: each for each in until(both, "two records of removal")}
    user, service = by_key["mine"], by_key["expired"]
    assert "userIdentity" not in user
    assert service["userIdentity"] == {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
    assert service["dynamodb"]["OldImage"] == {"pk": {"S": "expired"}, "expires": expiry}
    assert "NewImage" not in service["dynamodb"]


def test_a_table_of_the_manifest_may_have_a_stream(start, tmp_path):
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({
        "service": "streams", "functions": {}, "httpApi": {"routes": []}, "tables": [DEFINITION]}))
    emulator = start(manifest=manifest)
    listed = emulator.client("dynamodbstreams").list_streams(TableName="streamed")["Streams"]
    assert len(listed) == 1


def test_verify_reads_streams(start, tmp_path):
    emulator = start()
    table = Table(emulator)
    for number in range(50):
        table.put("a", n={"N": str(number)})
    table.dynamodb.update_table(TableName="streamed", StreamSpecification={"StreamEnabled": False})
    table.put("a", n={"N": "0"})
    emulator.stop()
    report = subprocess.run(
        [EMULATOR, "verify", "--json", "--data", emulator.folder], capture_output=True, text=True, timeout=120)
    assert report.returncode == 0, report.stdout + report.stderr
    checks = {each["name"]: each for each in json.loads(report.stdout)["checks"]}
    assert checks["table-streams"]["entries"] >= 50
