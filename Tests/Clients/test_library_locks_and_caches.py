"""Libraries that keep something of their own in DynamoDB: locks with heartbeats and a cache that forgets."""

import threading
import time
import uuid
from datetime import timedelta

import pytest
from cachelib import DynamoDbCache
from python_dynamodb_lock.python_dynamodb_lock import DynamoDBLockClient, DynamoDBLockError
from running import until


@pytest.fixture(scope="module")
def resource(aws_session, dynamodb_url):
    return aws_session.resource("dynamodb", endpoint_url=dynamodb_url)


@pytest.fixture(scope="module")
def lock_table(resource):
    name = f"locks-{uuid.uuid4()}"
    DynamoDBLockClient.create_dynamodb_table(resource.meta.client, table_name=name)
    yield name
    resource.Table(name).delete()


@pytest.fixture
def lock_client(resource, lock_table):
    """Makes clients that tell often that they hold a lock; no lease ends while a test runs."""
    made = []

    def make():
        made.append(DynamoDBLockClient(
            resource, table_name=lock_table, heartbeat_period=timedelta(milliseconds=100),
            safe_period=timedelta(seconds=60), lease_duration=timedelta(seconds=120)))
        return made[-1]

    yield make
    for each in made:
        each.close(release_locks=True)


SOON = {"retry_period": timedelta(milliseconds=20), "retry_timeout": timedelta(milliseconds=300)}


def test_a_held_lock_is_not_given_twice(lock_client):
    name = uuid.uuid4().hex
    held = lock_client().acquire_lock(name)
    with pytest.raises(DynamoDBLockError) as caught:
        lock_client().acquire_lock(name, **SOON)
    assert caught.value.code == DynamoDBLockError.ACQUIRE_TIMEOUT
    held.release()
    lock_client().acquire_lock(name, **SOON).release()


def test_heartbeats_renew_the_record(lock_client, lock_table, resource):
    name = uuid.uuid4().hex
    with lock_client().acquire_lock(name, additional_attributes={"purpose": "test"}):
        table, key = resource.Table(lock_table), {"lock_key": name, "sort_key": "-"}
        first = table.get_item(Key=key, ConsistentRead=True)["Item"]
        until(lambda: table.get_item(Key=key, ConsistentRead=True)["Item"] != first, "a heartbeat")
        now = table.get_item(Key=key, ConsistentRead=True)["Item"]
    assert now["purpose"] == "test" and now["record_version_number"] != first["record_version_number"]
    assert "Item" not in table.get_item(Key=key, ConsistentRead=True)


def test_only_one_of_many_holds_a_lock(lock_client):
    name, inside, most = uuid.uuid4().hex, [], []

    def work(client):
        for _ in range(3):
            with client.acquire_lock(
                    name, retry_period=timedelta(milliseconds=10), retry_timeout=timedelta(seconds=100)):
                inside.append(1)
                most.append(len(inside))
                time.sleep(0.005)
                inside.pop()

    workers = [threading.Thread(target=work, args=(lock_client(),)) for _ in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert most == [1] * 15


@pytest.fixture(scope="module")
def cache(dynamodb_url):
    name = f"cache-{uuid.uuid4()}"
    return DynamoDbCache(
        table_name=name, default_timeout=60, key_prefix="p:", check_connection=True, endpoint_url=dynamodb_url,
        region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")


def test_the_cache_makes_its_table_with_expiry(cache):
    table = cache._table
    settings = table.meta.client.describe_time_to_live(TableName=table.name)["TimeToLiveDescription"]
    assert settings["AttributeName"] == "expiration_time"
    assert settings["TimeToLiveStatus"] in ("ENABLING", "ENABLED")


@pytest.mark.parametrize("value", ["text", 7, None, {"a": [1, 2]}, b"\x00\xff", "é" * 1000, ["x"] * 500])
def test_the_cache_keeps_values(cache, value):
    key = uuid.uuid4().hex
    assert cache.set(key, value) and cache.has(key)
    assert cache.get(key) == value
    assert cache.delete(key) and not cache.has(key)


def test_the_cache_adds_only_once(cache):
    key = uuid.uuid4().hex
    assert cache.add(key, "first") and not cache.add(key, "second")
    assert cache.get(key) == "first"


def test_the_cache_forgets(cache):
    key = uuid.uuid4().hex
    cache.set(key, "short", timeout=1)
    until(lambda: cache.get(key) is None, "the end of its time")
    assert cache.add(key, "again")
