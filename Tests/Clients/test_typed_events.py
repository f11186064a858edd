"""The events that the emulator itself sends are read by the decoders that handlers use."""

import json
import urllib.request

import pytest
from running import Emulator, until

from . import commands

TABLE = {
    "TableName": "items", "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}}


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """An emulator that records what its one function is given."""
    folder = tmp_path_factory.mktemp("typed")
    commands.write_program(str(folder / "program"), commands.bootstrap("result = {'statusCode': 200}"))
    manifest = commands.write_manifest(
        folder, {"work": str(folder / "program")}, {"POST /things/{id}": "work"}, tables=[TABLE],
        buckets=[{"name": "files", "notifications": [{"function": "work", "events": [
            "s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}]}])
    emulator = Emulator(folder / "data", "--record", manifest=manifest)
    emulator.data = folder / "data"
    yield emulator
    emulator.stop()


def check(service, kind, belongs):
    """Waits for a recorded event that `belongs`, and holds it against the decoder."""

    def find():
        for path in sorted(service.data.glob("recordings/*.json")):
            event = json.loads(path.read_text())["event"]
            if belongs(event):
                return event
        return None

    event = until(find, f"an event of {kind}")
    commands.run("event", *kind.split(), "--check", "-", text=json.dumps(event))


def test_requests_of_the_gateway(service):
    request = urllib.request.Request(
        service.gateway + "/things/1?a=1", data=b"{}", headers={"content-type": "application/json", "cookie": "a=1"})
    urllib.request.urlopen(request, timeout=30).close()
    check(service, "http post", lambda event: event.get("routeKey") == "POST /things/{id}")


@pytest.mark.parametrize("kind, name", [
    ("s3 put", "ObjectCreated:Put"), ("s3 copy", "ObjectCreated:Copy"), ("s3 delete", "ObjectRemoved:Delete")])
def test_notifications_of_buckets(service, kind, name):
    s3 = service.client("s3")
    key = kind.replace(" ", "-")
    s3.put_object(Bucket="files", Key=key, Body=b"x")
    s3.copy_object(Bucket="files", Key=key + "-2", CopySource=f"files/{key}")
    s3.delete_object(Bucket="files", Key=key)
    check(service, kind, lambda event: event.get("Records", [{}])[0].get("eventName") == name)


@pytest.mark.parametrize("kind, name", [
    ("dynamodb insert", "INSERT"), ("dynamodb modify", "MODIFY"), ("dynamodb remove", "REMOVE")])
def test_records_of_streams(service, kind, name):
    dynamodb = service.client("dynamodb")
    arn = dynamodb.describe_table(TableName="items")["Table"]["LatestStreamArn"]
    mapping = service.client("lambda")
    if not mapping.list_event_source_mappings(EventSourceArn=arn)["EventSourceMappings"]:
        mapping.create_event_source_mapping(
            EventSourceArn=arn, FunctionName="work", StartingPosition="TRIM_HORIZON", BatchSize=1)
    item = {"pk": {"S": kind}, "all": {"M": {"n": {"N": "1"}, "b": {"B": b"x"}, "l": {"L": [{"NULL": True}]},
                                            "s": {"SS": ["a"]}, "t": {"BOOL": True}}}}
    dynamodb.put_item(TableName="items", Item=item)
    dynamodb.put_item(TableName="items", Item={**item, "more": {"N": "2"}})
    dynamodb.delete_item(TableName="items", Key={"pk": {"S": kind}})
    check(service, kind, lambda event: event.get("Records", [{}])[0].get("eventName") == name)
