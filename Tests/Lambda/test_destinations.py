"""Where records of asynchronous invocations go, and what they say."""

import datetime
import json
import uuid

import pytest
from endpoints import refused, unique
from running import until

from . import bootstraps
from .bootstraps import code_zip, python
from .collector import Shop, arn, program, services
from .conftest import ROLE, Service, call

QUEUE = "arn:aws:sqs:us-east-1:000000000000:letters"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    def make(folder, functions, **more):
        functions["closed"] = {**functions["f0"], "reservedConcurrency": 0}
        functions["mourned"] = {**functions["f0"], "deadLetterQueue": "letters"}
        functions["reader"] = {**functions["f0"], "eventSources": [{"queue": "letters"}]}
        return Service(folder, functions, queues=["letters"], stderr=words, **more)

    folder = tmp_path_factory.mktemp("destinations")
    with open(folder / "stderr", "w") as words:
        made = Shop(folder, make, count=60)
        made.said = (folder / "stderr").read_text
        made.service_client("s3").create_bucket(Bucket="records")
        yield made
        made.close()


def configure(shop, name, success=None, failure=None, **more):
    destinations = {}
    if success:
        destinations["OnSuccess"] = {"Destination": success}
    if failure:
        destinations["OnFailure"] = {"Destination": failure}
    return shop.client.put_function_event_invoke_config(
        FunctionName=name, DestinationConfig=destinations, **more)


def send(shop, name, payload=None):
    return call(shop.client, name, payload, InvocationType="Event").request_id


# Records for functions

def test_the_record_of_success(shop):
    name, target = shop.take({"return": {"done": True}}), shop.take()
    configure(shop, name, success=arn(target))
    request_id = send(shop, name, {"a": [1]})
    record = shop.collector.wait(target)[0]["event"]
    time = record.pop("timestamp")
    assert datetime.datetime.strptime(time, "%Y-%m-%dT%H:%M:%S.%fZ") and len(time) == 24
    assert record == {
        "version": "1.0",
        "requestContext": {
            "requestId": request_id, "functionArn": arn(name) + ":$LATEST", "condition": "Success",
            "approximateInvokeCount": 1},
        "requestPayload": {"a": [1]},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
        "responsePayload": {"done": True}}


def test_the_record_of_failure(shop):
    name, target = shop.take({"error": "bad luck"}), shop.take()
    configure(shop, name, failure=arn(target))
    request_id = send(shop, name, {"a": 1})
    record = shop.collector.wait(target)[0]["event"]
    assert record["requestContext"] == {
        "requestId": request_id, "functionArn": arn(name) + ":$LATEST", "condition": "RetriesExhausted",
        "approximateInvokeCount": 3}
    assert record["responseContext"] == {
        "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    assert record["requestPayload"] == {"a": 1}
    assert record["responsePayload"] == {"errorMessage": "bad luck", "errorType": "Exception"}


def test_the_members_of_a_record_have_aws_order(shop):
    name, target = shop.take(), shop.take()
    configure(shop, name, success=arn(target))
    send(shop, name, {})
    assert list(shop.collector.wait(target)[0]["event"]) == [
        "version", "timestamp", "requestContext", "requestPayload", "responseContext", "responsePayload"]


def test_a_crash_is_told_with_the_platforms_error(shop):
    name, target = shop.take({"exit": 7}), shop.take()
    configure(shop, name, failure=arn(target), MaximumRetryAttempts=0)
    send(shop, name, {})
    payload = shop.collector.wait(target)[0]["event"]["responsePayload"]
    assert payload["errorType"] == "Runtime.ExitError"
    assert payload["errorMessage"].endswith("Error: Runtime exited with error: exit status 7")


def test_the_destination_gets_a_request_id_of_its_own(shop):
    name, target = shop.take(), shop.take()
    configure(shop, name, success=arn(target))
    request_id = send(shop, name, {})
    assert shop.collector.wait(target)[0]["request_id"] != request_id


def test_success_is_not_told_to_the_destination_of_failures(shop):
    name, good, bad = shop.take(), shop.take(), shop.take()
    configure(shop, name, success=arn(good), failure=arn(bad))
    send(shop, name, {})
    shop.collector.wait(good)
    assert shop.collector.of(bad) == []


def test_synchronous_calls_are_told_to_nobody(shop):
    name, target = shop.take(), shop.take()
    configure(shop, name, success=arn(target))
    call(shop.client, name, {"sync": 1})
    send(shop, name, {"sync": 0})
    assert shop.collector.wait(target)[0]["event"]["requestPayload"] == {"sync": 0}


def test_destinations_can_be_chained(shop):
    first, second, third = shop.take({"return": 1}), shop.take({"return": 2}), shop.take()
    configure(shop, first, success=arn(second))
    configure(shop, second, success=arn(third))
    send(shop, first, {"begin": True})
    record = shop.collector.wait(third)[0]["event"]
    assert record["responsePayload"] == 2
    assert record["requestPayload"]["requestPayload"] == {"begin": True}


def test_a_loop_of_destinations_ends(shop):
    first, second = shop.take(), shop.take()
    configure(shop, first, success=arn(second))
    configure(shop, second, success=arn(first))
    send(shop, first, {})
    until(lambda: "is not passed on: it went through 16 functions." in shop.said(), "the emulator's own line")
    assert (len(shop.collector.of(first)), len(shop.collector.of(second))) == (9, 8)


def test_an_answer_that_is_no_json_is_told_as_text(shop):
    name, target = shop.take({"raw": "plain <text>"}), shop.take()
    configure(shop, name, success=arn(target))
    send(shop, name, {})
    assert shop.collector.wait(target)[0]["event"]["responsePayload"] == "plain <text>"


def test_a_retried_event_that_succeeds_counts_its_calls(shop):
    name, target = shop.take(), shop.take()
    shop.collector.answers[name] = lambda one: {"error": "x"} if len(shop.collector.of(name)) < 3 else {}
    configure(shop, name, success=arn(target))
    send(shop, name, {})
    assert shop.collector.wait(target)[0]["event"]["requestContext"]["approximateInvokeCount"] == 3


def test_without_concurrency_the_record_comes_at_once(shop):
    target = shop.take()
    configure(shop, "closed", failure=arn(target))
    request_id = send(shop, "closed", {"a": 1})
    record = shop.collector.wait(target)[0]["event"]
    assert record["requestContext"] == {
        "requestId": request_id, "functionArn": arn("closed") + ":$LATEST",
        "condition": "ZeroReservedConcurrency", "approximateInvokeCount": 0}
    assert record["requestPayload"] == {"a": 1}
    assert "responseContext" not in record and "responsePayload" not in record


def test_an_event_whose_retry_would_come_too_late(tmp_path):
    with services() as (collector, made):
        service = Service(
            tmp_path, {"f": collector.function(), "g": collector.function()},
            options=("--async-retry-delays", "60000"))
        made.append(service)
        collector.answers["f"] = {"error": "bad"}
        service.client.put_function_event_invoke_config(
            FunctionName="f", MaximumEventAgeInSeconds=60,
            DestinationConfig={"OnFailure": {"Destination": arn("g")}})
        service.call("f", {}, InvocationType="Event")
        context = collector.wait("g")[0]["event"]["requestContext"]
        assert (context["condition"], context["approximateInvokeCount"]) == ("EventAgeExceeded", 1)


# Records in buckets

def records(shop, name):
    s3 = shop.service_client("s3")
    found = s3.list_objects_v2(Bucket="records", Prefix=f"aws/lambda/async/{name}/").get("Contents", [])
    return [(one["Key"], json.loads(s3.get_object(Bucket="records", Key=one["Key"])["Body"].read()))
            for one in found]


def test_failures_can_go_to_a_bucket(shop):
    name = shop.take({"error": "bad"})
    configure(shop, name, failure="arn:aws:s3:::records", MaximumRetryAttempts=0)
    request_id = send(shop, name, {"a": 1})
    ((key, record),) = until(lambda: records(shop, name), "the record")
    assert record["requestContext"]["requestId"] == request_id
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    day, file = key.removeprefix(f"aws/lambda/async/{name}/").rsplit("/", 1)
    datetime.datetime.strptime(day, "%Y/%m/%d")
    datetime.datetime.strptime(file[:19], "%Y-%m-%dT%H.%M.%S")
    uuid.UUID(file[20:])


def test_a_bucket_gets_one_object_an_event(shop):
    name = shop.take({"error": "bad"})
    configure(shop, name, failure="arn:aws:s3:::records", MaximumRetryAttempts=0)
    sent = {send(shop, name, {"n": n}) for n in range(5)}
    until(lambda: len(records(shop, name)) == 5, "five records")
    assert {record["requestContext"]["requestId"] for _, record in records(shop, name)} == sent


# Dead letters

def test_a_dead_letter_is_the_event_with_the_reason(shop):
    shop.collector.answers["mourned"] = {"error": "bad luck"}
    request_id = send(shop, "mourned", {"a": 1})
    (record,) = shop.collector.wait_records("reader", 1)
    assert json.loads(record["body"]) == {"a": 1}
    said = {name: (value["dataType"], value["stringValue"]) for name, value in record["messageAttributes"].items()}
    assert said == {
        "RequestID": ("String", request_id), "ErrorCode": ("Number", "200"),
        "ErrorMessage": ("String", "bad luck")}


def test_the_members_of_a_queues_record(shop):
    name = shop.take({"error": "x"})
    configure(shop, name, failure=QUEUE, MaximumRetryAttempts=0)
    request_id = send(shop, name, {})
    mine = until(
        lambda: [one for one in shop.collector.records("reader")
                 if json.loads(one["body"]).get("requestContext", {}).get("requestId") == request_id], "the record")
    record = mine[0]
    assert set(record) == {
        "messageId", "receiptHandle", "body", "attributes", "messageAttributes", "md5OfBody", "eventSource",
        "eventSourceARN", "awsRegion"}
    assert (record["eventSource"], record["eventSourceARN"]) == ("aws:sqs", QUEUE)
    assert record["attributes"]["ApproximateReceiveCount"] == "1"


def test_dead_letters_and_destinations_both_get_theirs(shop):
    target = shop.take()
    shop.collector.answers["mourned"] = {"error": "twice"}
    configure(shop, "mourned", failure=arn(target), MaximumRetryAttempts=0)
    send(shop, "mourned", {"both": True})
    shop.collector.wait(target)
    until(lambda: any('"both":true' in one["body"].replace(" ", "") for one in shop.collector.records("reader")),
          "the dead letter")


# What cannot be a destination

@pytest.mark.parametrize("kind", ["OnSuccess", "OnFailure"])
@pytest.mark.parametrize("destination, text", [
    (arn("nobody"), f"The destination ARN {arn('nobody')} is invalid."),
    (arn("f0") + ":live", f"The destination ARN {arn('f0')}:live is invalid."),
    (arn("f0").replace("us-east-1", "eu-west-1"), "is invalid."),
    ("arn:aws:sqs:us-east-1:000000000000:absent", "Destinations are"),
    ("arn:aws:sns:us-east-1:000000000000:topic", "SNS topics get no records here. Destinations are"),
    ("arn:aws:events:us-east-1:000000000000:event-bus/default", "EventBridge buses get no records here"),
    ("arn:aws:iam::000000000000:role/x", "The provided destination config DestinationConfig("),
])
def test_refused_destinations(shop, kind, destination, text):
    with refused("InvalidParameterValueException", text, status=400):
        shop.client.put_function_event_invoke_config(
            FunctionName="f1", DestinationConfig={kind: {"Destination": destination}})


def test_a_function_is_no_destination_of_its_own(shop):
    with refused("InvalidParameterValueException", "You can't specify the function as a destination for itself."):
        configure(shop, "f1", success=arn("f1"))


def test_what_is_no_arn(shop):
    with refused("ValidationException", "failed to satisfy constraint: Member must satisfy regular expression"):
        configure(shop, "f1", failure="nonsense")


def test_an_absent_bucket(shop):
    with refused("InvalidParameterValueException", "The destination ARN arn:aws:s3:::nowhere-at-all is invalid."):
        configure(shop, "f1", failure="arn:aws:s3:::nowhere-at-all")


def test_buckets_take_failures_alone(shop):
    with refused("InvalidParameterValueException", "S3 buckets"):
        configure(shop, "f1", success="arn:aws:s3:::records")


# Functions made by requests

@pytest.fixture
def made(shop):
    """made(**CreateFunction parameters) -> the name of a new function that tells the shop's collector."""
    names = []

    def make(**more):
        name = unique("made")
        shop.client.create_function(
            FunctionName=name, Runtime="provided.al2023", Handler="h", Role=ROLE,
            Code={"ZipFile": code_zip(program())},
            Environment={"Variables": {"COLLECTOR": str(shop.collector.port)}}, **more)
        shop.client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        names.append(name)
        return name

    yield make
    for name in names:
        shop.client.delete_function(FunctionName=name)


def test_a_function_made_by_a_request_has_dead_letters(shop, made):
    name = made(DeadLetterConfig={"TargetArn": QUEUE})
    shop.collector.answers[name] = {"error": "bad luck"}
    request_id = send(shop, name, {"made": 1})
    until(lambda: any(one["messageAttributes"].get("RequestID", {}).get("stringValue") == request_id
                      for one in shop.collector.records("reader")), "the dead letter")


@pytest.mark.parametrize("target", [
    "arn:aws:sqs:us-east-1:000000000000:absent", "arn:aws:sns:us-east-1:000000000000:topic",
    "arn:aws:lambda:us-east-1:000000000000:function:f0"])
def test_dead_letters_that_cannot_be_delivered_are_refused(shop, made, target):
    with refused("InvalidParameterValueException", "invalid", status=400):
        made(DeadLetterConfig={"TargetArn": target})
    name = made()
    with refused("InvalidParameterValueException", "invalid", status=400):
        shop.client.update_function_configuration(FunctionName=name, DeadLetterConfig={"TargetArn": target})


def test_an_alias_has_a_configuration_of_its_own(shop, made):
    name, plain, live = made(), shop.take(), shop.take()
    version = shop.client.publish_version(FunctionName=name)["Version"]
    shop.client.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
    configure(shop, name, success=arn(plain))
    shop.client.put_function_event_invoke_config(
        FunctionName=name, Qualifier="live", DestinationConfig={"OnSuccess": {"Destination": arn(live)}})
    call(shop.client, name, {}, InvocationType="Event", Qualifier="live")
    record = shop.collector.wait(live)[0]["event"]
    assert record["requestContext"]["functionArn"] == arn(name) + ":live"
    assert record["responseContext"]["executedVersion"] == version
    assert shop.collector.of(plain) == []


def test_a_published_version_can_be_a_destination(shop, made):
    name, target = shop.take(), made()
    version = shop.client.publish_version(FunctionName=target)["Version"]
    configure(shop, name, success=f"{arn(target)}:{version}")
    send(shop, name, {})
    assert shop.collector.wait(target)[0]["arn"] == f"{arn(target)}:{version}"


def test_configurations_go_with_their_function(shop, made):
    name, target = made(), shop.take()
    configure(shop, name, success=arn(target))
    shop.client.delete_function(FunctionName=name)
    with refused("ResourceNotFoundException", status=404):
        shop.client.get_function_event_invoke_config(FunctionName=name)
    shop.client.create_function(
        FunctionName=name, Runtime="provided.al2023", Handler="h", Role=ROLE,
        Code={"ZipFile": code_zip(program())})

    def is_gone():
        try:
            shop.client.get_function_event_invoke_config(FunctionName=name)
        except shop.client.exceptions.ResourceNotFoundException:
            return True
        return False

    until(is_gone, "the configuration is gone")


def test_buckets_tell_functions_made_by_requests(shop, made):
    name, s3 = made(), shop.service_client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={"LambdaFunctionConfigurations": [
            {"LambdaFunctionArn": arn(name), "Events": ["s3:ObjectCreated:*"]}]})
    s3.put_object(Bucket=name, Key="a", Body=b"x")
    assert shop.collector.wait_records(name, 1)[0]["s3"]["object"]["key"] == "a"


def test_what_cannot_be_delivered_any_more_is_told(tmp_path):
    """The manifest does not declare the queue of a configuration any more: each record says so in the log."""
    folder = tmp_path / "gone"
    folder.mkdir()
    functions = {name: python("def handler(event, headers):\n    raise ValueError\nserve(handler)") for name in "fg"}
    with open(tmp_path / "log", "w") as log:
        service = Service(folder, functions, stderr=log, queues=["letters"])
        try:
            service.client.put_function_event_invoke_config(
                FunctionName="f", MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": QUEUE}})
            service.emulator.stop()
            service.manifest = bootstraps.manifest(folder, functions)
            service.start()
            request = service.call("f", 1, InvocationType="Event").request_id
            line = f"The record of event {request} does not get to {QUEUE}: there is no such destination."
            until(lambda: line in (tmp_path / "log").read_text(), "the line")
        finally:
            service.emulator.stop()
