"""Create, Get, List, Update and DeleteEventSourceMapping."""

import json
import uuid

import pytest
from endpoints import refused, unique
from running import until

from .collector import Shop, arn
from .conftest import Service

QUEUE = "arn:aws:sqs:us-east-1:000000000000:jobs"


def make(folder, functions, **more):
    return Service(folder, functions, queues=["jobs", "other"], **more)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    made = Shop(tmp_path_factory.mktemp("mappings"), make, count=80)
    yield made
    made.close()


@pytest.fixture(scope="module")
def stream(shop):
    return make_stream(shop.service_client("dynamodb"))


def make_stream(dynamodb, view="NEW_AND_OLD_IMAGES"):
    name = unique("table")
    table = dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": view})
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    return table["TableDescription"]["LatestStreamArn"]


def create(shop, name, source, **more):
    if ":dynamodb:" in source:
        more.setdefault("StartingPosition", "LATEST")
    return shop.client.create_event_source_mapping(FunctionName=name, EventSourceArn=source, **more)


def wait_for(shop, uid, state):
    return until(
        lambda: (lambda one: one if one["State"] == state else None)(shop.client.get_event_source_mapping(UUID=uid)),
        state)


def body(answer):
    return {key: value for key, value in answer.items() if key not in ("ResponseMetadata", "LastModified")}


# Create

def test_the_answer_of_a_stream(shop, stream):
    name = shop.take()
    answer = create(shop, name, stream)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    uid = answer["UUID"]
    uuid.UUID(uid)
    assert body(answer) == {
        "UUID": uid, "StartingPosition": "LATEST", "BatchSize": 100, "MaximumBatchingWindowInSeconds": 0,
        "ParallelizationFactor": 1, "EventSourceArn": stream, "FunctionArn": arn(name),
        "LastProcessingResult": "No records processed", "State": "Creating",
        "StateTransitionReason": "User action", "DestinationConfig": {"OnFailure": {}},
        "MaximumRecordAgeInSeconds": -1, "BisectBatchOnFunctionError": False, "MaximumRetryAttempts": -1,
        "TumblingWindowInSeconds": 0, "FunctionResponseTypes": [],
        "EventSourceMappingArn": f"arn:aws:lambda:us-east-1:000000000000:event-source-mapping:{uid}"}


def test_the_answer_of_a_queue(shop):
    name = shop.take()
    answer = create(shop, name, QUEUE)
    assert body(answer) == {
        "UUID": answer["UUID"], "BatchSize": 10, "MaximumBatchingWindowInSeconds": 0, "EventSourceArn": QUEUE,
        "FunctionArn": arn(name), "State": "Creating", "StateTransitionReason": "USER_INITIATED",
        "FunctionResponseTypes": [], "EventSourceMappingArn": answer["EventSourceMappingArn"]}
    shop.client.delete_event_source_mapping(UUID=answer["UUID"])


def test_it_becomes_enabled(shop, stream):
    answer = create(shop, shop.take(), stream)
    assert body(wait_for(shop, answer["UUID"], "Enabled")) == {**body(answer), "State": "Enabled"}


def test_made_disabled_it_stays_so(shop, stream):
    answer = create(shop, shop.take(), stream, Enabled=False)
    assert answer["State"] == "Disabled"
    assert shop.client.get_event_source_mapping(UUID=answer["UUID"])["State"] == "Disabled"


def test_all_settings_are_kept(shop, stream):
    settings = {
        "BatchSize": 7, "MaximumBatchingWindowInSeconds": 3, "ParallelizationFactor": 2,
        "MaximumRecordAgeInSeconds": 60, "BisectBatchOnFunctionError": True, "MaximumRetryAttempts": 5,
        "TumblingWindowInSeconds": 30, "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "FilterCriteria": {"Filters": [{"Pattern": json.dumps({"eventName": ["INSERT"]})}]},
        "DestinationConfig": {"OnFailure": {"Destination": QUEUE}}}
    answer = create(shop, shop.take(), stream, **settings)
    found = shop.client.get_event_source_mapping(UUID=answer["UUID"])
    assert {key: found[key] for key in settings} == settings


@pytest.mark.parametrize("form", ["{}", "{}:$LATEST", "arn:aws:lambda:us-east-1:000000000000:function:{}"])
def test_forms_of_the_function(shop, stream, form):
    name = shop.take()
    answer = create(shop, form.format(name), stream)
    assert answer["FunctionArn"] == arn(name) + (":$LATEST" if "LATEST" in form else "")


def test_the_same_twice(shop, stream):
    name = shop.take()
    uid = create(shop, name, stream)["UUID"]
    text = (f'The event source arn (" {stream} ") and function (" {name} ") provided mapping already exists. '
            f"Please update or delete the existing mapping with UUID {uid}")
    with refused("ResourceConflictException", text, status=409):
        create(shop, name, stream)


def test_the_same_queue_twice(shop):
    name = shop.take()
    uid = create(shop, name, QUEUE.replace("jobs", "other"))["UUID"]
    text = (f'An event source mapping with SQS arn (" {QUEUE.replace("jobs", "other")} ") and function (" {name} ") '
            f"already exists. Please update or delete the existing mapping with UUID {uid}")
    with refused("ResourceConflictException", text, status=409):
        create(shop, name, QUEUE.replace("jobs", "other"))


@pytest.mark.parametrize("more, code, text", [
    ({"StartingPosition": None}, "InvalidParameterValueException",
     "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
     "Member must not be null."),
    ({"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": 0}, "InvalidParameterValueException",
     "Unsupported starting position for arn type: "),
    ({"StartingPosition": "SOON"}, "ValidationException",
     "Value 'SOON' at 'startingPosition' failed to satisfy constraint: Member must satisfy enum value set"),
    ({"BatchSize": 0}, "ValidationException", "Value '0' at 'batchSize'"),
    ({"BatchSize": 10_001}, "ValidationException", "less than or equal to 10000"),
    ({"MaximumBatchingWindowInSeconds": 301}, "ValidationException", "less than or equal to 300"),
    ({"ParallelizationFactor": 11}, "ValidationException", "less than or equal to 10"),
    ({"MaximumRetryAttempts": -2}, "ValidationException", "greater than or equal to -1"),
    ({"MaximumRetryAttempts": 10_001}, "ValidationException", "less than or equal to 10000"),
    ({"MaximumRecordAgeInSeconds": 59}, "InvalidParameterValueException", "MaximumRecordAgeInSeconds"),
    ({"MaximumRecordAgeInSeconds": 604_801}, "ValidationException", "less than or equal to 604800"),
    ({"TumblingWindowInSeconds": 901}, "ValidationException", "less than or equal to 900"),
    ({"FunctionResponseTypes": ["Other"]}, "ValidationException", "functionResponseTypes"),
    ({"DestinationConfig": {"OnSuccess": {"Destination": QUEUE}}}, "InvalidParameterValueException",
     "Unsupported DestinationConfig parameter for given event source mapping type."),
    ({"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sns:us-east-1:000000000000:t"}}},
     "InvalidParameterValueException", "Destinations are"),
])
def test_refused_settings(shop, stream, more, code, text):
    client = shop.service.emulator.client("lambda", parameter_validation=False)
    parameters = {"StartingPosition": "LATEST", **more}
    with refused(code, text, status=400):
        client.create_event_source_mapping(
            FunctionName="f0", EventSourceArn=stream,
            **{key: value for key, value in parameters.items() if value is not None})


@pytest.mark.parametrize("pattern", [
    "null", '"simple string"', '{"eventSource": "aws:sqs"}', '{"eventSource": []}', "{", "[]",
    '{"a": [{"unknown": "x"}]}'])
def test_wrong_patterns(shop, stream, pattern):
    with refused("InvalidParameterValueException", "Invalid filter pattern definition.", status=400):
        create(shop, "f0", stream, FilterCriteria={"Filters": [{"Pattern": pattern}]})


def test_a_large_batch_of_a_queue_needs_a_window(shop):
    text = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
    with refused("InvalidParameterValueException", text, status=400):
        create(shop, "f0", QUEUE, BatchSize=11)


@pytest.mark.parametrize("more, text", [
    ({"StartingPosition": "LATEST"}, "StartingPosition is not valid for SQS event sources."),
    ({"ParallelizationFactor": 2}, "Unsupported ParallelizationFactor parameter"),
    ({"BisectBatchOnFunctionError": True}, "Unsupported BisectBatchOnFunctionError parameter"),
    ({"DestinationConfig": {"OnFailure": {"Destination": QUEUE}}}, "Unsupported DestinationConfig parameter"),
])
def test_queues_have_no_settings_of_streams(shop, more, text):
    with refused("InvalidParameterValueException", text, status=400):
        create(shop, "f0", QUEUE, **more)


def test_an_unknown_function(shop, stream):
    with refused("InvalidParameterValueException", "Function does not exist", status=400):
        create(shop, "nobody", stream)


@pytest.mark.parametrize("source", [
    "arn:aws:dynamodb:us-east-1:000000000000:table/absent/stream/2026-01-01T00:00:00.000",
    "arn:aws:dynamodb:us-east-1:000000000000:table/absent"])
def test_an_absent_stream(shop, source):
    with refused("InvalidParameterValueException", f"Stream not found: {source}", status=400):
        create(shop, "f0", source)


def test_an_absent_queue(shop):
    text = ("Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
            "SQS Error Message: The specified queue does not exist.")
    with refused("InvalidParameterValueException", text, status=400):
        create(shop, "f0", QUEUE.replace("jobs", "absent"))


def test_no_source(shop):
    with refused("InvalidParameterValueException", "Unrecognized event source.", status=400):
        shop.client.create_event_source_mapping(FunctionName="f0", StartingPosition="LATEST")


# Get, List, Update, Delete

@pytest.mark.parametrize("operation", ["get", "update", "delete"])
def test_an_unknown_mapping(shop, operation):
    with refused("ResourceNotFoundException", "The resource you requested does not exist.", status=404):
        getattr(shop.client, f"{operation}_event_source_mapping")(UUID=str(uuid.uuid4()))


def test_list_by_function_and_source(shop, stream):
    name = shop.take()
    uid = create(shop, name, stream)["UUID"]

    def listed(**more):
        return {one["UUID"] for one in shop.client.list_event_source_mappings(**more)["EventSourceMappings"]}

    assert listed(FunctionName=name) == {uid}
    assert listed(FunctionName=arn(name)) == {uid}
    assert uid in listed(EventSourceArn=stream)
    assert listed(EventSourceArn=stream, FunctionName=name) == {uid}
    assert listed(EventSourceArn=QUEUE, FunctionName=name) == set()


def test_list_page_by_page(shop):
    source = make_stream(shop.service_client("dynamodb"))
    made = {create(shop, shop.take(), source)["UUID"] for _ in range(5)}
    pages = shop.client.get_paginator("list_event_source_mappings").paginate(
        EventSourceArn=source, PaginationConfig={"PageSize": 2})
    found = [[one["UUID"] for one in page["EventSourceMappings"]] for page in pages]
    assert [len(page) for page in found] == [2, 2, 1]
    assert {uid for page in found for uid in page} == made


def test_update_changes_what_it_names(shop, stream):
    uid = create(shop, shop.take(), stream, MaximumRetryAttempts=3)["UUID"]
    wait_for(shop, uid, "Enabled")
    answer = shop.client.update_event_source_mapping(UUID=uid, BatchSize=5)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert (answer["State"], answer["BatchSize"], answer["MaximumRetryAttempts"]) == ("Updating", 5, 3)
    assert wait_for(shop, uid, "Enabled")["BatchSize"] == 5


def test_update_can_name_another_function(shop, stream):
    first, second = shop.take(), shop.take()
    uid = create(shop, first, stream)["UUID"]
    assert shop.client.update_event_source_mapping(UUID=uid, FunctionName=second)["FunctionArn"] == arn(second)


def test_disabling_and_enabling(shop, stream):
    uid = create(shop, shop.take(), stream)["UUID"]
    wait_for(shop, uid, "Enabled")
    assert shop.client.update_event_source_mapping(UUID=uid, Enabled=False)["State"] == "Disabling"
    wait_for(shop, uid, "Disabled")
    assert shop.client.update_event_source_mapping(UUID=uid, Enabled=True)["State"] == "Enabling"
    wait_for(shop, uid, "Enabled")


def test_update_checks_as_create_does(shop, stream):
    uid = create(shop, shop.take(), stream)["UUID"]
    with refused("InvalidParameterValueException", "Function does not exist"):
        shop.client.update_event_source_mapping(UUID=uid, FunctionName="nobody")
    with refused("InvalidParameterValueException", "Invalid filter pattern definition."):
        shop.client.update_event_source_mapping(UUID=uid, FilterCriteria={"Filters": [{"Pattern": "[]"}]})


def test_delete(shop, stream):
    uid = create(shop, shop.take(), stream)["UUID"]
    answer = shop.client.delete_event_source_mapping(UUID=uid)
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["State"]) == (202, "Deleting")
    with refused("ResourceNotFoundException", status=404):
        shop.client.get_event_source_mapping(UUID=uid)


def test_a_deleted_mapping_can_be_made_again(shop, stream):
    name = shop.take()
    uid = create(shop, name, stream)["UUID"]
    shop.client.delete_event_source_mapping(UUID=uid)
    assert create(shop, name, stream)["UUID"] != uid


def test_mappings_outlive_a_crash(shop, stream):
    uid = create(shop, shop.take(), stream, BatchSize=33)["UUID"]
    before = body(wait_for(shop, uid, "Enabled"))
    shop.service.restart(kill=True)
    shop.client, shop.made = shop.service.client, {}
    assert body(shop.client.get_event_source_mapping(UUID=uid)) == before
