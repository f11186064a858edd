"""S3's notifications are asynchronous events like any other."""

import pytest
from running import until

from .collector import arn, services
from .conftest import Service


@pytest.fixture
def own(tmp_path):
    with services() as (collector, made):
        def make(**more):
            bucket = {"name": "source", "notifications": [{"function": "f", "events": ["s3:ObjectCreated:*"]}]}
            made.append(Service(
                tmp_path, {"f": collector.function(**more), "g": collector.function()}, buckets=[bucket],
                options=("--async-retry-delays", "50,100")))
            return made[-1], collector

        yield make


def put(service, key):
    service.emulator.client("s3").put_object(Bucket="source", Key=key, Body=b"x")


def test_the_functions_retries_count(own):
    service, collector = own()
    collector.answers["f"] = {"error": "bad"}
    service.client.put_function_event_invoke_config(
        FunctionName="f", MaximumRetryAttempts=1, DestinationConfig={"OnFailure": {"Destination": arn("g")}})
    put(service, "a")
    record = collector.wait("g")[0]["event"]
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["requestPayload"]["Records"][0]["s3"]["object"]["key"] == "a"
    assert len({one["request_id"] for one in collector.of("f")}) == 1


def test_success_is_told_to_the_functions_destination(own):
    service, collector = own()
    service.client.put_function_event_invoke_config(
        FunctionName="f", DestinationConfig={"OnSuccess": {"Destination": arn("g")}})
    put(service, "a")
    assert collector.wait("g")[0]["event"]["requestContext"]["condition"] == "Success"


def test_each_event_comes_once(own):
    service, collector = own()
    for number in range(30):
        put(service, f"k{number}")
    collector.wait_records("f", 30)
    until(lambda: service.log("f").count("REPORT") == 30, "thirty reports")
    found = [record["s3"]["object"]["key"] for record in collector.records("f")]
    assert sorted(found) == sorted(f"k{number}" for number in range(30))
