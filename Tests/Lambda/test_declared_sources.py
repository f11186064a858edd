"""Event sources that the manifest declares, and checkpoints over restarts."""

import json
import subprocess
import threading

import pytest
from running import until

from .collector import services
from .conftest import Service
from .streams import keys

TABLE = {
    "TableName": "orders", "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}}


@pytest.fixture
def own(tmp_path):
    with services() as (collector, made):
        def make(sources, **more):
            folder = tmp_path / "own"
            folder.mkdir()
            function = collector.function(eventSources=sources)
            made.append(Service(folder, {"f": function}, tables=[TABLE], **more))
            return made[-1], collector

        yield make


def put(service, key):
    service.emulator.client("dynamodb").put_item(TableName="orders", Item={"pk": {"S": key}})


def test_a_source_of_the_manifest(own):
    service, collector = own([{"table": "orders", "batchSize": 1, "filters": [{"eventName": ["INSERT"]}]}])
    put(service, "a")
    assert keys(collector.wait_records("f", 1)) == ["a"]
    (mapping,) = service.client.list_event_source_mappings(FunctionName="f")["EventSourceMappings"]
    assert (mapping["BatchSize"], mapping["StartingPosition"]) == (1, "TRIM_HORIZON")


@pytest.mark.parametrize("kill", [False, True], ids=["stop", "kill"])
def test_the_checkpoint_outlives_a_restart(own, kill):
    service, collector = own([{"table": "orders", "batchSize": 1}])
    put(service, "a")
    collector.wait_records("f", 1)
    (mapping,) = service.client.list_event_source_mappings()["EventSourceMappings"]
    until(lambda: service.client.get_event_source_mapping(
        UUID=mapping["UUID"])["LastProcessingResult"] == "OK", "OK")
    service.restart(kill=kill)
    put(service, "b")
    assert keys(collector.wait_records("f", 2)) == ["a", "b"]
    (again,) = service.client.list_event_source_mappings()["EventSourceMappings"]
    assert again["UUID"] == mapping["UUID"]


def test_records_written_while_the_function_fails_come_after_a_restart(own):
    service, collector = own([{"table": "orders", "batchSize": 1}])
    killed = threading.Event()

    def answer(one):
        # The second call is held until the emulator is no more: no other one comes in between.
        if len(collector.of("f")) > 1:
            killed.wait(60)
        return {"error": "not yet"}

    collector.answers["f"] = answer
    for key in "abc":
        put(service, key)
    collector.wait_records("f", 2)
    service.emulator.kill()
    seen = len(collector.records("f"))
    del collector.answers["f"]
    killed.set()
    service.start()
    assert keys(collector.wait_records("f", seen + 3)[seen:]) == ["a", "b", "c"]


def test_a_source_that_is_not_declared_any_more_goes(own):
    service, collector = own([{"table": "orders"}])
    assert service.client.list_event_source_mappings()["EventSourceMappings"]
    document = json.loads(open(service.manifest).read())
    document["functions"]["f"]["eventSources"] = []
    open(service.manifest, "w").write(json.dumps(document))
    service.restart()
    assert service.client.list_event_source_mappings()["EventSourceMappings"] == []


def test_a_changed_declaration_changes_its_mapping(own):
    service, collector = own([{"table": "orders"}])
    (before,) = service.client.list_event_source_mappings()["EventSourceMappings"]
    document = json.loads(open(service.manifest).read())
    document["functions"]["f"]["eventSources"] = [{"table": "orders", "batchSize": 9}]
    open(service.manifest, "w").write(json.dumps(document))
    service.restart()
    (after,) = service.client.list_event_source_mappings()["EventSourceMappings"]
    assert (after["UUID"], after["BatchSize"]) == (before["UUID"], 9)


def test_a_queue_is_declared_at_each_start(own):
    service, _ = own([{"queue": "jobs"}], queues=["jobs"])
    (before,) = service.client.list_event_source_mappings()["EventSourceMappings"]
    service.restart()
    (after,) = service.client.list_event_source_mappings()["EventSourceMappings"]
    assert (after["UUID"], after["BatchSize"]) == (before["UUID"], 10)


def test_a_setting_that_is_not_declared_any_more_has_its_default(own):
    service, _ = own([{"table": "orders", "batchSize": 9, "maximumRetryAttempts": 3}])
    document = json.loads(open(service.manifest).read())
    document["functions"]["f"]["eventSources"] = [{"table": "orders", "batchSize": 9}]
    open(service.manifest, "w").write(json.dumps(document))
    service.restart()
    (after,) = service.client.list_event_source_mappings()["EventSourceMappings"]
    assert (after["BatchSize"], after["MaximumRetryAttempts"]) == (9, -1)


@pytest.mark.parametrize("source, text", [
    ({"table": "absent"}, "has no stream"), ({"queue": "absent"}, "'absent', which is not under 'queues'"),
    ({}, "has to name either a 'table' or a 'queue'"),
    ({"table": "orders", "onFailure": "arn:aws:sns:us-east-1:000000000000:t"}, "SNS topics get no records here"),
    ({"table": "orders", "batchSize": 0}, "Member must have value greater than or equal to 1"), ({"table": "orders", "batchsize": 1}, "batchSize"),
    ({"table": "orders", "filters": [{"a": "x"}]}, "is no event pattern")], ids=str)
def test_wrong_declarations(own, source, text):
    with pytest.raises(RuntimeError, match="exit") as caught:
        own([source], stderr=subprocess.PIPE)
    assert text in str(caught.value)
