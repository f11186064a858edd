"""Layers: the operations, and what functions see of them."""

import urllib.request

import pytest
from endpoints import unique

from . import bootstraps
from .conftest import call, error_of
from .functions import LAYER_ARN, MISSING, digest

# Run from a layer: where the program lies, the merged layers are.
READ = """
import os
root = os.path.dirname(os.path.realpath(__file__))
def read(event, headers):
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            found[os.path.relpath(path, root)] = open(path).read()
    del found["bootstrap"]
    return found
serve(read)
"""
READER = bootstraps.zipped({"bootstrap": bootstraps.python(READ)})


def content(**files):
    return bootstraps.zipped({name.replace("__", "/").replace("_", "."): text for name, text in files.items()})


@pytest.fixture
def publish(lambda_client):
    """publish(zip, **parameters) -> PublishLayerVersion's answer, of a layer of the test's own."""
    own = unique("layer")

    def make(code=None, **parameters):
        parameters.setdefault("LayerName", own)
        code = code or content(note_txt="x")
        return lambda_client.publish_layer_version(Content={"ZipFile": code}, **parameters)

    return make


def test_the_answer_describes_the_layer(publish):
    code = content(a_txt="1")
    answer = publish(code, Description="d", LicenseInfo="MIT", CompatibleRuntimes=["provided.al2023"],
                     CompatibleArchitectures=["x86_64"])
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert answer["Version"] == 1
    assert answer["LayerVersionArn"] == answer["LayerArn"] + ":1" and answer["LayerArn"].startswith(LAYER_ARN)
    assert (answer["Description"], answer["LicenseInfo"]) == ("d", "MIT")
    assert answer["CompatibleRuntimes"] == ["provided.al2023"]
    assert answer["CompatibleArchitectures"] == ["x86_64"]
    assert answer["Content"]["CodeSha256"] == digest(code) and answer["Content"]["CodeSize"] == len(code)
    with urllib.request.urlopen(answer["Content"]["Location"]) as download:
        assert download.read() == code


def test_versions_count_up_and_are_not_used_again(publish, lambda_client):
    first, second = publish(), publish()
    assert second["Version"] == 2
    lambda_client.delete_layer_version(LayerName=first["LayerArn"], VersionNumber=2)
    assert publish()["Version"] == 3


@pytest.mark.parametrize("by_arn", [False, True])
def test_a_version_can_be_read(publish, lambda_client, by_arn):
    made = publish()
    if by_arn:
        answer = lambda_client.get_layer_version_by_arn(Arn=made["LayerVersionArn"])
    else:
        answer = lambda_client.get_layer_version(
            LayerName=made["LayerArn"].rsplit(":", 1)[1], VersionNumber=1)
    assert answer["LayerVersionArn"] == made["LayerVersionArn"]
    assert answer["Content"]["CodeSha256"] == made["Content"]["CodeSha256"]


@pytest.mark.parametrize("ask", [
    lambda c: c.get_layer_version(LayerName="absent", VersionNumber=1),
    lambda c: c.get_layer_version_by_arn(Arn=LAYER_ARN + "absent:1"),
])
def test_what_is_not_there_is_not_found(lambda_client, ask):
    error = error_of(lambda_client, ask)
    assert (error.status, error.code, error.message) == (404, "ResourceNotFoundException", MISSING)


@pytest.mark.parametrize("ask", [
    lambda c: c.get_layer_version(LayerName="l", VersionNumber=0),
    lambda c: c.delete_layer_version(LayerName="l", VersionNumber=0),
])
def test_numbers_begin_with_1(lambda_client, ask):
    error = error_of(lambda_client, ask)
    assert (error.code, error.message) == (
        "InvalidParameterValueException", "Layer Version Cannot be less than 1")


def test_layers_are_listed_with_their_newest_version(publish, lambda_client):
    publish(CompatibleRuntimes=["provided.al2"])
    newest = publish(CompatibleRuntimes=["provided.al2023"])
    for more, version in [({}, 2), ({"CompatibleRuntime": "provided.al2"}, 1)]:
        [entry] = [layer for layer in lambda_client.list_layers(**more)["Layers"]
                   if layer["LayerArn"] == newest["LayerArn"]]
        assert entry["LatestMatchingVersion"]["Version"] == version


def test_versions_are_listed_newest_first(publish, lambda_client):
    name = [publish() for _ in range(3)][0]["LayerArn"]
    listed = lambda_client.list_layer_versions(LayerName=name)["LayerVersions"]
    assert [version["Version"] for version in listed] == [3, 2, 1]


def test_a_filter_out_of_shape_is_refused(lambda_client):
    error = error_of(lambda_client, lambda c: c.list_layers(
        CompatibleArchitecture="mips", CompatibleRuntime="cobol"))
    assert error.code == "ValidationException" and error.message.startswith("2 validation errors detected")


def test_layers_are_merged_in_order(create, publish, lambda_client):
    one = publish(content(both_txt="one", lib__one_txt="1"), LayerName=unique("l"))
    two = publish(content(both_txt="two", lib__two_txt="2"), LayerName=unique("l"))
    reader = publish(READER, LayerName=unique("l"))
    name = create(Code={"ZipFile": bootstraps.zipped({"x": ""})}, Layers=[
        layer["LayerVersionArn"] for layer in (one, two, reader)])
    assert call(lambda_client, name).json == {"both.txt": "two", "lib/one.txt": "1", "lib/two.txt": "2"}


def test_a_bootstrap_may_come_from_a_layer(create, publish, lambda_client):
    layer = publish(bootstraps.zipped({"bootstrap": bootstraps.python("serve(lambda event, headers: 'layer')")}))
    name = create(Code={"ZipFile": bootstraps.zipped({"x": ""})}, Layers=[layer["LayerVersionArn"]])
    assert call(lambda_client, name).json == "layer"


def test_layers_of_a_function_show_their_size(create, publish, lambda_client):
    layer = publish()
    name = create(Layers=[layer["LayerVersionArn"]])
    assert lambda_client.get_function_configuration(FunctionName=name)["Layers"] == [
        {"Arn": layer["LayerVersionArn"], "CodeSize": layer["Content"]["CodeSize"]}]


def test_a_function_keeps_a_layer_that_was_deleted(create, publish, lambda_client):
    layer = publish(content(note_txt="kept"))
    reader = publish(READER, LayerName=unique("l"))
    name = create(Code={"ZipFile": bootstraps.zipped({"x": ""})}, Layers=[
        layer["LayerVersionArn"], reader["LayerVersionArn"]])
    lambda_client.delete_layer_version(LayerName=layer["LayerArn"], VersionNumber=1)
    assert error_of(lambda_client, lambda c: c.get_layer_version(
        LayerName=layer["LayerArn"], VersionNumber=1)).message == MISSING
    lambda_client.update_function_configuration(FunctionName=name, Timeout=9)
    assert call(lambda_client, name).json == {"note.txt": "kept"}


def refusal(lambda_client, create, layers):
    name = create()
    return error_of(lambda_client, lambda c: c.update_function_configuration(FunctionName=name, Layers=layers))


def test_five_layers_are_the_most(lambda_client, create, publish):
    arns = [publish(LayerName=unique("l"))["LayerVersionArn"] for _ in range(6)]
    error = refusal(lambda_client, create, arns)
    assert (error.code, error.message) == (
        "InvalidParameterValueException", "Cannot reference more than 5 layers.")


def test_a_layer_comes_once(lambda_client, create, publish):
    one, two = publish()["LayerVersionArn"], publish()["LayerVersionArn"]
    error = refusal(lambda_client, create, [one, two])
    assert error.message == (
        "Two different versions of the same layer are not allowed to be referenced in the same function. "
        f"{one} and {two} are versions of the same layer.")


def test_a_layer_has_to_be_there(lambda_client, create):
    error = refusal(lambda_client, create, [LAYER_ARN + "absent:1"])
    assert error.message == f"Layer version {LAYER_ARN}absent:1 does not exist."


def test_a_layer_of_another_region_is_refused(lambda_client, create):
    error = refusal(lambda_client, create, ["arn:aws:lambda:eu-west-1:000000000000:layer:l:1"])
    assert error.message == (
        "Layers are not in the same region as the function. Layers are expected to be in region us-east-1.")


def test_an_arn_without_a_version_is_out_of_shape(lambda_client, create):
    error = refusal(lambda_client, create, [LAYER_ARN + "l"])
    assert error.code == "ValidationException" and f"Value '[{LAYER_ARN}l]' at 'layers'" in error.message


def test_permissions_of_a_layer(publish, lambda_client):
    made = publish()
    where = {"LayerName": made["LayerArn"], "VersionNumber": 1}
    give = {**where, "StatementId": "all", "Action": "lambda:GetLayerVersion", "Principal": "*"}
    answer = lambda_client.add_layer_version_permission(**give)
    assert f'"Resource":"{made["LayerVersionArn"]}"' in answer["Statement"]
    policy = lambda_client.get_layer_version_policy(**where)
    assert '"Sid":"all"' in policy["Policy"] and policy["RevisionId"] == answer["RevisionId"]
    error = error_of(lambda_client, lambda c: c.add_layer_version_permission(**give))
    assert error.message == (
        "The statement id (all) provided already exists. Please provide a new statement id, or remove the existing "
        "statement.")
    error = error_of(lambda_client, lambda c: c.remove_layer_version_permission(
        **where, StatementId="all", RevisionId="other"))
    assert error.status == 412 and "GetLayerPolicy" in error.message
    lambda_client.remove_layer_version_permission(**where, StatementId="all")
    error = error_of(lambda_client, lambda c: c.get_layer_version_policy(**where))
    assert error.message == "No policy is associated with the given resource."
