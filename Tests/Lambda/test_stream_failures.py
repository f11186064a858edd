"""Batches of a stream that fail: retries, bisection, items that are reported, records of failures."""

import json

import pytest
from running import until

from .collector import arn
from .streams import LETTERS, follow, keys, shop, table  # noqa: F401


def test_a_failed_batch_holds_up_its_shard_until_it_succeeds(shop, table):
    name = shop.take()
    shop.collector.answers[name] = lambda one: {"error": "x"} if len(shop.collector.of(name)) < 4 else {}
    follow(shop, name, table, BatchSize=1)
    table.put("a")
    table.put("b")
    until(lambda: "b" in keys(shop.collector.records(name)), "the second record")
    assert keys(shop.collector.records(name)) == ["a", "a", "a", "a", "b"]


@pytest.mark.parametrize("retries", [0, 2])
def test_retries_are_limited_and_told(shop, table, retries):
    name = shop.take()
    shop.collector.answers[name] = lambda one: {"error": "x"} if "bad" in keys(one["event"]["Records"]) else {}
    follow(shop, name, table, BatchSize=1, MaximumRetryAttempts=retries,
           DestinationConfig={"OnFailure": {"Destination": LETTERS}})
    table.put("bad")
    table.put("good")
    until(lambda: "good" in keys(shop.collector.records(name)), "the record behind it")
    assert keys(shop.collector.records(name)) == ["bad"] * (retries + 1) + ["good"]
    told = wait_letter(shop, table)
    number = shop.collector.records(name)[0]["dynamodb"]["SequenceNumber"]
    request = told.pop("requestContext")
    assert request.pop("requestId") == shop.collector.of(name)[retries]["request_id"]
    assert request == {
        "functionArn": arn(name), "condition": "RetryAttemptsExhausted", "approximateInvokeCount": retries + 1}
    info = told.pop("DDBStreamBatchInfo")
    assert info.pop("shardId").startswith("shardId-")
    first, last = info.pop("approximateArrivalOfFirstRecord"), info.pop("approximateArrivalOfLastRecord")
    assert first == last and first.endswith("Z")
    assert info == {
        "startSequenceNumber": number, "endSequenceNumber": number, "batchSize": 1, "streamArn": table.stream}
    assert told.pop("timestamp").endswith("Z")
    assert told == {
        "version": "1.0",
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}}


def wait_letter(shop, table):
    def found():
        told = [json.loads(one["body"]) for one in shop.collector.records("reader")]
        return [one for one in told if one["DDBStreamBatchInfo"]["streamArn"] == table.stream]
    return until(found, "the record of failure")[0]


def test_failures_can_go_to_a_bucket_with_their_records(shop, table):
    name = shop.take({"error": "x"})
    uid = follow(shop, name, table, MaximumRetryAttempts=0,
                 DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::records"}})
    table.put("bad")
    s3 = shop.service_client("s3")
    found = until(
        lambda: s3.list_objects_v2(Bucket="records", Prefix=f"aws/lambda/{uid}/shardId-").get("Contents"), "record")
    record = json.loads(s3.get_object(Bucket="records", Key=found[0]["Key"])["Body"].read())
    assert keys(json.loads(record["payload"])["Records"]) == ["bad"]
    assert record["DDBStreamBatchInfo"]["batchSize"] == 1


def test_bisecting_finds_the_bad_record(shop, table):
    for key in ["a", "b", "bad", "c", "d"]:
        table.put(key)
    name = shop.take()
    shop.collector.answers[name] = lambda one: {"error": "x"} if "bad" in keys(one["event"]["Records"]) else {}
    follow(shop, name, table, BisectBatchOnFunctionError=True, MaximumRetryAttempts=0,
           DestinationConfig={"OnFailure": {"Destination": LETTERS}})
    told = wait_letter(shop, table)
    assert told["DDBStreamBatchInfo"]["batchSize"] == 1
    until(lambda: "d" in keys(shop.collector.of(name)[-1]["event"]["Records"]), "the last record")
    good = [event for event in shop.collector.events(name) if "bad" not in keys(event["Records"])]
    assert sorted(key for event in good for key in keys(event["Records"])) == ["a", "b", "c", "d"]


def test_failed_items_are_where_it_goes_on(shop, table):
    for key in ["a", "b", "c", "d"]:
        table.put(key)
    name = shop.take()

    def answer(one):
        records = one["event"]["Records"]
        numbers = {keys([record])[0]: record["dynamodb"]["SequenceNumber"] for record in records}
        if len(shop.collector.of(name)) > 1:
            return {}
        # In any order; the lowest counts.
        failed = [{"itemIdentifier": numbers[key]} for key in ["d", "c"]]
        return {"return": {"batchItemFailures": failed}}

    shop.collector.answers[name] = answer
    follow(shop, name, table, FunctionResponseTypes=["ReportBatchItemFailures"])
    shop.collector.wait(name, 2)
    assert [keys(event["Records"]) for event in shop.collector.events(name)] == [["a", "b", "c", "d"], ["c", "d"]]


def test_failed_items_that_stay_so_are_told_without_an_error(shop, table):
    table.put("bad")
    name = shop.take()
    shop.collector.answers[name] = lambda one: {"return": {"batchItemFailures": [
        {"itemIdentifier": one["event"]["Records"][0]["dynamodb"]["SequenceNumber"]}]}}
    follow(shop, name, table, FunctionResponseTypes=["ReportBatchItemFailures"], MaximumRetryAttempts=1,
           DestinationConfig={"OnFailure": {"Destination": LETTERS}})
    told = wait_letter(shop, table)
    assert told["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": None}
    assert told["requestContext"]["approximateInvokeCount"] == 2


@pytest.mark.parametrize("answer", [
    {"return": {}}, {"return": None}, {"return": {"batchItemFailures": []}}, {"return": {"batchItemFailures": None}},
    {"raw": ""}], ids=str)
def test_answers_that_mean_success(shop, table, answer):
    name = shop.take(answer)
    follow(shop, name, table, BatchSize=1, FunctionResponseTypes=["ReportBatchItemFailures"])
    table.put("a")
    table.put("b")
    assert keys(shop.collector.wait_records(name, 2)) == ["a", "b"]


@pytest.mark.parametrize("answer", [
    {"raw": "nonsense"}, {"return": {"batchItemFailures": [{"itemIdentifier": ""}]}},
    {"return": {"batchItemFailures": [{"itemIdentifier": None}]}},
    {"return": {"batchItemFailures": [{"item": "x"}]}},
    {"return": {"batchItemFailures": [{"itemIdentifier": "unknown"}]}}], ids=str)
def test_answers_that_mean_failure_of_all(shop, table, answer):
    name = shop.take(answer)
    follow(shop, name, table, BatchSize=2, FunctionResponseTypes=["ReportBatchItemFailures"])
    table.put("a")
    assert keys(shop.collector.wait_records(name, 2)[:2]) == ["a", "a"]


def test_the_last_result_is_shown(shop, table):
    good, bad = shop.take(), shop.take({"error": "x"})
    first, second = follow(shop, good, table), follow(shop, bad, table)
    table.put("a")

    def result(uid):
        return shop.client.get_event_source_mapping(UUID=uid)["LastProcessingResult"]

    until(lambda: result(first) == "OK", "OK")
    until(lambda: result(second) == "PROBLEM: Function call failed", "the problem")
