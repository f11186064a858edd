"""Whose keys the emulator believes: the manifest's pair, or anybody's with --accept-any-credentials."""

import json
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError
from running import Emulator


@pytest.fixture(scope="module")
def lenient(tmp_path_factory):
    instance = Emulator(tmp_path_factory.mktemp("lenient"), "--accept-any-credentials")
    yield instance
    instance.stop()


def unsigned(server):
    request = urllib.request.Request(server.aws + "/", data=b"{}", headers={
        "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.ListTables"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.mark.parametrize("key,secret", [("test", "test"), ("AKIAANYTHING", "x"), ("test", "wrong")])
def test_any_pair_will_do_when_asked_for(lenient, key, secret):
    assert "TableNames" in lenient.client("dynamodb", key, secret).list_tables()


def test_no_signature_will_do_when_asked_for(lenient):
    assert unsigned(lenient)[0] == 200


def test_unknown_operations_stay_unknown_when_any_key_will_do(lenient):
    request = urllib.request.Request(lenient.aws + "/", data=b"{}", headers={
        "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.Nothing"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=60)
    assert json.load(caught.value) == {"__type": "com.amazon.coral.service#UnknownOperationException"}


def test_without_the_flag_only_the_manifests_pair(emulator):
    assert "TableNames" in emulator.client("dynamodb").list_tables()
    with pytest.raises(ClientError) as caught:
        emulator.client("dynamodb", "AKIAANYTHING", "x").list_tables()
    assert caught.value.response["Error"]["Code"] == "UnrecognizedClientException"


def test_without_the_flag_a_signature_is_needed(emulator):
    status, answer = unsigned(emulator)
    assert status == 400 and answer["message"] == "Request is missing Authentication Token"
