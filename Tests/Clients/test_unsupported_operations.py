"""Every operation of AWS's service model is either there or refused by its name."""

import json
import urllib.error
import urllib.request

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.session import Session

MODEL = Session().get_service_model("dynamodb")


def answer(emulator, operation):
    """The error code and message of an empty request, or (None, None) when it is accepted."""
    request = AWSRequest("POST", emulator.aws + "/", data=b"{}", headers={
        "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"DynamoDB_20120810.{operation}"})
    SigV4Auth(Credentials("test", "test"), "dynamodb", "us-east-1").add_auth(request)
    message = urllib.request.Request(
        request.url, data=b"{}", headers=dict(request.prepare().headers), method="POST")
    try:
        urllib.request.urlopen(message, timeout=60).close()
    except urllib.error.HTTPError as error:
        body = json.loads(error.read())
        return body["__type"].split("#")[1], body.get("message")
    return None, None


@pytest.mark.parametrize("operation", MODEL.operation_names)
def test_no_operation_is_unknown(emulator, operation):
    code, message = answer(emulator, operation)
    assert code not in ("UnknownOperationException", "InternalServerError")
    if code == "UnsupportedOperationException":
        assert message.startswith(f"The operation {operation} is not supported by this emulator: ")


def test_what_aws_does_not_know_is_unknown(emulator):
    assert answer(emulator, "DescribeUniverse") == ("UnknownOperationException", None)


def test_client_libraries_show_the_refusal_and_do_not_try_again(emulator):
    client = emulator.client("dynamodb")
    with pytest.raises(ClientError) as refusal:
        client.create_global_table(GlobalTableName="abc", ReplicationGroup=[{"RegionName": "eu-west-1"}])
    assert refusal.value.response["Error"]["Code"] == "UnsupportedOperationException"
    assert refusal.value.response["ResponseMetadata"]["RetryAttempts"] == 0
