"""Functions on their way: Pending once made, InProgress once changed, and what that forbids meanwhile."""

import pytest
from endpoints import unique

from .conftest import call, error_of
from .functions import ZIP, answering, arguments

PENDING = "The operation cannot be performed at this time. The function is currently in the following state: Pending"


@pytest.fixture
def slow(service):
    """Functions stay on their way for as long as a test lasts."""
    return service(options=["--activation-delay", "600000"]).client


@pytest.fixture
def soon(service):
    """Functions are on their way for a moment: for those who wait until it is over."""
    return service(options=["--activation-delay", "1500"]).client


@pytest.fixture
def updating(service):
    """A function that is active; its next update lasts as long as a test."""
    made = service()
    made.client.create_function(**arguments("f"))
    made.options = ["--activation-delay", "600000"]
    made.restart()
    return made.client


def test_the_answer_to_create_is_pending(lambda_client):
    name = unique("f")
    made = lambda_client.create_function(**arguments(name))
    assert (made["State"], made["StateReason"], made["StateReasonCode"]) == (
        "Pending", "The function is being created.", "Creating")
    assert "LastUpdateStatus" not in made
    assert lambda_client.get_function(FunctionName=name)["Configuration"]["State"] == "Active"
    assert call(lambda_client, name, 1).json == 1
    lambda_client.delete_function(FunctionName=name)


@pytest.mark.parametrize("change", [
    lambda c, n: c.update_function_code(FunctionName=n, ZipFile=ZIP),
    lambda c, n: c.update_function_configuration(FunctionName=n, Timeout=4),
], ids=["code", "configuration"])
def test_the_answer_to_an_update_is_in_progress(create, lambda_client, change):
    name = create()
    made = change(lambda_client, name)
    assert (made["State"], made["LastUpdateStatus"]) == ("Active", "InProgress")
    assert (made["LastUpdateStatusReason"], made["LastUpdateStatusReasonCode"]) == (
        "The function is being created.", "Creating")
    after = lambda_client.get_function_configuration(FunctionName=name)
    assert (after["State"], after["LastUpdateStatus"]) == ("Active", "Successful")


@pytest.mark.parametrize("ask", [
    lambda c: c.get_function(FunctionName="f")["Configuration"],
    lambda c: c.get_function_configuration(FunctionName="f"),
], ids=["GetFunction", "GetFunctionConfiguration"])
def test_a_function_is_shown_as_pending(slow, ask):
    slow.create_function(**arguments("f"))
    assert ask(slow)["State"] == "Pending" and ask(slow)["StateReasonCode"] == "Creating"


@pytest.mark.parametrize("kind", ["RequestResponse", "Event", "DryRun"])
def test_a_pending_function_is_not_called(slow, kind):
    slow.create_function(**arguments("f"))
    error = error_of(slow, lambda c: c.invoke(FunctionName="f", InvocationType=kind))
    assert (error.status, error.code, error.message) == (409, "ResourceConflictException", PENDING)


def test_a_pending_function_is_not_streamed(slow):
    slow.create_function(**arguments("f"))
    error = error_of(slow, lambda c: c.invoke_with_response_stream(FunctionName="f"))
    assert (error.status, error.message) == (409, PENDING)


@pytest.mark.parametrize("change", [
    lambda c: c.update_function_code(FunctionName="f", ZipFile=ZIP),
    lambda c: c.update_function_configuration(FunctionName="f", Timeout=4),
    lambda c: c.publish_version(FunctionName="f"),
], ids=["code", "configuration", "publish"])
def test_a_pending_function_is_not_changed(slow, change):
    slow.create_function(**arguments("f"))
    error = error_of(slow, change)
    assert (error.status, error.code, error.message) == (409, "ResourceConflictException", PENDING)


def test_a_pending_function_can_be_deleted_and_made_again(slow):
    slow.create_function(**arguments("f"))
    slow.delete_function(FunctionName="f")
    assert slow.create_function(**arguments("f"))["State"] == "Pending"


def test_the_active_waiter_waits(soon):
    soon.create_function(**arguments("f"))
    soon.get_waiter("function_active_v2").wait(FunctionName="f", WaiterConfig={"Delay": 1})
    assert call(soon, "f", 1).json == 1


@pytest.mark.parametrize("waiter", ["function_updated_v2", "function_updated"])
def test_the_updated_waiter_waits(soon, waiter):
    soon.create_function(**arguments("f"))
    soon.get_waiter("function_active").wait(FunctionName="f", WaiterConfig={"Delay": 1})
    soon.update_function_code(FunctionName="f", ZipFile=answering("new"))
    soon.get_waiter(waiter).wait(FunctionName="f", WaiterConfig={"Delay": 1})
    soon.update_function_configuration(FunctionName="f", Timeout=4)


def test_a_function_answers_while_it_is_updated_and_is_not_changed_again(updating):
    updating.update_function_code(FunctionName="f", ZipFile=answering("new"))
    shown = updating.get_function_configuration(FunctionName="f")
    assert (shown["State"], shown["LastUpdateStatus"]) == ("Active", "InProgress")
    error = error_of(updating, lambda c: c.update_function_configuration(FunctionName="f", Timeout=4))
    assert (error.status, error.message) == (
        409, "The operation cannot be performed at this time. An update is in progress for resource: "
        + shown["FunctionArn"])
    assert call(updating, "f").json == "new"


def test_a_published_version_is_pending_too(slow):
    slow.create_function(**arguments("f", Publish=True))
    error = error_of(slow, lambda c: c.invoke(FunctionName="f", Qualifier="1"))
    assert error.message == PENDING


def test_the_waiter_of_a_published_version_waits(soon):
    soon.create_function(**arguments("f", Publish=True))
    soon.get_waiter("published_version_active").wait(FunctionName="f", Qualifier="1", WaiterConfig={"Delay": 1})
    assert call(soon, "f", 1, Qualifier="1").json == 1
