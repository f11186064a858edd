"""What a review of the control plane found: each case was wrong once."""

import io
import stat
import zipfile

import pytest
from endpoints import unique

from . import bootstraps
from .conftest import call, error_of
from .functions import ARN, answering, arguments


def test_a_function_hidden_by_the_manifest_is_not_overwritten(service):
    made = service()
    made.client.create_function(**arguments("twice", Code={"ZipFile": answering("by request")}))
    made.emulator.stop()
    plain = made.manifest
    made.manifest = bootstraps.manifest(made.folder, {"twice": bootstraps.python("serve(lambda e, h: 'declared')")})
    made.start()
    assert made.call("twice").json == "declared"
    made.client.put_function_recursion_config(FunctionName="twice", RecursiveLoop="Allow")
    made.emulator.stop()
    made.manifest = bootstraps.manifest(made.folder, {})
    assert made.manifest == plain
    made.start()
    assert made.call("twice").json == "by request"
    assert made.client.get_function_recursion_config(FunctionName="twice")["RecursiveLoop"] == "Terminate"


@pytest.mark.parametrize("ask", [
    lambda c, n: c.put_provisioned_concurrency_config(
        FunctionName=n, Qualifier="1", ProvisionedConcurrentExecutions=2 ** 63 - 1),
    lambda c, n: c.put_function_concurrency(FunctionName=n, ReservedConcurrentExecutions=2 ** 63 - 1),
    lambda c, n: c.update_function_configuration(FunctionName=n, Timeout=2 ** 40),
])
def test_numbers_beyond_32_bits_are_refused(create, lambda_client, ask):
    name = create(Publish=True)
    assert error_of(lambda_client, lambda c: ask(c, name)).code == "SerializationException"
    assert call(lambda_client, name, 1).json == 1


def test_pages_of_all_versions_leave_none_out(service):
    made = service()
    for name in ("a", "a-b", "a_b", "a1"):
        made.client.create_function(**arguments(name, Publish=True))
    pages = made.client.get_paginator("list_functions").paginate(
        FunctionVersion="ALL", PaginationConfig={"PageSize": 1})
    listed = [function["FunctionArn"] for page in pages for function in page["Functions"]]
    assert sorted(listed) == sorted(
        f"{ARN}{name}:{version}" for name in ("a", "a-b", "a_b", "a1") for version in ("$LATEST", "1"))


@pytest.mark.parametrize("qualifier", ["01", "007"])
def test_a_number_has_one_spelling(create, lambda_client, qualifier):
    name = create(Publish=True)
    assert error_of(lambda_client, lambda c: c.invoke(FunctionName=name, Qualifier=qualifier)).status == 404


@pytest.mark.parametrize("alias", ["$LATEST", "1"])
def test_what_is_no_alias_cannot_be_deleted_as_one(create, lambda_client, alias):
    name = create(Publish=True)
    error = error_of(lambda_client, lambda c: c.delete_alias(FunctionName=name, Name=alias))
    assert error.code == "ValidationException"


def test_alexa_may_be_allowed(create, lambda_client):
    answer = lambda_client.add_permission(
        FunctionName=create(), StatementId="s", Action="lambda:InvokeFunction",
        Principal="alexa-appkit.amazon.com")
    assert '"Service":"alexa-appkit.amazon.com"' in answer["Statement"]


def test_functions_by_request_find_the_services(create, lambda_client, endpoint):
    code = "import os\nserve(lambda event, headers: os.environ.get('AWS_ENDPOINT_URL'))"
    port = lambda_client.meta.endpoint_url.rsplit(":", 1)[1]
    assert call(lambda_client, create(bootstraps.python(code))).json == f"http://127.0.0.1:{port}"
    own = create(bootstraps.python(code), Environment={"Variables": {"AWS_ENDPOINT_URL": "http://own"}})
    assert call(lambda_client, own).json == "http://own"


def package(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, (stat.S_IFREG | 0o755) << 16
            archive.writestr(info, "x")
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["\u0600/../../x", "a\u0600/../../x", "\u0600/.."])
def test_letters_that_take_a_slash_along_hide_nothing(lambda_client, name):
    error = error_of(lambda_client, lambda c: c.create_function(
        **arguments(unique("f"), Code={"ZipFile": package(name)})))
    assert "leads out of the package" in error.message


def test_names_that_only_look_alike_are_different_files(create, lambda_client):
    code = bootstraps.zipped({
        "bootstrap": bootstraps.python(
            "import os\nserve(lambda event, headers: len(os.listdir(os.environ['LAMBDA_TASK_ROOT'])))"),
        "\u00e9": "composed", "e\u0301": "two letters"})
    assert call(lambda_client, create(Code={"ZipFile": code})).json == 3


def test_folders_that_are_only_implied_count(lambda_client):
    names = ["/".join(f"{index}-{depth}" for depth in range(60)) + "/x" for index in range(1_200)]
    error = error_of(lambda_client, lambda c: c.create_function(
        **arguments(unique("f"), Code={"ZipFile": package(*names)})))
    assert "files and folders" in error.message
