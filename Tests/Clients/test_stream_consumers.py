"""Programs that follow a table's stream: a loop over its shards, as the developer's guide describes one."""

import threading
import time
import uuid

import pytest
from boto3.dynamodb.types import TypeDeserializer
from running import until


@pytest.fixture(scope="module")
def clients(aws_session, dynamodb_url):
    return [aws_session.client(name, endpoint_url=dynamodb_url) for name in ("dynamodb", "dynamodbstreams")]


@pytest.fixture
def table(clients):
    """(name, ARN of the stream) of a table of its own, with both images."""
    dynamodb, _ = clients
    name = f"followed-{uuid.uuid4()}"
    made = dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "N"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    dynamodb.get_waiter("table_exists").wait(TableName=name)
    yield name, made["TableDescription"]["LatestStreamArn"]
    dynamodb.delete_table(TableName=name)


class Consumer:
    """Reads every shard, parents before children, and remembers how far it came."""

    def __init__(self, streams, arn):
        self.streams, self.arn = streams, arn
        self.positions = {}
        self.records = []

    def shards(self):
        found, start = [], {}
        while True:
            page = self.streams.describe_stream(StreamArn=self.arn, **start)["StreamDescription"]
            found += page["Shards"]
            if "LastEvaluatedShardId" not in page:
                break
            start = {"ExclusiveStartShardId": page["LastEvaluatedShardId"]}
        known = {shard["ShardId"] for shard in found}
        return sorted(found, key=lambda shard: (shard.get("ParentShardId") in known, shard["ShardId"]))

    def poll(self, limit=1000):
        """One pass over all shards, each from where the last pass ended; returns how many records came."""
        count = 0
        for shard in self.shards():
            identifier = shard["ShardId"]
            last = self.positions.get(identifier)
            place = {"ShardIteratorType": "TRIM_HORIZON"} if last is None else {
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": last}
            iterator = self.streams.get_shard_iterator(
                StreamArn=self.arn, ShardId=identifier, **place)["ShardIterator"]
            while iterator:
                page = self.streams.get_records(ShardIterator=iterator, Limit=limit)
                for record in page["Records"]:
                    self.positions[identifier] = record["dynamodb"]["SequenceNumber"]
                self.records += page["Records"]
                count += len(page["Records"])
                iterator = page.get("NextShardIterator") if page["Records"] else None
        return count

    def wait(self, count, limit=1000):
        def enough():
            self.poll(limit)
            return len(self.records) >= count

        until(enough, f"{count} records")
        return self.records


def plain(image):
    return {name: TypeDeserializer().deserialize(value) for name, value in image.items()}


def test_a_life_of_an_item(clients, table):
    dynamodb, streams = clients
    name, arn = table
    key = {"pk": {"S": "a"}, "sk": {"N": "1"}}
    dynamodb.put_item(TableName=name, Item={**key, "v": {"N": "1"}})
    dynamodb.update_item(
        TableName=name, Key=key, UpdateExpression="SET v = :v", ExpressionAttributeValues={":v": {"N": "2"}})
    dynamodb.put_item(TableName=name, Item={**key, "v": {"N": "2"}})
    dynamodb.delete_item(TableName=name, Key=key)
    dynamodb.delete_item(TableName=name, Key=key)
    dynamodb.put_item(TableName=name, Item={"pk": {"S": "end"}, "sk": {"N": "0"}})
    consumer = Consumer(streams, arn)
    consumer.wait(4)
    mine = [record for record in consumer.records if record["dynamodb"]["Keys"] == key]
    assert [record["eventName"] for record in mine] == ["INSERT", "MODIFY", "REMOVE"]
    change = mine[1]["dynamodb"]
    assert plain(change["OldImage"])["v"] == 1 and plain(change["NewImage"])["v"] == 2
    assert "OldImage" not in mine[0]["dynamodb"] and "NewImage" not in mine[2]["dynamodb"]
    for record in consumer.records:
        assert (record["eventSource"], record["eventVersion"], record["awsRegion"]) == (
            "aws:dynamodb", "1.1", "us-east-1")
        assert record["dynamodb"]["StreamViewType"] == "NEW_AND_OLD_IMAGES" and record["dynamodb"]["SizeBytes"] > 0
    assert len({record["eventID"] for record in consumer.records}) == 4


@pytest.mark.parametrize("limit", [1000, 7])
def test_a_replica_follows_its_table(clients, table, limit):
    """Eight writers change few items; whoever applies the records in order has the table."""
    dynamodb, streams = clients
    name, arn = table

    def work(worker):
        for step in range(15):
            key = {"pk": {"S": str(step % 3)}, "sk": {"N": str(worker % 2)}}
            if step % 5 == 4:
                dynamodb.delete_item(TableName=name, Key=key)
            else:
                dynamodb.update_item(
                    TableName=name, Key=key, UpdateExpression="ADD v :one SET w = :w", ExpressionAttributeValues={
                        ":one": {"N": "1"}, ":w": {"S": f"{worker} {step}"}})

    workers = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    consumer = Consumer(streams, arn)
    for worker in workers:
        worker.start()
    consumer.poll(limit)
    for worker in workers:
        worker.join()
    dynamodb.put_item(TableName=name, Item={"pk": {"S": "end"}, "sk": {"N": "0"}})
    replica = {}
    while ("end", "0") not in replica:
        consumer.wait(len(consumer.records) + 1, limit)
        replica = {}
        for record in consumer.records:
            change = record["dynamodb"]
            key = (change["Keys"]["pk"]["S"], change["Keys"]["sk"]["N"])
            assert replica.get(key) == change.get("OldImage"), record
            replica[key] = change.get("NewImage")
    items = dynamodb.scan(TableName=name, ConsistentRead=True)["Items"]
    assert sorted(map(str, items)) == sorted(str(image) for image in replica.values() if image)


def test_transactions_and_batches_are_followed(clients, table):
    dynamodb, streams = clients
    name, arn = table
    keys = [{"pk": {"S": "many"}, "sk": {"N": str(number)}} for number in range(30)]
    dynamodb.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": key}} for key in keys[:20]]})
    dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": name, "Item": key}} for key in keys[20:]])
    records = Consumer(streams, arn).wait(30)
    assert sorted(int(record["dynamodb"]["Keys"]["sk"]["N"]) for record in records) == list(range(30))


def test_expired_items_leave_as_the_services_deletes(clients, table):
    dynamodb, streams = clients
    name, arn = table
    dynamodb.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})
    key = {"pk": {"S": "short"}, "sk": {"N": "1"}}
    dynamodb.put_item(TableName=name, Item={**key, "expires": {"N": str(int(time.time()) - 60)}})
    records = Consumer(streams, arn).wait(2)
    assert [record["eventName"] for record in records] == ["INSERT", "REMOVE"]
    assert "userIdentity" not in records[0]
    identity = {name.lower(): value for name, value in records[1]["userIdentity"].items()}
    assert identity == {"principalid": "dynamodb.amazonaws.com", "type": "Service"}


def test_a_stream_outlives_its_switching_off(clients, table):
    dynamodb, streams = clients
    name, arn = table
    dynamodb.put_item(TableName=name, Item={"pk": {"S": "a"}, "sk": {"N": "1"}})
    dynamodb.update_table(TableName=name, StreamSpecification={"StreamEnabled": False})
    dynamodb.get_waiter("table_exists").wait(TableName=name)
    dynamodb.put_item(TableName=name, Item={"pk": {"S": "b"}, "sk": {"N": "1"}})
    consumer = Consumer(streams, arn)
    consumer.wait(1)
    consumer.poll()
    assert [record["dynamodb"]["Keys"]["pk"]["S"] for record in consumer.records] == ["a"]
    assert arn in [each["StreamArn"] for each in streams.list_streams(TableName=name)["Streams"]]
