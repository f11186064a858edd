"""GetFunction, GetFunctionConfiguration, ListFunctions, DeleteFunction."""

import urllib.error
import urllib.request

import pytest


from . import bootstraps
from .conftest import call, error_of
from .functions import ARN, ZIP, answering, arguments


@pytest.fixture
def versions(create, lambda_client):
    """The name of a function with version 1 and the alias `live` on it."""
    name = create()
    lambda_client.publish_version(FunctionName=name)
    lambda_client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    return name


def test_the_zip_can_be_downloaded(create, lambda_client):
    name = create(Code={"ZipFile": ZIP})
    code = lambda_client.get_function(FunctionName=name)["Code"]
    assert code["RepositoryType"] == "S3"
    with urllib.request.urlopen(code["Location"]) as answer:
        assert answer.read() == ZIP


def test_a_download_needs_its_token(create, lambda_client):
    location = lambda_client.get_function(FunctionName=create())["Code"]["Location"]
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(location.split("?")[0] + "?token=guessed")
    assert error.value.code == 404


@pytest.mark.parametrize("qualifier, version", [("$LATEST", "$LATEST"), ("1", "1"), ("live", "1")])
def test_a_qualifier_stands_in_the_arn(versions, lambda_client, qualifier, version):
    for answer in (
        lambda_client.get_function(FunctionName=versions, Qualifier=qualifier)["Configuration"],
        lambda_client.get_function_configuration(FunctionName=versions, Qualifier=qualifier),
        lambda_client.get_function_configuration(FunctionName=f"{versions}:{qualifier}"),
    ):
        assert answer["FunctionArn"] == f"{ARN}{versions}:{qualifier}"
        assert answer["Version"] == version


def test_without_a_qualifier_the_arn_has_none(versions, lambda_client):
    assert lambda_client.get_function_configuration(FunctionName=versions)["FunctionArn"] == ARN + versions


@pytest.mark.parametrize("qualifier", ["2", "other", None])
def test_what_is_not_there_is_not_found(versions, lambda_client, qualifier):
    name, more = (versions, {"Qualifier": qualifier}) if qualifier else ("absent", {})
    error = error_of(lambda_client, lambda c: c.get_function(FunctionName=name, **more))
    assert (error.status, error.code) == (404, "ResourceNotFoundException")
    assert error.message == f"Function not found: {ARN}{name}" + (f":{qualifier}" if qualifier else "")


def test_contradicting_qualifiers_are_refused(versions, lambda_client):
    error = error_of(lambda_client, lambda c: c.get_function(FunctionName=f"{versions}:1", Qualifier="live"))
    assert error.message == (
        "The derived qualifier from the function name does not match the specified qualifier.")


@pytest.mark.parametrize("name", ["a b", "f!", "f:a:b"])
def test_a_name_out_of_shape_is_refused(lambda_client, name):
    error = error_of(lambda_client, lambda c: c.get_function(FunctionName=name))
    assert error.code == "ValidationException"
    assert f"Value '{name}' at 'functionName' failed to satisfy constraint" in error.message


def test_a_reservation_shows(create, lambda_client):
    name = create()
    assert "Concurrency" not in lambda_client.get_function(FunctionName=name)
    lambda_client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=3)
    assert lambda_client.get_function(FunctionName=name)["Concurrency"] == {"ReservedConcurrentExecutions": 3}


def test_lists_leave_the_state_out(create, lambda_client):
    name = create()
    [entry] = [f for page in lambda_client.get_paginator("list_functions").paginate()
               for f in page["Functions"] if f["FunctionName"] == name]
    assert not {"State", "LastUpdateStatus", "RuntimeVersionConfig"} & entry.keys()
    assert entry["FunctionArn"] == ARN + name


def test_pages_follow_each_other(service):
    made = service()
    names = sorted(f"f{index:02}" for index in range(7))
    for name in names:
        made.client.create_function(**arguments(name))
    pages = list(made.client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 3}))
    assert [[f["FunctionName"] for f in page["Functions"]] for page in pages] == [names[:3], names[3:6], names[6:]]
    assert "NextMarker" not in pages[-1]


def test_all_versions_are_listed_on_demand(service):
    made = service()
    made.client.create_function(**arguments("f", Publish=True))
    listed = made.client.list_functions(FunctionVersion="ALL")["Functions"]
    assert [f["FunctionArn"] for f in listed] == [f"{ARN}f:$LATEST", f"{ARN}f:1"]


def test_no_function_gets_lost_between_pages_of_versions(service):
    made = service()
    for name in ("foo", "foo-bar", "foo1", "foo_"):
        made.client.create_function(**arguments(name, Publish=True))
    pages = made.client.get_paginator("list_functions").paginate(
        FunctionVersion="ALL", PaginationConfig={"PageSize": 1})
    listed = [f["FunctionArn"] for page in pages for f in page["Functions"]]
    assert sorted(listed) == sorted(
        f"{ARN}{name}:{version}" for name in ("foo", "foo-bar", "foo1", "foo_") for version in ("$LATEST", "1"))


@pytest.mark.parametrize("parameters, text", [
    ({"FunctionVersion": "SOME"}, "Value 'SOME' at 'functionVersion' failed to satisfy constraint: Member must satisfy enum value set: [ALL]"),
    ({"MaxItems": 0}, "Value '0' at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1"),
    ({"MaxItems": 10001}, "Value '10001' at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 10000"),
])
def test_lists_check_their_parameters(lambda_client, parameters, text):
    error = error_of(lambda_client, lambda c: c.list_functions(**parameters))
    assert error.message == "1 validation error detected: " + text


def test_a_deleted_function_is_gone(create, lambda_client):
    name = create()
    call(lambda_client, name)
    assert lambda_client.delete_function(FunctionName=name)["ResponseMetadata"]["HTTPStatusCode"] == 204
    for gone in (
        lambda c: c.get_function(FunctionName=name), lambda c: c.invoke(FunctionName=name),
        lambda c: c.delete_function(FunctionName=name),
    ):
        assert error_of(lambda_client, gone).code == "ResourceNotFoundException"


def test_a_name_can_be_used_again(create, lambda_client):
    name = create(bootstraps.python("serve(lambda event, headers: 1)"))
    lambda_client.publish_version(FunctionName=name)
    assert call(lambda_client, name).json == 1
    lambda_client.delete_function(FunctionName=name)
    create(FunctionName=name, Code={"ZipFile": answering("again")})
    assert call(lambda_client, name).json == "again"
    assert lambda_client.publish_version(FunctionName=name)["Version"] == "1"


def test_latest_cannot_be_deleted_alone(create, lambda_client):
    name = create()
    error = error_of(lambda_client, lambda c: c.delete_function(FunctionName=name, Qualifier="$LATEST"))
    assert error.code == "InvalidParameterValueException"
    assert error.message == "$LATEST version cannot be deleted without deleting the function."


def test_a_version_can_be_deleted_and_its_number_is_not_used_again(create, lambda_client):
    name = create()
    lambda_client.publish_version(FunctionName=name)
    lambda_client.delete_function(FunctionName=name, Qualifier="1")
    assert error_of(lambda_client, lambda c: c.get_function(FunctionName=name, Qualifier="1")).status == 404
    assert lambda_client.publish_version(FunctionName=name)["Version"] == "2"


def test_a_version_that_is_not_there_is_as_good_as_deleted(create, lambda_client):
    lambda_client.delete_function(FunctionName=create(), Qualifier="7")


def test_numbers_with_zeros_name_no_version(create, lambda_client):
    name = create(Publish=True)
    lambda_client.delete_function(FunctionName=name, Qualifier="001")
    assert error_of(lambda_client, lambda c: c.get_function(FunctionName=name, Qualifier="001")).status == 404
    assert lambda_client.get_function(FunctionName=name, Qualifier="1")["Configuration"]["Version"] == "1"


def test_a_version_with_an_alias_stays(versions, lambda_client):
    error = error_of(lambda_client, lambda c: c.delete_function(FunctionName=versions, Qualifier="1"))
    assert (error.status, error.code) == (409, "ResourceConflictException")
    assert error.message == "Unable to delete version because the following aliases reference it: [live]"


@pytest.mark.parametrize("operation", [
    "CreateCodeSigningConfig", "CreateCapacityProvider", "ListDurableExecutionsByFunction"])
def test_an_operation_that_is_not_offered_is_named(lambda_client, operation):
    calls = {
        "CreateCodeSigningConfig": lambda c: c.create_code_signing_config(
            AllowedPublishers={"SigningProfileVersionArns": ["arn:aws:signer:us-east-1:000000000000:/x/y/z"]}),
        "CreateCapacityProvider": lambda c: c.list_capacity_providers(),
        "ListDurableExecutionsByFunction": lambda c: c.list_durable_executions_by_function(FunctionName="f"),
    }
    error = error_of(lambda_client, calls[operation])
    assert error.status == 400 and "is not supported by this emulator" in error.message
