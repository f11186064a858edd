"""CreateAlias, UpdateAlias, GetAlias, ListAliases, DeleteAlias, and calls through aliases."""

import pytest

from .conftest import call, error_of
from .functions import ARN, REVISION, answering


@pytest.fixture
def function(create, lambda_client):
    """The name of a function whose versions 1 and 2 answer with their number."""
    name = create(Code={"ZipFile": answering("1")}, Publish=True)
    lambda_client.update_function_code(FunctionName=name, ZipFile=answering("2"), Publish=True)
    return name


def weights(**pairs):
    return {"AdditionalVersionWeights": {key.strip("v"): value for key, value in pairs.items()}}


def test_an_alias_is_described(function, lambda_client):
    answer = lambda_client.create_alias(
        FunctionName=function, Name="live", FunctionVersion="1", Description="d")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert answer["AliasArn"] == f"{ARN}{function}:live"
    assert (answer["Name"], answer["FunctionVersion"], answer["Description"]) == ("live", "1", "d")
    assert "RoutingConfig" not in answer
    stored = lambda_client.get_alias(FunctionName=function, Name="live")
    assert stored["RevisionId"] == answer["RevisionId"]


def test_an_alias_leads_to_its_version(function, lambda_client):
    lambda_client.create_alias(FunctionName=function, Name="live", FunctionVersion="1")
    result = call(lambda_client, function, Qualifier="live")
    assert (result.json, result.version) == ("1", "1")
    lambda_client.update_alias(FunctionName=function, Name="live", FunctionVersion="2")
    assert call(lambda_client, function, Qualifier="live").json == "2"


def test_an_alias_may_lead_to_latest(function, lambda_client):
    lambda_client.create_alias(FunctionName=function, Name="dev", FunctionVersion="$LATEST")
    assert call(lambda_client, function, Qualifier="dev").version == "$LATEST"


@pytest.mark.parametrize("weight, versions", [(0.0, {"1"}), (0.5, {"1", "2"})])
def test_weights_are_carried_out(function, lambda_client, weight, versions):
    lambda_client.create_alias(
        FunctionName=function, Name="live", FunctionVersion="1", RoutingConfig=weights(v2=weight))
    # By chance alone the one version is missed once in 2^60 runs.
    assert {call(lambda_client, function, Qualifier="live").version for _ in range(61)} == versions


def test_weights_show_and_go(function, lambda_client):
    answer = lambda_client.create_alias(
        FunctionName=function, Name="live", FunctionVersion="1", RoutingConfig=weights(v2=0.25))
    assert answer["RoutingConfig"] == weights(v2=0.25)
    answer = lambda_client.update_alias(FunctionName=function, Name="live", RoutingConfig=weights())
    assert "RoutingConfig" not in answer


@pytest.mark.parametrize("version, routing, message", [
    ("1", weights(v2=0.1, v1=0.2), "Number of items in AdditionalVersionWeights cannot be greater than 1"),
    ("$LATEST", weights(v2=0.1), "$LATEST is not supported for an alias pointing to more than 1 version"),
    ("1", weights(v1=0.1), "Invalid function version 1. Function version 1 is already included in routing configuration."),
])
def test_routes_that_make_no_sense_are_refused(function, lambda_client, version, routing, message):
    error = error_of(lambda_client, lambda c: c.create_alias(
        FunctionName=function, Name="live", FunctionVersion=version, RoutingConfig=routing))
    assert (error.code, error.message) == ("InvalidParameterValueException", message)


@pytest.mark.parametrize("routing, part", [
    (weights(v2=1.5), "Value '{2=1.5}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]"),
    ({"AdditionalVersionWeights": {"$LATEST": 0.5}}, "Map keys must satisfy constraint: [Member must have length less than or equal to 1024"),
])
def test_weights_out_of_shape_are_refused(function, lambda_client, routing, part):
    error = error_of(lambda_client, lambda c: c.create_alias(
        FunctionName=function, Name="live", FunctionVersion="1", RoutingConfig=routing))
    assert error.code == "ValidationException" and part in error.message


@pytest.mark.parametrize("name", ["12", "a b", "a:b"])
def test_a_name_is_a_word_and_no_number(function, lambda_client, name):
    error = error_of(lambda_client, lambda c: c.create_alias(
        FunctionName=function, Name=name, FunctionVersion="1"))
    assert error.message == (
        f"1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: Member must satisfy "
        "regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)")


def test_a_name_is_taken_once(function, lambda_client):
    lambda_client.create_alias(FunctionName=function, Name="live", FunctionVersion="1")
    error = error_of(lambda_client, lambda c: c.create_alias(
        FunctionName=function, Name="live", FunctionVersion="2"))
    assert (error.status, error.code) == (409, "ResourceConflictException")
    assert error.message == f"Alias already exists: {ARN}{function}:live"


def test_the_version_has_to_be_there(function, lambda_client):
    error = error_of(lambda_client, lambda c: c.create_alias(
        FunctionName=function, Name="live", FunctionVersion="9"))
    assert (error.status, error.message) == (404, f"Function not found: {ARN}{function}:9")


@pytest.mark.parametrize("ask", [
    lambda c, name: c.get_alias(FunctionName=name, Name="none"),
    lambda c, name: c.update_alias(FunctionName=name, Name="none", FunctionVersion="1"),
])
def test_an_alias_that_is_not_there_is_not_found(function, lambda_client, ask):
    error = error_of(lambda_client, lambda c: ask(c, function))
    assert (error.status, error.code) == (404, "ResourceNotFoundException")
    assert error.message == f"Cannot find alias arn: {ARN}{function}:none"


def test_another_revision_is_refused(function, lambda_client):
    alias = lambda_client.create_alias(FunctionName=function, Name="live", FunctionVersion="1")
    error = error_of(lambda_client, lambda c: c.update_alias(
        FunctionName=function, Name="live", FunctionVersion="2", RevisionId="other"))
    assert (error.status, error.message) == (412, REVISION)
    changed = lambda_client.update_alias(
        FunctionName=function, Name="live", Description="x", RevisionId=alias["RevisionId"])
    assert changed["RevisionId"] != alias["RevisionId"]


def test_aliases_are_listed(function, lambda_client):
    for name, version in [("b", "1"), ("a", "2"), ("c", "2")]:
        lambda_client.create_alias(FunctionName=function, Name=name, FunctionVersion=version)
    listed = lambda_client.list_aliases(FunctionName=function)["Aliases"]
    assert [alias["Name"] for alias in listed] == ["a", "b", "c"]
    listed = lambda_client.list_aliases(FunctionName=function, FunctionVersion="2")["Aliases"]
    assert [alias["Name"] for alias in listed] == ["a", "c"]


def test_a_deleted_alias_leads_nowhere(function, lambda_client):
    lambda_client.create_alias(FunctionName=function, Name="live", FunctionVersion="1")
    for _ in range(2):
        answer = lambda_client.delete_alias(FunctionName=function, Name="live")
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    error = error_of(lambda_client, lambda c: c.invoke(FunctionName=function, Qualifier="live"))
    assert error.message == f"Function not found: {ARN}{function}:live"


@pytest.mark.parametrize("name", ["1", "$LATEST", "a b"])
def test_what_cannot_be_an_alias_is_not_deleted(function, lambda_client, name):
    lambda_client.put_function_event_invoke_config(FunctionName=function, Qualifier="1", MaximumRetryAttempts=1)
    error = error_of(lambda_client, lambda c: c.delete_alias(FunctionName=function, Name=name))
    assert error.code == "ValidationException" and f"Value '{name}' at 'name'" in error.message
    config = lambda_client.get_function_event_invoke_config(FunctionName=function, Qualifier="1")
    assert config["MaximumRetryAttempts"] == 1
