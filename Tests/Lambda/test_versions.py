"""PublishVersion, ListVersionsByFunction, and calls of versions."""

import json
import socket

import pytest

from . import bootstraps
from .conftest import call, error_of
from .functions import ARN, answering, digest


def test_a_version_keeps_code_and_settings(create, lambda_client):
    name = create(Code={"ZipFile": answering("one")}, Timeout=5)
    lambda_client.publish_version(FunctionName=name)
    lambda_client.update_function_code(FunctionName=name, ZipFile=answering("two"))
    lambda_client.update_function_configuration(FunctionName=name, Timeout=6)
    assert call(lambda_client, name, Qualifier="1").json == "one"
    assert call(lambda_client, name).json == "two"
    version = lambda_client.get_function_configuration(FunctionName=name, Qualifier="1")
    assert version["Timeout"] == 5 and version["CodeSha256"] == digest(answering("one"))


def test_the_answer_describes_the_version(create, lambda_client):
    name = create()
    answer = lambda_client.publish_version(FunctionName=name, Description="first")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert answer["Version"] == "1" and answer["FunctionArn"] == f"{ARN}{name}:1"
    assert answer["Description"] == "first" and answer["State"] == "Pending"
    assert lambda_client.get_function_configuration(FunctionName=name)["Description"] == ""


def test_what_has_not_changed_is_not_published_again(create, lambda_client):
    name = create()
    assert lambda_client.publish_version(FunctionName=name)["Version"] == "1"
    assert lambda_client.publish_version(FunctionName=name)["Version"] == "1"
    lambda_client.update_function_configuration(FunctionName=name, Timeout=9)
    assert lambda_client.publish_version(FunctionName=name)["Version"] == "2"


@pytest.mark.parametrize("qualifier", ["1", "$LATEST", None])
def test_the_version_that_ran_is_told(create, lambda_client, qualifier):
    name = create()
    lambda_client.publish_version(FunctionName=name)
    more = {"Qualifier": qualifier} if qualifier else {}
    assert call(lambda_client, name, **more).version == (qualifier or "$LATEST")


def test_a_function_is_told_its_version(create, lambda_client):
    code = """
import os
serve(lambda event, headers: [
    os.environ["AWS_LAMBDA_FUNCTION_VERSION"], os.environ["AWS_LAMBDA_LOG_STREAM_NAME"],
    {name.lower(): value for name, value in headers.items()}["lambda-runtime-invoked-function-arn"]])
"""
    name = create(bootstraps.python(code))
    lambda_client.publish_version(FunctionName=name)
    version, stream, arn = call(lambda_client, name, Qualifier="1").json
    assert version == "1" and "/[1]" in stream and arn == f"{ARN}{name}:1"
    version, stream, arn = call(lambda_client, name).json
    assert version == "$LATEST" and "/[$LATEST]" in stream and arn == ARN + name


def test_the_log_names_the_version(create, lambda_client):
    import base64

    name = create()
    lambda_client.publish_version(FunctionName=name)
    result = call(lambda_client, name, Qualifier="1", LogType="Tail")
    tail = base64.b64decode(result.headers["x-amz-log-result"]).decode()
    assert f"START RequestId: {result.request_id} Version: 1\n" in tail


def test_the_digest_is_held_against_the_code(create, lambda_client):
    name = create(Code={"ZipFile": answering("x")})
    own = digest(answering("x"))
    error = error_of(lambda_client, lambda c: c.publish_version(FunctionName=name, CodeSha256="other"))
    assert error.code == "InvalidParameterValueException"
    assert error.message == (
        f"CodeSHA256 (other) is different from current CodeSHA256 in $LATEST ({own}). Please try again with the "
        "CodeSHA256 in $LATEST.")
    lambda_client.publish_version(FunctionName=name, CodeSha256=own)


def test_versions_are_listed_in_order_and_pages(create, lambda_client):
    name = create()
    for timeout in range(4, 16):
        lambda_client.update_function_configuration(FunctionName=name, Timeout=timeout)
        lambda_client.publish_version(FunctionName=name)
    pages = list(lambda_client.get_paginator("list_versions_by_function").paginate(
        FunctionName=name, PaginationConfig={"PageSize": 5}))
    listed = [version["Version"] for page in pages for version in page["Versions"]]
    assert listed == ["$LATEST", *map(str, range(1, 13))] and len(pages) == 3
    assert pages[0]["Versions"][1]["FunctionArn"] == f"{ARN}{name}:1"


def test_a_version_that_is_not_there_cannot_be_called(create, lambda_client):
    name = create()
    error = error_of(lambda_client, lambda c: c.invoke(FunctionName=name, Qualifier="3"))
    assert (error.status, error.message) == (404, f"Function not found: {ARN}{name}:3")


def test_a_name_with_a_version_calls_it(create, lambda_client):
    name = create()
    lambda_client.publish_version(FunctionName=name)
    assert call(lambda_client, f"{name}:1").version == "1"
    assert call(lambda_client, f"{ARN}{name}:1").version == "1"


TELL = """
import os, socket
def tell(event, headers):
    with socket.create_connection(("127.0.0.1", event["port"])) as line:
        line.sendall(os.environ["AWS_LAMBDA_FUNCTION_VERSION"].encode())
serve(tell)
"""


@pytest.fixture
def told():
    """A port that functions tell their version, and what they told: told.event, told.version()."""
    class Told:
        listener = socket.create_server(("127.0.0.1", 0))
        event = json.dumps({"port": listener.getsockname()[1]}).encode()

        def version(self):
            line, _ = self.listener.accept()
            with line:
                return line.makefile().read()

    Told.listener.settimeout(60)
    yield Told()
    Told.listener.close()


def test_the_old_way_to_invoke_later_still_works(create, lambda_client, told):
    name = create(bootstraps.python(TELL))
    assert lambda_client.invoke_async(FunctionName=name, InvokeArgs=told.event)["Status"] == 202
    assert told.version() == "$LATEST"


def test_an_event_for_an_alias_reaches_its_version(create, lambda_client, told):
    name = create(bootstraps.python(TELL), Publish=True)
    lambda_client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    lambda_client.invoke(FunctionName=name, Qualifier="live", InvocationType="Event", Payload=told.event)
    assert told.version() == "1"
