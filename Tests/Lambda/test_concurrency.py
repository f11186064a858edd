"""Reserved and provisioned concurrency: the operations, and that all versions share what is reserved."""

import socket
import threading

import pytest

from . import bootstraps
from .conftest import call, error_of
from .functions import ARN

# Tells the test that it runs, and waits for its word.
WAIT = """
import socket
def wait(event, headers):
    if "port" in event:
        socket.create_connection(("127.0.0.1", event["port"])).recv(1)
    return "done"
serve(wait)
"""


def reserve(client, name, count):
    return client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=count)


def test_a_reservation_is_kept_and_taken_back(create, lambda_client):
    name = create()
    assert "ReservedConcurrentExecutions" not in lambda_client.get_function_concurrency(FunctionName=name)
    assert reserve(lambda_client, name, 7)["ReservedConcurrentExecutions"] == 7
    assert lambda_client.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == 7
    lambda_client.delete_function_concurrency(FunctionName=name)
    assert "ReservedConcurrentExecutions" not in lambda_client.get_function_concurrency(FunctionName=name)


def test_a_hundred_have_to_stay_unreserved(create, lambda_client):
    name = create()
    left = lambda_client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    error = error_of(lambda_client, lambda c: reserve(c, name, left - 99))
    assert error.code == "InvalidParameterValueException"
    assert error.message == (
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below "
        "its minimum value of [100].")
    reserve(lambda_client, name, left - 100)
    reserve(lambda_client, name, 1)


@pytest.mark.parametrize("number", [2**31, 2**63 - 1, -(2**63), 2**64, 1e300])
def test_numbers_have_32_bits(create, lambda_client, number):
    name = create(Publish=True)
    reserve(lambda_client, name, 3)
    for ask in (
            lambda c: reserve(c, name, number),
            lambda c: c.put_provisioned_concurrency_config(
                FunctionName=name, Qualifier="1", ProvisionedConcurrentExecutions=number)):
        assert error_of(lambda_client, ask).code == "SerializationException"
    assert lambda_client.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == 3


@pytest.mark.parametrize("operation", ["put", "get", "delete"])
def test_versions_have_no_reservation(create, lambda_client, operation):
    name = create(Publish=True) + ":1"
    ask = {
        "put": lambda c: reserve(c, name, 1),
        "get": lambda c: c.get_function_concurrency(FunctionName=name),
        "delete": lambda c: c.delete_function_concurrency(FunctionName=name),
    }[operation]
    assert error_of(lambda_client, ask).message == (
        "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. "
        "Please specify either a function name or an unqualified function ARN.")


def test_nothing_reserved_is_nothing_allowed(create, lambda_client):
    name = create()
    reserve(lambda_client, name, 0)
    error = error_of(lambda_client, lambda c: c.invoke(FunctionName=name))
    assert (error.status, error.code) == (429, "TooManyRequestsException")
    reserve(lambda_client, name, 1)
    assert call(lambda_client, name, 1).json == 1


def test_versions_share_what_is_reserved(create, lambda_client, endpoint):
    name = create(bootstraps.python(WAIT), Publish=True, Timeout=60)
    reserve(lambda_client, name, 1)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(60)
    event = {"port": listener.getsockname()[1]}
    results, client = [], endpoint.client("lambda", read_timeout=120)
    thread = threading.Thread(target=lambda: results.append(call(client, name, event, Qualifier="1")))
    thread.start()
    begun, _ = listener.accept()
    error = error_of(lambda_client, lambda c: c.invoke(FunctionName=name, Payload=b"{}"))
    assert error.status == 429
    assert error.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    begun.close()
    listener.close()
    thread.join()
    assert results[0].json == "done"
    assert call(lambda_client, name, {}).json == "done"


def test_a_reservation_of_the_manifest_can_be_changed(service):
    made = service(declared={"code": bootstraps.python(), "reservedConcurrency": 5})
    reserved = lambda: made.client.get_function_concurrency(FunctionName="declared")  # noqa: E731
    assert reserved()["ReservedConcurrentExecutions"] == 5
    reserve(made.client, "declared", 0)
    assert error_of(made.client, lambda c: c.invoke(FunctionName="declared")).status == 429
    made.restart()
    assert reserved()["ReservedConcurrentExecutions"] == 0
    made.client.delete_function_concurrency(FunctionName="declared")
    assert reserved()["ReservedConcurrentExecutions"] == 5
    assert made.call("declared", 1).json == 1


def test_provisioned_concurrency_is_kept(create, lambda_client):
    name = create(Publish=True)
    where = {"FunctionName": name, "Qualifier": "1"}
    answer = lambda_client.put_provisioned_concurrency_config(**where, ProvisionedConcurrentExecutions=1)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert answer["Status"] == "IN_PROGRESS" and answer["RequestedProvisionedConcurrentExecutions"] == 1
    stored = lambda_client.get_provisioned_concurrency_config(**where)
    assert stored["RequestedProvisionedConcurrentExecutions"] == 1
    [entry] = lambda_client.list_provisioned_concurrency_configs(FunctionName=name)["ProvisionedConcurrencyConfigs"]
    assert entry["FunctionArn"] == f"{ARN}{name}:1"
    lambda_client.delete_provisioned_concurrency_config(**where)
    error = error_of(lambda_client, lambda c: c.get_provisioned_concurrency_config(**where))
    assert (error.status, error.code) == (404, "ProvisionedConcurrencyConfigNotFoundException")
    assert error.message == "No Provisioned Concurrency Config found for this function"


@pytest.mark.parametrize("parameters, code, message", [
    ({"Qualifier": "$LATEST"}, "InvalidParameterValueException", "Provisioned Concurrency Configs cannot be applied to unpublished function versions."),
    ({"Qualifier": "9"}, "ResourceNotFoundException", "Function not found: {arn}:9"),
    ({"Qualifier": "none"}, "ResourceNotFoundException", "Cannot find alias arn: {arn}:none"),
    ({"Qualifier": "1", "ProvisionedConcurrentExecutions": 0}, "ValidationException", "1 validation error detected: Value '0' at 'provisionedConcurrentExecutions' failed to satisfy constraint: Member must have value greater than or equal to 1"),
    ({"Qualifier": "1", "ProvisionedConcurrentExecutions": 4}, "InvalidParameterValueException", "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"),
])
def test_provisioned_concurrency_that_cannot_be(create, lambda_client, parameters, code, message):
    name = create(Publish=True)
    reserve(lambda_client, name, 3)
    error = error_of(lambda_client, lambda c: c.put_provisioned_concurrency_config(
        **{"FunctionName": name, "ProvisionedConcurrentExecutions": 1, **parameters}))
    assert (error.code, error.message) == (code, message.format(arn=ARN + name))


def test_version_and_alias_are_not_both_provisioned(create, lambda_client):
    name = create(Publish=True)
    lambda_client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    put = lambda c, qualifier: c.put_provisioned_concurrency_config(  # noqa: E731
        FunctionName=name, Qualifier=qualifier, ProvisionedConcurrentExecutions=1)
    put(lambda_client, "1")
    error = error_of(lambda_client, lambda c: put(c, "live"))
    assert (error.status, error.message) == (
        409, "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version")
