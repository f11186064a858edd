"""How clients hold their connections: retries, threads, pipelines, long silences, servers that come back."""

import hashlib
import http.client
import json
import socket
import threading
import time
import unittest.mock
import uuid
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import boto3
import botocore.auth
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials


@pytest.fixture(scope="module")
def table(dynamodb_url, aws_session):
    client = aws_session.client("dynamodb", endpoint_url=dynamodb_url)
    name = f"connections-{uuid.uuid4()}"
    client.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
    client.get_waiter("table_exists").wait(TableName=name)
    yield name
    client.delete_table(TableName=name)


@pytest.fixture
def key():
    return {"pk": {"S": uuid.uuid4().hex}}


def signed(url, operation, body, headers=None, token=None):
    """The parts of a signed request: (path, headers, body)."""
    data = json.dumps(body).encode()
    request = AWSRequest("POST", url + "/", data=data, headers={
        "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"DynamoDB_20120810.{operation}",
        **(headers or {})})
    SigV4Auth(Credentials("test", "test", token), "dynamodb", "us-east-1").add_auth(request)
    return "/", dict(request.prepare().headers), data


def message(url, operation, body, **more):
    """A signed request as bytes, its header names as they are given."""
    path, headers, data = signed(url, operation, body, **more)
    headers = {"Host": urlsplit(url).netloc, **headers, "Content-Length": str(len(data))}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode(), data


def connected(url):
    address = urlsplit(url)
    return socket.create_connection((address.hostname, address.port), timeout=60)


def answer(stream):
    """One answer read off a file of a socket: (status, header fields as sent, body)."""
    status = int(stream.readline().split()[1])
    fields = []
    while (line := stream.readline().strip()):
        name, _, value = line.decode().partition(":")
        fields.append((name, value.strip()))
    length = {name.lower(): value for name, value in fields}.get("content-length", "0")
    return status, fields, stream.read(int(length))


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_every_retry_mode_meets_no_reason_to_retry(aws_session, dynamodb_url, table, key, mode):
    client = aws_session.client("dynamodb", endpoint_url=dynamodb_url, config=Config(retries={"mode": mode}))
    for number in range(20):
        found = client.update_item(
            TableName=table, Key=key, UpdateExpression="ADD n :one", ReturnValues="ALL_NEW",
            ExpressionAttributeValues={":one": {"N": "1"}})
        assert found["ResponseMetadata"]["RetryAttempts"] == 0
    assert found["Attributes"]["n"] == {"N": "20"}


@pytest.mark.parametrize("pool", [10, 50])
def test_fifty_threads_share_a_client(aws_session, dynamodb_url, table, key, pool):
    client = aws_session.client(
        "dynamodb", endpoint_url=dynamodb_url, config=Config(max_pool_connections=pool))

    def work(_):
        for _ in range(10):
            client.update_item(
                TableName=table, Key=key, UpdateExpression="ADD n :one",
                ExpressionAttributeValues={":one": {"N": "1"}})

    with ThreadPoolExecutor(50) as executor:
        list(executor.map(work, range(50)))
    assert client.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]["n"] == {"N": "500"}


@pytest.mark.parametrize("settings", [
    {"account_id_endpoint_mode": "preferred"}, {"account_id_endpoint_mode": "disabled"},
    {"endpoint_discovery_enabled": True}, {"tcp_keepalive": True}, {"disable_request_compression": True},
    {"request_min_compression_size_bytes": 1}, {"inject_host_prefix": False}, {"use_dualstack_endpoint": False}])
def test_settings_of_a_client(aws_session, dynamodb_url, table, settings):
    client = aws_session.client("dynamodb", endpoint_url=dynamodb_url, config=Config(**settings))
    assert client.describe_table(TableName=table)["Table"]["TableStatus"] == "ACTIVE"


def test_an_account_in_the_credentials_changes_nothing(dynamodb_url, table):
    session = boto3.Session("test", "test", region_name="us-east-1", aws_account_id="000000000000")
    client = session.client(
        "dynamodb", endpoint_url=dynamodb_url, config=Config(account_id_endpoint_mode="required"))
    assert client.describe_table(TableName=table)["Table"]["TableName"] == table


def test_a_client_rides_out_a_crash(start, tmp_path):
    first = start(folder=tmp_path / "data")
    port = urlsplit(first.aws).port
    client = boto3.client(
        "dynamodb", endpoint_url=first.aws, region_name="us-east-1", aws_access_key_id="test",
        aws_secret_access_key="test", config=Config(retries={"mode": "standard", "total_max_attempts": 12}))
    client.create_table(
        TableName="riding", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
    client.get_waiter("table_exists").wait(TableName="riding")
    first.kill()
    again = threading.Thread(target=lambda: start(folder=tmp_path / "data", ports=(0, port)))
    again.start()
    try:
        for number in range(50):
            client.put_item(TableName="riding", Item={"pk": {"S": str(number)}})
    finally:
        again.join()
    assert client.scan(TableName="riding", Select="COUNT")["Count"] == 50


def test_one_connection_serves_a_thousand_requests_and_rests(dynamodb_url, table):
    address = urlsplit(dynamodb_url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    local = None
    for number in range(1000):
        path, headers, data = signed(dynamodb_url, "DescribeTable", {"TableName": table})
        connection.request("POST", path, data, headers)
        reply = connection.getresponse()
        assert reply.status == 200 and reply.read()
        local = local or connection.sock.getsockname()
        assert connection.sock.getsockname() == local
        if number == 500:
            time.sleep(3)
    connection.close()


@pytest.mark.parametrize("body,status", [
    ({"TableName": "absent"}, 400), ({"TableName": 7}, 400), ({}, 400)])
def test_a_refused_request_keeps_its_connection(dynamodb_url, body, status):
    address = urlsplit(dynamodb_url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    seen = set()
    for _ in range(3):
        path, headers, data = signed(dynamodb_url, "DescribeTable", body)
        connection.request("POST", path, data, headers)
        reply = connection.getresponse()
        reply.read()
        assert reply.status == status
        seen.add(connection.sock.getsockname())
    assert len(seen) == 1
    connection.close()


def test_pipelined_requests_are_answered_in_order(dynamodb_url, table):
    keys = [{"pk": {"S": f"pipeline {number}"}} for number in range(20)]
    with connected(dynamodb_url) as sock:
        sock.sendall(b"".join(
            b"".join(message(dynamodb_url, "PutItem", {"TableName": table, "Item": key})) for key in keys))
        stream = sock.makefile("rb")
        assert [answer(stream)[0] for _ in keys] == [200] * 20
        sock.sendall(b"".join(
            b"".join(message(dynamodb_url, "GetItem", {"TableName": table, "Key": key, "ConsistentRead": True}))
            for key in keys))
        assert [json.loads(answer(stream)[2])["Item"] for _ in keys] == keys


def test_a_body_that_waits_to_be_asked_for(dynamodb_url, table, key):
    head, body = message(
        dynamodb_url, "PutItem", {"TableName": table, "Item": {**key, "data": {"S": "x" * 300_000}}})
    head = head.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")
    with connected(dynamodb_url) as sock:
        sock.sendall(head)
        stream = sock.makefile("rb")
        assert stream.readline().startswith(b"HTTP/1.1 100") and stream.readline() == b"\r\n"
        sock.sendall(body)
        assert answer(stream)[0] == 200


def test_a_body_in_chunks(dynamodb_url, table, key):
    head, body = message(dynamodb_url, "PutItem", {"TableName": table, "Item": key})
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
    head = b"\r\n".join(lines[:-2] + [b"Transfer-Encoding: chunked", b"", b""])
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + 7]), body[i:i + 7]) for i in range(0, len(body), 7))
    with connected(dynamodb_url) as sock:
        sock.sendall(head + chunks + b"0\r\n\r\n")
        assert answer(sock.makefile("rb"))[0] == 200


SDKS = {
    "java": {"User-Agent": "aws-sdk-java/2.29.0 md/io#sync", "amz-sdk-invocation-id": "4f7c-1", "amz-sdk-request":
             "attempt=1; max=9", "Connection": "Keep-Alive"},
    "javascript": {"x-amz-user-agent": "aws-sdk-js/3.700.0", "user-agent": "aws-sdk-js/3.700.0 ua/2.1",
                   "amz-sdk-invocation-id": "4f7c-2", "amz-sdk-request": "attempt=1; max=3",
                   "connection": "keep-alive"},
    "rust": {"x-amz-user-agent": "aws-sdk-rust/1.3.3", "amz-sdk-request": "attempt=1; max=3", "accept": "*/*"},
    "go": {"Accept-Encoding": "identity", "Amz-Sdk-Request": "attempt=1; max=3", "X-Amzn-Query-Mode": "false"},
    "dotnet": {"x-amz-content-sha256": "", "amz-sdk-invocation-id": "4f7c-3", "Accept": "application/json"},
    "php": {"aws-sdk-invocation-id": "4f7c-4", "aws-sdk-retry": "0/0", "X-Amz-Content-Sha256": ""},
}


@pytest.mark.parametrize("name", ["there", "absent"])
@pytest.mark.parametrize("sdk", sorted(SDKS))
def test_requests_and_answers_as_other_sdks_have_them(dynamodb_url, table, sdk, name):
    """They check the checksum, take the request id, and set their clocks by the date, errors included."""
    body = {"TableName": table if name == "there" else "absent-" + table}
    extra = {
        field: value or hashlib.sha256(json.dumps(body).encode()).hexdigest() for field, value in SDKS[sdk].items()}
    head, data = message(dynamodb_url, "DescribeTable", body, headers=extra)
    if sdk in ("javascript", "rust"):
        first, *lines = head.decode().split("\r\n")
        head = "\r\n".join([first] + [
            line.partition(":")[0].lower() + ":" + line.partition(":")[2] if line else "" for line in lines]).encode()
    with connected(dynamodb_url) as sock:
        sock.sendall(head + data)
        status, fields, content = answer(sock.makefile("rb"))
    found = {field.lower(): value for field, value in fields}
    assert status == (200 if name == "there" else 400)
    assert len(found) == len(fields), fields
    assert found["x-amz-crc32"] == str(zlib.crc32(content))
    assert len(found["x-amzn-requestid"]) == 52
    assert found["content-type"] == "application/x-amz-json-1.0"
    assert found.get("connection", "keep-alive").lower() == "keep-alive"
    assert abs(parsedate_to_datetime(found["date"]).timestamp() - time.time()) < 60


def test_a_clock_that_is_wrong_is_told_the_time(dynamodb_url):
    """What a client needs to correct itself: the error's name and the server's date."""
    early = botocore.auth.get_current_datetime() - timedelta(hours=1)
    with unittest.mock.patch.object(botocore.auth, "get_current_datetime", lambda: early):
        path, headers, data = signed(dynamodb_url, "ListTables", {})
    address = urlsplit(dynamodb_url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    connection.request("POST", path, data, headers)
    reply = connection.getresponse()
    said = json.loads(reply.read())
    connection.close()
    assert said["__type"].endswith("#InvalidSignatureException")
    assert said["message"].startswith("Signature expired: ")
    assert abs(parsedate_to_datetime(reply.headers["Date"]).timestamp() - time.time()) < 60


def test_a_session_token_will_do_when_any_key_does(start):
    lenient = start("--accept-any-credentials")
    client = boto3.client(
        "dynamodb", endpoint_url=lenient.aws, region_name="eu-central-1", aws_access_key_id="ASIATEMPORARY",
        aws_secret_access_key="secret", aws_session_token="IQoJb3JpZ2luX2VjEJr//token==")
    assert "TableNames" in client.list_tables()
