"""`emulator event`: sample events for every service, composed on the command line."""

import json

import pytest

from . import commands

KINDS = [
    ("s3", "put"), ("s3", "delete"), ("s3", "multipart"), ("s3", "restore-completed"), ("sqs", "message"),
    ("sqs", "fifo"), ("sqs", "batch"), ("sns", "notification"), ("dynamodb", "insert"), ("dynamodb", "modify"),
    ("dynamodb", "remove"), ("kinesis", "record"), ("eventbridge", "custom"), ("eventbridge", "s3-object-created"),
    ("schedule", "rule"), ("schedule", "scheduler"), ("http", "get"), ("http", "post"), ("url", "get"), ("url", "iam"),
    ("rest", "get"), ("rest", "post"), ("websocket", "connect"), ("websocket", "message"),
    ("websocket", "disconnect"), ("alb", "get"), ("alb", "multi-value"), ("cognito", "pre-sign-up"),
    ("cognito", "post-confirmation"), ("cognito", "pre-authentication"), ("cognito", "pre-token-generation"),
    ("cognito", "custom-message"), ("logs", "subscription"), ("ses", "received")]


def event(*arguments):
    return json.loads(commands.run("event", *arguments).stdout)


def test_list_has_at_least_25_kinds():
    listed = {(entry["service"], entry["kind"]) for entry in commands.printed("event", "--list")}
    assert len(listed) >= 25
    assert listed >= set(KINDS)
    text = commands.run("event", "--list").stdout
    assert all(service in text and kind in text for service, kind in listed)


@pytest.mark.parametrize("service, kind", KINDS)
def test_each_kind_is_accepted_by_its_decoder(service, kind):
    result = commands.run("event", service, kind)
    assert isinstance(json.loads(result.stdout), dict)
    assert "${" not in result.stdout
    assert result.stderr == ""


def test_two_events_have_identifiers_of_their_own():
    first, second = event("sqs", "batch")["Records"][0], event("sqs", "batch")["Records"][1]
    assert first["messageId"] != second["messageId"]


def test_set_changes_one_place():
    record = event("s3", "put", "--set", "Records[0].s3.object.key=a.png")["Records"][0]
    assert record["s3"]["object"]["key"] == "a.png"
    assert record["s3"]["bucket"]["name"] == "mumble-media"


@pytest.mark.parametrize("text, value", [
    ("5", 5), ("-1.5e3", -1500.0), ("true", True), ("null", None), ('"5"', "5"), ("[1, 2]", [1, 2]),
    ('{"a": 1}', {"a": 1}), ("text", "text"), ("", ""), ("a=b", "a=b")])
def test_values_are_json_when_they_parse(text, value):
    assert event("eventbridge", "custom", "--set", f"detail.new={text}")["detail"]["new"] == value


def test_a_body_stays_text():
    body = event("http", "post", "--set", 'body={"delta":2}')["body"]
    assert json.loads(body) == {"delta": 2}


def test_headers_and_queries_take_new_members():
    made = event("http", "get", "--set", "headers.x-test=1", "--set", "queryStringParameters.c=text")
    assert made["headers"]["x-test"] == "1"
    assert made["queryStringParameters"]["c"] == "text"


def test_names_with_dots_are_quoted():
    assert event("eventbridge", "custom", "--set", 'detail["a.b"]=1')["detail"]["a.b"] == 1


def test_an_array_grows_by_a_copy_of_its_last_element():
    messages = event("sqs", "message", "--set", "Records[1].body=second")["Records"]
    assert [message["body"] for message in messages] == ['{"order":"42"}', "second"]


@pytest.mark.parametrize("path, near", [
    ("Records[0].s3.object.kye", "Records[0].s3.object.key"), ("Records[0].s3.bukcet.name", "Records[0].s3.bucket.name"),
    ("Records[7].s3.object.key", "Records[0].s3.object.key"), ("object.key", "Records[0].s3.object.key")])
def test_a_wrong_path_is_named_with_near_ones(path, near):
    error = commands.run("event", "s3", "put", "--set", f"{path}=x", code=65).stderr
    assert f"'{path}'" in error and near in error


@pytest.mark.parametrize("argument", ["noequals", "=value", "a..b=1", "[x]=1", "a[=1"])
def test_what_is_no_path_is_refused(argument):
    assert "path=value" in commands.run("event", "s3", "put", "--set", argument, code=64).stderr


def test_a_wrong_event_is_composed_with_a_note():
    result = commands.run("event", "dynamodb", "insert", "--set", "Records[0].eventName=CHANGE")
    assert json.loads(result.stdout)["Records"][0]["eventName"] == "CHANGE"
    assert "Records[0].eventName" in result.stderr


@pytest.mark.parametrize("arguments, code, words", [
    (["s4", "put"], 66, "Did you mean 's3'?"), (["s3", "putt"], 66, "Did you mean 'put'?"),
    (["s3"], 64, "delete-marker"), ([], 64, "--list")])
def test_unknown_names_are_answered_with_known_ones(arguments, code, words):
    assert words in commands.run("event", *arguments, code=code).stderr


def test_region_and_account_are_everywhere():
    text = commands.run("event", "sqs", "message", "--region", "eu-west-1", "--account", "123456789012").stdout
    assert "arn:aws:sqs:eu-west-1:123456789012:orders" in text


def test_an_event_pipes_into_a_function(tmp_path):
    program = tmp_path / "echo"
    commands.write_program(str(program), commands.bootstrap("result = event['Records'][0]['s3']['object']['key']"))
    manifest = commands.write_manifest(tmp_path, {"echo": str(program)})
    text = commands.run("event", "s3", "put", "--set", "Records[0].s3.object.key=b.png").stdout
    answer = commands.run(
        "invoke", "echo", "--event", "-", "--manifest", manifest, "--data", tmp_path / "data", text=text)
    assert json.loads(answer.stdout) == "b.png"


def test_an_event_can_be_checked(tmp_path):
    path = tmp_path / "event.json"
    path.write_text(commands.run("event", "s3", "put").stdout)
    assert "is an event of 's3 put'" in commands.run("event", "s3", "put", "--check", path).stdout
    assert "'requestContext'" in commands.run("event", "websocket", "message", "--check", path, code=65).stderr
    path.write_text("{")
    assert "not JSON" in commands.run("event", "s3", "put", "--check", path, code=65).stderr
    assert "cannot be read" in commands.run("event", "s3", "put", "--check", tmp_path / "none", code=66).stderr


@pytest.mark.parametrize("option, value", [
    ("--region", 'x"y'), ("--region", ""), ("--region", "EU"), ("--account", "12"), ("--account", "12345678901x"),
    ("--account", "+12345678901")])
def test_regions_and_accounts_are_checked(option, value):
    assert option in commands.run("event", "sqs", "message", option, value, code=64).stderr


def test_a_number_of_an_item_is_text_and_the_event_stays_one():
    result = commands.run("event", "dynamodb", "insert", "--set", "Records[0].dynamodb.NewImage.count.N=5")
    assert json.loads(result.stdout)["Records"][0]["dynamodb"]["NewImage"]["count"] == {"N": "5"}
    assert result.stderr == ""


def test_a_message_more_has_an_identifier_of_its_own():
    records = event("sqs", "fifo", "--set", "Records[1].body=x")["Records"]
    assert records[0]["messageId"] != records[1]["messageId"]
    assert records[0]["receiptHandle"] != records[1]["receiptHandle"]
